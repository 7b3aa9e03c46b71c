"""The queue before the database: pages wait here, share a commit, and are acknowledged after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from app.responses.errors import Busy, StorageError, Unavailable
from app.responses.rows import Row, TurnedAway, Wanted, encode_answers

log = logging.getLogger(__name__)

BEGIN, SAVE, CLOSE = "begin", "save", "close"
LARGEST_BATCH = 256  # writes in one commit

Outcome = int | None | StorageError
"""The new seq; None when the row was not as expected (changed, or already there); or what went wrong."""


Drawing = Callable[[int], dict[str, Any]]
"""The answers that a response begins with, drawn for its number among those of its instrument (0, 1, 2 ...)."""


class Write:
    """One row to keep: `row` as it shall be, except for its seq, which `expected` guards.

    With a `drawing` its answers are only known once it has a number; with `wanted` quotas count it, or no longer do, as
    it is stored, and it is what `turned_away` makes of it when one of them is full.
    """

    __slots__ = (
        "answers", "asked", "drawing", "expected", "is_plain", "kept", "kind", "row", "turned_away", "wanted",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        row: Row,
        kept: asyncio.Future,
        drawing: Drawing | None = None,
        wanted: Wanted | None = None,
        turned_away: TurnedAway | None = None,
    ):
        self.kind = kind
        self.asked = self.row = row
        self.expected = row.seq
        self.answers = encode_answers(row.answers)
        self.kept = kept
        self.drawing, self.wanted, self.turned_away = drawing, wanted, turned_away
        self.is_plain = drawing is None and wanted is None

    def shall_be(self, row: Row) -> None:
        """Sets what is kept. Raises Refused for answers that JSON cannot hold."""
        self.row, self.answers = row, encode_answers(row.answers)


class WriteQueue:
    """Bounded. `deliver` is given the writes of one turn of the event loop, together."""

    def __init__(self, deliver: Callable[[list[Write]], None], limit: int):
        self.deliver = deliver
        self.limit = limit
        self.waiting = 0
        self.fresh: list[Write] = []
        self.open = True
        self.listeners: list[Callable[[dict[str, int]], None]] = []
        self.loop = asyncio.get_running_loop()

    def put(self, kind: str, row: Row, **more: Any) -> Write:
        """The result of its `kept` is the new seq or None. Raises Busy, Unavailable or Refused."""
        if not self.open:
            raise Unavailable("storage is closed")
        if self.waiting >= self.limit:
            raise Busy(f"{self.waiting} pages are waiting")
        write = Write(kind, row, self.loop.create_future(), **more)
        self.waiting += 1
        if not self.fresh:
            self.loop.call_soon(self.flush)
        self.fresh.append(write)
        return write

    def flush(self) -> None:
        fresh, self.fresh = self.fresh, []
        if fresh:
            self.deliver(fresh)

    def settle(self, batch: list[Write], outcomes: list[Outcome]) -> None:
        """Tells every caller how it went; called in the event loop, once per commit."""
        self.waiting -= len(batch)
        last: dict[str, int] = {}
        for write, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, int):
                last[write.row.survey] = max(outcome, last.get(write.row.survey, 0))
            answer(write.kept, outcome)
        if last:
            self.tell(last)

    def tell(self, last: dict[str, int]) -> None:
        """Tells the listeners which surveys changed, and up to which seq."""
        for listener in self.listeners:
            try:
                listener(last)
            except Exception:
                log.exception("a listener failed")


def answer(kept: asyncio.Future, outcome: Outcome) -> None:
    # A caller who went away has cancelled the future; the page is stored anyway.
    if kept.done():
        return
    if isinstance(outcome, StorageError):
        kept.set_exception(outcome)
    else:
        kept.set_result(outcome)
