"""A respondent's path: the sections and items they are led through, and the answers that count on it.

`app.interview.route` computes it. Computing a path changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.survey.codes import Code
from app.survey.conditions.evaluator import Answers
from app.survey.items.base import Item
from app.survey.model import Drawn, Section

NOTHING_OFF: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SectionOnPath:
    """`off` are the options and statements of its items that are not shown, each as `<item>.<code or id>`."""

    section: Section
    items: tuple[Item, ...]
    off: frozenset[str] = NOTHING_OFF

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is asked."""
        if self.items is self.section.items and not self.off:
            return self.section.names
        return tuple(name for item in self.items for name in self.names_of(item))

    def names_of(self, item: Item) -> tuple[str, ...]:
        """The names of what is asked by one of its items."""
        return item.shown_names(self.off)


@dataclass(frozen=True)
class Path:
    """`answers` holds only what is on the path: an answer off it does not count."""

    sections: tuple[SectionOnPath, ...]
    answers: dict[str, Any]
    #: For each section whose condition is still unknown: how many of `sections` come before it.
    undecided: tuple[int, ...] = ()
    ended: str | None = None  # the id of the screen-out or the quota that ends it before the last section

    @cached_property
    def open(self) -> frozenset[str]:
        """Ids of the sections that may be opened: one after the other, up to the first that is not yet answered."""
        found = []
        for step in self.sections:
            found.append(step.section.id)
            if not all(map(self.answers.__contains__, step.names)):
                break
        return frozenset(found)

    def following(self, section: str) -> str | None:
        """The id of the section after this one, or None at the end.

        A section that is no longer on the path is followed by the first on it (nothing can come before).
        """
        ids = [step.section.id for step in self.sections]
        if section not in ids:
            return ids[0] if ids else None
        after = ids.index(section) + 1
        return ids[after] if after < len(ids) else None

    def progress(self, step: SectionOnPath) -> tuple[int, int, int]:
        """The number of a section, from 1; how many there are at least; and how many with all that may still be added,
        so that the share of these never falls."""
        at = [each.section.id for each in self.sections].index(step.section.id) + 1
        least = len(self.sections)
        return at, least, least + sum(before >= at for before in self.undecided)

    def preceding(self, section: str) -> str | None:
        ids = [step.section.id for step in self.sections]
        at = ids.index(section) if section in ids else 0
        return ids[at - 1] if at else None

    def step(self, section: str) -> SectionOnPath | None:
        return next((step for step in self.sections if step.section.id == section), None)


def unanswered(path: Path) -> list[tuple[Section, Item]]:
    """The items on the path where a value has neither an answer nor a reason."""
    return [
        (step.section, item)
        for step in path.sections
        for item in step.items
        if any(name not in path.answers for name in step.names_of(item))
    ]


def ordered(drawn: Drawn, answers: Answers) -> tuple[Code, ...]:
    """The stored order of what was shuffled; as written where none is stored, or none that could have been drawn:
    one that holds everything once and moves only what may move."""
    order, whole = answers.get(drawn.name), drawn.whole
    if not isinstance(order, list) or not all(isinstance(part, str | int) for part in order):
        return whole
    if len(order) != len(whole) or set(order) != set(whole):
        return whole
    moved = {code for code, written in zip(order, whole, strict=True) if code != written}
    return tuple(order) if moved <= set(drawn.moving) else whole
