"""Weighted shares, means, differences and tables against R's `survey`, and against a second calculation from rows.

`reference/` has the responses, R's script and its figures: the weights are those of raking, taken as given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.results.comparison import FEW, OPEN, POSSIBLE, _of_shares
from app.results.measures import Share
from app.results.statistics import tests as significance
from app.results.statistics.cells import Count, total, unweighted
from app.results.statistics.differences import (
    PairedShares,
    mean_difference,
    paired_mean_difference,
    paired_share_difference,
    share_difference,
)
from app.results.statistics.intervals import Estimate, net_score, share_interval
from app.results.statistics.values import Summary, summaries_together, summary, summary_of_sums
from app.results.statistics.weighted.tables import (
    WeightedTable,
    rao_scott,
    rao_scott_of_shares,
    weighted_independence,
    weighted_residuals,
    weighted_v,
)
from tests.support.reference import R, exactly, rows_of

WEIGHTED = R["weighted"]
GIVEN = WEIGHTED["given"]
CELLS = {(each["specialty"], each["stage"]): each["weight"] for each in WEIGHTED["weights"]}
Row = dict[str, str]


def weight(row: Row) -> float:
    return CELLS[row["specialty"], row["stage"]]


def stigma(row: Row) -> str:
    """The mean of at least three parts, two of them reversed."""
    parts = [row[f"m.{name}"] for name in ("failed", "grew", "respect", "trust", "regret")]
    known = [6 - int(part) if place in (1, 2) else int(part) for place, part in enumerate(parts) if part[0] != "~"]
    return str(np.mean(known)) if len(known) >= 3 else "~skipped"


ROWS = [{**row, "stigma": stigma(row)} for row in rows_of("responses.csv") if row["disposition"] == "complete"]
LEFT = [row for row in ROWS if row["status"] == "left"]
DESIGN = len(ROWS)


def counted(rows: Iterable[Row]) -> Count:
    return of_weights(map(weight, rows))


def of_weights(weights: Iterable[float], design: int = DESIGN) -> Count:
    known = list(weights)
    return Count(len(known), math.fsum(known), math.fsum(each**2 for each in known), design)


def answered(rows: Iterable[Row], *names: str) -> list[Row]:
    return [row for row in rows if not any(row[name].startswith("~") for name in names)]


def values(rows: Iterable[Row], name: str, value: Callable[[Row], float] | None = None) -> Summary:
    """By value, as counters have them."""
    found: dict[float, list[Row]] = {}
    for row in answered(rows, name):
        found.setdefault(value(row) if value else float(row[name]), []).append(row)
    return summary((each, counted(same)) for each, same in found.items())


def table_of(counts: Sequence[Sequence[Count]]) -> WeightedTable:
    n, w, ww = (np.array([[count[at] for count in row] for row in counts], dtype=float) for at in range(3))
    return WeightedTable(n, w, ww, counts[0][0].design)


def table(rows: Iterable[Row], row: str, column: str, wanted: dict[str, Any]) -> WeightedTable:
    known = answered(rows, row, column)
    return table_of([
        [counted(each for each in known if (each[row], each[column]) == (down, across)) for across in wanted["columns"]]
        for down in wanted["rows"]
    ])  # fmt: skip


# --- against R: shares and means ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", GIVEN["shares"])
def test_weighted_shares_have_the_logit_interval_of_r(name):
    variable, code = name.split()
    assert is_share(ROWS, variable, [code], GIVEN["shares"][name])


def is_share(rows: Iterable[Row], variable: str, codes: Iterable[str], wanted: dict[str, Any]) -> bool:
    base = answered(rows, variable)
    found = share_interval(counted(row for row in base if row[variable] in codes), counted(base))
    return (found.value, found.error, found.low, found.high, found.n) == exactly(
        (wanted["share"], wanted["error"], *wanted["interval"], wanted["n"])
    )


@pytest.mark.parametrize(("base", "rows"), [("everyone", ROWS), ("left", LEFT)])
def test_all_weighted_shares_of_everyone_and_of_a_subset_are_those_of_r(base, rows):
    compared = 0
    for variable, shares in GIVEN["all_shares"][base].items():
        for code, wanted in shares.items():
            if 0 < wanted["share"] < 1:
                assert is_share(rows, variable, [code], wanted)
                compared += 1
    assert compared == 20


def test_a_weighted_share_of_nobody_or_everybody_has_the_exact_interval_on_kishs_n():
    everyone = counted(ROWS)
    assert everyone.effective == exactly(WEIGHTED["kish"]["n"])
    for count, share, wanted in ((total(()), 0, "none"), (everyone, 1, "all")):
        found = share_interval(count, everyone)
        assert (found.value, found.low, found.high) == exactly((share, *WEIGHTED["none_and_all"][wanted]))


def test_the_ends_of_scales_and_options_have_the_weighted_shares_of_r():
    for name, most in (("m.failed", 5), ("own", 7)):
        assert is_share(ROWS, name, (str(most - 1), str(most)), GIVEN["top_two"][name])
        assert is_share(ROWS, name, ("1", "2"), GIVEN["bottom_two"][name])
    base = answered(ROWS, "reasons")
    for code in ("workload", "family"):
        found, wanted = share_interval(counted(row for row in base if code in row["reasons"].split()), counted(base)), GIVEN["reasons"][code]
        assert (found.value, found.low, found.high) == exactly((wanted["share"], *wanted["interval"]))


@pytest.mark.parametrize(("base", "rows"), [("values", ROWS), ("values_of_left", LEFT)])
def test_weighted_means_deviations_medians_and_quartiles_are_those_of_r(base, rows):
    for name, wanted in GIVEN[base].items():
        assert is_summary(values(rows, name), wanted)


def is_summary(found: Summary, wanted: dict[str, Any]) -> bool:
    at, (first, third) = found.interval, found.quartiles
    return (
        found.n, found.mean, found.error, found.sd, found.effective, at.low, at.high, at.error, first, found.median, third,
    ) == exactly((
        *(wanted[each] for each in ("n", "mean", "error", "sd", "effective")), *wanted["interval"], wanted["error"], *wanted["quantiles"],
    ))  # fmt: skip


def test_a_weighted_net_figure_is_that_of_r():
    wanted, base = GIVEN["net"], answered(ROWS, "recommend")
    plus, minus = ([row for row in base if int(row["recommend"]) in codes] for codes in (range(9, 11), range(7)))
    found = net_score(counted(plus), counted(minus), counted(base))
    assert (found.value, found.error, found.low, found.high) == exactly((wanted["mean"], wanted["error"], *wanted["interval"]))


def test_a_mean_from_sums_by_weight_is_the_mean_of_the_values():
    """As of numbers with too many values to count each."""
    wanted, rows = GIVEN["values"]["years"], answered(ROWS, "years")
    cells = {each: [float(row["years"]) - 20 for row in rows if weight(row) == each] for each in set(map(weight, rows))}
    sums = [(each, len(known), sum(known), sum(value**2 for value in known)) for each, known in cells.items()]
    found = summary_of_sums(sums, DESIGN, 20.0)
    assert (found.n, found.mean, found.error, found.sd) == exactly(tuple(wanted[each] for each in ("n", "mean", "error", "sd")))


# --- against R: differences -----------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", GIVEN["differences"], ids=lambda each: f"{each['name']} by {each['group']}")
def test_weighted_differences_of_shares_have_the_test_and_intervals_of_r(wanted):
    base = answered(ROWS, wanted["name"], wanted["group"])
    groups = [[row for row in base if (row[wanted["group"]] == wanted["one"]) is inside] for inside in (True, False)]
    counts = [count for rows in groups for count in
              (counted(row for row in rows if row[wanted["name"]] == wanted["code"]), counted(rows))]  # fmt: skip
    found = share_difference(*counts)
    assert (found.value, found.low, found.high) == exactly((wanted["difference"], *wanted["interval"]))
    is_thin = wanted["name"] in ("part_time", "country")
    assert rao_scott_of_shares(*counts) == (None if is_thin else exactly(wanted["p"]))
    cells = [[counts[0], counts[1].without(counts[0])], [counts[2], counts[3].without(counts[2])]]
    test = rao_scott(table_of(cells))
    assert (test.statistic, test.df, test.df_within, test.p) == exactly((wanted["f"], *wanted["df"], wanted["p"]))
    errors = [share_interval(*counts[at : at + 2]).error for at in (0, 2)]
    assert math.hypot(*errors) == exactly(wanted["error"])  # the covariance of groups that share nobody is 0


@pytest.mark.parametrize("name", GIVEN["groups"])
def test_weighted_means_of_groups_have_rs_errors_and_tests(name):
    wanted, (variable, group) = GIVEN["groups"][name], name.split(" by ")
    found = {code: values([row for row in answered(ROWS, group) if row[group] == code], variable) for code in wanted["groups"]}
    for code, each in wanted["groups"].items():
        assert is_summary(found[code], each)
    whole = summaries_together(list(found.values()))
    assert (whole.n, whole.mean, whole.error, whole.sd) == exactly(tuple(wanted["whole"][each] for each in ("n", "mean", "error", "sd")))
    test = significance.analysis_of_variance(list(found.values()))
    assert (test.statistic, test.df, test.df_within, test.p) == exactly((wanted["f"]["statistic"], *wanted["f"]["df"], wanted["f"]["p"]))
    for pair, each in zip(significance.pairs_of_means(list(found.values())), wanted["pairs"], strict=True):
        at, test = pair.difference, significance.welch(*(found[code] for code in each["pair"]))
        assert (at.value, at.error, at.low, at.high) == exactly((each["difference"], each["error"], *each["interval"]))
        assert (test.statistic, test.df, test.p, pair.p) == exactly((each["svyttest"], each["df"], each["p"], each["holm"]))


def test_weighted_differences_within_persons_are_those_of_r():
    wanted, both = GIVEN["within"], answered(ROWS, "own", "seen")
    mean = paired_mean_difference(values(both, "own", lambda row: int(row["own"]) - int(row["seen"])))
    assert (mean.value, mean.error, mean.low, mean.high) == exactly(
        (wanted["mean"]["mean"], wanted["mean"]["error"], *wanted["mean"]["interval"])
    )
    cells = [[row for row in both if (int(row["own"]) >= 5, int(row["seen"]) >= 5) == each]
             for each in ((True, True), (True, False), (False, True), (False, False))]  # fmt: skip
    share = paired_share_difference(PairedShares(*map(counted, cells)))
    assert (share.value, share.low, share.high) == exactly((wanted["difference"], *wanted["interval"]))


# --- against R: tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", GIVEN["crosstabs"], ids=lambda each: f"{each['row']} by {each['column']}")
def test_weighted_tables_have_the_test_and_residuals_of_r(wanted):
    found = table(LEFT if wanted["row"] == "stage" and wanted["column"] == "cause" else ROWS, wanted["row"], wanted["column"], wanted)
    assert found.n == exactly(np.array(wanted["counts"]))
    assert found.shares == exactly(np.array(wanted["shares"]))
    assert weighted_residuals(found) == exactly(np.array(wanted["residuals"]))
    assert weighted_v(found) == exactly(wanted["v"])
    test = rao_scott(found)
    assert (test.statistic, test.df, test.df_within, test.p) == exactly((wanted["f"], *wanted["df"], wanted["p"]))


@pytest.mark.parametrize("wanted", GIVEN["rao_scott"], ids=lambda each: f"{each['rows']} by {each['columns']}")
def test_rao_and_scotts_f_leaves_out_what_nobody_answered(wanted):
    names = wanted["rows"], wanted["columns"]
    codes = [sorted({row[name] for row in answered(ROWS, *names)}) + ["nobody"] for name in names]
    found = rao_scott(table(ROWS, *names, {"rows": codes[0], "columns": codes[1]}))
    assert (found.statistic, found.df, found.df_within, found.p) == exactly((wanted["f"], *wanted["df"], wanted["p"]))


# --- against a calculation from rows --------------------------------------------------------------------------

sample = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from([0.25, 0.5, 1.0, 1.7, 3.0]), st.booleans()), min_size=40, max_size=90
)


def by_value(rows: Iterable[tuple[int, float, bool]], design: int) -> Summary:
    found: dict[int, list[float]] = {}
    for value, each, _ in rows:
        found.setdefault(value, []).append(each)
    return summary((value, of_weights(weights, design)) for value, weights in found.items())


@given(sample)
@settings(max_examples=60, deadline=None)
def test_figures_from_cells_are_those_of_a_regression_on_rows(rows):
    """The weighted mean is a regression on a constant, the difference of two groups one on a dummy; their errors are the
    sandwich's (H. White, 1980, Econometrica 48, 817-838), with n / (n - 1)."""
    y, w, inside = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    n = len(rows)
    found = by_value(rows, n)
    if found.sd:
        assert (found.mean, found.error) == exactly(sandwich(np.ones((n, 1)), y, w, -1))
    groups = [by_value([row for row in rows if row[2] is each], n) for each in (True, False)]
    together = summaries_together(groups)
    assert (together.mean, together.sd, together.error or 0) == exactly((found.mean, found.sd, found.error or 0))
    difference = mean_difference(*groups)
    if difference.low is not None:
        assert (difference.value, difference.error) == exactly(sandwich(np.column_stack([np.ones(n), inside]), y, w, -1))


