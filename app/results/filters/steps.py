"""Expressions over a table, one column after the other: each is computed once, and dropped when no longer needed.

As one expression a condition would hold its parts once each time they are written, which doubles with each
operation. The tables are read some rows at a time, so that the memory used does not depend on their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

ROWS_AT_ONCE = 1 << 16
OWN = "~step"
ZERO = pl.col("~zero")  # on every row, where one literal would not do
COLUMNS_AT_ONCE = 32  # that do not depend on one another: computed together

Pause = Callable[[], None]
"""Called between steps. It may raise, which ends the work."""


def no_pause() -> None:
    """For work that nothing ends early."""


Then = Callable[[pl.Series], pl.Series]


class Step(NamedTuple):
    name: str
    value: pl.Expr
    needs: frozenset[str]  # columns
    then: Then | None  # what its numbers go through


class StepBatch(NamedTuple):
    columns: list[pl.Expr]
    then: list[tuple[str, Then]]
    done: list[str]  # what nothing needs after it


class Steps:
    """Columns in the order in which they are computed."""

    def __init__(self) -> None:
        self.all: list[Step] = []

    def add(self, value: pl.Expr, then: Then | None = None) -> pl.Expr:
        """The column that is to hold this."""
        name = f"{OWN}{len(self.all)}"
        self.all.append(Step(name, value, frozenset(value.meta.root_names()), then))
        return pl.col(name)

    def batches(self) -> list[StepBatch]:
        """All steps; what the last one needs is still there at the end."""
        last = {name: index for index, step in enumerate(self.all) for name in step.needs}
        found: list[StepBatch] = []
        for start, stop in self._runs():
            steps = self.all[start:stop]
            needed = frozenset[str]().union(*(step.needs for step in steps))
            done = sorted(name for name in needed if name.startswith(OWN) and last[name] < stop)
            columns = [step.value.alias(step.name) for step in steps]
            found.append(StepBatch(columns, [(step.name, step.then) for step in steps if step.then], done))
        return found

    def _runs(self) -> Iterator[tuple[int, int]]:
        """The start and stop of each run of steps that do not need one another."""
        start, names = 0, set[str]()
        for index, step in enumerate(self.all):
            if names & step.needs or len(names) == COLUMNS_AT_ONCE:
                yield start, index
                start, names = index, set()
            names.add(step.name)
        yield start, len(self.all)

    @property
    def sources(self) -> list[str]:
        """The columns of the table that they need."""
        needed = frozenset[str]().union(*(step.needs for step in self.all))
        return sorted(name for name in needed if not name.startswith(OWN) and name != ZERO.meta.output_name())


class Program:
    """Steps that lead to one column, for any number of tables."""

    def __init__(self, steps: Steps):
        self.sources, self.batches = steps.sources, steps.batches()
        self.result = steps.all[-1].name

    def run(self, table: pl.DataFrame, pause: Pause = no_pause) -> pl.Series:
        parts = [self._slice(part, pause) for part in table.iter_slices(ROWS_AT_ONCE)]
        return pl.concat(parts) if parts else self._slice(table, pause)

    def _slice(self, table: pl.DataFrame, pause: Pause) -> pl.Series:
        zero = pl.Series(ZERO.meta.output_name(), np.zeros(table.height))
        rows = pl.DataFrame([zero, *(table[name] for name in self.sources)])
        for batch in self.batches:
            pause()
            rows = rows.with_columns(batch.columns)
            if batch.then:
                rows = rows.with_columns(then(rows[name]).alias(name) for name, then in batch.then)
            rows = rows.drop(batch.done)
        return rows[self.result]
