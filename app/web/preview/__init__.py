"""Additions to a previewed survey: its faults, and reasons for hiding something."""
