"""Reading a survey. Start with `reading.read_survey`: `places` reads YAML, `shape` checks keys and types, `sections`,
`items` and `logic` check the meaning. Warnings are in `survey/warnings`.
"""
