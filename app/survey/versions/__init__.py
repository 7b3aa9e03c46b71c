"""Stored versions of a survey: `fingerprint` identifies a version, `stored` loads one, `comparison` lists differences,
`meanings` and `comparability` decide which answers share a column.
"""
