"""One chart in a file: as SVG for slides, and its figures as CSV."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from app.exports.chart import arm_csv, chart_csv
from app.languages.formats import write_date
from app.results.charts.arms import arm_id, draw_arm
from app.results.charts.draw import draw
from app.results.charts.standalone import About, chart_svg
from app.results.items import ItemFigures
from app.results.marginals import ArmEffects, Figures, grouped
from app.results.view import BASES, AskedView, View, written_condition
from app.web.http.problems import HTTPProblem
from app.web.live.counting import TooSlow
from app.web.live.figures import LiveFigures
from app.web.live.frames import LiveFrame
from app.web.research.dashboards import FigureDashboards
from app.web.research.files import WEIGHTED, WITHOUT_CARELESS, weighted_name
from app.web.research.pages import attachment, read_query, served_frame
from app.web.respond.context import AppContext

KINDS = ("svg", "csv")


def chart_handlers(context: AppContext, live: LiveFigures, dashboards: FigureDashboards) -> list[Any]:
    @get("/{survey:str}/chart/{file:str}")
    async def chart_file(request: Request, survey: FromPath[str], file: FromPath[str]) -> Response[bytes]:
        name, _, kind = file.rpartition(".")
        if kind not in KINDS:
            raise HTTPProblem(404)
        source = await served_frame(live, survey)
        asked = await read_query(request, source)
        if asked.faults:
            raise HTTPProblem(422, "This view cannot be read", " ".join(asked.faults))
        try:
            counted, _going = await dashboards.figures(source, asked.view)
            arm = next((each for each in counted.arms if arm_id(each) == name), None)
            about = about_view(context, source, asked, counted)
            file_name = f"{survey}-{name}{weighted_name(counted.is_weighted)}"
            if arm is not None:
                return await asyncio.to_thread(_file_of_arm, arm, about, file_name, kind)
            item = item_of(counted, name)
            if kind == "svg":
                body = await asyncio.to_thread(lambda: chart_svg(draw(item), about).encode())
                return Response(body, media_type="image/svg+xml", headers=attachment(f"{file_name}.svg"))
            groups = await groups_of(dashboards, source, asked.view, name)
        except TooSlow as fault:
            raise HTTPProblem(503, "Counting took too long", str(fault)) from None
        body = await asyncio.to_thread(chart_csv, [("", counted.n, item), *groups], about)
        return Response(body, media_type="text/csv", headers=attachment(f"{file_name}.csv"))

    return [chart_file]


def _file_of_arm(found: ArmEffects, about: About, name: str, kind: str) -> Response[bytes]:
    if kind == "svg":
        return Response(chart_svg(draw_arm(found), about).encode(), media_type="image/svg+xml", headers=attachment(f"{name}.svg"))
    return Response(arm_csv(found, about), media_type="text/csv", headers=attachment(f"{name}.csv"))


def item_of(counted: Figures, name: str) -> ItemFigures:
    """Raises HTTPProblem for what has no figures."""
    found = next((item for item in counted.items if item.id == name), None)
    if found is None:
        raise HTTPProblem(404)
    return found


async def groups_of(
    dashboards: FigureDashboards, source: LiveFrame, view: View, name: str
) -> list[tuple[str, int, ItemFigures]]:
    """The item's figures in each group of a view that is split; none of another. Raises TooSlow."""
    if not view.by:
        return []
    found = await dashboards.views.count(source, view, grouped)
    return [(group.label, group.figures.n, item_of(group.figures, name)) for group in found.groups]


def about_view(context: AppContext, source: LiveFrame, asked: AskedView, counted: Figures) -> About:
    layout, title = source.loaded.layout, source.loaded.instruments[0].title
    base = "responses" if asked.view.chooses_dispositions else BASES[asked.view.among]
    condition = written_condition(asked.view, layout)
    if condition:
        said = layout.labels.asked_of(condition)
        base += f" of those {said.words}" if said and said.words else f" for which {condition}"
    base += WITHOUT_CARELESS if asked.view.careful else ""
    base += WEIGHTED if counted.is_weighted else ""
    return About(source.survey, title, base, counted.n, write_date(context.today().isoformat(), "en"))
