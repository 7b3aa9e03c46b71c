"""Weighted results of the responses that R read, from the frame to the figure: marginals, groups and crosstabs.

Raking is iterated, so that figures agree with R's to 1e-6; with its weights as given they agree to 1e-8
(`test_weighted_figures`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from app.results.comparison import compare
from app.results.crosstabs import crosstab
from app.results.findings import findings
from app.results.frame.frame import Frame
from app.results.items import ItemFigures, Marginal
from app.results.marginals import figures, grouped
from app.results.statistics.intervals import share_interval
from app.results.view import View
from app.survey.conditions.language import filter_scope, parse_condition
from app.survey.model import Weights
from tests.support.reference import R, asked, changes, closely

GIVEN = R["weighted"]["given"]
CODES = {"specialty": ("primary", "surgical", "other"), "stage": ("training", "specialist", "senior")}
TARGETS = {name: dict(zip(codes, R["weighted"]["targets"][name], strict=True)) for name, codes in CODES.items()}
WEIGHTED = View(weights="rake")
OF_LEFT = View(where=parse_condition('status == "left"', filter_scope(asked())), weights="rake")


@cache
def frame() -> Frame:
    made = Frame([replace(asked(), weights=Weights(TARGETS))])
    made.take(changes())
    return made


@cache
def items(view: View) -> dict[str, ItemFigures]:
    return {item.id: item for item in figures(frame(), view).items}


def part(view: View, name: str) -> Marginal:
    item = items(view)[name.partition(".")[0]]
    return next(each for each in item.parts if each.name == name or len(item.parts) == 1)


@pytest.mark.parametrize(("view", "base"), [(WEIGHTED, "everyone"), (OF_LEFT, "left")], ids=["everyone", "left"])
def test_marginals_of_a_weighted_view_are_those_of_r(view, base):
    for name, shares in GIVEN["all_shares"][base].items():
        if name == "cause":  # what was assigned is counted
            assert part(view, name).base.design == 0
            continue
        for cell in part(view, name).cells:
            wanted = shares[str(cell.code)]
            if 0 < wanted["share"] < 1:
                found = share_interval(cell.count, cell.base)
                is_target = view is WEIGHTED and name in TARGETS
                assert cell.interval[:3] == ((found.value, None, None) if is_target else found[:3])
                assert (found.value, found.low, found.high, found.error, found.n) == closely(
                    (wanted["share"], *wanted["interval"], wanted["error"], wanted["n"])
                )
    for name, wanted in GIVEN["values" if view is WEIGHTED else "values_of_left"].items():
        found = part(view, name).summary
        assert (found.mean, found.error, found.sd, *found.interval[1:3]) == closely(
            (wanted["mean"], wanted["error"], wanted["sd"], *wanted["interval"])
        )
        assert (found.quartiles[0], found.median, found.quartiles[1]) == closely(tuple(wanted["quantiles"]))


def test_the_ends_of_scales_net_figures_and_options_are_weighted():
    for name in ("m.failed", "own"):
        for found, wanted in ((part(WEIGHTED, name).top_two, GIVEN["top_two"][name]), (part(WEIGHTED, name).bottom_two, GIVEN["bottom_two"][name])):
            assert (found.value, found.low, found.high) == closely((wanted["share"], *wanted["interval"]))
    net = part(WEIGHTED, "recommend").net
    assert (net.value, net.error, net.low, net.high) == closely((GIVEN["net"]["mean"], GIVEN["net"]["error"], *GIVEN["net"]["interval"]))
    for cell in part(WEIGHTED, "reasons").cells:
        wanted = GIVEN["reasons"].get(cell.code)
        if wanted and wanted["share"]:
            assert (cell.interval.value, cell.interval.low, cell.interval.high) == closely((wanted["share"], *wanted["interval"]))


@pytest.mark.parametrize("wanted", GIVEN["crosstabs"], ids=lambda each: f"{each['row']} by {each['column']}")
def test_weighted_crosstabs_have_the_test_residuals_and_v_of_r(wanted):
    view = OF_LEFT if (wanted["row"], wanted["column"]) == ("stage", "cause") else WEIGHTED
    found = crosstab(frame(), view, wanted["row"], wanted["column"])
    test = found.table.conclusion.test
    assert (test.statistic, test.df, test.df_within, test.p) == closely((wanted["f"], *wanted["df"], wanted["p"]))
    assert found.table.v == closely(wanted["v"])
    at = {axis: {str(each.code): place for place, each in enumerate(categories)} for axis, categories in
          (("rows", found.rows.categories), ("columns", found.columns.categories))}  # fmt: skip
    for down, row in enumerate(wanted["rows"]):
        for across, column in enumerate(wanted["columns"]):
            cell = found.table.cells[at["rows"][row]][at["columns"][column]]
            assert (cell.n, cell.of_all.value) == closely((wanted["counts"][down][across], wanted["shares"][down][across]))
            assert cell.residual == (None if cell.is_thin else closely(wanted["residuals"][down][across]))


@pytest.mark.parametrize("name", ["stigma by specialty", "years by cause"])
def test_weighted_means_of_groups_have_the_test_and_pairs_of_r(name):
    wanted, means = GIVEN["groups"][name], crosstab(frame(), WEIGHTED, *name.split(" by ")).means
    test = means.conclusion.test
    assert (test.statistic if test.df_within else test.statistic**2, test.p) == closely((wanted["f"]["statistic"], wanted["f"]["p"]))
    assert (means.whole.mean, means.whole.error) == closely((wanted["whole"]["mean"], wanted["whole"]["error"]))
    assert sorted(pair.p for pair in means.pairs if pair.p is not None) == closely(sorted(each["holm"] for each in wanted["pairs"]))


def test_differences_of_weighted_groups_to_the_rest_are_those_of_r():
    wanted = next(each for each in GIVEN["differences"] if each["name"] == "specialty")
    found = difference("specialty=primary", grouped(frame(), replace(WEIGHTED, by="status")), "left")
    # Of two groups the second is compared with the first; R has it the other way round.
    assert (found.estimate.value, found.estimate.low, found.estimate.high, found.p) == closely(
        (wanted["difference"], *wanted["interval"], wanted["p"])
    )


def difference(measure: str, groups: Any, code: str) -> Any:
    row = next(row for row in compare(groups, "status", "", 10).rows() if row.measure.name == measure)
    return next(value.difference for value in row.values if value.group.code == code)


# --- experiments --------------------------------------------------------------------------------------------

EXPERIMENT = R["experiment"]["weighted"]


@pytest.mark.parametrize("vignettes", ["all", "first"])
def test_weighted_effects_are_those_of_r_clustered_by_respondent(vignettes):
    """`lm` with the raking weights, and `vcovCL(type = "HC1", cadjust = TRUE)`. Raking itself is iterated."""
    found, wanted = getattr(findings(frame(), WEIGHTED).found["move.right"], vignettes), EXPERIMENT[vignettes]
    assert found.weighted and (found.judgements, found.respondents) == (wanted["n"], wanted["clusters"])
    effects = [effect for attribute in found.attributes for effect in attribute.effects]
    for place, effect in enumerate(effects, 1):
        estimate = effect.estimate
        assert (estimate.value, estimate.error, estimate.low, estimate.high, effect.p) == closely(
            (wanted["effects"][place], wanted["errors"][place], *wanted["intervals"][place], wanted["p"][place])
        )
    assert found.attributes[1].joint.statistic == closely(wanted["f"])


def test_weighted_effects_differ_between_groups_as_in_r():
    split, wanted = findings(frame(), replace(WEIGHTED, by="status")).found["move.right"].split, EXPERIMENT["by_status"]
    differences = [effect for attribute in split.all.attributes for _, (effect,) in attribute.differences]
    for place, effect in enumerate(differences, 5):
        assert (effect.estimate.value, effect.estimate.error, effect.p) == closely(
            (-wanted["effects"][place], wanted["errors"][place], wanted["p"][place])
        )
