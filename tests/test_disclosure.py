"""What the public is shown: no group smaller than the floor can be made out, in one view or between two."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.results.charts.draw import draw
from app.results.disclosure.published import Release, release_from
from app.results.disclosure.release import next_release
from app.results.disclosure.wording import in_language
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.results.view import View
from tests.support.answers import EVERY_TYPE, given_response, instrument
from tests.support.figures import Counts, current, public_figures

CODES = "abcde"


def view(release: Release | None) -> tuple[Counts, Counts, set[str]] | None:
    """What stands in public: the counts it rests on, the percents that are shown, and the codes hidden."""
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


@given(COUNTS, FLOORS)
def test_no_group_below_the_floor_follows_from_one_view(counts, floor):
    found = view(next_release(None, current(counts), floor, floor))
    assume(found is not None)
    _, _, held = found
    for group in known_groups(CODES, held):
        assert sum(counts[code] for code in group) >= floor


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


def groups_of(release: Release) -> list[list[str]]:
    """The groups of cells whose size the last view of the item tells."""
    last = release.views["q"][-1]
    groups = [list(group) for group in (last.held, *last.together) if group]
    return [*groups, *([code] for code in last.counts if not any(code in group for group in groups))]


def groups_that_follow(views: list[tuple[Counts, list[list[str]]]]) -> tuple[np.ndarray, np.ndarray]:
    """Every group of people whose number follows from all the views together, and these numbers.

    People are told apart by the view since which they are in and by the code they chose. A view is a sum over
    those in it, for each of its groups; what follows is what these sums span, and a group is a weight of 0 or 1
    for everyone.
    """
    codes = list(views[0][0])
    arrived = [[0] * len(codes)] + [[counts[code] for code in codes] for counts, _ in views]
    people = np.diff(np.array(arrived), axis=0).ravel()
    sums = [
        [float(wave <= now and code in group) for wave in range(len(views)) for code in codes]
        for now, (_, groups) in enumerate(views)
        for group in groups
    ]
    rows = np.array(sums)
    onto = np.linalg.pinv(rows) @ rows
    groups = (np.arange(1, 2 ** len(people))[:, None] >> np.arange(len(people))) & 1
    follows = np.abs(groups @ onto - groups).max(axis=1) < 1e-9
    return groups[follows], groups[follows] @ people


@given(
    st.sampled_from(["nominal", "ordinal"]),
    st.lists(st.lists(st.integers(0, 12), min_size=4, max_size=4), min_size=2, max_size=14),
    st.sampled_from([3, 5]),
)
def test_no_group_below_the_floor_follows_from_all_views_together(measure, growth, floor):
    """With three views and more a group can follow that no two of them tell."""
    counts, release, views = dict.fromkeys((1, 2, 3, 4), 0), None, []
    for step in growth:
        counts = {code: count + more for (code, count), more in zip(counts.items(), step, strict=True)}
        release = next_release(release, current(counts, measure=measure), floor, floor) or release
        if release and release.views.get("q") and len(views) < 4:
            last = release.views["q"][-1].counts
            if not views or views[-1][0] != last:
                views.append((last, groups_of(release)))
    assume(views)
    _, numbers = groups_that_follow(views)
    assert numbers.min() >= floor


def test_three_views_can_tell_what_no_two_of_them_do():
    """Held back are a with b, then b with c, then a with c: any two views tell of a, b and c only together, and yet
    all three tell who of the second chose c or of the third chose a or c."""
    views = [({"a": 10, "b": 10, "c": 10}, [["a", "b"], ["c"]]), ({"a": 20, "b": 20, "c": 11}, [["a"], ["b", "c"]]),
             ({"a": 21, "b": 40, "c": 11}, [["a", "c"], ["b"]])]  # fmt: skip
    groups, numbers = groups_that_follow(views)
    assert [0, 0, 0, 0, 0, 1, 1, 0, 1] in groups.tolist() and numbers.min() == 2
    for pair in combinations(views, 2):
        assert groups_that_follow(list(pair))[1].min() >= 10


@given(GROWTH, FLOORS, st.data())
def test_between_views_choosers_and_others_of_a_multiple_choice_reach_the_floor(
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


@given(COUNTS, GROWTH, FLOORS)
def test_shares_are_whole_percents_and_bases_are_rounded_down(counts, growth, floor):
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


def test_a_cell_that_never_grows_delays_the_others_only_until_they_double():
    release = next_release(None, current({"a": 40, "b": 40, "c": 20}), 10, 10)
    for more in range(10, 100, 10):
        step = next_release(release, current({"a": 40 + more // 2, "b": 40 + more // 2, "c": 20}), 10, 10)
        assert step.views["q"][-1].base == 100
        release = step
    release = next_release(release, current({"a": 90, "b": 90, "c": 20}), 10, 10)
    counts, shown, held = view(release)
    assert counts["a"] == 90
    assert (set(shown), held) == ({"a"}, {"b", "c"}) or (set(shown), held) == ({"b"}, {"a", "c"})


def test_cells_once_held_back_together_stay_so_until_each_is_large_enough():
    first = next_release(None, current({"a": 50, "b": 6, "c": 5, "d": 12}), 10, 10)
    assert view(first)[2] == {"b", "c"}
    second = next_release(
        first, current({"a": 70, "b": 6, "c": 30, "d": 24}), 10, 10
    )  # b with d would be smaller
    assert view(second)[1:] == ({"a": 54, "d": 18}, {"b", "c"})
    third = next_release(second, current({"a": 80, "b": 16, "c": 60, "d": 44}), 10, 10)
    assert view(third)[1:] == ({"a": 40, "b": 8, "c": 30, "d": 22}, set())


def shown_of(counts: list[int], floor: int = 10, measure: str = "ordinal") -> list[tuple[str, int | None]]:
    figures = current(dict(enumerate(counts, 1)), measure=measure)
    part = next_release(None, figures, floor, floor).items[0].parts[0]
    return [(cell.label, cell.share) for cell in part.cells]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([20, 20, 20, 20, 20], [("1", 20), ("2", 20), ("3", 20), ("4", 20), ("5", 20)]),
        ([3, 17, 40, 30, 10], [("1–2", 20), ("3", 40), ("4", 30), ("5", 10)]),
        ([3, 17, 40, 36, 4], [("1–2", 20), ("3", 40), ("4–5", 40)]),
        ([1, 2, 37, 56, 4], [("1–3", 40), ("4–5", 60)]),
        ([5, 0, 5, 90, 0], [("1–3", 10), ("4–5", 90)]),
        ([1, 0, 1, 9, 0], [("1", None), ("2", None), ("3", None), ("4", None), ("5", None)]),
    ],
)
def test_points_of_a_scale_that_too_few_chose_are_shown_with_their_neighbours(counts, shown):
    assert shown_of(counts) == shown


def test_options_that_are_no_scale_are_never_put_together():
    assert shown_of([3, 17, 40, 30, 10], measure="nominal") == [
        ("1", None),
        ("2", 17),
        ("3", 40),
        ("4", 30),
        ("5", None),
    ]


def test_points_shown_together_come_apart_once_each_has_enough_newcomers():
    asked = {1: 3, 2: 17, 3: 40, 4: 30, 5: 10}
    release = next_release(None, current(asked, measure="ordinal"), 10, 10)
    asked = {1: 9, 2: 24, 3: 50, 4: 40, 5: 20}
    release = next_release(release, current(asked, measure="ordinal"), 10, 10)
    assert [cell.label for cell in release.items[0].parts[0].cells] == ["1–2", "3", "4", "5"]
    asked = {1: 12, 2: 31, 3: 60, 4: 50, 5: 30}
    release = next_release(release, current(asked, measure="ordinal"), 10, 10)
    assert [(cell.label, cell.share) for cell in release.items[0].parts[0].cells] == [
        ("1", 7), ("2", 17), ("3", 33), ("4", 27), ("5", 16),
    ]  # fmt: skip


def test_only_submitted_responses_count_and_only_without_a_filter():
    asked = instrument()
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"status": "left"}, "open") for n in range(50)])
    assert next_release(None, figures(frame), 10, 10) is None
    with pytest.raises(ValueError, match="all complete"):
        next_release(None, figures(frame, View("all")), 10, 10)


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
    items = {item.id: item for item in public_figures(figures(frame), 10)}
    years = items["years"].parts[0]
    assert years.mean == 34.5
    assert sum(cell.share for cell in years.cells) == pytest.approx(100, abs=3)
    assert (items["more"].parts[0].base, items["more"].parts[0].cells) == (140, ())
    assert "secret" not in json.dumps([str(item) for item in items.values()])


def test_a_mean_is_shown_only_when_no_cell_is_held_back():
    asked = instrument(EVERY_TYPE.replace('show_if: has(reasons, "burnout") or years < 5', "required: true"))
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"status": "left", "sure": 1 + n % 5}) for n in range(50)])
    (sure,) = [item.parts[0] for item in public_figures(figures(frame), 10) if item.id == "sure"]
    assert sure.mean == 3.0
    frame.take([given_response(asked, 4, {"status": "left", "sure": 1}, seq=60)])
    (sure,) = [item.parts[0] for item in public_figures(figures(frame), 10) if item.id == "sure"]
    assert sure.mean is None


# --- the further types --------------------------------------------------------------------------------------

KINDS = """
title: T
languages: [en]
arms: {cause: [burnout, family]}
scales:
  five: {1: Low, 2: Lower, 3: Middle, 4: Higher, 5: High}
