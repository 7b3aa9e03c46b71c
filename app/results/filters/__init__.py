"""Conditions over a frame: the Polars back end of the condition language. Begin with `filter`."""
