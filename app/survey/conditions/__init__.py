"""The language of conditions. `language` parses it; `parser` and `functions` check types; `evaluator` is the server's
evaluator; `solver` finds out whether a condition can be true.
"""
