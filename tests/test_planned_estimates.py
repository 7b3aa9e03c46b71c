"""Primary estimates: each from the plan's own view, corrected for the other contrasts of the plan, and in sentences."""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from app.interview.route import Route
from app.results.findings import findings
from app.results.frame.frame import Frame
from app.results.plan.document import plan_document, plan_markdown
from app.results.plan.drawing import draw_primary
from app.results.plan.estimates import (
    PlannedEstimate,
    effect_views,
    planned_estimates,
    planned_figures,
    planned_views,
)
from app.results.plan.history import plan_history
from app.results.plan.size import planned_size
from app.simulation.respondents import respondent
from app.survey.source.reading import read_survey
from tests.support.answers import EVERYTHING, given_response, instrument

SURVEY = """
title: Leaving
sample: 800
arms: {cause: [burnout, visa]}
scores: {stigma: {label: Stigma, mean: [seen.failed, seen.weak], to: [0, 100]}}
analysis:
  primary:
    years: {question: Do those who left stay shorter?, item: years, contrast: {status: [left, stays]}}
    blame: {question: Is burnout blamed more?, item: blame, share: [1, 2], contrast: {cause: [burnout, visa]}}
    why: {question: Is it pay?, item: why, share: [pay], contrast: {status: [left, stays]}, where: years > 5}
    stigma: {question: How much stigma is there?, item: stigma}
    failed: {question: Who sees failure?, item: seen.failed, share: [3], base: all}
sections:
  s:
    items:
      status: {type: single_choice, ask: Which?, options: {left: Left it, stays: Stays in it, other: Neither}}
      years: {type: number, ask: How many years?, range: [0, 40]}
      blame: {type: rating, ask: "Whose fault is {cause}?", scale: {1: Theirs, 2: Rather theirs, 3: Rather not, 4: Not theirs}}
      why: {type: multiple_choice, ask: Why?, options: {pay: The pay, hours: The hours}}
      seen: {type: matrix, ask: How seen?, scale: {1: Not, 2: Partly, 3: Fully}, statements: {failed: Failed, weak: Weak}}
"""
ASKED = instrument(SURVEY)
Rows = Sequence[Mapping[str, Any]]


def answer(n: int) -> dict[str, Any]:
    left = n % 2 == 0
    return {
        "status": "left" if left else "stays", "years": n % 20 if left else 3 + n % 23, "cause": "burnout" if n % 3 else "visa",
        "blame": 1 + (n % 4 if n % 3 else 3 - n % 2), "why": ["pay"] if n % 5 < 2 else ["hours"], "seen.failed": 1 + n % 3, "seen.weak": 2,
    }  # fmt: skip


def estimated(rows: Rows, asked: Any = ASKED) -> dict[str, PlannedEstimate]:
    frame = Frame([asked])
    frame.take([given_response(asked, number, answers) for number, answers in enumerate(rows)])
    counted = {view: planned_figures(frame, view) for view in planned_views(asked.analysis)}
    effects = {view: findings(frame, view).found for view in effect_views(asked.analysis)}
    return {each.plan.name: each for each in planned_estimates(asked, counted, effects)}


def test_a_contrast_of_means_is_the_first_group_less_the_second_by_welch() -> None:
    rows = [*map(answer, range(200)), {"status": "other", "years": 40}]
    found = estimated(rows)["years"]
    left, stays = ([row["years"] for row in rows if row["status"] == status] for status in ("left", "stays"))
    test = stats.ttest_ind(left, stays, equal_var=False)
    interval = test.confidence_interval(0.95)
    assert found.value.value == pytest.approx(sum(left) / len(left) - sum(stays) / len(stays))
    assert (found.value.low, found.value.high, found.p) == pytest.approx((interval.low, interval.high, test.pvalue), rel=1e-9)
    assert [(label, side.value) for label, side in found.sides] == [("Left it", sum(left) / 100), ("Stays in it", sum(stays) / 100)]


