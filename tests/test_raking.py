"""Weights by raking: they reproduce the population's shares, are those of R's `survey::rake`, and say when there are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from app.results.weights.raking import NO_RESPONDENTS, NO_TARGET, NOT_ONE, RakingFault, rake
from tests.support.reference import R, rows_of

WANTED = R["weighted"]


def shares(draw, count: int) -> np.ndarray:
    parts = np.array(draw(st.lists(st.integers(1, 20), min_size=count, max_size=count)), dtype=float)
    return parts / parts.sum()


@st.composite
def tables(draw, least: int = 1) -> tuple[np.ndarray, list[np.ndarray]]:
    """Counts of up to three variables, and a target for each. With `least` 1 no cell is empty."""
    shape = draw(st.lists(st.integers(2, 4), min_size=1, max_size=3))
    size = int(np.prod(shape))
    counts = np.array(draw(st.lists(st.integers(least, 50), min_size=size, max_size=size))).reshape(shape)
    return counts, [shares(draw, count) for count in shape]


def margins(counts: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
    whole = counts * weights
    return [whole.sum(axis=tuple(other for other in range(whole.ndim) if other != axis)) / whole.sum() for axis in range(whole.ndim)]


@given(tables())
def test_weighted_shares_are_the_targets_and_the_mean_weight_is_one(table):
    counts, targets = table
    found = rake(counts, targets)
    assert found.converged and found.largest_error <= 1e-9 and found.n == counts.sum()
    for margin, wanted in zip(margins(counts, found.weights), targets, strict=True):
        assert margin == pytest.approx(wanted, abs=1e-9)
    assert (counts * found.weights).sum() == pytest.approx(found.n) and found.smallest - 1e-9 <= 1 <= found.largest + 1e-9


@given(tables())
def test_the_order_of_variables_makes_no_difference(table):
    counts, targets = table
    forth, back = rake(counts, targets), rake(counts.T, targets[::-1])
    assert back.weights.T == pytest.approx(forth.weights, rel=1e-6)


@given(tables(), st.integers(2, 1000))
def test_the_same_sample_many_times_over_has_the_same_weights(table, times):
    counts, targets = table
    once, often = rake(counts, targets), rake(counts * times, targets)
    assert often.weights == pytest.approx(once.weights) and often.design_effect == pytest.approx(once.design_effect)
    assert often.effective_n == pytest.approx(once.effective_n * times)


@given(tables())
def test_a_sample_that_has_its_targets_already_has_weights_of_one(table):
    counts, _ = table
    found = rake(counts, margins(counts, np.ones(counts.shape)))
    assert found.weights == pytest.approx(np.ones(counts.shape)) and found.design_effect == pytest.approx(1)


def test_weights_design_effect_and_effective_n_are_those_of_r():
    places = {"specialty": ("primary", "surgical", "other"), "stage": ("training", "specialist", "senior")}
    counts = np.zeros((3, 3), dtype=int)
    for row in rows_of("responses.csv"):
        if row["disposition"] == "complete":
            counts[tuple(places[name].index(row[name]) for name in places)] += 1
    found = rake(counts, [np.array(WANTED["targets"][name]) for name in places])
    assert found.converged and found.n == 399
    for wanted in WANTED["weights"]:
        assert found.weights[tuple(places[name].index(wanted[name]) for name in places)] == pytest.approx(wanted["weight"], rel=1e-6)
    assert (found.design_effect, found.effective_n) == pytest.approx((WANTED["kish"]["effect"], WANTED["kish"]["n"]), rel=1e-6)
    assert (found.smallest, found.largest) == pytest.approx(tuple(WANTED["range"]), rel=1e-6)


def test_what_cannot_be_raked_is_named():
    counts, half = np.array([[5, 5], [0, 0]]), np.array([0.5, 0.5])
    assert rake(counts, [half, half]).faults == (RakingFault(NO_RESPONDENTS, 0, 1),)
    assert rake(counts.T, [half, np.array([1.0, 0.0])]).faults == ()
    assert rake(np.array([[5, 5], [3, 3]]), [np.array([1.0, 0.0]), half]).faults == (RakingFault(NO_TARGET, 0, 1),)
    assert rake(np.array([5, 5]), [np.array([0.5, 0.6])]).faults == (RakingFault(NOT_ONE, 0),)
    assert rake(np.zeros((2, 2)), [half, half]).n == 0


def test_empty_cells_can_make_targets_impossible():
    """All of the first row are in the first column: its share cannot be half while that column's is a quarter."""
    found = rake(np.array([[10, 0], [5, 20]]), [np.array([0.5, 0.5]), np.array([0.25, 0.75])])
    assert not found.converged and found.largest_error > 0.01


def can_be_met(counts: np.ndarray, targets: list[np.ndarray], least: float, most: float) -> bool:
    """Whether there are weights between two bounds with which all shares are their targets: by linear programming."""
    places = np.indices(counts.shape)
    equations = [
        (counts * (places[axis] == category)).ravel() for axis in range(counts.ndim) for category in range(counts.shape[axis])
    ]
    wanted = np.concatenate([target * counts.sum() for target in targets])
    return linprog(np.zeros(counts.size), A_eq=np.array(equations), b_eq=wanted, bounds=(least, most)).success


@given(tables(), st.floats(0, 0.7), st.floats(1.4, 5))
def test_bounds_and_targets_both_hold_whenever_they_can(table, least, most):
    counts, targets = table
    assume(can_be_met(counts, targets, least + 0.05, most - 0.05))
    found = rake(counts, targets, (least, most))
    assert found.converged and least <= found.smallest and found.largest <= most
    for margin, wanted in zip(margins(counts, found.weights), targets, strict=True):
        assert margin == pytest.approx(wanted, abs=1e-8)


@given(tables(), st.floats(0, 0.9), st.floats(1.1, 4))
def test_bounds_hold_also_where_targets_cannot_and_the_mean_weight_is_one(table, least, most):
    counts, targets = table
    found = rake(counts, targets, (least, most))
    assert least - 1e-9 <= found.smallest and found.largest <= most + 1e-9
    assert (counts * found.weights).sum() == pytest.approx(found.n)


def test_bounds_too_narrow_for_the_targets_leave_an_error_that_is_reported():
    """Ten responses of weight 2 are 20 of 100, where 50 are wanted."""
    found = rake(np.array([90, 10]), [np.array([0.5, 0.5])], (0.5, 2))
    assert not found.converged and found.largest_error == pytest.approx(0.3) and found.weights == pytest.approx([80 / 90, 2])
