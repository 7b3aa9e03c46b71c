"""A line of text, or several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.languages.catalogues import N_
from app.survey.documents.places import Path
from app.survey.items.answer import Answer
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.items.difference import Difference
from app.survey.items.fields import (
    Fields,
    Page,
    Parsed,
    Problem,
    clean,
    clean_line,
    problem,
    reason_beside,
    too_long,
)
from app.survey.items.shapes import TEXT, Filled, ItemShape, Line
from app.survey.items.simulated import WORDS, Sheet
from app.survey.patterns import PatternFault, compile_pattern

TYPE_LINE, TYPE_LINES = 10.0, 40.0  # seconds
SENTENCES = (
    "I weighed it for a long time.",
    "Nobody around me spoke about it openly.",
    "What I learned with patients is of use every day.",
    "I would do it again.",
    "The rota left no room for anything else.",
    "It felt like letting the team down.",
)
WRITES = 0.6  # of those who may write something


class TextShape(ItemShape):
    called = "a text"
    texts = ItemShape.texts | {"example": TEXT}

    type: Literal["text"]
    lines: Annotated[int, Field(ge=1, le=40)] = Field(
        1, description="Number of lines of the text field (default: 1)."
    )
    max_length: Filled[Annotated[int, Field(ge=1, le=20_000)] | None] = Field(
        None,
        description="Maximum number of characters (default: 200 for one line, 2000 for several).",
    )
    pattern: Filled[Line | None] = Field(None, description="A regular expression that the whole text must match.")
    example: Filled[Line | None] = Field(None, description="A text that matches the pattern; respondents see it.")


@dataclass(frozen=True, kw_only=True)
class TextItem(Item):
    lines: int = 1
    max_length: int = 1000
    pattern: str | None = None  # a regular expression (RE2's) that the whole text must match
    example: str | None = None  # a text that does
    type = "text"
    shape = TextShape
    reasons_beside = True

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        longest = shape.max_length or (200 if shape.lines == 1 else 2000)
        if shape.pattern is not None:
            _check_pattern(m, path, shape, longest)
        elif shape.example is not None:
            m.fault(
                (*path, "example"), "bad-value", "there is an `example`, but no `pattern`",
                "Add `pattern`, or give the example in `hint`.", key=True,
            )  # fmt: skip
        return cls(
            lines=shape.lines, max_length=longest, pattern=shape.pattern, example=shape.example, **common
        )

    def _asked(self) -> Iterator[Answer]:
        yield Answer(self.id, "text", reason_with=self.id)

    def from_form(self, page: Page) -> Parsed:
        sent = "\n".join(page.sent(self.id))
        text = clean_line(sent) if self.lines == 1 else clean(sent)
        beside = reason_beside(self, page, text)
        if beside is not None or not text:
            return beside or ({}, [])
        if len(text) > self.max_length:
            return {self.id: text}, [too_long(self, self.id, text, self.max_length)]
        if self.pattern is not None and not compile_pattern(self.pattern).matches(text):
            return {self.id: text}, [self._unlike_pattern()]
        return {self.id: text}, []

    def _unlike_pattern(self) -> Problem:
        if self.example is None:
            return problem(self, N_("This does not have the required format."))
        return problem(self, N_("Use the format of the example: %(example)s"), example=self.example)

    def demand(self, name: str, page: Page) -> Problem:
        return problem(self, N_("Write an answer."), name)

    def simulated(self, sheet: Sheet) -> Fields:
        person = sheet.person
        if not self.required and not person.happens(0.1 if person.careless else WRITES):
            return {}
        if self.pattern is not None:
            return {self.id: [self.example]} if self.example else {}
        one_line = self.lines == 1
        text = person.chance.choice(WORDS) if one_line else " ".join(person.chance.sample(SENTENCES, 2))
        return {self.id: [text[: self.max_length].strip()]}

    def seconds(self) -> float:
        return TYPE_LINE if self.lines == 1 else TYPE_LINES

    def changes(self, old: TextItem) -> Iterator[Difference]:
        if (old.lines, old.max_length) != (self.lines, self.max_length):
            yield Difference(
                "review", self.id, "the maximum length has changed", "texts may be longer or shorter"
            )
        if old.pattern != self.pattern:
            meaning = "one version accepted answers that the other refused"
            yield Difference("review", self.id, "the pattern has changed", meaning)
        if old.example != self.example:
            yield Difference("safe", self.id, "the example has changed", "the same answers are accepted")


def _check_pattern(m: SurveyContext, path: Path, shape: Any, longest: int) -> None:
    where, example = (*path, "pattern"), (*path, "example")
    try:
        pattern = compile_pattern(shape.pattern or "")
    except PatternFault as error:
        m.fault(where, "bad-pattern", error.what, error.remedy)
        return
    if shape.example is None:
        what = "the pattern has no example to show to respondents"
        m.fault(where, "bad-pattern", what, "Add `example:` with a text that matches it.", key=True)
    elif len(shape.example) > longest:
        what = f"the example is longer than {longest} characters, the maximum length"
        m.fault(example, "bad-pattern", what, f"Write `max_length: {len(shape.example)}` or more.")
    elif not pattern.matches(shape.example):
        what = f'the pattern does not match its example, "{shape.example}"'
        m.fault(example, "bad-pattern", what, "Correct one of the two; the whole text must match.")
