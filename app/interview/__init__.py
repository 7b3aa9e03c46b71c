"""One respondent's interview. Pure. `questionnaire` is a compiled instrument; `path` decides what
is shown; `form` parses what a browser sends.
"""
