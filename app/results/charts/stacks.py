"""Statements on one scale: for each a stack, and the table of all. A scale with two poles has its middle in the middle;
an amount begins with much."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from app.results.charts.bars import hint, share_and_count, share_and_interval
from app.results.charts.captions import (
    FEW,
    Caption,
    Message,
    _,
    count,
    fixed,
    interval,
    mean_places,
    percent,
    with_shown_interval,
    you,
)
from app.results.charts.chart import Chart, Point, Series
from app.results.charts.geometry import (
    AMOUNTS,
    SHADES,
    ChartRow,
    Drawing,
    Line,
    Panel,
    WideCell,
    left_share,
    middle_line,
    stack_reach,
    stacked_marks,
)
from app.results.statistics.intervals import UNKNOWN, Estimate
from app.results.statistics.rounding import percent_of
from app.survey.model import Code

LEAST_POINTS = 4  # of an amount, for its two highest points to be said together


def draw_stacks(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    panels = tuple(_panels(chart, language))
    drawing = _with_table(chart, language, drawing).add(kind="stacks", panels=panels)
    notes: list[Message] = []
    if any(point.spans > 1 for each in chart.series for point in each.points):
        notes.append(_("Points chosen by too few people are combined with neighbouring points."))
    if any(0 < each.n < FEW for each in chart.series) and chart.exact:
        notes.append(_("Shares of fewer than 10 answers are in brackets."))
    last = [(each.full_label, each.points[-1]) for each in chart.series if each.points]
    written = [
        f"{label}: {point.label} {percent(point.share, language)}" for label, point in last if point.share is not None
    ]
    return drawing.add(notes=tuple(notes), summary="; ".join(written))


def draw_table(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    """The table alone; of a public item of which too little is known not even that."""
    return _with_table(chart, language, drawing) if chart.exact else drawing


# --- what is said beside the marks --------------------------------------------------------------------------


def much_first(series: Series) -> list[Point]:
    """The points of an amount from the most to the least."""
    return list(series.points if series.begins_with_much else reversed(series.points))


def highest(series: Series) -> Estimate:
    """The share of the two highest points of an amount; of the highest alone where there are few points."""
    if any(point.spans > 1 for point in series.points):
        return UNKNOWN
    return series.share_of(much_first(series)[: 2 if series.size >= LEAST_POINTS else 1])


def pole_shares(series: Series) -> tuple[Estimate, Estimate]:
    """The shares on either side of the middle of a scale with two poles."""
    left: list[Point] = []
    right: list[Point] = []
    place = 0
    for point in series.points:
        if place + point.spans <= series.size / 2:
            left.append(point)
        elif place >= series.size / 2:
            right.append(point)
        elif point.spans > 1:  # it lies on both sides: how much on which is not known
            return UNKNOWN, UNKNOWN
        place += point.spans
    return series.share_of(left), series.share_of(right)


def highest_name(series: Series) -> Caption:
    """What `highest` is the share of: "Largely or more"."""
    named = much_first(series)[1 if series.size >= LEAST_POINTS else 0].label
    return _("%(label)s or more", label=named) if series.size >= LEAST_POINTS else named


def sorted_series(series: Sequence[Series]) -> list[Series]:
    """By the share of the second pole, or of the highest points; what is not known comes last."""
    if not series or any(each.poles for each in series) or len({each.column for each in series}) > 1:
        return list(series)
    found = [(pole_shares(each)[1] if each.sides else highest(each) if each.points else UNKNOWN).value for each in series]
    placed = sorted(range(len(series)), key=lambda place: (found[place] is None, -(found[place] or 0.0)))
    return [series[place] for place in placed]


# --- panels -------------------------------------------------------------------------------------------------


def _panels(chart: Chart, language: str) -> list[Panel]:
    """One; for each column of its own scale another. Researchers see columns on one scale by statement, in one."""
    columns = list(dict.fromkeys(each.column for each in chart.series))
    scales = {tuple((point.code, point.label) for point in each.points) for each in chart.series}
    if chart.exact and len(columns) > 1 and len(scales) < 2:
        return [_panel(chart, "", chart.series, True, language)]
    within = [(column, [each for each in chart.series if each.column == column]) for column in columns]
    return [
        _panel(chart, column, sorted_series(series), False, language)
        for column, series in within if any(each.points for each in series)
    ]  # fmt: skip


def _panel(
    chart: Chart, title: str, series: Sequence[Series], by_statement: bool, language: str
) -> Panel:
    labelled = [each for each in series if each.points]
    first = labelled[0]
    is_bipolar = any(each.poles for each in labelled)
    if not first.sides and not is_bipolar:
        return _amounts(chart, title, series, by_statement, language)
    stacks = [_pieces(each, SHADES[each.size]) if each.points else None for each in series]
    reach = stack_reach([_by_point(pieces, each.size) for each, pieces in zip(series, stacks, strict=True) if pieces])
    rows = [_poles_row(chart, each, pieces, reach, language) for each, pieces in zip(series, stacks, strict=True)]
    named = [] if is_bipolar else zip(SHADES[first.size], _labels(labelled), strict=False)
    start, end = ("", "") if is_bipolar or first.sides is None else first.sides
    legend = tuple(pair for pair in named if pair[1])
    return Panel(title, tuple(_grouped(rows, series, by_statement)), legend, middle_line(reach), start, end)


def _amounts(chart: Chart, title: str, series: Sequence[Series], by_statement: bool, language: str) -> Panel:
    """Stacks that all begin at the left, with much."""
    labelled = [each for each in series if each.points]
    falls = labelled[0].begins_with_much
    shades = AMOUNTS[labelled[0].size]
    rows = []
    for each in series:
        pieces = _pieces(each, shades if falls else shades[::-1]) if each.points else None
        row = _row(chart, each, pieces if pieces is None or falls else pieces[::-1], 0.0, 1.0, language)
        rows.append(replace(row, start=_said(highest(each), each.n, language) if pieces else ""))
    labels = _labels(labelled)
    named = zip(shades, labels if falls else labels[::-1], strict=False)
    legend = tuple(pair for pair in named if pair[1])
    return Panel(title, tuple(_grouped(rows, series, by_statement)), legend, None, highest_name(labelled[0]))


def _said(found: Estimate, n: int, language: str) -> str:
    if found.value is None:
        return "–"
    return percent(found.value, language) if not found.n or n >= FEW else f"({percent(found.value, language)})"


def _grouped(rows: Sequence[ChartRow], series: Sequence[Series], by_statement: bool) -> list[ChartRow]:
    if not by_statement:
        return list(rows)
    above = ["", *(each.label for each in series)]
    return [
        replace(row, label=each.column, group=each.label if each.label != before else "")
        for row, each, before in zip(rows, series, above, strict=False)
    ]


def _poles_row(
    chart: Chart, series: Series, pieces: list[Piece] | None, reach: tuple[float, float], language: str
) -> ChartRow:
    at = reach[0] - left_share(_by_point(pieces, series.size)) if pieces else 0.0
    row = _row(chart, series, pieces, at, sum(reach), language)
    if pieces is None or series.poles:
        return row
    left, right = pole_shares(series)
    return replace(row, start=_said(left, series.n, language), value=_said(right, series.n, language))


def _row(
    chart: Chart, series: Series, pieces: list[Piece] | None, at: float, width: float, language: str
) -> ChartRow:
    left, right = series.poles or (series.label, "")
    row = ChartRow(left, "", right=right, note=_base_of(chart, series, language))
    if pieces is None:
        if chart.exact:
            return row
        written = [f"{each.label}: {percent(each.share, language)}" for each in series.points if each.share is not None]
        return replace(row, hidden=not written, instead=" · ".join(written))
    labels = ["–" if piece.point.hidden else str(percent_of(piece.share)) for piece in pieces]
    hints = [hint(piece.point, language) for piece in pieces]
    shares, shades = [piece.share for piece in pieces], [piece.shade for piece in pieces]
    marks = stacked_marks(shares, labels, hints, shades, at, width)
    return _with_own(replace(row, marks=marks), pieces, chart.own.get(series.name, ()))


def _with_own(row: ChartRow, pieces: Sequence[Piece], own: Collection[Code]) -> ChartRow:
    """With one's own answer marked, and in words."""
    drawn = [piece for piece in pieces if piece.share]
    marks = tuple(replace(mark, own=piece.point.code in own) for mark, piece in zip(row.marks, drawn, strict=True))
    mine = [piece.point.label for piece in pieces if piece.point.code in own]
    return replace(row, marks=marks, note=you(mine[0])) if mine else row


