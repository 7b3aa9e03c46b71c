"""Lines of groups: their values, intervals and stacks on an axis, in percent of its length, and their numbers in words.

Only researchers see them: in English. The template computes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import NamedTuple

from app.languages.catalogues import ENGLISH
from app.languages.direction import isolated
from app.results.charts.captions import fixed
from app.results.charts.geometry import RANKS, SHADES, in_percent, left_share, round_axis, stack_reach
from app.results.comparison import ComparedGroup
from app.results.measures import Measure
from app.results.statistics.intervals import Estimate
from app.results.statistics.rounding import percent_of

MINUS = "−"
TICKS = 5
LONGEST = 48  # characters of a label in a sentence
SHORT = 20  # characters of a label that needs no line of its own
FINEST = 3  # decimals
FITS = 8  # percent of the width: a segment from here on can hold its number


class Interval(NamedTuple):
    """A value with the ends of its interval, in percent of the plot."""

    at: float
    low: float | None = None
    high: float | None = None

    @property
    def width(self) -> float:
        return 0.0 if self.low is None or self.high is None else round(self.high - self.low, 2)


class StackSegment(NamedTuple):
    x: float
    width: float
    shade: str
    label: str
    middle: float


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group: its value, and what it has more than the others. `note` stands instead of values."""

    group: ComparedGroup
    n: str
    value: str = ""
    value_range: str = ""
    plot: Interval | None = None
    segments: tuple[StackSegment, ...] = ()
    box: Interval | None = None  # the middle half, with the median
    difference: str = ""
    difference_range: str = ""
    difference_plot: Interval | None = None
    standing: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class MeasureBlock:
    """One measure in every group."""

    label: str
    lines: tuple[GroupLine, ...]


Ticks = tuple[tuple[float, str], ...]


def is_compact(blocks: Sequence[MeasureBlock]) -> bool:
    """Whether the labels of measures and groups are short enough to stand side by side."""
    labels = [line.group.label for block in blocks for line in block.lines]
    return all(block.label for block in blocks) and max(map(len, labels), default=0) <= SHORT


# --- axes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlotAxis:
    low: float
    high: float
    ticks: Ticks

    def along(self, value: float) -> float:
        at = (value - self.low) / (self.high - self.low)
        return in_percent(min(max(at, 0.0), 1.0))

    def interval(self, estimate: Estimate) -> Interval | None:
        if estimate.value is None:
            return None
        if estimate.low is None or estimate.high is None:
            return Interval(self.along(estimate.value))
        return Interval(self.along(estimate.value), self.along(estimate.low), self.along(estimate.high))


PERCENT = PlotAxis(0.0, 1.0, ((0.0, "0%"), (50.0, "50"), (100.0, "100%")))


def number_axis(ends: tuple[float, float] | None, estimates: Iterable[Estimate]) -> PlotAxis:
    """Of a scale with ends all of it; else as long as the values need."""
    if ends is None:
        known = [end for estimate in estimates for end in estimate[:3] if end is not None] or [0.0]
        points = round_axis(min(known), max(known), TICKS)
    else:
        middle = sum(ends) / 2
        points = [ends[0], *([middle] if middle == round(middle, 1) else []), ends[1]]
    low, high = (points[0], points[-1]) if points[0] != points[-1] else (points[0] - 1, points[0] + 1)
    axis = PlotAxis(low, high, ())
    return replace(axis, ticks=tuple((axis.along(point), plain(point)) for point in points))


# --- stacks -------------------------------------------------------------------------------------------------


def shades_of(size: int, is_bipolar: bool) -> tuple[tuple[str, ...], bool]:
    if size in SHADES and is_bipolar:
        return SHADES[size], True
    if size <= len(RANKS):
        return tuple(reversed(RANKS[: size] if size > 2 else (RANKS[0], RANKS[3]))), False
    return (SHADES[size], True) if size in SHADES else ((), False)


def stacked(
    shares: Sequence[Sequence[float]], shades: Sequence[str], is_bipolar: bool
) -> list[tuple[StackSegment, ...]]:
    reach = stack_reach(shares) if is_bipolar else (0.0, 1.0)
    width = sum(reach) or 1.0
    found = []
    for each in shares:
        at = reach[0] - left_share(each) if is_bipolar else 0.0
        found.append(tuple(_segments(each, shades, at, width)))
    return found


def _segments(shares: Sequence[float], shades: Sequence[str], at: float, width: float) -> Iterable[StackSegment]:
    for share, shade in zip(shares, shades, strict=True):
        x, wide = in_percent(at / width), in_percent(share / width)
        if share:
            yield StackSegment(x, wide, shade, str(percent_of(share)) if wide >= FITS else "", round(x + wide / 2, 2))
        at += share


# --- numbers ------------------------------------------------------------------------------------------------


def times_of(measure: Measure) -> float:
    return 1.0 if measure.kind == "mean" else 100.0


def places_for(measure: Measure, estimates: Sequence[Estimate]) -> int:
    """As many decimals as the intervals justify: half of a usual one is at least one unit of the last."""
    reaches = [
        (found.high - found.low) / 2 * times_of(measure)
        for found in estimates
        if found.low is not None and found.high is not None and found.high > found.low
    ]
    least = 0 if measure.kind != "mean" or (measure.width or 0) >= 100 else 1
    if not reaches:
        return least
    return min(max(math.ceil(-math.log10(median(reaches))), least), FINEST)


def plain(value: float) -> str:
    """Without decimals that are zero."""
    places = next((places for places in range(FINEST) if round(value, places) == round(value, 9)), FINEST)
    return fixed(value, ENGLISH, places).replace("-", MINUS)


def signed(value: float, places: int) -> str:
    found = fixed(abs(value), ENGLISH, places)
    if not float(found.replace(",", "")):
        return found
    return f"{MINUS if value < 0 else '+'}{found}"


def signed_range(estimate: Estimate, times: float, places: int) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f"[{signed(estimate.low * times, places)} to {signed(estimate.high * times, places)}]"


def level(measure: Measure, value: float, places: int) -> str:
    if measure.kind == "share":
        return f"{fixed(float(percent_of(value, places)), ENGLISH, places)}%"  # a half rounds as everywhere: 57.5 to 58
    if measure.kind == "net":
        return signed(100 * value, places)
    return fixed(value, ENGLISH, places).replace("-", MINUS)


def level_range(measure: Measure, estimate: Estimate, places: int) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    times = times_of(measure)
    low, high = (fixed(end * times, ENGLISH, places).replace("-", MINUS) for end in (estimate.low, estimate.high))
    return f"[{low} to {high}]" if MINUS in low + high else f"[{low}–{high}]"


def p_in_words(p: float) -> str:
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def quoted(labels: Sequence[str]) -> str:
    words = [f"“{isolated(label)}”" for label in labels]
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def shortened(text: str, longest: int = LONGEST) -> str:
    """At a word, with an ellipsis."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut[longest // 2 :] else cut} …"
