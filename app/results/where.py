"""Conditions over a frame: the Polars back end of the condition language.

It agrees with `Condition.holds` on every row: unknown is null, and null is false at the top. Choices are
compared by their physical codes, so that a filter reads one byte a row.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import cached_property, reduce
from typing import Any

import polars as pl

from app.instrument.condition import Condition
from app.instrument.evaluation import compile_tree
from app.instrument.model import Code
from app.instrument.subjects import TODAY
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
STATISTICS = ("min", "max", "mean", "sum")
#: Operations that look at no answer themselves.
ON_CONSTANTS = (
    *STATISTICS, "and", "or", "not", "in", "list", "neg", "abs", "round", "coalesce", "known", "any", "if", "days", "year",
    "month",
)  # fmt: skip
#: Operations that give true or false, beside the comparisons.
TRUTHS = (
    "and",
    "or",
    "not",
    "in",
    "any",
    "asked",
    "answered",
    "missing",
    "declined",
    "reason",
    "has",
    "any_of",
    "all_of",
)
UNKNOWN = pl.lit(None)
BEGAN = pl.col("~began")  # the day on which a response was begun, which is its `today`


def expression(condition: Condition, layout: Layout) -> pl.Expr:
    """True for the rows for which the condition holds, false for all others; never null."""
    return truth(condition.tree, layout).fill_null(False)


def numbers(name: str, layout: Layout) -> pl.Expr | None:
    """The values of a number, or of whole-number codes; null where there is none. None for what is no number."""
    value, kind = _Translation(layout).get(name)
    return value.cast(pl.Float64) if kind == "number" and name in layout.by_key else None


def truth(tree: Tree, layout: Layout) -> pl.Expr:
    """True, false, or null where it is unknown."""
    return _Translation(layout).truth(tree)


class _Translation:
    def __init__(self, layout: Layout):
        self.layout = layout

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
        if column and right is not None and not isinstance(right, list):
            return _decided(column, COMPARE[word], word, right)
        (a, a_kind), (b, b_kind) = self.value(left), self.value(right)
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
        if isinstance(tree, str):
            return pl.lit(tree), "text"
        if _is_constant(tree):
            value = compile_tree(tree)({})
            if value is None:
                return UNKNOWN, "nothing"
            return (
                (pl.lit(value), "text")
                if isinstance(value, str)
                else (pl.lit(value, dtype=pl.Float64), "number")
            )
        word, *arguments = tree
        if word == "get":
            return self.get(arguments[0])
        if word == "coalesce":
            parts, kind = self.alike(arguments)
            return pl.coalesce(parts), kind
        if word == "if":
            (then, otherwise), kind = self.alike(arguments[1:])
            holds = self.truth(arguments[0])
            return pl.when(holds).then(then).when(~holds).then(otherwise), kind
        return self.number(word, arguments), "number"

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
            return _rounded(self.value(arguments[0])[0], arguments[1])
        parts = [self.value(argument)[0].cast(pl.Float64) for argument in arguments]
        if word in ("neg", "abs"):
            return -parts[0] if word == "neg" else parts[0].abs()
        if word in ARITHMETIC:
            return _finite(ARITHMETIC[word](*parts))
        return _finite(_statistic(word, parts))

    def is_known(self, tree: Tree) -> pl.Expr:
        return (self.truth(tree) if _is_truth(tree) else self.value(tree)[0]).is_not_null()

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


def _is_constant(tree: Tree) -> bool:
    """Whether no answer matters to it: Polars takes what is worked out from literals alone for a row."""
    if not isinstance(tree, list):
        return True
    return tree[0] in (*COMPARE, *ARITHMETIC, *ON_CONSTANTS) and all(map(_is_constant, tree[1:]))


def _is_truth(tree: Tree) -> bool:
    """Whether its value is true or false rather than a number or a text."""
    if not isinstance(tree, list):
        return isinstance(tree, bool)
    return tree[0] in (*COMPARE, *TRUTHS) or (tree[0] == "if" and any(map(_is_truth, tree[2:])))


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


def _rounded(value: pl.Expr, digits: int) -> pl.Expr:
    """To the nearest; halves away from zero."""
    power = 10.0**digits
    size = value.abs() * power
    whole = size.floor()
    nearest = whole + (size - whole >= 0.5).cast(pl.Float64)
    return _finite(_divided(nearest * value.sign(), pl.lit(power)))


def _of_dates(word: str, dates: list[pl.Expr]) -> pl.Expr:
    dates = [date.cast(pl.String) for date in dates]
    if word == "days":
        first, last = (date.str.to_date("%Y-%m-%d", strict=False) for date in dates)
        return (last - first).dt.total_days().cast(pl.Float64)
    digits = dates[0].str.slice(0, 4) if word == "year" else dates[0].str.slice(5, 2)
    return digits.cast(pl.Float64, strict=False)


def _statistic(word: str, parts: list[pl.Expr]) -> pl.Expr:
    """Over the arguments that are known; unknown when none is."""
    if word in ("min", "max"):
        return (pl.min_horizontal if word == "min" else pl.max_horizontal)(parts)
    known = pl.sum_horizontal(part.is_not_null() for part in parts)
    # One after the other from the left: the order decides the last digit.
    total = reduce(operator.add, (part.fill_null(0.0) for part in parts))
    return pl.when(known > 0).then(total if word == "sum" else _divided(total, known))
