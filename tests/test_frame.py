"""The frame of a survey: what is stored becomes columns, and what is new is taken in alone."""

from __future__ import annotations

import string
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interview.path import Path
from app.interview.route import Route
from app.results.frame.frame import Frame
from app.results.frame.segments import joined_ids, split_ids
from app.results.layout import DISPOSITIONS as WORDS_OF_DISPOSITIONS
from app.results.layout import PHYSICAL
from app.results.progress import progress
from app.results.view import AMONG, View
from app.survey.codebook import Variable, codebook
from app.survey.conditions.evaluator import compile_tree
from app.survey.model import MISSING_REASONS, Instrument
from tests.support.answers import (
    DISPOSITIONS,
    EVERY_TYPE,
    EVERYTHING,
    answers_to,
    given_response,
    instrument,
    response_id,
)
from tests.support.frames import NEWER, small_segments, whole
from tests.support.paths import walk
from tests.support.surveys import instruments

ASKED = instrument()
#: Whether it has translations makes no difference to its data.
ALL = replace(instrument(EVERYTHING), languages=("en", "de"))


def cell(frame: Frame, row: dict, variable: str):
    """A value of a row, or its missing reason in capitals."""
    known = frame.layout.variable[variable]
    column = frame.layout.coded[frame.layout.slot[variable if known.is_coded else f"{variable}~"]]
    physical = row[column.name]
    for reason in PHYSICAL:
        if physical == column.missing(reason):
            return reason.upper()
    return column.codes[physical] if known.is_coded else row[variable]


def expected(asked: Instrument, answers: dict, stored: str) -> dict:
    """What each variable should hold, worked out item by item from the path."""
    path = walk(asked, answers)
    shown = {item.id for step in path.sections for item in step.items}
    hidden = {part for step in path.sections for part in step.off}
    order = [each.section.id for each in Route(asked).in_order(answers)]
    keys = {variable.key: variable.section for variable in codebook(asked).variables if variable.section}
    reached = max((order.index(keys[key]) for key in path.answers if key in keys), default=-1)
    # Behind an end nothing is shown; nobody knows of sections that the path did not come to see.
    end = len(order)
    if path.ended is not None:
        end = order.index(path.sections[-1].section.id) + 1 if path.sections else 0
    elif stored == "screened_out":
        end = reached + 1
    found = {}
    for variable in codebook(asked).variables:
        at = order.index(variable.section) if variable.section else -1
        if variable.is_derived:
            found[variable.name] = worked_out(asked, variable, path, found)
        elif at >= end:
            found[variable.name] = "NOT_SHOWN"
        elif stored == "open" and at > reached:
            found[variable.name] = "NOT_REACHED"
        elif variable.section and (variable.item not in shown or variable.part in hidden):
            found[variable.name] = "NOT_SHOWN"
        else:
            found[variable.name] = answered(variable, path.answers)
    return found


def answered(variable: Variable, answers: dict):
    """What stands in the column of a variable that was shown."""
    if variable.is_said and variable.item in answers and variable.key not in answers:
        chosen = answers[variable.item]
        is_chosen = variable.option in chosen if isinstance(chosen, list) else variable.option == chosen
        return "SKIPPED" if is_chosen else "NOT_SHOWN"
    if variable.key not in answers:
        return "NOT_REACHED"
    value = answers[variable.key]
    if isinstance(value, dict):
        return value["missing"].upper()
    if variable.kind == "flag":
        return int(variable.option in value)
    if variable.kind == "rank":
        places = dict(variable.codes)
        unranked = 0 if 0 in places and len(value) == max(places) else "SKIPPED"
        return value.index(variable.option) + 1 if variable.option in value else unranked
    return " ".join(map(str, value)) if variable.kind == "order" else value


REASONS = {reason.upper() for reason in MISSING_REASONS}


