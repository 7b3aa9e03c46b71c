"""The effects of levels and the means at them, with their tests, from sums of judgements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from app.results.statistics.experiments.effects import (
    AttributeEffects,
    AttributeInteraction,
    Code,
    Effect,
    Interaction,
    LevelEffects,
    RatingEffects,
)
from app.results.statistics.experiments.fit import (
    Fit,
    Weights,
    correction,
    fit,
    level_means,
    p_of_t,
    wald,
    whole_mean,
)
from app.results.statistics.experiments.power import detectable
from app.results.statistics.experiments.sums import JudgementSums
from app.results.statistics.intervals import ENOUGH, UNKNOWN, Estimate, with_error
from app.results.statistics.tests import Test, holm

METHOD = "Wald’s test, with errors clustered by respondent"
UNJUDGED = "Nobody judged it."
REFERENCE_UNJUDGED = "Nobody judged the level that it is compared with."
TIED = "It was judged only together with levels of other attributes from which it cannot be told apart."
#: Respondents of each group of a joint test. Of ten groups, most of them of 11 to 31 respondents, it finds differences where there
#: are none in half of all samples, and of groups of 50 in one of twenty.
JOINTLY = 50
#: Respondents of all joint tests. Of 12 to 20 they find differences where there are none in about one of ten samples.
TESTED_JOINTLY = 30
TOO_FEW = f"Fewer than {ENOUGH} respondents judged it, or the level that it is compared with: no interval and no test."
TOO_FEW_WEIGHTED = f"An effective number of fewer than {ENOUGH} respondents judged it, or the level that it is compared with: no interval and no test."
CONSTANT = "All judgements are as the levels have it: no interval and no test."


@dataclass(frozen=True, slots=True)
class Factor:
    """An attribute with its levels, the reference level first; those after the first `offered` are no longer shown."""

    id: str
    label: str
    levels: tuple[tuple[Code, str], ...]
    offered: int


@dataclass(frozen=True)
class Sample:
    """The factors, and the sums of judgements of them in the strata that have a weight."""

    factors: tuple[Factor, ...]
    sums: JudgementSums
    weights: Weights = None
    weighted: bool = False  # whether weights are more than a choice of strata
    predicted: bool = False  # whether means are predicted, because some combinations of levels are excluded

    @cached_property
    def fit(self) -> Fit | None:
        return fit(self.sums, self.weights)


def rating_effects(sample: Sample) -> RatingEffects | None:
    """All effects on one rating; None without judgements."""
    found = sample.fit
    if found is None:
        return None
    tests = adjusted([_effects(found, sample.factors, at) for at in range(len(sample.factors))])
    means = _means(found, sample)
    attributes = tuple(
        _attribute(found, sample, at, effects, means) for at, effects in enumerate(tests)
    )
    return RatingEffects(
        found.judgements, found.respondents, whole_mean(found), attributes, sample.predicted,
        sample.weighted, (*_notes(attributes), *_about_joint_tests(found, attributes)),
    )  # fmt: skip


def _attribute(
    found: Fit, sample: Sample, at: int, effects: Sequence[Effect], means: Sequence[tuple[Estimate, str]]
) -> AttributeEffects:
    factor, offset = sample.factors[at], found.offsets[at]
    levels = tuple(
        LevelEffects(code, label, means[offset + place][0], effects[place - 1] if place else None, means[offset + place][1])
        for place, (code, label) in enumerate(factor.levels)
        if place < factor.offered or found.level_judgements[offset + place]
    )
    tested = [place for place, effect in enumerate(effects, 1) if effect.p is not None]
    return AttributeEffects(factor.id, factor.label, levels, _joint(found, [found.contrast(at, place) for place in tested]))


def _notes(attributes: Sequence[AttributeEffects]) -> Iterator[str]:
    for attribute in attributes:
        for level in attribute.levels:
            reasons = dict.fromkeys([level.effect.reason if level.effect else "", level.reason])
            yield from (f"{attribute.label}, “{level.label}”: {reason}" for reason in reasons if reason)


def _about_joint_tests(found: Fit, attributes: Sequence[AttributeEffects]) -> Iterator[str]:
    if found.respondents < TESTED_JOINTLY and any(effect.p is not None for each in attributes for effect in each.effects):
        yield f"No joint tests: fewer than {TESTED_JOINTLY} respondents."


# --- effects ------------------------------------------------------------------------------------------------


def _effects(found: Fit, factors: Sequence[Factor], at: int) -> list[Effect]:
    """Of each level but the first."""
    return [_effect(found, factors[at], at, level) for level in range(1, len(factors[at].levels))]


def _effect(found: Fit, factor: Factor, at: int, level: int) -> Effect:
    places = found.offsets[at] + level, found.offsets[at]
    judgements, respondents = (
        (int(counts[places[0]]), int(counts[places[1]])) for counts in (found.level_judgements, found.level_respondents)
    )
    effect = Effect(
        factor.levels[level][1], factor.levels[0][1], UNKNOWN, found.df, judgements=judgements, respondents=respondents
    )
    if not min(judgements):
        return replace(effect, reason=REFERENCE_UNJUDGED if judgements[0] else UNJUDGED)
    contrast = found.contrast(at, level)
    if not found.identifies(contrast):
        return replace(effect, reason=TIED)
    return _tested(effect, found.value(contrast), found.variance(contrast, found.correction), found.has_enough(*places))


def _tested(effect: Effect, value: float, variance: float | None, enough: bool) -> Effect:
    """With its interval and its p, where there are enough respondents for them."""
    n, clusters, df = sum(effect.judgements), min(effect.respondents), effect.df or 0.0
    if not enough or variance is None:
        return replace(effect, estimate=Estimate(value, None, None, n, clusters), reason=CONSTANT if enough else too_few(clusters))
    error = variance**0.5
    estimate = with_error(value, error, df, n)._replace(clusters=clusters)
    return replace(effect, estimate=estimate, p=p_of_t(value, error, df), detectable=detectable(error))


def too_few(respondents: int) -> str:
    """Of enough respondents only weights make too small an effective number."""
    return TOO_FEW if respondents < ENOUGH else TOO_FEW_WEIGHTED


def adjusted(families: Sequence[Sequence[Effect]]) -> list[list[Effect]]:
    """The effects of all attributes, their p adjusted by Holm for all of them together."""
    ps = holm([effect.p for effects in families for effect in effects])
    many = sum(p is not None for p in ps)
    rest = iter(ps)
    return [[_in_family(effect, next(rest), many) for effect in effects] for effects in families]


def _in_family(effect: Effect, adjusted: float | None, many: int) -> Effect:
    """Holm divides the level of the smallest p by their number; the others need less."""
    error = effect.estimate.error
    least = detectable(error, many) if error and many else None
    return replace(effect, adjusted=adjusted, family=many, detectable_adjusted=least)


def _joint(found: Fit, contrasts: Sequence[np.ndarray]) -> Test | None:
    """That all of these are 0; None of few respondents, of whom Wald's F rejects too often."""
    factor = found.correction
    if not contrasts or factor is None or found.respondents < TESTED_JOINTLY:
        return None
    matrix = np.array(contrasts)
    return wald(matrix @ found.values, matrix @ found.robust @ matrix.T * factor, found.respondents, METHOD)


