"""What the columns of the data are called, once exported.

Names are made for statistics programs: `<item>`, `<item>_<statement>`, `<item>_<option>` (0 or 1, a place, a
number) and, for what was said beside an option, `<item>_<option>` or, where that is taken,
`<item>_<option>_text`. After them come the reasons why values are missing, `<name>_missing`: the same columns
for the same codebook, whatever was answered. A ranking has one for each option, and `<item>_missing` for when
nothing was ranked. What a response is given when it begins is never missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import NamedTuple

from app.survey.codebook import LANGUAGE, Variable

#: Columns of each response, before its answers.
ABOUT = (
    ("response_id", "a random number, in no order", "text"),
    ("disposition", "the state of the response", "text"),
    ("language", "the language of the answers", "text"),
    ("instrument", "the version of the survey, by the first characters of its digest", "text"),
)

#: Columns about the course of the response, after all others.
PARADATA = (
    ("began", "the day on which the response began", "date"),
    ("completed", "the day on which the response was completed or screened out", "date"),
    ("minutes", "whole minutes from beginning to completion", "number"),
)


class Collision(NamedTuple):
    """A column's name that two things would have. `first` is None for a column about the response itself."""

    name: str
    first: Variable | None
    second: Variable


def about(variables: Iterable[Variable]) -> tuple[tuple[str, str, str], ...]:
    """The columns of ABOUT beside these variables: without the language where that is a variable itself."""
    if any(variable.type == LANGUAGE for variable in variables):
        return tuple(column for column in ABOUT if column[0] != "language")
    return ABOUT


def paradata(variables: Iterable[Variable]) -> tuple[tuple[str, str, str], ...]:
    """PARADATA beside these variables. The day is `completed_on` where an item is called `completed`, as it could be
    before the day had that name."""
    if "completed" not in names_of(variables).values():
        return PARADATA
    return tuple(("completed_on" if name == "completed" else name, *rest) for name, *rest in PARADATA)  # type: ignore[misc]


def names_of(variables: Iterable[Variable]) -> dict[str, str]:
    """The column of each variable. What only an older version has makes way for a newer column of the same name."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for variable, wanted in _wanted(variables):
        further = (f"{wanted}_{number}" for number in count(2))
        name = wanted if wanted not in taken else next(each for each in further if each not in taken)
        names[variable.name] = name
        taken.add(name)
    return names


def _wanted(variables: Iterable[Variable]) -> Iterator[tuple[Variable, str]]:
    """Each variable with the column that it would have by itself."""
    taken: set[str] = set()
    for variable in sorted(variables, key=lambda each: each.is_said):
        plain = variable.name
        if variable.is_said:
            plain = plain.removesuffix(variable.generation).removesuffix(".text") + variable.generation
        name = plain.lstrip("~").replace(".", "_").replace("~", "_")
        name = f"{name}_text" if name in taken and variable.is_said else name
        taken.add(name)
        yield variable, name


def reasons_of(variables: Iterable[Variable], names: dict[str, str]) -> dict[str, Variable]:
    """The columns of reasons: one for each variable, but only one for all the options of a multiple_choice that are
    always offered together. A ranking as a whole comes before its options, as a variable of the kind `ranks`."""
    found: dict[str, Variable] = {}
    for variable in variables:
        if not variable.may_be_missing:
            continue
        item = f"{variable.item}{variable.generation}"
        if variable.kind == "rank":
            found.setdefault(f"{item}_missing", whole_ranking(variable))
        together = variable.kind == "flag" and not variable.apart
        found.setdefault(f"{item if together else names[variable.name]}_missing", variable)
    return found


def whole_ranking(rank: Variable) -> Variable:
    """The ranking that a rank is of, as one thing that may be missing."""
    name = f"{rank.item}{rank.generation}"
    return replace(rank, name=name, kind="ranks", codes=(), option=None, option_label=None, part="", apart=False)


def collisions(variables: Sequence[Variable]) -> list[Collision]:
    """Columns that two things of one version would have. Of the two, `second` is one that is asked, where one is."""
    names = {variable.name: name for variable, name in _wanted(variables)}
    taken: dict[str, Variable | None] = {name: None for name, _, _ in (*about(variables), *paradata(variables))}
    found = []
    columns = [(names[variable.name], variable) for variable in variables]
    for name, variable in (*columns, *reasons_of(variables, names).items()):
        if name in taken:
            first = taken[name]
            turned = first is not None and first.section and not variable.section
            found.append(Collision(name, *((variable, first) if turned else (first, variable))))
        taken.setdefault(name, variable)
    return found
