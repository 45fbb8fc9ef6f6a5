"""Benchmarks: how well and how fast smos recalls. They are run by hand; only their arithmetic is tested."""
