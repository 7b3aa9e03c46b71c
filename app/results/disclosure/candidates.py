"""What could be published of each item now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.results.disclosure.published import PublicPart
from app.results.items import ItemFigures, Marginal, binned, decades

PUBLIC_BINS = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """One part of an item: its description, and the counts by code of those who answered it."""

    part: PublicPart  # without figures
    base: int
    counts: tuple[float, ...]
    bases: tuple[int, ...] = ()  # by code, where they are not all the base
    some: tuple[tuple[int, int], ...] = ()
    """Of a constant sum, by option: how many gave it some, and how many did not give it all."""

    def offered_to(self, place: int) -> int:
        return self.bases[place] if self.bases else self.base


def candidates(item: ItemFigures) -> list[Candidate]:
    """Nothing of what was written, of vignettes and loops, of what is assigned, and of numbers without a known range:
    their classes would show the extreme ones."""
    if _is_of_several(item) or item.origin == "assigned":
        return []
    if item.figure == "shares":
        return [_allotted(item)]
    return [_of_part(part) for part in item.parts if part.kind != "text" and (part.kind != "number" or part.bounds)]


def _of_part(part: Marginal) -> Candidate:
    """Numbers in classes that follow from the allowed range, dates by decade: none shows a single extreme value."""
    cells = part.cells
    if part.kind == "number":
        cells = binned(part, PUBLIC_BINS)
    elif part.kind == "date":
        cells = decades(part)
    described = PublicPart(
        part.name, part.label, part.kind, tuple((cell.code, cell.label) for cell in cells),
        column=part.column, measure=part.measure, poles=part.poles, net_of=part.net_of, has_poles=part.has_poles,
        last=part.last,
    )  # fmt: skip
    bases = [cell.base.n for cell in cells] if part.kind == "flags" else ()
    return Candidate(described, part.answered, tuple(cell.count.n for cell in cells), _unless_alike(bases, part.answered))


def _allotted(item: ItemFigures) -> Candidate:
    """Of a constant sum the mean share of each option: it is bounded, so that no one can dominate it."""
    base = max(part.answered for part in item.parts)
    codes = tuple((part.option or "", part.label) for part in item.parts)
    described = PublicPart(item.id, "", "sums", codes)
    bases = [part.answered for part in item.parts]
    some = tuple(
        (sum(count.n for value, count in part.values if value > 0),
         sum(count.n for value, count in part.values if value < _most(part)))
        for part in item.parts
    )  # fmt: skip
    return Candidate(described, base, tuple(map(_sum_of_shares, item.parts)), _unless_alike(bases, base), some)


def _sum_of_shares(part: Marginal) -> float:
    most = _most(part)
    return round(sum(value * count.n for value, count in part.values) / most, 6) if most else 0.0


def _most(part: Marginal) -> float:
    return part.bounds[1] if part.bounds else 0.0


def _unless_alike(bases: Sequence[int], base: int) -> tuple[int, ...]:
    return tuple(bases) if any(each != base for each in bases) else ()


def _is_of_several(item: ItemFigures) -> bool:
    """Whether one respondent can answer it several times, so that counts are not of people."""
    return item.of_vignettes or item.entries > 0


def withheld(item: ItemFigures, shown: Iterable[str]) -> str:
    """Why nothing of an item can be shown, besides `shown` the items from which it is derived that are public."""
    if _is_of_several(item):
        return "several"
    if item.origin == "derived" and any(True for _ in shown):
        return "derived"
    return "" if candidates(item) else "derived" if item.origin == "derived" else "text"
