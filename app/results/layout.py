"""Where each variable of a codebook lies in a frame, and what its physical codes mean.

A choice, a flag or a rank is a column of small whole numbers: the number of its code in the codebook, or one of
six values at the top of the column's range for the reason why it is missing. A number, a date, a text or an order
has a column of its own, null where it is missing, and a coded column beside it that says why (`years` and
`years~`). Dates are texts in ISO 8601; orders are ids or codes with spaces between.
Columns that belong to the response rather than to a variable begin with `~`, which no item's name can.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
import polars as pl

from app.survey.codebook import Variable, merged
from app.survey.labels.labelling import ResultLabels
from app.survey.model import Code, Instrument

#: The reasons in the order of their physical codes, from the top of the range downwards.
REASONS = ("not_shown", "not_reached", "skipped", "declined", "dont_know", "not_applicable")
TOP = 0xFFFF
PHYSICAL = {reason: TOP - index for index, reason in enumerate(REASONS)}
FIRST_REASON = TOP - len(REASONS) + 1
LARGEST_IN_A_BYTE = 240  # codes; above it a column takes two bytes a row

#: Increased when the same answers are encoded differently: what was encoded before is then encoded again.
ENCODING = 3

#: By their numbers in `~disposition`, which packed rows contain: new ones go to the end.
DISPOSITIONS = ("complete", "partial", "break_off", "screened_out")
COMPLETE, PARTIAL, BREAK_OFF, SCREENED_OUT = range(4)
NO_SECTION = NO_MINUTES = 0xFFFF_FFFF
AT_THE_END = 0xFFFF_FFFE  # every section on the path was sent, but not submitted

#: What a frame has of a response besides its variables.
ABOUT = {
    "~key": pl.UInt64,
    "~rest": pl.UInt64,
    "~disposition": pl.UInt8,
    "~instrument": pl.UInt32,
    "~stopped": pl.UInt32,  # the section that an open response was shown last, and did not send; or no section
    "~minutes": pl.UInt32,
    "~began": pl.Date,
    "~completed": pl.Date,
}


@dataclass(frozen=True, slots=True)
class Coded:
    """One column of physical codes."""

    name: str
    codes: tuple[Code, ...]

    @property
    def bytes(self) -> int:
        return 1 if len(self.codes) <= LARGEST_IN_A_BYTE else 2

    @property
    def dtype(self) -> type[pl.DataType]:
        return pl.UInt8 if self.bytes == 1 else pl.UInt16

    def missing(self, reason: str) -> int:
        """The physical code of a reason in this column."""
        return PHYSICAL[reason] if self.bytes == 2 else PHYSICAL[reason] & 0xFF

    @property
    def first_reason(self) -> int:
        """The least physical code of a reason."""
        return FIRST_REASON if self.bytes == 2 else FIRST_REASON & 0xFF

    @property
    def width(self) -> int:
        """The number of counters: one per code, one per reason."""
        return len(self.codes) + len(REASONS)


def coded(variable: Variable) -> Coded:
    if variable.kind == "flag":
        return Coded(variable.name, (0, 1))
    if variable.is_coded:
        return Coded(variable.name, tuple(code for code, _ in variable.codes))
    return Coded(f"{variable.name}~", ("answered",))


Derived = TypeVar("Derived")


def once(derive: Callable[[Layout], Derived]) -> Callable[[Layout], Derived]:
    """Derives something from each layout only once: open dashboards need it at every update."""

    @wraps(derive)
    def known(layout: Layout) -> Derived:
        if derive not in layout.derived:
            layout.derived[derive] = derive(layout)
        return layout.derived[derive]

    return known


@dataclass(frozen=True)
class Layout:
    """The columns of a frame, from the codebook of one survey (all its versions merged)."""

    variables: tuple[Variable, ...]
    sections: tuple[str, ...]
    led: tuple[tuple[str, str], ...] = ()
    """Flags that are missing whenever another (the leading flag) is, for the same reason, each with that flag: options
    that every version has offered together."""
    columns: tuple[dict[str, str], ...] = field(default=(), compare=False)
    """Of each version, newest first, the column of each of its variables."""
    instruments: tuple[Instrument, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def coded(self) -> tuple[Coded, ...]:
        return tuple(coded(variable) for variable in self.variables)

    @cached_property
    def labels(self) -> ResultLabels:
        """What results call the variables."""
        return ResultLabels(self.instruments, self.variables)

    @cached_property
    def derived(self) -> dict[Callable[[Layout], Any], Any]:
        """What functions with `once` have derived from it."""
        return {}

    @cached_property
    def slot(self) -> dict[str, int]:
        """The number of each coded column, by its name."""
        return {column.name: index for index, column in enumerate(self.coded)}

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        return tuple(variable.name for variable in self.variables if variable.kind == "number")

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(variable.name for variable in self.variables if variable.kind == "text")

    @cached_property
    def dates(self) -> tuple[str, ...]:
        return tuple(variable.name for variable in self.variables if variable.kind == "date")

    @cached_property
    def written(self) -> tuple[str, ...]:
        """The columns that hold words: texts, dates and orders."""
        return tuple(each.name for each in self.variables if each.kind in ("text", "date", "order"))

    @cached_property
    def variable(self) -> dict[str, Variable]:
        return {variable.name: variable for variable in self.variables}

    @cached_property
    def by_key(self) -> dict[str, Variable]:
        """The newest variable that holds the answers of a key; flags and ranks are not among them."""
        return {each.key: each for each in reversed(self.variables) if each.kind not in ("flag", "rank")}

    @cached_property
    def flags(self) -> dict[str, dict[Code, str]]:
        """For each multiple_choice, the newest column of each option."""
        return self._by_option("flag")

    @cached_property
    def ranks(self) -> dict[str, dict[Code, str]]:
        """For each ranking, the newest column of each option."""
        return self._by_option("rank")

    def _by_option(self, kind: str) -> dict[str, dict[Code, str]]:
        found: dict[str, dict[Code, str]] = {}
        for variable in self.variables:
            if variable.kind == kind and variable.option is not None:
                found.setdefault(variable.item, {}).setdefault(variable.option, variable.name)
        return found

    @cached_property
    def schema(self) -> dict[str, type[pl.DataType]]:
        columns: dict[str, type[pl.DataType]] = dict(ABOUT)
        columns.update((column.name, column.dtype) for column in self.coded)
        columns.update((name, pl.Float64) for name in self.numbers)
        columns.update((name, pl.String) for name in self.written)
        return columns

    @cached_property
    def asked_in(self) -> tuple[tuple[Coded, ...], ...]:
        """For each section the columns of what it asks."""
        found: dict[str, list[Coded]] = {section: [] for section in self.sections}
        for variable, column in zip(self.variables, self.coded, strict=True):
            if variable.section:
                found[variable.section].append(column)
        return tuple(map(tuple, found.values()))

    # counters

    @cached_property
    def offsets(self) -> np.ndarray:
        """The first counter of each coded column, and at the end the number of counters."""
        return np.concatenate([[0], np.cumsum([column.width for column in self.coded])]).astype(np.int64)

    @cached_property
    def reason_base(self) -> np.ndarray:
        """Less a reason's 16-bit code, this is the reason's counter."""
        codes = np.array([len(column.codes) for column in self.coded], dtype=np.int64)
        return self.offsets[:-1] + codes + TOP

    def slots(self, matrix: np.ndarray) -> np.ndarray:
        """The counter of each cell of a matrix of 16-bit physical codes, (rows, coded columns)."""
        wide = matrix.astype(np.int64)
        return np.where(wide >= FIRST_REASON, self.reason_base - wide, self.offsets[:-1] + wide)

    @cached_property
    def narrow(self) -> np.ndarray:
        return np.array([column.bytes == 1 for column in self.coded])

    def widened(self, table: pl.DataFrame) -> np.ndarray:
        """The coded columns of a table as one matrix of 16-bit physical codes."""
        matrix = table.select(column.name for column in self.coded).to_numpy().astype(np.uint16)
        matrix = matrix.reshape(table.height, len(self.coded))
        matrix[self.narrow[None, :] & (matrix >= FIRST_REASON & 0xFF)] |= 0xFF00
        return matrix

    # packing

    def described(self) -> str:
        """The columns, their codes and the sections, as JSON."""
        columns = [[v.name, v.kind, [code for code, _ in v.codes]] for v in self.variables]
        return json.dumps(
            {"encoding": ENCODING, "columns": columns, "sections": self.sections}, ensure_ascii=False
        )


def layout_of(instruments: Sequence[Instrument]) -> Layout:
    """The layout that holds the responses of all of these versions of a survey, newest first."""
    union, columns = merged(instruments)
    sections = dict.fromkeys(section.id for instrument in instruments for section in instrument.sections)
    return Layout(union.variables, tuple(sections), tuple(_led(union.variables, columns)), columns, tuple(instruments))


def _led(variables: Sequence[Variable], columns: Sequence[dict[str, str]]) -> Iterator[tuple[str, str]]:
    leaders: dict[tuple[str, str, tuple[int, ...]], str] = {}
    offered = [set(each.values()) for each in columns]
    for variable in variables:
        if variable.kind != "flag" or variable.apart:
            continue
        versions = tuple(index for index, names in enumerate(offered) if variable.name in names)
        leader = leaders.setdefault((variable.item, variable.generation, versions), variable.name)
        if leader != variable.name:
            yield variable.name, leader
