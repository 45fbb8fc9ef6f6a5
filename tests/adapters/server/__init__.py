"""Models played by a server, asked over real HTTP on this machine."""
