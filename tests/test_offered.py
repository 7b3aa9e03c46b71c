"""What was not offered is neither selected nor not selected: no later question, option or figure uses it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from app.exports.table import ResponseTable
from app.interview.route import Route
from app.results.filters.filter import Selection
from app.results.frame.frame import Frame
from app.simulation.behaviour import Behaviour
from app.simulation.respondents import respondent
from app.survey.conditions.language import parse_condition, whole_scope
from app.survey.model import Instrument
from app.web.preview.explaining import all_hidden
from tests.support.answers import given_response, instrument
from tests.support.paths import walk

SKIPPED, DECLINED = {"missing": "skipped"}, {"missing": "declined"}
TYPES = {"several": "multiple_choice", "one": "single_choice", "list": "dropdown", "order": "ranking"}


def choosing(later: str, kind: str = "multiple_choice", gate: str = "") -> Instrument:
    """Only those who left are offered `visa`; with a `gate` the whole item is shown to some."""
    return instrument(f"""
title: Offered
sections:
  first:
    items:
      status: {{type: single_choice, ask: Status?, required: true, options: {{left: Left, stayed: Stayed, ill: Ill}}}}
  second:
    items:
      m: {{type: {kind}, ask: Why?, decline: true, {gate} options: {{pay: Pay, rota: Rota, visa: {{label: Visa, show_if: status == "left"}}}}}}
{later}
""")


def asked_about(asked: Instrument, answers: dict[str, Any]) -> list[str]:
    """What `{ entry }` stands for on the pages of the loop, by the end of each page's id."""
    ids = [step.section.id for step in walk(asked, answers).sections]
    return [each.removeprefix("each_") for each in ids if each.startswith("each_")]


def offered_again(asked: Instrument, answers: dict[str, Any]) -> list[Any]:
    step = walk(asked, answers).step("third")
    shown = [item for item in step.items if item.id == "again"] if step else []
    return [o.code for item in shown for o in item.options if f"again.{o.code}" not in step.off]


LEFT, STAYED = {"status": "left"}, {"status": "stayed"}
CASES = [
    ("selected", "several", LEFT | {"m": ["visa"]}, ["visa"]),
    ("selected", "several", STAYED | {"m": ["pay", "visa"]}, ["pay"]),
    ("not_selected", "several", LEFT | {"m": ["pay"]}, ["rota", "visa"]),
    ("not_selected", "several", STAYED | {"m": ["pay"]}, ["rota"]),
    ("not_selected", "several", STAYED | {"m": SKIPPED}, ["pay", "rota"]),
    ("not_selected", "several", STAYED | {"m": DECLINED}, []),
    ("not_selected", "one", LEFT | {"m": "pay"}, ["rota", "visa"]),
    ("not_selected", "one", STAYED | {"m": "pay"}, ["rota"]),
    ("not_selected", "list", STAYED | {"m": "pay"}, ["rota"]),
    ("not_selected", "order", STAYED | {"m": ["pay"]}, ["rota"]),
    ("not_selected", "order", STAYED | {"m": SKIPPED}, []),
    ("all", "several", LEFT | {"m": ["pay"]}, ["pay", "rota", "visa"]),
    ("all", "several", STAYED | {"m": ["pay"]}, ["pay", "rota"]),
    ("all", "several", STAYED | {"m": DECLINED}, ["pay", "rota"]),
    ("all", "one", STAYED | {"m": SKIPPED}, ["pay", "rota"]),
    ("all", "order", STAYED | {"m": ["rota"]}, ["pay", "rota"]),
]


@pytest.mark.parametrize(("where", "kind", "answers", "wanted"), CASES)
def test_a_loop_goes_through_the_options_that_were_offered(where, kind, answers, wanted):
    later = f"""
  each:
    for_each: {{item: m, where: {where}}}
    title: "{{entry}}"
    items: {{w: {{type: rating, ask: "How much: {{entry}}?", scale: {{1: Little, 2: Much}}}}}}
"""
    assert asked_about(choosing(later, TYPES[kind]), answers) == wanted


@pytest.mark.parametrize(("where", "kind", "answers", "wanted"), CASES)
def test_options_from_another_item_are_those_that_were_offered_there(where, kind, answers, wanted):
    source = {"all": "m", "selected": "m where selected", "not_selected": "m where not selected"}[where]
    later = (
        f"  third: {{items: {{again: {{type: multiple_choice, ask: Again?, options_from: {source}}}}}}}"
    )
    assert offered_again(choosing(later, TYPES[kind]), answers) == wanted


