"""95 % intervals: of shares, of means, and of the difference between two shares of the same base.

They hold for independent responses. Weighted counts have the intervals of `weighted`.
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
    effective: float | None = None  # Kish's effective n of the values, where they are weighted

    @property
    def without_interval(self) -> Estimate:
        return self._replace(low=None, high=None, error=None)

    @property
    def shown_interval(self) -> tuple[float, float] | None:
        """Its interval, if it is of enough respondents to be shown."""
        enough = (self.clusters or self.n) >= ENOUGH
        return (self.low, self.high) if enough and self.low is not None and self.high is not None else None


UNKNOWN = Estimate(None, None, None, 0)


# --- shares -------------------------------------------------------------------------------------------------


def share_interval(count: Count, base: Count) -> Estimate:
    """The share of a base that a count is, with its interval after Wilson; of weighted counts `weighted_share`."""
    if not base.n:
        return UNKNOWN
    if base.design:
        return weighted_share(count, base)
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
    """The share of a base that a count is, with its interval after Clopper and Pearson; of weighted counts there is none."""
    if not base.n:
        return UNKNOWN
    if base.design:
        return weighted_share(count, base)._replace(low=None, high=None, error=None)
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


def weighted_share(count: Count, base: Count) -> Estimate:
    """The share of a base that a weighted count is, with the interval of its logit on the linearised standard error and
    Student's t with n - 1 degrees of freedom, n being the responses of the base; none of an effective n below 10.

    The weights are taken as given: D. A. Binder (1983), "On the variances of asymptotically normal estimators from
    complex surveys", International Statistical Review 51, 279-292, of one stratum without clusters. The interval is
    that of E. L. Korn and B. I. Graubard (1999), "Analysis of Health Surveys", chapter 3.7, as R's
    `survey::svyciprop(method = "logit")`.
    """
    effective = base.effective
    share = 0.0 if not count.n else 1.0 if count.n == base.n else count.w / base.w
    if effective < ENOUGH or base.n < 2:
        return Estimate(share, None, None, base.n, effective=effective)
    if share in (0.0, 1.0):
        return Estimate(share, *none_or_all(share, effective), base.n, effective=effective)
    error = linearised(count.ww * (1 - share) ** 2 + base.without(count).ww * share**2, base)
    logit, reach = math.log(share / (1 - share)), t_quantile(base.n - 1) * error / (share * (1 - share))
    low, high = (1 / (1 + math.exp(-each)) for each in (logit - reach, logit + reach))
    return Estimate(share, low, high, base.n, error=error, effective=effective)


def none_or_all(share: float, effective: float) -> tuple[float, float]:
    """Where nobody or everybody gave the answer, Clopper and Pearson's (1934) interval, on the effective n: the
    linearised standard error is 0 there."""
    end = ((1 - COVERAGE) / 2) ** (1 / effective)
    return (end, 1.0) if share else (0.0, 1 - end)


def linearised(squares: float, base: Count) -> float:
    """The standard error of a weighted mean, of the sum of the squares of weight and deviation: with n / (n - 1) of all
    weighted responses, of which the base may be a part."""
    return math.sqrt(max(squares, 0.0) * base.design / (base.design - 1)) / base.w


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
    if base.design:
        return _weighted_net(plus, minus, base)
    mean = (plus.n - minus.n) / n
    sd = math.sqrt(max(plus.n + minus.n - n * mean**2, 0.0) / (n - 1)) if n > 1 else None
    return mean_interval(mean, sd, n)


def _weighted_net(plus: Count, minus: Count, base: Count) -> Estimate:
    mean = (plus.w - minus.w) / base.w
    neither = base.without(plus).without(minus)
    squares = plus.ww * (1 - mean) ** 2 + minus.ww * (1 + mean) ** 2 + neither.ww * mean**2
    varies = max(plus.n, minus.n, neither.n) < base.n
    return weighted_mean(mean, linearised(squares, base) if varies else None, base)


def weighted_mean(mean: float, error: float | None, base: Count) -> Estimate:
    """A weighted mean with its linearised standard error, and the interval of Student's t with n - 1 degrees of freedom,
    n being the responses of the base; none of an effective n below 10, or of values that are all the same."""
    if not error or base.effective < ENOUGH:
        return Estimate(mean, None, None, base.n, effective=base.effective)
    return with_error(mean, error, base.n - 1, base.n)._replace(effective=base.effective)


@lru_cache(maxsize=4096)
def t_quantile(df: float) -> float:
    """The value below which Student's t with `df` degrees of freedom stays, with either sign, 95 times in 100."""
    from scipy.special import stdtrit  # takes a third of a second to import

    return float(stdtrit(df, (1 + COVERAGE) / 2))


def load_distributions() -> None:
    """Imports what the first interval of a mean needs. Call it in a thread, where the wait delays nobody."""
    t_quantile(1)
