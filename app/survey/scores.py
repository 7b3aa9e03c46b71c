"""Scores: how a mean, a sum or a count of several answers is computed, as a tree of the conditions' language.

A score is right or unknown: it is computed over the answers that are known, and only where there are enough of
them. Nothing that was not asked counts as none: a count, and what is made of values that are always known, such as
`missing(a)`, is unknown where nothing of it was asked. Reversal, prorating and rescaling are the usual ones of summated rating scales: a reversed answer is
`least + most - x` on its own scale; a prorated sum is the mean of the known answers times the number of parts;
rescaling is the linear map that takes the least possible score to the first end and the most to the second.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.survey.conditions.sharing import Tree
from app.survey.conditions.types import kind_of
from app.survey.items.base import Answer
from app.survey.model import Computed, Option, Score

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ScorePart:
    """A number, or something true or false (1 or 0), of which a score is made."""

    name: str
    tree: Tree
    names: frozenset[str]  # whose answers it depends on
    range: Range | None  # the least and the most that it can be, where that is known
    is_truth: bool = False
    is_computed: bool = False
    asked: frozenset[str] = frozenset()  # of `names`, those that are asked
    not_applicable: float | None = None  # with which it counts where it is not applicable

    @classmethod
    def of(cls, answer: Answer, given: Collection[str] = ()) -> ScorePart | None:
        """None of what is neither a number nor true or false. `given` are the names that nobody is asked."""
        kind = kind_of(answer)
        common: dict[str, Any] = {
            "is_computed": answer.is_computed, "asked": answer.names.difference(given)
        }  # fmt: skip
        if kind == "truth":
            return cls(answer.name, ["if", answer.got, 1, 0], answer.names, (0, 1), True, **common)
        if kind != "number":
            return None
        ends = (min(answer.codes), max(answer.codes)) if answer.codes else answer.range
        return cls(answer.name, answer.got, answer.names, ends, **common)  # type: ignore[arg-type]

    def counting_not_applicable(self, value: float) -> ScorePart:
        """The part with this value where it does not apply: what does not exist is no obstacle, for example."""
        tree = ["if", ["reason", self.name, "not_applicable"], value, self.tree]
        return replace(self, tree=tree, not_applicable=value)


def score(
    name: str,
    label: str,
    how: str,
    parts: Sequence[ScorePart],
    reverse: Sequence[str] = (),
    at_least: int | None = None,
    to: Sequence[float] | None = None,
    bands: Sequence[tuple[Option, float | None]] = (),
) -> Iterator[Computed]:
    """The score, and with `bands` a second value `<name>_band` that is one of them.

    `how` is mean, sum, sum_prorated or count: how many parts are true or, of parts that are numbers, answered.
    `reverse` names parts that have a range. `at_least` is how many parts must be known; without it a sum needs all
    of them, a count of answers none (but one must have been asked), anything else one. `to` needs a range of every part (but a count does not).
    Two or more bands follow one another from low to high, each with what its scores are below; the last has None.
    """
    least = _least(how, parts) if at_least is None else at_least
    turned = [_reversed(part) if part.name in reverse else part for part in parts]
    can_be = _range(how, parts, least)
    tree = _guarded(_value(how, turned), turned, least, how)
    unscaled = can_be if to is not None and can_be is not None and can_be[0] < can_be[1] else None
    if to is not None and unscaled is not None:
        tree, can_be = _rescaled(tree, unscaled, (to[0], to[1])), (min(to), max(to))
    names = frozenset().union(*(part.names for part in parts))
    ends = (to[0], to[1]) if to is not None else None
    mirrors = tuple(sum(part.range or ()) for name in reverse for part in parts if part.name == name)
    counted = tuple((part.name, part.not_applicable) for part in parts if part.not_applicable is not None)
    names_of = tuple(part.name for part in parts)
    made = Score(how, names_of, tuple(reverse), least, can_be, ends, unscaled, mirrors, counted)
    yield Computed(name, "number", label, tree, names, score=made)
    if bands:
        options = tuple(option for option, _ in bands)
        below = tuple(cut for _, cut in bands)
        yield Computed(f"{name}_band", "choice", label, _band(tree, bands), names, options, below=below)


def _least(how: str, parts: Sequence[ScorePart]) -> int:
    if how == "sum":
        return len(parts)
    return 0 if how == "count" and not any(part.is_truth for part in parts) else 1


def _reversed(part: ScorePart) -> ScorePart:
    assert part.range is not None, f"{part.name} has no range"
    tree = ["-", part.range[0] + part.range[1], part.tree]
    return replace(part, tree=tree)


def _value(how: str, parts: Sequence[ScorePart]) -> Tree:
    trees = [part.tree for part in parts]
    match how:
        case "mean" | "sum":
            return [how, *trees]
        case "sum_prorated":
            return ["*", ["mean", *trees], len(parts)]
        case _:
            return ["sum", *(part.tree if part.is_truth else ["known", part.tree] for part in parts)]


def _guarded(value: Tree, parts: Sequence[ScorePart], least: int, how: str) -> Tree:
    """Unknown where fewer parts are known, or none was asked; a mean or a sum of plain answers is so already."""
    tests: list[Tree] = []
    asked = sorted(frozenset().union(*(part.asked for part in parts)))
    if asked and (how == "count" or any(part.is_computed for part in parts)):
        tests.append(["or", *(["asked", name] for name in asked)])
    if least > 1 or (least == 1 and how == "count"):
        tests.append([">=", ["known", *(part.tree for part in parts)], least])
    if not tests:
        return value
    return ["if", tests[0] if len(tests) == 1 else ["and", *tests], value, None]


def _range(how: str, parts: Sequence[ScorePart], least: int) -> Range | None:
    """What the score can be: the most extreme answers, given by as few or as many as are enough."""
    if how == "count":
        return (0, len(parts))
    ranges = [part.range for part in parts if part.range is not None]
    if len(ranges) < len(parts) or not parts:
        return None
    lows, highs = sorted(low for low, _ in ranges), sorted((high for _, high in ranges), reverse=True)
    if how == "sum":
        low = sum(lows[:least]) + sum(end for end in lows[least:] if end < 0)
        return (low, sum(highs[:least]) + sum(end for end in highs[least:] if end > 0))
    times = len(parts) if how == "sum_prorated" else 1
    few = max(least, 1)
    return (sum(lows[:few]) / few * times, sum(highs[:few]) / few * times)


def _rescaled(tree: Tree, old: Range, new: Range) -> Tree:
    # Multiplied before it is divided: the ends then come out as they are written.
    span = ["/", ["*", ["-", tree, old[0]], new[1] - new[0]], old[1] - old[0]]
    return ["+", span, new[0]]


def _band(tree: Tree, bands: Sequence[tuple[Option, float | None]]) -> Tree:
    (first, below), *rest = bands
    if not rest:
        return first.code
    return ["if", ["<", tree, below], first.code, _band(tree, rest)]
