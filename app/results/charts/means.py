"""Means beside each other: a dot for each, with its interval, on one axis."""

from __future__ import annotations

from collections.abc import Sequence

from app.results.charts.captions import Caption, _, count, fixed, interval, number
from app.results.charts.geometry import ChartRow, Drawing, in_percent, round_axis
from app.results.statistics.intervals import Estimate


def draw_means(means: Sequence[tuple[str, Estimate]], of: Caption, language: str, drawing: Drawing) -> Drawing:
    """`of` says what a row is, in the table."""
    ends = [end for _label, each in means for end in (each.low, each.high, each.value) if end is not None]
    if not ends:
        return drawing
    axis = round_axis(min(ends), max(ends))
    return drawing.add(
        kind="dots", values=_("mean"), rows=tuple(_row(label, each, axis, language) for label, each in means),
        ticks=tuple((_along(value, axis), number(value, language)) for value in axis),
        head=(of, _("Mean"), _("95%% interval"), "n"),
        body=tuple(
            (label, fixed(each.value, language), interval(each.low, each.high, language, 2), count(each.n, language))
            for label, each in means
        ),
        summary="; ".join(f"{label} {fixed(each.value, language)}" for label, each in means),
    )  # fmt: skip


def _row(label: str, mean: Estimate, axis: Sequence[float], language: str) -> ChartRow:
    if mean.value is None:
        return ChartRow(label, "–")
    whisker = None
    if mean.low is not None and mean.high is not None:
        whisker = (_along(mean.low, axis), _along(mean.high, axis))
    return ChartRow(label, fixed(mean.value, language), whisker=whisker, dot=_along(mean.value, axis))


def _along(value: float, axis: Sequence[float]) -> float:
    return in_percent((value - axis[0]) / (axis[-1] - axis[0]))
