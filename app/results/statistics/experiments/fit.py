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
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.results.statistics.experiments.sums import JudgementSums
from app.results.statistics.tests import Test

NOTHING = 1e-10  # of eigenvalues whose largest is near 1, below which one is 0
APART = 1e-6  # the part of a contrast, of length 1, that may lie in what is not identified
ROUNDING = 1e-12  # of a variance beside those that it is calculated from

Weighted = Sequence[tuple[float, JudgementSums]]
"""Sums of respondents who have the same weight, with that weight. Nobody is in two of them."""


@dataclass(frozen=True, eq=False)
class Fit:
    """`values` are one solution, counted from `middle`; `robust` is the covariance of it without the correction for few
    respondents, and `unidentified` spans the contrasts that have no estimate, both in units of `scale`."""

    offsets: list[int]
    sizes: tuple[int, ...]
    middle: int
    values: np.ndarray
    robust: np.ndarray
    unidentified: np.ndarray
    scale: np.ndarray
    rank: int
    judgements: int
    respondents: int
    level_judgements: np.ndarray
    level_respondents: np.ndarray

    @property
    def correction(self) -> float | None:
        return correction(self.respondents, self.judgements, self.rank)

    @property
    def df(self) -> int:
        return self.respondents - 1

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


def fit(parts: Weighted) -> Fit | None:
    """Least squares of all judgements; None where there are none."""
    sums = parts[0][1] if parts else None
    people = sum(float(each.people.sum()) for _, part in parts for each in part.designs())
    if sums is None or not people:
        return None
    products, moments, judged, by = _normal_equations(parts, sums.levels)
    scale = np.where(np.diag(products) > 0, 1 / np.sqrt(np.where(np.diag(products) > 0, np.diag(products), 1.0)), 0.0)
    eigenvalues, vectors = np.linalg.eigh(products * np.outer(scale, scale))
    is_known = eigenvalues > NOTHING
    known = vectors[:, is_known]
    inverse = scale[:, None] * (known / eigenvalues[is_known]) @ known.T * scale
    values = inverse @ moments
    robust = inverse @ _scores(parts, values) @ inverse
    first = slice(sums.offsets[0], sums.offsets[0] + sums.sizes[0])
    return Fit(
        sums.offsets, sums.sizes, sums.middle, values, robust, vectors[:, ~is_known], scale, int(is_known.sum()),
        int(judged[first].sum()), int(people), judged, by,
    )  # fmt: skip


def _normal_equations(parts: Weighted, levels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """X'X and X'y, weighted; and how many judgements and respondents there are at each level."""
    products, moments = np.zeros((levels, levels)), np.zeros(levels)
    judged, by = np.zeros(levels, dtype=np.int64), np.zeros(levels, dtype=np.int64)
    for weight, part in parts:
        for each in part.designs():
            products += weight * each.products()
            moments += weight * each.sums.sum(axis=0)
            judged += np.rint(each.people @ each.counts).astype(np.int64)
            by += np.rint(each.people @ (each.counts > 0)).astype(np.int64)
    return products, moments, judged, by


def _scores(parts: Weighted, values: np.ndarray) -> np.ndarray:
    """The sum over respondents of the squares of X'(y - Xb), times the squares of their weights."""
    whole = sum((weight**2 * part.squares for weight, part in parts), np.zeros((len(values), len(values))))
    found = whole.copy()
    for weight, part in parts:
        for each in part.designs():
            fitted = each.fitted(values)
            cross = each.sums.T @ fitted
            found += weight**2 * ((fitted * each.people[:, None]).T @ fitted - cross - cross.T)
    rounding = ROUNDING * float(np.diag(whole).max(initial=0.0))
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


def level_means(parts: Weighted) -> list[tuple[float, float | None, int, int]]:
    """For each level the mean of its judgements, its standard error, and how many judgements and respondents there are.

    The mean is that of a ratio, sum(s) / sum(m) over respondents with m judgements at the level whose sum is s, and its
    variance G/(G-1) sum((s - mean m)²) / sum(m)²: the same robust variance, for a regression on that level alone. These are
    the marginal means of T. J. Leeper, S. B. Hobolt and J. Tilley (2020), "Measuring subgroup preferences in conjoint
    experiments", Political Analysis 28, 207-221.
    """
    levels, middle = parts[0][1].levels, parts[0][1].middle
    products, moments, judged, by = _normal_equations(parts, levels)
    weight = np.diag(products)
    means = np.divide(moments, weight, out=np.zeros(levels), where=weight > 0)
    squares = np.zeros(levels)
    for own, part in parts:
        squares += own**2 * np.diag(part.squares)
        for each in part.designs():
            squares += own**2 * (each.people @ (each.counts * means) ** 2 - 2 * (each.sums * each.counts * means).sum(axis=0))
    found = []
    for at in range(levels):
        error = None
        if by[at] > 1:
            error = math.sqrt(by[at] / (by[at] - 1) * max(float(squares[at]), 0.0)) / float(weight[at])
        found.append((float(means[at]) + middle, error, int(judged[at]), int(by[at])))
    return found
