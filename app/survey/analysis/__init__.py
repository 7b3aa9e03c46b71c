"""The analysis plan of a survey: the estimates that are primary, chosen before data arrive. `shape` is how it is written,
`reading` checks what it names, `reachable` whether any response can enter it, and `names` says what can be estimated and compared.
"""
