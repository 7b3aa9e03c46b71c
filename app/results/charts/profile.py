"""Bipolar pairs: between its poles the distribution of each, and on the same axis its mean."""

from __future__ import annotations

from app.results.charts.bars import hint
from app.results.charts.captions import FEW, _, english, fixed, mean_bracket, mean_places
from app.results.charts.chart import Chart, Series
from app.results.charts.geometry import ChartRow, Drawing, Mark, middle_of, place_of
from app.results.charts.stacks import statements_table

HEIGHT = 26  # pixels of the highest column


def draw_profile(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    shares = [point.share or 0.0 for each in chart.series for point in each.points]
    rows = tuple(_pair(each, max(shares, default=0.0), language) for each in chart.series)
    codes = [point.code for point in chart.first.points]
    head, body = statements_table(chart.series, language)
    middle = f"{(len(codes) + 1) / 2:g}"
    ticks = [(middle_of(place, len(codes)), str(code)) for place, code in enumerate(codes)]
    return drawing.add(
        kind="profile", values=_("mean"), rows=rows, body=body,
        head=(_("Pair"), *map(str, codes), *head[len(codes) + 1 :]),
        ticks=(ticks[0], ticks[-1]) if ticks else (), reference=(50.0, english("%(value)s, the middle", value=middle)),
        notes=(_("Columns: share of each point. Dot and line: the mean with its 95%% interval (Student’s t)."),),
        summary="; ".join(f"{row.label} – {row.right}: {row.value}" for row in rows),
    )  # fmt: skip


def _pair(series: Series, tallest: float, language: str) -> ChartRow:
    codes = [point.code for point in series.points]
    width = 100 / len(codes)
    marks = []
    for place, point in enumerate(series.points):
        height = round(HEIGHT * (point.share or 0.0) / tallest, 1) if tallest else 0.0
        at, words = round(place * width + width / 16, 2), hint(point, language, label=str(point.code))
        marks.append(Mark(at, round(width * 7 / 8, 2), HEIGHT - height, height, "ghost", hint=words))
    found = series.mean_estimate
    low, high = place_of(found.low, codes), place_of(found.high, codes)
    return ChartRow(
        series.points[0].label, fixed(found.value, language, mean_places(found)), tuple(marks),
        (low, high) if low is not None and high is not None and found.n >= FEW else None,
        dot=place_of(found.value, codes), right=series.points[-1].label, interval=mean_bracket(found, language),
    )  # fmt: skip
