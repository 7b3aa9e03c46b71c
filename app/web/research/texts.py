"""Open answers: all of one item, searched and grouped, with the words that are used most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Request, get
from litestar.params import FromPath

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import count
from app.results.charts.geometry import ChartRow, Drawing, Mark, in_percent
from app.results.charts.open_texts import AT_ONCE, OpenTexts, is_quotable, open_texts, text_variable
from app.results.layout import Layout
from app.results.view import categories, group_names, written_view
from app.web.http.problems import HTTPProblem
from app.web.http.replies import Reply
from app.web.live.counting import TooSlow
from app.web.live.figures import LiveFigures
from app.web.research.dashboards import FigureDashboards
from app.web.research.navigation import MOST_SEARCHED, navigation
from app.web.research.pages import page, read_query, served_frame
from app.web.respond.context import AppContext

MOST_PAGES = 1_000_000


def text_handlers(context: AppContext, live: LiveFigures, dashboards: FigureDashboards) -> list[Any]:
    @get("/{survey:str}/text/{item:str}")
    async def show_texts(request: Request, survey: FromPath[str], item: FromPath[str]) -> Reply:
        source = await served_frame(live, survey)
        asked = await read_query(request, source)
        layout, floor = source.loaded.layout, source.loaded.instruments[0].results.floor
        variable = text_variable(layout, item)
        if variable is None:
            raise HTTPProblem(404)
        search, number = _asked_for(request)
        found, faults = None, list(asked.faults)
        try:
            counted, _going = await dashboards.figures(source, asked.view)
            if not faults:
                found = await dashboards.views.count(
                    source, asked.view, lambda frame, view, pause: open_texts(frame, view, item, search, number, floor, pause)
                )
        except TooSlow as fault:
            raise HTTPProblem(503, "Counting took too long", str(fault)) from None
        shown = {
            "instrument": source.loaded.instruments[0], "variable": variable, "asked": asked, "search": search, "found": found,
            "ask": layout.labels.text(variable.ask), "faults": faults, "floor": floor,
            "is_identifying": not is_quotable(asked.view, layout), "by": _groups(layout, variable.item),
            "words": _words(found.words, "words", found.found) if found else None,
            "pairs": _words(found.pairs, "pairs", found.found) if found else None,
            "kept": [pair for pair in written_view(asked.view) if pair[0] != "by"],
            "pages": _pages(found, number, [*written_view(asked.view), *([("q", search)] if search else [])]),
            "navigation": navigation(context, source, counted, request, f"text/{item}"),
        }  # fmt: skip
        return await page(dashboards, request, "texts.html", 422 if faults else 200, **shown)

    return [show_texts]


def _asked_for(request: Request) -> tuple[str, int]:
    """What is searched for, and the number of the page."""
    number = request.query_params.get("page", "")
    is_number = number.isascii() and number.isdigit() and len(number) < 8
    search = request.query_params.get("q", "").strip()[:MOST_SEARCHED]
    return search, min(max(int(number), 1), MOST_PAGES) if is_number else 1


def _groups(layout: Layout, item: str) -> list[tuple[str, str]]:
    """What answers can be grouped by, each name with its words: nothing that identifies, and not the item itself."""
    names = [name for name in group_names(layout) if name.partition(".")[0] not in {*layout.labels.identifying, item}]
    found = ((name, categories(layout, name)) for name in names)
    return [(name, layout.labels.text(each.label)) for name, each in found if each is not None]


def _words(counted: Sequence[tuple[str, int]], name: str, of: int) -> Drawing:
    """Bars as long as words are frequent."""
    most = max((n for _word, n in counted), default=1)
    rows = tuple(
        ChartRow(word, count(n, ENGLISH), (Mark(0, in_percent(n / most), -7, 14, "one"),)) for word, n in counted
    )
    return Drawing(
        name, "", "bars", of, rows=rows, summary=", ".join(f"{word} {n}" for word, n in counted),
        head=("Word", "n"), body=tuple((word, count(n, ENGLISH)) for word, n in counted),
    )  # fmt: skip


def _pages(found: OpenTexts | None, number: int, query: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Links to the page before and the page after, with their words."""
    if found is None:
        return []
    links = []
    if number > 1:
        links.append((f"First {AT_ONCE}" if number == 2 else f"{AT_ONCE} before", number - 1))
    if number * AT_ONCE < found.found:
        links.append((f"Next {min(AT_ONCE, found.found - number * AT_ONCE)}", number + 1))
    return [(words, "?" + urlencode([*query, ("page", str(to))])) for words, to in links]
