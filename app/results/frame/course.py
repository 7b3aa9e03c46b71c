"""How all stored responses went, whatever view is looked at: their dispositions, how far they came, days and minutes."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import polars as pl

from app.results.frame.counters import SelectedCounts, step
from app.results.frame.numbers import KnownValues, value_counts
from app.results.layout import AT_THE_END, COMPLETE, DISPOSITIONS, NO_MINUTES, PHYSICAL, Coded, Layout
from app.survey.codebook import ENDED, LANGUAGE


@dataclass(slots=True)
class Course:
    """Counters over all stored rows."""

    layout: Layout
    occurs: np.ndarray  # of each counter of a tally: whether any row has ever had its code
    sums: np.ndarray  # in the order of `_sums`
    values: KnownValues  # of numbers
    stopped: Counter[int] = field(default_factory=Counter)  # open responses by section, or AT_THE_END
    minutes: Counter[int] = field(default_factory=Counter)  # of complete responses
    began: Counter[int] = field(default_factory=Counter)  # by day since 1970
    completed: Counter[int] = field(default_factory=Counter)  # complete responses by day since 1970

    @property
    def dispositions(self) -> list[int]:
        """How many responses have each disposition."""
        return self.sums[: len(DISPOSITIONS)].tolist()

    @property
    def sent(self) -> list[int]:
        """For each section how many responses sent it."""
        start = len(DISPOSITIONS)
        return self.sums[start : start + len(self.layout.sections)].tolist()

    @property
    def possible(self) -> list[int]:
        """For each section how many responses have it on their path, or did not come far enough to know."""
        start = len(DISPOSITIONS) + len(self.layout.sections)
        return self.sums[start : start + len(self.layout.sections)].tolist()

    def by_code(self, name: str) -> list[int]:
        """How many responses have each code of the language, or were ended by each ending."""
        start = len(DISPOSITIONS) + 2 * len(self.layout.sections)
        for column in _counted(self.layout):
            if column.name == name:
                return self.sums[start : start + len(column.codes)].tolist()
            start += len(column.codes)
        return []

    @property
    def n(self) -> int:
        return int(sum(self.dispositions))

    def add(self, table: pl.DataFrame) -> None:
        codes = self.layout.widened(table)
        self._count(table, codes, 1)
        self.occurs[self.layout.slots(codes).ravel()] = True
        for index, name in enumerate(self.layout.numbers):
            self.values.add(index, table[name].drop_nulls().to_list())

    def subtract(self, table: pl.DataFrame) -> None:
        self._count(table, self.layout.widened(table), -1)

    def _count(self, table: pl.DataFrame, codes: np.ndarray, sign: int) -> None:
        """Of a few rows, whose 16-bit physical codes are `codes`."""
        disposition, minutes = table["~disposition"].to_numpy(), table["~minutes"].to_numpy()
        self.sums += sign * _few_sums(self.layout, codes, disposition)
        stopped, is_complete = table["~stopped"].to_numpy(), disposition == COMPLETE
        step(self.stopped, stopped[stopped <= AT_THE_END].tolist(), sign)
        step(self.began, table["~began"].to_physical().drop_nulls().to_list(), sign)
        step(self.completed, table["~completed"].to_physical().filter(is_complete).drop_nulls().to_list(), sign)
        step(self.minutes, minutes[is_complete & (minutes != NO_MINUTES)].tolist(), sign)


def _few_sums(layout: Layout, codes: np.ndarray, disposition: np.ndarray) -> np.ndarray:
    """`_sums` of a few rows: in numpy they cost a tenth."""
    may_be_shown = codes != PHYSICAL["not_shown"]
    was_sent = may_be_shown & ((codes != PHYSICAL["not_reached"]) | (disposition == COMPLETE)[:, None])
    slots = [[layout.slot[column.name] for column in columns] for columns in layout.asked_in]
    counted = [
        np.bincount(disposition, minlength=len(DISPOSITIONS)),
        *([np.count_nonzero(each[:, section].any(axis=1)) for section in slots] for each in (was_sent, may_be_shown)),
        *((codes[:, layout.slot[each.name], None] == np.arange(len(each.codes))).sum(axis=0) for each in _counted(layout)),
    ]
    return np.concatenate(counted).astype(np.int64)


def course_of(layout: Layout, tables: Iterable[tuple[pl.DataFrame, np.ndarray]]) -> Course:
    """Counted from whole tables, each with the mask of its rows."""
    found, counting = nothing(layout), SelectedCounts(layout)
    for table, alive in tables:
        n = int(np.count_nonzero(alive))
        found.occurs |= counting.codes(table, alive, n) > 0
        rows = table if n == table.height else table.filter(alive)
        found.sums += np.array(rows.select(_sums(layout)).row(0), dtype=np.int64)
        for name, counter in (("~stopped", found.stopped), ("~began", found.began)):
            counter.update(_occurrences(rows[name]))
        for index, name in enumerate(layout.numbers):
            if found.values.scales[index] is None:
                found.values.add(index, value_counts(rows[name].drop_nulls().to_numpy()))
        complete = rows.filter(pl.col("~disposition") == COMPLETE)
        for name, counter in (("~completed", found.completed), ("~minutes", found.minutes)):
            counter.update(_occurrences(complete[name]))
    found.stopped = Counter({place: n for place, n in found.stopped.items() if place <= AT_THE_END})
    found.minutes.pop(NO_MINUTES, None)
    return found


def nothing(layout: Layout) -> Course:
    occurs, sums = np.zeros(int(layout.offsets[-1]), dtype=bool), np.zeros(len(_sums(layout)), dtype=np.int64)
    return Course(layout, occurs, sums, KnownValues(len(layout.numbers)))


def _occurrences(values: pl.Series) -> dict[int, int]:
    return dict(values.to_physical().drop_nulls().value_counts().iter_rows())


def _counted(layout: Layout) -> list[Coded]:
    return [layout.coded[layout.slot[name]] for name in (LANGUAGE, ENDED) if name in layout.slot]


def _sums(layout: Layout) -> list[pl.Expr]:
    """Of rows: how many have each disposition, sent each section, may have each on their path, and have each code of
    the language and of endings."""
    found = [pl.col("~disposition") == place for place in range(len(DISPOSITIONS))]
    found += [_any(_was_sent(column) for column in columns) for columns in layout.asked_in]
    found += [_any(_may_be_shown(column) for column in columns) for columns in layout.asked_in]
    found += [pl.col(each.name) == code for each in _counted(layout) for code in range(len(each.codes))]
    return [test.sum().alias(str(place)) for place, test in enumerate(found)]


def _any(tests: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(operator.or_, tests, pl.lit(False))


def _may_be_shown(column: Coded) -> pl.Expr:
    return pl.col(column.name) != column.missing("not_shown")


def _was_sent(column: Coded) -> pl.Expr:
    is_reached = (pl.col(column.name) != column.missing("not_reached")) | (pl.col("~disposition") == COMPLETE)
    return _may_be_shown(column) & is_reached
