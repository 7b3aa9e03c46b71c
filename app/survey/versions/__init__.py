"""Stored versions of a survey: `fingerprint` identifies a version, `comparison` lists differences,
`meanings` and `comparability` decide which answers share a column.
"""
