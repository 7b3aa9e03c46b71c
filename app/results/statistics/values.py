"""Numbers and dates with their counts: mean, standard deviation, median, and the value at a rank."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from app.results.statistics.cells import Count
from app.results.statistics.intervals import Estimate, mean_interval

Values = Sequence[tuple[Any, Count]]
"""Each value once, ascending, with its count."""


class Summary(NamedTuple):
    n: int
    mean: float | None
    median: float | None
    sd: float | None  # of the sample (n - 1)

    @property
    def interval(self) -> Estimate:
        """The mean with its 95 % interval after Student."""
        return mean_interval(self.mean, self.sd, self.n)


def summary(values: Iterable[tuple[float, Count]]) -> Summary:
    """Of values in any order."""
    ordered = sorted((value, count) for value, count in values if count.n)
    n = sum(count.n for _, count in ordered)
    if not n:
        return Summary(0, None, None, None)
    weight = math.fsum(count.w for _, count in ordered)
    mean = math.fsum(value * count.w for value, count in ordered) / weight
    squares = math.fsum(count.w * (value - mean) ** 2 for value, count in ordered)
    sd = math.sqrt(squares / weight * n / (n - 1)) if n > 1 else None
    return Summary(n, mean, median(ordered), sd)


def median(ordered: Values) -> float | None:
    """Between two middle values their mean; None of nothing."""
    n = sum(count.n for _, count in ordered)
    if not n:
        return None
    return (nth(ordered, (n - 1) // 2) + nth(ordered, n // 2)) / 2


def nth(values: Values, rank: int) -> Any:
    """The value at a rank, from 0, among ascending values."""
    walked: Iterator[tuple[Any, Count]] = iter(values)
    value, count = next(walked)
    while rank >= count.n:
        rank -= count.n
        value, count = next(walked)
    return value
