"""Sentences about groups for the public: which differs most from the others, without intervals, in every language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.results.charts.captions import Message, _
from app.results.charts.chart import Chart, Series
from app.results.charts.sentences.claims import FEW, Compared, counted, is_ahead
from app.results.charts.sentences.scales import top_labels, top_points
from app.results.charts.sentences.wording import bold, quoted
from app.results.statistics.cells import unweighted
from app.survey.model import Code


class Aspect(NamedTuple):
    """Answers whose share is compared."""

    part: int  # the place of the series
    codes: frozenset[Code]
    words: Message


class Apart(NamedTuple):
    """A group and all others."""

    label: str
    group: Compared
    others: Compared
    aspect: Aspect

    @property
    def difference(self) -> float:
        return self.group.value - self.others.value


def about_public_groups(groups: Sequence[tuple[str, Chart]], language: str) -> Message | None:
    """Each group with its chart. A group is only said to differ where it does so with Bonferroni's correction for all that
    are compared; None where nothing can be."""
    pairs = [pair for aspect in aspects([chart for _label, chart in groups]) for pair in _pairs(aspect, groups)]
    if not pairs:
        return None
    clear = [pair for pair in pairs if _is_clear(pair, len(pairs))]
    if not clear:
        return _("No clear difference between the groups.")
    most = max(clear, key=lambda pair: (abs(pair.difference), pair.difference))
    values = {
        "group": quoted(most.label), "share": bold(most.group, language), "answers": most.aspect.words, "other": bold(most.others, language),
    }  # fmt: skip
    if most.difference > 0:
        return _("%(group)s: %(share)s %(answers)s, more than the others (%(other)s).", **values)
    return _("%(group)s: %(share)s %(answers)s, fewer than the others (%(other)s).", **values)


def aspects(charts: Sequence[Chart]) -> Iterator[Aspect]:
    """What is compared: of a scale its sides or its upper end, of options each of them; nothing of other figures. A group that
    was not asked about a statement has no points for it."""
    chart = charts[0]
    if chart.kind not in ("bars", "columns", "stacks") or any(series.kind not in ("choice", "flags") for series in chart.series):
        return
    for place in range(len(chart.series)):
        series = next((each.series[place] for each in charts if each.series[place].points), None)
        if series is None:
            continue
        for codes, words in _answers(chart, series):
            statement = series.full_label
            about = _("%(answers)s for %(label)s", answers=words, label=quoted(statement)) if statement else words
            yield Aspect(place, frozenset(codes), about)


def _answers(chart: Chart, series: Series) -> Iterator[tuple[list[Code], Message]]:
    codes = [point.code for point in series.points]
    half = len(codes) // 2
    if series.sides:
        yield codes[:half], _("towards %(label)s", label=quoted(series.sides[0]))
        yield codes[-half:], _("towards %(label)s", label=quoted(series.sides[1]))
    elif chart.kind in ("columns", "stacks"):
        yield [point.code for point in top_points(series)], top_labels(series)
    else:
        yield from (([point.code], quoted(point.label)) for point in series.points)


def _pairs(aspect: Aspect, groups: Sequence[tuple[str, Chart]]) -> Iterator[Apart]:
    """Each group beside all others together."""
    found = [(label, *_count(aspect, chart)) for label, chart in groups]
    if any(count is None for _label, count, _base in found):
        return
    count, base = sum(each or 0 for _label, each, _base in found), sum(each for _label, _count, each in found)
    for label, own, n in found:
        if own is not None and min(n, base - n) >= FEW:
            yield Apart(label, counted(label, unweighted(own), unweighted(n)), counted("", unweighted(count - own), unweighted(base - n)), aspect)


def _count(aspect: Aspect, chart: Chart) -> tuple[int | None, int]:
    """How many of how many gave these answers; None where some of them are hidden."""
    points = [point for point in chart.series[aspect.part].points if point.code in aspect.codes]
    base = max((point.base for point in points), default=0)
    return (None if any(point.hidden for point in points) else sum(point.count for point in points)), base


def _is_clear(pair: Apart, pairs: int) -> bool:
    return is_ahead(pair.group, pair.others, pairs=pairs) or is_ahead(pair.others, pair.group, pairs=pairs)
