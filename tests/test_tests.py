"""Tests and differences against published examples; `test_reference.py` compares them with R."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.statistics import tests as significance
from app.results.statistics.cells import unweighted
from app.results.statistics.differences import (
    PairedShares,
    mean_difference,
    paired_mean_difference,
    paired_share_difference,
    share_difference,
)
from app.results.statistics.intervals import Estimate, clopper_pearson, mean_interval
from app.results.statistics.values import quantile, summary, summary_of_sums

TABLES = st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=5)


def of(values):
    return summary((value, unweighted(1)) for value in values)


# --- intervals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "n", "other", "others", "low", "high"),
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (6, 7, 2, 7, 0.0582, 0.8062),
     (5, 56, 0, 29, -0.0381, 0.1926), (0, 10, 0, 20, -0.1611, 0.2775), (0, 10, 0, 10, -0.2775, 0.2775),
     (10, 10, 0, 20, 0.6791, 1.0), (10, 10, 0, 10, 0.6075, 1.0)],
)  # fmt: skip
def test_the_difference_of_two_shares_is_newcombes(count, n, other, others, low, high):
    """R. G. Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10."""
    found = share_difference(unweighted(count), unweighted(n), unweighted(other), unweighted(others))
    assert found.value == pytest.approx(count / n - other / others)
    assert (round(found.low, 4), round(found.high, 4), found.n) == (low, high, n + others)


@pytest.mark.parametrize(
    ("cells", "low", "high"),
    [((36, 12, 2, 0), 0.0569, 0.3404), ((1, 1, 7, 12), -0.5069, -0.0256)],
)  # fmt: skip
def test_the_difference_of_two_shares_of_the_same_people_is_newcombes(cells, low, high):
    """R. G. Newcombe (1998), Statistics in Medicine 17, 2635-2650; M. W. Fagerland, S. Lydersen and P. Laake (2014),
    Statistics in Medicine 33, 2850-2875 (airway hyper-responsiveness)."""
    found = paired_share_difference(PairedShares(*map(unweighted, cells)))
    assert (round(found.low, 4), round(found.high, 4), found.n) == (low, high, sum(cells))


@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_a_paired_difference_lies_in_its_interval_and_turns_with_its_sides(cells):
    a, b, c, d = cells
    found, turned = (paired_share_difference(PairedShares(*map(unweighted, each))) for each in ((a, b, c, d), (a, c, b, d)))
    assert -1 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))


@pytest.mark.parametrize("count", [0, 1, 7, 29, 30])
def test_an_exact_interval_leaves_a_fortieth_on_either_side(count):
    """Its definition: at the lower end so many or more, at the upper so many or fewer, come 25 times in 1,000."""
    low, high = clopper_pearson(count, 30)

    def at_most(most, share):
        return math.fsum(math.comb(30, k) * share**k * (1 - share) ** (30 - k) for k in range(most + 1))

    assert (low == 0.0) if count == 0 else (1 - at_most(count - 1, low) == pytest.approx(0.025, abs=1e-9))
    assert (high == 1.0) if count == 30 else (at_most(count, high) == pytest.approx(0.025, abs=1e-9))


def test_an_interval_of_fewer_than_ten_respondents_is_not_shown():
    assert mean_interval(3.0, 1.0, 9).shown_interval is None
    assert mean_interval(3.0, 1.0, 10).shown_interval == pytest.approx((2.28464, 3.71536), abs=1e-5)
    assert Estimate(3.0, 2.0, 4.0, 40, clusters=9).shown_interval is None
    assert Estimate(3.0, None, None, 40).shown_interval is None


@given(st.lists(st.integers(-5, 30), min_size=1, max_size=40), st.sampled_from([0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 1]))
def test_quantiles_are_those_of_numpy_and_so_of_r(values, share):
    ordered = [(value, unweighted(values.count(value))) for value in sorted(set(values))]
    assert quantile(ordered, share) == pytest.approx(float(np.quantile(values, share)))


# --- tables -------------------------------------------------------------------------------------------------


def test_a_ladys_tea_is_as_exact_as_fishers():
    """R. A. Fisher (1935), "The Design of Experiments": 3 of 4 cups right; on both sides 34 of 70 tables."""
    assert significance.fisher_exact([[3, 1], [1, 3]]).p == pytest.approx(34 / 70)


@given(st.tuples(*[st.integers(0, 12)] * 4))
def test_fishers_test_adds_up_all_tables_that_are_no_more_probable(cells):
    a, b, c, d = cells
    row, column, n = a + b, a + c, a + b + c + d
    chance = {
        k: Fraction(math.comb(column, k) * math.comb(n - column, row - k), math.comb(n, row))
        for k in range(max(0, row + column - n), min(row, column) + 1)
    }
    wanted = sum(each for each in chance.values() if each <= chance[a])
    assert significance.fisher_exact([[a, b], [c, d]]).p == pytest.approx(float(wanted), rel=1e-9)


@given(TABLES)
def test_independence_is_tested_only_where_enough_are_expected(table):
    found = significance.independence(table)
    counts = np.array(table)
    counts = counts[counts.sum(1) > 0][:, counts.sum(0) > 0]
    if min(counts.shape) < 2:
        assert found.test is None
        return
    should = significance.expected(counts)
    thin = (should < 5).mean()
    if counts.shape == (2, 2) and thin:
        assert found.test == significance.fisher_exact(counts)
    elif thin > 0.2 or should.min() < 1:
        assert found.test is None and found.reason.startswith("No test: fewer than 5 are expected")
    else:
        assert found.test == significance.chi_square(table) and 0 <= significance.cramers_v(table) <= 1


def test_one_cell_where_less_than_one_is_expected_is_enough_for_no_test():
    """2 of 12 cells are thin, fewer than a fifth; 0.2 are expected in one."""
    found = significance.independence([[50, 50, 50, 50, 50, 1], [10, 10, 10, 10, 10, 0]])
    assert found.test is None
    assert found.reason == "No test: fewer than 5 are expected in 2 of 12 cells, the least being 0.2."


@given(TABLES)
def test_residuals_weigh_up_to_nothing_and_square_to_chi_square_in_two_by_two(table):
    two = np.array(table)[:2, :2]
    residuals = significance.adjusted_residuals(two)
    if min(two.sum(0).min(), two.sum(1).min()) > 0:
        assert residuals**2 == pytest.approx(np.full((2, 2), significance.chi_square(two).statistic), abs=1e-9)
    else:
        assert np.isnan(residuals).any()


def test_chi_square_has_no_correction_of_yates():
    """K. Pearson's statistic of 10, 20, 30, 40 by hand: n (ad - bc)² / (30 · 70 · 40 · 60) = 100 · 200² / 5,040,000."""
    found = significance.chi_square([[10, 20], [30, 40]])
    assert (found.statistic, found.df) == (pytest.approx(100 * 200**2 / 5_040_000), 1)
    assert found.p == pytest.approx(math.erfc(math.sqrt(found.statistic / 2)))


