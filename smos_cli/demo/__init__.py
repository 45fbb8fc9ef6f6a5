"""Owns the sample memories that `smos demo` imports: forty, of one invented project; holds no code."""
