"""Classes of numbers and dates: of equal and round width, so that a histogram can be read.

A class's label is made of digits and signs alone, so that it needs no language: "20–39", "2.5–4.9", "≥ 60", and
"20–<30" where there is no smallest step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from app.results.statistics.cells import Count, total
from app.results.statistics.values import Values

#: Dates are counted by the first of these of which there are not too many: letters of ISO 8601, how many together.
STEPS = ((10, 1), (7, 1), (4, 1), (4, 2), (4, 5), (4, 10), (4, 20), (4, 25), (4, 50), (4, 100), (4, 1000))
ALMOST = 0.01  # steps: what arithmetic may leave
FIRST_DECADE, LAST_DECADE = 1900, 2090


@dataclass(frozen=True, slots=True)
class Class:
    label: str
    count: Count
    spans: int  # how many values it takes, in steps of the last decimal
    edges: tuple[float, float] | None = None  # of numbers: where it begins and ends on an axis


# --- numbers ------------------------------------------------------------------------------------------------


def number_classes(
    values: Values, bounds: tuple[float, float], decimals: int | None, most: int
) -> list[Class]:
    """Values with their counts in at most `most` classes, which follow from the bounds alone, so that they stay
    while answers come in. Values outside the bounds (an earlier version may have had wider ones) are in the first or
    last class, left open. With `decimals` None there is no smallest step.
    """
    places = _places(bounds) if decimals is None else decimals
    unit = 10**places
    least, greatest = math.floor(round(bounds[0] * unit, 6)), math.ceil(round(bounds[1] * unit, 6))
    # Without a smallest step the greatest value begins no class of its own: it closes the last.
    width, start, number = _grid(least, max(greatest - (decimals is None), least), most)
    within: list[list[Count]] = [[] for _ in range(number)]
    for value, count in values:
        step = math.floor(round(value * unit, 6))
        within[min(max((step - start) // width, 0), number - 1)].append(count)
    starts = [start + place * width for place in range(number)]
    edges = [(max(low, least), min(low + width - 1, greatest)) for low in starts]
    if decimals is None:
        edges[-1] = (edges[-1][0], greatest)
    elif len(edges) > 1 and edges[-1][0] == greatest and width > 1:
        # The last number alone would be a class of its own: 60 after 40–59. It joins the one before.
        edges[-2:], within[-2:] = [(edges[-2][0], greatest)], [[*within[-2], *within[-1]]]
    labels = _labels(edges, unit, values, decimals is None)
    half = 0.0 if decimals is None else 0.5  # a number with a smallest step stands for what is rounded to it
    starts = [(low - half) / unit for low, _ in edges]
    ends = [*starts[1:], (edges[-1][1] + half) / unit]
    return [
        Class(label, total(counts), high - low + 1, (start, max(end, start + 1 / unit)))
        for label, counts, (low, high), start, end in zip(labels, within, edges, starts, ends, strict=True)
    ]


def _places(bounds: tuple[float, float]) -> int:
    """Decimals in which a hundred steps lie between the bounds."""
    span = max(bounds[1] - bounds[0], 1e-6 * max(map(abs, bounds)), 1e-6)
    return max(0, 2 - math.floor(math.log10(span)))


def _grid(least: int, greatest: int, most: int) -> tuple[int, int, int]:
    """Width, start and number of the classes."""
    width = _round_width(-(-(greatest - least + 1) // most))
    start = least // width * width
    while (greatest - start) // width + 1 > most:
        width = _round_width(width + 1)
        start = least // width * width
    return width, start, (greatest - start) // width + 1


def _round_width(least: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 25, 50, 100, 200, 250 ... that is not below `least`."""
    power = 1
    while True:
        for step in (1, 2, 5) if power == 1 else (1, 2, 2.5, 5):
            if step * power >= least:
                return int(step * power)
        power *= 10


def _labels(edges: list[tuple[int, int]], unit: int, values: Values, continuous: bool) -> list[str]:
    def written(steps: int) -> str:
        return f"{steps / unit:g}" if steps % unit else str(steps // unit)

    labels = []
    for (low, high), after in zip(edges, [*edges[1:], None], strict=True):
        if continuous and after is not None:
            labels.append(f"{written(low)}–<{written(after[0])}")
        else:
            labels.append(written(low) if low == high else f"{written(low)}–{written(high)}")
    known = [value for value, _ in values]
    if known and min(known) * unit < edges[0][0] - ALMOST:
        labels[0] = f"≤ {written(edges[0][1])}"
    if known and max(known) * unit > edges[-1][1] + ALMOST:
        labels[-1] = f"≥ {written(edges[-1][0])}"
    return labels


def start_of(label: str) -> str:
    """The first number of a class; of any other label all of it."""
    return label.removeprefix("≤ ").removeprefix("≥ ").partition("–")[0] if _is_class(label) else label


def end_of(label: str) -> str:
    return label.removeprefix("≤ ").removeprefix("≥ ").rpartition("–")[2] if _is_class(label) else label


def _is_class(label: str) -> bool:
    return all(sign.isdigit() or sign in "-–.<≤≥ " for sign in label)


# --- dates --------------------------------------------------------------------------------------------------


def date_classes(values: Values, most: int = 24) -> list[Class]:
    """ISO dates, ascending, by day, month, year or several years: by the shortest of which there are at most
    `most` from the first date to the last. The labels are ISO 8601, of the first day, month or year."""
    if not values:
        return []
    finest = min(len(value) for value, _ in values)
    for letters, together in STEPS:
        known = letters <= finest
        labels = _dates_between(values[0][0], values[-1][0], letters, together) if known else []
        if labels and len(labels) <= most:
            break
    within: dict[str, list[Count]] = {label: [] for label in labels}
    for value, count in values:
        within[_floored(value, letters, together)].append(count)
    return [Class(_years(label, together), total(counts), together) for label, counts in within.items()]


def _floored(value: str, letters: int, together: int) -> str:
    return value[:letters] if letters > 4 else f"{int(value[:4]) // together * together:04}"


def _years(label: str, together: int) -> str:
    return label if together == 1 else f"{label}–{int(label) + together - 1:04}"


def _dates_between(first: str, last: str, letters: int, together: int) -> list[str]:
    """All classes from the first to the last; none where days are too many."""
    if letters == 4:
        low, high = (int(_floored(each, 4, together)) for each in (first, last))
        return [f"{year:04}" for year in range(low, high + 1, together)]
    months = [int(each[:4]) * 12 + int(each[5:7]) - 1 for each in (first, last)]
    if letters == 7:
        return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(months[0], months[1] + 1)]
    return _days(first, last) if months[1] - months[0] < 2 else []


def _days(first: str, last: str) -> list[str]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(start + timedelta(days=day)).isoformat() for day in range((end - start).days + 1)]


def decade_classes(values: Values) -> list[Class]:
    """By decade, from 1900 to 2099: always the same classes. What lies outside is in the first or the last."""
    within: dict[int, list[Count]] = {decade: [] for decade in range(FIRST_DECADE, LAST_DECADE + 1, 10)}
    for value, count in values:
        within[min(max(int(value[:4]) // 10 * 10, FIRST_DECADE), LAST_DECADE)].append(count)
    return [Class(f"{decade}–{decade + 9}", total(counts), 10) for decade, counts in within.items()]
