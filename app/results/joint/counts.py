"""How often the codes of two variables meet in the rows of a view: a pass over its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from app.results.filters.steps import Pause
from app.results.frame.frame import Frame
from app.results.frame.numbers import value_counts
from app.results.layout import REASONS, Coded, Layout
from app.results.statistics.cells import Count
from app.results.statistics.weighted.tables import WeightedTable
from app.results.view import View, categories


class JointCounts:
    """The rows of a view, each with its raking cell where the view is weighted."""

    def __init__(self, frame: Frame, view: View, pause: Pause):
        self.frame, self.view, self.pause, self.layout = frame, frame.countable(view), pause, frame.layout
        self.weighting = frame.weighting() if view.weights else None
        self.cells = frame.cells if self.view.weights else None
        self.size = self.cells.size if self.cells else 1
        self.without = 0

    def tables(self) -> Iterator[tuple[pl.DataFrame, np.ndarray, np.ndarray | None]]:
        """Every stored table with the rows that count, and the raking cells of these."""
        self.without = 0
        for table, chosen in self.frame.chosen(self.view, self.pause):
            if self.cells is None:
                yield table, np.flatnonzero(chosen), None
                continue
            cells = self.cells.of(table)
            weighted = chosen & (cells >= 0)
            self.without += int(np.count_nonzero(chosen) - np.count_nonzero(weighted))
            rows = np.flatnonzero(weighted)
            yield table, rows, cells[rows]

    def joint(self, rows: Sequence[Coded], column: Coded) -> list[WeightedTable]:
        """For each row variable how often each of its codes or reasons meets each of the column's: one pass over the rows."""
        found = [np.zeros(each.width * column.width * self.size, dtype=np.int64) for each in rows]
        places, across = [_places(each) for each in rows], _places(column)
        for table, chosen, cells in self.tables():
            whole = len(chosen) == table.height
            mine = table[column.name].to_numpy()
            second = across[mine if whole else mine[chosen]]
            for each, place, counts in zip(rows, places, found, strict=True):
                self.pause()
                codes = table[each.name].to_numpy()
                joint = place[codes if whole else codes[chosen]] * np.uint16(column.width) + second
                counts += np.bincount(joint if cells is None else joint.astype(np.intp) * self.size + cells, minlength=len(counts))
        return [self.weighted(counts.reshape(each.width, column.width, self.size)) for each, counts in zip(rows, found, strict=True)]

    def weighted(self, counts: np.ndarray) -> WeightedTable:
        """Of counts by raking cell; the cells are the last axis."""
        n = counts.sum(axis=-1)
        if self.cells is None or self.weighting is None:
            return WeightedTable(n, n, n, 0)
        weights = self.weighting.by_cell
        return WeightedTable(n, counts @ weights, counts @ weights**2, self.weighting.design)


def _places(column: Coded) -> np.ndarray:
    """The place of each physical code: codes first, then reasons."""
    wide = not column.name.startswith("~") and column.bytes == 2
    size = 1 << 16 if wide else 1 << 8
    found = np.zeros(size, dtype=np.uint16)
    found[: len(column.codes)] = np.arange(len(column.codes))
    if not column.name.startswith("~"):
        for index, reason in enumerate(REASONS):
            found[column.missing(reason)] = len(column.codes) + index
    return found


def values_by_group(counted: JointCounts, name: str, reasons: Coded, column: Coded, groups: int) -> list[dict[float, Count]]:
    """The values of a number in each group, with their counts."""
    found: list[list[dict[float, int]]] = [[{} for _ in range(counted.size)] for _ in range(groups)]
    for table, rows, cells in counted.tables():
        known = table[reasons.name].to_numpy()[rows] == 0
        rows = rows[known]
        group, numbers = table[column.name].to_numpy()[rows], table[name].to_numpy()[rows]
        within = np.zeros(len(rows), dtype=np.int32) if cells is None else cells[known]
        for place, cell, value, n in _values(group, within, numbers, groups, counted.pause):
            values = found[place][cell]
            values[value] = values.get(value, 0) + n
    return [_counts(counted, each) for each in found]


def _values(
    group: np.ndarray, cells: np.ndarray, numbers: np.ndarray, groups: int, pause: Pause
) -> Iterator[tuple[int, int, float, int]]:
    """Group, raking cell, value, and how often they meet."""
    if not cells.any():  # one cell: quicker group by group
        for place in range(groups):
            pause()
            yield from ((place, 0, value, n) for value, n in value_counts(numbers[group == place]).items())
        return
    pause()
    rows = pl.DataFrame({"group": group, "cell": cells, "value": numbers}).filter(pl.col("group") < groups)
    yield from rows.group_by("group", "cell", "value").len().iter_rows()


def _counts(counted: JointCounts, by_cell: Sequence[Mapping[float, int]]) -> dict[float, Count]:
    """From the counts of every value in each raking cell."""
    values = sorted({value for each in by_cell for value in each})
    places = {value: place for place, value in enumerate(values)}
    counts = np.zeros((1, len(values), counted.size), dtype=np.int64)
    for cell, each in enumerate(by_cell):
        for value, n in each.items():
            counts[0, places[value], cell] = n
    table = counted.weighted(counts)
    return {value: table.count(0, place) for value, place in places.items()}


def column_of(layout: Layout, name: str) -> Coded:
    found = categories(layout, name)
    assert found is not None
    return found.column
