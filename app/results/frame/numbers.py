"""The values of a number: each with its count, or, where they are too many, sums about a shift and classes.

How many values a survey has of a number is decided over all its rows (`Course.scales`), so that each view of it is counted in
the same way.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from app.results.statistics.values import Summary, summary_of_sums

MOST_VALUES = 10_000
CLASSES = 2_000  # in which the values are when they become too many
FURTHEST = 10 * CLASSES  # from the shift: what lies beyond is in the last class
#: A range of numbers below which each is counted by its offset, which is quicker than sorting.
NARROW_RANGE = 1 << 16
ROUNDED = 1e-9  # by which sums can differ that are the same, relative to their parts


class Scale(NamedTuple):
    """Classes of one width. Sums are taken about the shift, where they lose fewest digits."""

    shift: float
    width: float

    def places(self, values: np.ndarray) -> np.ndarray:
        """The number of each value's class; the first above the shift is 0."""
        return np.clip(np.floor((values - self.shift) / self.width), -FURTHEST, FURTHEST - 1)

    def middle(self, place: float) -> float:
        return self.shift + (place + 0.5) * self.width


Scales = tuple[Scale | None, ...]
"""Of each number of a layout the classes of its values; None while they are few enough to be counted one by one."""


def scale_of(values: Collection[float]) -> Scale:
    least, most = min(values), max(values)
    width = (most - least) / CLASSES
    power = 10.0 ** math.floor(math.log10(width))
    width = next(step * power for step in (1, 2, 5, 10) if step * power >= width * (1 - ROUNDED))
    return Scale(round((least + most) / 2 / width) * width, width)


@dataclass(slots=True)
class NumberCounts:
    scale: Scale | None = None
    counts: Counter[float] = field(default_factory=Counter)  # by value, or by the number of a class
    n: int = 0
    sum: float = 0.0  # of what the values exceed the shift by; of squares likewise. Only with a scale
    squares: float = 0.0

    def add(self, found: Mapping[float, int]) -> None:
        """Adds values with their counts, which may be negative."""
        if self.scale is None:
            for value, n in found.items():
                self._step(value, n)
        elif found:
            values, times = np.array([*found.keys()]), np.array([*found.values()])
            apart = values - self.scale.shift
            self.n += int(times.sum())
            self.sum += float(times @ apart)
            self.squares += float(times @ apart**2)
            for place, n in zip(self.scale.places(values).tolist(), times.tolist(), strict=True):
                self._step(place, n)

    def _step(self, key: float, n: int) -> None:
        # A count that falls to 0 is removed, so that tallies are equal however they were counted.
        left = self.counts[key] + n
        if left:
            self.counts[key] = left
        else:
            del self.counts[key]

    def rescale(self, scale: Scale | None) -> None:
        """Puts the values into classes, once they are too many."""
        if scale != self.scale:
            found, self.scale, self.counts = self.counts, scale, Counter()
            self.add(found)

    @property
    def values(self) -> list[tuple[float, int]]:
        """Ascending, with their counts; of classes their middles."""
        middle = self.scale.middle if self.scale else float
        return [(middle(key), n) for key, n in sorted(self.counts.items())]

    @property
    def exact(self) -> Summary | None:
        """Mean and standard deviation, from sums; None where every value is known."""
        return summary_of_sums([(1.0, self.n, self.sum, self.squares)], shift=self.scale.shift) if self.scale else None

    def same_as(self, other: NumberCounts) -> bool:
        largest = max(self.squares, other.squares, 1.0)
        return (
            (self.scale, self.counts, self.n) == (other.scale, other.counts, other.n)
            and math.isclose(self.sum, other.sum, rel_tol=ROUNDED, abs_tol=ROUNDED * largest)
            and math.isclose(self.squares, other.squares, rel_tol=ROUNDED, abs_tol=ROUNDED * largest)
        )


def value_counts(values: np.ndarray) -> dict[float, int]:
    """How often each value occurs. Values are finite."""
    if not len(values):
        return {}
    least, most = values.min(), values.max()
    if float(most) - float(least) < NARROW_RANGE and float(least).is_integer():
        indexes = (values - least).astype(np.intp)
        if values.dtype.kind != "f" or (indexes + least == values).all():
            counts = np.bincount(indexes)
            found = np.flatnonzero(counts)
            return dict(zip((found + float(least)).tolist(), counts[found].tolist(), strict=True))
    found, counts = np.unique(values, return_counts=True)
    return dict(zip(found.astype(float).tolist(), counts.tolist(), strict=True))


class KnownValues:
    """The values that each number has in any row, until they are too many."""

    def __init__(self, count: int):
        self.known: list[set[float]] = [set() for _ in range(count)]
        self.scales: Scales = (None,) * count

    def add(self, index: int, values: Iterable[float]) -> None:
        if self.scales[index] is None:
            known = self.known[index]
            known.update(values)
            if len(known) > MOST_VALUES:
                self.scales = (*self.scales[:index], scale_of(known), *self.scales[index + 1 :])
                self.known[index] = set()
