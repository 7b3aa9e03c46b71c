"""The experiments of a survey, in simulated answers: what each contrast of levels and arms can show.

Effects are those that the results of the same complete responses show: by the same estimators, in
`results/statistics/experiments`. Power is calculated from the error that a model of the answers lets expect.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy

from app.results.statistics.experiments.arms import arm_effects
from app.results.statistics.experiments.effects import Effect
from app.results.statistics.experiments.estimates import Factor, Sample, rating_effects
from app.results.statistics.experiments.fit import fit
from app.results.statistics.experiments.power import (
    JudgementSample,
    arm_error,
    detectable,
    expected_errors,
    power,
    spread,
)
from app.results.statistics.experiments.sums import JudgementSums
from app.results.statistics.values import Summary, summary_of_sums
from app.survey.analysis.outcomes import arms, outcomes
from app.survey.items.answer import Option
from app.survey.items.base import Item
from app.survey.model import Drawn, Instrument, Vignette


@dataclass(frozen=True, slots=True)
class Contrast:
    """One level against the first of its attribute, or one arm against the first. `error` and what follows from it are for
    the number of respondents that is wanted, in standard deviations of an answer."""

    level: str
    against: str
    judgements: tuple[int, int]  # of each of the two, in the simulation
    effect: float | None = None  # as results show it of these answers: in points of the scale
    interval: tuple[float, float] | None = None
    adjusted: float | None = None  # its p, adjusted by Holm
    found: float | None = None  # the effect in standard deviations
    error: float | None = None  # the standard error to expect
    power: float | None = None  # for an effect of the requested size
    detectable: float | None = None  # the effect found with a power of 80 %
    detectable_adjusted: float | None = None  # the same, with Holm's correction for all effects on the same answer


@dataclass(frozen=True, slots=True)
class LevelPower:
    """One level against the first: from each respondent's first vignette alone, and from all that they saw."""

    first: Contrast
    all: Contrast


@dataclass(frozen=True, slots=True)
class VignettePower:
    """What the answers to one rating show of each attribute; `icc` is how alike the judgements of one respondent are."""

    vignette: str
    rating: str
    respondents: int
    judgements: int
    icc: float
    sd: float  # of the judgements, net of levels: what one standard deviation is in points
    attributes: dict[str, list[LevelPower]]


@dataclass(frozen=True, slots=True)
class ArmPower:
    """What the answers to one item show of an arm; those of all complete responses where `outcome` is None."""

    arm: str
    outcome: str | None
    sd: float | None
    contrasts: list[Contrast]


@dataclass(frozen=True, slots=True)
class PlannedStudy:
    """For what power is calculated: an effect of so many standard deviations, in so many complete responses. Without a
    number, for those simulated."""

    difference: float
    respondents: int | None = None


@dataclass
class RatedVignettes:
    """The judgements of one vignette's ratings, one after the other."""

    person: array[int]
    number: array[int]  # which of the vignettes that the respondent saw, from 1
    levels: array[int]  # positions, one per attribute
    values: array[float]  # one a rating; not a number where it was left open


