"""Signs of careless answering: what is flagged, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.findings import findings
from app.results.frame.frame import Frame
from app.results.quality import FlagCounts, QualityCheck, fast_limit
from app.results.view import View
from app.web.research.overview.quality import quality_panel
from tests.support.answers import given_response, instrument
from tests.support.research import researcher
from tests.support.respondent import respond
from tests.support.server import Server

SURVEY = """
title: T
scales:
  five: {1: A, 2: B, 3: C, 4: D, 5: E}
  three: {1: A, 2: B, 3: C}
sections:
  one:
    items:
      long: {type: matrix, ask: A?, scale: five, dont_know: true, statements: {a: A, b: B, c: C, d: D, e: E, f: F}}
      next: {type: matrix, ask: B?, scale: five, statements: {a: A, b: B, c: C, d: D, e: E}}
  two:
    items:
      short: {type: matrix, ask: C?, scale: three, statements: {a: A, b: B, c: C}}
"""
NAMES = [f"long.{name}" for name in "abcdef"] + [f"next.{name}" for name in "abcde"]


def flagged(survey, answers, minutes=8, limit=2, disposition="complete"):
    """The signs in one response."""
    asked = instrument(survey)
    frame = Frame([asked])
    frame.take([given_response(asked, 1, answers, disposition, minutes=minutes)])
    ((table, _),) = frame.segments.tables()
    flags = QualityCheck(frame.layout, limit).flags(table)
    return {name for name, found in flags._asdict().items() if found[0]}


def rated(codes, names=NAMES):
    """A code for each statement; - for one that was skipped, ? for don't know."""
    reasons = {"-": {"missing": "skipped"}, "?": {"missing": "dont_know"}}
    return {name: reasons.get(code) or int(code) for name, code in zip(names, codes, strict=True)}


@pytest.mark.parametrize(
    ("codes", "wanted"),
    [
        ("333333" "12345", {"straight_lining"}),
        ("33-3?3" "12345", {"straight_lining"}),  # four answers, all the same
        ("33-3?-" "12345", set()),  # three
        ("333332" "12345", set()),
        ("121212" "55555", {"straight_lining"}),  # one of two matrices
        ("244444" "44444", {"straight_lining", "long_string"}),  # ten, from one matrix into the next
        ("24444-" "44444", {"straight_lining"}),  # nine
        ("444244" "44442", set()),
        ("------" "-----", set()),
    ],
)  # fmt: skip
def test_the_same_answer_again_and_again_is_a_sign(codes, wanted):
    assert flagged(SURVEY, rated(codes)) == wanted


def test_straight_lining_is_one_answer_in_at_least_half_of_the_matrices():
    third = SURVEY + "      third: {type: matrix, ask: D?, scale: three, statements: {a: A, b: B, c: C, d: D}}"
    names = [*NAMES, *(f"third.{name}" for name in "abcd")]
    assert flagged(third, rated("333333" "12345" "1231", names)) == set()
    assert flagged(third, rated("333333" "12345" "2222", names)) == {"straight_lining"}
    assert flagged(third, rated("333333" "12345" "123-", names)) == {"straight_lining"}  # of two, one has three answers


def test_a_string_is_long_only_if_it_is_half_of_all_statements():
    """Ten of the same, then eleven or nine different ones."""
    more = "\n".join(
        f"      m{n}: {{type: matrix, ask: M?, scale: five, statements: {{a: A, b: B, c: C}}}}" for n in range(4)
    )
    survey = SURVEY + more
    names = [*NAMES, *(f"m{n}.{name}" for n in range(4) for name in "abc")]
    assert flagged(survey, rated("2444444444" "4" "12312312312-", names)) == {"straight_lining"}  # one of two with four answers
    assert flagged(survey, rated("2444444444" "4" "123123123---", names)) == {"straight_lining", "long_string"}


def test_a_random_order_breaks_a_string_unless_the_whole_matrix_has_one_answer():
    shuffled = SURVEY.replace("statements: {a: A, b: B, c: C, d: D, e: E}}", "statements: {a: A, b: B, c: C, d: D, e: E}, shuffle: true}")
    assert "long_string" in flagged(shuffled, rated("244444" "44444"))
    assert "long_string" in flagged(SURVEY, rated("444444" "44442"))
    assert "long_string" not in flagged(shuffled, rated("444444" "44442"))
    moved = SURVEY.replace("  one:\n", "  one:\n    shuffle: true\n")
    assert "long_string" not in flagged(moved, rated("444444" "44444"))


