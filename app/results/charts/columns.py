"""Columns: the points of one scale, and numbers and dates in classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.results.charts.bars import bar, draw_bars, few_answers, hint, with_rows, with_shares
from app.results.charts.captions import (
    FEW,
    Message,
    _,
    count,
    date,
    english,
    fixed,
    interval,
    measures,
    number,
    numerals,
    percent,
    short_date,
    you,
)
from app.results.charts.chart import FEW_POINTS, Chart, Point, Series
from app.results.charts.geometry import (
    SHADES,
    ChartColumn,
    Drawing,
    MiddleHalf,
    along,
    column_marks,
    middle_of,
)
from app.results.charts.reliability import with_reliability
from app.results.statistics.binning import end_of, start_of
from app.results.statistics.intervals import Estimate
from app.results.statistics.reliability import Reliability
from app.results.statistics.values import value_at
from app.survey.model import Score

WIDE_GAPS, NARROW_GAPS = 7, 40  # a gap is such a part of a column's width
DATES_NAMED = 6  # under the columns
ALIKE = 1.15  # classes whose widths differ by less are drawn as equal


def draw_columns(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    """The points of a scale. With one's own answer bars, which have room to mark it."""
    points, own = chart.first.points, chart.own.get(chart.first.name, ())
    if own:
        return draw_bars(chart, language, drawing).add(measures=_measures(chart.first, language))
    shades = SHADES.get(len(points), ()) if chart.first.sides else ()
    columns = [
        ChartColumn(
            point.share or 0.0, _written(point, language), hint(point, language),
            shades[place] if shades else "one", interval=_ends_of(point),
        )
        for place, point in enumerate(points)
    ]  # fmt: skip
    drawing = _drawn(chart, points, columns, WIDE_GAPS, language, drawing)
    if _are_labelled(points) and len(points) <= FEW_POINTS:
        return drawing.add(under=tuple(point.label if str(point.code) != point.label else "" for point in points))
    codes = [point.code for point in points]
    return drawing.add(
        ticks=tuple((middle_of(place, len(codes)), str(code)) for place, code in enumerate(codes)), ends=_ends(points)
    )


def _own_shade(chart: Chart, point: Point) -> str:
    return "own" if point.code in chart.own.get(chart.first.name, ()) else "one"


def _written(point: Point, language: str) -> str:
    """What stands above a column: its share, or of a few answers their number."""
    if not point.share:
        return ""
    return count(point.count, language) if 0 < point.base < FEW else percent(point.share, language)


def _ends_of(point: Point) -> tuple[float, float] | None:
    return (point.low, point.high) if point.low is not None and point.high is not None and point.base >= FEW else None


def _are_labelled(points: Sequence[Point]) -> bool:
    return any(point.label != str(point.code) for point in points)


def _ends(points: Sequence[Point]) -> tuple[str, str] | None:
    """What the ends of a scale stand for, where they are worded."""
    if not points or [points[0].label, points[-1].label] == [str(points[0].code), str(points[-1].code)]:
        return None
    return points[0].label, points[-1].label


def _drawn(
    chart: Chart, points: Sequence[Point], columns: Sequence[ChartColumn], gaps: float, language: str, drawing: Drawing
) -> Drawing:
    drawing = drawing.add(kind="columns", columns=column_marks(columns, gaps), measures=_measures(chart.first, language))
    own = chart.own.get(chart.first.name, ())
    notes = [you(point.label) for point in points if point.code in own]
    drawing = drawing.add(notes=(*notes, *drawing.notes, *few_answers(points)))
    if chart.exact:
        return with_shares(drawing, points, language)
    return with_rows(drawing, [bar(point, point.label, language) for point in points])


def _measures(series: Series, language: str) -> tuple[tuple[Message, str], ...]:
    found = measures(series.summary, language, series.mean)
    if series.net is None or series.net.value is None:
        return found
    return ((_("promoters less detractors"), _in_points(series.net, language)), *found)


def _in_points(net: Estimate, language: str) -> str:
    """+12 [−3 – 27], in percentage points."""
    value, low, high = (None if each is None else 100 * each for each in (net.value, net.low, net.high))
    written = f"{'+' if (value or 0) > 0 else ''}{fixed(value, language, 0)}"
    if low is not None and net.n >= FEW:
        written += f" [{interval(low, high, language, 0)}]"
    return written.replace("-", "−")


# --- numbers --------------------------------------------------------------------------------------------------


