"""Storage of answers. Start with `storage`; `writer` is the queue whose pages share a commit; `tables` defines the
tables, and `migrations` holds their history.
"""
