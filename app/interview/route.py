"""The rules of the path, compiled once for each instrument: what is shown to a respondent, and which answers count.

1. What is assigned to the response (`Instrument.given`: arms, orders, language, day) is on the path from the start.
2. Sections come in the order assigned to the response (`ordered`), else as written. Items always come as written:
   what is shuffled never depends on one another, so the order in which a page shows them changes nothing here.
3. A section, item, option or statement with a condition is shown where that condition holds (unknown does not)
   for the answers on the path before it. A matrix's statement governs its choice in every column.
4. An option that is not shown was not offered. It is dropped from a list; a list that this empties, and a single
   choice, a best or a worst of it, are no answer. The parts of a constant sum that are shown count only while they
   still add up to the total.
5. An item whose options or statements are all hidden is not shown; neither is a section without such an item.
6. The text beside an option counts while that option is chosen.
7. After each section on the path the screen-outs are tried in turn, then the quota named by `~full` (which is
   also tried before the first section). The first that holds ends the path: nothing after it is shown. A respondent
   has come to that end when nothing on the path is unanswered.

What may be hidden has a position among `Route.elements`. The encoding of responses uses positions, pages use names.
A condition depends only on what comes before it, so an answer further on cannot change it, and a traversal begins with
all answers and removes what does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.interview.path import (
    NOTHING_OFF,
    Answers,
    Path,
    SectionOnPath,
    ordered,
)
from app.survey.codes import FULL_QUOTA
from app.survey.conditions.evaluator import Evaluator, compile_part
from app.survey.conditions.language import Condition
from app.survey.model import Code, Instrument, Item, Section

Counted = dict[str, Any]
"""The answers that count: those on the path so far, and of a section that is entered those not yet checked."""
Positions = Sequence[int]


class Element(NamedTuple):
    """Something that may be hidden as a whole: a section, one of its items, or one of an item's options or statements
    (`part`, as `<item>.<code or id>`)."""

    section: str
    item: str = ""
    part: str = ""


class Part(NamedTuple):
    """An option or statement with a condition."""

    key: str
    position: int
    condition: Evaluator
    names: tuple[str, ...]  # of the answers that are about it alone


class Traversal(NamedTuple):
    """What one response's answers come to, by position."""

    answers: dict[str, Any]  # those on the path
    order: Sequence[SectionRoute]
    steps: list[tuple[SectionRoute, Positions]]  # the sections on the path, and what is hidden in each
    hidden: list[tuple[int, Positions]]  # the number of a section in `order`, and what is hidden of it
    undecided: list[int]  # for each section whose condition is unknown: how many steps come before it
    ended: str | None  # the screen-out or quota that ended the path
    passed: int  # how many sections of `order` come before that end


