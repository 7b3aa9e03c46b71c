"""The list of surveys, a survey's first page, and the beginning of a response."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath

from app.interview import tokens
from app.interview.draws import draw
from app.interview.form import Form
from app.interview.questionnaire import Questionnaire
from app.interview.tokens import Token
from app.survey.model import Instrument
from app.web.http.language import interface_language, language_for
from app.web.http.replies import Reply, go
from app.web.respond.context import AppContext
from app.web.respond.days import timing, zone_name
from app.web.respond.forms import field_of, form_token, new_language, read_form, set_language, store
from app.web.respond.poll import TOO_LATE, poll_page, take_answer
from app.web.respond.visit import Visit, find_visit, results_address, served, visit_by_cookie


def first_page_routes(context: AppContext) -> list[Any]:
    @get("/")
    async def list_surveys(request: Request) -> Reply:
        instruments = [each.instrument for each in context.surveys.served.values()]
        shown = [listed(each.in_language(language_for(each, request))) for each in instruments if is_open(context, each)]
        return context.page("surveys.html", surveys=shown, language=interface_language(request))

    @get("/s/{survey:str}")
    async def show_first_page(request: Request, survey: FromPath[str]) -> Reply:
        questionnaire = served(context, survey)
        here = await visit_by_cookie(context, survey, request.scope)
        shown = first_page(context, request, questionnaire, here)
        if questionnaire.instrument.poll:
            if (reply := await poll_page(context, request, questionnaire, here)) is not None:
                return reply
            shown |= {"state": "waiting", "too_late": TOO_LATE if "late" in request.query_params else ""} if shown["may_begin"] else {}
        return context.page("first_page.html", **shown)

    @post("/s/{survey:str}")
    async def begin(request: Request, survey: FromPath[str]) -> Reply:
        form = await read_form(request)
        questionnaire = served(context, survey)
        instrument = questionnaire.instrument
        token = form_token(context, survey, form)
        if not is_open(context, instrument):
            return go(f"/s/{survey}")
        token = tokens.issue(context.key, survey, token.secret, context.seconds())  # its minutes count from now
        if "anew" in request.query_params:
            form["anew"] = ["yes"]
        if instrument.poll:
            here = await begun_before(context, request, token, form, survey)
            return await take_answer(context, request, form, questionnaire, here, token)
        if (here := await begun_before(context, request, token, form, survey)) is not None:
            reply = await resume(context, here, form, token)
        else:
            await start(context, instrument, token, language_for(instrument, request, field_of(form, "language")))
            here = await find_visit(context, survey, token)
            reply = context.cookies.remember(go(here.next_address() if here else f"/s/{survey}"), survey, token)
        return context.cookies.hand_over(reply, survey) if "anew" in form else reply

    return [list_surveys, show_first_page, begin]


def is_open(context: AppContext, instrument: Instrument) -> bool:
    return timing(instrument, context.today(instrument)) == "open"


def listed(instrument: Instrument) -> dict[str, Any]:
    """A survey as the list shows it."""
    return {
        "title": instrument.title, "href": f"/s/{instrument.survey}", "description": instrument.description,
        "closes": instrument.closes, "language": instrument.language,
        "results": results_address(instrument) if instrument.results.show_to == "everyone" else None,
    }  # fmt: skip


def first_page(
    context: AppContext, request: Request, questionnaire: Questionnaire, here: Visit | None
) -> dict[str, Any]:
    """What the first page shows; `here` is the response that this browser has begun."""
    instrument = questionnaire.instrument
    state = timing(instrument, context.today(instrument))
    may_begin = state == "open"
    chosen = request.query_params.get("language", "")
    # "anew" is for somebody else on the same device.
    anew = here is not None and here.is_finished and may_begin and "anew" in request.query_params
    if here is not None and not anew:
        state = "finished" if here.is_finished else "resume"
        chosen = chosen if chosen in instrument.languages else here.instrument.language
    fresh = tokens.issue(context.key, instrument.survey, context.new_secret(), context.seconds())
    return {
        "instrument": instrument.in_language(language_for(instrument, request, chosen)),
        "asks_who": questionnaire.asks_who,
        "state": state,
        "anew": anew,
        "token": fresh.text,
        "own": here.token.text if here is not None else None,
        "resume": here.next_address() if here is not None else None,
        "results": results_address(instrument),
        "zone": zone_name(context.now(), instrument.time_zone),
        "may_begin": may_begin,
        "lost": "lost" in request.query_params and here is None,
    }


async def begun_before(
    context: AppContext, request: Request, token: Token, form: Form, survey: str
) -> Visit | None:
    """The response that this browser has begun already, as after a double click or in a second tab; None for a new
    respondent, and for somebody else on the same device."""
    here = await visit_by_cookie(context, survey, request.scope) if "anew" not in form else None
    return here or await find_visit(context, survey, token)


async def resume(context: AppContext, here: Visit, form: Form, token: Token) -> Reply:
    """Where Begin leads in a browser that has begun already."""
    reply = go(f"/s/{here.survey}")  # respondents who have submitted find there what they can still do
    if not here.is_finished:
        language = new_language(here, form) if here.token.secret == token.secret else None
        if language is not None:
            await store(context, here, set_language(language))
        else:
            reply = go(here.next_address())
    return context.cookies.remember(reply, here.survey, here.token)


async def start(context: AppContext, instrument: Instrument, token: Token, language: str) -> None:
    """Begins a response with what it is given: what is randomised, its language and its date."""
    today = context.today(instrument)
    seed = context.draw_seed(instrument)

    def drawing(number: int) -> dict[str, Any]:
        return draw(instrument, number, seed, today.isoformat(), language)

    given = {"drawing": drawing} if instrument.drawn else {"answers": drawing(0)}
    receipt = tokens.receipt_hash(tokens.receipt_code(context.key, token))  # an open response can be withdrawn too
    await context.storage.begin(token.response, instrument.survey, instrument.digest, today, receipt, **given)
