"""Simulated respondents: they fill in the form's fields, and go through the real reading and the real path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.instrument.model import (
    Instrument,
    Item,
    Matrix,
    MultipleChoice,
    Number,
    Option,
    Rating,
    Section,
    SingleChoice,
    TextItem,
)
from app.interview.duration import seconds
from app.interview.path import go_through, opens
from app.interview.reading import DECLINED, read_section

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


class Chance(Protocol):
    """The part of `random.Random` that is needed here."""

    def random(self) -> float: ...
    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float: ...
    def choice(self, seq: Sequence[Any]) -> Any: ...
    def sample(self, population: Sequence[Any], k: int) -> list[Any]: ...
    def choices(self, population: Sequence[Any], weights: Sequence[float]) -> list[Any]: ...


@dataclass(frozen=True)
class Habits:
    """How simulated respondents behave, in probabilities."""

    skips: float = 0.03  # an optional item
    breaks_off: float = 0.008  # a page
    declines: float = 0.06  # an item that offers it


@dataclass(frozen=True)
class Simulated:
    """`pages` are the response's answers after each page; `minutes` is how long it all took."""

    pages: tuple[dict[str, Any], ...]
    completed: bool
    minutes: float


def respondent(instrument: Instrument, chance: Chance, habits: Habits | None = None) -> Simulated:
    """One respondent, from the first page until submission or break-off."""
    habits = habits or Habits()
    leaning = chance.gauss()
    answers: dict[str, Any] = {}  # on the path, up to the page that comes
    pages: list[dict[str, Any]] = []
    for section in instrument.sections:
        if not opens(section, answers):
            continue
        if pages and chance.random() < habits.breaks_off:
            return Simulated(tuple(pages), False, _minutes(instrument, pages, chance))
        go_through(section, _page(section, answers, leaning, chance, habits), answers)
        pages.append(dict(answers))
    return Simulated(tuple(pages), True, _minutes(instrument, pages, chance))


def _page(
    section: Section, earlier: dict[str, Any], leaning: float, chance: Chance, habits: Habits
) -> dict[str, Any]:
    """Fills in a page, and again where an answer reveals an item, until the service takes it."""
    fields: dict[str, list[str]] = {"shown": [], "asked": []}
    while True:
        reading = read_section(section, fields, earlier)
        if not reading.revealed:
            return reading.answers
        for item in section.items:
            if item.id in reading.revealed:
                fields |= _fill(item, leaning, chance, habits)
                fields["shown"].append(item.id)
                fields["asked"].append(item.id)


def _fill(item: Item, leaning: float, chance: Chance, habits: Habits) -> dict[str, list[str]]:
    if not item.required and chance.random() < habits.skips:
        return {}
    if item.decline and chance.random() < habits.declines:
        beside = isinstance(item, Number | TextItem)
        return {f"{item.id}~": [DECLINED]} if beside else {name: [DECLINED] for name in item.names}
    match item:
        case SingleChoice():
            return _with_words(item, [_popular(item.options, chance)], chance)
        case MultipleChoice():
            return _with_words(item, _several(item.options, chance), chance)
        case Rating():
            return {item.id: [_on_scale(item.scale, leaning, 0.0, chance)]}
        case Matrix():
            tilts = {name: 0.5 - (place % 3) * 0.5 for place, name in enumerate(item.names)}
            return {name: [_on_scale(item.scale, leaning, tilt, chance)] for name, tilt in tilts.items()}
        case Number():
            middle, width = item.least + (item.most - item.least) * 0.25, (item.most - item.least) * 0.15
            number = round(middle + width * chance.gauss())
            return {item.id: [str(min(max(number, item.least), item.most))]}
        case TextItem():
            text = chance.choice(WORDS) if item.lines == 1 else " ".join(chance.sample(SENTENCES, 2))
            return {item.id: [text[: item.max_length]]} if item.required or chance.random() < 0.6 else {}
    return {}


def _popular(options: Sequence[Option], chance: Chance) -> Option:
    """Earlier options are chosen more often, but every one is."""
    weights = [1 / (place + 1.5) for place in range(len(options))]
    return chance.choices(options, weights)[0]


def _several(options: Sequence[Option], chance: Chance) -> list[Option]:
    first = _popular(options, chance)
    if first.exclusive:
        return [first]
    others = [option for option in options if not option.exclusive and option is not first]
    return [first, *(option for option in others if chance.random() < 0.22)]


def _with_words(
    item: SingleChoice | MultipleChoice, chosen: Sequence[Option], chance: Chance
) -> dict[str, list[str]]:
    said = {f"{item.id}.{option.code}": [chance.choice(WORDS)] for option in chosen if option.please_say}
    return {item.id: [str(option.code) for option in chosen]} | said


def _on_scale(scale: Sequence[Option], leaning: float, tilt: float, chance: Chance) -> str:
    """A point of the scale near where this respondent leans."""
    place = (len(scale) - 1) * (0.5 + 0.18 * (0.6 * leaning + tilt + 0.8 * chance.gauss()))
    return str(scale[min(max(round(place), 0), len(scale) - 1)].code)


def _minutes(instrument: Instrument, pages: Sequence[dict[str, Any]], chance: Chance) -> float:
    """What the items seen take, at this respondent's own pace."""
    if not pages:
        return 0.0
    pace = min(max(1 + 0.25 * chance.gauss(), 0.4), 2.5)
    return pace * sum(seconds(item) for item in instrument.items() if was_shown(item, pages[-1])) / 60


def was_shown(item: Item, answers: dict[str, Any]) -> bool:
    """Whether a page with this item was sent. A note leaves no trace."""
    return any(name in answers for name in item.names)
