"""Sentences about numbers, scores, dates, shares of a total, and how many wrote a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.results.charts.captions import (
    Message,
    _,
    count,
    date,
    english,
    fixed,
    interval,
    mean_places,
    number,
    numerals,
    percent,
)
from app.results.charts.chart import Chart
from app.results.charts.sentences.choices import about_choice
from app.results.charts.sentences.claims import (
    FEW,
    Compared,
    counted,
    is_ahead,
    leading,
    of_mean,
    of_point,
    published,
    trailing,
)
from app.results.charts.sentences.wording import bold, estimate_of, quoted
from app.results.statistics.cells import total
from app.results.statistics.intervals import Estimate
from app.results.statistics.values import Values, nth, summary, value_at

T_OF_FEW = 2.2622  # Student's t of ten values, which no larger number of values exceeds
ABOUT_HALF = (0.45, 0.55)  # the share that lies within the quartiles, both included


# --- numbers ------------------------------------------------------------------------------------------------


def about_number(chart: Chart, language: str) -> Message | None:
    """Quartiles and median; where many gave the same number, that number; in public the class of the median."""
    series = chart.first
    if not chart.exact:
        return _about_classes(chart, language)
    if chart.score is not None:
        return about_score(chart, language)
    return about_quartiles(series.values, chart.unit, language)


def about_quartiles(values: Values, unit: str, language: str) -> Message | None:
    """Of numbers, or of points of a scale without words."""
    found = summary(values)
    if found.quartiles is None or found.median is None:
        return None
    (first, third), median = found.quartiles, found.median
    if found.n < FEW:
        return _extremes(values, unit, language)
    if first == third:
        return _mostly(values, median, unit, language)
    written = {
        "first": number(first, language), "last": with_unit(third, unit, language), "median": number(median, language),
    }  # fmt: skip
    if ABOUT_HALF[0] <= within(values, first, third) <= ABOUT_HALF[1]:
        return _("Half answered between <b>%(first)s</b> and <b>%(last)s</b>; the median is %(median)s.", **written)
    return _("The middle half of the answers lies between <b>%(first)s</b> and <b>%(last)s</b>; the median is %(median)s.", **written)


def _about_classes(chart: Chart, language: str) -> Message | None:
    """Of a published number, of which only classes are known."""
    series = chart.first
    median = next((point for point in series.points if point.label == series.median_class), None)
    share = of_point(median, series.n) if median else None
    if median is None or share is None or share.n < FEW:
        return about_choice(chart, language)
    label = f"{numerals(median.label, language)} {chart.unit}".strip()
    return _("The median lies in the class %(label)s, as %(share)s of the answers do.", label=label, share=bold(share, language))


def with_unit(value: float, unit: str, language: str) -> str:
    return f"{number(value, language)} {unit}".strip()


def within(values: Values, low: float, high: float) -> float:
    weight = sum(each.w for _value, each in values)
    return sum(each.w for value, each in values if low <= value <= high) / weight


def _extremes(values: Values, unit: str, language: str) -> Message:
    """Of fewer than ten answers the least and the most."""
    least, most = values[0][0], values[-1][0]
    n = count(sum(each.n for _value, each in values), language)
    if least == most:
        return _("All answers are %(value)s (n = %(n)s).", value=with_unit(most, unit, language), n=n)
    written = {"first": number(least, language), "last": with_unit(most, unit, language)}
    return _("From <b>%(first)s</b> to <b>%(last)s</b> (n = %(n)s).", n=n, **written)


def _mostly(values: Values, median: float, unit: str, language: str) -> Message:
    """Where the middle half gave one and the same number."""
    share = counted("", total(each for value, each in values if value == median), total(each for _value, each in values))
    return _("%(share)s answered %(value)s, which is also the median.",
             share=bold(share, language), value=with_unit(median, unit, language))  # fmt: skip


def about_score(chart: Chart, language: str) -> Message | None:
    """The mean with its interval, on the range that the score can take."""
    series, score = chart.first, chart.score
    found = series.summary.interval
    if score is None or found.value is None or series.n < FEW or found.low is None:
        return _extremes(series.values, "", language) if series.n and series.values else None
    places = mean_places(found)
    written = {
        "mean": fixed(found.value, language, places), "interval": interval(found.low, found.high, language, places),
    }  # fmt: skip
    ends = score.to or score.range
    if ends is None:
        return english("The mean is <b>%(mean)s</b> [%(interval)s].", **written)
    least, most = number(ends[0], language), number(ends[1], language)
    return english("The mean is <b>%(mean)s</b> [%(interval)s], on a scale from %(least)s to %(most)s.", least=least, most=most, **written)


# --- net promoter score -------------------------------------------------------------------------------------


def about_net(net: Estimate, n: int, language: str) -> Message | None:
    """Promoters less detractors. Published without an interval, it is judged by the widest that it can have: the variance of
    1, 0 and -1 with this mean is at most 1 less its square."""
    if net.value is None or n < FEW:
        return None
    reach = T_OF_FEW * ((1 - net.value**2) / (n - 1)) ** 0.5
    low = net.low if net.low is not None else net.value - reach
    high = net.high if net.high is not None else net.value + reach
    points = fixed(abs(100 * net.value), language, 0)
    if low > 0:
        return _("Promoters outnumber detractors by <b>%(points)s</b> percentage points.", points=points)
    if high < 0:
        return _("Detractors outnumber promoters by <b>%(points)s</b> percentage points.", points=points)
    return _("No clear difference between the shares of promoters and detractors.")


# --- dates --------------------------------------------------------------------------------------------------


def about_dates(chart: Chart, language: str) -> Message | None:
    series = chart.first
    if not chart.exact:
        return about_choice(chart, language)
    if not series.n:
        return None
    n = series.n
    first, last, middle = (date(each, language) for each in _middle_dates(series.values, n))
    if first == last:
        return _("Half or more of the dates are <b>%(date)s</b>.", date=first)
    values = {"first": first, "last": last}
    if n < FEW:
        return _("From <b>%(first)s</b> to <b>%(last)s</b> (n = %(n)s).", n=count(n, language), **values)
    return _("The middle half of the dates lies between <b>%(first)s</b> and <b>%(last)s</b>; the median is %(median)s.",
             median=middle, **values)  # fmt: skip


def _middle_dates(values: Values, n: int) -> tuple[str, str, str]:
    """The ends of the middle half, and the median; of fewer than ten the ends of all."""
    if n < FEW:
        return values[0][0], values[-1][0], values[-1][0]
    if values[0][1].design:
        return value_at(values, 0.25), value_at(values, 0.75), value_at(values, 0.5)
    return nth(values, (n - 1) // 4), nth(values, n - 1 - (n - 1) // 4), nth(values, (n - 1) // 2)


# --- shares of a total --------------------------------------------------------------------------------------


def about_shares(chart: Chart, language: str) -> Message | None:
    """The option that is given most, on average, and the one that is given least."""
    means = [of_mean(each.label, each.summary.interval) for each in chart.series]
    if None in means or chart.answered < FEW:
        return None
    return given_most([mean for mean in means if mean], language, lambda mean: f"{_allotted(mean, language)} {chart.unit}".strip())


def _allotted(mean: Compared, language: str) -> str:
    """As the chart shows it."""
    return fixed(mean.value, language, max(1, mean_places(estimate_of(mean)) - 1))


def about_released_shares(chart: Chart, language: str) -> Message | None:
    """A mean share of a total varies at most as much as the share of those who give all to the option."""
    series = chart.first
    if series.n < FEW or any(point.share is None for point in series.points):
        return None
    means = [published(point.label, point.share or 0.0, series.n) for point in series.points]
    return given_most(means, language, lambda mean: percent(mean.value, language))


def given_most(means: Sequence[Compared], language: str, written: Any) -> Message:
    ranked = sorted(means, key=lambda mean: -mean.value)
    first, last = ranked[0], ranked[-1]
    values = {"first": quoted(first.label), "mean": written(first), "last": quoted(last.label), "other": written(last)}
    if len(leading(ranked)) > 1 and len(trailing(ranked)) > 1:
        many = len(ranked) * (len(ranked) - 1) // 2
        if is_ahead(first, last, pairs=many):
            return _("On average %(first)s is given more (<b>%(mean)s</b>) than %(last)s (%(other)s).", **values)
        return _("No clear difference between the means, from %(other)s to %(mean)s.", **values)
    if len(leading(ranked)) > 1:
        return _("On average %(last)s is given least: <b>%(other)s</b>.", **values)
    if len(trailing(ranked)) > 1 or len(ranked) == 2:
        return _("On average %(first)s is given most: <b>%(mean)s</b>.", **values)
    return _("On average %(first)s is given most (<b>%(mean)s</b>) and %(last)s least (%(other)s).", **values)


# --- texts --------------------------------------------------------------------------------------------------


def about_texts(chart: Chart, language: str) -> Message | None:
    if not chart.first.n or not chart.exact:
        return None
    wrote, asked = count(chart.first.n, language), count(chart.shown, language)
    return english("<b>%(n)s</b> of %(all)s who were asked wrote an answer.", n=wrote, all=asked)
