"""How likely somebody is to recommend something, from 0 to 10 with two named ends: a rating whose figure is promoters
(9 and 10) less detractors (0 to 6).

F. F. Reichheld (2003), "The one number you need to grow", Harvard Business Review 81 (12), 46-54.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from pydantic import Field

from app.survey.documents.places import Path
from app.survey.items.answer import Answer, Option
from app.survey.items.context import SurveyContext
from app.survey.items.rating import Rating
from app.survey.items.shapes import TEXT, ItemShape, Line
from app.survey.texts import Text

LAST_DETRACTOR, FIRST_PROMOTER, LAST = 6, 9, 10


class NpsShape(ItemShape):
    called = "an nps"
    texts = ItemShape.texts | {"low": TEXT, "high": TEXT}
    how_to_add = {"low": "`low: Not at all likely`, the label of 0", "high": "`high: Extremely likely`, the label of 10"}

    type: Literal["nps"]
    low: Line = Field(description="Label of the lower end.")
    high: Line = Field(description="Label of the upper end.")


@dataclass(frozen=True, kw_only=True)
class Nps(Rating):
    type = "nps"
    shape = NpsShape
    figure = "net"

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        ends = {0: m.said((*path, "low"), shape.low), LAST: m.said((*path, "high"), shape.high)}
        return cls(scale=tuple(Option(code, ends.get(code, Text(""))) for code in range(LAST + 1)), **common)

    def _asked(self) -> Iterator[Answer]:
        yield from (replace(each, net=(LAST_DETRACTOR, FIRST_PROMOTER)) for each in super()._asked())
