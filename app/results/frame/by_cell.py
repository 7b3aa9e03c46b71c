"""Counters by raking cell: within a cell all responses have one weight, so that sums of weights and of their squares follow
from whole numbers, whatever the weights are by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from app.results.frame.numbers import ROUNDED, Scale, Scales
from app.results.layout import REASONS, Coded, Layout
from app.results.statistics.cells import Count
from app.results.statistics.values import Summary, summary_of_sums

FEW = 512  # values, below which each is added by itself
NARROW = 1 << 20  # values times cells, below which each pair is counted by its offset


def weighted_counts(by_cell: np.ndarray, weights: np.ndarray, design: int) -> list[Count]:
    """Of each row of counts by cell: responses, and the sums of their weights and of their squares. `design` is the number
    of all responses that have a weight."""
    sums = by_cell.sum(axis=1), by_cell @ weights, by_cell @ weights**2
    return [Count(*each, design) for each in zip(*(part.tolist() for part in sums), strict=True)]


@dataclass(slots=True)
class ValuesByCell:
    """How often each value of a number or a date occurs in each cell."""

    cells: int
    scale: Scale | None = None
    rows: dict[Any, int] = field(default_factory=dict)  # of each value, or of each class
    counts: np.ndarray = field(init=False)
    sums: np.ndarray = field(init=False)  # n, sum about the shift, and sum of squares of each cell. Only with a scale

    def __post_init__(self) -> None:
        self.counts = np.zeros((16, self.cells), dtype=np.int32)
        self.sums = np.zeros((3, self.cells))

    def add(self, values: Sequence[Any], cells: np.ndarray, times: np.ndarray | int) -> None:
        """Adds each value so many times (subtracts it where that is negative)."""
        if not len(values):
            return
        if self.scale is not None:
            apart = np.asarray(values, dtype=float) - self.scale.shift
            for part, power in zip(self.sums, (apart**0, apart, apart**2), strict=True):
                np.add.at(part, cells, times * power)
            values = self.scale.places(np.asarray(values)).tolist()
        rows = [self.rows.setdefault(value, len(self.rows)) for value in values]
        if len(self.rows) > len(self.counts):
            more = np.zeros((2 * len(self.rows) - len(self.counts), self.cells), dtype=np.int32)
            self.counts = np.concatenate([self.counts, more])
        np.add.at(self.counts, (rows, cells), times)

    def add_column(self, values: pl.Series, cells: np.ndarray) -> None:
        """Adds the values of many rows."""
        if len(values) <= FEW:
            self.add(values.to_list(), cells, 1)
            return
        if (narrow := self._narrow(values, cells)) is not None:
            self.add(*narrow)
            return
        found = pl.DataFrame({"value": values, "cell": cells}).group_by("value", "cell").len("n")
        self.add(found["value"].to_list(), found["cell"].to_numpy(), found["n"].to_numpy().astype(np.int32))

    def _narrow(self, values: pl.Series, cells: np.ndarray) -> tuple[list[float], np.ndarray, np.ndarray] | None:
        """Whole numbers of a narrow range with their cells and counts, which is quicker than by grouping; None for others."""
        if values.dtype != pl.Float64:
            return None
        known = values.to_numpy()
        least, most = float(known.min()), float(known.max())
        if not least.is_integer() or (most - least + 1) * self.cells > NARROW:
            return None
        places = (known - least).astype(np.int64)
        if not (places + least == known).all():
            return None
        width = int(most - least) + 1
        counted = np.bincount(cells * np.int64(width) + places)
        found = np.flatnonzero(counted)
        return (found % width + least).tolist(), found // width, counted[found].astype(np.int32)

    def rescale(self, scale: Scale | None) -> None:
        """Puts the values into classes, once they are too many."""
        if scale != self.scale:
            rows, cells = np.nonzero(self.counts)
            values, times = np.array(list(self.rows))[rows], self.counts[rows, cells]
            self.scale, self.rows = scale, {}
            self.__post_init__()
            self.add(values, cells, times)

    def weighted(self, weights: np.ndarray, design: int) -> list[tuple[Any, Count]]:
        """Ascending, with their counts; of classes their middles."""
        counts = weighted_counts(self.counts[: len(self.rows)], weights, design)
        middle = self.scale.middle if self.scale else lambda value: value
        return sorted((middle(value), count) for value, count in zip(self.rows, counts, strict=True) if count.n)

    def exact(self, weights: np.ndarray, design: int) -> Summary | None:
        """Mean and standard deviation, from sums; None where every value is known."""
        if self.scale is None:
            return None
        n, first, second = self.sums.tolist()
        return summary_of_sums(zip(weights.tolist(), map(round, n), first, second, strict=True), design, self.scale.shift)

    def same_as(self, other: ValuesByCell) -> bool:
        mine, others = (
            {value: each.counts[row].tolist() for value, row in each.rows.items() if each.counts[row].any()}
            for each in (self, other)
        )
        largest = max(np.abs(self.sums).max(), np.abs(other.sums).max(), 1.0)
        close = np.allclose(self.sums, other.sums, rtol=ROUNDED, atol=ROUNDED * largest)
        return (self.scale, mine) == (other.scale, others) and close


@dataclass(slots=True)
class CellCounts:
    """The counters of one layout over responses with a weight, by raking cell."""

    layout: Layout
    codes: np.ndarray  # (counters of the layout, cells)
    numbers: list[ValuesByCell]
    dates: list[ValuesByCell]

    def add_rows(self, batch: Any, cells: np.ndarray, sign: int) -> None:
        """Adds a few rows (`frame.counters.CountedRows`), or with -1 subtracts them."""
        np.add.at(self.codes, (batch.slots, cells[:, None]), sign)
        for counts, column in (*zip(self.numbers, batch.numbers, strict=True), *zip(self.dates, batch.dates, strict=True)):
            known = [row for row, value in enumerate(column) if value is not None]
            counts.add([column[row] for row in known], cells[known], sign)

    def add_table(self, table: pl.DataFrame, chosen: np.ndarray, cells: np.ndarray) -> np.ndarray:
        """Adds the chosen rows of a table, and returns their counts in all cells together. `cells` are those of all its
        rows."""
        rows = slice(None) if chosen.all() else np.flatnonzero(chosen)
        cells = cells[rows]
        found = np.zeros(self.codes.shape, dtype=np.int32)
        places = cells.astype(np.int64)
        for index, column in enumerate(self.layout.coded):
            physical, first = table[column.name].to_numpy()[rows], int(self.layout.offsets[index])
            found[first : first + column.width] = _by_cell(column, physical, places, self.codes.shape[1])
        self.codes += found
        for names, all_counts in ((self.layout.numbers, self.numbers), (self.layout.dates, self.dates)):
            for name, counts in zip(names, all_counts, strict=True):
                known = table[f"{name}~"].to_numpy()[rows] == 0
                counts.add_column(_known(table[name], rows, known), cells[known])
        return found.sum(axis=1)

    @property
    def bytes(self) -> int:
        return self.codes.nbytes + sum(each.counts.nbytes + each.sums.nbytes for each in (*self.numbers, *self.dates))

    def rescale(self, scales: Scales) -> None:
        for counts, scale in zip(self.numbers, scales, strict=True):
            counts.rescale(scale)

    def weighted(self, weights: np.ndarray, design: int) -> list[Count]:
        """Of each counter of the layout."""
        return weighted_counts(self.codes, weights, design)

    def same_as(self, other: CellCounts) -> bool:
        pairs = zip((*self.numbers, *self.dates), (*other.numbers, *other.dates), strict=True)
        return bool((self.codes == other.codes).all()) and all(mine.same_as(others) for mine, others in pairs)


def no_cell_counts(layout: Layout, scales: Scales, cells: int) -> CellCounts:
    return CellCounts(
        layout, np.zeros((int(layout.offsets[-1]), cells), dtype=np.int32),
        [ValuesByCell(cells, scale) for scale in scales], [ValuesByCell(cells) for _ in layout.dates],
    )  # fmt: skip


def _by_cell(column: Coded, physical: np.ndarray, cells: np.ndarray, size: int) -> np.ndarray:
    """How often each code of a column occurs in each cell, and each reason. Codes are numbered without gaps first: few
    counters are quicker than one for each physical code."""
    counted = np.bincount(cells * column.width + _numbering(len(column.codes), column.bytes)[physical], minlength=size * column.width)
    return counted.reshape(size, column.width).T


@lru_cache(maxsize=256)
def _numbering(codes: int, size: int) -> np.ndarray:
    """The number of each physical code: codes first, then reasons."""
    column, found = Coded("", tuple(range(codes))), np.zeros(1 << 8 * size, dtype=np.int64)
    found[:codes] = np.arange(codes)
    for index, reason in enumerate(REASONS):
        found[column.missing(reason)] = codes + index
    return found


def _known(values: pl.Series, rows: np.ndarray | slice, known: np.ndarray) -> pl.Series:
    return values.filter(known) if isinstance(rows, slice) else values.gather(rows[known])
