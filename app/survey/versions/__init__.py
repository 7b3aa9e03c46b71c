"""Stored versions of a survey: `fingerprint` says what makes one, `stored` reads one again, `comparison` says what differs,
`meanings` and `comparability` what may share a column.
"""
