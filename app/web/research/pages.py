"""The pages of researchers: the list of surveys, and a live dashboard for each."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from app.results.marginals import Figures
from app.results.view import AskedView, View, read_view, written_condition, written_view
from app.web.http.problems import HTTPProblem
from app.web.http.replies import Reply, html
from app.web.live.counting import TooSlow
from app.web.live.figures import LiveFigures
from app.web.live.frames import LiveFrame
from app.web.live.views import PageView, in_sight_of
from app.web.research.bar.controls import control_bar, item_links
from app.web.research.bar.weights import shown_in
from app.web.research.dashboards import FigureDashboards
from app.web.research.navigation import chart_files, navigation
from app.web.research.overview.first_screen import shown_fieldwork, shown_headlines
from app.web.research.overview.first_steps import first_steps, qr_code, qr_file
from app.web.research.overview.lists import list_of_surveys
from app.web.research.overview.quality import quality_panel
from app.web.research.overview.sections import arms_of, sections_of
from app.web.research.sign_in import who_is_signed_in
from app.web.respond.context import AppContext

SEQ = re.compile(r"[0-9]{1,18}")
NO_ROOM = (
    "These figures are not live: dashboards are open on 50 other views of this survey, which is the limit. Reload the page to "
    "count again, or close a dashboard that you no longer need."
)


def research_handlers(context: AppContext, live: LiveFigures, dashboards: FigureDashboards) -> list[Any]:
    @get("/")
    async def list_surveys(request: Request) -> Reply:
        return await page(dashboards, request, "surveys.html", listed=await list_of_surveys(context, request))

    @get("/{survey:str}")
    async def show_dashboard(request: Request, survey: FromPath[str]) -> Reply:
        source = await served_frame(live, survey)
        asked = await read_query(request, source)
        try:
            counted, going = await dashboards.figures(source, asked.view)
        except TooSlow as fault:
            asked = AskedView(View(asked.view.among), (str(fault),), asked.where)
            counted, going = await dashboards.figures(source, asked.view)
        query = list(request.query_params.multi_items())
        shown = await dashboard(dashboards, source, asked, counted)
        shown |= shown_fieldwork(context, source, going)
        shown["controls"] = await control_bar(source, dashboards.views, "", asked, shown_in(counted), query)
        shown |= {"navigation": navigation(context, source, counted, request), "opened": opened(request)}
        shown["no_room"] = why_not_live(live, survey, asked.view)
        if not going.started:
            steps = first_steps(context, request, source.loaded.instruments[0])
            shown |= {"first_steps": steps, "qr": qr_code(steps.address)}
        return await page(dashboards, request, "dashboard.html", 422 if asked.faults else 200, **shown)

    @get("/{survey:str}/live")
    async def stream_figures(request: Request, survey: FromPath[str]) -> Stream:
        source = await served_frame(live, survey)
        asked = await read_query(request, source)
        if asked.faults:
            raise HTTPProblem(422)
        return events(live, request, source, PageView("", asked.view))

    @get("/{survey:str}/qr.svg")
    async def show_qr_code(request: Request, survey: FromPath[str]) -> Response[bytes]:
        await served_frame(live, survey)
        body = qr_file(context.address(request, f"/s/{survey}"))
        return Response(body, media_type="image/svg+xml", headers=attachment(f"{survey}-qr.svg"))

    return [list_surveys, show_dashboard, stream_figures, show_qr_code]


def attachment(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


def why_not_live(live: LiveFigures, survey: str, view: View) -> str:
    """Empty where the figures of a view are kept live."""
    return "" if live.has_room(survey, view) else NO_ROOM


def events(live: LiveFigures, request: Request, source: LiveFrame, of: PageView) -> Stream:
    """The changes of an open page as server-sent events. Raises HTTPProblem if too many different views are open."""
    if why := why_not_live(live, source.survey, of.view):
        raise HTTPProblem(503, "This page is not live", why, "Reload the page to count again.", headers={"Retry-After": "60"})
    said = (request.headers.get("last-event-id", ""), request.query_params.get("seen", ""))
    seen = max((int(each) for each in said if SEQ.fullmatch(each)), default=-1)
    in_sight, session = in_sight_of(request.query_params.getall("sight", [])), who_is_signed_in(request).session
    stream = live.stream(source, of, seen, in_sight, session)
    return Stream(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def page(
    dashboards: FigureDashboards, request: Request, template: str, status: int = 200, **shown: Any
) -> Reply:
    """Rendered in a thread: with all its charts a page takes longer than respondents should wait. A page that repeats its
    query is not compressed: its length would reveal how much of the query the page contains anyway."""
    shown |= {"signed_in": who_is_signed_in(request), "here": "surveys"}
    body = await asyncio.to_thread(dashboards.render, f"research/{template}", **shown)
    return html(body.encode(), status, packed=not request.scope["query_string"])


async def served_frame(live: LiveFigures, survey: str) -> LiveFrame:
    """Raises HTTPProblem for a survey that was never served."""
    source = await live.frame_of(survey) if survey else None
    if source is None:
        raise HTTPProblem(404)
    return source


async def read_query(request: Request, source: LiveFrame) -> AskedView:
    frame, query = source.loaded, request.query_params.multi_items()
    return await asyncio.to_thread(read_view, query, frame.instruments[0], frame.layout)


async def dashboard(
    dashboards: FigureDashboards, source: LiveFrame, asked: AskedView, counted: Figures
) -> dict[str, Any]:
    """What a dashboard shows."""
    seen = urlencode([*written_view(asked.view), ("seen", str(counted.seq))])
    return {
        "instrument": source.loaded.instruments[0], "figures": counted, "asked": asked,
        "condition": written_condition(asked.view, source.loaded.layout),
        "quotas": await dashboards.quotas(source),
        "primary": await dashboards.primary.block(source), "filtered": asked.view != View(),
        **await asyncio.to_thread(shown_headlines, source.loaded.instruments[0], counted),
        "quality": quality_panel(source.survey, asked.view, counted.quality),
        "sections": await asyncio.to_thread(sections_of, source, counted), "arms": await asyncio.to_thread(arms_of, counted),
        "files": chart_files(source.survey, asked.view),
        "links": item_links(source.survey, source.loaded.layout, asked.view, counted.items), "live": f"/research/{source.survey}/live?{seen}",
    }  # fmt: skip


def opened(request: Request) -> set[str]:
    """The sections that an address opens."""
    return set(request.query_params.getall("open", ()))
