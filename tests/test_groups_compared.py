"""Groups compared: what is compared, with whom, and how sure each difference is."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.charts.compared import draw_compared, draw_largest
from app.results.charts.sentences.groups import about_groups
from app.results.comparison import Comparison, compare
from app.results.frame.frame import Frame
from app.results.marginals import grouped
from app.results.measures import Share, measured, together
from app.results.statistics.cells import unweighted
from app.results.statistics.differences import share_difference
from app.results.statistics.tests import independence
from app.results.statistics.values import Summary, summary
from app.results.view import View
from app.web.http.templates import environment
from tests.support.answers import given_response, instrument

SURVEY = """
title: Leaving
scales:
  growth: {1: Only failure, 2: More failure, 3: Neither, 4: More growth, 5: Only growth}
scores:
  stigma: {label: Stigma, mean: [seen.failed, seen.grew], at_least: 1, to: [0, 100], bands: {low: {label: Low, below: 50}, high: High}}
arms:
  cause: [burnout, visa]
sections:
  s:
    items:
      status: {type: single_choice, ask: Where are you?, options: {practising: In practice, left: Left, back: Came back}}
      own: {type: rating, ask: Failure or growth?, scale: growth}
      seen: {type: matrix, ask: How seen?, scale: growth, statements: {failed: has failed, grew: has grown}}
      why: {type: multiple_choice, ask: Why?, options: {burnout: Burnout, visa: Visa}}
      years: {type: number, ask: How many years?, range: [0, 70], unit: years}
      likely: {type: nps, ask: Would you advise it?, low: No, high: Yes}
      next: {type: text, ask: What next?}
      work: {type: single_choice, ask: What work?, show_if: status == "left", options: {a: A, b: B, c: C}}
