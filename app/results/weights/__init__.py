"""Weights by raking: `raking` calculates them from the counts of cells, `cells` says in which cell a response lies, and
`weighting` are a survey's weights as they are now, with all that must be said about them.
"""
