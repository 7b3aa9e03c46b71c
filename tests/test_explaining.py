"""Why something is not shown: each part of its condition, with what it comes to."""

from __future__ import annotations

from typing import Any

from app.interview.route import Route
from app.survey.conditions.language import Condition
from app.web.preview.explaining import Reason, all_hidden, explained
from tests.support.answers import instrument
from tests.support.paths import walk

SURVEY = """
title: Why
screen_out:
  outsiders: {when: status == "outside"}
sections:
  one:
    items:
      status: {type: single_choice, ask: Status, options: {inside: Inside, left: Left, outside: Outside}}
      years: {type: number, ask: Years, range: [0, 70]}
      word: {type: text, ask: Word, show_if: not (years < 10) and (status == "left" or years > 60)}
      told: {type: multiple_choice, ask: Told, options: {family: Family, friends: {label: Friends, show_if: years > 5}}}
      seen: {type: matrix, ask: Seen, scale: {1: a, 2: b}, statements: {a: A, b: {text: B, show_if: status == "left"}}}
  two:
    show_if: status == "left"
    items:
      more: {type: text, ask: More}
  three:
    items:
      last: {type: text, ask: Last, show_if: years > 5}
  four:
    items:
      end: {type: text, ask: End}
"""


def hidden(**answers: Any) -> dict[str, Any]:
    asked = instrument(SURVEY)
    return {found.id: found for found in all_hidden(Route(asked), walk(asked, answers))}


def test_a_part_of_a_condition_is_told_with_what_it_comes_to():
    word = hidden(status="inside", years=20)["word"]
    assert (word.kind, word.section, word.names) == ("item", "one", ("status", "years"))
    assert word.why == Reason(
        'not (years < 10) and (status == "left" or years > 60)', False,
        (
            Reason("not (years < 10)", True, (Reason("years < 10", False),)),
            Reason('status == "left" or years > 60', False, (Reason('status == "left"', False), Reason("years > 60", False))),
        ),
    )  # fmt: skip


def test_what_has_no_answer_is_unknown():
    word = hidden(status="left")["word"]
    assert word.why.value is None and [part.value for part in word.why.parts] == [None, True]


def test_options_statements_and_sections_are_told_and_what_is_shown_is_not():
    found = hidden(status="inside", years=3)
    assert {id: each.kind for id, each in found.items()} == {
        "word": "item", "told.friends": "option", "seen.b": "statement", "two": "section", "three": "section",
        "last": "item",
    }  # fmt: skip
    assert found["two"].why == Reason('status == "left"', False)
    assert found["three"].why is None and found["three"].after is None  # it has nothing to show:
    assert found["last"].why == Reason("years > 5", False)
    assert hidden(status="left", years=61) == {}


def test_what_comes_after_a_screen_out_says_so():
    found = hidden(status="outside", years=61)
    assert (
        found["four"].after == "outsiders" and found["two"].after is None and found["two"].why.value is False
    )


def test_a_condition_that_is_no_python_is_told_as_a_whole():
    """As kept versions may have them, from before such ids were refused."""
    tree = ["and", ["==", ["get", "week.in"], 2], [">", ["get", "years"], 5]]
    condition = Condition("week.in == 2  and years > 5", tree, frozenset({"week.in", "years"}))
    assert explained(condition, {"week.in": 1}) == Reason("week.in == 2 and years > 5", False)
