"""Models in GGUF files, run by llama.cpp: one writes and so extracts, another embeds.

The library is an extra and loads at the first use. It ends the whole process over some broken files, and so no file
reaches it whose header does not hold together.
"""
