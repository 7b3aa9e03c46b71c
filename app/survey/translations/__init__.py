"""A survey in further languages: which parts of it are text (`texts`), a translation merged into it (`merging`) and
checked against it (`checks`), and the file of a translation written and updated (`file`, `insertions`).
"""
