"""The effects of an arm on one outcome: the difference of its mean from that of the first arm.

Each respondent is in one arm, so it is a comparison of independent means: Welch's t-test, Welch's analysis of variance for
all arms together (`statistics.tests`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.results.statistics.differences import mean_difference
from app.results.statistics.experiments.effects import AttributeEffects, Effect, LevelEffects
from app.results.statistics.experiments.estimates import CONSTANT, UNJUDGED, Factor, adjusted, too_few
from app.results.statistics.experiments.power import detectable
from app.results.statistics.intervals import ENOUGH
from app.results.statistics.tests import analysis_of_variance, welch
from app.results.statistics.values import Summary


def arm_effects(factor: Factor, samples: Sequence[Summary]) -> AttributeEffects:
    """`samples` are the outcome in each arm, in the order of the arms."""
    levels = tuple(
        LevelEffects(
            code, label, sample.interval._replace(clusters=sample.n),
            _effect(label, factor.levels[0][1], sample, samples[0]) if place else None, "" if sample.n else UNJUDGED,
        )
        for place, ((code, label), sample) in enumerate(zip(factor.levels, samples, strict=True))
    )  # fmt: skip
    enough = [sample for sample in samples if sample.effective >= ENOUGH]
    joint = analysis_of_variance(enough) if len(enough) > 2 else (welch(*enough) if len(enough) == 2 else None)
    return AttributeEffects(factor.id, factor.label, levels, joint)


def _effect(level: str, against: str, sample: Summary, first: Summary) -> Effect:
    respondents = sample.n, first.n
    estimate = mean_difference(sample, first)._replace(clusters=min(respondents))
    effect = Effect(level, against, estimate, judgements=respondents, respondents=respondents)
    if not min(respondents):
        return replace(effect, reason="Nobody in it, or in the first arm, answered.")
    test = welch(sample, first)
    enough = min(sample.effective, first.effective) >= ENOUGH
    if not enough or test is None or estimate.error is None:
        without = replace(effect, estimate=estimate._replace(low=None, high=None, error=None))
        return replace(without, reason=CONSTANT if enough else too_few(min(respondents)))
    return replace(effect, df=test.df, p=test.p, detectable=detectable(estimate.error))


def adjusted_together(outcomes: Sequence[AttributeEffects]) -> list[AttributeEffects]:
    """The effects of one arm on all its outcomes, their p adjusted by Holm for all of them."""
    found = []
    for effects, attribute in zip(adjusted([each.effects for each in outcomes]), outcomes, strict=True):
        rest = iter(effects)
        levels = tuple(replace(level, effect=next(rest)) if level.effect else level for level in attribute.levels)
        found.append(replace(attribute, levels=levels))
    return found
