"""Means of values of which one respondent may give several, with intervals and tests that are robust to that."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from app.results.statistics.intervals import ENOUGH, UNKNOWN, Estimate, none_or_all, with_error

ROUNDED = 1e-12  # of a sum: what arithmetic may leave


class ClusteredSums(NamedTuple):
    """Sums over respondents: of the sum s and the number m of the values of each, and of their products. The first two and
    `squares` are with the weights of respondents, the products with the squares of these. Values are less a shift."""

    s: float
    m: float
    ss: float
    sm: float
    mm: float
    squares: float  # of the values

    def about(self, mean: float) -> float:
        """The sum of (s - mean m)²."""
        found = self.ss - 2 * mean * self.sm + mean**2 * self.mm
        return found if found > ROUNDED * (self.ss + mean**2 * self.mm) else 0.0


class ClusteredSample(NamedTuple):
    """The values of some respondents, of which each may give several.

    The mean is sum(s)/sum(m). Its variance is that of a ratio, G/(G-1) * sum((s - mean m)²) / sum(m)², G being the
    respondents who gave values: the cluster-robust variance of K.-Y. Liang and S. L. Zeger (1986), "Longitudinal data
    analysis using generalized linear models", Biometrika 73, 13-22, with the correction G/(G-1) and Student's t with G-1
    degrees of freedom after A. C. Cameron and D. L. Miller (2015), "A practitioner's guide to cluster-robust inference",
    Journal of Human Resources 50, 317-372. With one value a respondent it is the interval of `mean_interval`.

    The weighted mean is sum(w s)/sum(w m), its linearised variance N/(N-1) * sum(w² (s - mean m)²) / sum(w m)², with
    weights as given and N being all weighted respondents (D. A. Binder, 1983, International Statistical Review 51,
    279-292), as R's `survey::svymean` has it of `svydesign(ids = ~respondent)`.
    """

    n: int  # respondents
    values: int
    sums: ClusteredSums
    shift: float
    weight: tuple[float, float]  # the sum of the weights of respondents, and that of their squares
    design: int  # all weighted respondents; 0 without weights
    of_shares: bool  # the values are 0 and 1

    @property
    def effective(self) -> float:
        """Kish's effective number of respondents; without weights their number."""
        return self.weight[0] ** 2 / self.weight[1] if self.design and self.weight[1] else float(self.n)

    @property
    def mean(self) -> float | None:
        return self.shift + self.sums.s / self.sums.m if self.n else None

    @property
    def sd(self) -> float:
        """The standard deviation of the values."""
        mean = self.sums.s / self.sums.m
        return math.sqrt(max(self.sums.squares / self.sums.m - mean**2, 0.0))

    def variance(self, about: float | None = None) -> float:
        """Of the mean, from the deviations from it or from another mean."""
        of, mean = self.design or self.n, self.sums.s / self.sums.m if about is None else about - self.shift
        return of / (of - 1) * self.sums.about(mean) / self.sums.m**2

    @property
    def interval(self) -> Estimate:
        """Of a share of 0 or 1, whose variance is 0, the exact interval of as many independent respondents; none of another
        share that all respondents have alike."""
        if not self.n:
            return UNKNOWN
        known = Estimate(self.mean, None, None, self.values, self.n, effective=self.effective if self.design else None)
        if self.n < 2 or (self.design and self.effective < ENOUGH):
            return known
        variance = self.variance()
        if self.of_shares and not variance:
            share = next((each for each in (0.0, 1.0) if not self.sums.about(each)), None)
            return known if share is None else known._replace(**_exact(share, self.effective))
        found = with_error(self.mean or 0.0, math.sqrt(variance), self.n - 1, self.values)
        low, high = (found.low, found.high) if not self.of_shares else (max(found.low or 0.0, 0.0), min(found.high or 0.0, 1.0))
        return known._replace(low=low, high=high, error=found.error)


def _exact(share: float, effective: float) -> dict[str, float]:
    low, high = none_or_all(share, effective)
    return {"value": share, "low": low, "high": high}


