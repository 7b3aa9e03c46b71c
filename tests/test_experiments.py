"""Effects of experiments: from sums by design as from one row a judgement, whatever the design and whatever is missing."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_ind

from app.results.charts.draw import draw
from app.results.findings import findings, with_findings
from app.results.frame import kept
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.results.statistics.cells import Count
from app.results.statistics.experiments.arms import arm_effects
from app.results.statistics.experiments.effects import Effect, RatingEffects
from app.results.statistics.experiments.estimates import (
    TIED,
    UNJUDGED,
    Factor,
    Sample,
    interaction,
    rating_effects,
)
from app.results.statistics.experiments.sums import JudgementSums
from app.results.statistics.tests import holm
from app.results.statistics.values import summary
from app.results.view import View
from app.survey.analysis.outcomes import arms, outcomes
from tests.support.answers import given_response, instrument


class Respondent(NamedTuple):
    levels: list[tuple[int, int]]
    values: list[float]  # NaN where one is left out


RATED = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, 5.0, float("nan")])
JUDGED = st.tuples(st.integers(0, 1), st.integers(0, 2))
RESPONDENTS = st.lists(
    st.lists(st.tuples(JUDGED, RATED), min_size=3, max_size=3).map(lambda each: Respondent(*map(list, zip(*each, strict=True)))),
    min_size=20, max_size=60,
)  # fmt: skip
FACTORS = (
    Factor("who", "Who", (("doctor", "A doctor"), ("nurse", "A nurse")), 2),
    Factor("why", "Why", (("pay", "for pay"), ("rest", "to rest"), ("visa", "without a visa")), 3),
)


def sums(respondents: list[Respondent], middle: int = 3) -> JudgementSums:
    found = JudgementSums((2, 3), middle)
    found.add(*arrays(respondents))
    return found


def arrays(respondents: list[Respondent]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([each.levels for each in respondents]), np.array([each.values for each in respondents], dtype=float)


def effects_of(found: RatingEffects) -> list[Effect]:
    return [effect for attribute in found.attributes for effect in attribute.effects]


def by_rows(respondents: list[Respondent], groups: list[int] | None = None, weights: list[float] | None = None):
    """Coefficients and their covariance, one row a judgement: ordinary least squares on a constant and dummies, and the
    sandwich over respondents with the factor G/(G-1) (N-1)/(N-K), written from A. C. Cameron and D. L. Miller (2015),
    Journal of Human Resources 50, 317-372, equations 6, 11 and 12."""
    rows, answers, owner, own = [], [], [], []
    for number, (levels, values) in enumerate(respondents):
        for (who, why), value in zip(levels, values, strict=True):
            if not np.isnan(value):
                row = [1.0, who == 1, why == 1, why == 2]
                inside = groups is not None and groups[number]
                rows.append([*row, *(each * bool(inside) for each in row)] if groups is not None else row)
                answers.append(value)
                owner.append(number)
                own.append(weights[number] if weights else 1.0)
    x, y, w, clusters = np.array(rows, dtype=float), np.array(answers), np.array(own), np.array(owner)
    if len(x) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    bread = np.linalg.inv(x.T @ (x * w[:, None]))
    coefficients = bread @ x.T @ (w * y)
    residuals = y - x @ coefficients
    meat = np.zeros_like(bread)
    for number in set(owner):
        mine = clusters == number
        score = x[mine].T @ (w[mine] * residuals[mine])
        meat += np.outer(score, score)
    people, n, k = len(set(owner)), len(y), x.shape[1]
    return coefficients, bread @ meat @ bread * people / (people - 1) * (n - 1) / (n - k), people


@given(RESPONDENTS)
def test_effects_from_sums_are_those_from_one_row_a_judgement(respondents):
    wanted = by_rows(respondents)
    assume(wanted is not None)
    coefficients, covariance, people = wanted
    found = rating_effects(Sample(FACTORS, sums(respondents)))
    assert found.respondents == people
    for place, effect in enumerate(effects_of(found), 1):
        assert effect.estimate.value == pytest.approx(coefficients[place], abs=1e-9)
        if effect.estimate.error is not None:
            assert effect.estimate.error == pytest.approx(covariance[place, place] ** 0.5, rel=1e-8)
    joint = found.attributes[1].joint
    if joint is not None and joint.df == 2:
        part = slice(2, 4)
        wald = coefficients[part] @ np.linalg.solve(covariance[part, part], coefficients[part]) / 2
        assert joint.statistic == pytest.approx(wald, rel=1e-6)


@given(RESPONDENTS, st.lists(st.sampled_from([0.5, 1.0, 2.5]), min_size=60, max_size=60))
def test_weighted_effects_are_those_from_weighted_rows(respondents, weights):
    weights = weights[: len(respondents)]
    wanted = by_rows(respondents, weights=weights)
    assume(wanted is not None)
    each = np.array([0.5, 1.0, 2.5])
    strata = np.searchsorted(each, weights)
    made = JudgementSums((2, 3), 3)
    made.add(*arrays(respondents), strata=strata)
    found = rating_effects(Sample(FACTORS, made, each))
    for place, effect in enumerate(effects_of(found), 1):
        assert effect.estimate.value == pytest.approx(wanted[0][place], abs=1e-9)
        if effect.estimate.error is not None:
            assert effect.estimate.error == pytest.approx(wanted[1][place, place] ** 0.5, rel=1e-8)


@given(RESPONDENTS, st.lists(st.integers(0, 1), min_size=60, max_size=60))
def test_effects_differ_between_groups_as_in_a_model_with_interactions(respondents, groups):
    groups = groups[: len(respondents)]
    wanted = by_rows(respondents, groups)
    assume(wanted is not None)
    made = JudgementSums((2, 3), 3)
    made.add(*arrays(respondents), strata=np.array(groups))
    found = interaction([(str(group), Sample(FACTORS, made, np.eye(2)[group])) for group in (0, 1)], jointly=0)
    assume(found is not None)
    differences = [effect for attribute in found.attributes for _, (effect,) in attribute.differences]
    for place, effect in enumerate(differences, 5):
        assert effect.estimate.value == pytest.approx(wanted[0][place], abs=1e-9)
        if effect.estimate.error is not None:
            assert effect.estimate.error == pytest.approx(wanted[1][place, place] ** 0.5, rel=1e-8)
    if found.joint is not None and found.joint.df == 3:
        part = slice(5, 8)
        wald = wanted[0][part] @ np.linalg.solve(wanted[1][part, part], wanted[0][part]) / 3
        assert found.joint.statistic == pytest.approx(wald, rel=1e-6)


@given(RESPONDENTS, RESPONDENTS)
def test_withdrawn_respondents_leave_no_trace_in_effects(stay, leave):
    kept = sums([*stay, *leave])
    kept.add(*arrays(leave), -1)
    assert rating_effects(Sample(FACTORS, kept)) == rating_effects(Sample(FACTORS, sums(stay)))


def steady(*judged: tuple[tuple[int, int], float], people: int = 12) -> list[Respondent]:
    """As many respondents, who differ a little."""
    return [Respondent([levels for levels, _ in judged], [value + n % 2 for _, value in judged]) for n in range(people)]


def test_what_is_not_identified_is_named_and_has_no_effect():
    """Doctors always leave for pay and nurses always to rest: neither can be told from the other; nobody lacked a visa."""
    found = rating_effects(Sample(FACTORS, sums(steady(((0, 0), 2), ((1, 1), 4)))))
    nurse, rest, visa = effects_of(found)
    assert [each.estimate.value for each in (nurse, rest, visa)] == [None] * 3
    assert [each.reason for each in (nurse, rest, visa)] == [TIED, TIED, UNJUDGED]
    assert found.notes == (f"Who, “A nurse”: {TIED}", f"Why, “to rest”: {TIED}", f"Why, “without a visa”: {UNJUDGED}")
    assert [attribute.joint for attribute in found.attributes] == [None, None]


def test_levels_without_effect_have_equal_means_where_combinations_are_excluded():
    """Pay is judged 3 and rest 4, whoever it is. Nurses are never shown for pay, so the mean of their judgements is 4.0 and
    that of doctors 3.5, though the profession has no effect; predicted with reasons weighted equally, both are 3.5."""
    judged = [*steady(((0, 0), 2.5), ((0, 1), 3.5)), *steady(((1, 1), 3.5), ((1, 1), 3.5))]
    factors = (FACTORS[0], Factor("why", "Why", FACTORS[1].levels[:2], 2))
    made = JudgementSums((2, 2), 3)
    made.add(*arrays(judged))
    observed, predicted = (rating_effects(Sample(factors, made, predicted=each)).attributes[0] for each in (False, True))
    assert [level.mean.value for level in observed.levels] == pytest.approx([3.5, 4.0])
    assert [level.mean.value for level in predicted.levels] == pytest.approx([3.5, 3.5])
    assert observed.effects == predicted.effects and observed.effects[0].estimate.value == pytest.approx(0.0)


def test_more_combinations_than_can_be_numbered_have_the_same_effects():
    """Twenty attributes of ten levels, of which only the first two vary."""
    respondents = drawn_respondents(60)
    levels, values = arrays(respondents)
    many = JudgementSums((2, 3, *([10] * 20)), 3)
    wide = np.concatenate([levels, np.zeros((*levels.shape[:2], 20), dtype=int)], axis=2)
    for part in (slice(0, 30), slice(30, 60)):
        many.add(wide[part], values[part])
    factors = (*FACTORS, *(Factor(f"a{n}", "A", tuple((level, str(level)) for level in range(10)), 1) for n in range(20)))
    found, wanted = (rating_effects(Sample(each, of)) for each, of in ((factors, many), (FACTORS, sums(respondents))))
    for mine, others in zip(found.attributes, wanted.attributes, strict=False):
        assert [each.estimate[:3] for each in mine.effects] == [pytest.approx(each.estimate[:3]) for each in others.effects]


def test_few_respondents_have_an_effect_without_an_interval():
    found = rating_effects(Sample(FACTORS, sums(steady(((0, 0), 2), ((1, 0), 4), ((0, 1), 3), people=9))))
    nurse = found.attributes[0].effects[0]
    assert nurse.estimate[:3] == (pytest.approx(2.0), None, None) and nurse.p is None
    assert nurse.reason.startswith("Fewer than 10 respondents judged it")


def test_a_weighted_effect_of_a_small_effective_number_has_no_interval():
    """Forty judged each level, but one of a hundred times the weight of the others: effectively fewer than two."""
    made = JudgementSums((2, 3), 3)
    respondents = [Respondent([(0, 0), (1, 1), (0, 2)], [2.0, 5.0, 4.0]), *drawn_respondents(40)]
    made.add(*arrays(respondents), strata=np.array([1] + [0] * 40))
    found = rating_effects(Sample(FACTORS, made, np.array([1.0, 100.0]), weighted=True))
    assert all(effect.p is None and effect.estimate.low is None and "effective number" in effect.reason for effect in effects_of(found))
    assert all(level.mean.low is None for attribute in found.attributes for level in attribute.levels)


def test_arms_of_a_small_effective_number_are_not_tested():
    """One of the 21 in each arm weighs as much as all others."""
    arms = [summary([(value, Count(10, 10.0, 10.0, 42)) for value in (1, 2 + more)] + [(3, Count(1, 20.0, 400.0, 42))]) for more in (0, 1)]
    found = arm_effects(FACTORS[0], arms)
    (effect,) = found.effects
    assert effect.estimate.value > 0 and effect.estimate.low is None and effect.p is None and "effective number" in effect.reason
    assert found.joint is None


def test_judgements_without_variation_have_no_interval_and_no_test():
    same = [Respondent([(0, 0), (1, 1), (0, 2)], [3.0, 4.0, 5.0]), Respondent([(1, 0), (0, 1), (1, 2)], [3.0, 4.0, 5.0])] * 15
    found = rating_effects(Sample(FACTORS, sums(same)))
    assert [effect.estimate[:3] for effect in effects_of(found)] == [(pytest.approx(each, abs=1e-9), None, None) for each in (0, 1, 2)]
    assert [attribute.joint for attribute in found.attributes] == [None, None]


# --- from a survey's responses ------------------------------------------------------------------------------

ASKED = """
title: T
weights: {rake: {field: {near: 0.3, far: 0.7}}}
sections:
  you:
    items:
      field: {type: single_choice, ask: Field?, options: {near: Near, far: Far}}
      stage: {type: single_choice, ask: Stage?, options: {early: Early, late: Late}}
  cases:
    items:
      move:
        type: vignette
        text: "{who} leaves {why}."
        attributes: {who: {doctor: A doctor, nurse: A nurse}, why: {pay: for pay, rest: to rest, visa: without a visa}}
        each_sees: 3
        blocks: 4
        ratings: {right: {ask: Is it right?, scale: {1: No, 2: Rather not, 3: Neither, 4: Rather, 5: Yes}}}
