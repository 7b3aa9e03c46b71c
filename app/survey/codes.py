"""What stands for an option or a point of a scale in the data."""

Code = str | int
