"""The presenter's page: a poll on a projector. It is seen by a whole room, and shows no figure that is not public."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from litestar import Request, Router, get, post
from litestar.params import FromPath
from litestar.response import Stream

from app.languages.formats import write_date
from app.responses.errors import outage
from app.responses.releases import Presented
from app.results.charts.captions import count as in_thousands
from app.results.charts.projected import Projection, project
from app.results.disclosure.published import PublicItem
from app.results.disclosure.stored import read_release
from app.results.disclosure.wording import in_language
from app.survey.model import Instrument
from app.web.http.language import language_for
from app.web.http.problems import HTTPProblem, Link
from app.web.http.replies import KEEPALIVE_SECONDS, Reply, go, html
from app.web.live.figures import LiveFigures
from app.web.live.frames import Preparing
from app.web.research.dashboards import FigureDashboards
from app.web.research.overview.first_steps import qr_code
from app.web.research.public.page import move_on
from app.web.research.sign_in import ResearchAccess, research_form, who_is_signed_in
from app.web.respond.context import AppContext
from app.web.respond.days import timing
from app.web.respond.series import current_of, series_of

#: What the buttons do, by what they send.
COMMANDS = {
    "reveal": {"is_revealed": True},
    "hide": {"is_revealed": False},
    "open": {"is_open": True},
    "close": {"is_open": False},
}
SHOW = "show:"  # and the name of another poll of the series
LOOK_SECONDS = 0.5
STREAM_SECONDS = 120  # then the browser connects again, and its presenter counts as active
LONG, VERY_LONG = 90, 180  # letters of a question


def projector_router(
    context: AppContext, live: LiveFigures, dashboards: FigureDashboards, access: ResearchAccess
) -> Router:
    @get("/{survey:str}")
    async def show_projector(request: Request, survey: FromPath[str]) -> Reply:
        if (first := first_of(context, survey)) != survey:
            return go(f"/present/{first}")
        series = series_of(context, survey)
        instrument = presented_poll(context, await current_of(context, survey), request)
        shown = await projected(context, live, dashboards, instrument)
        address = context.address(request, f"/s/{survey}")
        body = await asyncio.to_thread(
            dashboards.render, "present.html", shown=shown, instrument=instrument, address=address.partition("://")[2],
            first=survey, place=series.index(instrument.survey), series=series, qr=qr_code(address), signed_in=who_is_signed_in(request),
        )  # fmt: skip
        return html(body.encode(), packed=not request.scope["query_string"])

    @post("/{survey:str}")
    async def take_command(request: Request, survey: FromPath[str]) -> Reply:
        languages = presented_poll(context, survey, request).languages
        form = await research_form(request)
        await command(context, survey, form.get("do", ""), form.get("poll", ""))
        language = form.get("language", "")
        return go(f"/present/{survey}?language={language}" if language in languages[1:] else f"/present/{survey}")

    @get("/{survey:str}/live")
    async def follow_poll(request: Request, survey: FromPath[str]) -> Stream:
        language = presented_poll(context, survey, request).language
        stream = events(context, live, survey, language, who_is_signed_in(request).session)
        return Stream(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    return Router(
        "/present", route_handlers=[show_projector, take_command, follow_poll], guards=[access.guard],
        dependencies=access.dependencies,
    )  # fmt: skip


def first_of(context: AppContext, survey: str) -> str:
    """The first poll of its series, at whose address all are presented."""
    return next(iter(series_of(context, survey)), survey)


async def command(context: AppContext, survey: str, do: str, poll: str) -> None:
    """Does what a button says, to the poll that its page showed. Raises HTTPProblem for what no button says."""
    series, presentations = series_of(context, survey), context.storage.presentations
    shown = do.removeprefix(SHOW)
    if poll not in series or (do not in COMMANDS and (shown == do or shown not in series)):
        raise HTTPProblem(400)
    if do in COMMANDS:
        await presentations.change(poll, context.today(), **COMMANDS[do])
    else:
        await presentations.change(series[0], context.today(), current=shown)


def presented_poll(context: AppContext, survey: str, request: Request) -> Instrument:
    """The poll in the language that is asked for. Raises HTTPProblem for what cannot be presented."""
    served = context.surveys.served.get(survey)
    if served is None:
        raise HTTPProblem(404)
    if not served.instrument.poll:
        raise HTTPProblem(
            404, "This survey is not a poll", "Only a poll can be presented: a survey of one question.",
            "Write `poll: true` in its file.", Link(f"/research/{survey}", "Open its results"),
        )  # fmt: skip
    return served.instrument.in_language(language_for(served.instrument, request, request.query_params.get("language", "")))


# --- what is shown --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownPoll:
    """A poll as the projector shows it. `figures` are none before the answers are revealed, and below the floor."""

    state: Presented
    mark: str  # what the page shows besides the count
    count: str  # of complete responses
    ask: str
    size: str  # of the question: "" | long | very-long
    when: str  # open | not_yet | closed, by the survey's dates
    day: str  # on which it opens or has closed
    figures: Projection | None = None
    is_withheld: bool = False  # what is answered in words is never public

    @property
    def takes_answers(self) -> bool:
        return self.state.is_open and self.when == "open"


async def projected(
    context: AppContext, live: LiveFigures, dashboards: FigureDashboards, instrument: Instrument
) -> ShownPoll:
    survey, item = instrument.survey, next(instrument.items())
    state = (await context.storage.presentations.now((survey,)))[survey]
    await move_on(live, dashboards, survey)
    public, number = await public_item(context, instrument) if state.is_revealed else (None, 0)
    figures = await asyncio.to_thread(project, public, instrument.language) if public is not None and public.base else None
    count = in_thousands(await complete_responses(live, survey), instrument.language)
    when = timing(instrument, context.today(instrument))
    day = {"not_yet": instrument.opens, "closed": instrument.closes}.get(when)
    return ShownPoll(
        state, mark(state, number), count, item.ask.plain, size_of(item.ask.plain), when,
        write_date(day, instrument.language) if day else "", figures, all(answer.kind == "text" for answer in item.answers()),
    )  # fmt: skip


async def public_item(context: AppContext, instrument: Instrument) -> tuple[PublicItem | None, int]:
    """The poll's public figures, as far as there are any, and the number of their release."""
    stored = await context.storage.releases.latest(instrument.survey)
    if stored is None:
        return None, 0
    items = in_language(read_release(stored["figures"]).items, instrument)
    asked = next(instrument.items()).id
    return next((item for item in items if item.id == asked), None), stored["number"]


