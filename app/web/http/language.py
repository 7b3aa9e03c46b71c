"""The language of a page."""

from __future__ import annotations

from litestar import Request

from app.languages.catalogues import ENGLISH, preferred, spoken
from app.survey.model import Instrument
from app.web.http.replies import header


def accepted_languages(request: Request) -> str:
    return header(request.scope, b"accept-language").decode("latin-1")


def language_for(instrument: Instrument, request: Request, chosen: str = "") -> str:
    """The chosen language; otherwise the one that the browser prefers, or the survey's own."""
    if chosen in instrument.languages:
        return chosen
    return preferred(accepted_languages(request), instrument.languages) or instrument.language


def interface_language(request: Request) -> str:
    """The language of pages that belong to no survey: the one of ours that the browser prefers."""
    return preferred(accepted_languages(request), spoken()) or ENGLISH
