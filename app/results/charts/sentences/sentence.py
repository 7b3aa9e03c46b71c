"""From a chart to its sentence; begin here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.results.charts.captions import Message, english
from app.results.charts.chart import Chart, Kind
from app.results.charts.sentences.amounts import (
    about_dates,
    about_net,
    about_number,
    about_released_shares,
    about_shares,
    about_texts,
)
from app.results.charts.sentences.choices import about_choice
from app.results.charts.sentences.claims import counted
from app.results.charts.sentences.levels import about_levels
from app.results.charts.sentences.ranked import about_best_and_worst, about_ranks
from app.results.charts.sentences.scales import about_means, about_pairs, about_rating, about_statements
from app.results.charts.sentences.wording import bold, quoted

Says = Callable[[Chart, str], Message | None]


def sentence(chart: Chart, language: str) -> Message | None:
    """What the figures of a chart say, in one sentence that claims only what their intervals bear; None where there is
    nothing to say. Its numbers are in bold, two at most, and are those that the chart shows."""
    if not chart.series or not chart.answered:
        return None
    if chart.kind == "sizes":  # assigned at random
        return None
    if chart.exact and any(point.base and point.low is None for point in chart.first.points):
        return about_entries(chart, language) if chart.kind in ("bars", "columns") else None
    net = chart.first.net
    if net is not None:
        return about_net(net, chart.first.n, language)
    return SAYS[chart.kind](chart, language)


def about_entries(chart: Chart, language: str) -> Message | None:
    """Of the entries of a loop, of which one respondent may give several: they have no intervals, and nothing is
    claimed of them."""
    first = max(chart.first.points, key=lambda point: point.count)
    share = counted(first.label, first.count, first.base)
    return english("In %(share)s of the entries the answer is %(label)s.", share=bold(share, language), label=quoted(first.label))


def about_bars(chart: Chart, language: str) -> Message | None:
    if chart.first.kind == "sums":
        return about_released_shares(chart, language)
    return about_statements(chart, language) if len(chart.series) > 1 else about_choice(chart, language)


def about_several(chart: Chart, language: str) -> Message | None:
    return about_rating(chart, language) if len(chart.series) == 1 else about_statements(chart, language)


def about_table(chart: Chart, language: str) -> Message | None:
    return about_means(chart, language) if chart.exact else None


SAYS: Mapping[Kind, Says] = {
    "bars": about_bars,
    "columns": about_rating,
    "histogram": about_number,
    "dates": about_dates,
    "stacks": about_several,
    "table": about_table,
    "profile": about_pairs,
    "ranks": about_ranks,
    "shares": about_shares,
    "paired": about_best_and_worst,
    "levels": about_levels,
    "texts": about_texts,
}
