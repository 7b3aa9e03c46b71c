"""Every route that shows answers."""

from __future__ import annotations

from typing import Any

from litestar import Router

from app.web.live.figures import LiveFigures
from app.web.research.charts import chart_handlers
from app.web.research.dashboards import FigureDashboards
from app.web.research.downloads import download_handlers
from app.web.research.groups.comparing import comparing_handlers
from app.web.research.groups.crossing import crossing_handlers
from app.web.research.pages import research_handlers
from app.web.research.plan.page import plan_handlers
from app.web.research.public.page import public_handlers, public_view_handler
from app.web.research.sign_in import ResearchAccess
from app.web.research.texts import text_handlers
from app.web.respond.context import AppContext


def results_routes(
    context: AppContext, live: LiveFigures, dashboards: FigureDashboards, access: ResearchAccess
) -> list[Any]:
    research = Router(
        "/research",
        route_handlers=[
            *research_handlers(context, live, dashboards), *comparing_handlers(context, live, dashboards),
            *crossing_handlers(context, live, dashboards), *chart_handlers(context, live, dashboards),
            *text_handlers(context, live, dashboards), *plan_handlers(context, live, dashboards), *download_handlers(context, live),
            public_view_handler(context, live, dashboards),
        ],
        guards=[access.guard],
        dependencies=access.dependencies,
    )
    return [access.router, research, *public_handlers(context, live, dashboards)]
