"""The page that compares groups by every question, each with the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from app.exports.csv import csv_of_lines
from app.languages.catalogues import ENGLISH
from app.languages.direction import isolated
from app.results.charts.captions import Message, count, fixed
from app.results.charts.compared import TopDrawing, VersusDrawing, draw_compared, draw_largest
from app.results.charts.compared_file import comparison_lines
from app.results.charts.effects_by_group import EffectsByGroup, effects_by_group
from app.results.charts.lines import shortened
from app.results.charts.sentences.groups import about_groups
from app.results.comparison import ComparedGroup, Comparison, LeftOut, compare
from app.results.findings import compared_groups, findings
from app.results.items import ItemFigures
from app.results.marginals import GroupedFigures
from app.results.view import AskedView, View, categories, written_view
from app.survey.model import Code
from app.web.http.problems import HTTPProblem
from app.web.http.replies import Reply, go
from app.web.live.counting import TooSlow
from app.web.live.figures import LiveFigures
from app.web.live.frames import LiveFrame
from app.web.live.views import PageView
from app.web.research.bar.controls import (
    Controls,
    canonical,
    control_bar,
    view_without,
)
from app.web.research.bar.weights import shown_in
from app.web.research.dashboards import FigureDashboards, PagePart, Wanted
from app.web.research.downloads import download_whole
from app.web.research.files import Pairs, weighted_name
from app.web.research.navigation import address, navigation, section_titles
from app.web.research.pages import events, page, read_query, served_frame, why_not_live
from app.web.respond.context import AppContext

MOST_PAIRS = 12
#: What was sent is not repeated here; the page of the comparison says what is wrong with it.
NOT_SPLIT = HTTPProblem(
    422, "There is no such comparison", "The groups or the filter cannot be used.",
    "Open the page of the comparison: it says why.",
)  # fmt: skip


class ItemLink(NamedTuple):
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    drawing: VersusDrawing
    says: Message
    against: str  # the heading of the differences
    links: tuple[ItemLink, ...]
    is_quiet: bool  # no difference is shown: its groups are folded


class ShownSection(NamedTuple):
    id: str
    title: str
    items: tuple[ShownItem, ...]


class GroupChoice(NamedTuple):
    """A group that can be compared, whether or not the view has it."""

    code: Code
    label: str
    n: int | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """What the page shows, in words and drawings."""

    survey: str
    comparison: Comparison
    heading: str
    against: str
    warning: str
    finding: str
    top: TopDrawing | None
    top_value: str
    top_base: str
    sections: tuple[ShownSection, ...]
    effects: tuple[EffectsByGroup, ...]  # of vignettes, by group
    left_out: tuple[tuple[str, tuple[str, ...]], ...]
    choices: tuple[GroupChoice, ...]
    pairs: tuple[ItemLink, ...]
    state: Pairs  # of the view without its choice of groups
    file: str  # the address of its table

    @property
    def clear(self) -> int:
        return self.comparison.count("clear")

    @property
    def possible(self) -> int:
        return self.comparison.count("possible")

    @property
    def open(self) -> int:
        return self.comparison.count("open")

    @property
    def few(self) -> int:
        return self.comparison.count("few")

    @property
    def tested(self) -> int:
        return self.comparison.tested

    @property
    def by_chance(self) -> str:
        return fixed(self.comparison.by_chance, ENGLISH, 0 if self.comparison.by_chance >= 2 else 1)


def shown_comparison(
    survey: str, comparison: Comparison, view: View, titles: dict[str, str], choices: Sequence[GroupChoice], floor: int,
    effects: Sequence[EffectsByGroup] = (),
) -> ShownComparison:  # fmt: skip
    """`choices` are all groups of the variable, with their sizes where the view is not narrowed to some; `effects` of vignettes
    have their sections before them."""
    groups = comparison.groups
    against = f"more than “{isolated(shortened(groups[0].label, 32))}”" if comparison.is_direct else "to the rest"
    top = draw_largest(comparison) if len(groups) > 1 else None
    unsplit = view_without(view, comparison.by)
    return ShownComparison(
        survey, comparison, heading(comparison), _against(comparison, view), _warning(comparison, floor),
        _finding(comparison), top, f"“{isolated(shortened(groups[-1].label, 24))}” has" if comparison.is_direct else "the most different group",
        _top_base(comparison), _sections(survey, comparison, view, titles, against, effects), tuple(effects),
        _left_out(comparison.left_out, effects),
        tuple(choices), _pairs(survey, view, comparison.by, choices), written_view(unsplit),
        address(survey, "compare.csv", written_view(view)),
    )  # fmt: skip


# --- words --------------------------------------------------------------------------------------------------


def heading(comparison: Comparison) -> str:
    groups = comparison.groups
    if not groups:
        return "Nobody to compare"
    if len(groups) == 1:
        return f"Only “{isolated(groups[0].label)}”: nothing to compare with"
    if comparison.is_direct:
        return f"“{isolated(groups[1].label)}” compared with “{isolated(groups[0].label)}”"
    return f"{len(groups)} groups, each against the rest"


def _against(comparison: Comparison, view: View) -> str:
    """What the groups are, and what each is compared with."""
    parts = [f"Groups by “{isolated(comparison.label)}”"]
    grouped = sum(group.n for group in comparison.groups)
    n = count(comparison.n, ENGLISH)
    if len(comparison.groups) > 2:
        parts.append("the rest of a group is everyone in the others")
    if comparison.is_weighted:
        parts.append("weighted: n are people, beside it how many of equal weight they are worth")
    if grouped < comparison.n:
        parts.append(f"{count(comparison.n - grouped, ENGLISH)} of {n} are in none, and in no comparison")
    if comparison.empty and not any(name == comparison.by for name, _ in view.only):
        parts.append(f"nobody in {_listed(comparison.empty)}")
    return " · ".join(parts)


def _listed(labels: Sequence[str]) -> str:
    words = [f"“{isolated(shortened(label, 40))}”" for label in labels]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _warning(comparison: Comparison, floor: int) -> str:
    small = [group.label for group in comparison.groups if group.is_small]
    if not small:
        return ""
    return f"Fewer than {floor} people: {_listed(small)}. These figures are for you only; do not publish them."


def _finding(comparison: Comparison) -> str:
    clear, possible = comparison.count("clear"), comparison.count("possible")
    if clear:
        return f"{clear} of {comparison.tested} differences {'is' if clear == 1 else 'are'} clear; the largest first"
    if possible:
        return f"No difference is clear. {possible} of {comparison.tested} {'is' if possible == 1 else 'are'} possible; chance alone would give about {fixed(comparison.by_chance, ENGLISH, 0 if comparison.by_chance >= 2 else 1)}"
    if comparison.tested:
        return f"No difference is shown: zero lies within all {comparison.tested} intervals"
    return "Too few people to say whether the groups differ"


def _top_base(comparison: Comparison) -> str:
    kind = "clear" if comparison.count("clear") else "possible"
    return (
        f"The largest {kind} differences, by size of effect · points: of percentage, or of 100 of the scale’s length · "
        "lines: 95% intervals"
    )


# --- items --------------------------------------------------------------------------------------------------


def _sections(
    survey: str, comparison: Comparison, view: View, titles: dict[str, str], against: str, effects: Iterable[EffectsByGroup]
) -> tuple[ShownSection, ...]:  # fmt: skip
    """In the order of the survey; scores first, then vignettes."""
    found: dict[str, list[ShownItem]] = {}
    for each in effects:
        overview = _links(survey, each.item, view)[:1]
        found.setdefault(each.item.section, []).append(ShownItem(each.drawing, each.says, each.against, overview, each.is_quiet))
    for item in comparison.items:
        key = item.figures.section or f"~{item.figures.origin}"
        drawing = draw_compared(item, against, comparison.is_direct)
        shown = ShownItem(drawing, about_groups(item, comparison.is_direct), against, _links(survey, item.figures, view), item.is_quiet)
        found.setdefault(key, []).append(shown)
    order = sorted(found, key=lambda key: key != "~derived")
    return tuple(ShownSection(key, titles.get(key, key), tuple(found[key])) for key in order)


def _places(shown: ShownComparison | None) -> frozenset[str]:
    """The sections and questions of the page, which its contents lead to."""
    sections = shown.sections if shown else ()
    return frozenset(each.id for each in sections) | frozenset(item.drawing.id for each in sections for item in each.items)


def _links(survey: str, item: ItemFigures, view: View) -> tuple[ItemLink, ...]:
    """A table counts each respondent once: the entries of a loop are not crossed."""
    whole = [pair for pair in written_view(view) if pair[0] != "by"]
    overview = ItemLink("Overview", f"{address(survey, '', whole)}#item-{item.item}")
    if item.entries:
        return (overview,)
    return (overview, ItemLink("Cross", address(survey, "crosstab", [*whole, ("rows", item.item), ("columns", view.by)])))


def _left_out(left_out: Iterable[LeftOut], effects: Iterable[EffectsByGroup]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    shown = {each.item.id for each in effects}
    for each in (each for each in left_out if each.item not in shown):
        found.setdefault(each.why[0].upper() + each.why[1:], []).append(each.ask)
    return tuple((why, tuple(asks)) for why, asks in found.items())


# --- groups to choose ---------------------------------------------------------------------------------------


def _pairs(survey: str, view: View, by: str, choices: Sequence[GroupChoice]) -> tuple[ItemLink, ...]:
    """Two groups against each other: of many pairs those of the largest groups."""
    known = [choice for choice in choices if choice.n is None or choice.n]
    pairs = list(combinations(known, 2))
    pairs.sort(key=lambda pair: -min(pair[0].n or 0, pair[1].n or 0))
    return tuple(
        ItemLink(
            f"{shortened(second.label, 40)} with {shortened(first.label, 40)}",
            address(survey, "compare", written_view(_only(view, by, (first.code, second.code)))),
        )
        for first, second in pairs[:MOST_PAIRS]
    )


def _only(view: View, by: str, codes: tuple[Code, ...]) -> View:
    rest = tuple(chip for chip in view.only if chip[0] != by)
    return replace(view, only=(*rest, (by, codes)))


def group_choices(
    categories: Iterable[tuple[Code, str]], groups: Sequence[ComparedGroup], view: View, by: str
) -> tuple[GroupChoice, ...]:
    """All groups of a variable, those of the view with their sizes."""
    sizes = {group.code: group.n for group in groups}
    chosen = next((codes for name, codes in view.only if name == by), None)
    return tuple(
        GroupChoice(code, label, sizes.get(code, 0) if chosen is None or code in chosen else None, chosen is not None and code in chosen)
        for code, label in categories
    )


# --- the page -----------------------------------------------------------------------------------------------


class ComparePage:
    """Counts and renders comparisons, for the page and for the loop that keeps it live."""

    def __init__(self, dashboards: FigureDashboards):
        self.dashboards = dashboards

    async def counted(self, source: LiveFrame, view: View) -> tuple[GroupedFigures, ShownComparison | None]:
        """The figures of a view, and their comparison if it is split. Raises TooSlow, Stopped."""
        found = await self.dashboards.views.count(source, view, compared_groups)
        if not view.by:
            return found, None
        known = (await self.dashboards.views.count(source, view, findings)).found if source.loaded.instruments[0].vignettes else {}
        return found, await asyncio.to_thread(_shown, source, found, known, view)

    async def parts(self, source: LiveFrame, view: View) -> Iterable[PagePart]:
        """What can change on the page."""
        counted, shown = await self.counted(source, view)
        if shown is None:
            return ()
        bar = await control_bar(source, self.dashboards.views, "compare", AskedView(view), shown_in(counted.whole), [])
        return self._parts(shown, bar)

    def _parts(self, shown: ShownComparison, bar: Controls) -> Iterator[PagePart]:
        render = self.dashboards.render
        yield from self.dashboards.bar_parts(bar)
        yield PagePart("compared", partial(render, "research/compared_head.html", shown=shown))
        yield PagePart("not-compared", partial(render, "research/not_compared.html", shown=shown))
        for item in (item for section in shown.sections for item in section.items):
            yield PagePart(f"item-{item.drawing.id}", partial(render, "research/compared_item.html", item=item), item)


def _shown(source: LiveFrame, found: GroupedFigures, of_rows: Mapping[str, object], view: View) -> ShownComparison:
    frame, layout = source.loaded, source.loaded.layout
    known = categories(layout, view.by)
    assert known is not None
    floor = frame.instruments[0].results.floor
    comparison = compare(found, view.by, layout.labels.text(known.label), floor)
    choices = group_choices(((each.code, layout.labels.text(each.label)) for each in known.all), comparison.groups, view, view.by)
    by_group = (effects_by_group(item, of_rows.get(item.id), comparison.groups) for item in found.whole.items)
    effects = [each for each in by_group if each is not None]
    return shown_comparison(source.survey, comparison, view, section_titles(source), choices, floor, effects)


def comparing_handlers(context: AppContext, live: LiveFigures, dashboards: FigureDashboards) -> list[Any]:
    comparing = ComparePage(dashboards)

    async def parts(source: LiveFrame, of: PageView, wanted: Wanted) -> Iterable[PagePart]:
        return await comparing.parts(source, of.view)

    dashboards.pages["compare"] = parts

    @get("/{survey:str}/compare")
    async def show_comparison(request: Request, survey: FromPath[str]) -> Reply:
        source = await served_frame(live, survey)
        asked = await read_query(request, source)
        try:
            found, shown = await comparing.counted(source, asked.view)
        except TooSlow as fault:
            asked = AskedView(View(asked.view.among), (str(fault),), asked.where)
            found, shown = await comparing.counted(source, asked.view)
        query = list(request.query_params.multi_items())
        bar = await control_bar(source, dashboards.views, "compare", asked, shown_in(found.whole), query)
        seen = address(survey, "compare/live", [*written_view(asked.view), ("seen", str(found.whole.seq))])
        return await page(
            dashboards, request, "compare.html", 422 if asked.faults else 200, controls=bar, shown=shown, live=seen,
            navigation=navigation(context, source, found.whole, request, "compare", _places(shown)),
            no_room=why_not_live(live, survey, asked.view),
        )  # fmt: skip

    @get("/{survey:str}/compare/live")
    async def stream_comparison(request: Request, survey: FromPath[str]) -> Stream:
        source = await served_frame(live, survey)
        asked = await read_query(request, source)
        if asked.faults or not asked.view.by:
            raise HTTPProblem(422)
        return events(live, request, source, PageView("compare", asked.view))

    @get("/{survey:str}/compare.csv")
    async def comparison_file(request: Request, survey: FromPath[str]) -> Response[bytes]:
        source = await served_frame(live, survey)
        asked = await read_query(request, source)
        if asked.faults or not asked.view.by:
            raise NOT_SPLIT
        _, shown = await comparing.counted(source, asked.view)
        assert shown is not None
        body = await asyncio.to_thread(lambda: csv_of_lines((*comparison_lines(shown.comparison), *(line for each in shown.effects for line in each.lines))))
        return download_whole(body, f"{survey}-by-{asked.view.by}{weighted_name(shown.comparison.is_weighted)}.csv", "text/csv")

    @get("/{survey:str}/show")
    async def show_view(request: Request, survey: FromPath[str]) -> Reply:
        """What a form of the control bar sends, as the shortest address of the same view."""
        source = await served_frame(live, survey)
        query = list(request.query_params.multi_items())
        page = dict(query).get("page", "")
        kept = canonical(query, source.loaded.layout)
        return go(address(survey, page if page in dashboards.pages else "", kept))

    return [show_comparison, stream_comparison, comparison_file, show_view]
