"""Marginals: both ways of counting agree, every estimate matches another's, and charts show what was counted."""

from __future__ import annotations

import math
import re
import statistics
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.charts.draw import draw
from app.results.charts.geometry import Drawing
from app.results.charts.reliability import with_reliability
from app.results.findings import findings, with_findings
from app.results.frame import counters as tally
from app.results.frame import segments
from app.results.frame.frame import Frame
from app.results.items import binned
from app.results.marginals import figures
from app.results.progress import progress
from app.results.statistics.binning import date_classes, number_classes
from app.results.statistics.cells import unweighted
from app.results.statistics.intervals import wilson
from app.results.statistics.reliability import Omega, Pairwise, Reliability
from app.results.view import AMONG, View
from app.survey.conditions.language import parse_condition, whole_scope
from app.web.http.templates import environment
from tests.support.answers import answers_to, given_response, instrument
from tests.support.figures import public_figures
from tests.support.paths import walk

ASKED = instrument()
ROWS = st.lists(
    st.tuples(
        st.integers(0, 30),
        answers_to(ASKED),
        st.sampled_from(["open", "complete", "complete", "withdrawn"]),
    ),
    max_size=50,
)


def framed(asked, rows, **about) -> Frame:
    """A frame of these answers, all submitted."""
    frame = Frame([asked])
    frame.take([given_response(asked, number, answers, **about) for number, answers in enumerate(rows)])
    return frame


def part(frame: Frame, item: str, place: int = 0, among: str = "complete"):
    (found,) = [each for each in figures(frame, View(among)).items if each.id == item]
    return found.parts[place]


def asking(items: str):
    """An instrument of one section with these items, one on a line."""
    lines = "\n".join(f"      {line}" for line in items.strip().splitlines())
    return instrument(
        f"title: T\nscales:\n  five: {{1: Low, 2: Lower, 3: Middle, 4: Higher, 5: High}}\nsections:\n  s:\n    items:\n{lines}\n"
    )


# --- counting -----------------------------------------------------------------------------------------------


@given(ROWS, st.integers(1, 9))
def test_counters_kept_and_rows_counted_give_the_same_tally(rows, batch):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SMALLEST", 4)
        patch.setattr(segments, "MERGED_AT_ONCE", 2)
        patch.setattr(segments, "LARGEST", 16)
        patch.setattr(segments, "JOINED_BELOW", 8)
        patch.setattr(tally, "SORTED_AT_ONCE", 6)
        patch.setattr(tally, "TEXTS_SHOWN", 3)
        patch.setattr(tally, "TEXTS_KEPT", 5)
        frame = Frame([ASKED])
        changes = [
            given_response(ASKED, number, answers, disposition, seq, minutes=seq % 5, day=seq % 3)
            for seq, (number, answers, disposition) in enumerate(rows, 1)
        ]
        for start in range(0, len(changes), batch):
            frame.take(changes[start : start + batch])
            for among in AMONG:
                assert frame.tally(View(among)).same_as(frame.counted(View(among)).whole)


@given(
    st.lists(answers_to(ASKED), max_size=30),
    st.sampled_from(['status == "left"', "years > 30", 'has(reasons, "visa")']),
)
def test_a_filter_counts_as_a_frame_of_only_those_rows_would(rows, source):
    condition = parse_condition(source, whole_scope(ASKED))
    chosen = [answers for answers in rows if condition.holds(walk(ASKED, answers).answers) is True]
    filtered = figures(framed(ASKED, rows), View("all", where=condition))
    # The numbers of the responses differ, and with them the order in which texts are the latest.
    assert [[(p.answered, p.missing, p.cells, p.values) for p in item.parts] for item in filtered.items] == [
        [(p.answered, p.missing, p.cells, p.values) for p in item.parts]
        for item in figures(framed(ASKED, chosen)).items
    ]
    assert filtered.n == len(chosen)


def test_open_responses_are_in_the_figures_of_all_begun_only():
    frame = Frame([ASKED])
    frame.take(
        [given_response(ASKED, 1, {"status": "left"}), given_response(ASKED, 2, {"status": "left"}, "open")]
    )
    assert (part(frame, "status", among="all").answered, part(frame, "status").answered) == (2, 1)


def test_missing_reasons_are_counted_apart_and_are_in_no_share():
    rows = [{"status": "left", "years": 1}, {"status": "left", "years": {"missing": "declined"}},
            {"status": "left", "years": {"missing": "skipped"}}, {"status": "other"}, {"status": {"missing": "skipped"}}]  # fmt: skip
    frame = framed(ASKED, rows)
    years, status = part(frame, "years"), part(frame, "status")
    assert dict(years.missing) == {
        "not_shown": 2, "skipped": 1, "declined": 1, "dont_know": 0, "not_applicable": 0, "not_reached": 0,
    }  # fmt: skip
    assert (years.answered, years.shown, status.answered, status.shown) == (1, 3, 4, 5)
    assert [cell.share for cell in status.cells] == [0, 0.75, 0.25]


