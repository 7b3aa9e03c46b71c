"""Power of experiments: what is calculated is what brute force finds."""

from __future__ import annotations

import numpy
import pytest

from app.results.statistics.power import JudgementSample, contrasts, detectable, power, spread
from app.survey.vignettes.design import make_design

SIZES = (4, 3, 2)
NAMES = (("a", "b", "c", "d"), ("x", "y", "z"), ("u", "v"))
DESIGN = make_design(
    [(str(at), tuple(range(size))) for at, size in enumerate(SIZES)],
    lambda levels: False,
    4,
    "0",
    "blocks",
    6,
    1,
)


def judged(
    people: int, icc: float, effect: float, chance: numpy.random.Generator, miss: float = 0.0
) -> JudgementSample:
    """Judgements with a random intercept; the second attribute's second level has an effect."""
    blocks = numpy.array(DESIGN.blocks)
    levels = blocks[numpy.arange(people) % len(blocks)].reshape(-1, 3)
    person = numpy.repeat(numpy.arange(people), 4)
    value = chance.normal(0, icc**0.5, people)[person] + chance.normal(0, (1 - icc) ** 0.5, len(person))
    value += effect * (levels[:, 1] == 1)
    kept = chance.random(len(person)) >= miss
    return JudgementSample(person[kept], levels[kept], value[kept])


def of_y_against_x(judgements: JudgementSample, icc: float, sd: float, effect: float):
    return contrasts(judgements, SIZES, NAMES, icc, sd, effect)[1][0]


def test_power_of_two_groups_is_that_of_the_tables():
    """Cohen (1988), table 2.3.5: 64 in each of two groups find d = 0.5 in 80 of 100 studies, 394 find d = 0.2."""
    assert power(0.5, (2 / 64) ** 0.5) == pytest.approx(0.80, abs=0.01)
    assert power(0.2, (2 / 394) ** 0.5) == pytest.approx(0.80, abs=0.01)
    assert power(0, 0.1) == pytest.approx(0.05)
    assert power(detectable(0.1), 0.1) == pytest.approx(0.8, abs=0.001)


@pytest.mark.parametrize("icc, miss", [(0.0, 0.0), (0.4, 0.0), (0.6, 0.3)])
def test_power_is_what_brute_force_finds(icc, miss):
    chance, effect, studies = numpy.random.default_rng(11), 0.3, 600
    calculated = of_y_against_x(judged(150, icc, 0, chance, miss), icc, 1, effect).power
    found = 0
    for _ in range(studies):
        sample = judged(150, icc, effect, chance, miss)
        contrast = of_y_against_x(sample, *spread(sample, SIZES), effect)
        found += abs(contrast.found) > 1.96 * contrast.error
    share = found / studies
    assert 0.4 < calculated < 0.99
    assert share == pytest.approx(calculated, abs=4 * (calculated * (1 - calculated) / studies) ** 0.5 + 0.01)


def test_spread_gives_back_what_was_put_in():
    icc, sd = spread(judged(4000, 0.35, 0.5, numpy.random.default_rng(3), 0.2), SIZES)
    assert (icc, sd) == (pytest.approx(0.35, abs=0.03), pytest.approx(1, abs=0.03))
    alone = judged(50, 0.3, 0, numpy.random.default_rng(3))
    first = JudgementSample(alone.person[::4], alone.levels[::4], alone.value[::4])
    assert spread(first, SIZES)[0] == 0  # one judgement each tells nothing of how alike they are
    still = JudgementSample(alone.person, alone.levels, numpy.ones(len(alone.person)))
    assert spread(still, SIZES) == (0, 0)


def test_a_single_judgement_each_is_a_comparison_of_means():
    """Without other attributes the standard error of a difference is √(1/n + 1/m)."""
    levels = numpy.array([[0]] * 30 + [[1]] * 20)
    value = numpy.concatenate([numpy.zeros(30), numpy.ones(20)])
    ((contrast,),) = contrasts(JudgementSample(numpy.arange(50), levels, value), (2,), (("no", "yes"),), 0, 2, 0.5)
    assert contrast.judgements == (20, 30)
    assert (contrast.found, contrast.error) == (pytest.approx(0.5), pytest.approx((1 / 30 + 1 / 20) ** 0.5))


def test_within_persons_a_correlation_helps_and_missing_answers_cost():
    def error(icc: float, miss: float = 0.0) -> float:
        return of_y_against_x(judged(300, icc, 0, numpy.random.default_rng(5), miss), icc, 1, 0.3).error

    assert error(0.6) < error(0.0) < error(0.0, 0.4)


def test_a_level_that_nobody_saw_has_no_power():
    seen = judged(40, 0.2, 0, numpy.random.default_rng(5))
    without = JudgementSample(*(part[seen.levels[:, 1] != 2] for part in (seen.person, seen.levels, seen.value)))
    there, absent = contrasts(without, SIZES, NAMES, 0.2, 1, 0.3)[1]
    assert there.power and absent.power is None and absent.judgements[0] == 0
