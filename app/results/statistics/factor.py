"""A model of one common factor, fitted by maximum likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

SMALLEST = 0.005  # unique variance, of a standardised variable: R's `factanal` has the same bound
LARGEST = 10.0  # far beyond any optimum: it keeps a long step in bounds
AT_THE_BOUND = 1e-6
STEPS, CLOSE = 100, 1e-10  # most steps, and the gradient at which they end
HALVINGS = 30
TINY = 1e-12  # an eigenvalue that arithmetic may have brought to zero


@dataclass(frozen=True, slots=True)
class OneFactor:
    """Loadings and unique variances of standardised variables."""

    loadings: np.ndarray
    unique: np.ndarray

    @property
    def heywood(self) -> bool:
        """Whether a unique variance is at its lower bound: a Heywood case, after H. B. Heywood (1931), "On finite
        sequences of real numbers", Proceedings of the Royal Society A 134, 486-501."""
        return bool((self.unique <= SMALLEST + AT_THE_BOUND).any())


def one_factor(correlations: np.ndarray) -> OneFactor | None:
    """The model of one factor for at least three variables; None if the correlations are not positive definite, or
    no optimum is found.

    K. G. Jöreskog (1967), "Some contributions to maximum likelihood factor analysis", Psychometrika 32, 443-482:
    the loadings follow from the unique variances, which are found by Newton's method on their logarithms, with the
    second derivatives of M. R. B. Clarke (1970), "A rapidly convergent method for maximum-likelihood factor
    analysis", British Journal of Mathematical and Statistical Psychology 23, 43-52.
    """
    if np.linalg.eigvalsh(correlations)[0] < CLOSE:
        return None
    many = len(correlations)
    start = (1 - 0.5 / many) / np.diag(np.linalg.inv(correlations))
    place = np.log(np.clip(start, 2 * SMALLEST, 1.0))
    here = _Discrepancy(place, correlations)
    for _ in range(STEPS):
        if here.is_least():
            return OneFactor(here.loadings, np.exp(here.place))
        after = here.step()
        if after is None:
            return None
        here = after
    return None


class _Discrepancy:
    """Minus twice the log-likelihood less a constant, at the logarithms of the unique variances.

    With eigenvalues t and eigenvectors v of the correlations in units of the unique deviations, it is the sum of
    t - log t - 1 over all but the largest.
    """

    def __init__(self, place: np.ndarray, correlations: np.ndarray):
        self.place, self.correlations = place, correlations
        deviations = np.exp(place / 2)
        values, vectors = np.linalg.eigh(correlations / np.outer(deviations, deviations))
        self.rest, self.largest = np.maximum(values[:-1], TINY), values[-1]
        self.others, self.first = vectors[:, :-1], vectors[:, -1] * (np.sign(vectors[:, -1].sum()) or 1.0)
        self.value = float((self.rest - np.log(self.rest) - 1).sum())
        self.loadings = deviations * self.first * math.sqrt(max(self.largest - 1, 0.0))
        self.gradient = self.others**2 @ (1 - self.rest)
        #: Variances that are at their bound, and would fall below it, stay there.
        self.free = (place > math.log(SMALLEST)) | (self.gradient < 0)

    def is_least(self) -> bool:
        return not self.free.any() or bool(np.abs(self.gradient[self.free]).max() < CLOSE)

    def step(self) -> _Discrepancy | None:
        """A place where it is less, in the direction of Newton's step; None where there is none."""
        free = np.flatnonzero(self.free)
        move = np.zeros(len(self.place))
        move[free] = -np.linalg.solve(self._curvature()[np.ix_(free, free)], self.gradient[free])
        for halved in range(HALVINGS):
            place = np.clip(self.place + move / 2**halved, math.log(SMALLEST), math.log(LARGEST))
            after = _Discrepancy(place, self.correlations)
            if after.value < self.value or after.is_least():
                return after
        return None

    def _curvature(self) -> np.ndarray:
        """The second derivatives; without their second part, which vanishes as the model fits, if they curve down."""
        between = self.others @ self.others.T
        certain = ((self.others * self.rest) @ self.others.T) * between
        bend = (1 - self.rest) * (self.rest + self.largest) / np.maximum(self.largest - self.rest, CLOSE)
        exact = certain + ((self.others * bend) @ self.others.T) * np.outer(self.first, self.first)
        ridge = CLOSE * np.eye(len(certain))
        return exact if np.linalg.eigvalsh(exact)[0] > CLOSE else certain + ridge