def test_shares_of_a_multiple_choice_are_per_respondent():
    asked = asking("q: {type: multiple_choice, ask: Which?, options: {a: A, b: B, c: C}}")
    found = part(
        framed(asked, [{"q": ["a", "b"]}, {"q": ["a"]}, {"q": []}, {"q": {"missing": "skipped"}}]), "q"
    )
    assert [(cell.count.n, cell.base.n) for cell in found.cells] == [(2, 3), (1, 3), (0, 3)]
    assert found.answered == 3


def test_a_multiple_choice_that_nobody_answered_says_why_and_when_it_is_asked():
    asked = asking("""
n: {type: number, ask: How many?, range: [0, 9]}
q: {type: multiple_choice, ask: Which?, show_if: n > 1, options: {a: {label: A, show_if: n > 5}, b: B}}
""")
    skipped = {"missing": "skipped"}
    frame = framed(asked, [{"n": 7, "q": skipped}, {"n": 2, "q": skipped}, {"n": 0}])
    (found,) = [each for each in figures(frame).items if each.id == "q"]
    assert (found.base, found.answered, found.shown) == ("n > 1", 0, 2)
    assert {reason: n for reason, n in found.missing.items() if n} == {"not_shown": 1, "skipped": 2}
    drawing = draw(found)
    assert [str(said) for said, _ in drawing.missing] and drawing.counted.values == {"n": "0", "all": "2"}


def test_progress_says_where_responses_stand_and_where_they_were_left():
    frame = Frame([ASKED])
    frame.take(
        [
            given_response(ASKED, 1, {"status": "left"}, minutes=4),
            given_response(ASKED, 2, {"status": "left"}, minutes=9),
            given_response(ASKED, 3, {"status": "left"}, "open"),
            given_response(ASKED, 4, {"status": "practising"}, "open"),
            given_response(ASKED, 5, {}, "open"),
            given_response(ASKED, 6, {}, "withdrawn"),
        ]
    )
    going = progress(frame)
    assert (going.started, going.complete, going.open, going.partial, going.break_off, going.withdrawn) == (
        6,
        2,
        3,
        1,
        2,
        1,
    )
    pages = [(page.section, page.came, page.possible, page.stopped) for page in going.pages]
    assert pages == [("where_you_are", 5, 5, 1), ("why", 3, 5, 1), ("how_it_is_seen", 3, 5, 1), (None, 2, 5, 0)]
    assert going.minutes.median == 6.5


def test_the_latest_texts_are_shown_in_alphabetical_order():
    asked = asking("q: {type: text, ask: What?}")
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"q": f"text {n:03}"}, day=n) for n in range(100)])
    assert part(frame, "q").texts == tuple(f"text {n:03}" for n in range(80, 100))
    assert part(frame, "q").answered == 100
    frame.take([given_response(asked, n, {}, "withdrawn", seq=n) for n in range(30, 95)])
    assert part(frame, "q").texts == tuple(f"text {n:03}" for n in [*range(15, 30), *range(95, 100)])


def test_the_latest_texts_stay_the_latest_whatever_is_withdrawn_or_comes_late():
    asked = asking("q: {type: text, ask: What?}")
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"q": f"text {n:03}"}, day=n) for n in range(200)])
    left = set(range(200))
    for start in range(199, 40, -7):
        gone = range(start - 6, start + 1)
        frame.take([given_response(asked, n, {}, "withdrawn") for n in gone])
        if start > 170:
            frame.take([given_response(asked, 1000 + start, {"q": "an old one"}, day=0)])
        left -= set(gone)
        assert part(frame, "q").texts == tuple(f"text {n:03}" for n in sorted(left)[-20:])


# --- estimates ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_those_of_the_published_table(count, n, low, high):
    """R. G. Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3."""
    assert wilson(count, n) == pytest.approx((low, high), abs=0.00005)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_wilson_interval_ends_where_the_score_test_does(pair):
    count, n = pair
    for end in wilson(count, n):
        if 0 < end < 1:
            assert abs(count / n - end) / math.sqrt(end * (1 - end) / n) == pytest.approx(1.959964, rel=1e-5)
    low, high = wilson(count, n)
    assert 0 <= low <= count / n <= high <= 1