class Recording:
    """Takes in simulated answers one response after the other, as numbers alone."""

    def __init__(self, instrument: Instrument, moves: Mapping[str, Collection[str]] | None = None) -> None:
        """`moves` are for an arm the names of answers that it is said to move, besides those that speak of it."""
        self.instrument = instrument
        self.scales = dict(scale for item in instrument.items() for scale in _scales(item))
        self.people = self.completed = 0
        self.judged = {
            each.id: RatedVignettes(array("q"), array("h"), array("h"), array("d")) for each in instrument.vignettes
        }
        self.outcomes = {
            (arm.name, name): (array("h"), array("d"))
            for arm in arms(instrument)
            for name in (None, *self._outcomes(arm, (moves or {}).get(arm.name, ())))
        }
        self.positions = {
            drawn.name: {option.code: position for position, option in enumerate(drawn.options)}
            for drawn in instrument.drawn
        }

    def _outcomes(self, arm: Drawn, moved: Collection[str]) -> list[str]:
        """Answers alone: what is computed from them is not simulated."""
        return [name for name in outcomes(self.instrument, arm, moved) if name in self.scales]

    def add(self, answers: Mapping[str, Any], completed: bool) -> None:
        """One response's last answers. Results are about complete responses, if nothing else is chosen."""
        if not completed:
            return
        self.completed += 1
        for vignette in self.instrument.vignettes:
            self._add_judgements(vignette, answers)
        for (arm, name), (positions, values) in self.outcomes.items():
            value = 1.0 if name is None else self._number(name, answers)
            if arm in answers and not math.isnan(value):
                positions.append(self.positions[arm][answers[arm]])
                values.append(value)
        self.people += 1

    def _add_judgements(self, vignette: Vignette, answers: Mapping[str, Any]) -> None:
        judged = self.judged[vignette.id]
        for k in range(1, vignette.each_sees + 1):
            values = [self._number(f"{vignette.id}_{rating}_{k}", answers) for rating in vignette.ratings]
            if all(map(math.isnan, values)):
                continue
            judged.person.append(self.people)
            judged.number.append(k)
            judged.values.extend(values)
            for attribute in vignette.attributes:
                name = f"{vignette.id}_{attribute.id}_{k}"
                judged.levels.append(self.positions[name][answers[name]])

    def _number(self, name: str, answers: Mapping[str, Any]) -> float:
        value = answers.get(name)
        if value is None or isinstance(value, dict):
            return math.nan
        scale = self.scales[name]
        return scale[value] if scale else float(value)

    def __getstate__(self) -> dict[str, Any]:
        """Without the instrument: its compiled conditions do not travel between processes."""
        return {name: value for name, value in vars(self).items() if name in ("people", "completed", "judged", "outcomes")}

    def merge(self, others: Recording) -> None:
        """Takes in what was recorded elsewhere of the same instrument, as if it had come after."""
        for id, judged in others.judged.items():
            own = self.judged[id]
            own.person.extend(person + self.people for person in judged.person)
            own.number.extend(judged.number)
            own.levels.extend(judged.levels)
            own.values.extend(judged.values)
        for key, (positions, values) in others.outcomes.items():
            self.outcomes[key][0].extend(positions)
            self.outcomes[key][1].extend(values)
        self.people += others.people
        self.completed += others.completed

    def vignettes(self, wanted: PlannedStudy) -> list[VignettePower]:
        """The power of every contrast of levels."""
        return [
            self._rating(vignette, at, wanted)
            for vignette in self.instrument.vignettes
            for at in range(len(vignette.ratings))
        ]

    def _rating(self, vignette: Vignette, at: int, wanted: PlannedStudy) -> VignettePower:
        judged, width = self.judged[vignette.id], len(vignette.attributes)
        value = numpy.array(judged.values).reshape(-1, len(vignette.ratings))[:, at]
        kept = ~numpy.isnan(value)
        person, number = numpy.array(judged.person, dtype=int)[kept], numpy.array(judged.number, dtype=int)[kept]
        levels = numpy.array(judged.levels, dtype=int).reshape(-1, width)[kept]
        sample = JudgementSample(person, levels, value[kept])
        every = _judgement_sums(vignette, sample, number)
        first = _judgement_sums(vignette, JudgementSample(*(each[number == 1] for each in (person, levels, value[kept]))), number[number == 1])
        found = fit(every)
        icc, sd = spread(sample, found) if found is not None else (0.0, 0.0)
        alone = _level_contrasts(vignette, first, (0.0, sd), self._scaled(wanted))
        together = _level_contrasts(vignette, every, (icc, sd), self._scaled(wanted))
        tables = {
            attribute.id: [LevelPower(one, all_) for one, all_ in zip(*pair, strict=True)]
            for attribute, *pair in zip(vignette.attributes, alone, together, strict=True)
        }
        return VignettePower(vignette.id, vignette.ratings[at], len(numpy.unique(person)), len(person), icc, sd, tables)

    def arms(self, wanted: PlannedStudy) -> list[ArmPower]:
        """The power of every contrast of arms."""
        families = {arm: sum(len(self._options(name)) - 1 for name, outcome in self.outcomes if name == arm and outcome) for arm, _ in self.outcomes}
        return [
            _arm_power(arm, name, self._options(arm), numpy.array(positions, dtype=int), numpy.array(values), families[arm], self._scaled(wanted))
            for (arm, name), (positions, values) in self.outcomes.items()
        ]  # fmt: skip

    def _options(self, arm: str) -> Sequence[Option]:
        return next(drawn.options for drawn in self.instrument.drawn if drawn.name == arm)

    def _scaled(self, wanted: PlannedStudy) -> Scaled:
        respondents = wanted.respondents or self.completed
        return Scaled(wanted.difference, (self.completed / respondents) ** 0.5 if respondents else 1.0)


@dataclass(frozen=True, slots=True)
class Scaled:
    """An effect whose power is calculated, and by how much errors are larger with the number of respondents wanted."""

    difference: float
    times: float


