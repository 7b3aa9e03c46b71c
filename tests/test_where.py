"""Conditions over a frame: Polars gives on every row what `Condition.holds` gives."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.filters.filter import Selection, truth
from app.results.frame.frame import Frame
from app.results.view import View
from app.survey.conditions.language import Condition, parse_condition, whole_scope
from tests.support.answers import EVERY_TYPE, answers_to, given_response, instrument
from tests.support.paths import walk

ASKED = instrument()
SCOPE = whole_scope(ASKED)
#: As ASKED, but nothing is hidden: what is answered is what conditions see.
OPEN = instrument(
    "\n".join(line for line in EVERY_TYPE.splitlines() if "show_if" not in line or "type" in line)
)

STATUS = st.sampled_from(["practising", "left", "other"])
REASONS = st.sampled_from(["burnout", "visa", "other", "nothing"])
SCALE = st.integers(1, 5)
NUMBERS = st.integers(-5, 75) | st.sampled_from([0.5, 2.5])
TEXTS = st.sampled_from(["relief", "", "=1", "ä"])
MEASURED = st.sampled_from(["years", "sure", "seen.failed", "seen.grew"])
ANYTHING = st.sampled_from(["status", "years", "reasons", "sure", "seen.failed", "seen.grew", "word", "more"])


def listed(values):
    return st.lists(values, min_size=1, max_size=3).map(lambda codes: ["list", *codes])


def got(names):
    return names.map(lambda name: ["get", name])


def combined(numbers):
    sides = [numbers, numbers]
    return (
        st.tuples(st.sampled_from("+-*/"), *sides)
        | st.tuples(st.sampled_from(["neg", "abs"]), numbers)
        | st.tuples(st.sampled_from(["min", "max", "mean", "sum"]), *sides, numbers)
        | st.tuples(st.just("coalesce"), *sides)
    ).map(list)


VALUES = st.recursive(
    NUMBERS
    | got(MEASURED)
    | st.just(["count", "reasons"])
    | st.just(["known", ["get", "seen.failed"], ["get", "seen.grew"]]),
    combined,
    max_leaves=5,
)
LEAVES = st.one_of(
    st.tuples(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), VALUES, VALUES),
    st.tuples(st.sampled_from(["==", "!="]), st.just(["get", "status"]), STATUS),
    st.tuples(st.sampled_from(["==", "!="]), STATUS, st.just(["get", "status"])),
    st.tuples(st.sampled_from(["==", "!="]), st.just(["coalesce", ["get", "word"], ["get", "more"]]), TEXTS),
    st.tuples(st.sampled_from(["==", "!="]), st.just(["get", "word"]), st.just(["get", "more"])),
    st.tuples(st.just("in"), st.just(["get", "status"]), listed(STATUS)),
    st.tuples(st.just("in"), VALUES, listed(NUMBERS)),
    st.tuples(st.just("in"), got(st.sampled_from(["word", "more"])), listed(TEXTS)),
    st.tuples(st.sampled_from(["answered", "missing", "declined"]), ANYTHING),
    st.tuples(st.just("has"), st.just("reasons"), REASONS),
    st.tuples(st.sampled_from(["any_of", "all_of"]), st.just("reasons"), listed(REASONS)),
    st.booleans(),
).map(lambda tree: list(tree) if isinstance(tree, tuple) else tree)
TREES = st.recursive(
    LEAVES,
    lambda trees: (
        st.tuples(st.just("not"), trees).map(list)
        | st.tuples(st.sampled_from(["and", "or"]), trees, trees, trees).map(list)
    ),
    max_leaves=6,
)
ROWS = st.lists(answers_to(OPEN, TEXTS), min_size=1, max_size=12)


def table_of(asked, rows) -> tuple[Frame, pl.DataFrame]:
    """The rows in a frame, each known by its minutes."""
    frame = Frame([asked])
    frame.take(
        [given_response(asked, number, answers, minutes=number) for number, answers in enumerate(rows)]
    )
    return frame, pl.concat(list(frame.slices())).sort("~minutes")


@given(TREES, ROWS)
def test_polars_agrees_with_holds_on_every_row(tree, rows):
    frame, table = table_of(OPEN, rows)
    condition = Condition("", tree, frozenset())
    wanted = [condition.holds(walk(OPEN, answers).answers) for answers in rows]
    assert truth(tree, frame.layout).run(table).to_list() == wanted
    assert Selection(condition, frame.layout).mask(table).tolist() == [value is True for value in wanted]


@given(
    st.sampled_from([
        'status == "left"', "years > 30", "not (years > 30)", 'has(reasons, "visa") or sure >= 4', "missing(sure)",
        "count(reasons) > 1", "mean(seen) > 2.5", "answered(seen)", 'status in ["left", "other"] and years / 2 > 10',
        "declined(years)", "count(seen) == 2", "max(seen, sure) - min(seen, sure) >= 2", '"burnout" in reasons',
    ]),
    st.lists(answers_to(ASKED), min_size=1, max_size=12),
)  # fmt: skip
def test_a_filter_sees_only_what_is_on_the_path(source, rows):
    condition = parse_condition(source, SCOPE)
    frame, _ = table_of(ASKED, rows)
    wanted = sum(condition.holds(walk(ASKED, answers).answers) is True for answers in rows)
    assert frame.tally(View("all", where=condition)).n == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("years > 10", [True, False, None]),
        ("not years > 10", [False, True, None]),
        ("years > 10 or years <= 10", [True, True, None]),
        ('years > 10 or status == "left"', [True, True, True]),
        ('years > 10 and status == "practising"', [False, False, False]),
        ("missing(years)", [False, False, True]),
        ("years / 0 > 1", [None, None, None]),
        ("sum(years, sure) < 11", [False, True, None]),
        ("mean(seen) < 1 or max(seen) < 1 or sum(seen) < 1", [None, None, None]),
    ],
)
def test_what_is_missing_leaves_a_condition_unknown(source, wanted):
    rows = [
        {"status": "left", "years": 11},
        {"status": "left", "years": 10},
        {"status": "left", "years": {"missing": "declined"}},
    ]
    frame, table = table_of(ASKED, rows)
    tree = parse_condition(source, SCOPE).tree
    assert truth(tree, frame.layout).run(table).to_list() == wanted


def test_a_condition_on_an_item_that_only_a_newer_version_asks_is_unknown_before_it():
    newer = instrument(
        EVERY_TYPE.replace(
            "      more: {type",
            "      age: {type: number, ask: How old?, range: [18, 99]}\n      more: {type",
        )
    )
    frame = Frame([newer, ASKED])
    frame.take(
        [
            given_response(ASKED, 1, {"status": "left"}),
            given_response(newer, 2, {"status": "left", "age": 40}),
        ]
    )
    condition = parse_condition("age >= 40", whole_scope(newer))
    assert frame.tally(View("all", where=condition)).n == 1
    assert frame.tally(View("all", where=parse_condition("missing(age)", whole_scope(newer)))).n == 1


NEWER_ITEMS = """
      age: {type: number, ask: How old?, range: [18, 99]}
      place: {type: single_choice, ask: Where?, options: {town: Town, land: Land}}
      ways: {type: multiple_choice, ask: How?, options: {bus: Bus, car: Car}}
      first: {type: ranking, ask: What first?, options: {pay: Pay, rest: Rest}}
      day: {type: date, ask: When?}
      say: {type: text, ask: What?}
