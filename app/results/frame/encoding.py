"""From the answers of one response to the physical codes of one row of a frame."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from app.interview.path import (
    ending,
    full,
    hidden_parts,
    keep,
    part_key,
    parts,
    sections_in_order,
)
from app.results.frame.layout import (
    BREAK_OFF,
    COMPLETE,
    FIRST_REASON,
    NO_SECTION,
    PARTIAL,
    PHYSICAL,
    SCREENED_OUT,
    Layout,
)
from app.survey.codebook import ENDED, LANGUAGE, Variable, codebook
from app.survey.conditions.evaluator import Evaluator, compile_tree
from app.survey.conditions.language import Condition
from app.survey.model import Code, Computed, ConstantSum, Instrument, Item, Section

NOT_SHOWN, NOT_REACHED = PHYSICAL["not_shown"], PHYSICAL["not_reached"]
#: Of several reasons why a computed value is unknown, the one that is told is the first of these.
FOREMOST = [
    PHYSICAL[reason]
    for reason in ("not_reached", "declined", "dont_know", "skipped", "not_applicable", "not_shown")
]

SKIPPED = {"missing": "skipped"}
Off = list[tuple[int, tuple[int, ...]]]
"""Columns that are off the path, each with the place of its section on the way."""


class Row(NamedTuple):
    """One response, encoded."""

    codes: array[int]  # unsigned 16-bit, one for each coded column of the layout
    numbers: list[float | None]
    words: list[str | None]  # texts, dates and orders
    disposition: int
    reached: int  # place of the last section reached among the layout's sections, or NO_SECTION


class NotOfTheCodebook(ValueError):
    """An answer that its instrument does not know: the response cannot be counted."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What decides whether an item (or a section) is shown, and what goes off the path where it is not."""

    condition: Condition | None
    keys: tuple[str, ...]
    slots: tuple[int, ...]
    item: Item | None = None  # where some of its options or statements have conditions of their own
    parts: Mapping[str, tuple[int, ...]] | None = None  # the columns of each of them


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is computed once of a section."""

    id: str
    place: int  # among the layout's sections
    keys: frozenset[str]
    slots: tuple[int, ...]
    whole: Gate | None
    items: tuple[Gate, ...]
    always: bool  # it has an item that is shown whenever it is
    says: tuple[tuple[str, str, Code, int], ...]  # please-say texts: key, their item and option, column


@dataclass(frozen=True, slots=True)
class Formula:
    """What is computed once of a computed value."""

    key: str
    kind: str
    evaluate: Evaluator
    slots: tuple[tuple[int, ...], ...]  # the columns of each answer that it depends on


@dataclass(slots=True)
class Way:
    """How far one response has come."""

    stretches: Sequence[Stretch]  # in the order in which it meets them
    kept: dict[str, Any]  # the answers on the path
    off: Off
    on_path: list[int]  # places of the sections on the path
    ended: str | None = None  # what ended it
    passed: int = 0  # how many sections come before that end

    @property
    def last(self) -> int:
        """The place of the last section that has any answer, or -1."""
        for place in range(len(self.stretches) - 1, -1, -1):
            if not self.stretches[place].keys.isdisjoint(self.kept):
                return place
        return -1


class Encoder:
    """Encodes the responses of one instrument into the columns of a layout (which may span several).

    What is on the path is computed here once more, by its exceptions alone, because `interview.path.walk`
    visits every item: a test checks that both agree. It depends on conditions speaking only of earlier items.
    """

    def __init__(self, instrument: Instrument, layout: Layout, columns: Mapping[str, str]):
        """`columns` are those of the layout that hold the instrument's variables."""
        self.instrument, self.layout, self.digest = instrument, layout, instrument.digest
        self.choices: dict[str, tuple[int, dict[Code, int]]] = {}
        self.flags: dict[str, dict[Code, int]] = {}
        self.ranks: dict[str, dict[Code, tuple[int, dict[Code, int]]]] = {}
        self.others: dict[str, tuple[int, int]] = {}  # all else: coded column, place among its like
        self.numeric: set[str] = set()
        self.orders: set[str] = set()
        self.blank = array("H", [NOT_SHOWN]) * len(layout.coded)
        self.variables = codebook(instrument).variables
        self.slot = {each.name: self._place(each, columns[each.name]) for each in self.variables}
        self._speak(columns)
        self.stretches = [self._stretch(section) for section in instrument.sections]
        self.by_section = {stretch.id: stretch for stretch in self.stretches}
        self.home = {key: stretch.id for stretch in self.stretches for key in stretch.keys}
        self.may_end = bool(instrument.screen_outs or instrument.quotas)
        self.formulas = [self._formula(computed) for computed in instrument.computed]

    def _place(self, variable: Variable, column: str) -> int:
        """The coded column of a variable; on the way, how its answers are written."""
        layout = self.layout
        slot = layout.place[column if variable.is_coded else f"{column}~"]
        if not variable.is_derived:
            self.blank[slot] = NOT_REACHED
        codes = {code: place for place, code in enumerate(layout.coded[slot].codes)}
        match variable.kind:
            case "choice":
                self.choices[variable.key] = slot, codes
            case "flag":
                self.flags.setdefault(variable.key, {})[variable.option] = slot
            case "rank":
                self.ranks.setdefault(variable.key, {})[variable.option] = slot, codes
            case "number":
                self.numeric.add(variable.key)
                self.others[variable.key] = slot, layout.numbers.index(column)
            case kind:
                if kind == "order":
                    self.orders.add(variable.key)
                self.others[variable.key] = slot, layout.written.index(column)
        return slot

    def _speak(self, columns: Mapping[str, str]) -> None:
        """Where other versions can be answered in several languages, this one's only language is known."""
        if LANGUAGE in columns and LANGUAGE not in self.slot:
            slot = self.layout.place[columns[LANGUAGE]]
            self.blank[slot] = self.layout.coded[slot].codes.index(self.instrument.language)

    def _stretch(self, section: Section) -> Stretch:
        mine = [v for v in self.variables if v.section == section.id]
        of = {item.id: [v for v in mine if v.item == item.id] for item in section.items}
        gated = [item for item in section.items if item.show_if or not item.is_fixed]
        says = [(v.key, v.item, v.option, self.slot[v.name]) for v in mine if v.is_said]
        whole = self._gate(section.show_if, mine)
        return Stretch(
            section.id, self.layout.sections.index(section.id), frozenset(whole.keys), whole.slots,
            whole if section.show_if else None,
            tuple(self._gate(item.show_if, of[item.id], item) for item in gated),
            any(item not in gated for item in section.items), tuple(says),
        )  # fmt: skip

    def _gate(
        self, condition: Condition | None, variables: Sequence[Variable], item: Item | None = None
    ) -> Gate:
        keys = dict.fromkeys(variable.key for variable in variables)
        slots = tuple(self.slot[variable.name] for variable in variables)
        if item is None or item.is_fixed:
            return Gate(condition, tuple(keys), slots)
        by_part = {part_key(item, part): self._part(part_key(item, part), variables) for part in parts(item)}
        return Gate(condition, tuple(keys), slots, item, by_part)

    def _part(self, key: str, variables: Sequence[Variable]) -> tuple[int, ...]:
        """The columns of one option or statement, by the name it goes by on a path."""
        return tuple(self.slot[each.name] for each in variables if each.part == key)

    def _formula(self, computed: Computed) -> Formula:
        rests_on = (self._slots(name) for name in sorted(computed.names))
        return Formula(computed.name, computed.kind, compile_tree(computed.tree), tuple(rests_on))

    # the row of one response

    def encode(self, answers: Mapping[str, Any], disposition: str) -> Row:
        """`disposition` is what is stored. Raises NotOfTheCodebook."""
        way = self._walk(answers)
        last = way.last
        layout = self.layout
        row = Row(self.blank[:], [None] * len(layout.numbers), [None] * len(layout.written), 0, 0)
        self._write_all(row, way.kept)
        for place, slots in way.off:
            # What an open response has not come to is not reached, whether it would have been shown or not.
            if disposition != "open" or place <= last:
                _hide(row, slots)
        if way.ended is not None or disposition == "screened_out":
            self._end(row, way, last)
        for formula in self.formulas:
            self._work_out(row, formula, way.kept)
        reached = way.stretches[last].place if last >= 0 else NO_SECTION
        return row._replace(disposition=_disposition(way, last, disposition), reached=reached)

    def _walk(self, answers: Mapping[str, Any]) -> Way:
        """The answers on the path, the columns off it by section, and the sections on it."""
        way = self._set_out(answers)
        kept, off = way.kept, way.off
        ahead = self._by_section(answers) if self.may_end else {}
        for place, stretch in enumerate(way.stretches):
            if way.ended is not None:
                break
            way.passed = place + 1
            if self.may_end and stretch.id in ahead:
                kept.update(ahead[stretch.id])
            if stretch.whole and stretch.whole.condition.holds(kept) is not True:
                _close(stretch.whole, place, kept, off)
                continue
            shown = stretch.always
            for gate in stretch.items:
                if _shows(gate, place, answers, kept, off):
                    shown = True
                else:
                    _close(gate, place, kept, off)
            for said in stretch.says:
                _say(place, *said, kept, off)
            if shown:
                way.on_path.append(place)
                if self.may_end:
                    way.ended = ending(self.instrument, kept)
        return way

    def _set_out(self, answers: Mapping[str, Any]) -> Way:
        """Where endings are possible, answers are seen only from their section on: an ending may use any."""
        instrument, stretches = self.instrument, self.stretches
        if instrument.shuffle is not None:
            stretches = [self.by_section[section.id] for section in sections_in_order(instrument, answers)]
        if not self.may_end:
            return Way(stretches, dict(answers), [], [])
        kept = {name: answers[name] for name in instrument.given if name in answers}
        return Way(stretches, kept, [], [], full(instrument, kept))

    def _by_section(self, answers: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for key, value in answers.items():
            if key in self.home:
                found.setdefault(self.home[key], {})[key] = value
        return found

    def _end(self, row: Row, way: Way, last: int) -> None:
        """Nothing after an end is shown."""
        after = way.passed if way.ended is not None else last + 1
        for stretch in way.stretches[after:]:
            _hide(row, stretch.slots)
        if way.ended is not None:
            slot, codes = self.choices[ENDED]
            row.codes[slot] = codes[way.ended]

    # writing

    def _write_all(self, row: Row, kept: Mapping[str, Any]) -> None:
        codes, choices = row.codes, self.choices
        name, value = "", None
        try:
            for name, value in kept.items():
                known = choices.get(name)
                if known is not None and value.__class__ is not dict:
                    codes[known[0]] = known[1][value]
                else:
                    self._write(row, name, value)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NotOfTheCodebook(f"{name}: {value!r} is not an answer of {self.digest[:12]}") from error

    def _write(self, row: Row, name: str, value: Any) -> None:
        if value.__class__ is dict:
            for slot in self._slots(name):
                row.codes[slot] = PHYSICAL[value["missing"]]
        elif name in self.flags:
            slots = self.flags[name]
            for slot in slots.values():
                row.codes[slot] = 0
            for code in value:
                row.codes[slots[code]] = 1
        elif name in self.ranks:
            self._write_ranks(row, self.ranks[name], value)
        elif name in self.others:
            slot, place = self.others[name]
            row.codes[slot] = 0
            if name in self.numeric:
                row.numbers[place] = float(value) + 0.0  # no negative zero
            else:
                word = " ".join(map(str, value)) if name in self.orders else value
                row.words[place] = word.encode("utf-8", "replace").decode()

    def _write_ranks(
        self, row: Row, ranked: Mapping[Code, tuple[int, Mapping[Code, int]]], value: Sequence[Code]
    ) -> None:
        places = next(iter(ranked.values()))[1]
        is_full = len(value) == max(places)
        for slot, codes in ranked.values():
            row.codes[slot] = codes[0] if is_full and 0 in codes else PHYSICAL["skipped"]
        for rank, code in enumerate(value, 1):
            slot, codes = ranked[code]
            row.codes[slot] = codes[rank]

    def _work_out(self, row: Row, formula: Formula, kept: Mapping[str, Any]) -> None:
        value = formula.evaluate(kept)
        slot = self._slots(formula.key)[0]
        if value is None:
            row.codes[slot] = _foremost([[row.codes[each] for each in slots] for slots in formula.slots])
        else:
            self._write_all(row, {formula.key: value})

    def _slots(self, name: str) -> tuple[int, ...]:
        if name in self.flags:
            return tuple(self.flags[name].values())
        if name in self.ranks:
            return tuple(slot for slot, _ in self.ranks[name].values())
        known = self.choices.get(name) or self.others.get(name)
        return known[:1] if known else ()


def _foremost(answers: Sequence[Sequence[int]]) -> int:
    """The reason of a computed value, from the codes of each answer that it depends on: of the answers that are
    missing as a whole, else of the options that are (those that were not offered, or not ranked)."""
    missing = [[code for code in codes if code >= FIRST_REASON] for codes in answers]
    whole = [gone for gone, codes in zip(missing, answers, strict=True) if len(gone) == len(codes)]
    reasons = set(chain.from_iterable(whole)) or set(chain.from_iterable(missing))
    return next((reason for reason in FOREMOST if reason in reasons), NOT_SHOWN)


def _shows(gate: Gate, place: int, answers: Mapping[str, Any], kept: dict[str, Any], off: Off) -> bool:
    """Whether an item is shown; what is hidden of it goes off the path."""
    if gate.condition is not None and gate.condition.holds(kept) is not True:
        return False
    if gate.item is None or gate.parts is None:
        return True
    hidden = hidden_parts(gate.item, kept)
    if len(hidden) == len(gate.parts):
        return False
    if hidden or isinstance(gate.item, ConstantSum):
        for key in gate.keys:
            kept.pop(key, None)
        keep(gate.item, hidden, answers, kept)
        off.extend((place, gate.parts[part]) for part in hidden)
    return True


def _say(place: int, key: str, item: str, code: Code, slot: int, kept: dict[str, Any], off: Off) -> None:
    """What is said beside an option counts while that option is chosen; its line is shown only then."""
    chosen = kept.get(item)
    if code in chosen if isinstance(chosen, list) else code == chosen:
        if key not in kept:
            kept[key] = SKIPPED
    elif chosen is not None:
        kept.pop(key, None)
        off.append((place, (slot,)))
    else:
        kept.pop(key, None)


def _close(gate: Gate, place: int, kept: dict[str, Any], off: Off) -> None:
    for key in gate.keys:
        kept.pop(key, None)
    off.append((place, gate.slots))


def _hide(row: Row, slots: Iterable[int]) -> None:
    for slot in slots:
        row.codes[slot] = NOT_SHOWN


def _disposition(way: Way, last: int, stored: str) -> int:
    """Complete when submitted. Of the open ones, after AAPOR: screened out when the path ended early, partial
    when at least half of the sections on the path were reached, else a break-off."""
    if stored == "submitted":
        return COMPLETE
    if stored == "screened_out" or way.ended is not None:
        return SCREENED_OUT
    if last < 0:
        return BREAK_OFF
    return PARTIAL if 2 * (way.on_path.index(last) + 1) >= len(way.on_path) else BREAK_OFF
