"""Sentences about points of a scale: one rating, several statements on one scale, pairs of opposites."""

from __future__ import annotations

from collections.abc import Sequence

from app.results.charts.captions import Message, _, count, english, fixed
from app.results.charts.chart import FEW_POINTS, Chart, Point, Series
from app.results.charts.sentences.amounts import about_quartiles
from app.results.charts.sentences.choices import about_choice
from app.results.charts.sentences.claims import (
    FEW,
    Compared,
    about_equal,
    is_ahead,
    is_beyond,
    is_majority,
    leading,
    of_mean,
    together,
    trailing,
)
from app.results.charts.sentences.wording import amount, bold, either, joined, mean_of, named, quoted
from app.results.statistics.values import Values

TOP_TWO_FROM = 4  # points


# --- one rating ---------------------------------------------------------------------------------------------


def about_rating(chart: Chart, language: str) -> Message | None:
    series = chart.first
    if not series.n or not series.is_whole:
        return None
    if len(series.points) > FEW_POINTS or not _is_labelled(series):
        return about_quartiles(_values(series), "", language)
    if len(series.points) < 3:
        return about_choice(chart, language)
    return _leaning(series, language) if series.sides else _upper_end(series, language)


def _is_labelled(series: Series) -> bool:
    """Whether the ends of the scale have words, and not only numbers."""
    ends = (series.points[0], series.points[-1]) if series.points else ()
    return bool(ends) and all(point.label not in ("", str(point.code)) for point in ends)


def _values(series: Series) -> Values:
    """The points that somebody chose, where they are numbers, with how many did."""
    points = [point for point in series.points if isinstance(point.code, int) and point.count]
    return sorted((point.code, point.who) for point in points if point.base)


def _leaning(series: Series, language: str) -> Message | None:
    """To either side of the middle of a scale that runs from one pole to another."""
    sides = leaning(series)
    if None in sides:
        return None
    first, second = sorted((side for side in sides if side), key=lambda side: -side.value)
    centre = _centre(series)
    values = {
        "first": quoted(first.label), "share": bold(first, language),
        "second": quoted(second.label), "other": amount(second, language),
    }  # fmt: skip
    if first.n < FEW:
        opening = _("%(share)s lean towards %(first)s and %(other)s towards %(second)s", **values)
    elif is_majority(first):
        opening = _("A majority (%(share)s) leans towards %(first)s, %(other)s towards %(second)s", **values)
    elif is_ahead(first, second, exclusive=True):
        opening = _("More lean towards %(first)s (%(share)s) than towards %(second)s (%(other)s)", **values)
    elif about_equal(first, second):
        opening = _("About as many lean towards %(first)s (%(share)s) as towards %(second)s (%(other)s)", **values)
    else:
        opening = _("%(share)s lean towards %(first)s and %(other)s towards %(second)s, without a clear difference", **values)
    if centre is None:
        return _("%(opening)s.", opening=opening)
    return _("%(opening)s; %(share)s in the middle.", opening=opening, share=amount(centre, language))


def leaning(series: Series) -> tuple[Compared | None, Compared | None]:
    """The shares of the points on either side of the middle, by the names of the poles."""
    half = len(series.points) // 2
    below, above = series.points[:half], series.points[-half:]
    names = series.sides or (below[0].label, above[-1].label)
    return together(names[0], below, series.n), together(names[1], above, series.n)


def _centre(series: Series) -> Compared | None:
    half = len(series.points) // 2
    middle = series.points[half:-half] if half else ()
    return together("", middle, series.n)


def _upper_end(series: Series, language: str) -> Message | None:
    """The points that mean most, and the one that means least."""
    lowest = _ascending(series)[:1]
    share, least = top_share(series), together(lowest[0].label, lowest, series.n)
    if share is None or least is None:
        return None
    values = {
        "share": bold(share, language), "labels": top_labels(series), "other": amount(least, language),
        "label": quoted(least.label),
    }  # fmt: skip
    if share.n >= FEW and is_majority(share):
        return _("A majority (%(share)s) answered %(labels)s; %(other)s answered %(label)s.", **values)
    return _("%(share)s answered %(labels)s; %(other)s answered %(label)s.", **values)


def top_share(series: Series) -> Compared | None:
    """The share of the points that mean most."""
    return together(series.full_label, top_points(series), series.n)


def top_points(series: Series) -> Sequence[Point]:
    """The two points that mean most; on a short scale, the one."""
    return _ascending(series)[-(2 if len(series.points) >= TOP_TWO_FROM else 1) :]


def top_labels(series: Series) -> Message:
    return either([quoted(point.label) for point in top_points(series)])


def _ascending(series: Series) -> Sequence[Point]:
    """From little to much, although some scales begin with much."""
    return series.points[::-1] if series.begins_with_much else series.points


# --- several statements -------------------------------------------------------------------------------------


