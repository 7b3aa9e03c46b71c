"""Public figures that have come to be about too few people: which they are, and a release without them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.results.disclosure.candidates import candidates
from app.results.disclosure.published import PublicItem, PublicPart, Release, ShownGroups, rounded
from app.results.disclosure.suppression import Table
from app.results.marginals import Figures


def without_small(previous: Release, current: Figures, floor: int) -> Release | None:
    """The release without what is about fewer people than the floor, or None where nothing is.

    Each shown part is judged by the people it was about when it was released (the floor may have been raised) and by
    those it is about now (some may have withdrawn). Its views stay stored after it is taken down: what is shown later is
    still compared with them.
    """
    tables = {candidate.part.name: candidate.table for item in current.items for candidate in candidates(item)}
    items = tuple(_without(item, previous, tables, floor) for item in previous.items)
    if items == previous.items:
        return None
    return replace(previous, items=items, shown=min(previous.shown, rounded(current.n, floor)))


def _without(item: PublicItem, previous: Release, tables: dict[str, Table], floor: int) -> PublicItem:
    parts = tuple(
        each if _holds(each, previous.views.get(each.name, ()), tables.get(each.name), floor) else _nothing(each)
        for each in item.parts
    )
    return item if parts == item.parts else replace(item, parts=parts)


def _nothing(part: PublicPart) -> PublicPart:
    return replace(part, base=0, cells=(), mean=None, net=None)


def _holds(part: PublicPart, views: tuple[ShownGroups, ...], now: Table | None, floor: int) -> bool:
    """Whether a part may stay as it is shown."""
    if not part.base:
        return True
    if not views or now is None:
        return False
    return min((*_groups(views[-1], now.kind), *_still(views[-1], now)), default=0) >= floor


def _still(view: ShownGroups, now: Table) -> Iterable[int]:
    """How many there are now in each group that the view shows.

    Where a number has other classes by now, only the number of those who have withdrawn in all is known.
    """
    if now.classes and view.counts.keys() - now.counts.keys():
        left = max(0, view.base - now.base)
        return [now.base, *(size - left for size in _groups(view, now.kind))]
    then = ShownGroups(now.base, now.counts, now.bases, view.held, view.together)
    return _groups(then, now.kind, view.counts)


def _groups(view: ShownGroups, kind: str, codes: Iterable[str] | None = None) -> Iterator[int]:
    """The sizes of the groups that a view shows; of flags and means those who did and those who did not."""
    codes = set(view.counts if codes is None else codes)
    yield view.base
    if kind == "cells":
        alone = codes.difference(*view.groups)
        yield from (sum(view.counts.get(code, 0) for code in group) for group in view.groups)
        yield from (view.counts.get(code, 0) for code in alone)
        return
    for code in codes.difference(view.held):
        yield view.counts.get(code, 0)
        yield view.bases.get(code, 0) - view.counts.get(code, 0)
