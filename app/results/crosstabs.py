"""Two questions crossed: how many gave each answer to one, of those who gave each answer to the other.

Rows are the answers to a choice, the options of a multiple choice, or the mean of a number; columns are always groups.
Those who answered only one of the two are counted beside the table. Shares have Wilson's intervals within their column or row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from app.results.filters.steps import Pause, no_pause
from app.results.frame.frame import Frame
from app.results.frame.numbers import value_counts
from app.results.layout import REASONS, Coded, Layout
from app.results.statistics.cells import Count, unweighted
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
from app.results.view import View, categories, group_names
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


def row_names(layout: Layout) -> list[str]:
    """Choices, items of several options, numbers and scores: in the order of the survey."""
    flags = {name: item for item, options in layout.flags.items() for name in options.values()}
    names: dict[str, None] = {}
    for variable in layout.variables:
        name = flags.get(variable.name, variable.name)
        if not name.startswith("~") and (variable.kind == "number" or name in layout.flags or _is_row(layout, name)):
            names[name] = None
    return [*names, *(name for name in group_names(layout) if name not in layout.variable)]


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


def crosstab(frame: Frame, view: View, rows: str, columns: str, pause: Pause = no_pause) -> Crossed:
    """Counts the responses of a view. Raises CannotCross; `pause` is called repeatedly, and may raise."""
    if rows == columns:
        raise CannotCross("A question crossed with itself says nothing. Choose two questions.")
    layout = frame.layout
    first, second = row_axis(layout, rows), column_axis(layout, columns)
    if first.kind == "options":
        if columns in layout.flags[rows].values():
            raise CannotCross("An option crossed with its own question says nothing. Choose another question.")
        return _options(frame, view, first, second, pause)
    if first.kind == "number":
        return _means(frame, view, first, second, pause)
    (joint,) = _joint(frame, view, [_column(layout, rows)], _column(layout, columns), pause)
    table = CountTable(joint[: len(first.categories), : len(second.categories)])
    return Crossed(first, second, int(joint.sum()), table.n, tuple(_left_out(joint, first, second)), table)


def _column(layout: Layout, name: str) -> Coded:
    found = categories(layout, name)
    assert found is not None
    return found.column


def _joint(
    frame: Frame, view: View, rows: Sequence[Coded], column: Coded, pause: Pause
) -> list[np.ndarray]:
    """For each row variable how often each of its codes or reasons meets each of the column's: one pass over the rows."""
    found = [np.zeros(each.width * column.width, dtype=np.int64) for each in rows]
    places = [_places(each) for each in rows]
    across = _places(column)
    for table, chosen in frame.chosen(view, pause):
        whole = bool(chosen.all())
        mine = table[column.name].to_numpy()
        second = across[mine if whole else mine[chosen]]
        for each, place, counts in zip(rows, places, found, strict=True):
            pause()
            codes = table[each.name].to_numpy()
            joint = place[codes if whole else codes[chosen]] * np.uint16(column.width) + second
            counts += np.bincount(joint, minlength=len(counts))
    return [counts.reshape(each.width, column.width) for each, counts in zip(rows, found, strict=True)]


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
    """Counts of respondents who answered both questions, and what follows from them."""

    def __init__(self, counts: np.ndarray):
        self.counts = counts
        self.n = int(counts.sum())
        self.by_row = [int(each) for each in counts.sum(axis=1)]
        self.by_column = [int(each) for each in counts.sum(axis=0)]

    @cached_property
    def conclusion(self) -> Conclusion:
        return independence(self.counts)

    @cached_property
    def v(self) -> float | None:
        return cramers_v(self.counts) if self.n else None

    @cached_property
    def expected(self) -> np.ndarray:
        return expected(self.counts)

    @cached_property
    def cells(self) -> list[list[TableCell]]:
        if not self.n:
            return [[EMPTY for _ in self.by_column] for _ in self.by_row]
        thin, residuals = thin_cells(self.counts), adjusted_residuals(self.counts)
        return [
            [self._cell(row, column, thin, residuals) for column in range(len(self.by_column))]
            for row in range(len(self.by_row))
        ]

    def _cell(self, row: int, column: int, thin: np.ndarray, residuals: np.ndarray) -> TableCell:
        count = unweighted(int(self.counts[row, column]))
        is_thin = bool(thin[row, column])
        residual = float(residuals[row, column])
        return TableCell(
            count.n,
            share_interval(count, unweighted(self.by_column[column])),
            share_interval(count, unweighted(self.by_row[row])),
            share_interval(count, unweighted(self.n)),
            None if is_thin or math.isnan(residual) else residual,
            is_thin,
        )

    def total(self, row: int) -> Estimate:
        return share_interval(unweighted(self.by_row[row]), unweighted(self.n))


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
        return share_interval(
            unweighted(sum(count.n for count in self.chosen)), unweighted(sum(base.n for base in self.bases))
        )


