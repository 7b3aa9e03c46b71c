"""Tables of counts with the sums of their weights: of weighted ones a test of independence, Cramér's V, and residuals.

Weights are taken as given, in one stratum without clusters: the covariance of the shares follows from the sums of squared
weights by cell (D. A. Binder, 1983, International Statistical Review 51, 279-292).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.results.statistics.cells import Count, unweighted
from app.results.statistics.intervals import ENOUGH
from app.results.statistics.tests import FEW_THIN, THIN, Conclusion, Test, cramers_v, expected

METHOD = "Rao and Scott’s F"


@dataclass(frozen=True)
class WeightedTable:
    """Rows of columns: how many are in each cell, and the sums of their weights and of the squares of these."""

    n: np.ndarray
    w: np.ndarray
    ww: np.ndarray
    design: int  # the number of all responses that have a weight; 0 without weights

    def count(self, row: int, column: int) -> Count:
        if not self.design:
            return unweighted(int(self.n[row, column]))
        return Count(int(self.n[row, column]), float(self.w[row, column]), float(self.ww[row, column]), self.design)

    def part(self, rows: int, columns: int) -> WeightedTable:
        """Its first rows and columns."""
        return WeightedTable(*(each[:rows, :columns] for each in (self.n, self.w, self.ww)), self.design)

    @property
    def occupied(self) -> WeightedTable:
        """Without the rows and columns that nobody is in."""
        down, across = self.n.sum(axis=1) > 0, self.n.sum(axis=0) > 0
        return WeightedTable(*(each[down][:, across] for each in (self.n, self.w, self.ww)), self.design)

    @cached_property
    def shares(self) -> np.ndarray:
        return self.w / self.w.sum()

    @property
    def effective(self) -> float:
        return float(self.w.sum() ** 2 / self.ww.sum()) if self.ww.sum() else 0.0

    def covariance(self) -> np.ndarray:
        """Of the shares of all cells, row by row: linearised."""
        share, squares = self.shares.ravel(), self.ww.ravel()
        found = np.diag(squares) - np.outer(squares, share) - np.outer(share, squares) + squares.sum() * np.outer(share, share)
        return found * self.design / (self.design - 1) / self.w.sum() ** 2


def rao_scott(table: WeightedTable) -> Test | None:
    """The second-order correction of Pearson's chi-square of weighted shares, as an F; None where no share varies.

    J. N. K. Rao and A. J. Scott (1984), "On chi-squared tests for multiway contingency tables with cell proportions
    estimated from survey data", Annals of Statistics 12, 46-60; as an F after D. R. Thomas and J. N. K. Rao (1987),
    "Small-sample comparisons of level and power for simple goodness-of-fit statistics under cluster sampling", Journal of
    the American Statistical Association 82, 630-636; as R's `survey::svychisq(statistic = "F")`. The table has at least two
    rows and two columns with respondents.
    """
    from scipy.special import fdtrc

    table = table.occupied
    n, (rows, columns) = float(table.n.sum()), table.n.shape
    contrasts = np.kron(_contrasts(rows), _contrasts(columns))
    inverse = np.divide(1, table.shares.ravel(), out=np.zeros(table.n.size), where=table.shares.ravel() > 0)
    weighted = contrasts * inverse[:, None]
    effects = np.linalg.solve(contrasts.T @ weighted / n, weighted.T @ table.covariance() @ weighted)
    trace = float(np.trace(effects))
    if trace <= 0:
        return None
    df = trace**2 / float(np.trace(effects @ effects))
    statistic, within = _pearson(table) * n / trace, df * (n - 1)
    return Test(statistic, df, float(fdtrc(df, within, statistic)), METHOD, within)


def _contrasts(size: int) -> np.ndarray:
    """Each category against the last."""
    return np.vstack([np.eye(size - 1), -np.ones(size - 1)])


def _pearson(table: WeightedTable) -> float:
    should = expected(table.shares)
    return float(((table.shares - should) ** 2 / should).sum())


def rao_scott_of_shares(count: Count, base: Count, other_count: Count, other_base: Count) -> float | None:
    """The p of `rao_scott` for a share in two groups that share nobody, in closed form: a page has hundreds of them. None
    where fewer than 5 are expected in a cell."""
    from scipy.special import fdtrc

    cells = (count, base.without(count), other_count, other_base.without(other_count))
    rows, columns = (base.n, other_base.n), (count.n + other_count.n, cells[1].n + cells[3].n)
    n, weight = sum(rows), base.w + other_base.w
    if min(rows) * min(columns) < THIN * n:
        return None
    a, b, c, d = shares = [each.w / weight for each in cells]
    inverse = [sign / share if share else 0.0 for sign, share in zip((1, -1, -1, 1), shares, strict=True)]
    far = sum(each * share for each, share in zip(inverse, shares, strict=True))
    squares = sum(each.ww * (one - far) ** 2 for each, one in zip(cells, inverse, strict=True))
    effect = n * squares * base.design / (base.design - 1) / weight**2 / sum(abs(each) for each in inverse)
    statistic = n * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d)) / effect
    return float(fdtrc(1, n - 1, statistic))


def weighted_v(table: WeightedTable) -> float | None:
    """Cramér's V of the weighted shares."""
    return cramers_v(table.shares)


def weighted_residuals(table: WeightedTable) -> np.ndarray:
    """How far each share is from the product of its row's and its column's, in the linearised standard errors of this
    difference; NaN where it has none.

    The difference and its standard error are those of Wald's test of independence, as R's
    `survey::svychisq(statistic = "Wald")`; Haberman's residuals have the standard error that independence would give.
    """
    share, (rows, columns) = table.shares, table.n.shape
    across, down = share.sum(axis=1), share.sum(axis=0)
    found = np.full((rows, columns), math.nan)
    for row in range(rows):
        for column in range(columns):
            product = across[row] * down[column]
            influence = np.full((rows, columns), 2 * product - share[row, column])
            influence[row] -= down[column]
            influence[:, column] -= across[row]
            influence[row, column] += 1
            squares = float((table.ww * influence**2).sum()) * table.design / (table.design - 1)
            if squares > 0:
                found[row, column] = (share[row, column] - product) * table.w.sum() / math.sqrt(squares)
    return found


def weighted_independence(table: WeightedTable) -> Conclusion:
    """The test that the counts allow: whether enough are expected is judged by the unweighted counts, as without weights."""
    table = table.occupied
    if min(table.n.shape, default=0) < 2:
        return Conclusion(None, "No test: all respondents are in one category of a variable.")
    if table.effective < ENOUGH:
        return Conclusion(None, f"No test: the effective n is below {ENOUGH}.")
    should = expected(table.n)
    thin = int((should < THIN).sum())
    if (table.n.size == 4 and thin) or thin > FEW_THIN * should.size or should.min() < 1:
        return Conclusion(None, f"No test: fewer than {THIN} are expected in {thin} of {should.size} cells, the least being {should.min():.1f}.")
    test = rao_scott(table)
    if test is None:
        return Conclusion(None, "No test: the weighted shares do not vary.")
    return Conclusion(test, f"{METHOD}, second order, of the weighted shares.")
