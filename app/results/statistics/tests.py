"""Tests of independence and of equal means, and which of them a table or some groups allow.

All are two-sided. Tables are counts of respondents, each in one cell: rows of columns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from app.results.statistics.differences import mean_difference, standard_error
from app.results.statistics.intervals import ENOUGH, Estimate
from app.results.statistics.values import Summary

Table = np.ndarray | Sequence[Sequence[int]]

THIN = 5  # an expected count below it makes a cell thin
FEW_THIN = 0.2  # of the cells of a table may be thin
SAME = 1 + 1e-7  # tables whose probabilities differ by less are equally probable


class Test(NamedTuple):
    statistic: float | None  # None for an exact test, which has none
    df: float | None
    p: float
    method: str  # in words
    df_within: float | None = None  # of an F: the degrees of freedom of its denominator


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The test that the counts allow, or None; and why this one, or why none, in a sentence."""

    test: Test | None
    reason: str


# --- tables -------------------------------------------------------------------------------------------------


def expected(table: Table) -> np.ndarray:
    """The counts that independence of rows and columns would give, with the same totals."""
    counts = np.asarray(table, dtype=float)
    return np.outer(counts.sum(axis=1), counts.sum(axis=0)) / (counts.sum() or math.nan)


def chi_square(table: Table) -> Test:
    """Pearson's chi-square without Yates's correction. Rows and columns without respondents are left out.

    K. Pearson (1900), "On the criterion that a given system of deviations ...", Philosophical Magazine 50,
    157-175. The table needs at least two rows and two columns with respondents.
    """
    from scipy.special import chdtrc

    counts = _occupied(table)
    should = expected(counts)
    statistic = float(((counts - should) ** 2 / should).sum())
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return Test(statistic, df, float(chdtrc(df, statistic)), "Pearson’s chi-square")


def fisher_exact(table: Table) -> Test:
    """Fisher's exact test of a 2 × 2 table: the probability of all tables, with the same totals, that are no more
    probable than this one.

    R. A. Fisher (1935), "The logic of inductive inference", Journal of the Royal Statistical Society 98, 39-82;
    two sides by probability, as in R's `fisher.test`.
    """
    from scipy.special import gammaln

    (a, b), (c, d) = np.asarray(table, dtype=int).tolist()
    row, column, n = a + b, a + c, a + b + c + d
    first = np.arange(max(0, row + column - n), min(row, column) + 1)
    log = -sum(gammaln(each + 1.0) for each in (first, row - first, column - first, n - row - column + first))
    probabilities = np.exp(log - log.max())
    here = probabilities[a - first[0]]
    p = probabilities[probabilities <= here * SAME].sum() / probabilities.sum()
    return Test(None, None, min(float(p), 1.0), "Fisher’s exact test")


def cramers_v(table: Table) -> float | None:
    """From 0 (independent) to 1; None where a variable has only one category with respondents.

    H. Cramér (1946), "Mathematical Methods of Statistics", chapter 21; without correction for bias.
    """
    counts = _occupied(table)
    least = min(counts.shape) - 1
    return math.sqrt((chi_square(counts).statistic or 0.0) / (counts.sum() * least)) if least > 0 else None


def adjusted_residuals(table: Table) -> np.ndarray:
    """How far each count is from the expected one, in its standard errors; NaN where there is no standard error.

    S. J. Haberman (1973), "The analysis of residuals in cross-classified tables", Biometrics 29, 205-220. Under
    independence they are approximately standard normal, unless few are expected: see `thin_cells`.
    """
    counts = np.asarray(table, dtype=float)
    should, n = expected(counts), counts.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.outer(1 - counts.sum(axis=1) / n, 1 - counts.sum(axis=0) / n)
        residuals = (counts - should) / np.sqrt(should * left)
    return np.where(np.isfinite(residuals), residuals, math.nan)


def thin_cells(table: Table) -> np.ndarray:
    """The cells where fewer than 5 are expected: a mask."""
    return ~(expected(table) >= THIN)


def independence(table: Table) -> Conclusion:
    """The test of independence that the counts allow.

    Of larger tables after W. G. Cochran (1954), "Some methods for strengthening the common χ² tests", Biometrics
    10, 417-451: chi-square if at most a fifth of the expected counts are below 5 and none is below 1.
    """
    counts = _occupied(table)
    if min(counts.shape) < 2:
        return Conclusion(None, "No test: all respondents are in one category of a variable.")
    should = expected(counts)
    thin = int((should < THIN).sum())
    if counts.shape == (2, 2) and thin:
        return Conclusion(fisher_exact(counts), f"Fisher’s exact test, because fewer than {THIN} are expected in a cell.")
    if thin > FEW_THIN * should.size or should.min() < 1:
        return Conclusion(
            None, f"No test: fewer than {THIN} are expected in {thin} of {should.size} cells, the least being {should.min():.1f}."
        )
    return Conclusion(chi_square(counts), "Pearson’s chi-square without continuity correction.")


