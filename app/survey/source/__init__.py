"""A survey's way in. `reading.read_survey` leads through it: `places` reads YAML, `shape` checks keys and kinds,
`sections`, `items` and `logic` find out what is meant, `warnings` says what is worth a second look.
"""
