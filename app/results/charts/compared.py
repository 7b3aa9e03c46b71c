"""Compared groups as drawings: for each measure a line per group, with its value and its difference on an axis of its own.

Only researchers see them: in English. Positions are in percent of the width of a plot; the template computes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import count, method_of_means, method_of_shares
from app.results.charts.geometry import in_percent, round_axis, stack_reach
from app.results.charts.lines import (
    MINUS,
    PERCENT,
    GroupLine,
    Interval,
    MeasureBlock,
    PlotAxis,
    Ticks,
    is_compact,
    level,
    level_range,
    number_axis,
    places_for,
    quoted,
    shades_of,
    signed,
    signed_range,
    stacked,
    times_of,
)
from app.results.comparison import (
    ComparedGroup,
    ComparedItem,
    ComparedRow,
    Comparison,
    GroupDifference,
    GroupValue,
)
from app.results.statistics.intervals import Estimate
from app.results.statistics.values import Summary

FOLDED_FROM = 8  # rows of one item, from which those that differ least are folded


@dataclass(frozen=True, slots=True)
class VersusDrawing:
    id: str
    ask: str
    value: str  # what the values are: share, mean
    axis: str  # what the axis of the values is
    far: str  # at its other end
    ticks: Ticks
    difference_ticks: Ticks
    blocks: tuple[MeasureBlock, ...]
    folded: tuple[MeasureBlock, ...]  # those that differ least
    base: str
    head: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str], ...] = ()  # of stacks: shade, label
    middle: float | None = None  # of stacks with two poles
    zero: float | None = None  # of effects: the position of none
    folded_words: str = "which differ less"
    is_compact: bool = False  # measures and groups have labels short enough to stand side by side


@dataclass(frozen=True, slots=True)
class TopLine:
    label: str
    of: str  # the question
    item: str
    whose: str  # the group that differs most
    value: str
    value_range: str
    standing: str
    marks: tuple[tuple[ComparedGroup, Interval, str], ...]  # the standing of each


@dataclass(frozen=True, slots=True)
class TopDrawing:
    lines: tuple[TopLine, ...]
    ticks: Ticks
    reach: float


# --- one item -----------------------------------------------------------------------------------------------


def draw_compared(item: ComparedItem, against: str, is_direct: bool) -> VersusDrawing:
    """`against` is what a difference is to: "to the rest", or the other group's name."""
    axis, scale = _axis_of(item), _difference_axis(item.rows)
    rows = item.rows_by_size if item.figures.figure == "flags" or _is_choice(item) else list(item.rows)
    blocks = [_block(item, row, axis, scale) for row in rows]
    shown = len(blocks) if len(blocks) <= FOLDED_FROM else FOLDED_FROM - 2
    kind = item.rows[0].measure.kind
    drawing = VersusDrawing(
        item.figures.id, item.figures.ask, {"share": "share", "mean": "mean", "net": "net"}[kind],
        _axis_words(item), "", axis.ticks, scale.ticks, tuple(blocks[:shown]), tuple(blocks[shown:]), _base(item),
        ("Measure, group", "n", "Value", "95% interval", f"Difference {against}", "95% interval", "How sure"),
        tuple(_table_line(row, value) for row in rows for value in row.values),
    )  # fmt: skip
    drawing = replace(drawing, is_compact=is_compact(blocks))
    return _with_stacks(item, drawing) if item.shares else drawing


def _is_choice(item: ComparedItem) -> bool:
    part = item.figures.parts[0]
    return part.kind == "choice" and part.measure == "nominal"


def _axis_words(item: ComparedItem) -> str:
    measure = item.rows[0].measure
    if measure.kind == "share":
        return "share of entries" if item.figures.entries else "share who say so"
    if measure.kind == "net":
        return "those for, less those against"
    return f"mean, {measure.unit}" if measure.unit else "mean"


def _base(item: ComparedItem) -> str:
    """What the values and the differences are, and after whom they are calculated."""
    measure, parts = item.rows[0].measure, []
    of = {row.measure.of for row in item.rows if row.measure.kind == "share" and row.measure.label not in row.measure.of}
    if len(of) == 1:
        parts.append(f"Share {'of' if item.figures.entries else 'that says'} {quoted(next(iter(of)))}")
    elif measure.kind == "share" and item.figures.entries:
        parts.append("Shares")
    elif measure.kind == "share":
        parts.append("Share that says so" + (", of those who were offered it" if item.figures.figure == "flags" else ""))
    elif measure.kind == "net":
        parts.append("Those for less those against" + ("" if item.figures.entries else ", of all who answered"))
    else:
        parts.append("Means")
    if item.figures.entries:
        return " · ".join((*parts, *_of_entries(item)))
    weighted = item.figures.effective is not None
    method = method_of_shares if measure.kind == "share" else method_of_means
    parts.append(f"95% intervals {method(weighted)}")
    parts.append("differences after Newcombe" if measure.kind == "share" else "differences after Welch")
    return " · ".join((*parts, *_further(item)))


