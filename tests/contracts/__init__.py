"""One suite for each port, run on the adapter and on its fake: what a port's docstring promises, both keep."""