@given(st.lists(st.integers(0, 70), min_size=1, max_size=60))
def test_mean_median_and_deviation_are_those_of_the_standard_library(values):
    asked = asking("n: {type: number, ask: How many?, range: [0, 70]}")
    found = part(framed(asked, [{"n": value} for value in values]), "n").summary
    assert found.mean == pytest.approx(statistics.fmean(values))
    assert found.median == statistics.median(values)
    assert found.sd == (pytest.approx(statistics.stdev(values)) if len(values) > 1 else None)


def test_a_rating_has_a_mean_and_options_have_none():
    asked = asking(
        "r: {type: rating, ask: How?, scale: five}\nq: {type: single_choice, ask: Which?, options: {1: A, 2: B}}"
    )
    frame = framed(asked, [{"r": 2, "q": 1}, {"r": 5, "q": 2}])
    assert (part(frame, "r").summary.mean, part(frame, "q").summary.mean) == (3.5, None)


@given(
    st.integers(-50, 50),
    st.integers(1, 2000),
    st.lists(st.integers(-60, 2100), max_size=30),
    st.integers(2, 14),
)
def test_classes_of_a_number_cover_its_range_once_whatever_was_answered(least, width, values, most):
    asked = asking(f"n: {{type: number, ask: How many?, range: [{least}, {least + width}]}}")
    inside = [min(max(value, least), least + width) for value in values]
    cells = binned(part(framed(asked, [{"n": value} for value in inside]), "n"), most)
    edges = [tuple(map(int, cell.label.split("–"))) for cell in cells]
    assert len(cells) <= most
    assert (edges[0][0], edges[-1][-1]) == (least, least + width)
    assert all(before[-1] + 1 == after[0] for before, after in pairwise(edges))
    assert [cell.count.n for cell in cells] == [
        sum(low[0] <= value <= low[-1] for value in inside) for low in edges
    ]


@given(st.integers(-40, 40), st.integers(1, 900), st.sampled_from([0, 1, 2]), st.lists(st.integers(0, 900)))
def test_classes_of_decimals_cover_the_range_once(least, width, decimals, steps):
    """In steps of the last decimal the classes lie side by side, and each value is counted where it lies."""
    unit = 10**decimals
    values = [(least + min(step, width)) / unit for step in steps]
    classes = number_classes(
        [(value, unweighted(1)) for value in values], (least / unit, (least + width) / unit), decimals, 12
    )
    edges = [[round(float(edge) * unit) for edge in each.label.split("–")] for each in classes]
    assert (edges[0][0], edges[-1][-1], len(classes) <= 12) == (least, least + width, True)
    assert all(before[-1] + 1 == after[0] for before, after in pairwise(edges))
    assert [each.spans for each in classes] == [low[-1] - low[0] + 1 for low in edges]
    assert [each.count.n for each in classes] == [
        sum(low[0] <= round(value * unit) <= low[-1] for value in values) for low in edges
    ]


def test_classes_are_named_by_what_lies_in_them():
    def labels(bounds, decimals, most=5, values=()):
        return [
            each.label for each in number_classes([(value, unweighted(1)) for value in values], bounds, decimals, most)
        ]

    assert labels((0, 70), 0) == ["0–19", "20–39", "40–59", "60–70"]
    assert labels((0, 24), 1) == ["0–4.9", "5–9.9", "10–14.9", "15–19.9", "20–24"]
    assert labels((1, 5), None, most=4) == ["1–<2", "2–<3", "3–<4", "4–5"]
    assert labels((0, 70), 0, values=(-3, 99)) == [
        "≤ 19",
        "20–39",
        "40–59",
        "≥ 60",
    ]  # an older version took more


@given(
    st.lists(
        st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 9)), min_size=1, max_size=20
    )
)
def test_every_value_without_a_smallest_step_lies_in_a_class(values):
    classes = number_classes([(value, unweighted(1)) for value in values], (min(values), max(values)), None, 12)
    assert 1 <= len(classes) <= 12 and sum(each.count.n for each in classes) == len(values)
    assert not any(each.label[0] in "≤≥" for each in classes)


