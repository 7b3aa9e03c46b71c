"""The responses of one survey in memory. `frame` adds new ones; `results/layout` defines the position of each variable,
`encoding` converts answers to codes, `counters` count, `packing` and `loading` store rows and read them again.
"""
