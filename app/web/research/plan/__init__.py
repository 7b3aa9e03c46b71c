"""The analysis plan among the results: `primary` is the block of primary estimates on the overview, `page` the plan's own
page and its text for a registry.
"""
