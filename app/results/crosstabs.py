"""Two questions crossed: how many gave each answer to one, of those who gave each answer to the other.

Rows are the answers to a choice, the options of a multiple choice, or the mean of a number; columns are always groups.
Those who answered only one of the two are counted beside the table. Shares have Wilson's intervals within their column or row.
In a weighted view shares, means and tests are weighted, and counts of respondents remain beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from app.results.filters.steps import Pause, no_pause
from app.results.frame.frame import Frame
from app.results.joint.counts import JointCounts, column_of, values_by_group
from app.results.layout import REASONS, Layout, once
from app.results.statistics.cells import Count, total
from app.results.statistics.intervals import Estimate, share_interval
from app.results.statistics.tests import (
    Conclusion,
    Pair,
    adjusted_residuals,
    cramers_v,
    equality_of_means,
    expected,
    holm,
    independence,
    pairs_of_means,
    thin_cells,
)
from app.results.statistics.values import Summary, summary
from app.results.statistics.weighted.tables import (
    WeightedTable,
    weighted_independence,
    weighted_residuals,
    weighted_v,
)
from app.results.view import View, categories, group_names
from app.results.weights.weighting import Weighting
from app.survey.faults import did_you_mean
from app.survey.model import MOST_GROUPS, Code

MOST_ROWS = 60
FEW = 30  # respondents of a column
CLEAR, CLEARER = 2.0, 3.0  # residuals, in standard errors


class CannotCross(ValueError):
    """A sentence that says why, and what to do."""


class AxisCategory(NamedTuple):
    code: Code
    label: str


@dataclass(frozen=True, slots=True)
class CrossedAxis:
    """A question whose answers are the rows or the columns. `kind` is choice | options | number."""

    name: str
    label: str
    kind: str
    measure: str  # nominal | ordinal | interval
    categories: tuple[AxisCategory, ...]
    has_poles: bool = False  # its scale leads from one pole to another
    unit: str = ""
    ends: tuple[float, float] | None = None  # of a number


# --- what can be crossed ------------------------------------------------------------------------------------


@once
def row_names(layout: Layout) -> tuple[str, ...]:
    """Choices, items of several options, numbers and scores: in the order of the survey."""
    flags = {name: item for item, options in layout.flags.items() for name in options.values()}
    names: dict[str, None] = {}
    for variable in layout.variables:
        name = flags.get(variable.name, variable.name)
        if not name.startswith("~") and (variable.kind == "number" or name in layout.flags or _is_row(layout, name)):
            names[name] = None
    return (*names, *(name for name in group_names(layout) if name not in layout.variable))


def _is_row(layout: Layout, name: str) -> bool:
    found = categories(layout, name)
    return found is not None and 1 < len(found.all) <= MOST_ROWS


def row_axis(layout: Layout, name: str) -> CrossedAxis:
    """Raises CannotCross."""
    if name in layout.flags and name not in layout.variable:
        options = layout.flags[name]
        first = layout.variable[next(iter(options.values()))]
        labels = [layout.labels.text(layout.variable[column].option_label or str(code)) for code, column in options.items()]
        return CrossedAxis(name, layout.labels.text(first.ask), "options", "nominal", tuple(map(AxisCategory, options, labels)))
    variable = layout.variable.get(name)
    if variable is not None and variable.kind == "number":
        ends = None if variable.least is None or variable.most is None else (variable.least, variable.most)
        return CrossedAxis(name, layout.labels.text(variable.label), "number", "interval", (), unit=variable.unit or "", ends=ends)
    if (found := categories(layout, name)) is not None and len(found.all) > MOST_ROWS:
        raise CannotCross(f'"{name}" has {len(found.all)} answers; a table has at most {MOST_ROWS} rows. Choose another question for the rows.')
    return _coded_axis(layout, name, row_names(layout), "the rows")


def column_axis(layout: Layout, name: str) -> CrossedAxis:
    """Raises CannotCross."""
    if (found := categories(layout, name)) is not None and len(found.all) > MOST_GROUPS:
        raise CannotCross(f'"{name}" has {len(found.all)} answers; a table has at most {MOST_GROUPS} columns. Make it the rows, or choose another question.')
    return _coded_axis(layout, name, group_names(layout), "the columns")


def _coded_axis(layout: Layout, name: str, known: Sequence[str], which: str) -> CrossedAxis:
    found = categories(layout, name) if name in known else None
    if found is None and (entry := next((entry for entry, item in layout.labels.loops.items() if item == name), "")):
        raise CannotCross(
            f'"{name}" is asked again for each entry of a loop, and a table counts every respondent once. Choose one entry, such as '
            f'"{entry}", or compare groups: that page counts all entries together.'
        )
    if found is None:
        remedy = did_you_mean(name, known) or "Choose one from the menu."
        raise CannotCross(f'Nothing called "{name}" can be {which}. {remedy}')
    variable = layout.variable.get(name)
    return CrossedAxis(
        name, layout.labels.text(found.label), "choice", variable.measure if variable else "nominal",
        tuple(AxisCategory(each.code, layout.labels.text(each.label)) for each in found.all),
        variable is not None and layout.labels.has_poles(variable),
    )  # fmt: skip


# --- counting -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Crossed:
    """Two axes, and the counts of those who answered both. `left_out` counts the others, by axis and reason."""

    rows: CrossedAxis
    columns: CrossedAxis
    n: int  # responses of the view
    both: int
    left_out: tuple[tuple[str, str, int], ...]  # rows | columns, reason, responses
    table: CountTable | None = None
    options: tuple[OptionRow, ...] = ()
    means: Means | None = None
    weighting: Weighting | None = None
    """Of a weighted view. While its weights cannot be used, nothing is weighted."""
    without_weight: int = 0  # responses that a weighted view leaves out

    @property
    def is_weighted(self) -> bool:
        return self.weighting is not None and self.weighting.is_usable

    @property
    def effective(self) -> float | None:
        """Kish's effective n of those who answered both; None without weights."""
        if not self.is_weighted:
            return None
        if self.means is not None:
            return self.means.whole.effective
        bases = self.table.bases if self.table is not None else max((row.bases for row in self.options), key=lambda row: total(row).n, default=())
        return total(bases).effective


