"""The end of a response: the page before submission, submission, the receipt, and withdrawal."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath

from app.interview import tokens
from app.interview.form import Form, broken
from app.interview.path import Path, unanswered
from app.interview.quotas import ending_of
from app.languages.catalogues import N_
from app.responses.errors import Closed
from app.responses.rows import COMPLETE, FINISHED, SCREENED_OUT, Row
from app.responses.storage import Edit
from app.survey.codes import FULL_QUOTA
from app.survey.model import Instrument
from app.web.http.language import interface_language
from app.web.http.problems import HTTPProblem
from app.web.http.replies import Reply, go
from app.web.respond.context import AppContext
from app.web.respond.forms import (
    field_of,
    limits_by_answers,
    new_language,
    or_again,
    read_form,
    sender_of,
    set_language,
    store,
)
from app.web.respond.visit import (
    Visit,
    address,
    results_address,
    shown_receipt,
    to_first_page,
    visit_by_cookie,
)

NO_SUCH_CODE = N_("There is no response with this code. Check each letter; the code may also have been used already.")


def submission_routes(context: AppContext) -> list[Any]:
    @get("/s/{survey:str}/submit")
    async def check(request: Request, survey: FromPath[str]) -> Reply:
        here = await visit_by_cookie(context, survey, request.scope)
        if here is None:
            return to_first_page(context, survey)
        if here.is_finished:
            return go(f"/s/{survey}/done")
        if here.incomplete_sections():
            return go(here.next_address())
        return context.page("check.html", **before_submission(here))

    @post("/s/{survey:str}/submit")
    async def submit(request: Request, survey: FromPath[str]) -> Reply:
        form = await read_form(request)
        return await or_again(context, request, form, receive_submission(context, survey, form))

    @get("/s/{survey:str}/done")
    async def show_receipt(request: Request, survey: FromPath[str]) -> Reply:
        here = await visit_by_cookie(context, survey, request.scope)
        if here is None:
            return to_first_page(context, survey)
        if not here.is_finished:
            return go(here.next_address())
        return context.page("receipt.html", **after_submission(context, here, request))

    @get("/s/{survey:str}/receipt.txt")
    async def save_receipt(request: Request, survey: FromPath[str]) -> Reply:
        here = await visit_by_cookie(context, survey, request.scope)
        code = shown_receipt(context, here, request.scope) if here is not None and here.is_finished else None
        if here is None or code is None:
            raise HTTPProblem(404)
        return receipt_file(context, here, request, code)

    return [check, submit, show_receipt, save_receipt]


def receipt_file(context: AppContext, here: Visit, request: Request, code: str) -> Reply:
    """The receipt code as a text file."""
    shown = here.questionnaire.in_language(request.query_params.get("language")).instrument
    text = context.environment.get_template("receipt.txt").render(
        instrument=shown, language=shown.language, receipt=code, address=context.address(request, "/withdraw")
    )
    name = b'attachment; filename="receipt-%s.txt"' % here.survey.encode()
    return Reply(200, b"text/plain; charset=utf-8", text.encode(), [(b"content-disposition", name)])


async def receive_submission(context: AppContext, survey: str, form: Form) -> Reply:
    here = await sender_of(context, survey, form)
    if isinstance(here, Reply):
        return here
    if language := new_language(here, form):
        await store(context, here, set_language(language))
        return context.cookies.remember(go(f"/s/{survey}/submit"), survey, here.token)
    return await finish(context, here)


def withdrawal_routes(context: AppContext) -> list[Any]:
    """Being forgotten on a device, and withdrawing a response."""

    @post("/s/{survey:str}/forget")
    async def forget(survey: FromPath[str]) -> Reply:
        return context.cookies.forget(to_first_page(context, survey), survey)

    @get("/s/{survey:str}/stop-here")
    async def ask_before_deleting(request: Request, survey: FromPath[str]) -> Reply:
        here = await visit_by_cookie(context, survey, request.scope)
        if here is None:
            return to_first_page(context, survey)
        if here.is_finished:
            return go(f"/s/{survey}/done")
        # A response that began before codes were stored at the beginning has none yet.
        receipt = tokens.receipt_code(context.key, here.token) if here.row.receipt else None
        more = {"token": here.token.text, "resume": here.next_address(), "receipt": receipt}
        return context.page("stop.html", instrument=here.instrument, deleted=False, piped=here.piped, **more)

    @post("/s/{survey:str}/stop-here")
    async def delete(request: Request, survey: FromPath[str]) -> Reply:
        form = await read_form(request)
        return await or_again(context, request, form, delete_answers(context, survey, form))

    @get("/withdraw")
    async def show_withdrawal(request: Request) -> Reply:
        return context.page("withdraw.html", withdrawn=False, language=interface_language(request))

    @post("/withdraw")
    async def withdraw(request: Request) -> Reply:
        form = await read_form(request)
        code, language = field_of(form, "receipt"), interface_language(request)
        return await or_again(context, request, form, withdraw_response(context, code, language))

    return [forget, ask_before_deleting, delete, show_withdrawal, withdraw]


async def delete_answers(context: AppContext, survey: str, form: Form) -> Reply:
    """Withdraws a response before its end, for its respondent."""
    here = await sender_of(context, survey, form)
    if isinstance(here, Reply):
        return here
    if await context.storage.withdraw_open(here.row.id, context.today()) is None:
        return go(f"/s/{survey}/done")  # another tab has submitted it meanwhile
    reply = context.page("stop.html", instrument=here.instrument, deleted=True, piped=here.piped)
    return context.cookies.forget(reply, survey)


async def withdraw_response(context: AppContext, code: str, language: str) -> Reply:
    survey = await context.storage.withdraw(tokens.receipt_hash(code), context.today())
    if survey is None:
        problem = {"problem": NO_SUCH_CODE, "receipt": code}
        return context.page("withdraw.html", 422, withdrawn=False, language=language, **problem)
    return context.page("withdraw.html", withdrawn=True, language=language)


async def finish(context: AppContext, here: Visit) -> Reply:
    """Ends a response whose path is answered, as complete or as screened out; answers off the path are deleted.

    If a quota is full by now, the response is screened out, and its path ends where the quota would have ended it.
    """
    if here.incomplete_sections():
        return go(here.next_address())
    disposition = SCREENED_OUT if here.path.ended is not None else COMPLETE
    seconds = max(context.now().timestamp() - here.token.began, 0)
    receipt = tokens.receipt_hash(tokens.receipt_code(context.key, here.token))
    try:
        row, _ = await context.storage.submit(
            here.row.id, final_answers(here, disposition), context.today(here.instrument), round(seconds / 60), receipt,
            disposition=disposition, wanting=limits_by_answers(context, here.route),
            ended=lambda answers: here.route.path(answers).answers,
        )  # fmt: skip
    except Closed:  # it was withdrawn meanwhile
        return go(f"/s/{here.survey}")
    if row.disposition not in FINISHED:  # another tab has opened the path again
        return go(f"/s/{here.survey}/submit")
    reply = context.cookies.remember(go(after_answering(context, here)), here.survey, here.token)
    return context.cookies.show_receipt(reply, here.survey, here.token, context.seconds())


def after_answering(context: AppContext, here: Visit) -> str:
    """Where a submitted response leads: to its receipt, and from a poll to the results, which show the receipt too."""
    results = results_address(here.instrument) if here.instrument.poll and context.has_results else None
    return results or f"/s/{here.survey}/done"


def final_answers(here: Visit, disposition: str) -> Edit:
    """The answers on the path of a response that can end with this disposition; None if it no longer can."""

    def edit(row: Row) -> dict[str, Any] | None:
        path = here.route.path(row.answers)
        is_screened_out = path.ended is not None
        if unanswered(path) or broken(path, row.answers, here.today) or is_screened_out != (disposition == SCREENED_OUT):
            return None
        return {name: value for name, value in path.answers.items() if name != FULL_QUOTA or path.ended == value}

    return edit


def ending(instrument: Instrument, path: Path) -> dict[str, Any] | None:
    """What ended a path before its last section: its `text`, or none."""
    found = ending_of(instrument, path.ended)
    return {"text": found.text} if found is not None else None


def before_submission(here: Visit) -> dict[str, Any]:
    """What the page before submission shows: the sections, and the number of items left empty in each."""
    sections = []
    for step in here.path.sections:
        left = sum(
            any(here.path.answers.get(name) == {"missing": "skipped"} for name in item.names)
            for item in step.items
        )
        href = address(here.survey, step.section.id)
        sections.append(
            {
                "title": step.section.title, "case": here.questionnaire.case(step.section), "href": href,
                "unanswered": left, "answers": here.questionnaire.review(step, here.path.answers),
            }
        )  # fmt: skip
    return {
        "instrument": here.instrument,
        "token": here.token.text,
        "ending": ending(here.instrument, here.path),
        "sections": sections,
        "unanswered": sum(part["unanswered"] for part in sections),
        "back": sections[-1]["href"] if sections else None,
        "piped": here.piped,
    }


def after_submission(context: AppContext, here: Visit, request: Request) -> dict[str, Any]:
    """What the page of the receipt shows."""
    screened_out = here.row.disposition == SCREENED_OUT
    shown = here.questionnaire.in_language(request.query_params.get("language"))
    return {
        "instrument": shown.instrument,
        "asks_who": shown.asks_who,
        "ending": ending(shown.instrument, here.path) if screened_out else None,
        "receipt": shown_receipt(context, here, request.scope),
        "piped": shown.piped(here.path.answers),
        "results": results_address(shown.instrument, screened_out),
    }
