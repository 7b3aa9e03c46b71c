"""How often each answer was given: the counters from which marginals are made.

There are two ways to a tally: counting whole tables, with which a view begins, and adding and subtracting rows as they
change, which does not depend on how many are stored. Both give the same tally.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from app.results.frame.by_cell import CellCounts, no_cell_counts
from app.results.frame.numbers import NumberCounts, Scales, value_counts
from app.results.layout import REASONS, TOP, Coded, Layout

#: Texts shown of an item. More are in memory, so that enough remain after a withdrawal.
TEXTS_SHOWN, TEXTS_KEPT = 20, 60
SORTED_AT_ONCE = 4096

Entry = tuple[int, int, str]
"""A text that can be shown: minus its day (days since 1970), the key of its response, and the text."""


@dataclass(slots=True)
class LatestTexts:
    """The latest texts of one item, by day; within a day in the order of their random keys."""

    entries: list[Entry] = field(default_factory=list)
    cut: bool = False  # whether there are more than TEXTS_KEPT

    def add(self, entry: Entry) -> None:
        if self.cut and (not self.entries or entry > self.entries[-1]):
            return
        insort(self.entries, entry)
        if len(self.entries) > TEXTS_KEPT:
            self.entries.pop()
            self.cut = True

    def remove(self, entry: Entry) -> None:
        index = bisect_left(self.entries, entry)
        if index < len(self.entries) and self.entries[index] == entry:
            del self.entries[index]

    @property
    def thin(self) -> bool:
        """Whether too few are left, so that the tables must be counted again."""
        return self.cut and len(self.entries) < TEXTS_SHOWN

    def shown(self) -> list[Entry]:
        return self.entries[:TEXTS_SHOWN]


@dataclass(slots=True)
class CountedRows:
    """A few rows, column by column, to be added to counters or subtracted from them."""

    slots: np.ndarray  # (rows, coded columns): the counter of each code
    numbers: Sequence[Sequence[float | None]]  # by number, then row
    dates: Sequence[Sequence[str | None]]
    texts: Sequence[Sequence[str | None]]
    keys: np.ndarray
    days: np.ndarray  # days since 1970: completed, or begun while open
    cells: np.ndarray | None = None  # in a weighted view: the raking cell of each row

    def only(self, mask: np.ndarray) -> CountedRows:
        if mask.all():
            return self
        rows = np.flatnonzero(mask).tolist()
        several = (
            [[values[row] for row in rows] for values in each] for each in (self.numbers, self.dates, self.texts)
        )
        cells = None if self.cells is None else self.cells[mask]
        return CountedRows(self.slots[mask], *several, self.keys[mask], self.days[mask], cells)


def rows_to_count(layout: Layout, table: pl.DataFrame, cells: np.ndarray | None = None) -> CountedRows:
    """The rows of a small table, to be counted."""
    return CountedRows(
        layout.slots(layout.widened(table)),
        [table[name].to_list() for name in layout.numbers],
        [table[name].to_list() for name in layout.dates],
        [table[name].to_list() for name in layout.texts],
        table["~key"].to_numpy(),
        days_of(table),
        cells,
    )


def days_of(table: pl.DataFrame) -> np.ndarray:
    """The day by which responses are sorted: of completion, or of the beginning while open."""
    return table.select(pl.coalesce("~completed", "~began").to_physical().fill_null(0)).to_series().to_numpy()


@dataclass(slots=True)
class Tally:
    """The counters of one layout over some responses."""

    layout: Layout
    n: int
    codes: np.ndarray  # one counter for each code and each reason of each coded column
    numbers: list[NumberCounts]
    dates: list[Counter[str]]
    texts: list[LatestTexts]
    by_cell: CellCounts | None = None  # of a weighted view, whose responses all have a weight

    def add(self, batch: CountedRows) -> None:
        self._count(batch, 1)
        for index, entry in _said(batch):
            self.texts[index].add(entry)

    def subtract(self, batch: CountedRows) -> None:
        self._count(batch, -1)
        for index, entry in _said(batch):
            self.texts[index].remove(entry)

    def _count(self, batch: CountedRows, sign: int) -> None:
        self.n += sign * len(batch.keys)
        self.codes += sign * np.bincount(batch.slots.ravel(), minlength=len(self.codes))
        for counts, numbers in zip(self.numbers, batch.numbers, strict=True):
            found = Counter(value for value in numbers if value is not None)
            counts.add({value: sign * n for value, n in found.items()})
        for counter, dates in zip(self.dates, batch.dates, strict=True):
            step(counter, (value for value in dates if value is not None), sign)
        if self.by_cell is not None and batch.cells is not None:
            self.by_cell.add_rows(batch, batch.cells, sign)

    def rescale(self, scales: Scales) -> None:
        """Puts into classes the values of numbers that have too many by now."""
        for counts, scale in zip(self.numbers, scales, strict=True):
            counts.rescale(scale)
        if self.by_cell is not None:
            self.by_cell.rescale(scales)

    @property
    def thin(self) -> bool:
        return any(latest.thin for latest in self.texts)

    def same_as(self, other: Tally) -> bool:
        """Whether both show the same."""
        return (
            self.layout == other.layout
            and self.n == other.n
            and bool((self.codes == other.codes).all())
            and all(mine.same_as(others) for mine, others in zip(self.numbers, other.numbers, strict=True))
            and self.dates == other.dates
            and [each.shown() for each in self.texts] == [each.shown() for each in other.texts]
            and (self.by_cell is None or other.by_cell is None or self.by_cell.same_as(other.by_cell))
        )


def empty(layout: Layout, scales: Scales, cells: int = 0) -> Tally:
    """`cells` is the number of raking cells in a weighted view."""
    return Tally(
        layout,
        0,
        np.zeros(int(layout.offsets[-1]), dtype=np.int64),
        [NumberCounts(scale) for scale in scales],
        [Counter() for _ in layout.dates],
        [LatestTexts() for _ in layout.texts],
        no_cell_counts(layout, scales, cells) if cells else None,
    )


def _said(batch: CountedRows) -> Iterator[tuple[int, Entry]]:
    for index, texts in enumerate(batch.texts):
        for row, text in enumerate(texts):
            if text is not None:
                yield index, (-int(batch.days[row]), int(batch.keys[row]), text)


def step(counter: Counter[Any], values: Iterable[Any], sign: int) -> None:
    """Adds each value to a counter once, or subtracts it."""
    # A count that falls to 0 is removed, so that tallies are equal however they were counted.
    for value in values:
        left = counter[value] + sign
        if left:
            counter[value] = left
        else:
            del counter[value]


# --- counting whole tables --------------------------------------------------------------------------------


class SelectedCounts:
    """Counts the chosen rows of tables, each by one select of equality sums.

    `known` says which codes occur in any row: the others are not counted. In
    each column one counter is derived from the others; the reasons of flags that are missing together are counted
    once.
    """

    def __init__(self, layout: Layout, known: np.ndarray | None = None):
        self.layout = layout
        self.known = np.ones(int(layout.offsets[-1]), dtype=bool) if known is None else known
        self.indexes: list[int] = []
        self.sums: list[pl.Expr] = []
        led = dict(layout.led)
        left = [self._plan(index, column.name in led) for index, column in enumerate(layout.coded)]
        self.left = np.array(left, dtype=np.int64)
        self.followers = np.array([layout.slot[name] for name in led], dtype=np.int64)
        self.leaders = np.array([layout.slot[name] for name in led.values()], dtype=np.int64)

    def _plan(self, index: int, is_led: bool) -> int:
        """Decides what to count of a column; returns the counter that is derived from the others."""
        column, offset = self.layout.coded[index], int(self.layout.offsets[index])
        not_shown = len(column.codes)
        # Rows that are not chosen become `not_shown`, so this counter is what the others leave.
        left = 0 if is_led or not self.known[offset + not_shown] else not_shown
        for counter in range(len(column.codes) if is_led else column.width):
            if counter not in (left, not_shown) and self.known[offset + counter]:
                self.indexes.append(offset + counter)
                is_it = pl.col(column.name) == _physical(column, counter)
                self.sums.append(is_it.sum().alias(str(offset + counter)))
        return offset + left

    def add(self, tally: Tally, table: pl.DataFrame, chosen: np.ndarray, cells: np.ndarray | None = None) -> None:
        """Adds the chosen rows (a mask as long as the table) to a tally; `cells` are the raking cells of all rows."""
        n = int(np.count_nonzero(chosen))
        if n:
            if tally.by_cell is not None and cells is not None:
                tally.codes += tally.by_cell.add_table(table, chosen, cells)
            else:
                tally.codes += self.codes(table, chosen, n)
            tally.n += n
            self._add_values(tally, table, chosen)

    def codes(self, table: pl.DataFrame, chosen: np.ndarray, n: int) -> np.ndarray:
        """All counters over the `n` chosen rows."""
        counts = np.zeros(int(self.layout.offsets[-1]), dtype=np.int64)
        if self.sums:
            counts[self.indexes] = _only(self.layout, table, chosen, n).select(self.sums).row(0)
        if self.layout.coded:
            self._complete(counts, n)
        return counts

    def _complete(self, counts: np.ndarray, n: int) -> None:
        """Fills in what was not counted: first for the leading flags, whose reasons the others then take over."""
        starts = self.layout.offsets[:-1]
        counts[self.left] = n - np.add.reduceat(counts, starts)
        reasons = np.arange(2, 2 + len(REASONS))  # a flag's codes are two
        counts[starts[self.followers, None] + reasons] = counts[starts[self.leaders, None] + reasons]
        mine = self.left[self.followers]
        counts[mine] = 0
        counts[mine] = n - np.add.reduceat(counts, starts)[self.followers]

    def _add_values(self, tally: Tally, table: pl.DataFrame, chosen: np.ndarray) -> None:
        layout = self.layout
        for name, counts in zip(layout.numbers, tally.numbers, strict=True):
            known = chosen & (table[f"{name}~"].to_numpy() == 0)
            counts.add(value_counts(table[name].filter(pl.Series(known)).to_numpy()))
        for name, counter in zip(layout.dates, tally.dates, strict=True):
            known = pl.Series(chosen & (table[f"{name}~"].to_numpy() == 0))
            counter.update(dict(table[name].filter(known).value_counts().iter_rows()))
        if layout.texts:
            days = days_of(table)
            for name, latest in zip(layout.texts, tally.texts, strict=True):
                _add_texts(latest, table, name, chosen & (table[f"{name}~"].to_numpy() == 0), days)


def _physical(column: Coded, index: int) -> int:
    reason = index - len(column.codes)
    return index if reason < 0 else column.missing(REASONS[reason])


def _only(layout: Layout, table: pl.DataFrame, chosen: np.ndarray, n: int) -> pl.DataFrame:
    """The coded columns of the `n` chosen rows; or with what is not chosen turned into `not_shown`, whose
    physical code has every bit set, where that is cheaper than to copy the rest."""
    if n == table.height:
        return table
    if n < table.height // 3:
        return table.select(column.name for column in layout.coded).filter(chosen)
    marks = [pl.Series("~1", ~chosen).cast(pl.UInt8) * 0xFF, pl.Series("~2", ~chosen).cast(pl.UInt16) * TOP]
    marked = (pl.col(column.name) | pl.col(f"~{column.bytes}") for column in layout.coded)
    return table.with_columns(marks).select(marked)


def _add_texts(latest: LatestTexts, table: pl.DataFrame, name: str, known: np.ndarray, days: np.ndarray) -> None:
    if len(latest.entries) == TEXTS_KEPT:  # what is older than all of them need not be looked at
        late = known & (days >= -latest.entries[-1][0])
        latest.cut = latest.cut or np.count_nonzero(late) < np.count_nonzero(known)
        known = late
    keys = table["~key"].to_numpy()
    rows = _newest(known, days, keys)
    latest.cut = latest.cut or len(rows) < np.count_nonzero(known)
    texts = table[name].gather(rows).to_list()
    for entry in zip((-days[rows]).tolist(), keys[rows].tolist(), texts, strict=True):
        insort(latest.entries, entry)
    latest.cut = latest.cut or len(latest.entries) > TEXTS_KEPT
    del latest.entries[TEXTS_KEPT:]


def _newest(known: np.ndarray, days: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """The rows of the latest TEXTS_KEPT texts: by day, and on the last of these days by key."""
    if np.count_nonzero(known) <= SORTED_AT_ONCE:
        rows = np.flatnonzero(known)
        return rows[np.lexsort((keys[rows], -days[rows]))[:TEXTS_KEPT]]
    found = np.empty(0, dtype=np.int64)
    while len(found) < TEXTS_KEPT:  # a day at a time: with so many texts the last day or two hold enough
        today = known & (days == days.max(where=known, initial=np.iinfo(days.dtype).min))
        known = known & ~today
        rows = np.flatnonzero(today)
        found = np.concatenate([found, rows[np.argsort(keys[rows])[: TEXTS_KEPT - len(found)]]])
    return found
