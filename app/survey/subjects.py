"""What the names in a condition stand for: items and their parts, what was drawn, what is computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.survey.conditions.condition import Condition
from app.survey.conditions.subject import Subject
from app.survey.model import (
    BestWorst,
    Code,
    Computed,
    ConstantSum,
    Date,
    Drawn,
    Instrument,
    Item,
    Matrix,
    MultipleChoice,
    Number,
    Option,
    Ranking,
    Rating,
    SingleChoice,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a condition may use, and why others are not among them."""

    known: Mapping[str, Subject]
    later: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    unsound: frozenset[str] = frozenset()  # items left out because of their own faults


#: The day on which a response was begun.
TODAY = Subject("today", "date", precision="day")


def subjects(item: Item) -> list[Subject]:
    """What conditions can say of an item: nothing of a note; of a matrix and the like the whole and each part."""
    match item:
        case SingleChoice():
            return [Subject(item.id, "choice", codes_of(item.options))]
        case MultipleChoice():
            return [Subject(item.id, "multiple", codes_of(item.options), offered=offered(item.options))]
        case Ranking():
            return [Subject(item.id, "ranking", codes_of(item.options), offered=offered(item.options))]
        case Rating():
            return [Subject(item.id, "choice", codes_of(item.scale))]
        case Matrix():
            rows = tuple(Subject(row.name, "choice", codes_of(row.scale)) for row in item.rows)
            return [Subject(item.id, "matrix", codes_of(item.scale), rows), *rows]
        case ConstantSum():
            shares = tuple(Subject(name, "number", range=(0, item.total)) for name in item.names)
            return [Subject(item.id, "several", parts=shares), *shares]
        case BestWorst():
            ends = tuple(Subject(name, "choice", codes_of(item.options)) for name in item.names)
            return [Subject(item.id, "several", parts=ends), *ends]
        case Number():
            return [Subject(item.id, "number", range=(item.least, item.most))]
        case Date():
            return [Subject(item.id, "date", precision=item.precision)]
        case _:
            return [Subject(name, "text") for name in item.names]


def offered(options: Iterable[Option]) -> dict[Code, Condition]:
    return {option.code: option.show_if for option in options if option.show_if is not None}


def codes_of(options: Iterable[Option]) -> tuple[Code, ...]:
    return tuple(option.code for option in options)


def subject_of_drawn(drawn: Drawn) -> Subject | None:
    """An arm, a level or a block; None for an order, of which conditions cannot speak."""
    if drawn.kind == "order":
        return None
    kind = "choice" if drawn.kind == "choice" else "number"
    return Subject(drawn.name, kind, codes_of(drawn.options))


def subject_of_computed(computed: Computed) -> Subject:
    """A computed value or a score: its tree stands wherever its name is written."""
    codes = codes_of(computed.options)
    return Subject(
        computed.name, computed.kind, codes,
        precision=computed.precision,
        range=computed.score.range if computed.score else None,
        tree=computed.tree, needs=computed.names,
    )  # fmt: skip


def subject_of_language(languages: Sequence[str]) -> Subject:
    return Subject("language", "choice", tuple(languages))


def subject_of_loop(base: str, names: Sequence[str], items: Iterable[Item]) -> Subject:
    """An item of a loop, used outside it: all that it became.

    `names` are what `base` is called in each entry (`weight` is `weight_burnout`, `weight_visa`; a matrix's
    `seen.failed` is `seen_burnout.failed`, ...), `items` the items that hold them.
    """
    known = {subject.name: subject for item in items for subject in subjects(item)}
    parts = tuple(known[name] for name in names)
    return Subject(base, "loop", parts[0].codes, parts)


def subjects_of_loop(base: str, items: Sequence[Item]) -> list[Subject]:
    """What `base` and, of a matrix and the like, each `base.part` stand for outside their loop."""
    if not items or not subjects(items[0]):
        return []
    return [
        subject_of_loop(base + subject.name[len(items[0].id) :], called, items)
        for place, subject in enumerate(subjects(items[0]))
        if (called := [subjects(item)[place].name for item in items])
    ]


def whole_scope(instrument: Instrument) -> Scope:
    """All that an instrument's responses hold or give, as a dashboard's filter sees it."""
    return Scope({subject.name: subject for subject in _all_of(instrument)})


def _all_of(instrument: Instrument) -> Iterator[Subject]:
    for item in instrument.items():
        yield from subjects(item)
    for drawn in instrument.drawn:
        subject = subject_of_drawn(drawn)
        if subject is not None:
            yield subject
    for computed in instrument.computed:
        yield subject_of_computed(computed)
    yield from instrument.loops
    if len(instrument.languages) > 1:
        yield subject_of_language(instrument.languages)
    if instrument.uses_today:
        yield TODAY
