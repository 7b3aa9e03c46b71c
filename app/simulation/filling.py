"""What simulated respondents write into a form: fields for every type of item, as a browser would send them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from app.interview.dates import bound_day
from app.interview.path import NOTHING_OFF, shown_names
from app.interview.readers import BESIDE, PARTS, PRECISION
from app.languages.formats import plain_number
from app.simulation.behaviour import Behaviour
from app.survey.model import (
    OFFERED,
    BestWorst,
    Bound,
    ConstantSum,
    Date,
    Dropdown,
    Item,
    Matrix,
    MultipleChoice,
    Number,
    Option,
    Ranking,
    Rating,
    SemanticDifferential,
    SingleChoice,
    Slider,
    TextItem,
)

Fields = dict[str, list[str]]

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
SENTENCES = (
    "I weighed it for a long time.",
    "Nobody around me spoke about it openly.",
    "What I learned with patients is of use every day.",
    "I would do it again.",
    "The rota left no room for anything else.",
    "It felt like letting the team down.",
)
WRITES = 0.6  # of those who may write something
ALSO = 0.22  # who tick a further option
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
    """One respondent. `leaning` is where they stand on every scale. One who is careless reads nothing: `straight` is
    the place on every scale that they always choose, from 0 to 1, or None for any."""

    chance: Chance
    behaviour: Behaviour
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

    def names(self, item: Item) -> Sequence[str]:
        return shown_names(item, self.hidden)


def somebody(chance: Chance, behaviour: Behaviour, language: str) -> Person:
    careless = chance.random() < behaviour.careless
    straight = chance.random() if careless and chance.random() < 0.5 else None
    return Person(chance, behaviour, language, chance.gauss(), careless, straight)


def fill(
    item: Item, person: Person, known: Mapping[str, Any], hidden: frozenset[str] = NOTHING_OFF
) -> Fields:
    """The fields that one respondent sends for an item; none where it is left open."""
    if not item.required and person.happens(person.behaviour.skips):
        return {}
    sheet = Sheet(person, known, hidden)
    if item.offers and person.happens(person.behaviour.declines):
        sent = OFFERED[person.chance.choice([reason for reason in OFFERED if reason in item.offers])]
        return {f"{item.id}~" if isinstance(item, BESIDE) else name: [sent] for name in sheet.names(item)}
    return _FILLS[type(item)](item, sheet)


# --- choices ---------------------------------------------------------------------------------------------


def _weighted(name: str, options: Sequence[Option], sheet: Sheet) -> Option | None:
    """An option by the weights that were given to it; None where there are none for what is offered."""
    given = sheet.person.behaviour.answers.get(name)
    weights = [given.get(option.code, 0) for option in options] if given else []
    return sheet.person.chance.choices(options, weights)[0] if sum(weights) > 0 else None


def _popular(options: Sequence[Option], person: Person) -> Option:
    """Earlier options are chosen more often, but every one is; the careless choose any."""
    if person.careless:
        return person.chance.choice(options)
    return person.chance.choices(options, [1 / (place + 1.5) for place in range(len(options))])[0]


def _single(item: SingleChoice, sheet: Sheet) -> Fields:
    options = sheet.options(item)
    chosen = _weighted(item.id, options, sheet) or _popular(options, sheet.person)
    return _with_words(item, [chosen], sheet.person)


def _multiple(item: MultipleChoice, sheet: Sheet) -> Fields:
    options, shares = sheet.options(item), sheet.person.behaviour.answers.get(item.id)
    if shares is None:
        return _with_words(item, _several(options, sheet.person), sheet.person)
    chosen = [option for option in options if sheet.person.happens(shares.get(option.code, 0) / 100)]
    together = [option for option in chosen if not option.exclusive] or chosen[:1]
    return _with_words(item, together, sheet.person)


def _several(options: Sequence[Option], person: Person) -> list[Option]:
    first = _popular(options, person)
    if first.exclusive:
        return [first]
    others = [option for option in options if not option.exclusive and option is not first]
    return [first, *(option for option in others if person.happens(ALSO))]


def _with_words(item: SingleChoice | MultipleChoice, chosen: Sequence[Option], person: Person) -> Fields:
    said = {f"{item.id}.{each.code}": [person.chance.choice(WORDS)] for each in chosen if each.please_say}
    return {item.id: [str(option.code) for option in chosen]} | said


def _rating(item: Rating, sheet: Sheet) -> Fields:
    return {item.id: [_on_scale(item.id, item.scale, 0.0, sheet)]}


def _matrix(item: Matrix, sheet: Sheet) -> Fields:
    tilts = {name: 0.5 - (place % 3) * 0.5 for place, name in enumerate(item.names)}
    return {name: [_on_scale(name, item.row[name].scale, tilts[name], sheet)] for name in sheet.names(item)}


def _on_scale(name: str, scale: Sequence[Option], tilt: float, sheet: Sheet) -> str:
    """A point of the scale near where this respondent leans, moved by the effects that are wanted."""
    chosen = _weighted(name, scale, sheet)
    if chosen is not None:
        return str(chosen.code)
    person = sheet.person
    if person.careless:
        place = person.chance.random() if person.straight is None else person.straight
        return str(scale[min(int(place * len(scale)), len(scale) - 1)].code)
    place = (len(scale) - 1) * (0.5 + ON_SCALE * (tilt + _moved(name, sheet)))
    return str(scale[min(max(round(place), 0), len(scale) - 1)].code)


def _moved(name: str, sheet: Sheet) -> float:
    """Standard normal, and the effects on it."""
    person = sheet.person
    own = OWN * person.leaning + CHANCE * person.chance.gauss()
    return own + person.behaviour.shift(name, sheet.known)


# --- what is typed ---------------------------------------------------------------------------------------


def _number(item: Number, sheet: Sheet) -> Fields:
    """Around a quarter of the way; anywhere for the careless."""
    least = Decimal(str(item.least))
    part = sheet.person.chance.random() if sheet.person.careless else 0.25 + 0.15 * _moved(item.id, sheet)
    step = Decimal(str(item.step)) if isinstance(item, Slider) else Decimal(1).scaleb(-item.decimals)
    steps = int((Decimal(str(item.most)) - least) / step)
    taken = min(max(round(part * steps), 0), steps)
    return {item.id: [plain_number(least + step * taken, sheet.person.language)]}  # type: ignore[arg-type]


def _text(item: TextItem, sheet: Sheet) -> Fields:
    person = sheet.person
    if not item.required and not person.happens(0.1 if person.careless else WRITES):
        return {}
    if item.pattern is not None:
        return {item.id: [item.example]} if item.example else {}
    text = person.chance.choice(WORDS) if item.lines == 1 else " ".join(person.chance.sample(SENTENCES, 2))
    return {item.id: [text[: item.max_length].strip()]}


def _date(item: Date, sheet: Sheet) -> Fields:
    earliest, latest = (_day(bound, sheet) for bound in (item.earliest, item.latest))
    day = earliest + round(sheet.person.chance.random() * max(latest - earliest, 0))
    parts = datetime.date.fromordinal(day).isoformat().split("-")[: PRECISION[item.precision]]
    return {f"{item.id}.{part}": [digits] for part, digits in zip(PARTS, parts, strict=False)}


def _day(bound: Bound, sheet: Sheet) -> int:
    day = bound.fixed or bound_day(bound, sheet.known["today"])
    return datetime.date.fromisoformat(day).toordinal()


# --- several fields that make one answer -----------------------------------------------------------------


def _ranking(item: Ranking, sheet: Sheet) -> Fields:
    left, order = sheet.options(item), []
    while left and len(order) < item.top:
        order.append(_popular(left, sheet.person))
        left.remove(order[-1])
    return {f"{item.id}.{option.code}": [str(place)] for place, option in enumerate(order, 1)}


def _constant_sum(item: ConstantSum, sheet: Sheet) -> Fields:
    """Shares in the manner of a broken stick: cut at random, in whole numbers."""
    names, chance = sheet.names(item), sheet.person.chance
    cuts = sorted(round(chance.random() * item.total) for _ in names[1:])
    parts = [end - start for start, end in zip([0, *cuts], [*cuts, item.total], strict=True)]
    return {name: [str(part)] for name, part in zip(names, parts, strict=True)}


def _best_worst(item: BestWorst, sheet: Sheet) -> Fields:
    options = sheet.options(item)
    if len(options) < 2:
        return {}
    best, worst = sheet.person.chance.sample(options, 2)
    return {name: [str(each.code)] for name, each in zip(item.names, (best, worst), strict=True)}


_FILLS: dict[type[Item], Callable[[Any, Sheet], Fields]] = {
    SingleChoice: _single,
    Dropdown: _single,
    MultipleChoice: _multiple,
    Rating: _rating,
    Matrix: _matrix,
    SemanticDifferential: _matrix,
    Number: _number,
    Slider: _number,
    TextItem: _text,
    Date: _date,
    Ranking: _ranking,
    ConstantSum: _constant_sum,
    BestWorst: _best_worst,
}
