"""The contents of dashboards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.results.charts.captions import language_name
from app.results.charts.draw import draw
from app.results.findings import Findings, findings, with_findings
from app.results.headlines import splits_needed
from app.results.items import ItemFigures
from app.results.marginals import Figures, GroupedFigures, figures, grouped_headlines
from app.results.progress import Progress, progress
from app.results.view import AskedView, View
from app.survey.model import Quota
from app.web.live.counting import CountingThreads, TooSlow, ViewCounting
from app.web.live.frames import LiveFrame
from app.web.live.views import Fragments, PageView
from app.web.research.bar.controls import ItemLinks, bar_fragments, control_bar, item_links
from app.web.research.bar.weights import shown_in
from app.web.research.navigation import chart_files
from app.web.research.overview.first_screen import shown_fieldwork, shown_headlines
from app.web.research.overview.quality import quality_panel
from app.web.research.overview.sections import sections_of
from app.web.research.plan.primary import PrimaryEstimates
from app.web.research.releases import PublicReleases
from app.web.respond.context import AppContext

FINDINGS_CACHED = 200  # views whose findings are cached while they are valid
DRAWN_CACHED = 100  # pages whose charts are cached

PageFragments = Callable[[LiveFrame, PageView], Awaitable[Fragments]]
"""What can change on a page. Each page of a survey gives its own."""
Part = tuple[str, Callable[[], str]]
"""The id of an element, and what renders it."""
Drawn = dict[str, tuple[ItemFigures, str]]
"""By item the figures that were drawn, and their HTML."""


@dataclass(frozen=True)
class QuotaState:
    """How far a quota is filled, in complete responses."""

    id: str
    condition: str
    complete: int
    most: int

    @property
    def is_full(self) -> bool:
        return self.complete >= self.most

    @property
    def share(self) -> float:
        """In percent of the quota's limit; or of all that were taken, where an older version took more."""
        return 100 * self.complete / max(self.most, self.complete, 1)


def quota_state(quota: Quota, complete: int) -> QuotaState:
    return QuotaState(quota.id, quota.when.source.strip(), complete, quota.most)