def crosstab(frame: Frame, view: View, rows: str, columns: str, pause: Pause = no_pause) -> Crossed:
    """Counts the responses of a view. Raises CannotCross; `pause` is called repeatedly, and may raise."""
    if rows == columns:
        raise CannotCross("A question crossed with itself says nothing. Choose two questions.")
    layout = frame.layout
    first, second = row_axis(layout, rows), column_axis(layout, columns)
    if first.kind == "options" and columns in layout.flags[rows].values():
        raise CannotCross("An option crossed with its own question says nothing. Choose another question.")
    counted = JointCounts(frame, view, pause)
    crossed = {"options": _options, "number": _means}.get(first.kind, _table)(counted, first, second)
    return replace(crossed, weighting=counted.weighting, without_weight=counted.without)


def _table(counted: JointCounts, rows: CrossedAxis, columns: CrossedAxis) -> Crossed:
    (joint,) = counted.joint([column_of(counted.layout, rows.name)], column_of(counted.layout, columns.name))
    table = CountTable(joint.part(len(rows.categories), len(columns.categories)))
    _ = table.conclusion  # of many weighted cells it takes a while: here, where nobody waits for it
    return Crossed(rows, columns, int(joint.n.sum()), table.n, tuple(_left_out(joint.n, rows, columns)), table)


def _left_out(joint: np.ndarray, rows: CrossedAxis, columns: CrossedAxis) -> Iterator[tuple[str, str, int]]:
    """First those without an answer to the rows, then those with one, but without an answer to the columns."""
    down, across = len(rows.categories), len(columns.categories)
    for index, reason in enumerate(REASONS):
        if n := int(joint[down + index].sum()):
            yield "rows", reason, n
    for index, reason in enumerate(REASONS):
        if n := int(joint[:down, across + index].sum()):
            yield "columns", reason, n


# --- a table ------------------------------------------------------------------------------------------------


class TableCell(NamedTuple):
    n: int
    of_column: Estimate
    of_row: Estimate
    of_all: Estimate
    residual: float | None  # None where fewer than 5 are expected
    is_thin: bool

    @property
    def leaning(self) -> str:
        """How much more or fewer than expected, in a word for its shade."""
        if self.residual is None or abs(self.residual) < CLEAR:
            return ""
        clearer = abs(self.residual) >= CLEARER
        return ("most" if clearer else "more") if self.residual > 0 else ("fewest" if clearer else "fewer")


