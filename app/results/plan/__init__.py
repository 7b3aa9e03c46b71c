"""The analysis plan of a survey and what became of it: `document` is the plan in full sentences, for a page and for a
registry; `estimates` are the primary estimates as they stand; `history` is when which plan was seen, and what changed.
"""