@pytest.mark.parametrize(
    ("dates", "classes"),
    [
        (["2026-11-28", "2026-12-01", "2026-12-01"], [("2026-11-28", 1), ("2026-11-29", 0), ("2026-11-30", 0), ("2026-12-01", 2)]),
        (["2026-01-31", "2026-03-01"], [("2026-01", 1), ("2026-02", 0), ("2026-03", 1)]),
        (["2026-01", "2026-02"], [("2026-01", 1), ("2026-02", 1)]),
        (["2019-05-05", "2021-01-01"], [("2019-05", 1), *((f"{2019 + (4 + m) // 12}-{(4 + m) % 12 + 1:02}", 0) for m in range(1, 20)), ("2021-01", 1)]),
        (["1998-01-01", "2003"], [("1998", 1), ("1999", 0), ("2000", 0), ("2001", 0), ("2002", 0), ("2003", 1)]),
        (["1901", "2026"], [(f"{year}–{year + 9}", int(year in (1900, 2020))) for year in range(1900, 2030, 10)]),
    ],
)  # fmt: skip
def test_dates_are_counted_by_day_month_or_years_as_fits(dates, classes):
    counted = sorted({each: unweighted(dates.count(each)) for each in dates}.items())
    assert [(each.label, each.count.n) for each in date_classes(counted)] == classes


# --- the further types --------------------------------------------------------------------------------------


def chart(frame: Frame, item: str, language: str = "en"):
    (found,) = [each for each in with_findings(figures(frame), findings(frame)).items if each.id == item]
    return draw(found, language)


def test_a_ranking_shows_each_rank_and_the_mean_rank_among_those_who_ranked_it():
    """a: 1st, 1st, 2nd, not. b: 2nd, not, 1st, 2nd. c: not, 2nd, not, 1st. "Not among the first" is no place."""
    asked = asking("q: {type: ranking, ask: Which?, top: 2, options: {a: A, b: B, c: C}}")
    rows = [
        {"q": ["a", "b"]},
        {"q": ["a", "c"]},
        {"q": ["b", "a"]},
        {"q": ["c", "b"]},
        {"q": {"missing": "skipped"}},
    ]
    frame = framed(asked, rows)
    first, second, third = figures(frame).items[0].parts
    assert [(cell.code, cell.count.n) for cell in first.cells] == [(1, 2), (2, 1), (0, 1)]
    assert [(p.summary.mean, p.summary.n, p.answered) for p in (first, second, third)] == [
        (4 / 3, 3, 4),
        (5 / 3, 3, 4),
        (1.5, 2, 4),
    ]
    drawing = chart(frame, "q")
    (panel,) = drawing.panels
    assert [(row.label, row.start) for row in panel.rows] == [("A", "75%"), ("B", "75%"), ("C", "50%")]
    assert [mark.width for mark in panel.rows[0].marks] == [50.0, 25.0]
    assert drawing.body[2] == ("C", "25% (1)", "25% (1)", "50%", "1.50", "-4.85 – 7.85", "2", "4")
    html = drawn(figures(frame).items[0])
    assert "Sorted by the share of ranks among the first 2." in html


def test_a_ranking_of_all_is_in_the_order_of_its_mean_ranks():
    asked = asking("q: {type: ranking, ask: Which?, options: {a: A, b: B}}")
    drawing = chart(framed(asked, [{"q": ["b", "a"]}, {"q": ["b", "a"]}, {"q": ["a", "b"]}]), "q")
    assert [(row.label, row.start) for row in drawing.panels[0].rows] == [("B", "1.33"), ("A", "1.67")]


def test_rankings_left_short_are_counted_by_who_ranked_anything():
    """Each of four leaves another option unranked, a fifth ranks nothing, a sixth declines."""
    asked = asking("q: {type: ranking, ask: Which?, decline: true, options: {a: A, b: B, c: C, d: D}}")
    ranked = [["a", "b", "c"], ["b", "c", "d"], ["c", "d", "a"], ["d", "a", "b"]]
    rows = [{"q": each} for each in [*ranked, {"missing": "skipped"}, {"missing": "declined"}]]
    (item,) = figures(framed(asked, rows)).items
    assert [(p.answered, p.summary.n, p.summary.mean, p.missing["skipped"]) for p in item.parts] == [(3, 3, 2, 2)] * 4
    assert [sum(cell.share for cell in p.cells) for p in item.parts] == [1] * 4
    assert (item.answered, item.shown, item.missing["skipped"], item.missing["declined"]) == (4, 6, 1, 1)
    assert "<b>4</b> of 6 answered" in drawn(item)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("constant_sum, total: 10", {"q.a": 4, "q.b": 6}),
        ("best_worst, best: Best, worst: Worst", {"q.best": "a", "q.worst": "b"}),
        ("ranking", {"q": ["a", "b"]}),
    ],
)
def test_who_did_not_answer_counts_once_however_many_parts_an_item_has(kind, answer):
    """One of three has an answer, one skips and one declines; an option that was hidden from all hides nothing else."""
    source = f"""
title: Parts
sections:
  s:
    items:
      left: {{type: number, ask: Left?, range: [0, 9]}}
      q: {{type: {kind}, ask: Which?, decline: true, options: {{a: A, b: B, c: {{label: C, show_if: left > 1}}}}}}
"""
    asked = instrument(source)
    gone = [{name: {"missing": reason} for name in answer} for reason in ("skipped", "declined")]
    item = figures(framed(asked, [{"left": 1} | each for each in (answer, *gone)])).items[1]
    assert (item.answered, item.shown) == (1, 3)
    assert {reason: count for reason, count in item.missing.items() if count} == {"skipped": 1, "declined": 1}


