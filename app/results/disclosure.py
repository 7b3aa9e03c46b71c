"""What may be shown to the public: no figure from which fewer people than the floor can be made out.

A view partitions an item's respondents and shows each group's size: a cell that is shown is a
group, cells of a scale that are shown together ("1–2") are one, and so are all that are hidden, since their sum
is what the others leave. Every group of a view is at least as large as the floor. Between two views of an item
every group that can be computed by subtracting one from the other is at least as large too: not only those who
came between, but those of them who chose one thing. So figures move in batches, and an item that cannot move
safely stays as it was until it can.

Two views are not all: with three, whose groups overlap, a group can follow that no two of them tell ("a with b",
then "b with c", then "a with c"). So of any two views of an item one is finer: each group of it lies in a group of
the other. Then every group that follows from all the views together is put together from groups that follow from
one of them or from two. For take the coarsest of the views, and any group of it. A computation either weighs the
group in this view by nothing, and then does without the view there; or it sets those who had come by then apart
from those who came later, and then it is two computations, with fewer views each. A test counts through all groups
of small cases.

What is not shown: missing reasons, intervals, counts (shares are whole percents, and the base is rounded
down to a multiple of the floor), and texts. What follows from other answers (scores, computed values) is not
shown either, since it would be a second view of them: those with the highest score are among those with the
highest answer to each part, and the difference may be a single person. Nor are vignettes, arms and languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.results.marginals import SCALES, Cell, Figures, ItemFigures, Marginal, binned, decades
from app.results.statistics.binning import spanned
from app.survey.model import Code

PUBLIC_BINS = 6
#: Of these types the public is shown nothing, and told so.
WITHHELD = ("score", "bands", "computed", "vignette")
#: These are no answers: the public hears nothing of them.
UNSEEN = ("arm", "language", "ended", "levels")


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
    column: str = ""  # of a matrix with columns


@dataclass(frozen=True, slots=True)
class PublicItem:
    """`withheld` says what is not shown of it: all, the ranks after the first, or nothing ("")."""

    id: str
    item: str
    section: str
    type: str
    ask: str
    parts: tuple[PublicPart, ...]
    withheld: str = ""
    unit: str | None = None


Group = tuple[str, ...]
Groups = frozenset[frozenset[str]]
"""The groups of two codes and more; every other code is a group by itself."""


@dataclass(frozen=True, slots=True)
class View:
    """What a released view of one part depends on: never shown, kept to judge the next one."""

    base: int
    counts: dict[str, int]  # by code
    bases: dict[str, int]  # by code
    held: tuple[str, ...]  # the codes hidden
    together: tuple[Group, ...] = ()  # codes shown together

    @property
    def groups(self) -> Groups:
        return frozenset(frozenset(group) for group in (self.held, *self.together) if len(group) > 1)


@dataclass(frozen=True, slots=True)
class Table:
    """What would be shown of one part now.

    `kind` is how it is judged. Of cells (choice, number, date) everyone is in one; with `ordered`, neighbours can be
    shown together. Of flags each has two, those who chose it and those of its base who did not. Of means each
    stands for those who are above the least that can be said, and those who are below the most.
    """

    kind: str  # cells | flags | means
    base: int
    counts: dict[str, int]
    bases: dict[str, int]
    ordered: bool = False
    classes: bool = False  # its codes are classes of numbers, which another version may draw otherwise


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
    items = [_next_item(item, views, shown, floor) for item in current.items if item.type not in UNSEEN]
    return Release(current.n, rounded(current.n, floor), tuple(items), views)


def public_figures(current: Figures, floor: int) -> tuple[PublicItem, ...]:
    """The view that would be shown if none had been before: for a survey that is closed, or a preview."""
    release = next_release(None, current, floor, 1)
    return release.items if release else ()


def rounded(n: int, floor: int) -> int:
    return n - n % max(floor, 1)


def _next_item(
    item: ItemFigures, views: dict[str, tuple[View, ...]], shown: Mapping[str, PublicPart], floor: int
) -> PublicItem:
    if item.type in WITHHELD:
        return PublicItem(item.id, item.item, item.section, item.type, item.ask, (), "all")
    offered = _offers(item)
    parts = tuple(_next_part(part, table, cells, views, shown, floor) for part, table, cells in offered)
    withheld = "ranks" if item.type == "ranking" else ""
    return PublicItem(item.id, item.item, item.section, item.type, item.ask, parts, withheld, item.unit)


# --- what there would be to show ------------------------------------------------------------------------------

Offer = tuple[Marginal, Table, tuple[Cell, ...]]


def offers(item: ItemFigures) -> Iterable[tuple[str, Table]]:
    """What there is to be judged of an item, by the names of its public parts."""
    if item.type not in (*WITHHELD, *UNSEEN):
        yield from ((part.name, table) for part, table, _ in _offers(item))


def _offers(item: ItemFigures) -> list[Offer]:
    if item.type == "ranking":
        return [_firsts(item)]
    if item.type == "constant_sum":
        return [_allotted(item)]
    return [_offered(item, part) for part in item.parts]


def _offered(item: ItemFigures, part: Marginal) -> Offer:
    """One part, how it is judged, and its cells."""
    cells, classes = part.cells, part.kind in ("number", "date")
    if part.kind == "number":
        cells = binned(part, PUBLIC_BINS)
    elif part.kind == "date":
        cells = decades(part)
    numeric = all(isinstance(cell.code, int) for cell in cells)
    kind = "flags" if part.kind == "flags" else "cells"
    table = Table(
        kind, part.answered, {str(cell.code): cell.count for cell in cells}, _bases(cells),
        ordered=classes or (item.type in SCALES and numeric), classes=classes,
    )  # fmt: skip
    return part, table, cells


def _firsts(item: ItemFigures) -> Offer:
    """Of a ranking what was ranked first: everyone who ranked has one first. The other ranks stand in a table whose
    rows and columns add up, so that what is hidden of one option could follow from the others."""
    firsts = [next((cell.count for cell in part.cells if cell.code == 1), 0) for part in item.parts]
    base = sum(firsts)
    cells = tuple(
        Cell(part.option, part.label, count, base, count / base if base else None, None, None)
        for part, count in zip(item.parts, firsts, strict=True)
    )
    counts = {str(cell.code): cell.count for cell in cells}
    part = Marginal(item.id, "", "choice", base, base, {}, cells)
    return part, Table("cells", base, counts, _bases(cells)), cells


def _allotted(item: ItemFigures) -> Offer:
    """Of a constant sum the mean share of each option: all of them, or none."""
    cells, counts, bases = [], {}, {}
    base = max(part.answered for part in item.parts)
    for part in item.parts:
        most = part.bounds[1] if part.bounds else 0
        share = part.mean / most if part.mean is not None and most else None
        cells.append(Cell(part.option, part.label, 0, base, share, None, None))
        code = str(part.option)
        counts[code] = sum(count for value, count in part.values if value > 0)
        bases[code] = counts[code] + sum(count for value, count in part.values if value < most)
    part = Marginal(item.id, "", "sums", base, base, {}, tuple(cells))
    return part, Table("means", base, counts, bases), tuple(cells)


def _bases(cells: Iterable[Cell]) -> dict[str, int]:
    return {str(cell.code): cell.base for cell in cells}


# --- what is shown of it --------------------------------------------------------------------------------------


def _next_part(
    part: Marginal, table: Table, cells: Sequence[Cell], views: dict[str, tuple[View, ...]],
    shown: Mapping[str, PublicPart], floor: int,
) -> PublicPart:  # fmt: skip
    """The part as it is to be shown. When it moves, `views` comes to hold the new view."""
    past = views.get(part.name, ())
    found = _settled(table, past, floor) if part.answered >= floor else None
    if found is None:
        nothing = PublicPart(part.name, part.label, part.kind, 0, column=part.column)
        return shown.get(part.name, nothing) if past else nothing
    view = View(part.answered, table.counts, table.bases, *found)
    # Of the views with the same groups the latest is the nearest, so that the others can go.
    alike = (view.groups, view.held)
    views[part.name] = (*(each for each in past if (each.groups, each.held) != alike), view)
    return _public(part, cells, view, floor)


def _public(part: Marginal, cells: Sequence[Cell], view: View, floor: int) -> PublicPart:
    whole = not view.held and not view.together
    fine = all(
        cell.spans == 1 for cell in cells
    )  # each class is a single number, as are the points of a scale
    measured = part.mean is not None and (whole or (part.kind == "number" and not fine))
    mean = round(part.mean, 1) if measured and part.mean is not None else None
    public = tuple(_public_cells(cells, view))
    return PublicPart(
        part.name, part.label, part.kind, rounded(part.answered, floor), public, mean, part.column
    )


def _public_cells(cells: Sequence[Cell], view: View) -> Iterable[PublicCell]:
    """Cells that are shown together become one, where the first of them stands."""
    by_first = {group[0]: group for group in view.together}
    inner = {code for group in view.together for code in group[1:]}
    by_code = {str(cell.code): cell for cell in cells}
    for code, cell in by_code.items():
        if code in inner:
            continue
        group = [by_code[each] for each in by_first.get(code, (code,))]
        label, count = spanned([each.label for each in group]), sum(each.count for each in group)
        share = (
            None
            if code in view.held
            else round(100 * (_share(cell) if len(group) == 1 else count / cell.base))
        )
        yield PublicCell(cell.code if len(group) == 1 else label, label, share, len(group))


def _share(cell: Cell) -> float:
    return cell.share or 0.0


# --- which cells --------------------------------------------------------------------------------------------

Settled = tuple[tuple[str, ...], tuple[Group, ...]]


def _settled(table: Table, past: Sequence[View], floor: int) -> Settled | None:
    """The cells to hold back and those to show together; None when the part has to stay as it is shown."""
    if past and abs(table.base - past[-1].base) < floor:
        return None
    if table.kind == "means":
        return ((), ()) if _means_safe(table, past, floor) else None
    if table.kind == "flags":
        held = _flags_held(table, past, floor)
        return None if held is None else (tuple(sorted(held)), ())
    groups = _parted(table, past, floor)
    return None if groups is None else _told(table, groups)


def _told(table: Table, groups: Groups) -> Settled:
    """Groups of neighbours can be shown together; all else in groups is hidden, and all if there is only one."""
    codes = list(table.counts)
    held: list[str] = []
    together: list[Group] = []
    placed = [sorted(place for place, code in enumerate(codes) if code in group) for group in groups]
    for places in sorted(placed):
        neighbours = table.ordered and places[-1] - places[0] + 1 == len(places) < len(codes)
        if neighbours:
            together.append(tuple(codes[place] for place in places))
        else:
            held += [codes[place] for place in places]
    return tuple(sorted(held)), tuple(together)


def _parted(table: Table, past: Sequence[View], floor: int) -> Groups | None:
    """The finest groups in which the cells can be shown, or None to stay."""
    if table.classes and any(set(view.counts) != set(table.counts) for view in past):
        return _all_in_one(table, past)
    groups = _finest(table, past, floor)
    if _apart(table, groups, past, floor):
        return groups
    # A cell that hardly grows would hold up the others for ever: once there are twice as many, it is hidden.
    if table.base < 2 * past[-1].base:
        return None
    while groups != _all_in_one(table, past):
        groups = _nested(_coarser(table, groups, past), past)
        if _apart(table, groups, past, floor):
            return groups
    return None


def _all_in_one(table: Table, past: Iterable[View]) -> Groups:
    codes = table.counts.keys() | {code for view in past for code in view.counts}
    return frozenset([frozenset(codes)]) if len(codes) > 1 else frozenset()


def _finest(table: Table, past: Sequence[View], floor: int) -> Groups:
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
    held = set(small)
    for code in sorted((code for code in counts if code in home - small), key=lambda code: counts[code]):
        if len(held) > 1 and sum(counts[each] for each in held) >= floor:
            break
        held.add(code)
    if sum(counts[each] for each in held) < floor and held != counts.keys():
        return None
    return frozenset([frozenset(held)]) if len(held) > 1 else frozenset()


def _nested(groups: Groups, past: Iterable[View]) -> Groups:
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


def _coarser(table: Table, groups: Groups, past: Sequence[View]) -> Groups:
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
        held = next(iter(groups))
        first, others = (slow[1], [held]) if first == held else (first, [held])
    return _joined(groups, frozenset([first | others[0]]))


def _least_growth(table: Table, group: Iterable[str], past: Iterable[View]) -> int:
    return min(abs(_grown(table, group, view)) for view in past)


def _grown(table: Table, group: Iterable[str], view: View) -> int:
    return sum(table.counts.get(code, 0) - view.counts.get(code, 0) for code in group)


def _apart(table: Table, groups: Groups, past: Iterable[View], floor: int) -> bool:
    """Whether by each earlier view every group that both tell of has grown by the floor."""
    return all(abs(n) >= floor for view in past for n in _between(table, groups, view))


def _between(table: Table, groups: Groups, view: View) -> list[int]:
    """The growth of each of the smallest groups shown by both views."""
    joined = _joined(groups, view.groups)
    alone = (table.counts.keys() | view.counts.keys()).difference(*joined)
    return [_grown(table, group, view) for group in (*joined, *([code] for code in alone))]


# --- flags and means ------------------------------------------------------------------------------------------


def _flags_held(table: Table, past: Sequence[View], floor: int) -> set[str] | None:
    """Each flag is a table of its own, of two cells: those who chose it, and those who did not."""
    counts, bases = table.counts, table.bases
    held = {code for code, n in counts.items() if n < floor or bases[code] - n < floor}
    slow = {code for view in past for code, grown in _flags_between(table, held, view) if abs(grown) < floor}
    if not slow:
        return held
    return held | slow if table.base >= 2 * past[-1].base else None


def _flags_between(table: Table, held: set[str], view: View) -> Iterable[tuple[str, int]]:
    """By how much those who chose a flag have grown, and those who did not, where both views show it."""
    for code in (table.counts.keys() & view.counts.keys()).difference(held, view.held):
        chose = table.counts[code] - view.counts[code]
        yield code, chose
        yield code, table.bases[code] - view.bases[code] - chose


def _means_safe(table: Table, past: Sequence[View], floor: int) -> bool:
    """Whether, of each option, enough gave it something and enough did not give it all, in all and since each
    earlier view: a mean of only a few who gave an answer would reveal their answers."""
    if any(n < floor or table.bases[code] - n < floor for code, n in table.counts.items()):
        return False
    return all(abs(grown) >= floor for view in past for _, grown in _flags_between(table, set(), view))
