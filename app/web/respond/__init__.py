"""Answering a survey. `pages` has every route from the first page to withdrawal."""
