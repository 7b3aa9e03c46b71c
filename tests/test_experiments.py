"""Effects of experiments: from sums by design as from one row a judgement, whatever the design and whatever is missing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

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
    found = interaction([(str(group), Sample(FACTORS, made, np.eye(2)[group])) for group in (0, 1)])
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


def test_few_respondents_have_an_effect_without_an_interval():
    found = rating_effects(Sample(FACTORS, sums(steady(((0, 0), 2), ((1, 0), 4), ((0, 1), 3), people=9))))
    nurse = found.attributes[0].effects[0]
    assert nurse.estimate[:3] == (pytest.approx(2.0), None, None) and nurse.p is None and "Fewer than 10" in nurse.reason


def test_judgements_without_variation_have_no_interval_and_no_test():
    same = [Respondent([(0, 0), (1, 1), (0, 2)], [3.0, 4.0, 5.0]), Respondent([(1, 0), (0, 1), (1, 2)], [3.0, 4.0, 5.0])] * 15
    found = rating_effects(Sample(FACTORS, sums(same)))
    assert [effect.estimate[:3] for effect in effects_of(found)] == [(pytest.approx(each, abs=1e-9), None, None) for each in (0, 1, 2)]
    assert [attribute.joint for attribute in found.attributes] == [None, None]
