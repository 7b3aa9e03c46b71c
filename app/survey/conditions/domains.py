"""What an answer can still be, as the solver narrows it, and the intervals of what is calculated from answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

from app.survey.codes import Code
from app.survey.model import Answer

Span = tuple[float, float]
ANYTHING = (-math.inf, math.inf)


class Domain(NamedTuple):
    """What an answer can still be."""

    values: frozenset[Any] | None = None  # of a choice or a text; None is any
    low: Any = None  # of a number or a date; None is no limit
    high: Any = None
    whole: bool = False  # a number without decimals
    must: frozenset[Code] = frozenset()  # of a list
    may: frozenset[Code] = frozenset()
    exclusive: frozenset[Code] = frozenset()
    most: int = 0  # codes in a list
    empty: bool = False  # a list that may be sent with nothing chosen, and then holds nothing
    known: bool | None = None  # None is undecided


class Conflict(Exception):
    """A goal cannot be met with the domains as they are."""


def insist(holds: bool) -> None:
    if not holds:
        raise Conflict


def domain_of(answer: Answer) -> Domain:
    codes = frozenset(answer.codes)
    match answer.kind:
        case "choice":
            return Domain(values=codes)
        case "multiple" | "ranks":
            alone = frozenset(option.code for option in answer.options if option.exclusive)
            most = len(codes) if answer.most is None else answer.most
            return Domain(may=codes, exclusive=alone, most=most, empty=answer.may_be_empty)
        case "number":
            return Domain(low=answer.least, high=answer.most, whole=answer.decimals == 0)
        case "date":
            return Domain(low=answer.least, high=answer.most)
    return Domain()


def fits(domain: Domain, value: Any) -> bool:
    """Whether a stored value is one that the domain leaves; None and a reason for not answering are not known."""
    if value is None or isinstance(value, dict):
        return domain.known is not True
    if domain.known is False:
        return value == []
    if isinstance(value, list):
        return domain.must <= set(value) <= (domain.may or domain.must | set(value))
    return value in domain.values if domain.values is not None else _inside(domain, value)


def among(domain: Domain, listed: Sequence[Any], wanted: bool) -> Domain:
    """Of a domain, what is among the values listed, or what is not."""
    if domain.values is not None:
        kept = frozenset(value for value in domain.values if (value in listed) is wanted)
        insist(bool(kept))
        return domain._replace(values=kept)
    if not wanted:
        return domain
    inside = [value for value in listed if _inside(domain, value)]
    insist(bool(inside))
    if domain.low is None and domain.high is None and isinstance(inside[0], str):
        return domain._replace(values=frozenset(inside))
    return domain._replace(low=min(inside), high=max(inside))


def _inside(domain: Domain, value: Any) -> bool:
    low = domain.low is None or not _below(value, domain.low)
    high = domain.high is None or not _below(domain.high, value)
    return low and high and not (domain.whole and value != math.floor(value))


def _below(a: Any, b: Any) -> bool:
    return isinstance(a, str) == isinstance(b, str) and a < b


def cut(domain: Domain, word: str, limit: Any) -> Domain:
    """Of a domain, what stands in an order to a value."""
    if domain.values is not None:
        kept = frozenset(value for value in domain.values if _stands(word, value, limit))
        insist(bool(kept))
        return domain._replace(values=kept)
    if word == "!=":
        insist(not (domain.low == domain.high == limit and limit is not None))
        return domain
    if word == "==":
        insist(_inside(domain, limit))
        return domain._replace(low=limit, high=limit)
    step = 1 if domain.whole and word in "<>" and limit == math.floor(limit) else 0
    if word in (">", ">="):
        least = _next(limit, step, domain.whole)
        least = least if domain.low is None or _below(domain.low, least) else domain.low
        domain = domain._replace(low=least)
    else:
        most = -_next(-limit, step, domain.whole) if not isinstance(limit, str) else limit
        most = most if domain.high is None or _below(most, domain.high) else domain.high
        domain = domain._replace(high=most)
    open_end = word in "<>" and not step and domain.low == domain.high == limit
    crossed = domain.low is not None and domain.high is not None and _below(domain.high, domain.low)
    insist(not crossed and not open_end)
    return domain


def _next(limit: Any, step: int, whole: bool) -> Any:
    """The first whole number from a limit on, or the limit itself."""
    return math.ceil(limit) + step if whole and not isinstance(limit, str) else limit


def _stands(word: str, a: Any, b: Any) -> bool:
    if isinstance(a, str) != isinstance(b, str):
        return word == "!="
    orders = {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}
    return orders[word]


# --- intervals -------------------------------------------------------------------------------------------


def can_be(word: str, a: Span, b: Span) -> bool:
    match word:
        case "==":
            return a[0] <= b[1] and b[0] <= a[1]
        case "!=":
            return not a[0] == a[1] == b[0] == b[1]
        case "<":
            return a[0] < b[1]
        case "<=":
            return a[0] <= b[1]
        case ">":
            return a[1] > b[0]
        case _:
            return a[1] >= b[0]


def hull(spans: Sequence[Span]) -> Span:
    if not spans:
        return ANYTHING
    return min(low for low, _ in spans), max(high for _, high in spans)


def combined(word: str, spans: Sequence[Span]) -> Span:
    """Of what is known among several, where that is how they are taken."""
    if word in ("+", "-", "*", "/") and len(spans) > 2:
        return reduce(lambda a, b: combined(word, [a, b]), spans)
    (low, high) = spans[0]
    if word == "+":
        return low + spans[1][0], high + spans[1][1]
    if word == "-":
        return low - spans[1][1], high - spans[1][0]
    if word == "neg":
        return -high, -low
    if word == "abs":
        return (0 if low <= 0 <= high else min(abs(low), abs(high))), max(abs(low), abs(high))
    if word in ("*", "/"):
        return _product(spans[0], spans[1] if word == "*" else _inverse(spans[1]))
    if word == "sum" and len(spans) > 1:
        around = hull(spans)
        least = sum(each[0] for each in spans if each[0] < 0)
        most = sum(each[1] for each in spans if each[1] > 0)
        return min(least, around[0]) if least else around[0], max(most, around[1]) if most else around[1]
    return hull(spans)


def _product(a: Span, b: Span) -> Span:
    ends = [x * y for x in a for y in b]
    return ANYTHING if any(map(math.isnan, ends)) else (min(ends), max(ends))


def _inverse(span: Span) -> Span:
    """A little wider than it is, for what is lost in rounding."""
    low, high = span
    if low <= 0 <= high:
        return ANYTHING
    return (1 / high) * (1 - math.copysign(1e-9, high)), (1 / low) * (1 + math.copysign(1e-9, low))
