"""The counters of views, each brought up to date by what has changed since it was read last.

What a batch of changes costs a view depends on the batch alone, not on how many responses are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from app.results.filters.selection import ViewSelection
from app.results.filters.steps import Pause
from app.results.frame.counters import CountedRows, SelectedCounts, Tally, empty, rows_to_count
from app.results.layout import Layout
from app.results.view import View

MOST_VIEWS = 50  # of one survey, of which the counters are kept
FAR_BEHIND = 50_000  # rows: beyond it a view is counted anew
ROWS_PER_CHANGE = 50  # that the memory of a change is worth, besides its rows


@dataclass(slots=True, eq=False)
class FrameChange:
    """What one batch did to the stored rows. Counters hold on to the last change that they include, and each change to the
    next: what all of them include is freed."""

    seq: int
    rows: int = 0  # changed since the first of all changes
    struck: Sequence[pl.DataFrame] = ()
    added: pl.DataFrame | None = None
    next: FrameChange | None = None

    def followed_by(self, seq: int, struck: Sequence[pl.DataFrame], added: pl.DataFrame) -> FrameChange:
        changed = added.height + sum(table.height for table in struck)
        self.next = FrameChange(seq, self.rows + changed + ROWS_PER_CHANGE, struck, added)
        return self.next

    def until(self, last: FrameChange) -> list[FrameChange]:
        """The changes after this one, up to the last; none where this one is later."""
        found, each = [], self
        while each.rows < last.rows and each.next is not None:
            each = each.next
            found.append(each)
        return found


class ViewCounters:
    """The counters of one view, and of each of its groups."""

    def __init__(self, view: View, layout: Layout, last: FrameChange):
        """`last` is the latest change to the rows that will be counted."""
        self.layout, self.selection, self.last = layout, ViewSelection(view, layout), last
        self.whole = empty(layout)
        groups = self.selection.groups.all if self.selection.groups else ()
        self.groups = [empty(layout) for _ in groups]

    def count(self, tables: Iterable[tuple[pl.DataFrame, np.ndarray]], occurs: np.ndarray, pause: Pause) -> None:
        """Counts whole tables, each with the mask of its rows; `occurs` are the codes that any row has."""
        counting = SelectedCounts(self.layout, occurs)
        for table, alive in tables:
            pause()
            chosen = self.selection.mask(table, alive, pause)
            counting.add(self.whole, table, chosen)
            for tally, rows in zip(self.groups, self.selection.group_masks(table, chosen), strict=True):
                pause()
                counting.add(tally, table, rows)

    def catch_up(self, last: FrameChange, pause: Pause) -> bool:
        """Adds what has changed since; False where all must be counted anew. Of no use after an exception."""
        changes = self.last.until(last)
        if changes:
            pause()
            # Added before they are struck: a row may have come and gone in between.
            self._step(Tally.add, [each.added for each in changes if each.added is not None], pause)
            self._step(Tally.subtract, [table for each in changes for table in each.struck], pause)
            self.last = changes[-1]
        return not any(tally.thin for tally in (self.whole, *self.groups))

    def _step(
        self, step: Callable[[Tally, CountedRows], None], tables: Sequence[pl.DataFrame], pause: Pause
    ) -> None:
        tables = [table for table in tables if table.height]
        if not tables:
            return
        table = pl.concat(tables)
        chosen = self.selection.mask(table, None, pause)
        if not chosen.any():
            return
        batch = rows_to_count(self.layout, table)
        step(self.whole, batch.only(chosen))
        for tally, rows in zip(self.groups, self.selection.group_masks(table, chosen), strict=True):
            if rows.any():
                step(tally, batch.only(rows))


class KeptViews:
    """The counters of the views read last. Who takes one out has it alone until it is put back; what fails
    meanwhile is counted anew."""

    def __init__(self) -> None:
        self.all: dict[View, ViewCounters] = {}  # the one read last is last

    def take(self, view: View) -> ViewCounters | None:
        return self.all.pop(view, None)

    def put(self, view: View, counters: ViewCounters) -> None:
        self.all[view] = counters
        for oldest in list(self.all)[:-MOST_VIEWS]:
            self.all.pop(oldest, None)

    def drop_far_behind(self, last: FrameChange) -> None:
        for view, counters in list(self.all.items()):
            if last.rows - counters.last.rows > FAR_BEHIND:
                self.all.pop(view, None)
