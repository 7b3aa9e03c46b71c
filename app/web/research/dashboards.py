"""The contents of dashboards, and the release of public figures."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.results.charts.captions import language_name
from app.results.charts.draw import draw
from app.results.disclosure.counted import counted
from app.results.disclosure.release import Counted, next_release
from app.results.disclosure.stored import read_release
from app.results.findings import Findings, findings, with_findings
from app.results.frame.frame import COMPLETE_ONLY, Frame
from app.results.marginals import Figures, figures
from app.results.progress import Progress, progress
from app.results.view import AskedView, View
from app.survey.model import Quota, ResultsPolicy
from app.web.live.counting import CountingThreads, TooSlow
from app.web.live.frames import LiveFrame
from app.web.live.views import Fragments
from app.web.research.controls import bar_fragments, control_bar
from app.web.research.navigation import chart_files, section_titles
from app.web.research.overview.first_screen import shown_headlines
from app.web.respond.context import AppContext
from app.web.respond.days import timing

FINDINGS_CACHED = 200  # views whose findings are cached while they are valid


@dataclass(frozen=True)
class PageView:
    """A view on one of a survey's pages, with what else its address says."""

    page: str
    view: View
    further: tuple[tuple[str, str], ...] = ()
    is_filtered: bool = True  # it is counted beside the loop that keeps dashboards live


PageFragments = Callable[[LiveFrame, PageView], Awaitable[Fragments]]
"""What can change on a page."""


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
        self.context, self.counting = context, counting
        self._judged: dict[str, Any] = {}  # by survey: the versions, policy and seq last judged for release
        self._judging: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._findings: dict[tuple[str, str, View], Findings] = {}
        self._counting: dict[tuple[str, View], asyncio.Task[tuple[Figures, Progress]]] = {}
        self._quota_counts: dict[str, tuple[int, dict[str, int]]] = {}  # with the seq at which they were read
        self.pages: dict[str, PageFragments] = {}  # of a survey, besides its overview

    def render(self, template: str, **shown: Any) -> str:
        return self.context.environment.get_template(template).render(language_name=language_name, **shown)

    # --- figures -------------------------------------------------------------------------------------------

    async def figures(self, source: LiveFrame, view: View) -> tuple[Figures, Progress]:
        """Counts outside the event loop; a filter that several viewers use at once is counted once.

        Raises TooSlow for a filter, and Stopped.
        """
        if not view.is_filtered:
            return await self._figures(source, view)
        key = source.survey, view
        counting = self._counting.get(key)
        if counting is None:
            counting = self._counting[key] = asyncio.create_task(self._figures(source, view))
            counting.add_done_callback(lambda _: self._counting.pop(key, None))
        return await asyncio.shield(counting)

    async def _figures(self, source: LiveFrame, view: View) -> tuple[Figures, Progress]:
        """The lock is held for what changes with the frame, not for what reads its rows."""
        async with source.lock:
            frame, going = source.loaded.snapshot(), progress(source.loaded)
            counted = await asyncio.to_thread(figures, source.loaded, view) if view == COMPLETE_ONLY else None
        if counted is None:
            counted = await self.counting.filtered(partial(figures, frame, view))
        return with_findings(counted, await self._found(frame, view)), going

    async def _found(self, frame: Frame, view: View) -> Findings:
        """Reliability, ratings by level, pairs and quality; they require reading rows that are new."""
        newest = frame.instruments[0]
        key = newest.survey, newest.digest, view
        known = self._findings.pop(key, None)
        if known is None or known.seq != frame.seq:
            count = self.counting.filtered if view.is_filtered else self.counting.whole
            known = await count(partial(findings, frame, view))
        while len(self._findings) >= FINDINGS_CACHED:
            self._findings.pop(next(iter(self._findings)))
        self._findings[key] = known
        return known

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

    async def fragments(self, source: LiveFrame, of: View | PageView) -> Fragments:
        """What can change on a dashboard, by the id of its element."""
        try:
            return await (self.pages[of.page](source, of) if isinstance(of, PageView) else self._overview(source, of))
        except TooSlow as fault:
            return {"filter-state": self.render("research/filter_state.html", fault=str(fault), stale=True)}

    async def _overview(self, source: LiveFrame, view: View) -> Fragments:
        counted, going = await self.figures(source, view)
        shown = {"progress": going, "quotas": await self.quotas(source), "titles": section_titles(source)}
        found = {"progress": self.render("research/progress.html", **shown)}
        if going.started:
            found["first-steps"] = self.render("research/first_response.html")
        shown["headlines"] = shown_headlines(source.loaded.instruments[0], counted)
        found["findings"] = self.render("research/findings.html", **shown)
        files = chart_files(source.survey, view)
        for item in counted.items:
            found[f"item-{item.id}"] = self.render("research/item.html", drawing=draw(item), files=files)
            await asyncio.sleep(0)  # respondents need not wait for all of them
        bar = await control_bar(source, self.counting, "", AskedView(view), counted.n, [])
        return {**found, **bar_fragments(self.render, bar)}

    # --- public figures ------------------------------------------------------------------------------------

    async def release(self, source: LiveFrame) -> None:
        """Takes down public figures about too few people, and updates the others when a whole batch has come.

        A second caller waits for the first: the figures are up to date when this returns.
        """
        frame = source.frame
        served = self.context.surveys.served.get(source.survey)
        if frame is None:
            return
        instrument = served.instrument if served else frame.instruments[0]
        policy, is_closed = instrument.results, timing(instrument, self.context.today(instrument)) == "closed"
        async with self._judging[source.survey]:
            judged = frame.coding.digests, policy, is_closed, frame.seq
            if self._judged.get(source.survey) == judged:
                return
            async with source.lock:
                judged = frame.coding.digests, policy, is_closed, frame.seq
                now = await asyncio.to_thread(counted, frame, policy.by)
            while not await self._released(source.survey, now, policy, is_closed):
                pass  # another process was first: what it has released is judged in turn
            self._judged[source.survey] = judged

    async def _released(self, survey: str, now: Counted, policy: ResultsPolicy, is_closed: bool) -> bool:
        """False when another process has released figures under the same number."""
        last = await self.context.storage.releases.latest(survey)
        release = next_release(read_release(last["figures"]) if last else None, now, policy, is_closed)
        if release is None:
            return True
        number = last["number"] + 1 if last else 1
        today = self.context.today()
        return await self.context.storage.releases.add(survey, number, today, release.responses, release.stored())
