"""Doubts about conditions: what can never hold, what always does, and what hides from those who say nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.survey.conditions.dead_conditions import Doubt, doubts
from app.survey.conditions.language import parse_condition, whole_scope
from app.survey.conditions.solver import Solver
from app.survey.model import Instrument
from app.survey.source.reading import read_survey
from tests.support.answers import answers_to, instrument
from tests.support.expressions import WORDS, conditions, surveys
from tests.support.paths import walk

ASKED = """
title: Doubts
arms: {cause: [burnout, family]}
compute: {old: years > 40}
scores: {stigma: {label: Stigma, mean: [seen.failed, seen.grew], to: [0, 100]}}
sections:
  a:
    items:
      status: {type: single_choice, ask: Where?, options: {in: In, left: Left, outside: Outside}}
      years: {type: number, ask: How many?, range: [0, 70]}
      heat: {type: number, ask: How hot?, range: [0, 1], decimals: 1}
      told: {type: multiple_choice, ask: Whom?, options: {family: Family, boss: Boss, no_one: {label: None, exclusive: true}}}
      weigh: {type: ranking, ask: What first?, top: 2, options: {pay: Pay, visa: Visa, time: Time}}
      day: {type: date, ask: When?, earliest: 2020-01-01, latest: 2025-12-31}
      seen: {type: matrix, ask: How?, scale: {1: Low, 2: Middle, 3: High}, statements: {failed: Failed, grew: Grew}}
      week: {type: constant_sum, ask: How?, options: {clinic: Clinic, home: Home}}
      word: {type: text, ask: A word?}
      since: {type: number, ask: Since?, range: [0, 9], show_if: status == "left"}
      where: {type: single_choice, ask: Where to?, options: {home: Home, abroad: {label: Abroad, show_if: years > 5}}}
  b:
    items:
      last: {type: note, text: The last.}
