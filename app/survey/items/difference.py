"""What one change between two versions of a survey is, and how much it matters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.survey.conditions.condition import Condition
from app.survey.items.answer import Shuffle
from app.survey.texts import Text

#: Characters that nobody sees: zero-width space, word joiner, byte-order mark and soft hyphen.
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))

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


def words_of(text: Text | None) -> str | None:
    """The text by which two are compared: without what makes no difference to a reader."""
    if text is None:
        return None
    return " ".join(unicodedata.normalize("NFC", text.source).translate(INVISIBLE).split())


def reworded(old: Text | None, new: Text | None) -> bool:
    return words_of(old) != words_of(new)


def wording_changes(where: str, old: Text | None, new: Text | None) -> Iterator[Difference]:
    if reworded(old, new):
        yield Difference("breaks", where, f"the wording was {quoted(old)}", "another question was asked", apart=True)


def unit_changes(where: str, old: Text | None, new: Text | None) -> Iterator[Difference]:
    if reworded(old, new):
        what = f"the unit was {quoted(old)}"
        yield Difference("breaks", where, what, "the same number means something else", apart=True)


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
