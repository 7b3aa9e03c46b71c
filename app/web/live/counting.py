"""Counting in separate threads with a time limit, so that the event loop continues and a stopping server stops."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

from app.web.http.problems import HTTPProblem
from app.web.live.frames import LiveFrame

if TYPE_CHECKING:  # takes a second to import, and respondents need none of it
    from app.results.frame.frame import Frame
    from app.results.view import View

SECONDS = 20.0  # for one filter
THREADS = 2
QUICK_SECONDS = 0.05  # a view that took no longer is counted in turn with other such views

Counted = TypeVar("Counted")
Pause = Callable[[], None]
"""Called repeatedly while counting; it raises when counting must end."""


TIMED = 200  # views whose last counting time is known


class TooSlow(Exception):
    """A filter took longer than it may."""

    def __init__(self, seconds: float):
        super().__init__(
            f"Counting this filter takes longer than {seconds:g} seconds. Use fewer operations, or export the responses "
            "and count them there."
        )


class Stopped(HTTPProblem):
    """The server is stopping."""

    def __init__(self) -> None:
        super().__init__(503, headers={"Retry-After": "5"})


class CountingThreads:
    """Filters are counted a few at a time; unfiltered counts do not wait for them."""

    def __init__(self, seconds: float = SECONDS):
        self.seconds = seconds
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS, "filter")
        self._in_turn = ThreadPoolExecutor(1, "view")

    async def filtered(self, count: Callable[[Pause], Counted]) -> Counted:
        """Raises TooSlow, Stopped. Waiting for a free thread does not count."""
        if self._stopping.is_set():
            raise Stopped
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._in_time, count)

    async def whole(self, count: Callable[[Pause], Counted]) -> Counted:
        """Raises Stopped."""
        return await asyncio.to_thread(count, self._unless_stopping)

    async def quick(self, count: Callable[[Pause], Counted]) -> Counted:
        """Runs quick counts one at a time: threads that compute delay respondents' pages. Raises TooSlow,
        Stopped."""
        if self._stopping.is_set():
            raise Stopped
        return await asyncio.get_running_loop().run_in_executor(self._in_turn, self._in_time, count)

    def _in_time(self, count: Callable[[Pause], Counted]) -> Counted:
        until = time.monotonic() + self.seconds

        def pause() -> None:
            self._unless_stopping()
            if time.monotonic() > until:
                raise TooSlow(self.seconds)

        return count(pause)

    def _unless_stopping(self) -> None:
        if self._stopping.is_set():
            raise Stopped

    def stop(self) -> None:
        """Ends every count at its next step."""
        self._stopping.set()
        for pool in (self._pool, self._in_turn):
            pool.shutdown(wait=False, cancel_futures=True)


class ViewCounting:
    """Counts views of live frames. Concurrent requests for the same view share one result, and the counters of a view are
    updated by one thread at a time."""

    def __init__(self, threads: CountingThreads):
        self.threads = threads
        self.seconds: dict[tuple[str, View], float] = {}  # that counting a view took the last time
        self._running: dict[tuple[LiveFrame, View, Any], tuple[int, asyncio.Task[Any]]] = {}
        self._locks: WeakValueDictionary[tuple[LiveFrame, View], asyncio.Lock] = WeakValueDictionary()

    async def count(
        self, source: LiveFrame, view: View, work: Callable[[Frame, View, Pause], Counted]
    ) -> Counted:
        """`work` gets the responses as they are now. Raises TooSlow for a filter, and Stopped."""
        key, seq = (source, view, work), source.loaded.seq
        began_at, task = self._running.get(key, (-1, None))
        if task is None or began_at < seq:
            task = asyncio.create_task(self._count(source, view, work))
            self._running[key] = seq, task
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    async def _count(self, source: LiveFrame, view: View, work: Callable[[Frame, View, Pause], Counted]) -> Counted:
        async with self._locks.setdefault((source, view), asyncio.Lock()):
            async with source.lock:
                frame = source.loaded.snapshot()
            run = self.threads.filtered if view.is_filtered else self.threads.whole
            if self.seconds.get((source.survey, view), SECONDS) <= QUICK_SECONDS:
                run = self.threads.quick
            return await run(lambda pause: self._timed(source.survey, view, lambda: work(frame, view, pause)))

    def _timed(self, survey: str, view: View, work: Callable[[], Counted]) -> Counted:
        began = time.monotonic()
        try:
            return work()
        finally:
            self.seconds.pop((survey, view), None)
            self.seconds[survey, view] = time.monotonic() - began
            for oldest in list(self.seconds)[:-TIMED]:
                self.seconds.pop(oldest, None)

    def _forget(self, key: tuple[LiveFrame, View, Any], done: asyncio.Task[Any]) -> None:
        if self._running.get(key, (0, None))[1] is done:
            del self._running[key]
        if not done.cancelled():
            done.exception()  # of no interest where nobody waits any more
