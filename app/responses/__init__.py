"""Where answers are stored. `storage` is all that other rooms may ask; `writer` is the queue whose pages share a commit;
`tables` says what is kept.
"""
