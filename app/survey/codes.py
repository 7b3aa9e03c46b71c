"""Codes and names that are stored with answers."""

Code = str | int
"""Of an option, or of a point of a scale."""
FULL_QUOTA = "~full"
"""The name under which answers store the quota that was full, and that ended their path."""
