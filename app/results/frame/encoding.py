"""Encodes the answers of one response as the physical codes of one row of a frame."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from app.interview.route import Element, Route, Traversal, is_chosen
from app.results.layout import (
    AT_THE_END,
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
from app.survey.model import Code, Computed, Instrument

NOT_SHOWN, NOT_REACHED, SKIPPED = (PHYSICAL[reason] for reason in ("not_shown", "not_reached", "skipped"))
#: Of several reasons why a computed value is unknown, the first of these is recorded.
FOREMOST = [
    PHYSICAL[reason]
    for reason in ("not_reached", "declined", "dont_know", "skipped", "not_applicable", "not_shown")
]


class EncodedResponse(NamedTuple):
    """One response, encoded."""

    codes: array[int]  # unsigned 16-bit, one for each coded column of the layout
    numbers: list[float | None]
    words: list[str | None]  # texts, dates and orders
    disposition: int
    stopped: int  # the section that is open, as its number among the layout's sections, AT_THE_END or NO_SECTION


class NotInCodebook(ValueError):
    """An answer that its instrument does not know: the response cannot be counted."""


class TextBeside(NamedTuple):
    """The text beside an option: the column in which it is, and the answer on which it depends."""

    item: str
    code: Code | None
    key: str
    slot: int


Writer = Callable[[EncodedResponse, Any], None]


@dataclass(frozen=True, slots=True)
class Formula:
    """How a computed value is evaluated and written."""

    key: str
    evaluate: Evaluator
    slot: int
    needed: tuple[tuple[int, ...], ...]  # the columns of each answer that it depends on


class Encoder:
    """Encodes the responses of one instrument into the columns of a layout (which may span several)."""

    def __init__(self, instrument: Instrument, layout: Layout, columns: Mapping[str, str]):
        """`columns` are those of the layout that hold the instrument's variables."""
        self.instrument, self.layout, self.digest = instrument, layout, instrument.digest
        self.blank = array("H", [NOT_SHOWN]) * len(layout.coded)
        self.variables = codebook(instrument).variables
        self.slot = {each.name: self._slot(each, columns[each.name]) for each in self.variables}
        self.slots: dict[str, list[int]] = {}  # of each answer
        self.choices: dict[str, tuple[int, dict[Code, int]]] = {}
        self.writers: dict[str, Writer] = {}  # of all answers but choices
        for key, variables in self._by_key().items():
            self._prepare(key, variables, columns)
        self._fill_language(columns)
        self.route = Route(instrument)
        self.element_slots = self._element_slots()
        self.section = {section.id: layout.sections.index(section.id) for section in instrument.sections}
        self.lines = [TextBeside(v.item, v.option, v.key, self.slot[v.name]) for v in self.variables if v.is_said]
        self.formulas = [self._formula(computed) for computed in instrument.computed]

    def _slot(self, variable: Variable, column: str) -> int:
        """The coded column of a variable."""
        slot = self.layout.slot[column if variable.is_coded else f"{column}~"]
        if not variable.is_derived:
            self.blank[slot] = NOT_REACHED
        return slot

    def _by_key(self) -> dict[str, list[Variable]]:
        found: dict[str, list[Variable]] = {}
        for each in self.variables:
            found.setdefault(each.key, []).append(each)
        return found

    def _prepare(self, key: str, variables: Sequence[Variable], columns: Mapping[str, str]) -> None:
        """How one answer is written into the columns of its variables."""
        self.slots[key] = slots = [self.slot[each.name] for each in variables]
        codes = [{code: number for number, code in enumerate(self.layout.coded[slot].codes)} for slot in slots]
        column = columns[variables[0].name]
        match variables[0].kind:
            case "choice":
                self.choices[key] = slots[0], codes[0]
            case "flag":
                self.writers[key] = flag_writer(dict(zip((each.option for each in variables), slots, strict=True)))
            case "rank":
                pairs = zip(slots, codes, strict=True)
                self.writers[key] = rank_writer(dict(zip((each.option for each in variables), pairs, strict=True)))
            case "number":
                self.writers[key] = number_writer(slots[0], self.layout.numbers.index(column))
            case kind:
                self.writers[key] = word_writer(slots[0], self.layout.written.index(column), kind == "order")

    def _fill_language(self, columns: Mapping[str, str]) -> None:
        """If other versions can be answered in several languages, this one's only language is its value."""
        if LANGUAGE in columns and LANGUAGE not in self.slot:
            slot = self.layout.slot[columns[LANGUAGE]]
            self.blank[slot] = self.layout.coded[slot].codes.index(self.instrument.language)

    def _element_slots(self) -> list[tuple[int, ...]]:
        """The columns of each of the route's elements."""
        found: dict[Element, list[int]] = {element: [] for element in self.route.elements}
        for each in self.variables:
            section, item, part = each.section, each.item, each.part
            for element in (Element(section), Element(section, item), *([Element(section, item, part)] if part else [])):
                if element in found:
                    found[element].append(self.slot[each.name])
        return [tuple(slots) for slots in found.values()]

    def _formula(self, computed: Computed) -> Formula:
        needed = tuple(tuple(self.slots.get(name, ())) for name in sorted(computed.names))
        return Formula(computed.name, compile_tree(computed.tree), self.slots[computed.name][0], needed)

    # the row of one response

    def encode(self, answers: Mapping[str, Any], disposition: str) -> EncodedResponse:
        """`disposition` is what is stored. Raises NotInCodebook."""
        found = self.route.traverse(answers)
        last = last_answered(found)
        layout = self.layout
        row = EncodedResponse(
            self.blank[:], [None] * len(layout.numbers), [None] * len(layout.written),
            _disposition(found, last, disposition), self._stopped(found, last, disposition),
        )  # fmt: skip
        self._write_all(row, found.answers)
        if found.hidden:
            # An open response has not reached later sections, whether or not they would have been shown.
            self._hide(row, found, last if disposition == "open" else len(found.order))
        for line in self.lines:
            _write_missing_text(row, line, found.answers)
        if found.ended is not None or disposition == "screened_out":
            self._end(row, found, last)
        for formula in self.formulas:
            self._compute(row, formula, found.answers)
        return row

    def _stopped(self, found: Traversal, last: int, disposition: str) -> int:
        """The next section on the path that asks something: one without a question leaves no trace of being sent."""
        if disposition != "open" or found.ended is not None:
            return NO_SECTION
        sections = [section for section, _ in found.steps]
        after = sections.index(found.order[last]) + 1 if last >= 0 else 0
        following = (section for section in sections[after:] if section.keys)
        return next((self.section[each.section.id] for each in following), AT_THE_END)

    def _hide(self, row: EncodedResponse, found: Traversal, last: int) -> None:
        """Marks what is hidden as not shown, up to the section with this number in the response's order."""
        codes = row.codes
        for index, positions in found.hidden:
            if index <= last:
                for position in positions:
                    for slot in self.element_slots[position]:
                        codes[slot] = NOT_SHOWN

    def _end(self, row: EncodedResponse, found: Traversal, last: int) -> None:
        """Marks what comes after an end as not shown."""
        after = found.passed if found.ended is not None else last + 1
        for section in found.order[after:]:
            for slot in self.element_slots[section.position]:
                row.codes[slot] = NOT_SHOWN
        if found.ended is not None:
            slot, codes = self.choices[ENDED]
            row.codes[slot] = codes[found.ended]

    def _write_all(self, row: EncodedResponse, answers: Mapping[str, Any]) -> None:
        codes, choices = row.codes, self.choices
        name, value = "", None
        try:
            for name, value in answers.items():
                if value.__class__ is dict:
                    reason = PHYSICAL[value["missing"]]
                    for slot in self.slots.get(name, ()):
                        codes[slot] = reason
                elif (choice := choices.get(name)) is not None:
                    codes[choice[0]] = choice[1][value]
                elif (write := self.writers.get(name)) is not None:
                    write(row, value)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NotInCodebook(f"{name}: {value!r} is not an answer of {self.digest[:12]}") from error

    def _compute(self, row: EncodedResponse, formula: Formula, answers: Mapping[str, Any]) -> None:
        value = formula.evaluate(answers)
        if value is None:
            row.codes[formula.slot] = _foremost([[row.codes[each] for each in slots] for slots in formula.needed])
        else:
            self._write_all(row, {formula.key: value})


