"""The page that crosses two questions, and its table as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from app.exports.csv import csv_of_lines
from app.results.charts.crosstab import ShownCrosstab, file_lines, shown_crosstab
from app.results.charts.lines import shortened
from app.results.crosstabs import CannotCross, Crossed, crosstab, row_names
from app.results.layout import Layout
from app.results.view import AskedView, View, group_names, written_view
from app.web.http.problems import HTTPProblem
from app.web.http.replies import Reply
from app.web.live.counting import TooSlow
from app.web.live.figures import LiveFigures
from app.web.live.frames import LiveFrame
from app.web.live.views import PageView
from app.web.research.bar.choices import ChoiceGroup, grouped_choices, question_of
from app.web.research.bar.controls import control_bar
from app.web.research.bar.weights import shown_in
from app.web.research.dashboards import FigureDashboards, PagePart, Wanted
from app.web.research.downloads import download_whole
from app.web.research.files import Pairs, weighted_name
from app.web.research.navigation import address, navigation, section_titles
from app.web.research.pages import events, page, read_query, served_frame, why_not_live
from app.web.respond.context import AppContext

#: What was sent is not repeated here; the page of the crosstab says what is wrong with it.
NO_TABLE = HTTPProblem(
    422, "There is no such table", "The two questions or the filter cannot be used.",
    "Open the page of the crosstab: it says why.",
)  # fmt: skip
PERCENTS = {"columns": "Columns", "rows": "Rows", "all": "All"}


class AskedCrosstab(NamedTuple):
    """What the address of the page says besides the view."""

    rows: str = ""
    columns: str = ""
    percent: str = "columns"


def read_crosstab(query: Pairs) -> AskedCrosstab:
    said = dict(query)
    percent = said.get("percent", "")
    return AskedCrosstab(said.get("rows", "").strip(), said.get("columns", "").strip(), percent if percent in PERCENTS else "columns")


# --- controls -----------------------------------------------------------------------------------------------


class PercentChoice(NamedTuple):
    label: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class CrossedControls:
    rows_label: str
    columns_label: str
    row_choices: tuple[ChoiceGroup, ...]
    column_choices: tuple[ChoiceGroup, ...]
    swap: str  # the address with rows and columns exchanged; empty where the rows cannot be columns
    percents: tuple[PercentChoice, ...]  # none of means and options


def crossed_controls(source: LiveFrame, asked: AskedCrosstab, state: Pairs) -> CrossedControls:
    layout, titles = source.loaded.layout, section_titles(source)
    rest = [pair for pair in state if pair[0] not in ("rows", "columns", "percent")]

    def to(**values: str) -> str:
        said = {**asked._asdict(), **values}
        given = [(name, value) for name, value in said.items() if value and (name, value) != ("percent", "columns")]
        return address(source.survey, "crosstab", [*rest, *given])

    can_swap = asked.columns and asked.rows in group_names(layout)
    return CrossedControls(
        _label(layout, asked.rows), _label(layout, asked.columns),
        grouped_choices(layout, row_names(layout), titles, asked.rows),
        grouped_choices(layout, group_names(layout), titles, asked.columns),
        to(rows=asked.columns, columns=asked.rows) if can_swap else "",
        tuple(PercentChoice(label, to(percent=name), name == asked.percent) for name, label in PERCENTS.items())
        if _is_table(layout, asked.rows) else (),
    )  # fmt: skip


def _label(layout: Layout, name: str) -> str:
    return shortened(question_of(layout, name)) if name else "Choose a question"


def _is_table(layout: Layout, rows: str) -> bool:
    return bool(rows) and rows not in layout.numbers and (rows not in layout.flags or rows in layout.variable)


# --- the page -----------------------------------------------------------------------------------------------


class CrosstabPage:
    """Counts and renders crosstabs, for the page and for the loop that keeps it live."""

    def __init__(self, dashboards: FigureDashboards):
        self.dashboards = dashboards

    async def crossed(self, source: LiveFrame, view: View, asked: AskedCrosstab) -> Crossed:
        """Raises CannotCross, TooSlow, Stopped."""
        rows, columns = asked.rows, asked.columns
        return await self.dashboards.views.count(source, view, lambda frame, view, pause: crosstab(frame, view, rows, columns, pause))

    async def parts(self, source: LiveFrame, view: View, asked: AskedCrosstab) -> Iterable[PagePart]:
        """What can change on the page."""
        try:
            crossed = await self.crossed(source, view, asked)
        except CannotCross:  # an option may be gone with its version
            return ()
        bar = await control_bar(source, self.dashboards.views, "crosstab", AskedView(view), shown_in(crossed), written(asked))
        addresses = addresses_of(source.survey, view, asked)

        def table() -> str:
            shown = self.shown(source, crossed, asked)
            return self.dashboards.render("research/crossed_table.html", shown=shown, **addresses)

        return chain(self.dashboards.bar_parts(bar), [PagePart("crossed", table)])

    def shown(self, source: LiveFrame, crossed: Crossed, asked: AskedCrosstab) -> ShownCrosstab:
        return shown_crosstab(crossed, asked.percent, source.loaded.instruments[0].results.floor)


def addresses_of(survey: str, view: View, asked: AskedCrosstab) -> dict[str, str]:
    """Of the table as a file, and of the comparison of its columns."""
    crossed = [*written_view(view), ("rows", asked.rows), ("columns", asked.columns)]
    compared = written_view(replace(view, by=asked.columns))
    return {"csv": address(survey, "crosstab.csv", crossed), "compared": address(survey, "compare", compared)}


def crossing_handlers(context: AppContext, live: LiveFigures, dashboards: FigureDashboards) -> list[Any]:
    crossing = CrosstabPage(dashboards)

    async def parts(source: LiveFrame, of: PageView, wanted: Wanted) -> Iterable[PagePart]:
        return await crossing.parts(source, of.view, AskedCrosstab(**dict(of.further)))

    dashboards.pages["crosstab"] = parts

    @get("/{survey:str}/crosstab")
    async def show_crosstab(request: Request, survey: FromPath[str]) -> Reply:
        source = await served_frame(live, survey)
        asked, query = await read_query(request, source), list(request.query_params.multi_items())
        wanted, shown, bar_of = read_crosstab(query), None, None
        if wanted.rows and wanted.columns:
            try:
                crossed = await crossing.crossed(source, asked.view, wanted)
                shown, bar_of = crossing.shown(source, crossed, wanted), shown_in(crossed)
            except (CannotCross, TooSlow) as fault:
                asked = AskedView(asked.view, (*asked.faults, str(fault)), asked.where)
        counted, going = await dashboards.figures(source, View())
        bar = await control_bar(source, dashboards.views, "crosstab", asked, bar_of or shown_in(counted), query)
        seen = address(survey, "crosstab/live", [*written_view(asked.view), *written(wanted), ("seen", str(counted.seq))])
        return await page(
            dashboards, request, "crosstab.html", 422 if asked.faults else 200, controls=bar, shown=shown, live=seen,
            crossed=crossed_controls(source, wanted, bar.state), **addresses_of(survey, asked.view, wanted),
            navigation=navigation(context, source, counted, request, "crosstab"), no_room=why_not_live(live, survey, asked.view),
        )  # fmt: skip

    @get("/{survey:str}/crosstab/live")
    async def stream_crosstab(request: Request, survey: FromPath[str]) -> Stream:
        source = await served_frame(live, survey)
        asked, wanted = await read_query(request, source), read_crosstab(list(request.query_params.multi_items()))
        if asked.faults or not (wanted.rows and wanted.columns):
            raise HTTPProblem(422)
        return events(live, request, source, PageView("crosstab", asked.view, tuple(wanted._asdict().items())))

    @get("/{survey:str}/crosstab.csv")
    async def crosstab_file(request: Request, survey: FromPath[str]) -> Response[bytes]:
        source = await served_frame(live, survey)
        asked, wanted = await read_query(request, source), read_crosstab(list(request.query_params.multi_items()))
        if asked.faults:
            raise NO_TABLE
        try:
            crossed = await crossing.crossed(source, asked.view, wanted)
        except (CannotCross, TooSlow):
            raise NO_TABLE from None
        floor = source.loaded.instruments[0].results.floor
        body = await asyncio.to_thread(lambda: csv_of_lines(file_lines(crossed, floor)))
        return download_whole(body, f"{survey}-{wanted.rows}-by-{wanted.columns}{weighted_name(crossed.is_weighted)}.csv", "text/csv")

    return [show_crosstab, stream_crosstab, crosstab_file]


def written(asked: AskedCrosstab) -> Pairs:
    return [(name, value) for name, value in asked._asdict().items() if value]
