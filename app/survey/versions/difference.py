"""What one change between two versions of a survey is, and how much it matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.survey.conditions.language import Condition
from app.survey.model import Shuffle
from app.survey.texts import Text

#: How much a difference matters, from the least.
KINDS = {
    "safe": "both versions' data can be merged unchanged",
    "review": "the data can be merged, but check whether the change affected the answers",
    "breaks": "the two versions' answers are not the same measurement and should not be merged",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One change. `where` is an item, a statement, an option (`item: code`), a section, an arm, a score, or
    "the survey". `apart` tells that its older answers are kept in a column of their own."""

    kind: str
    where: str
    what: str
    meaning: str
    apart: bool = False


def quoted(text: Text | None) -> str:
    return f'"{text.plain if text else ""}"'


def tree_of(condition: Condition | None) -> Any:
    return None if condition is None else condition.tree


def moving(shuffle: Shuffle | None) -> frozenset[Any]:
    """What changes places; the order in which it is listed says nothing."""
    return frozenset(shuffle.moving) if shuffle else frozenset()


def in_common(names: Mapping[Any, Any] | Iterable[Any], others: Mapping[Any, Any]) -> list[Any]:
    """The names that are in both, in the first one's order."""
    return [name for name in names if name in others]


def order_differs(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> bool:
    return in_common(old, new) != in_common(new, old)
