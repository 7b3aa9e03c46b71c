"""What may be shown to the public: no figure from which fewer people than the floor can be made out.

Within one view of an item, a cell with fewer people than the floor (none included) is held back, and with it
as many further cells as it takes for the held-back ones not to follow from the rest. Between two views of an
item, every group that can be computed by subtracting one from the other is at least as large as the floor:
not only those who came between, but those of them who chose one thing. So figures move in batches, and an
item that cannot move safely stays as it was until it can.

What is not shown: missing reasons, intervals, counts (shares are whole percents, and the base is rounded
down to a multiple of the floor), and texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.instrument.model import Code
from app.results.marginals import Cell, Figures, Marginal, binned

PUBLIC_BINS = 6


@dataclass(frozen=True, slots=True)
class PublicCell:
    code: Code
    label: str
    share: int | None  # a whole percent; None is held back


@dataclass(frozen=True, slots=True)
class PublicPart:
    name: str
    label: str
    kind: str
    base: int  # who answered, rounded down to a multiple of the floor; 0 is fewer than the floor
    cells: tuple[PublicCell, ...] = ()
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class PublicItem:
    id: str
    item: str
    section: str
    type: str
    ask: str
    parts: tuple[PublicPart, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What a released view of one part rests on: never shown, kept to judge the next one."""

    base: int
    counts: dict[str, int]  # by code
    bases: dict[str, int]  # by code
    held: tuple[str, ...]  # the codes held back


@dataclass(frozen=True, slots=True)
class Table:
    """What would be shown of one part now."""

    kind: str
    base: int
    counts: dict[str, int]
    bases: dict[str, int]


@dataclass(frozen=True, slots=True)
class Release:
    responses: int  # exact, never shown
    shown: int  # rounded down to a multiple of the floor
    items: tuple[PublicItem, ...]
    views: dict[str, tuple[View, ...]] = field(default_factory=dict)  # by part; the last is the one shown

    def kept(self) -> dict[str, Any]:
        """As JSON can hold it. Only `items` and `shown` are for the public."""
        return msgspec.to_builtins(self)


def release_from(kept: Mapping[str, Any]) -> Release:
    """The release that `kept` has written."""
    return msgspec.convert(kept, Release)


def next_release(previous: Release | None, current: Figures, floor: int, every: int) -> Release | None:
    """The next public figures, or None while it is too early for any.

    `current` are the figures among the submitted, without a filter. Raises ValueError for others.
    """
    if current.among != "submitted" or current.where is not None:
        raise ValueError("public figures are of all submitted responses")
    batch = max(floor, every, 1)
    if abs(current.n - (previous.responses if previous else 0)) < batch or current.n < floor:
        return None
    shown = {part.name: part for item in (previous.items if previous else ()) for part in item.parts}
    views = dict(previous.views) if previous else {}
    items = []
    for item in current.items:
        parts = [_next_part(part, views, shown, floor) for part in item.parts]
        items.append(PublicItem(item.id, item.item, item.section, item.type, item.ask, tuple(parts)))
    return Release(current.n, rounded(current.n, floor), tuple(items), views)


def public_figures(current: Figures, floor: int) -> tuple[PublicItem, ...]:
    """The view that would be shown if none had been before: for a survey that is closed, or a preview."""
    release = next_release(None, current, floor, 1)
    return release.items if release else ()


def rounded(n: int, floor: int) -> int:
    return n - n % max(floor, 1)


def _next_part(
    part: Marginal, views: dict[str, tuple[View, ...]], shown: Mapping[str, PublicPart], floor: int
) -> PublicPart:
    """The part as it is to be shown. When it moves, `views` comes to hold the new view."""
    cells = binned(part, PUBLIC_BINS) if part.kind == "number" else part.cells
    past = views.get(part.name, ())
    table = Table(part.kind, part.answered, {str(cell.code): cell.count for cell in cells}, _bases(cells))
    held = _held_back(table, past, floor) if part.answered >= floor else None
    if held is None:
        return shown[part.name] if past else PublicPart(part.name, part.label, part.kind, 0)
    view = View(part.answered, table.counts, table.bases, tuple(sorted(held)))
    # Of the views that hold back the same cells the latest is the nearest, so that the others can go.
    views[part.name] = (*(each for each in past if each.held != view.held), view)
    return _public(part, cells, held, floor)


def _public(part: Marginal, cells: Iterable[Cell], held: set[str], floor: int) -> PublicPart:
    public = tuple(
        PublicCell(
            cell.code, cell.label, None if str(cell.code) in held else round(100 * cell.count / cell.base)
        )
        for cell in cells
    )
    measured = part.mean is not None and (part.kind == "number" or not held)
    mean = round(part.mean, 1) if measured else None
    return PublicPart(part.name, part.label, part.kind, rounded(part.answered, floor), public, mean)


def _bases(cells: Iterable[Cell]) -> dict[str, int]:
    return {str(cell.code): cell.base for cell in cells}


# --- which cells --------------------------------------------------------------------------------------------


def _held_back(table: Table, past: Sequence[View], floor: int) -> set[str] | None:
    """The cells to hold back, or None when the part has to stay as it is shown."""
    if past and abs(table.base - past[-1].base) < floor:
        return None
    held = _small(table, floor)
    if _apart(table, held, past, floor):
        return held
    # A cell that hardly grows would hold up the others for ever: once there are twice as many, it is hidden.
    if table.base < 2 * past[-1].base:
        return None
    for code in sorted(set(table.counts) - held, key=lambda code: _least_growth(table, code, past)):
        held.add(code)
        if _apart(table, held, past, floor):
            return held
    return None


def _small(table: Table, floor: int) -> set[str]:
    """The cells that are too small by themselves, and those that would give them away."""
    counts = table.counts
    if table.kind == "flags":
        return {code for code, n in counts.items() if n < floor or table.bases[code] - n < floor}
    held = {code for code, n in counts.items() if n < floor}
    rest = sorted(set(counts) - held, key=lambda code: counts[code])
    while held and rest and sum(counts[code] for code in held) < floor:
        held.add(rest.pop(0))
    return held


def _least_growth(table: Table, code: str, past: Iterable[View]) -> int:
    return min(abs(table.counts[code] - view.counts.get(code, 0)) for view in past)


def _apart(table: Table, held: set[str], past: Iterable[View], floor: int) -> bool:
    """Whether every group that follows from subtracting an earlier view reaches the floor."""
    between = _flags_between if table.kind == "flags" else _cells_between
    return all(abs(n) >= floor for view in past for n in between(table, held, view))


def _cells_between(table: Table, held: set[str], view: View) -> list[int]:
    """By how much each group of cells that both views give has grown.

    A view gives every cell that it shows, and of those that it holds back only their sum.
    """
    hidden = [part for part in (set(view.held), held) if part]
    if len(hidden) == 2 and hidden[0] & hidden[1]:
        hidden = [hidden[0] | hidden[1]]
    codes = table.counts.keys() | view.counts.keys()
    groups = [*hidden, *({code} for code in codes.difference(*hidden))]
    return [sum(table.counts.get(code, 0) - view.counts.get(code, 0) for code in group) for group in groups]


def _flags_between(table: Table, held: set[str], view: View) -> list[int]:
    """By how much those who chose an option have grown, and those who did not, where both views show it."""
    grown = []
    for code in (table.counts.keys() & view.counts.keys()).difference(held, view.held):
        chose = table.counts[code] - view.counts[code]
        grown += [chose, table.bases[code] - view.bases[code] - chose]
    return grown
