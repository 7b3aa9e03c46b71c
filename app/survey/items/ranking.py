"""Options in order, stored as the list of the first `top` codes; all of them where `top` is their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.languages.catalogues import N_
from app.survey.codes import Code
from app.survey.documents.places import Path
from app.survey.items.answer import Answer, Option
from app.survey.items.base import Item
from app.survey.items.context import SurveyContext
from app.survey.items.difference import Difference
from app.survey.items.fields import Fields, Page, Parsed, Problem, problem, reason_beside
from app.survey.items.options import options_of
from app.survey.items.shapes import ChoiceShape, Filled
from app.survey.items.simulated import Sheet, popular

RANK_ONE = 4.0  # seconds


class RankingShape(ChoiceShape):
    called = "a ranking"
    names_an_entry = False

    type: Literal["ranking"]
    top: Filled[Annotated[int, Field(ge=1, le=20)] | None] = Field(
        None, description="How many options to rank (default: all)."
    )


@dataclass(frozen=True, kw_only=True)
class Ranking(Item):
    options: tuple[Option, ...]
    top: int
    type = "ranking"
    shape = RankingShape
    figure = "ranks"
    reasons_beside = True
    sent_as_stored = False

    @classmethod
    def read(cls, m: SurveyContext, path: Path, shape: Any, common: dict[str, Any]) -> Self:
        options = options_of(m, path, shape)
        top = shape.top or len(options)
        if options and top > len(options):
            what = f"{top} cannot be ranked: there are {len(options)} options"
            m.fault((*path, "top"), "bad-value", what, f"Write {len(options)} or less.")
        return cls(options=options, top=top, **common)

    def _asked(self) -> Iterator[Answer]:
        yield Answer(self.id, "ranks", "ordinal", self.options, reason_with=self.id, most=self.top)

    # from a form and back

    def from_form(self, page: Page) -> Parsed:
        sent = {option.code: page.sent(f"{self.id}.{option.code}") for option in page.options(self)}
        beside = reason_beside(self, page, any(sent.values()))
        if beside is not None or not any(sent.values()):
            return beside or ({}, [])
        problems = []
        ranks: dict[int, list[Code]] = {}
        for code, values in sent.items():
            rank = _rank(values, self.top)
            if rank is not None:
                ranks.setdefault(rank, []).append(code)
            elif values:
                template = N_("Choose one rank from 1 to %(top)s.")
                problems.append(problem(self, template, f"{self.id}.{code}", top=self.top))
        # Options that an answer has just hidden may have had ranks: the others then close up.
        problems += self._shared(ranks) or ([] if problems or page.hidden else self._gap(ranks))
        return ({}, problems) if problems else ({self.id: [ranks[rank][0] for rank in sorted(ranks)]}, [])

    def _shared(self, ranks: Mapping[int, Sequence[Code]]) -> list[Problem]:
        template = N_("Rank %(place)s is used more than once: give each rank to one answer.")
        return [
            problem(self, template, f"{self.id}.{code}", place=rank)
            for rank, codes in sorted(ranks.items())
            for code in codes[1:]
        ]

    def _gap(self, ranks: Iterable[int]) -> list[Problem]:
        taken = set(ranks)
        free = next((rank for rank in range(1, max(taken)) if rank not in taken), None)
        return [] if free is None else [problem(self, N_("Rank %(place)s is not used."), place=free)]

    def to_form(self, name: str, value: Any, language: str) -> Fields:
        return {f"{name}.{code}": [str(rank)] for rank, code in enumerate(value, 1)}

    def demand(self, name: str, page: Page) -> Problem:
        top = min(self.top, len(page.options(self)))
        return problem(self, N_("Give each rank from 1 to %(top)s to an answer."), name, top=top)

    def falls_short(self, values: Mapping[str, Any], page: Page | None = None) -> bool:
        """Whether fewer options are ranked than were to be."""
        ranked = values.get(self.id)
        top = self.top if page is None else min(self.top, len(page.options(self)))
        return isinstance(ranked, list) and len(ranked) < top

    # simulated respondents and versions

    def simulated(self, sheet: Sheet) -> Fields:
        left, order = sheet.options(self), []
        while left and len(order) < self.top:
            order.append(popular(left, sheet.person))
            left.remove(order[-1])
        return {f"{self.id}.{option.code}": [str(rank)] for rank, option in enumerate(order, 1)}

    def seconds(self) -> float:
        return RANK_ONE * self.top

    def changes(self, old: Ranking) -> Iterator[Difference]:
        if old.top != self.top:
            yield Difference(
                "breaks", self.id, f"the first {old.top} were requested and now the first {self.top}",
                "not being among them has another meaning", apart=True,
            )  # fmt: skip


def _rank(values: Sequence[str], top: int) -> int | None:
    named = set(values)
    return next((rank for rank in range(1, top + 1) if named == {str(rank)}), None)