"""
CODES = (("doctor", "nurse"), ("pay", "rest", "visa"))


def answered(respondents: list[Respondent], **further: list[str]) -> list[dict[str, Any]]:
    found = []
    for number, (levels, values) in enumerate(respondents):
        answers: dict[str, Any] = {name: each[number] for name, each in further.items() if each[number]}
        for place, ((who, why), value) in enumerate(zip(levels, values, strict=True), 1):
            answers |= {f"move_who_{place}": CODES[0][who], f"move_why_{place}": CODES[1][why]}
            answers[f"move_right_{place}"] = {"missing": "skipped"} if np.isnan(value) else int(value)
        found.append(answers)
    return found


def drawn_respondents(many: int, seed: int = 5) -> list[Respondent]:
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(many):
        levels = [(int(chance.integers(2)), int(chance.integers(3))) for _ in range(3)]
        values = [float(np.clip(round(3 + 0.8 * who - 0.6 * (why == 0) + chance.normal()), 1, 5)) for who, why in levels]
        found.append(Respondent(levels, [value if chance.random() > 0.1 else float("nan") for value in values]))
    return found


def test_a_weighted_view_has_weighted_effects_of_all_and_of_each_group():
    """Fields are raked to 30 and 70 of 100; who gave none has no weight, and who gave no stage is in no group."""
    asked, respondents = instrument(ASKED), drawn_respondents(80)
    fields = ["near" if n % 4 else "far" for n in range(80)]
    fields[7], stages = "", ["early" if n % 3 else "late" for n in range(80)]
    stages[11] = ""
    frame = Frame([asked])
    frame.take(given_response(asked, n, each, seq=n + 1) for n, each in enumerate(answered(respondents, field=fields, stage=stages)))
    found = findings(frame, View(by="stage", weights="rake")).found["move.right"]
    weights = {"near": 0.3 * 79 / fields.count("near"), "far": 0.7 * 79 / fields.count("far"), "": 0.0}
    chosen = [n for n in range(80) if fields[n]]
    early = [n for n in chosen if stages[n] == "early"]
    assert found.all.weighted and found.split.groups[0].all.weighted
    for effects, rows in ((found.all, chosen), (found.split.groups[0].all, early)):
        wanted = by_rows([respondents[n] for n in rows], weights=[weights[fields[n]] for n in rows])
        assert [each.estimate.value for each in effects_of(effects)] == pytest.approx(wanted[0][1:].tolist(), abs=1e-8)
        assert [each.estimate.error for each in effects_of(effects)] == pytest.approx(np.diag(wanted[1])[1:] ** 0.5, rel=1e-6)
    plain = findings(frame).found["move.right"]
    assert not plain.all.weighted and plain.split is None and plain.all.attributes != found.all.attributes


def test_sums_of_experiments_stay_within_their_memory(monkeypatch):
    asked = instrument(ASKED)
    frame = Frame([asked])
    frame.take(given_response(asked, n, each, seq=n + 1) for n, each in enumerate(answered(drawn_respondents(40), stage=["early", "late"] * 20)))
    findings(frame)
    monkeypatch.setattr(kept, "MOST_BYTES", sum(frame.kept_sums.sizes.values()) * 5 // 2)
    views = [View(only=(("stage", (code,)),)) for code in ("early", "late")]
    for view in (*views, View(by="stage")):
        findings(frame, view)
    assert views[0] not in frame.kept_sums.all and View(by="stage") in frame.kept_sums.all


def test_the_first_vignette_alone_is_that_of_the_first_place():
    asked, respondents = instrument(ASKED), drawn_respondents(60)
    frame = Frame([asked])
    frame.take(given_response(asked, n, each, seq=n + 1) for n, each in enumerate(answered(respondents)))
    first = findings(frame).found["move.right"].first
    wanted = by_rows([Respondent(each.levels[:1], each.values[:1]) for each in respondents])
    assert [each.estimate.value for each in effects_of(first)] == pytest.approx(wanted[0][1:].tolist(), abs=1e-8)
    assert [each.estimate.error for each in effects_of(first)] == pytest.approx(np.diag(wanted[1])[1:] ** 0.5, rel=1e-8)


def test_the_order_of_vignettes_has_effects_of_its_own():
    """Each later vignette is rated a point higher, whatever it shows: 1 and 2 points against the first."""
    asked, respondents = instrument(ASKED), drawn_respondents(60)
    later = [Respondent(each.levels, [min(value, 3) + place for place, value in enumerate(each.values)]) for each in respondents]
    frame = Frame([asked])
    frame.take(given_response(asked, n, each, seq=n + 1) for n, each in enumerate(answered(later)))
    order = findings(frame).found["move.right"].order
    values = np.array([each.values for each in later])
    means = np.nanmean(values, axis=0)
    assert [effect.estimate.value for effect in order.effects] == pytest.approx([means[1] - means[0], means[2] - means[0]])
    assert order.joint.p < 0.001 and [level.label for level in order.levels] == ["1", "2", "3"]
    item = next(each for each in with_findings(figures(frame), findings(frame)).items if each.id == "move.right")
    assert "differ by up to" in draw(item).notes[-1].form
    steady = Frame([asked])
    steady.take(given_response(asked, n, each, seq=n + 1) for n, each in enumerate(answered(respondents)))
    item = next(each for each in with_findings(figures(steady), findings(steady)).items if each.id == "move.right")
    assert "No clear effect of the order" in draw(item).notes[-1].form


def test_one_vignette_each_has_no_figures_of_the_first_alone():
    asked = instrument(ASKED.replace("each_sees: 3", "each_sees: 1"))
    frame = Frame([asked])
    frame.take(given_response(asked, n, {"move_who_1": CODES[0][n % 2], "move_why_1": CODES[1][n % 3], "move_right_1": 1 + n % 5}, seq=n + 1) for n in range(60))
    found = findings(frame).found["move.right"]
    assert found.first is None and found.order is None and (found.all.judgements, found.all.respondents) == (60, 60)


def test_a_level_that_is_no_longer_shown_keeps_its_judgements_and_its_label():
    """An older version had teachers too, and a design of its own: their judgements stay, named as they were."""
    older = instrument(ASKED.replace("nurse: A nurse}", "nurse: A nurse, teacher: A teacher}"))
    newest, respondents = instrument(ASKED), drawn_respondents(90)
    answers = answered(respondents)
    for each in answers[:40]:
        each["move_who_1"] = "teacher"
    frame = Frame([newest, older])
    frame.take(
        given_response(older if n < 40 else newest, n, each, seq=n + 1) for n, each in enumerate(answers)
    )
    who = findings(frame).found["move.right"].all.attributes[0]
    assert [level.label for level in who.levels] == ["A doctor", "A nurse", "A teacher"]
    assert who.effects[1].respondents[0] > 30 and who.effects[1].estimate.value is not None
    only_new = Frame([newest, older])
    only_new.take(given_response(newest, n, each, seq=n + 1) for n, each in enumerate(answers[40:]))
    assert [level.label for level in findings(only_new).found["move.right"].all.attributes[0].levels] == ["A doctor", "A nurse"]


def test_older_versions_on_another_scale_or_without_an_attribute_are_left_out():
    """The older version showed four vignettes, rated from 1 to 7, without a reason."""
    older = ASKED.replace("each_sees: 3", "each_sees: 4").replace("{who} leaves {why}.", "{who} leaves.").replace("5: Yes}", "5: Yes, 6: Yes!, 7: Sure}")
    older = older.replace("nurse: A nurse}, why: {pay: for pay, rest: to rest, visa: without a visa}", "nurse: A nurse, baker: A baker, cook: A cook}")
    before, newest, respondents = instrument(older), instrument(ASKED), drawn_respondents(60)
    frame = Frame([newest, before])
    frame.take(given_response(newest, n, each, seq=n + 1) for n, each in enumerate(answered(respondents)))
    frame.take(
        given_response(before, n, {f"move_who_{place}": "doctor" for place in range(1, 5)} | {f"move_right_{place}": 7 for place in range(1, 5)}, seq=n + 1)
        for n in range(100, 130)
    )  # fmt: skip
    found = findings(frame).found["move.right"].all
    wanted = effects_of(rating_effects(Sample(FACTORS, sums(respondents))))
    assert [each.level for each in effects_of(found)] == [each.level for each in wanted]
    assert [each.estimate[:5] for each in effects_of(found)] == [pytest.approx(each.estimate[:5]) for each in wanted]


# --- arms ---------------------------------------------------------------------------------------------------

ARMS = """
title: T
weights: {rake: {field: {near: 0.3, far: 0.7}}}
arms: {cause: {burnout: exhaustion, family: family, visa: a visa}}
scores: {view: {label: View, mean: [lies, m.a]}}
sections:
  before:
    items:
      field: {type: single_choice, ask: Field?, options: {near: Near, far: Far}}
      usual: {type: rating, ask: And in general?, scale: {1: No, 2: Maybe, 3: Yes}}
  case:
    items:
      story: {type: note, text: "Someone leaves because of {cause}."}
      lies: {type: rating, ask: Does it lie with them?, scale: {1: No, 2: Rather not, 3: Neither, 4: Rather, 5: Yes}}
      m: {type: matrix, ask: And this?, scale: {1: No, 2: Maybe, 3: Yes}, statements: {a: A, b: B}, show_if: usual > 1}
  after:
    items:
      only: {type: rating, ask: The visa?, scale: {1: No, 2: Maybe, 3: Yes}, show_if: cause == "visa"}
      hours: {type: number, ask: Hours?, range: [0, 100], decimals: 1}
