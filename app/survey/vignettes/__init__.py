"""Factorial survey experiments: `design` selects the cases shown together, `balance` measures the quality of a design."""
