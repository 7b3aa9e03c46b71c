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
from app.results.charts.sentences.choices import about_best_and_worst, about_choice, about_ranks, by_size
from app.results.charts.sentences.claims import leading, of_entries
from app.results.charts.sentences.levels import about_levels
from app.results.charts.sentences.scales import about_means, about_pairs, about_rating, about_statements
from app.results.charts.sentences.wording import bold, quoted

CLOSE = 0.0005  # within which shares are the population's in every digit that is shown

Says = Callable[[Chart, str], Message | None]


def sentence(chart: Chart, language: str) -> Message | None:
    """What the figures of a chart say, in one sentence that claims only what their intervals bear; None where there is
    nothing to say. Its numbers are in bold, two at most, and are those that the chart shows."""
    if not chart.series or not chart.answered:
        return None
    if chart.kind == "sizes":  # assigned at random
        return None
    if chart.is_target:
        return about_targets(max(each.missed or 0.0 for each in chart.series))
    if chart.entries:
        return about_entries(chart, language)
    net = chart.first.net
    if net is not None:
        return about_net(net, chart.first.n, language)
    return SAYS[chart.kind](chart, language)


def about_targets(missed: float) -> Message:
    """Nothing is found where the weights make the shares; trimmed weights may miss the population's."""
    if missed <= CLOSE:
        return english("Set by the weights: the population’s shares.")
    return english("Set by the weights, which miss the population’s shares by up to %(points)s percentage points.", points=f"{100 * missed:.1f}")


def about_entries(chart: Chart, language: str) -> Message | None:
    """Of the entries of a loop, of which one respondent may give several: one answer is only said to be more frequent
    where the intervals that take this into account lie apart."""
    if chart.kind not in ("bars", "columns"):
        return None
    ranked = by_size(of_entries(point) for point in chart.first.points)
    if not ranked or not ranked[0].value:
        return None
    values = {"label": quoted(ranked[0].label), "share": bold(ranked[0], language)}
    if len(ranked) > 1 and len(leading(ranked)) == 1:
        return english("%(label)s is the most frequent answer, in %(share)s of the entries.", **values)
    return english("In %(share)s of the entries the answer is %(label)s.", **values)


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
