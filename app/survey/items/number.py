"""A number in a range. Without decimals all of them are whole (int)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.languages.catalogues import N_
from app.languages.formats import Ambiguous, plain_number, read_number
from app.survey.documents.places import Path
from app.survey.items.answer import Answer
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.items.difference import Difference, unit_changes
from app.survey.items.fields import (
    Fields,
    Page,
    Parsed,
    Problem,
    Values,
    problem,
    reason_beside,
    typed_decimals,
)
from app.survey.items.shapes import TEXT, Filled, ItemShape, Line, Range
from app.survey.items.simulated import Sheet
from app.survey.texts import Text

LARGEST_NUMBER = 10**15
TYPE_NUMBER = 5.0  # seconds
RANGE = "The minimum and the maximum, both included: [0, 70]."
DECIMALS = "Maximum number of decimals (default: 0)."
UNIT = "Unit shown after the number, such as years."


class NumberShape(ItemShape):
    called = "a number"
    texts = ItemShape.texts | {"unit": TEXT}
    how_to_add = {"range": "`range: [0, 70]`, the minimum and the maximum"}
    how_to_list = {"range": "Write it like [0, 70]."}

    type: Literal["number"]
    range: Range = Field(description=RANGE)
    decimals: Annotated[int, Field(ge=0, le=6)] = Field(0, description=DECIMALS)
    unit: Filled[Line | None] = Field(None, description=UNIT)


@dataclass(frozen=True, kw_only=True)
class Number(Item):
    least: float  # and `most`: both are included
    most: float
    decimals: int = 0
    unit: Text | None = None
    type = "number"
    shape = NumberShape
    family = "number"
    reasons_beside = True
    sent_as_stored = False
    number_fields = True

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        return cls(**limits(m, path, shape), **common)

    def _asked(self) -> Iterator[Answer]:
        yield Answer(
            self.id, "number", "interval", reason_with=self.id, least=self.least, most=self.most,
            decimals=self.decimals, unit=self.unit,
        )  # fmt: skip

    def from_form(self, page: Page) -> Parsed:
        sent = " ".join(" ".join(page.sent(self.id)).split())
        beside = reason_beside(self, page, sent)
        if beside is not None or not sent:
            return beside or ({}, [])
        plain = self._plain(sent)
        if plain is not None:
            return {self.id: plain}, []
        try:
            number = read_number(sent, page.language)
        except Ambiguous as two:
            one, other = (page.number(reading, typed_decimals(reading)) for reading in two.readings)
            template = N_(
                "This can mean %(one)s or %(other)s. Write it without a thousands separator."
            )
            return {}, [problem(self, template, one=one, other=other)]
        wrong = self._not_a_number(page) if number is None else self._unfit(number, sent, page)
        if wrong is not None or number is None:
            return {}, [wrong] if wrong else []
        return {self.id: float(number) + 0.0 if self.decimals else int(number)}, []  # -0 is 0

    def _plain(self, sent: str) -> int | None:
        """A whole number that can be taken as it is, as most are; None where it has to be looked at."""
        if self.decimals or not (sent.isascii() and sent.isdecimal()) or len(sent) > 15:
            return None
        number = int(sent)
        return number if self.least <= number <= self.most else None

    def _limits(self, page: Page) -> Values:
        return {"least": page.number(self.least), "most": page.number(self.most)}

    def _not_a_number(self, page: Page) -> Problem:
        if not self.decimals:
            return problem(self, N_("Enter a whole number from %(least)s to %(most)s."), **self._limits(page))
        template = N_(
            "Enter a number from %(least)s to %(most)s. At most %(decimals)s digits after the decimal separator."
        )
        return problem(self, template, **self._limits(page), decimals=self.decimals)

    def _unfit(self, number: Decimal, sent: str, page: Page) -> Problem | None:
        """Why a number cannot be accepted. One that was typed with signs in it is shown as it was understood."""
        decimals = typed_decimals(number)
        if decimals <= self.decimals and Decimal(str(self.least)) <= number <= Decimal(str(self.most)):
            return self._off_step(number, page)
        written = page.number(number, decimals)
        if decimals > self.decimals > 0:
            template = N_(
                "This was read as %(number)s. At most %(decimals)s digits after the decimal separator."
            )
            return problem(self, template, number=written, decimals=self.decimals)
        if decimals > self.decimals:
            template = N_("This was read as %(number)s. Enter a whole number from %(least)s to %(most)s.")
            return problem(self, template, number=written, **self._limits(page))
        if sent.lstrip("-").isdecimal():
            return problem(self, N_("The number must be from %(least)s to %(most)s."), **self._limits(page))
        template = N_("This was read as %(number)s. The number must be from %(least)s to %(most)s.")
        return problem(self, template, number=written, **self._limits(page))

    def _off_step(self, number: Decimal, page: Page) -> Problem | None:
        return None

    def to_form(self, name: str, value: Any, language: str) -> Fields:
        return {name: [str(value) if type(value) is int else plain_number(value, language)]}

    def demand(self, name: str, page: Page) -> Problem:
        return problem(self, N_("Enter a number."), name)

    def simulated(self, sheet: Sheet) -> Fields:
        """Around a quarter of the way; anywhere for the careless."""
        least = Decimal(str(self.least))
        part = sheet.person.chance.random() if sheet.person.careless else 0.25 + 0.15 * sheet.moved(self.id)
        step = self.smallest_step
        steps = int((Decimal(str(self.most)) - least) / step)
        taken = min(max(round(part * steps), 0), steps)
        return {self.id: [plain_number(least + step * taken, sheet.person.language)]}  # type: ignore[arg-type]

    @property
    def smallest_step(self) -> Decimal:
        return Decimal(1).scaleb(-self.decimals)

    def seconds(self) -> float:
        return TYPE_NUMBER

    def changes(self, old: Number) -> Iterator[Difference]:
        if (old.least, old.most) != (self.least, self.most):
            yield self._range_change(
                old, f"the range was {old.least} to {old.most} and is {self.least} to {self.most}"
            )
        if old.decimals != self.decimals:
            what = f"{old.decimals} decimals were accepted and now {self.decimals}"
            yield Difference("review", self.id, what, "one version's values are less precise")
        yield from unit_changes(self.id, old.unit, self.unit)

    def _range_change(self, old: Number, what: str) -> Difference:
        return Difference("review", self.id, what, "values at the ends were refused in one of the two")


def limits(m: SurveyContext, path: Path, shape: Any) -> dict[str, Any]:
    """The limits of a number, and how it is written."""
    least, most = shape.range
    where: Path = (*path, "range")
    if least >= most:
        m.fault(
            where, "bad-value", "the minimum of the range is not below its maximum",
            f"Write [{most}, {least}]." if least > most else "Use two different numbers.",
        )  # fmt: skip
    if max(abs(least), abs(most)) * 10**shape.decimals > LARGEST_NUMBER:
        m.fault(
            where, "bad-value", "the range is too wide to be stored exactly",
            f"Stay below {LARGEST_NUMBER // 10**shape.decimals}.",
        )  # fmt: skip
    for place, limit in enumerate((least, most)):
        if round(limit, shape.decimals) != limit:
            _check_decimals(m, (*where, place), limit, shape.decimals)
    kind = float if shape.decimals else int
    unit = m.text((*path, "unit"), shape.unit)
    return {"least": kind(least), "most": kind(most), "decimals": shape.decimals, "unit": unit}


def _check_decimals(m: SurveyContext, path: Path, limit: float, decimals: int) -> None:
    what = f'"range" has more decimals than the number, {limit}'
    if decimals:
        m.fault(path, "bad-value", what, f"Give it {decimals} decimals at most.")
    else:
        remedy = "Write it in digits, without decimals. For decimals, set `decimals`."
        m.fault(path, "not-a-number", what, remedy)
