"""What the public is shown: no group smaller than the floor can be made out, in one view or between two."""

from __future__ import annotations

import json
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.results.disclosure import Release, next_release, public_figures, release_from
from app.results.frame import Frame
from app.results.marginals import Cell, Figures, ItemFigures, Marginal, figures
from tests.answers import EVERY_TYPE, given_response, instrument

CODES = "abcde"
Counts = dict[str, int]


def current(counts: Counts, kind: str = "choice", base: int | None = None, n: int | None = None) -> Figures:
    """The figures of one item with these counts."""
    base = sum(counts.values()) if base is None else base
    cells = tuple(
        Cell(code, code, count, base, count / base if base else None, 0.0, 1.0)
        for code, count in counts.items()
    )
    part = Marginal("q", "", kind, base, base, {}, cells)
    item = ItemFigures("q", "q", "s", "single_choice", "Q?", None, (part,))
    return Figures("survey", 0, "submitted", None, base if n is None else n, (item,))


def view(release: Release | None) -> tuple[Counts, Counts, set[str]] | None:
    """What stands in public: the counts it rests on, the percents that are shown, and the codes held back."""
    if release is None or not release.views.get("q"):
        return None
    part = release.items[0].parts[0]
    last = release.views["q"][-1]
    shown = {str(cell.code): cell.share for cell in part.cells if cell.share is not None}
    held = {str(cell.code) for cell in part.cells if cell.share is None}
    assert held == set(last.held)
    return last.counts, shown, held


def known_groups(codes: str, held: set[str]) -> set[frozenset[str]]:
    """Every set of cells whose sum follows from a view, were its shares exact and its base known."""
    groups = set()
    for size in range(1, len(codes) + 1):
        for group in map(frozenset, combinations(codes, size)):
            if not group & held or held <= group:
                groups.add(group)
    return groups


COUNTS = st.fixed_dictionaries({code: st.integers(0, 40) for code in CODES})
GROWTH = st.lists(st.fixed_dictionaries({code: st.integers(0, 9) for code in CODES}), min_size=1, max_size=30)
FLOORS = st.sampled_from([3, 5, 10])


@settings(max_examples=400, deadline=None)
@given(COUNTS, FLOORS)
def test_no_group_below_the_floor_follows_from_one_view(counts, floor):
    found = view(next_release(None, current(counts), floor, floor))
    assume(found is not None)
    _, _, held = found
    for group in known_groups(CODES, held):
        assert sum(counts[code] for code in group) >= floor


@settings(max_examples=300, deadline=None)
@given(COUNTS, GROWTH, FLOORS, st.integers(1, 30))
def test_no_group_below_the_floor_follows_from_two_views(counts, growth, floor, every):
    """Whatever is shown of an item along the way, subtracting one view from another never tells of a group
    of newcomers that is smaller than the floor."""
    release, views = None, []
    for step in growth:
        counts = {code: counts[code] + step[code] for code in CODES}
        release = next_release(release, current(counts), floor, every) or release
        found = view(release)
        if found is not None and (not views or found[0] != views[-1][0]):
            views.append(found)
    for earlier, later in combinations(views, 2):
        for group in known_groups(CODES, earlier[2]) & known_groups(CODES, later[2]):
            grown = sum(later[0][code] - earlier[0][code] for code in group)
            assert grown >= floor


@settings(max_examples=200, deadline=None)
@given(GROWTH, FLOORS, st.data())
def test_between_views_of_a_multiple_choice_both_who_chose_and_who_did_not_reach_the_floor(
    growth, floor, data
):
    counts, base, release, views = dict.fromkeys(CODES, 0), 0, None, []
    for step in growth:
        come = max(step.values()) + data.draw(st.integers(0, 9))
        counts, base = {code: counts[code] + step[code] for code in CODES}, base + come
        release = next_release(release, current(counts, "flags", base), floor, floor) or release
        found = view(release)
        if found is not None and (not views or views[-1][1] != release.views["q"][-1].base):
            views.append((found, release.views["q"][-1].base))
    for (then, then_base), (now, now_base) in combinations(views, 2):
        assert now_base - then_base >= floor
        for code in then[1].keys() & now[1].keys():
            chose = now[0][code] - then[0][code]
            assert chose >= floor and now_base - then_base - chose >= floor


@settings(max_examples=200, deadline=None)
@given(COUNTS, GROWTH, FLOORS, st.sampled_from(CODES))
def test_one_person_more_or_less_never_moves_what_has_just_been_released(counts, growth, floor, code):
    release = None
    for step in growth:
        counts = {code: counts[code] + step[code] for code in CODES}
        release = next_release(release, current(counts), floor, floor) or release
    assume(release is not None)
    assume(release.responses == sum(counts.values()))
    for change in (-1, 1):
        assert next_release(release, current({**counts, code: counts[code] + change}), floor, floor) is None