class CountTable:
    """Respondents who answered both questions, and what follows from them."""

    def __init__(self, table: WeightedTable):
        self.table, self.counts = table, table.n
        self.n = int(self.counts.sum())
        self.by_row = [int(each) for each in self.counts.sum(axis=1)]
        self.by_column = [int(each) for each in self.counts.sum(axis=0)]
        self.row_bases = [total(self.count(row, column) for column in range(len(self.by_column))) for row in range(len(self.by_row))]
        self.bases = [total(self.count(row, column) for row in range(len(self.by_row))) for column in range(len(self.by_column))]

    def count(self, row: int, column: int) -> Count:
        return self.table.count(row, column)

    @property
    def base(self) -> Count:
        return total(self.bases)

    @cached_property
    def conclusion(self) -> Conclusion:
        return weighted_independence(self.table) if self.table.design else independence(self.counts)

    @cached_property
    def v(self) -> float | None:
        return cramers_v(self.table.w) if self.n and not self.table.design else weighted_v(self.table) if self.n else None

    @cached_property
    def expected(self) -> np.ndarray:
        return expected(self.counts)

    @cached_property
    def cells(self) -> list[list[TableCell]]:
        if not self.n:
            return [[EMPTY for _ in self.by_column] for _ in self.by_row]
        thin = thin_cells(self.counts)
        residuals = weighted_residuals(self.table) if self.table.design else adjusted_residuals(self.counts)
        return [
            [self._cell(row, column, thin, residuals) for column in range(len(self.by_column))]
            for row in range(len(self.by_row))
        ]

    def _cell(self, row: int, column: int, thin: np.ndarray, residuals: np.ndarray) -> TableCell:
        count = self.count(row, column)
        is_thin = bool(thin[row, column])
        residual = float(residuals[row, column])
        return TableCell(
            count.n,
            share_interval(count, self.bases[column]),
            share_interval(count, self.row_bases[row]),
            share_interval(count, self.base),
            None if is_thin or math.isnan(residual) else residual,
            is_thin,
        )

    def total(self, row: int) -> Estimate:
        return share_interval(self.row_bases[row], self.base)


EMPTY = TableCell(0, *(Estimate(None, None, None, 0),) * 3, None, True)


def strength(v: float, least: int) -> str:
    """In words, with the cut-offs of J. Cohen (1988), "Statistical Power Analysis for the Behavioral Sciences", chapter 7,
    for w = V times the root of the smaller number of rows or columns less one."""
    w = v * math.sqrt(max(least - 1, 1))
    return "strong" if w >= 0.5 else "moderate" if w >= 0.3 else "weak" if w >= 0.1 else "very weak"


# --- options of a multiple choice ---------------------------------------------------------------------------


class OptionRow(NamedTuple):
    """One option: who chose it of each column, whether the columns differ, and p adjusted for all options."""

    category: AxisCategory
    chosen: tuple[Count, ...]
    bases: tuple[Count, ...]
    cells: tuple[TableCell, ...]
    conclusion: Conclusion
    p: float | None

    @property
    def whole(self) -> Estimate:
        return share_interval(total(self.chosen), total(self.bases))


def _options(counted: JointCounts, rows: CrossedAxis, columns: CrossedAxis) -> Crossed:
    layout = counted.layout
    flags = [column_of(layout, column) for column in layout.flags[rows.name].values()]
    joints = counted.joint(flags, column_of(layout, columns.name))
    across = len(columns.categories)
    tables = [CountTable(joint.part(2, across)) for joint in joints]  # not chosen, chosen
    adjusted = holm([each.conclusion.test.p if each.conclusion.test else None for each in tables])
    found = tuple(_option_row(category, table, p) for category, table, p in zip(rows.categories, tables, adjusted, strict=True))
    widest = max((joint.n for joint in joints), key=lambda joint: int(joint[:2].sum()))
    both = int(widest[:2, :across].sum())
    left = tuple(_left_out(widest, CrossedAxis(rows.name, rows.label, "options", "nominal", rows.categories[:2]), columns))
    return Crossed(rows, columns, int(widest.sum()), both, left, options=found)


def _option_row(category: AxisCategory, table: CountTable, p: float | None) -> OptionRow:
    chosen = tuple(table.count(1, column) for column in range(len(table.by_column)))
    return OptionRow(category, chosen, tuple(table.bases), tuple(table.cells[1]), table.conclusion, p)


# --- means --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Means:
    groups: tuple[Summary, ...]
    whole: Summary
    conclusion: Conclusion
    pairs: tuple[Pair, ...]  # of groups with two values or more, by their places


def _means(counted: JointCounts, rows: CrossedAxis, columns: CrossedAxis) -> Crossed:
    layout = counted.layout
    reasons, column = layout.coded[layout.slot[f"{rows.name}~"]], column_of(layout, columns.name)
    (joint,) = counted.joint([reasons], column)
    values = values_by_group(counted, rows.name, reasons, column, len(columns.categories))
    summaries = [summary(each.items()) for each in values]
    means = Means(
        tuple(summaries), summary(pair for each in values for pair in each.items()),
        equality_of_means([each for each in summaries if each.n]), tuple(pairs_of_means(summaries)),
    )  # fmt: skip
    left = tuple(_left_out(joint.n, CrossedAxis(rows.name, rows.label, "number", "interval", (AxisCategory("", ""),)), columns))
    return Crossed(rows, columns, int(joint.n.sum()), int(joint.n[0, : len(columns.categories)].sum()), left, means=means)
