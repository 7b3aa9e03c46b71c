"""Sentences about ratings of vignettes, by the levels of their attributes."""

from __future__ import annotations

from app.results.charts.captions import Message, english
from app.results.charts.chart import Chart, Series
from app.results.charts.sentences.claims import FEW, Compared, of_mean
from app.results.charts.sentences.scales import highest_and_lowest
from app.results.statistics.experiments.effects import AttributeEffects, ExperimentFinding


def about_levels(chart: Chart, language: str) -> Message | None:
    """Of the first attribute whose means clearly differ: which level is the highest, or the lowest."""
    known = chart.finding.all.attributes if isinstance(chart.finding, ExperimentFinding) else ()
    ranked = [(attribute.label, _ranked(attribute)) for attribute in known]
    usable = sorted((pair for pair in ranked if len(pair[1]) > 1), key=lambda pair: pair[1][-1].value - pair[1][0].value)
    if not usable:
        return None
    for label, means in usable:
        said = highest_and_lowest(means, language, len(usable), _ends(chart.first))
        if said is not None:
            return english("%(attribute)s: %(said)s", attribute=label, said=said) if len(usable) > 1 else said
    return english("No clear difference between the levels of any attribute.")


def _ends(series: Series) -> tuple[str, str] | None:
    """What the lowest and the highest code of the scale mean, where they have words."""
    points = sorted((point for point in series.points if isinstance(point.code, int)), key=lambda point: int(point.code))
    if len(points) < 2 or any(point.label in ("", str(point.code)) for point in (points[0], points[-1])):
        return None
    ends = (points[0].label, points[-1].label)
    if series.sides is None:
        return ends
    return series.sides if series.points[0] is points[0] else series.sides[::-1]


def _ranked(attribute: AttributeEffects) -> list[Compared]:
    """From the highest mean to the lowest; nothing where a level has too few ratings."""
    found = [of_mean(level.label, level.mean) for level in attribute.levels]
    known = [mean for mean in found if mean is not None]
    few = any(level.mean.clusters < FEW for level in attribute.levels)
    return [] if few or len(known) < len(found) else sorted(known, key=lambda mean: -mean.value)