"""


def arm_answers(n: int) -> dict[str, Any]:
    arm = n % 3
    return {
        "cause": ("burnout", "family", "visa")[arm], "field": "near" if n % 4 else "far", "usual": 1 + n % 2, "lies": min(1 + (n * 7 % 5 + arm) // 2, 5),
        "m.a": 1 + n * n % 7 % 3, "m.b": 1 + n * 3 % 11 % 3, "only": 2, "hours": 40 + n % 7,
    }  # fmt: skip


def test_an_arm_may_move_what_follows_its_text_and_scores_of_that():
    asked = instrument(ARMS)
    (arm,) = arms(asked)
    assert outcomes(asked, arm) == ["lies", "m.a", "m.b", "only", "view"]
    assert outcomes(asked, arm, {"hours"}) == ["lies", "m.a", "m.b", "only", "hours", "view"]
    elsewhere = instrument(ARMS.replace("The visa?, scale", '"Is {cause} right?", scale').replace('show_if: cause == "visa"', "required: false"))
    assert "only" in outcomes(elsewhere, arms(elsewhere)[0])


def test_each_arm_is_compared_with_the_first_and_corrected_for_all_outcomes():
    """B. L. Welch (1947), with the degrees of freedom of Satterthwaite, as scipy has it."""
    asked = instrument(ARMS)
    frame = Frame([asked])
    frame.take(given_response(asked, n, arm_answers(n), seq=n + 1) for n in range(90))
    found = {each.outcome: each for each in with_findings(figures(frame), findings(frame)).arms}
    assert list(found) == ["lies", "m.a", "m.b", "view"]  # only one arm is asked `only`
    lies = [[arm_answers(n)["lies"] for n in range(90) if n % 3 == arm] for arm in range(3)]
    for place, effect in enumerate(found["lies"].effects.effects, 1):
        wanted = ttest_ind(lies[place], lies[0], equal_var=False)
        interval = wanted.confidence_interval()
        assert effect.estimate[:3] == pytest.approx((np.mean(lies[place]) - np.mean(lies[0]), interval.low, interval.high))
        assert (effect.p, effect.df, effect.respondents) == (pytest.approx(wanted.pvalue), pytest.approx(wanted.df), (30, 30))
    effects = [effect for each in found.values() for effect in each.effects.effects]
    assert [effect.adjusted for effect in effects] == pytest.approx(holm([effect.p for effect in effects])) and effects[0].family == 8
    assert found["m.a"].notes == ("It is asked only of those who answered “Maybe” or higher to “And in general?”: the arms are compared among these.",)
    assert found["lies"].notes == ()


def test_arms_of_a_weighted_view_are_compared_by_weighted_means():
    asked = instrument(ARMS)
    frame = Frame([asked])
    frame.take(given_response(asked, n, arm_answers(n), seq=n + 1) for n in range(120))
    view = View(weights="rake")
    lies = next(each for each in with_findings(figures(frame, view), findings(frame, view)).arms if each.outcome == "lies")
    means = []
    for arm in (0, 1):
        own = [(0.3 / 0.75 if n % 4 else 0.7 / 0.25, arm_answers(n)["lies"]) for n in range(120) if n % 3 == arm]
        means.append(sum(w * value for w, value in own) / sum(w for w, _ in own))
    assert lies.weighted and lies.effects.effects[0].estimate.value == pytest.approx(means[1] - means[0])


def test_withdrawn_responses_leave_the_comparison_of_arms():
    asked = instrument(ARMS)
    kept, fresh = Frame([asked]), Frame([asked])
    kept.take(given_response(asked, n, arm_answers(n), seq=n + 1) for n in range(90))
    findings(kept)
    kept.take(given_response(asked, n, seq=100 + n, disposition="withdrawn") for n in range(60, 90))
    fresh.take(given_response(asked, n, arm_answers(n), seq=n + 1) for n in range(60))
    mine, others = (with_findings(figures(each), findings(each)).arms for each in (kept, fresh))
    assert [each.effects for each in mine] == [each.effects for each in others]


def test_joint_tests_of_groups_leave_out_small_ones():
    """Wald's F of groups of few respondents finds differences where there are none: of ten small groups in half of all samples."""
    random = np.random.default_rng(3)
    respondents = [Respondent([(int(random.integers(2)), (at + place) % 3) for place in range(3)], list(random.integers(1, 6, 3).astype(float))) for at in range(132)]
    groups = np.repeat([0, 1, 2], [60, 60, 12])
    made = JudgementSums((2, 3), 3)
    made.add(*arrays(respondents), strata=groups)
    samples = [(str(group), Sample(FACTORS, made, np.eye(3)[group])) for group in range(3)]
    found, all_of_them, small = interaction(samples), interaction(samples, jointly=0), interaction(samples[1:])
    assert found is not None and all_of_them is not None and small is not None
    assert found.joint is not None and all_of_them.joint is not None and (found.joint.df, all_of_them.joint.df) == (3, 4)
    assert small.joint is None and len(small.attributes[0].differences) == 1
    assert found.notes == ("Joint tests leave out groups of fewer than 50 respondents: “2”.",)


