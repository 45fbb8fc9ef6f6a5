"""smos: the memory that people who work with AI agents keep, in plain files."""

__version__ = "0.1.0"