def _options(frame: Frame, view: View, rows: CrossedAxis, columns: CrossedAxis, pause: Pause) -> Crossed:
    layout = frame.layout
    flags = [_column(layout, column) for column in layout.flags[rows.name].values()]
    joints = _joint(frame, view, flags, _column(layout, columns.name), pause)
    across = len(columns.categories)
    tables = [joint[:2, :across] for joint in joints]  # not chosen, chosen
    conclusions = [independence(table) for table in tables]
    adjusted = holm([each.test.p if each.test else None for each in conclusions])
    found = tuple(
        _option_row(category, table, conclusion, p)
        for category, table, conclusion, p in zip(rows.categories, tables, conclusions, adjusted, strict=True)
    )
    widest = max(joints, key=lambda joint: int(joint[:2].sum()))
    both = int(widest[:2, :across].sum())
    left = tuple(_left_out(widest, CrossedAxis(rows.name, rows.label, "options", "nominal", rows.categories[:2]), columns))
    return Crossed(rows, columns, int(widest.sum()), both, left, options=found)


def _option_row(category: AxisCategory, table: np.ndarray, conclusion: Conclusion, p: float | None) -> OptionRow:
    cells = CountTable(table).cells[1]
    bases = tuple(unweighted(int(n)) for n in table.sum(axis=0))
    return OptionRow(category, tuple(unweighted(int(n)) for n in table[1]), bases, tuple(cells), conclusion, p)


# --- means --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Means:
    groups: tuple[Summary, ...]
    whole: Summary
    conclusion: Conclusion
    pairs: tuple[Pair, ...]  # of groups with two values or more, by their places


def _means(frame: Frame, view: View, rows: CrossedAxis, columns: CrossedAxis, pause: Pause) -> Crossed:
    layout = frame.layout
    reasons, column = layout.coded[layout.slot[f"{rows.name}~"]], _column(layout, columns.name)
    (joint,) = _joint(frame, view, [reasons], column, pause)
    values: list[dict[float, int]] = [{} for _ in columns.categories]
    for table, chosen in frame.chosen(view, pause):
        answered = chosen & (table[reasons.name].to_numpy() == 0)
        groups, numbers = table[column.name].to_numpy(), table[rows.name].to_numpy()
        for place, known in enumerate(values):
            pause()
            for value, n in value_counts(numbers[answered & (groups == place)]).items():
                known[value] = known.get(value, 0) + n
    summaries = [summary((value, unweighted(n)) for value, n in known.items()) for known in values]
    together = _together(values)
    means = Means(
        tuple(summaries), summary(together.items()), equality_of_means([each for each in summaries if each.n]),
        tuple(pairs_of_means(summaries)),
    )  # fmt: skip
    across = len(columns.categories)
    left = tuple(_left_out(joint, CrossedAxis(rows.name, rows.label, "number", "interval", (AxisCategory("", ""),)), columns))
    return Crossed(rows, columns, int(joint.sum()), int(joint[0, :across].sum()), left, means=means)


def _together(values: Iterable[Mapping[float, int]]) -> dict[float, Count]:
    found: dict[float, int] = {}
    for known in values:
        for value, n in known.items():
            found[value] = found.get(value, 0) + n
    return {value: unweighted(n) for value, n in found.items()}
