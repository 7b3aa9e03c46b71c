"""Numbers that meet a check: what chance does not find, such as two shares that add up to 100."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.survey.conditions.evaluator import compile_tree
from app.survey.conditions.sharing import Tree
from app.survey.items.answer import Answer
from app.survey.items.base import Check, Item
from app.survey.items.fields import Fields

COMPARISONS = ("==", "<", ">", "<=", ">=")


def solved(checks: Sequence[Check], items: Sequence[Item], known: Mapping[str, Any], language: str) -> Fields:
    """The fields of one number of these items with which the first check that fails is met; none where that takes more than
    one number, or something else."""
    single = [item for item in items if item.adds_up_to is None and not item.sent_as_stored]
    numbers = [(item, answer) for item in single for answer in item.answers() if answer.kind == "number"]
    for check in checks:
        if check.that.holds(known) is not False:
            continue
        for item, answer in numbers:
            for value in _roots(check.that.tree, answer, known):
                if answer.name in check.that.names and check.that.holds({**known, answer.name: value}) is True:
                    return item.to_form(answer.name, value, language)
    return {}


def _roots(tree: Tree, answer: Answer, known: Mapping[str, Any]) -> Iterator[float]:
    """Values of a number where the sides of a comparison are equal, if they depend on it linearly; and beyond, towards the
    ends of its range."""
    if not isinstance(tree, list):
        return
    if tree[0] in ("and", "or", "not", "if"):
        for part in tree[1:]:
            yield from _roots(part, answer, known)
    if tree[0] not in COMPARISONS:
        return
    difference = compile_tree(["-", tree[1], tree[2]])
    low, high = (difference({**known, answer.name: end}) for end in (answer.least, answer.most))
    if not isinstance(low, int | float) or not isinstance(high, int | float) or low == high:
        return
    root = answer.least + (answer.most - answer.least) * -low / (high - low)
    for value in (root, (root + answer.least) / 2, (root + answer.most) / 2, answer.least, answer.most):
        if answer.least <= value <= answer.most:
            yield _on_step(answer, value)


def _on_step(answer: Answer, value: float) -> float:
    """The nearest value that the item accepts."""
    step = Decimal(str(answer.step)) if answer.step else Decimal(1).scaleb(-answer.decimals)
    least = Decimal(str(answer.least))
    nearest = least + round((Decimal(str(value)) - least) / step) * step
    return float(nearest) if answer.decimals else int(nearest)
