"""A view: whom figures are about, and into which groups they are split. It is read from an address, and written to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from app.results.layout import DISPOSITIONS, Coded, Layout, once
from app.survey.conditions.language import Condition, ConditionFault, filter_scope, parse_condition
from app.survey.faults import did_you_mean, one_of
from app.survey.model import MOST_GROUPS, Code, Instrument
from app.survey.scope import DISPOSITION

#: Whom figures are about, as researchers read it. Screened-out and withdrawn responses are in none of these.
BASES = {
    "complete": "complete responses",
    "partial": "complete and partial responses",
    "all": "all begun responses, except those screened out",
}
AMONG = tuple(BASES)
CAREFUL = "careful"  # in an address: without responses that have a sign of careless answering
RAKE = "rake"  # in an address: figures are weighted
VERSION = "version"  # of the survey: its number, as a name that groups and chips can use
CHOSEN = {0: "Not chosen", 1: "Chosen"}

Query = Iterable[tuple[str, str]]
"""The parameters of an address; a name can occur several times."""


@dataclass(frozen=True, slots=True)
class View:
    """Whom figures are about, and by what they are split into groups.

    A condition or a chip that names `disposition` decides whom to include: all stored responses can then be.
    """

    among: str = "complete"  # complete | partial (and complete) | all (begun)
    only: tuple[tuple[str, tuple[Code, ...]], ...] = ()
    """Chips: the name of a variable, or of an item of several options, and the codes of which it has one."""
    where: Condition | None = None  # what was written
    by: str = ""  # the name of the variable that splits into groups
    careful: bool = False  # without responses that have a sign of careless answering (`app.results.quality`)
    weights: str = ""  # "rake": figures are weighted

    @property
    def is_filtered(self) -> bool:
        return bool(self.only) or self.where is not None or self.careful

    @property
    def chooses_dispositions(self) -> bool:
        """Whether a chip or the condition names `disposition`, so that the base has no effect."""
        names = {name for name, _ in self.only} | (self.where.names if self.where else frozenset())
        return DISPOSITION.name in names

    @property
    def dispositions(self) -> tuple[int, ...]:
        """The dispositions that can be counted, by their numbers in a frame; empty for all that are stored."""
        if self.chooses_dispositions:
            return ()
        return {"complete": (0,), "partial": (0, 1), "all": (0, 1, 2)}[self.among]


class Category(NamedTuple):
    """One value of a coded variable: the physical code in its column, its code and its label."""

    physical: int
    code: Code
    label: str


class Categories(NamedTuple):
    """The values of a coded variable, and the column in which they are."""

    name: str
    label: str
    column: Coded
    all: tuple[Category, ...]

    def places_of(self, rows: pl.DataFrame) -> np.ndarray:
        """The number of each row's category, by its place in `all`; that of none comes last."""
        found = np.full(1 << 16, len(self.all), dtype=np.int64)
        found[[each.physical for each in self.all]] = range(len(self.all))
        return found[rows[self.column.name].to_numpy()]


# --- what can be named --------------------------------------------------------------------------------------


def categories(layout: Layout, name: str) -> Categories | None:
    """The values of a variable; None if it has none. An item comes before a name of the service, such as `version`."""
    variable = layout.variable.get(name)
    if variable is None:
        return _own(layout, name)
    if not variable.is_coded:
        return None
    column = layout.coded[layout.slot[name]]
    labels = CHOSEN if variable.kind == "flag" else dict(variable.codes)
    return _categories(name, variable.label, column, [labels[code] for code in column.codes])


def _own(layout: Layout, name: str) -> Categories | None:
    """The disposition and the version, which every response has besides its variables."""
    if name == DISPOSITION.name:
        labels = [option.label.plain for option in DISPOSITION.options]
        return _categories(name, "State of the response", Coded("~disposition", DISPOSITIONS), labels)
    if name == VERSION and len(layout.columns) > 1:
        numbers = tuple(range(1, len(layout.columns) + 1))
        column = Coded("~instrument", numbers)
        return _categories(name, "Version of the survey", column, [f"Version {number}" for number in numbers])
    return None


def _categories(name: str, label: str, column: Coded, labels: Iterable[str]) -> Categories:
    found = (Category(at, code, text) for at, (code, text) in enumerate(zip(column.codes, labels, strict=True)))
    return Categories(name, label, column, tuple(found))


@once
def group_names(layout: Layout) -> tuple[str, ...]:
    """What can split a view into groups, in the order of the survey."""
    names = [each.name for each in layout.variables if not each.name.startswith("~")]
    found = [(name, categories(layout, name)) for name in (*names, VERSION, DISPOSITION.name)]
    return tuple(name for name, each in found if each is not None and 1 < len(each.all) <= MOST_GROUPS)


@once
def chip_names(layout: Layout) -> tuple[str, ...]:
    """What a chip can name: coded variables, and items of several options."""
    coded = (each.name for each in layout.variables if each.kind in ("choice", "flag") and each.name[0] != "~")
    return tuple(dict.fromkeys((*layout.flags, *coded, VERSION, DISPOSITION.name)))


def chip_codes(layout: Layout, name: str) -> tuple[Code, ...]:
    if name in layout.flags and name not in layout.variable:
        return tuple(layout.flags[name])
    found = categories(layout, name)
    return found.column.codes if found else ()


# --- addresses ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskedView:
    """The view that an address names. If it has faults, the view is all responses of its base, without filters or groups."""

    view: View
    faults: tuple[str, ...] = ()  # sentences
    where: str = ""  # the condition as it was written