def mark(state: Presented, release: int) -> str:
    return f"{state.survey}.{state.changes}.{release}"


def size_of(question: str) -> str:
    return "very-long" if len(question) > VERY_LONG else "long" if len(question) > LONG else ""


async def complete_responses(live: LiveFigures, survey: str) -> int:
    source = await live.frame_of(survey)
    return source.loaded.complete if source is not None else 0


# --- live -----------------------------------------------------------------------------------------------------


async def events(context: AppContext, live: LiveFigures, first: str, language: str, session: str) -> AsyncIterator[bytes]:
    """Server-sent events for one projector while its presenter is signed in: the count, and what else it should show."""
    clock = asyncio.get_running_loop().time
    with live.streaming(session):
        yield b"retry: 1000\n\n"
        seen, until, said_at = b"", clock() + STREAM_SECONDS, clock()
        while session in live.sessions and not live.closing.is_set() and clock() < until:
            try:
                news = await event(context, live, await current_of(context, first), language)
            except Exception as error:
                if outage(error) is None:
                    raise
                return  # the browser connects again
            if news != seen or clock() - said_at > KEEPALIVE_SECONDS:
                yield news
                seen, said_at = news, clock()
            await asyncio.sleep(LOOK_SECONDS)


async def event(context: AppContext, live: LiveFigures, survey: str, language: str) -> bytes:
    storage = context.storage
    state = (await storage.presentations.now((survey,)))[survey]
    number = await storage.releases.number(survey) if state.is_revealed else 0
    try:
        count = in_thousands(await complete_responses(live, survey), language)
    except Preparing:
        count = ""
    return f"event: room\ndata: {json.dumps({'mark': mark(state, number), 'count': count})}\n\n".encode()
