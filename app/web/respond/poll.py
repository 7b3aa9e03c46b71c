"""A poll: one question, which is answered on the first page, in one request.

A response begins when it is answered, so that opening a poll leaves nothing behind. What is put in a random order
follows from the token in the form alone.
"""

from __future__ import annotations

import hashlib

from litestar import Request

from app.interview import tokens
from app.interview.draws import draw
from app.interview.form import Form, Reading
from app.interview.questionnaire import Questionnaire
from app.interview.tokens import Token
from app.languages.catalogues import N_
from app.responses.errors import Busy, Closed, Unavailable
from app.responses.rows import OPEN, Row
from app.web.http.language import language_for
from app.web.http.replies import Reply, go, html
from app.web.respond.context import AppContext
from app.web.respond.days import timing
from app.web.respond.forms import check_version, field_of, store
from app.web.respond.pages import not_stored, read_page, render_section, returned
from app.web.respond.series import current_of
from app.web.respond.submission import after_answering, finish
from app.web.respond.visit import Visit, find_visit

TOO_LATE = N_("Your answer does not count: the poll was closed or had moved on. If it opens again, you can send your answer again.")
LATE = "?late"  # on the page that waits, and on the next poll of a series: an answer was sent that does not count
HIDDEN_LATE = b'id="late" role="status" hidden'  # of poll.html
OTHER_ANSWER = "?counted"  # on the page of results: another answer than the one that counts was sent


async def poll_page(context: AppContext, request: Request, questionnaire: Questionnaire, here: Visit | None) -> Reply | None:
    """The question, or where those who have answered see the results; None where the poll takes no answers now."""
    instrument = questionnaire.instrument
    survey, anew, late = instrument.survey, "anew" in request.query_params, "late" in request.query_params
    if (current := await current_of(context, survey)) != survey:
        return go(f"/s/{current}{LATE if late else ''}")
    if here is not None and here.is_finished and not anew:
        return go(after_answering(context, here))
    if timing(instrument, context.today(instrument)) != "open" or not await is_taking_answers(context, survey):
        return None
    if here is None or here.is_finished:
        token = tokens.issue(context.key, survey, context.new_secret(), context.seconds())
        language = language_for(instrument, request, request.query_params.get("language", ""))
        here = unstored(context, questionnaire, token, language)
    page = render_section(here, section_of(here))
    if anew:  # a quotation mark of a text is escaped: this is the form's own
        page = page.replace(b' action="/s/%s"' % survey.encode(), b' action="/s/%s?anew"' % survey.encode())
    if late:
        page = page.replace(HIDDEN_LATE, HIDDEN_LATE.removesuffix(b" hidden"))
    return html(page)


async def is_taking_answers(context: AppContext, survey: str) -> bool:
    """Whether the presenter lets people answer; a poll without one always does."""
    if await current_of(context, survey) != survey:
        return False
    return (await context.storage.presentations.of(survey)).is_open


def section_of(here: Visit) -> str:
    return here.instrument.sections[0].id


def unstored(context: AppContext, questionnaire: Questionnaire, token: Token, language: str) -> Visit:
    """A respondent of whom nothing is stored yet."""
    questionnaire = questionnaire.in_language(language)
    instrument = questionnaire.instrument
    today = context.today(instrument)
    # Polls have no arms, whose numbers would have to be dealt one after the other.
    number = int.from_bytes(hashlib.sha256(b"draws:" + token.secret).digest()[:6], "big")
    given = draw(instrument, number, context.draw_seed(instrument), today.isoformat(), language)
    receipt = tokens.receipt_hash(tokens.receipt_code(context.key, token))
    row = Row(token.response, instrument.survey, instrument.digest, 0, OPEN, given, today, receipt=receipt)
    return Visit(token, row, questionnaire, questionnaire.route.path(given), context.answering_today(instrument))


async def take_answer(
    context: AppContext, request: Request, form: Form, questionnaire: Questionnaire, here: Visit | None, token: Token
) -> Reply:
    """Begins a response, stores its answer and submits it. Of several answers the first counts."""
    survey = questionnaire.instrument.survey
    language = language_for(questionnaire.instrument, request, field_of(form, "language"))
    visit = here or unstored(context, questionnaire, token, language)
    if visit.is_finished:
        return already_answered(context, visit, form)
    if not await is_taking_answers(context, survey):
        return too_late(visit, form)
    check_version(visit, form)
    reading = read_page(visit, section_of(visit), form)
    if reading.problems or reading.skipped:
        return returned(visit, section_of(visit), form, reading)
    try:
        return await finish(context, await stored(context, visit, reading, is_new=here is None))
    except Closed:  # a second tap was as quick
        found = await find_visit(context, survey, visit.token)
        return already_answered(context, found, form) if found is not None else go(f"/s/{survey}")
    except (Busy, Unavailable) as cause:
        return not_stored(visit, section_of(visit), form, reading, cause)


def too_late(visit: Visit, form: Form) -> Reply:
    """What was typed or ticked is returned; a tap leads to where the page waits."""
    section = visit.instrument.section[section_of(visit)]
    if all(item.is_tapped for item in section.items):
        return go(f"/s/{visit.survey}{LATE}")
    return returned(visit, section.id, form, read_page(visit, section.id, form), 409, TOO_LATE)


async def stored(context: AppContext, visit: Visit, reading: Reading, is_new: bool) -> Visit:
    """The respondent with the answer. A response that another tap has begun at once stays as it is."""
    row = visit.row
    if is_new:
        more = {"answers": reading.applied(row.answers)}
        row = await context.storage.begin(row.id, row.survey, row.instrument, row.began, row.receipt, **more)
    else:
        row = await store(context, visit, lambda found: reading.applied(found.answers))
    return visit.with_row(context, row)


def already_answered(context: AppContext, here: Visit, form: Form) -> Reply:
    """Leads to the results, which say it if another answer was sent than the one that counts."""
    reading = read_page(here, section_of(here), form)
    names = here.instrument.section[section_of(here)].names
    sent, counted = reading.applied(here.row.answers), here.row.answers
    is_other = any(sent.get(name) != counted.get(name) for name in names)
    reply = go(f"{after_answering(context, here)}{OTHER_ANSWER if is_other else ''}")
    return context.cookies.remember(reply, here.survey, here.token)
