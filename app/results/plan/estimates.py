"""The primary estimates of a plan, each from the view that the plan names, whatever a page is filtered by.

A contrast is *clear* when it holds after Holm's correction for all contrasts of the plan (those not yet estimated count as
not found), *possible* when only its own 95% interval excludes zero, and *open* otherwise; of fewer than ten respondents on
either side nothing is concluded. See `app.results.comparison` for the methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.results.comparison import FEW, difference_between, standing_of
from app.results.experiments.planned import planned_name
from app.results.filters.steps import Pause, no_pause
from app.results.frame.frame import Frame
from app.results.headlines import named
from app.results.items import ItemFigures, Marginal
from app.results.marginals import Figures, GroupedFigures, grouped_items
from app.results.measures import Measure, Sample, Share
from app.results.statistics.cells import total
from app.results.statistics.experiments.effects import ExperimentFinding, LevelEffects
from app.results.statistics.intervals import UNKNOWN, Estimate
from app.results.statistics.tests import holm
from app.results.view import RAKE, View
from app.survey.model import AnalysisPlan, Code, Instrument, PrimaryEstimate

NONE = "none"  # nobody has answered yet
UNWEIGHTED = "weights cannot be used yet: the view with weights says why"


@dataclass(frozen=True, slots=True)
class PlannedEstimate:
    """A primary estimate as it stands: of a contrast the difference, else the mean or the share itself."""

    plan: PrimaryEstimate
    measure: Measure
    value: Estimate
    sides: tuple[tuple[str, Estimate], ...] = ()  # of a contrast between groups: each with its label
    p: float | None = None
    adjusted: float | None = None  # by Holm, among all contrasts of the plan
    standing: str = NONE  # clear | possible | open | few | untested | none; empty for what is not tested
    figure: str = ""  # the id of the item's figures
    reason: str = ""  # why it has no estimate, or no interval


def planned_view(estimate: PrimaryEstimate) -> View:
    """The view that an estimate is about, split by what it contrasts."""
    by = estimate.contrast.by if estimate.contrast is not None and estimate.rating is None else ""
    weights = RAKE if estimate.weighted else ""
    return View(estimate.base, (), estimate.where, by, estimate.careful, weights)


def planned_views(plan: AnalysisPlan) -> tuple[View, ...]:
    """The views of all estimates that are means or shares of an item, each once."""
    return tuple(dict.fromkeys(planned_view(each) for each in plan.primary if each.rating is None))


def effect_views(plan: AnalysisPlan) -> tuple[View, ...]:
    """The views of all contrasts between levels of a vignette, each once."""
    return tuple(dict.fromkeys(planned_view(each) for each in plan.primary if each.rating is not None))


def planned_figures(frame: Frame, view: View, pause: Pause = no_pause) -> GroupedFigures:
    """The figures of a view, with only the items that the newest version's plan estimates in it."""
    plan = frame.instruments[0].analysis
    chosen = (each for each in plan.primary if planned_view(each) == view) if plan is not None else ()
    return grouped_items(frame, view, frozenset(each.item.partition(".")[0] for each in chosen), pause)


def planned_estimates(
    instrument: Instrument, counted: Mapping[View, GroupedFigures], effects: Mapping[View, Mapping[str, object]]
) -> tuple[PlannedEstimate, ...]:
    """In the order of the plan; `counted` holds the figures of each of the `planned_views`, and `effects` the findings of
    each of the `effect_views`."""
    plan = instrument.analysis
    found = []
    for each in plan.primary if plan is not None else ():
        view = planned_view(each)
        found.append(_effect(instrument, each, effects.get(view, {})) if each.rating else _estimated(each, counted.get(view)))
    return _judged(found)


def _nothing(plan: PrimaryEstimate) -> PlannedEstimate:
    return PlannedEstimate(plan, Measure(plan.name, "", "share" if plan.share else "mean"), UNKNOWN)


def _estimated(plan: PrimaryEstimate, counted: GroupedFigures | None) -> PlannedEstimate:
    nothing = _nothing(plan)
    found = counted and _sample(counted.whole, plan)
    if counted is None or found is None:
        return nothing
    item, measure, whole = found
    if plan.weighted and whole.n and not counted.whole.is_weighted:
        return replace(nothing, measure=measure, figure=item.id, reason=UNWEIGHTED)
    if plan.contrast is None:
        standing = "" if whole.n else NONE
        return replace(nothing, measure=measure, value=whole.interval, standing=standing, figure=item.id)
    return _contrasted(replace(nothing, measure=measure, figure=item.id), counted)


