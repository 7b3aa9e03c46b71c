"""95 % intervals: of shares, of means, and of the difference between two shares of the same base.

They hold for independent responses that all have the same weight.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

from app.results.statistics.cells import Count

COVERAGE = 0.95
Z = NormalDist().inv_cdf((1 + COVERAGE) / 2)
#: Below this number of respondents, no interval and no reliability is shown: they would suggest more than so few can.
ENOUGH = 10


class Estimate(NamedTuple):
    """A share, a mean or a score with its 95 % interval; None where there is none: of nothing, or of a single value."""

    value: float | None
    low: float | None
    high: float | None
    n: int  # values it is calculated from
    clusters: int = 0  # respondents who gave them, where one may give several
    error: float | None = None  # the standard error, where the interval is made from one

    @property
    def shown_interval(self) -> tuple[float, float] | None:
        """Its interval, if it is of enough respondents to be shown."""
        enough = (self.clusters or self.n) >= ENOUGH
        return (self.low, self.high) if enough and self.low is not None and self.high is not None else None


UNKNOWN = Estimate(None, None, None, 0)


# --- shares -------------------------------------------------------------------------------------------------


def share_interval(count: Count, base: Count) -> Estimate:
    """The share of a base that a count is, with its interval after Wilson."""
    if not base.n:
        return UNKNOWN
    return Estimate(count.w / base.w, *wilson(count.n, base.n), base.n)


@lru_cache(maxsize=4096)
def wilson(count: int, n: int) -> tuple[float, float]:
    """The Wilson score interval of a share, 95 %, without continuity correction.

    E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22, 209-212; formula as in R. G. Newcombe (1998), "Two-sided
    confidence intervals for the single proportion", Statistics in Medicine 17, 857-872, method 3.
    """
    share, square = count / n, Z * Z
    middle = share + square / (2 * n)
    reach = Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    low, high = (middle - reach) / (1 + square / n), (middle + reach) / (1 + square / n)
    # The ends are exactly 0 and 1 where nobody or everybody chose it; arithmetic leaves a trace there.
    return (0.0 if count == 0 else max(low, 0.0)), (1.0 if count == n else min(high, 1.0))


def exact_share_interval(count: Count, base: Count) -> Estimate:
    """The share of a base that a count is, with its interval after Clopper and Pearson."""
    if not base.n:
        return UNKNOWN
    return Estimate(count.w / base.w, *clopper_pearson(count.n, base.n), base.n)


@lru_cache(maxsize=4096)
def clopper_pearson(count: int, n: int) -> tuple[float, float]:
    """The exact interval of a share: it covers at least 95 times in 100, and mostly more.

    C. J. Clopper and E. S. Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of
    the binomial", Biometrika 26, 404-413.
    """
    from scipy.special import betaincinv

    tail = (1 - COVERAGE) / 2
    low = float(betaincinv(count, n - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, n - count, 1 - tail)) if count < n else 1.0
    return low, high


# --- means --------------------------------------------------------------------------------------------------


def mean_interval(mean: float | None, sd: float | None, n: int) -> Estimate:
    """The 95 % interval of a mean after Student (1908), "The probable error of a mean", Biometrika 6, 1-25.

    `sd` is the sample's (n - 1).
    """
    if mean is None or sd is None or n < 2:
        return Estimate(mean, None, None, n)
    return with_error(mean, sd / math.sqrt(n), n - 1, n)


def with_error(value: float, error: float, df: float, n: int) -> Estimate:
    """An estimate with the interval of Student's t that its standard error gives."""
    reach = t_quantile(df) * error
    return Estimate(value, value - reach, value + reach, n, error=error)


def net_score(plus: Count, minus: Count, base: Count) -> Estimate:
    """One share less another of the same base, from -1 to 1: the mean of 1, -1 and 0 with its standard error, and its
    interval after Student.

    Of best and worst: A. Finn and J. J. Louviere (1992), "Determining the appropriate response to evidence of
    public concern: the case of food safety", Journal of Public Policy & Marketing 11, 12-25.
    """
    n = base.n
    if not n:
        return UNKNOWN
    mean = (plus.n - minus.n) / n
    sd = math.sqrt(max(plus.n + minus.n - n * mean**2, 0.0) / (n - 1)) if n > 1 else None
    return mean_interval(mean, sd, n)


@lru_cache(maxsize=4096)
def t_quantile(df: float) -> float:
    """The value below which Student's t with `df` degrees of freedom stays, with either sign, 95 times in 100."""
    from scipy.special import stdtrit  # takes a third of a second to import

    return float(stdtrit(df, (1 + COVERAGE) / 2))


def load_distributions() -> None:
    """Imports what the first interval of a mean needs. Call it in a thread, where the wait delays nobody."""
    t_quantile(1)