"""


def shown_if(source: str) -> Instrument:
    """The survey with a condition on its last note."""
    quoted = source.replace("'", "''")
    return instrument(ASKED.replace("text: The last.", f"text: The last., show_if: '{quoted}'"))


def codes(source: str) -> list[str]:
    return [doubt.code for doubt in doubts(shown_if(source))]


@pytest.mark.parametrize(
    "source",
    [
        "false", "not true", 'status == "in" and status == "left"', "years > 70", "years < 0", "years > 69.5 and years < 70",
        "years > 5 and years < 6", "years == 5 and years == 6", "years in [71, 72]", "heat > 1", "5 < years < 5",
        "years * 2 > 140", "years + heat > 71", "-years > 0", "abs(years - 70) > 70", "years - since < -9", "years / 2 > 36",
        'has(told, "no_one") and has(told, "boss")', "count(told) > 3", 'has(told, "boss") and not has(told, "boss")',
        'all_of(told, ["boss", "no_one"])', 'any_of(told, ["boss"]) and not "boss" in told', "count(weigh) == 3", 'rank(weigh, "pay") > 2',
        'all_of(weigh, ["pay", "visa", "time"])', 'day > date("2025-12-31")', 'day < date("2021-01-01") and day > date("2022-01-01")',
        'day == date("2019-05-05")', "mean(seen) > 3", "sum(seen) > 6", "stigma > 101", "count(seen) > 2", "max(seen) < 1",
        "week.clinic > 100", 'word == "a" and word == "b"', 'since > 3 and status == "in"', 'answered(since) and status != "left" and answered(status)',
        'where == "abroad" and years < 3', "missing(cause)", 'cause == "burnout" and cause == "family"', "old and years < 30",
        "(1 if years > 5 else 2) == 3", 'missing(status) and status == "in"', 'any(seen == 1) and seen.failed > 1 and seen.grew > 1',
        "(years > 5 if answered(years) else false) and years < 5", "not (missing(years) or answered(years))",
        'status in ["in", "left"] and status == "outside"', 'status not in ["in", "left", "outside"]', "missing(day) and days(day, day) == 0",
        "not asked(cause)", 'asked(since) and status == "in"', 'missing(told) and has(told, "boss")', "missing(told) and count(told) > 0",
        "count(weigh) == 0", 'missing(weigh) and not has(weigh, "pay")',
    ],
)  # fmt: skip
def test_what_can_never_hold_is_told(source):
    assert "never-true" in codes(source)


@pytest.mark.parametrize(
    "source",
    [
        'status == "in"', "years >= 70", "years > 69", "years == 5 or years == 6", "years in [70, 71]", "heat > 0.95", "years * 2 >= 140",
        "years / 2 >= 35", 'has(told, "no_one") and not has(told, "boss")', "count(told) > 1", "count(weigh) == 2", 'rank(weigh, "pay") == 2',
        'day == date("2025-12-31")', "mean(seen) == 3", "sum(seen) < 2", "stigma == 100", "stigma > 99 or stigma < 1", "missing(since)",
        'since > 3 and status == "left"', 'where == "abroad" and years == 6', 'where == "home" and years < 3', 'cause == "burnout"', "old", "missing(old)",
        'missing(status) or status == "in"', 'word == "a"', "any(seen == 1) and seen.failed > 1", "week.clinic == 100",
        "(years if years > 5 else heat) == 1", "min(years, since) > 60", "coalesce(since, years) > 60",
        'missing(told) and not has(told, "boss")', "count(told) == 0", "count(told) == 0 and missing(told)", "asked(since)",
        "not asked(since)", "asked(since) and missing(since)", 'not all_of(told, ["boss", "family"]) and missing(told)',
    ],
)  # fmt: skip
def test_what_can_hold_and_fail_is_not_doubted(source):
    assert codes(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "true", "answered(years) or missing(years)", "count(seen) >= 0", "missing(years) or years >= 0", "missing(status) or status in [\"in\", \"left\", \"outside\"]",
        "not (years > 5) or missing(years) or years > 5", "answered(cause)", "asked(cause)", 'cause == "burnout" or cause == "family"',
    ],
)  # fmt: skip
def test_what_always_holds_is_told(source):
    assert codes(source) == ["always-true"]


@pytest.mark.parametrize(
    ("source", "doubted"),
    [
        ('status != "in"', True),
        ('not status == "in"', True),
        ('status not in ["in"]', True),
        ('years > 3 and status != "in"', True),
        ('missing(status) or status != "in"', False),
        ('answered(status) and status != "in"', False),
        ('not answered(status) or not status == "in"', False),
        ('cause != "burnout"', False),  # everybody has an arm
        ("old", False),
        ('not has(told, "boss")', False),  # left open it is empty
        ('not has(weigh, "pay")', True),
        ('missing(weigh) or not has(weigh, "pay")', False),
    ],
)
def test_asking_for_another_answer_hides_from_those_who_gave_none(source, doubted):
    assert codes(source) == ["hidden-unanswered"] * doubted


def test_a_required_item_without_a_way_out_is_never_left_open():
    required = ASKED.replace("ask: Where?,", "ask: Where?, required: true,")
    ask = required.replace("text: The last.", "text: The last., show_if: 'status != \"in\"'")
    assert doubts(instrument(ask)) == []
    declining = ask.replace("required: true,", "required: true, decline: true,")
    assert [doubt.code for doubt in doubts(instrument(declining))] == ["hidden-unanswered"]


def test_a_multiple_choice_that_can_be_declined_hides_from_those_who_decline():
    declining = ASKED.replace("ask: Whom?,", "ask: Whom?, decline: true,")
    doubt = only(declining.replace("text: The last.", "text: The last., show_if: 'not has(told, \"boss\")'"))
    assert (doubt.code, doubt.what.split(", and")[0]) == ("hidden-unanswered", '"told" may be declined')


def test_a_reason_that_is_not_offered_is_told():
    assert codes("declined(years)") == ["never-declined"]
    assert codes("dont_know(seen.failed) or years > 3") == ["never-declined"]
    offered = ASKED.replace("ask: How many?,", "ask: How many?, dont_know: true,")
    doubted = instrument(offered.replace("text: The last.", "text: The last., show_if: dont_know(years)"))
    assert doubts(doubted) == []


# --- which condition, and given what ---------------------------------------------------------------------


def only(source: str) -> Doubt:
    (doubt,) = doubts(instrument(source))
    return doubt


def test_it_is_said_which_condition_cannot_hold_and_given_what():
    (alone,) = doubts(shown_if("years > 80"))
    assert alone.what == '"last" is never shown: `years > 80` is never true, whatever is answered'
    within = ASKED.replace("  b:\n", '  b:\n    show_if: status == "in"\n')
    doubt = only(within.replace("text: The last.", "text: The last., show_if: 'status == \"left\"'"))
    assert doubt.what.endswith('`status == "left"` is never true if `status == "in"` is true')
    (since,) = doubts(shown_if('status == "in" and since > 3'))
    assert since.what.endswith(', since "since" is asked only where `status == "left"`')
    (where,) = doubts(shown_if('where == "abroad" and years < 3'))
    assert where.what.endswith(', given when the options of "where" are offered')


def test_who_is_screened_out_sees_nothing_later():
    source = ASKED.replace("arms:", 'screen_out: {out: {when: status == "outside"}}\narms:')
    doubt = only(source.replace("  b:\n", '  b:\n    show_if: status == "outside"\n'))
    assert doubt.what.endswith("is never true for anyone who has not been screened out")
    assert (doubt.section, doubt.item, doubt.key) == ("b", None, "show_if")


def test_options_statements_and_endings_are_looked_at():
    source = ASKED.replace(
        "abroad: {label: Abroad, show_if: years > 5}", "abroad: {label: Abroad, show_if: years > 75}"
    )
    assert [(doubt.item, doubt.part) for doubt in doubts(instrument(source))] == [("where", "abroad")]
    source = ASKED.replace("grew: Grew", "grew: {text: Grew, show_if: years > 75}")
    assert [(doubt.item, doubt.part) for doubt in doubts(instrument(source))] == [("seen", "grew")]
    source = ASKED.replace(
        "arms:", "screen_out: {out: {when: years > 75}}\nquotas: {full: {when: years < 0, most: 5}}\narms:"
    )
    assert [(doubt.part, doubt.key) for doubt in doubts(instrument(source))] == [("out", "when"), ("full", "when")]


def test_what_is_within_something_never_shown_is_not_told_too():
    source = ASKED.replace("  b:\n", "  b:\n    show_if: years > 80\n")
    assert only(source.replace("text: The last.", "text: The last., show_if: years > 90")).section == "b"


def test_unreachable_option_makes_what_rests_on_it_unreachable():
    source = ASKED.replace(
        "abroad: {label: Abroad, show_if: years > 5}", "abroad: {label: Abroad, show_if: years > 75}"
    )
    found = doubts(instrument(source.replace("text: The last.", "text: The last., show_if: 'where == \"abroad\"'")))
    assert [doubt.item for doubt in found] == ["where", "last"]


LOOP = """
title: A loop
sections:
  first:
    items:
      reasons: {type: multiple_choice, ask: Why?, options: {pay: Pay, visa: Visa}}
  each:
    for_each: reasons
    items:
      sure: {type: single_choice, ask: "Sure of {entry}?", options: {yes: Yes, no: No}}
      why: {type: text, ask: Why?, show_if: sure != "yes"}
