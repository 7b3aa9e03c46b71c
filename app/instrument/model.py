"""An instrument: one version of a survey's definition, checked and ready to ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.instrument.condition import Condition
    from app.instrument.texts import Text

Code = str | int
"""An option's stable name: what is stored. Scales have whole numbers, lists of options words."""

#: Why a value is missing. The order is the order in which they are shown.
MISSING_REASONS = ("not_shown", "skipped", "declined", "dont_know", "not_applicable", "not_reached")


@dataclass(frozen=True, slots=True)
class Option:
    code: Code
    label: Text
    please_say: bool = False  # choosing it opens a line of text, kept as `<item>.<code>`
    exclusive: bool = False  # choosing it unchooses every other option (multiple_choice only)


@dataclass(frozen=True, slots=True)
class Statement:
    id: str
    text: Text


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing asked. Its subclasses are the item types."""

    id: str
    ask: Text
    hint: Text | None = None
    required: bool = False
    decline: bool = False
    show_if: Condition | None = None

    type = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names under which its answers are kept and conditions can speak of them."""
        return (self.id,)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Every name under which it may keep something: `names`, and what is said beside options."""
        options = getattr(self, "options", ())
        return (*self.names, *(f"{self.id}.{option.code}" for option in options if option.please_say))

    @cached_property
    def codes(self) -> dict[str, Code]:
        """The codes of its options, or of the points of its scale, as a form sends them."""
        choices = getattr(self, "options", None) or getattr(self, "scale", ())
        return {str(choice.code): choice.code for choice in choices}


@dataclass(frozen=True, kw_only=True)
class SingleChoice(Item):
    options: tuple[Option, ...]
    type = "single_choice"


@dataclass(frozen=True, kw_only=True)
class MultipleChoice(Item):
    options: tuple[Option, ...]
    type = "multiple_choice"


@dataclass(frozen=True, kw_only=True)
class Matrix(Item):
    scale: tuple[Option, ...]
    statements: tuple[Statement, ...]
    type = "matrix"

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.id}.{statement.id}" for statement in self.statements)


@dataclass(frozen=True, kw_only=True)
class Rating(Item):
    scale: tuple[Option, ...]
    type = "rating"


@dataclass(frozen=True, kw_only=True)
class Number(Item):
    """A whole number; `least` and `most` are included."""

    least: int
    most: int
    unit: Text | None = None
    type = "number"


@dataclass(frozen=True, kw_only=True)
class TextItem(Item):
    lines: int = 1
    max_length: int = 1000
    type = "text"


@dataclass(frozen=True, kw_only=True)
class Note(Item):
    """Something to read: `ask` is its text. It has no answer."""

    type = "note"

    @cached_property
    def names(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class Section:
    """One page."""

    id: str
    title: Text | None
    items: tuple[Item, ...]
    show_if: Condition | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all its items."""
        return tuple(name for item in self.items for name in item.names)

    @cached_property
    def is_plain(self) -> bool:
        """Whether every item is always shown and keeps nothing but its own answers."""
        return all(item.show_if is None and item.keys == item.names for item in self.items)


@dataclass(frozen=True, slots=True)
class ResultsPolicy:
    show_to: str = "nobody"  # nobody | respondents | everyone
    floor: int = 10
    release_every: int = 10


@dataclass(frozen=True)
class Instrument:
    survey: str  # the survey's id: the name of its file
    digest: str  # SHA-256 of the source, in hexadecimal
    source: str  # the YAML it was read from
    title: str
    description: Text | None
    language: str
    privacy: str  # anonymous | confidential | identified
    consent: Text | None
    thanks: Text | None
    opens: str | None  # ISO dates, or None
    closes: str | None
    results: ResultsPolicy
    sections: tuple[Section, ...]

    def items(self) -> Iterator[Item]:
        for section in self.sections:
            yield from section.items

    @cached_property
    def item(self) -> dict[str, Item]:
        """Every item by its id."""
        return {item.id: item for item in self.items()}

    @cached_property
    def section(self) -> dict[str, Section]:
        return {section.id: section for section in self.sections}
