"""The path: the sections and items that one respondent is led through. Computing it changes nothing.

Its rules, which `app.results.frame.encoding` follows too:

1. What was given to the response (`Instrument.given`: arms, orders, language, day) is on the path from the start.
2. Sections are gone through in the order drawn for them (`ordered`), else as written. Items always as written:
   what is shuffled never depends on one another, so the order in which a page shows them changes nothing here.
3. A section, item, option or statement with a condition is shown where that condition holds (unknown does not)
   for the answers on the path before it. A matrix's statement stands for its choice in every column.
4. An option that is not shown was not offered. It is dropped from a list; a list that this empties, and a single
   choice, a best or a worst of it, are no answer. The parts of a constant sum that are shown count only while they
   still add up to the total.
5. An item all of whose options or statements are hidden is not shown; neither is a section without such an item.
6. What was said beside an option counts while that option is chosen.
7. After each section on the path the screen-outs are tried in turn, then the quota named by `~full` (which is
   tried before the first section too). The first that holds ends the path: nothing after it is shown. A respondent
   has come to that end when nothing on the path is unanswered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.survey.conditions.language import Condition
from app.survey.model import (
    Code,
    ConstantSum,
    Drawn,
    Instrument,
    Item,
    Matrix,
    Option,
    Section,
    Statement,
)

Answers = Mapping[str, Any]
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
        return shown_names(item, self.off) if self.off else item.names


@dataclass(frozen=True)
class Path:
    """`answers` holds only what is on the path: an answer off it is as if it had never been given."""

    sections: tuple[SectionOnPath, ...]
    answers: dict[str, Any]
    undecided: tuple[
        int, ...
    ] = ()  # of each section that may yet come: how many of `sections` stand before it
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
    kept: dict[str, Any] = {name: answers[name] for name in instrument.given if name in answers}
    steps: list[SectionOnPath] = []
    undecided = []
    ended = full(instrument, kept)
    may_end = bool(instrument.screen_outs) or "~full" in kept
    for section in sections_in_order(instrument, answers):
        if ended is not None:
            break
        if opens(section, kept):
            steps.append(go_through(section, answers, kept))
            ended = ending(instrument, kept) if may_end else None
        elif section.show_if is not None and section.show_if.holds(kept) is None:
            undecided.append(len(steps))
    return Path(tuple(steps), kept, tuple(undecided), ended)


def ending(instrument: Instrument, kept: Answers) -> str | None:
    """What ends the path after a section: the id of a screen-out or of the quota that was full, or None."""
    for screen_out in instrument.screen_outs:
        if screen_out.when.holds(kept) is True:
            return screen_out.id
    return full(instrument, kept)


def full(instrument: Instrument, kept: Answers) -> str | None:
    """The id of the quota that was full when the response came to it, once its condition holds."""
    if "~full" not in kept:
        return None
    named = (quota for quota in instrument.quotas if quota.id == kept["~full"])
    return next((quota.id for quota in named if quota.when.holds(kept) is True), None)


# --- orders ----------------------------------------------------------------------------------------------


def sections_in_order(instrument: Instrument, answers: Answers) -> Sequence[Section]:
    """The sections as this response meets them, those that are not on its path among them."""
    drawn = instrument.orders("sections") if instrument.shuffle else None
    if drawn is None:
        return instrument.sections
    return [instrument.section[str(section)] for section in ordered(drawn, answers)]


def ordered(drawn: Drawn, answers: Answers) -> tuple[Code, ...]:
    """The order kept for what was shuffled; as written where none is kept, or none that could have been drawn:
    one that holds everything once and moves only what may move."""
    order, whole = answers.get(drawn.name), drawn.whole
    if not isinstance(order, list) or not all(isinstance(part, str | int) for part in order):
        return whole
    if len(order) != len(whole) or set(order) != set(whole):
        return whole
    moved = {code for code, written in zip(order, whole, strict=True) if code != written}
    return tuple(order) if moved <= set(drawn.moving) else whole


# --- what is shown ---------------------------------------------------------------------------------------


def holds(condition: Condition | None, kept: Answers) -> bool:
    """Whether the content under a condition is shown."""
    return condition is None or condition.holds(kept) is True


def parts(item: Item) -> Sequence[Option | Statement]:
    """What an item has that may have conditions of its own: its options or its statements."""
    return getattr(item, "options", None) or getattr(item, "statements", ())


def hidden_parts(item: Item, kept: Answers) -> frozenset[str]:
    """The options or statements of an item that are not shown, each as `<item>.<code or id>`."""
    if item.is_fixed:
        return NOTHING_OFF
    return frozenset(part_key(item, part) for part in parts(item) if not holds(part.show_if, kept))


def part_key(item: Item, part: Option | Statement) -> str:
    return f"{item.id}.{part.code if isinstance(part, Option) else part.id}"


def shown_names(item: Item, off: Iterable[str]) -> tuple[str, ...]:
    """The names under which an item's answers are stored when these of its parts are hidden."""
    if item.is_fixed:
        return item.names
    if isinstance(item, Matrix):
        return tuple(row.name for row in item.rows if part_key(item, row.statement) not in off)
    return (
        tuple(name for name in item.names if name not in off) if isinstance(item, ConstantSum) else item.names
    )


