"""Which counts of one table are hidden, where a survey protects cells: of those who answered, everyone is in one of the
cells that are shown or in those that are hidden, and neither a cell nor all hidden ones together are fewer than the
floor. Hidden cells are complemented by the smallest others (L. Willenborg and T. de Waal 2001, "Elements of statistical
disclosure control", Springer, chapter 4).
"""

from __future__ import annotations

from app.results.disclosure.candidates import Candidate
from app.results.disclosure.published import PublicGroup


def hidden_places(table: Candidate, floor: int) -> set[int]:
    """The places, among its codes, of the counts to hide."""
    sizes = _sizes(table)
    if table.part.kind in ("flags", "sums"):
        small = {place for place, (few, others) in enumerate(sizes) if min(few, others) < floor}
        return set(range(len(sizes))) if small and table.part.kind == "sums" else small
    counts = [n for n, _ in sizes]
    hidden = {place for place, n in enumerate(counts) if n < floor}
    for place in sorted(set(range(len(counts))) - hidden, key=counts.__getitem__):
        if not hidden or (len(hidden) > 1 and sum(counts[each] for each in hidden) >= floor):
            break
        hidden.add(place)
    return hidden


def smallest_shown(table: Candidate, group: PublicGroup) -> int:
    """The size of the smallest set of people whose number follows from a group as it is shown."""
    counts = [None if count is None else int(count) for count in group.counts]
    if table.part.kind == "sums":
        return min(n for pair in table.some for n in pair)
    if table.part.kind == "flags":
        bases = group.bases or [group.base] * len(counts)
        return min((n for count, base in zip(counts, bases, strict=True) if count is not None for n in (count, base - count)), default=group.base)
    shown = [count for count in counts if count is not None]
    together = [group.base - sum(shown)] if None in counts else []
    return min((*shown, *together), default=group.base)


def _sizes(table: Candidate) -> list[tuple[int, int]]:
    """Of each code how many chose it and how many of those who could did not; of a constant sum how many gave it some,
    and how many did not give it all."""
    if table.some:
        return list(table.some)
    return [(int(n), table.offered_to(place) - int(n)) for place, n in enumerate(table.counts)]
