"""Signs of careless answering, as a dashboard shows them: how many responses have each, and the switch that leaves them out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlencode

from app.results.quality import LEAST_MEDIAN, LEAST_STATEMENTS, LEAST_STRING, FlagCounts
from app.results.view import View, written_view

TOO_SHORT = f"Speeding cannot be judged: half take less than {LEAST_MEDIAN} minutes, and durations are in whole minutes."


class QualitySign(NamedTuple):
    label: str
    n: int
    meaning: str


@dataclass(frozen=True, slots=True)
class QualityPanel:
    n: int  # responses that were judged
    flagged: int
    signs: tuple[QualitySign, ...]
    too_short: str  # why speeding cannot be judged
    is_left_out: bool
    switch: str  # the address that leaves flagged responses out, or takes them in again


def quality_panel(survey: str, view: View, counts: FlagCounts | None) -> QualityPanel | None:
    """None where no response can have a sign."""
    signs = tuple(_signs(counts)) if counts is not None and counts.n else ()
    if counts is None or not signs:
        return None
    query = urlencode(written_view(replace(view, careful=not view.careful)))
    address = f"/research/{survey}{'?' if query else ''}{query}#quality"
    return QualityPanel(counts.n, counts.any, signs, TOO_SHORT if counts.speeding is None else "", view.careful, address)


def _signs(counts: FlagCounts) -> list[QualitySign]:
    found = []
    if counts.straight_lining is not None:
        meaning = f"one answer to all statements of a matrix, in at least half of the matrices with {LEAST_STATEMENTS} answers or more"
        found.append(QualitySign("Straight-lining", counts.straight_lining, meaning))
    if counts.long_string is not None:
        meaning = f"one answer to at least {LEAST_STRING} statements in a row, and to half of all that were answered"
        found.append(QualitySign("Long string", counts.long_string, meaning))
    if counts.speeding is not None and counts.limit is not None:
        minutes = "less than half a minute" if not counts.limit else f"at most {counts.limit} minute{'s' if counts.limit > 1 else ''}"
        meaning = f"{minutes}, which is less than a third of the median; durations are in whole minutes"
        found.append(QualitySign("Speeding", counts.speeding, meaning))
    return found
