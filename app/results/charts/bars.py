"""Bars: the options of a choice, and for the public all that could not be drawn otherwise without hidden points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.results.charts.captions import Caption, Message, _, count, interval, measures, numerals, percent
from app.results.charts.chart import Chart, Point, Series
from app.results.charts.geometry import ChartRow, Drawing, Line, Mark, in_percent

BARS_SHOWN = 12  # of a long list: the others are folded away
FEW_MORE = 3  # that are not worth folding away
HEAD: tuple[Caption, ...] = (_("Answer"), "n", "%", _("95%% interval"))


def draw_bars(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    if not chart.exact:
        return _public_bars(chart, language, drawing)
    points = list(chart.first.points)
    is_long = chart.long_list and len(points) > BARS_SHOWN
    if is_long:
        points.sort(key=lambda point: -point.count)
    rows = tuple(bar(point, point.label, language) for point in points)
    drawing = drawing.add(kind="bars", rows=rows, measures=measures(chart.first.summary, language))
    drawing = with_shares(drawing, points, language)
    return _folded(drawing, rows, (), len(rows) - BARS_SHOWN > FEW_MORE) if is_long else drawing


def draw_sizes(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    """What was assigned at random: there is nothing to infer from its shares."""
    points = chart.first.points
    drawing = with_shares(drawing, points, language)
    rows = [
        replace(bar(point, point.label, language), whisker=None, value=count(point.count, language))
        for point in points
    ]
    lines = tuple(line[:3] for line in drawing.body)
    return drawing.add(kind="bars", rows=tuple(rows), head=(_("Version"), "n", "%"), body=lines)


def _public_bars(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    shown = [(each, point) for each in chart.series if each.n for point in each.points if not _is_blank(each, point)]
    rows = tuple(bar(point, _public_label(each, point, language), language) for each, point in shown)
    found = [each for series in chart.series if not series.label for each in measures(series.summary, language)]
    drawing = drawing.add(measures=tuple(found))
    if not rows:
        return drawing.add(hidden=False, notes=(_("Hidden: too few people."),))
    drawing = with_rows(drawing, rows).add(kind="bars", rows=rows)
    if chart.long_list and len(rows) > BARS_SHOWN:
        largest = sorted((row for row in rows if not row.hidden), key=lambda row: -row.marks[0].width)
        return _folded(drawing, largest, [row for row in rows if row.hidden], True)
    kind = chart.first.kind
    if kind == "sums":
        return drawing.add(notes=(_("Mean share given to each option."),))
    return drawing.add(notes=(_("Dates are grouped by decade."),)) if kind == "date" else drawing


def _is_blank(series: Series, point: Point) -> bool:
    """Whether it is a class of which nothing is known; options and points are named also where they are hidden."""
    return series.kind in ("number", "date") and point.hidden


def _public_label(series: Series, point: Point, language: str) -> str:
    label = numerals(point.label, language) if series.kind in ("number", "date") else point.label
    return f"{series.full_label}: {label}" if series.label else label


def _folded(drawing: Drawing, rows: Sequence[ChartRow], hidden: Sequence[ChartRow], folds: bool) -> Drawing:
    """Of a long list what was chosen most comes first; the others, and what is hidden, are folded away."""
    shown = BARS_SHOWN if folds else len(rows)
    notes = (_("Sorted by number of choices."),)
    return drawing.add(rows=tuple(rows[:shown]), tail=(*rows[shown:], *hidden), notes=notes)


def bar(point: Point, label: str, language: str) -> ChartRow:
    if point.share is None:
        return ChartRow(label, "–", hidden=point.hidden)
    whisker = (in_percent(point.low), in_percent(point.high)) if point.low is not None and point.high is not None else None
    mark = Mark(0, in_percent(point.share), 4, 14, "one", hint=hint(point, language))
    return ChartRow(label, percent(point.share, language), (mark,), whisker)


def hint(point: Point, language: str, label: str = "") -> Message:
    """What a mark says on hover."""
    label = label or numerals(point.label, language)
    if point.hidden:
        return _("%(label)s: hidden", label=label)
    if point.share is None:
        return Message("%(label)s", {"label": label})
    share = percent(point.share, language)
    if not point.base:
        return _("%(label)s: %(share)s", label=label, share=share)
    return _(
        "%(label)s: %(share)s (%(count)s of %(base)s), 95%% interval %(interval)s",
        label=label, share=share, count=count(point.count, language), base=count(point.base, language),
        interval=share_interval(point, language),
    )  # fmt: skip


def share_interval(point: Point, language: str) -> str:
    """In percent."""
    return interval(100 * (point.low or 0), 100 * (point.high or 0), language)


def share_and_count(point: Point, language: str) -> str:
    if point.share is None:
        return "–"
    return f"{percent(point.share, language)} ({count(point.count, language)})"


# --- tables and summaries -------------------------------------------------------------------------------------

def with_shares(drawing: Drawing, points: Sequence[Point], language: str) -> Drawing:
    """With the table of exact shares, and the largest of them in words for those who cannot see the marks."""
    largest = sorted((point for point in points if point.share), key=lambda point: -point.count)[:3]
    leading = [f"{point.label} {percent(point.share or 0, language)}" for point in largest]
    body = tuple(_line(point, point.label, language) for point in points)
    return drawing.add(head=HEAD, body=body, summary=", ".join(leading))


def with_rows(drawing: Drawing, rows: Sequence[ChartRow]) -> Drawing:
    """With the table of released shares, and all of them in words."""
    written = [f"{row.label} {row.value}" for row in rows if not row.hidden]
    body = tuple((str(row.label), row.value) for row in rows)
    return drawing.add(head=(_("Answer"), "%"), body=body, summary=", ".join(written))


def _line(point: Point, label: str, language: str) -> Line:
    if point.share is None:
        return label, "0", "–", "–"
    return label, count(point.count, language), percent(point.share, language, 1), share_interval(point, language)
