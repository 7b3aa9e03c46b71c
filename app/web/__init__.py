"""The HTTP edge: requests in, pages and streams out. Nothing is decided here that another room could decide."""
