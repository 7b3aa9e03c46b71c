"""Sentences about ratings of vignettes: what the levels of the leading attribute do to the rating.

The leading attribute is that of the analysis plan, or the first. Of its clear effects (those that hold after Holm's
correction for all effects on the rating) the largest is named. Where it has none, the sentence says which effect would have
been found, and goes on to the largest clear effect of another attribute.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.results.charts.captions import Message, count, english, fixed, mean_places
from app.results.charts.chart import Chart, Series
from app.results.charts.lines import signed_range
from app.results.charts.sentences.wording import quoted
from app.results.statistics.experiments.effects import AttributeEffects, Effect, ExperimentFinding


def about_levels(chart: Chart, language: str) -> Message | None:
    """None where no effect has an interval."""
    finding = chart.finding
    if not isinstance(finding, ExperimentFinding):
        return None
    rated = finding.leading
    lead = next((each for each in rated.attributes if each.id == finding.lead), None)
    tested = [effect for attribute in rated.attributes for effect in attribute.effects if effect.p is not None]
    if lead is None or not tested:
        return None
    largest, ends = _largest([lead]), ends_of(chart.first)
    if largest is not None:
        return _effect(*largest, finding, (language, ends))
    none = _no_clear_effect(lead, finding, language)
    other = _largest(rated.attributes)
    if other is None:
        return none
    return english("%(none)s %(said)s", none=none, said=_effect(*other, finding, (language, ends)))


def _largest(attributes: Iterable[AttributeEffects]) -> tuple[AttributeEffects, Effect] | None:
    """The largest clear effect, up or down."""
    clear = [(each, effect) for each in attributes for effect in each.effects if effect.is_clear]
    return max(clear, key=lambda pair: abs(pair[1].estimate.value or 0.0), default=None)


def _effect(
    attribute: AttributeEffects, effect: Effect, finding: ExperimentFinding, written: tuple[str, tuple[str, str] | None]
) -> Message:
    (language, ends), found = written, effect.estimate
    value, places = found.value or 0.0, mean_places(found)
    values = {
        "level": quoted(effect.level), "against": quoted(effect.against), "points": points(abs(value), places, language),
        "interval": signed_range(found, 1.0, places), "from_": _vignettes(finding),
        "attribute": attribute.label, "towards": english(", towards %(end)s", end=quoted(ends[value > 0])) if ends else "",
    }  # fmt: skip
    if value > 0:
        return english("%(attribute)s: with %(level)s instead of %(against)s the rating is <b>%(points)s</b> higher %(interval)s%(towards)s%(from_)s.", **values)
    return english("%(attribute)s: with %(level)s instead of %(against)s the rating is <b>%(points)s</b> lower %(interval)s%(towards)s%(from_)s.", **values)


def _no_clear_effect(attribute: AttributeEffects, finding: ExperimentFinding, language: str) -> Message:
    """With the least effect that would have been found, of the level that is estimated with the largest error."""
    least = max((effect.detectable_adjusted or 0.0 for effect in attribute.effects), default=0.0)
    values = {"attribute": attribute.label, "from_": _vignettes(finding), "n": count(finding.leading.respondents, language)}
    if not least:
        return english("%(attribute)s: no clear effect%(from_)s.", **values)
    return english(
        "%(attribute)s: no clear effect%(from_)s. With %(n)s respondents, only effects of <b>%(points)s</b> or more are found reliably.",
        points=points(least, 2, language), **values,
    )  # fmt: skip


def _vignettes(finding: ExperimentFinding) -> Message | str:
    """From which vignettes, where it is not from all."""
    return english(" (first vignette alone)") if finding.planned == "first" and finding.first is not None else ""


def points(value: float, places: int, language: str) -> Message:
    written = fixed(value, language, places)
    return english("1 point") if written == "1" else english("%(points)s points", points=written)


def ends_of(series: Series) -> tuple[str, str] | None:
    """What the lowest and the highest code of the scale mean, where they have words."""
    codes = sorted((point for point in series.points if isinstance(point.code, int)), key=lambda point: int(point.code))
    if len(codes) < 2 or any(point.label in ("", str(point.code)) for point in (codes[0], codes[-1])):
        return None
    ends = (codes[0].label, codes[-1].label)
    if series.sides is None:
        return ends
    return series.sides if series.points[0] is codes[0] else series.sides[::-1]
