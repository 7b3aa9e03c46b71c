"""Rankings: for each option how many gave it which rank."""

from __future__ import annotations

from collections.abc import Sequence

from app.results.charts.bars import hint, share_and_count
from app.results.charts.captions import Caption, Message, _, count, fixed, interval, percent
from app.results.charts.chart import Chart, Point, Series
from app.results.charts.geometry import RANKS, ChartRow, Drawing, Line, Panel, stacked_marks
from app.results.items import NOT_RANKED
from app.results.statistics.rounding import percent_of

LAST = 1e9  # the mean rank of what nobody ranked


def draw_ranks(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    """Not to be among the first is no rank, and in no mean."""
    top = max((point.code for point in _ranks(chart.first) if isinstance(point.code, int)), default=1)
    some = len(_ranks(chart.first)) < len(chart.first.points)
    series = sorted(chart.series, key=_by_share if some else _by_mean)
    rows = tuple(_ranked(each, some, language) for each in series)
    within = _("first %(n)s", n=top) if top > 1 else _("first")
    panel = Panel("", rows, _rank_legend(_ranks(chart.first)), None, within if some else _("mean rank"))
    return drawing.add(
        kind="stacks", panels=(panel,), notes=tuple(_rank_notes(chart, top, some)),
        head=(_("Option"), *(point.label for point in _ranks(chart.first)), *((within,) if some else ()),
              _("Mean rank"), _("95%% interval"), _("Ranked by"), "n"),
        body=tuple(_rank_line(each, some, language) for each in series),
        summary=", ".join(f"{row.label} {row.start}" for row in rows[:3]),
    )  # fmt: skip


def _ranks(series: Series) -> list[Point]:
    return [point for point in series.points if point.code != NOT_RANKED]


def _share_ranked(series: Series) -> float:
    """The share of respondents who ranked the option."""
    weighted = [point.share or 0.0 for point in _ranks(series) if point.weighted]
    return sum(weighted) if weighted else series.summary.n / series.n if series.n else 0.0


def _by_share(series: Series) -> tuple[float, float]:
    return -_share_ranked(series), _by_mean(series)


def _by_mean(series: Series) -> float:
    mean = series.summary.mean
    return LAST if mean is None else mean


def _rank_notes(chart: Chart, top: int, some: bool) -> list[Message]:
    """The order of the rows, whose ranks a mean is of, and of whom a share is where options have conditions."""
    if not some:
        notes = [_("Sorted by mean rank.")]
    elif top > 1:
        notes = [_("Sorted by the share of ranks among the first %(n)s.", n=top)]
    else:
        notes = [_("Sorted by the share of first ranks.")]
    if any(each.asked_of for each in chart.series):
        notes.append(_("Not every option was offered to everyone: each share is of those to whom the option was offered."))
    return [*notes, _("The mean rank in the table is calculated from those who ranked the option.")] if some else notes


def _rank_legend(ranks: Sequence[Point]) -> tuple[tuple[str, Caption], ...]:
    named: list[tuple[str, Caption]] = [(shade, rank.label) for shade, rank in zip(RANKS, ranks, strict=False)]
    if len(ranks) > len(RANKS):
        named[-1] = (RANKS[-1], _("%(place)s and lower", place=ranks[len(RANKS) - 1].label))
    return tuple(named)


def _ranked(series: Series, some: bool, language: str) -> ChartRow:
    ranks = _ranks(series)
    shares = [rank.share or 0.0 for rank in ranks]
    shades = [RANKS[min(place, len(RANKS) - 1)] for place in range(len(ranks))]
    labels, hints = [str(percent_of(share)) for share in shares], [hint(rank, language) for rank in ranks]
    marks = stacked_marks(shares, labels, hints, shades, 0, 1)
    value = percent(_share_ranked(series), language) if some else fixed(series.summary.mean, language)
    note = _("of %(n)s", n=count(series.n, language)) if series.asked_of else ""
    return ChartRow(series.label, "", marks, start=value if series.n else "–", note=note)


def _rank_line(series: Series, some: bool, language: str) -> Line:
    ranks = [share_and_count(rank, language) if series.n else f"{percent(0, language)} (0)" for rank in _ranks(series)]
    within = (percent(_share_ranked(series), language),) if some else ()
    found = series.mean_estimate
    return (
        series.label, *ranks, *within, fixed(found.value, language), interval(found.low, found.high, language, 2),
        count(found.n, language), count(series.n, language),
    )  # fmt: skip
