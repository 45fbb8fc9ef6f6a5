"""The reference material, made from the commands: man/smos.1 and the completions of three shells.

Owns how a command looks on paper and under the Tab key. What is the same for the same commands is the same byte for
byte: no width, locale, date or version of Python has a say.
"""
