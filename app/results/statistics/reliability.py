"""The reliability of a score, from the covariances of its parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Reliability:
    """`alpha` is None where it cannot be estimated: of one part, of fewer than two cases, without variance."""

    alpha: float | None
    parts: int
    n: int  # complete cases: responses with a value for every part


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
