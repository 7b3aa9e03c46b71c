"""Any section of a previewed survey, with answers made up where the path needs them, and the page as it is typed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode

import msgspec
from litestar import Request, post
from litestar.params import FromPath

from app.catalogue.draft import Draft
from app.interview import tokens
from app.interview.form import CONFIRMED, Reading, broken
from app.interview.path import Answers
from app.responses.errors import Closed, NoSuchResponse
from app.simulation.made_up import MadeUp, answers_before
from app.survey.codes import FULL_QUOTA
from app.survey.model import Instrument
from app.web.http.language import language_for
from app.web.http.replies import Reply, go
from app.web.respond.context import AppContext
from app.web.respond.first_page import start
from app.web.respond.forms import check_version, field_of, read_form, sender_of
from app.web.respond.pages import returned, unchecked
from app.web.respond.visit import Visit, address, find_visit, served, visit_by_cookie

TYPED = "preview.typed"  # in a request's scope: the visit with what is typed and not sent yet
LOOK = "/preview/look/"
END = "submit"  # opened like a section: everything before it is answered


def opening_routes(context: AppContext, draft: Draft) -> list[Any]:
    @post("/preview/open")
    async def open_section(request: Request) -> Reply:
        form = await read_form(request)
        section, at = field_of(form, "section"), field_of(form, "at")
        instrument = served(context, draft.survey).instrument
        back = return_address(instrument, at)
        if section not in instrument.section and section != END:
            return go(back)
        here = await visit_by_cookie(context, draft.survey, request.scope)
        if here is None or here.is_finished:
            back = f"/s/{draft.survey}"
            here = await begin(context, instrument, language_for(instrument, request, field_of(form, "language")))
        reply = await opened(context, draft, here, section, back)
        return context.cookies.remember(reply, draft.survey, here.token)

    @post(LOOK + "{section:str}")
    async def look(request: Request, section: FromPath[str]) -> Reply:
        form = await read_form(request)
        here = await sender_of(context, draft.survey, form)
        if isinstance(here, Reply):
            return here
        if section not in here.path.open:
            return go(here.next_address())
        check_version(here, form)
        reading = unchecked(here, section, form)
        request.scope[TYPED] = as_typed(here, reading)  # type: ignore[typeddict-unknown-key]
        return returned(here, section, form, reading, 200)

    return [open_section, look]


async def begin(context: AppContext, instrument: Instrument, language: str) -> Visit:
    token = tokens.issue(context.key, instrument.survey, context.new_secret(), context.seconds())
    await start(context, instrument, token, language)
    here = await find_visit(context, instrument.survey, token)
    assert here is not None  # it has just begun
    return here


async def opened(context: AppContext, draft: Draft, here: Visit, section: str, back: str) -> Reply:
    """Leads to a section, after making up the answers without which it cannot be opened; back to the page if there are
    none."""
    if section in here.path.open or (section == END and not here.incomplete_sections()):
        return go(address(here.survey, section))
    target = None if section == END else section
    found = await asyncio.to_thread(answers_before, here.route, target, here.row.answers, random.Random(section))
    if found.answers is None:
        return go(f"{back}?{urlencode(reason(section, found))}")
    before = draft.made_up.get(here.row.id, {})
    fresh = {name: value for name, value in found.answers.items() if here.row.answers.get(name) != value}
    try:
        await context.storage.change(here.row.id, lambda row: merged(here, row.answers, found.answers or {}), known=here.row)
    except (Closed, NoSuchResponse):
        return go(back)
    draft.made_up[here.row.id] = before | fresh
    return go(address(here.survey, section))


def merged(here: Visit, answers: Answers, found: Answers) -> dict[str, Any]:
    """A response's answers with those that were made up; soft checks that these fail count as confirmed."""
    after = {name: value for name, value in answers.items() if name != FULL_QUOTA} | dict(found)
    failing = broken(here.route.path(after), after, here.today).values()
    marks = [each.confirmed_by for problems in failing for each in problems if each.confirmed_by]
    return after | ({CONFIRMED: [*after.get(CONFIRMED, ()), *marks]} if marks else {})


def reason(section: str, found: MadeUp) -> dict[str, str]:
    """Why a section cannot be opened, as the page's address says it."""
    if found.impossible:
        return {"unopened": section, "why": "impossible"}
    return {"unopened": section} | ({"stuck": found.stuck} if found.stuck else {})


def unopened(draft: Draft, scope: Mapping[str, Any]) -> str:
    """What the bar says of a section that could not be opened."""
    sent = parse_qs(scope["query_string"].decode("latin-1"))
    section, why, stuck = (next(iter(sent.get(key, ())), "") for key in ("unopened", "why", "stuck"))
    instrument = draft.served[draft.survey].instrument
    if section not in instrument.section and section != END:
        return ""
    if why == "impossible":
        return f"No answers lead to {section}: its condition is never true, or everyone is screened out before it."
    if stuck in instrument.item:
        return f"No answers were found that lead to {section}: none that was made up for {stuck} was accepted. Answer {stuck} yourself, then try again."
    return f"No answers were found that lead to {section}. Answer what its condition depends on yourself."


def as_typed(here: Visit, reading: Reading) -> Visit:
    """The visit as it would be with what is typed. What has no answer yet is not skipped: that is said when it is sent."""
    before, skipped = here.row.answers, {"missing": "skipped"}
    answers = {name: value for name, value in reading.applied(before).items() if value != skipped or before.get(name) == skipped}
    row = msgspec.structs.replace(here.row, answers=answers)
    return replace(here, row=row, path=here.route.path(answers))


def page_address(survey: str, path: str) -> str:
    """The address of the page that is shown at a path."""
    return f"/s/{survey}/{path.removeprefix(LOOK)}" if path.startswith(LOOK) else path


def return_address(instrument: Instrument, at: str) -> str:
    """The page from which the bar's form was sent; the first page for any other address."""
    first = f"/s/{instrument.survey}"
    section = at.removeprefix(f"{first}/")
    return f"{first}/{section}" if section in instrument.section or section in (END, "done") else first
