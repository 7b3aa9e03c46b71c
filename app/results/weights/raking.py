"""Raking: weights by which the shares of several variables equal given targets.

W. E. Deming and F. F. Stephan (1940), "On a least squares adjustment of a sampled frequency table when the expected
marginal totals are known", Annals of Mathematical Statistics 11, 427-444. A cell is one combination of categories; all
its responses have the same weight. Bounded weights: each round first raises and lowers weights to the bounds, then rakes
again, until bounds and targets both hold, or it is clear that they cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

CLOSE = 1e-12  # an error of a share that rounding leaves
TOLERANCE = 1e-9  # the largest error of a share with which raking has converged
MOST_ROUNDS = 2_000
LEAST = 1e-9  # of a weight that raking makes ever smaller

NO_RESPONDENTS, NO_TARGET, NOT_ONE = "no_respondents", "no_target", "not_one"


class RakingFault(NamedTuple):
    """Why there can be no weights: `kind` is no_respondents, no_target or not_one (shares that do not add up to 1)."""

    kind: str
    variable: int
    category: int | None = None


@dataclass(frozen=True, slots=True)
class Raking:
    """The weight of each cell, in the shape of the counts: 0 for a cell without responses, and on average 1 over all
    responses. With faults there are no weights."""

    weights: np.ndarray
    n: int  # responses with a weight
    faults: tuple[RakingFault, ...] = ()
    converged: bool = False
    iterations: int = 0
    largest_error: float = 0.0  # by how much a share differs from its target, at most
    smallest: float = 1.0
    largest: float = 1.0
    design_effect: float = 1.0
    """By how much weights of this spread enlarge the variance of a mean: n Σw² / (Σw)². L. Kish (1965), "Survey Sampling",
    Wiley, section 11.7."""
    effective_n: float = 0.0  # the unweighted sample that would be as precise: n / design effect


def rake(
    counts: np.ndarray, targets: Sequence[np.ndarray], bounds: tuple[float, float] | None = None
) -> Raking:
    """`counts` are the responses of each cell, with one axis for each variable; `targets` are the shares of its
    categories. With `bounds` no weight is smaller or larger than these, relative to the mean weight."""
    counts = np.asarray(counts, dtype=float)
    n = int(counts.sum())
    faults = tuple(_faults(counts, targets))
    if faults or not n:
        return Raking(np.zeros(counts.shape), n, faults)
    weights, rounds, converged = _raked(counts, targets, bounds)
    weights = np.where(counts > 0, _with_mean_one(counts, weights, bounds), 0.0)
    error = _largest_error(counts * weights / n, targets)
    used, effect = weights[counts > 0], float((counts * weights**2).sum()) / n
    return Raking(weights, n, (), converged, rounds, error, float(used.min()), float(used.max()), effect, n / effect)


def _faults(counts: np.ndarray, targets: Sequence[np.ndarray]) -> Iterator[RakingFault]:
    for axis, wanted in enumerate(targets):
        if abs(float(np.sum(wanted)) - 1) > TOLERANCE:
            yield RakingFault(NOT_ONE, axis)
        for category, (n, share) in enumerate(zip(_margin(counts, axis), wanted, strict=True)):
            if share > 0 and not n:
                yield RakingFault(NO_RESPONDENTS, axis, category)
            elif n and not share > 0:
                yield RakingFault(NO_TARGET, axis, category)


def _margin(table: np.ndarray, axis: int) -> np.ndarray:
    return table.sum(axis=tuple(other for other in range(table.ndim) if other != axis))


def _largest_error(shares: np.ndarray, targets: Sequence[np.ndarray]) -> float:
    return max(float(np.abs(_margin(shares, axis) - wanted).max()) for axis, wanted in enumerate(targets))


def _raked(
    counts: np.ndarray, targets: Sequence[np.ndarray], bounds: tuple[float, float] | None
) -> tuple[np.ndarray, int, bool]:
    """The weights, the rounds they took, and whether all targets (and bounds) are met."""
    weights, shares, error, rounds = np.ones(counts.shape), counts / counts.sum(), np.inf, 0
    while rounds < MOST_ROUNDS and error > CLOSE:
        rounds += 1
        for axis, wanted in enumerate(targets):
            now = _margin(shares * weights, axis)
            factors = np.divide(wanted, now, out=np.zeros(len(now)), where=now > 0)
            weights = weights * factors.reshape([-1 if other == axis else 1 for other in range(counts.ndim)])
        if bounds is not None:
            weights = np.clip(weights, *bounds)
        before, error = error, _largest_error(shares * weights, targets)
        if abs(before - error) <= TOLERANCE * error:  # empty cells or bounds leave this error
            break
    return weights, rounds, error <= TOLERANCE


def _with_mean_one(counts: np.ndarray, weights: np.ndarray, bounds: tuple[float, float] | None) -> np.ndarray:
    """The weights times one factor, within the bounds: by bisection, since what is at a bound stays there."""
    n = counts.sum()
    if bounds is None:
        return weights * (n / (counts * weights).sum())
    weights = np.maximum(weights, LEAST)
    low, high = 0.0, bounds[1] / weights[counts > 0].min()
    for _ in range(100):
        factor = (low + high) / 2
        low, high = (factor, high) if (counts * np.clip(weights * factor, *bounds)).sum() < n else (low, factor)
    return np.clip(weights * high, *bounds)