@settings(max_examples=200, deadline=None)
@given(COUNTS, GROWTH, FLOORS)
def test_shares_are_whole_percents_of_what_is_behind_them_and_bases_are_rounded_down(counts, growth, floor):
    release = None
    for step in growth:
        counts = {code: counts[code] + step[code] for code in CODES}
        release = next_release(release, current(counts), floor, floor) or release
        found = view(release)
        if found is not None:
            behind, shown, _ = found
            base = sum(behind.values())
            assert all(share == round(100 * behind[code] / base) for code, share in shown.items())
            assert release.items[0].parts[0].base == base - base % floor
            assert release.shown == release.responses - release.responses % floor


def test_nothing_is_shown_of_an_item_that_fewer_than_the_floor_answered():
    release = next_release(None, current({"a": 9, "b": 0}, n=200), 10, 10)
    part = release.items[0].parts[0]
    assert (part.base, part.cells, part.mean) == (0, (), None)


@pytest.mark.parametrize(
    ("counts", "held"),
    [
        ({"a": 40, "b": 30, "c": 30}, set()),
        ({"a": 40, "b": 30, "c": 9}, {"b", "c"}),  # alone it would follow from the rest
        ({"a": 40, "b": 6, "c": 5}, {"b", "c"}),  # together they are 11
        ({"a": 40, "b": 5, "c": 4}, {"a", "b", "c"}),  # together they are 9
        ({"a": 50, "b": 30, "c": 0}, {"b", "c"}),  # that nobody chose it tells of everyone
    ],
)
def test_which_cells_are_held_back(counts, held):
    assert view(next_release(None, current(counts), 10, 10))[2] == held


def test_a_cell_that_never_grows_holds_up_the_others_only_until_there_are_twice_as_many():
    release = next_release(None, current({"a": 40, "b": 40, "c": 20}), 10, 10)
    for more in range(10, 100, 10):
        step = next_release(release, current({"a": 40 + more // 2, "b": 40 + more // 2, "c": 20}), 10, 10)
        assert step.views["q"][-1].base == 100
        release = step
    release = next_release(release, current({"a": 90, "b": 90, "c": 20}), 10, 10)
    counts, shown, held = view(release)
    assert counts["a"] == 90
    assert (set(shown), held) == ({"a"}, {"b", "c"}) or (set(shown), held) == ({"b"}, {"a", "c"})


def test_an_item_moves_when_the_cells_held_back_are_others_than_before():
    first = next_release(None, current({"a": 50, "b": 6, "c": 5, "d": 12}), 10, 10)
    assert view(first)[2] == {"b", "c"}
    second = next_release(first, current({"a": 70, "b": 6, "c": 30, "d": 13}), 10, 10)
    assert view(second)[1:] == ({"a": 59, "c": 25}, {"b", "d"})


def test_only_submitted_responses_count_and_only_without_a_filter():
    asked = instrument()
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"status": "left"}, "open") for n in range(50)])
    assert next_release(None, figures(frame, "submitted"), 10, 10) is None
    with pytest.raises(ValueError, match="all submitted"):
        next_release(None, figures(frame, "everyone"), 10, 10)


def test_a_release_waits_for_a_whole_batch():
    first = next_release(None, current({"a": 15, "b": 15}), 10, 25)
    assert first.responses == 30
    assert next_release(first, current({"a": 27, "b": 27}), 10, 25) is None
    assert next_release(first, current({"a": 28, "b": 27}), 10, 25).responses == 55
    assert next_release(None, current({"a": 12, "b": 12}), 10, 25) is None


def test_numbers_show_a_mean_and_classes_and_texts_only_how_many():
    asked = instrument()
    frame = Frame([asked])
    frame.take(
        [
            given_response(asked, n, {"status": "left", "years": n % 70, "more": "a secret"})
            for n in range(140)
        ]
    )
    items = {item.id: item for item in public_figures(figures(frame, "submitted"), 10)}
    years = items["years"].parts[0]
    assert years.mean == 34.5
    assert sum(cell.share for cell in years.cells) == pytest.approx(100, abs=3)
    assert (items["more"].parts[0].base, items["more"].parts[0].cells) == (140, ())
    assert "secret" not in json.dumps([str(item) for item in items.values()])


def test_a_mean_is_shown_only_when_no_cell_is_held_back():
    asked = instrument(EVERY_TYPE.replace('show_if: has(reasons, "burnout") or years < 5', "required: true"))
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"status": "left", "sure": 1 + n % 5}) for n in range(50)])
    (sure,) = [item.parts[0] for item in public_figures(figures(frame, "submitted"), 10) if item.id == "sure"]
    assert sure.mean == 3.0
    frame.take([given_response(asked, 4, {"status": "left", "sure": 1}, seq=60)])
    (sure,) = [item.parts[0] for item in public_figures(figures(frame, "submitted"), 10) if item.id == "sure"]
    assert sure.mean is None


def test_a_release_is_kept_as_json_and_comes_back_the_same():
    release = next_release(None, current({"a": 40, "b": 30, "c": 9}), 10, 10)
    assert release_from(json.loads(json.dumps(release.kept()))) == release
