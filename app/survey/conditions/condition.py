"""A condition and an expression, as they are once parsed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.survey.codes import Code
from app.survey.conditions.evaluator import Answers, compile_tree
from app.survey.conditions.sharing import Tree, shared


@dataclass(frozen=True)
class Condition:
    source: str
    tree: Tree = field(hash=False)
    names: frozenset[str]  # whose answers it depends on

    @cached_property
    def _compiled(self) -> Callable[[Answers], Any]:
        return compile_tree(self.tree)

    @cached_property
    def shared(self) -> Tree:
        """The tree as a page holds it."""
        return shared(self.tree)

    def holds(self, answers: Answers) -> bool | None:
        """True, False, or None where what is needed has no answer."""
        return self._compiled(answers)


@dataclass(frozen=True, slots=True)
class Expression:
    """What a computed value is computed from; a condition is an expression of kind truth."""

    tree: Tree
    kind: str  # number | truth | code | date | text
    codes: tuple[Code, ...]  # of kind code: all that it can be
    names: frozenset[str]  # whose answers it depends on
    precision: str  # of a date: day | month | year
