"""What every answer needs, whoever asks. `shell` surrounds all routes; `protocol` and `connections` bound what a client
can make the server hold; `problems` is the one way in which anything that goes wrong is reported.
"""
