"""All warnings about a survey whose file has no fault."""

from __future__ import annotations

import difflib

from app.survey.codebook import codebook
from app.survey.documents.places import Document, MarkElsewhere
from app.survey.faults import WARNINGS
from app.survey.items.context import SurveyContext
from app.survey.model import Instrument
from app.survey.warnings.conditions import about_conditions
from app.survey.warnings.measurement import about_measurement
from app.survey.warnings.privacy import about_privacy
from app.survey.warnings.weights import about_weights
from app.survey.warnings.wording import about_texts, about_wording


def advise(m: SurveyContext, instrument: Instrument) -> None:
    """Adds its warnings to the document's faults."""
    about_wording(m, instrument)
    about_measurement(m, instrument, codebook(instrument).variables)
    about_privacy(m, instrument)
    about_conditions(m, instrument)
    about_weights(m, instrument)
    about_accepting(m, m.document)


def about_accepting(m: SurveyContext, document: Document) -> None:
    """Comments that accept a warning that does not exist. Words after the first may be an explanation."""
    lines = set()
    for mark, word in document.accepting():
        is_first = mark[0] not in lines
        lines.add(mark[0])
        near = difflib.get_close_matches(word, WARNINGS, 1, 0.6 if is_first else 0.85)
        if word not in WARNINGS and (is_first or near):
            at = MarkElsewhere.of(mark, document.file) if document is not m.document else mark
            remedy = f'Did you mean "{near[0]}"?' if near else "`opinion check` prints the code of each warning before it."
            m.fault_at(at, "unknown-warning", f'there is no warning "{word}" to accept', remedy)


def advise_on_translation(m: SurveyContext) -> None:
    """Adds what concerns each language for itself: one needs more words than another. What is asked is the original's
    matter."""
    about_texts(m)
    about_accepting(m, m.document.translation)
