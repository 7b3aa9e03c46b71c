"""The path: the sections and items that one respondent is led through. Computing it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.instrument.model import Instrument, Item, Section

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SectionOnPath:
    section: Section
    items: tuple[Item, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is asked."""
        if self.items is self.section.items:
            return self.section.names
        return tuple(name for item in self.items for name in item.names)


@dataclass(frozen=True)
class Path:
    """`answers` holds only what is on the path: an answer off it is as if it had never been given."""

    sections: tuple[SectionOnPath, ...]
    answers: dict[str, Any]
    undecided: tuple[int, ...] = ()  # of each section that may yet come: how many of `sections` stand before it

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
        place = ids.index(section) + 1
        return ids[place] if place < len(ids) else None

    def progress(self, step: SectionOnPath) -> tuple[int, int]:
        """The number of a section, from 1, and of how many. What may yet come counts, so that it never goes back."""
        at = self.sections.index(step) + 1
        return at, len(self.sections) + sum(before >= at for before in self.undecided)

    def preceding(self, section: str) -> str | None:
        ids = [step.section.id for step in self.sections]
        place = ids.index(section) if section in ids else 0
        return ids[place - 1] if place else None

    def step(self, section: str) -> SectionOnPath | None:
        return next((step for step in self.sections if step.section.id == section), None)


def walk(instrument: Instrument, answers: Answers) -> Path:
    """Goes through the instrument in order. Conditions see only answers that are themselves on the path."""
    kept: dict[str, Any] = {}
    steps: list[SectionOnPath] = []
    undecided = []
    for section in instrument.sections:
        if opens(section, kept):
            steps.append(SectionOnPath(section, visible(section, answers, kept)))
        elif section.show_if is not None and section.show_if.holds(kept) is None:
            undecided.append(len(steps))
    return Path(tuple(steps), kept, tuple(undecided))


def opens(section: Section, kept: Answers) -> bool:
    """Whether a section is on the path that the answers before it lead to: it has something to show."""
    if section.show_if is not None and section.show_if.holds(kept) is not True:
        return False
    return section.is_plain or any(
        item.show_if is None or item.show_if.holds(kept) is True for item in section.items
    )


def visible(section: Section, answers: Answers, kept: dict[str, Any]) -> tuple[Item, ...]:
    """The items of a section that are shown; adds their answers to `kept`, which conditions see."""
    if section.is_plain:
        kept |= {name: answers[name] for name in section.names if name in answers}
        return section.items
    items = []
    for item in section.items:
        if item.show_if is not None and item.show_if.holds(kept) is not True:
            continue
        items.append(item)
        for name in item.names:
            if name in answers:
                kept[name] = answers[name]
        if len(item.keys) > len(item.names):
            _keep_said(item, answers, kept)
    return tuple(items)


def _keep_said(item: Item, answers: Answers, kept: dict[str, Any]) -> None:
    """What was said beside an option counts while that option is chosen."""
    value = answers.get(item.id)
    chosen = value if isinstance(value, list) else [value]
    for option in getattr(item, "options", ()):
        name = f"{item.id}.{option.code}"
        if option.please_say and name in answers and option.code in chosen:
            kept[name] = answers[name]


def unanswered(path: Path) -> list[tuple[Section, Item]]:
    """What is on the path and has neither an answer nor a reason: where one has not been yet."""
    return [
        (step.section, item)
        for step in path.sections
        for item in step.items
        if any(name not in path.answers for name in item.names)
    ]
