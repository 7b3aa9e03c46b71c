"""Numbers and dates with their counts: mean, standard deviation, median, quartiles, and the value at a rank."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from app.results.statistics.cells import Count, total
from app.results.statistics.intervals import Estimate, linearised, mean_interval, weighted_mean

ROUNDED = 1e-12  # of a sum: what arithmetic may leave

Values = Sequence[tuple[Any, Count]]
"""Each value once, ascending, with its count."""


class WeightedSums(NamedTuple):
    """What the standard error of a weighted mean follows from, also that of several groups together."""

    count: Count
    squares: float  # of the deviations from the mean, each with its weight
    apart: float  # of the deviations, each with the square of its weight
    apart_squares: float  # of the squares of the deviations, each with the square of its weight


class Summary(NamedTuple):
    n: int
    mean: float | None
    median: float | None
    sd: float | None  # of the sample (n - 1)
    quartiles: tuple[float, float] | None = None  # the first and the third
    from_classes: bool = False  # whether median and quartiles are those of classes: their middles stand for the values
    weighted: WeightedSums | None = None

    @property
    def effective(self) -> float:
        """Kish's effective n; without weights n."""
        return self.weighted.count.effective if self.weighted else float(self.n)

    @property
    def error(self) -> float | None:
        """The standard error of the mean; of a weighted mean the linearised one (`weighted_mean`)."""
        if self.sd is None:
            return None
        if self.weighted is None:
            return self.sd / math.sqrt(self.n)
        return linearised(self.weighted.apart_squares, self.weighted.count) if self.sd else 0.0

    @property
    def interval(self) -> Estimate:
        """The mean with its 95 % interval after Student."""
        if self.weighted is not None and self.mean is not None:
            return weighted_mean(self.mean, self.error, self.weighted.count)
        return mean_interval(self.mean, self.sd, self.n)


NOTHING = Summary(0, None, None, None)


def summary(values: Iterable[tuple[float, Count]]) -> Summary:
    """Of values in any order."""
    ordered = sorted((value, count) for value, count in values if count.n)
    n = sum(count.n for _, count in ordered)
    if not n:
        return NOTHING
    weight = math.fsum(count.w for _, count in ordered)
    mean = math.fsum(value * count.w for value, count in ordered) / weight
    squares = math.fsum(count.w * (value - mean) ** 2 for value, count in ordered)
    is_same = ordered[0][0] == ordered[-1][0]  # a weighted mean of equal values can differ from them by rounding
    sd = None if n < 2 else 0.0 if is_same else math.sqrt(squares / weight * n / (n - 1))
    found = Summary(n, mean, median(ordered), sd, (quantile(ordered, 0.25), quantile(ordered, 0.75)))
    if not ordered[0][1].design:
        return found
    apart, apart_squares = (math.fsum(count.ww * (value - mean) ** power for value, count in ordered) for power in (1, 2))
    return found._replace(weighted=WeightedSums(total(count for _, count in ordered), squares, apart, apart_squares))


def summaries_together(summaries: Iterable[Summary]) -> Summary:
    """Of groups that share nobody, as if they were one: mean and standard deviation. As in the analysis of variance, the
    squares of the whole are those within the groups and those between them."""
    known = [(found.n, found.mean, found) for found in summaries if found.mean is not None]
    if any(found.weighted for _, _, found in known):
        return _weighted_together([(mean, found.weighted) for _, mean, found in known if found.weighted])
    n = sum(size for size, _, _ in known)
    if not n:
        return NOTHING
    mean = math.fsum(size * each for size, each, _ in known) / n
    squares = math.fsum((found.sd or 0.0) ** 2 * (size - 1) + size * (each - mean) ** 2 for size, each, found in known)
    return Summary(n, mean, None, math.sqrt(squares / (n - 1)) if n > 1 else None)


