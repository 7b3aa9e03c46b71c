"""Access to results. Start with `researchers`; `links`, `passwords` and `sessions` sign them in, and `throttle` limits
attempts.
"""
