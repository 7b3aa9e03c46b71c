"""Means or shares beside each other: a dot for each, with its interval, on one axis. Only researchers see them: in
English."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import FEW, Caption, _, count, english, fixed, mean_bracket, mean_places
from app.results.charts.geometry import ChartRow, Drawing, along, round_axis
from app.results.statistics.intervals import Estimate

Writes = Callable[[Estimate], tuple[str, str]]
"""The value in words, and its interval or ""."""


def draw_means(
    means: Sequence[tuple[str, Estimate]], what: Caption, write: Writes, tick: Callable[[float], str], drawing: Drawing,
    most: float | None = None,
) -> Drawing:  # fmt: skip
    """Each with its label. `what` they are, such as a mean; `tick` writes a value of the axis, which ends at `most`."""
    ends = [end for _label, each in means for end in (each.low, each.high, each.value) if end is not None]
    if not ends:
        return drawing
    axis = [value for value in round_axis(min(ends), max(ends)) if most is None or value <= most]
    written = [(label, each, *write(each)) for label, each in means]
    return drawing.add(
        kind="dots", values=what, wide_values=True, ticks=tuple((along(value, axis), tick(value)) for value in axis),
        rows=tuple(_row(label, each, value, interval, axis) for label, each, value, interval in written),
        head=(english("Row"), what, _("95%% interval"), "n"),
        body=tuple((label, value, interval or "–", count(each.n, ENGLISH)) for label, each, value, interval in written),
        summary="; ".join(f"{label} {value}" for label, _each, value, _interval in written),
    )  # fmt: skip


def written_mean(found: Estimate) -> tuple[str, str]:
    if found.value is None:
        return "–", ""
    return fixed(found.value, ENGLISH, mean_places(found)), mean_bracket(found, ENGLISH)


def _row(label: str, found: Estimate, value: str, interval: str, axis: Sequence[float]) -> ChartRow:
    if found.value is None:
        return ChartRow(label, value)
    whisker = None
    if found.low is not None and found.high is not None and found.n >= FEW:
        whisker = (along(found.low, axis), along(found.high, axis))
    return ChartRow(label, value, whisker=whisker, dot=along(found.value, axis), interval=interval)