class ItemRoute:
    """When an item is shown, which of its options and statements are, and which of its answers count."""

    __slots__ = ("condition", "count", "item", "parts", "position", "texts_beside", "total")

    def __init__(self, item: Item, elements: list[Element], section: str):
        self.item = item
        self.condition = compiled(item.show_if)
        self.position = added(elements, Element(section, item.id))
        self.parts = tuple(_parts(item, elements, section))
        self.count = len(item.parts)
        self.total = item.adds_up_to if self.parts else None  # where some of what must add up may be hidden
        self.texts_beside = tuple(
            (answer.option.code, answer.name, answer.beside) for answer in item.answers() if answer.beside
        )

    @property
    def is_fixed(self) -> bool:
        """Whether it is shown as a whole whenever its section is."""
        return self.condition is None and not self.parts

    def hidden_parts(self, counted: Answers) -> Sequence[Part] | None:
        """The options or statements that are hidden; None where the item itself is."""
        if self.condition is not None and self.condition(counted) is not True:
            return None
        if not self.parts:
            return ()
        found = [part for part in self.parts if part.condition(counted) is not True]
        return None if len(found) == self.count else found

    def hidden_keys(self, counted: Answers) -> frozenset[str] | None:
        """The same by name, each as `<item>.<code or id>`."""
        found = self.hidden_parts(counted)
        if found is None:
            return None
        return frozenset(part.key for part in found) if found else NOTHING_OFF

    def drop(self, counted: Counted) -> None:
        for name in self.item.keys:
            counted.pop(name, None)

    def settle(self, off: Sequence[Part], counted: Counted) -> None:
        """Removes the answers that do not count when these of its parts are hidden."""
        hidden = {part.key for part in off}
        for part in off:
            for name in part.names:
                counted.pop(name, None)
        if self.total is not None:
            self._drop_broken_sum(hidden, counted)
        elif hidden and not off[0].names:
            self._drop_unoffered(hidden, counted)
        for code, name, beside in self.texts_beside:
            if name in counted and not is_chosen(code, counted.get(beside)):
                del counted[name]

    def _drop_unoffered(self, hidden: set[str], counted: Counted) -> None:
        item = self.item
        for name in item.names:
            value = counted.get(name)
            if isinstance(value, list):
                offered = [code for code in value if f"{item.id}.{code}" not in hidden]
                if offered or not value:
                    counted[name] = offered
                else:
                    del counted[name]
            elif isinstance(value, str | int) and f"{item.id}.{value}" in hidden:
                del counted[name]

    def _drop_broken_sum(self, hidden: set[str], counted: Counted) -> None:
        names = [name for name in self.item.shown_names(hidden) if name in counted]
        values = [counted[name] for name in names]
        if all(isinstance(value, int) for value in values) and sum(values) != self.total:
            for name in names:
                del counted[name]


class SectionRoute:
    """When a section is shown, and what of it."""

    __slots__ = ("changing", "condition", "decides", "has_fixed_item", "items", "keys", "names", "position", "section", "whole")

    def __init__(self, section: Section, elements: list[Element], endings: frozenset[str] = frozenset()):
        """`endings` are the names on which screen-outs and quotas depend."""
        self.section = section
        self.condition = compiled(section.show_if)
        self.position = added(elements, Element(section.id))
        self.items = tuple(ItemRoute(item, elements, section.id) for item in section.items)
        self.changing = tuple(each for each in self.items if not each.is_fixed or each.texts_beside)
        self.has_fixed_item = any(each.is_fixed for each in self.items)  # it then has something to show
        self.names = tuple(name for item in section.items for name in item.keys)
        self.keys = frozenset(self.names)
        self.decides = not endings.isdisjoint(self.keys)  # an ending that did not hold before it may hold after it
        self.whole = SectionOnPath(section, section.items)

    def opens(self, counted: Answers) -> bool:
        """Whether it is on the path that the answers before it lead to: it has something to show."""
        if self.condition is not None and self.condition(counted) is not True:
            return False
        return self.has_fixed_item or any(item.hidden_parts(counted) is not None for item in self.items)

    def enter(self, counted: Counted) -> Positions | None:
        """Removes from `counted` those of its answers that do not count. Returns the positions of what is hidden in it;
        None where it has nothing to show. Its own condition must hold."""
        found: list[int] = []
        shows = self.has_fixed_item
        for item in self.changing:
            off = item.hidden_parts(counted)
            if off is None:
                item.drop(counted)
                found.append(item.position)
                continue
            shows = True
            if off:
                found += [part.position for part in off]
            if off or item.texts_beside or item.total is not None:
                item.settle(off, counted)
        return found if shows else None

    def take(self, answers: Answers, counted: Counted) -> None:
        for name in self.names:
            if name in answers:
                counted[name] = answers[name]

    def drop(self, counted: Counted) -> None:
        if not counted.keys().isdisjoint(self.keys):
            for name in self.names:
                counted.pop(name, None)

    def without(self, off: Positions) -> SectionOnPath:
        """The section by names, without what is hidden."""
        if not off:
            return self.whole
        items = tuple(each.item for each in self.items if each.position not in off)
        hidden = [part.key for each in self.changing for part in each.parts if part.position in off]
        return SectionOnPath(self.section, items, frozenset(hidden))


