"""What may be shown to the public: no figure from which fewer people than the floor can be made out.

A view partitions an item's respondents and shows each group's size: a cell that is shown is a
group, cells of a scale that are shown together ("1–2") are one, and so are all that are hidden, since their sum
is what the others leave. Every group of a view is at least as large as the floor. Between two views of an item
every group that can be computed by subtracting one from the other is at least as large too: not only those who
came between, but those of them who chose one thing. So figures move in batches, and an item that cannot move
safely stays as it was until it can.

Two views are not all: with three, whose groups overlap, a group can follow that no two of them show ("a with b",
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
from dataclasses import replace

from app.results.disclosure.candidates import Candidate, CandidatePoint, candidates, is_withheld
from app.results.disclosure.published import PublicCell, PublicItem, PublicPart, Release, ShownGroups, rounded
from app.results.disclosure.suppression import suppression
from app.results.items import ItemFigures
from app.results.marginals import Figures
from app.results.statistics.binning import spanned
from app.results.statistics.rounding import nearest, percent_of
from app.results.view import View


def next_release(previous: Release | None, current: Figures, floor: int, every: int) -> Release | None:
    """The next public figures, or None while it is too early for any.

    `current` are the figures of the complete responses, without a filter. Raises ValueError for others.
    """
    if current.view != View():
        raise ValueError("public figures are of all complete responses")
    batch = max(floor, every, 1)
    if abs(current.n - (previous.responses if previous else 0)) < batch or current.n < floor:
        return None
    shown = {part.name: part for item in (previous.items if previous else ()) for part in item.parts}
    views = dict(previous.views) if previous else {}
    items = [_next_item(item, views, shown, floor) for item in current.items if item.origin != "assigned"]
    return Release(current.n, rounded(current.n, floor), tuple(items), views)


def _next_item(
    item: ItemFigures, views: dict[str, tuple[ShownGroups, ...]], shown: Mapping[str, PublicPart], floor: int
) -> PublicItem:
    parts = tuple(_next_part(candidate, views, shown, floor) for candidate in candidates(item))
    withheld = "all" if is_withheld(item) else "ranks" if item.figure == "ranks" else ""
    return PublicItem(
        item.id, item.item, item.section, item.ask, parts, withheld, item.unit, item.figure, item.long_list
    )


def _next_part(
    candidate: Candidate, views: dict[str, tuple[ShownGroups, ...]], shown: Mapping[str, PublicPart], floor: int
) -> PublicPart:
    """The part as it is to be shown. When it moves, `views` gets the new view."""
    name, answered = candidate.part.name, candidate.table.base
    past = views.get(name, ())
    found = suppression(candidate.table, past, floor) if answered >= floor else None
    if found is None:
        return shown.get(name, candidate.part) if past else candidate.part
    view = ShownGroups(answered, candidate.table.counts, candidate.table.bases, *found)
    # Of the views with the same groups the latest is the nearest, so that the others can go.
    alike = (view.groups, view.held)
    views[name] = (*(each for each in past if (each.groups, each.held) != alike), view)
    return _public(candidate, view, floor)


def _public(candidate: Candidate, view: ShownGroups, floor: int) -> PublicPart:
    whole = not view.held and not view.together
    fine = all(point.spans == 1 for point in candidate.points)  # each class is a single number, as on a scale
    measured = candidate.mean is not None and (whole or (candidate.part.kind == "number" and not fine))
    mean = float(nearest(candidate.mean, 1)) if measured and candidate.mean is not None else None
    cells, base = tuple(_public_cells(candidate.points, view)), rounded(candidate.table.base, floor)
    net = int(percent_of(candidate.net)) if whole and candidate.net is not None else None
    return replace(candidate.part, base=base, cells=cells, mean=mean, net=net)


def _public_cells(points: Sequence[CandidatePoint], view: ShownGroups) -> Iterable[PublicCell]:
    """Points that are shown together become one cell, where the first of them is."""
    by_first = {group[0]: group for group in view.together}
    inner = {code for group in view.together for code in group[1:]}
    by_code = {str(point.code): point for point in points}
    for code, point in by_code.items():
        if code in inner:
            continue
        group = [by_code[each] for each in by_first.get(code, (code,))]
        label, alone = spanned([each.label for each in group]), len(group) == 1
        exact = point.share if alone else sum(each.count for each in group) / point.base
        share = None if code in view.held else int(percent_of(exact))
        yield PublicCell(point.code if alone else label, label, share, len(group))
