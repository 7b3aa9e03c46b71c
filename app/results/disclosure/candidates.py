"""What could be published of each item now, before cells are suppressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.results.disclosure.published import PublicPart
from app.results.disclosure.suppression import Table
from app.results.items import Cell, ItemFigures, Marginal, binned, decades
from app.survey.model import Code

PUBLIC_BINS = 6

@dataclass(frozen=True, slots=True)
class CandidatePoint:
    """One code: the share that is shown where it may be, and the counts for when it is shown with others."""

    code: Code
    label: str
    share: float
    count: int
    base: int
    spans: int = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """One part of an item: its description, the table that is judged, and its points."""

    part: PublicPart  # without figures
    table: Table
    points: tuple[CandidatePoint, ...]
    mean: float | None = None
    net: float | None = None


def is_withheld(item: ItemFigures) -> bool:
    """Whether nothing is shown of it: it is derived, or asked of vignettes or entries that differ between respondents."""
    return item.origin == "derived" or item.of_vignettes or item.entries > 0


def candidates(item: ItemFigures) -> list[Candidate]:
    if is_withheld(item) or item.origin == "assigned":
        return []
    if item.figure == "ranks":
        return [_firsts(item)]
    if item.figure == "shares":
        return [_allotted(item)]
    return [_of_part(part) for part in item.parts]


def _of_part(part: Marginal) -> Candidate:
    cells, classes = part.cells, part.kind in ("number", "date")
    if part.kind == "number":
        cells = binned(part, PUBLIC_BINS)
    elif part.kind == "date":
        cells = decades(part)
    points = [_point(cell) for cell in cells]
    table = _table(
        "flags" if part.kind == "flags" else "cells", part.answered, points,
        ordered=classes or part.has_mean, classes=classes,
    )  # fmt: skip
    described = PublicPart(
        part.name, part.label, part.kind, 0, column=part.column, measure=part.measure, poles=part.poles,
        has_poles=part.has_poles, last=part.last,
    )
    net = part.net.value if part.net is not None else None
    return Candidate(described, table, tuple(points), part.summary.mean, net)


def _point(cell: Cell) -> CandidatePoint:
    return CandidatePoint(cell.code, cell.label, cell.share or 0.0, cell.count.n, cell.base.n, cell.spans)


def _table(kind: str, base: int, points: Sequence[CandidatePoint], ordered: bool = False, classes: bool = False) -> Table:
    counts = {str(point.code): point.count for point in points}
    return Table(kind, base, counts, {str(point.code): point.base for point in points}, ordered, classes)


def _firsts(item: ItemFigures) -> Candidate:
    """Of a ranking the first ranks: everyone who ranked has one. The other ranks are in a table whose rows and columns
    add up, so that what is hidden of one option could follow from the others."""
    firsts = [next((cell.count.n for cell in part.cells if cell.code == 1), 0) for part in item.parts]
    base = sum(firsts)
    points = [
        CandidatePoint(part.option or "", part.label, count / base if base else 0.0, count, base)
        for part, count in zip(item.parts, firsts, strict=True)
    ]
    return Candidate(PublicPart(item.id, "", "choice", 0), _table("cells", base, points), tuple(points))


def _allotted(item: ItemFigures) -> Candidate:
    """Of a constant sum the mean share of each option: of all of them, or of none."""
    base = max(part.answered for part in item.parts)
    points, bases = [], {}
    for part in item.parts:
        most = part.bounds[1] if part.bounds else 0
        mean = part.summary.mean
        some = sum(count.n for value, count in part.values if value > 0)
        code = part.option or ""
        points.append(CandidatePoint(code, part.label, mean / most if mean is not None and most else 0.0, some, base))
        bases[str(code)] = some + sum(count.n for value, count in part.values if value < most)
    counts = {str(point.code): point.count for point in points}
    return Candidate(PublicPart(item.id, "", "sums", 0), Table("means", base, counts, bases), tuple(points))
