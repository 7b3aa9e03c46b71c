"""Marginals: both ways of counting agree, every estimate matches another's, and charts show what was counted."""

from __future__ import annotations

import gettext
import math
import re
import statistics
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.instrument.condition import parse_condition, whole_scope
from app.interview.path import walk
from app.results import segments, tally
from app.results.charts import draw
from app.results.disclosure import public_figures
from app.results.frame import AMONG, Frame
from app.results.marginals import binned, figures, progress, wilson
from tests.answers import answers_to, given_response, instrument

ASKED = instrument()
ROWS = st.lists(
    st.tuples(
        st.integers(0, 30),
        answers_to(ASKED),
        st.sampled_from(["open", "submitted", "submitted", "withdrawn"]),
    ),
    max_size=50,
)


def framed(asked, rows, **about) -> Frame:
    """A frame of these answers, all submitted."""
    frame = Frame([asked])
    frame.take([given_response(asked, number, answers, **about) for number, answers in enumerate(rows)])
    return frame


def part(frame: Frame, item: str, place: int = 0, among: str = "everyone"):
    (found,) = [each for each in figures(frame, among).items if each.id == item]
    return found.parts[place]


def asking(items: str):
    """An instrument of one section with these items, one on a line."""
    lines = "\n".join(f"      {line}" for line in items.strip().splitlines())
    return instrument(
        f"title: T\nscales:\n  five: {{1: Low, 2: Lower, 3: Middle, 4: Higher, 5: High}}\nsections:\n  s:\n    items:\n{lines}\n"
    )


# --- counting -----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
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
                assert frame.tally(among).same_as(frame.counted(among))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(answers_to(ASKED), max_size=30),
    st.sampled_from(['status == "left"', "years > 30", 'has(reasons, "visa")']),
)
def test_a_filter_counts_as_a_frame_of_only_those_rows_would(rows, source):
    condition = parse_condition(source, whole_scope(ASKED))
    chosen = [answers for answers in rows if condition.holds(walk(ASKED, answers).answers) is True]
    filtered = figures(framed(ASKED, rows), "everyone", condition)
    # The numbers of the responses differ, and with them the order in which texts are the latest.
    assert [[(p.answered, p.missing, p.cells, p.mean) for p in item.parts] for item in filtered.items] == [
        [(p.answered, p.missing, p.cells, p.mean) for p in item.parts]
        for item in figures(framed(ASKED, chosen)).items
    ]
    assert filtered.n == len(chosen)


def test_open_responses_are_in_the_figures_of_everyone_only():
    frame = Frame([ASKED])
    frame.take(
        [given_response(ASKED, 1, {"status": "left"}), given_response(ASKED, 2, {"status": "left"}, "open")]
    )
    assert (part(frame, "status").answered, part(frame, "status", among="submitted").answered) == (2, 1)


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
    assert [(cell.count, cell.base) for cell in found.cells] == [(2, 3), (1, 3), (0, 3)]
    assert found.answered == 3


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
    assert (going.started, going.submitted, going.open, going.partial, going.break_off, going.withdrawn) == (
        6,
        2,
        3,
        1,
        2,
        1,
    )
    assert going.left_at == ((None, 1), ("where_you_are", 2), ("why", 0), ("how_it_is_seen", 0))
    assert going.median_minutes == 6.5


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


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 70), min_size=1, max_size=60))
def test_mean_median_and_deviation_are_those_of_the_standard_library(values):
    asked = asking("n: {type: number, ask: How many?, range: [0, 70]}")
    found = part(framed(asked, [{"n": value} for value in values]), "n")
    assert found.mean == pytest.approx(statistics.fmean(values))
    assert found.median == statistics.median(values)
    assert found.sd == (pytest.approx(statistics.stdev(values)) if len(values) > 1 else None)


def test_a_rating_has_a_mean_and_options_have_none():
    asked = asking(
        "r: {type: rating, ask: How?, scale: five}\nq: {type: single_choice, ask: Which?, options: {1: A, 2: B}}"
    )
    frame = framed(asked, [{"r": 2, "q": 1}, {"r": 5, "q": 2}])
    assert (part(frame, "r").mean, part(frame, "q").mean) == (3.5, None)


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
    assert [cell.count for cell in cells] == [
        sum(low[0] <= value <= low[-1] for value in inside) for low in edges
    ]


# --- charts -------------------------------------------------------------------------------------------------


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader("templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(gettext.NullTranslations(), newstyle=True)
    return made


def drawn(item) -> str:
    return str(environment().get_template("figures.html").module.item(draw(item)))


def test_diverging_bars_share_one_middle_and_add_up():
    asked = asking("m: {type: matrix, ask: How?, scale: five, statements: {one: One, two: Two}}")
    rows = [{"m.one": 1 + n % 5, "m.two": 5 - (n % 2)} for n in range(40)]
    drawing = draw(figures(framed(asked, rows)).items[0])
    (panel,) = drawing.panels
    unit = sum(mark.width for mark in panel.rows[0].marks)
    for row in panel.rows:
        assert sum(mark.width for mark in row.marks) == pytest.approx(unit, abs=0.1)
        assert all(mark.x >= 0 and mark.x + mark.width <= 100.1 for mark in row.marks)
    middle = next(mark for mark in panel.rows[0].marks if mark.shade == "mid")
    assert middle.middle == pytest.approx(panel.middle, abs=0.1)
    assert min(mark.x for mark in panel.rows[1].marks) == pytest.approx(panel.middle, abs=0.1)


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
    html += "".join(drawn(item) for item in public_figures(figures(frame, "submitted"), 10))
    assert not re.search(r"\sstyle=|\son\w+=|javascript:", html)


@settings(max_examples=30, deadline=None)
@given(st.lists(answers_to(ASKED), max_size=25))
def test_whatever_was_answered_can_be_drawn(rows):
    frame = framed(ASKED, rows)
    for item in (*figures(frame).items, *public_figures(figures(frame, "submitted"), 3)):
        assert drawn(item).count("<figure") == 1
