"""Sentences about two items, statements or scores on one scale, answered by the same people."""

from __future__ import annotations

from app.results.charts.captions import Message, count, english, fixed, interval, mean_places
from app.results.charts.chart import Series
from app.results.charts.sentences.claims import FEW, Compared, is_ahead, of_mean
from app.results.charts.sentences.scales import leaning, top_labels, top_points, top_share
from app.results.charts.sentences.wording import bold, mean_of, percentage_points, quoted
from app.results.statistics.differences import JointAnswers, paired_mean_difference, paired_share_difference
from app.results.statistics.intervals import Estimate


def about_pair(first: Series, second: Series, joint: JointAnswers | None, language: str) -> Message | None:
    """Their difference, among those who gave both answers. Where `joint` is not known, one is only said to be more if the
    two intervals lie apart, which holds whatever the answers have in common."""
    if not first.points or first.values and not first.is_whole or first.kind == "number":
        return _about_means(first, second, joint, language)
    found = _widest(first, second)
    if found is None:
        return None
    one, other, answers, codes = found
    about = english(
        "%(first)s: %(share)s %(answers)s; %(second)s: %(other)s", first=quoted(first.label), share=bold(one, language),
        answers=answers, second=quoted(second.label), other=bold(other, language),
    )  # fmt: skip
    if min(one.n, other.n) < FEW:
        return english("%(about)s.", about=about)
    if joint is not None and joint.counts and joint.apart.n >= FEW:
        return _with_points(about, paired_share_difference(joint.shares(codes)), language)
    if is_ahead(one, other):
        return english("%(about)s, clearly fewer.", about=about)
    if is_ahead(other, one):
        return english("%(about)s, clearly more.", about=about)
    return english("%(about)s: no clear difference.", about=about)


def _with_points(about: Message, difference: Estimate, language: str) -> Message:
    """With the difference within persons, in percentage points: the first less the second."""
    low, high = sorted(abs(100 * (each or 0.0)) for each in (difference.low, difference.high))
    values = {
        "about": about, "points": percentage_points(fixed(abs(100 * (difference.value or 0.0)), language, 0)),
        "n": count(difference.n, language), "interval": interval(low, high, language, 0),
    }  # fmt: skip
    if (difference.low or 0.0) > 0:
        return english("%(about)s, %(points)s fewer among the %(n)s who answered both [%(interval)s].", **values)
    if (difference.high or 0.0) < 0:
        return english("%(about)s, %(points)s more among the %(n)s who answered both [%(interval)s].", **values)
    return english("%(about)s: no clear difference.", about=about)


def _widest(first: Series, second: Series) -> tuple[Compared, Compared, Message, list[object]] | None:
    """The shares that are compared, with the answers that they count: of two poles the side that differs more."""
    if not first.sides:
        one, other = top_share(first), top_share(second)
        return (one, other, top_labels(first), [point.code for point in top_points(first)]) if one and other else None
    codes, half = [point.code for point in first.points], len(first.points) // 2
    sides = [
        (one, other, english("towards %(label)s", label=quoted(one.label)), counted)
        for one, other, counted in zip(leaning(first), leaning(second), (codes[:half], codes[-half:]), strict=True)
        if one and other
    ]
    return max(sides, key=lambda side: abs(side[0].value - side[1].value), default=None)


# --- means --------------------------------------------------------------------------------------------------


def _about_means(first: Series, second: Series, joint: JointAnswers | None, language: str) -> Message | None:
    one, other = of_mean(first.label, first.summary.interval), of_mean(second.label, second.summary.interval)
    if one is None or other is None or min(one.n, other.n) < FEW:
        return None
    about = english(
        "%(first)s has a mean of <b>%(mean)s</b>, %(second)s of <b>%(other)s</b>", first=quoted(one.label),
        mean=mean_of(one, language), second=quoted(other.label), other=mean_of(other, language),
    )  # fmt: skip
    if joint is not None and joint.apart.n >= FEW:
        return _with_mean_difference(about, paired_mean_difference(joint.apart), language)
    if is_ahead(one, other):
        return english("%(about)s, clearly less.", about=about)
    if is_ahead(other, one):
        return english("%(about)s, clearly more.", about=about)
    return english("%(about)s: no clear difference.", about=about)


def _with_mean_difference(about: Message, difference: Estimate, language: str) -> Message:
    """With the mean difference within persons: the first less the second."""
    low, high = sorted(abs(each or 0.0) for each in (difference.low, difference.high))
    places = mean_places(difference)
    values = {
        "about": about, "points": fixed(abs(difference.value or 0.0), language, places),
        "n": count(difference.n, language), "interval": interval(low, high, language, places),
    }  # fmt: skip
    if (difference.low or 0.0) > 0:
        return english("%(about)s, %(points)s less among the %(n)s who have both [%(interval)s].", **values)
    if (difference.high or 0.0) < 0:
        return english("%(about)s, %(points)s more among the %(n)s who have both [%(interval)s].", **values)
    return english("%(about)s: no clear difference.", about=about)
