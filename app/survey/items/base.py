"""An item: one thing asked. Each item type is a subclass in a file of its own, which reads from top to bottom: its
keys in a survey file, what it asks for, how it is read from the file, from a form and back, and how it is simulated."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

from app.languages.catalogues import N_
from app.survey.codes import Code
from app.survey.conditions.condition import Condition
from app.survey.items.answer import Answer, Figure, Option, Shuffle, Statement
from app.survey.items.difference import Difference
from app.survey.items.fields import Fields, Page, Parsed, Problem, problem
from app.survey.items.simulated import Sheet
from app.survey.texts import Text

__all__ = ["Answer", "Check", "Item", "Option", "Shuffle", "Statement"]


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold between answers; where it is false the page is shown again with `say`.

    Without `say` the service has a message of its own.
    """

    that: Condition
    say: Text | None
    soft: bool = False  # asks once, then accepts


@dataclass(frozen=True, kw_only=True)
class Item(ABC):
    id: str
    ask: Text
    hint: Text | None = None
    required: bool = False
    offers: Mapping[str, Text | None] = field(default_factory=dict)
    """The reasons for not answering that it offers (keys of OFFERED), each with its own words or None."""
    show_if: Condition | None = None
    checks: tuple[Check, ...] = ()
    shuffle: Shuffle | None = None  # of its options or statements
    identifying: bool = False  # helps to identify a respondent
    sensitive: bool = False  # must not stay in a browser before it is sent

    type: ClassVar[str] = ""
    shape: ClassVar[type]  # the keys that it has in a survey file
    family: ClassVar[str] = ""  # of types whose answers are of one kind, and differ in looks
    figure: ClassVar[Figure] = "distribution"
    reasons_beside: ClassVar[bool] = False
    """Whether reasons for not answering have a field of their own, `<item>~`, for all of its answers."""
    joins: ClassVar[Literal["", "statements", "several"]] = ""
    """What its id is the name of where its answers have other names: of statements, each answered for itself, or of
    several values that are answered together."""
    sent_as_stored: ClassVar[bool] = True  # whether a form sends its values as they are stored
    shows_options: ClassVar[bool] = True  # whether a form says which of its options were shown
    number_fields: ClassVar[bool] = False  # whether numbers are typed in it
    shows_choices: ClassVar[bool] = False  # whether a form has a control for each of its choices, of which one is chosen

    @classmethod
    @abstractmethod
    def read(cls, m: Any, path: Any, shape: Any, common: dict[str, Any]) -> Self:
        """The item that a survey file describes. `m` is `source.context.SurveyContext`, `common` what all items have."""

    # what it asks for

    def answers(self) -> tuple[Answer, ...]:
        """Every value that it asks for, in order; texts beside options come last. A note has none."""
        return self._answers

    @cached_property
    def _answers(self) -> tuple[Answer, ...]:
        return tuple(self._asked())

    @abstractmethod
    def _asked(self) -> Iterator[Answer]: ...

    @cached_property
    def is_asked(self) -> bool:
        """False for what is only read."""
        return bool(self._answers)

    @cached_property
    def is_tapped(self) -> bool:
        """Whether one of its choices is all that it asks for."""
        return self.shows_choices and len(self._answers) == 1

    @property
    def adds_up_to(self) -> int | None:
        """What its answers must add up to."""
        return None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names under which its answers are stored and conditions can use them."""
        return tuple(answer.name for answer in self._answers if not answer.beside)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Every name under which it may store something: `names`, and the texts beside options."""
        return tuple(answer.name for answer in self._answers)

    @cached_property
    def answer(self) -> dict[str, Answer]:
        """Its answers by name."""
        return {answer.name: answer for answer in self._answers}

    @cached_property
    def codes(self) -> dict[str, Code]:
        """The codes of its options, or of the points of its scale, as a form sends them."""
        choices = getattr(self, "options", None) or getattr(self, "scale", ())
        return {str(choice.code): choice.code for choice in choices}

    @property
    def decline(self) -> bool:
        return "declined" in self.offers

    # what is shown of it

    @cached_property
    def parts(self) -> Sequence[Option | Statement]:
        """What may have conditions of its own: its options or its statements."""
        return getattr(self, "options", None) or getattr(self, "statements", ())

    @cached_property
    def is_fixed(self) -> bool:
        """Whether all of it is shown whenever it is: no option and no statement has a condition of its own."""
        return all(part.show_if is None for part in self.parts)

    def part_key(self, part: Option | Statement) -> str:
        """What forms and paths call one of its parts."""
        return f"{self.id}.{part.code if isinstance(part, Option) else part.id}"

    def shown_names(self, off: Collection[str]) -> tuple[str, ...]:
        """The names under which its answers are stored when these of its parts (`<item>.<code or id>`) are hidden."""
        if self.is_fixed or not off:
            return self.names
        return tuple(
            answer.name
            for answer in self._answers
            if not answer.beside and (answer.part is None or self.part_key(answer.part) not in off)
        )

    # from a form and back

    def from_form(self, page: Page) -> Parsed:
        """Its values by name, or what is wrong with the fields. Never raises. A note has no fields."""
        return {}, []

    def to_form(self, name: str, value: Any, language: str) -> Fields:
        """The fields that gave a value, where they are not the value itself (`sent_as_stored`)."""
        return {name: [str(value)]}

    def demand(self, name: str, page: Page) -> Problem:
        """The message for a respondent who has left it open although it is required."""
        return problem(self, N_("Choose an answer."), name)

    def falls_short(self, values: Mapping[str, Any], page: Page | None = None) -> bool:
        """Whether less was answered than requested."""
        return False

    def date_limits(self, began: str | None, today: Any) -> tuple[str | None, str | None] | None:
        """Of a date: the first and the last that are accepted."""
        return None

    # simulated respondents

    def simulated(self, sheet: Sheet) -> Fields:
        """What a simulated respondent fills in: of a note nothing."""
        return {}

    def seconds(self) -> float:
        """To decide and to answer, once everything is read; our own guesses."""
        return 0.0

    # versions

    def changes(self, old: Any) -> Iterator[Difference]:
        """What is different from an older version of it, of the same family, besides what all items have."""
        return iter(())
