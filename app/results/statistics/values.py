"""Numbers and dates with their counts: mean, standard deviation, median, quartiles, and the value at a rank."""

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
    quartiles: tuple[float, float] | None = None  # the first and the third
    from_classes: bool = False  # whether median and quartiles are those of classes: their middles stand for the values

    @property
    def error(self) -> float | None:
        """The standard error of the mean."""
        return None if self.sd is None else self.sd / math.sqrt(self.n)

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
    return Summary(n, mean, median(ordered), sd, (quantile(ordered, 0.25), quantile(ordered, 0.75)))


def median(ordered: Values) -> float | None:
    """Between two middle values their mean; None of nothing."""
    n = sum(count.n for _, count in ordered)
    if not n:
        return None
    return (nth(ordered, (n - 1) // 2) + nth(ordered, n // 2)) / 2


def quantile(ordered: Values, share: float) -> float:
    """The value below which a share of the values lies, between two of them in proportion. At least one is needed.

    R. J. Hyndman and Y. Fan (1996), "Sample quantiles in statistical packages", American Statistician 50, 361-365,
    definition 7, which is R's.
    """
    place = (sum(count.n for _, count in ordered) - 1) * share
    below = math.floor(place + 1e-9)  # a whole place, however its product was rounded
    low = nth(ordered, below)
    left = max(place - below, 0.0)
    return low + left * (nth(ordered, below + 1) - low) if left else low


def nth(values: Values, rank: int) -> Any:
    """The value at a rank, from 0, among ascending values."""
    walked: Iterator[tuple[Any, Count]] = iter(values)
    value, count = next(walked)
    while rank >= count.n:
        rank -= count.n
        value, count = next(walked)
    return value
