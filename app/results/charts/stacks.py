"""Statements on one scale: for each a stack on both sides of the middle, and the table of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.results.charts.bars import hint, share_and_count
from app.results.charts.captions import Caption, _, count, fixed, interval, percent
from app.results.charts.chart import Chart, Point, Series
from app.results.charts.geometry import (
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
from app.results.statistics.rounding import percent_of


def draw_stacks(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    panels = tuple(_panels(chart, language))
    drawing = _with_table(chart, language, drawing).add(kind="stacks", panels=panels)
    some = any(point.spans > 1 for each in chart.series for point in each.points)
    notes = (_("Points chosen by too few people are combined with neighbouring points."),) if some else ()
    last = [(each.full_label, each.points[-1]) for each in chart.series if each.points]
    written = [
        f"{label}: {point.label} {percent(point.share, language)}" for label, point in last if point.share is not None
    ]
    return drawing.add(notes=notes, summary="; ".join(written))


def draw_table(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    """The table alone; of a public item of which too little is known not even that."""
    return _with_table(chart, language, drawing) if chart.exact else drawing


# --- panels -------------------------------------------------------------------------------------------------


def _panels(chart: Chart, language: str) -> list[Panel]:
    """One; for each column of its own scale another. Researchers see columns on one scale by statement, in one."""
    columns = list(dict.fromkeys(each.column for each in chart.series))
    scales = {tuple((point.code, point.label) for point in each.points) for each in chart.series}
    if chart.exact and len(columns) > 1 and len(scales) < 2:
        return [_panel(chart, "", chart.series, True, language)]
    within = [(column, [each for each in chart.series if each.column == column]) for column in columns]
    return [
        _panel(chart, column, series, False, language)
        for column, series in within if any(each.points for each in series)
    ]  # fmt: skip


def _panel(
    chart: Chart, title: str, series: Sequence[Series], by_statement: bool, language: str
) -> Panel:
    stacks = [_pieces(each) for each in series]
    reach = stack_reach([_by_point(pieces, each.size) for each, pieces in zip(series, stacks, strict=True) if pieces])
    rows = [_row(chart, each, pieces, reach, language) for each, pieces in zip(series, stacks, strict=True)]
    if by_statement:
        above = ["", *(each.label for each in series)]
        rows = [
            replace(row, label=each.column, group=each.label if each.label != before else "")
            for row, each, before in zip(rows, series, above, strict=False)
        ]
    labelled = [each for each in series if each.points]
    shades = SHADES[labelled[0].size]
    named = [] if labelled[0].poles else zip(shades, _labels(labelled), strict=False)
    return Panel(title, tuple(rows), tuple(pair for pair in named if pair[1]), middle_line(reach))


def _row(
    chart: Chart, series: Series, pieces: list[Piece] | None, reach: tuple[float, float], language: str
) -> ChartRow:
    left, right = series.poles or (series.label, "")
    row = ChartRow(left, count(series.n, language) if series.n or chart.exact else "", right=right)
    if pieces is None:
        if chart.exact:
            return row
        written = [f"{each.label}: {percent(each.share, language)}" for each in series.points if each.share is not None]
        return replace(row, hidden=not written, instead=" · ".join(written))
    shares = [piece.share for piece in pieces]
    labels = ["–" if piece.point.hidden else str(percent_of(piece.share)) for piece in pieces]
    hints = [hint(piece.point, language) for piece in pieces]
    start = reach[0] - left_share(_by_point(pieces, series.size))
    return replace(row, marks=stacked_marks(shares, labels, hints, [piece.shade for piece in pieces], start, sum(reach)))


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

#: The shades from one end to the other, to find one between others.
ORDER = SHADES[7]


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


def _pieces(series: Series) -> list[Piece] | None:
    """Hidden points side by side are one piece, whose share is what the others leave. None where nobody answered, and
    where a stack cannot show them: hidden points lie apart, or a piece lies across the middle."""
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
    pieces = [_piece(points, place, rest, series.size) for place, points in runs]
    apart = sum(piece.point.hidden for piece in pieces) > 1
    return None if apart or any(piece.crosses(series.size) for piece in pieces) else pieces


def _piece(points: Sequence[Point], place: int, rest: float, size: int) -> Piece:
    spans, hidden = sum(point.spans for point in points), points[0].hidden
    together = points[0]._replace(label=" + ".join(point.label for point in points), spans=spans)
    shade = "held" if hidden else _shade(SHADES[size][place : place + spans])
    return Piece(together, place, rest if hidden else points[0].share or 0.0, shade)


def _shade(shades: Sequence[str]) -> str:
    places = [ORDER.index(shade) for shade in shades]
    return ORDER[round(sum(places) / len(places))] if "mid" not in shades else "mid"


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
    head, body = statements_table(chart.series, language)
    return drawing.add(head=head, body=body)


def statements_table(series: Sequence[Series], language: str) -> tuple[tuple[Caption, ...], tuple[Line, ...]]:
    """For each statement its shares with their counts, and where points are numbers the mean with its interval."""
    measured = any(each.summary.mean is not None for each in series)
    alike = len({tuple(point.label for point in each.points) for each in series}) == 1
    labels = [point.label for point in max(series, key=lambda each: len(each.points)).points]
    answers = labels if alike else [str(place) for place in range(1, len(labels) + 1)]
    means = (_("Mean"), _("95%% interval")) if measured else ()
    body = tuple(_statement_line(each, len(labels), measured, language) for each in series)
    return (_("Statement"), *answers, "n", *means), body


def _statement_line(series: Series, width: int, measured: bool, language: str) -> Line:
    shares = [share_and_count(point, language) for point in series.points]
    blank = ["" for _place in range(width - len(shares))]
    found = series.summary.interval
    means = (fixed(found.value, language), interval(found.low, found.high, language, 2)) if measured else ()
    return (series.full_label, *shares, *blank, count(series.n, language), *means)


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
