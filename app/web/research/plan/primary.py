"""The primary estimates on the overview: counted from the plan's own views, whatever the page is filtered by."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from weakref import WeakValueDictionary

from app.results.findings import findings
from app.results.plan.drawing import PrimaryDrawing, draw_primary
from app.results.plan.estimates import effect_views, planned_estimates, planned_figures, planned_views
from app.results.plan.history import PlanHistory, plan_history
from app.survey.model import AnalysisPlan, Instrument
from app.web.live.counting import TooSlow, ViewCounting
from app.web.live.frames import LiveFrame
from app.web.respond.context import AppContext


@dataclass(frozen=True, slots=True)
class PrimaryBlock:
    survey: str
    history: PlanHistory
    drawing: PrimaryDrawing | None  # None for a survey without a plan, and where counting took too long
    fault: str = ""


class PrimaryEstimates:
    """Counts primary estimates once for all open pages, until something changes."""

    def __init__(self, context: AppContext, views: ViewCounting):
        self.context, self.views = context, views
        self._blocks: dict[str, tuple[tuple[str, str, int], PrimaryBlock]] = {}  # by survey, with what they were made from
        self._histories: dict[str, PlanHistory] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        context.surveys.on_change.append(self._forget)

    def _forget(self, survey: str) -> None:
        """A file has changed, and perhaps its plan; other processes read the same file."""
        self._histories.pop(survey, None)
        self._blocks.pop(survey, None)

    async def history(self, survey: str) -> PlanHistory:
        if survey not in self._histories:
            self._histories[survey] = plan_history(await self.context.storage.plans.all_of(survey))
        return self._histories[survey]

    async def block(self, source: LiveFrame) -> PrimaryBlock:
        async with self._locks.setdefault(source.survey, asyncio.Lock()):
            newest = source.loaded.instruments[0]
            state = newest.digest, newest.analysis.digest if newest.analysis else "", source.loaded.seq
            known = self._blocks.get(source.survey)
            if known is None or known[0] != state:
                known = state, await self._counted(source, newest)
                self._blocks[source.survey] = known
            return known[1]

    async def _counted(self, source: LiveFrame, newest: Instrument) -> PrimaryBlock:
        history = await self.history(source.survey)
        if newest.analysis is None:
            return PrimaryBlock(source.survey, history, None)
        try:
            return PrimaryBlock(source.survey, history, await self._drawing(source, newest, newest.analysis))
        except TooSlow as fault:
            return PrimaryBlock(source.survey, history, None, str(fault))

    async def _drawing(self, source: LiveFrame, newest: Instrument, plan: AnalysisPlan) -> PrimaryDrawing:
        counted = {view: await self.views.count(source, view, planned_figures) for view in planned_views(plan)}
        effects = {view: (await self.views.count(source, view, findings)).found for view in effect_views(plan)}
        return await asyncio.to_thread(lambda: draw_primary(newest, planned_estimates(newest, counted, effects)))

