"""The overview of a survey: its sections with their charts, folded where few were asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.results.charts.arms import draw_arm
from app.results.charts.draw import draw
from app.results.charts.geometry import Drawing
from app.results.items import ItemFigures
from app.results.marginals import Figures
from app.survey.model import Instrument
from app.web.live.frames import LiveFrame
from app.web.research.navigation import ASSIGNED, TITLES, section_numbers, section_of, section_titles

FOLDED_BELOW = 0.4  # of the respondents asked


@dataclass(frozen=True, slots=True)
class FigureSection:
    """A section with its charts. Folded ones show their sentences first."""

    id: str
    title: str
    number: int | None  # among the sections of the newest version
    of: int  # such sections
    is_folded: bool
    asked: int  # responses to which any of it was shown
    n: int  # responses in the view
    drawings: tuple[Drawing, ...]

    @property
    def is_unasked(self) -> bool:
        """Whether nobody in the view was asked any of it."""
        return bool(self.n) and not self.asked


@dataclass(frozen=True, slots=True)
class CountedSection:
    """A section whose charts are not drawn yet."""

    id: str
    title: str
    number: int | None
    of: int
    is_folded: bool
    n: int
    items: tuple[ItemFigures, ...]

    def drawn(self) -> FigureSection:
        asked, drawings = max(item.shown for item in self.items), tuple(draw(item) for item in self.items)
        return FigureSection(self.id, self.title, self.number, self.of, self.is_folded, asked, self.n, drawings)


class ArmDrawings(NamedTuple):
    label: str
    drawings: tuple[Drawing, ...]


def sections_of(source: LiveFrame, counted: Figures) -> tuple[FigureSection, ...]:
    """In the order of the survey; what belongs to no section comes last."""
    return tuple(section.drawn() for section in counted_sections(source, counted))


def arms_of(counted: Figures) -> tuple[ArmDrawings, ...]:
    """Of each arm what it does to the answers that it may move."""
    found: dict[str, list[Drawing]] = {}
    for each in counted.arms:
        found.setdefault(each.effects.label, []).append(draw_arm(each))
    return tuple(ArmDrawings(label, tuple(drawings)) for label, drawings in found.items())


def folded_sections(source: LiveFrame, counted: Figures) -> tuple[CountedSection, ...]:
    return tuple(section for section in counted_sections(source, counted) if section.is_folded)


def counted_sections(source: LiveFrame, counted: Figures) -> Iterator[CountedSection]:
    newest, titles = source.loaded.instruments[0], section_titles(source)
    numbers = section_numbers(newest, counted.items)
    for section, items in items_by_section(counted.items):
        folded, number = is_folded(newest, section, items, counted.n), numbers.get(section)
        yield CountedSection(section, titles[section], number, len(numbers), folded, counted.n, tuple(items))


def items_by_section(items: Iterable[ItemFigures]) -> list[tuple[str, list[ItemFigures]]]:
    found: dict[str, list[ItemFigures]] = {}
    for item in items:
        found.setdefault(section_of(item), []).append(item)
    asked = [pair for pair in found.items() if pair[0] not in TITLES]
    return [*asked, *((section, found[section]) for section in TITLES if section in found)]


def is_folded(instrument: Instrument, section: str, items: Sequence[ItemFigures], n: int) -> bool:
    """Whether a section begins folded: background questions, what was assigned at random, and what few were asked."""
    asked = max(item.shown for item in items)
    if section not in TITLES and n and asked < FOLDED_BELOW * n:
        return True
    return section == ASSIGNED or is_background(instrument, section, items)


def is_background(instrument: Instrument, section: str, items: Sequence[ItemFigures]) -> bool:
    """Whether at least half of a section's questions are marked as identifying; never the first section."""
    first = instrument.sections[0].id if instrument.sections else ""
    marked = [item for item in items if (asked := instrument.item.get(item.item)) and asked.identifying]
    return section != first and 2 * len(marked) >= len(items) > 0
