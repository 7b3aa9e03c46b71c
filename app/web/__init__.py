"""The HTTP edge: requests in, pages and streams out. It contains no logic that belongs to another room."""
