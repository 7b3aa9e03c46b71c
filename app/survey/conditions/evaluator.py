"""The value of a condition's tree for one response's answers: the server's evaluator.

The browser's is in `form.js`, that of Polars in `app.results.filters.filter`; all three agree on every row. None is
unknown: what an unanswered item would decide stays open (Kleene's three-valued logic). A date is its ISO 8601
text, so that dates of one precision are in order as texts are. Numbers are exact as `app.survey.conditions.exact` says.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from typing import Any

from app.survey.codes import Code
from app.survey.conditions.exact import added, nearest_decimal, rounded, settled
from app.survey.conditions.sharing import Tree, shared

Answers = Mapping[str, Any]
Evaluator = Callable[[Answers], Any]


def compile_tree(tree: Tree) -> Evaluator:
    """A function from answers to the tree's value, as it is stored and shown; None is unknown."""
    evaluate = compile_part(tree)

    def run(answers: Answers) -> Any:
        value = evaluate(answers)
        return nearest_decimal(value) if isinstance(value, float) else value

    return run


def compile_part(tree: Tree) -> Evaluator:
    """The same for a part of a tree: a number that is no decimal, such as a third, is left as it is."""
    whole = shared(tree)
    if whole is tree:
        return _compile(tree)
    parts, evaluate = [_compile(part) for part in whole[1]], _compile(whole[2])
    return lambda answers: evaluate(_Remembering(answers, parts))  # type: ignore[arg-type]


class _Remembering:
    """Answers as evaluators see them, with the parts of a tree that are computed once."""

    __slots__ = ("_found", "_parts", "get")

    def __init__(self, answers: Answers, parts: list[Evaluator]):
        self.get, self._parts, self._found = answers.get, parts, dict[int, Any]()

    def part(self, place: int) -> Any:
        if place not in self._found:
            self._found[place] = self._parts[place](self)  # type: ignore[arg-type]
        return self._found[place]


def _compile(tree: Tree) -> Evaluator:
    if not isinstance(tree, list):
        return lambda answers: tree
    operation, *arguments = tree
    if operation in _ON_NAMES:
        return _ON_NAMES[operation](*arguments)
    if operation == "part":
        return lambda answers: answers.part(arguments[0])  # type: ignore[attr-defined]
    if operation == "in":
        return _in(_compile(arguments[0]), arguments[1][1:])
    return _ON_VALUES[operation](*(_compile(argument) for argument in arguments))


def _value(answers: Answers, name: str) -> Any:
    value = answers.get(name)
    return None if isinstance(value, dict) else value


def _get(name: str) -> Evaluator:
    def run(answers: Answers) -> Any:
        value = answers.get(name)
        return None if isinstance(value, dict) else value

    return run


def _asked(name: str) -> Evaluator:
    """Shown and sent, whatever was answered: a reason for giving no answer is stored like an answer."""
    return lambda answers: answers.get(name) is not None


def _answered(name: str) -> Evaluator:
    return lambda answers: _value(answers, name) is not None


def _missing(name: str) -> Evaluator:
    return lambda answers: _value(answers, name) is None


def _declined(name: str) -> Evaluator:
    return _reason(name, "declined")


def _reason(name: str, reason: str) -> Evaluator:
    return lambda answers: answers.get(name) == {"missing": reason}


SKIPPED = {"missing": "skipped"}


def _chosen(test: Callable[[list[Code]], Any]) -> Callable[[str], Evaluator]:
    """A list that was shown and sent with nothing chosen is empty."""

    def on(name: str) -> Evaluator:
        def run(answers: Answers) -> Any:
            value = answers.get(name)
            if isinstance(value, dict):
                value = [] if value == SKIPPED else None
            return None if value is None else test(value)

        return run

    return on


def _has(name: str, code: Code) -> Evaluator:
    return _chosen(lambda chosen: code in chosen)(name)


def _any_of(name: str, codes: list[Code]) -> Evaluator:
    return _chosen(lambda chosen: any(code in chosen for code in codes[1:]))(name)


def _all_of(name: str, codes: list[Code]) -> Evaluator:
    return _chosen(lambda chosen: all(code in chosen for code in codes[1:]))(name)


def _count(name: str) -> Evaluator:
    return _chosen(len)(name)


def _rank(name: str, code: Code) -> Evaluator:
    """From 1; unknown where it is not among those ranked."""
    return _chosen(lambda ranked: ranked.index(code) + 1 if code in ranked else None)(name)


def _and(*parts: Evaluator) -> Evaluator:
    def run(answers: Answers) -> bool | None:
        result: bool | None = True
        for part in parts:
            value = part(answers)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return run


def _or(*parts: Evaluator) -> Evaluator:
    def run(answers: Answers) -> bool | None:
        result: bool | None = False
        for part in parts:
            value = part(answers)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return run


def _not(part: Evaluator) -> Evaluator:
    def run(answers: Answers) -> bool | None:
        value = part(answers)
        return None if value is None else not value

    return run


def _same(a: Any, b: Any) -> bool:
    if a == b:
        return isinstance(a, str) == isinstance(b, str)
    return not isinstance(a, str) and not isinstance(b, str) and nearest_decimal(a) == nearest_decimal(b)


def _equality(wanted: bool) -> Callable[[Evaluator, Evaluator], Evaluator]:
    def on(left: Evaluator, right: Evaluator) -> Evaluator:
        def run(answers: Answers) -> bool | None:
            a, b = left(answers), right(answers)
            return None if a is None or b is None else _same(a, b) is wanted

        return run

    return on


