"""Effects of levels as a coefficient plot: each against the reference level of its attribute, in points of the scale.

A mark is filled where the effect is clear (it holds after Holm's correction for all effects of its sample), tinted where
only its own interval excludes zero, and open otherwise. Only researchers see them: in English.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import FEW, Message, english, fixed, mean_bracket, mean_places, number
from app.results.charts.geometry import ChartRow, Dot, Drawing, MeanAxis, along, round_axis
from app.results.charts.lines import PlotAxis, p_in_words, plain, signed, signed_range
from app.results.comparison import FEW as TOO_FEW
from app.results.comparison import standing_of
from app.results.statistics.experiments.effects import AttributeEffects, Effect, LevelEffects
from app.results.statistics.intervals import Estimate
from app.results.statistics.tests import Test

REFERENCE = "reference"
MARKS = "Filled marks: clear, also after Holm’s correction for all %(family)s effects of the sample; tinted: only its own interval excludes zero; open: zero lies within."


def draw_coefficients(
    attributes: Sequence[AttributeEffects], beside: Sequence[AttributeEffects], ends: tuple[str, str] | None, mean: float | None,
    drawing: Drawing,
) -> Drawing:  # fmt: skip
    """`beside` are the same attributes from another sample; empty without one. `ends` are those of the scale."""
    axis = effects_axis([*attributes, *beside])
    means = [level.mean for each in attributes for level in each.levels]
    mean_axis = round_axis(*_span(means), 4) if any(_ends(each) for each in means) else None
    other = {(each.id, level.code): level for each in beside for level in each.levels}
    rows = [row for each in attributes for row in _rows(each, other, axis, mean_axis)]
    return drawing.add(
        kind="effects", rows=tuple(rows), values=english("effect, points"), wide_values=True,
        ticks=axis.ticks, reference=(axis.along(0.0), english("no effect")), ends=ends,
        mean_axis=_mean_axis(mean_axis, mean) if mean_axis else None,
        summary="; ".join(f"{row.label} {row.value or row.interval}" for row in rows),
    )  # fmt: skip


def effects_axis(attributes: Iterable[AttributeEffects]) -> PlotAxis:
    """As long as zero, all effects and their intervals need, with round numbers."""
    known = [effect.estimate for each in attributes for effect in each.effects]
    low, high = _span([*known, Estimate(0.0, None, None, 0)])
    low, high = min(low, -0.1), max(high, 0.1)
    room = 0.03 * (high - low)
    axis = PlotAxis(low - room, high + room, ())
    return replace(axis, ticks=tuple((axis.along(at), signed_tick(at)) for at in round_axis(low, high, 6) if axis.low <= at <= axis.high))


def _span(estimates: Iterable[Estimate]) -> tuple[float, float]:
    known = [end for each in estimates for end in _ends(each)]
    return min(known), max(known)


def _ends(estimate: Estimate) -> list[float]:
    return [end for end in estimate[:3] if end is not None]


def signed_tick(value: float) -> str:
    """+0.5, with as few decimals as it needs."""
    return f"+{plain(value)}" if value > 0 else plain(value) if value else "0"


def _mean_axis(axis: Sequence[float], mean: float | None) -> MeanAxis:
    named = None if mean is None else (along(mean, axis), english("all %(mean)s", mean=fixed(mean, ENGLISH)))
    return MeanAxis(tuple((along(value, axis), number(value, ENGLISH)) for value in axis), named)


# --- rows ---------------------------------------------------------------------------------------------------


def _rows(
    attribute: AttributeEffects, other: Mapping[tuple[str, object], LevelEffects], axis: PlotAxis, means: Sequence[float] | None
) -> Iterator[ChartRow]:
    for place, level in enumerate(attribute.levels):
        beside = other.get((attribute.id, level.code))
        row = _row(level, beside, axis)
        if means and level.mean.value is not None:
            row = replace(row, mean=_mean_dot(level.mean, means), mean_words=_mean_words(level.mean))
        yield row if place else replace(row, group=attribute.label, group_note=joint_in_words(attribute.joint))


def _row(level: LevelEffects, beside: LevelEffects | None, axis: PlotAxis) -> ChartRow:
    if level.effect is None:
        return ChartRow(level.label, "", interval=REFERENCE, effects=(Dot(axis.along(0.0), standing=REFERENCE),))
    also = (effect_dot(beside.effect, axis),) if beside is not None and beside.effect is not None else ()
    value, interval = effect_words(level.effect)
    return ChartRow(level.label, value, interval=interval, effects=(effect_dot(level.effect, axis), *also))


def effect_dot(effect: Effect, axis: PlotAxis) -> Dot | None:
    found = effect.estimate
    if found.value is None:
        return None
    ends = (axis.along(found.low), axis.along(found.high)) if found.low is not None and found.high is not None else (None, None)
    return Dot(axis.along(found.value), *ends, standing_in(effect), " ".join(effect_words(effect)).strip())


def standing_in(effect: Effect) -> str:
    """clear | possible | open | few."""
    if effect.p is None or effect.adjusted is None:
        return TOO_FEW
    return standing_of(effect.estimate, effect.adjusted)


def effect_words(effect: Effect) -> tuple[str, str]:
    """+0.37, [+0.28 to +0.47]."""
    found = effect.estimate
    if found.value is None:
        return "–", ""
    places = mean_places(found)
    return signed(found.value, places), signed_range(found, 1.0, places)


def _mean_dot(found: Estimate, axis: Sequence[float]) -> Dot:
    if found.low is None or found.high is None or found.clusters < FEW:
        return Dot(along(found.value or 0.0, axis))
    return Dot(along(found.value or 0.0, axis), along(found.low, axis), along(found.high, axis))


def _mean_words(found: Estimate) -> tuple[str, str]:
    written = mean_bracket(found, ENGLISH) if found.clusters >= FEW else ""
    return fixed(found.value, ENGLISH, mean_places(found)), written


# --- words --------------------------------------------------------------------------------------------------


def joint_in_words(test: Test | None) -> str:
    """Whether any level differs from another."""
    if test is None or test.p is None:
        return ""
    said = "levels differ" if test.p < 0.05 else "no difference between levels shown"
    return f"{said} (joint test, {p_in_words(test.p)})"


def what_marks_mean(attributes: Iterable[AttributeEffects]) -> Iterator[Message]:
    """The grammar of the marks, and which effect would have been found."""
    effects = [effect for each in attributes for effect in each.effects if effect.p is not None]
    if not effects:
        return
    yield english(MARKS, family=str(max(effect.family for effect in effects) or len(effects)))
    least = max((effect.detectable for effect in effects if effect.detectable), default=None)
    corrected = max((effect.detectable_adjusted for effect in effects if effect.detectable_adjusted), default=None)
    if least and corrected:
        yield english(
            "Any effect of %(least)s points or more would probably have shown (in 80 of 100 such studies), of %(corrected)s or more"
            " as a clear one.",
            least=fixed(least, ENGLISH, 2), corrected=fixed(corrected, ENGLISH, 2),
        )  # fmt: skip
