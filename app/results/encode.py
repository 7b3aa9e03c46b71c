"""From the answers of one response to the physical codes of one row of a frame."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.instrument.codebook import Variable, codebook, column_of
from app.instrument.condition import Condition
from app.instrument.model import Code, Instrument, Section
from app.results.layout import BREAK_OFF, COMPLETE, NO_SECTION, PARTIAL, PHYSICAL, Layout

NOT_SHOWN, NOT_REACHED = PHYSICAL["not_shown"], PHYSICAL["not_reached"]


SKIPPED = {"missing": "skipped"}
Off = list[tuple[int, tuple[int, ...]]]
"""Columns that are off the path, each with the section they belong to."""


class Row(NamedTuple):
    """One response, encoded."""

    codes: array[int]  # unsigned 16-bit, one for each coded column of the layout
    numbers: list[float | None]
    texts: list[str | None]
    disposition: int
    reached: int  # place of the last section reached among the layout's sections, or NO_SECTION


class NotOfTheCodebook(ValueError):
    """An answer that its instrument does not know: the response cannot be counted."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition, and what goes off the path where it does not hold."""

    condition: Condition
    keys: tuple[str, ...]
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is worked out once of a section."""

    id: str
    place: int  # among the layout's sections
    keys: frozenset[str]
    whole: Gate | None
    items: tuple[Gate, ...]
    always: bool  # it has an item without a condition of its own
    says: tuple[tuple[str, str, Code, int], ...]  # please-say texts: key, their item and option, column


class Encoder:
    """Encodes the responses of one instrument into the columns of a layout (which may span several).

    What is on the path is worked out here once more, by its exceptions alone, because `interview.path.walk`
    visits every item: a test holds that both agree. It rests on conditions speaking only of earlier items.
    """

    def __init__(self, instrument: Instrument, layout: Layout, version: int):
        """`version` counts the survey's instruments from the oldest, which is 1."""
        self.layout, self.digest = layout, instrument.digest
        self.choices: dict[str, tuple[int, dict[Code, int]]] = {}
        self.flags: dict[str, dict[Code, int]] = {}
        self.others: dict[
            str, tuple[int, int]
        ] = {}  # numbers and texts: coded column, place among their like
        self.numeric: set[str] = set()
        self.blank = array("H", [NOT_SHOWN]) * len(layout.coded)
        self.variables = codebook(instrument).variables
        self.slot = {v.name: self._place(v, column_of(v, layout.variable, version)) for v in self.variables}
        self.stretches = [self._stretch(section) for section in instrument.sections]

    def _place(self, variable: Variable, column: str) -> int:
        """The coded column of a variable; on the way, how its answers are written."""
        layout = self.layout
        slot = layout.place[column if variable.kind in ("choice", "flag") else f"{column}~"]
        self.blank[slot] = NOT_REACHED
        if variable.kind == "choice":
            self.choices[variable.key] = slot, {code: k for k, code in enumerate(layout.coded[slot].codes)}
        elif variable.kind == "flag":
            self.flags.setdefault(variable.key, {})[variable.option] = slot
        elif variable.kind == "number":
            self.numeric.add(variable.key)
            self.others[variable.key] = slot, layout.numbers.index(column)
        else:
            self.others[variable.key] = slot, layout.texts.index(column)
        return slot

    def _stretch(self, section: Section) -> Stretch:
        mine = [v for v in self.variables if v.section == section.id]
        gated = [item for item in section.items if item.show_if]
        gates = [self._gate(item.show_if, [v for v in mine if v.item == item.id]) for item in gated]
        beside = [v for v in mine if v.kind == "text" and v.option is not None]
        says = [(v.key, v.item, v.option, self.slot[v.name]) for v in beside]
        return Stretch(
            section.id, self.layout.sections.index(section.id), frozenset(v.key for v in mine),
            self._gate(section.show_if, mine) if section.show_if else None,
            tuple(gates), any(item.show_if is None for item in section.items), tuple(says),
        )  # fmt: skip

    def _gate(self, condition: Condition, variables: Sequence[Variable]) -> Gate:
        keys = dict.fromkeys(variable.key for variable in variables)
        return Gate(condition, tuple(keys), tuple(self.slot[variable.name] for variable in variables))

    def encode(self, answers: Mapping[str, Any], submitted: bool) -> Row:
        """Raises NotOfTheCodebook."""
        kept, off, on_path = self._walk(answers)
        last = self._last(kept)
        row = Row(self.blank[:], [None] * len(self.layout.numbers), [None] * len(self.layout.texts), 0, 0)
        for stretch, slots in off:
            # What an open response has not come to is not reached, whether it would have been shown or not.
            if submitted or stretch <= last:
                for slot in slots:
                    row.codes[slot] = NOT_SHOWN
        self._write_all(row, kept)
        reached = self.stretches[last].place if last >= 0 else NO_SECTION
        return row._replace(disposition=_disposition(on_path, last, submitted), reached=reached)

    def _walk(self, answers: Mapping[str, Any]) -> tuple[dict[str, Any], Off, list[int]]:
        """The answers on the path, the columns off it by section, and the sections on it."""
        kept = dict(answers)
        off: Off = []
        on_path: list[int] = []
        for place, stretch in enumerate(self.stretches):
            if stretch.whole and stretch.whole.condition.holds(kept) is not True:
                _close(stretch.whole, place, kept, off)
                continue
            shown = stretch.always
            for gate in stretch.items:
                if gate.condition.holds(kept) is True:
                    shown = True
                else:
                    _close(gate, place, kept, off)
            for said in stretch.says:
                self._say(place, *said, kept, off)
            if shown:
                on_path.append(place)
        return kept, off, on_path

    def _say(
        self, place: int, key: str, item: str, code: Code, slot: int, kept: dict[str, Any], off: Off
    ) -> None:
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

    def _last(self, kept: Mapping[str, Any]) -> int:
        """The last section that has any answer, or -1."""
        for place in range(len(self.stretches) - 1, -1, -1):
            if not self.stretches[place].keys.isdisjoint(kept):
                return place
        return -1

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
        elif name in self.others:
            slot, place = self.others[name]
            row.codes[slot] = 0
            if name in self.numeric:
                row.numbers[place] = float(value)
            else:
                row.texts[place] = value.encode("utf-8", "replace").decode()

    def _slots(self, name: str) -> tuple[int, ...]:
        if name in self.flags:
            return tuple(self.flags[name].values())
        known = self.choices.get(name) or self.others.get(name)
        return known[:1] if known else ()


def _close(gate: Gate, place: int, kept: dict[str, Any], off: Off) -> None:
    for key in gate.keys:
        kept.pop(key, None)
    off.append((place, gate.slots))


def _disposition(on_path: list[int], last: int, submitted: bool) -> int:
    """Complete when submitted. Of the open ones, after AAPOR: partial when at least half of the sections on
    the path were reached, else a break-off."""
    if submitted:
        return COMPLETE
    if last < 0:
        return BREAK_OFF
    return PARTIAL if 2 * (on_path.index(last) + 1) >= len(on_path) else BREAK_OFF
