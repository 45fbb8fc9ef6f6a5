"""Models in the ONNX format, run by ONNX Runtime: embedders, rerankers and judges, as their files describe them.

A window of tokens is run alone, on one thread; many are shared out over the processors. So nothing is padded, memory
stays small, and an answer depends on its own text alone: the scales of a model with dynamic int8 weights are those of
all that is run together. Measured with all-MiniLM-L6-v2 on two processors: within a tenth of the best batches.
"""
