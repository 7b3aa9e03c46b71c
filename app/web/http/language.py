"""In which language a visitor reads."""

from __future__ import annotations

from litestar import Request

from app.languages.catalogues import ENGLISH, preferred, spoken
from app.survey.model import Instrument
from app.web.http.replies import header


def accepted_languages(request: Request) -> str:
    return header(request.scope, b"accept-language").decode("latin-1")


def language_for(instrument: Instrument, request: Request, chosen: str = "") -> str:
    """The language that was chosen; otherwise the one that the browser asks for first, or the survey's own."""
    if chosen in instrument.languages:
        return chosen
    return preferred(accepted_languages(request), instrument.languages) or instrument.language


def spoken_to(request: Request) -> str:
    """The language of pages that belong to no survey: the one of ours that the browser asks for first."""
    return preferred(accepted_languages(request), spoken()) or ENGLISH
