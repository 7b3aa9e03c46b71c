"""Estimators: intervals of means, the reliability of a score, means by level of a vignette's attributes.

They take arrays and give numbers; `app.results.findings` brings them the answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

COVERAGE = 0.95
Z = NormalDist().inv_cdf((1 + COVERAGE) / 2)
SUMMED_UP_TO = 100  # degrees of freedom; beyond them the expansion is exact to eight digits and more


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % interval; None where it cannot be known: of nothing, or of a single value."""

    mean: float | None
    low: float | None
    high: float | None
    n: int  # values it depends on
    clusters: int = 0  # respondents who gave them, where one may give several


@dataclass(frozen=True, slots=True)
class Reliability:
    """`alpha` is None where it cannot be estimated: of one part, of fewer than two cases, without variance."""

    alpha: float | None
    parts: int
    n: int  # complete cases: responses with a value for every part


# --- intervals of means -------------------------------------------------------------------------------------


def mean_interval(mean: float | None, sd: float | None, n: int) -> Estimate:
    """The 95 % interval of a mean after Student (1908), "The probable error of a mean", Biometrika 6, 1-25.

    `sd` is the sample's (n - 1). The interval takes the values for independent.
    """
    if mean is None or sd is None or n < 2:
        return Estimate(mean, None, None, n)
    reach = t_quantile(n - 1) * sd / math.sqrt(n)
    return Estimate(mean, mean - reach, mean + reach, n)


def best_worst_score(best: int, worst: int, n: int) -> Estimate:
    """Best minus worst over n respondents, from -1 to 1: the mean of 1, -1 and 0 with its interval after Student.

    A. Finn and J. J. Louviere (1992), "Determining the appropriate response to evidence of public concern: the
    case of food safety", Journal of Public Policy & Marketing 11, 12-25.
    """
    if not n:
        return mean_interval(None, None, 0)
    mean = (best - worst) / n
    sd = math.sqrt(max(best + worst - n * mean**2, 0.0) / (n - 1)) if n > 1 else None
    return mean_interval(mean, sd, n)


@lru_cache(maxsize=4096)
def t_quantile(df: int) -> float:
    """What Student's t with `df` (1, 2 ...) degrees of freedom stays below, with either sign, 95 times in 100.

    Up to 100 degrees by halving the bracket around it of the exact finite sum, formulas 26.7.3 and 26.7.4 of
    Abramowitz and Stegun (1964), "Handbook of Mathematical Functions"; beyond by the expansion 26.7.5.
    """
    if df > SUMMED_UP_TO:
        return _expanded(df)
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, df) < COVERAGE else (low, middle)
    return math.sqrt(df) * math.tan(low)


def _within(angle: float, df: int) -> float:
    """How probable it is that |t| stays below sqrt(df) * tan(angle)."""
    cosine, square = math.cos(angle), math.cos(angle) ** 2
    term = cosine if df % 2 else 1.0
    total = term if df > 1 else 0.0
    for step in range(3 if df % 2 else 2, df - 1, 2):
        term *= square * (step - 1) / step
        total += term
    if df % 2:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total


