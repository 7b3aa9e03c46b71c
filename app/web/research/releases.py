"""The release of public figures: when it can change anything, all complete responses are counted and compared with the
last release."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from app.results.disclosure.counted import counted
from app.results.disclosure.release import Counted, next_release, opens_at
from app.results.disclosure.stored import read_release
from app.results.frame.frame import Frame
from app.survey.model import ResultsPolicy
from app.web.live.frames import LiveFrame
from app.web.respond.context import AppContext
from app.web.respond.days import timing


@dataclass(frozen=True, slots=True)
class _Judged:
    """When a survey was last judged, and from how many complete responses on its figures can move."""

    rules: Any  # the versions and the policy
    seq: int
    withdrawn: int
    opens_at: float

    def holds(self, rules: Any, frame: Frame) -> bool:
        """Whether nothing has come since that could change figures: responses that are added take none down."""
        if self.rules != rules:
            return False
        if self.seq == frame.seq:
            return True
        return self.withdrawn == len(frame.withdrawn) and frame.complete < self.opens_at


class PublicReleases:
    def __init__(self, context: AppContext):
        self.context = context
        self._judged: dict[str, _Judged] = {}
        self._judging: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def release(self, source: LiveFrame) -> None:
        """A second caller waits for the first: the figures are up to date when this returns."""
        frame = source.frame
        served = self.context.surveys.served.get(source.survey)
        if frame is None:
            return
        instrument = served.instrument if served else frame.instruments[0]
        policy, is_closed = instrument.results, timing(instrument, self.context.today(instrument)) == "closed"
        async with self._judging[source.survey]:
            judged = self._judged.get(source.survey)
            if judged is not None and judged.holds((frame.coding.digests, policy, is_closed), frame):
                return
            async with source.lock:
                rules, withdrawn = (frame.coding.digests, policy, is_closed), len(frame.withdrawn)
                now = await asyncio.to_thread(counted, frame, policy.by)
            while (opens := await self._released(source.survey, now, policy, is_closed)) is None:
                pass  # another process was first: what it has released is judged in turn
            self._judged[source.survey] = _Judged(rules, now.seq, withdrawn, opens)

    async def _released(self, survey: str, now: Counted, policy: ResultsPolicy, is_closed: bool) -> float | None:
        """From how many complete responses on figures can move; None when another process has released figures under
        the same number."""
        releases = self.context.storage.releases
        last = await releases.latest(survey)
        previous = read_release(last["figures"]) if last else None
        release = next_release(previous, now, policy, is_closed)
        if release is not None:
            number, today = last["number"] + 1 if last else 1, self.context.today()
            if not await releases.add(survey, number, today, release.responses, release.stored()):
                return None
        return opens_at(release or previous, policy, is_closed)
