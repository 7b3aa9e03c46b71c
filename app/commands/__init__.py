"""The `opinion` command. Start with `main`.

`survey_files`, `trial`, `operation`, `data` and `researchers` define the commands, one module a group, and load nothing
else until a command runs; the other modules do the work.
"""
