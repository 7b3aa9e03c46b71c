"""Ratings of vignettes: the mean at each level of each attribute, and the answers by the position of the vignette."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.results.charts.captions import (
    FEW,
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
from app.results.charts.stacks import draw_stacks, draw_table
from app.results.statistics.experiments.effects import AttributeEffects, ExperimentFinding, LevelEffects
from app.results.statistics.values import summary


def draw_levels(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    known = chart.finding.all.attributes if isinstance(chart.finding, ExperimentFinding) else ()
    draw = draw_stacks if statements_kind(chart.series) == "stacks" else draw_table
    each = draw(chart, language, replace(drawing, id=f"{chart.id}.each", text_lists=(), missing=(), asked_of=None, sentence=None))
    estimates = [level.mean for attribute in known for level in attribute.levels]
    ends = [end for each in estimates for end in (each.low, each.high, each.value) if end is not None]
    if not ends:
        return each.add(id=chart.id, missing=drawing.missing, sentence=drawing.sentence)
    axis = round_axis(min(ends), max(ends))
    mean = summary(pair for series in chart.series for pair in series.values).mean
    return drawing.add(
        kind="dots", values=_("mean"), further=(each,), wide_values=True,
        rows=tuple(row for attribute in known for row in _rows(attribute, axis, language)),
        ticks=tuple((along(value, axis), number(value, language)) for value in axis),
        reference=None if mean is None else (along(mean, axis), english("all %(mean)s", mean=fixed(mean, language))),
        ends=_scale_ends(chart), notes=(*_part_of_scale(chart, axis, language), _(
            "Mean rating at each level with its 95%% interval. The intervals take into account that a"
            " respondent’s ratings are correlated (cluster-robust after K.-Y. Liang and S. L. Zeger, 1986; Student’s t by respondents)."),),
        head=(_("Level"), _("Mean"), _("95%% interval"), _("Ratings"), _("Respondents")),
        body=tuple(_line(attribute.label, level, language) for attribute in known for level in attribute.levels),
        summary="; ".join(f"{level.label} {fixed(level.mean.value, language)}" for a in known for level in a.levels),
    )  # fmt: skip


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


def _line(attribute: str, level: LevelEffects, language: str) -> Line:
    found = level.mean
    places = mean_places(found)
    return (
        f"{attribute}: {level.label}", fixed(found.value, language, places), interval(found.low, found.high, language, places),
        count(found.n, language), count(found.clusters, language),
    )  # fmt: skip
