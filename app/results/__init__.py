"""Analysis of answers. Pure, with Polars: a `frame` contains the responses, `marginals` counts and estimates,
`disclosure` decides what may be published, `charts` prepares the charts.
"""
