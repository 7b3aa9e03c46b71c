"""Conditions over a frame: the Polars evaluator of the condition language.

It agrees with `Condition.holds` on every row: unknown is null, and null is false at the top. Choices are
compared by their physical codes, so that a filter reads one byte a row. Each operation becomes a column of its own
(`app.results.filters.steps`); what is written twice is computed once.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import partial, reduce
from typing import Any

import numpy as np
import polars as pl

from app.results.filters import decimals
from app.results.filters.columns import UNKNOWN, AnswerColumns, among, decided, literal, same
from app.results.filters.steps import ZERO, Pause, Program, Steps, no_pause
from app.results.filters.trees import COMPARE, Trees
from app.results.layout import Layout
from app.survey.conditions.evaluator import compile_part
from app.survey.conditions.exact import nearest_decimal
from app.survey.conditions.language import Condition
from app.survey.conditions.sharing import Tree
from app.survey.conditions.types import MIRRORED
from app.survey.model import Code

#: Operations that this module translates; the others are about one answer.
OWN = ("not", "if", "any", "in")


def numbers(name: str, layout: Layout, not_applicable: float | None = None) -> pl.Expr | None:
    """The values of a number, or of whole-number codes; null where there is none. None for what is no number.

    `not_applicable` is the value of those to whom it does not apply, if they have one.
    """
    answers = AnswerColumns(layout)
    found, kind = answers.get(name)
    if kind != "number" or name not in layout.by_key:
        return None
    values = found.cast(pl.Float64)
    if not_applicable is None:
        return values
    return pl.when(answers.reason_(name, "not_applicable")).then(pl.lit(not_applicable, dtype=pl.Float64)).otherwise(values)


class Selection:
    """The rows for which a condition holds."""

    def __init__(self, condition: Condition, layout: Layout):
        self.program = truth(condition.tree, layout)

    def mask(self, table: pl.DataFrame, pause: Pause = no_pause) -> np.ndarray:
        """`pause` is called between steps, and may raise."""
        return self.program.run(table, pause).fill_null(False).to_numpy()


def truth(tree: Tree, layout: Layout) -> Program:
    """True, false, or null where it is unknown."""
    translation = _Translation(layout)
    translation.steps.add(translation.truth(tree))
    return Program(translation.steps)


def value(tree: Tree, layout: Layout) -> Program:
    """A number or a text as `compile_part` gives it; null where it is unknown."""
    translation = _Translation(layout)
    translation.steps.add(translation.value(tree)[0])
    return Program(translation.steps)


class _Translation:
    """Translates trees. Each operation is added to `steps`; the expressions returned refer to their columns."""

    def __init__(self, layout: Layout):
        self.answers = AnswerColumns(layout)
        self.steps = Steps()
        self.trees = Trees()
        self.truths: dict[int, pl.Expr] = {}
        self.values: dict[int, tuple[pl.Expr, str]] = {}
        self.wholes: dict[int, bool] = {}

    # true, false, unknown

    def truth(self, tree: Tree) -> pl.Expr:
        key = self.trees.key(tree)
        if key not in self.truths:
            constant = self.trees.is_constant(tree)
            found = _truth_of(compile_part(tree)({})) if constant else self.steps.add(self.operation(*tree))
            self.truths[key] = found
        return self.truths[key]

    def operation(self, word: str, *arguments: Tree) -> pl.Expr:
        if word in COMPARE:
            return self.compare(word, *arguments)
        if word in ("and", "or"):
            parts = [self.truth(argument) for argument in arguments]
            return pl.all_horizontal(parts) if word == "and" else pl.any_horizontal(parts)
        return getattr(self if word in OWN else self.answers, f"{word}_")(*arguments)

    def not_(self, tree: Tree) -> pl.Expr:
        return ~self.truth(tree)

    def if_(self, test: Tree, then: Tree, otherwise: Tree) -> pl.Expr:
        holds = self.truth(test)
        return pl.when(holds).then(self.truth(then)).when(~holds).then(self.truth(otherwise))

    def any_(self, *tests: Tree) -> pl.Expr:
        found = [self.truth(test) for test in tests]
        known = pl.any_horizontal(test.is_not_null() for test in found)
        return pl.when(known).then(pl.any_horizontal(test.fill_null(False) for test in found))

    def in_(self, tree: Tree, codes: list[Code]) -> pl.Expr:
        column = self.answers.choice(tree)
        if column:
            return among(column, lambda code: any(same(code, value) for value in codes[1:]))
        value, kind = self.compared(tree)
        tests = [
            value == pl.lit(literal(code)) for code in codes[1:] if isinstance(code, str) == (kind == "text")
        ]
        return reduce(operator.or_, tests, pl.when(value.is_not_null()).then(False))

    def compare(self, word: str, left: Tree, right: Tree) -> pl.Expr:
        """A choice is compared with a literal once per code, anything else row by row."""
        if self.trees.is_constant(left):
            left, right, word = right, left, MIRRORED[word]
        column = self.answers.choice(left)
        if column and right is not None and not isinstance(right, list):
            return decided(column, COMPARE[word], word, right)
        (a, a_kind), (b, b_kind) = self.compared(left), self.compared(right)
        if a_kind == b_kind != "nothing":
            return COMPARE[word](a, b)
        if word in ("==", "!="):
            return pl.when(a.is_not_null() & b.is_not_null()).then(word == "!=")
        return UNKNOWN.cast(pl.Boolean)

    # numbers and texts

    def value(self, tree: Tree) -> tuple[pl.Expr, str]:
        """A value and whether it is a number, a text (as a date is), or nothing: unknown on every row."""
        key = self.trees.key(tree)
        if key not in self.values:
            constant = self.trees.is_constant(tree)
            self.values[key] = _value_of(compile_part(tree)({})) if constant else self.computed(*tree)
        return self.values[key]

    def computed(self, word: str, *arguments: Tree) -> tuple[pl.Expr, str]:
        if word == "get":
            found, kind = self.answers.get(arguments[0])
        elif word == "coalesce":
            parts, kind = self.alike(arguments)
            found = pl.coalesce(parts)
        elif word == "if":
            (then, otherwise), kind = self.alike(arguments[1:])
            holds = self.truth(arguments[0])
            found = pl.when(holds).then(then).when(~holds).then(otherwise)
        else:
            found, kind = self.number(word, list(arguments)), "number"
        return (found if kind == "nothing" or found.meta.is_column() else self.steps.add(found)), kind

    def compared(self, tree: Tree) -> tuple[pl.Expr, str]:
        """A value as it is compared: numbers as the nearest decimals, which answers and whole numbers are already."""
        found, kind = self.value(tree)
        if kind != "number" or self.is_whole(tree):
            return found, kind
        if self.trees.is_constant(tree):
            return pl.lit(nearest_decimal(compile_part(tree)({})), dtype=pl.Float64), kind
        return (found if tree[0] == "get" else self.steps.add(found, decimals.nearest)), kind

    def is_whole(self, tree: Tree) -> bool:
        """Whether a number is a whole one on every row: it then needs no rounding."""
        key = self.trees.key(tree)
        if key not in self.wholes:
            self.wholes[key] = self._is_whole(tree)
        return self.wholes[key]

    def _is_whole(self, tree: Tree) -> bool:
        if not isinstance(tree, list):
            return tree is None or (not isinstance(tree, str) and float(tree).is_integer())
        word, *arguments = tree
        if word == "get":
            variable = self.answers.layout.by_key.get(arguments[0])
            return variable is None or variable.kind != "number" or variable.decimals == 0
        if word == "round":
            return arguments[1] == 0 or self.is_whole(arguments[0])
        if word in ("/", "mean"):
            return False
        if word in ("+", "-", "*", "neg", "abs", "min", "max", "sum", "coalesce", "if"):
            return all(map(self.is_whole, arguments[word == "if" :]))
        return True

    def alike(self, trees: Sequence[Tree]) -> tuple[list[pl.Expr], str]:
        """Values of one kind; what is always unknown takes the kind of the others."""
        values = [self.value(tree) for tree in trees]
        kind = next((kind for _, kind in values if kind != "nothing"), "number")
        unknown = UNKNOWN.cast(pl.String if kind == "text" else pl.Float64)
        return [unknown if its == "nothing" else value for value, its in values], kind

    def number(self, word: str, arguments: list[Tree]) -> pl.Expr:
        if word == "count":
            return self.answers.count(arguments[0])
        if word == "rank":
            return self.answers.rank(*arguments)
        if word == "known":
            return pl.sum_horizontal(self.is_known(argument) for argument in arguments).cast(pl.Float64)
        if word in ("year", "month", "days"):
            return _of_dates(word, [self.value(argument)[0] for argument in arguments])
        if word == "round":
            return self.steps.add(self.value(arguments[0])[0], partial(decimals.rounded, digits=arguments[1]))
        parts = [self.value(argument)[0].cast(pl.Float64) for argument in arguments]
        if word in ("neg", "abs"):
            return ZERO - parts[0] if word == "neg" else parts[0].abs()
        if word in ("min", "max"):
            return (pl.min_horizontal if word == "min" else pl.max_horizontal)(parts)
        whole = all(map(self.is_whole, arguments))
        if word in ("sum", "mean"):
            return self.total(word, parts, whole)
        if word == "/":
            nearest = [self.compared(argument)[0] for argument in arguments[1:]]
            return reduce(lambda a, b: self.quotient(a, *b), zip(parts[1:], nearest, strict=True), parts[0])
        if word == "*":
            return reduce(lambda a, b: self.finite(a * b, whole), parts)
        return reduce(lambda a, b: self.added(a, b if word == "+" else -b, whole), parts)

    def finite(self, number: pl.Expr, whole: bool) -> pl.Expr:
        """The result of an operation, as `settled` gives it; null where it is too large."""
        return self.steps.add(number, decimals.finite if whole else decimals.settled)

    def added(self, a: pl.Expr, b: pl.Expr, whole: bool) -> pl.Expr:
        if whole:
            return self.finite(a + b, whole)
        return self.steps.add(decimals.sum_of(a, b), decimals.settled_sum)

    def quotient(self, number: pl.Expr, by: pl.Expr, nearest: pl.Expr) -> pl.Expr:
        return self.finite(pl.when(nearest != 0).then(_divided(number, by)), whole=False)

    def total(self, word: str, parts: list[pl.Expr], whole: bool) -> pl.Expr:
        """The sum or the mean of the arguments that are known; unknown when none is."""
        known = self.steps.add(pl.sum_horizontal(part.is_not_null() for part in parts).cast(pl.Float64))
        if whole:
            total = pl.sum_horizontal(parts)
        else:
            total = parts[0].fill_null(0.0)
            for part in parts[1:]:
                total = self.added(total, part.fill_null(0.0), whole=False)
        if word == "mean":
            total = _divided(total, known)
        return self.finite(pl.when(known > 0).then(total), whole and word == "sum")

    def is_known(self, tree: Tree) -> pl.Expr:
        return (self.truth(tree) if self.trees.is_truth(tree) else self.value(tree)[0]).is_not_null()


def _truth_of(value: bool | None) -> pl.Expr:
    return pl.lit(value, dtype=pl.Boolean)


def _value_of(value: Any) -> tuple[pl.Expr, str]:
    if value is None:
        return UNKNOWN, "nothing"
    return (pl.lit(value), "text") if isinstance(value, str) else (pl.lit(value, dtype=pl.Float64), "number")


def _divided(number: pl.Expr, by: pl.Expr) -> pl.Expr:
    # Polars divides by a single number through its reciprocal, which changes the last digit: one divisor per row.
    return number / (by + ZERO)


def _of_dates(word: str, dates: list[pl.Expr]) -> pl.Expr:
    dates = [date.cast(pl.String) for date in dates]
    if word == "days":
        first, last = (date.str.to_date("%Y-%m-%d", strict=False) for date in dates)
        return (last - first).dt.total_days().cast(pl.Float64)
    digits = dates[0].str.slice(0, 4) if word == "year" else dates[0].str.slice(5, 2)
    return digits.cast(pl.Float64, strict=False)
