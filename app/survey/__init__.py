"""What is asked. Pure: bytes in, an instrument or its faults out."""

from app.survey.source.reading import read_survey
from app.survey.versions.stored import read_kept

__all__ = ["read_kept", "read_survey"]
