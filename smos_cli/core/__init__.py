"""The domain: what a memory is and what is done with it; standard library only, no I/O, no clock."""
