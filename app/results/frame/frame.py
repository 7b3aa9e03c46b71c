"""The responses of one survey in memory: a typed frame and its counters, to which only changes are added.

One writer at a time calls `take` or `adopt`; concurrent readers in other threads need a lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from app.results.filters.selection import ViewSelection
from app.results.filters.steps import Pause, no_pause
from app.results.frame.counters import Tally
from app.results.frame.course import Course, course_of, nothing
from app.results.frame.intake import Coding, ResponseChange
from app.results.frame.kept import FrameChange, KeptViews, RowSums, ViewCounters, ViewSums
from app.results.frame.packing import Packed, Packing, ids_of
from app.results.frame.segments import Segments, split_ids
from app.results.layout import ABOUT, COMPLETE, PHYSICAL, Layout
from app.results.quality import fast_limit
from app.results.statistics.cells import unweighted
from app.results.statistics.values import summary
from app.results.view import View
from app.results.weights.cells import raking_cells
from app.results.weights.weighting import Weighting, weighting
from app.survey.model import Code, Instrument, Weights

COMPLETE_ONLY = View()


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a batch of changes did, in responses."""

    added: int
    changed: int
    withdrawn: int
    refused: tuple[tuple[str, str], ...]  # id, and why it cannot be counted
    packed: tuple[Packed, ...] = field(default=(), compare=False)  # what was added or changed, to be stored

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.withdrawn)


@dataclass(frozen=True, slots=True)
class GroupTally:
    """One of the groups into which a view is split. Responses without a value for it are in none."""

    code: Code
    label: str
    tally: Tally