def sandwich(x: np.ndarray, y: np.ndarray, w: np.ndarray, at: int) -> tuple[float, float]:
    bread = np.linalg.inv(x.T @ (x * w[:, None]))
    beta = bread @ (x.T @ (w * y))
    scores = x * (w * (y - x @ beta))[:, None]
    variance = bread @ scores.T @ scores @ bread * len(y) / (len(y) - 1)
    return float(beta[at]), math.sqrt(variance[at, at])


@given(sample)
@settings(max_examples=60, deadline=None)
def test_equal_weights_give_the_unweighted_mean_and_the_error_of_n(rows):
    n = len(rows)
    plain = summary((float(value), unweighted(1)) for value, _, _ in rows)
    equal = summary((float(value), Count(1, 0.4, 0.16, n)) for value, _, _ in rows)
    assert (equal.mean, equal.sd, equal.median, equal.effective) == exactly((plain.mean, plain.sd, plain.median, n))
    if plain.sd:
        assert (equal.error, equal.interval.low, equal.interval.high) == exactly((plain.error, *plain.interval[1:3]))
    share = share_interval(of_weights([0.4] * 12, n), of_weights([0.4] * n, n))
    assert share.value == exactly(12 / n)
    assert share.error == exactly(math.sqrt(12 / n * (1 - 12 / n) / (n - 1)))


