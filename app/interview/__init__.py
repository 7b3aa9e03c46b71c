"""One respondent's interview. Pure. `questionnaire` is a compiled instrument; `route` decides what is shown and which
answers count, and gives it as a `path`; `form` parses what a browser sends.
"""
