"""Conditions over a frame: the Polars back end of the condition language.

It agrees with `Condition.holds` on every row: unknown is null, and null is false at the top. Choices are
compared by their physical codes, so that a filter reads one byte a row.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import polars as pl

from app.instrument.condition import Condition
from app.instrument.evaluation import compile_tree
from app.instrument.model import Code
from app.results.layout import Coded, Layout

Tree = Any
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _divided(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    # By a column, never by one number: Polars then multiplies by its reciprocal, and the last digit differs.
    return a / (b + (a - a))


ARITHMETIC: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
}
ON_CONSTANTS = ("and", "or", "not", "in", "list", "neg", "abs", "min", "max", "mean", "sum", "coalesce")
UNKNOWN = pl.lit(None)


def expression(condition: Condition, layout: Layout) -> pl.Expr:
    """True for the rows for which the condition holds, false for all others; never null."""
    return truth(condition.tree, layout).fill_null(False)


def truth(tree: Tree, layout: Layout) -> pl.Expr:
    """True, false, or null where it is unknown."""
    return _Translation(layout).truth(tree)


class _Translation:
    def __init__(self, layout: Layout):
        self.layout = layout

    def column(self, name: str) -> Coded | None:
        """The coded column that says whether an answer is there; of a multiple_choice, its first flag."""
        if name in self.layout.flags:
            name = next(iter(self.layout.flags[name].values()))
        elif name in self.layout.by_key:
            variable = self.layout.by_key[name]
            name = variable.name if variable.kind == "choice" else f"{variable.name}~"
        return self.layout.coded[self.layout.place[name]] if name in self.layout.place else None

    # true, false, unknown

    def truth(self, tree: Tree) -> pl.Expr:
        if _is_constant(tree):
            return pl.lit(compile_tree(tree)({}), dtype=pl.Boolean)
        word, *arguments = tree
        if word in COMPARE:
            return self.compare(word, *arguments)
        if word in ("and", "or"):
            parts = [self.truth(argument) for argument in arguments]
            return reduce(operator.and_ if word == "and" else operator.or_, parts)
        return getattr(self, f"{word}_")(*arguments)

    def not_(self, tree: Tree) -> pl.Expr:
        return ~self.truth(tree)

    def answered_(self, name: str) -> pl.Expr:
        column = self.column(name)
        return _known(column) if column else pl.lit(False)

    def missing_(self, name: str) -> pl.Expr:
        return ~self.answered_(name)

    def declined_(self, name: str) -> pl.Expr:
        column = self.column(name)
        return pl.col(column.name) == column.missing("declined") if column else pl.lit(False)

    def has_(self, name: str, code: Code) -> pl.Expr:
        return self.any_of_(name, ["list", code])

    def any_of_(self, name: str, codes: list[Code]) -> pl.Expr:
        return self.chosen(name, codes[1:], operator.or_, False)

    def all_of_(self, name: str, codes: list[Code]) -> pl.Expr:
        return self.chosen(name, codes[1:], operator.and_, True)

    def chosen(
        self, name: str, codes: Sequence[Code], join: Callable[[Any, Any], Any], none: bool
    ) -> pl.Expr:
        column, flags = self.column(name), self.layout.flags.get(name, {})
        if column is None:
            return UNKNOWN.cast(pl.Boolean)
        tests = [pl.col(flags[code]) == 1 if code in flags else pl.lit(False) for code in codes]
        return pl.when(self.answered_(name)).then(reduce(join, tests, pl.lit(none)))

    def in_(self, tree: Tree, codes: list[Code]) -> pl.Expr:
        column = self.choice(tree)
        if column:
            return _among(column, lambda code: any(_same(code, value) for value in codes[1:]))
        value, kind = self.value(tree)
        tests = [
            value == pl.lit(_literal(code)) for code in codes[1:] if isinstance(code, str) == (kind == "text")
        ]
        return reduce(operator.or_, tests, pl.when(value.is_not_null()).then(False))

    def compare(self, word: str, left: Tree, right: Tree) -> pl.Expr:
        """A choice against a literal is decided once for each of its codes, anything else row by row."""
        if _is_constant(left):  # on the right: Polars may take it for the length of the whole
            left, right, word = right, left, MIRRORED[word]
        column = self.choice(left)
        if column and not isinstance(right, list):
            return _decided(column, COMPARE[word], word, right)
        (a, a_kind), (b, b_kind) = self.value(left), self.value(right)
        if a_kind == b_kind and (a_kind == "number" or word in ("==", "!=")):
            return COMPARE[word](a, b)
        if word in ("==", "!="):
            return pl.when(a.is_not_null() & b.is_not_null()).then(word == "!=")
        return UNKNOWN.cast(pl.Boolean)

    def choice(self, tree: Tree) -> Coded | None:
        """The column of `["get", name]` when the name is a choice."""
        if not isinstance(tree, list) or tree[0] != "get":
            return None
        variable = self.layout.by_key.get(tree[1])
        return self.column(tree[1]) if variable is not None and variable.kind == "choice" else None

    # numbers and texts

    def value(self, tree: Tree) -> tuple[pl.Expr, str]:
        """A value and whether it is a number or a text."""
        if isinstance(tree, str):
            return pl.lit(tree), "text"
        if _is_constant(tree):
            return pl.lit(compile_tree(tree)({}), dtype=pl.Float64), "number"
        word, *arguments = tree
        if word == "get":
            return self.get(arguments[0])
        if word == "coalesce":
            parts = [self.value(argument) for argument in arguments]
            return pl.coalesce(part for part, _ in parts), parts[0][1]
        return self.number(word, arguments), "number"

    def get(self, name: str) -> tuple[pl.Expr, str]:
        variable = self.layout.by_key.get(name)
        if variable is None:
            return UNKNOWN.cast(pl.Float64), "number"
        if variable.kind != "choice":
            return pl.col(variable.name), variable.kind
        codes = [code for code, _ in variable.codes]
        numeric = all(isinstance(code, int) for code in codes)
        values = pl.Series([float(code) if numeric else str(code) for code in codes])
        # Physical codes beyond the list are reasons: out of bounds gives null.
        value = pl.lit(values).gather(pl.col(variable.name).cast(pl.UInt32), null_on_oob=True)
        return value, "number" if numeric else "text"

    def number(self, word: str, arguments: list[Tree]) -> pl.Expr:
        if word == "count":
            return self.count(arguments)
        parts = [self.value(argument)[0].cast(pl.Float64) for argument in arguments]
        if word in ("neg", "abs"):
            return -parts[0] if word == "neg" else parts[0].abs()
        if word in ARITHMETIC:
            return _finite(ARITHMETIC[word](*parts))
        return _finite(_statistic(word, parts))

    def count(self, names: list[str]) -> pl.Expr:
        if len(names) == 1 and names[0] in self.layout.flags:
            flags = [pl.col(flag) == 1 for flag in self.layout.flags[names[0]].values()]
            return pl.when(self.answered_(names[0])).then(pl.sum_horizontal(flags).cast(pl.Float64))
        return pl.sum_horizontal(self.answered_(name) for name in names).cast(pl.Float64)


def _is_constant(tree: Tree) -> bool:
    """Whether no answer matters to it: Polars takes what is worked out from literals alone for a row."""
    if not isinstance(tree, list):
        return True
    return tree[0] in (*COMPARE, *ARITHMETIC, *ON_CONSTANTS) and all(map(_is_constant, tree[1:]))


def _known(column: Coded) -> pl.Expr:
    return pl.col(column.name) < len(column.codes)


def _same(a: Code, b: Code) -> bool:
    return isinstance(a, str) == isinstance(b, str) and a == b


def _literal(value: Code | float) -> Any:
    return value if isinstance(value, str) else float(value)


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


def _finite(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_finite()).then(value)


def _statistic(word: str, parts: list[pl.Expr]) -> pl.Expr:
    """Over the arguments that are known; unknown when none is."""
    if word in ("min", "max"):
        return (pl.min_horizontal if word == "min" else pl.max_horizontal)(parts)
    known = pl.sum_horizontal(part.is_not_null() for part in parts)
    # One after the other from the left: the order decides the last digit.
    total = reduce(operator.add, (part.fill_null(0.0) for part in parts))
    return pl.when(known > 0).then(total if word == "sum" else _divided(total, known))
