"""The contents of dashboards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.results.charts.captions import language_name
from app.results.charts.draw import draw
from app.results.findings import Findings, findings, with_findings
from app.results.headlines import splits_needed, with_split
from app.results.items import ItemFigures
from app.results.marginals import Figures, GroupedFigures, figures, grouped_headlines
from app.results.progress import Progress, progress
from app.results.view import AskedView, View
from app.survey.model import Instrument, Quota
from app.web.live.counting import CountingThreads, Pause, TooSlow, ViewCounting
from app.web.live.frames import LiveFrame
from app.web.live.views import Fragments, PageView
from app.web.research.bar.controls import Controls, bar_fragments, control_bar, item_links
from app.web.research.bar.weights import shown_in
from app.web.research.navigation import chart_files
from app.web.research.overview.first_screen import shown_fieldwork, shown_headlines
from app.web.research.overview.quality import quality_panel
from app.web.research.overview.sections import arms_of, folded_sections
from app.web.research.plan.primary import PrimaryEstimates
from app.web.research.releases import PublicReleases
from app.web.respond.context import AppContext

FINDINGS_CACHED = 200  # views whose findings are cached while they are valid
RENDERED_CACHED = 100  # pages whose parts are cached


@dataclass(frozen=True, slots=True)
class PagePart:
    """An element of a page that can change."""

    id: str
    render: Callable[[], str]
    shows: object = None  # what is rendered: it is not rendered again where this is equal; None if that is not known
    always: bool = False  # also sent to those who do not look at it: it is small


Wanted = Collection[str] | None
"""The ids of the parts that are needed, besides small ones; None for all."""
PageParts = Callable[[LiveFrame, PageView, Wanted], Awaitable[Iterable[PagePart]]]
"""Counts a view and returns the parts of a page, which are iterated and rendered in a thread. What is costly to count can be
left out where it is not wanted. Each page of a survey has its own."""
Rendered = dict[str, tuple[object, str]]
"""By the id of a part what it shows, and its HTML."""


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
        self.pages: dict[str, PageParts] = {"": self._overview}
        self.primary = PrimaryEstimates(context, self.views)
        self._rendered: dict[tuple[str, PageView], Rendered] = {}
        self.releases = PublicReleases(context)
        self._findings: dict[tuple[str, View], tuple[Instrument, Findings]] = {}  # with the definition that they follow
        self._quota_counts: dict[str, tuple[int, dict[str, int]]] = {}  # with the seq at which they were read

    def render(self, template: str, **shown: Any) -> str:
        return self.context.environment.get_template(template).render(language_name=language_name, **shown)

    # --- figures -------------------------------------------------------------------------------------------

    async def figures(self, source: LiveFrame, view: View) -> tuple[Figures, Progress]:
        """Counts outside the event loop. Raises TooSlow for a filter, and Stopped."""
        async with source.lock:
            going = progress(source.loaded)
        return await self._figures(source, view), going

    async def _figures(self, source: LiveFrame, view: View) -> Figures:
        counted = await self.views.count(source, view, figures)
        counted = with_split(counted, await self._split(source, view))
        return with_findings(counted, await self._found(source, view))

    async def _split(self, source: LiveFrame, view: View) -> dict[str, GroupedFigures]:
        """The figures by groups that headlines compare."""
        names = splits_needed(source.loaded.instruments[0])
        return {by: await self.views.count(source, replace(view, by=by), grouped_headlines) for by in names}

    async def _found(self, source: LiveFrame, view: View) -> Findings:
        """Reliability, ratings by level, pairs and quality; they require reading rows that are new."""
        newest = source.loaded.instruments[0]
        key = newest.survey, view
        of, known = self._findings.pop(key, (None, None))
        if known is None or of is not newest or known.seq != source.loaded.seq:
            known = await self.views.count(source, view, findings)
        while len(self._findings) >= FINDINGS_CACHED:
            self._findings.pop(next(iter(self._findings)))
        self._findings[key] = newest, known
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

    async def fragments(self, source: LiveFrame, of: PageView, wanted: Wanted = None) -> Fragments:
        """What can change on a page, by the id of its element."""
        try:
            parts = await self.pages[of.page](source, of, wanted)
        except TooSlow as fault:
            return {"filter-state": self.render("research/filter_state.html", fault=str(fault), stale=True)}
        faults = len(self.context.surveys.faults.get(source.survey, ()))
        of_file = PagePart("file-faults", partial(self.render, "research/file_faults.html", file_faults=faults), always=True)
        known = self._rendered.pop((source.survey, of), {})
        self._rendered[source.survey, of] = known
        for oldest in list(self._rendered)[:-RENDERED_CACHED]:
            del self._rendered[oldest]
        return await self.counting.quick(lambda pause: rendered((of_file, *parts), wanted, known, pause))

    async def _overview(self, source: LiveFrame, of: PageView, wanted: Wanted) -> Iterable[PagePart]:
        counted, going = await self.figures(source, of.view)
        shown: dict[str, Any] = {"progress": going, "quotas": await self.quotas(source)}
        if wanted is None or not {"primary", "findings"}.isdisjoint(wanted):
            shown["primary"] = await self.primary.block(source)
        bar = await control_bar(source, self.views, "", AskedView(of.view), shown_in(counted), [])
        return self._overview_parts(source, counted, shown, bar)

    def _overview_parts(
        self, source: LiveFrame, counted: Figures, shown: dict[str, Any], bar: Controls
    ) -> Iterator[PagePart]:
        newest, view, render = source.loaded.instruments[0], counted.view, self.render
        yield from self.bar_parts(bar)
        if shown["progress"].started:
            yield PagePart("first-steps", partial(render, "research/first_response.html"), always=True)

        def fieldwork() -> str:
            drawn = shown_fieldwork(self.context, source, shown["progress"])
            return render("research/progress.html", **drawn, quotas=shown["quotas"])

        yield PagePart("progress", fieldwork)
        if (primary := shown.get("primary")) is not None:
            yield PagePart("primary", partial(render, "research/primary.html", primary=primary, filtered=view != View()))
            yield PagePart("findings", lambda: render(
                "research/findings.html", **shown_headlines(newest, counted), primary=primary
            ))  # fmt: skip
        quality = quality_panel(source.survey, view, counted.quality)
        files, arms = chart_files(source.survey, view), counted.arms
        yield PagePart("arms", lambda: render("research/arms.html", arms=arms_of(counted), files=files, instrument=newest), arms)
        yield PagePart("quality", partial(render, "research/quality.html", quality=quality), quality)
        for section in folded_sections(source, counted):
            yield PagePart(f"brief-{section.id}", lambda of=section: render("research/brief.html", section=of.drawn()), section)
        for item in counted.items:
            yield PagePart(f"item-{item.id}", partial(self._item, item, source, view, files), item)

    def _item(self, item: ItemFigures, source: LiveFrame, view: View, files: tuple[str, str]) -> str:
        links = item_links(source.survey, source.loaded.layout, view, [item])
        return self.render("research/item.html", drawing=draw(item), files=files, links=links)

    def bar_parts(self, bar: Controls) -> Iterator[PagePart]:
        for name, html in bar_fragments(self.render, bar).items():
            yield PagePart(name, lambda html=html: html, always=True)

    async def release(self, source: LiveFrame) -> None:
        """Takes down public figures about too few people, and updates the others when a whole batch has come."""
        await self.releases.release(source)


def rendered(parts: Iterable[PagePart], wanted: Wanted, known: Rendered, pause: Pause) -> Fragments:
    """`known` is what was rendered before; it is brought up to date."""
    found = {}
    for part in parts:
        pause()
        if part.always or wanted is None or part.id in wanted:
            shown, html = known.get(part.id, (None, ""))
            if shown is None or shown != part.shows:
                html = part.render()
            known[part.id] = part.shows, html
            found[part.id] = html
    return found
