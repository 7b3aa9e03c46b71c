"""Figures made up for the tests of disclosure."""

from __future__ import annotations

from app.results.disclosure.counted import counted
from app.results.disclosure.published import PublicItem, Release
from app.results.disclosure.release import Counted, GroupCounted, next_release
from app.results.frame.frame import Frame
from app.results.items import Cell, ItemFigures, Marginal
from app.results.statistics.cells import unweighted
from app.survey.model import ResultsPolicy

Counts = dict[str, int]
FIRST = frozenset({"first"})


def policy(floor: int = 10, every: int = 0, **other: str) -> ResultsPolicy:
    return ResultsPolicy("everyone", floor, every or floor, **other)


def figures_of(counts: Counts, kind: str = "choice", base: int | None = None, name: str = "q", measure: str = "nominal") -> ItemFigures:
    """The figures of one item with these counts."""
    base = sum(counts.values()) if base is None else base
    cells = tuple(Cell(code, str(code), unweighted(count), unweighted(base)) for code, count in counts.items())
    part = Marginal(name, "", kind, measure, base, base, {}, cells)
    figure = "flags" if kind == "flags" else "distribution"
    return ItemFigures(name, name.partition("_v")[0], "s", "asked", figure, "Q?", None, (part,))


def current(
    counts: Counts, kind: str = "choice", base: int | None = None, n: int | None = None, measure: str = "nominal"
) -> Counted:
    """One item with these counts, and so many complete responses."""
    item = figures_of(counts, kind, base, measure=measure)
    return Counted(item.answered if n is None else n, (item,), {"q": FIRST})


def split(groups: dict[str, Counts], n: int | None = None, by: str = "status") -> Counted:
    """One item with the counts of each group."""
    total = {code: sum(each[code] for each in groups.values()) for code in next(iter(groups.values()))}
    whole = current(total, n=n)
    each = tuple(GroupCounted(code, code.title(), {"q": figures_of(counts)}) for code, counts in groups.items())
    return Counted(whole.n, whole.everyone, whole.versions, by=by, groups=each)


def shown(release: Release | None) -> Counts | None:
    """The counts of the only item, of all groups together; None where nothing of it is shown."""
    if release is None or not release.items or not release.items[0].parts[0].groups:
        return None
    return {str(cell.code): cell.count for cell in release.items[0].parts[0].cells}


def public_figures(frame: Frame, floor: int) -> tuple[PublicItem, ...]:
    """The figures that are public if there are none yet."""
    release = next_release(None, counted(frame), policy(floor))
    return release.items if release else ()
