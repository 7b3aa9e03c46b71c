"""The counters of views and further sums over their rows, updated with the changes since they were last read.

The cost of an update depends on the number of changes alone, not on how many responses are stored.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
import polars as pl

from app.results.filters.selection import ViewSelection
from app.results.filters.steps import Pause, no_pause
from app.results.frame.counters import SelectedCounts, Tally, empty, rows_to_count
from app.results.frame.numbers import Scales
from app.results.layout import Layout
from app.results.view import View
from app.results.weights.cells import RakingCells
from app.results.weights.weighting import Weighting

MOST_VIEWS = 50  # of one survey, whose counters stay in memory
MOST_BYTES = 100_000_000  # of what in them depends on the number of raking cells and groups
FAR_BEHIND = 50_000  # changed rows, above which a view is counted anew
ROWS_PER_CHANGE = 50  # added to the rows of each change, for the memory that it takes itself


@dataclass(slots=True, eq=False)
class FrameChange:
    """The rows that one batch removed and added. Counters refer to the last change that they include, and each change to the
    next, so that a change is freed once all counters include it."""

    seq: int
    rows: int = 0  # changed since the first of all changes
    removed: Sequence[pl.DataFrame] = ()
    added: pl.DataFrame | None = None
    scales: Scales = ()  # of the values of each number, from then on
    cells: np.ndarray | None = None  # complete responses in each raking cell, from then on; at the end those in none
    weighting: Weighting | None = None  # from these, once it is needed
    next: FrameChange | None = None

    def followed_by(
        self, seq: int, removed: Sequence[pl.DataFrame], added: pl.DataFrame, scales: Scales, cells: np.ndarray | None
    ) -> FrameChange:
        changed = added.height + sum(table.height for table in removed)
        self.next = FrameChange(seq, self.rows + changed + ROWS_PER_CHANGE, removed, added, scales, cells)
        return self.next

    def until(self, last: FrameChange) -> list[FrameChange]:
        """The changes after this one, up to the last; none where this one is later."""
        found, each = [], self
        while each.rows < last.rows and each.next is not None:
            each = each.next
            found.append(each)
        return found


class KeptSums(ABC):
    """Sums over the rows of one view, up to the last change that they include."""

    def __init__(self, selection: ViewSelection, last: FrameChange):
        """`last` is the latest change to the rows that will be counted."""
        self.selection, self.last = selection, last

    def catch_up(self, last: FrameChange, pause: Pause) -> bool:
        """Adds what has changed since; False if the view must be counted anew. Must not be used again after an exception."""
        changes = self.last.until(last)
        if changes:
            pause()
            # Added before they are removed: a row may have been added and removed in between.
            self._change([each.added for each in changes if each.added is not None], 1, pause)
            self._change([table for each in changes for table in each.removed], -1, pause)
            self.last = changes[-1]
        return self.is_whole()

    def _change(self, tables: Sequence[pl.DataFrame], sign: int, pause: Pause) -> None:
        tables = [table for table in tables if table.height]
        if tables:
            table = pl.concat(tables)
            chosen = self.selection.mask(table, None, pause)
            if chosen.any():
                self.take_in(table, chosen, sign)

    def bytes(self) -> int:
        """The size of what can be large in it."""
        return 0

    @abstractmethod
    def take_in(self, table: pl.DataFrame, chosen: np.ndarray, sign: int) -> None:
        """Adds the chosen rows of a small table, or with -1 subtracts them."""

    def is_whole(self) -> bool:
        """Whether it still holds all it needs; otherwise the view must be counted anew."""
        return True

    def depends_on_limit(self) -> bool:
        """Whether other rows would count if speeding had another limit."""
        return self.selection.careless is not None


Kept = TypeVar("Kept", bound=KeptSums)


class ViewCounters(KeptSums):
    """The counters of one view, and of each of its groups. A weighted view has raking cells, and counts only responses that
    lie in one; `without` is how many do not."""

    def __init__(self, selection: ViewSelection, layout: Layout, last: FrameChange, cells: RakingCells | None = None):
        super().__init__(selection, last)
        self.layout, self.cells, self.without = layout, cells, 0
        groups = self.selection.groups.all if self.selection.groups else ()
        size = cells.size if cells else 0
        self.whole, *self.groups = (empty(layout, last.scales, size) for _ in range(1 + len(groups)))

    def count(self, tables: Iterable[tuple[pl.DataFrame, np.ndarray]], occurs: np.ndarray, pause: Pause) -> None:
        """Counts whole tables, each with the mask of its rows; `occurs` are the codes that any row has."""
        counting = SelectedCounts(self.layout, occurs)
        for table, alive in tables:
            pause()
            chosen, cells = self._weighted(table, self.selection.mask(table, alive, pause), 1)
            counting.add(self.whole, table, chosen, cells)
            for tally, rows in zip(self.groups, self.selection.group_masks(table, chosen), strict=True):
                pause()
                counting.add(tally, table, rows, cells)

    def _weighted(self, table: pl.DataFrame, chosen: np.ndarray, sign: int) -> tuple[np.ndarray, np.ndarray | None]:
        """The rows that are counted, and the raking cell of every row; None where there are no weights."""
        if self.cells is None:
            return chosen, None
        cells = self.cells.of(table)
        weighted = chosen & (cells >= 0)
        self.without += sign * int(np.count_nonzero(chosen) - np.count_nonzero(weighted))
        return weighted, cells

    def catch_up(self, last: FrameChange, pause: Pause) -> bool:
        before = self.last.scales
        found = super().catch_up(last, pause)
        if self.last.scales != before:
            for tally in (self.whole, *self.groups):
                tally.rescale(self.last.scales)
        return found

    def take_in(self, table: pl.DataFrame, chosen: np.ndarray, sign: int) -> None:
        chosen, cells = self._weighted(table, chosen, sign)
        batch, step = rows_to_count(self.layout, table, cells), Tally.add if sign > 0 else Tally.subtract
        step(self.whole, batch.only(chosen))
        for tally, rows in zip(self.groups, self.selection.group_masks(table, chosen), strict=True):
            if rows.any():
                step(tally, batch.only(rows))

    def is_whole(self) -> bool:
        return not any(tally.thin for tally in (self.whole, *self.groups))

    def bytes(self) -> int:
        return sum(tally.by_cell.bytes for tally in (self.whole, *self.groups) if tally.by_cell is not None)


class RowSums(Protocol):
    """Sums over rows, from which rows can be taken out again, and what is found from them."""

    def add(self, rows: pl.DataFrame, sign: int) -> None: ...

    def finding(self) -> Any: ...


@runtime_checkable
class LargeSums(Protocol):
    """Sums by raking cell, group and design, which can take megabytes."""

    def bytes(self) -> int: ...


class ViewSums(KeptSums):
    """Sums over the rows of one view, by name."""

    def __init__(self, selection: ViewSelection, last: FrameChange, sums: Mapping[str, RowSums]):
        super().__init__(selection, last)
        self.sums = sums

    def depends_on_limit(self) -> bool:
        return True  # signs of careless answering are counted in every view

    def bytes(self) -> int:
        return sum(each.bytes() for each in self.sums.values() if isinstance(each, LargeSums))

    def count(self, tables: Iterable[tuple[pl.DataFrame, np.ndarray]], pause: Pause) -> None:
        for table, alive in tables:
            pause()
            self.take_in(table, self.selection.mask(table, alive, pause), 1, pause)

    def take_in(self, table: pl.DataFrame, chosen: np.ndarray, sign: int, pause: Pause = no_pause) -> None:
        rows = table if chosen.all() else table.filter(chosen)
        for each in self.sums.values():
            pause()
            each.add(rows, sign)


class KeptViews(Generic[Kept]):
    """The sums of the views that were read last. A caller takes them out, so that no other can use them meanwhile, and puts
    them back; after a failure they are not put back, and the view is counted anew."""

    def __init__(self) -> None:
        self.all: dict[View, Kept] = {}  # the one read last is last
        self.sizes: dict[View, int] = {}  # in bytes, of those that can be large

    def take(self, view: View, last: FrameChange, limit: int | None, pause: Pause) -> Kept | None:
        """The sums of a view, up to date; None if it must be counted anew."""
        found = self.all.pop(view, None)
        if found is None or (found.depends_on_limit() and found.selection.limit != limit):
            return None
        return found if found.catch_up(last, pause) else None

    def put(self, view: View, sums: Kept) -> None:
        self.all[view] = sums
        if size := sums.bytes():
            self.sizes[view] = size
        for oldest in list(self.all)[:-MOST_VIEWS]:
            self.all.pop(oldest, None)
        for oldest in [each for each in list(self.all)[:-1] if each in self.sizes]:
            if sum(self.sizes.get(each, 0) for each in list(self.all)) <= MOST_BYTES:
                break
            self.all.pop(oldest, None)
        self.sizes = {each: size for each, size in list(self.sizes.items()) if each in self.all}

    def drop_far_behind(self, last: FrameChange) -> None:
        for view, sums in list(self.all.items()):
            if last.rows - sums.last.rows > FAR_BEHIND:
                self.all.pop(view, None)
