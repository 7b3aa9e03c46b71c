"""Simulated respondents as items see them: where each of them is on a scale, and how they choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.survey.items.answer import Option

WORDS = (
    "relief",
    "duty",
    "growth",
    "fatigue",
    "loyalty",
    "freedom",
    "doubt",
    "courage",
    "calling",
    "balance",
)
ALSO = 0.22  # probability of choosing a further option
#: A leaning is standard normal, and so is an answer before it is rounded to a scale: what is the respondent's own has
#: the share OWN² of its variance (so judgements correlate by 0.36), chance the rest.
OWN, CHANCE = 0.6, 0.8
ON_SCALE = 0.18  # of a scale's length: one standard deviation


class Chance(Protocol):
    """The part of `random.Random` that is needed here."""

    def random(self) -> float: ...
    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float: ...
    def choice(self, seq: Sequence[Any]) -> Any: ...
    def sample(self, population: Sequence[Any], k: int) -> list[Any]: ...
    def choices(self, population: Sequence[Any], weights: Sequence[float]) -> list[Any]: ...




@dataclass(frozen=True, slots=True)
class Person:
    """One respondent. `leaning` is where they are on every scale. The careless read nothing: `straight` is the place on
    every scale that they always choose, from 0 to 1, or None for any."""

    chance: Chance
    behaviour: Any  # of simulation.behaviour: weights of `answers`, by how much effects `shift` them, scales `reversed`
    language: str
    leaning: float
    careless: bool = False
    straight: float | None = None

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one respondent sees of an item: what is known of them so far, and the item's parts that are hidden."""

    person: Person
    known: Mapping[str, Any]
    hidden: frozenset[str]

    def options(self, item: Any) -> list[Option]:
        return [option for option in item.options if f"{item.id}.{option.code}" not in self.hidden]

    def names(self, item: Any) -> Sequence[str]:
        return item.shown_names(self.hidden)

    def moved(self, name: str) -> float:
        """Standard normal, and the effects on it."""
        person = self.person
        leaning = -person.leaning if name in person.behaviour.reversed else person.leaning
        own = OWN * leaning + CHANCE * person.chance.gauss()
        return own + person.behaviour.shift(name, self.known)


def weighted(name: str, options: Sequence[Option], sheet: Sheet) -> Option | None:
    """An option by the weights that were given to it; None where there are none for what is offered."""
    given = sheet.person.behaviour.answers.get(name)
    weights = [given.get(option.code, 0) for option in options] if given else []
    return sheet.person.chance.choices(options, weights)[0] if sum(weights) > 0 else None


def popular(options: Sequence[Option], person: Person) -> Option:
    """Earlier options are chosen more often, but every one is; the careless choose any."""
    if person.careless:
        return person.chance.choice(options)
    return person.chance.choices(options, [1 / (place + 1.5) for place in range(len(options))])[0]


def several(options: Sequence[Option], person: Person) -> list[Option]:
    first = popular(options, person)
    if first.exclusive:
        return [first]
    others = [option for option in options if not option.exclusive and option is not first]
    return [first, *(option for option in others if person.happens(ALSO))]


def with_words(item: str, chosen: Sequence[Option], person: Person) -> dict[str, list[str]]:
    """The fields of what is chosen, with a word beside each option that asks for one."""
    said = {f"{item}.{each.code}": [person.chance.choice(WORDS)] for each in chosen if each.please_say}
    return {item: [str(option.code) for option in chosen]} | said


def on_scale(name: str, scale: Sequence[Option], tilt: float, sheet: Sheet) -> str:
    """A point of the scale near where this respondent leans, moved by the effects that were requested."""
    chosen = weighted(name, scale, sheet)
    if chosen is not None:
        return str(chosen.code)
    person = sheet.person
    if person.careless:
        place = person.chance.random() if person.straight is None else person.straight
        return str(scale[min(int(place * len(scale)), len(scale) - 1)].code)
    place = (len(scale) - 1) * (0.5 + ON_SCALE * (tilt + sheet.moved(name)))
    return str(scale[min(max(round(place), 0), len(scale) - 1)].code)