def test_pairs_stand_between_their_poles_with_the_mean_on_the_same_axis():
    """3, 5, 7 of 7 points, four times each: mean 5, variance 32/11, interval 5 ± 2.20099 · √(32/11/12) = 3.92 … 6.08."""
    asked = asking("q: {type: semantic_differential, ask: It is …, points: 7, pairs: {warm: [Cold, Warm]}}")
    drawing = chart(framed(asked, 4 * [{"q.warm": 3}, {"q.warm": 5}, {"q.warm": 7}]), "q")
    (row,) = drawing.rows
    assert (row.label, row.right, row.value) == ("Cold", "Warm", "5.0")
    assert row.dot == pytest.approx(100 * 4.5 / 7, abs=0.01)
    assert [mark.height > 0 for mark in row.marks] == [False, False, True, False, True, False, True]
    assert drawing.body[0][-3:] == ("12", "5.0", "3.9–6.1")


def test_matrix_columns_are_grouped_by_statement_if_they_share_a_scale():
    same = asking(
        "m: {type: matrix, ask: How?, columns: {had: {label: Had, scale: five}, need: {label: Needed, scale: five}}, statements: {x: X, y: Y}}"
    )
    rows = [{"m.x_had": 1, "m.x_need": 5, "m.y_had": 3, "m.y_need": 2}]
    (panel,) = chart(framed(same, rows), "m").panels
    assert [(row.group, row.label) for row in panel.rows] == [
        ("X", "Had"),
        ("", "Needed"),
        ("Y", "Had"),
        ("", "Needed"),
    ]
    apart = asking(
        "m: {type: matrix, ask: How?, columns: {had: {label: Had, scale: five}, need: {label: Again, scale: {1: No, 2: Yes}}}, statements: {x: X, y: Y}}"
    )
    first, second = chart(framed(apart, rows), "m").panels
    assert [(panel.title, len(panel.legend), [row.label for row in panel.rows]) for panel in (first, second)] == [
        ("Had", 5, ["X", "Y"]), ("Again", 2, ["X", "Y"]),
    ]  # fmt: skip


def test_a_constant_sum_has_a_mean_for_each_option():
    """Clinic 60, 80, 100: mean 80, sd 20, interval 80 ± 4.30265 · 20/√3 = 30.3 … 129.7, drawn up to all of it."""
    asked = asking("t: {type: constant_sum, ask: How?, options: {clinic: Clinic, paper: Paper}}")
    drawing = chart(
        framed(
            asked,
            [
                {"t.clinic": 60, "t.paper": 40},
                {"t.clinic": 80, "t.paper": 20},
                {"t.clinic": 100, "t.paper": 0},
            ],
        ),
        "t",
    )
    assert drawing.body == (
        ("Clinic", "80.0", "30.3–129.7", "80", "100%", "3"),
        ("Paper", "20.0", "-29.7 – 69.7", "20", "67%", "3"),
    )
    assert drawing.rows[0].whisker is None  # of three answers no interval is drawn, as if it said something
    many = chart(framed(asked, [{"t.clinic": 60 + 20 * (n % 3), "t.paper": 40 - 20 * (n % 3)} for n in range(30)]), "t")
    assert many.rows[0].interval == "[74–86]" and many.rows[0].whisker == pytest.approx((73.79, 86.21), abs=0.01)


def test_dates_have_an_earliest_a_middle_and_a_latest_in_words():
    asked = asking("d: {type: date, ask: When?}")
    rows = [
        {"d": "2026-03-09"},
        {"d": "2026-03-01"},
        {"d": "2026-03-04"},
        {"d": "2026-03-02"},
        {"d": {"missing": "skipped"}},
    ]
    drawing = chart(framed(asked, rows), "d")
    assert [value for _, value in drawing.measures] == ["1 March 2026", "2 March 2026", "9 March 2026"]
    assert [line[1] for line in drawing.body] == ["1", "1", "0", "1", "0", "0", "0", "0", "1"]
    assert drawing.body[0][0] == "1 March 2026"


