"""What an arm may move: the answers and scores on which its versions are compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from app.survey.items.base import Item
from app.survey.items.reading_matter import texts
from app.survey.model import Drawn, Instrument, Section


def arms(instrument: Instrument) -> list[Drawn]:
    """The arms that respondents are assigned to; not the levels of vignettes, nor orders."""
    return [drawn for drawn in instrument.drawn if drawn.kind == "choice" and not drawn.of]


def outcomes(instrument: Instrument, arm: Drawn, named: Collection[str] = ()) -> list[str]:
    """Scales and numbers whose question, page title or condition uses the arm, or that follow a note on their page which
    does; scores and computed numbers that depend on these; and what is `named`."""
    found = [
        answer.name
        for section in instrument.sections
        for item, is_moved in _items(section, arm.name)
        for answer in item.answers()
        if answer.is_measured and (is_moved or answer.name in named)
    ]
    for computed in instrument.computed:
        if computed.kind == "number" and (computed.name in named or not computed.names.isdisjoint({*found, arm.name})):
            found.append(computed.name)
    return found


def _items(section: Section, arm: str) -> Iterator[tuple[Item, bool]]:
    """The items of a page, each with whether the arm may move it."""
    on_page = (section.title is not None and arm in section.title.pipes) or _uses(section, arm)
    for item in section.items:
        uses = _uses(item, arm) or any(arm in text.pipes for text in texts(item))
        on_page = on_page or (uses and not item.is_asked)
        yield item, on_page or uses


def _uses(part: Item | Section, arm: str) -> bool:
    return part.show_if is not None and arm in part.show_if.names
