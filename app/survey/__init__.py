"""The survey definition. Pure: bytes in, an instrument or its faults out. `model` is the instrument; `source` reads it
from YAML; `conditions` is the language of its rules; `versions` compares two versions.
"""
