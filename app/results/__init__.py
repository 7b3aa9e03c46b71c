"""What the answers say. Pure, on Polars: a `frame` holds the responses, `marginals` counts and estimates, `disclosure`
decides what the public may see, `charts` says what is drawn.
"""