@pytest.mark.parametrize("shown", [True, False])
def test_an_item_that_was_not_shown_offered_none_of_its_options(shown):
    later = """
  third: {items: {again: {type: ranking, ask: Again?, options_from: m}}}
  each:
    for_each: {item: m, where: all}
    items: {w: {type: rating, ask: "{entry}?", scale: {1: Little, 2: Much}}}
"""
    asked = choosing(later, gate='show_if: status != "ill",')
    answers = (STAYED | {"m": ["pay"]}) if shown else {"status": "ill"}
    assert asked_about(asked, answers) == offered_again(asked, answers) == (["pay", "rota"] if shown else [])


def test_options_taken_on_from_one_item_to_the_next_stay_those_that_were_offered():
    asked = choosing("""
  third:
    items:
      again: {type: multiple_choice, ask: Again?, options_from: m where not selected}
  each:
    for_each: {item: again, where: not_selected}
    items: {w: {type: rating, ask: "{entry}?", scale: {1: Little, 2: Much}}}
""")
    assert offered_again(asked, STAYED | {"m": SKIPPED}) == ["pay", "rota"]
    assert asked_about(asked, STAYED | {"m": SKIPPED, "again": ["pay"]}) == ["rota"]
    assert asked_about(asked, LEFT | {"m": ["pay"], "again": ["visa"]}) == ["rota"]


@pytest.mark.parametrize("most", [2, 3])
@pytest.mark.parametrize(
    ("status", "wanted"), [("left", ["1"]), ("stayed", [])], ids=["roster shown", "roster not shown"]
)
def test_a_loop_over_a_roster_that_was_not_shown_asks_nothing(status, wanted, most):
    asked = instrument(f"""
title: Roster
sections:
  first: {{items: {{status: {{type: single_choice, ask: Status?, required: true, options: {{left: Left, stayed: Stayed}}}}}}}}
  posts:
    show_if: status == "left"
    roster: {{most: {most}, entry: post, add: More?, "yes": "Yes", "no": "No"}}
    items: {{post: {{type: text, ask: Post?}}}}
  each:
    for_each: posts
    title: "{{entry}}"
    items: {{w: {{type: rating, ask: "{{entry}}?", scale: {{1: Little, 2: Much}}}}}}
""")
    answers = {"status": status, "post_1": "Ward", "posts_more_1": "no"}
    assert asked_about(asked, answers) == wanted


NOT_VISA = """
  third: {items: {why: {type: text, ask: Why not the visa?, show_if: 'not has(m, "visa")'}}}
"""


@pytest.mark.parametrize(
    ("answers", "chosen"),
    [
        (LEFT | {"m": ["visa"]}, True),
        (LEFT | {"m": ["pay"]}, False),
        (LEFT | {"m": SKIPPED}, False),
        (LEFT | {"m": DECLINED}, None),
        (STAYED | {"m": ["pay"]}, None),
        (STAYED | {"m": SKIPPED}, None),
    ],
)
def test_a_condition_on_an_option_is_unknown_where_it_was_not_offered(answers, chosen):
    """On the path, in the preview's reasons, in a dashboard's filter and in the export."""
    asked = choosing(NOT_VISA)
    path = walk(asked, answers)
    assert (path.step("third") is not None) is (chosen is False)
    hidden = {each.id: each.why for each in all_hidden(Route(asked), path)}
    assert "why" not in hidden or hidden["why"].value is (None if chosen is None else False)
    frame = Frame([asked])
    frame.take([given_response(asked, 1, answers)])
    (table,) = frame.slices()
    for source, expected in (('has(m, "visa")', chosen is True), ('not has(m, "visa")', chosen is False)):
        condition = parse_condition(source, whole_scope(asked))
        assert Selection(condition, frame.layout).mask(table).item() is expected
    row = ResponseTable(frame.coding).of(table).to_dicts()[0]
    assert (row["m_visa"], row["m_visa_missing"] == "not_shown") == (
        {True: 1, False: 0}.get(chosen) if answers["m"] != SKIPPED else None,
        answers["status"] == "stayed",
    )


def test_simulated_respondents_are_asked_about_nothing_that_they_were_not_offered():
    asked = choosing("""
  each:
    for_each: {item: m, where: not_selected}
    items: {w: {type: rating, ask: "{entry}?", scale: {1: Little, 2: Much}}}
""")
    seen = [
        respondent(Route(asked), Random(n), Behaviour(skips=0.3, declines=0, breaks_off=0)) for n in range(200)
    ]
    stayed = [each for each in seen if each.pages[-1]["status"] != "left"]
    assert stayed and not any("w_visa" in each.seen for each in stayed)
    assert any("w_visa" in each.seen for each in seen) and any("w_pay" in each.seen for each in stayed)
