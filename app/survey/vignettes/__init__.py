"""Factorial survey experiments: `design` chooses which cases are shown together, `balance` says how good that is."""
