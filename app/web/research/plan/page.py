"""The page of a survey's analysis plan, and its text for a registry."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from app.results.plan.document import NOT_WRITTEN, plan_document, plan_markdown
from app.results.view import View
from app.web.http.problems import HTTPProblem
from app.web.http.replies import Reply
from app.web.live.figures import LiveFigures
from app.web.research.dashboards import FigureDashboards
from app.web.research.downloads import download_whole
from app.web.research.navigation import navigation
from app.web.research.pages import page, served_frame
from app.web.respond.context import AppContext

NO_PLAN = HTTPProblem(404, "This survey has no analysis plan", "Name its primary estimates under `analysis:` in its file.")
EXAMPLE = """\
analysis:
  primary:
    leaving:
      question: How many doctors in clinical work intend to leave it?
      item: intends               # an item, a statement, a score or a vignette’s rating
      share: [soon, later]        # the answers that count; without it, the mean
      where: status == "practising"
  population: Doctors registered in one country, invited by their chamber.
  stopping: The survey closes after six weeks.
"""


def plan_handlers(context: AppContext, live: LiveFigures, dashboards: FigureDashboards) -> list[Any]:
    @get("/{survey:str}/plan")
    async def show_plan(request: Request, survey: FromPath[str]) -> Reply:
        source = await served_frame(live, survey)
        newest = source.loaded.instruments[0]
        counted, _going = await dashboards.figures(source, View())
        shown = {
            "document": await asyncio.to_thread(plan_document, newest), "history": await dashboards.primary.history(survey),
            "file": f"/research/{survey}/plan.md", "not_written": NOT_WRITTEN, "example": EXAMPLE,
            "navigation": navigation(context, source, counted, request, "plan"),
        }  # fmt: skip
        return await page(dashboards, request, "plan.html", **shown)

    @get("/{survey:str}/plan.md")
    async def plan_text(survey: FromPath[str]) -> Response[bytes]:
        source = await served_frame(live, survey)
        document = await asyncio.to_thread(plan_document, source.loaded.instruments[0])
        if document is None:
            raise NO_PLAN
        text = plan_markdown(document, (await dashboards.primary.history(survey)).sentence())
        return download_whole(text.encode(), f"{survey}-analysis-plan.md", "text/markdown")

    return [show_plan, plan_text]
