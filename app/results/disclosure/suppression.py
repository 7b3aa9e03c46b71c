"""Which cells of a table can be shown, which are shown together, and which are hidden.

`app.results.disclosure.release` says what must hold between the views of an item.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.results.disclosure.published import Group, Groups, ShownGroups


@dataclass(frozen=True, slots=True)
class Table:
    """What would be shown of one part now.

    `kind` says which groups it shows. Of cells (choice, number, date) everyone is in one; with `ordered`, neighbours
    can be shown together. Of flags each shows two: those who chose it and those of its base who did not. Of means each
    shows those above the least possible answer, and those below the greatest.
    """

    kind: str  # cells | flags | means
    base: int
    counts: dict[str, int]
    bases: dict[str, int]
    ordered: bool = False
    classes: bool = False  # its codes are classes of numbers, which another version may draw otherwise


Suppression = tuple[tuple[str, ...], tuple[Group, ...]]
"""The codes to hide, and the groups of codes to show together."""


def suppression(table: Table, past: Sequence[ShownGroups], floor: int) -> Suppression | None:
    """None when the part has to stay as it was released last."""
    if past and abs(table.base - past[-1].base) < floor:
        return None
    if table.kind == "means":
        return ((), ()) if _means_safe(table, past, floor) else None
    if table.kind == "flags":
        hidden = _flags_hidden(table, past, floor)
        return None if hidden is None else (tuple(sorted(hidden)), ())
    groups = _safe_groups(table, past, floor)
    return None if groups is None else _as_shown(table, groups)


def _as_shown(table: Table, groups: Groups) -> Suppression:
    """Groups of neighbours can be shown together; all else in groups is hidden, and all if there is only one."""
    codes = list(table.counts)
    hidden: list[str] = []
    together: list[Group] = []
    placed = [sorted(place for place, code in enumerate(codes) if code in group) for group in groups]
    for places in sorted(placed):
        neighbours = table.ordered and places[-1] - places[0] + 1 == len(places) < len(codes)
        if neighbours:
            together.append(tuple(codes[place] for place in places))
        else:
            hidden += [codes[place] for place in places]
    return tuple(sorted(hidden)), tuple(together)


def _safe_groups(table: Table, past: Sequence[ShownGroups], floor: int) -> Groups | None:
    """The finest groups in which the cells can be shown; None when the part has to stay as it is."""
    if table.classes and any(set(view.counts) != set(table.counts) for view in past):
        return _all_in_one(table, past)
    groups = _finest(table, past, floor)
    if _differ_enough(table, groups, past, floor):
        return groups
    # A cell that hardly grows would stop the others for ever: once there are twice as many respondents, it is hidden.
    if table.base < 2 * past[-1].base:
        return None
    while groups != _all_in_one(table, past):
        groups = _nested(_coarser(table, groups, past), past)
        if _differ_enough(table, groups, past, floor):
            return groups
    return None


def _all_in_one(table: Table, past: Iterable[ShownGroups]) -> Groups:
    codes = table.counts.keys() | {code for view in past for code in view.counts}
    return frozenset([frozenset(codes)]) if len(codes) > 1 else frozenset()


def _finest(table: Table, past: Sequence[ShownGroups], floor: int) -> Groups:
    """The finest groups that all reach the floor, and are finer or coarser than those of each earlier view.

    Groups that grew out of an earlier view's own are tried first, from the finest: they fit beside it.
    """
    grow = _neighbours_joined if table.ordered else _smallest_joined
    for frame in sorted({view.groups for view in past}, key=lambda groups: sum(map(len, groups))):
        groups = grow(table, floor, frame)
        if groups is not None and _nested(groups, past) == groups:
            return groups
    whole = _all_in_one(table, past)
    groups = grow(table, floor, whole)
    return _nested(whole if groups is None else groups, past)


def _neighbours_joined(table: Table, floor: int, frame: Groups) -> Groups | None:
    """Neighbours put together, the smallest first with the smaller of those beside it, until all reach the floor;
    within the groups of `frame` only. None where that cannot be."""
    runs = [[code] for code in table.counts]
    size = {code: n for code, n in table.counts.items()}
    home = {code: group for group in frame for code in group}

    def weight(run: list[str]) -> int:
        return sum(size[code] for code in run)

    while runs and weight(least := min(runs, key=weight)) < floor:
        place = runs.index(least)
        beside = [
            each for each in (place - 1, place + 1)
            if 0 <= each < len(runs) and home.get(least[0], 0) == home.get(runs[each][0], 1)
        ]  # fmt: skip
        if not beside:
            return None
        other = min(beside, key=lambda each: weight(runs[each]))
        first, second = sorted((place, other))
        runs[first : second + 1] = [runs[first] + runs[second]]
    return frozenset(frozenset(run) for run in runs if len(run) > 1)


def _smallest_joined(table: Table, floor: int, frame: Groups) -> Groups | None:
    """All cells below the floor, and with them the smallest of the others until together they reach it; with others
    of the same group of `frame` only."""
    counts = table.counts
    small = {code for code, n in counts.items() if n < floor}
    if not small:
        return frozenset()
    home = next((group for group in frame if small <= group), None)
    if home is None:
        return None
    hidden = set(small)
    for code in sorted((code for code in counts if code in home - small), key=lambda code: counts[code]):
        if len(hidden) > 1 and sum(counts[each] for each in hidden) >= floor:
            break
        hidden.add(code)
    if sum(counts[each] for each in hidden) < floor and hidden != counts.keys():
        return None
    return frozenset([frozenset(hidden)]) if len(hidden) > 1 else frozenset()


def _nested(groups: Groups, past: Iterable[ShownGroups]) -> Groups:
    """Made coarser until, of it and each earlier view, one is finer than the other."""
    frames = [view.groups for view in past]
    while clash := next(
        (each for each in frames if not (_finer(groups, each) or _finer(each, groups))), None
    ):
        groups = _joined(groups, clash)
    return groups


def _finer(one: Groups, other: Groups) -> bool:
    return all(any(group <= each for each in other) for group in one)


def _joined(one: Groups, other: Groups) -> Groups:
    """The finest groups of which both are finer."""
    found: list[frozenset[str]] = []
    for group in (*one, *other):
        touching = [each for each in found if each & group]
        found = [each for each in found if not each & group]
        found.append(group.union(*touching))
    return frozenset(found)


def _coarser(table: Table, groups: Groups, past: Sequence[ShownGroups]) -> Groups:
    """With the one that hardly grows put together with another: on a scale with a neighbour, else with those that
    are hidden, or with the one that grows least after it."""
    smallest = [
        *groups,
        *(frozenset([code]) for code in table.counts if not any(code in group for group in groups)),
    ]
    slow = sorted(smallest, key=lambda one: (_least_growth(table, one, past), min(one)))
    if len(slow) < 2:
        return _all_in_one(table, past)
    first, others = slow[0], slow[1:]
    if table.ordered:
        codes = list(table.counts)
        near = {codes.index(code) + step for code in first for step in (-1, 1)}
        others = [one for one in others if near & {codes.index(code) for code in one}] or others
    elif groups:
        hidden = next(iter(groups))
        first, others = (slow[1], [hidden]) if first == hidden else (first, [hidden])
    return _joined(groups, frozenset([first | others[0]]))


def _least_growth(table: Table, group: Iterable[str], past: Iterable[ShownGroups]) -> int:
    return min(abs(_grown(table, group, view)) for view in past)


def _grown(table: Table, group: Iterable[str], view: ShownGroups) -> int:
    return sum(table.counts.get(code, 0) - view.counts.get(code, 0) for code in group)


def _differ_enough(table: Table, groups: Groups, past: Iterable[ShownGroups], floor: int) -> bool:
    """Whether since each earlier view every group that both show has grown by the floor."""
    return all(abs(n) >= floor for view in past for n in _between(table, groups, view))


def _between(table: Table, groups: Groups, view: ShownGroups) -> list[int]:
    """The growth of each of the smallest groups shown by both views."""
    joined = _joined(groups, view.groups)
    alone = (table.counts.keys() | view.counts.keys()).difference(*joined)
    return [_grown(table, group, view) for group in (*joined, *([code] for code in alone))]


# --- flags and means ------------------------------------------------------------------------------------------


def _flags_hidden(table: Table, past: Sequence[ShownGroups], floor: int) -> set[str] | None:
    """Each flag is a table of its own, of two cells: those who chose it, and those who did not."""
    counts, bases = table.counts, table.bases
    hidden = {code for code, n in counts.items() if n < floor or bases[code] - n < floor}
    slow = {code for view in past for code, grown in _flags_between(table, hidden, view) if abs(grown) < floor}
    if not slow:
        return hidden
    return hidden | slow if table.base >= 2 * past[-1].base else None


def _flags_between(table: Table, hidden: set[str], view: ShownGroups) -> Iterable[tuple[str, int]]:
    """By how much those who chose a flag have grown, and those who did not, where both views show it."""
    for code in (table.counts.keys() & view.counts.keys()).difference(hidden, view.held):
        chose = table.counts[code] - view.counts[code]
        yield code, chose
        yield code, table.bases[code] - view.bases[code] - chose


def _means_safe(table: Table, past: Sequence[ShownGroups], floor: int) -> bool:
    """Whether, of each option, enough gave it something and enough did not give it all, in all and since each
    earlier view: a mean of only a few who gave an answer would reveal their answers."""
    if any(n < floor or table.bases[code] - n < floor for code, n in table.counts.items()):
        return False
    return all(abs(grown) >= floor for view in past for _, grown in _flags_between(table, set(), view))
