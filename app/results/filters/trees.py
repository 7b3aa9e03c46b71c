"""What a condition's tree shows before any answer is known."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from app.survey.conditions.sharing import Tree

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC = ("+", "-", "*", "/")
STATISTICS = ("min", "max", "mean", "sum")
#: Operations that do not read answers themselves.
ON_CONSTANTS = (
    *STATISTICS, "and", "or", "not", "in", "list", "neg", "abs", "round", "coalesce", "known", "any", "if", "days", "year",
    "month",
)  # fmt: skip
CONSTANT = frozenset((*COMPARE, *ARITHMETIC, *ON_CONSTANTS))
#: Operations that give true or false, besides comparisons.
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


class Trees:
    """Properties of trees, each determined once: equal or shared parts have one key."""

    def __init__(self) -> None:
        self.keys: dict[tuple[Any, ...], int] = {}
        self.key_of: dict[int, int] = {}  # by the identity of a list, which lives as long as the tree does
        self.constant: dict[int, bool] = {}
        self.true_or_false: dict[int, bool] = {}

    def key(self, tree: Tree) -> int:
        if not isinstance(tree, list):
            return self.keys.setdefault((type(tree), tree), len(self.keys))
        if id(tree) not in self.key_of:
            parts = tuple(map(self.key, tree))
            self.key_of[id(tree)] = self.keys.setdefault((list, *parts), len(self.keys))
        return self.key_of[id(tree)]

    def is_constant(self, tree: Tree) -> bool:
        """Whether it depends on no answer: Polars would treat what is computed from literals alone as a single row."""
        if not isinstance(tree, list):
            return True
        key = self.key(tree)
        if key not in self.constant:
            self.constant[key] = tree[0] in CONSTANT and all(map(self.is_constant, tree[1:]))
        return self.constant[key]

    def is_truth(self, tree: Tree) -> bool:
        """Whether its value is true or false rather than a number or a text."""
        if not isinstance(tree, list):
            return isinstance(tree, bool)
        key = self.key(tree)
        if key not in self.true_or_false:
            branches = tree[2:] if tree[0] == "if" else []
            self.true_or_false[key] = tree[0] in (*COMPARE, *TRUTHS) or any(map(self.is_truth, branches))
        return self.true_or_false[key]