def read_view(query: Query, instrument: Instrument, layout: Layout) -> AskedView:
    """`instrument` is the newest version."""
    reading = _Reading(instrument, layout)
    among, where, by, careful, weights, only = "complete", "", "", False, "", []
    for key, text in query:
        match key:
            case "base":
                among = reading.base(text.strip())
            case "only" if text.strip():
                only.append(text.strip())
            case "where":
                where = text.strip()
            case "by":
                by = text.strip()
            case "quality":
                careful = reading.careful(text.strip())
            case "weights":
                weights = reading.weights(text.strip())
    chips = reading.chips(only)
    condition, group = reading.condition(where), reading.group(by)
    view = View(among) if reading.faults else View(among, chips, condition, group, careful, weights)
    return AskedView(view, tuple(reading.faults), where)


class _Reading:
    """Reads the parts of a view, and collects what is wrong with them."""

    def __init__(self, instrument: Instrument, layout: Layout):
        self.instrument, self.layout = instrument, layout
        self.faults: list[str] = []

    def base(self, text: str) -> str:
        if text in BASES:
            return text
        if text:
            self.faults.append(f'There is no base "{text}". Choose one of: {one_of(AMONG)}.')
        return AMONG[0]

    def careful(self, text: str) -> bool:
        if text not in ("", CAREFUL):
            self.faults.append(f'"quality" is "{CAREFUL}" or left out, not "{text}".')
        return text == CAREFUL

    def weights(self, text: str) -> str:
        if text and text != RAKE:
            self.faults.append(f'"weights" is "{RAKE}" or left out, not "{text}".')
        elif text and self.instrument.weights is None:
            self.faults.append("This survey has no weights. Add `weights:` to its file, or leave `weights` out of the address.")
        return text

    def condition(self, text: str) -> Condition | None:
        if not text:
            return None
        try:
            return parse_condition(text, filter_scope(self.instrument))
        except ConditionFault as fault:
            self.faults.append(f"{fault.what[0].upper()}{fault.what[1:]}. {fault.remedy}")
            return None

    def group(self, name: str) -> str:
        known = group_names(self.layout)
        if not name or name in known:
            return name
        found = categories(self.layout, name)
        if found is not None and len(found.all) > MOST_GROUPS:
            self.faults.append(
                f'"{name}" has {len(found.all)} categories; at most {MOST_GROUPS} groups can be compared. Filter by it, '
                "or compare by a variable with fewer categories."
            )
        else:
            self.faults.append(self._unknown(name, known, "can split results into groups"))
        return ""

    def chips(self, texts: Iterable[str]) -> tuple[tuple[str, tuple[Code, ...]], ...]:
        """In the order of the survey, each once, so that equal views share their counters."""
        names = chip_names(self.layout)
        found = {chip for text in texts if (chip := self._chip(text, names)) is not None}
        return tuple(sorted(found, key=lambda chip: (names.index(chip[0]), [str(code) for code in chip[1]])))

    def _chip(self, text: str, names: Sequence[str]) -> tuple[str, tuple[Code, ...]] | None:
        name, _, listed = text.partition(":")
        if name not in names:
            self.faults.append(self._unknown(name, names, "can be filtered by its codes"))
            return None
        known = {str(code): code for code in chip_codes(self.layout, name)}
        wanted = {each.strip() for each in listed.split(",") if each.strip()}
        unknown = sorted(wanted - known.keys())
        for code in unknown:
            remedy = did_you_mean(code, known) or f"Its codes: {one_of(known)}."
            self.faults.append(f'"{name}" has no code "{code}". {remedy}')
        if not wanted:
            self.faults.append(f'The filter on "{name}" names no code. Write it like {name}:{next(iter(known))}.')
        return None if unknown or not wanted else (name, tuple(code for text, code in known.items() if text in wanted))

    @staticmethod
    def _unknown(name: str, known: Sequence[str], what: str) -> str:
        remedy = did_you_mean(name, known) or (f"These can: {one_of(known)}." if known else "This survey has none.")
        return f'Nothing called "{name}" {what}. {remedy}'


def written_view(view: View) -> list[tuple[str, str]]:
    """The parameters of a view's address; none for the default view."""
    found = [] if view.among == AMONG[0] else [("base", view.among)]
    found += [("only", f"{name}:{','.join(map(str, codes))}") for name, codes in view.only]
    found += [("where", view.where.source.strip())] if view.where else []
    found += [("by", view.by)] if view.by else []
    found += [("quality", CAREFUL)] if view.careful else []
    return [*found, ("weights", view.weights)] if view.weights else found


def written_condition(view: View, layout: Layout) -> str:
    """The chips and the condition of a view, as one condition."""
    parts = [_chip_condition(name, codes, layout) for name, codes in view.only]
    if view.where is not None:
        source = view.where.source.strip()
        parts.append(f"({source})" if parts else source)
    return " and ".join(parts)


def _chip_condition(name: str, codes: tuple[Code, ...], layout: Layout) -> str:
    quoted = [f'"{code}"' if isinstance(code, str) else str(code) for code in codes]
    variable = layout.variable.get(name)
    if variable is None and name in layout.flags:
        return f"has({name}, {quoted[0]})" if len(codes) == 1 else f"any_of({name}, [{', '.join(quoted)}])"
    if variable is not None and variable.kind == "flag":
        option = f'"{variable.option}"' if isinstance(variable.option, str) else str(variable.option)
        has = f"has({variable.item}, {option})"
        return {(0,): f"not {has}", (1,): has}.get(codes, f"answered({variable.item})")
    return f"{name} == {quoted[0]}" if len(codes) == 1 else f"{name} in [{', '.join(quoted)}]"