def _effect(instrument: Instrument, plan: PrimaryEstimate, findings: Mapping[str, object]) -> PlannedEstimate:
    """One level against another, by least squares on all attributes."""
    assert plan.rating is not None and plan.contrast is not None
    codes = [code for code in instrument.item[f"{plan.item}_1"].answers()[0].codes if isinstance(code, int)]
    ends = (float(min(codes)), float(max(codes)))
    figure = ".".join(plan.rating)
    nothing = replace(_nothing(plan), measure=Measure(plan.name, "", "mean", (), ends[1] - ends[0], ends), figure=figure)
    finding = findings.get(planned_name(plan.name), findings.get(figure))
    if not isinstance(finding, ExperimentFinding):
        return nothing
    rated = finding.first if plan.vignettes == "first" and finding.first is not None else finding.all
    if plan.weighted and not rated.weighted:
        return replace(nothing, reason=UNWEIGHTED)
    levels = {level.code: level for each in rated.attributes if each.id == plan.contrast.by for level in each.levels}
    first, second = levels[plan.contrast.first], levels[plan.contrast.second]
    effect = first.effect
    if effect is None or effect.estimate.value is None:
        return replace(nothing, reason=effect.reason if effect is not None else "")
    return replace(
        nothing, value=effect.estimate, sides=(_mean_at(first), _mean_at(second)), p=effect.p,
        standing=FEW if effect.p is None else nothing.standing, reason=effect.reason,
    )  # fmt: skip


def _mean_at(level: LevelEffects) -> tuple[str, Estimate]:
    return level.label, level.mean


def _contrasted(nothing: PlannedEstimate, counted: GroupedFigures) -> PlannedEstimate:
    contrast = nothing.plan.contrast
    assert contrast is not None
    sides = [_side(counted, code, nothing.plan) for code in (contrast.first, contrast.second)]
    if any(side is None for side in sides):
        return nothing
    (label, sample), (other_label, other) = [side for side in sides if side is not None]
    labelled = (label, sample.interval), (other_label, other.interval)
    found = difference_between(sample, other)
    if found is None:
        return replace(nothing, sides=labelled)
    return replace(nothing, sides=labelled, value=found.estimate, p=found.p, standing=found.standing)


def _side(counted: GroupedFigures, code: Code, plan: PrimaryEstimate) -> tuple[str, Sample] | None:
    group = next((each for each in counted.groups if each.code == code), None)
    found = group and _sample(group.figures, plan)
    return (group.label, found[2]) if group is not None and found is not None else None


def _sample(figures: Figures, plan: PrimaryEstimate) -> tuple[ItemFigures, Measure, Sample] | None:
    """What is estimated, in some respondents; None where the figures have no such item."""
    item = named(figures, plan.item)
    if item is None:
        return None
    part = item.parts[0]
    if not plan.share:
        ends = _ends(part)
        width = ends[1] - ends[0] if ends and ends[1] > ends[0] else None
        return item, Measure(plan.name, "", "mean", (), width, ends, item.unit or ""), part.summary
    cells = [cell for cell in part.cells if cell.code in plan.share]
    base = cells[0].base if cells else total(())
    labels = tuple(cell.label for cell in cells)
    return item, Measure(plan.name, "", "share", labels), Share(total(cell.count for cell in cells), base)


def _ends(part: Marginal) -> tuple[float, float] | None:
    codes = [cell.code for cell in part.cells if isinstance(cell.code, int)]
    return part.bounds if not codes else (min(codes), max(codes))


def _judged(estimates: Sequence[PlannedEstimate]) -> tuple[PlannedEstimate, ...]:
    """With the p-values of all contrasts corrected for each other; one without a p counts as not found."""
    tested = [each for each in estimates if each.plan.contrast is not None]
    adjusted = dict(zip((each.plan.name for each in tested), holm([1.0 if each.p is None else each.p for each in tested]), strict=True))
    return tuple(_judged_one(each, adjusted.get(each.plan.name)) for each in estimates)


def _judged_one(estimate: PlannedEstimate, adjusted: float | None) -> PlannedEstimate:
    if estimate.p is None or adjusted is None:
        return estimate
    return replace(estimate, adjusted=adjusted, standing=standing_of(estimate.value, adjusted))


