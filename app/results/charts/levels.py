"""Ratings of vignettes: the mean at each level of each attribute, and the answers by the position of the vignette."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.results.charts.captions import _, count, fixed, interval, number
from app.results.charts.chart import Chart, statements_kind
from app.results.charts.geometry import ChartRow, Drawing, Line, in_percent, round_axis
from app.results.charts.stacks import draw_stacks, draw_table
from app.results.findings import AttributeMeans, LevelMean


def draw_levels(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    known = chart.finding if isinstance(chart.finding, tuple) else ()
    draw = draw_stacks if statements_kind(chart.series) == "stacks" else draw_table
    each = draw(chart, language, replace(drawing, id=f"{chart.id}.each", text_lists=(), missing=(), base=None))
    estimates = [level.estimate for attribute in known for level in attribute.levels]
    ends = [end for each in estimates for end in (each.low, each.high, each.value) if end is not None]
    if not ends:
        return each.add(id=chart.id, missing=drawing.missing)
    axis = round_axis(min(ends), max(ends))
    return drawing.add(
        kind="dots", values=_("mean"), further=(each,),
        rows=tuple(row for attribute in known for row in _rows(attribute, axis, language)),
        ticks=tuple((_along(value, axis), number(value, language)) for value in axis),
        notes=(_("Mean rating at each level with its 95%% interval. The intervals take into account that a"
                 " respondent’s ratings are correlated (cluster-robust after K.-Y. Liang and S. L. Zeger, 1986; Student’s t by respondents)."),),
        head=(_("Level"), _("Mean"), _("95%% interval"), _("Ratings"), _("Respondents")),
        body=tuple(_line(attribute.label, level, language) for attribute in known for level in attribute.levels),
        summary="; ".join(f"{level.label} {fixed(level.estimate.value, language)}" for a in known for level in a.levels),
    )  # fmt: skip


def _along(value: float, axis: Sequence[float]) -> float:
    return in_percent((value - axis[0]) / (axis[-1] - axis[0]))


def _rows(attribute: AttributeMeans, axis: Sequence[float], language: str) -> list[ChartRow]:
    rows = [_level(level, axis, language) for level in attribute.levels]
    return [replace(rows[0], group=attribute.label), *rows[1:]]


def _level(level: LevelMean, axis: Sequence[float], language: str) -> ChartRow:
    found = level.estimate
    if found.value is None:
        return ChartRow(level.label, "–")
    whisker = None
    if found.low is not None and found.high is not None:
        whisker = (_along(found.low, axis), _along(found.high, axis))
    return ChartRow(level.label, fixed(found.value, language), whisker=whisker, dot=_along(found.value, axis))


def _line(attribute: str, level: LevelMean, language: str) -> Line:
    found = level.estimate
    return (
        f"{attribute}: {level.label}", fixed(found.value, language), interval(found.low, found.high, language, 2),
        count(found.n, language), count(found.clusters, language),
    )  # fmt: skip
