"""One point on a scale: a single choice whose codes are in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

from app.survey.documents.places import Path
from app.survey.items.answer import Answer, Option
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.items.fields import Fields, Page, Parsed, pick
from app.survey.items.scales import scale_of
from app.survey.items.shapes import POINTS, AnyScale, ItemShape
from app.survey.items.simulated import Sheet, on_scale
from app.survey.items.single_choice import CHOOSE


class RatingShape(ItemShape):
    called = "a rating"
    texts = ItemShape.texts | {"scale": POINTS}

    type: Literal["rating"]
    scale: AnyScale


@dataclass(frozen=True, kw_only=True)
class Rating(Item):
    scale: tuple[Option, ...]
    type = "rating"
    shape = RatingShape
    family = "choice"
    shows_choices = True

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        return cls(scale=scale_of(m, (*path, "scale"), shape.scale), **common)

    def _asked(self) -> Iterator[Answer]:
        yield Answer(self.id, "choice", "ordinal", self.scale)

    def from_form(self, page: Page) -> Parsed:
        return pick(self, self.id, page, self.codes)

    def simulated(self, sheet: Sheet) -> Fields:
        return {self.id: [on_scale(self.id, self.scale, 0.0, sheet)]}

    def seconds(self) -> float:
        return CHOOSE
