"""Columns: the points of one scale, and numbers and dates in classes."""

from __future__ import annotations

from collections.abc import Sequence

from app.results.charts.bars import bar, hint, with_rows, with_shares
from app.results.charts.captions import (
    Message,
    _,
    count,
    date,
    fixed,
    interval,
    measures,
    numerals,
    percent,
    short_date,
)
from app.results.charts.chart import Chart, Point, Series
from app.results.charts.geometry import Drawing, column_marks, edge_ticks, middle_of, place_of
from app.results.statistics.intervals import Estimate
from app.results.statistics.reliability import Reliability
from app.results.statistics.values import nth
from app.survey.model import Score

WIDE_GAPS, NARROW_GAPS = 12, 60  # a gap is such a part of a column's width
DATES_NAMED = 6  # under the columns


def draw_columns(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    points = chart.first.points
    codes = [point.code for point in points]
    return _columns(chart, points, WIDE_GAPS, language, drawing).add(
        ticks=tuple((middle_of(place, len(codes)), str(code)) for place, code in enumerate(codes)),
        ends=_ends(points), mean_at=place_of(chart.first.summary.mean, codes),
    )  # fmt: skip


def _ends(points: Sequence[Point]) -> tuple[str, str] | None:
    """What the ends of a scale stand for, where they are worded."""
    if not points or [points[0].label, points[-1].label] == [str(points[0].code), str(points[-1].code)]:
        return None
    return points[0].label, points[-1].label


def _columns(chart: Chart, points: Sequence[Point], gaps: int, language: str, drawing: Drawing) -> Drawing:
    labels = [percent(point.share, language) if point.share else "" for point in points]
    marks = column_marks([point.share for point in points], labels, [hint(point, language) for point in points], gaps)
    drawing = drawing.add(kind="columns", columns=marks, measures=_measures(chart.first, language))
    if chart.exact:
        return with_shares(drawing, points, language)
    return with_rows(drawing, [bar(point, point.label, language) for point in points])


def _measures(series: Series, language: str) -> tuple[tuple[Message, str], ...]:
    found = measures(series.summary, language)
    if series.net is None or series.net.value is None:
        return found
    return ((_("promoters less detractors"), _in_points(series.net, language)), *found)


def _in_points(net: Estimate, language: str) -> str:
    """+12 [−3 – 27], in percentage points."""
    value, low, high = (None if each is None else 100 * each for each in (net.value, net.low, net.high))
    written = f"{'+' if (value or 0) > 0 else ''}{fixed(value, language, 0)}"
    if low is not None:
        written += f" [{interval(low, high, language, 0)}]"
    return written.replace("-", "−")


def draw_histogram(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    points = chart.first.points
    named = [point._replace(label=numerals(point.label, language)) for point in points]
    drawing = _columns(chart, named, NARROW_GAPS, language, drawing)
    drawing = drawing.add(ticks=edge_ticks([point.label for point in points], language))
    if chart.unit:
        drawing = drawing.add(measures=((_("in %(unit)s", unit=chart.unit), ""), *drawing.measures))
    return _with_score(chart.score, chart.finding, language, drawing) if chart.score else drawing


def draw_dates(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    points = chart.first.points
    named = [point._replace(label=date(point.label, language)) for point in points]
    ticks = [
        (middle_of(place, len(points)), short_date(point.label, language)) for place, point in enumerate(points)
    ]
    step = max(1, -(-len(points) // DATES_NAMED))
    drawing = _columns(chart, named, NARROW_GAPS, language, drawing)
    return drawing.add(ticks=tuple(ticks[::step]), measures=_range(chart, language))


def _range(chart: Chart, language: str) -> tuple[tuple[Message, str], ...]:
    """Earliest, median and latest date. Of an even number the earlier of the two in the middle is the median."""
    values = chart.first.values
    if not values:
        return ()
    middle = nth(values, (chart.first.n - 1) // 2)
    named = ((_("earliest"), values[0][0]), (_("median"), middle), (_("latest"), values[-1][0]))
    return tuple((word, date(iso, language)) for word, iso in named)


# --- scores -------------------------------------------------------------------------------------------------

HOW = {
    "mean": _("Mean of %(n)s parts.", n=""),
    "sum": _("Sum of %(n)s parts.", n=""),
    "sum_prorated": _("Sum of %(n)s parts, prorated if some are missing.", n=""),
    "count": _("Count of %(n)s parts.", n=""),
}


def _with_score(score: Score, finding: object, language: str, drawing: Drawing) -> Drawing:
    """With how it is made, and its reliability."""
    notes = [Message(HOW[score.how].form, {"n": len(score.parts)})]
    if score.at_least > 1:
        notes.append(_("At least %(n)s of them need an answer.", n=score.at_least))
    if score.reverse:
        notes.append(_("Reversed: %(n)s.", n=len(score.reverse)))
    if not isinstance(finding, Reliability):
        return drawing.add(notes=tuple(notes))
    n = count(finding.n, language)
    note = _("Alpha is from the %(n)s who answered every part (L. J. Cronbach, 1951).", n=n)
    if finding.alpha is None:
        note = _("Alpha cannot be estimated from %(n)s complete answers.", n=n)
    alpha = (_("Cronbach’s alpha"), fixed(finding.alpha, language))
    return drawing.add(notes=(*notes, note), measures=(*drawing.measures, alpha))
