"""The figures of one chart as CSV, UTF-8: a row for each estimate, with its base, its interval, and of whom it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from app.exports.csv import BOM, neutral_text
from app.results.charts.captions import method_of_means, method_of_shares
from app.results.charts.chart import Chart, Point, Series, describe
from app.results.charts.stacks import highest, highest_name, pole_shares
from app.results.charts.standalone import About, words
from app.results.items import ItemFigures, Marginal
from app.results.statistics.experiments.effects import ArmEffects, ExperimentFinding
from app.results.statistics.intervals import Estimate, exact_share_interval, share_interval
from app.results.statistics.reliability import Reliability
from app.survey.model import Code

HEAD = (
    "survey", "date", "responses", "base", "group", "item", "question", "asked_of", "part", "statistic", "code", "label",
    "count", "n", "value", "low", "high", "error", "exact_low", "exact_high", "effective_n", "method",
)  # fmt: skip
#: One row without what all rows of an item have: part, statistic, code, label, count, n, value, low, high, and for some the
#: standard error and the ends of the exact interval.
Row = tuple[Any, ...]
DIGITS = 10  # significant: more than any estimate is worth, and no trace of binary arithmetic


def chart_csv(groups: Iterable[tuple[str, int, ItemFigures]], about: About) -> bytes:
    """`groups` are the label of a group ("" for everyone in the view), its responses, and the item's figures in it.

    Shares are from 0 to 1. `low` and `high` are the ends of 95 % intervals, made as `method` says; `exact_low` and
    `exact_high` are those after Clopper and Pearson, which weighted shares have not. `count` and `n` are respondents.
    """
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(HEAD)
    for group, n, item in groups:
        chart = describe(item)
        asked = f"those {chart.asked_of.words}" if chart.asked_of and chart.asked_of.words else ""
        shared = (about.survey, about.date, n, about.base, group, chart.id, chart.ask, asked or _condition(chart))
        for row in _rows(chart, item):
            writer.writerow(_line(shared, row, chart.effective, _method(row, chart)))
        for row in _level_rows(chart):
            writer.writerow(_line(shared, row, None, _of_clusters(chart)))
        for row in _further_rows(chart):
            writer.writerow(_line(shared, row, None, "not weighted" if chart.effective is not None or chart.is_left_unweighted else ""))
    return BOM + target.getvalue().encode()


def arm_csv(found: ArmEffects, about: About) -> bytes:
    """The mean in each arm, and its difference from the first."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(HEAD)
    shared = (about.survey, about.date, about.n, about.base, "", found.outcome, found.label, "")
    method, part = f"Welch{' (weighted)' if found.weighted else ''}", found.effects.label
    for level in found.effects.levels:
        writer.writerow(_line(shared, (part, "mean", level.code, level.label, None, *_estimate(level.mean)), level.mean.effective, ""))
        if level.effect is not None:
            row = (part, "difference from the first arm", level.code, level.label, None, *_estimate(level.effect.estimate))
            writer.writerow(_line(shared, row, None, method))
    return BOM + target.getvalue().encode()


def _line(shared: Row, row: Row, effective: float | None, method: str) -> list[Any]:
    cells = [*shared, *row]
    cells += [None] * (len(HEAD) - len(cells) - 2)
    return [_cell(each) for each in (*cells, effective, method)]


def _method(row: Row, chart: Chart) -> str:
    """How the interval of a row is made; of one without an interval whether it is weighted."""
    statistic, low, is_weighted = row[1], row[7], chart.effective is not None
    if chart.is_left_unweighted:
        return "not weighted"
    if chart.entries and low is not None:
        return _of_clusters(chart)
    if chart.is_target:
        return "set by the weights"
    if low is None:
        return "weighted" if is_weighted else ""
    return method_of_means(is_weighted) if statistic in ("mean", "net") else method_of_shares(is_weighted)


def _of_clusters(chart: Chart) -> str:
    """Of what one respondent gives several of."""
    return "cluster-robust by respondent (weighted)" if chart.effective is not None else "cluster-robust by respondent"


def _condition(chart: Chart) -> str:
    return chart.asked_of.condition if chart.asked_of else ""


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return neutral_text(value) if value else ""
    if isinstance(value, float):
        return f"{value:.{DIGITS}g}"
    return "" if value is None else value


