"""Whole numbers that add up to a total, one for each option, stored as `<item>.<code>`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.languages.catalogues import N_
from app.languages.formats import Ambiguous, read_number
from app.survey.documents.places import Path
from app.survey.items.answer import Answer, Option
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.items.difference import Difference, unit_changes
from app.survey.items.fields import Fields, Page, Parsed, Problem, problem, reason_beside, typed_decimals
from app.survey.items.number import UNIT
from app.survey.items.options import options_of
from app.survey.items.shapes import TEXT, ChoiceShape, Filled, Line
from app.survey.items.simulated import Sheet
from app.survey.texts import Text

SHARE_ONE = 4.0  # seconds


class ConstantSumShape(ChoiceShape):
    called = "a constant_sum"
    texts = ChoiceShape.texts | {"unit": TEXT}
    needed = (*ChoiceShape.needed, "total")
    names_an_entry = False

    type: Literal["constant_sum"]
    total: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        100, description="The required sum of the numbers (default: 100)."
    )
    unit: Filled[Line | None] = Field(None, description=UNIT)


@dataclass(frozen=True, kw_only=True)
class ConstantSum(Item):
    options: tuple[Option, ...]
    total: int = 100
    unit: Text | None = None
    type = "constant_sum"
    shape = ConstantSumShape
    figure = "shares"
    reasons_beside = True
    joins = "several"
    number_fields = True

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        unit = m.text((*path, "unit"), shape.unit)
        return cls(options=options_of(m, path, shape), total=shape.total, unit=unit, **common)

    def _asked(self) -> Iterator[Answer]:
        for option in self.options:
            yield Answer(
                f"{self.id}.{option.code}", "number", "interval", option=option, group=self.id,
                reason_with=self.id, least=0, most=self.total, unit=self.unit,
            )  # fmt: skip

    @property
    def adds_up_to(self) -> int:
        return self.total

    # from a form

    def from_form(self, page: Page) -> Parsed:
        sent = {name: " ".join(page.sent(name)).strip() for name in self.shown_names(page.hidden)}
        beside = reason_beside(self, page, any(sent.values()))
        if beside is not None or not any(sent.values()):
            return beside or ({}, [])
        values, problems = {}, []
        for name, typed in sent.items():
            number = self._part(typed, page.language)
            if number is None:
                template = N_("Enter a whole number from 0 to %(total)s.")
                problems.append(problem(self, template, name, total=page.number(self.total)))
            else:
                values[name] = number
        problems = problems or self._off_total(sum(values.values()), page)
        return ({}, problems) if problems else (values, [])

    def _part(self, typed: str, language: str) -> int | None:
        """A part of the sum, 0 where nothing is typed; None for what cannot be one."""
        if not typed:
            return 0
        try:
            number = read_number(typed, language)
        except Ambiguous:
            return None
        whole = number is not None and not typed_decimals(number) and 0 <= number <= self.total
        return int(number) if number is not None and whole else None

    def _off_total(self, added: int, page: Page) -> list[Problem]:
        if added == self.total:
            return []
        values = {
            "sum": page.number(added),
            "total": page.number(self.total),
            "off": page.number(abs(self.total - added)),
        }
        if added < self.total:
            template = N_("This adds up to %(sum)s. To reach %(total)s, %(off)s is missing.")
        else:
            template = N_("This adds up to %(sum)s. That is %(off)s more than %(total)s.")
        return [problem(self, template, **values)]

    def demand(self, name: str, page: Page) -> Problem:
        return problem(
            self, N_("Enter whole numbers that add up to %(total)s."), total=page.number(self.total)
        )

    # simulated respondents and versions

    def simulated(self, sheet: Sheet) -> Fields:
        """Shares in the manner of a broken stick: cut at random, in whole numbers."""
        names, chance = sheet.names(self), sheet.person.chance
        cuts = sorted(round(chance.random() * self.total) for _ in names[1:])
        parts = [end - start for start, end in zip([0, *cuts], [*cuts, self.total], strict=True)]
        return {name: [str(part)] for name, part in zip(names, parts, strict=True)}

    def seconds(self) -> float:
        return SHARE_ONE * len(self.options)

    def changes(self, old: ConstantSum) -> Iterator[Difference]:
        if old.total != self.total:
            what = f"the parts added up to {old.total} and now to {self.total}"
            yield Difference("breaks", self.id, what, "the same number is another share", apart=True)
        yield from unit_changes(self.id, old.unit, self.unit)
