"""One option of several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from app.survey.documents.places import Path
from app.survey.items.answer import Answer, Option, texts_beside
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.items.fields import Fields, Page, Parsed, pick, with_said
from app.survey.items.options import options_of
from app.survey.items.shapes import ChoiceShape
from app.survey.items.simulated import Sheet, popular, weighted, with_words

CHOOSE = 2.5  # seconds


class SingleChoiceShape(ChoiceShape):
    called = "a single_choice"
    may_say = True

    type: Literal["single_choice"]


@dataclass(frozen=True, kw_only=True)
class SingleChoice(Item):
    options: tuple[Option, ...]
    type = "single_choice"
    shape = SingleChoiceShape
    family = "choice"
    shows_choices = True
    long_list: ClassVar[bool] = False

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        return cls(options=options_of(m, path, shape), **common)

    def _asked(self) -> Iterator[Answer]:
        yield Answer(self.id, "choice", options=self.options, long_list=self.long_list)
        yield from texts_beside(self.id, self.options)

    def from_form(self, page: Page) -> Parsed:
        codes = self.codes
        if page.hidden:
            codes = {str(option.code): option.code for option in page.options(self)}
        values, problems = pick(self, self.id, page, codes)
        return with_said(self, values, [values.get(self.id)], page, problems)

    def simulated(self, sheet: Sheet) -> Fields:
        options: Sequence[Option] = sheet.options(self)
        chosen = weighted(self.id, options, sheet) or popular(options, sheet.person)
        return with_words(self.id, [chosen], sheet.person)

    def seconds(self) -> float:
        return CHOOSE
