"""The experiments of a survey, in simulated answers: what each contrast of levels and arms can show."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy

from app.results.statistics.power import Contrast, JudgementSample, contrasts, spread
from app.simulation.duration import texts
from app.survey.items.answer import Option
from app.survey.items.base import Item
from app.survey.model import Drawn, Instrument, Vignette


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
    attributes: dict[str, list[LevelPower]]


@dataclass(frozen=True, slots=True)
class ArmPower:
    """What the answers to one item show of an arm; those of all complete responses where `outcome` is None."""

    arm: str
    outcome: str | None
    contrasts: list[Contrast]


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
        self.people = 0
        self.judged = {
            each.id: RatedVignettes(array("q"), array("h"), array("h"), array("d")) for each in instrument.vignettes
        }
        self.outcomes = {
            (arm.name, name): (array("h"), array("d"))
            for arm in _arms(instrument)
            for name in (None, *_outcomes(instrument, arm, (moves or {}).get(arm.name, ())))
        }
        self.scales = dict(scale for item in instrument.items() for scale in _scales(item))
        self.positions = {
            drawn.name: {option.code: position for position, option in enumerate(drawn.options)}
            for drawn in instrument.drawn
        }

    def add(self, answers: Mapping[str, Any], completed: bool) -> None:
        """One response's last answers."""
        for vignette in self.instrument.vignettes:
            self._add_judgements(vignette, answers)
        for (arm, name), (positions, values) in self.outcomes.items():
            value = float(completed) or math.nan if name is None else self._number(name, answers)
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
        return {name: value for name, value in vars(self).items() if name in ("people", "judged", "outcomes")}

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

    def vignettes(self, effect: float) -> list[VignettePower]:
        """The power of every contrast of levels, for an effect of so many standard deviations."""
        return [
            self._rating(vignette, at, effect)
            for vignette in self.instrument.vignettes
            for at in range(len(vignette.ratings))
        ]

    def _rating(self, vignette: Vignette, at: int, effect: float) -> VignettePower:
        judged, width = self.judged[vignette.id], len(vignette.attributes)
        value = numpy.array(judged.values).reshape(-1, len(vignette.ratings))[:, at]
        kept = ~numpy.isnan(value)
        person = numpy.array(judged.person, dtype=int)[kept]
        levels = numpy.array(judged.levels, dtype=int).reshape(-1, width)[kept]
        alone = numpy.array(judged.number)[kept] == 1
        every = JudgementSample(person, levels, value[kept])
        first = JudgementSample(person[alone], levels[alone], value[kept][alone])
        icc, tables = _tables(vignette, every, first, effect)
        return VignettePower(
            vignette.id, vignette.ratings[at], len(numpy.unique(person)), len(person), icc, tables
        )

    def arms(self, effect: float) -> list[ArmPower]:
        """The power of every contrast of arms, for an effect of so many standard deviations."""
        found = []
        for (arm, name), (positions, values) in self.outcomes.items():
            options = next(drawn.options for drawn in self.instrument.drawn if drawn.name == arm)
            answers = JudgementSample(
                numpy.arange(len(positions)), numpy.array(positions, dtype=int)[:, None], numpy.array(values)
            )
            found.append(ArmPower(arm, name, _arm_contrasts(answers, options, effect, name is not None)))
        return found


def _tables(
    vignette: Vignette, every: JudgementSample, first: JudgementSample, effect: float
) -> tuple[float, dict[str, list[LevelPower]]]:
    sizes = [len(attribute.levels) for attribute in vignette.attributes]
    names = [[str(level.code) for level in attribute.levels] for attribute in vignette.attributes]
    if not len(every.value):
        return 0.0, {attribute.id: [] for attribute in vignette.attributes}
    icc, sd = spread(every, sizes)
    alone = contrasts(first, sizes, names, 0.0, sd, effect)
    together = contrasts(every, sizes, names, icc, sd, effect)
    return icc, {
        attribute.id: [LevelPower(one, all_) for one, all_ in zip(*pair, strict=True)]
        for attribute, *pair in zip(vignette.attributes, alone, together, strict=True)
    }


def _arm_contrasts(
    answers: JudgementSample, options: tuple[Option, ...], effect: float, is_measured: bool
) -> list[Contrast]:
    """Without a measure only how many there are tells what an effect of that size would take."""
    codes = [str(option.code) for option in options]
    if not len(answers.value):
        return []
    sd = spread(answers, [len(codes)])[1] if is_measured else 1.0
    (found,) = contrasts(answers, [len(codes)], [codes], 0.0, sd, effect)
    if is_measured:
        return found
    return [
        Contrast(each.level, each.against, each.judgements, None, each.error, each.power, each.detectable)
        for each in found
    ]


def _arms(instrument: Instrument) -> list[Drawn]:
    return [drawn for drawn in instrument.drawn if drawn.kind == "choice" and not drawn.of]


def _outcomes(instrument: Instrument, arm: Drawn, moved: Collection[str]) -> list[str]:
    """Answers on scales, and numbers, whose question uses the arm, or that it is said to move."""
    return [
        name
        for item in instrument.items()
        for name, _ in _scales(item)
        if name in moved or any(arm.name in text.pipes for text in texts(item))
    ]


def _scales(item: Item) -> Iterable[tuple[str, dict[Any, float]]]:
    """The names of answers that are numbers or stand for some, with what each code stands for."""
    for answer in item.answers():
        if answer.is_measured:
            yield answer.name, _values(answer.options)


def _values(scale: tuple[Option, ...]) -> dict[Any, float]:
    """Whole numbers stand for themselves, words for their position."""
    worded = any(isinstance(option.code, str) for option in scale)
    return {option.code: float(position if worded else option.code) for position, option in enumerate(scale, 1)}
