"""All warnings about a survey whose file has no fault."""

from __future__ import annotations

from app.survey.codebook import codebook
from app.survey.items.context import SurveyContext
from app.survey.model import Instrument
from app.survey.warnings.conditions import about_conditions
from app.survey.warnings.measurement import about_measurement
from app.survey.warnings.privacy import about_privacy
from app.survey.warnings.wording import about_texts, about_wording


def advise(m: SurveyContext, instrument: Instrument) -> None:
    """Adds its warnings to the document's faults."""
    about_wording(m, instrument)
    about_measurement(m, instrument, codebook(instrument).variables)
    about_privacy(m, instrument)
    about_conditions(m, instrument)


def advise_on_translation(m: SurveyContext) -> None:
    """Adds what concerns each language for itself: one needs more words than another. What is asked is the original's
    matter."""
    about_texts(m)
