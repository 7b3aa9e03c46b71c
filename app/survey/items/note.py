"""Something to read: `ask` is its text. It has no answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field

from app.survey.documents.places import Path
from app.survey.items.answer import Answer
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.items.shapes import TEXT, AnyItemShape, Filled, Line, Prose


class NoteShape(AnyItemShape):
    called = "a note"
    texts = {"text": TEXT}
    is_asked = False
    names_an_entry = False

    type: Literal["note"]
    text: Prose = Field(description="A text to read, in Markdown.")
    show_if: Filled[Line | None] = None


@dataclass(frozen=True, kw_only=True)
class Note(Item):
    type = "note"
    shape = NoteShape

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        return cls(ask=m.said((*path, "text"), shape.text), **common)

    def _asked(self) -> Iterator[Answer]:
        return iter(())
