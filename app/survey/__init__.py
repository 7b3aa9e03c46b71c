"""What is asked. Pure: bytes in, an instrument or its faults out. `model` is the instrument; `source` reads it from YAML;
`conditions` is the language of its rules; `versions` compares two of it.
"""

from app.survey.source.reading import read_survey
from app.survey.versions.stored import read_kept

__all__ = ["read_kept", "read_survey"]
