"""A crosstab as a drawing above its table: the answers of each column as a stack, or a line per column for each row.

Only researchers see it: in English.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import count, method_of_means, method_of_shares
from app.results.charts.geometry import in_percent, stack_reach
from app.results.charts.lines import (
    PERCENT,
    GroupLine,
    Interval,
    MeasureBlock,
    Ticks,
    level,
    level_range,
    number_axis,
    places_for,
    quoted,
    shades_of,
    stacked,
)
from app.results.comparison import ComparedGroup
from app.results.crosstabs import CountTable, Crossed, Means
from app.results.measures import Measure
from app.results.statistics.cells import total
from app.results.statistics.intervals import Estimate, share_interval

SHARE = Measure("", "", "share")


class CrossedLine(NamedTuple):
    """The shares of one row in all columns."""

    label: str
    marks: tuple[tuple[ComparedGroup, Interval], ...]


@dataclass(frozen=True, slots=True)
class CrossedDrawing:
    value: str
    axis: str
    far: str
    ticks: Ticks
    blocks: tuple[MeasureBlock, ...]
    base: str
    legend: tuple[tuple[str, str], ...] = ()
    middle: float | None = None
    lines: tuple[CrossedLine, ...] = ()  # instead of blocks: every column on one line
    groups: tuple[ComparedGroup, ...] = ()  # of these lines


def draw_crossed(crossed: Crossed, floor: int) -> CrossedDrawing | None:
    """None of nobody."""
    if not crossed.both:
        return None
    if crossed.means is not None:
        return _of_means(crossed, crossed.means, floor)
    if crossed.table is not None and crossed.rows.measure == "ordinal":
        drawing = _of_scale(crossed, crossed.table, floor)
        if drawing is not None:
            return drawing
    return _of_shares(crossed, floor)


def column_groups(crossed: Crossed, sizes: list[int], floor: int) -> list[ComparedGroup]:
    return [
        ComparedGroup(category.code, category.label, n, n < floor, place)
        for place, (category, n) in enumerate(zip(crossed.columns.categories, sizes, strict=True))
    ]


# --- a scale: all answers of each column --------------------------------------------------------------------


def upper_places(crossed: Crossed) -> range:
    """The rows at the upper end of a scale."""
    size = len(crossed.rows.categories)
    return range(size - (size // 2 if crossed.rows.has_poles else min(size // 2, 2)), size)


def upper_shares(crossed: Crossed, table: CountTable) -> list[Estimate]:
    """Of each column the share of the rows at the upper end."""
    upper = upper_places(crossed)
    return [
        share_interval(total(table.count(row, column) for row in upper), base) for column, base in enumerate(table.bases)
    ]


def _of_scale(crossed: Crossed, table: CountTable, floor: int) -> CrossedDrawing | None:
    categories = crossed.rows.categories
    shades, is_bipolar = shades_of(len(categories), crossed.rows.has_poles)
    if not shades:
        return None
    shares = [
        tuple(weight / base.w if base.n else 0.0 for weight in table.table.w[:, column].tolist())
        for column, base in enumerate(table.bases)
    ]
    known = [each for each in shares if any(each)]
    reach = stack_reach(known)
    drawn = iter(stacked(known, shades, is_bipolar))
    lines = [
        (upper.value or 0.0, GroupLine(group, count(group.n, ENGLISH), level(SHARE, upper.value or 0.0, 0), segments=next(drawn)))
        for group, upper in zip(column_groups(crossed, table.by_column, floor), upper_shares(crossed, table), strict=True)
        if group.n
    ]
    lines.sort(key=lambda pair: -pair[0])
    upper = tuple(categories[place].label for place in upper_places(crossed))
    return CrossedDrawing(
        "upper", f"← {categories[0].label}", f"{categories[-1].label} →", (), (MeasureBlock("", tuple(line for _, line in lines)),),
        f"Sorted by the share that says {quoted(upper)}",
        tuple((shade, category.label) for shade, category in zip(shades, categories, strict=True)),
        in_percent(reach[0] / (sum(reach) or 1.0)) if is_bipolar else None,
    )  # fmt: skip


# --- options and categories: all columns on one line --------------------------------------------------------------


def _of_shares(crossed: Crossed, floor: int) -> CrossedDrawing:
    """The share of each row in every column, side by side on one axis."""
    sizes = [0] * len(crossed.columns.categories)
    lines = []
    for label, bases, shares in _rows(crossed):
        sizes = [max(pair) for pair in zip(sizes, bases, strict=True)]
        groups = column_groups(crossed, bases, floor)
        marks = [(group, PERCENT.interval(found._replace(low=None, high=None))) for group, found in zip(groups, shares, strict=True)]
        lines.append(CrossedLine(label, tuple((group, at) for group, at in marks if at is not None)))
    return CrossedDrawing(
        "share", "share of each column", "", PERCENT.ticks, (), f"The table has the 95% intervals, {method_of_shares(crossed.is_weighted)}",
        lines=tuple(lines), groups=tuple(group for group in column_groups(crossed, sizes, floor) if group.n),
    )  # fmt: skip


def _rows(crossed: Crossed) -> list[tuple[str, list[int], list[Estimate]]]:
    """Of each row its label, the columns' sizes, and its share in each."""
    if crossed.table is not None:
        table = crossed.table
        return [
            (category.label, table.by_column, [cell.of_column for cell in cells])
            for category, cells in zip(crossed.rows.categories, table.cells, strict=True)
        ]
    return [
        (row.category.label, [base.n for base in row.bases], [cell.of_column for cell in row.cells])
        for row in crossed.options
    ]


def _line(group: ComparedGroup, measure: Measure, found: Estimate, plot: Interval | None) -> GroupLine:
    places = places_for(measure, [found])
    return GroupLine(
        group, count(found.n, ENGLISH), level(measure, found.value or 0.0, places), level_range(measure, found, places), plot
    )


# --- means --------------------------------------------------------------------------------------------------


def _of_means(crossed: Crossed, means: Means, floor: int) -> CrossedDrawing:
    measure = Measure(crossed.rows.name, "", "mean", unit=crossed.rows.unit)
    estimates = [group.interval for group in means.groups]
    axis = number_axis(crossed.rows.ends, estimates)
    lines = []
    for group, found, estimate in zip(
        column_groups(crossed, [each.n for each in means.groups], floor), means.groups, estimates, strict=True
    ):
        if group.n:
            line = _line(group, measure, estimate, axis.interval(estimate))
            box = Interval(axis.along(found.median or 0.0), *map(axis.along, found.quartiles)) if found.quartiles else None
            lines.append(replace(line, box=box))
    return CrossedDrawing(
        "mean", f"mean, {crossed.rows.unit}" if crossed.rows.unit else "mean", "", axis.ticks, (MeasureBlock("", tuple(lines)),),
        f"Means with 95% intervals {method_of_means(crossed.is_weighted)} · bar: the middle half, with the median",
    )  # fmt: skip
