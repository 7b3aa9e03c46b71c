"""What is asked. Pure: bytes in, an instrument or its faults out."""

from app.instrument.kept import read_kept
from app.instrument.survey import read_survey

__all__ = ["read_kept", "read_survey"]
