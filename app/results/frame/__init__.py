"""The responses of one survey in memory. `frame` takes in what is new; `layout` says where each variable lies, `encoding`
turns answers into codes, `counters` count, `packing` and `loading` store rows and read them again.
"""