def _rows(chart: Chart, item: ItemFigures) -> Iterator[Row]:
    for series, part in zip(chart.series, item.parts, strict=True):
        for point in series.points:
            row = _row(series, "share", point.code, point.label, point.count, point.base, point.share, point.low, point.high)
            yield row if part.pooled else (*row, *_exact_ends(point))
        yield from _ends(series, part)
        yield from _together(series)
        yield from _measures(series)


def _level_rows(chart: Chart) -> Iterator[Row]:
    """The mean rating of vignettes at each level, and the effect of the level."""
    if not isinstance(chart.finding, ExperimentFinding):
        return
    for attribute in chart.finding.all.attributes:
        for level in attribute.levels:
            yield (attribute.label, "mean", level.code, level.label, None, *_estimate(level.mean))
            if level.effect is not None:
                yield (attribute.label, "effect", level.code, level.label, None, *_estimate(level.effect.estimate))
    for attribute in chart.finding.first.attributes if chart.finding.first is not None else ():
        for level in attribute.levels:
            if level.effect is not None:
                yield (attribute.label, "effect, first vignette alone", level.code, level.label, None, *_estimate(level.effect.estimate))


def _further_rows(chart: Chart) -> Iterator[Row]:
    """What is never weighted: missing values and reliability."""
    for reason, n in (chart.missing or {}).items():
        yield "", "missing", reason, "", n, chart.shown, None, None, None
    if isinstance(chart.finding, Reliability):
        yield from _reliability(chart.finding)


def _exact_ends(point: Point) -> Row:
    """With the standard error before them, which weighted shares have."""
    if point.weighted and point.low is None:
        return None, None, None
    if point.weighted:
        return share_interval(point.who, point.among).error, None, None
    found = exact_share_interval(point.who, point.among)
    return None, found.low, found.high


def _ends(series: Series, part: Marginal) -> Iterator[Row]:
    """The two highest and the two lowest points of a scale; what a multiple choice adds up to."""
    for statistic, found in (("two highest", part.top_two), ("two lowest", part.bottom_two)):
        if found is not None:
            yield (series.full_label, statistic, "", "", None, *_estimate(found))
    if part.total_share is not None:
        yield series.full_label, "total", "", "", None, series.n, part.total_share, None, None


def _reliability(found: Reliability) -> Iterator[Row]:
    if not found.is_shown:
        return
    low, high = found.interval or (None, None)
    yield "", "alpha", "", "", None, found.n, found.alpha, low, high
    if found.pairwise is not None:
        yield "", "alpha, pairwise", "", "", None, found.pairwise.least, found.pairwise.alpha, None, None
    yield "", "omega", "", "", None, found.n, found.omega.value, None, None
    for each in found.by_part:
        yield each.label, "correlation with the other parts", "", "", None, found.n, each.item_rest, None, None
        yield each.label, "alpha without it", "", "", None, found.n, each.if_dropped, None, None


def _row(series: Series, statistic: str, code: Code, label: str, count: int | None, n: int, *found: float | None) -> Row:
    return series.full_label, statistic, code, label, count, n, *found


def _estimate(found: Estimate) -> tuple[int, float | None, float | None, float | None, float | None]:
    return found.n, found.value, found.low, found.high, found.error


def _together(series: Series) -> Iterator[Row]:
    """The shares of the poles of a scale, or of the highest points of an amount; promoters less detractors."""
    if series.sides:
        for label, found in zip(series.sides, pole_shares(series), strict=True):
            yield (series.full_label, "pole", "", label, None, *_estimate(found))
    elif series.label and series.kind == "choice" and series.points and not series.poles:
        yield (series.full_label, "highest points", "", words(highest_name(series)), None, *_estimate(highest(series)))
    if series.net is not None:
        yield (series.full_label, "net", "", "promoters less detractors", None, *_estimate(series.net))


def _measures(series: Series) -> Iterator[Row]:
    summary = series.summary
    if summary.mean is None:
        return
    yield (series.full_label, "mean", "", "", None, *_estimate(series.mean_estimate))
    first, third = summary.quartiles or (None, None)
    for statistic, value in (("sd", summary.sd), ("first quartile", first), ("median", summary.median), ("third quartile", third)):
        yield series.full_label, statistic, "", "", None, summary.n, value, None, None