def _base_of(chart: Chart, series: Series, language: str) -> Caption:
    """A statement's own base, where it differs much from that of the item."""
    if not chart.exact or len(chart.series) < 2 or series.asked_of is None:
        return ""
    return _("n = %(n)s", n=count(series.n, language))


def _labels(series: Sequence[Series]) -> list[str]:
    """A label for each point: its own, where any series shows it alone; else that of the first group, once."""
    found: dict[int, str] = {}
    grouped: dict[int, str] = {}
    for each in series:
        place = 0
        for point in each.points:
            (found if point.spans == 1 else grouped).setdefault(place, point.label)
            place += point.spans
    return [found.get(place, grouped.get(place, "")) for place in range(max(each.size for each in series))]


# --- pieces -------------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class Piece:
    """One segment of a stack: a point, points that are shown together, or all that are hidden side by side."""

    point: Point
    place: int  # of its first point on the scale
    share: float
    shade: str

    def crosses(self, size: int) -> bool:
        """Whether it lies on both sides of the middle: no stack can show how much of it lies where."""
        return self.point.spans > 1 and self.place < size / 2 < self.place + self.point.spans


def _pieces(series: Series, shades: Sequence[str]) -> list[Piece] | None:
    """Hidden points side by side are one piece, whose share is what the others leave. None where nobody answered, and
    where a stack cannot show them: hidden points lie apart, or a piece lies across the middle of two poles."""
    if not series.n or not series.points:
        return None
    runs: list[tuple[int, list[Point]]] = []
    place = 0
    for point in series.points:
        if runs and point.hidden and runs[-1][1][0].hidden:
            runs[-1][1].append(point)
        else:
            runs.append((place, [point]))
        place += point.spans
    rest = max(0.0, 1.0 - sum(point.share or 0.0 for point in series.points))
    pieces = [_piece(points, place, rest, shades) for place, points in runs]
    apart = sum(piece.point.hidden for piece in pieces) > 1
    crosses = (series.sides or series.poles) and any(piece.crosses(series.size) for piece in pieces)
    return None if apart or crosses else pieces


