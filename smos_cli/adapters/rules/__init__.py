"""What needs no model: the extractor and the judge by rules."""