"""
ASKED = instrument(SURVEY)
WRITTEN = environment(Path("templates")).from_string("{{ words|said }}")
Answers = Sequence[Mapping[str, Any]]


def compared(rows: Answers, view: View = View(by="status"), floor: int = 10) -> Comparison:
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, number, answers) for number, answers in enumerate(rows)])
    return compare(grouped(frame, view), view.by, "Where are you?", floor)


def group(status: str, n: int, **answers: Any) -> list[Mapping[str, Any]]:
    return [{"status": status, **answers} for _ in range(n)]


def says(found: Comparison) -> str:
    """The sentence about the first item."""
    return WRITTEN.render(words=about_groups(item(found, "own"), found.is_direct), language="en")


def item(comparison: Comparison, name: str):
    (found,) = [each for each in comparison.items if each.figures.id == name]
    return found


# --- what is compared ---------------------------------------------------------------------------------------


def test_a_scale_is_compared_by_the_share_of_its_upper_answers():
    rows = [*group("left", 12, own=4), *group("left", 8, own=2), *group("practising", 20, own=5), *group("back", 20, own=3)]
    (row,) = item(compared(rows), "own").rows
    assert row.measure.of == ("More growth", "Only growth")
    assert [(value.group.label, value.value.value) for value in row.values] == [("In practice", 1.0), ("Left", 0.6), ("Came back", 0.0)]


def test_numbers_and_scores_are_compared_by_means_and_options_by_their_shares():
    rows = [*group("left", 10, years=4, why=["visa"], **{"seen.failed": 5}), *group("back", 10, years=6, why=["burnout"], **{"seen.failed": 1})]
    found = compared(rows)
    assert [row.measure.kind for each in found.items for row in each.rows] == ["share", "share", "share", "mean", "mean"]
    assert [each.figures.id for each in found.items] == ["seen", "why", "years", "stigma"]


def test_what_splits_the_view_and_what_was_assigned_are_not_compared():
    rows = [*group("left", 10, own=4, cause="visa"), *group("practising", 10, own=2, cause="burnout")]
    found = compared(rows)
    assert [each.figures.id for each in found.items] == ["own"] and "status" not in str(found.left_out)


def test_a_question_that_only_one_group_was_asked_is_named_with_the_reason():
    rows = [*group("left", 10, own=4, work="a"), *group("practising", 10, own=4)]
    assert [(each.item, each.why) for each in compared(rows).left_out if each.item in ("work", "next")] == [
        ("next", "texts and dates"), ("work", "only “Left” answered"),
    ]  # fmt: skip


# --- with whom ----------------------------------------------------------------------------------------------


def test_each_of_several_groups_is_compared_with_everyone_in_the_others():
    rows = [
        *group("left", 30, own=5), *group("left", 10, own=1), *group("practising", 15, own=5), *group("practising", 45, own=1),
        *group("back", 12, own=5), *group("back", 8, own=1), {"own": 5},
    ]  # fmt: skip
    (row,) = item(compared(rows), "own").rows
    left = row.values[1]
    assert left.difference.estimate == share_difference(*map(unweighted, (30, 40, 15 + 12, 60 + 20)))


def test_of_two_groups_the_second_is_compared_with_the_first_and_counted_once():
    rows = [*group("left", 30, own=5), *group("left", 10, own=1), *group("practising", 15, own=5), *group("practising", 45, own=1)]
    found = compared([*rows, *({"own": 5} for _ in range(50))])
    (row,) = item(found, "own").rows
    assert found.is_direct and found.tested == 1
    assert row.values[0].difference is None
    assert row.values[1].difference.estimate == share_difference(*map(unweighted, (30, 40, 15, 60)))


@given(st.lists(st.tuples(st.sampled_from(["left", "practising", "back", None]), st.integers(0, 70), st.integers(0, 10)), max_size=40))
def test_the_rest_of_a_group_is_everyone_in_the_others_counted_anew(answers):
    rows = [{"years": years, "likely": likely, **({"status": status} if status else {})} for status, years, likely in answers]
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, number, each) for number, each in enumerate(rows)])
    found = grouped(frame, View(by="status"))
    samples = {each.code: dict(zip("iy", (measured(item)[0][1] for item in each.figures.items if item.id in ("years", "likely")), strict=True)) for each in found.groups}
    for code in samples:
        others = [years for status, years, _ in answers if status not in (code, None)]
        rest = together([sample["i"] for other, sample in samples.items() if other != code])
        assert isinstance(rest, Summary) and rest.n == len(others)
        if others:
            assert rest.mean == pytest.approx(statistics.fmean(others), abs=1e-9)
        if len(others) > 1:
            assert rest.sd == pytest.approx(statistics.stdev(others), abs=1e-6)


# --- how sure -----------------------------------------------------------------------------------------------


def test_a_difference_that_holds_among_all_is_clear_and_one_alone_possible():
    strong = [*group("left", 100, own=5, years=5), *group("practising", 100, own=1, years=5)]
    rows = [{**each, "why": ["burnout"] if number % 100 < (50 if number < 100 else 30) else ["visa"]} for number, each in enumerate(strong)]
    found = compared(rows)
    standings = {(row.item, row.measure.label): row.values[1].difference.standing for row in found.rows()}
    assert standings[("own", "")] == "clear" and standings[("why", "Burnout")] == "clear"
    weaker = [{**each, "why": ["burnout"] if number % 100 < (44 if number < 100 else 30) else ["visa"]} for number, each in enumerate(strong)]
    weak = {(row.item, row.measure.label): row.values[1].difference for row in compared(weaker).rows()}
    assert weak[("why", "Burnout")].p == pytest.approx(0.0407, abs=1e-3)
    assert weak[("why", "Burnout")].standing == "possible"


@given(st.integers(0, 60), st.integers(10, 60), st.integers(0, 60), st.integers(10, 60))
def test_the_p_of_two_shares_is_that_of_the_test_their_table_allows(count, base, other_count, other_base):
    count, other_count = min(count, base), min(other_count, other_base)
    rows = [*group("left", count, own=5), *group("left", base - count, own=1), *group("practising", other_count, own=5), *group("practising", other_base - other_count, own=1)]
    found = [row for each in compared(rows).items for row in each.rows]
    test = independence([[count, other_count], [base - count, other_base - other_count]]).test
    assert not found or found[0].values[1].difference.p == pytest.approx(test.p if test else 1.0, rel=1e-9, abs=1e-15)


def test_of_fewer_than_ten_people_nothing_is_concluded():
    found = compared([*group("left", 9, own=5), *group("practising", 50, own=1)])
    (row,) = item(found, "own").rows
    assert row.values[1].difference.standing == "few" and row.values[1].difference.estimate.low is None
    assert found.tested == 0 and says(found) == "Too few people to compare."


def test_a_group_under_the_floor_is_marked():
    found = compared([*group("left", 9, own=5), *group("practising", 50, own=1)])
    assert [(each.label, each.is_small) for each in found.groups] == [("In practice", False), ("Left", True)]


def test_answers_of_chance_rarely_have_a_clear_difference():
    """Holm bounds the probability of any false clear difference by 5%: of 60 comparisons of equal groups about 3 have one."""
    import random

    chance, with_any = random.Random(5), 0
    for _ in range(60):
        rows = [
            {"status": chance.choice(["left", "practising", "back"]), "own": chance.randint(1, 5), "years": chance.randint(0, 40), "why": [chance.choice(["burnout", "visa"])]}
            for _ in range(150)
        ]  # fmt: skip
        with_any += compared(rows).count("clear") > 0
    assert with_any <= 8


def test_where_all_of_both_groups_answer_alike_nothing_differs_and_nothing_fails():
    found = compared([*group("left", 20, own=5, years=3), *group("practising", 20, own=5, years=3)])
    assert [(row.item, row.values[1].difference.standing) for row in found.rows()] == [("own", "open"), ("years", "untested")]


# --- shown --------------------------------------------------------------------------------------------------


def test_the_sentence_names_the_largest_difference_with_its_interval():
    rows = [*group("left", 78, own=5), *group("left", 22, own=1), *group("practising", 52, own=5), *group("practising", 48, own=1)]
    found = compared(rows)
    assert says(found) == (
        "<b>78%</b> of “Left” lean towards “growth”, <b>26 percentage points</b> more than “In practice” [+13 to +38]."
    )


def test_sentences_about_groups_say_what_is_counted_and_in_which_unit():
    rows = [*group("left", 60, own=3, years=10), *group("left", 40, own=3, years=12), *group("practising", 60, own=3, years=20),
            *group("practising", 40, own=3, years=22)]  # fmt: skip
    found = compared(rows)
    words = about_groups(item(found, "years"), found.is_direct)
    assert WRITTEN.render(words=words, language="en") == (
        "“Left” has a mean of <b>10.8 years</b>, <b>10.0 years</b> less than “In practice” [−10.3 to −9.7]."
    )


def test_a_difference_whose_interval_includes_zero_is_never_stated():
    rows = [*group("left", 52, own=5), *group("left", 48, own=1), *group("practising", 50, own=5), *group("practising", 50, own=1)]
    found = compared(rows)
    assert says(found) == "No clear difference." and draw_largest(found).lines == ()


@given(st.lists(st.tuples(st.sampled_from(["left", "practising", "back"]), st.integers(1, 5), st.integers(0, 70)), max_size=60))
def test_all_that_is_drawn_lies_within_the_plot(answers):
    found = compared([{"status": status, "own": own, "years": years} for status, own, years in answers])
    for each in found.items:
        drawing = draw_compared(each, "to the rest", found.is_direct)
        lines = [line for block in (*drawing.blocks, *drawing.folded) for line in block.lines]
        places = [at for line in lines for interval in (line.plot, line.difference_plot, line.box) if interval for at in interval]
        places += [end for line in lines for part in line.segments for end in (part.x, part.x + part.width)]
        assert all(-0.1 <= at <= 100.1 for at in places if at is not None)


def test_of_three_hundred_options_the_most_chosen_are_compared():
    options = ", ".join(f"o{number}: Option {number}" for number in range(300))
    asked = instrument(f"title: T\nsections:\n  s:\n    items:\n      sex: {{type: single_choice, ask: Sex?, options: {{f: F, m: M}}}}\n      town: {{type: dropdown, ask: Town?, options: {{{options}}}}}\n")
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"sex": "fm"[n % 2], "town": f"o{n % 40}"}) for n in range(400)])
    found = compare(grouped(frame, View(by="sex")), "sex", "Sex?", 10)
    assert len(item(found, "town").rows) == 12 and item(found, "town").further == 288


def test_shares_and_means_of_several_groups_are_those_of_one_group_of_them_all():
    shares = [Share(unweighted(3), unweighted(5)), Share(unweighted(0), unweighted(0)), Share(unweighted(1), unweighted(5))]
    assert together(shares) == Share(unweighted(4), unweighted(10))
    assert together([summary(()), summary([(2.0, unweighted(3))])])[:2] == (3, 2.0)
    assert together([summary(())]).mean is None
