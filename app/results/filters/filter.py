"""Conditions over a frame: the Polars back end of the condition language.

It agrees with `Condition.holds` on every row: unknown is null, and null is false at the top. Choices are
compared by their physical codes, so that a filter reads one byte a row. Each operation becomes a column of its own
(`app.results.filters.steps`); what is written twice is computed once.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import cached_property, partial, reduce
from typing import Any

import numpy as np
import polars as pl

from app.results.filters import decimals
from app.results.filters.steps import ZERO, Pause, Program, Steps, no_pause
from app.results.filters.trees import COMPARE, Trees
from app.results.frame.layout import Coded, Layout
from app.survey.conditions.evaluator import compile_part
from app.survey.conditions.language import Condition
from app.survey.conditions.sharing import Tree
from app.survey.conditions.types import MIRRORED
from app.survey.exact import nearest_decimal
from app.survey.model import Code
from app.survey.scope import TODAY

UNKNOWN = pl.lit(None)
BEGAN = pl.col("~began")  # the day on which a response was begun, which is its `today`


def numbers(name: str, layout: Layout) -> pl.Expr | None:
    """The values of a number, or of whole-number codes; null where there is none. None for what is no number."""
    value, kind = _Translation(layout).get(name)
    return value.cast(pl.Float64) if kind == "number" and name in layout.by_key else None


class Selection:
    """The rows for which a condition holds. `pause` is called between steps, and may raise."""

    def __init__(self, condition: Condition, layout: Layout, pause: Pause = no_pause):
        self.program = truth(condition.tree, layout, pause)

    def mask(self, table: pl.DataFrame) -> np.ndarray:
        return self.program.run(table).fill_null(False).to_numpy()


def truth(tree: Tree, layout: Layout, pause: Pause = no_pause) -> Program:
    """True, false, or null where it is unknown."""
    translation = _Translation(layout)
    translation.steps.add(translation.truth(tree))
    return Program(translation.steps, pause)


def value(tree: Tree, layout: Layout, pause: Pause = no_pause) -> Program:
    """A number or a text as `compile_part` gives it; null where it is unknown."""
    translation = _Translation(layout)
    translation.steps.add(translation.value(tree)[0])
    return Program(translation.steps, pause)


class _Translation:
    """`steps` grow with what is asked for; the expressions given are made of their columns."""

    def __init__(self, layout: Layout):
        self.layout = layout
        self.steps = Steps()
        self.trees = Trees()
        self.truths: dict[int, pl.Expr] = {}
        self.values: dict[int, tuple[pl.Expr, str]] = {}
        self.wholes: dict[int, bool] = {}

    @cached_property
    def options(self) -> dict[str, dict[Code, Coded]]:
        """For each multiple_choice and ranking, the newest column of each option."""
        found: dict[str, dict[Code, Coded]] = {}
        for variable in self.layout.variables:
            if variable.kind in ("flag", "rank") and variable.option is not None:
                column = self.layout.coded[self.layout.place[variable.name]]
                found.setdefault(variable.item, {}).setdefault(variable.option, column)
        return found

    @cached_property
    def following(self) -> frozenset[str]:
        """Flags that are missing whenever another is, so that the other says it all."""
        return frozenset(name for name, _ in self.layout.led)

    def columns(self, name: str) -> list[Coded]:
        """The coded columns of which one or more are known if there is an answer, and have the reason if not."""
        if name in self.options:
            return [column for column in self.options[name].values() if column.name not in self.following]
        variable = self.layout.by_key.get(name)
        if variable is None:
            return []
        place = self.layout.place.get(variable.name, self.layout.place.get(f"{variable.name}~"))
        return [] if place is None else [self.layout.coded[place]]

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
        return getattr(self, f"{word}_")(*arguments)

    def not_(self, tree: Tree) -> pl.Expr:
        return ~self.truth(tree)

    def if_(self, test: Tree, then: Tree, otherwise: Tree) -> pl.Expr:
        holds = self.truth(test)
        return pl.when(holds).then(self.truth(then)).when(~holds).then(self.truth(otherwise))

    def any_(self, *tests: Tree) -> pl.Expr:
        found = [self.truth(test) for test in tests]
        known = pl.any_horizontal(test.is_not_null() for test in found)
        return pl.when(known).then(pl.any_horizontal(test.fill_null(False) for test in found))

    def asked_(self, name: str) -> pl.Expr:
        """Neither not shown nor not reached."""
        if name == TODAY.name and name not in self.layout.by_key:
            return BEGAN.is_not_null()
        tests = [
            (pl.col(column.name) != column.missing("not_shown"))
            & (pl.col(column.name) != column.missing("not_reached"))
            for column in self.columns(name)
        ]
        return reduce(operator.or_, tests, pl.lit(False))

    def sent_(self, name: str) -> pl.Expr:
        """Whether a list of options is known: it has an answer, or was sent with nothing chosen."""
        return self.answered_(name) | self.reason_(name, "skipped")

    def answered_(self, name: str) -> pl.Expr:
        if name == TODAY.name and name not in self.layout.by_key:
            return BEGAN.is_not_null()
        return reduce(operator.or_, map(_known, self.columns(name)), pl.lit(False))

    def missing_(self, name: str) -> pl.Expr:
        return ~self.answered_(name)

    def declined_(self, name: str) -> pl.Expr:
        return self.reason_(name, "declined")

    def reason_(self, name: str, reason: str) -> pl.Expr:
        tests = [pl.col(column.name) == column.missing(reason) for column in self.columns(name)]
        return reduce(operator.or_, tests, pl.lit(False))

    def has_(self, name: str, code: Code) -> pl.Expr:
        return self.any_of_(name, ["list", code])

    def any_of_(self, name: str, codes: list[Code]) -> pl.Expr:
        return self.chosen(name, codes[1:], operator.or_, False)

    def all_of_(self, name: str, codes: list[Code]) -> pl.Expr:
        return self.chosen(name, codes[1:], operator.and_, True)

    def chosen(
        self, name: str, codes: Sequence[Code], join: Callable[[Any, Any], Any], none: bool
    ) -> pl.Expr:
        options = self.options.get(name, {})
        tests = [_stands(options[code]) if code in options else pl.lit(False) for code in codes]
        return pl.when(self.sent_(name)).then(reduce(join, tests, pl.lit(none)))

    def in_(self, tree: Tree, codes: list[Code]) -> pl.Expr:
        column = self.choice(tree)
        if column:
            return _among(column, lambda code: any(_same(code, value) for value in codes[1:]))
        value, kind = self.compared(tree)
        tests = [
            value == pl.lit(_literal(code)) for code in codes[1:] if isinstance(code, str) == (kind == "text")
        ]
        return reduce(operator.or_, tests, pl.when(value.is_not_null()).then(False))

    def compare(self, word: str, left: Tree, right: Tree) -> pl.Expr:
        """A choice against a literal is decided once for each of its codes, anything else row by row."""
        if self.trees.is_constant(left):
            left, right, word = right, left, MIRRORED[word]
        column = self.choice(left)
        if column and right is not None and not isinstance(right, list):
            return _decided(column, COMPARE[word], word, right)
        (a, a_kind), (b, b_kind) = self.compared(left), self.compared(right)
        if a_kind == b_kind != "nothing":
            return COMPARE[word](a, b)
        if word in ("==", "!="):
            return pl.when(a.is_not_null() & b.is_not_null()).then(word == "!=")
        return UNKNOWN.cast(pl.Boolean)

    def choice(self, tree: Tree) -> Coded | None:
        """The column of `["get", name]` when the name is a choice."""
        if not isinstance(tree, list) or tree[0] != "get":
            return None
        variable = self.layout.by_key.get(tree[1])
        return self.columns(tree[1])[0] if variable is not None and variable.kind == "choice" else None

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
            found, kind = self.get(arguments[0])
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
            variable = self.layout.by_key.get(arguments[0])
            return variable is None or variable.kind != "number" or variable.decimals == 0
        if word == "round":
            return arguments[1] == 0 or self.is_whole(arguments[0])
        if word in ("/", "mean"):
            return False
        if word in ("+", "-", "*", "neg", "abs", "min", "max", "sum", "coalesce", "if"):
            return all(map(self.is_whole, arguments[word == "if" :]))
        return True

    def alike(self, trees: Sequence[Tree]) -> tuple[list[pl.Expr], str]:
        """Values of one kind: what is unknown from the start takes that of the others."""
        values = [self.value(tree) for tree in trees]
        kind = next((kind for _, kind in values if kind != "nothing"), "number")
        unknown = UNKNOWN.cast(pl.String if kind == "text" else pl.Float64)
        return [unknown if its == "nothing" else value for value, its in values], kind

    def get(self, name: str) -> tuple[pl.Expr, str]:
        variable = self.layout.by_key.get(name)
        if variable is None:
            return (BEGAN.dt.to_string("%Y-%m-%d"), "text") if name == TODAY.name else (UNKNOWN, "nothing")
        if variable.kind != "choice":
            return pl.col(variable.name), "number" if variable.kind == "number" else "text"
        codes = [code for code, _ in variable.codes]
        numeric = all(isinstance(code, int) for code in codes)
        values = pl.Series([float(code) if numeric else str(code) for code in codes])
        # Physical codes beyond the list are reasons: out of bounds gives null.
        value = pl.lit(values).gather(pl.col(variable.name).cast(pl.UInt32), null_on_oob=True)
        return value, "number" if numeric else "text"

    def number(self, word: str, arguments: list[Tree]) -> pl.Expr:
        if word == "count":
            return self.count(arguments[0])
        if word == "rank":
            return self.rank(*arguments)
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
        """What an operation gives, as `settled` has it; null where it is too large to be a number."""
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

    def count(self, name: str) -> pl.Expr:
        chosen = [_stands(column) for column in self.options.get(name, {}).values()]
        if not chosen:
            return UNKNOWN.cast(pl.Float64)
        return pl.when(self.sent_(name)).then(pl.sum_horizontal(chosen).cast(pl.Float64))

    def rank(self, name: str, code: Code) -> pl.Expr:
        column = self.options.get(name, {}).get(code)
        if column is None:
            return UNKNOWN.cast(pl.Float64)
        places = [place if place else None for place in column.codes]
        ranks = pl.Series(places, dtype=pl.Float64)
        return pl.lit(ranks).gather(pl.col(column.name).cast(pl.UInt32), null_on_oob=True)


def _truth_of(value: bool | None) -> pl.Expr:
    return pl.lit(value, dtype=pl.Boolean)


def _value_of(value: Any) -> tuple[pl.Expr, str]:
    if value is None:
        return UNKNOWN, "nothing"
    return (pl.lit(value), "text") if isinstance(value, str) else (pl.lit(value, dtype=pl.Float64), "number")


def _known(column: Coded) -> pl.Expr:
    return pl.col(column.name) < len(column.codes)


def _stands(column: Coded) -> pl.Expr:
    """Whether an option is chosen, or has a rank: its code is there, and not 0. Unknown where it was not offered."""
    known = _known(column)
    chosen = known & (pl.col(column.name) != column.codes.index(0)) if 0 in column.codes else known
    return pl.when(pl.col(column.name) != column.missing("not_shown")).then(chosen)


def _same(a: Code, b: Code) -> bool:
    return isinstance(a, str) == isinstance(b, str) and a == b


def _literal(value: Code | float) -> Any:
    return value if isinstance(value, str) else nearest_decimal(float(value))


def _decided(column: Coded, test: Callable[[Any, Any], bool], word: str, literal: Any) -> pl.Expr:
    if word in ("==", "!="):
        return _among(column, lambda code: _same(code, literal) is (word == "=="))
    if isinstance(literal, str) or any(isinstance(code, str) for code in column.codes):
        return UNKNOWN.cast(pl.Boolean)
    return _among(column, lambda code: test(code, literal))


def _among(column: Coded, wanted: Callable[[Code], bool]) -> pl.Expr:
    """Whether the code is one of those wanted; unknown where it is missing."""
    places = [place for place, code in enumerate(column.codes) if wanted(code)]
    is_one = reduce(operator.or_, (pl.col(column.name) == place for place in places), pl.lit(False))
    return pl.when(_known(column)).then(is_one)


def _divided(number: pl.Expr, by: pl.Expr) -> pl.Expr:
    # By as many numbers as there are rows: by one Polars multiplies with its reciprocal, and the last digit differs.
    return number / (by + ZERO)


def _of_dates(word: str, dates: list[pl.Expr]) -> pl.Expr:
    dates = [date.cast(pl.String) for date in dates]
    if word == "days":
        first, last = (date.str.to_date("%Y-%m-%d", strict=False) for date in dates)
        return (last - first).dt.total_days().cast(pl.Float64)
    digits = dates[0].str.slice(0, 4) if word == "year" else dates[0].str.slice(5, 2)
    return digits.cast(pl.Float64, strict=False)