# --- writing an answer -----------------------------------------------------------------------------------


def flag_writer(slots: Mapping[Code | None, int]) -> Writer:
    def write(row: EncodedResponse, chosen: Sequence[Code]) -> None:
        for slot in slots.values():
            row.codes[slot] = 0
        for code in chosen:
            row.codes[slots[code]] = 1

    return write


def rank_writer(columns: Mapping[Code | None, tuple[int, Mapping[Code, int]]]) -> Writer:
    """`columns` are the column of each option with its codes, which are ranks."""
    most = max(next(iter(columns.values()))[1])

    def write(row: EncodedResponse, ranked: Sequence[Code]) -> None:
        is_full = len(ranked) == most
        for slot, codes in columns.values():
            row.codes[slot] = codes[0] if is_full and 0 in codes else SKIPPED
        for rank, code in enumerate(ranked, 1):
            slot, codes = columns[code]
            row.codes[slot] = codes[rank]

    return write


def number_writer(slot: int, index: int) -> Writer:
    def write(row: EncodedResponse, value: float) -> None:
        row.codes[slot] = 0
        row.numbers[index] = float(value) + 0.0  # no negative zero

    return write


def word_writer(slot: int, index: int, is_order: bool) -> Writer:
    def write(row: EncodedResponse, value: Any) -> None:
        row.codes[slot] = 0
        word = " ".join(map(str, value)) if is_order else value
        row.words[index] = word.encode("utf-8", "replace").decode()

    return write


