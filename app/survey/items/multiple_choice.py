"""Any number of options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

from app.languages.catalogues import N_
from app.survey.documents.places import Path
from app.survey.items.answer import Answer, Option, texts_beside
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.items.fields import BOTH, REASONS, Fields, Page, Parsed, Problem, missing, problem, with_said
from app.survey.items.options import options_of
from app.survey.items.shapes import ChoiceShape
from app.survey.items.simulated import Sheet, several, with_words

CHOOSE_SEVERAL = 3.5  # seconds


class MultipleChoiceShape(ChoiceShape):
    called = "a multiple_choice"
    may_exclude = True
    may_say = True

    type: Literal["multiple_choice"]


@dataclass(frozen=True, kw_only=True)
class MultipleChoice(Item):
    options: tuple[Option, ...]
    type = "multiple_choice"
    shape = MultipleChoiceShape
    figure = "flags"

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        return cls(options=options_of(m, path, shape), **common)

    def _asked(self) -> Iterator[Answer]:
        yield Answer(self.id, "multiple", options=self.options, may_be_empty=not self.required)
        yield from texts_beside(self.id, self.options)

    def from_form(self, page: Page) -> Parsed:
        sent = page.sent(self.id)
        reasons = {value for value in sent if REASONS.get(value) in self.offers} if self.offers else ()
        codes = {self.codes.get(value) for value in sent if value not in reasons}
        if None in codes:
            return {}, [problem(self, N_("Choose from the answers given."))]
        if reasons:
            if codes or len(reasons) > 1:
                return {}, [problem(self, BOTH)]
            return {self.id: missing(REASONS[next(iter(reasons))])}, []
        chosen = [option for option in page.options(self) if option.code in codes]
        alone = next((option for option in chosen if option.exclusive), None) if len(chosen) > 1 else None
        if alone is not None:
            template = N_("“%(option)s” cannot be combined with other answers.")
            return {}, [problem(self, template, option=alone.label.plain)]
        values = {self.id: [option.code for option in chosen]} if chosen else {}
        return with_said(self, values, values.get(self.id, []), page, [])

    def demand(self, name: str, page: Page) -> Problem:
        return problem(self, N_("Choose at least one answer."), name)

    def simulated(self, sheet: Sheet) -> Fields:
        options, shares = sheet.options(self), sheet.person.behaviour.answers.get(self.id)
        if shares is None:
            return with_words(self.id, several(options, sheet.person), sheet.person)
        chosen = [option for option in options if sheet.person.happens(shares.get(option.code, 0) / 100)]
        together = [option for option in chosen if not option.exclusive] or chosen[:1]
        return with_words(self.id, together, sheet.person)

    def seconds(self) -> float:
        return CHOOSE_SEVERAL