"""


def test_what_is_asked_several_times_is_told_of_once_as_it_is_written():
    _, faults = read_survey(LOOP.encode(), "loop")
    assert [(fault.line, fault.code) for fault in faults] == [(11, "hidden-unanswered")]
    assert "missing(sure) or" in faults[0].remedy


def test_a_comment_accepts_a_doubt():
    accepted = LOOP.replace('sure != "yes"}', 'sure != "yes"}  # ok: hidden-unanswered')
    assert read_survey(accepted.encode(), "loop")[1] == []


FINE = " or ".join(f"years == {number}" for number in range(10, 20))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (f"({FINE}) and years > 80", "`years > 80` is never true"),
        (f"({FINE}) and (years > 30 and years < 20)", "`years > 30 and years < 20` is never true"),
        (" or ".join(f"years > {number}" for number in range(80, 90)), "`years > 80`, like each of the 9 other parts, is never true"),
        (f"({FINE}) and ({' or '.join(f'years > {number}' for number in range(80, 90))})", "`years > 80`, like each of the 9 other parts, is never true"),
        (f"{FINE} or missing(status) or answered(status)", "`missing(status) or answered(status)` is always true"),
        (f"({FINE}) and years > 5 and not (heat > 0.5)", "`not (heat > 0.5)` is then unknown"),
    ],
)
def test_of_a_long_condition_the_part_that_decides_is_shown(source, said):
    found = [doubt.what for doubt in doubts(shown_if(source))]
    assert any(said in what for what in found), found


# --- certain, and soon -----------------------------------------------------------------------------------


@given(st.data())
@settings(suppress_health_check=list(HealthCheck))
def test_what_cannot_come_out_never_does(data):
    """In no survey and for no answers does a condition give what the search says it cannot."""
    asked = data.draw(surveys())
    scope, solver = whole_scope(asked), Solver(asked)
    parsed = [parse_condition(data.draw(conditions(scope.known, 2)), scope) for _ in range(4)]
    can = [{wanted: solver.possible((each.tree, wanted)) for wanted in "TFU"} for each in parsed]
    for row in data.draw(st.lists(answers_to(asked, st.sampled_from(WORDS)), min_size=3, max_size=3)):
        seen = walk(asked, row).answers
        for condition, possible in zip(parsed, can, strict=True):
            came_out = {True: "T", False: "F", None: "U"}[condition.holds(seen)]
            assert possible[came_out], (condition.source, came_out)


@pytest.mark.parametrize(
    "source",
    [
        " and ".join(
            f"(years > {number} or heat > 0.{number} or since > {number})" for number in range(1, 9)
        ),
        " or ".join(f"(years > {number} and since < {number})" for number in range(40)),
        "not (" + " and ".join(f"not (years == {number} and heat == 2)" for number in range(40)) + ")",
        "not " * 36 + "years > 3",
    ],
    ids=len,
)
def test_search_ends_soon(source):
    asked = shown_if(source)
    began = time.process_time()
    doubts(asked)
    assert time.process_time() - began < 0.5


def test_a_survey_of_five_hundred_items_is_looked_through_in_a_third_of_a_second():
    large = Path(__file__).parent.parent / "surveys" / "examples" / "large-training-survey.yaml"
    asked, _ = read_survey(large.read_bytes(), "large")
    assert asked is not None and len(list(asked.items())) >= 500
    began = time.process_time()
    doubts(asked)
    assert time.process_time() - began < 0.3
