"""Factorial survey experiments: `design` selects the vignettes shown together (by `exchange`, with the random numbers of
`chance`), and `balance` measures the quality of a design.
"""
