"""Sentences about two items, statements or scores on one scale, answered by the same people."""

from __future__ import annotations

from app.results.charts.captions import Message, count, english, fixed, interval
from app.results.charts.chart import Series
from app.results.charts.sentences.claims import FEW, Compared, is_ahead, of_mean
from app.results.charts.sentences.scales import leaning, top_labels, top_share, top_size
from app.results.charts.sentences.wording import bold, quoted
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
    values = {
        "first": quoted(first.label), "share": bold(one, language), "answers": answers,
        "second": quoted(second.label), "other": bold(other, language),
        "points": count(round(abs(100 * (one.value - other.value))), language),
    }  # fmt: skip
    if min(one.n, other.n) < FEW:
        return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s.", **values)
    if joint is not None and joint.counts and joint.deviations.n >= FEW:
        return _with_difference(values, paired_share_difference(joint.shares(codes)), language)
    if is_ahead(one, other):
        return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s, %(points)s percentage points fewer.", **values)
    if is_ahead(other, one):
        return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s, %(points)s percentage points more.", **values)
    return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s, no clear difference.", **values)


def _with_difference(values: dict[str, object], difference: Estimate, language: str) -> Message:
    """The difference within persons, in percentage points, with its interval."""
    low, high = sorted(abs(100 * (each or 0.0)) for each in (difference.low, difference.high))
    values |= {
        "points": count(round(abs(100 * (difference.value or 0.0))), language), "n": count(difference.n, language),
        "interval": interval(low, high, language, 0),
    }  # fmt: skip
    if (difference.low or 0.0) > 0:
        return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s. Among the %(n)s who answered both that is %(points)s percentage points fewer [%(interval)s].", **values)
    if (difference.high or 0.0) < 0:
        return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s. Among the %(n)s who answered both that is %(points)s percentage points more [%(interval)s].", **values)
    return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s, no clear difference.", **values)


def _widest(first: Series, second: Series) -> tuple[Compared, Compared, Message, list[object]] | None:
    """The shares that are compared, with the answers that they count: of two poles the side that differs more."""
    codes = [point.code for point in first.points]
    if not first.sides:
        one, other = top_share(first), top_share(second)
        return (one, other, top_labels(first), codes[-top_size(first) :]) if one and other else None
    half = len(codes) // 2
    sides = [
        (one, other, english("towards %(label)s", label=quoted(one.label)), counted)
        for one, other, counted in zip(leaning(first), leaning(second), (codes[:half], codes[-half:]), strict=True)
        if one and other
    ]
    return max(sides, key=lambda side: abs(side[0].value - side[1].value), default=None)


def _about_means(first: Series, second: Series, joint: JointAnswers | None, language: str) -> Message | None:
    one, other = of_mean(first.label, first.summary.interval), of_mean(second.label, second.summary.interval)
    if one is None or other is None or min(one.n, other.n) < FEW:
        return None
    values = {
        "first": quoted(one.label), "mean": fixed(one.value, language), "second": quoted(other.label),
        "other": fixed(other.value, language), "points": fixed(abs(one.value - other.value), language),
    }  # fmt: skip
    if joint is not None and joint.deviations.n >= FEW:
        return _with_mean_difference(values, paired_mean_difference(joint.deviations), language)
    if is_ahead(one, other):
        return english("%(first)s has a mean of <b>%(mean)s</b>, %(points)s more than %(second)s (<b>%(other)s</b>).", **values)
    if is_ahead(other, one):
        return english("%(first)s has a mean of <b>%(mean)s</b>, %(points)s less than %(second)s (<b>%(other)s</b>).", **values)
    return english("%(first)s has a mean of <b>%(mean)s</b>, %(second)s of <b>%(other)s</b>: no clear difference.", **values)


def _with_mean_difference(values: dict[str, object], difference: Estimate, language: str) -> Message:
    """The mean difference within persons, with its interval."""
    low, high = sorted(abs(each or 0.0) for each in (difference.low, difference.high))
    values |= {
        "points": fixed(abs(difference.value or 0.0), language), "n": count(difference.n, language),
        "interval": interval(low, high, language, 2),
    }  # fmt: skip
    if (difference.low or 0.0) > 0:
        return english("%(first)s has a mean of <b>%(mean)s</b>, %(second)s of <b>%(other)s</b>. Within the %(n)s who have both, the first is %(points)s higher [%(interval)s].", **values)
    if (difference.high or 0.0) < 0:
        return english("%(first)s has a mean of <b>%(mean)s</b>, %(second)s of <b>%(other)s</b>. Within the %(n)s who have both, the first is %(points)s lower [%(interval)s].", **values)
    return english("%(first)s has a mean of <b>%(mean)s</b>, %(second)s of <b>%(other)s</b>: no clear difference.", **values)
