"""Common parts of all HTTP responses. `shell` surrounds all routes; `protocol` and `connections` limit the resources of
each client; `problems` reports every error.
"""
