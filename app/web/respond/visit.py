"""A respondent at a page: the response, its questionnaire and its path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.interview import tokens
from app.interview.form import Problem, broken
from app.interview.path import Path, unanswered
from app.interview.questionnaire import Questionnaire
from app.interview.route import Route
from app.interview.tokens import Token
from app.responses.rows import COMPLETE, FINISHED, Row
from app.survey.items.fields import Today
from app.survey.model import Instrument
from app.web.http.problems import HTTPProblem
from app.web.http.replies import Reply, go
from app.web.respond.context import AppContext

MOST_PATHS = 4096  # respondents whose path is cached


@dataclass(frozen=True, slots=True)
class Visit:
    """A respondent at a page: the token, the response as it is stored, its questionnaire and its path."""

    token: Token
    row: Row
    questionnaire: Questionnaire
    path: Path
    today: Today | None = None

    @property
    def survey(self) -> str:
        return self.row.survey

    @property
    def instrument(self) -> Instrument:
        """In the respondent's language."""
        return self.questionnaire.instrument

    @property
    def route(self) -> Route:
        return self.questionnaire.route

    @property
    def piped(self) -> Mapping[str, str]:
        """The texts for pipes outside the sections."""
        return self.questionnaire.piped(self.path.answers)

    @property
    def is_finished(self) -> bool:
        return self.row.disposition in FINISHED

    @property
    def is_complete(self) -> bool:
        return self.row.disposition == COMPLETE

    def with_row(self, context: AppContext, row: Row) -> Visit:
        """The same respondent with another state of the response."""
        return visit_of(context, self.token, row, self.questionnaire)

    def problems(self) -> Mapping[str, list[Problem]]:
        """By section: checks that held when their page was sent and no longer do, since an earlier answer has changed."""
        return broken(self.path, self.row.answers, self.today)

    def incomplete_sections(self) -> set[str]:
        """The sections that keep the response from being submitted."""
        return {section.id for section, _ in unanswered(self.path)} | self.problems().keys()

    def next_address(self) -> str:
        """Where the respondent continues: the first incomplete section, or the end."""
        incomplete = self.incomplete_sections()
        sections = (step.section.id for step in self.path.sections)
        return address(self.survey, next((section for section in sections if section in incomplete), None))

    def back_address(self, section: str) -> str | None:
        before = self.path.preceding(section)
        return address(self.survey, before) if before else None


def address(survey: str, section: str | None) -> str:
    return f"/s/{survey}/{section or 'submit'}"


def served(context: AppContext, survey: str) -> Questionnaire:
    """The survey's current version. Raises HTTPProblem when none is served."""
    questionnaire = context.surveys.served.get(survey)
    if questionnaire is None:
        raise HTTPProblem(404)
    return questionnaire


def to_first_page(context: AppContext, survey: str, query: str = "") -> Reply:
    """Where a browser without a response is sent. Raises HTTPProblem for a survey that is not served: its name must not
    be repeated."""
    served(context, survey)
    return go(f"/s/{survey}{query}")


async def visit_by_cookie(context: AppContext, survey: str, scope: Mapping[str, Any]) -> Visit | None:
    return await find_visit(context, survey, context.cookies.token(scope, survey, context.seconds()))


async def find_visit(context: AppContext, survey: str, token: Token | None) -> Visit | None:
    """The visit of a token's respondent; None for a response that does not exist or was withdrawn."""
    row = await load(context, token) if token is not None else None
    if token is None or row is None or row.survey != survey or row.disposition == "withdrawn":
        return None
    surveys = context.surveys
    questionnaire = surveys.ready(survey, row.instrument) or await surveys.questionnaire(survey, row.instrument)
    return visit_of(context, token, row, questionnaire) if questionnaire is not None else None


async def load(context: AppContext, token: Token) -> Row | None:
    return context.storage.cached(token.response) or await context.storage.load(token.response)


def visit_of(context: AppContext, token: Token, row: Row, questionnaire: Questionnaire) -> Visit:
    questionnaire = questionnaire.in_language(row.answers.get("language"))
    today = context.answering_today(questionnaire.instrument)
    return Visit(token, row, questionnaire, path_of(context, questionnaire, row), today)


def path_of(context: AppContext, questionnaire: Questionnaire, row: Row) -> Path:
    """The path of a stored response, cached for the page that follows."""
    key = (row.id, row.seq)
    path = context.paths.get(key)
    if path is None:
        path = context.paths[key] = questionnaire.route.path(row.answers)
        if len(context.paths) > MOST_PATHS:
            del context.paths[next(iter(context.paths))]
    return path


def shows_receipt(context: AppContext, here: Visit, scope: Mapping[str, Any]) -> bool:
    """Whether the receipt code may still be shown on this device, which somebody else may come to use."""
    return context.cookies.shows_receipt(scope, here.survey, here.token, context.seconds())


def shown_receipt(context: AppContext, here: Visit, scope: Mapping[str, Any]) -> str | None:
    """The receipt code, as long as it may be shown."""
    return tokens.receipt_code(context.key, here.token) if shows_receipt(context, here, scope) else None


def results_address(instrument: Instrument, screened_out: bool = False) -> str | None:
    """Where the figures are, for those who may see them: a respondent who was screened out has not answered."""
    hidden_from = ("nobody", "respondents") if screened_out else ("nobody",)
    return None if instrument.results.show_to in hidden_from else f"/results/{instrument.survey}"