@given(sample, st.sampled_from([0.01, 3.0, 250.0]))
@settings(max_examples=60, deadline=None)
def test_the_unit_of_the_weights_changes_nothing(rows, unit):
    n = len(rows)
    found, scaled = (by_value([(value, each * by, inside) for value, each, inside in rows], n) for by in (1.0, unit))
    assert (scaled.mean, scaled.median, *scaled.quartiles, scaled.effective) == exactly(
        (found.mean, found.median, *found.quartiles, found.effective)
    )
    same(scaled.interval, found.interval)
    tables = [table_of([[of_weights([each * by for value, each, inside in rows if (value > 2, inside) == cell], n)
              for cell in ((down, True), (down, False))] for down in (True, False)]) for by in (1.0, unit)]  # fmt: skip
    reasons = [weighted_independence(each) for each in tables]
    assert (reasons[0].test is None) == (reasons[1].test is None)
    if reasons[0].test:
        assert reasons[0].test[:3] == exactly(reasons[1].test[:3])


@given(sample)
@settings(max_examples=40, deadline=None)
def test_a_cell_split_in_two_leaves_every_figure_as_it_was(rows):
    n = len(rows)
    whole = by_value(rows, n)
    parts = summary((float(value), of_weights([each], n)) for value, each, _ in rows)
    assert (parts.mean, parts.sd, parts.median, *parts.quartiles) == exactly((whole.mean, whole.sd, whole.median, *whole.quartiles))
    same(parts.interval, whole.interval)


