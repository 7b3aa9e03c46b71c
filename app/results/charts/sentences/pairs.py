"""Sentences about two items, statements or scores on one scale, answered by the same people."""

from __future__ import annotations

from app.results.charts.captions import Message, count, fixed
from app.results.charts.chart import Series
from app.results.charts.sentences.claims import FEW, Compared, is_ahead, of_mean
from app.results.charts.sentences.scales import leaning, top_labels, top_share
from app.results.charts.sentences.wording import bold, english, quoted


def about_pair(first: Series, second: Series, language: str) -> Message | None:
    """Their difference. How many gave which answer to both is not known from counts: one is only said to be more where
    the two intervals lie apart, which holds whatever the answers have in common."""
    if not first.points or first.values and not first.is_whole or first.kind == "number":
        return _about_means(first, second, language)
    found = _widest(first, second)
    if found is None:
        return None
    one, other, answers = found
    values = {
        "first": quoted(first.label), "share": bold(one, language), "answers": answers,
        "second": quoted(second.label), "other": bold(other, language),
        "points": count(round(abs(100 * (one.value - other.value))), language),
    }  # fmt: skip
    if min(one.n, other.n) < FEW:
        return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s.", **values)
    if is_ahead(one, other):
        return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s, %(points)s percentage points fewer.", **values)
    if is_ahead(other, one):
        return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s, %(points)s percentage points more.", **values)
    return english("%(first)s: %(share)s %(answers)s; %(second)s: %(other)s, no clear difference.", **values)


def _widest(first: Series, second: Series) -> tuple[Compared, Compared, Message] | None:
    """The shares that are compared, with the answers that they count: of two poles the side that differs more."""
    if not first.sides:
        one, other = top_share(first), top_share(second)
        return (one, other, top_labels(first)) if one and other else None
    sides = [
        (one, other, english("towards %(label)s", label=quoted(one.label)))
        for one, other in zip(leaning(first), leaning(second), strict=True)
        if one and other
    ]
    return max(sides, key=lambda side: abs(side[0].value - side[1].value), default=None)


def _about_means(first: Series, second: Series, language: str) -> Message | None:
    one, other = of_mean(first.label, first.summary.interval), of_mean(second.label, second.summary.interval)
    if one is None or other is None or min(one.n, other.n) < FEW:
        return None
    values = {
        "first": quoted(one.label), "mean": fixed(one.value, language), "second": quoted(other.label),
        "other": fixed(other.value, language), "points": fixed(abs(one.value - other.value), language),
    }  # fmt: skip
    if is_ahead(one, other):
        return english("%(first)s has a mean of <b>%(mean)s</b>, %(points)s more than %(second)s (<b>%(other)s</b>).", **values)
    if is_ahead(other, one):
        return english("%(first)s has a mean of <b>%(mean)s</b>, %(points)s less than %(second)s (<b>%(other)s</b>).", **values)
    return english("%(first)s has a mean of <b>%(mean)s</b>, %(second)s of <b>%(other)s</b>: no clear difference.", **values)