def about_statements(chart: Chart, language: str) -> Message | None:
    """The statement that is ahead on the upper end of the scale, and the one that comes last."""
    asked = _of_one_scale(chart.series)
    known = [each for each in asked if each.n and each.is_whole and each.points]
    if not known or len(known) < len(asked) or not (known[0].poles or _is_labelled(known[0])):
        return None
    sides = known[0].poles or known[0].sides
    shares = [_upper_side(each) if sides else top_share(each) for each in known]
    ranked = sorted((each for each in shares if each), key=lambda each: -each.value)
    if len(ranked) < 2 or min(each.n for each in ranked) < FEW:
        return None
    if known[0].poles:
        answers = _("on this side")
    elif sides:
        answers = _("towards %(label)s", label=quoted(sides[1]))
    else:
        answers = top_labels(known[0])
    return _first_and_last(ranked, answers, language)


def _of_one_scale(series: Sequence[Series]) -> list[Series]:
    """Of columns that have different scales, those of the first."""
    scale = [(point.code, point.label) for point in series[0].points]
    return [each for each in series if each.poles or [(point.code, point.label) for point in each.points] == scale]


def _upper_side(series: Series) -> Compared | None:
    half = len(series.points) // 2
    label = series.poles[1] if series.poles else series.full_label
    return together(label, series.points[-half:], series.n) if half else None


def _first_and_last(ranked: Sequence[Compared], answers: Message, language: str) -> Message:
    """Which statement is ahead and which comes last, as far as that is clear. `answers` says of what the shares are."""
    lead, last = leading(ranked), trailing(ranked)
    labels = joined([named(each, language, in_bold=place < 2) for place, each in enumerate(lead[:3])])
    if len(lead) == 1:
        label, share = quoted(lead[0].label), bold(lead[0], language)
        opening = _("%(label)s comes first: %(share)s %(answers)s", label=label, share=share, answers=answers)
    elif len(lead) > 3 or len(lead) == len(ranked) > 2:
        label = named(ranked[0], language, in_bold=True)
        opening = _("No statement is clearly ahead; the first is %(label)s: %(answers)s", label=label, answers=answers)
    elif len(lead) == 2:
        opening = _("No clear difference between the first two (%(answers)s): %(labels)s", labels=labels, answers=answers)
    else:
        opening = _("No clear difference between the first three (%(answers)s): %(labels)s", labels=labels, answers=answers)
    if len(last) == 1 and len(ranked) > 2:
        return _("%(opening)s; %(label)s comes last.", opening=opening, label=named(last[0], language))
    return _("%(opening)s.", opening=opening)


def about_means(chart: Chart, language: str) -> Message | None:
    """Of statements on a scale of many points: the highest and the lowest mean."""
    found = [of_mean(each.full_label, each.summary.interval) for each in chart.series]
    ranked = sorted((each for each in found if each), key=lambda each: -each.value)
    if len(ranked) < max(2, len(chart.series)) or min(each.n for each in ranked) < FEW:
        return None
    return highest_and_lowest(ranked, language) or english("No clear difference between the means.")


def highest_and_lowest(ranked: Sequence[Compared], language: str) -> Message | None:
    """Of means, from the highest to the lowest, those that are clearly so; None where none is."""
    lead, last = leading(ranked), trailing(ranked)
    first, least = ranked[0], ranked[-1]
    mean, other = (english("<b>%(mean)s</b>", mean=mean_of(each, language)) for each in (first, least))
    values = {"first": quoted(first.label), "mean": mean, "last": quoted(least.label), "other": other}
    if len(lead) == 1 and len(last) == 1:
        return english("The mean is highest for %(first)s (%(mean)s) and lowest for %(last)s (%(other)s).", **values)
    if len(lead) == 1:
        return english("The mean is highest for %(first)s (%(mean)s).", **values)
    if len(last) == 1:
        return english("The mean is lowest for %(last)s (%(other)s).", **values)
    many = len(ranked) * (len(ranked) - 1) // 2
    if is_ahead(first, least, pairs=many):
        return english("The mean is higher for %(first)s (%(mean)s) than for %(last)s (%(other)s).", **values)
    return None


# --- pairs of opposites -------------------------------------------------------------------------------------


def about_pairs(chart: Chart, language: str) -> Message | None:
    """The pair whose mean is furthest from the middle, if it is clearly on one side."""
    found = []
    for each in chart.series:
        codes = [point.code for point in each.points if isinstance(point.code, int)]
        mean = of_mean("", each.summary.interval)
        if mean is not None and mean.n >= FEW and codes and each.poles:
            middle = (codes[0] + codes[-1]) / 2
            found.append((each.poles, mean, middle))
    if not found or len(found) < len(chart.series):
        return None
    clear = [pair for pair in found if is_beyond(pair[1], pair[2], len(found))]
    if not clear:
        return english("No pair is clearly on one side of the middle.")
    (left, right), mean, middle = max(clear, key=lambda pair: abs(pair[1].value - pair[2]))
    pole, other = (right, left) if mean.value > middle else (left, right)
    values = {
        "pole": quoted(pole), "other": quoted(other), "mean": mean_of(mean, language), "middle": fixed(middle, language, 0),
        "clear": count(len(clear), language), "all": count(len(found), language),
    }  # fmt: skip
    return english("Answers lean towards %(pole)s rather than %(other)s (mean <b>%(mean)s</b>, middle %(middle)s); %(clear)s of %(all)s pairs are"
             " clearly on one side.", **values)  # fmt: skip