def _weighted_together(groups: Sequence[tuple[float, WeightedSums]]) -> Summary:
    whole = total(sums.count for _, sums in groups)
    mean = math.fsum(sums.count.w * each for each, sums in groups) / whole.w
    apart = [(each - mean, sums) for each, sums in groups]
    found = WeightedSums(
        whole,
        math.fsum(sums.squares + sums.count.w * far**2 for far, sums in apart),
        math.fsum(sums.apart + sums.count.ww * far for far, sums in apart),
        math.fsum(sums.apart_squares + 2 * far * sums.apart + sums.count.ww * far**2 for far, sums in apart),
    )
    squares = found.squares if found.squares > whole.w * (ROUNDED * mean) ** 2 else 0.0
    sd = math.sqrt(squares / whole.w * whole.n / (whole.n - 1)) if whole.n > 1 else None
    return Summary(whole.n, mean, None, sd, weighted=found)


def summary_of_sums(cells: Iterable[tuple[float, int, float, float]], design: int = 0, shift: float = 0.0) -> Summary:
    """Mean and standard deviation from sums: for each weight the number of values, and the sums of what they exceed the
    shift by and of its square. Without a `design` the weights are 1."""
    groups = []
    for weight, n, first, second in cells:
        if n:
            mean = first / n
            squares = second - first * mean
            squares = squares if squares > ROUNDED * second else 0.0
            count = Count(n, weight * n, weight**2 * n, design)
            groups.append((shift + mean, WeightedSums(count, weight * squares, 0.0, weight**2 * squares)))
    found = _weighted_together(groups) if groups else NOTHING
    return found if design else found._replace(weighted=None)


def median(ordered: Values) -> float | None:
    """Between two middle values their mean; None of nothing."""
    n = sum(count.n for _, count in ordered)
    if not n:
        return None
    if ordered[0][1].design:
        return _weighted_quantile(ordered, 0.5)
    return (nth(ordered, (n - 1) // 2) + nth(ordered, n // 2)) / 2


def quantile(ordered: Values, share: float) -> float:
    """The value below which a share of the values lies, between two of them in proportion. At least one is needed.

    R. J. Hyndman and Y. Fan (1996), "Sample quantiles in statistical packages", American Statistician 50, 361-365,
    definition 7, which is R's. Of weighted values `_weighted_quantile`.
    """
    if ordered[0][1].design:
        return _weighted_quantile(ordered, share)
    place = (sum(count.n for _, count in ordered) - 1) * share
    below = math.floor(place + 1e-9)  # a whole place, however its product was rounded
    low = nth(ordered, below)
    left = max(place - below, 0.0)
    return low + left * (nth(ordered, below + 1) - low) if left else low


def _weighted_quantile(ordered: Values, share: float) -> float:
    """The smallest value that, with those below it, has more than this share of the weights; where it is exactly that
    share, the mean of this value and the next.

    The inverse of the weighted distribution, averaged where it is level: definition 2 of Hyndman and Fan (1996), as R's
    `survey::svyquantile(qrule = "school")`. It depends neither on the unit of the weights nor on the order of equal values.
    """
    weight = math.fsum(count.w for _, count in ordered)
    reached, wanted = 0.0, share * weight
    for place, (value, count) in enumerate(ordered):
        reached += count.w
        if place + 1 == len(ordered) or reached > wanted + ROUNDED * weight:
            return value
        if reached >= wanted - ROUNDED * weight:
            return (value + ordered[place + 1][0]) / 2
    raise ValueError("a quantile of nothing")


def value_at(ordered: Values, share: float) -> Any:
    """The smallest value that, with those below it, has at least this share of the weights: also of dates, which have no
    mean. Definition 1 of Hyndman and Fan (1996)."""
    weight = math.fsum(count.w for _, count in ordered)
    reached = 0.0
    for value, count in ordered:
        reached += count.w
        if reached >= share * weight - ROUNDED * weight:
            return value
    return ordered[-1][0]


def nth(values: Values, rank: int) -> Any:
    """The value at a rank, from 0, among ascending values."""
    walked: Iterator[tuple[Any, Count]] = iter(values)
    value, count = next(walked)
    while rank >= count.n:
        rank -= count.n
        value, count = next(walked)
    return value
