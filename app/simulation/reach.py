"""What simulated respondents reached: every item, statement, option and ending, the cells, and how long it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.simulation.respondents import Simulated
from app.survey.codes import Code
from app.survey.items.base import Item
from app.survey.model import Instrument

Cells = dict[str, dict[Code, int]]


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the middle and the most of some numbers."""

    least: float
    median: float
    most: float


@dataclass(frozen=True)
class Reach:
    """Counts over all respondents; `items` and `minutes` are of complete responses.

    `arms` counts respondents, `levels` judgements of vignettes, by attribute. `quotas` are how many each quota counts.
    `stuck` are items that made respondents give up, since no answer was taken.
    """

    respondents: int
    completed: int
    broke_off: int
    careless: int
    reached: dict[str, int]  # how many saw each item, notes left out
    asked: dict[
        str, int
    ]  # how many were asked each statement or the like, by the name under which it is stored
    chosen: Cells  # by the name under which codes are stored
    sections: dict[str, int]  # how many came to each page
    arms: Cells
    levels: Cells
    ended: dict[str, int]  # by screen-out or quota
    quotas: dict[str, int]
    stuck: dict[str, int]
    items: Spread | None
    minutes: Spread | None

    def never_reached(self) -> list[str]:
        return [item for item, count in self.reached.items() if not count]

    def never_asked(self) -> list[str]:
        """Statements of items that were reached, which nobody was asked."""
        return [name for name, count in self.asked.items() if not count and self.reached[name.split(".")[0]]]

    def never_chosen(self) -> list[tuple[str, Code]]:
        """Options of items that were reached, which nobody chose."""
        return [
            (name, code)
            for name, codes in self.chosen.items()
            for code, count in codes.items()
            if not count and any(codes.values())
        ]

    def never_opened(self) -> list[str]:
        return [section for section, count in self.sections.items() if not count]

    def never_ended(self) -> list[str]:
        """Screen-outs and quotas that ended nobody's path."""
        return [ending for ending, count in self.ended.items() if not count]


@dataclass
class ReachCounts:
    """Counts respondents one by one, so that any number of them takes little memory."""

    instrument: Instrument
    respondents: int = 0
    broke_off: int = 0
    careless: int = 0
    reached: Counter[str] = field(default_factory=Counter)
    opened: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    chosen: Counter[tuple[str, Code]] = field(default_factory=Counter)
    levels: Counter[tuple[str, Code]] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    quotas: Counter[str] = field(default_factory=Counter)
    stuck: Counter[str] = field(default_factory=Counter)
    items: list[int] = field(default_factory=list)
    minutes: list[float] = field(default_factory=list)

    @cached_property
    def page_of(self) -> dict[str, str]:
        return {item.id: section.id for section in self.instrument.sections for item in section.items}

    def add(self, simulated: Simulated) -> None:
        self.respondents += 1
        self.careless += simulated.careless
        answers = simulated.pages[-1] if simulated.pages else {}
        self.reached.update(simulated.seen)
        self.opened.update({self.page_of[item] for item in simulated.seen})
        self.asked.update(answers.keys())  # a mapping itself would be added up
        self.chosen.update((name, code) for name, value in answers.items() for code in _codes(value))
        self.levels.update(_judged(self.instrument, answers))
        self.ended.update(filter(None, [simulated.ended]))
        self.quotas.update(simulated.held)
        self.stuck.update(filter(None, [simulated.stuck]))
        self.broke_off += not simulated.completed and simulated.ended is None
        if simulated.completed:
            notes = sum(not self.instrument.item[item].is_asked for item in simulated.seen)
            self.items.append(len(simulated.seen) - notes)
            self.minutes.append(simulated.minutes)

    def __getstate__(self) -> dict[str, Any]:
        """Without the instrument: its compiled conditions do not travel between processes."""
        return {name: value for name, value in vars(self).items() if name not in ("instrument", "page_of")}

    def merge(self, others: ReachCounts) -> None:
        """Takes in what was counted elsewhere, of the same instrument."""
        self.respondents += others.respondents
        self.broke_off += others.broke_off
        self.careless += others.careless
        for name in ("reached", "opened", "asked", "chosen", "levels", "ended", "quotas", "stuck"):
            getattr(self, name).update(getattr(others, name))
        self.items += others.items
        self.minutes += others.minutes

    def reach(self) -> Reach:
        items = [item for item in self.instrument.items() if item.is_asked]
        ends = (*self.instrument.screen_outs, *self.instrument.quotas)
        return Reach(
            respondents=self.respondents,
            completed=len(self.items),
            broke_off=self.broke_off,
            careless=self.careless,
            reached={item.id: self.reached[item.id] for item in items},
            asked={name: self.asked[name] for item in items for name in item.names if "." in name},
            chosen=_cells(self.chosen, (each for item in items for each in _offered(item))),
            sections={section.id: self.opened[section.id] for section in self.instrument.sections},
            arms=_cells(self.chosen, _arms(self.instrument)),
            levels=_cells(self.levels, _levels(self.instrument)),
            ended={end.id: self.ended[end.id] for end in ends},
            quotas={quota.id: self.quotas[quota.id] for quota in self.instrument.quotas},
            stuck=dict(self.stuck),
            items=_spread(self.items),
            minutes=_spread(self.minutes),
        )


Offered = tuple[str, list[Code]]


def _codes(value: Any) -> Iterator[Code]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, str | int):
        yield value


def _cells(counted: Mapping[tuple[str, Code], int], offered: Iterable[Offered]) -> Cells:
    return {name: {code: counted[name, code] for code in codes} for name, codes in offered}


def _offered(item: Item) -> Iterator[Offered]:
    for answer in item.answers():
        if answer.options:
            yield answer.name, list(answer.codes)


def _arms(instrument: Instrument) -> Iterator[Offered]:
    for drawn in instrument.drawn:
        if drawn.kind == "choice" and not drawn.of:
            yield drawn.name, [option.code for option in drawn.options]


def _levels(instrument: Instrument) -> Iterator[Offered]:
    for vignette in instrument.vignettes:
        for attribute in vignette.attributes:
            yield f"{vignette.id}_{attribute.id}", [level.code for level in attribute.levels]


def _judged(instrument: Instrument, answers: Mapping[str, Any]) -> Iterator[tuple[str, Code]]:
    """The levels of each vignette of which something was judged."""
    for vignette in instrument.vignettes:
        for k in range(1, vignette.each_sees + 1):
            given = (answers.get(f"{vignette.id}_{rating}_{k}") for rating in vignette.ratings)
            if any(isinstance(value, str | int) for value in given):
                for attribute in vignette.attributes:
                    yield f"{vignette.id}_{attribute.id}", answers[f"{vignette.id}_{attribute.id}_{k}"]


def _spread(values: list[Any]) -> Spread | None:
    if not values:
        return None
    ordered, middle = sorted(values), len(values) // 2
    median = ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return Spread(ordered[0], median, ordered[-1])