class Frame:
    """`instruments` are all the versions of the survey that responses may refer to, newest first."""

    def __init__(self, instruments: Sequence[Instrument]):
        self.survey = instruments[0].survey
        self.coding = Coding(instruments)
        self.packing = Packing(self.coding)
        self.seq = 0  # the last change taken in
        self.segments = Segments()
        self.withdrawn: set[str] = set()
        self.refused: dict[str, str] = {}
        self.course = nothing(self.layout)
        self.kept: KeptViews[ViewCounters] = KeptViews()
        self.kept_sums: KeptViews[ViewSums] = KeptViews()
        self.fast_limit: int | None = None  # the most minutes that are speeding
        self.cells = raking_cells(self.instruments[0].weights, self.layout)
        self.last = self._first_change()  # to the rows

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """All versions of the survey, newest first."""
        return self.coding.instruments

    @property
    def layout(self) -> Layout:
        return self.coding.layout

    @property
    def rows(self) -> int:
        """How many responses can be counted; the withdrawn are not among them."""
        return self.course.n

    @property
    def complete(self) -> int:
        """How many of these are complete. Unlike `tally` it may be read while another thread takes in changes."""
        return self.course.dispositions[COMPLETE]

    def bytes(self) -> int:
        """The size of the stored rows, in memory."""
        return self.segments.bytes()

    # taking in

    def take(self, changes: Iterable[ResponseChange]) -> TakenIn:
        """Adds changes; of several to one response the last counts. Adding one twice does no harm.

        A response that does not fit its instrument is set aside in `refused`, with the reason.
        Raises ValueError when an id is not one.
        """
        found = list(changes)
        seq = max([self.seq, *(change.seq for change in found)])
        fresh = self.coding.read(self._unknown(found))
        touched = fresh.everyone()
        if not touched:
            self.seq = seq
            return TakenIn(0, 0, 0, ())
        keys, rests = split_ids(touched)
        order = np.argsort(keys)
        table = self.coding.table(fresh)
        removed = self.segments.change(keys[order], rests[order], table)
        self._note(seq, removed, table)
        for identifier in touched:
            self.refused.pop(identifier, None)
            self.withdrawn.discard(identifier)
        self.refused.update(fresh.refused)
        self.withdrawn.update(fresh.withdrawn)
        self.seq = seq
        changed = sum(old.height for old in removed)
        added, packed = max(0, len(fresh.changes) - changed), tuple(self.packing.pack(fresh, table))
        return TakenIn(added, changed, len(fresh.withdrawn), tuple(fresh.refused), packed)

    def _unknown(self, changes: Sequence[ResponseChange]) -> list[ResponseChange]:
        """Without finished responses of which only the number has changed."""
        settled = [change.id for change in changes if change.settled]
        if not settled:
            return list(changes)
        keys, rests = split_ids(settled)
        order = np.argsort(keys)
        known = {*self.withdrawn, *self.refused}
        for table in self.segments.find(keys[order], rests[order]):
            known.update(ids_of(table.filter(pl.col("~completed").is_not_null())))
        return [change for change in changes if not (change.settled and change.id in known)]

    def _note(self, seq: int, removed: Sequence[pl.DataFrame], table: pl.DataFrame) -> None:
        for old in removed:
            self.course.subtract(old)
        if table.height:
            self.course.add(table)
        cells = self.last.cells
        if self.cells is not None:
            cells = cells + self.cells.counts(table) - sum(self.cells.counts(old) for old in removed)
        self.last = self.last.followed_by(seq, removed, table, self.course.values.scales, cells)
        self.fast_limit = _fast_limit(self.course)
        for kept in (self.kept, self.kept_sums):
            kept.drop_far_behind(self.last)

    # counting

    @contextmanager
    def counters(self, view: View = COMPLETE_ONLY, pause: Pause = no_pause) -> Iterator[ViewCounters]:
        """The counters of a view, up to date, while they are read. They stay in memory, so that
        reading them again costs only what is new. `pause` is called repeatedly while rows are counted, and may raise."""
        found = self.kept.take(view, self.last, self.fast_limit, pause) or self.counted(view, pause)
        yield found
        self.kept.put(view, found)

    @contextmanager
    def sums(self, view: View, begun: Callable[[], Mapping[str, RowSums]], pause: Pause = no_pause) -> Iterator[ViewSums]:
        """Further sums over the rows of a view, in memory in the same way; `begun` makes those of no rows."""
        found = self.kept_sums.take(view, self.last, self.fast_limit, pause)
        if found is None:
            found = ViewSums(self.selection(view), self.last, begun())
            found.count(self.segments.tables(), pause)
        yield found
        self.kept_sums.put(view, found)

    def selection(self, view: View) -> ViewSelection:
        return ViewSelection(view, self.layout, self.fast_limit)

    def tally(self, view: View = COMPLETE_ONLY, pause: Pause = no_pause) -> Tally:
        """The counters of the responses in a view. Do not change what it returns."""
        with self.counters(view, pause) as counters:
            return counters.whole

    def groups(self, view: View, pause: Pause = no_pause) -> tuple[GroupTally, ...]:
        """The counters of each group of a view; empty for a view that is not split."""
        with self.counters(view, pause) as counters:
            return group_tallies(counters)

    def counted(self, view: View = COMPLETE_ONLY, pause: Pause = no_pause) -> ViewCounters:
        """The counters of a view, counted from the stored rows."""
        found = ViewCounters(self.selection(view), self.layout, self.last, self.cells if view.weights else None)
        found.count(self.segments.tables(), self.course.occurs, pause)
        return found

    def chosen(self, view: View, pause: Pause = no_pause) -> Iterator[tuple[pl.DataFrame, np.ndarray]]:
        """Every stored table with the mask of the rows that a view counts."""
        selection = self.selection(view)
        for table, alive in self.segments.tables():
            pause()
            yield table, selection.mask(table, alive, pause)

    def snapshot(self) -> Frame:
        """The rows as they are now, for counting in another thread while more are added. The counters of views are shared."""
        found = copy(self)
        found.segments = Segments(self.segments.all)
        found.withdrawn, found.refused = set(self.withdrawn), dict(self.refused)
        return found

    def recount(self) -> None:
        """Counts everything again: after loading, and in other columns."""
        self.course = course_of(self.layout, self.segments.tables())
        self.cells = raking_cells(self.instruments[0].weights, self.layout)
        self.last = self._first_change()
        self.kept, self.kept_sums, self.fast_limit = KeptViews(), KeptViews(), _fast_limit(self.course)

    def _first_change(self) -> FrameChange:
        cells = None
        if self.cells is not None:
            counts = [self.cells.counts(table.filter(alive)) for table, alive in self.segments.tables()]
            cells = sum(counts, np.zeros(self.cells.size + 1, dtype=np.int64))
        return FrameChange(self.seq, scales=self.course.values.scales, cells=cells)

    # weights

    def weighting(self, last: FrameChange | None = None) -> Weighting | None:
        """The weights of all complete responses, up to a change; None for a survey without weights."""
        change = last or self.last
        if self.cells is None or change.cells is None:
            return None
        if change.weighting is None:
            change.weighting = weighting(self.cells, change.cells, self.instruments[0].weights or Weights({}))
        return change.weighting

    def countable(self, view: View) -> View:
        """The view without weights, while there are none that could be used."""
        if view.weights and not ((found := self.weighting()) and found.is_usable):
            return replace(view, weights="")
        return view

    @contextmanager
    def weighed(self, view: View, pause: Pause = no_pause) -> Iterator[tuple[ViewCounters, Weighting | None]]:
        """The counters of a view, and the weights of just those responses that they include. While weights cannot be used,
        the counters are those of the view without them."""
        found = self.weighting() if view.weights else None
        if self.countable(view).weights:
            with self.counters(view, pause) as counters:
                found = self.weighting(counters.last)
                if found is not None and found.is_usable:
                    yield counters, found
                    return
        with self.counters(replace(view, weights=""), pause) as counters:
            yield counters, found

    def ids(self, table: pl.DataFrame) -> list[str]:
        """The ids of the responses of some rows."""
        return ids_of(table)

    def slices(self, rows: int = 20_000) -> Iterator[pl.DataFrame]:
        """All rows in the order of their random keys, some at a time."""
        return self.segments.slices(rows)

    # versions

    def adopt(self, instruments: Sequence[Instrument]) -> bool:
        """Continues with more versions of the survey (newest first), without reading responses again.

        Returns False and changes nothing if the rows belong in other columns now: another frame must then read all
        responses again.
        """
        coding = Coding(instruments)
        if not carries_over(self.coding, coding):
            return False
        if coding.layout != self.layout:
            old = self.layout
            segments = [
                replace(each, table=moved(each.table, old, coding.layout)) for each in self.segments.all
            ]
            self.segments = Segments(segments)
        self.coding, self.packing = coding, Packing(coding)
        self.recount()
        return True