def test_contrasts_are_corrected_for_each_other_by_holm() -> None:
    found = estimated([*map(answer, range(200))])
    ps = {name: found[name].p for name in ("years", "blame", "why")}
    ordered = sorted((p, name) for name, p in ps.items() if p is not None)
    largest = 0.0
    for rank, (p, name) in enumerate(ordered):
        largest = max(largest, min(1.0, p * (3 - rank)))
        assert found[name].adjusted == pytest.approx(largest)
    assert found["stigma"].adjusted is None and found["stigma"].standing == ""


def test_a_contrast_without_data_still_counts_in_the_correction() -> None:
    """Else a plan would be corrected the less, the fewer of its questions are answered."""
    rows = [{"status": "left" if n % 2 else "stays", "years": 5 + n % 7 + 3 * (n % 2)} for n in range(60)]
    found = estimated(rows)
    assert found["blame"].standing == "none" and found["why"].standing == "none"
    assert found["years"].p is not None and found["years"].adjusted == pytest.approx(3 * found["years"].p)
    assert found["years"].standing == "clear"


def test_each_estimate_has_its_own_view() -> None:
    rows = [*map(answer, range(100))]
    found = estimated(rows)
    among = [row for row in rows if row["years"] > 5]
    shares = [[row["why"] == ["pay"] for row in among if row["status"] == status] for status in ("left", "stays")]
    assert [side.value for _, side in found["why"].sides] == pytest.approx([sum(each) / len(each) for each in shares])
    assert found["why"].value.n == len(among)


def test_a_mean_and_a_share_without_contrast_have_their_intervals() -> None:
    rows = [*map(answer, range(90))]
    found = estimated(rows)
    values = [50 * (row["seen.failed"] + row["seen.weak"] - 2) / 2 for row in rows]
    assert found["stigma"].value.value == pytest.approx(sum(values) / 90)
    assert (found["stigma"].value.low, found["stigma"].value.high) == pytest.approx(stats.t.interval(0.95, 89, sum(values) / 90, stats.sem(values)))
    wilson = stats.binomtest(30, 90).proportion_ci(method="wilson")
    assert tuple(found["failed"].value[:3]) == pytest.approx((1 / 3, wilson.low, wilson.high))


WEIGHTED = """
title: T
weights: {rake: {status: {left: 0.5, stays: 0.5}}}
analysis: {primary: {yes: {question: Q?, item: says, share: [yes], weighted: true}}}
sections:
  s:
    items:
      status: {type: single_choice, ask: Which?, options: {left: Left, stays: Stays}}
      says: {type: single_choice, ask: Yes?, options: {yes: Yes, no: No}}
"""


def test_a_weighted_estimate_is_that_of_the_weighted_view() -> None:
    """Of 40 who left and 80 who stay, with half of each in the population: the mean of the two groups' shares."""
    asked = instrument(WEIGHTED)
    rows = [{"status": "left" if n < 40 else "stays", "says": "yes" if n % 4 == 0 or n < 20 else "no"} for n in range(120)]
    shares = [sum(row["says"] == "yes" for row in rows if row["status"] == status) / n for status, n in (("left", 40), ("stays", 80))]
    found = estimated(rows, asked)["yes"]
    assert found.value.value == pytest.approx(sum(shares) / 2) and found.value.value != pytest.approx(sum(row["says"] == "yes" for row in rows) / 120)


def test_a_weighted_estimate_is_not_shown_without_weights() -> None:
    """Weights cannot be made while a group of the target has nobody."""
    asked = instrument(WEIGHTED)
    found = estimated([{"status": "left", "says": "yes"}] * 30, asked)["yes"]
    assert found.value.value is None and "weights cannot be used" in found.reason


def test_the_method_of_a_weighted_estimate_is_that_of_weighted_figures() -> None:
    by_stage = WEIGHTED.replace("share: [yes]", "share: [yes], contrast: {status: [left, stays]}").replace("title: T", "title: T\nsample: 400")
    for written, named in ((WEIGHTED, ("interval of its logit",)), (by_stage, ("Zou and Donner", "Rao and Scott’s F"))):
        document = plan_document(instrument(written))
        method, size = document.estimates[0].method, document.estimates[0].size
        assert all(each in method for each in named) and "weights are taken as given" in method
        assert not any(each in method for each in ("Wilson", "Newcombe", "Pearson’s chi-square"))
    assert "design effect is not known yet" in size


