"""What figures support: which of several is clearly ahead, and whether a share is a majority.

The first of several is compared with the next at the ordinary 95 %, although it was chosen because it is the first:
whether the winner is ahead of the runner-up may be tested so without correction (K. Hung and W. Fithian, 2019, "Rank
verification for exponential families", Annals of Statistics 47, 758-782). Any other pair that was chosen for its
difference is compared with Bonferroni's correction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

from app.results.charts.chart import Point
from app.results.statistics.cells import Count, total, unweighted
from app.results.statistics.differences import PairedShares, paired_share_difference
from app.results.statistics.intervals import COVERAGE, Estimate, Z, share_interval, wilson

FEW = 10  # answers below which nothing is claimed, and shares are not written in per cent
ALIKE = 0.1  # shares that differ by less than this, with all of the interval, are about equal


class Compared(NamedTuple):
    """A share or a mean beside others: an option, a statement, the level of an attribute."""

    label: str
    value: float
    low: float  # its 95 % interval
    high: float
    n: int
    counts: tuple[int, int] | None = None  # of a share: the least and the most who may lie behind a rounded one
    weighted: tuple[Count, Count] | None = None  # of a weighted share: who it counts, and its base

    @property
    def base(self) -> Count:
        return self.weighted[1] if self.weighted else unweighted(self.n)

    def who(self, most: bool) -> Count:
        """Of a share whom it counts: the least or the most that it may be."""
        if self.weighted:
            return self.weighted[0]
        return unweighted(min(self.counts[most], self.n) if self.counts else 0)


def of_point(point: Point, n: int) -> Compared | None:
    """A point's share. A published share is a whole per cent, which several counts of `n` may lie behind."""
    if point.share is None or not n:
        return None
    if not point.base:
        return published(point.label, point.share, n)
    return counted(point.label, point.who, point.among)


def of_entries(point: Point) -> Compared | None:
    """A share of entries, with its own interval if there is one; else with one that supports no claim."""
    if point.share is None:
        return None
    low, high = (0.0, 1.0) if point.low is None or point.high is None else (point.low, point.high)
    return Compared(point.label, point.share, low, high, point.base, (point.count, point.count))


def counted(label: str, count: Count, base: Count) -> Compared:
    """A share of people; one without an interval supports no claim."""
    found = share_interval(count, base)
    low, high = (0.0, 1.0) if found.low is None or found.high is None else (found.low, found.high)
    weighted = (count, base) if base.design else None
    return Compared(label, found.value or 0.0, low, high, base.n, (count.n, count.n), weighted)


def published(label: str, share: float, n: int) -> Compared:
    """A share that is known as a whole per cent of `n`, with an interval that holds for each count behind it."""
    least = max(math.ceil((share - 0.005) * n - 1e-9), 0)
    most = max(min(math.floor((share + 0.005) * n + 1e-9), n), least)
    return Compared(label, share, wilson(least, n)[0], wilson(most, n)[1], n, (least, most))


def of_mean(label: str, estimate: Estimate) -> Compared | None:
    """A mean; None without an interval."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    return Compared(label, estimate.value, estimate.low, estimate.high, estimate.n)


def together(label: str, points: Sequence[Point], n: int) -> Compared | None:
    """The share of several points of one scale."""
    if not points or not n or any(point.share is None for point in points):
        return None
    share = sum(point.share or 0.0 for point in points)
    if not points[0].base:
        return published(label, min(share, 1.0), n)
    return counted(label, total(point.who for point in points), points[0].among)


# --- comparisons --------------------------------------------------------------------------------------------


def is_ahead(first: Compared, second: Compared, exclusive: bool = False, pairs: int = 1) -> bool:
    """Whether the first is clearly more than the second. `exclusive`: nobody is counted in both, of one base."""
    if exclusive and first.counts and second.counts:
        return (exclusive_difference(first.who(most=False), second.who(most=True), first.base).low or 0.0) > 0
    wider = _wider(max(pairs, 1))
    return first.value - wider * (first.value - first.low) > second.value + wider * (second.high - second.value)


@lru_cache(maxsize=64)
def _wider(pairs: int) -> float:
    """By how much an interval is wider that holds for this number of pairs at once (Bonferroni)."""
    return NormalDist().inv_cdf(1 - (1 - COVERAGE) / (2 * pairs)) / Z if pairs > 1 else 1.0


def exclusive_difference(first: Count, second: Count, base: Count) -> Estimate:
    """Of two shares of one base, of which nobody is in both: a case of shares of the same respondents."""
    rest = base.without(first)
    second = second if second.n <= rest.n else rest  # counts behind rounded shares
    return paired_share_difference(PairedShares(total(()), first, second, rest.without(second)))


def about_equal(first: Compared, second: Compared) -> bool:
    """Whether two shares of one base, exclusive of each other, differ by less than ALIKE whatever the truth is."""
    if not first.counts or not second.counts:
        return False
    low = exclusive_difference(first.who(most=False), second.who(most=True), first.base).low
    high = exclusive_difference(first.who(most=True), second.who(most=False), first.base).high
    return low is not None and high is not None and -ALIKE < low and high < ALIKE


def is_beyond(mean: Compared, reference: float, means: int = 1) -> bool:
    """Whether a mean, chosen among several, is clearly more or less than a reference."""
    wider = _wider(means)
    low, high = mean.value - wider * (mean.value - mean.low), mean.value + wider * (mean.high - mean.value)
    return not low <= reference <= high


def is_majority(share: Compared) -> bool:
    return share.low > 0.5


def leading(ranked: Sequence[Compared], exclusive: bool = False, pairs: int = 1) -> list[Compared]:
    """Of those sorted from most to least, the first and all that it is not clearly ahead of."""
    return [each for place, each in enumerate(ranked) if not place or not is_ahead(ranked[0], each, exclusive, pairs)]


def trailing(ranked: Sequence[Compared], pairs: int = 1) -> list[Compared]:
    """The last and all that are not clearly ahead of it."""
    last = len(ranked) - 1
    return [each for place, each in enumerate(ranked) if place == last or not is_ahead(each, ranked[-1], pairs=pairs)]