def clusters_together(samples: Iterable[ClusteredSample]) -> ClusteredSample:
    """Samples that share no respondent, as one. They have the same shift."""
    known = list(samples)
    sums = ClusteredSums(*(math.fsum(column) for column in zip(*(each.sums for each in known), strict=True)))
    weight = math.fsum(each.weight[0] for each in known), math.fsum(each.weight[1] for each in known)
    return known[0]._replace(
        n=sum(each.n for each in known), values=sum(each.values for each in known), sums=sums, weight=weight,
        design=max(each.design for each in known),
    )  # fmt: skip


def clustered_difference(sample: ClusteredSample, other: ClusteredSample) -> tuple[Estimate, float | None]:
    """The mean of one sample less that of another with which it shares no respondent, and the p of no difference; no p where
    neither varies, or one has fewer than two respondents.

    Estimates of samples without common clusters have no covariance: the variance is the sum of both. Student's t with the
    degrees of freedom of F. E. Satterthwaite (1946), Biometrics Bulletin 2, 110-114, from those of the clusters of each
    sample, as R. L. Valliant and K. F. Rust (2010), "Degrees of freedom approximations and rules-of-thumb", Journal of
    Official Statistics 26, 585-602, have it. A share of 0 or 1 has the variance about the share of both together, since its
    own would be 0. With one value a respondent, and of means, it is Welch's (1947).
    """
    from scipy.special import stdtr

    n = sample.values + other.values
    known = Estimate((sample.mean or 0.0) - (other.mean or 0.0), None, None, n, sample.n + other.n)
    if sample.design:
        known = known._replace(effective=sample.effective + other.effective)
    if sample.n < 2 or other.n < 2:
        return known, None
    both = clusters_together((sample, other)).mean
    first, second = (each.variance() or (each.variance(both) if each.of_shares else 0.0) for each in (sample, other))
    if not first + second:
        return known, None
    df = (first + second) ** 2 / (first**2 / (sample.n - 1) + second**2 / (other.n - 1))
    found = with_error(known.value or 0.0, math.sqrt(first + second), df, n)
    p = 2 * float(stdtr(df, -abs(found.value or 0.0) / (found.error or 1.0)))
    low, high = found.low or 0.0, found.high or 0.0
    if sample.of_shares:
        low, high = max(low, -1.0), min(high, 1.0)
    return known._replace(low=low, high=high, error=found.error), p


class ClusteredMean:
    """The sums from which a `ClusteredSample` is made, where respondents lie in cells of one weight each."""

    def __init__(self, cells: int = 1, of_shares: bool = False):
        self.sums = np.zeros((cells, 6))
        self.clusters = np.zeros(cells, dtype=np.int64)
        self.of_shares = of_shares
        self._shift: float | None = 0.0 if of_shares else None

    def add(self, values: np.ndarray, cells: np.ndarray, sign: int = 1) -> None:
        """Takes in respondents, (respondents, values each) with NaN for none, and the cell of each; with -1 takes them out."""
        known = ~np.isnan(values)
        if self._shift is None and known.any():
            self._shift = float(np.round(np.nanmean(values)))  # a whole number: sums of whole numbers stay exact
        m = known.sum(axis=1).astype(float)
        apart = np.where(known, values - (self._shift or 0.0), 0.0)
        s = apart.sum(axis=1)
        for place, each in enumerate((s, m, s * s, s * m, m * m, (apart**2).sum(axis=1))):
            self.sums[:, place] += sign * np.bincount(cells, weights=each, minlength=len(self.sums))
        self.clusters += sign * np.bincount(cells[m > 0], minlength=len(self.sums))

    def sample(self, weights: np.ndarray | None = None, design: int = 0) -> ClusteredSample:
        """`weights` are those of the cells, 0 for those left out; `design` is the number of all weighted respondents, 0 where
        respondents are counted."""
        w = np.ones(len(self.sums)) if weights is None else weights
        used = w > 0
        s, m, squares = (w @ self.sums[:, [0, 1, 5]]).tolist()
        ss, sm, mm = (w**2 @ self.sums[:, 2:5]).tolist()
        return ClusteredSample(
            int(self.clusters[used].sum()), round(float(self.sums[used, 1].sum())), ClusteredSums(s, m, ss, sm, mm, squares),
            self._shift or 0.0, (float(w @ self.clusters), float(w**2 @ self.clusters)), design, self.of_shares,
        )  # fmt: skip

    def estimate(self, weights: np.ndarray | None = None, design: int = 0) -> Estimate:
        return self.sample(weights, design).interval