def _further(item: ComparedItem) -> tuple[str, ...]:
    return (f"{item.further} options that fewer chose are not compared",) if item.further else ()


def _of_entries(item: ComparedItem) -> tuple[str, ...]:
    weighted = "weighted, " if item.figures.effective is not None else ""
    return (
        "of entries, of which one person can give several", f"95% intervals {weighted}clustered by person (Liang and Zeger, Student’s t)",
        "differences with Satterthwaite’s degrees of freedom", *_further(item),
    )  # fmt: skip


# --- axes ---------------------------------------------------------------------------------------------------


def _axis_of(item: ComparedItem) -> PlotAxis:
    measure = item.rows[0].measure
    if measure.kind == "share":
        return PERCENT
    if measure.kind == "net":
        return PlotAxis(-1.0, 1.0, ((0.0, f"{MINUS}100"), (50.0, "0"), (100.0, "+100")))
    return number_axis(measure.ends, (value.value for row in item.rows for value in row.values))


def _ends(estimate: Estimate) -> list[float]:
    return [end for end in estimate[:3] if end is not None]


def _difference_axis(rows: Iterable[ComparedRow], least: float = 0.0) -> PlotAxis:
    """From as far below zero as above it, in the unit of the measure."""
    rows = list(rows)
    found = [abs(end) for row in rows for value in row.differences for end in _surest(value.difference)]
    kind = rows[0].measure.kind if rows else "share"
    times = 1.0 if kind == "mean" else 100.0
    reach = max([*found, least, 1e-9])
    step = round_axis(0.0, reach * times, 3)[1] / times
    reach = max(reach * 1.05, step * 1.25)
    unit = {"share": " points", "net": " points"}.get(kind, "")
    words = ((-step, signed(-step * times, 0)), (0.0, "0"), (step, f"{signed(step * times, 0)}{unit}"))
    axis = PlotAxis(-reach, reach, ())
    return replace(axis, ticks=tuple((axis.along(at), word) for at, word in words))


def _surest(found: GroupDifference | None) -> list[float]:
    """The ends that must be seen: those of groups too small for an interval need not."""
    return _ends(found.estimate) if found is not None and found.p is not None else []


# --- lines --------------------------------------------------------------------------------------------------


def _block(item: ComparedItem, row: ComparedRow, axis: PlotAxis, scale: PlotAxis) -> MeasureBlock:
    label = row.measure.label or quoted(row.measure.of)
    return MeasureBlock(label, tuple(_line(row, value, axis, scale) for value in row.values))


def _line(row: ComparedRow, value: GroupValue, axis: PlotAxis, scale: PlotAxis) -> GroupLine:
    n = _n(value)
    if value.value.value is None:
        return GroupLine(value.group, n, note="no answers" if value.asked else "not asked")
    places = places_for(row.measure, [each.value for each in row.values])
    line = GroupLine(
        value.group, n, level(row.measure, value.value.value, places), level_range(row.measure, value.value, places),
        axis.interval(value.value), box=_box(value.sample, axis) if row.measure.unit else None,
    )  # fmt: skip
    return line if value.difference is None else _with_difference(line, row, value.difference, scale)


def _n(value: GroupValue) -> str:
    """Respondents; of a loop the entries, and the respondents who gave them."""
    found = value.value
    return f"{count(found.n, ENGLISH)} of {count(found.clusters, ENGLISH)} people" if found.clusters else count(found.n, ENGLISH)


def _with_difference(line: GroupLine, row: ComparedRow, found: GroupDifference, scale: PlotAxis) -> GroupLine:
    places = places_for(row.measure, [each.difference.estimate for each in row.values if each.difference])
    times = times_of(row.measure)
    return replace(
        line, difference=signed((found.estimate.value or 0.0) * times, places),
        difference_range=signed_range(found.estimate, times, places), difference_plot=scale.interval(found.estimate),
        standing=found.standing,
    )  # fmt: skip