def _expanded(df: int) -> float:
    return (
        Z
        + (Z**3 + Z) / (4 * df)
        + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * df**2)
        + (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / (384 * df**3)
        + (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / (92160 * df**4)
    )


# --- reliability --------------------------------------------------------------------------------------------


class Covariance:
    """Sums from which the covariances of some variables follow, over rows that have a value for each."""

    def __init__(self, variables: int):
        self.n = 0
        self.sums = np.zeros(variables)
        self.products = np.zeros((variables, variables))
        self._shift: np.ndarray | None = None

    def add(self, values: np.ndarray) -> None:
        """Takes in rows, (cases, variables); those with a NaN are left out."""
        whole = values[~np.isnan(values).any(axis=1)]
        if not len(whole):
            return
        if self._shift is None:  # near the means, so that no digits are lost to their squares
            self._shift = whole.mean(axis=0)
        centred = whole - self._shift
        self.n += len(whole)
        self.sums += centred.sum(axis=0)
        self.products += centred.T @ centred

    def matrix(self) -> np.ndarray:
        """With n - 1 below the line. At least two rows are needed."""
        return (self.products - np.outer(self.sums, self.sums) / self.n) / (self.n - 1)


def cronbach_alpha(covariance: Covariance, signs: np.ndarray) -> Reliability:
    """Coefficient alpha of the sum of some parts; `signs` are -1 for parts that count the other way.

    L. J. Cronbach (1951), "Coefficient alpha and the internal structure of tests", Psychometrika 16,
    297-334, formula 2: k/(k-1) * (1 - sum of the parts' variances / variance of their sum).
    """
    parts = len(signs)
    unknown = Reliability(None, parts, covariance.n)
    if parts < 2 or covariance.n < 2:
        return unknown
    matrix = covariance.matrix() * np.outer(signs, signs)
    single, whole = float(np.trace(matrix)), float(matrix.sum())
    # What arithmetic leaves of a variance of nothing is no variance.
    if whole <= 1e-12 * max(float(np.abs(matrix).sum()), 1e-300):
        return unknown
    return Reliability(parts / (parts - 1) * (1 - single / whole), parts, covariance.n)


# --- means of clustered values ------------------------------------------------------------------------------


class LevelMeans:
    """Means by level, of values of which one respondent gives several, at various levels.

    What is kept are five sums a level over respondents: of their sums s and numbers m of values, of s², sm and
    m². The mean is sum(s)/sum(m). Its variance is that of a ratio, G/(G-1) * sum((s - mean m)²) / sum(m)², G
    being the respondents who met the level: the cluster-robust variance of K.-Y. Liang and S. L. Zeger
    (1986), "Longitudinal data analysis using generalized linear models", Biometrika 73, 13-22, for a regression
    on the levels without a constant, with the correction G/(G-1) and Student's t with G-1 degrees of freedom
    after A. C. Cameron and D. L. Miller (2015), "A practitioner's guide to cluster-robust inference", Journal of
    Human Resources 50, 317-372. With one value a respondent it is the interval of `mean_interval`. These are
    the marginal means of T. J. Leeper, S. B. Hobolt and J. Tilley (2020), "Measuring subgroup preferences in
    conjoint experiments", Political Analysis 28, 207-221.
    """

    def __init__(self, levels: int):
        self.sums = np.zeros((levels, 5))
        self.clusters = np.zeros(levels, dtype=np.int64)
        self._shift: float | None = None

    def add(self, levels: np.ndarray, values: np.ndarray) -> None:
        """Takes in respondents, (respondents, values each): the place of each level, and the value or NaN.

        A level beyond the last is none.
        """
        known = ~np.isnan(values)
        if self._shift is None and known.any():
            self._shift = float(values[known].mean())
        shifted = np.where(known, values - (self._shift or 0.0), 0.0)
        for level in range(len(self.sums)):
            here = known & (levels == level)
            numbers = here.sum(axis=1)
            mine = numbers > 0
            s, m = (shifted * here).sum(axis=1)[mine], numbers[mine].astype(float)
            self.clusters[level] += len(m)
            self.sums[level] += (s.sum(), m.sum(), s @ s, s @ m, m @ m)

    def estimates(self) -> list[Estimate]:
        return [
            self._estimate(*each, int(n)) for each, n in zip(self.sums.tolist(), self.clusters, strict=True)
        ]

    def _estimate(self, s: float, m: float, ss: float, sm: float, mm: float, clusters: int) -> Estimate:
        if not clusters:
            return Estimate(None, None, None, 0, 0)
        shifted, mean = s / m, s / m + (self._shift or 0.0)
        if clusters < 2:
            return Estimate(mean, None, None, int(m), clusters)
        squares = max(ss - 2 * shifted * sm + shifted**2 * mm, 0.0)
        reach = t_quantile(clusters - 1) * math.sqrt(clusters / (clusters - 1) * squares) / m
        return Estimate(mean, mean - reach, mean + reach, int(m), clusters)
