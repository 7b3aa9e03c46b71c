"""Live figures: every survey's frame is kept up to date, and open dashboards receive what has changed.

A frame takes in what is new a few times a second. A view (a survey seen through one filter) is rendered once per
update, however many look at it, and only what differs from before is sent. What none of them has in its window is
rendered only once nothing more arrives, or every few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from typing import TYPE_CHECKING, Protocol

from app.catalogue.library import InstrumentLibrary
from app.logs import what_went_wrong
from app.responses.errors import outage
from app.web.http.replies import KEEPALIVE_SECONDS
from app.web.live.counting import QUICK_SECONDS, CountingThreads, Stopped
from app.web.live.frames import LiveFrame, Preparing
from app.web.live.views import DashboardView, Fragments, InSight, PageView

if TYPE_CHECKING:  # takes a second to import, and respondents need none of it
    from app.results.view import View

log = logging.getLogger("opinion.live")

TICK_SECONDS = 0.4  # between looks for what is new
POLL_SECONDS = 1.0  # between looks for what other processes have stored
WAIT_SECONDS = 3.0  # for a frame that is being read; then its progress is shown
FEW_RESPONSES = 20_000  # are read in a second, or on a busy machine in several
WAIT_SECONDS_FOR_FEW = 20.0
JUDGE_AFTER_SECONDS = 5.0  # after the start: respondents come first
STREAM_SECONDS = 120  # then the browser connects again, and its researcher counts as active
SESSIONS_AT_ONCE = 500  # in one query
WHOLE_SECONDS = 5.0  # after which also what nobody has in the window is brought up to date
WHOLE_SECONDS_A_VIEW = 0.6  # the same with many views, for each of them: it takes up to a tenth of a core
VIEWS_AT_ONCE = 2  # that are brought up to date: one is counted or rendered, and the next is ready
REST_FACTOR = 3  # a view is counted again after this many times the time that it took

StillSignedIn = Callable[[Collection[str]], Awaitable[set[str]]]
"""Which of some sessions have not ended."""


class Dashboards(Protocol):
    """What renders and releases figures. It is loaded on demand, because it needs Polars."""

    async def fragments(self, source: LiveFrame, of: PageView, in_sight: InSight = None) -> Fragments: ...

    async def release(self, source: LiveFrame) -> None: ...

    def seconds(self, survey: str, view: View) -> float:
        """How long counting a view took the last time."""


class LiveFigures:
    """All frames and views of one process, and the loop that updates them."""

    def __init__(
        self,
        library: InstrumentLibrary,
        counting: CountingThreads,
        dashboards: Awaitable[Dashboards],
        still_signed_in: StillSignedIn,
    ):
        self.library, self.storage, self.counting = library, library.storage, counting
        self.dashboards, self.still_signed_in = dashboards, still_signed_in
        self.frames: dict[str, LiveFrame] = {}
        self.views: dict[tuple[str, PageView], DashboardView] = {}
        self._turns = asyncio.Semaphore(VIEWS_AT_ONCE)
        self.closing = asyncio.Event()
        self.sessions: Counter[str] = Counter()  # of researchers, with the number of their open streams
        self._adopting: set[str] = set()  # surveys with a new version
        self._judging: set[str] = set()  # surveys whose public figures must be evaluated, with or without viewers

    def _frame(self, survey: str) -> LiveFrame:
        return self.frames.setdefault(survey, LiveFrame(survey, self.library))

    async def frame_of(self, survey: str) -> LiveFrame | None:
        """The survey's frame with everything stored by now, or None for a survey that was never served.

        Raises Preparing when that takes more than a moment.
        """
        found = self._frame(survey)
        if not await found.ready(WAIT_SECONDS) and not (
            found.total <= FEW_RESPONSES and await found.ready(WAIT_SECONDS_FOR_FEW)
        ):
            log.info("%s: a page of results waits: %s of %s responses have been read", survey, found.done, found.total)
            raise Preparing(found.done, found.total)
        if found.frame is None:
            self.frames.pop(survey, None)
            return None
        return found

    def stored(self, seqs: dict[str, int]) -> None:
        """This process has stored something."""
        for survey in seqs:
            if survey in self.frames:
                self.frames[survey].stale = True

    def new_version(self, survey: str) -> None:
        if survey in self.frames:
            self._adopting.add(survey)
        self._judging.add(survey)

    def withdrawn(self, survey: str) -> None:
        """A response was withdrawn: figures about too few people must go, also where nobody looks."""
        self._judging.add(survey)

    # --- the loop ------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled. A fault in one survey does not stop the others."""
        loop = asyncio.get_running_loop()
        polled, began = 0.0, loop.time()
        try:
            while True:
                await asyncio.sleep(TICK_SECONDS)
                if loop.time() - polled >= POLL_SECONDS:
                    polled = loop.time()
                    await self._safely(self._poll())
                    await self._safely(self._end_signed_out())
                for source in list(self.frames.values()):
                    await self._safely(self._update_survey(source))
                if self._judging and loop.time() - began >= JUDGE_AFTER_SECONDS:
                    await self._safely(self._judge())
        finally:
            for view in self.views.values():
                if view.following is not None:
                    view.following.cancel()

    async def _safely(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Stopped:
            return
        except Exception as error:
            if (cause := outage(error)) is not None:
                log.warning("figures cannot be updated: the database cannot be used: %s", cause)
            else:
                log.error("figures could not be updated\n%s", "\n".join(what_went_wrong(error)))
            await asyncio.sleep(1)

    async def _poll(self) -> None:
        """Marks the frames for which other processes have stored something."""
        if self.frames:
            for survey, seq in (await self.storage.last_seqs()).items():
                found = self.frames.get(survey)
                if found is not None and found.frame is not None and found.frame.seq < seq:
                    found.stale = True

    async def _end_signed_out(self) -> None:
        """Ends the streams of researchers who signed out, were removed or have a new password, in any process."""
        sessions = list(self.sessions)
        for start in range(0, len(sessions), SESSIONS_AT_ONCE):
            some = sessions[start : start + SESSIONS_AT_ONCE]
            ended = {*some} - await self.still_signed_in(some)
            for session in ended:
                self.sessions.pop(session, None)
            for view in self.views.values() if ended else ():
                view.wake()

    async def _judge(self) -> None:
        """Releases or takes down public figures, also of surveys that nobody looks at."""
        self._judging &= set(await self.storage.releases.surveys())
        for survey in list(self._judging):
            dashboards, source = await self.dashboards, self._frame(survey)
            if survey not in self._adopting and await source.ready(0):
                self._judging.discard(survey)
                if source.frame is not None:
                    await dashboards.release(source)

    async def _update_survey(self, source: LiveFrame) -> None:
        if source.frame is None:
            return
        await source.store_encoded()
        views = [view for view in self.views.values() if view.source.survey == source.survey and view.viewers]
        adopting = source.survey in self._adopting
        self._adopting.discard(source.survey)
        if adopting and not await source.adopt():
            await self._read_again(source)
            return
        changed = source.stale and await source.catch_up()
        behind = any(view.source is not source or view.is_behind for view in views)
        if not (changed or adopting or behind):
            for view in views:
                if not view.is_whole:
                    view.is_quiet = True
                    self._follow(view)
            return
        await (await self.dashboards).release(source)
        for view in views:
            view.source = source
            self._follow(view)

    async def _read_again(self, source: LiveFrame) -> None:
        """Reads a survey again in the background. Viewers of the old figures get the new ones when they are ready."""
        fresh = self.frames[source.survey] = LiveFrame(source.survey, self.library)
        await fresh.ready(0)

    def _follow(self, view: DashboardView) -> None:
        """Brings a view up to date, however long that takes: nothing else waits for it."""
        view.stale = True
        if view.following is None or view.following.done():
            view.following = asyncio.create_task(self._safely(self._up_to_date(view)))

    async def _up_to_date(self, view: DashboardView) -> None:
        while view.stale and view.viewers:
            view.stale = False
            await self._update(view)
            await asyncio.sleep(REST_FACTOR * (await self.dashboards).seconds(view.source.survey, view.of.view))

    async def _update(self, view: DashboardView, in_sight: InSight = None, for_page: bool = False) -> None:
        """Renders a view again: all of it where that is due, or else what is in sight. For a page that has just been opened,
        only what the page has in sight, unless that is there meanwhile."""
        dashboards, now = await self.dashboards, asyncio.get_running_loop().time()
        async with view.updating, self._turn(dashboards.seconds(view.source.survey, view.of.view)):
            frame = view.source.frame
            if frame is None or (for_page and view.seq == frame.seq and not view.lacks(in_sight)):
                return
            is_due = view.is_quiet or now - view.whole_at >= max(WHOLE_SECONDS, WHOLE_SECONDS_A_VIEW * len(self.views))
            rendering, seq = None if is_due and not for_page else view.in_sight, frame.seq
            if rendering is None:
                view.is_quiet, view.whole_at = False, now
            view.update(await dashboards.fragments(view.source, view.of, rendering), seq, rendering is None)

    def _turn(self, seconds: float) -> contextlib.AbstractAsyncContextManager[None]:
        """Views that are quick to count are counted and rendered one after the other: a count that waits for the rendering of
        all others would be late when it is sent. A slow view, or one of which nothing is known, keeps no other waiting."""
        return self._turns if 0 < seconds <= QUICK_SECONDS else contextlib.nullcontext()

    def has_room(self, survey: str, view: View) -> bool:
        """Whether dashboards can be kept live on a view: those of one survey share a limited number of views."""
        from app.results.frame.kept import MOST_VIEWS

        viewed = {each.of.view for (of, _), each in self.views.items() if of == survey and each.viewers}
        return view in viewed or len(viewed) < MOST_VIEWS

    # --- streams -------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def streaming(self, session: str) -> Iterator[None]:
        """Counts a stream among those of its session while it is open."""
        self.sessions[session] += 1
        try:
            yield
        finally:
            self.sessions[session] -= 1
            if self.sessions[session] <= 0:
                del self.sessions[session]

    @contextlib.asynccontextmanager
    async def viewing(self, source: LiveFrame, of: PageView, in_sight: InSight = None) -> AsyncIterator[DashboardView]:
        key = source.survey, of
        view = self.views.setdefault(key, DashboardView(source, of, asyncio.get_running_loop().time()))
        view.open(in_sight)
        try:
            yield view
        finally:
            view.close(in_sight)
            if not view.viewers:
                self.views.pop(key, None)

    async def stream(
        self, source: LiveFrame, of: PageView, seen: int, in_sight: InSight, session: str
    ) -> AsyncIterator[bytes]:
        """Server-sent events for one dashboard that shows the figures of the change `seen`, while its session lasts."""
        async with self.viewing(source, of, in_sight) as view:
            with self.streaming(session):
                yield b"retry: 1000\n\n"
                with contextlib.suppress(Stopped):
                    await self._update(view, in_sight, for_page=True)
                if newer := view.newer_than(seen):
                    yield newer
                async for news in self._news(view, session):
                    yield news

    async def _news(self, view: DashboardView, session: str) -> AsyncIterator[bytes]:
        update = view.updates
        until = asyncio.get_running_loop().time() + STREAM_SECONDS
        while self._is_open(session) and asyncio.get_running_loop().time() < until:
            if view.updates != update:
                news, update = view.since(update), view.updates
                yield news
            elif not await self._changes(view) and self._is_open(session):
                yield b": still here\n\n"

    def _is_open(self, session: str) -> bool:
        return session in self.sessions and not self.closing.is_set()

    async def _changes(self, view: DashboardView) -> bool:
        """Waits for the view to change, but not for ever."""
        try:
            async with asyncio.timeout(KEEPALIVE_SECONDS):
                await view.changed.wait()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Ends every open dashboard and all reading, so that the server can stop at once."""
        self.closing.set()
        self.counting.stop()
        for source in self.frames.values():
            source.stop()
        for view in self.views.values():
            view.changed.set()

    async def store_encoded(self) -> None:
        """At the end: stores every encoded response that is not stored yet."""
        for source in self.frames.values():
            await source.store_encoded(least=1)
