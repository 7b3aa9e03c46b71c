"""Storage of answers. Other rooms use only `storage`; `writer` is the queue whose pages share a commit;
`tables` defines the tables.
"""
