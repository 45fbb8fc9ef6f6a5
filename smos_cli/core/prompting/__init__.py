"""Learning and judging by a language model: what it is asked, in which portions, and what of its answer is believed.

Owns the prompt and its version, and every check of an answer. Knows no model: a ``Writer`` is one, and an adapter.
"""