# --- means --------------------------------------------------------------------------------------------------


def _means(found: Fit, sample: Sample) -> list[tuple[Estimate, str]]:
    """The mean at each level of all attributes, and why there is none."""
    if sample.predicted:
        return [
            _predicted(found, sample.factors, at, place)
            for at, factor in enumerate(sample.factors) for place in range(len(factor.levels))
        ]  # fmt: skip
    return [_observed(*each) for each in level_means(found)]


def _observed(mean: float, error: float | None, judgements: int, respondents: int) -> tuple[Estimate, str]:
    if not judgements:
        return Estimate(None, None, None, 0, 0), UNJUDGED
    if error is None:
        return Estimate(mean, None, None, judgements, respondents), ""
    return with_error(mean, error, respondents - 1, judgements)._replace(clusters=respondents), ""


def _predicted(found: Fit, factors: Sequence[Factor], at: int, level: int) -> tuple[Estimate, str]:
    """What the additive model expects at a level, all levels that are shown of the other attributes weighted equally."""
    place = found.offsets[at] + level
    judgements, respondents = int(found.level_judgements[place]), int(found.level_respondents[place])
    contrast = np.zeros(len(found.values))
    for offset, factor in zip(found.offsets, factors, strict=True):
        contrast[offset : offset + factor.offered] = 1 / factor.offered
    contrast[found.offsets[at] : found.offsets[at] + len(factors[at].levels)] = 0.0
    contrast[place] = 1.0
    if not judgements:
        return Estimate(None, None, None, 0, 0), UNJUDGED
    if not found.identifies(contrast):
        return Estimate(None, None, None, judgements, respondents), "Not every level of the other attributes can be told apart from it."
    value, variance = found.value(contrast), found.variance(contrast, found.correction)
    if variance is None:
        return Estimate(value, None, None, judgements, respondents), ""
    return with_error(value, variance**0.5, found.df, judgements)._replace(clusters=respondents), ""


# --- groups -------------------------------------------------------------------------------------------------