def _ordering(test: Callable[[Any, Any], bool]) -> Callable[[Evaluator, Evaluator], Evaluator]:
    def on(left: Evaluator, right: Evaluator) -> Evaluator:
        def run(answers: Answers) -> bool | None:
            a, b = left(answers), right(answers)
            if a is None or b is None or isinstance(a, str) != isinstance(b, str):
                return None
            return test(a, b) if isinstance(a, str) else test(nearest_decimal(a), nearest_decimal(b))

        return run

    return on


def _in(left: Evaluator, values: list[Code]) -> Evaluator:
    texts = frozenset(value for value in values if isinstance(value, str))
    numbers = [value for value in values if not isinstance(value, str)]

    def run(answers: Answers) -> bool | None:
        a = left(answers)
        if isinstance(a, str):
            return a in texts
        return None if a is None else any(_same(a, value) for value in numbers)

    return run


def _finite(value: float) -> float | None:
    return settled(value) if math.isfinite(value) else None


def _arithmetic(compute: Callable[[float, float], float]) -> Callable[..., Evaluator]:
    """From left to right over two numbers or more."""

    def on(first: Evaluator, *others: Evaluator) -> Evaluator:
        def run(answers: Answers) -> float | None:
            found = first(answers)
            for other in others:
                value = other(answers)
                if found is None or value is None:
                    return None
                found = _finite(compute(float(found), float(value)))
            return found

        return run

    return on


def _divide(a: float, b: float) -> float:
    return a / b if nearest_decimal(b) else math.nan


def _single(compute: Callable[[float], Any]) -> Callable[[Evaluator], Evaluator]:
    def on(part: Evaluator) -> Evaluator:
        def run(answers: Answers) -> float | None:
            value = part(answers)
            return None if value is None else compute(float(value))

        return run

    return on


def _statistic(compute: Callable[[list[float]], float]) -> Callable[..., Evaluator]:
    def on(*parts: Evaluator) -> Evaluator:
        def run(answers: Answers) -> float | None:
            known = [float(value) for part in parts if (value := part(answers)) is not None]
            return _finite(compute(known)) if known else None

        return run

    return on


def _total(values: list[float]) -> float:
    # From left to right and step by step, as the browser and Polars add.
    total = 0.0
    for value in values:
        total = added(total, value)
    return total


def _round(part: Evaluator, digits: Evaluator) -> Evaluator:
    """To the nearest; halves away from zero, as is usual in print."""
    places = digits({})
    return _single(lambda value: rounded(value, places))(part)


def _known(*parts: Evaluator) -> Evaluator:
    return lambda answers: sum(part(answers) is not None for part in parts)


def _any(*parts: Evaluator) -> Evaluator:
    def run(answers: Answers) -> bool | None:
        known = [value for part in parts if (value := part(answers)) is not None]
        return any(known) if known else None

    return run


def _if(test: Evaluator, then: Evaluator, otherwise: Evaluator) -> Evaluator:
    def run(answers: Answers) -> Any:
        holds = test(answers)
        return None if holds is None else (then if holds else otherwise)(answers)

    return run


def _days(first: Evaluator, last: Evaluator) -> Evaluator:
    """From the first to the last; unknown where one of them is not a day of the calendar."""

    def run(answers: Answers) -> int | None:
        a, b = (_ordinal(part(answers)) for part in (first, last))
        return None if a is None or b is None else b - a

    return run


def _ordinal(day: Any) -> int | None:
    try:
        return datetime.date.fromisoformat(day).toordinal()
    except (TypeError, ValueError):
        return None


def _of_date(first: int, last: int) -> Callable[[Evaluator], Evaluator]:
    """A part of a date as a number: the letters from `first` to before `last`."""

    def on(part: Evaluator) -> Evaluator:
        def run(answers: Answers) -> int | None:
            value = part(answers)
            return (
                int(value[first:last]) if isinstance(value, str) and value[first:last].isdecimal() else None
            )

        return run

    return on


def _coalesce(*parts: Evaluator) -> Evaluator:
    def run(answers: Answers) -> Any:
        for part in parts:
            value = part(answers)
            if value is not None:
                return value
        return None

    return run


_ON_NAMES: dict[str, Callable[..., Evaluator]] = {
    "get": _get,
    "asked": _asked,
    "answered": _answered,
    "missing": _missing,
    "declined": _declined,
    "has": _has,
    "any_of": _any_of,
    "all_of": _all_of,
    "reason": _reason,
    "count": _count,
    "rank": _rank,
}
_ON_VALUES: dict[str, Callable[..., Evaluator]] = {
    "and": _and,
    "or": _or,
    "not": _not,
    "==": _equality(True),
    "!=": _equality(False),
    "<": _ordering(lambda a, b: a < b),
    "<=": _ordering(lambda a, b: a <= b),
    ">": _ordering(lambda a, b: a > b),
    ">=": _ordering(lambda a, b: a >= b),
    "+": _arithmetic(added),
    "-": _arithmetic(lambda a, b: added(a, -b)),
    "*": _arithmetic(lambda a, b: a * b),
    "/": _arithmetic(_divide),
    "neg": _single(lambda a: 0.0 - a),
    "abs": _single(abs),
    "min": _statistic(min),
    "max": _statistic(max),
    "mean": _statistic(lambda values: _total(values) / len(values)),
    "sum": _statistic(_total),
    "coalesce": _coalesce,
    "round": _round,
    "known": _known,
    "any": _any,
    "if": _if,
    "days": _days,
    "year": _of_date(0, 4),
    "month": _of_date(5, 7),
}
