"""Answers made up so that a section can be opened: the path leads there, and what was answered stays where it can."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings

from app.catalogue.files import read_file, survey_files
from app.interview.draws import draw
from app.interview.path import unanswered
from app.interview.route import Route
from app.simulation.made_up import answers_before
from tests.support.answers import instrument
from tests.support.surveys import instruments

EXAMPLES = survey_files(Path(__file__).parent.parent / "surveys" / "examples")

FIRST = """
title: Leaving
arms: {cause: [burnout, family]}
scores: {low: {label: Low, sum: [phq]}}
sections:
  first:
    items:
      status: {type: single_choice, ask: Status, required: true, options: {in: In, out: Out, other: {label: Other, please_say: true}}}
      years: {type: number, ask: Years, range: [0, 400], decline: true}
      why: {type: multiple_choice, ask: Why, options: {a: A, b: B, c: C, none: {label: None, exclusive: true}}}
      born: {type: date, ask: Born, earliest: 1930-01-01, latest: 2005-12-31}
      phq: {type: matrix, ask: Bothered by, scale: {0: Never, 1: Some, 2: More, 3: Daily}, statements: {a: A, b: B, c: C, d: D, e: E, f: F}}
  last:
"""
LAST = """
    items:
      words: {type: text, ask: Words}
"""


def opened(text: str, own: dict | None = None, section: str = "last"):
    """The instrument's path with the answers that open a section."""
    route = Route(instrument(text))
    before = draw(route.instrument, 1, b"seed", "2026-11-27", "en") | (own or {})
    found = answers_before(route, section, before, random.Random(1))
    return None if found.answers is None else route.path(found.answers)


@pytest.mark.parametrize(
    "condition",
    [
        'status == "out" and years == 137', 'status in ["other"] and not has(why, "a")', 'has(why, "b") and count(why) == 3',
        'has(why, "none")', "missing(years) and answered(status)", "declined(years)", "low >= 17", "low == 8", "low < 2",
        'born < date("1934-01-01")', 'born >= date("2005-12-01") and years > 398', 'cause == "burnout" and low > 12',
        'cause == "family" or years > 1000', "years > 100 and years < 103 and phq.a == 3 and phq.b == 0",
    ],
)  # fmt: skip
def test_a_section_opens_whatever_its_condition_needs(condition):
    path = opened(f"{FIRST}    show_if: {condition!r}{LAST}")
    assert path is not None and "last" in path.open


def test_answers_stay_where_the_condition_allows_it():
    own = {"status": "in", "years": 12, "why": ["c"], "born": "1980-02-03"}
    path = opened(FIRST + '    show_if: status != "in" and years < 40' + LAST, own)
    assert path.answers["status"] in ("out", "other")
    assert {name: path.answers[name] for name in ("years", "why", "born")} == {name: own[name] for name in ("years", "why", "born")}


def test_an_answer_on_which_a_sum_depends_gives_way():
    own = {f"phq.{statement}": 0 for statement in "abcdef"} | {"status": "in"}
    path = opened(FIRST + "    show_if: low > 14" + LAST, own)
    assert path.answers["status"] == "in" and sum(path.answers[f"phq.{one}"] for one in "abcdef") > 14


def test_a_screen_out_before_the_section_is_avoided():
    screen_outs = "screen_out: {early: {when: 'years < 400 or has(why, \"c\")', text: Too early.}}"
    path = opened(FIRST.replace("arms:", f"{screen_outs}\narms:") + LAST[1:], {"years": 3, "why": ["c"]})
    assert path.ended is None and path.answers["years"] == 400 and "c" not in path.answers["why"]


def test_nothing_is_made_up_where_no_answer_leads_there():
    route = Route(instrument(FIRST + '    show_if: years > 20 and years < 10 and status == "in"' + LAST))
    found = answers_before(route, "last", {}, random.Random(1))
    assert found.answers is None and found.impossible


def test_an_item_that_no_made_up_answer_satisfies_is_named():
    check = "check: {that: 'code == \"ABCD-1234567\"', say: Wrong.}"
    text = FIRST.replace("      years:", f"      code: {{type: text, ask: Code, required: true, {check}}}\n      years:")
    route = Route(instrument(text + LAST[1:]))
    found = answers_before(route, "last", {}, random.Random(1))
    assert (found.answers, found.impossible, found.stuck) == (None, False, "code")
    found = answers_before(route, "last", {"code": "ABCD-1234567"}, random.Random(1))
    assert found.answers["code"] == "ABCD-1234567"


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_section_of_the_examples_can_be_opened(file):
    asked, _ = read_file(file)
    route = Route(asked)
    given_ = draw(asked, 3, b"seed", "2026-11-27", asked.language)
    for section in route.section:
        found = answers_before(route, section, given_, random.Random(section))
        assert section in route.path(found.answers).open
    assert not unanswered(route.path(answers_before(route, None, given_, random.Random(0)).answers))


@settings(max_examples=40)
@given(instruments())
def test_what_is_made_up_leads_to_the_section(asked):
    route = Route(asked)
    before = draw(asked, 1, b"seed", "2026-11-27", "en")
    for section in route.section:
        found = answers_before(route, section, before, random.Random(section))
        assert found.answers is None or section in route.path(found.answers).open