def worked_out(asked: Instrument, variable: Variable, path: Path, found: dict):
    """A computed value over the answers on the path; or the reason why what it rests on is missing."""
    if variable.type == "ended":
        return path.ended or "NOT_SHOWN"
    computed = asked.computed_by_name[variable.name]
    value = compile_tree(computed.tree)(path.answers)
    if value is not None:
        return value
    mine = [each for each in codebook(asked).variables if each.key in computed.names and not each.is_said]
    cells = {each.key: [found[one.name] for one in mine if one.key == each.key] for each in mine}
    reasons = {cell for one in cells.values() if all(cell in REASONS for cell in one) for cell in one}
    reasons = reasons or {cell for one in cells.values() for cell in one if cell in REASONS}
    order = ("NOT_REACHED", "DECLINED", "DONT_KNOW", "SKIPPED", "NOT_APPLICABLE")
    return next((reason for reason in order if reason in reasons), "NOT_SHOWN")


def assert_agrees(asked: Instrument, answers: dict, stored: str) -> None:
    """The row of a response is what its path says."""
    frame = Frame([asked])
    intake = frame.take([given_response(asked, 1, answers, stored)])
    assert not intake.refused
    (row,) = whole(frame).to_dicts()
    wanted = expected(asked, answers, stored)
    assert {name: cell(frame, row, name) for name in wanted} == wanted
    ended = walk(asked, answers).ended is not None
    screened_out = WORDS_OF_DISPOSITIONS[row["~disposition"]] == "screened_out"
    assert screened_out == (stored == "screened_out" or (ended and stored == "open"))
    assert all(frame.tally(View(among)).same_as(frame.counted(View(among)).whole) for among in AMONG)


@given(answers_to(ASKED), DISPOSITIONS)
def test_every_value_and_every_reason_is_in_its_column(answers, disposition):
    assert_agrees(ASKED, answers, disposition)


@given(answers_to(ALL), DISPOSITIONS)
def test_every_value_and_every_reason_of_every_feature_is_in_its_column(answers, disposition):
    assert_agrees(ALL, answers, disposition)


@given(st.data())
def test_every_value_and_every_reason_of_any_survey_is_in_its_column(draw):
    asked = draw.draw(instruments())
    assert_agrees(asked, draw.draw(answers_to(asked)), draw.draw(DISPOSITIONS))


def test_the_six_reasons_are_told_apart():
    frame = Frame([ASKED])
    said = {"status": "left", "years": {"missing": "declined"}, "reasons": ["visa"]}
    frame.take(
        [
            given_response(
                ASKED, 1, {**said, "more": {"missing": "skipped"}, "seen.failed": {"missing": "dont_know"}}
            ),
            given_response(ASKED, 2, {"status": "other", "seen.failed": {"missing": "not_applicable"}}),
            given_response(ASKED, 3, said, "open"),
        ]
    )
    rows = {name: row for name, row in zip(frame.ids(whole(frame)), whole(frame).to_dicts(), strict=True)}
    first, second, third = (rows[response_id(number)] for number in (1, 2, 3))
    found = [
        cell(frame, first, "years"), cell(frame, first, "more"), cell(frame, first, "seen.failed"),
        cell(frame, second, "years"), cell(frame, second, "seen.failed"), cell(frame, third, "more"),
    ]  # fmt: skip
    assert found == ["DECLINED", "SKIPPED", "DONT_KNOW", "NOT_SHOWN", "NOT_APPLICABLE", "NOT_REACHED"]
    assert sorted(word.lower() for word in found) == sorted(MISSING_REASONS)


def only_row(asked: Instrument, answers: dict, stored: str) -> tuple[Frame, dict]:
    frame = Frame([asked])
    frame.take([given_response(asked, 1, answers, stored)])
    return frame, whole(frame).to_dicts()[0]


