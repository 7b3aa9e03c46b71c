"""Codes and names that are stored with answers, and keys that files have at any level."""

Code = str | int
"""Of an option, or of a point of a scale."""
FULL_QUOTA = "~full"
"""The name under which answers store the quota that was full, and that ended their path."""
SAME_AS = "same_as"
"""The key that names the version whose data something continues."""
POLES = "poles"
"""The key of a scale that says whether it leads from one pole to another, or from nothing to much."""
FLIP = "flip"
"""The key of a scale with the condition under which its points are shown in the reverse order."""
TRANSLATED = "translated"
"""The key under which a translation notes the words that it was made from."""
