"""Conversations as other programs keep them, read as turns: one module a program, and what they share in ``spoken``."""