def test_best_and_worst_are_set_against_each_other():
    """Pay: best 2, worst 1 of 4: score 0.25; hours: best 1, worst 3: -0.5; rest: best 1, worst 0: 0.25."""
    asked = asking(
        "v: {type: best_worst, ask: What?, best: Most, worst: Least, options: {pay: Pay, hours: Hours, rest: Rest}}"
    )
    rows = [{"v.best": "pay", "v.worst": "hours"}] * 2 + [
        {"v.best": "hours", "v.worst": "pay"},
        {"v.best": "rest", "v.worst": "hours"},
    ]
    drawing = chart(framed(asked, rows), "v")
    assert [(row.label, row.value) for row in drawing.rows] == [
        ("Pay", "+0.25"),
        ("Rest", "+0.25"),
        ("Hours", "−0.50"),
    ]
    # 1, 1, -1, 0 for pay: mean 0.25, sd sqrt((3 - 0.25) / 3), t 3.18245
    reach = 3.18245 * math.sqrt(2.75 / 3) / 2
    assert drawing.body[0] == (
        "Pay",
        "50% (2)",
        "25% (1)",
        "+1",
        "+0.25",
        f"−{reach - 0.25:.2f} – {0.25 + reach:.2f}",
        "4",
    )


def test_the_long_tail_of_a_dropdown_is_folded_away():
    options = ", ".join(f"o{n:02}: Option {n}" for n in range(20))
    asked = asking(f"q: {{type: dropdown, ask: Which?, options: {{{options}}}}}")
    frame = framed(asked, [{"q": f"o{n:02}"} for n in range(20) for _ in range(n)])
    drawing = chart(frame, "q")
    assert [row.label for row in drawing.rows] == [f"Option {n}" for n in range(19, 7, -1)]
    assert [row.label for row in drawing.tail] == [f"Option {n}" for n in range(7, -1, -1)]
    assert "<summary>8 others</summary>" in drawn(figures(frame).items[0])


DERIVED = """
title: T
languages: [en]
arms: {cause: [burnout, family]}
scales:
  five: {1: Low, 2: Lower, 3: Middle, 4: Higher, 5: High}
compute:
  old: {label: Old, value: years > 30}
scores:
  mood: {label: Mood, mean: [m.a, m.b, m.c], reverse: [m.b], at_least: 2, bands: {low: {label: Low, below: 3}, high: High}}
screen_out:
  outsiders: {when: status == "outside", text: Thank you.}
sections:
  who:
    items:
      status: {type: single_choice, ask: Who?, options: {inside: In, outside: Out}}
      years: {type: number, ask: Years?, range: [0, 60]}
  how:
    items:
      m: {type: matrix, ask: How?, scale: five, statements: {a: A, b: B, c: C}}
"""


def moods(times: int = 1):
    """Parts as in the worked example of test_estimates, b turned round: 1,2,3,4 / 4,4,2,2 / 1,3,2,4; and two more."""
    asked = instrument(DERIVED)
    parts = [(1, 4, 1), (2, 4, 3), (3, 2, 2), (4, 2, 4), (5, 1, None), (5, None, None)]
    rows = [
        {"cause": "burnout" if n % 2 else "family", "status": "inside", "years": 10 * n % 60,
         **{f"m.{name}": {"missing": "skipped"} if value is None else value for name, value in zip("abc", values, strict=True)}}
        for n, values in enumerate(parts * times)
    ]  # fmt: skip
    return framed(asked, rows)


def test_a_score_has_a_mean_a_base_and_a_reliability_of_those_who_answered_it_all():
    frame = moods()
    drawing = chart(frame, "mood")
    # (1+2+1)/3, (2+2+3)/3, (3+4+2)/3, (4+4+4)/3, (5+5)/2; the last has one part only
    assert part(frame, "mood").answered == 5
    assert part(frame, "mood").summary.mean == pytest.approx((4 / 3 + 7 / 3 + 3 + 4 + 5) / 5)
    found = findings(frame).found["mood"]
    assert (found.alpha, found.parts, found.n) == (pytest.approx(1.5 * 20 / 34), 3, 4)
    assert [each.label for each in found.by_part] == ["A", "B (reversed)", "C"] and found.pairwise.most == 5
    html = drawn(with_findings(figures(frame), findings(frame)).items[-2])
    assert "<b>5</b> of 6 who were asked had enough answers" in html
    assert "Reliability is not shown: only 4 answered every part." in html and "alpha" not in html
    assert drawing.further == ()
    assert [(cell.code, cell.count.n) for cell in part(frame, "mood_band").cells] == [("low", 2), ("high", 3)]


