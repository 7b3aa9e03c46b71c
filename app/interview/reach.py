"""What simulated respondents reached: every item, every option, and how long it took them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.instrument.model import Code, Instrument, Item, Matrix, MultipleChoice, Note, Rating, SingleChoice
from app.interview.simulated import Simulated, was_shown


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the middle and the most of some numbers."""

    least: float
    median: float
    most: float


@dataclass(frozen=True)
class Reach:
    """Counts over all respondents; `items` and `minutes` are of those who submitted."""

    respondents: int
    completed: int
    reached: dict[str, int]  # how many saw each item (notes leave no trace and are left out)
    chosen: dict[str, dict[Code, int]]  # by the name under which codes are kept
    items: Spread | None
    minutes: Spread | None

    def never_reached(self) -> list[str]:
        return [item for item, count in self.reached.items() if not count]

    def never_chosen(self) -> list[tuple[str, Code]]:
        """Options of items that were reached, which nobody chose."""
        return [
            (name, code)
            for name, codes in self.chosen.items()
            for code, count in codes.items()
            if not count and any(codes.values())
        ]


@dataclass
class Counting:
    """Counts respondents one by one, so that any number of them takes the same memory."""

    instrument: Instrument
    respondents: int = 0
    reached: Counter[str] = field(default_factory=Counter)
    chosen: Counter[tuple[str, Code]] = field(default_factory=Counter)
    items: list[int] = field(default_factory=list)
    minutes: list[float] = field(default_factory=list)

    def add(self, simulated: Simulated) -> None:
        self.respondents += 1
        answers = simulated.pages[-1] if simulated.pages else {}
        seen = [item.id for item in self.instrument.items() if was_shown(item, answers)]
        self.reached.update(seen)
        self.chosen.update((name, code) for name, value in answers.items() for code in _codes(value))
        if simulated.completed:
            self.items.append(len(seen))
            self.minutes.append(simulated.minutes)

    def reach(self) -> Reach:
        items = [item for item in self.instrument.items() if not isinstance(item, Note)]
        return Reach(
            self.respondents,
            len(self.items),
            {item.id: self.reached[item.id] for item in items},
            {
                name: {code: self.chosen[name, code] for code in codes}
                for item in items
                for name, codes in _offered(item)
            },
            _spread(self.items),
            _spread(self.minutes),
        )


def _codes(value: Any) -> Iterator[Code]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, str | int):
        yield value


def _offered(item: Item) -> Iterator[tuple[str, list[Code]]]:
    match item:
        case SingleChoice() | MultipleChoice():
            yield item.id, [option.code for option in item.options]
        case Rating() | Matrix():
            for name in item.names:
                yield name, [option.code for option in item.scale]


def _spread(values: list[Any]) -> Spread | None:
    if not values:
        return None
    ordered, middle = sorted(values), len(values) // 2
    median = ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return Spread(ordered[0], median, ordered[-1])
