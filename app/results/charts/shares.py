"""Shares of a total: for each option the mean of what it was given."""

from __future__ import annotations

from app.results.charts.captions import (
    FEW,
    _,
    count,
    fixed,
    interval,
    mean_bracket,
    mean_places,
    number,
    percent,
)
from app.results.charts.chart import Chart, Series
from app.results.charts.geometry import ChartRow, Drawing, Line, Mark, along, in_percent, round_axis
from app.results.statistics.cells import total


def draw_shares(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    total = max((each.most for each in chart.series if each.most), default=0.0) or 1.0
    named = f"{number(total, language)} {chart.unit}".strip()
    found = [each.mean_estimate for each in chart.series]
    axis = round_axis(0.0, min(max((each.high or each.value or 0.0 for each in found), default=0.0) or total, total), most=6)
    return drawing.add(
        kind="bars", values=_("mean"), rows=tuple(_mean_bar(each, axis[-1], language) for each in chart.series),
        ticks=tuple((along(value, axis), number(value, language)) for value in axis), wide_values=True,
        notes=(_("Means for each option, out of %(total)s; lines are 95%% intervals (Student’s t).", total=named),),
        head=(_("Option"), _("Mean"), _("95%% interval"), _("Median"), _("More than 0"), "n"),
        body=tuple(_mean_line(each, language) for each in chart.series),
        summary=", ".join(f"{each.label} {number(each.summary.mean, language)}" for each in chart.series),
    )  # fmt: skip


def _mean_bar(series: Series, end: float, language: str) -> ChartRow:
    found = series.mean_estimate
    if found.value is None:
        return ChartRow(series.label, "–")
    written = mean_bracket(found, language)
    value = fixed(found.value, language, max(1, mean_places(found) - 1))
    words = _("%(label)s: %(value)s", label=series.label, value=f"{value} {written}".strip())
    ends = None
    if found.low is not None and found.high is not None and found.n >= FEW:
        ends = (in_percent(max(found.low, 0.0) / end), in_percent(min(found.high / end, 1.0)))
    mark = Mark(0, in_percent(min(found.value / end, 1.0)), -7, 14, "one", hint=words)
    return ChartRow(series.label, value, (mark,), ends, interval=written)


def _mean_line(series: Series, language: str) -> Line:
    summary = series.summary
    found = series.mean_estimate
    some, everyone = (total(each for value, each in series.values if value > least) for least in (0, -1))
    share = percent(some.w / everyone.w, language) if series.n else "–"
    return (
        series.label, fixed(found.value, language, 1), interval(found.low, found.high, language),
        number(summary.median, language), share, count(series.n, language),
    )  # fmt: skip
