"""Figures made up for the tests of disclosure."""

from __future__ import annotations

from app.results.disclosure.published import PublicItem
from app.results.disclosure.release import next_release
from app.results.items import Cell, ItemFigures, Marginal
from app.results.marginals import Figures
from app.results.statistics.cells import unweighted
from app.results.view import View

Counts = dict[str, int]


def current(
    counts: Counts,
    kind: str = "choice",
    base: int | None = None,
    n: int | None = None,
    measure: str = "nominal",
) -> Figures:
    """The figures of one item with these counts."""
    base = sum(counts.values()) if base is None else base
    cells = tuple(
        Cell(code, str(code), unweighted(count), unweighted(base)) for code, count in counts.items()
    )
    part = Marginal("q", "", kind, measure, base, base, {}, cells)
    item = ItemFigures("q", "q", "s", "asked", "flags" if kind == "flags" else "distribution", "Q?", None, (part,))
    return Figures("survey", 0, View(), base if n is None else n, (item,))


def public_figures(figures: Figures, floor: int) -> tuple[PublicItem, ...]:
    """The figures that are public if there are none yet."""
    release = next_release(None, figures, floor, 1)
    return release.items if release else ()
