"""Effects of vignettes by group: each group's on one axis, and how much they differ from those of the first group.

Only researchers see them: in English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.languages.catalogues import ENGLISH
from app.languages.direction import isolated
from app.results.charts.captions import Message, count, english, fixed
from app.results.charts.chart import describe
from app.results.charts.compared import STANDINGS, VersusDrawing
from app.results.charts.effects import effect_words, effects_axis, standing_in
from app.results.charts.geometry import round_axis
from app.results.charts.lines import MINUS, GroupLine, MeasureBlock, PlotAxis, p_in_words, plain, shortened
from app.results.charts.sentences.levels import by_how_much, ends_of, size_range
from app.results.charts.sentences.wording import quoted
from app.results.comparison import CLEAR, ComparedGroup
from app.results.items import ItemFigures
from app.results.statistics.experiments.effects import (
    AttributeEffects,
    AttributeInteraction,
    Effect,
    ExperimentFinding,
    GroupedEffects,
)
from app.results.statistics.intervals import Estimate


@dataclass(frozen=True, slots=True)
class EffectsByGroup:
    item: ItemFigures
    drawing: VersusDrawing
    says: Message
    against: str  # the heading of the differences
    is_quiet: bool  # no difference is shown
    lines: tuple[tuple[object, ...], ...]  # of the file


def effects_by_group(item: ItemFigures, finding: object, groups: Sequence[ComparedGroup]) -> EffectsByGroup | None:
    """None where fewer than two groups have enough respondents."""
    split = finding.split if isinstance(finding, ExperimentFinding) else None
    if not isinstance(finding, ExperimentFinding) or split is None or split.all is None:
        return None
    known = {group.code: group for group in groups}
    sides = [(known[each.code], each.all.attributes) for each in split.groups if each.code in known]
    if len(sides) < 2:
        return None
    rows = list(_rows(sides, split, finding.lead))
    lead = next((each for each in split.all.attributes if each.id == finding.lead), split.all.attributes[0])
    ends, first = ends_of(describe(item).first), split.all.groups[0]
    drawing = _drawing(item, rows, sides, ends)
    differences = [effect for each in split.all.attributes for _, effects in each.differences for effect in effects]
    quiet = not any(standing_in(effect) in ("clear", "possible") for effect in differences)
    return EffectsByGroup(
        item, replace(drawing, base=_base(split, differences), head=_head(first)), _says(lead, ends if describe(item).first.sides else None),
        f"less “{isolated(shortened(first, 24))}”", quiet, tuple((item.id, item.ask, *line) for row in rows for line in row.file_lines(split.by, first, finding.all.weighted)),
    )  # fmt: skip


# --- rows ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """A level in every group, with the difference of each further group."""

    name: str
    label: str
    is_lead: bool
    effects: tuple[tuple[ComparedGroup, Effect, Effect | None], ...]

    def file_lines(self, by: str, first: str, is_weighted: bool) -> Iterator[tuple[object, ...]]:
        for group, effect, less in self.effects:
            found = ("", "", "", "", "", "")
            if less is not None and less.estimate.value is not None:
                found = (first, *_cells(less.estimate), "" if less.p is None else less.p, standing_in(less))
            yield (
                self.name, self.label, "effect", "", by, group.code, group.label, min(effect.respondents), *_cells(effect.estimate), *found,
                int(group.is_small), "", int(is_weighted), min(effect.respondents),
            )  # fmt: skip


def _cells(estimate: Estimate) -> tuple[object, ...]:
    return tuple("" if end is None else round(end, 6) for end in estimate[:3])


Sides = Sequence[tuple[ComparedGroup, tuple[AttributeEffects, ...]]]


def _rows(sides: Sides, split: GroupedEffects, lead: str) -> Iterator[_Row]:
    assert split.all is not None
    differences = {
        (each.id, level, effect.level): effect for each in split.all.attributes for level, effects in each.differences for effect in effects
    }
    for at, attribute in enumerate(sides[0][1]):
        for level in attribute.levels:
            if level.effect is not None:
                found = tuple(_in_groups(sides, at, level.code, differences))
                yield _Row(f"{attribute.id}={level.code}", f"{attribute.label}: {level.label}", attribute.id == lead, found)


def _in_groups(
    sides: Sides, at: int, code: object, differences: Mapping[tuple[str, str, str], Effect]
) -> Iterator[tuple[ComparedGroup, Effect, Effect | None]]:
    for group, attributes in sides:
        level = next((each for each in attributes[at].levels if each.code == code), None)
        if level is not None and level.effect is not None:
            yield group, level.effect, differences.get((attributes[at].id, level.label, group.label))


# --- drawing ------------------------------------------------------------------------------------------------


def _drawing(item: ItemFigures, rows: Sequence[_Row], sides: Sides, ends: tuple[str, str] | None) -> VersusDrawing:
    axis = effects_axis(attribute for _, attributes in sides for attribute in attributes)
    scale = _difference_axis([less for row in rows for _, _, less in row.effects if less is not None])
    blocks = [(row.is_lead, MeasureBlock(row.label, tuple(_line(*each, axis, scale) for each in row.effects))) for row in rows]
    first, second = ends or ("lower", "higher")
    return VersusDrawing(
        item.id, item.ask, "effect", f"← {first}", f"{second} →", axis.ticks, scale.ticks, tuple(block for is_lead, block in blocks if is_lead),
        tuple(block for is_lead, block in blocks if not is_lead), "", (), tuple(line for row in rows for line in _table(row)),
        zero=axis.along(0.0), folded_words="levels of other attributes",
    )  # fmt: skip


def _difference_axis(differences: Sequence[Effect]) -> PlotAxis:
    ends = [abs(end) for each in differences if each.p is not None for end in each.estimate[:3] if end is not None]
    reach = max([*ends, 0.1])
    step = round_axis(0.0, reach, 3)[1]
    reach = max(reach * 1.05, step * 1.25)
    axis = PlotAxis(-reach, reach, ())
    return replace(axis, ticks=((axis.along(-step), f"{MINUS}{plain(step)}"), (50.0, "0"), (axis.along(step), f"+{plain(step)}")))


def _line(group: ComparedGroup, effect: Effect, less: Effect | None, axis: PlotAxis, scale: PlotAxis) -> GroupLine:
    n = count(min(effect.respondents), ENGLISH)
    if effect.estimate.value is None:
        return GroupLine(group, n, note="no answers")
    value, reach = effect_words(effect)
    line = GroupLine(group, n, value, reach, axis.interval(effect.estimate))
    if less is None or less.estimate.value is None:
        return line
    difference, interval = effect_words(less)
    plot = scale.interval(less.estimate) if less.p is not None else None
    return replace(line, difference=difference, difference_range=interval, difference_plot=plot, standing=standing_in(less))


def _head(first: str) -> tuple[str, ...]:
    return "Level, group", "n", "Effect", "95% interval", f"Less “{shortened(first, 24)}”", "95% interval", "How sure"


def _table(row: _Row) -> Iterator[tuple[str, ...]]:
    for group, effect, less in row.effects:
        found = (*effect_words(less), STANDINGS[standing_in(less)]) if less is not None else ("–", "–", "")
        yield f"{row.label}, {group.label}", count(min(effect.respondents), ENGLISH), *effect_words(effect), *found


# --- words --------------------------------------------------------------------------------------------------


def _says(lead: AttributeInteraction, ends: tuple[str, str] | None) -> Message:
    """Whether the effects of the leading attribute differ between groups, and the largest clear difference."""
    effects = [(level, effect) for level, each in lead.differences for effect in each if effect.p is not None]
    values: dict[str, object] = {"attribute": quoted(lead.label)}
    if not effects:
        return english("Too few people to compare the effects of %(attribute)s.", **values)
    values["p"] = f"joint test, {p_in_words(lead.joint.p)}" if lead.joint is not None else "too few for a joint test"
    clear = [pair for pair in effects if standing_in(pair[1]) == CLEAR]
    if clear:
        level, effect = max(clear, key=lambda pair: abs(pair[1].estimate.value or 0.0))
        return english(
            "The effects of %(attribute)s differ between groups (%(p)s): that of %(level)s is %(by)s for %(group)s than for"
            " %(first)s %(interval)s.",
            level=quoted(level), by=by_how_much(effect.estimate, ends), group=quoted(effect.level), first=quoted(effect.against),
            interval=size_range(effect.estimate), **values,
        )  # fmt: skip
    if lead.joint is not None and lead.joint.p < 0.05:
        return english("The effects of %(attribute)s differ between groups (%(p)s); no single difference is clear.", **values)
    least = max((effect.detectable or 0.0 for _, effect in effects), default=0.0)
    return english(
        "No clear difference between groups in the effects of %(attribute)s (%(p)s); one of <b>%(least)s points</b> or more"
        " would probably have shown.",
        least=fixed(least, ENGLISH, 2), **values,
    )  # fmt: skip


def _base(split: GroupedEffects, differences: Sequence[Effect]) -> str:
    assert split.all is not None
    family = max((each.family for each in differences), default=0)
    said = [
        "Effects in points of the rating, against the reference level of each attribute, from all vignettes",
        "n: respondents who judged the level, or the reference level if fewer did", "95% intervals clustered by respondent",
        f"differences are corrected for the {family} of this chart (Holm), not with those of the page",
    ]  # fmt: skip
    if split.all.joint is not None:
        said.append(f"all effects the same in all groups: joint test, {p_in_words(split.all.joint.p)}")
    return " · ".join([*said, *(note.rstrip(".") for note in split.all.notes)])