# --- means --------------------------------------------------------------------------------------------------


def test_welchs_test_of_two_groups_is_his_analysis_of_variance():
    first, second = of([1, 2, 2, 5, 4]), of([3, 6, 7, 7])
    t, f = significance.welch(first, second), significance.analysis_of_variance([first, second])
    assert (f.statistic, f.df_within, f.p) == (pytest.approx(t.statistic**2), pytest.approx(t.df), pytest.approx(t.p))


def test_a_difference_leaves_out_zero_where_its_test_is_below_one_in_twenty():
    for shift in np.linspace(0, 4, 41):
        first, second = of([1, 2, 2, 5, 4]), of([1 + shift, 2 + shift, 6 + shift])
        difference = mean_difference(second, first)
        assert (difference.low > 0) == (significance.welch(first, second).p < 0.05) or difference.high < 0


def test_within_persons_the_differences_are_one_sample():
    own, seen = [3, 5, 4, 4, 2], [4, 5, 6, 4, 5]
    apart = [mine - others for mine, others in zip(own, seen, strict=True)]
    found = paired_mean_difference(summary_of_sums([(1.0, 5, sum(apart), sum(each**2 for each in apart))]))
    plain = mean_interval(statistics.fmean(apart), statistics.stdev(apart), 5)
    assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.low, plain.high))
    same = paired_mean_difference(summary_of_sums([(1.0, 3, 6.0, 12.0)]))
    assert (same.value, same.low) == (2.0, None)


def test_groups_that_bear_no_test_are_named():
    none = significance.equality_of_means([of([1, 2]), of([3])])
    assert none.test is None and none.reason == "No test: fewer than two groups have two values or more."
    same = significance.equality_of_means([of([1, 2]), of([3, 3]), of([1, 5]), of([2])])
    assert same.test is None
    assert same.reason == "No test: in a group all values are the same. Without 1 group of fewer than two values."
    assert significance.equality_of_means([of([1, 2]), of([2, 4])]).test.method == "Welch’s t-test"


def test_holm_multiplies_the_smallest_by_their_number_and_never_falls():
    """0.01, 0.04, 0.03, 0.005: as R's p.adjust gives them."""
    assert significance.holm([0.01, 0.04, None, 0.03, 0.005]) == [0.03, 0.06, None, 0.06, 0.02]
    assert significance.holm([0.6, 0.7]) == [1.0, 1.0]


def test_pairs_are_adjusted_for_all_of_them_and_keep_their_intervals():
    groups = [of([1, 2, 3, 2]), of([4, 5, 4, 6]), of([2, 2, 3, 4])]
    pairs = significance.pairs_of_means(groups)
    assert [(pair.first, pair.second) for pair in pairs] == [(0, 1), (0, 2), (1, 2)]
    assert pairs[0].difference == mean_difference(groups[0], groups[1])
    assert pairs[0].p == pytest.approx(3 * significance.welch(groups[0], groups[1]).p)