def _occupied(table: Table) -> np.ndarray:
    """Without the rows and columns that nobody is in."""
    counts = np.asarray(table, dtype=float)
    return counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]


# --- means --------------------------------------------------------------------------------------------------


def welch(group: Summary, other: Summary) -> Test | None:
    """Welch's t-test of two independent means; None where neither varies, or one has fewer than two values.

    B. L. Welch (1947), "The generalization of 'Student's' problem when several different population variances are
    involved", Biometrika 34, 28-35. Of weighted means t is that of R's `survey::svyttest`, with fewer degrees of freedom:
    these are Satterthwaite's of the two groups, after R. L. Valliant and K. F. Rust (2010), "Degrees of freedom
    approximations and rules-of-thumb", Journal of Official Statistics 26, 585-602, and not those of the whole sample.
    """
    from scipy.special import stdtr

    error = standard_error(group, other)
    if error is None or group.mean is None or other.mean is None:
        return None
    size, df = error
    statistic = (group.mean - other.mean) / size
    return Test(statistic, df, 2 * float(stdtr(df, -abs(statistic))), "Welch’s t-test")


def analysis_of_variance(groups: Sequence[Summary]) -> Test | None:
    """Welch's F of a one-way analysis of variance; None with fewer than two groups, or where one does not vary.

    B. L. Welch (1951), "On the comparison of several mean values: an alternative approach", Biometrika 38, 330-336.
    It is used whether variances seem to differ or not, as M. Delacre, C. Leys, Y. L. Mora and D. Lakens (2019),
    "Taking parametric assumptions seriously", International Review of Social Psychology 32(1), 13, recommend: a
    test of the variances beforehand distorts the error rates of what follows, and with equal variances little
    power is lost. Of weighted means with their linearised standard errors: the numerator is then Wald's test as R's
    `survey::regTermTest` has it.
    """
    from scipy.special import fdtrc

    many = len(groups)
    if many < 2 or any(group.n < 2 or not group.sd for group in groups):
        return None
    n, mean, error = (np.array(each, dtype=float) for each in zip(*((g.n, g.mean, g.error) for g in groups), strict=True))
    weight = 1 / error**2
    share = weight / weight.sum()
    spread = float(((1 - share) ** 2 / (n - 1)).sum()) / (many**2 - 1)
    between = float((weight * (mean - share @ mean) ** 2).sum()) / (many - 1)
    statistic, within = between / (1 + 2 * (many - 2) * spread), 1 / (3 * spread)
    return Test(statistic, many - 1, float(fdtrc(many - 1, within, statistic)), "Welch’s analysis of variance", within)


def equality_of_means(groups: Sequence[Summary]) -> Conclusion:
    """Whether the means of independent groups are the same. Groups with fewer than two values are left out."""
    weighted = any(group.weighted for group in groups)
    least, words, fewer = (ENOUGH, f"an effective n of {ENOUGH}", f"an effective n below {ENOUGH}") if weighted else (
        2, "two values", "fewer than two values",
    )  # fmt: skip
    enough = [group for group in groups if group.effective >= least]
    left = len(groups) - len(enough)
    without = f" Without {left} group{'s' if left > 1 else ''} of {fewer}." if left else ""
    if len(enough) < 2:
        return Conclusion(None, f"No test: fewer than two groups have {words} or more.")
    test = welch(*enough) if len(enough) == 2 else analysis_of_variance(enough)
    if test is None:
        return Conclusion(None, f"No test: in a group all values are the same.{without}")
    method = f"{test.method} on linearised standard errors" if weighted else test.method
    return Conclusion(test, f"{method}, which does not assume equal variances.{without}")


class Pair(NamedTuple):
    """Two groups by their places, with the difference of their means and its p, adjusted for all pairs."""

    first: int
    second: int
    difference: Estimate
    p: float | None


def pairs_of_means(groups: Sequence[Summary]) -> list[Pair]:
    """Every two groups, by Welch's t-test, adjusted by Holm. The intervals are not adjusted."""
    places = list(combinations(range(len(groups)), 2))
    tests = [_welch_of_enough(groups[first], groups[second]) for first, second in places]
    adjusted = holm([test.p if test else None for test in tests])
    return [
        Pair(first, second, mean_difference(groups[first], groups[second]), p)
        for (first, second), p in zip(places, adjusted, strict=True)
    ]


def _welch_of_enough(group: Summary, other: Summary) -> Test | None:
    few = (group.weighted or other.weighted) and min(group.effective, other.effective) < ENOUGH
    return None if few else welch(group, other)


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """The p of several tests, adjusted so that at most one family in twenty has a false one below 0.05; None stays None.

    S. Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6,
    65-70.
    """
    adjusted: list[float | None] = [None] * len(ps)
    ordered = sorted((p, place) for place, p in enumerate(ps) if p is not None)
    largest = 0.0
    for rank, (p, place) in enumerate(ordered):
        largest = adjusted[place] = max(largest, min(p * (len(ordered) - rank), 1.0))
    return adjusted
