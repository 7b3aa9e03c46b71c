"""Whom a figure is about: the base, the filters by clicking and by writing, the groups, and the address of all this."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.filters.filter import Selection
from app.results.frame.frame import Frame
from app.results.layout import DISPOSITIONS
from app.results.marginals import figures, grouped
from app.results.view import (
    AMONG,
    View,
    categories,
    group_names,
    read_view,
    written_condition,
    written_view,
)
from app.survey.conditions.language import filter_scope, parse_condition
from app.survey.scope import DISPOSITION
from tests.support.answers import answers_to, given_response, instrument

SURVEY = """
title: Leaving
screen_out: {outsiders: {when: status == "outside", text: Thank you.}}
sections:
  first:
    items:
      status:
        type: single_choice
        ask: Where are you?
        options: {surgeon: Surgeon, left: Left, outside: Outside}
      reasons: {type: multiple_choice, ask: Why?, options: {pay: Pay, visa: Visa}}
  second: {items: {sure: {type: rating, ask: Sure?, scale: {1: "No", 2: Perhaps, 3: "Yes"}}}}
  third: {items: {more: {type: text, ask: More?}}}
  fourth: {items: {years: {type: number, ask: How long?, range: [0, 50]}}}
"""
ASKED = instrument(SURVEY)
SCOPE = filter_scope(ASKED)


def where(source: str, among: str = "complete") -> View:
    return View(among, where=parse_condition(source, SCOPE))


def a_study() -> Frame:
    """1,500 begun: 1,369 complete, 80 partial, 51 break-offs; 40 screened out; 20 withdrawn."""
    frame, changes = Frame([ASKED]), []
    for number in range(1369):
        status = "surgeon" if number < 314 else "left"
        changes.append(given_response(ASKED, number, {"status": status, "sure": 3, "more": "", "years": 1}))
    for number in range(1369, 1500):
        status = {"status": "surgeon" if number < 1405 else "left"}
        answers = status | {"sure": 1} if number < 1449 else status
        changes.append(given_response(ASKED, number, answers, "open"))
    changes += [given_response(ASKED, number, {"status": "outside"}, "screened_out") for number in range(1500, 1540)]
    changes += [given_response(ASKED, number, {}, "withdrawn") for number in range(1540, 1560)]
    frame.take(changes)
    return frame


def counts(frame: Frame, view: View) -> dict[str, int]:
    (status,) = [item for item in figures(frame, view).items if item.id == "status"]
    return {str(cell.code): cell.count.n for cell in status.parts[0].cells}


# --- bases --------------------------------------------------------------------------------------------------


def test_each_base_counts_its_own_and_never_who_was_screened_out_or_withdrew():
    frame = a_study()
    assert {among: (figures(frame, View(among)).n, counts(frame, View(among))["surgeon"]) for among in AMONG} == {
        "complete": (1369, 314), "partial": (1449, 350), "all": (1500, 350),
    }  # fmt: skip
    assert all(counts(frame, View(among))["outside"] == 0 for among in AMONG)
    assert figures(frame).view == View("complete")


@pytest.mark.parametrize(
    ("source", "n"),
    [
        ('disposition == "complete"', 1369), ('disposition == "partial"', 80), ('disposition == "break_off"', 51),
        ('disposition == "screened_out"', 40), ('disposition != "complete"', 171), ("answered(disposition)", 1540),
        ('disposition in ["partial", "break_off"] and status == "surgeon"', 36), ("missing(disposition)", 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("among", AMONG)
def test_a_condition_on_the_disposition_decides_whom_to_include(source, n, among):
    assert figures(a_study(), where(source, among)).n == n


def test_a_condition_of_the_survey_itself_cannot_use_the_disposition():
    with pytest.raises(AssertionError, match="disposition"):
        instrument(SURVEY.replace("ask: More?", 'ask: More?, show_if: disposition == "complete"'))


def test_the_dispositions_of_conditions_are_those_of_frames():
    assert DISPOSITION.codes == DISPOSITIONS


# --- chips and groups ---------------------------------------------------------------------------------------

CHIPS = {
    "status": ["surgeon", "left", "outside"], "reasons": ["pay", "visa"], "reasons.pay": [0, 1], "sure": [1, 2, 3],
    "disposition": list(DISPOSITIONS),
}  # fmt: skip
ONLY = st.lists(
    st.sampled_from(sorted(CHIPS)).flatmap(
        lambda name: st.sets(st.sampled_from(CHIPS[name]), min_size=1).map(
            lambda codes: (name, tuple(code for code in CHIPS[name] if code in codes))
        )
    ),
    max_size=3,
).map(tuple)


@given(ONLY, st.lists(st.tuples(answers_to(ASKED), st.sampled_from(["open", "complete"])), max_size=12))
def test_chips_choose_the_rows_of_the_condition_that_they_are_written_as(only, rows):
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, n, answers, state) for n, (answers, state) in enumerate(rows)])
    view = View("all", only, parse_condition("answered(status) or sure > 1", SCOPE))
    condition = parse_condition(written_condition(view, frame.layout), SCOPE)
    for table, _ in frame.segments.tables():
        chosen = frame.selection(view).mask(table)
        base = table["~disposition"].to_numpy() <= (3 if view.dispositions == () else 2)
        assert (chosen == (Selection(condition, frame.layout).mask(table) & base)).all()


@pytest.mark.parametrize(
    ("chip", "n"),
    [(("reasons", ("pay",)), 2), (("reasons", ("pay", "visa")), 3), (("reasons.pay", (0,)), 2), (("reasons.pay", (0, 1)), 4),
     (("status", ("left", "outside")), 3), (("sure", (1,)), 0)],
)  # fmt: skip
def test_a_chip_chooses_those_who_gave_one_of_its_answers(chip, n):
    frame = Frame([ASKED])
    given_ones = [["pay"], ["visa"], ["pay", "visa"], [], {"missing": "skipped"}]
    frame.take([given_response(ASKED, number, {"status": "left" if number > 1 else "surgeon", "reasons": each}) for number, each in enumerate(given_ones)])
    assert figures(frame, View(only=(chip,))).n == n


@given(
    ONLY, st.sampled_from(AMONG), st.sampled_from(["", "status", "sure", "reasons.visa"]),
    st.sampled_from(["", 'status == "left"', "sure >= 2 or answered(years)"]), st.booleans(),
)  # fmt: skip
def test_a_view_is_read_back_from_its_address(only, among, by, source, careful):
    written = [*([("where", source)] if source else []), *written_view(View(among, only, by=by, careful=careful))]
    asked = read_view(written, ASKED, Frame([ASKED]).layout)
    assert asked.faults == () and asked.where == source
    assert (asked.view.among, asked.view.by, set(asked.view.only), asked.view.careful) == (among, by, set(only), careful)
    assert read_view(written_view(asked.view), ASKED, Frame([ASKED]).layout).view == asked.view
    assert hash(asked.view) == hash(read_view(reversed(written), ASKED, Frame([ASKED]).layout).view)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"base": "everyone"}, 'There is no base "everyone". Choose one of: complete, partial, all.'),
        ({"by": "statsu"}, 'Nothing called "statsu" can split results into groups. Did you mean "status"?'),
        ({"by": "more"}, 'Nothing called "more" can split results into groups.'),
        ({"by": "reasons"}, 'Did you mean "reasons.'),
        ({"only": "status:lfet"}, '"status" has no code "lfet". Did you mean "left"?'),
        ({"only": "status"}, 'The filter on "status" names no code. Write it like status:surgeon.'),
        ({"only": "years:3"}, 'Nothing called "years" can be filtered by its codes.'),
        ({"quality": "good"}, '"quality" is "careful" or left out, not "good".'),
        ({"only": ":::,,\x00"}, 'Nothing called "" can be filtered'),
        ({"where": "status == 'lfet'"}, '"status" has no option "lfet".'),
        ({"where": "(" * 300}, "The condition cannot be read."),
        ({"where": "é" * 3000}, "The condition is longer than"),
    ],
)
def test_a_fault_in_an_address_is_said_in_words_and_all_of_the_base_is_shown(query, words):
    asked = read_view([("base", "partial"), ("only", "sure:1"), *query.items()], ASKED, Frame([ASKED]).layout)
    assert any(fault.startswith(words) or words in fault for fault in asked.faults), asked.faults
    assert asked.view == View("complete" if "base" in query else "partial")
    assert asked.where == query.get("where", "").strip()


def test_too_many_categories_are_refused_in_words():
    options = ", ".join(f"o{n}: Option {n}" for n in range(13))
    asked = instrument(f"title: T\nsections: {{s: {{items: {{q: {{type: single_choice, ask: Q?, options: {{{options}}}}}}}}}}}")
    layout = Frame([asked]).layout
    (fault,) = read_view([("by", "q")], asked, layout).faults
    assert fault.startswith('"q" has 13 categories; at most 12 groups can be compared.')
    assert read_view([("only", "q:o12")], asked, layout).view == View(only=(("q", ("o12",)),))


def test_groups_are_any_coded_variable_the_version_and_the_disposition():
    newer = instrument(SURVEY.replace("Leaving", "Leaving again") + "arms: {cause: [pay, rest]}\n")
    assert group_names(Frame([ASKED]).layout) == ("status", "reasons.pay", "reasons.visa", "sure", "disposition")
    layout = Frame([newer, ASKED]).layout
    assert {"cause", "version"} <= set(group_names(layout))
    version = categories(layout, "version")
    assert version is not None and [each.label for each in version.all] == ["Version 1", "Version 2"]


@given(st.lists(st.tuples(answers_to(ASKED), st.sampled_from(["open", "complete", "screened_out"])), max_size=20),
       st.sampled_from(["status", "sure", "reasons.pay", "disposition"]), st.sampled_from(AMONG))  # fmt: skip
def test_a_group_has_the_figures_of_the_responses_that_its_chip_chooses(rows, by, among):
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, n, answers, state) for n, (answers, state) in enumerate(rows)])
    found = grouped(frame, View(among, by=by))
    for group in found.groups:
        base = (("disposition", DISPOSITIONS[:1 + AMONG.index(among)]),) if by == "disposition" else ()
        alone = figures(frame, View(among, ((by, (group.code,)), *base)))
        assert (group.figures.n, group.figures.items) == (alone.n, alone.items)
    assert found.whole.items == figures(frame, View(among)).items


def test_no_row_is_no_fault():
    frame = Frame([ASKED])
    view = View(only=(("status", ("left",)),), where=parse_condition("years > 3", SCOPE), by="sure")
    assert figures(frame, view).n == 0 and [group.figures.n for group in grouped(frame, view).groups] == [0, 0, 0]
    assert frame.selection(view).mask(pl.DataFrame(schema=frame.layout.schema)).tolist() == []