def test_the_reliability_of_a_score_has_an_interval_methods_and_its_parts():
    """The covariances of five times the four cases are the same but for n - 1, which alpha does not see."""
    drawing = chart(moods(5), "mood")
    found = dict((word.form, value) for word, value in drawing.measures)
    assert found["Cronbach’s alpha"] == "0.88 [0.75–0.95]" and "omega" not in found
    html = drawn(with_findings(figures(moods(5)), findings(moods(5))).items[-2])
    assert "Alpha is from the 20 who answered every part (L. J. Cronbach, 1951), its interval after L. S. Feldt (1965)." in html
    assert re.search(r"From all who answered any two parts \(20–25\) it is 0\.\d\d\.", html)
    assert "Omega is not shown: a part follows from the others." in html
    (parts,) = drawing.further
    assert parts.body == (("A", "0.99", "0.62"), ("B (reversed)", "0.71", "0.89"), ("C", "0.65", "0.94"))
    assert "Reliability of the parts" in html and "Alpha without it" in html


@pytest.mark.parametrize(
    ("found", "omega", "note"),
    [(Omega(0.8312), "0.83", "Omega total is that of one common factor"), (Omega(None, heywood=True), None, "(a Heywood case)"),
     (Omega(None), None, "a part follows from the others")],
)  # fmt: skip
def test_omega_is_shown_or_why_it_is_not(found, omega, note):
    score = Reliability(0.7, 3, 30, (0.5, 0.8), Pairwise(0.72, 31, 31), found)
    drawing = with_reliability(score, "en", Drawing("s", "S", "columns", 30))
    assert dict((word.form, value) for word, value in drawing.measures).get("omega") == omega
    said = [note.form % note.values for note in drawing.notes]
    assert note in said[-1] and "From all who answered any two parts (31) it is 0.72." in said
    assert not with_reliability(Reliability(None, 3, 30), "en", Drawing("s", "S", "columns", 30)).measures


def test_a_filter_may_speak_of_arms_scores_and_computed_values():
    frame = moods()
    for source, n in (('cause == "burnout"', 3), ("mood > 3.5", 2), ("old", 2), ('mood_band == "low"', 2)):
        condition = parse_condition(source, whole_scope(frame.instruments[0]))
        assert figures(frame, View("all", where=condition)).n == n, source
    burnout = parse_condition('cause == "burnout"', whole_scope(frame.instruments[0]))
    assert findings(frame, View("all", where=burnout)).found["mood"].n == 2  # (2, 4, 3) and (4, 2, 4)


def test_arms_are_told_by_the_size_of_their_cells_without_intervals():
    drawing = chart(moods(), "cause")
    assert [(row.label, row.value, row.whisker) for row in drawing.rows] == [
        ("burnout", "3", None),
        ("family", "3", None),
    ]


def test_progress_counts_those_screened_out_by_what_it_was_and_everyone_by_language():
    source = DERIVED.replace("languages: [en]", "languages: [en, de]")
    asked = instrument(DERIVED)
    frame = Frame([asked])
    frame.take(
        [
            given_response(asked, 1, {"cause": "family", "status": "outside"}, "screened_out"),
            given_response(asked, 2, {"cause": "family", "status": "outside"}, "screened_out"),
            given_response(asked, 3, {"cause": "family", "status": "inside"}),
        ]
    )
    going = progress(frame)
    assert (going.started, going.complete, going.screened_out, going.open) == (3, 1, 2, 0)
    assert [n for _, n in going.ended] == [2] and going.languages == ()
    assert [page.stopped for page in going.pages] == [0] * len(going.pages)
    assert source != DERIVED


VIGNETTES = """
title: T
sections:
  s:
    items:
      move:
        type: vignette
        text: "{who} moves {why}."
        attributes: {who: {doctor: A doctor, lawyer: A lawyer}, why: {health: for health, growth: to grow}}
        each_sees: 2
        design: random
        ratings: {seen: {ask: How seen?, scale: {1: Bad, 2: So-so, 3: Good}}}
"""


