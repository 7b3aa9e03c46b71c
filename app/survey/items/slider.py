"""A number that can be dragged to as well as typed. Its values are read against its ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.languages.catalogues import N_
from app.survey.documents.places import Path
from app.survey.items.answer import Answer
from app.survey.items.context import SurveyContext
from app.survey.items.difference import Difference, quoted, reworded
from app.survey.items.fields import Page, Problem, problem
from app.survey.items.number import DECIMALS, RANGE, UNIT, Number, NumberShape, limits
from app.survey.items.shapes import TEXT, AnyNumber, Filled, ItemShape, Line, Range
from app.survey.texts import Text


class SliderShape(ItemShape):
    called = "a slider"
    texts = NumberShape.texts | {"low": TEXT, "high": TEXT}
    how_to_add, how_to_list = NumberShape.how_to_add, NumberShape.how_to_list

    type: Literal["slider"]
    range: Range = Field(description=RANGE)
    decimals: Annotated[int, Field(ge=0, le=6)] = Field(0, description=DECIMALS)
    step: Filled[AnyNumber | None] = Field(None, description="The step between values of the slider.")
    low: Filled[Line | None] = Field(None, description="Label of the lower end.")
    high: Filled[Line | None] = Field(None, description="Label of the upper end.")
    unit: Filled[Line | None] = Field(None, description=UNIT)


@dataclass(frozen=True, kw_only=True)
class Slider(Number):
    step: float = 1
    low: Text | None = None  # what its ends mean
    high: Text | None = None
    type = "slider"
    shape = SliderShape

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        found = limits(m, path, shape)
        step = 10**-shape.decimals if shape.step is None else shape.step
        # In units of the last decimal, in which all three are whole numbers.
        width, one_step = (round(each * 10**shape.decimals) for each in (found["most"] - found["least"], step))
        if not 0 < one_step <= width or round(step, shape.decimals) != step or width % one_step:
            m.fault(
                (*path, "step"), "bad-value",
                f"steps of {step} do not divide the range from {found['least']} to {found['most']}",
                "Choose a step that divides the range and has no more decimals than the number.",
            )  # fmt: skip
        low, high = m.text((*path, "low"), shape.low), m.text((*path, "high"), shape.high)
        return cls(step=step, low=low, high=high, **found, **common)

    def _asked(self) -> Iterator[Answer]:
        yield from (replace(each, step=self.step, ends=(self.low, self.high)) for each in super()._asked())

    def _plain(self, sent: str) -> int | None:
        return None

    def _off_step(self, number: Decimal, page: Page) -> Problem | None:
        least, step = Decimal(str(self.least)), Decimal(str(self.step))
        beyond = (number - least) % step
        if not beyond:
            return None
        below = number - beyond
        above = min(below + step, Decimal(str(self.most)))
        template = N_("Only steps of %(step)s are allowed: enter %(below)s or %(above)s.")
        values = {"step": page.number(step), "below": page.number(below), "above": page.number(above)}
        return problem(self, template, **values)

    @property
    def smallest_step(self) -> Decimal:
        return Decimal(str(self.step))

    def changes(self, old: Number) -> Iterator[Difference]:
        yield from super().changes(old)
        if not isinstance(old, Slider):
            return
        if old.step != self.step:
            what = f"the step was {old.step}"
            yield Difference("review", self.id, what, "one version's values are less precise")
        if reworded(old.low, self.low) or reworded(old.high, self.high):
            what = f"the labels of its ends were {quoted(old.low)} and {quoted(old.high)}"
            yield self._read_against_its_ends(what)

    def _range_change(self, old: Number, what: str) -> Difference:
        if isinstance(old, Slider):
            return self._read_against_its_ends(what)
        return super()._range_change(old, what)

    def _read_against_its_ends(self, what: str) -> Difference:
        return Difference(
            "breaks", self.id, what, "each value is interpreted relative to the ends", apart=True
        )
