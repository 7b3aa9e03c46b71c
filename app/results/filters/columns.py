"""Tests and values of single answers, as expressions over the columns of a frame."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import cached_property, reduce
from typing import Any

import polars as pl

from app.results.layout import DISPOSITIONS, Coded, Layout
from app.survey.conditions.exact import nearest_decimal
from app.survey.conditions.sharing import Tree
from app.survey.model import Code
from app.survey.scope import DISPOSITION, TODAY

UNKNOWN = pl.lit(None)
BEGAN = pl.col("~began")  # the day on which a response was begun, which is its `today`
STATE = Coded("~disposition", DISPOSITIONS)


class AnswerColumns:
    """The answers of a layout by name. Methods that end in `_` are operations of conditions."""

    def __init__(self, layout: Layout):
        self.layout = layout

    @cached_property
    def options(self) -> dict[str, dict[Code, Coded]]:
        """For each multiple_choice and ranking, the newest column of each option."""
        found: dict[str, dict[Code, Coded]] = {}
        for variable in self.layout.variables:
            if variable.kind in ("flag", "rank") and variable.option is not None:
                column = self.layout.coded[self.layout.slot[variable.name]]
                found.setdefault(variable.item, {}).setdefault(variable.option, column)
        return found

    @cached_property
    def following(self) -> frozenset[str]:
        """Flags that are missing whenever another is: it is enough to look at that one."""
        return frozenset(name for name, _ in self.layout.led)

    def columns(self, name: str) -> list[Coded]:
        """The coded columns of an answer. At least one has a code if there is an answer; otherwise all have the reason."""
        if name in self.options:
            return [column for column in self.options[name].values() if column.name not in self.following]
        variable = self.layout.by_key.get(name)
        if variable is None:
            return [STATE] if name == DISPOSITION.name else []
        index = self.layout.slot.get(variable.name, self.layout.slot.get(f"{variable.name}~"))
        return [] if index is None else [self.layout.coded[index]]

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

    def _sent(self, name: str) -> pl.Expr:
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
        tests = [_is_chosen(options[code]) if code in options else pl.lit(False) for code in codes]
        return pl.when(self._sent(name)).then(reduce(join, tests, pl.lit(none)))

    def get(self, name: str) -> tuple[pl.Expr, str]:
        variable = self.layout.by_key.get(name)
        if variable is None and name == DISPOSITION.name:
            return pl.lit(pl.Series(STATE.codes)).gather(pl.col(STATE.name).cast(pl.UInt32)), "text"
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

    def choice(self, tree: Tree) -> Coded | None:
        """The column of `["get", name]` when the name is a choice."""
        if not isinstance(tree, list) or tree[0] != "get":
            return None
        variable = self.layout.by_key.get(tree[1])
        if variable is None and tree[1] == DISPOSITION.name:
            return STATE
        return self.columns(tree[1])[0] if variable is not None and variable.kind == "choice" else None

    def count(self, name: str) -> pl.Expr:
        chosen = [_is_chosen(column) for column in self.options.get(name, {}).values()]
        if not chosen:
            return UNKNOWN.cast(pl.Float64)
        return pl.when(self._sent(name)).then(pl.sum_horizontal(chosen).cast(pl.Float64))

    def rank(self, name: str, code: Code) -> pl.Expr:
        column = self.options.get(name, {}).get(code)
        if column is None:
            return UNKNOWN.cast(pl.Float64)
        ranks = pl.Series([rank or None for rank in column.codes], dtype=pl.Float64)
        return pl.lit(ranks).gather(pl.col(column.name).cast(pl.UInt32), null_on_oob=True)


def _known(column: Coded) -> pl.Expr:
    return pl.col(column.name) < len(column.codes)


def _is_chosen(column: Coded) -> pl.Expr:
    """Whether an option is chosen, or has a rank: its code is there, and not 0. Unknown where it was not offered."""
    known = _known(column)
    chosen = known & (pl.col(column.name) != column.codes.index(0)) if 0 in column.codes else known
    return pl.when(pl.col(column.name) != column.missing("not_shown")).then(chosen)


def same(a: Code, b: Code) -> bool:
    return isinstance(a, str) == isinstance(b, str) and a == b


def literal(value: Code | float) -> Any:
    return value if isinstance(value, str) else nearest_decimal(float(value))


def decided(column: Coded, test: Callable[[Any, Any], bool], word: str, literal: Any) -> pl.Expr:
    if word in ("==", "!="):
        return among(column, lambda code: same(code, literal) is (word == "=="))
    if isinstance(literal, str) or any(isinstance(code, str) for code in column.codes):
        return UNKNOWN.cast(pl.Boolean)
    return among(column, lambda code: test(code, literal))


def among(column: Coded, wanted: Callable[[Code], bool]) -> pl.Expr:
    """Whether the code is one of those wanted; unknown where it is missing."""
    indexes = [index for index, code in enumerate(column.codes) if wanted(code)]
    is_one = reduce(operator.or_, (pl.col(column.name) == index for index in indexes), pl.lit(False))
    return pl.when(_known(column)).then(is_one)