def test_an_unranked_option_is_skipped_in_a_short_ranking_and_zero_in_a_full_one():
    asked = instrument("""
title: Ranks
sections:
  one:
    items:
      whole: {type: ranking, ask: All, options: {a: A, b: B, c: C}}
      best: {type: ranking, ask: The first two, top: 2, options: {a: A, b: B, c: C}}
""")
    for best, places in ((["b"], ["SKIPPED", 1, "SKIPPED"]), (["b", "a"], [2, 1, 0])):
        frame, row = only_row(asked, {"whole": ["c", "a"], "best": best}, "complete")
        found = [cell(frame, row, f"{item}.{code}") for item in ("whole", "best") for code in "abc"]
        assert found == [2, "SKIPPED", 1, *places]


SCORED = """
title: Scored
compute: {gone: missing(a), twice: a * 2, many: count(m), moved: 'has(m, "visa")', place: 'rank(r, "x")'}
scores:
  answers: {label: Answers, count: [a, b]}
  three: {label: Three of them, count: [a, b, many], at_least: 3}
  truths: {label: Truths, count: [gone]}
  truth: {label: Truth, sum: [gone]}
  average: {label: Mean, mean: [a, b]}
  total: {label: Sum, sum: [a, b]}
  most: {label: Most, mean: [a, b], at_least: 2, bands: {low: {label: Low, below: 3}, high: High}}
sections:
  one:
    items:
      a: {type: number, ask: A?, range: [0, 9], decline: true, dont_know: true}
      b: {type: number, ask: B?, range: [0, 9], show_if: missing(a) or a > 1}
      r: {type: ranking, ask: R?, options: {x: X, y: Y}}
  two:
    items:
      m: {type: multiple_choice, ask: M?, decline: true, options: {pay: Pay, visa: {label: Visa, show_if: a > 5}}}
"""
NONE_ASKED = dict.fromkeys(["answers", "three", "truths", "truth", "average", "total", "most", "most_band"], "NOT_REACHED")


@pytest.mark.parametrize(
    ("answers", "stored", "wanted"),
    [
        ({}, "open", NONE_ASKED | {"gone": 1, "twice": "NOT_REACHED", "many": "NOT_REACHED", "place": "NOT_REACHED"}),
        ({"a": {"missing": "skipped"}, "b": {"missing": "skipped"}}, "complete",
         {"answers": 0, "truths": 1, "truth": 1, "average": "SKIPPED", "total": "SKIPPED", "most_band": "SKIPPED"}),
        ({"a": {"missing": "declined"}, "b": 4}, "complete",
         {"answers": 1, "average": 4, "total": "DECLINED", "most": "DECLINED", "twice": "DECLINED"}),
        ({"a": {"missing": "dont_know"}, "b": {"missing": "skipped"}}, "complete", {"average": "DONT_KNOW", "answers": 0}),
        ({"a": 1}, "complete", {"answers": 1, "total": "NOT_SHOWN", "most": "NOT_SHOWN", "average": 1, "twice": 2}),
        ({"a": 7, "m": ["pay"]}, "open", {"total": "NOT_REACHED", "moved": 0, "many": 1}),
        ({"a": 2, "b": 2, "r": {"missing": "skipped"}, "m": {"missing": "skipped"}}, "complete",
         {"many": 0, "moved": "SKIPPED", "place": "SKIPPED", "three": 3}),
        ({"a": 2, "b": 2, "r": ["y"], "m": {"missing": "declined"}}, "complete",
         {"many": "DECLINED", "moved": "DECLINED", "place": "SKIPPED", "three": "DECLINED"}),
        ({"a": 2, "b": 2, "r": ["y"], "m": ["pay"]}, "complete", {"moved": "NOT_SHOWN", "many": 1}),
    ],
)  # fmt: skip
def test_what_follows_from_answers_is_missing_for_the_reason_that_they_are(answers, stored, wanted):
    frame, row = only_row(instrument(SCORED), answers, stored)
    assert {name: cell(frame, row, name) for name in wanted} == wanted