def test_another_scale_begins_another_string():
    other = SURVEY.replace("ask: B?, scale: five", "ask: B?, scale: {1: V, 2: W, 3: X, 4: Y, 5: Z, 6: O}")
    assert "long_string" in flagged(SURVEY, rated("444444" "44442"))
    assert "long_string" not in flagged(other, rated("444444" "44442"))


@pytest.mark.parametrize(("median", "limit"), [(None, None), (2.5, None), (3, 0), (6, 1), (7, 2), (9, 2), (9.5, 3), (30, 9)])
def test_speeding_is_less_than_a_third_of_the_median_in_whole_minutes(median, limit):
    assert fast_limit(median) == limit


def test_only_a_complete_response_can_be_too_fast():
    assert flagged(SURVEY, {}, minutes=2) == {"speeding"}
    assert flagged(SURVEY, {}, minutes=3) == set()
    assert flagged(SURVEY, {}, minutes=None) == set()
    asked = instrument(SURVEY)
    frame = Frame([asked])
    frame.take([replace(given_response(asked, n, {}, how), minutes=0) for n, how in enumerate(("open", "screened_out"), 1)])
    ((table, _),) = frame.segments.tables()
    assert not QualityCheck(frame.layout, 2).flags(table).any.any()
    assert flagged(SURVEY, {}, minutes=0, limit=None) == set()


def test_signs_are_counted_where_the_survey_can_show_them():
    asked = instrument(SURVEY)
    frame = Frame([asked])
    frame.take(
        [given_response(asked, n, rated(codes), minutes=minutes)
         for n, (codes, minutes) in enumerate([("33333312345", 1), ("33333333333", 9), ("12345123451", 9)], 1)]
    )  # fmt: skip
    counts = findings(frame).quality
    assert counts.limit == 2
    assert (counts.n, counts.straight_lining, counts.long_string, counts.speeding, counts.any) == (3, 2, 1, 1, 2)
    plain = instrument("title: T\nsections: {s: {items: {q: {type: text, ask: Q?}}}}")
    other = Frame([plain])
    other.take([given_response(plain, 1, {})])
    assert findings(other).quality == FlagCounts(1, None, None, 0, 0, 2)


def slowly(row):
    """The longest string of one row, by looking at one answer after the other."""
    longest, run, last, answered = 0, 0, None, 0
    for code in row:
        if code in "-?":
            continue
        answered += 1
        run, last = (run + 1 if code == last else 1), code
        longest = max(longest, run)
    return longest >= 10 and 2 * longest >= answered


@given(st.lists(st.text("4444444-?5", min_size=11, max_size=11), min_size=1, max_size=20))
def test_long_strings_are_those_found_one_answer_at_a_time(rows):
    asked = instrument(SURVEY)
    frame = Frame([asked])
    frame.take([given_response(asked, n, rated(codes)) for n, codes in enumerate(rows, 1)])
    ((table, _),) = frame.segments.tables()
    found = sorted(QualityCheck(frame.layout, None).flags(table).long_string.tolist())
    assert found == sorted(slowly(codes) for codes in rows)


# --- on a dashboard -----------------------------------------------------------------------------------------


def test_a_dashboard_counts_the_signs_and_a_link_leaves_such_responses_out(tmp_path):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "signs.yaml").write_text(SURVEY.replace("long:", "long_one:"))
    fields = [f"long_one.{name}" for name in "abcdef"] + [f"next.{name}" for name in "abcde"]
    with Server(tmp_path) as server:
        for codes in ("33333312345", "12345123451", "21345123453"):
            respond(server, "signs", dict(zip(fields, codes, strict=True)))
        client = researcher(server)
        page = client.get("/research/signs").text
        assert "1 of 3 responses has a sign." in page and 'href="/research/signs?quality=careful#quality"' in page
        assert "Straight-lining <b>1</b>" in page and "Speeding cannot be judged" in page
        left = client.get("/research/signs?quality=careful").text
        assert "1 of 3 responses has a sign; they are left out of all figures on this page." in left
        assert 'href="/research/signs#quality"' in left


def test_what_cannot_have_a_sign_has_no_panel():
    assert quality_panel("s", View(), FlagCounts(9, None, None, None, 0, None)) is None
    assert quality_panel("s", View(), None) is None
    panel = quality_panel("s", View("all", careful=True), FlagCounts(9, None, None, 1, 1, 0))
    assert (panel.switch, panel.signs[0].meaning.startswith("less than half a minute")) == ("/research/s?base=all#quality", True)
