"""Primary estimates as the overview shows them: in words, and as differences on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.results.charts.captions import Message, english
from app.results.charts.geometry import round_axis
from app.results.charts.lines import (
    FINEST,
    MINUS,
    Interval,
    PlotAxis,
    Ticks,
    level,
    level_range,
    p_in_words,
    places_for,
    plain,
    signed,
    signed_range,
    times_of,
)
from app.results.charts.sentences.levels import JudgedLevels, judged_otherwise
from app.results.comparison import CLEAR, FEW, OPEN, POSSIBLE, UNTESTED
from app.results.measures import Measure
from app.results.plan.estimates import NONE, PlannedEstimate
from app.results.plan.words import PlanWords
from app.results.statistics.experiments.power import detectable
from app.results.statistics.intervals import Estimate
from app.survey.model import Instrument

SHORT = 10  # the width of a scale

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
    ticks: Ticks = ()  # of its axis, in its unit
    ends: tuple[str, str] | None = None  # what lies at either end of the axis
    says: Message | None = None  # what it shows, in a sentence


@dataclass(frozen=True, slots=True)
class PrimaryDrawing:
    rows: tuple[PrimaryRow, ...]
    tested: int


def draw_primary(instrument: Instrument, estimates: Sequence[PlannedEstimate]) -> PrimaryDrawing:
    words = PlanWords(instrument)
    tested = sum(each.plan.contrast is not None for each in estimates)
    return PrimaryDrawing(tuple(_row(words, each, _axis(each, estimates), tested) for each in estimates), tested)


def _axis(estimate: PlannedEstimate, estimates: Sequence[PlannedEstimate]) -> PlotAxis | None:
    """In the unit of the estimate, around zero; the same for all contrasts on the same scale. None where there is none to draw."""
    if not _is_drawn(estimate):
        return None
    measure, times = estimate.measure, times_of(estimate.measure)
    alike = [each for each in estimates if _is_drawn(each) and _scale(each.measure) == _scale(measure)]
    ends = [abs(end) for each in alike for end in each.value[:3] if end is not None]
    reach = max([*ends, 1e-9]) * 1.05
    step = round_axis(0.0, reach * times, 3)[1] / times
    reach = max(reach, step * 1.25)
    unit = measure.unit or "points"
    axis = PlotAxis(-reach, reach, ())
    words = ((-step, f"{MINUS}{plain(step * times)}"), (0.0, "0"), (step, f"+{plain(step * times)} {unit}"))
    return replace(axis, ticks=tuple((axis.along(at), word) for at, word in words))


def _is_drawn(estimate: PlannedEstimate) -> bool:
    return estimate.plan.contrast is not None and estimate.value.low is not None


def _scale(measure: Measure) -> tuple[object, ...]:
    return measure.kind, measure.width, measure.unit


def _row(words: PlanWords, each: PlannedEstimate, axis: PlotAxis | None, tested: int) -> PrimaryRow:
    places = _places(each)
    value, interval = _written(each, places)
    return PrimaryRow(
        each.plan.name, each.plan.question, words.brief(each.plan), each.figure, value, _unit(each) if value else "",
        interval, each.standing, _standing(each, tested), tuple(_side(each, *side) for side in each.sides),
        f"{each.value.clusters or each.value.n:,}" if each.value.n else "", axis.interval(each.value) if axis is not None else None,
        axis.ticks if axis is not None else (), words.ends(each.plan) if axis is not None and each.plan.rating else None, _says(words, each),
    )  # fmt: skip


def _says(words: PlanWords, each: PlannedEstimate) -> Message | None:
    """Of a contrast between levels of a vignette."""
    if each.plan.rating is None or len(each.sides) != 2:
        return None
    (level, _), (against, _) = each.sides
    least = detectable(each.value.error) if each.value.error else None
    said = judged_otherwise(JudgedLevels(level, against, words.poles(each.plan), _places(each), least), each.value, each.standing == CLEAR)
    if said is None or each.plan.vignettes != "first":
        return said
    return english("From the first vignette alone: %(said)s", said=said)


def _places(each: PlannedEstimate) -> int:
    """As many decimals as the interval justifies; more where an end beside zero would be written as zero."""
    places = _least_places(each.measure, each.value)
    low, high = each.value.low, each.value.high
    if each.plan.contrast is None or low is None or high is None or low <= 0 <= high:
        return places
    nearest = min(abs(low), abs(high)) * times_of(each.measure)
    return next((finer for finer in range(places, FINEST) if round(nearest, finer)), FINEST)


def _least_places(measure: Measure, value: Estimate) -> int:
    """At least two decimals of means on a short scale, so that what differs is seen in both sides and in their difference."""
    is_short = measure.kind == "mean" and measure.width is not None and measure.width <= SHORT
    return max(places_for(measure, [value]), 2 if is_short else 0)


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
    written = "–" if value.value is None else level(each.measure, value.value, _least_places(each.measure, value))
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