def _fast_limit(course: Course) -> int | None:
    return fast_limit(summary((minutes, unweighted(n)) for minutes, n in course.minutes.items()).median)


def group_tallies(counters: ViewCounters) -> tuple[GroupTally, ...]:
    known = counters.selection.groups
    pairs = zip(known.all, counters.groups, strict=True) if known else ()
    return tuple(GroupTally(each.code, each.label, tally) for each, tally in pairs)


def carries_over(known: Coding, coding: Coding) -> bool:
    """Whether the rows of one coding can be moved into the columns of another, of further versions."""
    count = len(known.digests)
    if coding.digests[:count] != known.digests or not _extends(coding.layout, known.layout):
        return False
    return coding.layout.columns[-count:] == known.layout.columns  # otherwise the rows belong in other columns


def _extends(layout: Layout, known: Layout) -> bool:
    """Whether every column of `known` is in `layout`, with the same kind and no code lost."""
    for variable in known.variables:
        now = layout.variable.get(variable.name)
        if now is None or (now.kind, now.key) != (variable.kind, variable.key):
            return False
        if not {code for code, _ in variable.codes} <= {code for code, _ in now.codes}:
            return False
    return set(known.sections) <= set(layout.sections)


def moved(table: pl.DataFrame, old: Layout, new: Layout) -> pl.DataFrame:
    """A table of one layout as one of another that extends it. Items it did not know were not shown."""
    columns = [table[name] for name in ABOUT if name != "~stopped"]
    indexes, stopped = np.array([*map(new.sections.index, old.sections), 0], dtype=np.uint32), table["~stopped"].to_numpy()
    moved_to = indexes[np.minimum(stopped, len(old.sections))]
    columns.append(pl.Series("~stopped", np.where(stopped < len(old.sections), moved_to, stopped)))
    for column in new.coded:
        if column.name not in old.slot:
            columns.append(
                pl.Series(column.name, np.full(table.height, column.missing("not_shown")), dtype=column.dtype)
            )
            continue
        was = old.coded[old.slot[column.name]]
        columns.append(
            pl.Series(
                column.name, _translation(was, column)[table[column.name].to_numpy()], dtype=column.dtype
            )
        )
    for name in (*new.numbers, *new.written):
        known = name in table.columns
        columns.append(
            table[name] if known else pl.Series(name, [None] * table.height, dtype=new.schema[name])
        )
    return pl.DataFrame(columns).select(new.schema.keys())


def _translation(old: Any, new: Any) -> np.ndarray:
    """The new physical code for each old one."""
    codes = np.zeros(1 << (8 * old.bytes), dtype=np.uint16)
    for index, code in enumerate(old.codes):
        codes[index] = new.codes.index(code)
    for reason in PHYSICAL:
        codes[old.missing(reason)] = new.missing(reason)
    return codes
