"""Sentences to a respondent: what they answered, and how many answered the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app.languages.formats import write_number
from app.results.charts.captions import Message, _, numerals
from app.results.charts.chart import Chart, Point, Series
from app.results.charts.sentences.choices import by_size
from app.results.charts.sentences.claims import FEW, leading, of_point
from app.results.charts.sentences.wording import bold, joined, named, quoted
from app.results.statistics.binning import start_of

MOST_NAMED = 3


def about_own(chart: Chart, answers: Mapping[str, Any], language: str) -> Message | None:
    """`answers` are those of one respondent, as they are stored; None where a sentence would not say more than the
    answer itself, such as of several statements."""
    series = chart.first
    own = answers.get(series.name, answers.get(chart.id))
    if own is None or isinstance(own, dict):
        return None
    if chart.several and isinstance(own, list):
        return _about_several(series, own, language)
    if isinstance(own, list):
        return _about_first(chart, own, language)
    if len(chart.series) > 1 or not series.n:
        return None
    if series.kind == "number":
        return _about_number(chart, own, language)
    return _about_one(chart, own, language) if series.kind == "choice" else None


def _about_one(chart: Chart, own: Any, language: str) -> Message | None:
    series = chart.first
    point = _point(series, own)
    share = of_point(point, series.n) if point else None
    if point is None or share is None:
        return None
    values = {"label": quoted(_label(point)), "share": bold(share, language)}
    ranked = by_size(of_point(each, series.n) for each in series.points)
    if share.n >= FEW and len(ranked) == len(series.points) and leading(ranked, exclusive=True) == [share]:
        return _("You said %(label)s, as %(share)s did: the answer given most often.", **values)
    return _("You said %(label)s, as %(share)s did.", **values)


def _about_several(series: Series, own: list[Any], language: str) -> Message | None:
    found = [of_point(point, series.n) for code in own if (point := _point(series, code)) is not None]
    known = [share for share in found if share is not None]
    if not known or len(known) < len(own):
        return None
    if len(known) == 1:
        return _("You chose %(label)s, as %(share)s did.", label=quoted(known[0].label), share=bold(known[0], language))
    labels = joined([named(share, language, in_bold=place < 2) for place, share in enumerate(known[:MOST_NAMED])])
    if len(known) > MOST_NAMED:
        return _("You chose, among others, %(labels)s.", labels=labels)
    return _("You chose %(labels)s.", labels=labels)


def _about_first(chart: Chart, own: list[Any], language: str) -> Message | None:
    """Of a ranking what was put first."""
    series = next((each for each in chart.series if own and each.name.rpartition(".")[2] == str(own[0])), None)
    first = next((point for point in series.points if point.code == 1), None) if series else None
    share = of_point(first, series.n) if series and first else None
    if series is None or share is None:
        return None
    return _("You put %(label)s first, as %(share)s did.", label=quoted(series.label), share=bold(share, language))


def _about_number(chart: Chart, own: Any, language: str) -> Message | None:
    """The class of a number; of single numbers, the number."""
    series = chart.first
    if isinstance(own, bool) or not isinstance(own, int | float):
        return None
    below = [point for point in series.points if _start(point.label) <= own]
    point = below[-1] if below else None
    share = of_point(point, series.n) if point else None
    if point is None or share is None:
        return None
    value, label = f"{write_number(own, language)} {chart.unit}".strip(), numerals(point.label, language)
    if start_of(point.label) == point.label:  # a single number
        return _("You said %(value)s, as %(share)s did.", value=value, share=bold(share, language))
    return _("You said %(value)s; %(share)s said %(label)s.", value=value, share=bold(share, language), label=label)


def _start(label: str) -> float:
    """Where a class of numbers begins; it may be open to below, and anything else begins nowhere."""
    try:
        return -math.inf if label.startswith("≤") else float(start_of(label))
    except ValueError:
        return math.inf


def _point(series: Series, code: Any) -> Point | None:
    return next((point for point in series.points if point.code == code and point.spans == 1), None)


def _label(point: Point) -> str:
    return point.label or str(point.code)
