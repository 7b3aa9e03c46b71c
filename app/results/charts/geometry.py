"""A drawing as plain numbers: the template draws it and computes nothing.

Across, everything is in percent of the width, so that a chart fits any screen and its text keeps its size; down, in
pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from app.results.charts.captions import Caption, Message
from app.survey.labels.labelling import AskedOf

COLUMN_HEIGHT, ABOVE_COLUMNS = 100, 20  # pixels; above them stand their shares
WORDS_FIT = 8.0  # percent of the width: a segment from here on can hold its number
#: The seven shades of a scale with two poles, from one end to the other; fewer codes leave some out.
SHADES = {
    1: ("mid",),
    2: ("a2", "z2"),
    3: ("a2", "mid", "z2"),
    4: ("a3", "a2", "z2", "z3"),
    5: ("a3", "a2", "mid", "z2", "z3"),
    6: ("a3", "a2", "a1", "z1", "z2", "z3"),
    7: ("a3", "a2", "a1", "mid", "z1", "z2", "z3"),
}
#: The shades of an amount, much first: of so many points.
AMOUNTS = {
    1: ("r1",),
    2: ("r1", "r4"),
    3: ("r1", "r3", "r5"),
    4: ("r1", "r2", "r4", "r5"),
    5: ("r1", "r2", "r3", "r4", "r5"),
    6: ("r1", "r2", "r2b", "r3", "r4", "r5"),
    7: ("r1", "r1b", "r2", "r2b", "r3", "r4", "r5"),
}
#: The shades of places in a ranking, the first and the darkest first; those after the last share it.
RANKS = AMOUNTS[5]
#: The ends of axes of shares, each with the steps between its labels.
SHARE_AXES = ((0.05, 1), (0.1, 2), (0.2, 2), (0.4, 2), (0.6, 2), (0.8, 2), (1.0, 2))


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
    whisker: tuple[float, float] | None = None  # of a column: the interval's upper and lower end, in pixels
    own: bool = False  # of one's own answer


class Dot(NamedTuple):
    """An estimate on an axis: its position and the ends of its interval, in percent."""

    at: float
    low: float | None = None
    high: float | None = None
    standing: str = ""  # of an effect: clear | possible | open | few | reference
    hint: str = ""  # shown on hover


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
    interval: str = ""  # after the value: [54–62]
    start: str = ""  # before the marks: the share of the first pole, or of the highest points
    note: Caption = ""  # after the label, small: a base of its own
    own: bool = False  # one's own answer
    group_note: str = ""  # after the heading, small
    effects: tuple[Dot | None, ...] = ()  # one for each of the drawing's `samples`
    mean: Dot | None = None  # in a second panel, with its number in words
    mean_words: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Panel:
    """Stacks that share a legend, an axis and its middle."""

    title: str
    rows: tuple[ChartRow, ...]
    legend: tuple[tuple[str, Caption], ...] = ()  # shade, label
    middle: float | None = None  # the position of the middle, in percent; None for amounts
    start: Caption = ""  # what the shares before the marks are of: the first pole, or the highest points
    end: str = ""  # what those after the marks are of: the second pole


@dataclass(frozen=True, slots=True)
class MiddleHalf:
    """The bar of the middle half of numbers, with their median: positions in percent, and words."""

    first: float
    third: float
    median: float
    below: Caption
    above: Caption
    middle: Caption
    mean: float | None = None  # of a score: a dot
    whisker: tuple[float, float] | None = None  # the ends of its interval


@dataclass(frozen=True, slots=True)
class WideCell:
    """A cell of a table that spans several columns."""

    text: str
    columns: int


@dataclass(frozen=True, slots=True)
class MeanAxis:
    """The axis of a second panel, with a line that is named."""

    ticks: tuple[tuple[float, str], ...]
    reference: tuple[float, Caption] | None = None


Line = tuple["str | Message | WideCell", ...]


@dataclass(frozen=True, slots=True)
class TextList:
    """Texts that respondents wrote, with their number in all."""

    name: str  # of the variable; empty for that of several entries
    label: str
    answered: str  # empty for none
    texts: tuple[str, ...]


@dataclass(slots=True)
class Drawing:
    """What a template draws. It is built step by step, by `add`."""

    id: str
    ask: str
    kind: str  # bars | stacks | profile | paired | dots | effects | columns | texts | table
    answered: int
    sentence: Message | None = None  # what the figures say
    counted: Message | None = None  # how many answered, and of how many
    asked_of: AskedOf | None = None  # where it was not asked of everyone
    several: bool = False  # more than one option could be chosen
    statements: int = 0  # over which `missing` counts, where there are several
    rows: tuple[ChartRow, ...] = ()
    tail: tuple[ChartRow, ...] = ()  # of many bars the shortest, folded away
    panels: tuple[Panel, ...] = ()
    columns: tuple[Mark, ...] = ()
    under: tuple[Caption, ...] = ()  # the labels of the columns, where each has one
    legend: tuple[tuple[str, Caption], ...] = ()
    values: Caption = ""  # what the rows' values are, where they are not shares
    ticks: tuple[tuple[float, str], ...] = ()  # labels of the axis, each with its position in percent
    reference: tuple[float, Caption] | None = None  # a line that rows are read against, with its name
    ends: tuple[str, str] | None = None  # the labels of the first and the last point of a scale
    middle_half: MiddleHalf | None = None
    wide_values: bool = False  # the rows' values have intervals beside them
    measures: tuple[tuple[Message, str], ...] = ()
    notes: tuple[Message, ...] = ()  # the order of the rows, the method
    missing: tuple[tuple[Message, str], ...] = ()  # reason, number
    head: tuple[Caption, ...] = ()
    body: tuple[Line, ...] = ()
    text_lists: tuple[TextList, ...] = ()
    samples: tuple[tuple[str, str], ...] = ()  # from which effects are estimated: a name, and how many judgements
    mean_axis: MeanAxis | None = None  # of means beside effects
    is_wide: bool = False  # needs the width of two
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


def share_axis(greatest: float) -> tuple[float, list[float]]:
    """The end of an axis of shares that holds the greatest, and the shares that are labelled on it."""
    end, steps = next((axis for axis in SHARE_AXES if greatest <= axis[0] + 1e-9), SHARE_AXES[-1])
    return end, [end * step / steps for step in range(steps + 1)]


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
            marks.append(Mark(x, wide, -10, 20, shade, word, round(x + wide / 2, 2), hint))
        at += share
    return tuple(marks)


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """A column before it is drawn: its height is a share of the tallest's, its width one of all widths."""

    height: float
    label: str
    hint: Message | None
    shade: str = "one"
    width: float = 1.0
    interval: tuple[float, float] | None = None  # the heights of its ends
    own: bool = False