# --- reasons ---------------------------------------------------------------------------------------------


def _foremost(answers: Sequence[Sequence[int]]) -> int:
    """The reason of a computed value, from the codes of each answer that it depends on: of the answers that are
    missing as a whole, else of the options that are (those that were not offered, or not ranked)."""
    missing = [[code for code in codes if code >= FIRST_REASON] for codes in answers]
    whole = [gone for gone, codes in zip(missing, answers, strict=True) if len(gone) == len(codes)]
    reasons = set(chain.from_iterable(whole)) or set(chain.from_iterable(missing))
    return next((reason for reason in FOREMOST if reason in reasons), NOT_SHOWN)


def _write_missing_text(row: EncodedResponse, line: TextBeside, answers: Mapping[str, Any]) -> None:
    """Why there is no text beside an option: it was left empty, or another option was chosen."""
    value = answers.get(line.item)
    if value is None:
        return
    if not is_chosen(line.code, value):
        row.codes[line.slot] = NOT_SHOWN
    elif line.key not in answers:
        row.codes[line.slot] = SKIPPED


def last_answered(found: Traversal) -> int:
    """The number of the last section that has any answer, from 0 in the response's order, or -1."""
    names = found.answers.keys()
    for index in range(len(found.order) - 1, -1, -1):
        if not names.isdisjoint(found.order[index].keys):
            return index
    return -1


def _disposition(found: Traversal, last: int, stored: str) -> int:
    """Of open responses, after AAPOR: screened out when the path ended early, partial when at least half of the sections
    on the path were reached, else a break-off."""
    if stored == "complete":
        return COMPLETE
    if stored == "screened_out" or found.ended is not None:
        return SCREENED_OUT
    if last < 0:
        return BREAK_OFF
    sections = [section for section, _ in found.steps]
    reached = sections.index(found.order[last]) + 1
    return PARTIAL if 2 * reached >= len(sections) else BREAK_OFF
