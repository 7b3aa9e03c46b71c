"""Simulated respondents. `behaviour` says what they are like, `respondents` sends them through the real forms and the
real path, `reach` and `effects` say what came of it.
"""
