"""The compiled route of an instrument gives what its rules say, by names and by positions."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interview.path import ordered
from app.interview.route import Element, Route
from app.survey.conditions.language import Condition
from app.survey.items.registry import ConstantSum, Matrix
from app.survey.model import Instrument, Item
from tests.support.answers import EVERYTHING, answers_to, instrument
from tests.support.surveys import instruments

Shown = dict[str, dict[str, set[str]]]
"""The sections on the path, their items, and the ids of the options and statements of each that are hidden."""


def by_the_rules(asked: Instrument, answers: dict[str, Any]) -> tuple[Shown, dict[str, Any], str | None]:
    """What is shown, which answers count and what ended the path, worked out from the rules one after the other."""
    kept = {name: answers[name] for name in asked.given if name in answers}
    order = ordered(asked.orders("sections"), answers) if asked.shuffle else [each.id for each in asked.sections]
    shown: Shown = {}
    ended = full(asked, kept)
    for section in (asked.section[str(id)] for id in order):
        if ended is not None or not holds(section.show_if, kept):
            continue
        items = {}
        for item in section.items:
            off = {str(part_id(part)) for part in parts_of(item) if not holds(part.show_if, kept)}
            if holds(item.show_if, kept) and (not parts_of(item) or len(off) < len(parts_of(item))):
                items[item.id] = off
                kept |= counted(item, off, answers)
        if items:
            shown[section.id] = items
            met = (each.id for each in asked.screen_outs if each.when.holds(kept) is True)
            ended = next(met, None) or full(asked, kept)
    return shown, kept, ended


def holds(condition: Condition | None, kept: dict[str, Any]) -> bool:
    return condition is None or condition.holds(kept) is True


def full(asked: Instrument, kept: dict[str, Any]) -> str | None:
    met = [each.id for each in asked.quotas if each.id == kept.get("~full") and each.when.holds(kept) is True]
    return met[0] if met else None


def parts_of(item: Item) -> Any:
    return getattr(item, "options", ()) or getattr(item, "statements", ())


def part_id(part: Any) -> Any:
    return getattr(part, "code", None) or part.id


def counted(item: Item, off: set[str], answers: dict[str, Any]) -> dict[str, Any]:
    """What counts of the answers to an item that is shown."""
    mine = {name: answers[name] for name in item.names if name in answers}
    if isinstance(item, Matrix):
        rated = [each for each in item.answers() if each.name in mine and each.statement.id not in off]
        return {each.name: mine[each.name] for each in rated}
    if isinstance(item, ConstantSum):
        shown = {name: value for name, value in mine.items() if name.partition(".")[2] not in off}
        numbers = all(isinstance(value, int) for value in shown.values())
        is_broken = not item.is_fixed and numbers and sum(shown.values()) != item.total
        return {} if is_broken else shown
    for name, value in list(mine.items()):
        chosen = value if isinstance(value, list) else [value]
        left = [code for code in chosen if not (isinstance(code, str | int) and str(code) in off)]
        if chosen and not left:
            del mine[name]
        elif isinstance(value, list):
            mine[name] = left
    chosen = mine.get(item.id)
    for code in (option.code for option in getattr(item, "options", ()) if option.please_say):
        text = answers.get(f"{item.id}.{code}")
        if text is not None and (code in chosen if isinstance(chosen, list) else code == chosen):
            mine[f"{item.id}.{code}"] = text
    return mine


def assert_agrees(asked: Instrument, answers: dict[str, Any]) -> None:
    before = copy.deepcopy(answers)
    shown, kept, ended = by_the_rules(asked, answers)
    route = Route(asked)
    path = route.path(answers)
    by_name = {
        step.section.id: {
            item.id: {key.partition(".")[2] for key in step.off if key.startswith(f"{item.id}.")} for item in step.items
        }
        for step in path.sections
    }
    assert (by_name, path.answers, path.ended) == (shown, kept, ended)
    assert by_position(route, answers) == shown
    assert answers == before


def by_position(route: Route, answers: dict[str, Any]) -> Shown:
    """What is left of the whole survey without the elements that a traversal gives as hidden."""
    found = route.traverse(answers)
    reached = found.order[: found.passed]
    left: Shown = {
        each.section.id: {item.item.id: set() for item in each.items} for each in reached
    }
    for position in (position for _, positions in found.hidden for position in positions):
        match route.elements[position]:
            case Element(section, "", ""):
                del left[section]
            case Element(section, item, ""):
                del left[section][item]
            case Element(section, item, part):
                left[section][item].add(part.partition(".")[2])
    return left


@given(st.data())
def test_route_of_any_survey_gives_what_its_rules_say(data):
    asked = data.draw(instruments())
    answers = data.draw(answers_to(asked))
    quota = data.draw(st.sampled_from([None, *(quota.id for quota in asked.quotas)]))
    assert_agrees(asked, answers | ({"~full": quota} if quota else {}) | {"unknown": 1})


ALL = instrument(EVERYTHING)


@given(answers_to(ALL), st.sampled_from([{}, {"~full": "leavers"}, {"~full": "nobody"}]))
def test_route_of_every_type_gives_what_its_rules_say(answers, full_quota):
    assert_agrees(ALL, answers | full_quota)


#: The option named `best` has the key under which the best of all is stored.
BEST = instrument("""
title: Best
sections:
  one:
    items:
      a: {type: single_choice, ask: A, options: {x: X, y: Y}}
      b:
        type: best_worst
        ask: B
        best: Most
        worst: Least
        options: {best: {label: Best, show_if: a == "x"}, worst: Worst, third: Third}
""")


@pytest.mark.parametrize("chosen", ["x", "y"])
def test_option_called_best_is_no_answer_of_its_own(chosen):
    assert_agrees(BEST, {"a": chosen, "b.best": "third", "b.worst": "worst"})
    assert_agrees(BEST, {"a": chosen, "b.best": "best", "b.worst": "third"})


def test_screen_out_that_no_section_decides_ends_the_path_after_the_first():
    asked = instrument("""
title: Given
arms: {cause: [burnout, family]}
screen_out:
  burnt: {when: cause == "burnout"}
sections:
  never: {show_if: cause == "burnout" and cause != "burnout", items: {z: {type: text, ask: Z}}}
  one: {items: {a: {type: text, ask: A}}}
  two: {items: {b: {type: text, ask: B}}}
  three: {items: {c: {type: text, ask: C}}}
""")
    answers = {"a": "x", "b": "x", "c": "x"}
    for cause, expected in (("burnout", (["one"], "burnt")), ("family", (["one", "two", "three"], None))):
        assert_agrees(asked, answers | {"cause": cause})
        path = Route(asked).path(answers | {"cause": cause})
        assert ([step.section.id for step in path.sections], path.ended) == expected
