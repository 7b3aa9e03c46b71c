"""Bars: the options of a choice, and for the public all that could not be drawn otherwise without hidden points."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from app.results.charts.captions import (
    FEW,
    Caption,
    Message,
    _,
    bracket,
    count,
    english,
    interval,
    measures,
    numerals,
    percent,
)
from app.results.charts.chart import Chart, Point, Series
from app.results.charts.geometry import ChartRow, Drawing, Line, Mark, in_percent, share_axis
from app.results.statistics.intervals import Estimate
from app.survey.model import Code

BARS_SHOWN = 12  # of a long list: the others are folded away
FEW_MORE = 3  # that are not worth folding away
HEAD: tuple[Caption, ...] = (_("Answer"), "n", "%", _("95%% interval"))


OWN_BASES = _("Not every option was offered to everyone: each share is of those to whom the option was offered.")


def draw_bars(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    if not chart.exact:
        return _public_bars(chart, language, drawing)
    is_long = chart.long_list and len(chart.first.points) > BARS_SHOWN
    points = in_order(chart.first) if is_long or chart.several else list(chart.first.points)
    end, _steps = axis = _axis(points)
    own = chart.own.get(chart.first.name, ())
    rows = tuple(bar(point, point.label, language, end, own) for point in points)
    notes = []
    if len({point.base for point in points}) > 1:
        rows = tuple(replace(row, note=_of_base(point, language)) for row, point in zip(rows, points, strict=True))
        notes.append(OWN_BASES)
    found = measures(chart.first.summary, language, chart.first.mean)
    if chart.several and len(notes) == 0 and chart.first.n >= FEW and not chart.first.is_of_entries:
        total = sum(point.share or 0.0 for point in points)
        found = (*found, (english("of those who ticked any; in total"), percent(total, language)))
    drawing = drawing.add(
        kind="bars", rows=rows, measures=found, notes=(*few_answers(points), *notes),
        ticks=ticks_of(axis, language), wide_values=any(row.interval for row in rows),
    )  # fmt: skip
    drawing = with_shares(drawing, points, language)
    return _folded(drawing, rows, (), len(rows) - BARS_SHOWN > FEW_MORE) if is_long else drawing


def draw_sizes(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    """What was assigned at random: there is nothing to infer from its shares."""
    points = chart.first.points
    drawing = with_shares(drawing, points, language)
    end, _steps = _axis([point._replace(high=None) for point in points])
    rows = [
        replace(bar(point, point.label, language, end), whisker=None, interval="", value=count(point.count, language))
        for point in points
    ]
    lines = tuple(line[:3] for line in drawing.body)
    return drawing.add(kind="bars", rows=tuple(rows), head=(_("Version"), "n", "%"), body=lines)


def in_order(series: Series) -> list[Point]:
    """The largest first; what excludes or completes the list stays last."""
    return sorted(series.points, key=lambda point: (point.code in series.last, -(point.share or 0.0), point.hidden))


def _axis(points: Sequence[Point]) -> tuple[float, list[float]]:
    return share_axis(max((point.high or point.share or 0.0 for point in points), default=0.0))


def ticks_of(axis: tuple[float, list[float]], language: str) -> tuple[tuple[float, str], ...]:
    end, steps = axis
    return tuple((in_percent(step / end), percent(step, language)) for step in steps)


def _of_base(point: Point, language: str) -> Message:
    return _("of %(n)s", n=count(point.base, language))


def few_answers(points: Sequence[Point]) -> tuple[Message, ...]:
    """Counts instead of shares and intervals, where both would look as if they said something."""
    bases = [point.base for point in points if point.base]
    return (_("Fewer than 10 answered: counts instead of shares."),) if bases and max(bases) < FEW else ()


def _public_bars(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    shown = [(each, point) for each in chart.series if each.n for point in _public_points(chart, each)]
    end, _steps = axis = _axis([point for _each, point in shown])
    rows = tuple(
        bar(point, _public_label(each, point, language), language, end, chart.own.get(each.name, ())) for each, point in shown
    )
    found = [each for series in chart.series if not series.label for each in measures(series.summary, language)]
    drawing = drawing.add(measures=tuple(found))
    if not rows:
        return drawing.add(hidden=False, notes=(_("Hidden: too few people."),))
    if len({point.base for _each, point in shown if not point.hidden}) > 1 and chart.several:
        rows = tuple(
            row if point.hidden else replace(row, note=_of_base(point, language)) for row, (_each, point) in zip(rows, shown, strict=True)
        )
        drawing = drawing.add(notes=(*drawing.notes, OWN_BASES))
    drawing = with_rows(drawing, rows).add(kind="bars", rows=rows, ticks=ticks_of(axis, language))
    if chart.first.kind != "sums":
        body = tuple((row.label, "–" if point.hidden else count(point.count, language), row.value) for row, (_each, point) in zip(rows, shown, strict=True))
        drawing = drawing.add(head=(_("Answer"), "n", "%"), body=body)
    if chart.long_list and len(rows) > BARS_SHOWN:
        largest = sorted((row for row in rows if not row.hidden), key=lambda row: -row.marks[0].width)
        return _folded(drawing, largest, [row for row in rows if row.hidden], True)
    kind = chart.first.kind
    if kind == "sums":
        return drawing.add(notes=(_("Mean share given to each option."),))
    return drawing.add(notes=(_("Dates are grouped by decade."),)) if kind == "date" else drawing


def _public_points(chart: Chart, series: Series) -> list[Point]:
    """Options and points are named also where they are hidden, classes of which nothing is known are not. Of dates the
    decades from the first to the last that occur."""
    points = in_order(series) if chart.several else list(series.points)
    if series.kind not in ("number", "date"):
        return points
    some = [place for place, point in enumerate(points) if point.share]
    if series.kind == "date":
        points = points[some[0] : some[-1] + 1] if some else []
    return [point for point in points if not point.hidden]


def _public_label(series: Series, point: Point, language: str) -> str:
    label = numerals(point.label, language) if series.kind in ("number", "date") else point.label
    return f"{series.full_label}: {label}" if series.label else label


def _folded(drawing: Drawing, rows: Sequence[ChartRow], hidden: Sequence[ChartRow], folds: bool) -> Drawing:
    """Of a long list what was chosen most comes first; the others, and what is hidden, are folded away."""
    shown = BARS_SHOWN if folds else len(rows)
    notes = (*drawing.notes, _("Sorted by number of choices."))
    return drawing.add(rows=tuple(rows[:shown]), tail=(*rows[shown:], *hidden), notes=notes)


def bar(point: Point, label: str, language: str, end: float = 1.0, own: Collection[Code] = ()) -> ChartRow:
    """A row whose axis ends at the share `end`."""
    is_own = point.code in own
    if point.share is None:
        return ChartRow(label, "–", hidden=point.hidden, own=is_own)
    is_few = 0 < point.base < FEW
    whisker = None
    if point.low is not None and point.high is not None and not is_few:
        whisker = (in_percent(point.low / end), in_percent(min(point.high / end, 1.0)))
    mark = Mark(0, in_percent(min(point.share / end, 1.0)), -7, 14, "own" if is_own else "one", hint=hint(point, language), own=is_own)
    value = count(point.count, language) if is_few else percent(point.share, language)
    return ChartRow(label, value, (mark,), whisker, interval=bracket(estimate_of(point), language), own=is_own)


def estimate_of(point: Point) -> Estimate:
    return Estimate(point.share, point.low, point.high, point.base)


def hint(point: Point, language: str, label: str = "") -> Message:
    """What a mark says on hover."""
    label = label or numerals(point.label, language)
    if point.hidden:
        return _("%(label)s: hidden", label=label)
    if point.share is None:
        return Message("%(label)s", {"label": label})
    share = percent(point.share, language)
    if not point.count:
        return _("%(label)s: %(share)s", label=label, share=share)
    shown = {"label": label, "share": share, "count": count(point.count, language), "base": count(point.base, language)}
    if point.weighted:
        written = english("%(label)s: %(share)s weighted (%(count)s of %(base)s people)", **shown)
        bounds = share_interval_of(point, language)
        return written if point.low is None else english("%(written)s, 95%% interval %(interval)s", written=written, interval=bounds)
    if point.low is None or point.base < FEW:
        return _("%(label)s: %(share)s (%(count)s of %(base)s)", **shown)
    return english(
        "%(label)s: %(share)s (%(count)s of %(base)s), 95%% interval %(interval)s",
        **shown, interval=share_interval_of(point, language),
    )  # fmt: skip


def share_interval_of(point: Point, language: str) -> str:
    """In percent."""
    return interval(100 * point.low, 100 * point.high, language) if point.low is not None and point.high is not None else "–"


def share_and_count(point: Point, language: str) -> str:
    if point.share is None:
        return "–"
    return f"{percent(point.share, language)} ({count(point.count, language)})"


def share_and_interval(found: Estimate, language: str) -> str:
    """58% [54.1–61.9]; without the bracket where there is no interval."""
    if found.value is None:
        return "–"
    if found.low is None or found.high is None:
        return percent(found.value, language)
    return f"{percent(found.value, language)} [{interval(100 * found.low, 100 * found.high, language)}]"


# --- tables and summaries -------------------------------------------------------------------------------------


def with_shares(drawing: Drawing, points: Sequence[Point], language: str) -> Drawing:
    """With the table of exact shares, and the largest of them in words for those who cannot see the marks."""
    largest = sorted((point for point in points if point.share), key=lambda point: -point.who.w)[:3]
    leading = [f"{point.label} {percent(point.share or 0, language)}" for point in largest]
    body = tuple(_line(point, point.label, language) for point in points)
    head = HEAD
    if len({point.base for point in points}) > 1:
        head = (*HEAD, _("Base"))
        body = tuple((*line, count(point.base, language)) for line, point in zip(body, points, strict=True))
    if any(point.weighted for point in points) and all(point.low is None for point in points):
        head, body = (*head[:3], *head[4:]), tuple((*line[:3], *line[4:]) for line in body)
    return drawing.add(head=head, body=body, summary=", ".join(leading))


def with_rows(drawing: Drawing, rows: Sequence[ChartRow]) -> Drawing:
    """With the table of released shares, and all of them in words."""
    written = [f"{row.label} {row.value}" for row in rows if not row.hidden]
    body = tuple((str(row.label), row.value) for row in rows)
    return drawing.add(head=(_("Answer"), "%"), body=body, summary=", ".join(written))


def _line(point: Point, label: str, language: str) -> Line:
    if point.share is None:
        return label, "0", "–", "–"
    return label, count(point.count, language), percent(point.share, language, 1), share_interval_of(point, language)
