"""A drawing as plain numbers: the template draws it and computes nothing.

Across, everything is in percent of the width, so that a chart fits any screen and its text keeps its size; down, in
pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.results.charts.captions import Caption, Message, numerals
from app.results.statistics.binning import start_of

COLUMN_HEIGHT = 120
WORDS_FIT = 8.0  # percent of the width: a segment from here on can hold its number
#: The seven shades of a diverging bar, from one end to the other; fewer codes leave some out.
SHADES = {
    1: ("mid",),
    2: ("a2", "z2"),
    3: ("a2", "mid", "z2"),
    4: ("a3", "a1", "z1", "z3"),
    5: ("a3", "a1", "mid", "z1", "z3"),
    6: ("a3", "a2", "a1", "z1", "z2", "z3"),
    7: ("a3", "a2", "a1", "mid", "z1", "z2", "z3"),
}
#: The shades of places in a ranking, the first and the darkest first; those after the last share it.
RANKS = ("r1", "r2", "r3", "r4", "r5")


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle. `x` and `width` in percent, `y` and `height` in pixels."""

    x: float
    width: float
    y: float
    height: float
    shade: str
    label: str = ""  # drawn in or above it
    middle: float = 0  # the position of the label, in percent
    hint: Message | None = None  # shown on hover


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A bar, or a stack of them, with its label and value. `marks` are empty where the figures are hidden."""

    label: Caption
    value: str
    marks: tuple[Mark, ...] = ()
    whisker: tuple[float, float] | None = None  # the interval's ends, in percent
    hidden: bool = False
    dot: float | None = None  # the position of a mean, in percent
    right: str = ""  # the right pole of a pair
    group: str = ""  # a heading above it
    instead: str = ""  # the figures as text, where no bar can show them


@dataclass(frozen=True, slots=True)
class Panel:
    """Stacks that share a legend and a middle."""

    title: str
    rows: tuple[ChartRow, ...]
    legend: tuple[tuple[str, Caption], ...] = ()  # shade, label
    middle: float | None = None  # the position of the middle, in percent


@dataclass(frozen=True, slots=True)
class WideCell:
    """A cell of a table that spans several columns."""

    text: str
    columns: int


Line = tuple["str | Message | WideCell", ...]


@dataclass(frozen=True, slots=True)
class TextList:
    """Texts that respondents wrote, with their number in all."""

    label: str
    answered: str  # empty for none
    texts: tuple[str, ...]


@dataclass(slots=True)
class Drawing:
    """What a template draws. It is built step by step, by `add`."""

    id: str
    ask: str
    kind: str  # bars | stacks | profile | paired | dots | columns | texts | table
    answered: int
    counted: Message | None = None  # the same in words, and of how many
    sentence: Message | None = None  # what its figures say
    base: str | None = None
    several: bool = False  # more than one option could be chosen
    statements: int = 0  # over which `missing` counts, where there are several
    rows: tuple[ChartRow, ...] = ()
    tail: tuple[ChartRow, ...] = ()  # of many bars the shortest, folded away
    panels: tuple[Panel, ...] = ()
    columns: tuple[Mark, ...] = ()
    legend: tuple[tuple[str, Caption], ...] = ()
    values: Message | None = None  # what the rows' values are, where they are not shares
    ticks: tuple[tuple[float, str], ...] = ()  # labels under columns or rows, each with its position in percent
    ends: tuple[str, str] | None = None  # the labels of the first and the last point of a scale
    mean_at: float | None = None  # the position of the mean, in percent
    measures: tuple[tuple[Message, str], ...] = ()
    notes: tuple[Message, ...] = ()  # the order of the rows, the method
    missing: tuple[tuple[Message, str], ...] = ()  # reason, number
    head: tuple[Caption, ...] = ()
    body: tuple[Line, ...] = ()
    text_lists: tuple[TextList, ...] = ()
    further: tuple[Drawing, ...] = ()  # the same figures in another chart, folded away
    summary: str = ""
    hidden: bool = False  # something is hidden
    withheld: str = ""  # all of it is, or all but the first ranks

    def add(self, **values: Any) -> Drawing:
        """Sets these values; returns the drawing."""
        for name, value in values.items():
            setattr(self, name, value)
        return self


# --- positions ----------------------------------------------------------------------------------------------


def in_percent(share: float) -> float:
    """A share as percent of the width."""
    return round(100 * share, 2)


def middle_of(place: int, number: int) -> float:
    """The position of the middle of one of several equal parts."""
    return round((place + 0.5) * 100 / max(number, 1), 2)


def left_share(shares: Sequence[float]) -> float:
    """The share on the left of the middle; half of a middle code's."""
    half = len(shares) // 2
    return sum(shares[:half]) + (shares[half] / 2 if len(shares) % 2 else 0.0)


