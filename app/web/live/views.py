"""Open dashboards: each view of a survey is rendered once per update, however many look at it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.web.live.frames import LiveFrame

if TYPE_CHECKING:  # takes a second to import, and respondents need none of it
    from app.results.view import View

Fragments = dict[str, str]
"""HTML by the id of the element that it replaces."""


@dataclass(frozen=True, slots=True)
class PageView:
    """What a dashboard shows of a survey: one of its pages, of one view, and what else the page's address says."""

    page: str  # "" is the overview
    view: View
    further: tuple[tuple[str, str], ...] = ()


class DashboardView:
    """What one or more open dashboards show of a survey."""

    def __init__(self, source: LiveFrame, of: PageView):
        self.source, self.of = source, of
        self.viewers = 0
        self.fragments: Fragments = {}
        self.seq = -1  # of the frame when the fragments were made
        self.before = -1  # the seq that `news` starts from
        self.news = b""
        self._whole: bytes | None = None
        self.changed = asyncio.Event()
        self.updating = asyncio.Lock()
        self.stale = False
        self.following: asyncio.Task[None] | None = None

    @property
    def is_behind(self) -> bool:
        """Whether it shows less than its frame holds, as when a new viewer has brought the frame up to date."""
        return 0 <= self.seq < self.source.loaded.seq

    def wake(self) -> None:
        """Lets everybody who waits for a change look again."""
        woken, self.changed = self.changed, asyncio.Event()
        woken.set()

    def update(self, fragments: Fragments, seq: int) -> None:
        different = {name: html for name, html in fragments.items() if self.fragments.get(name) != html}
        self.before, self.seq = self.seq, seq
        self.fragments, self._whole = fragments, None
        self.news = event(different, seq)
        self.wake()

    def since(self, seq: int) -> bytes:
        """The event for a viewer who has seen the figures of `seq`."""
        if seq == self.before:
            return self.news
        if self._whole is None:
            self._whole = event(self.fragments, self.seq)
        return self._whole


def event(fragments: Fragments, seq: int) -> bytes:
    body = json.dumps(fragments, ensure_ascii=False, separators=(",", ":"))
    return f"event: figures\nid: {seq}\ndata: {body}\n\n".encode()
