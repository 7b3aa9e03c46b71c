"""Power of experiments: what is calculated is what brute force finds."""

from __future__ import annotations

import numpy
import pytest

from app.results.statistics.experiments.fit import Fit, fit
from app.results.statistics.experiments.power import (
    JudgementSample,
    arm_error,
    detectable,
    expected_errors,
    power,
    spread,
)
from app.results.statistics.experiments.sums import JudgementSums
from app.survey.vignettes.design import make_design

SIZES = (4, 3, 2)
DESIGN = make_design(
    [(str(at), tuple(range(size))) for at, size in enumerate(SIZES)],
    lambda levels: False,
    4,
    "0",
    "blocks",
    6,
    1,
)


def judged(people: int, icc: float, effect: float, chance: numpy.random.Generator, miss: float = 0.0) -> JudgementSums:
    """Judgements with a random intercept; the second attribute's second level has an effect."""
    return sums_of(*drawn(people, icc, effect, chance, miss))


def drawn(people: int, icc: float, effect: float, chance: numpy.random.Generator, miss: float = 0.0):
    blocks = numpy.array(DESIGN.blocks)
    levels = blocks[numpy.arange(people) % len(blocks)]
    value = chance.normal(0, icc**0.5, (people, 1)) + chance.normal(0, (1 - icc) ** 0.5, (people, 4))
    value = value + effect * (levels[:, :, 1] == 1)
    return levels, numpy.where(chance.random((people, 4)) >= miss, value, numpy.nan)


def sums_of(levels: numpy.ndarray, values: numpy.ndarray) -> JudgementSums:
    found = JudgementSums(SIZES)
    found.add(levels, values)
    return found


def sample_of(levels: numpy.ndarray, values: numpy.ndarray) -> JudgementSample:
    person, place = numpy.nonzero(~numpy.isnan(values))
    return JudgementSample(person, levels[person, place], values[person, place])


def fitted(sums: JudgementSums) -> Fit:
    found = fit(sums)
    assert found is not None
    return found


def error_of_y_against_x(sums: JudgementSums, icc: float) -> float:
    error = expected_errors(fitted(sums), icc)[1][0]
    assert error is not None
    return error


def test_power_of_two_groups_is_that_of_the_tables():
    """Cohen (1988), table 2.3.5: 64 in each of two groups find d = 0.5 in 80 of 100 studies, 394 find d = 0.2."""
    assert power(0.5, (2 / 64) ** 0.5) == pytest.approx(0.80, abs=0.01)
    assert power(0.2, (2 / 394) ** 0.5) == pytest.approx(0.80, abs=0.01)
    assert power(0, 0.1) == pytest.approx(0.05)
    assert power(detectable(0.1), 0.1) == pytest.approx(0.8, abs=0.001)
    assert arm_error(64, 64) == pytest.approx((2 / 64) ** 0.5) and arm_error(0, 64) is None


def test_the_correction_for_a_family_makes_the_detectable_effect_larger():
    """Holm compares the smallest of ten p with 0.05 / 10: z = 2.807 in place of 1.960, with 0.842 for a power of 80 %."""
    assert detectable(1.0) == pytest.approx(2.802, abs=0.001)
    assert detectable(1.0, 10) == pytest.approx(2.807 + 0.842, abs=0.001)
    assert power(detectable(0.1, 10), 0.1, 0.05 / 10) == pytest.approx(0.8, abs=0.001)


@pytest.mark.parametrize("icc, miss", [(0.0, 0.0), (0.4, 0.0), (0.6, 0.3)])
def test_power_is_what_brute_force_finds(icc, miss):
    """By the robust errors with which results judge an effect."""
    chance, effect, studies = numpy.random.default_rng(11), 0.3, 600
    calculated = power(effect, error_of_y_against_x(judged(150, icc, 0, chance, miss), icc))
    found = 0
    for _ in range(studies):
        study = fitted(judged(150, icc, effect, chance, miss))
        contrast = study.contrast(1, 1)
        found += abs(study.value(contrast)) > 1.976 * study.variance(contrast, study.correction) ** 0.5  # t with 149 degrees
    share = found / studies
    assert 0.4 < calculated < 0.99
    assert share == pytest.approx(calculated, abs=4 * (calculated * (1 - calculated) / studies) ** 0.5 + 0.01)


def test_spread_gives_back_what_was_put_in():
    levels, values = drawn(4000, 0.35, 0.5, numpy.random.default_rng(3), 0.2)
    icc, sd = spread(sample_of(levels, values), fitted(sums_of(levels, values)))
    assert (icc, sd) == (pytest.approx(0.35, abs=0.03), pytest.approx(1, abs=0.03))
    first = levels[:, :1], values[:, :1]
    assert spread(sample_of(*first), fitted(sums_of(*first)))[0] == 0  # one judgement each tells nothing of how alike they are
    still = levels, numpy.ones(values.shape)
    assert spread(sample_of(*still), fitted(sums_of(*still))) == (0, 0)


def test_a_single_judgement_each_is_a_comparison_of_means():
    """Without other attributes the standard error of a difference is √(1/n + 1/m)."""
    sums = JudgementSums((2,))
    sums.add(numpy.array([[[0]]] * 30 + [[[1]]] * 20), numpy.repeat([[0.0], [1.0]], [30, 20], axis=0))
    assert expected_errors(fitted(sums), 0.0) == [[pytest.approx((1 / 30 + 1 / 20) ** 0.5)]]


def test_missing_answers_cost_power():
    chance = numpy.random.default_rng(5)
    assert error_of_y_against_x(judged(300, 0.4, 0, chance), 0.4) < error_of_y_against_x(judged(300, 0.4, 0, chance, 0.4), 0.4)


def test_a_level_that_nobody_saw_has_no_power():
    levels, values = drawn(40, 0.2, 0, numpy.random.default_rng(5))
    sums = sums_of(levels, numpy.where(levels[:, :, 1] == 2, numpy.nan, values))
    there, absent = expected_errors(fitted(sums), 0.2)[1]
    assert there and absent is None
