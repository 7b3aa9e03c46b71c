"""Public figures as a projector shows them: few large bars, which can be read from the back row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.results.charts.bars import in_order
from app.results.charts.captions import Caption, Message, _, count, percent
from app.results.charts.chart import Chart, Point, Series, describe_public
from app.results.charts.draw import draw
from app.results.charts.geometry import SHADES, Drawing, in_percent, share_axis
from app.results.disclosure.published import PublicItem
from app.results.items import NOT_RANKED

MOST_BARS = 12


@dataclass(frozen=True, slots=True)
class ProjectedBar:
    label: Caption
    value: str
    width: float  # in percent of the axis
    shade: str = "one"


@dataclass(frozen=True, slots=True)
class Projection:
    """`drawing` is the chart as other pages have it: it is shown where bars cannot say it, and has the table."""

    bars: tuple[ProjectedBar, ...]
    left_out: int  # bars for which there is no room
    sentence: Message | None
    n: int
    base: Message  # the count beside the bars is of all responses, and these are of the last release
    drawing: Drawing


def project(item: PublicItem, language: str) -> Projection:
    chart, drawing = describe_public(item), draw(item, language)
    points = _points(chart)
    end, _steps = share_axis(max((point.share or 0.0 for point, _ in points), default=0.0))
    bars = tuple(ProjectedBar(*_words(point, language), in_percent((point.share or 0.0) / end), shade) for point, shade in points)
    base = _("of %(n)s", n=count(chart.answered, language))
    return Projection(bars[:MOST_BARS], len(bars[MOST_BARS:]), drawing.sentence, chart.answered, base, drawing)


def _words(point: Point, language: str) -> tuple[str, str]:
    return point.label, "–" if point.share is None else percent(point.share, language)


def _points(chart: Chart) -> list[tuple[Point, str]]:
    """What each bar is of, with its shade; none where several scales are answered."""
    known = [each for each in chart.series if each.n]
    if not known:
        return []
    if known[0].kind == "rank":
        return [(point, "one") for point in sorted(map(_first_rank, known), key=lambda point: -(point.share or 0.0))]
    if len(chart.series) > 1:
        return []
    sorts = chart.several or chart.long_list
    points: Sequence[Point] = in_order(chart.first) if sorts else chart.first.points
    shades = SHADES.get(len(points), ()) if chart.first.sides and not sorts else ()
    return [(point, shades[place] if shades else "one") for place, point in enumerate(points)]


def _first_rank(series: Series) -> Point:
    """How many ranked the option first."""
    first = next((point for point in series.points if point.code != NOT_RANKED), series.points[0])
    return first._replace(label=series.full_label)
