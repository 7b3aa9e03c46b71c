"""Least squares on the levels of all attributes, with errors that are robust to what respondents have in common.

The errors are those of K.-Y. Liang and S. L. Zeger (1986), "Longitudinal data analysis using generalized linear models",
Biometrika 73, 13-22, with respondents as clusters, multiplied by G/(G-1) (N-1)/(N-K) for G respondents, N judgements and K
independent parameters, and Student's t with G-1 degrees of freedom: A. C. Cameron and D. L. Miller (2015), "A
practitioner's guide to cluster-robust inference", Journal of Human Resources 50, 317-372. R's `vcovCL(type = "HC1",
cadjust = TRUE)` of the package sandwich computes the same. Weights are those of respondents: they multiply X'X and X'y,
and their squares the squares of the scores.

There is a dummy for every level, so X'X has no inverse; the generalised one gives one solution of many. What all solutions
agree on is identified, such as the difference of two levels that were judged under the same other levels, and only that
is reported: S. R. Searle (1971), "Linear models", chapter 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.results.statistics.experiments.sums import JudgementSums, Totals
from app.results.statistics.intervals import ENOUGH
from app.results.statistics.tests import Test

NOTHING = 1e-10  # of eigenvalues whose largest is near 1, below which one is 0
APART = 1e-6  # the part of a contrast, of length 1, that may lie in what is not identified
ROUNDING = 1e-12  # of a variance beside those that it is calculated from

Weights = np.ndarray | None
"""The weight of each stratum, 0 for one that is left out; None where all have the weight 1."""


class Equations(NamedTuple):
    products: np.ndarray  # X'X, weighted
    moments: np.ndarray  # X'y, weighted
    people: int
    judged: np.ndarray  # judgements at each level
    judges: np.ndarray  # respondents who judged each level
    effective: np.ndarray  # Kish's effective number of these; without weights the same


@dataclass(frozen=True, eq=False)
class Fit:
    """`values` are one solution, counted from `middle`; `inverse` is the generalised inverse of X'X, `robust` is the
    covariance of `values` without the correction for few respondents, and `unidentified` spans the contrasts that have no
    estimate, both in units of `scale`."""

    totals: Totals
    equations: Equations
    values: np.ndarray
    inverse: np.ndarray
    robust: np.ndarray
    unidentified: np.ndarray
    scale: np.ndarray
    rank: int
    judgements: int
    respondents: int

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.totals.of.sizes

    @property
    def offsets(self) -> list[int]:
        return self.totals.of.offsets

    @property
    def middle(self) -> int:
        return self.totals.of.middle

    @property
    def level_judgements(self) -> np.ndarray:
        return self.equations.judged

    @property
    def level_respondents(self) -> np.ndarray:
        return self.equations.judges

    @property
    def correction(self) -> float | None:
        return correction(self.respondents, self.judgements, self.rank)

    @property
    def df(self) -> int:
        return self.respondents - 1

    def has_enough(self, *levels: int) -> bool:
        """Whether each of these levels, numbered among all, was judged by enough respondents for an interval; weighted, by an
        effective number of them."""
        return min(float(self.equations.effective[level]) for level in levels) >= ENOUGH - ROUNDING

    def contrast(self, attribute: int, level: int) -> np.ndarray:
        """One level of an attribute less the first, by their numbers."""
        found = np.zeros(len(self.values))
        found[self.offsets[attribute] + level] += 1.0
        found[self.offsets[attribute]] -= 1.0
        return found

    def identifies(self, contrast: np.ndarray) -> bool:
        """Whether every solution gives a sum of levels the same value."""
        scaled = contrast * self.scale
        if (scaled[contrast != 0] == 0).any():  # of a level that nobody judged
            return False
        return not self.unidentified.size or float(np.abs(scaled @ self.unidentified).max()) < APART * float(np.linalg.norm(scaled))

    def value(self, contrast: np.ndarray) -> float:
        """Of an identified sum of levels. `middle` is part of what each judgement is the sum of."""
        of_first = slice(self.offsets[0], self.offsets[0] + self.sizes[0])
        return float(contrast @ self.values) + self.middle * round(float(contrast[of_first].sum()))

    def variance(self, contrast: np.ndarray, correction: float | None) -> float | None:
        """None with too few respondents, or where nothing varies."""
        found = float(contrast @ self.robust @ contrast)
        parts = float(np.abs(contrast) @ np.sqrt(np.maximum(np.diag(self.robust), 0.0))) ** 2
        return None if correction is None or found <= ROUNDING * parts else found * correction


def correction(respondents: int, judgements: int, rank: int) -> float | None:
    """The factor for few respondents and many parameters; None where there are too few of the one or too many of the other."""
    if respondents < 2 or judgements <= rank:
        return None
    return respondents / (respondents - 1) * (judgements - 1) / (judgements - rank)


def fit(sums: JudgementSums, weights: Weights = None) -> Fit | None:
    """Least squares of all judgements; None where there are none."""
    totals = sums.totals(weights)
    equations = _normal_equations(totals)
    if not equations.judged.any():
        return None
    diagonal = np.diag(equations.products)
    scale = np.where(diagonal > 0, 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0)), 0.0)
    eigenvalues, vectors = np.linalg.eigh(equations.products * np.outer(scale, scale))
    is_known = eigenvalues > NOTHING
    known = vectors[:, is_known]
    inverse = scale[:, None] * (known / eigenvalues[is_known]) @ known.T * scale
    values = inverse @ equations.moments
    robust = inverse @ _scores(totals, values) @ inverse
    return Fit(
        totals, equations, values, inverse, robust, vectors[:, ~is_known], scale, int(is_known.sum()),
        int(equations.judged[: sums.sizes[0]].sum()), equations.people,
    )  # fmt: skip


def _normal_equations(totals: Totals) -> Equations:
    levels = totals.of.levels
    products, moments = np.zeros((levels, levels)), np.zeros(levels)
    judged, judges, weight, square, people = *(np.zeros(levels) for _ in range(4)), 0.0
    for each in totals.designs():
        counts = each.counts
        products += each.products()
        moments += each.sums.sum(axis=0)
        judged += each.people @ counts
        there = counts > 0
        judges, weight, square = judges + each.people @ there, weight + each.weight @ there, square + each.square @ there
        people += float(each.people.sum())
    effective = np.divide(weight**2, square, out=np.zeros(levels), where=square > 0)
    return Equations(products, moments, round(people), np.rint(judged).astype(np.int64), np.rint(judges).astype(np.int64), effective)


def _scores(totals: Totals, values: np.ndarray) -> np.ndarray:
    """The sum over respondents of the squares of X'(y - Xb), times the squares of their weights."""
    found = totals.squares.copy()
    for each in totals.designs():
        fitted = each.fitted(values)
        cross = each.square_sums.T @ fitted
        found += (fitted * each.square[:, None]).T @ fitted - cross - cross.T
    rounding = ROUNDING * float(np.diag(totals.squares).max(initial=0.0))
    return np.where(np.abs(found) > rounding, found, 0.0)  # where every judgement is as fitted, rounding is all that is left


