"""The contrasts between levels of vignettes that the analysis plan names, where neither level is the reference level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.results.experiments.vignettes import RatingSums
from app.results.layout import Layout
from app.results.weights.cells import CellPlaces
from app.survey.model import Attribute, Code


def planned_ratings(layout: Layout, places: CellPlaces) -> Iterator[tuple[str, RatingSums]]:
    """Sums by which the planned level is the reference, by `planned_name`: effects are against the first level."""
    newest = layout.instruments[0]
    for estimate in newest.analysis.primary if newest.analysis is not None else ():
        if estimate.rating is None or estimate.contrast is None:
            continue
        vignette = next(each for each in newest.vignettes if each.id == estimate.rating[0])
        attributes = tuple(
            _led_by(each, estimate.contrast.second) if each.id == estimate.contrast.by else each for each in vignette.attributes
        )
        if attributes != vignette.attributes:
            led = replace(vignette, attributes=attributes)
            yield planned_name(estimate.name), RatingSums(led, estimate.rating[1], layout, places)


def planned_name(estimate: str) -> str:
    """Under which the finding about a primary estimate is stored; no item has this name."""
    return f"~plan.{estimate}"


def _led_by(attribute: Attribute, code: Code) -> Attribute:
    """With this level first."""
    return replace(attribute, levels=tuple(sorted(attribute.levels, key=lambda level: level.code != code)))
