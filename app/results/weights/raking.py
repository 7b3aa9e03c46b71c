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
MOST_ROUNDS = 1_000
MOST_BOUNDED_ROUNDS = 200  # each takes longer
FURTHEST = 1e12  # from 1, for weights that raking makes ever smaller or larger

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
    weights, rounds = _raked(counts / n, targets, bounds)
    weights = np.where(counts > 0, weights, 0.0)
    error = _largest_error(counts * weights / n, targets)
    used, effect = weights[counts > 0], float((counts * weights**2).sum()) / n
    return Raking(weights, n, (), error <= TOLERANCE, rounds, error, float(used.min()), float(used.max()), effect, n / effect)


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
    shares: np.ndarray, targets: Sequence[np.ndarray], bounds: tuple[float, float] | None
) -> tuple[np.ndarray, int]:
    """The weights, with a mean of 1, and the rounds they took. `shares` are those of cells, unweighted."""
    raw, error, rounds = np.ones(shares.shape), np.inf, 0
    most = MOST_ROUNDS if bounds is None else MOST_BOUNDED_ROUNDS
    while rounds < most and error > CLOSE:
        rounds += 1
        for axis, wanted in enumerate(targets):
            factors = _factors(shares, raw, axis, wanted, bounds)
            factors = factors.reshape([-1 if other == axis else 1 for other in range(shares.ndim)])
            raw = np.clip(raw * factors, 1 / FURTHEST, FURTHEST)
        before, error = error, _largest_error(shares * _cut(raw, bounds), targets)
        if abs(before - error) <= TOLERANCE * error:  # empty cells or bounds leave this error
            break
    whole = _factors(shares[None], raw[None], 0, np.ones(1), bounds)[0]
    return _cut(raw * whole, bounds), rounds


def _cut(raw: np.ndarray, bounds: tuple[float, float] | None) -> np.ndarray:
    return raw if bounds is None else np.clip(raw, *bounds)


def _factors(
    shares: np.ndarray, raw: np.ndarray, axis: int, wanted: np.ndarray, bounds: tuple[float, float] | None
) -> np.ndarray:
    """By how much the weights of each category of a variable must be multiplied."""
    shares, raw = (np.moveaxis(each, axis, 0).reshape(len(wanted), -1) for each in (shares, raw))
    now = (shares * raw).sum(axis=1)
    found = np.divide(wanted, now, out=np.ones(len(now)), where=now > 0)
    if bounds is not None:
        freely = raw * found[:, None]
        is_cut = (freely < bounds[0]).any(axis=1) | (freely > bounds[1]).any(axis=1)
        if is_cut.any():
            found[is_cut] = _cut_factors(shares[is_cut], raw[is_cut], wanted[is_cut], bounds)
    return found


def _cut_factors(shares: np.ndarray, raw: np.ndarray, wanted: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """The same where weights are cut. A category's share is a piecewise linear function of the factor, which bends where
    a cell reaches a bound; beyond its ends it stays what it is."""
    bends = np.sort(np.concatenate([bound / raw for bound in bounds], axis=1), axis=1)
    reached = np.einsum("kbc,kc->kb", np.clip(bends[:, :, None] * raw[:, None, :], *bounds), shares)
    after = np.clip((reached < wanted[:, None]).sum(axis=1), 1, bends.shape[1] - 1)
    rows = np.arange(len(wanted))
    low, high = reached[rows, after - 1], reached[rows, after]
    way = np.divide(wanted - low, high - low, out=np.zeros(len(wanted)), where=high > low)
    start = bends[rows, after - 1]
    return start + np.clip(way, 0, 1) * (bends[rows, after] - start)
