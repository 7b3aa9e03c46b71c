"""Reading a survey. Start with `reading.read_survey`: `places` reads YAML, `shape` checks keys and types, `sections`,
`items` and `logic` check the meaning. `stored` reads a version from the database. Warnings are in `survey/warnings`.
"""
