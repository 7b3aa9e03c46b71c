"""What is asked. Pure: bytes in, an instrument or its faults out."""

from app.instrument.survey import read_survey

__all__ = ["read_survey"]