def test_sections_are_reached_in_the_order_in_which_the_respondent_met_them():
    asked = instrument("""
title: Orders
shuffle: true
sections:
  one: {items: {a: {type: text, ask: A}, b: {type: text, ask: B, show_if: answered(a)}}}
  two: {items: {c: {type: text, ask: C}}}
  three: {items: {d: {type: text, ask: D}}}
""")
    answers = {"sections~order": ["two", "one", "three"], "c": "yes"}
    frame, row = only_row(asked, answers, "open")
    assert [cell(frame, row, name) for name in "abcd"] == ["NOT_REACHED", "NOT_REACHED", "yes", "NOT_REACHED"]
    assert WORDS_OF_DISPOSITIONS[row["~disposition"]] == "break_off"  # one of three, whatever it is called
    frame, row = only_row(asked, answers | {"sections~order": ["one", "two", "three"]}, "open")
    assert cell(frame, row, "b") == "NOT_SHOWN" and WORDS_OF_DISPOSITIONS[row["~disposition"]] == "partial"


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ({}, "break_off"),
        ({"status": "practising"}, "partial"),  # one of the two sections on the path
        ({"status": "left"}, "break_off"),  # one of three
        ({"status": "left", "reasons": []}, "partial"),
    ],
)
def test_an_open_response_is_partial_from_half_of_its_path(answers, word):
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, 1, answers, "open")])
    assert WORDS_OF_DISPOSITIONS[whole(frame)["~disposition"][0]] == word


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 25),
        answers_to(ASKED),
        st.sampled_from(["open", "complete", "complete", "withdrawn"]),
    ),
    max_size=60,
)


@given(CHANGES, st.integers(1, 7))
def test_changes_taken_in_bit_by_bit_give_the_frame_of_what_they_leave(changes, batch):
    with pytest.MonkeyPatch.context() as patch:
        small_segments(patch)
        taken, last = Frame([ASKED]), {}
        given_ones = [
            given_response(ASKED, number, answers, disposition, seq)
            for seq, (number, answers, disposition) in enumerate(changes, 1)
        ]
        for start in range(0, len(given_ones), batch):
            taken.take(given_ones[start : start + batch])
        last = {each.id: each for each in given_ones}
        fresh = Frame([ASKED])
        fresh.take(last.values())
        assert taken.seq == len(changes)
        assert progress(taken) == progress(fresh)
        assert taken.complete == taken.tally().n
        assert (
            taken.segments.rows
            == taken.rows
            == sum(each.disposition != "withdrawn" for each in last.values())
        )
        for among in AMONG:
            assert taken.tally(View(among)).same_as(fresh.tally(View(among)))
        if taken.rows:
            assert whole(taken).equals(whole(fresh))


def test_taking_in_the_same_changes_twice_does_no_harm():
    frame = Frame([ASKED])
    changes = [given_response(ASKED, number, {"status": "left"}) for number in range(5)]
    frame.take(changes)
    intake = frame.take(changes)
    assert (frame.rows, intake.added, intake.changed) == (5, 0, 5)


def test_asking_how_many_are_complete_while_changes_come_in_counts_nobody_twice(monkeypatch):
    frame, note, meanwhile = Frame([ASKED]), Frame._note, []
    frame.take([given_response(ASKED, 1, {"status": "left"})])
    # In another thread, when the rows are there and their change is not.
    monkeypatch.setattr(Frame, "_note", lambda self, *change: (meanwhile.append(self.complete), note(self, *change)))
    frame.take([given_response(ASKED, 2, {"status": "left"}, seq=2)])
    assert (meanwhile, frame.complete, frame.tally().n) == ([1], 2, 2)


