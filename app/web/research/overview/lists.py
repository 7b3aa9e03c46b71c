"""The list of surveys, counted by the database: no survey's responses are read for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from litestar import Request

from app.survey.faults import Fault
from app.web.research.navigation import MOST_SEARCHED, State, state_of
from app.web.respond.context import AppContext

ORDER = ("collecting", "waiting", "over")  # of the states of surveys
NEVER_SERVED = State("over", "Never offered")


@dataclass(frozen=True, slots=True)
class ListedSurvey:
    survey: str
    title: str
    state: State
    counts: dict[str, int]  # by stored disposition
    faults: Sequence[Fault]  # of its file
    is_served: bool = True
    has_page: bool = True  # whether a version of it was ever served
    is_left_out: bool = False  # by the search

    @property
    def begun(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class SurveyList:
    find: str
    surveys: tuple[ListedSurvey, ...]

    @property
    def found(self) -> str:
        n = sum(not each.is_left_out for each in self.surveys)
        return f"{n or 'No'} {'survey' if n == 1 else 'surveys'} found" if self.find else ""


async def list_of_surveys(context: AppContext, request: Request) -> SurveyList:
    """Those that collect responses first, those with most responses among them; then what opens later, then the rest."""
    find = request.query_params.get("find", "").strip()[:MOST_SEARCHED]
    stored = await context.storage.surveys()
    known = {*context.surveys.served, *stored, *context.surveys.faults}
    listed = [await _listed(context, survey, survey in stored, find.casefold().split()) for survey in known]
    return SurveyList(find, tuple(in_order(listed)))


def in_order(listed: Iterable[ListedSurvey]) -> list[ListedSurvey]:
    return sorted(listed, key=lambda each: (ORDER.index(each.state.kind), -each.begun, each.title.casefold(), each.survey))


async def _listed(context: AppContext, survey: str, is_stored: bool, words: Sequence[str]) -> ListedSurvey:
    served = context.surveys.served.get(survey)
    faults = context.surveys.faults.get(survey, [])
    if served is not None:
        title, state = served.instrument.title, state_of(context, survey, served.instrument)
    elif is_stored:
        title, state = await context.surveys.library.title(survey), State("over", "No longer offered")
    else:
        title, state = survey, NEVER_SERVED
    counts = await context.storage.counts(survey) if is_stored else {}
    left_out = not all(word in f"{title} {survey}".casefold() for word in words)
    return ListedSurvey(survey, title, state, counts, faults, served is not None, served is not None or is_stored, left_out)