def test_ratings_of_vignettes_have_a_mean_at_each_level_of_each_attribute():
    """Doctors: 3, 1 by one respondent, 2 by another: sums 4 of 2 and 2 of 1, mean 6/3 = 2; residuals 4 - 2·2 = 0 and
    2 - 2 = 0, so that nothing is left to vary. Lawyers: 3 by the second, 1 and 2 by the third: 3 of 1, 3 of 2,
    mean 2; residuals 1 and -1, variance 2/1 · 2/9, reach 12.7062 · 2/3."""
    asked = instrument(VIGNETTES)

    def seen(*pairs):
        answers = {}
        for place, (who, why, rating) in enumerate(pairs, 1):
            answers |= {f"move_who_{place}": who, f"move_why_{place}": why, f"move_seen_{place}": rating}
        return answers

    frame = framed(asked, [seen(("doctor", "health", 3), ("doctor", "growth", 1)), seen(("doctor", "growth", 2), ("lawyer", "growth", 3)),
                           seen(("lawyer", "health", 1), ("lawyer", "health", 2))])  # fmt: skip
    who, why = findings(frame).found["move.seen"].all.attributes
    doctor, lawyer = (level.mean for level in who.levels)
    assert (doctor.value, doctor.low, doctor.high, doctor.n, doctor.clusters) == (2.0, 2.0, 2.0, 3, 2)
    assert (lawyer.value, lawyer.n, lawyer.clusters) == (2.0, 3, 2)
    assert (lawyer.low, lawyer.high) == pytest.approx((2 - 12.7062 * 2 / 3, 2 + 12.7062 * 2 / 3), abs=1e-4)
    assert [(level.label, level.mean.value) for level in why.levels] == [
        ("for health", 2.0),
        ("to grow", 2.0),
    ]
    drawing = chart(frame, "move.seen")
    assert drawing.body[0] == ("Who: A doctor", "2.00", "–", "3", "2", "0", "0")  # of two people: no interval
    assert [(row.group, row.label) for row in drawing.rows] == [
        ("Who", "A doctor"),
        ("", "A lawyer"),
        ("Why", "for health"),
        ("", "to grow"),
    ]
    assert [(row.label, row.value) for row in chart(frame, "move.who").rows] == [
        ("A doctor", "3"),
        ("A lawyer", "3"),
    ]


# --- charts -------------------------------------------------------------------------------------------------


@cache
def templates():
    return environment(Path("templates"))


def drawn(item) -> str:
    return str(templates().get_template("figures.html").module.item(draw(item)))


def test_diverging_bars_share_one_middle_and_add_up():
    scale = "{1: Bad, 2: Rather bad, 3: Neither, 4: Rather good, 5: Good}"
    asked = asking(f"m: {{type: matrix, ask: How?, scale: {scale}, statements: {{one: One, two: Two}}}}")
    rows = [{"m.one": 1 + n % 5, "m.two": 5 - (n % 2)} for n in range(40)]
    drawing = draw(figures(framed(asked, rows)).items[0])
    (panel,) = drawing.panels
    assert [(row.label, row.start, row.value) for row in panel.rows] == [("Two", "0%", "100%"), ("One", "40%", "40%")]
    assert (panel.start, panel.end) == ("Bad", "Good")
    unit = sum(mark.width for mark in panel.rows[0].marks)
    for row in panel.rows:
        assert sum(mark.width for mark in row.marks) == pytest.approx(unit, abs=0.1)
        assert all(mark.x >= 0 and mark.x + mark.width <= 100.1 for mark in row.marks)
    middle = next(mark for mark in panel.rows[1].marks if mark.shade == "mid")
    assert middle.middle == pytest.approx(panel.middle, abs=0.1)
    assert min(mark.x for mark in panel.rows[0].marks) == pytest.approx(panel.middle, abs=0.1)


def test_every_chart_has_a_table_with_the_same_figures_and_a_description():
    rows = [
        {
            "status": "left",
            "years": n,
            "reasons": ["burnout"],
            "sure": 1 + n % 5,
            "seen.failed": 2,
            "seen.grew": 4,
            "word": "w",
        }
        for n in range(31, 60)
    ]
    for item in figures(framed(ASKED, rows)).items:
        html = drawn(item)
        if item.parts[0].kind != "text":
            assert "<table>" in html and 'role="img"' in html and f'id="figure-{item.id}-says"' in html
        assert html.count(f'id="figure-{item.id}"') == 1
    status = drawn(figures(framed(ASKED, rows)).items[0])
    assert "<td>29</td><td>100.0%</td><td>88.3–100.0</td>" in status
    assert 'x1="88.3%"' in status and 'width="100.0%"' in status


def test_what_respondents_wrote_is_shown_as_text_and_charts_carry_no_style():
    rows = [
        {"status": "other", "status.other": "<script>alert(1)</script>", "more": '"><img src=x>'}
        for _ in range(12)
    ]
    frame = framed(ASKED, rows)
    html = "".join(drawn(item) for item in figures(frame).items)
    assert "&lt;script&gt;alert(1)" in html and "<script" not in html and "<img" not in html
    html += "".join(drawn(item) for item in public_figures(frame, 10))
    assert not re.search(r"\sstyle=|\son\w+=|javascript:", html)


@given(st.lists(answers_to(ASKED), max_size=25))
def test_whatever_was_answered_can_be_drawn(rows):
    frame = framed(ASKED, rows)
    for item in (*figures(frame).items, *public_figures(frame, 3)):
        assert drawn(item).count("<figure") == 1