def test_a_withdrawn_response_disappears_but_is_still_counted_as_begun():
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, 1, {"status": "left"}), given_response(ASKED, 2, {"status": "left"})])
    intake = frame.take([given_response(ASKED, 1, {}, "withdrawn", seq=3)])
    going = progress(frame)
    assert (intake.withdrawn, frame.rows, going.started, going.complete, going.withdrawn) == (1, 1, 2, 1, 1)
    assert frame.ids(whole(frame)) == [response_id(2)]


def test_a_response_that_does_not_fit_its_instrument_is_set_aside():
    frame = Frame([ASKED])
    wrong = [
        given_response(ASKED, 1, {"status": "left"}),
        given_response(ASKED, 2, {"status": "unheard_of"}),
        given_response(ASKED, 3, {"years": 3, "status": ["left"]}),
    ]
    wrong[0].instrument = "f" * 64
    intake = frame.take(wrong)
    assert frame.rows == 0
    assert {identifier for identifier, _ in intake.refused} == {
        response_id(1),
        response_id(2),
        response_id(3),
    }
    assert progress(frame).refused == 3
    frame.take([given_response(ASKED, 2, {"status": "left"}, seq=4)])
    assert (frame.rows, progress(frame).refused) == (1, 2)


def test_an_id_that_is_none_is_an_error():
    change = given_response(ASKED, 1)
    change.id = "short"
    with pytest.raises(ValueError, match="20 characters"):
        Frame([ASKED]).take([change])


@given(st.lists(st.text(string.ascii_letters + string.digits + "-_", min_size=20, max_size=20), max_size=30))
def test_ids_are_taken_apart_and_put_together_again(ids):
    assert joined_ids(*split_ids(ids)) == ids


def test_two_ids_with_the_same_first_bytes_are_two_responses():
    first, second = (
        given_response(ASKED, 1, {"status": "left"}),
        given_response(ASKED, 2, {"status": "practising"}),
    )
    first.id, second.id = "AAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAC"
    frame = Frame([ASKED])
    frame.take([first, second])
    second.disposition = "withdrawn"
    frame.take([second])
    assert frame.ids(whole(frame)) == [first.id]


def test_slices_hold_every_response_once_in_the_order_of_random_keys(monkeypatch):
    small_segments(monkeypatch)
    frame = Frame([ASKED])
    for number in range(100):
        frame.take([given_response(ASKED, number, {"status": "left"})])
    slices = list(frame.slices(7))
    keys = np.concatenate([each["~key"].to_numpy() for each in slices])
    assert sorted(name for each in slices for name in frame.ids(each)) == sorted(map(response_id, range(100)))
    assert (np.diff(keys.astype(object)) > 0).all()
    assert max(each.height for each in slices) < 30


def test_slices_read_while_responses_change_hold_each_once():
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, number, {"status": "left"}) for number in range(50)])
    seen = []
    for number, part in enumerate(frame.slices(5)):
        seen += frame.ids(part)
        frame.take(
            [given_response(ASKED, each, {"status": "practising"}, seq=100 + number) for each in range(50)]
        )
    assert sorted(seen) == sorted(map(response_id, range(50)))


# --- versions of the survey -------------------------------------------------------------------------------

def test_a_new_version_widens_the_columns_without_reading_the_responses_again():
    newer = instrument(NEWER)
    old = [
        given_response(
            ASKED, n, {"status": "left" if n % 2 else "practising", "more": f"m{n}", "reasons": ["visa"]}
        )
        for n in range(20)
    ]
    new = [given_response(newer, n, {"status": "leave", "age": 40}) for n in range(20, 30)]
    new += [
        given_response(newer, n, {"status": "left", "reasons": ["visa", "family"]}) for n in range(30, 35)
    ]
    frame = Frame([ASKED])
    frame.take(old)
    assert frame.adopt([newer, ASKED])
    frame.take(new)
    fresh = Frame([newer, ASKED])
    fresh.take([*old, *new])
    assert whole(frame).equals(whole(fresh))
    assert all(frame.tally(View(among)).same_as(fresh.tally(View(among))) for among in AMONG)
    row = whole(frame).filter(pl.col("~instrument") == 0).to_dicts()[0]
    assert cell(frame, row, "age") == "NOT_SHOWN"