def by_chance(sizes: list[int], seed: int = 3) -> list[Sample]:
    """Groups of so many respondents, who judge three vignettes each by chance."""
    random = np.random.default_rng(seed)
    respondents = [
        Respondent([(int(random.integers(2)), (at + place) % 3) for place in range(3)], list(random.integers(1, 6, 3).astype(float)))
        for at in range(sum(sizes))
    ]
    made = JudgementSums((2, 3), 3)
    made.add(*arrays(respondents), strata=np.repeat(range(len(sizes)), sizes))
    return [Sample(FACTORS, made, np.eye(len(sizes))[group]) for group in range(len(sizes))]


@pytest.mark.parametrize("sizes", [[60, 12], [12, 13], [200, 49]])
def test_a_difference_from_a_small_group_has_the_errors_and_freedom_of_both(sizes):
    """Welch's t of both effects, each with its error and its respondents less one. With those of the whole model, 12 beside 200
    respondents differ in one of ten samples without a difference."""
    samples = by_chance(sizes)
    found = interaction([(str(group), sample) for group, sample in enumerate(samples)])
    first, other = (effects_of(rating_effects(sample)) for sample in samples)
    differences = [effect for attribute in found.attributes for _, (effect,) in attribute.differences]
    tested = [each for each in zip(differences, other, first, strict=True) if each[0].p is not None]
    assert tested
    for difference, *both in tested:
        variances = [each.estimate.error**2 for each in both]
        df = sum(variances) ** 2 / sum(each**2 / (size - 1) for each, size in zip(variances, sizes[::-1], strict=True))
        assert (difference.estimate.error, difference.df) == (pytest.approx(sum(variances) ** 0.5), pytest.approx(df))
        assert difference.p == pytest.approx(2 * student.sf(abs(difference.estimate.value) / difference.estimate.error, df))


def test_a_difference_between_large_groups_has_the_freedom_of_the_whole_model():
    found = interaction([(str(group), sample) for group, sample in enumerate(by_chance([50, 50]))])
    assert {effect.df for attribute in found.attributes for _, (effect,) in attribute.differences} == {99}


@pytest.mark.parametrize(("respondents", "notes"), [(29, ("No joint tests: fewer than 30 respondents.",)), (30, ())])
def test_there_is_no_joint_test_of_few_respondents(respondents, notes):
    """Of 12 to 20 it finds differences where there are none in about one of ten samples."""
    found = rating_effects(by_chance([respondents])[0])
    assert found.notes == notes and [effect.p is not None for effect in effects_of(found)] == [True] * 3
    assert [attribute.joint is None for attribute in found.attributes] == [bool(notes)] * 2
