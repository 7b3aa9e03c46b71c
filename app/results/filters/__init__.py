"""Conditions over a frame: the Polars evaluator of the condition language. Start with `filter`."""