def _judgement_sums(vignette: Vignette, sample: JudgementSample, number: numpy.ndarray) -> JudgementSums:
    """The same sums as those of results, which have a row for each respondent."""
    sizes = [len(attribute.levels) for attribute in vignette.attributes]
    people, row = numpy.unique(sample.person, return_inverse=True)
    levels = numpy.zeros((len(people), vignette.each_sees, len(sizes)), dtype=int)
    values = numpy.full((len(people), vignette.each_sees), math.nan)
    levels[row, number - 1], values[row, number - 1] = sample.levels, sample.value
    sums = JudgementSums(sizes)
    sums.add(levels, values)
    return sums


def _level_contrasts(
    vignette: Vignette, sums: JudgementSums, spread: tuple[float, float], wanted: Scaled
) -> list[list[Contrast]]:
    """For each attribute each level against the first."""
    factors = tuple(
        Factor(each.id, each.id, tuple((level.code, str(level.code)) for level in each.levels), len(each.levels))
        for each in vignette.attributes
    )
    effects, found = rating_effects(Sample(factors, sums)), fit(sums)
    if effects is None or found is None:
        return [
            [Contrast(label, factor.levels[0][1], (0, 0)) for _, label in factor.levels[1:]] for factor in factors
        ]
    icc, sd = spread
    errors, family = expected_errors(found, icc), sum(size - 1 for size in sums.sizes)
    return [
        [_contrast(effect, sd, error, family, wanted) for effect, error in zip(attribute.effects, each, strict=True)]
        for attribute, each in zip(effects.attributes, errors, strict=True)
    ]


def _contrast(effect: Effect, sd: float, error: float | None, family: int, wanted: Scaled) -> Contrast:
    """Without a standard deviation nothing varies."""
    estimate = effect.estimate
    interval = (estimate.low, estimate.high) if estimate.low is not None and estimate.high is not None else None
    contrast = Contrast(effect.level, effect.against, effect.judgements, estimate.value, interval, effect.adjusted)
    return _with_power(contrast, sd, error, family, wanted)


def _with_power(contrast: Contrast, sd: float, error: float | None, family: int, wanted: Scaled) -> Contrast:
    if error is None or not sd or not min(contrast.judgements):
        return contrast
    scaled = error * wanted.times
    return replace(
        contrast, found=None if contrast.effect is None else contrast.effect / sd, error=scaled,
        power=power(wanted.difference, scaled), detectable=detectable(scaled),
        detectable_adjusted=detectable(scaled, max(family, 1)),
    )  # fmt: skip


def _arm_power(
    arm: str, outcome: str | None, options: Sequence[Option], positions: numpy.ndarray, values: numpy.ndarray, family: int, wanted: Scaled
) -> ArmPower:
    """Without a measure only how many there are tells what an effect of that size would take."""
    counts = numpy.bincount(positions, minlength=len(options)).tolist()
    codes = [str(option.code) for option in options]
    errors = [arm_error(count, counts[0]) for count in counts]
    if outcome is None:
        contrasts = [Contrast(code, codes[0], (n, counts[0])) for code, n in zip(codes[1:], counts[1:], strict=True)]
        return ArmPower(arm, None, None, [_with_power(each, 1.0, error, len(codes) - 1, wanted) for each, error in zip(contrasts, errors[1:], strict=True)])
    samples = [_summary(values[positions == place]) for place in range(len(codes))]
    effects = arm_effects(Factor(arm, arm, tuple(zip(codes, codes, strict=True)), len(codes)), samples).effects
    left = sum((each.sd or 0.0) ** 2 * (each.n - 1) for each in samples)
    sd = (left / max(sum(counts) - len(codes), 1)) ** 0.5
    return ArmPower(arm, outcome, sd, [_contrast(effect, sd, error, family, wanted) for effect, error in zip(effects, errors[1:], strict=True)])


def _scales(item: Item) -> Iterable[tuple[str, dict[Any, float]]]:
    """The names of answers that are numbers or stand for some, with what each code stands for."""
    for answer in item.answers():
        if answer.is_measured:
            yield answer.name, _values(answer.options)


def _values(scale: tuple[Option, ...]) -> dict[Any, float]:
    """Whole numbers stand for themselves, words for their position."""
    worded = any(isinstance(option.code, str) for option in scale)
    return {option.code: float(position if worded else option.code) for position, option in enumerate(scale, 1)}


def _summary(values: numpy.ndarray) -> Summary:
    return summary_of_sums([(1.0, len(values), float(values.sum()), float(values @ values))])
