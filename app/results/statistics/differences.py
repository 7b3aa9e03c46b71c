"""Differences with their 95 % intervals: between independent groups, and within the same persons."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app.results.statistics.cells import Count, total
from app.results.statistics.intervals import ENOUGH, UNKNOWN, Estimate, share_interval, with_error
from app.results.statistics.values import Summary

# --- shares -------------------------------------------------------------------------------------------------


def share_difference(count: Count, base: Count, other_count: Count, other_base: Count) -> Estimate:
    """The share of one group less that of another, of which nobody is in both; `n` is of the two together.

    R. G. Newcombe (1998), "Interval estimation for the difference between independent proportions", Statistics in
    Medicine 17, 873-890, method 10: the hybrid of the two Wilson intervals, without continuity correction. Of weighted
    shares the hybrid of their own intervals, as G. Y. Zou and A. Donner (2008), "Construction of confidence limits about
    effect measures: a general approach", Statistics in Medicine 27, 1693-1702, allow for any: groups that share nobody
    have linearised estimates without covariance.
    """
    if not base.n or not other_base.n:
        return UNKNOWN
    return _hybrid(share_interval(count, base), share_interval(other_count, other_base), 0.0, total((base, other_base)))


@dataclass(frozen=True, slots=True)
class PairedShares:
    """Two yes-or-no answers of the same respondents: how many gave both, one of them only, or neither."""

    both: Count
    first_only: Count
    second_only: Count
    neither: Count

    @property
    def base(self) -> Count:
        return total((self.both, self.first_only, self.second_only, self.neither))

    @property
    def n(self) -> int:
        return self.base.n


def paired_share_difference(shares: PairedShares) -> Estimate:
    """The first share less the second, of the same respondents.

    R. G. Newcombe (1998), "Improved confidence intervals for the difference between binomial proportions based on
    paired data", Statistics in Medicine 17, 2635-2650, method 10: Wilson intervals, their correlation corrected for
    continuity. Of weighted shares their own intervals, with the linearised correlation, corrected as of the effective n.
    """
    base = shares.base
    if not base.n:
        return UNKNOWN
    first, second = total((shares.both, shares.first_only)), total((shares.both, shares.second_only))
    phi = _linearised_correlation(shares) if base.design else _correlation(shares)
    return _hybrid(share_interval(first, base), share_interval(second, base), phi, base)


def _correlation(shares: PairedShares) -> float:
    n = shares.n
    a, b, c, d = (each.n for each in (shares.both, shares.first_only, shares.second_only, shares.neither))
    margins, product = (a + b) * (c + d) * (a + c) * (b + d), a * d - b * c
    corrected = max(product - n / 2, 0.0) if product > 0 else float(product)
    return corrected / math.sqrt(margins) if margins else 0.0


def _linearised_correlation(shares: PairedShares) -> float:
    """Of the estimates of two weighted shares."""
    base = shares.base
    cells = ((shares.both, 1, 1), (shares.first_only, 1, 0), (shares.second_only, 0, 1), (shares.neither, 0, 0))
    first, second = ((shares.both.w + each.w) / base.w for each in (shares.first_only, shares.second_only))
    products = math.fsum(each.ww * (one - first) * (other - second) for each, one, other in cells)
    squares = math.fsum(each.ww * (one - first) ** 2 for each, one, _ in cells)
    others = math.fsum(each.ww * (other - second) ** 2 for each, _, other in cells)
    apart = shares.both.w / base.w - first * second
    if not squares * others:
        return 0.0
    corrected = max(1 - 1 / (2 * base.effective * apart), 0.0) if apart > 0 else 1.0
    return corrected * products / math.sqrt(squares * others)


def _hybrid(share: Estimate, other: Estimate, phi: float, base: Count) -> Estimate:
    """Of two shares with their intervals and their correlation."""
    difference = (share.value or 0.0) - (other.value or 0.0)
    effective = base.effective if base.design else None
    if share.low is None or share.high is None or other.low is None or other.high is None:
        return Estimate(difference, None, None, base.n, effective=effective)
    below, above = (share.value or 0.0) - share.low, share.high - (share.value or 0.0)
    other_below, other_above = (other.value or 0.0) - other.low, other.high - (other.value or 0.0)
    low = math.sqrt(max(below**2 - 2 * phi * below * other_above + other_above**2, 0.0))
    high = math.sqrt(max(above**2 - 2 * phi * above * other_below + other_below**2, 0.0))
    return Estimate(difference, max(difference - low, -1.0), min(difference + high, 1.0), base.n, effective=effective)


# --- means --------------------------------------------------------------------------------------------------


def mean_difference(group: Summary, other: Summary) -> Estimate:
    """The mean of one group less that of another, of which nobody is in both; `n` is of the two together.

    Interval after B. L. Welch (1947), Biometrika 34, 28-35, with the degrees of freedom of F. E. Satterthwaite
    (1946), "An approximate distribution of estimates of variance components", Biometrics Bulletin 2, 110-114. Of weighted
    means with their linearised standard errors, whose covariance is 0; none of an effective n below 10 in either group.
    """
    if group.mean is None or other.mean is None:
        return UNKNOWN
    weighted = group.weighted is not None or other.weighted is not None
    effective = group.effective + other.effective if weighted else None
    few = weighted and min(group.effective, other.effective) < ENOUGH
    found = _with_interval(group.mean - other.mean, None if few else standard_error(group, other), group.n + other.n)
    return found._replace(effective=effective)


def standard_error(group: Summary, other: Summary) -> tuple[float, float] | None:
    """The standard error of the difference of two independent means, and its degrees of freedom."""
    if group.n < 2 or other.n < 2 or group.error is None or other.error is None:
        return None
    first, second = group.error**2, other.error**2
    if not first + second:
        return None
    df = (first + second) ** 2 / (first**2 / (group.n - 1) + second**2 / (other.n - 1))
    return math.sqrt(first + second), df


@dataclass(frozen=True, slots=True)
class JointAnswers:
    """Two answers of the same respondents, of those who gave both."""

    apart: Summary  # of the first less the second
    counts: Mapping[tuple[float, float], Count] = field(default_factory=dict)
    """Of two points of one scale how many gave each two; empty for other numbers."""

    def shares(self, codes: Collection[object]) -> PairedShares:
        """How many gave one of these codes as both answers, as one of them only, or as neither."""
        found: list[list[Count]] = [[], [], [], []]
        for (first, second), count in self.counts.items():
            found[2 * (first not in codes) + (second not in codes)].append(count)
        return PairedShares(*map(total, found))


def paired_mean_difference(apart: Summary) -> Estimate:
    """The mean difference within persons, with its interval after Student (1908), Biometrika 6, 1-25; none where all
    differences are the same."""
    if apart.mean is None:
        return UNKNOWN
    found = apart.interval
    return found if apart.error else found._replace(low=None, high=None, error=None)


def _with_interval(difference: float, error: tuple[float, float] | None, n: int) -> Estimate:
    return Estimate(difference, None, None, n) if error is None else with_error(difference, *error, n)
