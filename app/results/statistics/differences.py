"""Differences with their 95 % intervals: between independent groups, and within the same persons."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app.results.statistics.cells import Count
from app.results.statistics.intervals import UNKNOWN, Estimate, wilson, with_error
from app.results.statistics.values import Summary

NOTHING = 1e-12  # of a sum of squares: a remainder below it is rounding error

# --- shares -------------------------------------------------------------------------------------------------


def share_difference(count: Count, base: Count, other_count: Count, other_base: Count) -> Estimate:
    """The share of one group less that of another, of which nobody is in both; `n` is of the two together.

    R. G. Newcombe (1998), "Interval estimation for the difference between independent proportions", Statistics in
    Medicine 17, 873-890, method 10: the hybrid of the two Wilson intervals, without continuity correction.
    """
    if not base.n or not other_base.n:
        return UNKNOWN
    share, other = count.w / base.w, other_count.w / other_base.w
    return _hybrid(share, other, _reaches(count.n, base.n), _reaches(other_count.n, other_base.n), 0.0, base.n + other_base.n)


@dataclass(frozen=True, slots=True)
class PairedShares:
    """Two yes-or-no answers of the same respondents: how many gave both, one of them only, or neither."""

    both: int
    first_only: int
    second_only: int
    neither: int

    @property
    def n(self) -> int:
        return self.both + self.first_only + self.second_only + self.neither


def paired_share_difference(shares: PairedShares) -> Estimate:
    """The first share less the second, of the same respondents.

    R. G. Newcombe (1998), "Improved confidence intervals for the difference between binomial proportions based on
    paired data", Statistics in Medicine 17, 2635-2650, method 10: Wilson intervals, their correlation corrected for
    continuity.
    """
    n, a, b, c, d = shares.n, shares.both, shares.first_only, shares.second_only, shares.neither
    if not n:
        return UNKNOWN
    margins, product = (a + b) * (c + d) * (a + c) * (b + d), a * d - b * c
    corrected = max(product - n / 2, 0.0) if product > 0 else float(product)
    phi = corrected / math.sqrt(margins) if margins else 0.0
    return _hybrid((a + b) / n, (a + c) / n, _reaches(a + b, n), _reaches(a + c, n), phi, n)


Reaches = tuple[float, float]
"""How far an interval goes below and above its estimate."""


def _reaches(count: int, n: int) -> Reaches:
    low, high = wilson(count, n)
    return count / n - low, high - count / n


def _hybrid(share: float, other: float, reaches: Reaches, others: Reaches, phi: float, n: int) -> Estimate:
    (below, above), (other_below, other_above) = reaches, others
    low = math.sqrt(max(below**2 - 2 * phi * below * other_above + other_above**2, 0.0))
    high = math.sqrt(max(above**2 - 2 * phi * above * other_below + other_below**2, 0.0))
    return Estimate(share - other, max(share - other - low, -1.0), min(share - other + high, 1.0), n)


# --- means --------------------------------------------------------------------------------------------------


def mean_difference(group: Summary, other: Summary) -> Estimate:
    """The mean of one group less that of another, of which nobody is in both; `n` is of the two together.

    Interval after B. L. Welch (1947), Biometrika 34, 28-35, with the degrees of freedom of F. E. Satterthwaite
    (1946), "An approximate distribution of estimates of variance components", Biometrics Bulletin 2, 110-114.
    """
    if group.mean is None or other.mean is None:
        return UNKNOWN
    return _with_interval(group.mean - other.mean, standard_error(group, other), group.n + other.n)


def standard_error(group: Summary, other: Summary) -> tuple[float, float] | None:
    """The standard error of the difference of two independent means, and its degrees of freedom."""
    if group.n < 2 or other.n < 2 or group.sd is None or other.sd is None:
        return None
    first, second = group.sd**2 / group.n, other.sd**2 / other.n
    if not first + second:
        return None
    df = (first + second) ** 2 / (first**2 / (group.n - 1) + second**2 / (other.n - 1))
    return math.sqrt(first + second), df


@dataclass(frozen=True, slots=True)
class Deviations:
    """The differences of two values within persons: how many persons, their sum, and the sum of their squares."""

    n: int
    sum: float
    squares: float

    @property
    def mean(self) -> float | None:
        return self.sum / self.n if self.n else None

    @property
    def error(self) -> tuple[float, float] | None:
        """The standard error of the mean, and its degrees of freedom."""
        if self.n < 2:
            return None
        centred = self.squares - self.sum**2 / self.n
        if centred <= NOTHING * self.squares:
            return None
        return math.sqrt(centred / (self.n - 1) / self.n), self.n - 1


@dataclass(frozen=True, slots=True)
class JointAnswers:
    """Two answers of the same respondents, of those who gave both."""

    deviations: Deviations  # the first less the second
    counts: Mapping[tuple[float, float], int] = field(default_factory=dict)
    """Of two points of one scale how many gave each two; empty for other numbers."""

    def shares(self, codes: Collection[object]) -> PairedShares:
        """How many gave one of these codes as both answers, as one of them only, or as neither."""
        found = [0, 0, 0, 0]
        for (first, second), n in self.counts.items():
            found[2 * (first not in codes) + (second not in codes)] += n
        return PairedShares(*found)


def paired_mean_difference(differences: Deviations) -> Estimate:
    """The mean difference within persons, with its interval after Student (1908), Biometrika 6, 1-25."""
    if differences.mean is None:
        return UNKNOWN
    return _with_interval(differences.mean, differences.error, differences.n)


def _with_interval(difference: float, error: tuple[float, float] | None, n: int) -> Estimate:
    return Estimate(difference, None, None, n) if error is None else with_error(difference, *error, n)
