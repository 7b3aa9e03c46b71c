"""Analysis of answers. Pure, with Polars: a `frame` contains the responses, a `view` says whom figures are about and by
what they are split, `marginals` has the counts of every item, `statistics` calculates estimates from counts, `findings`
those that need rows, `progress` says how the survey is going, `disclosure` decides what may be published, `charts`
describes and draws the charts.
"""
