"""The shell: a door on a vault. It reads words and prints results; it has no rule of its own."""