"""


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("age > 20", [None, True]),
        ("age + 1 in [41]", [None, True]),
        ("round(age / 7, 1) == 5.7", [None, True]),
        ("mean(age, 2) == 2", [True, False]),
        ('place == "town"', [None, True]),
        ('(place if answered(place) else "none") == "none"', [True, False]),
        ('coalesce(place, "land") == "land"', [True, False]),
        ('has(ways, "bus")', [None, True]),
        ('all_of(ways, ["bus", "car"])', [None, False]),
        ("count(ways) == 1", [None, True]),
        ('rank(first, "rest") == 1', [None, True]),
        ('day > date("2026-01-01")', [None, True]),
        ("days(day, day) == 0", [None, True]),
        ("year(day) == 2026", [None, True]),
        ('coalesce(say, "nothing") == "nothing"', [True, False]),
        ("say == say", [None, True]),
        ("any(age > 20, answered(status))", [True, True]),
        ("declined(day) or missing(first)", [True, False]),
    ],
)
def test_what_a_version_did_not_ask_is_unknown_on_its_rows(source, wanted):
    newer = instrument(EVERY_TYPE.rstrip() + NEWER_ITEMS)
    answers = {
        "age": 40,
        "place": "town",
        "ways": ["bus"],
        "first": ["rest", "pay"],
        "day": "2026-11-22",
        "say": "x",
    }
    rows = [
        given_response(ASKED, 1, {"status": "left"}, minutes=1),
        given_response(newer, 2, {"status": "left", **answers}, minutes=2),
    ]
    tree = parse_condition(source, whole_scope(newer)).tree
    for versions, told in (([newer, ASKED], rows), ([ASKED], rows[:1])):
        frame = Frame(versions)
        frame.take(told)
        table = pl.concat(list(frame.slices())).sort("~minutes")
        assert truth(tree, frame.layout).run(table).to_list() == wanted[: len(told)]