def test_fewer_than_ten_on_a_side_conclude_nothing_and_nobody_is_no_fault() -> None:
    found = estimated([answer(n) for n in range(12)])["years"]
    assert (found.standing, found.p, found.value.low) == ("few", None, None)
    assert {each.standing for each in estimated([]).values()} == {"none"}


# --- before there are data ----------------------------------------------------------------------------------


def test_the_plan_in_sentences_names_estimate_base_method_and_correction() -> None:
    document = plan_document(ASKED)
    assert document is not None
    years, blame, why, stigma, failed = (each.definition for each in document.estimates)
    assert years == (
        "The mean of “How many years?” of those who answered “Left it” to “Which?” less that of those who answered “Stays in it”,"
        " among complete responses."
    )
    assert blame == (
        "The share of “Theirs” or “Rather theirs” among the answers to “Whose fault is burnout / visa?” in the arm “burnout” less"
        " that in the arm “visa”, among complete responses."
    )
    assert why.startswith("The share of those who chose “The pay” for “Why?” of those who answered “Left it”")
    assert why.endswith("among complete responses of those who gave more than 5 for “How many years?”.")
    assert stigma == "The mean of “Stigma”, among complete responses."
    assert failed.endswith("among all responses begun, except those screened out.")
    assert "The 3 primary contrasts" in document.correction and "Holm" in document.correction
    text = plan_markdown(document)
    assert document.plan.digest in text and ASKED.digest in text and "Not stated in the plan." in text


def test_the_smallest_effect_follows_from_the_expected_number() -> None:
    """Two groups of 400 and 400, two-sided 5%, power 80 %: 2.8016 standard errors (Cohen 1988)."""
    years, blame = ASKED.analysis.primary[:2]
    size = planned_size(ASKED, blame, 3)
    assert size is not None and size.alone == pytest.approx(2.8016 * 0.5 * (1 / 400 + 1 / 400) ** 0.5, rel=1e-4)
    assert size.corrected == pytest.approx((2.3940 + 0.8416) * 0.5 * (1 / 400 + 1 / 400) ** 0.5, rel=1e-4)
    thirds = planned_size(ASKED, years, 1)
    assert thirds is not None and thirds.alone == thirds.corrected == pytest.approx(2.8016 * (3 / 800 + 3 / 800) ** 0.5, rel=1e-4)


VIGNETTES = """
title: Cases
sample: 4000
analysis:
  primary:
    first: {question: Q?, item: move_seen, vignettes: first, contrast: {profession: [engineer, lawyer]}}
    all: {question: Q?, item: move_seen, vignettes: all, contrast: {profession: [doctor, engineer]}}
sections:
  s:
    items:
      move:
        type: vignette
        text: "{profession} leaves {reason}."
        attributes: {profession: {doctor: A doctor, engineer: An engineer, lawyer: A lawyer}, reason: {growth: to grow, health: to recover}}
        each_sees: 3
        one_of_each: profession
        design: blocks
        blocks: 4
        ratings: {seen: {ask: How do you see it?, scale: {1: Failure, 2: Neither, 3: Growth}}}
"""


def test_the_smallest_effect_between_levels_follows_from_the_design() -> None:
    """The first vignette alone compares two groups of a third; within respondents what is their own drops out."""
    asked = instrument(VIGNETTES)
    first, every = asked.analysis.primary
    size = planned_size(asked, first, 2)
    assert size is not None and size.error == pytest.approx((3 / 4000 + 3 / 4000) ** 0.5, rel=0.02)
    within = planned_size(asked, every, 2)
    assert within is not None and within.error == pytest.approx((2 * (1 - 0.3) / 4000) ** 0.5, rel=0.02)


def judged(n: int, levels: Sequence[str], seen: Sequence[int]) -> dict[str, Any]:
    """One respondent who judged three professions, in this order, each with a reason in turn."""
    found: dict[str, Any] = {}
    for place, (level, value) in enumerate(zip(levels, seen, strict=True), 1):
        reason = ("growth", "health")[(n + place) % 2]
        found |= {f"move_profession_{place}": level, f"move_reason_{place}": reason, f"move_seen_{place}": value}
    return found