def test_a_variable_that_changes_its_kind_gets_a_new_frame_and_its_own_column():
    newer = instrument(
        EVERY_TYPE.replace(
            "more: {type: text, ask: Anything else?, lines: 4}",
            "more: {type: number, ask: How many more?, range: [0, 9]}",
        )
    )
    frame = Frame([ASKED])
    old = given_response(ASKED, 1, {"status": "other", "more": "words"})
    frame.take([old])
    assert not frame.adopt([newer, ASKED])
    fresh = Frame([newer, ASKED])
    fresh.take([old, given_response(newer, 2, {"status": "other", "more": 4})])
    values = {frame.ids(fresh_row)[0]: fresh_row.to_dicts()[0] for fresh_row in whole(fresh).iter_slices(1)}
    assert cell(fresh, values[response_id(1)], "more_v1") == "words"
    assert cell(fresh, values[response_id(1)], "more") == "NOT_SHOWN"
    assert cell(fresh, values[response_id(2)], "more") == 4


def test_a_scale_of_more_codes_than_a_byte_holds_takes_two():
    options = "\n".join(f"          o{k}: Option {k}" for k in range(300))
    asked = instrument(
        f"title: T\nsections:\n  s:\n    items:\n      q:\n        type: single_choice\n        ask: Q?\n        options:\n{options}\n"
    )
    frame = Frame([asked])
    frame.take(
        [given_response(asked, 1, {"q": "o299"}), given_response(asked, 2, {"q": {"missing": "skipped"}})]
    )
    assert sorted(cell(frame, row, "q") for row in whole(frame).to_dicts()) == ["SKIPPED", "o299"]
    assert all(frame.tally(View(among)).same_as(frame.counted(View(among)).whole) for among in AMONG)


# --- sizes ------------------------------------------------------------------------------------------------


def many_sections(count: int, prefix: str) -> str:
    item = "items: {{q{0}: {{type: single_choice, ask: Q?, options: {{a: A, b: B}}}}}}"
    body = "\n".join(f"  {prefix}{n}: {{{item.format(f'_{prefix}{n}')}}}" for n in range(count))
    return f"title: T\nsections:\n{body}\n"


def test_more_sections_over_all_versions_than_a_byte_counts():
    older, newer = instrument(many_sections(200, "a")), instrument(many_sections(200, "b"))
    frame = Frame([newer, older])
    frame.take(
        [
            given_response(older, 1, {"q_a199": "a"}, "open"),
            given_response(newer, 2, {"q_b199": "b"}, "open"),
            given_response(newer, 3, {}, "open"),
        ]
    )
    stopped = {page.section: page.stopped for page in progress(frame).pages}
    assert stopped == dict.fromkeys(frame.layout.sections, 0) | {"b0": 1, None: 2}
    assert all(frame.tally(View(among)).same_as(frame.counted(View(among)).whole) for among in AMONG)


def test_many_sections_of_a_new_version_are_taken_up_while_it_runs():
    older, newer = instrument(many_sections(200, "a")), instrument(many_sections(200, "b"))
    frame, fresh = Frame([older]), Frame([newer, older])
    given = [given_response(older, 1, {"q_a199": "a"}, "open"), given_response(older, 2, {}, "open")]
    for each in (frame, fresh):
        each.take(given)
    assert frame.adopt([newer, older])
    assert progress(frame) == progress(fresh) and whole(frame).equals(whole(fresh))


def test_months_between_begin_and_submission_are_counted_in_full():
    frame = Frame([ASKED])
    frame.take([replace(given_response(ASKED, 1, {"status": "left"}), minutes=90 * 24 * 60)])
    assert whole(frame)["~minutes"].to_list() == [129_600]
    assert progress(frame).minutes.median == 129_600