compute:
  old: {label: Old, value: years > 30}
scores:
  mood: {label: Mood, mean: [m.a, m.b], bands: {low: {label: Low, below: 3}, high: High}}
sections:
  s:
    items:
      years: {type: number, ask: Years?, range: [0, 5]}
      m: {type: matrix, ask: How?, scale: five, statements: {a: A, b: B}}
      rank: {type: ranking, ask: Which?, top: 2, options: {x: X, y: Y, z: Z}}
      time: {type: constant_sum, ask: How?, options: {clinic: Clinic, paper: Paper}}
      best: {type: best_worst, ask: What?, best: Best, worst: Worst, options: {x: X, y: Y, z: Z}}
      pair: {type: semantic_differential, ask: It is …, points: 5, pairs: {warm: [Cold, Warm]}}
      day: {type: date, ask: When?}
  cases:
    items:
      move:
        type: vignette
        text: "{who} moves."
        attributes: {who: {doctor: A doctor, lawyer: A lawyer}}
        each_sees: 1
        design: random
        ratings: {seen: {ask: How seen?, scale: five}}
"""


def shown_kinds(rows: list[dict], floor: int = 10):
    """What everyone would be shown of these answers, by item."""
    asked = instrument(KINDS)
    frame = Frame([asked])
    frame.take(
        [
            given_response(asked, n, {"cause": "burnout", "move_who_1": "doctor"} | row)
            for n, row in enumerate(rows)
        ]
    )
    return {item.id: item for item in public_figures(figures(frame), floor)}


def shares(part) -> list[tuple[str, int | None]]:
    return [(cell.label, cell.share) for cell in part.cells]


def test_of_a_ranking_only_what_came_first_is_shown():
    """The other ranks stand in a table whose columns add up: what one option holds back the others would tell."""
    rows = [{"rank": ["x", "y"]}] * 30 + [{"rank": ["y", "x"]}] * 20 + [{"rank": ["z", "y"]}] * 10
    rank = shown_kinds(rows)["rank"]
    assert shares(*rank.parts) == [("X", 50), ("Y", 33), ("Z", 17)]
    assert (rank.withheld, rank.parts[0].base, rank.parts[0].mean) == ("ranks", 60, None)
    rank = shown_kinds([*rows[:55]])["rank"]
    assert shares(*rank.parts) == [("X", 55), ("Y", None), ("Z", None)]


def test_of_a_constant_sum_all_means_are_shown_or_none():
    def time(gave: list[int]):
        return shown_kinds([{"time.clinic": each, "time.paper": 100 - each} for each in gave])["time"].parts[
            0
        ]

    assert shares(time([60] * 10 + [80] * 10)) == [("Clinic", 70), ("Paper", 30)]
    assert time([100] * 11 + [40] * 9).cells == ()  # nine alone gave anything to paper
    assert shares(time([100] * 11 + [40] * 10)) == [("Clinic", 71), ("Paper", 29)]


def test_a_constant_sum_moves_when_enough_newcomers_gave_to_each():
    asked = instrument(KINDS)
    frame, release, seen = Frame([asked]), None, []
    for gave in ([50] * 20, [100] * 15, [100] * 15 + [50] * 5, [20] * 5):
        start = frame.rows
        frame.take(
            [
                given_response(asked, start + n, {"time.clinic": each, "time.paper": 100 - each})
                for n, each in enumerate(gave)
            ]
        )
        release = next_release(release, figures(frame), 10, 10) or release
        (time,) = [item.parts[0] for item in release.items if item.id == "time"]
        seen.append(time.cells[0].share)
    # the fifteen gave nothing to paper; five more did, which is too few; with a further five they are ten
    assert seen == [50, 50, 50, 50]
    frame.take([given_response(asked, 500 + n, {"time.clinic": 20, "time.paper": 80}) for n in range(10)])
    release = next_release(release, figures(frame), 10, 10)
    (time,) = [item.parts[0] for item in release.items if item.id == "time"]
    assert time.cells[0].share == round((20 * 50 + 30 * 100 + 5 * 50 + 15 * 20) / 70)


def test_best_and_worst_are_two_tables_and_pairs_are_scales():
    rows = (
        [{"best.best": "x", "best.worst": "y"}] * 20
        + [{"best.best": "y", "best.worst": "z"}] * 12
        + [{"best.best": "z", "best.worst": "x"}] * 12
    )
    rows = [row | {"pair.warm": 1 + n % 4} for n, row in enumerate(rows)]
    found = shown_kinds(rows)
    best, worst = found["best"].parts
    assert (shares(best), shares(worst)) == (
        [("X", 45), ("Y", 27), ("Z", 27)],
        [("X", 27), ("Y", 45), ("Z", 27)],
    )
    assert shares(*found["pair"].parts) == [("Cold", 25), ("2", 25), ("3", 25), ("4 – Warm", 25)]


def test_dates_are_told_by_decade_and_neighbouring_decades_put_together():
    rows = [{"day": f"{year}-05-05"} for year in [1985] * 12 + [1991] * 8 + [2003] * 20 + [2015] * 15]
    (day,) = shown_kinds(rows)["day"].parts
    assert shares(day) == [("1900–1999", 36), ("2000–2009", 36), ("2010–2099", 27)]


def test_what_follows_from_other_answers_or_differs_by_respondent_is_not_shown():
    rows = [{"m.a": 1 + n % 5, "m.b": 5, "years": n % 6, "move_seen_1": 1 + n % 5} for n in range(100)]
    found = shown_kinds(rows)
    assert {name for name, item in found.items() if item.withheld == "all"} == {
        "mood",
        "mood_band",
        "old",
        "move.seen",
    }
    assert all(not item.parts for item in found.values() if item.withheld == "all")
    assert not {"cause", "move.who", "move_seen_1"} & found.keys()


def test_those_with_the_highest_score_are_among_those_with_the_highest_answer():
    """Why scores are hidden: of 50 who answered 5 to a, 48 score 5; the two others would be made out."""
    rows = [{"m.a": 5, "m.b": 5}] * 48 + [{"m.a": 5, "m.b": 1}] * 2 + [{"m.a": 1, "m.b": 1}] * 50
    asked = instrument(KINDS)
    frame = Frame([asked])
    frame.take([given_response(asked, n, row) for n, row in enumerate(rows)])
    full = {item.id: item for item in figures(frame).items}
    answered, scored = full["m"].parts[0].cells[-1].count.n, dict(full["mood"].parts[0].values)[5.0].n
    assert (answered, scored, answered - scored) == (50, 48, 2)
    assert shown_kinds(rows)["mood"].parts == ()


def test_a_number_of_single_values_has_a_mean_only_when_no_two_are_combined():
    whole, some = [{"years": n % 6} for n in range(60)], [{"years": n % 6} for n in range(59)]
    (years,) = shown_kinds(whole)["years"].parts
    assert (years.mean, len(years.cells)) == (2.5, 6)
    (years,) = shown_kinds(some)["years"].parts
    assert (years.mean, shares(years)[-1]) == (None, ("4–5", 32))


def test_classes_that_a_new_version_changes_are_never_compared_with_the_old_ones():
    def counted(asked, n):
        frame = Frame([asked])
        frame.take([given_response(asked, each, {"years": each % 6}) for each in range(n)])
        return figures(frame)

    asked, wider = instrument(KINDS), instrument(KINDS.replace("range: [0, 5]", "range: [0, 99]"))
    first = next_release(None, counted(asked, 60), 10, 10)
    second = next_release(first, counted(wider, 120), 10, 10)
    (years,) = [item.parts[0] for item in second.items if item.id == "years"]
    assert years.base == 120 and all(cell.share is None for cell in years.cells)


def test_public_figures_speak_each_of_the_languages_by_their_codes():
    asked = instrument(KINDS)
    other = instrument(
        KINDS.replace("X, y: Y", "Eks, y: Ypsilon")
        .replace("Low, 2: Lower", "Tief, 2: Tiefer")
        .replace("Which?", "Welche?")
    )
    rows = [{"rank": ["x", "y"], "m.a": 1 + n % 2 * 3} for n in range(30)] + [
        {"rank": ["y", "x"], "m.a": 5} for n in range(30)
    ]
    frame = Frame([asked])
    frame.take([given_response(asked, n, row) for n, row in enumerate(rows)])
    found = {item.id: item for item in in_language(public_figures(figures(frame), 10), other)}
    assert (found["rank"].ask, shares(*found["rank"].parts)[0][0]) == ("Welche?", "Eks")
    assert [label for label, _ in shares(found["m"].parts[0])] == ["Tief – Middle", "Higher", "High"]


def test_a_release_is_kept_as_json_and_comes_back_the_same():
    release = next_release(None, current({"a": 40, "b": 30, "c": 9}), 10, 10)
    assert release_from(json.loads(json.dumps(release.stored()))) == release


def test_a_release_of_an_earlier_version_is_drawn_as_before():
    """It says what type each item is, and neither its figure nor the poles of its pairs."""
    asked = instrument(
        "title: T\nsections: {s: {items: {"
        "how: {type: rating, ask: How?, scale: {1: Badly, 2: So so, 3: Well}},"
        "feels: {type: semantic_differential, ask: It is, points: 5, pairs: {warm: [Cold, Warm]}},"
        "matters: {type: best_worst, ask: What?, best: Most, worst: Least, options: {a: A, b: B, c: C}}}}}"
    )
    frame = Frame([asked])
    for n in range(60):
        answers = {"how": n % 3 + 1, "feels.warm": n % 5 + 1, "matters.best": "abc"[n % 3], "matters.worst": "bca"[n % 3]}
        frame.take([given_response(asked, n, answers, seq=n + 1)])
    release = next_release(None, figures(frame), 10, 10)
    kept = json.loads(json.dumps(release.stored()))
    for item in kept["items"]:
        item["type"] = "some_type"
        del item["figure"], item["long_list"]
        for part in item["parts"]:
            del part["measure"], part["poles"]
    old, new = ([draw(item) for item in in_language(each.items, asked)] for each in (release_from(kept), release))
    assert old == new
    assert [drawing.kind for drawing in old] == ["columns", "stacks", "paired"]
