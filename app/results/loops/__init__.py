"""The entries of loops in the answers of a view, of which one respondent may have given several: sums over its rows. `entries`
has the shares and means of everyone, `groups` what groups are compared by.
"""
