"""The first screen of a survey: how it is going, and its headlines, each drawn small enough that four fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.languages.catalogues import ENGLISH
from app.languages.formats import write_date
from app.results.charts.fieldwork import fieldwork
from app.results.charts.geometry import ChartRow, Drawing
from app.results.charts.weighted import WeightedHeadline, beside_unweighted
from app.results.headlines import Headline, headlines
from app.results.marginals import Figures
from app.results.progress import Progress
from app.survey.model import Instrument
from app.web.live.frames import LiveFrame
from app.web.research.navigation import section_titles, state_of
from app.web.respond.context import AppContext

MOST_ROWS = 6  # of one chart


def shown_fieldwork(context: AppContext, source: LiveFrame, going: Progress) -> dict[str, Any]:
    """What the template of the fieldwork shows, besides quotas."""
    newest, titles = source.loaded.instruments[0], section_titles(source)
    collecting = state_of(context, source.survey, newest).kind == "collecting"
    today = context.today(newest)
    drawn = fieldwork(going, newest.sample, today, titles, collecting)
    return {
        "progress": going, "fieldwork": drawn, "wanted": newest.sample, "titles": titles,
        "as_of": write_date(today.isoformat(), ENGLISH),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownHeadline:
    headline: Headline
    drawing: Drawing
    left_out: str  # what of its chart is only at the item
    beside: WeightedHeadline | None = None  # of a weighted view, what it is without weights


def shown_headlines(instrument: Instrument, counted: Figures) -> dict[str, Any]:
    """The headlines, and of a weighted view whether they hold."""
    found = headlines(instrument, counted)
    if counted.unweighted is None:
        return {"headlines": tuple(ShownHeadline(each, *cut(each)) for each in found), "holds": None}
    plain = counted.unweighted
    beside = beside_unweighted(found, headlines(instrument, plain), counted, plain)
    shown = tuple(ShownHeadline(each, *cut(each), other) for each, other in zip(found, beside.all, strict=True))
    return {"headlines": shown, "holds": beside.summary}


def cut(headline: Headline) -> tuple[Drawing, str]:
    """The first rows of a chart that has many, or those of the attribute that its sentence is about; and in words how
    many of how many. The table stays complete."""
    drawing = headline.drawing
    total = len(drawing.rows) + len(drawing.tail)
    groups = rows_by_heading(drawing.rows)
    if total <= MOST_ROWS:
        return drawing, ""
    if len(groups) > 1:
        about = headline.sentence.values.get("attribute") if headline.sentence else None
        rows = groups.get(str(about)) or next(iter(groups.values()))
        return replace(drawing, rows=rows, tail=()), f"1 of {len(groups)} attributes"
    return replace(drawing, rows=drawing.rows[: MOST_ROWS - 1], tail=()), f"{MOST_ROWS - 1} of {total} shown"


def rows_by_heading(rows: Sequence[ChartRow]) -> dict[str, tuple[ChartRow, ...]]:
    found: dict[str, tuple[ChartRow, ...]] = {}
    heading = ""
    for row in rows:
        heading = row.group or heading
        found[heading] = (*found.get(heading, ()), row)
    return found
