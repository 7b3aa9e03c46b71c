"""The pages of the form: one section each, shown, received, and returned with what must be corrected.

A respondent has no session. One signed token, stored in a cookie and repeated in each form, identifies the response
that a page belongs to. A GET changes nothing.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath

from app.interview.form import REMINDED, Form, Reading, read_section, rewrite_numbers
from app.interview.questionnaire import Entered
from app.languages.catalogues import N_
from app.responses.errors import Busy, Closed, Unavailable
from app.responses.rows import Row
from app.web.http.problems import HTTPProblem, log_outage
from app.web.http.replies import Reply, go, html
from app.web.respond.context import AppContext
from app.web.respond.forms import (
    AGAIN_LATER,
    check_version,
    new_language,
    or_again,
    read_form,
    sender_of,
    set_language,
    store,
)
from app.web.respond.submission import finish
from app.web.respond.visit import Visit, address, to_first_page, visit_by_cookie

NOT_STORED = N_(
    "Your answers could not be saved just now. Nothing you entered is lost: please send this page again in a moment."
)
STORED_BY_THE_BROWSER = ((b"cache-control", b"private, no-cache"),)


def page_routes(context: AppContext) -> list[Any]:
    @get("/s/{survey:str}/{section:str}")
    async def show(request: Request, survey: FromPath[str], section: FromPath[str]) -> Reply:
        here = await visit_by_cookie(context, survey, request.scope)
        if here is None:
            return to_first_page(context, survey, "?lost")
        if here.is_finished:
            return go(f"/s/{survey}/done")
        if section not in here.instrument.section:
            raise HTTPProblem(404)
        if section not in here.path.open:
            return go(here.next_address())
        return html(render_section(here, section))

    @post("/s/{survey:str}/{section:str}")
    async def receive(request: Request, survey: FromPath[str], section: FromPath[str]) -> Reply:
        form = await read_form(request)
        return await or_again(context, request, form, receive_form(context, request, survey, section, form))

    return [show, receive]


async def receive_form(context: AppContext, request: Request, survey: str, section: str, form: Form) -> Reply:
    here = await sender_of(context, survey, form)
    if isinstance(here, Reply):
        return here
    if section not in here.instrument.section:
        raise HTTPProblem(404)
    check_version(here, form)
    take = change_language if new_language(here, form) else take_page
    reply = await take(context, here, section, form)
    # The form's own token leads; the cookie follows it, as when it was lost or another tab began anew.
    if context.cookies.text(request.scope, survey) != here.token.text:
        return context.cookies.remember(reply, survey, here.token)
    return reply


def render_section(here: Visit, section: str) -> bytes:
    step = here.path.step(section)
    assert step is not None  # only what is on the path opens
    problems = here.problems().get(section, ())
    return here.questionnaire.page(
        here.token.text, here.path, step, here.back_address(section), here.today, problems, open_before(here, section)
    )


def open_before(here: Visit, section: str) -> str | None:
    """The address of the page before, if items were left empty on it and the respondent was not asked about them."""
    before = here.path.preceding(section)
    step = here.path.step(before) if before is not None else None
    if step is None or here.row.answers.get(REMINDED) in (None, before):
        return None
    is_open = any(here.path.answers.get(name) == {"missing": "skipped"} for name in step.names)
    return address(here.survey, before) if is_open else None


def render_again(here: Visit, section: str, form: Form, reading: Reading, failure: str = "") -> bytes:
    """The page as it was sent, with what is wrong and what was left out beside it, or with why it was not stored."""
    path = here.route.path(reading.applied(here.row.answers) | reading.pending)
    step = path.step(section)
    assert step is not None  # a section's own answers never decide on it
    asked = [item for item in form.get("asked", ()) if item in here.instrument.item]
    entered = Entered(form, reading.problems, reading.skipped, asked, failure)
    return here.questionnaire.filled(
        here.token.text, path, step, here.back_address(section), here.today, entered
    )


class Overtaken(Exception):
    """Another tab stored a page meanwhile, so that the respondent must look at this one again."""

    def __init__(self, visit: Visit, reading: Reading):
        super().__init__()
        self.visit, self.reading = visit, reading


async def take_page(context: AppContext, here: Visit, section: str, form: Form) -> Reply:
    """Stores a page's answers and leads on, or returns the page with what must be corrected."""
    if section not in here.path.open:
        return go(here.next_address())
    reading = read_page(here, section, form)
    if reading.problems or reading.skipped:
        return returned(here, section, form, reading)

    def edit(row: Row) -> dict[str, Any]:
        if row.seq == here.row.seq:
            return reading.applied(row.answers)
        # Another page was stored meanwhile: the path, and so the meaning of this page, may have changed.
        again = here.with_row(context, row)
        reread = read_page(again, section, form)
        if section not in again.path.open or reread.problems or reread.skipped:
            raise Overtaken(again, reread)
        return reread.applied(row.answers)

    try:
        row = await store(context, here, edit)
    except Closed:  # another tab has submitted it meanwhile
        return go(f"/s/{here.survey}/done")
    except Overtaken as by:
        if section not in by.visit.path.open:
            return go(by.visit.next_address())
        return returned(by.visit, section, form, by.reading)
    except (Busy, Unavailable) as cause:
        return not_stored(here, section, form, reading, cause)
    return await after_page(context, here.with_row(context, row), section, reading)