def draw_histogram(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    """Classes as wide as what they hold, so that the area of a column is its share; below them the middle half."""
    points = [point._replace(label=numerals(point.label, language)) for point in chart.first.points]
    widths = [point.edges[1] - point.edges[0] if point.edges else 1.0 for point in points]
    usual = max(widths, default=1.0)
    columns = [
        ChartColumn((point.share or 0.0) * usual / width, _written(point, language), hint(point, language), _own_shade(chart, raw), width)
        for point, raw, width in zip(points, chart.first.points, widths, strict=True)
    ]
    drawing = _drawn(chart, points, columns, NARROW_GAPS, language, drawing)
    drawing = drawing.add(ticks=_edge_ticks(points, widths, language), middle_half=_middle_half(chart.first, chart.score is not None, language))
    if widths and usual > min(widths) * ALIKE:
        drawing = drawing.add(notes=(*drawing.notes, english("Classes differ in width: the area of a column is its share."),))
    if chart.first.median_class:
        drawing = drawing.add(measures=((_("median"), numerals(chart.first.median_class, language)), *drawing.measures))
    if chart.unit:
        drawing = drawing.add(measures=((_("in %(unit)s", unit=chart.unit), ""), *drawing.measures))
    axis = _axis(points)
    if axis is not None and points[0].label.startswith("-") and axis[1] > 0:
        drawing = drawing.add(reference=(along(0, axis), "0"))
    return _with_score(chart.score, chart.finding, language, drawing, chart.effective is not None) if chart.score else drawing


def _axis(points: Sequence[Point]) -> tuple[float, float] | None:
    if not points or points[0].edges is None or points[-1].edges is None:
        return None
    return points[0].edges[0], points[-1].edges[1]


def _edge_ticks(points: Sequence[Point], widths: Sequence[float], language: str) -> tuple[tuple[float, str], ...]:
    """The classes' first numbers under their left edges, and the last number at the right; every other one where they
    are many or long. Single numbers are in the middle of their columns."""
    labels, across, at, ticks = [point.label for point in points], sum(widths) or 1.0, 0.0, []
    single = not any("–" in label for label in labels)
    starts = [start_of(label) for label in labels]
    step = 1 + (len(labels) * max(map(len, starts), default=1) > 32)
    for start, width in zip(starts, widths, strict=True):
        ticks.append((round(100 * (at + width / 2 * single) / across, 2), start))
        at += width
    shown = ticks[::step]
    if labels and not single and not labels[-1].startswith("≥"):
        crowded = shown and 100 - shown[-1][0] < 100 / 12
        shown = [*(shown[:-1] if crowded else shown), (100.0, end_of(labels[-1]))]
    return tuple(shown)


def _middle_half(series: Series, is_score: bool, language: str) -> MiddleHalf | None:
    """From the first to the third quartile, of a score also the mean; not of a few."""
    axis, summary = _axis(series.points), series.summary
    if axis is None or summary.quartiles is None or summary.median is None or summary.n < FEW:
        return None
    first, third = summary.quartiles
    half = MiddleHalf(
        along(first, axis), along(third, axis), along(summary.median, axis),
        english("a quarter up to %(value)s", value=number(first, language)),
        english("a quarter from %(value)s", value=number(third, language)),
        english("median %(value)s", value=number(summary.median, language)),
    )  # fmt: skip
    mean = summary.interval
    if not is_score or mean.value is None or mean.low is None or mean.high is None:
        return half
    return replace(
        half, mean=along(mean.value, axis), whisker=(along(mean.low, axis), along(mean.high, axis)),
        middle=english("%(median)s, mean %(value)s (dot)", median=half.middle, value=number(mean.value, language)),
    )  # fmt: skip


# --- dates ----------------------------------------------------------------------------------------------------


def draw_dates(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    points = chart.first.points
    named = [point._replace(label=date(point.label, language)) for point in points]
    ticks = [
        (middle_of(place, len(points)), short_date(point.label, language)) for place, point in enumerate(points)
    ]
    step = max(1, -(-len(points) // DATES_NAMED))
    columns = [
        ChartColumn(point.share or 0.0, _written(point, language), hint(point, language), _own_shade(chart, point)) for point in named
    ]
    drawing = _drawn(chart, named, columns, NARROW_GAPS, language, drawing)
    return drawing.add(ticks=tuple(ticks[::step]), measures=_range(chart, language))


def _range(chart: Chart, language: str) -> tuple[tuple[Message, str], ...]:
    """Earliest, median and latest date. Of an even number the earlier of the two in the middle is the median."""
    values = chart.first.values
    if not values:
        return ()
    middle = value_at(values, 0.5)
    named = ((_("earliest"), values[0][0]), (_("median"), middle), (_("latest"), values[-1][0]))
    return tuple((word, date(iso, language)) for word, iso in named)


# --- scores -------------------------------------------------------------------------------------------------

HOW = {
    "mean": _("Mean of %(n)s parts.", n=""),
    "sum": _("Sum of %(n)s parts.", n=""),
    "sum_prorated": _("Sum of %(n)s parts, prorated if some are missing.", n=""),
    "count": _("Count of %(n)s parts.", n=""),
}


def _with_score(score: Score, finding: object, language: str, drawing: Drawing, is_weighted: bool) -> Drawing:
    """With how it is made, and its reliability."""
    notes = [*drawing.notes, Message(HOW[score.how].form, {"n": len(score.parts)})]
    if score.at_least > 1:
        notes.append(_("At least %(n)s of them need an answer.", n=score.at_least))
    if score.reverse:
        notes.append(_("Reversed: %(n)s.", n=len(score.reverse)))
    if score.not_applicable:
        notes.append(_("“Not applicable” counts as %(n)s.", n=number(score.not_applicable[0][1], language)))
    drawing = drawing.add(notes=tuple(notes))
    return with_reliability(finding, language, drawing, is_weighted) if isinstance(finding, Reliability) else drawing
