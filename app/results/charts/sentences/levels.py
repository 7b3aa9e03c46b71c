"""Sentences about ratings of vignettes: what the levels of the leading attribute do to the rating.

The leading attribute is that of the analysis plan, or the first. What is said is said of all judged vignettes and of the
attribute as a whole, after Holm's correction for all effects on the rating: how many levels differ clearly from the reference
level, and which of them most. Where none does, the sentence says which difference would have shown, and goes on to the
attribute with the largest clear effect. What the plan contrasts, such as two levels in the first vignette alone, is said with
the primary estimates (`judged_otherwise`).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import Message, count, english, fixed, mean_places
from app.results.charts.chart import Chart, Series
from app.results.charts.sentences.wording import quoted
from app.results.statistics.experiments.effects import AttributeEffects, Effect, ExperimentFinding
from app.results.statistics.intervals import Estimate

Ends = tuple[str, str] | None


def about_levels(chart: Chart, language: str) -> Message | None:
    """None where no effect has an interval."""
    finding = chart.finding
    if not isinstance(finding, ExperimentFinding):
        return None
    rated, ends = finding.all, ends_of(chart.first) if chart.first.sides else None
    lead = next((each for each in rated.attributes if each.id == finding.lead), None)
    if lead is None or not any(effect.p is not None for attribute in rated.attributes for effect in attribute.effects):
        return None
    if _clear(lead):
        return _of_clear(lead, ends)
    other = max((each for each in rated.attributes if _clear(each)), key=lambda each: _size(_clear(each)[0]), default=None)
    none = _none(lead, language)
    if other is None:
        return none
    return english("%(none)s %(said)s", none=none, said=_of_clear(other, ends), attribute=lead.label)


def _clear(attribute: AttributeEffects) -> list[Effect]:
    """The clear effects, the largest first, up or down."""
    return sorted((effect for effect in attribute.effects if effect.is_clear), key=_size, reverse=True)


def _size(effect: Effect) -> float:
    return abs(effect.estimate.value or 0.0)


def _of_clear(attribute: AttributeEffects, ends: Ends) -> Message:
    clear, n = _clear(attribute), len(attribute.effects)
    largest, signs = clear[0], {(effect.estimate.value or 0.0) > 0 for effect in clear}
    values = {
        "attribute": attribute.label, "level": quoted(largest.level), "against": quoted(largest.against), "n": count(n, ENGLISH),
        "k": count(len(clear), ENGLISH), "by": by_how_much(largest.estimate, ends), "interval": size_range(largest.estimate),
        "way": towards(max(signs), ends), "points": _points(_size(largest), mean_places(largest.estimate)),
    }  # fmt: skip
    if n == 1:
        return english("%(level)s is judged %(by)s than %(against)s %(interval)s.", **values)
    if len(clear) == 1:
        return english("Of %(n)s others only %(level)s is judged clearly differently from %(against)s: %(by)s %(interval)s.", **values)
    if len(signs) == 2:
        return english("%(k)s of %(n)s others are judged clearly differently from %(against)s, most of all %(level)s: %(by)s %(interval)s.", **values)
    if len(clear) == n:
        return english("All %(n)s others are judged %(way)s than %(against)s, most of all %(level)s, by <b>%(points)s</b> %(interval)s.", **values)
    return english("%(k)s of %(n)s others are judged clearly %(way)s than %(against)s, most of all %(level)s, by <b>%(points)s</b> %(interval)s.", **values)


def _none(attribute: AttributeEffects, language: str) -> Message:
    """With the least effect that would have been found, of the level that is estimated with the largest error."""
    effects = attribute.effects
    least = max((effect.detectable_adjusted or 0.0 for effect in effects), default=0.0)
    values = {"attribute": attribute.label, "n": count(len(effects), language), "least": _points(least, 2), "against": "", "level": ""}
    if effects:
        values |= {"against": quoted(effects[0].against), "level": quoted(effects[0].level)}
    if not least:
        return english("%(attribute)s: no clear effect.", **values)
    if len(effects) == 1:
        return english(
            "%(level)s is not judged clearly differently from %(against)s; a difference of <b>%(least)s</b> or more would probably"
            " have shown.", **values,
        )  # fmt: skip
    return english(
        "None of %(n)s others is judged clearly differently from %(against)s; a difference of <b>%(least)s</b> or more would probably"
        " have shown.", **values,
    )  # fmt: skip


# --- one contrast ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JudgedLevels:
    """Two levels on a scale with these ends, and the least difference that would probably have shown."""

    level: str
    against: str
    ends: Ends
    places: int  # decimals
    least: float | None


def judged_otherwise(contrast: JudgedLevels, found: Estimate, is_clear: bool) -> Message | None:
    """What a contrast of the analysis plan shows: clear, or what would have shown. None without an interval."""
    if found.value is None or found.low is None:
        return None
    places = contrast.places
    values = {
        "level": quoted(contrast.level), "against": quoted(contrast.against), "by": by_how_much(found, contrast.ends, places),
        "interval": size_range(found, places), "least": _points(contrast.least or 0.0, max(places, 1)),
    }  # fmt: skip
    if is_clear:
        return english("%(level)s is judged %(by)s than %(against)s %(interval)s.", **values)
    if not contrast.least:
        return english("No clear difference between %(level)s and %(against)s.", **values)
    return english("No clear difference between %(level)s and %(against)s; one of <b>%(least)s</b> or more would probably have shown.", **values)


# --- arms -----------------------------------------------------------------------------------------------------


def about_arm(arm: AttributeEffects) -> Message | None:
    """What an arm does to an outcome: its largest clear difference from the first arm, or what would have shown."""
    tested = [effect for effect in arm.effects if effect.p is not None]
    if not tested:
        return None
    clear, least = _clear(arm), max((effect.detectable_adjusted or 0.0 for effect in tested), default=0.0)
    if clear:
        largest = clear[0]
        return english(
            "With %(level)s it is %(by)s than with %(against)s %(interval)s.", level=quoted(largest.level), against=quoted(largest.against),
            by=by_how_much(largest.estimate, None), interval=size_range(largest.estimate),
        )  # fmt: skip
    if not least:
        return english("No clear difference between arms.")
    return english("No clear difference between arms; one of <b>%(least)s</b> or more would probably have shown.", least=_points(least, 2))


# --- words ----------------------------------------------------------------------------------------------------


def by_how_much(found: Estimate, ends: Ends, places: int | None = None) -> Message:
    """0.38 points nearer to “growth”."""
    value = found.value or 0.0
    return english("<b>%(points)s</b> %(way)s", points=_points(abs(value), mean_places(found) if places is None else places), way=towards(value > 0, ends))


def towards(is_up: bool, ends: Ends) -> Message:
    if ends is not None:
        return english("nearer to %(end)s", end=quoted(ends[is_up]))
    return english("higher") if is_up else english("lower")


def size_range(found: Estimate, places: int | None = None) -> str:
    """[0.12 to 0.64], whichever way the effect goes."""
    if found.low is None or found.high is None:
        return ""
    low, high = sorted((found.low, found.high)) if (found.value or 0.0) > 0 else sorted((-found.low, -found.high))
    places = mean_places(found) if places is None else places
    return f"[{fixed(low, ENGLISH, places).replace('-', '−')} to {fixed(high, ENGLISH, places).replace('-', '−')}]"


def _points(value: float, places: int) -> Message:
    written = fixed(value, ENGLISH, places)
    return english("1 point") if written == "1" else english("%(points)s points", points=written)


def ends_of(series: Series) -> Ends:
    """What the lowest and the highest code of the scale mean, where they have words."""
    codes = sorted((point for point in series.points if isinstance(point.code, int)), key=lambda point: int(point.code))
    if len(codes) < 2 or any(point.label in ("", str(point.code)) for point in (codes[0], codes[-1])):
        return None
    if series.sides is None:
        return codes[0].label, codes[-1].label
    return series.sides if series.points[0] is codes[0] else series.sides[::-1]
