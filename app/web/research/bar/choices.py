"""What the bar can filter and split by, and what a written condition can name, in the words and the order of the survey."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.results.layout import Layout, once
from app.results.view import categories, chip_codes, chip_names
from app.survey.codebook import Variable
from app.survey.model import Code

#: Names of groups of variables that belong to no section.
APART = {
    "language": "About the response", "arm": "Assigned at random", "vignette": "Assigned at random",
    "computed": "Scores and computed values", "score": "Scores and computed values",
}  # fmt: skip
ABOUT = "About the response"


class Choice(NamedTuple):
    name: str
    label: str
    is_current: bool = False


class ChoiceGroup(NamedTuple):
    heading: str
    choices: tuple[Choice, ...]


class Name(NamedTuple):
    """A name that a condition can use, with its codes."""

    name: str
    label: str
    codes: str


@once
def filter_names(layout: Layout) -> tuple[str, ...]:
    """What the bar filters by: what a chip can name, without the single options of an item, and numbers."""
    flags = {name for options in layout.flags.values() for name in options.values()}
    known = [name for name in chip_names(layout) if name not in flags and chip_codes(layout, name)]
    return (*known, *(name for name in layout.numbers if layout.variable[name].section))


def grouped_choices(
    layout: Layout, names: Iterable[str], titles: dict[str, str], current: str = ""
) -> tuple[ChoiceGroup, ...]:
    """By section, in the order of the survey; what belongs to no section comes last."""
    wanted = set(names)
    found: dict[str, list[Choice]] = {}
    for name in _in_order(layout, wanted):
        heading = _heading(layout, name, titles)
        found.setdefault(heading, []).append(Choice(name, question_of(layout, name), name == current))
    last = {ABOUT, *APART.values()}
    ordered = sorted(found, key=lambda heading: heading in last)
    return tuple(ChoiceGroup(heading, tuple(found[heading])) for heading in ordered)


def _in_order(layout: Layout, wanted: set[str]) -> Iterator[str]:
    """Each at its place in the survey; an item of several options at that of its first."""
    seen = set()
    for variable in layout.variables:
        for name in (variable.item, variable.name):
            if name in wanted and name not in seen:
                seen.add(name)
                yield name
    yield from sorted(wanted - seen)


def _heading(layout: Layout, name: str, titles: dict[str, str]) -> str:
    variable = variable_of(layout, name)
    if variable is None:
        return ABOUT
    return titles.get(variable.section) or APART.get(variable.type) or ABOUT


def variable_of(layout: Layout, name: str) -> Variable | None:
    """A variable, or the first of an item's options."""
    if name in layout.variable:
        return layout.variable[name]
    options = layout.flags.get(name)
    return layout.variable[next(iter(options.values()))] if options else None


def question_of(layout: Layout, name: str) -> str:
    """What a name stands for, in the words of the survey."""
    variable = variable_of(layout, name)
    if variable is None:
        found = categories(layout, name)
        return layout.labels.text(found.label) if found else name
    return layout.labels.text(variable.label if name in layout.variable else variable.ask)


def labels_of(layout: Layout, name: str, codes: Iterable[Code]) -> list[str]:
    """The labels of a chip's codes."""
    if name in layout.flags and name not in layout.variable:
        options = layout.flags[name]
        return [layout.labels.text(layout.variable[options[code]].option_label or str(code)) for code in codes]
    found = categories(layout, name)
    known = {each.code: each.label for each in found.all} if found else {}
    return [layout.labels.text(known.get(code, str(code))) for code in codes]


@once
def condition_names(layout: Layout) -> tuple[Name, ...]:
    """What a written condition can name, in the order of the survey."""
    wanted = {*chip_names(layout), *layout.numbers, *layout.dates, *layout.texts}
    return tuple(
        Name(name, question_of(layout, name), " ".join(map(str, chip_codes(layout, name)[:40])))
        for name in _in_order(layout, {name for name in wanted if "~" not in name})
    )
