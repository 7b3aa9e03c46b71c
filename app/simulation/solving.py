"""Numbers and dates that meet a check: what chance does not find, such as two shares that add up to 100, or a date
within a week of another."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from app.survey.conditions.evaluator import compile_tree
from app.survey.conditions.sharing import Tree
from app.survey.items.answer import Answer
from app.survey.items.base import Check, Item
from app.survey.items.date import LENGTH
from app.survey.items.fields import Fields

COMPARISONS = ("==", "<", ">", "<=", ">=")
FIRST_DAY = "0001-01-01"
DAYS = {"day": 1, "month": 31, "year": 366}


class NumberLine(NamedTuple):
    """The values of a number or a date, as positions on a line: of a date its number of days."""

    answer: Answer
    least: float
    most: float

    @property
    def unit(self) -> float:
        """How far apart values are."""
        if self.answer.kind == "number":
            return self.answer.step or 10.0**-self.answer.decimals
        return DAYS[self.answer.precision]

    def value(self, position: float) -> Any:
        """The nearest value that the item accepts."""
        if self.answer.kind == "number":
            return on_step(self.answer, position)
        return datetime.date.fromordinal(round(position)).isoformat()[: LENGTH[self.answer.precision]]


def solved(checks: Sequence[Check], items: Sequence[Item], known: Mapping[str, Any], language: str) -> Fields:
    """The fields of one number or date of these items with which the first check that fails is met; none where that
    takes more than one of them, or something else."""
    lines = [(item, line) for item in items for line in _lines(item, known)]
    for check in checks:
        if check.that.holds(known) is not False:
            continue
        for item, line in lines:
            name = line.answer.name
            for value in _roots(check.that.tree, line, known) if name in check.that.names else ():
                if check.that.holds({**known, name: value}) is True:
                    return item.to_form(name, value, language)
    return {}


def _lines(item: Item, known: Mapping[str, Any]) -> Iterator[NumberLine]:
    if item.adds_up_to is not None or item.sent_as_stored:
        return
    for answer in item.answers():
        if answer.kind == "number":
            yield NumberLine(answer, answer.least, answer.most)
        elif answer.kind == "date" and (limits := item.date_limits(known.get("today"), None)):
            least, most = map(position, limits)
            if least is not None and most is not None:
                yield NumberLine(answer, least, most)


def position(value: Any) -> float | None:
    """Where a number or a date (to any precision) is on its line; None for anything else."""
    if isinstance(value, int | float):
        return None if isinstance(value, bool) else value
    try:
        return datetime.date.fromisoformat(f"{value}{FIRST_DAY[len(value):]}").toordinal()
    except (TypeError, ValueError):
        return None


def _roots(tree: Tree, line: NumberLine, known: Mapping[str, Any]) -> Iterator[Any]:
    """Values with which the sides of a comparison are equal, if they depend on them linearly; and beyond, towards the
    ends of what is accepted."""
    if not isinstance(tree, list):
        return
    if tree[0] in ("and", "or", "not", "if"):
        for part in tree[1:]:
            yield from _roots(part, line, known)
    if tree[0] not in COMPARISONS:
        return
    difference = _difference(tree, line, known)
    low, high = difference(line.least), difference(line.most)
    if low is None or high is None or low == high:
        return
    root = line.least + (line.most - line.least) * -low / (high - low)
    near = (root, root + line.unit, root - line.unit)
    for at in (*near, (root + line.least) / 2, (root + line.most) / 2, line.least, line.most):
        if line.least <= at <= line.most:
            yield line.value(at)


def _difference(tree: Tree, line: NumberLine, known: Mapping[str, Any]) -> Callable[[float], float | None]:
    """By how much the sides of a comparison differ with a value at a position; None where that is not known."""
    sides = [compile_tree(side) for side in tree[1:]]

    def at(place: float) -> float | None:
        answers = {**known, line.answer.name: line.value(place)}
        one, other = (position(side(answers)) for side in sides)
        return None if one is None or other is None else one - other

    return at


def on_step(answer: Answer, value: float) -> float:
    """The nearest value that a number's item accepts."""
    step = Decimal(str(answer.step)) if answer.step else Decimal(1).scaleb(-answer.decimals)
    least = Decimal(str(answer.least))
    nearest = least + round((Decimal(str(value)) - least) / step) * step
    return float(nearest) if answer.decimals else int(nearest)