def same(found: Estimate, wanted: Estimate) -> None:
    assert (found.low is None) == (wanted.low is None)
    assert [each or 0.0 for each in found[:3]] == exactly([each or 0.0 for each in wanted[:3]])


# --- few ------------------------------------------------------------------------------------------------------


def test_an_effective_n_below_ten_has_no_interval_and_no_test():
    """Twelve respondents of whom two have nearly all the weight are worth little more than two."""
    heavy, light = of_weights([50.0, 40.0], 400), of_weights([0.5] * 10, 400)
    base = total((heavy, light))
    assert base.effective < 3
    share = share_interval(heavy, base)
    assert (share.value, share.low, share.shown_interval) == (exactly(90 / 95), None, None)
    few, many = summary([(1.0, heavy), (2.0, light)]), summary([(1.0, of_weights([1.0] * 50, 400)), (2.0, of_weights([1.0] * 50, 400))])
    assert (few.interval.low, mean_difference(few, many).low) == (None, None)
    assert significance.equality_of_means([few, many]).reason == (
        "No test: fewer than two groups have an effective n of 10 or more."
    )
    others = [of_weights([1.0] * each, 400) for each in (20, 50)]
    assert share_difference(heavy, base, *others).low is None
    assert _of_shares(Share(heavy, base), Share(*others)).standing == FEW
    assert weighted_independence(table_of([[heavy, light], [light, heavy]])).reason == "No test: the effective n is below 10."


