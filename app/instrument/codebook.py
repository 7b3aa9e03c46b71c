"""The codebook: every variable of a survey's data, in the order in which it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.instrument.model import (
    Code,
    Instrument,
    Item,
    Matrix,
    MultipleChoice,
    Number,
    Option,
    Rating,
    Section,
    SingleChoice,
    TextItem,
)

#: What each missing reason means, as codebooks explain it.
REASON_MEANINGS = {
    "not_shown": "the item was not on the respondent's path",
    "skipped": "the item was shown and left unanswered",
    "declined": "the respondent chose not to say",
    "dont_know": "the respondent chose don't know",
    "not_applicable": "the respondent chose not applicable",
    "not_reached": "the respondent left before the item's page",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of the data.

    `kind` is choice (one of `codes`), flag (an option of a multiple_choice: chosen or not), number or
    text. `key` is the name under which the answer is kept; for a flag, the list of chosen codes.
    """

    name: str
    key: str
    item: str
    section: str
    type: str
    kind: str
    ask: str
    codes: tuple[tuple[Code, str], ...] = ()
    statement: str | None = None  # the statement's text, in a matrix
    option: Code | None = None  # the option's code, for flags and "please say" texts
    option_label: str | None = None
    base: str | None = None  # the conditions under which it is asked
    least: int | None = None
    most: int | None = None
    required: bool = False
    decline: bool = False

    @property
    def label(self) -> str:
        """What it holds, in one line."""
        return " – ".join(part for part in (self.ask, self.statement, self.option_label) if part)


@dataclass(frozen=True)
class Codebook:
    survey: str
    title: str
    variables: tuple[Variable, ...]

    @cached_property
    def variable(self) -> dict[str, Variable]:
        return {variable.name: variable for variable in self.variables}


def codebook(instrument: Instrument) -> Codebook:
    variables = (
        variable
        for section in instrument.sections
        for item in section.items
        for variable in _variables(section, item)
    )
    return Codebook(instrument.survey, instrument.title, tuple(variables))


def _variables(section: Section, item: Item) -> Iterator[Variable]:
    common = Variable(
        item.id, item.id, item.id, section.id, item.type, "choice", item.ask.plain,
        base=_base(section, item), required=item.required, decline=item.decline,
    )  # fmt: skip
    match item:
        case SingleChoice():
            yield replace(common, codes=_codes(item.options))
            yield from _please_say(common, item.options)
        case MultipleChoice():
            for option in item.options:
                name = f"{item.id}.{option.code}"
                yield replace(
                    common, name=name, kind="flag", option=option.code, option_label=option.label.plain
                )
            yield from _please_say(common, item.options)
        case Matrix():
            for name, statement in zip(item.names, item.statements, strict=True):
                yield replace(
                    common, name=name, key=name, codes=_codes(item.scale), statement=statement.text.plain
                )
        case Rating():
            yield replace(common, codes=_codes(item.scale))
        case Number():
            yield replace(common, kind="number", least=item.least, most=item.most)
        case TextItem():
            yield replace(common, kind="text")


def _codes(options: Sequence[Option]) -> tuple[tuple[Code, str], ...]:
    return tuple((option.code, option.label.plain or str(option.code)) for option in options)


def _please_say(common: Variable, options: Sequence[Option]) -> Iterator[Variable]:
    for option in options:
        if option.please_say:
            key = f"{common.item}.{option.code}"
            yield replace(
                common, name=f"{key}.text", key=key, kind="text", option=option.code,
                option_label=f"{option.label.plain} (in their words)",
            )  # fmt: skip


def _base(section: Section, item: Item) -> str | None:
    conditions = [part.show_if.source.strip() for part in (section, item) if part.show_if]
    return " and ".join(f"({c})" for c in conditions) if len(conditions) > 1 else (conditions or [None])[0]


def merged(codebooks: Sequence[Codebook]) -> Codebook:
    """One codebook for the versions of a survey, newest first.

    Older codes follow the newer ones. A variable whose kind has changed is kept apart under the name
    `<name>_v<n>`, n counting the codebooks from the oldest, so that unlike answers never share a column.
    """
    newest = codebooks[0]
    union = dict(newest.variable)
    for position, older in enumerate(codebooks[1:], 1):
        for variable in older.variables:
            name = column_of(variable, union, len(codebooks) - position)
            union[name] = _widened(union.get(name), replace(variable, name=name))
    return Codebook(newest.survey, newest.title, tuple(union.values()))


def column_of(variable: Variable, union: Mapping[str, Variable], version: int) -> str:
    """The name of a version's variable among those of all versions."""
    name = variable.name
    while (known := union.get(name)) and (known.kind, known.key) != (variable.kind, variable.key):
        name = f"{name}_v{version}"
    return name


def _widened(known: Variable | None, older: Variable) -> Variable:
    if known is None:
        return older
    codes = dict(older.codes) | dict(known.codes)
    ordered = [*known.codes, *((code, label) for code, label in older.codes if code not in dict(known.codes))]
    return replace(known, codes=tuple(ordered)) if len(codes) > len(known.codes) else known
