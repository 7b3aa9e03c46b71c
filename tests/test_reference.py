"""Figures against R's, of the same responses: `reference/` has the data, the R script, and what it printed.

Closed forms agree to 1e-8, what is iterated to 1e-6.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from app.results.crosstabs import crosstab
from app.results.findings import findings
from app.results.marginals import ItemFigures, Marginal, figures
from app.results.progress import progress
from app.results.statistics import tests as significance
from app.results.statistics.cells import unweighted
from app.results.statistics.differences import (
    PairedShares,
    paired_mean_difference,
    paired_share_difference,
    share_difference,
)
from app.results.statistics.intervals import Estimate, exact_share_interval
from app.results.statistics.values import Summary, summary_of_sums
from app.results.view import View
from app.survey.conditions.language import filter_scope, parse_condition
from tests.support.reference import FOLDER, R, asked, closely, exactly, frame, rows_of

BASES = ("complete", "partial", "all", "left")


# --- the responses ------------------------------------------------------------------------------------------


@cache
def view(base: str) -> View:
    if base == "left":
        return View(where=parse_condition('status == "left"', filter_scope(asked())))
    return View(base)


@cache
def items(base: str) -> dict[str, ItemFigures]:
    return {item.id: item for item in figures(frame(), view(base)).items}


def part(base: str, name: str) -> Marginal:
    """The figures of one variable."""
    item = items(base)[name.partition(".")[0]]
    return next(each for each in item.parts if each.name == name or len(item.parts) == 1)


def is_share(found: Estimate, wanted: dict[str, Any]) -> bool:
    return (found.value, found.low, found.high, found.n) == exactly((wanted["share"], *wanted["wilson"], wanted["n"]))


# --- marginals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", BASES)
def test_shares_and_both_their_intervals_are_those_of_r(base):
    wanted = R["marginals"][base]
    assert figures(frame(), view(base)).n == wanted["n"]
    compared = 0
    for name, codes in (*wanted["shares"].items(), ("reasons", wanted["reasons"])):
        cells = {str(cell.code): cell for cell in part(base, name).cells}
        assert set(cells) == set(codes), name
        for code, each in codes.items():
            cell = cells[code]
            assert is_share(cell.interval, each), (name, code)
            exact = exact_share_interval(cell.count, cell.base)
            assert (exact.low, exact.high) == exactly(tuple(each["exact"])), (name, code)
            compared += 1
    assert compared > 60


def test_there_are_shares_of_nothing_and_of_everything():
    """Where intervals of Wald have no width."""
    shares = R["marginals"]["complete"]["shares"]
    assert (shares["status"]["retired"]["share"], shares["licensed"]["yes"]["share"]) == (0, 1)


@pytest.mark.parametrize("base", BASES)
def test_means_medians_quartiles_and_errors_are_those_of_r(base):
    for name, wanted in R["marginals"][base]["means"].items():
        found = part(base, name).summary
        assert found.n == wanted["n"], name
        is_of_r(found, wanted)


def is_of_r(found: Summary, wanted: dict[str, Any]) -> None:
    assert (found.mean, found.sd, found.error, found.median) == exactly(
        tuple(wanted[name] for name in ("mean", "sd", "error", "median"))
    )
    assert found.quartiles == exactly(tuple(wanted["quartiles"]))
    assert (found.interval.low, found.interval.high) == exactly(tuple(wanted["interval"]))


@pytest.mark.parametrize("base", BASES)
def test_the_ends_of_scales_and_net_figures_are_those_of_r(base):
    wanted = R["marginals"][base]
    for name in ("m.failed", "own"):
        assert is_share(part(base, name).top_two, wanted["top_two"][name])
        assert is_share(part(base, name).bottom_two, wanted["bottom_two"][name])
    net = part(base, "recommend").net
    assert (net.value, net.error, net.low, net.high, net.n) == exactly(
        (wanted["net"]["mean"], wanted["net"]["error"], *wanted["net"]["interval"], wanted["net"]["n"])
    )


@pytest.mark.parametrize("base", BASES)
def test_reasons_for_missing_values_are_counted_as_in_r(base):
    for name, wanted in R["marginals"][base]["missing"].items():
        found = part(base, name).missing
        assert {f"~{reason}": n for reason, n in found.items()} == wanted, name


def test_the_completion_rate_leaves_out_the_screened_out_and_the_withdrawn():
    going = progress(frame())
    assert is_share(going.completion, R["completion"])
    assert (going.screened_out, going.withdrawn, going.refused) == (54, 13, 0)


# --- crosstabs and groups -----------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", R["crosstabs"], ids=lambda each: f"{len(each['rows'])} x {len(each['columns'])}")
def test_tables_their_residuals_and_tests_are_those_of_r(wanted):
    counts = wanted["counts"]
    assert significance.expected(counts) == exactly(np.array(wanted["expected"]))
    assert significance.adjusted_residuals(counts) == exactly(np.array(wanted["residuals"]))
    assert significance.cramers_v(counts) == exactly(wanted["cramers_v"])
    test = significance.chi_square(counts)
    assert (test.statistic, test.df, test.p) == exactly((wanted["statistic"], wanted["df"], wanted["p"]))
    if "fisher" in wanted and wanted["fisher"] is not None:
        assert significance.fisher_exact(counts).p == exactly(wanted["fisher"])


@pytest.mark.parametrize("wanted", R["crosstabs"], ids=lambda each: f"{each['row']} by {each['column']}")
def test_questions_crossed_have_the_counts_residuals_and_test_of_r(wanted):
    """R leaves out what nobody answered."""
    found = crosstab(frame(), View(), wanted["row"], wanted["column"])
    at = {axis: [str(each.code) for each in categories] for axis, categories in
          (("rows", found.rows.categories), ("columns", found.columns.categories))}  # fmt: skip
    for row, residuals, counts in zip(wanted["rows"], wanted["residuals"], wanted["counts"], strict=True):
        cells = [found.table.cells[at["rows"].index(row)][at["columns"].index(column)] for column in wanted["columns"]]
        assert [cell.n for cell in cells] == counts
        shown = [(cell.residual, residual) for cell, residual in zip(cells, residuals, strict=True) if not cell.is_thin]
        assert [own for own, _ in shown] == exactly([residual for _, residual in shown])
    assert found.table.n == np.sum(wanted["counts"])
    test = found.table.conclusion.test
    if test is not None:
        assert test.p == exactly(wanted["p"] if test.df else wanted["fisher"])


def test_of_rs_tables_one_is_exact_and_one_has_too_few():
    methods = [significance.independence(each["counts"]) for each in R["crosstabs"]]
    assert [each.test.method if each.test else None for each in methods] == [
        "Pearson’s chi-square", "Pearson’s chi-square", "Pearson’s chi-square", "Fisher’s exact test", None,
        "Pearson’s chi-square",
    ]  # fmt: skip


@pytest.mark.parametrize("wanted", R["differences"], ids=lambda each: str(each["counts"]))
def test_differences_of_shares_are_newcombes_in_r(wanted):
    found = share_difference(*map(unweighted, wanted["counts"]))
    assert (found.value, found.low, found.high) == exactly((wanted["difference"], *wanted["interval"]))


@pytest.mark.parametrize("name", list(R["groups"]))
def test_means_of_groups_their_tests_and_pairs_are_those_of_r(name):
    wanted = R["groups"][name]
    variable, group = name.split(" by ")
    found = {code: in_group(variable, group, code) for code in wanted["groups"]}
    assert [each.n for each in found.values()] == [each["n"] for each in wanted["groups"].values()]
    for code, each in wanted["groups"].items():
        is_of_r(found[code], each)
    test = significance.analysis_of_variance(list(found.values()))
    assert (test.statistic, test.df, test.df_within, test.p) == exactly((wanted["f"]["statistic"], *wanted["f"]["df"], wanted["f"]["p"]))
    for pair, each in zip(significance.pairs_of_means(list(found.values())), wanted["pairs"], strict=True):
        difference, test = pair.difference, significance.welch(*(found[code] for code in each["pair"]))
        assert (difference.value, difference.low, difference.high) == exactly((each["difference"], *each["interval"]))
        assert (test.statistic, test.df, test.p, pair.p) == exactly((each["t"], each["df"], each["p"], each["holm"]))


@pytest.mark.parametrize("name", ["stigma by specialty", "years by status"])
def test_means_crossed_with_groups_have_the_test_and_pairs_of_r(name):
    wanted = R["groups"][name]
    crossed = crosstab(frame(), View(), *name.split(" by "))
    test = crossed.means.conclusion.test
    # Of two groups the test is Welch's t, whose square is his F.
    statistic = test.statistic if test.df_within else test.statistic**2
    assert (statistic, test.p) == exactly((wanted["f"]["statistic"], wanted["f"]["p"]))
    codes = [category.code for category in crossed.columns.categories]
    found = {frozenset((codes[pair.first], codes[pair.second])): pair.p for pair in crossed.means.pairs if pair.p is not None}
    assert found == exactly({frozenset(each["pair"]): each["holm"] for each in wanted["pairs"]})


def in_group(variable: str, group: str, code: str) -> Summary:
    only = View(only=((group, (code,)),))
    item = next(item for item in figures(frame(), only).items if item.id == variable)
    return item.parts[0].summary


def test_differences_within_persons_are_those_of_r():
    wanted = R["within"]
    pairs = [(int(row["own"]), int(row["seen"])) for row in rows_of("responses.csv")
             if row["disposition"] == "complete" and not (row["own"] + row["seen"]).count("~")]  # fmt: skip
    apart = [own - seen for own, seen in pairs]
    mean = paired_mean_difference(summary_of_sums([(1.0, len(apart), sum(apart), sum(each**2 for each in apart))]))
    assert (mean.value, mean.low, mean.high, mean.n) == exactly((wanted["mean"], *wanted["interval"], wanted["n"]))
    assert mean.value / mean.error == exactly(wanted["t"])
    shares = PairedShares(*map(unweighted, wanted["cells"]))
    share = paired_share_difference(shares)
    assert (share.value, share.low, share.high) == exactly((wanted["difference"], *wanted["share_interval"]))


# --- scores and vignettes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "base", "score"),
    [("stigma", "complete", "stigma"), ("strain_sum", "complete", "strain_sum"), ("stigma of those who left", "left", "stigma")],
)  # fmt: skip
def test_reliability_is_that_of_psych_and_lavaan(name, base, score):
    wanted = R["reliability"][name]
    found = findings(frame(), view(base)).found[score]
    assert (found.n, found.alpha) == exactly((wanted["n"], wanted["alpha"]))
    assert [found.interval, found.interval] == [exactly(tuple(wanted[each])) for each in ("feldt", "feldt_psych")]
    assert found.pairwise.alpha == exactly(wanted["pairwise"])
    assert [each.if_dropped for each in found.by_part] == exactly(wanted["if_dropped"])
    assert [each.item_rest for each in found.by_part] == exactly(wanted["item_rest"])
    assert found.omega.value == closely(wanted["omega"])


@pytest.mark.parametrize("attribute", ["who", "why"])
def test_ratings_by_level_are_those_of_survey_with_respondents_as_clusters(attribute):
    found = findings(frame(), view("complete")).found["move.right"].all
    levels = next(each for each in found.attributes if each.id == attribute).levels
    for level, wanted in zip(levels, R["experiment"]["means"][attribute].values(), strict=True):
        estimate = level.mean
        assert (estimate.n, estimate.clusters) == (wanted["n"], wanted["clusters"])
        assert (estimate.value, estimate.error, estimate.low, estimate.high) == exactly(
            (wanted["mean"], wanted["error"], *wanted["interval"])
        )


@pytest.mark.parametrize("vignettes", ["all", "first"])
def test_effects_of_levels_are_those_of_sandwich_clustered_by_respondent(vignettes):
    """`lm` and `vcovCL(type = "HC1", cadjust = TRUE)`: A. Zeileis, S. Köll, N. Graham (2020), Journal of Statistical Software 95."""
    found, wanted = getattr(findings(frame(), view("complete")).found["move.right"], vignettes), R["experiment"][vignettes]
    assert (found.judgements, found.respondents) == (wanted["n"], wanted["clusters"])
    effects = [effect for attribute in found.attributes for effect in attribute.effects]
    for place, effect in enumerate(effects, 1):
        estimate = effect.estimate
        assert (estimate.value, estimate.error, estimate.low, estimate.high, effect.p, effect.df) == exactly(
            (wanted["effects"][place], wanted["errors"][place], *wanted["intervals"][place], wanted["p"][place], wanted["clusters"] - 1)
        )
    if vignettes == "all":
        assert ([effect.adjusted for effect in effects], effects[0].family) == (exactly(R["experiment"]["holm"]), 3)
        assert is_wald(found.attributes[1].joint, R["experiment"]["why"])


def test_interaction_with_a_group_is_that_of_the_joint_model_in_r():
    """`right ~ (who + why) * status`: those in practice less those who left, who come first in R and last here."""
    split = findings(frame(), replace(view("complete"), by="status")).found["move.right"].split
    wanted = R["experiment"]["by_status"]
    differences = [effect for attribute in split.all.attributes for _, (effect,) in attribute.differences]
    assert split.all.groups == ("In practice", "Left") and len(differences) == 3
    for place, effect in enumerate(differences, 5):
        low, high = wanted["intervals"][place]
        assert (effect.estimate.value, effect.estimate.error, effect.estimate.low, effect.estimate.high, effect.p) == exactly(
            (-wanted["effects"][place], wanted["errors"][place], -high, -low, wanted["p"][place])
        )
    assert is_wald(split.all.joint, R["experiment"]["interaction"])
    left = next(group for group in split.groups if group.code == "left").all
    effects = [effect.estimate.value for attribute in left.attributes for effect in attribute.effects]
    assert effects == exactly(wanted["effects"][1:4])


def is_wald(found: significance.Test, wanted: dict[str, Any]) -> bool:
    return (found.statistic, found.df, found.df_within, found.p) == exactly(
        (wanted["f"], wanted["df"], wanted["clusters"] - 1, wanted["p"])
    )


# --- the reference itself -----------------------------------------------------------------------------------


def test_a_seed_made_the_responses_that_r_read(tmp_path, monkeypatch):
    from tests.reference import make

    monkeypatch.setattr(make, "HERE", tmp_path)
    make.main()
    for name in ("responses.csv", "vignettes.csv"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


def test_the_reference_names_what_made_it():
    assert set(R["versions"]) == {"R", "survey", "psych", "lavaan", "sandwich", "lmtest", "jsonlite"}