class Route:
    """The rules of one instrument. `elements` are all that may be hidden, by their positions."""

    def __init__(self, instrument: Instrument):
        self.instrument = instrument
        self.elements: list[Element] = []
        rules = [each.when for each in (*instrument.screen_outs, *instrument.quotas)]
        decisive = frozenset(name for rule in rules for name in rule.names)
        self.sections = tuple(SectionRoute(each, self.elements, decisive) for each in instrument.sections)
        self.section = {each.section.id: each for each in self.sections}
        self.item = {item.item.id: item for section in self.sections for item in section.items}
        self.names = {*instrument.given, *(name for section in self.sections for name in section.names)}
        self._order = instrument.orders("sections") if instrument.shuffle else None
        self._ends = bool(rules)

    def path(self, answers: Answers) -> Path:
        """The path of a response with these answers, by names."""
        found = self.traverse(answers)
        sections = tuple(section.without(off) if off else section.whole for section, off in found.steps)
        return Path(sections, found.answers, tuple(found.undecided), found.ended)

    def traverse(self, answers: Answers) -> Traversal:
        """The same by positions."""
        order, ends, counted = self.in_order(answers), self._ends, self._first(answers)
        steps: list[tuple[SectionRoute, Positions]] = []
        hidden: list[tuple[int, Positions]] = []
        undecided: list[int] = []
        ended, passed = self.full(counted) if ends else None, 0
        for index, section in enumerate(order):
            if ended is not None:
                break
            passed = index + 1
            if ends:
                section.take(answers, counted)
            holds = section.condition is None or section.condition(counted)
            off = (section.enter(counted) if section.changing else ()) if holds is True else None
            if off is None:
                section.drop(counted)
                hidden.append((index, (section.position,)))
                if holds is None:
                    undecided.append(len(steps))
                continue
            steps.append((section, off))
            if off:
                hidden.append((index, off))
            if ends and (section.decides or len(steps) == 1):
                ended = self.ending(counted)
        return Traversal(counted, order, steps, hidden, undecided, ended, passed)

    def _first(self, answers: Answers) -> Counted:
        """What a traversal begins with. Endings may depend on any answer: with them, a section's answers are only
        added when it is reached."""
        if self._ends:
            return {name: answers[name] for name in self.instrument.given if name in answers}
        names = self.names
        if names.issuperset(answers):
            return dict(answers)
        return {name: value for name, value in answers.items() if name in names}

    def in_order(self, answers: Answers) -> Sequence[SectionRoute]:
        """The sections in the order of this response, those that are not on its path among them."""
        if self._order is None:
            return self.sections
        return [self.section[str(section)] for section in ordered(self._order, answers)]

    def ending(self, counted: Answers) -> str | None:
        """What ends the path after a section: the id of a screen-out or of the quota that was full, or None."""
        for screen_out in self.instrument.screen_outs:
            if screen_out.when.holds(counted) is True:
                return screen_out.id
        return self.full(counted)

    def full(self, counted: Answers) -> str | None:
        """The id of the quota that was full when the response came to it, once its condition holds."""
        if FULL_QUOTA not in counted:
            return None
        named = (quota for quota in self.instrument.quotas if quota.id == counted[FULL_QUOTA])
        return next((quota.id for quota in named if quota.when.holds(counted) is True), None)


def is_chosen(code: Code | None, value: Any) -> bool:
    """Whether an option is one of those that an answer holds."""
    return code in value if isinstance(value, list) else code == value


def compiled(condition: Condition | None) -> Evaluator | None:
    return None if condition is None else compile_part(condition.tree)


def added(elements: list[Element], element: Element) -> int:
    elements.append(element)
    return len(elements) - 1


def _parts(item: Item, elements: list[Element], section: str) -> Iterator[Part]:
    for part in item.parts:
        if part.show_if is not None:
            key = item.part_key(part)
            position = added(elements, Element(section, item.id, key))
            own = (answer.name for answer in item.answers() if answer.part is part and not answer.beside)
            yield Part(key, position, compile_part(part.show_if.tree), tuple(own))