# --- tests --------------------------------------------------------------------------------------------------


def wald(values: np.ndarray, covariance: np.ndarray, respondents: int, method: str) -> Test | None:
    """That all of several estimates are 0: Wald's F, with respondents less one as the degrees of freedom of its
    denominator. None where their covariance has no inverse: with fewer respondents than estimates, or none that vary."""
    from scipy.special import fdtrc

    many = len(values)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if not many or respondents - 1 < many or not errors.all():
        return None
    correlation = covariance / np.outer(errors, errors)
    if np.linalg.eigvalsh(correlation)[0] < NOTHING:
        return None
    scaled = values / errors
    statistic = float(scaled @ np.linalg.solve(correlation, scaled)) / many
    within = respondents - 1
    return Test(statistic, many, float(fdtrc(many, within, statistic)), method, within)


def p_of_t(value: float, error: float, df: float) -> float:
    """On both sides, after Student."""
    from scipy.special import stdtr

    return 2 * float(stdtr(df, -abs(value) / error)) if error else math.nan


# --- means at levels ----------------------------------------------------------------------------------------


class LevelMean(NamedTuple):
    mean: float
    error: float | None  # None of too few respondents
    judgements: int
    respondents: int


def level_means(found: Fit) -> list[LevelMean]:
    """The mean of the judgements at each level, with its standard error.

    The mean is that of a ratio, sum(s) / sum(m) over respondents with m judgements at the level whose sum is s, and its
    variance G/(G-1) sum((s - mean m)²) / sum(m)²: the same robust variance, for a regression on that level alone. These are
    the marginal means of T. J. Leeper, S. B. Hobolt and J. Tilley (2020), "Measuring subgroup preferences in conjoint
    experiments", Political Analysis 28, 207-221.
    """
    equations, totals = found.equations, found.totals
    size = np.diag(equations.products)
    means = np.divide(equations.moments, size, out=np.zeros(len(size)), where=size > 0)
    squares = np.diag(totals.squares).copy()
    for each in totals.designs():
        expected = each.counts * means
        squares += each.square @ expected**2 - 2 * (each.square_sums * expected).sum(axis=0)
    judges = equations.judges
    enough = (judges > 1) & ((equations.effective >= ENOUGH) | np.isclose(equations.effective, judges))  # of few weighted ones none
    factor = np.divide(judges, judges - 1, out=np.full(len(size), math.nan), where=enough)
    errors = np.sqrt(factor * np.maximum(squares, 0.0)) / np.where(size > 0, size, math.nan)
    return [
        LevelMean(float(mean) + found.middle, None if math.isnan(error) else float(error), int(n), int(people))
        for mean, error, n, people in zip(means, errors, equations.judged, judges, strict=True)
    ]


def whole_mean(found: Fit) -> float:
    """The mean of all judgements."""
    of_first = slice(0, found.sizes[0])
    equations = found.equations
    return float(equations.moments[of_first].sum() / np.diag(equations.products)[of_first].sum()) + found.middle
