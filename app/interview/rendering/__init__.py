"""Sections as bytes with holes, rendered once per instrument and language. Start with `pages`."""