async def after_page(context: AppContext, here: Visit, section: str, reading: Reading) -> Reply:
    """Where a stored page leads: to an item that it has revealed, to the next section, or to the end."""
    if reading.revealed:
        return go(f"{address(here.survey, section)}#i-{reading.revealed[0]}")
    following = here.path.following(section)
    if following is None and len(here.instrument.sections) == 1 and here.path.ended is None:
        return await finish(context, here)
    return go(address(here.survey, following))


def not_stored(here: Visit, section: str, form: Form, reading: Reading, cause: Busy | Unavailable) -> Reply:
    """The page with everything that was entered, to be sent again."""
    log_outage(cause, "POST", "/s/{survey}/{section}")
    return returned(here, section, form, reading, 503, NOT_STORED)


def returned(
    here: Visit, section: str, form: Form, reading: Reading, status: int = 422, failure: str = ""
) -> Reply:
    """The page again, with what must be corrected. The browser may store it, so that Back works, unless it shows what
    must not stay on the device."""
    stored = () if section in here.questionnaire.private_sections else STORED_BY_THE_BROWSER
    headers = [*(AGAIN_LATER if failure else ()), *stored]
    return html(render_again(here, section, form, reading, failure), status, headers)


def read_page(here: Visit, section: str, form: Form) -> Reading:
    earlier = here.questionnaire.earlier(here.path, section)
    reminded = here.row.answers.get(REMINDED) not in (None, section)
    return read_section(here.route.section[section], form, earlier, here.instrument.language, here.today, reminded)


async def change_language(context: AppContext, here: Visit, section: str, form: Form) -> Reply:
    """The same page in another language, with what was entered, which is neither stored nor checked yet."""
    if section not in here.path.open:
        return go(here.next_address())
    language, before = new_language(here, form), here.instrument.language
    assert language is not None
    try:
        here = here.with_row(context, await store(context, here, set_language(language)))
    except Closed:
        return go(f"/s/{here.survey}/done")
    except (Busy, Unavailable) as cause:
        return not_stored(here, section, form, unchecked(here, section, form), cause)
    if section not in here.path.open:
        return go(here.next_address())
    form = rewrite_numbers(here.instrument.section[section], form, before, language)
    return returned(here, section, form, unchecked(here, section, form), 200)


def unchecked(here: Visit, section: str, form: Form) -> Reading:
    """What was entered on a page, without its problems."""
    reading = read_page(here, section, form)
    reading.problems, reading.skipped = [], []
    return reading