def stack_reach(stacks: Sequence[Sequence[float]]) -> tuple[float, float]:
    """How far any stack reaches to the left and to the right of the middle of its codes."""
    left = [left_share(each) for each in stacks]
    right = [sum(each) - mine for each, mine in zip(stacks, left, strict=True)]
    return max(left, default=0.0), max(right, default=0.0)


def middle_line(reach: tuple[float, float]) -> float | None:
    return in_percent(reach[0] / sum(reach)) if sum(reach) else None


def stacked_marks(
    shares: Sequence[float], labels: Sequence[str], hints: Sequence[Message], shades: Sequence[str],
    at: float, width: float,
) -> tuple[Mark, ...]:  # fmt: skip
    """Shares side by side, from `at`, on an axis of the length `width`."""
    marks = []
    for share, label, hint, shade in zip(shares, labels, hints, shades, strict=True):
        x, wide = in_percent(at / width), in_percent(share / width)
        if share:
            word = label if wide >= WORDS_FIT else ""
            marks.append(Mark(x, wide, 3, 24, shade, word, round(x + wide / 2, 2), hint))
        at += share
    return tuple(marks)


def column_marks(
    shares: Sequence[float | None], labels: Sequence[str], hints: Sequence[Message | None], gaps: int
) -> tuple[Mark, ...]:
    """Columns as high as their shares; the gap on each side is a `gaps`th of their width."""
    tallest = max((share or 0.0 for share in shares), default=0.0)
    width = 100 / max(len(shares), 1)
    marks = []
    for place, (share, label, hint) in enumerate(zip(shares, labels, hints, strict=True)):
        height = round(COLUMN_HEIGHT * (share or 0.0) / tallest, 1) if tallest else 0.0
        x, wide = round(place * width + width / gaps, 2), round(width - 2 * width / gaps, 2)
        word = label if share and width >= WORDS_FIT else ""
        marks.append(
            Mark(
                x, wide, COLUMN_HEIGHT - height + 18, height, "one", word, middle_of(place, len(shares)), hint
            )
        )
    return tuple(marks)


def edge_ticks(labels: Sequence[str], language: str) -> tuple[tuple[float, str], ...]:
    """The classes' first numbers, under their left edges; every other one where they are many or long."""
    starts = [numerals(start_of(label), language) for label in labels]
    single = not any("–" in label for label in labels)
    step = 1 + (len(labels) * max(map(len, starts), default=1) > 32)
    width = 100 / max(len(labels), 1)
    shift = width / 2 if single else 0.0
    ticks = [(round(place * width + shift, 2), start) for place, start in enumerate(starts)]
    return tuple(ticks[::step])


def place_of(value: float | None, codes: Sequence[object]) -> float | None:
    """The position of a value among columns whose codes are consecutive whole numbers."""
    numbers = [code for code in codes if isinstance(code, int)]
    steps = {after - before for before, after in pairwise(numbers)}
    if value is None or not numbers or len(numbers) < len(codes) or steps not in ({1}, {-1}):
        return None
    at = 100 * (abs(value - numbers[0]) + 0.5) / len(numbers)
    return round(min(max(at, 0.0), 100.0), 2)


def round_axis(low: float, high: float, most: int = 5) -> list[float]:
    """At most `most` round numbers at equal distances, from below the lowest to above the highest."""
    reach = max(high - low, 1e-6)
    power = 10.0**-12
    while True:
        for step in (1, 2, 2.5, 5):
            width = step * power
            first, last = int(low // width), int(-(-high // width))
            if last - first + 1 <= most and width * most >= reach:
                return [round(each * width, 10) for each in range(first, max(last, first + 1) + 1)]
        power *= 10
