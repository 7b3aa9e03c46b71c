"""What experiments show, from sums over respondents: `sums` has the sums of judgements by design, `fit` estimates levels by
least squares with errors robust to what respondents have in common, `effects` describes what was found, `power` says what
could be found.
"""
