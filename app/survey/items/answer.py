"""An answer: one value that an item asks for, that is drawn or computed. All that is not of one type works on answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.survey.codes import Code
from app.survey.conditions.condition import Condition
from app.survey.texts import Text

#: Why a value is missing. The order is the order in which they are shown.
MISSING_REASONS = ("not_shown", "skipped", "declined", "dont_know", "not_applicable", "not_reached")
#: Reasons that an item may offer, in the order in which they are shown, each with what a form sends for it.
OFFERED = {"dont_know": "~dont_know", "not_applicable": "~not_applicable", "declined": "~declined"}

#: `truth` is only computed; `statements`, `several` and `loop` name several answers at once.
Kind = Literal[
    "choice", "multiple", "ranks", "number", "date", "text", "truth", "statements", "several", "loop"
]
Measure = Literal["nominal", "ordinal", "interval"]
#: What the results of an item show: the distribution of a value, how many chose each option, the rank of each
#: option, the share of a total that each option has, how often each option was best and worst, and promoters less
#: detractors.
Figure = Literal["distribution", "flags", "ranks", "shares", "best_worst", "net"]


@dataclass(frozen=True, slots=True)
class Option:
    code: Code
    label: Text
    please_say: bool = False  # choosing it opens a text field, stored as `<item>.<code>`
    exclusive: bool = False  # choosing it deselects every other option
    hint: Text | None = None
    group: Text | None = None  # the heading above it; options of one group are adjacent
    show_if: Condition | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    id: str
    text: Text  # of a bipolar pair: its left pole
    right: Text | None = None  # of a bipolar pair
    show_if: Condition | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One value that an item asks for, that is drawn for a response, or that is computed.

    `kind` says what the value is: choice (a code), multiple (a list of codes), ranks (a list of codes, the first
    rank first), number, date (ISO 8601 to `precision`), text, truth. An answer with `parts` is the common name of
    several answers.
    """

    name: str  # under which it is stored, and by which conditions call it
    kind: Kind
    measure: Measure = "nominal"
    options: tuple[Option, ...] = ()
    statement: Statement | None = None  # which it rates
    column: Text | None = None  # of a matrix with columns: the label of its column
    option: Option | None = None  # which it is about: of a part of a sum, of a text beside an option
    heading: Text | None = None  # what it asks for, where the item asks for several things
    group: str = ""  # answers of one group count only together: the item's id
    reason_with: str = ""  # the item's id, where one reason for not answering is given for all of its answers
    beside: str = ""  # of a text beside an option: the name of the answer that chooses the option
    least: Any = None  # of a number or a date: the bounds, both included
    most: Any = None  # of ranks: how many are given
    decimals: int = 0
    step: float | None = None  # of a number of which only some are accepted
    ends: tuple[Text | None, Text | None] | None = None
    """Of a number whose values are read against its ends: their labels."""
    unit: Text | None = None
    precision: str = ""  # of a date: day | month | year
    net: tuple[int, int] | None = None  # of a net figure: the last code that counts against, the first that counts for
    may_be_empty: bool = False  # a list that can be sent with nothing chosen
    long_list: bool = False  # too many options to show all of them in a chart
    parts: tuple[Answer, ...] = ()  # of a common name: the answers, or other common names
    tree: Any = None  # of what is computed: the tree that conditions have in place of its name
    needs: frozenset[str] = frozenset()  # of what is computed: the names on which it depends

    @property
    def codes(self) -> tuple[Code, ...]:
        return tuple(option.code for option in self.options)

    @property
    def part(self) -> Option | Statement | None:
        """The option or the statement that it is about."""
        return self.option or self.statement

    @property
    def part_id(self) -> Code | None:
        if self.option is not None:
            return self.option.code
        return self.statement.id if self.statement is not None else None

    @property
    def shown_if(self) -> Condition | None:
        """The condition of its part, beside those of its item and section."""
        return self.part.show_if if self.part is not None else None

    @property
    def poles(self) -> tuple[Text, Text] | None:
        """The two ends of a bipolar pair."""
        if self.statement is None or self.statement.right is None:
            return None
        return self.statement.text, self.statement.right

    @property
    def is_list(self) -> bool:
        """Whether its value is a list of codes."""
        return self.kind in ("multiple", "ranks")

    @property
    def offered(self) -> dict[Code, Condition]:
        """Of a list: the conditions of those of its options that are not offered to everyone."""
        conditional = self.options if self.is_list else ()
        return {option.code: option.show_if for option in conditional if option.show_if is not None}

    @property
    def range(self) -> tuple[float, float] | None:
        """Of a number: the least and the most that it can be, where that is known."""
        known = self.kind == "number" and self.least is not None and self.most is not None
        return (self.least, self.most) if known else None

    @property
    def leaves(self) -> tuple[Answer, ...]:
        """The single answers that a name means: itself, if it is one."""
        return tuple(leaf for part in self.parts for leaf in part.leaves) if self.parts else (self,)

    @property
    def part_names(self) -> tuple[str, ...]:
        """Of a common name: the names of all its single answers."""
        return tuple(leaf.name for part in self.parts for leaf in part.leaves)

    @property
    def is_computed(self) -> bool:
        return self.tree is not None

    @property
    def names(self) -> frozenset[str]:
        """The names of the stored answers on which it depends."""
        return self.needs if self.is_computed else frozenset(leaf.name for leaf in self.leaves)

    @property
    def got(self) -> Any:
        """The tree of its value in a condition."""
        return self.tree if self.is_computed else ["get", self.name]

    @property
    def is_on_a_scale(self) -> bool:
        """Whether its codes are points from low to high, of which one is chosen."""
        return self.kind == "choice" and self.measure == "ordinal"

    @property
    def is_measured(self) -> bool:
        """Whether it is a point on a scale or a number, given for itself."""
        return not self.group and (self.is_on_a_scale or self.kind == "number")


@dataclass(frozen=True, slots=True)
class Shuffle:
    """What is put in a random order: `moving` are the ids or codes that change places, all others stay."""

    moving: tuple[Code, ...]


def texts_beside(item: str, options: Sequence[Option]) -> Iterator[Answer]:
    """What respondents can write beside options that ask for it."""
    for option in options:
        if option.please_say:
            yield Answer(f"{item}.{option.code}", "text", option=option, beside=item)