class FigureDashboards:
    """Counts and renders figures; shared by the pages and by the loop that keeps them live."""

    def __init__(self, context: AppContext, counting: CountingThreads):
        self.context, self.counting, self.views = context, counting, ViewCounting(counting)
        self.pages: dict[str, PageFragments] = {"": self._overview}
        self.primary = PrimaryEstimates(context, self.views)
        self._rendering = asyncio.Lock()
        self._drawn: dict[tuple[str, PageView], Drawn] = {}
        self.releases = PublicReleases(context)
        self._findings: dict[tuple[str, str, View], Findings] = {}
        self._quota_counts: dict[str, tuple[int, dict[str, int]]] = {}  # with the seq at which they were read

    def render(self, template: str, **shown: Any) -> str:
        return self.context.environment.get_template(template).render(language_name=language_name, **shown)

    # --- figures -------------------------------------------------------------------------------------------

    async def figures(self, source: LiveFrame, view: View) -> tuple[Figures, Progress]:
        """Counts outside the event loop. Raises TooSlow for a filter, and Stopped."""
        async with source.lock:
            going = progress(source.loaded)
        counted = await self.views.count(source, view, figures)
        counted = replace(counted, split=await self._split(source, view))
        return with_findings(counted, await self._found(source, view)), going

    async def _split(self, source: LiveFrame, view: View) -> dict[str, GroupedFigures]:
        """The figures by groups that headlines compare."""
        names = splits_needed(source.loaded.instruments[0])
        return {by: await self.views.count(source, replace(view, by=by), grouped_headlines) for by in names}

    async def _found(self, source: LiveFrame, view: View) -> Findings:
        """Reliability, ratings by level, pairs and quality; they require reading rows that are new."""
        newest = source.loaded.instruments[0]
        key = newest.survey, newest.digest, view
        known = self._findings.pop(key, None)
        if known is None or known.seq != source.loaded.seq:
            known = await self.views.count(source, view, findings)
        while len(self._findings) >= FINDINGS_CACHED:
            self._findings.pop(next(iter(self._findings)))
        self._findings[key] = known
        return known

    def seconds(self, survey: str, view: View) -> float:
        """How long counting a view took the last time."""
        return self.views.seconds.get((survey, view), 0.0)

    async def quotas(self, source: LiveFrame) -> list[QuotaState]:
        """The quotas of the newest version: read once for all viewers, until something changes.

        What a quota counts changes only when a response does.
        """
        quotas, seq = source.loaded.instruments[0].quotas, source.loaded.seq
        if not quotas:
            return []
        read_at, counts = self._quota_counts.get(source.survey, (None, {}))
        if read_at != seq:
            counts = await self.context.storage.quotas(source.survey)
            self._quota_counts[source.survey] = seq, counts
        return [quota_state(quota, counts.get(quota.id, 0)) for quota in quotas]

    # --- contents of a page --------------------------------------------------------------------------------

    async def fragments(self, source: LiveFrame, of: PageView) -> Fragments:
        """What can change on a page, by the id of its element."""
        try:
            found = await self.pages[of.page](source, of)
            faults = len(self.context.surveys.faults.get(source.survey, ()))
            return {**found, "file-faults": self.render("research/file_faults.html", file_faults=faults)}
        except TooSlow as fault:
            return {"filter-state": self.render("research/filter_state.html", fault=str(fault), stale=True)}

    async def _overview(self, source: LiveFrame, of: PageView) -> Fragments:
        counted, going = await self.figures(source, of.view)
        shown = {**shown_fieldwork(self.context, source, going), "quotas": await self.quotas(source)}
        shown["headlines"] = shown_headlines(source.loaded.instruments[0], counted)
        shown["quality"] = quality_panel(source.survey, of.view, counted.quality)
        shown |= {"primary": await self.primary.block(source), "filtered": of.view != View()}
        templates = {"progress": "progress", "primary": "primary", "findings": "findings", "quality": "quality"}
        if going.started:
            templates["first-steps"] = "first_response"
        parts: list[Part] = [
            (name, partial(self.render, f"research/{template}.html", **shown))
            for name, template in templates.items()
        ]
        parts += [
            (f"brief-{each.id}", partial(self.render, "research/brief.html", section=each))
            for each in await asyncio.to_thread(sections_of, source, counted, only_folded=True)
        ]
        known, drawn = self._drawn.pop((source.survey, of), {}), {}
        files = chart_files(source.survey, of.view)
        links = item_links(source.survey, source.loaded.layout, of.view, counted.items)
        parts += [(f"item-{item.id}", partial(self._item, item, files, links, known, drawn)) for item in counted.items]
        found = await self.rendered(parts)
        self._drawn[source.survey, of] = drawn
        for oldest in list(self._drawn)[:-DRAWN_CACHED]:
            del self._drawn[oldest]
        bar = await control_bar(source, self.views, "", AskedView(of.view), shown_in(counted), [])
        return {**found, **bar_fragments(self.render, bar)}

    def _item(self, item: ItemFigures, files: tuple[str, str], links: ItemLinks, known: Drawn, drawn: Drawn) -> str:
        """The same as before where its figures are."""
        before, html = known.get(item.id, (None, ""))
        if before != item:
            html = self.render("research/item.html", drawing=draw(item), files=files, links=links)
        drawn[item.id] = item, html
        return html

    async def rendered(self, parts: Iterable[Part]) -> Fragments:
        """The parts of a page, one after the other with respondents in between; of all pages that change only one at a time."""
        found = {}
        async with self._rendering:
            for name, render in parts:
                found[name] = render()
                await asyncio.sleep(0)
        return found

    async def release(self, source: LiveFrame) -> None:
        """Takes down public figures about too few people, and updates the others when a whole batch has come."""
        await self.releases.release(source)
