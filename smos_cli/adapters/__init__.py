"""One outside thing each: the only rooms where a library, a file or a process is touched."""
