"""Every route of a respondent."""

from __future__ import annotations

from typing import Any

from app.web.respond.context import AppContext
from app.web.respond.first_page import first_page_routes
from app.web.respond.pages import page_routes
from app.web.respond.submission import submission_routes, withdrawal_routes


def respond_routes(context: AppContext) -> list[Any]:
    routes = (first_page_routes, page_routes, submission_routes, withdrawal_routes)
    return [route for make in routes for route in make(context)]
