"""How one person goes through a survey. Pure. `questionnaire` is an instrument made ready to be asked; `path` decides what
is shown; `form` reads what a browser sends.
"""
