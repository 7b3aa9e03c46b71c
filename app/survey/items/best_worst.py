"""The most and the least of several options, stored as `<item>.best` and `<item>.worst`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field

from app.languages.catalogues import N_
from app.survey.documents.places import Path
from app.survey.items.answer import Answer, Option
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.items.difference import Difference, wording_changes
from app.survey.items.fields import (
    NOT_OFFERED,
    ONE_ONLY,
    Fields,
    Page,
    Parsed,
    Problem,
    Values,
    problem,
    reason_beside,
)
from app.survey.items.options import options_of
from app.survey.items.shapes import TEXT, ChoiceShape, Line
from app.survey.items.simulated import Sheet
from app.survey.texts import Text

PICK_TWO = 7.0  # seconds


class BestWorstShape(ChoiceShape):
    called = "a best_worst"
    texts = ChoiceShape.texts | {"best": TEXT, "worst": TEXT}
    how_to_add = {
        "best": "`best: Most important`, the heading of the first column",
        "worst": "`worst: Least important`, the heading of the second column",
    }
    names_an_entry = False

    type: Literal["best_worst"]
    best: Line = Field(description="The heading of the column for the best option.")
    worst: Line = Field(description="The heading of the column for the worst option.")


@dataclass(frozen=True, kw_only=True)
class BestWorst(Item):
    options: tuple[Option, ...]
    best: Text
    worst: Text
    type = "best_worst"
    shape = BestWorstShape
    figure = "best_worst"
    reasons_beside = True
    joins = "several"

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        best, worst = m.said((*path, "best"), shape.best), m.said((*path, "worst"), shape.worst)
        return cls(options=options_of(m, path, shape), best=best, worst=worst, **common)

    def _asked(self) -> Iterator[Answer]:
        for end, heading in (("best", self.best), ("worst", self.worst)):
            yield Answer(
                f"{self.id}.{end}", "choice", options=self.options, heading=heading, group=self.id,
                reason_with=self.id,
            )  # fmt: skip

    def from_form(self, page: Page) -> Parsed:
        beside = reason_beside(self, page, any(page.sent(name) for name in self.names))
        if beside is not None:
            return beside
        values: Values = {}
        problems: list[Problem] = []
        for name in self.names:
            value, wrong = self._one_of(name, page)
            values |= value
            problems += wrong
        if len(values) == 2 and len(set(values.values())) == 1:
            return {}, [problem(self, N_("Choose two different answers."), self.names[1])]
        return values, problems

    def _one_of(self, name: str, page: Page) -> Parsed:
        sent = set(page.sent(name))
        if len(sent) > 1:
            return {}, [problem(self, ONE_ONLY, name)]
        sent = {value for value in sent if f"{self.id}.{value}" not in page.hidden}
        if not sent:
            return {}, []
        code = self.codes.get(sent.pop())
        return ({}, [problem(self, NOT_OFFERED, name)]) if code is None else ({name: code}, [])

    def simulated(self, sheet: Sheet) -> Fields:
        options = sheet.options(self)
        if len(options) < 2:
            return {}
        best, worst = sheet.person.chance.sample(options, 2)
        return {name: [str(each.code)] for name, each in zip(self.names, (best, worst), strict=True)}

    def seconds(self) -> float:
        return PICK_TWO

    def changes(self, old: BestWorst) -> Iterator[Difference]:
        yield from wording_changes(f"{self.id}.best", old.best, self.best)
        yield from wording_changes(f"{self.id}.worst", old.worst, self.worst)