def interaction(groups: Sequence[tuple[str, Sample]], jointly: int = JOINTLY) -> Interaction | None:
    """How effects differ between groups, given with their labels; None where fewer than two have enough respondents.

    The model has own effects for each group, so its estimates are those of the groups fitted apart, and their covariance
    is 0 between groups; the correction for few respondents and the degrees of freedom are those of the whole model, as in R's
    `vcovCL`. Where one of two groups has fewer than `jointly` respondents, they would find a difference where there is none in
    one of ten samples (12 beside 200): then each group has its own correction, and the degrees of freedom are Satterthwaite's.
    Joint tests are of the groups with at least `jointly` respondents.
    """
    fits = [(label, sample.fit) for label, sample in groups]
    known = [(label, found) for label, found in fits if found is not None and found.respondents >= ENOUGH]
    if len(known) < 2:
        return None
    compared = _Compared(tuple(label for label, _ in known), [found for _, found in known], jointly)
    factors = groups[0][1].factors
    rows = [compared.of_attribute(at, factor) for at, factor in enumerate(factors)]
    rest = iter(adjusted([effects for by_level in rows for _, effects in by_level]))
    attributes = tuple(
        AttributeInteraction(
            factor.id, factor.label, tuple((label, tuple(next(rest))) for label, _ in by_level),
            compared.joint([(at, level) for level in compared.comparable(at, factor)]),
        )
        for (at, factor), by_level in zip(enumerate(factors), rows, strict=True)
    )  # fmt: skip
    everything = [(at, level) for at, factor in enumerate(factors) for level in compared.comparable(at, factor)]
    left = [label for label, found in fits if found is None or found.respondents < ENOUGH]
    notes = tuple(f"“{label}” is not compared: fewer than {ENOUGH} respondents judged a vignette." for label in left)
    small = [label for label, found in known if found.respondents < jointly]
    if small:
        notes += (f"Joint tests leave out groups of fewer than {jointly} respondents: {', '.join(f'“{label}”' for label in small)}.",)
    return Interaction(attributes, compared.joint(everything), compared.labels, notes)


def _satterthwaite(variances: Sequence[float | None], dfs: Sequence[float]) -> float | None:
    """Of a sum of independent variances: F. E. Satterthwaite (1946), Biometrics Bulletin 2, 110-114, from the clusters of each
    less one, as R. L. Valliant and K. F. Rust (2010), Journal of Official Statistics 26, 585-602, have it."""
    known = [each for each in variances if each is not None]
    if len(known) < len(variances) or not sum(known):
        return None
    return sum(known) ** 2 / sum(each**2 / df for each, df in zip(known, dfs, strict=True))


class _Compared:
    """The fits of several groups, the first of which is the reference."""

    def __init__(self, labels: tuple[str, ...], fits: Sequence[Fit], jointly: int):
        self.large = [each for each in fits if each.respondents >= jointly]
        self.labels, self.fits, self.jointly = labels, fits, jointly
        self.respondents = sum(each.respondents for each in fits)
        self.correction = correction(self.respondents, sum(each.judgements for each in fits), sum(each.rank for each in fits))

    def of_attribute(self, at: int, factor: Factor) -> list[tuple[str, list[Effect]]]:
        return [
            (label, [self._difference(at, level, group) for group in range(1, len(self.fits))])
            for level, (_, label) in enumerate(factor.levels)
            if level and (level < factor.offered or any(each.level_judgements[each.offsets[at] + level] for each in self.fits))
        ]

    def _difference(self, at: int, level: int, group: int) -> Effect:
        first, other = self.fits[0], self.fits[group]
        contrast = first.contrast(at, level)
        places = [first.offsets[at] + level, first.offsets[at]]
        judgements = int(other.level_judgements[places].sum()), int(first.level_judgements[places].sum())
        respondents = int(other.level_respondents[places].min()), int(first.level_respondents[places].min())
        effect = Effect(
            self.labels[group], self.labels[0], UNKNOWN, self.respondents - 1, judgements=judgements, respondents=respondents
        )
        if not min(respondents):
            return replace(effect, reason="In one of the two groups nobody judged it, or the level that it is compared with.")
        if not first.identifies(contrast) or not other.identifies(contrast):
            return replace(effect, reason=TIED)
        is_small = min(other.respondents, first.respondents) < self.jointly
        variances = [each.variance(contrast, each.correction if is_small else self.correction) for each in (other, first)]
        variance = None if None in variances else sum(each for each in variances if each is not None)
        if is_small:
            effect = replace(effect, df=_satterthwaite(variances, (other.df, first.df)))
        enough = first.has_enough(*places) and other.has_enough(*places)
        return _tested(effect, other.value(contrast) - first.value(contrast), variance, enough)

    def comparable(self, at: int, factor: Factor) -> list[int]:
        """The levels whose effects are known in all groups of a joint test, of enough respondents."""
        return [
            level
            for level in range(1, len(factor.levels))
            if all(
                each.has_enough(each.offsets[at], each.offsets[at] + level)
                and each.identifies(each.contrast(at, level))
                for each in self.large
            )
        ]

    def joint(self, effects: Sequence[tuple[int, int]]) -> Test | None:
        """That these effects, by attribute and level, are the same in all groups."""
        if not effects or self.correction is None or len(self.large) < 2:
            return None
        matrix = np.array([self.large[0].contrast(at, level) for at, level in effects])
        values = [matrix @ each.values for each in self.large]
        own = [matrix @ each.robust @ matrix.T * self.correction for each in self.large]
        many, further = len(effects), len(self.large) - 1
        covariance = np.tile(own[0], (further, further))
        for group in range(further):
            part = slice(group * many, (group + 1) * many)
            covariance[part, part] += own[group + 1]
        return wald(np.concatenate([each - values[0] for each in values[1:]]), covariance, self.respondents, METHOD)