def _piece(points: Sequence[Point], place: int, rest: float, shades: Sequence[str]) -> Piece:
    spans, hidden = sum(point.spans for point in points), points[0].hidden
    together = points[0]._replace(label=" + ".join(point.label for point in points), spans=spans)
    shade = "held" if hidden else _shade(shades, shades[place : place + spans])
    return Piece(together, place, rest if hidden else points[0].share or 0.0, shade)


def _shade(order: Sequence[str], shades: Sequence[str]) -> str:
    places = [order.index(shade) for shade in shades]
    return order[round(sum(places) / len(places))] if "mid" not in shades else "mid"


def _by_point(pieces: Sequence[Piece], size: int) -> list[float]:
    """A share for each point of the scale, where only on which side of the middle it lies matters."""
    shares = [0.0] * size
    for piece in pieces:
        shares[piece.place] += piece.share
    return shares


# --- tables -------------------------------------------------------------------------------------------------


def _with_table(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    if not chart.exact:
        return _with_released_table(chart, language, drawing)
    head, body = statements_table(sorted_series(chart.series), language)
    return drawing.add(head=head, body=body)


def statements_table(series: Sequence[Series], language: str) -> tuple[tuple[Caption, ...], tuple[Line, ...]]:
    """For each statement its shares with their counts, those of its poles or of its highest points with their
    intervals, and where points are numbers the mean with its interval."""
    measured = any(each.summary.mean is not None for each in series)
    alike = len({tuple(point.label for point in each.points) for each in series}) == 1
    labels = [point.label for point in max(series, key=lambda each: len(each.points)).points]
    answers = labels if alike else [str(place) for place in range(1, len(labels) + 1)]
    sides: tuple[Caption, ...] = ()
    if alike and series[0].points and not series[0].poles:
        sides = series[0].sides or (highest_name(series[0]),)
    means = (_("Mean"), _("95%% interval")) if measured else ()
    body = tuple(_statement_line(each, len(labels), sides, measured, language) for each in series)
    return (_("Statement"), *answers, "n", *sides, *means), body


def _statement_line(series: Series, width: int, sides: Sequence[Caption], measured: bool, language: str) -> Line:
    shares = [share_and_count(point, language) for point in series.points]
    blank = ["" for _place in range(width - len(shares))]
    estimates = pole_shares(series) if len(sides) == 2 else (highest(series),) if sides else ()
    found = with_shown_interval(series.mean_estimate)
    places = mean_places(found)
    means = (fixed(found.value, language, places), interval(found.low, found.high, language, places)) if measured else ()
    together = [share_and_interval(each, language) for each in estimates]
    return (series.full_label, *shares, *blank, count(series.n, language), *together, *means)


def _with_released_table(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    labelled = [each for each in chart.series if each.points]
    size, bipolar = max(each.size for each in labelled), any(each.poles for each in labelled)
    points: list[Caption] = [str(place) for place in range(1, size + 1)]
    if not bipolar and len({each.size for each in labelled}) == 1:
        points = list(_labels(labelled))
    body = tuple(_released_line(each, size, language) for each in chart.series)
    return drawing.add(head=(_("Pair") if bipolar else _("Statement"), *points, _("n, at least")), body=body)


def _released_line(series: Series, size: int, language: str) -> Line:
    if not series.points:
        return (series.full_label, *("–" for _point in range(size)), "–")
    cells: list[str | WideCell] = []
    for point in series.points:
        share = "–" if point.share is None else percent(point.share, language)
        cells.append(share if point.spans == 1 else WideCell(f"{point.label}: {share}", point.spans))
    return (series.full_label, *cells, count(series.n, language))
