"""Forms that respondents send: reading them, whose they are, and storing what they change."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable

from litestar import Request

from app.interview import tokens
from app.interview.form import Form
from app.interview.path import Answers
from app.interview.quotas import quota_limits
from app.interview.route import Route
from app.interview.tokens import Token
from app.languages.catalogues import N_
from app.responses.errors import outage
from app.responses.rows import Row, Wanted
from app.responses.storage import Edit
from app.web.http.language import interface_language
from app.web.http.problems import HTTPProblem, Link, log_outage
from app.web.http.replies import Reply, body_of, go, header, html, parsed_form
from app.web.respond.context import AppContext
from app.web.respond.days import timing
from app.web.respond.visit import Visit, find_visit

GRACE = datetime.timedelta(days=1)  # after closing, for those who have already begun
MOST_FIELDS = 5000
AGAIN_LATER = ((b"retry-after", b"5"),)


async def read_form(request: Request) -> Form:
    """The fields of a form. Raises HTTPProblem for anything else.

    Litestar's own parser caches bodies across requests: answers must not stay there.
    """
    kind = header(request.scope, b"content-type").partition(b";")[0].strip().lower()
    if kind != b"application/x-www-form-urlencoded":
        raise HTTPProblem(
            415, N_("This form is not from this site"), N_("It has a format that this site does not use.")
        )
    try:
        return parsed_form(await body_of(request.receive), MOST_FIELDS)
    except ValueError:
        raise HTTPProblem(400) from None


def field_of(form: Form, name: str) -> str:
    """A field's first value, or nothing."""
    return next(iter(form.get(name, ())), "")


def form_token(context: AppContext, survey: str, form: Form) -> Token:
    """The token in a form. Raises HTTPProblem if it is forged, missing or for another survey."""
    token = tokens.check(context.key, survey, field_of(form, "token"))
    if token is None:
        raise HTTPProblem(
            403, N_("This form does not belong to this survey"),
            N_("It has no key, or a key that was not issued for this survey. Nothing was changed."),
            N_("Open the survey again and answer from there."), Link(f"/s/{survey}", N_("Open the survey")),
        )  # fmt: skip
    return token


async def or_again(context: AppContext, request: Request, form: Form, reply: Awaitable[Reply]) -> Reply:
    """The reply to a form; while the database cannot be used, a page that holds all its fields and sends them again."""
    try:
        return await reply
    except Exception as error:
        if (cause := outage(error)) is None:
            raise
        log_outage(cause, "POST", request.scope.get("path_template") or "")
    fields = [(name, value) for name, values in form.items() for value in values]
    page = context.environment.get_template("again.html").render(fields=fields, language=interface_language(request))
    return html(page.encode(), 503, AGAIN_LATER)


async def sender_of(context: AppContext, survey: str, form: Form) -> Visit | Reply:
    """The respondent who sends a form, or where to send them instead. Raises HTTPProblem for forms that are not ours."""
    token = form_token(context, survey, form)
    here = await find_visit(context, survey, token)
    if here is None:
        raise HTTPProblem(
            410, N_("This response no longer exists"), N_("It was withdrawn, or it never began. Nothing was changed."),
            N_("You can begin again."), Link(f"/s/{survey}", N_("Open the survey")),
        )  # fmt: skip
    if here.is_finished:
        return context.cookies.remember(go(f"/s/{survey}/done"), survey, token)
    refuse_after_closing(context, here)
    return here


def refuse_after_closing(context: AppContext, here: Visit) -> None:
    """Raises HTTPProblem when it is too late even for respondents who have begun."""
    current = context.surveys.served.get(here.survey, here.questionnaire).instrument
    if current.closes and timing(current, context.today(current) - GRACE) == "closed":
        raise HTTPProblem(
            410, N_("This survey has closed"), N_("It no longer accepts answers. Nothing was changed."),
            N_("Thank you all the same."),
        )  # fmt: skip


def check_version(here: Visit, form: Form) -> None:
    """Raises HTTPProblem for a form of another version than the response's own, and for one that names none."""
    if list(form.get("version", ())) != [here.questionnaire.version]:
        raise HTTPProblem(
            409, N_("This form belongs to another version of the survey"),
            N_("Your response continues with the version in which it began. Nothing was changed."),
            N_("Open the survey again: it continues where you left off."), Link(f"/s/{here.survey}", N_("Open the survey")),
        )  # fmt: skip


async def store(context: AppContext, here: Visit, edit: Edit) -> Row:
    """Stores a change of the answers; answers that meet a full quota name it."""
    wanting = limits_by_answers(context, here.route)
    return await context.storage.change(here.row.id, edit, known=here.row, wanting=wanting)


def limits_by_answers(context: AppContext, route: Route) -> Callable[[Answers], Wanted] | None:
    """Gives the quotas that count given answers. None for a survey without quotas."""
    if not route.instrument.quotas:
        return None
    return lambda answers: Wanted(quota_limits(route, answers), context.today())


def new_language(here: Visit, form: Form) -> str | None:
    """The language that a form asks to continue in, if it differs from the present one."""
    asked = field_of(form, "language")
    return asked if asked in here.instrument.languages and asked != here.instrument.language else None


def set_language(language: str) -> Edit:
    return lambda row: row.answers | {"language": language}