def shows(item: Item, kept: Answers) -> bool:
    """Whether an item is shown to one who has given these answers before it."""
    if not holds(item.show_if, kept):
        return False
    return item.is_fixed or len(hidden_parts(item, kept)) < len(parts(item))


def opens(section: Section, kept: Answers) -> bool:
    """Whether a section is on the path that the answers before it lead to: it has something to show."""
    if section.show_if is not None and section.show_if.holds(kept) is not True:
        return False
    return section.is_plain or any(shows(item, kept) for item in section.items)


def go_through(section: Section, answers: Answers, kept: dict[str, Any]) -> SectionOnPath:
    """What is shown of a section that is on the path; adds its answers to `kept`, which conditions see."""
    if section.is_plain:
        kept |= {name: answers[name] for name in section.names if name in answers}
        return SectionOnPath(section, section.items)
    items, off = [], NOTHING_OFF
    for item in section.items:
        if not holds(item.show_if, kept):
            continue
        hidden = hidden_parts(item, kept)
        if hidden and len(hidden) == len(parts(item)):
            continue
        items.append(item)
        off |= hidden
        keep(item, hidden, answers, kept)
    return SectionOnPath(section, tuple(items), off)


# --- what counts of the answers to an item that is shown -------------------------------------------------


def keep(item: Item, hidden: frozenset[str], answers: Answers, kept: dict[str, Any]) -> None:
    """Adds to `kept` what counts of an item's answers when these of its parts are hidden."""
    for name in item.names if not hidden else shown_names(item, hidden):
        if name in answers:
            kept[name] = answers[name]
    if isinstance(item, ConstantSum) and not item.is_fixed:
        _drop_broken_sum(item, hidden, kept)
    elif hidden and not isinstance(item, Matrix):
        _drop_unoffered(item, hidden, kept)
    if len(item.keys) > len(item.names):
        _keep_said(item, answers, kept)


def _drop_unoffered(item: Item, hidden: frozenset[str], kept: dict[str, Any]) -> None:
    for name in item.names:
        value = kept.get(name)
        if isinstance(value, list):
            offered = [code for code in value if f"{item.id}.{code}" not in hidden]
            if offered or not value:
                kept[name] = offered
            else:
                del kept[name]
        elif isinstance(value, str | int) and f"{item.id}.{value}" in hidden:
            del kept[name]


def _drop_broken_sum(item: ConstantSum, hidden: frozenset[str], kept: dict[str, Any]) -> None:
    names = [name for name in shown_names(item, hidden) if name in kept]
    values = [kept[name] for name in names]
    if all(isinstance(value, int) for value in values) and sum(values) != item.total:
        for name in names:
            del kept[name]


def _keep_said(item: Item, answers: Answers, kept: dict[str, Any]) -> None:
    """What was said beside an option counts while that option is chosen."""
    value = kept.get(item.id)
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
        if any(name not in path.answers for name in step.names_of(item))
    ]