def column_marks(columns: Sequence[ChartColumn], gaps: float) -> tuple[Mark, ...]:
    """Columns side by side, whose areas are true where their widths differ; the gap on each side of one is a `gaps`th
    of the mean width."""
    ends = [each.interval[1] for each in columns if each.interval]
    tallest = max((*(each.height for each in columns), *ends), default=0.0) or 1.0
    across = sum(each.width for each in columns) or 1.0
    gap = 100 / max(len(columns), 1) / gaps
    marks, at = [], 0.0
    for each in columns:
        width = 100 * each.width / across
        height = _high(each.height, tallest)
        whisker = tuple(_down(end, tallest) for end in reversed(each.interval)) if each.interval else None
        word = each.label if each.height and width >= WORDS_FIT else ""
        marks.append(
            Mark(
                round(at + gap, 2), round(max(width - 2 * gap, width / 4), 2), _down(each.height, tallest), height, each.shade,
                word, round(at + width / 2, 2), each.hint, whisker, each.own,  # type: ignore[arg-type]
            )
        )  # fmt: skip
        at += width
    return tuple(marks)


def _high(value: float, tallest: float) -> float:
    return round(COLUMN_HEIGHT * value / tallest, 1)


def _down(value: float, tallest: float) -> float:
    return round(ABOVE_COLUMNS + COLUMN_HEIGHT - COLUMN_HEIGHT * value / tallest, 1)


def place_of(value: float | None, codes: Sequence[object]) -> float | None:
    """The position of a value among columns whose codes are consecutive whole numbers."""
    numbers = [code for code in codes if isinstance(code, int)]
    steps = {after - before for before, after in pairwise(numbers)}
    if value is None or not numbers or len(numbers) < len(codes) or steps not in ({1}, {-1}):
        return None
    at = 100 * (abs(value - numbers[0]) + 0.5) / len(numbers)
    return round(min(max(at, 0.0), 100.0), 2)


def along(value: float, axis: Sequence[float]) -> float:
    """The position of a value on an axis from its first number to its last; at its end, where it lies beyond."""
    return in_percent(min(max((value - axis[0]) / (axis[-1] - axis[0]), 0.0), 1.0))


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
