"""Means or shares beside each other: a dot for each, with its interval, on one axis."""

from __future__ import annotations

from collections.abc import Sequence

from app.results.charts.captions import (
    FEW,
    _,
    bracket,
    count,
    english,
    fixed,
    mean_bracket,
    mean_places,
    number,
    percent,
)
from app.results.charts.geometry import ChartRow, Drawing, along, round_axis
from app.results.statistics.intervals import Estimate


def draw_means(values: Sequence[tuple[str, Estimate]], are_shares: bool, language: str, drawing: Drawing) -> Drawing:
    """Each with its label."""
    ends = [end for _label, each in values for end in (each.low, each.high, each.value) if end is not None]
    if not ends:
        return drawing
    axis = round_axis(min(ends), max(ends))
    written = [(label, each, *_written(each, are_shares, language)) for label, each in values]
    return drawing.add(
        kind="dots", values=english("share") if are_shares else _("mean"), wide_values=True,
        rows=tuple(_row(label, each, value, interval, axis) for label, each, value, interval in written),
        ticks=tuple((along(value, axis), percent(value, language) if are_shares else number(value, language)) for value in axis),
        head=(english("Row"), "%" if are_shares else _("Mean"), _("95%% interval"), "n"),
        body=tuple((label, value, interval or "–", count(each.n, language)) for label, each, value, interval in written),
        summary="; ".join(f"{label} {value}" for label, _each, value, _interval in written),
    )  # fmt: skip


def _written(found: Estimate, are_shares: bool, language: str) -> tuple[str, str]:
    """The value and its interval."""
    if found.value is None:
        return "–", ""
    if are_shares:
        return percent(found.value, language), bracket(found, language)
    return fixed(found.value, language, mean_places(found)), mean_bracket(found, language)


def _row(label: str, found: Estimate, value: str, interval: str, axis: Sequence[float]) -> ChartRow:
    if found.value is None:
        return ChartRow(label, value)
    whisker = None
    if found.low is not None and found.high is not None and found.n >= FEW:
        whisker = (along(found.low, axis), along(found.high, axis))
    return ChartRow(label, value, whisker=whisker, dot=along(found.value, axis), interval=interval)
