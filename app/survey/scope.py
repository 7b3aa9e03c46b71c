"""The names that a condition can use: items and their parts, random assignments, computed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.survey.items.base import Answer, Item, Option
from app.survey.model import Computed, Drawn, Instrument
from app.survey.texts import Text


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a condition may use, and why others are not among them."""

    known: Mapping[str, Answer]
    later: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    unsound: frozenset[str] = frozenset()  # items left out because of their own faults


#: The day on which a response was begun.
TODAY = Answer("today", "date", precision="day")
#: The state of a response, for filters on results: while a survey is answered, no condition can use it.
DISPOSITION = Answer(
    "disposition", "choice",
    options=(
        Option("complete", Text("Complete")), Option("partial", Text("Partial")), Option("break_off", Text("Break-off")),
        Option("screened_out", Text("Screened out")),
    ),
)  # fmt: skip


def answers_of(item: Item) -> list[Answer]:
    """What conditions can use of an item: nothing of a note; of several answers also their common name."""
    asked = tuple(answer for answer in item.answers() if not answer.beside)
    if not item.joins:
        return list(asked)
    first = asked[0].options if asked and item.joins == "statements" else ()
    alike = all(answer.options == first for answer in asked)
    return [Answer(item.id, item.joins, options=first if alike else (), parts=asked), *asked]


def answer_of_drawn(drawn: Drawn) -> Answer | None:
    """An arm, a level or a block; None for an order, which conditions cannot use."""
    if drawn.kind == "order":
        return None
    return Answer(drawn.name, "choice" if drawn.kind == "choice" else "number", options=drawn.options)


def answer_of_computed(computed: Computed) -> Answer:
    """A computed value or a score: conditions have its tree in place of its name."""
    least, most = (computed.score.range if computed.score else None) or (None, None)
    return Answer(
        computed.name, computed.kind, options=computed.options, precision=computed.precision,
        least=least, most=most, tree=computed.tree, needs=computed.names,
    )  # fmt: skip


def answer_of_language(languages: Sequence[str]) -> Answer:
    return Answer("language", "choice", options=tuple(Option(tag, Text(tag)) for tag in languages))


def answer_of_loop(base: str, names: Sequence[str], items: Iterable[Item]) -> Answer:
    """An item of a loop, used outside it: all that it became.

    `names` are what `base` is called in each entry (`weight` is `weight_burnout`, `weight_visa`; a matrix's
    `seen.failed` is `seen_burnout.failed`, ...), `items` the items that hold them.
    """
    known = {answer.name: answer for item in items for answer in answers_of(item)}
    parts = tuple(known[name] for name in names)
    return Answer(base, "loop", options=parts[0].options, parts=parts)


def answers_of_loop(base: str, items: Sequence[Item]) -> list[Answer]:
    """What `base` and, of a matrix and the like, each `base.part` mean outside their loop."""
    if not items or not answers_of(items[0]):
        return []
    return [
        answer_of_loop(base + answer.name[len(items[0].id) :], called, items)
        for place, answer in enumerate(answers_of(items[0]))
        if (called := [answers_of(item)[place].name for item in items])
    ]


def whole_scope(instrument: Instrument) -> Scope:
    """All that an instrument's responses hold or give."""
    return Scope({answer.name: answer for answer in _all_of(instrument)})


def filter_scope(instrument: Instrument) -> Scope:
    """What filters on results can name: also the state of a response."""
    return Scope({DISPOSITION.name: DISPOSITION} | dict(whole_scope(instrument).known))


def _all_of(instrument: Instrument) -> Iterator[Answer]:
    for item in instrument.items():
        yield from answers_of(item)
    for drawn in instrument.drawn:
        answer = answer_of_drawn(drawn)
        if answer is not None:
            yield answer
    for computed in instrument.computed:
        yield answer_of_computed(computed)
    yield from instrument.loops
    if len(instrument.languages) > 1:
        yield answer_of_language(instrument.languages)
    if instrument.uses_today:
        yield TODAY
