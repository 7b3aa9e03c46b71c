"""What surrounds a previewed survey: its faults, and why something is not shown."""
