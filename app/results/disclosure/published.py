"""Public figures as they are released, and what is stored with them to judge the next release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.survey.model import Code


@dataclass(frozen=True, slots=True)
class PublicCell:
    code: Code
    label: str
    share: int | None  # a whole percent; None is hidden
    spans: int = 1  # how many points of a scale, or classes, are shown together in it


@dataclass(frozen=True, slots=True)
class PublicPart:
    name: str
    label: str
    kind: str
    base: int  # who answered, rounded down to a multiple of the floor; 0 is fewer than the floor
    cells: tuple[PublicCell, ...] = ()
    mean: float | None = None
    column: str = ""  # the heading of its column, where statements are answered in several
    measure: str = "nominal"
    poles: tuple[str, str] | None = None  # of a bipolar pair
    has_poles: bool = False  # its scale leads from one pole to another
    last: tuple[Code, ...] = ()  # options that stay last where options are sorted
    net: int | None = None  # promoters less detractors, in whole percentage points


@dataclass(frozen=True, slots=True)
class PublicItem:
    """`withheld` says what is not shown of it: all, the ranks after the first ("ranks"), or nothing ("")."""

    id: str
    item: str
    section: str
    ask: str
    parts: tuple[PublicPart, ...]
    withheld: str = ""
    unit: str | None = None
    figure: str = "distribution"
    long_list: bool = False


Group = tuple[str, ...]
Groups = frozenset[frozenset[str]]
"""The groups of two codes and more; every other code is a group by itself."""


@dataclass(frozen=True, slots=True)
class ShownGroups:
    """The counts behind what was released of one part: never shown, stored to judge the next release."""

    base: int
    counts: dict[str, int]  # by code
    bases: dict[str, int]  # by code
    held: tuple[str, ...]  # the codes hidden
    together: tuple[Group, ...] = ()  # codes shown together

    @property
    def groups(self) -> Groups:
        return frozenset(frozenset(group) for group in (self.held, *self.together) if len(group) > 1)


@dataclass(frozen=True, slots=True)
class Release:
    responses: int  # exact, never shown
    shown: int  # rounded down to a multiple of the floor
    items: tuple[PublicItem, ...]
    views: dict[str, tuple[ShownGroups, ...]] = field(default_factory=dict)  # by part; the last is the one shown

    def stored(self) -> dict[str, Any]:
        """As it is stored, in JSON. Only `items` and `shown` are for the public."""
        return msgspec.to_builtins(self)


def release_from(stored: Mapping[str, Any]) -> Release:
    return msgspec.convert(stored, Release)


def rounded(n: int, floor: int) -> int:
    """Down to a multiple of the floor."""
    return n - n % max(floor, 1)
