"""Simulated respondents. `behaviour` defines their behaviour, `respondents` sends them through the real forms and
paths, `reach` and `effects` summarise the outcome. `made_up` finds answers that lead to a section, for the preview.
"""
