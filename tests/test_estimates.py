"""Estimators against published tables, worked examples, and other ways of computing the same."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.marginals import Marginal, cells_of
from app.results.progress import Progress
from app.results.statistics.cells import Count, total, unweighted
from app.results.statistics.clusters import ClusteredMean
from app.results.statistics.intervals import mean_interval, net_score, share_interval, t_quantile, wilson
from app.results.statistics.reliability import CrossProducts, Omega, omega_total, reliability
from app.results.statistics.values import summary


@pytest.mark.parametrize(
    ("df", "tabled"),
    [(1, 12.70620), (2, 4.30265), (3, 3.18245), (4, 2.77645), (5, 2.57058), (9, 2.26216), (10, 2.22814),
     (29, 2.04523), (30, 2.04227), (60, 2.00030), (100, 1.98397), (120, 1.97993), (1000, 1.96234)],
)  # fmt: skip
def test_quantiles_of_t_are_those_of_the_tables(df, tabled):
    """NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2, to its last digit and further ones."""
    assert t_quantile(df) == pytest.approx(tabled, abs=0.000006)


def test_quantiles_fall_towards_the_normal_one():
    quantiles = [t_quantile(df) for df in range(1, 400)]
    assert quantiles == sorted(quantiles, reverse=True)
    assert quantiles[99] - quantiles[100] == pytest.approx(quantiles[98] - quantiles[99], rel=0.05)
    assert t_quantile(10**7) == pytest.approx(1.959964, abs=1e-6)


def test_the_interval_of_a_mean_is_the_one_computed_by_hand():
    """2, 4, 4, 6: mean 4, squares 4 + 0 + 0 + 4 = 8, sd sqrt(8/3), t with 3 degrees 3.18245."""
    found = mean_interval(4.0, math.sqrt(8 / 3), 4)
    reach = 3.18245 * math.sqrt(8 / 3) / 2
    assert (found.low, found.high) == pytest.approx((4 - reach, 4 + reach), abs=1e-5)
    assert (mean_interval(3.0, None, 1).low, mean_interval(None, None, 0).value) == (None, None)


def test_shares_and_means_are_weighted_and_their_bases_are_respondents():
    """Three women of weight 2 answer 1, two men of weight 0.5 answer 4: 6 of 7, and (6 · 1 + 1 · 4) / 7."""
    women, men = Count(3, 6.0, 12.0, 5), Count(2, 1.0, 0.5, 5)
    everyone = total([women, men])
    assert everyone == (5, 7.0, 12.5, 5)
    share, mean = share_interval(women, everyone), summary([(1, women), (4, men)])
    assert (share.value, share.n, mean.mean, mean.n) == (pytest.approx(6 / 7), 5, pytest.approx(10 / 7), 5)
    assert share_interval(unweighted(3), unweighted(5)).value == 0.6


def rated(counts, measure="ordinal"):
    """A question on a scale from 1, with so many answers of each point, the last point being written first."""
    codes = [(code, str(code)) for code in range(len(counts), 0, -1)]
    cells = cells_of(codes, list(map(unweighted, counts[::-1])))
    values = tuple(sorted((cell.code, cell.count) for cell in cells))
    return Marginal("q", "", "choice", measure, sum(counts), sum(counts), {}, cells, values)


def test_the_two_highest_points_are_counted_together_of_four_points_or_more():
    found = rated([5, 0, 7, 20, 8])
    assert (found.top_two.value, found.bottom_two.value) == (28 / 40, 5 / 40)
    assert (found.top_two.low, found.top_two.high) == wilson(28, 40)
    assert rated([0, 0, 0, 0]).top_two.value is None
    for none in (rated([5, 7, 8]), rated([5, 7, 8, 9], "nominal")):
        assert (none.top_two, none.bottom_two) == (None, None)


def test_what_was_ticked_adds_up_for_each_who_ticked():
    """Of 4 who ticked anything 3 ticked A and 4 B; C was offered to 2 of them, and ticked by 1."""
    flags = [(3, 4), (4, 4), (1, 2)]
    cells = tuple(cells_of([(0, "no"), (1, "yes")], [unweighted(base - n), unweighted(n)])[1] for n, base in flags)
    assert Marginal("q", "", "flags", "nominal", 4, 4, {}, cells).total_share == 0.75 + 1 + 0.5
    assert Marginal("q", "", "flags", "nominal", 0, 4, {}, cells_of([("a", "A")], [unweighted(0)])).total_share is None
    assert rated([1, 2, 3, 4]).total_share is None


def test_a_net_figure_has_the_standard_error_of_a_mean():
    """30 promoters, 10 detractors, 20 between: 1, -1 and 0."""
    found = net_score(unweighted(30), unweighted(10), unweighted(60))
    each = [1] * 30 + [-1] * 10 + [0] * 20
    assert (found.value, found.error) == pytest.approx((1 / 3, statistics.stdev(each) / math.sqrt(60)))


def test_the_completion_rate_is_of_those_who_could_complete():
    going = Progress(100, 45, 35, 20, 15, screened_out=18, withdrawn=2, refused=0)
    assert (going.completion.value, going.completion.n) == (45 / 80, 80)
    assert (going.completion.low, going.completion.high) == wilson(45, 80)


def of_parts(rows, signs):
    products = CrossProducts(len(signs))
    for start in range(0, len(rows), 3):  # a few at a time, as tables come
        products.add(np.array(rows[start : start + 3], dtype=float).reshape(-1, len(signs)))
    return reliability(products, np.array(signs))


def test_alpha_is_the_one_computed_by_hand():
    """Parts 1,2,3,4 / 2,2,4,4 / 1,3,2,4: variances 5/3, 4/3, 5/3; sums 4,7,9,12, variance 34/3.
    alpha = 3/2 * (1 - (14/3)/(34/3)) = 3/2 * 20/34."""
    rows = [(1, 2, 1), (2, 2, 3), (3, 4, 2), (4, 4, 4)]
    found = of_parts(rows, (1, 1, 1))
    assert found.alpha == pytest.approx(1.5 * 20 / 34)
    assert (found.parts, found.n, found.pairwise) == (3, 4, None)
    reversed_once = of_parts([(a, 6 - b, c) for a, b, c in rows], (1, -1, 1))
    assert reversed_once.alpha == pytest.approx(found.alpha)
    assert [each.item_rest for each in reversed_once.by_part] == pytest.approx(
        [each.item_rest for each in found.by_part]
    )


def test_alpha_uses_complete_cases_and_says_how_many():
    rows = [(1, 2), (2, 1), (3, 4), (math.nan, 5), (4, math.nan), (5, 5)]
    found = of_parts(rows, (1, 1))
    assert found.n == 4
    assert found.alpha == pytest.approx(of_parts([(1, 2), (2, 1), (3, 4), (5, 5)], (1, 1)).alpha)


def test_pairwise_alpha_uses_every_answer_to_two_parts():
    """Variances of all five answers to each, covariance of the four pairs: by the standard library."""
    rows = [(1, 2), (2, 1), (3, 4), (math.nan, 5), (4, math.nan), (5, 5)]
    first, second = [1, 2, 3, 4, 5], [2, 1, 4, 5, 5]
    both = [row for row in rows if not any(map(math.isnan, row))]
    shared = statistics.covariance(*zip(*both, strict=True))
    single = statistics.variance(first) + statistics.variance(second)
    found = of_parts(rows, (1, 1)).pairwise
    assert found.alpha == pytest.approx(2 * (1 - single / (single + 2 * shared)))
    assert (found.least, found.most) == (4, 4)


@pytest.mark.parametrize(
    "rows", [[], [(1, 2)], [(3, 3), (3, 3), (3, 3)], [(1, 5), (2, 4), (3, 3)], [(0.1, 0.7)] * 9]
)
def test_alpha_is_absent_where_it_cannot_be_estimated(rows):
    assert of_parts(rows, (1, 1)).alpha is None
    assert of_parts([(1,), (2,), (4,)], (1,)).alpha is None


ANSWERED = st.lists(st.tuples(*[st.sampled_from([1, 2, 3, 4, 5, math.nan])] * 4), min_size=1, max_size=30)


@given(ANSWERED, ANSWERED)
def test_rows_taken_out_again_leave_no_trace_in_the_sums(stay, leave):
    both, alone = CrossProducts(4), CrossProducts(4)
    both.add(np.array(stay, dtype=float))
    both.add(np.array(leave, dtype=float))
    both.add(np.array(leave, dtype=float), -1)
    alone.add(np.array(stay, dtype=float))
    for name in ("n", "sums", "products", "pair_n", "pair_sums", "pair_squares", "pair_products"):
        assert np.array_equal(getattr(both, name), getattr(alone, name)), name


@given(st.integers(0, 10**6), st.integers(5, 60), st.integers(3, 6))
def test_each_part_is_set_against_the_sum_of_the_others(seed, n, parts):
    chance = np.random.default_rng(seed)
    rows = np.round(chance.normal(size=(n, 1)) + chance.normal(size=(n, parts)), 1)
    found = of_parts(rows.tolist(), [1] * parts)
    if found.alpha is None:
        return
    for at, part in enumerate(found.by_part):
        rest = np.delete(rows, at, 1)
        assert part.item_rest == pytest.approx(np.corrcoef(rows[:, at], rest.sum(1))[0, 1])
        dropped = of_parts(rest.tolist(), [1] * (parts - 1)).alpha
        assert part.if_dropped == (None if dropped is None else pytest.approx(dropped))


def correlated(*correlations):
    matrix = np.eye(3)
    matrix[np.triu_indices(3, 1)] = correlations
    return np.maximum(matrix, matrix.T)


@given(st.tuples(*[st.floats(0.3, 0.8)] * 3), st.tuples(*[st.floats(0.5, 3)] * 3))
def test_omega_of_three_parts_is_the_one_of_their_triad(loadings, sds):
    """Of three parts the model fits exactly, and loadings are products and ratios of correlations (C. Spearman)."""
    found = omega_total(np.outer(sds, sds) * correlated(*(loadings[a] * loadings[b] for a, b in ((0, 1), (0, 2), (1, 2)))))
    common = sum(loading * sd for loading, sd in zip(loadings, sds, strict=True)) ** 2
    unique = sum((1 - loading**2) * sd**2 for loading, sd in zip(loadings, sds, strict=True))
    assert not found.heywood and found.value == pytest.approx(common / (common + unique), abs=1e-8)


def test_omega_is_absent_where_one_factor_describes_nothing():
    """Correlations of 0.9, 0.9 and 0.7 would need a loading of the root of 0.9 · 0.9 / 0.7, above 1."""
    assert omega_total(correlated(0.9, 0.9, 0.7)) == Omega(None, heywood=True)
    assert omega_total(np.array([[1, 0.5], [0.5, 1]])) == Omega(None)
    assert omega_total(np.diag([1.0, 1.0, 0.0])) == Omega(None)
    assert omega_total(np.ones((3, 3))) == Omega(None)


def test_reliability_of_fewer_than_ten_is_not_shown():
    nine = [(n % 4, n % 3) for n in range(9)]
    assert not of_parts(nine, (1, 1)).is_shown and of_parts([*nine, (1, 1)], (1, 1)).is_shown


def regression(levels, values, count):
    """Means and standard errors by levels, as a regression on dummies with a clustered sandwich gives them."""
    rows = [(g, level, value) for g, pairs in enumerate(zip(levels, values, strict=True))
            for level, value in zip(*pairs, strict=True) if not math.isnan(value)]  # fmt: skip
    design = np.array([[float(level == each) for each in range(count)] for _, level, _ in rows])
    y = np.array([value for *_, value in rows])
    met = design.sum(axis=0) > 0
    bread = np.linalg.inv(design[:, met].T @ design[:, met])
    beta = bread @ design[:, met].T @ y
    residuals = y - design[:, met] @ beta
    meat = np.zeros((met.sum(), met.sum()))
    for g in {g for g, _, _ in rows}:
        mine = [place for place, row in enumerate(rows) if row[0] == g]
        score = design[mine][:, met].T @ residuals[mine]
        meat += np.outer(score, score)
    return met, beta, np.sqrt(np.diag(bread @ meat @ bread))


@given(st.integers(0, 10**6), st.integers(2, 40), st.integers(1, 5))
def test_means_by_level_are_those_of_a_regression_with_a_clustered_sandwich(seed, respondents, each):
    chance = np.random.default_rng(seed)
    levels = chance.integers(0, 3, (respondents, each))
    values = chance.integers(1, 6, (respondents, each)).astype(float)
    values[chance.random(values.shape) < 0.2] = math.nan
    if np.isnan(values).all():
        return
    estimates = [by_level(np.where(levels == level, values, math.nan)) for level in range(4)]
    met, beta, errors = regression(levels, values, 4)
    found = [estimate for estimate, is_met in zip(estimates, met, strict=True) if is_met]
    for estimate, mean, error in zip(found, beta, errors, strict=True):
        assert estimate.value == pytest.approx(mean)
        if estimate.clusters > 1:
            factor = math.sqrt(estimate.clusters / (estimate.clusters - 1))
            reach = (estimate.high - estimate.low) / 2 / t_quantile(estimate.clusters - 1)
            assert reach == pytest.approx(error * factor, abs=1e-7)
    assert [estimate.value for estimate, is_met in zip(estimates, met, strict=True) if not is_met] == [
        None
    ] * (4 - int(met.sum()))


def by_level(values):
    """Of respondents in two halves, as they come in."""
    mean, half = ClusteredMean(), len(values) // 2
    for some in (values[:half], values[half:]):
        mean.add(some, np.zeros(len(some), dtype=int))
    return mean.estimate()


@given(st.integers(0, 10**6), st.integers(30, 60), st.integers(1, 4))
def test_weighted_means_of_entries_are_those_of_a_weighted_regression(seed, respondents, each):
    """Of rows, one for each entry, with a clustered sandwich, of which some respondents gave none."""
    chance = np.random.default_rng(seed)
    values, cells = chance.integers(1, 6, (respondents, each)).astype(float), chance.integers(0, 3, respondents)
    values[chance.random(values.shape) < 0.3] = math.nan
    values[0, 0], weights = 3.0, np.array([0.5, 1.0, 1.7])
    mean = ClusteredMean(3)
    mean.add(values, cells)
    found = mean.estimate(weights, respondents)
    w = np.repeat(weights[cells][:, None], each, axis=1)
    known = ~np.isnan(values)
    expected = np.average(values[known], weights=w[known])
    scores = np.where(known, w * (values - expected), 0.0).sum(axis=1)
    error = math.sqrt((scores**2).sum() * respondents / (respondents - 1)) / w[known].sum()
    assert (found.value, found.n, found.clusters) == (pytest.approx(expected), known.sum(), known.any(axis=1).sum())
    if found.low is not None:
        assert found.error == pytest.approx(error)


def test_with_one_value_each_the_interval_is_that_of_a_plain_mean():
    values = [1.0, 2.0, 2.0, 5.0, 4.0]
    found = by_level(np.array(values)[:, None])
    plain = mean_interval(statistics.fmean(values), statistics.stdev(values), 5)
    assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.low, plain.high))


def test_one_who_gave_all_the_values_gives_a_mean_and_no_interval():
    first, second = by_level(np.array([[2.0, 4.0, math.nan]])), by_level(np.array([[math.nan] * 3]))
    assert (first.value, first.low, first.n, first.clusters) == (3.0, None, 2, 1)
    assert (second.value, second.n) == (None, 0)
