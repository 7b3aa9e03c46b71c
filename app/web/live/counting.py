"""Counting in separate threads with a time limit, so that the event loop continues and a stopping server stops."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from app.web.http.problems import HTTPProblem

SECONDS = 20.0  # for one filter
THREADS = 2

Counted = TypeVar("Counted")
Pause = Callable[[], None]
"""Called repeatedly while counting; it raises when counting must end."""


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

    async def filtered(self, count: Callable[[Pause], Counted]) -> Counted:
        """Raises TooSlow, Stopped. Waiting for a free thread does not count."""
        if self._stopping.is_set():
            raise Stopped
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._in_time, count)

    async def whole(self, count: Callable[[Pause], Counted]) -> Counted:
        """Raises Stopped."""
        return await asyncio.to_thread(count, self._unless_stopping)

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
        self._pool.shutdown(wait=False, cancel_futures=True)
