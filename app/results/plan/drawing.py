"""Primary estimates as the overview shows them: in words, and as differences on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.results.charts.geometry import round_axis
from app.results.charts.lines import (
    FINEST,
    Interval,
    PlotAxis,
    Ticks,
    level,
    level_range,
    places_for,
    signed,
    signed_range,
    times_of,
)
from app.results.comparison import CLEAR, FEW, OPEN, POSSIBLE, UNTESTED
from app.results.plan.estimates import NONE, PlannedEstimate
from app.results.plan.words import PlanWords
from app.results.statistics.intervals import Estimate
from app.survey.model import Instrument

#: What the standing of a contrast means, below its figures.
STANDINGS = {
    CLEAR: "clear", POSSIBLE: "possible", OPEN: "open", FEW: "fewer than ten on one side", UNTESTED: "no variation to test",
    NONE: "no answers yet",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SideValue:
    label: str
    value: str
    n: str


@dataclass(frozen=True, slots=True)
class PrimaryRow:
    name: str
    question: str
    definition: str
    figure: str  # the id of the item's figures; empty where nothing is known of it yet
    value: str
    unit: str
    interval: str
    standing: str
    words: str  # what the standing means, with p
    sides: tuple[SideValue, ...]
    n: str
    plot: Interval | None


@dataclass(frozen=True, slots=True)
class PrimaryDrawing:
    rows: tuple[PrimaryRow, ...]
    ticks: Ticks  # none where no row has a plot
    tested: int


def draw_primary(instrument: Instrument, estimates: Sequence[PlannedEstimate]) -> PrimaryDrawing:
    words = PlanWords(instrument)
    axis = _axis(estimates)
    tested = sum(each.plan.contrast is not None for each in estimates)
    rows = tuple(_row(words, each, axis, tested) for each in estimates)
    return PrimaryDrawing(rows, axis.ticks if any(row.plot for row in rows) else (), tested)


def _axis(estimates: Sequence[PlannedEstimate]) -> PlotAxis:
    """Percentage points, or percent of the scale's length."""
    ends = [abs(end) for each in estimates if (scaled := _scaled(each)) for end in scaled[:3] if end is not None]
    reach = max([*ends, 0.1]) * 1.05
    step = round_axis(0.0, 100 * reach, 3)[1] / 100
    axis = PlotAxis(-reach, reach, ())
    ticks = ((-step, signed(-100 * step, 0)), (0.0, "0"), (step, signed(100 * step, 0)))
    return PlotAxis(-reach, reach, tuple((axis.along(at), word) for at, word in ticks if abs(at) < reach))


def _scaled(estimate: PlannedEstimate) -> Estimate | None:
    """A difference as a part of the scale's length; None where there is none to draw."""
    width, value = estimate.measure.width, estimate.value
    if estimate.plan.contrast is None or not width or value.low is None:
        return None
    return Estimate(*(None if end is None else end / width for end in value[:3]), value.n)


def _row(words: PlanWords, each: PlannedEstimate, axis: PlotAxis, tested: int) -> PrimaryRow:
    places, scaled = _places(each), _scaled(each)
    value, interval = _written(each, places)
    return PrimaryRow(
        each.plan.name, each.plan.question, words.brief(each.plan), each.figure, value, _unit(each) if value else "",
        interval, each.standing, _standing(each, tested), tuple(_side(each, *side) for side in each.sides),
        f"{each.value.clusters or each.value.n:,}" if each.value.n else "", axis.interval(scaled) if scaled is not None else None,
    )  # fmt: skip


def _places(each: PlannedEstimate) -> int:
    """As many decimals as the interval justifies; more where an end beside zero would be written as zero."""
    places = places_for(each.measure, [each.value])
    low, high = each.value.low, each.value.high
    if each.plan.contrast is None or low is None or high is None or low <= 0 <= high:
        return places
    nearest = min(abs(low), abs(high)) * times_of(each.measure)
    return next((finer for finer in range(places, FINEST) if round(nearest, finer)), FINEST)


def _written(each: PlannedEstimate, places: int) -> tuple[str, str]:
    if each.value.value is None:
        return "", ""
    if each.plan.contrast is None:
        return level(each.measure, each.value.value, places), level_range(each.measure, each.value, places)
    times = times_of(each.measure)
    return signed(each.value.value * times, places), signed_range(each.value, times, places)


def _unit(each: PlannedEstimate) -> str:
    if each.plan.contrast is None:
        return each.measure.unit
    if each.measure.kind == "share":
        return "percentage points"
    return each.measure.unit or "points"


def _side(each: PlannedEstimate, label: str, value: Estimate) -> SideValue:
    written = "–" if value.value is None else level(each.measure, value.value, places_for(each.measure, [value]))
    return SideValue(label, written, f"{value.clusters or value.n:,}")


def _standing(each: PlannedEstimate, tested: int) -> str:
    said = each.reason or STANDINGS.get(each.standing, "")
    if each.standing == NONE and any(value.n for _, value in each.sides):
        said = each.reason or "no answers on one side yet"
    if each.p is None or each.adjusted is None:
        return said
    own, corrected = p_in_words(each.p), p_in_words(each.adjusted)
    if tested < 2:
        return f"{said}: {own}"
    return f"{said}: {own}, {'also' if own == corrected else corrected} after Holm’s correction for {tested}"


def p_in_words(p: float) -> str:
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
