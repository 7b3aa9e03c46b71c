"""Ratings of vignettes: the mean at each level of each attribute, and the answers by the position of the vignette."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.results.charts.captions import (
    FEW,
    Message,
    _,
    count,
    english,
    fixed,
    interval,
    mean_bracket,
    mean_places,
    number,
)
from app.results.charts.chart import Chart, statements_kind
from app.results.charts.geometry import ChartRow, Drawing, Line, along, round_axis
from app.results.charts.lines import signed, signed_range
from app.results.charts.stacks import draw_stacks, draw_table
from app.results.statistics.experiments.effects import (
    AttributeEffects,
    ExperimentFinding,
    LevelEffects,
    RatingEffects,
)


def draw_levels(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    draw = draw_stacks if statements_kind(chart.series) == "stacks" else draw_table
    each = draw(chart, language, replace(drawing, id=f"{chart.id}.each", text_lists=(), missing=(), asked_of=None, sentence=None))
    found = chart.finding.all if isinstance(chart.finding, ExperimentFinding) else None
    known = found.attributes if found is not None else ()
    estimates = [level.mean for attribute in known for level in attribute.levels]
    ends = [end for each in estimates for end in (each.low, each.high, each.value) if end is not None]
    if not ends:
        return each.add(id=chart.id, missing=drawing.missing, sentence=drawing.sentence)
    axis = round_axis(min(ends), max(ends))
    mean = found.mean if found is not None else None
    return drawing.add(
        kind="dots", values=_("mean"), further=(each,), wide_values=True,
        rows=tuple(row for attribute in known for row in _rows(attribute, axis, language)),
        ticks=tuple((along(value, axis), number(value, language)) for value in axis),
        reference=None if mean is None else (along(mean, axis), english("all %(mean)s", mean=fixed(mean, language))),
        ends=_scale_ends(chart), notes=(*_part_of_scale(chart, axis, language), *_notes(found)),
        head=(_("Level"), _("Mean"), _("95%% interval"), _("Ratings"), _("Respondents"), english("Effect"), english("Effect, first vignette alone")),
        body=tuple(_lines(chart.finding, language)),
        summary="; ".join(f"{level.label} {fixed(level.mean.value, language)}" for a in known for level in a.levels),
    )  # fmt: skip


def _notes(found: RatingEffects | None) -> Iterator[Message]:
    if found is None:
        return
    if found.predicted:
        yield english(
            "Some combinations of levels are never shown. The mean at a level is therefore predicted by the additive model, all"
            " levels of the other attributes weighted equally; shown with its 95%% interval."
        )
    else:
        yield english("Mean rating at each level with its 95%% interval.")
    yield english(
        "Effects are against the first level of each attribute, by least squares on all attributes (average marginal component"
        " effects; J. Hainmueller, D. J. Hopkins and T. Yamamoto, 2014). Intervals take into account that a respondent’s ratings"
        " are correlated (cluster-robust after K.-Y. Liang and S. L. Zeger, 1986; Student’s t by respondents)."
    )
    yield from (english("%(reason)s", reason=note) for note in found.notes)


def _scale_ends(chart: Chart) -> tuple[str, str] | None:
    """The lower and the higher end of the scale on which the vignettes are rated."""
    points = chart.first.points
    if not points:
        return None
    ends = chart.first.sides or (points[0].label, points[-1].label)
    return ends if isinstance(points[0].code, int) and points[0].code < points[-1].code else ends[::-1]  # type: ignore[operator]


def _part_of_scale(chart: Chart, axis: Sequence[float], language: str) -> tuple:
    """That the axis is not the whole scale, where it is not."""
    codes = sorted(point.code for point in chart.first.points if isinstance(point.code, int))
    if not codes or (axis[0] <= codes[0] and axis[-1] >= codes[-1]):
        return ()
    return (english("The axis is a part of the scale from %(least)s to %(most)s.", least=number(codes[0], language), most=number(codes[-1], language)),)


def _rows(attribute: AttributeEffects, axis: Sequence[float], language: str) -> list[ChartRow]:
    rows = [_level(level, axis, language) for level in attribute.levels]
    return [replace(rows[0], group=attribute.label), *rows[1:]]


def _level(level: LevelEffects, axis: Sequence[float], language: str) -> ChartRow:
    found = level.mean
    if found.value is None:
        return ChartRow(level.label, "–")
    whisker = None
    if found.low is not None and found.high is not None and found.clusters >= FEW:
        whisker = (along(found.low, axis), along(found.high, axis))
    written = mean_bracket(found, language) if whisker else ""
    return ChartRow(
        level.label, fixed(found.value, language, mean_places(found)), whisker=whisker, dot=along(found.value, axis), interval=written
    )


def _lines(finding: object, language: str) -> Iterator[Line]:
    """The rows of the table. The first vignette alone is a comparison between respondents."""
    if not isinstance(finding, ExperimentFinding):
        return
    first = {attribute.id: attribute.levels for attribute in (finding.first or finding.all).attributes}
    for attribute in finding.all.attributes:
        alone = {level.code: level for level in first.get(attribute.id, ())}
        for level in attribute.levels:
            mean, places = level.mean, mean_places(level.mean)
            yield (
                f"{attribute.label}: {level.label}", fixed(mean.value, language, places), interval(mean.low, mean.high, language, places),
                count(mean.n, language), count(mean.clusters, language), effect_text(level), effect_text(alone.get(level.code)),
            )  # fmt: skip


def effect_text(level: LevelEffects | None) -> str:
    """+0.37 [+0.28 to +0.47]; of the reference level 0."""
    if level is None:
        return "–"
    if level.effect is None:
        return "0"
    found = level.effect.estimate
    if found.value is None:
        return "–"
    places = mean_places(found)
    return f"{signed(found.value, places)} {signed_range(found, 1.0, places)}".strip()