def test_a_thin_weighted_table_is_not_tested():
    cells = [[of_weights([1.0] * n, 400) for n in row] for row in ((2, 90), (3, 80))]
    assert weighted_independence(table_of(cells)).reason.startswith("No test: fewer than 5 are expected in 2 of 4 cells")
    assert rao_scott_of_shares(cells[0][0], total(cells[0]), cells[1][0], total(cells[1])) is None


def test_a_weighted_difference_without_a_test_is_at_most_possible():
    """2 of 92 with the weight 1 against 20 of 92: fewer than 5 are not expected; 0 of 60 against 6 of 60: 3 are."""
    for counts, standing in (((2, 92, 20, 92), OPEN), ((0, 60, 7, 60), POSSIBLE), ((2, 60, 3, 60), OPEN)):
        first, n, second, m = (of_weights([1.0] * count, 400) for count in counts)
        found = _of_shares(Share(first, n), Share(second, m))
        assert (found.p is None, found.standing) == (standing == POSSIBLE or counts[0] == 2 and counts[1] == 60, standing)
        assert found.estimate.low is not None


def test_sums_of_weights_that_are_rounded_give_shares_of_at_most_one():
    """The same weights, added in another order, were a little more."""
    everyone, others = Count(30, 30.00000000000003, 40.0, 400), Count(30, 30.0, 40.0, 400)
    found = _of_shares(Share(everyone, Count(30, 30.0, 40.0, 400)), Share(others, Count(60, 60.0, 70.0, 400)))
    assert found.effect > 0 and found.estimate.value == exactly(0.5)
