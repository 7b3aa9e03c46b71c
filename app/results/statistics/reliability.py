"""The reliability of a score, from the covariances of its parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.results.statistics.factor import one_factor
from app.results.statistics.intervals import COVERAGE, ENOUGH

NOTHING = 1e-12  # of the sums that it is calculated from: a variance below it is rounding error


@dataclass(frozen=True, slots=True)
class PartReliability:
    """One part of a score against the others, among complete cases."""

    label: str
    item_rest: float | None  # its correlation with the sum of the other parts
    if_dropped: float | None  # alpha of the other parts


@dataclass(frozen=True, slots=True)
class Omega:
    """Omega total of a one-factor model; None where the model is not identified, or did not fit properly."""

    value: float | None
    heywood: bool = False  # whether a part's unique variance fell to zero, so that the model describes no data


@dataclass(frozen=True, slots=True)
class Pairwise:
    """Alpha from all the answers to each two parts, of which there are between `least` and `most`."""

    alpha: float | None
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """`alpha` is None where it cannot be estimated: of one part, of fewer than two cases, without variance."""

    alpha: float | None  # listwise: from complete cases
    parts: int
    n: int  # complete cases: responses with a value for every part
    interval: tuple[float, float] | None = None  # of alpha
    pairwise: Pairwise | None = None  # where some answered a part and left out another
    omega: Omega = Omega(None)
    by_part: tuple[PartReliability, ...] = ()

    @property
    def is_shown(self) -> bool:
        """Whether it is of enough complete cases to be shown."""
        return self.alpha is not None and self.n >= ENOUGH


class CrossProducts:
    """Sums from which the covariances of some variables follow, over complete rows and over each two variables.

    Rows can be added and subtracted. Of whole numbers the sums are exact.
    """

    def __init__(self, variables: int):
        self.n = 0  # complete rows
        self.sums = np.zeros(variables)
        self.products = np.zeros((variables, variables))
        self.pair_n = np.zeros((variables, variables))
        self.pair_sums = np.zeros((variables, variables))  # of the first where the second is known
        self.pair_squares = np.zeros((variables, variables))
        self.pair_products = np.zeros((variables, variables))
        self._shift: np.ndarray | None = None

    def add(self, values: np.ndarray, sign: int = 1) -> None:
        """Takes in rows, (cases, variables), with NaN for what is not known; with -1 for `sign` it takes them out."""
        if self._shift is None and len(values):  # near the means, so that no digits are lost to their squares
            self._shift = np.round(_means(values))
        known = ~np.isnan(values)
        centred = np.where(known, values - (0.0 if self._shift is None else self._shift), 0.0)
        whole, mask = centred[known.all(axis=1)], known.astype(float)
        self.n += sign * len(whole)
        self.sums += sign * whole.sum(axis=0)
        self.products += sign * (whole.T @ whole)
        self.pair_n += sign * (mask.T @ mask)
        self.pair_sums += sign * (centred.T @ mask)
        self.pair_squares += sign * ((centred**2).T @ mask)
        self.pair_products += sign * (centred.T @ centred)

    def matrix(self) -> np.ndarray:
        """Covariances of complete rows, with the divisor n - 1. At least two rows are needed."""
        squares = np.diag(self.products)
        centred = self.products - np.outer(self.sums, self.sums) / self.n
        return _without_traces(centred, np.outer(squares, squares)) / (self.n - 1)

    def pairwise(self) -> np.ndarray:
        """Covariances of each two variables over the rows that have both; NaN of fewer than two rows."""
        with np.errstate(divide="ignore", invalid="ignore"):
            centred = self.pair_products - self.pair_sums * self.pair_sums.T / self.pair_n
            centred = _without_traces(centred, self.pair_squares * self.pair_squares.T)
            return np.where(self.pair_n > 1, centred / (self.pair_n - 1), math.nan)


def _without_traces(centred: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """With 0 for what arithmetic leaves where nothing varies."""
    return np.where(np.abs(centred) <= NOTHING * np.sqrt(squares), 0.0, centred)


def _means(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    return np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def reliability(products: CrossProducts, signs: np.ndarray, labels: Sequence[str] = ()) -> Reliability:
    """Of the sum of some parts; `signs` are -1 for parts that are reversed, `labels` name the parts."""
    parts, n, turned = len(signs), products.n, np.outer(signs, signs)
    pairwise = _pairwise(products, turned)
    matrix = products.matrix() * turned if n > 1 else np.full((parts, parts), math.nan)
    alpha = cronbach_alpha(matrix)
    if alpha is None:
        return Reliability(None, parts, n, pairwise=pairwise)
    by_part = tuple(
        PartReliability(label, item_rest(matrix, at), cronbach_alpha(np.delete(np.delete(matrix, at, 0), at, 1)))
        for at, label in enumerate(labels or [""] * parts)
    )
    return Reliability(alpha, parts, n, feldt_interval(alpha, parts, n), pairwise, omega_total(matrix), by_part)


def _pairwise(products: CrossProducts, turned: np.ndarray) -> Pairwise | None:
    between = products.pair_n[~np.eye(len(turned), dtype=bool)]
    if not len(between) or products.pair_n.max() == products.n:
        return None
    return Pairwise(cronbach_alpha(products.pairwise() * turned), int(between.min()), int(between.max()))


def cronbach_alpha(matrix: np.ndarray) -> float | None:
    """Coefficient alpha, from the covariances of the parts, reversed parts being turned round.

    L. J. Cronbach (1951), "Coefficient alpha and the internal structure of tests", Psychometrika 16, 297-334,
    formula 2: k/(k-1) * (1 - sum of the parts' variances / variance of their sum).
    """
    parts = len(matrix)
    if parts < 2 or np.isnan(matrix).any():
        return None
    single, whole = float(np.trace(matrix)), float(matrix.sum())
    if whole <= NOTHING * max(float(np.abs(matrix).sum()), 1e-300):
        return None
    return parts / (parts - 1) * (1 - single / whole)


def feldt_interval(alpha: float, parts: int, n: int) -> tuple[float, float]:
    """The 95 % interval of alpha: (1 - estimate) / (1 - alpha) has the F distribution with n - 1 and
    (n - 1)(k - 1) degrees of freedom.

    L. S. Feldt (1965), "The approximate sampling distribution of Kuder-Richardson reliability coefficient twenty",
    Psychometrika 30, 357-370; L. S. Feldt, D. J. Woodruff and F. A. Salih (1987), "Statistical inference for
    coefficient alpha", Applied Psychological Measurement 11, 93-103. It assumes normally distributed parts that are
    essentially tau-equivalent: their true scores differ by constants only.
    """
    from scipy.special import fdtri

    df, tail = (n - 1, (n - 1) * (parts - 1)), (1 - COVERAGE) / 2
    low, high = (1 - (1 - alpha) * float(fdtri(*df, share)) for share in (1 - tail, tail))
    return low, high


def item_rest(matrix: np.ndarray, at: int) -> float | None:
    """The correlation of one part with the sum of the others (corrected item-total correlation).

    S. Henrysson (1963), "Correction of item-total correlations in item analysis", Psychometrika 28, 211-218.
    """
    own, row, whole = float(matrix[at, at]), float(matrix[at].sum()), float(matrix.sum())
    rest = whole - 2 * row + own
    least = NOTHING * float(np.abs(matrix).sum())
    return (row - own) / math.sqrt(own * rest) if min(own, rest) > least else None


def omega_total(matrix: np.ndarray) -> Omega:
    """The share of the variance of the sum that one common factor explains, in a model fitted by maximum likelihood.

    R. P. McDonald (1999), "Test Theory: A Unified Treatment", chapter 6: (sum of loadings)² / ((sum of loadings)² +
    sum of unique variances), with loadings in the units of the parts. It needs three parts or more, each of which
    varies.
    """
    sds = np.sqrt(np.diag(matrix))
    if len(matrix) < 3 or not sds.min() > 0:
        return Omega(None)
    model = one_factor(matrix / np.outer(sds, sds))
    if model is None:
        return Omega(None)
    if model.heywood:
        return Omega(None, heywood=True)
    common = float(model.loadings @ sds) ** 2
    return Omega(common / (common + float(model.unique @ sds**2)))
