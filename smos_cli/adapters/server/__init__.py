"""Models played by a server that speaks OpenAI's HTTP API: embedder, reranker, judge, extractor.

Owns the requests, the patience and the budget of a run. Sends no text in which secrets were not redacted, no key to a
host that it was not given for, follows no redirect, and believes no answer that is not of the shape that was asked for.
Nothing is imported or connected before the first question.
"""
