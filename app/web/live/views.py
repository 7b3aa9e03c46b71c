"""Open dashboards: each view of a survey is rendered once per update, however many look at it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from app.web.live.frames import LiveFrame

if TYPE_CHECKING:  # takes a second to import, and respondents need none of it
    from app.results.view import View

MOST_IN_SIGHT = 100  # elements that an address can name

Fragments = dict[str, str]
"""HTML by the id of the element that it replaces."""
InSight = frozenset[str] | None
"""The ids of what one dashboard has in its window; None if that is not known."""


@dataclass(frozen=True, slots=True)
class PageView:
    """What a dashboard shows of a survey: one of its pages, of one view, and what else the page's address says."""

    page: str  # "" is the overview
    view: View
    further: tuple[tuple[str, str], ...] = ()


class SentFragment(NamedTuple):
    html: str
    seq: int  # of the figures that it shows
    update: int  # of the view: the last one that sent it


class DashboardView:
    """What one or more open dashboards show of a survey.

    What none of them has in its window is rendered less often. `whole` is the change of the frame that all fragments
    include, and thus the event id: a browser that connects again gets every fragment that is newer.
    """

    def __init__(self, source: LiveFrame, of: PageView, now: float):
        self.source, self.of = source, of
        self.viewers = 0
        self.fragments: dict[str, SentFragment] = {}
        self.seq = -1  # of the frame when what is in sight was rendered
        self.whole = -1
        self.whole_at = now  # on the event loop's clock
        self.is_quiet = False  # nothing has arrived lately, so that there is time to render all of it
        self.updates = 0
        self.news = b""
        self.changed = asyncio.Event()
        self.updating = asyncio.Lock()
        self.stale = False
        self.following: asyncio.Task[None] | None = None
        self._in_sight: Counter[str] = Counter()
        self._unknown = 0  # dashboards that do not say what they have in their window
        self._pages: set[int] = set()  # of pages opened since all fragments were rendered: the changes that they include

    @property
    def is_behind(self) -> bool:
        """Whether it shows less than its frame holds, as when a new viewer has brought the frame up to date."""
        return 0 <= self.seq < self.source.loaded.seq

    @property
    def is_whole(self) -> bool:
        return self.whole == self.seq

    @property
    def in_sight(self) -> InSight:
        """What any of its dashboards has in its window; None if one does not say."""
        return None if self._unknown else frozenset(self._in_sight)

    def open(self, in_sight: InSight) -> None:
        self.viewers += 1
        self._unknown += in_sight is None
        self._in_sight.update(in_sight or ())

    def close(self, in_sight: InSight) -> None:
        self.viewers -= 1
        self._unknown -= in_sight is None
        self._in_sight -= Counter(in_sight or ())

    def wake(self) -> None:
        """Lets everybody who waits for a change look again."""
        woken, self.changed = self.changed, asyncio.Event()
        woken.set()

    def update(self, rendered: Fragments, seq: int, whole: bool = True) -> None:
        """`whole` is whether all fragments were rendered, not only those in sight."""
        self.updates += 1
        if whole:
            self.whole = seq
            self.fragments = {name: each for name, each in self.fragments.items() if name in rendered}
        self.seq = seq
        different = {name: html for name, html in rendered.items() if self._differs(name, html, seq)}
        for name, html in rendered.items():
            before = self.fragments.get(name)
            update = self.updates if name in different else before.update if before else 0
            self.fragments[name] = SentFragment(html, seq, update)
        if whole:
            self._pages = {page for page in self._pages if page > seq}
        self.news = self._event(different)
        self.wake()

    def _differs(self, name: str, html: str, seq: int) -> bool:
        """Whether any page may show something else. One that was opened between two renderings may, also where these are
        equal; one that was opened at this change does not."""
        before = self.fragments.get(name)
        if before is None:
            return self._pages != {seq}
        return before.html != html or any(before.seq < page < seq for page in self._pages)

    def since(self, update: int) -> bytes:
        """The event for a dashboard that has had every update up to this one."""
        if update == self.updates - 1:
            return self.news
        return self._event({name: each.html for name, each in self.fragments.items() if each.update > update})

    def newer_than(self, seq: int) -> bytes:
        """The event for a dashboard whose page shows the figures of `seq`; empty for nothing new."""
        self._pages.add(seq)
        newer = {name: each.html for name, each in self.fragments.items() if each.seq > seq}
        return self._event(newer) if newer else b""

    def lacks(self, in_sight: InSight) -> bool:
        """Whether something that a dashboard has in its window was not rendered at the last update."""
        if in_sight is None:
            return not self.is_whole
        return any(each.seq < self.seq for name, each in self.fragments.items() if name in in_sight)

    def _event(self, fragments: Fragments) -> bytes:
        """Its comment, the last change that what is in sight includes, is for measurements of how late an event is."""
        body = json.dumps(fragments, ensure_ascii=False, separators=(",", ":"))
        return f": {self.seq}\nevent: figures\nid: {self.whole}\ndata: {body}\n\n".encode()


def in_sight_of(written: Collection[str]) -> InSight:
    """What an address says of the window: comma-separated ids. None if it says nothing, or too much."""
    ids = frozenset(name for each in written for name in each.split(",") if name)
    return ids if written and len(ids) <= MOST_IN_SIGHT else None