def test_a_contrast_between_levels_is_the_first_less_the_second() -> None:
    """Neither of the two need be the level that the survey names first; the first vignettes alone compare persons."""
    asked = instrument(VIGNETTES)
    orders = list(permutations(("doctor", "engineer", "lawyer")))
    rows = []
    for n in range(240):
        order = orders[n % 6]
        rows.append(judged(n, order, [1 + (n // 6 + len(level)) % 3 if level != "doctor" else 1 + n // 6% 2 for level in order]))
    found = estimated(rows, asked)
    firsts = {level: [row["move_seen_1"] for row in rows if row["move_profession_1"] == level] for level in ("engineer", "lawyer")}
    assert [(label, round(side.value or 0, 6)) for label, side in found["first"].sides] == [
        (label, round(sum(firsts[code]) / len(firsts[code]), 6)) for label, code in (("An engineer", "engineer"), ("A lawyer", "lawyer"))
    ]
    by_level = {level: [row[f"move_seen_{at}"] for row in rows for at in (1, 2, 3) if row[f"move_profession_{at}"] == level] for level in ("doctor", "engineer")}
    expected = sum(by_level["doctor"]) / 240 - sum(by_level["engineer"]) / 240
    assert found["all"].value.value == pytest.approx(expected, abs=1e-9) and found["all"].value.clusters == 240
    assert found["first"].value.value == pytest.approx(sum(firsts["engineer"]) / 80 - sum(firsts["lawyer"]) / 80, abs=0.05)
    assert all(each.adjusted is not None for each in found.values())


def test_a_difference_on_a_short_scale_has_the_decimals_of_its_sides() -> None:
    """With few respondents the interval alone would leave one decimal: 2.9 and 3.2 beside −0.4."""
    asked = instrument(VIGNETTES)
    orders = list(permutations(("doctor", "engineer", "lawyer")))
    rows = [judged(n, orders[n % 6], [1 + (n // 6 + n * at) % 3 for at in range(3)]) for n in range(60)]
    for row in draw_primary(asked, [*estimated(rows, asked).values()]).rows:
        written = [row.value, *(side.value for side in row.sides)]
        assert len(written) == 3 and all(re.fullmatch(r"[+−]?\d\.\d\d", each) for each in written)


def test_the_smallest_effect_is_that_of_the_two_levels_that_are_named() -> None:
    """The variance of least squares on all attributes, of a design in which one level is shown less often than the others."""
    lawyers = [f'reason == "{reason}" and profession == "lawyer"' for reason in ("visa", "family", "money")]
    text = VIGNETTES.replace("one_of_each: profession", f"exclude: {lawyers}").replace("health: to recover}", "visa: to move, family: to care, money: to earn, health: to rest}")
    asked = instrument(text.replace("each_sees: 3", "each_sees: 2").replace("blocks: 4", "blocks: 10"))
    cells = np.array([cell for block in asked.vignettes[0].design.blocks for cell in block])
    coded = np.hstack([np.ones((len(cells), 1)), np.eye(3)[cells[:, 0]][:, 1:], np.eye(5)[cells[:, 1]][:, 1:]])
    covariance = np.linalg.inv(coded.T @ coded / len(cells)) / 4000
    first, every = (replace(each, vignettes="first") for each in asked.analysis.primary)
    for estimate, contrast in ((first, (0, 1, -1)), (every, (0, -1, 0))):
        named = np.array([*contrast, 0, 0, 0, 0])
        size = planned_size(asked, estimate, 1)
        assert size is not None and size.error == pytest.approx((named @ covariance @ named) ** 0.5, rel=0.01)


# --- what changed -------------------------------------------------------------------------------------------


def test_a_history_lists_what_changed_from_plan_to_plan() -> None:
    changed = SURVEY.replace("sample: 800", "sample: 500").replace("where: years > 5", "where: years > 9").replace(
        "    stigma: {question: How much stigma is there?, item: stigma}\n", "  population: All.\n"
    )  # fmt: skip
    moved = changed.replace("  population: All.\n", "").replace("sections:", "  population: All.\nsections:")
    plans = [instrument(text).analysis for text in (SURVEY, moved.replace("analysis:\n  population: All.\n", "analysis:\n"))]
    rows = [
        {"digest": plan.digest, "plan": plan.canonical, "day": datetime.date(2027, 3, 1 + at), "begun": 41 * at, "complete": 30 * at}
        for at, plan in enumerate(plans)
    ]  # fmt: skip
    rows.append({"digest": "", "plan": "", "day": datetime.date(2027, 3, 9), "begun": 60, "complete": 50})
    history = plan_history(rows)
    assert history.plans[1].changes == (
        "The primary estimate “stigma” was removed.", "The condition of “why” changed from years > 5 to years > 9.",
        "“population” was added.", "The expected number of respondents changed from 800 to 500.",
    )  # fmt: skip
    assert history.plans[2].changes == ("The plan was removed.",)
    assert history.sentence() == (
        "First seen on 1 March 2027, before any response had begun. Changed 2 times, last on 9 March 2027 (removed), after 60 responses had"
        " begun, 50 of them complete."
    )
    assert plan_history(rows[1:2]).sentence() == "First seen on 2 March 2027, after 41 responses had begun, 30 of them complete."


def test_no_plan_is_changed_unseen_by_removing_it_in_between() -> None:
    old = SURVEY.replace("analysis:\n", "analysis:\n  stopping: At 100.\n", 1)
    new = old.replace("stopping: At 100.", "stopping: When it suits.").replace("where: years > 5", "where: years > 9")
    plans = [instrument(text).analysis for text in (old, new)]
    row = {"day": datetime.date(2027, 3, 1), "begun": 9, "complete": 9}
    first, second = ({**row, "digest": plan.digest, "plan": plan.canonical} for plan in plans)
    removed = {**row, "digest": "", "plan": ""}
    assert plan_history([first, removed, second]).plans[2].changes == (
        "A plan was added again, which differs from the removed one:", "The condition of “why” changed from years > 5 to years > 9.",
        "“stopping” changed; it was: “At 100.”",
    )  # fmt: skip
    assert plan_history([first, removed, first]).plans[2].changes == ("The same plan was added again.",)


# --- everything that can be named ---------------------------------------------------------------------------

#: By name, how each can be estimated; all others are refused.
NAMED = {
    **dict.fromkeys(("trained", "left_years", "gap", "stigma", "told", "feels.warm", "seen.grew", "support.peers_now", "time.clinic"), ""),
    **dict.fromkeys(("early",), ""), "status": ", share: [left]", "kind": ", share: [left]", "reasons": ", share: [pay]",
    "country": ", share: [de]", "stigma_band": ", share: [low]", "values.best": ", share: [a]",
    "move_ok": ", vignettes: all, contrast: {why: [rest, pay]}",
}  # fmt: skip
REFUSED = ("day", "month", "last_day", "weigh", "best", "time", "values", "seen", "support", "word", "cause", "weight", "weight_pay", "move_ok_1")


def planned(names: Mapping[str, str]) -> str:
    lines = [f"    e{n}: {{question: Q, item: {name}{more}}}  # ok" for n, (name, more) in enumerate(names.items())]
    return "analysis:  # ok: many-primary\n  primary:\n" + "\n".join(lines) + EVERYTHING


PLANNED = instrument(planned(NAMED))


def test_all_that_has_a_mean_or_a_share_is_estimated() -> None:
    document = plan_document(PLANNED)
    assert document is not None and len(document.estimates) == len(NAMED) and plan_markdown(document)
    chance, route = random.Random(1), Route(PLANNED)
    people = [respondent(route, chance) for _ in range(150)]
    rows = [person.pages[-1] for person in people if person.completed]
    found = estimated(rows, PLANNED)
    assert [each.plan.item for each in found.values() if each.value.value is None] == []
    years = [row["left_years"] for row in rows if isinstance(row.get("left_years"), int)]
    assert found["e1"].value.value == pytest.approx(sum(years) / len(years)) and found["e1"].value.n == len(years)
    assert len(draw_primary(PLANNED, [*found.values()]).rows) == len(NAMED)


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_neither_is_refused_at_its_line(name: str) -> None:
    faults = read_survey(planned({name: ""}).encode(), "x")[1]
    assert [(fault.line, fault.code) for fault in faults if not fault.is_warning] == [(3, "bad-analysis")]