def _box(sample: object, axis: PlotAxis) -> Interval | None:
    """The middle half of a number, with its median."""
    if not isinstance(sample, Summary) or sample.median is None:
        return None
    return Interval(axis.along(sample.median), *map(axis.along, sample.quartiles)) if sample.quartiles else None


def _table_line(row: ComparedRow, value: GroupValue) -> tuple[str, ...]:
    measure = row.measure
    name = ", ".join(word for word in (measure.label or quoted(measure.of) if measure.of else measure.label, value.group.label) if word)
    n, found = _n(value), value.difference
    if value.value.value is None:
        return (name, n, "–", "–", "–", "–", "not asked" if not value.asked else "no answers")
    places, times = places_for(measure, [each.value for each in row.values]) + 1, times_of(measure)
    shown = (name, n, level(measure, value.value.value, places), level_range(measure, value.value, places))
    if found is None:
        return (*shown, "–", "–", "")
    return (
        *shown, signed((found.estimate.value or 0.0) * times, places), signed_range(found.estimate, times, places),
        STANDINGS[found.standing],
    )  # fmt: skip


STANDINGS = {"clear": "clear", "possible": "possible", "open": "open", "few": "too few", "untested": "all the same"}

# --- stacks -------------------------------------------------------------------------------------------------


def _with_stacks(item: ComparedItem, drawing: VersusDrawing) -> VersusDrawing:
    """A single scale: the values are drawn as all of its answers, on both sides of the middle if it has two poles."""
    cells = item.figures.parts[0].cells
    shades, is_bipolar = shades_of(len(cells), item.figures.parts[0].has_poles)
    if not shades:
        return drawing
    stacks = stacked(item.shares, shades, is_bipolar)
    (block,) = drawing.blocks
    lines = tuple(
        replace(line, segments=segments, plot=None) if line.value else line
        for line, segments in zip(block.lines, stacks, strict=True)
    )
    reach = stack_reach(item.shares)
    return replace(
        drawing, blocks=(replace(block, lines=lines),), ticks=(), axis=f"← {cells[0].label}", far=f"{cells[-1].label} →",
        legend=tuple((shade, cell.label) for shade, cell in zip(shades, cells, strict=True)),
        middle=in_percent(reach[0] / (sum(reach) or 1.0)) if is_bipolar else None,
    )  # fmt: skip


# --- the largest differences --------------------------------------------------------------------------------


def draw_largest(comparison: Comparison, most: int = 8) -> TopDrawing:
    """The largest differences, on one axis: points of percentage, or of 100 of the scale's length."""
    rows = [row for row in comparison.largest(2 * most) if row.measure.width][:most]
    asks = {item.figures.id: item.figures.ask for item in comparison.items}
    ends = [abs(end) / (row.measure.width or 1) for row in rows for value in row.differences for end in _surest(value.difference)]
    reach = max([*ends, 0.1]) * 1.02
    step = round_axis(0.0, 100 * reach, 3)[1] / 100
    axis = PlotAxis(-reach, reach, ())
    ticks = tuple((axis.along(at), word) for at, word in ((-step, signed(-100 * step, 0)), (0.0, "0"), (step, f"{signed(100 * step, 0)} points")) if abs(at) < reach)
    lines = tuple(_top_line(row, asks[row.item], axis) for row in rows)
    return TopDrawing(lines, ticks, reach)


def _top_line(row: ComparedRow, ask: str, axis: PlotAxis) -> TopLine:
    largest, width = row.largest, row.measure.width or 1
    assert largest is not None and largest.difference is not None
    found = largest.difference
    places, times = places_for(row.measure, [found.estimate]), times_of(row.measure)
    marks = []
    for value in row.differences:
        if (each := value.difference) is not None and each.p is not None:
            scaled = Estimate(*(None if end is None else end / width for end in each.estimate[:3]), each.estimate.n)
            at = axis.interval(scaled)
            if at is not None:
                marks.append((value.group, at, each.standing))
    unit = f" {row.measure.unit}" if row.measure.unit else ""
    label = row.measure.label or (quoted(row.measure.of) if row.measure.of else ask)
    return TopLine(
        label, ask if label != ask else "", row.item, largest.group.label, f"{signed((found.estimate.value or 0) * times, places)}{unit}",
        signed_range(found.estimate, times, places), found.standing, tuple(marks),
    )  # fmt: skip
