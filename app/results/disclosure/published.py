"""Public figures as they are released, and what is stored with them to judge the next release."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

import msgspec

from app.results.items import NOT_RANKED
from app.survey.model import Code

EVERYONE = ""
"""The code of the only group where figures are not split."""


@dataclass(frozen=True, slots=True)
class PublicCell:
    """How many of a base gave one answer. `count` is None where it is hidden; of a constant sum it is the sum of the
    shares that were given to an option."""

    code: Code
    label: str
    count: float | None
    base: int

    @property
    def share(self) -> float | None:
        return None if self.count is None or not self.base else self.count / self.base


@dataclass(frozen=True, slots=True)
class PublicGroup:
    """The counts of one part among one group, or among everyone."""

    code: Code
    label: str
    base: int  # who answered
    counts: tuple[float | None, ...]  # in the order of the part's codes; None is hidden
    bases: tuple[int, ...] = ()  # by code, where some options were offered to some respondents only
    newcomers: int = 0  # of its base, at least so many were in no earlier release


@dataclass(frozen=True, slots=True)
class PublicPart:
    """An item, one statement of several, or one option of a ranking. The figures of everyone are the sum of the groups
    that are shown."""

    name: str
    label: str
    kind: str  # choice | flags | rank | sums | number | date
    codes: tuple[tuple[Code, str], ...] = ()
    groups: tuple[PublicGroup, ...] = ()
    by: str = ""  # the variable that splits respondents into the groups
    column: str = ""  # the heading of its column, where statements are answered in several
    measure: str = "nominal"
    poles: tuple[str, str] | None = None  # of a bipolar pair
    net_of: tuple[int, int] | None = None  # the last code that counts against, the first that counts for
    has_poles: bool = False  # of the points of a scale: they lead from one pole to another
    last: tuple[Code, ...] = ()  # options that stay last where options are sorted

    @property
    def base(self) -> int:
        return sum(group.base for group in self.groups)

    @property
    def cells(self) -> tuple[PublicCell, ...]:
        return tuple(self._cell(place, *pair) for place, pair in enumerate(self.codes)) if self.groups else ()

    def _cell(self, place: int, code: Code, label: str) -> PublicCell:
        shown = [each for each in self.groups if each.counts[place] is not None]
        if self.name == self.by and all(each.code != code for each in self.groups):
            shown = []  # of the variable that makes the groups, a group that is not shown is hidden and not zero
        count = sum(each.counts[place] or 0 for each in shown) if shown else None
        return PublicCell(code, label, count, sum(each.bases[place] if each.bases else each.base for each in shown))

    @property
    def mean(self) -> float | None:
        """Of the points of a scale. Other numbers have no public mean: one person could dominate it."""
        known = [(cell.code, cell.count) for cell in self.cells if self.kind != "rank" or cell.code != NOT_RANKED]
        if self.measure == "nominal" or self.kind not in ("choice", "rank"):
            return None
        if not all(isinstance(code, int) and count is not None for code, count in known):
            return None
        n = sum(count or 0 for _, count in known)
        return sum(int(code) * (count or 0) for code, count in known) / n if n else None

    @property
    def net(self) -> float | None:
        """The share of the codes that count for, less the share of those that count against."""
        cells = self.cells
        if self.net_of is None or not cells or any(cell.count is None for cell in cells):
            return None
        last_against, first_for = self.net_of
        score = sum(
            (cell.count or 0) * ((int(cell.code) >= first_for) - (int(cell.code) <= last_against)) for cell in cells
        )
        return score / self.base

    @property
    def median_class(self) -> str:
        """Of numbers in classes the class in which the median lies; "" where there is none."""
        counts = [cell.count for cell in self.cells]
        if self.kind != "number" or not counts or None in counts:
            return ""
        sums = accumulate(count or 0 for count in counts)
        return next(label for (_, label), below in zip(self.codes, sums, strict=True) if 2 * below >= self.base)

    def of(self, code: Code) -> PublicPart:
        """With the figures of one group only."""
        return replace(self, groups=tuple(each for each in self.groups if each.code == code))


@dataclass(frozen=True, slots=True)
class PublicItem:
    """`withheld` says why nothing can ever be shown of it: it is derived from what is shown ("derived"), one respondent
    answers it several times ("several"), or it was written ("text")."""

    id: str
    item: str
    section: str
    ask: str
    parts: tuple[PublicPart, ...]
    withheld: str = ""
    unit: str | None = None
    figure: str = "distribution"
    long_list: bool = False
    versions: tuple[str, ...] = ()  # of the survey, that asked it; none where they are not known

    @property
    def base(self) -> int:
        """How many answered it: of several parts that which most answered."""
        return max((part.base for part in self.parts), default=0)

    @property
    def groups(self) -> tuple[tuple[Code, str], ...]:
        """The groups of which something is shown."""
        return tuple(dict.fromkeys((each.code, each.label) for part in self.parts for each in part.groups))

    def of(self, code: Code) -> PublicItem:
        """With the figures of one group only."""
        return replace(self, parts=tuple(part.of(code) for part in self.parts))


# --- what is stored to judge the next release ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Partition:
    """One way to split those who answered something. `most` says for each of its groups how many of those who are in it
    can have been in released figures: the greatest size at which the group was shown. `rest` says so of other groups."""

    by: str
    most: dict[str, int] = field(default_factory=dict)
    rest: int = 0


@dataclass(frozen=True, slots=True)
class ShownSizes:
    """What was ever shown of one part, as these versions of the survey asked it; of all versions when there are none.
    The last partition is the one in use."""

    partitions: tuple[Partition, ...]
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    responses: int  # complete responses when it was released: the greatest number of all releases
    items: tuple[PublicItem, ...]
    sizes: dict[str, tuple[ShownSizes, ...]] = field(default_factory=dict)  # by part, or option offered to some
    seq: int = 0  # of the last change in the frame from which it was counted
    protect: str = ""
    final: bool = False  # the one release of a survey that protects cells

    def stored(self) -> dict[str, Any]:
        """As it is stored, in JSON. Only the figures of `items` are for the public."""
        return msgspec.to_builtins(self)


