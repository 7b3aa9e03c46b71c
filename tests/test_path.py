"""The path: conditions see only what is on it, it ends, and computing it changes nothing."""

from __future__ import annotations

import copy
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.files import read_file, survey_files
from app.interview.path import Path, unanswered
from app.survey.items.registry import ConstantSum
from app.survey.source.reading import read_survey
from tests.support.answers import REASON, answers_to, given_to, instrument, value_of
from tests.support.paths import walk
from tests.support.surveys import instruments

SURVEYS = File(__file__).parent.parent / "surveys"
CHAIN = """
title: One thing leads to another
sections:
  first:
    items:
      status:
        type: single_choice
        ask: Where are you?
        options:
          practising: In practice
          left: Left
          other: {label: Other, please_say: true}
      years: {type: number, ask: How many years?, range: [0, 70], show_if: status == "left"}
  second:
    show_if: years > 10
    items:
      regret: {type: rating, ask: Do you regret it?, scale: {1: No, 2: Yes}}
  third:
    items:
      intro: {type: note, text: Nearly done., show_if: regret == 2}
      reasons:
        type: multiple_choice
        ask: Why?
        show_if: regret == 2
        options: {pay: Pay, other: {label: Other, please_say: true}}
  last:
    items:
      word: {type: text, ask: In a word?}
      seen:
        type: matrix
        ask: How seen?
        scale: {1: Badly, 2: Well}
        statements: {failed: Failed, grew: Grew}
        show_if: answered(word)
"""


CHAINED = instrument(CHAIN)


def shown(path: Path) -> dict[str, list[str]]:
    """The ids of the items shown, by section."""
    return {step.section.id: [item.id for item in step.items] for step in path.sections}


def test_someone_who_has_answered_nothing_sees_what_needs_no_answer():
    assert shown(walk(CHAINED, {})) == {"first": ["status"], "last": ["word"]}


def test_each_answer_opens_what_depends_on_it():
    answers: dict[str, Any] = {"status": "left"}
    assert shown(walk(CHAINED, answers))["first"] == ["status", "years"]
    answers["years"] = 11
    assert shown(walk(CHAINED, answers))["second"] == ["regret"]
    answers["regret"] = 2
    assert shown(walk(CHAINED, answers))["third"] == ["intro", "reasons"]


def test_answer_off_the_path_counts_for_nothing_along_the_whole_chain():
    """`status` closes `years`, so `regret` and `reasons` close too, whatever is stored for them."""
    answers = {"status": "practising", "years": 30, "regret": 2, "reasons": ["pay"], "word": "relief"}
    path = walk(CHAINED, answers)
    assert shown(path) == {"first": ["status"], "last": ["word", "seen"]}
    assert path.answers == {"status": "practising", "word": "relief"}


@pytest.mark.parametrize("status", [{"missing": "skipped"}, {"missing": "declined"}])
def test_what_is_missing_opens_nothing(status):
    path = walk(CHAINED, {"status": status, "years": 30})
    assert shown(path)["first"] == ["status"]
    assert path.answers == {"status": status}


def test_unknown_condition_and_its_opposite_both_show_nothing():
    source = CHAIN.replace("years > 10", "not (years > 10)")
    assert "second" not in shown(walk(instrument(source), {}))
    assert "second" not in shown(walk(CHAINED, {}))


def test_section_with_nothing_to_show_is_passed_over():
    assert "third" not in shown(walk(CHAINED, {"status": "left", "years": 30, "regret": 1}))


def test_section_of_notes_alone_is_shown_and_needs_no_answer():
    asked = instrument("title: A\nsections: {one: {items: {hello: {type: note, text: Hello}}}}")
    assert shown(walk(asked, {})) == {"one": ["hello"]}
    assert unanswered(walk(asked, {})) == []


def test_what_was_said_beside_an_option_counts_while_that_option_is_chosen():
    answers = {"status": "other", "status.other": "in a museum"}
    assert walk(CHAINED, answers).answers == answers
    assert walk(CHAINED, answers | {"status": "left"}).answers == {"status": "left"}
    assert walk(CHAINED, answers | {"status": {"missing": "declined"}}).answers == {
        "status": {"missing": "declined"}
    }
    route = {"status": "left", "years": 30, "regret": 2}
    for chosen, said in ((["pay", "other"], True), (["pay"], False), ([], False)):
        given = route | {"reasons": chosen, "reasons.other": "the rota"}
        assert ("reasons.other" in walk(CHAINED, given).answers) is said


def test_names_that_the_instrument_does_not_know_are_not_on_the_path():
    assert walk(CHAINED, {"status": "left", "old_item": 1, "status.left": "x", "seen": 1}).answers == {
        "status": "left"
    }


def test_sections_follow_and_precede_each_other():
    path = walk(CHAINED, {"status": "left", "years": 30, "regret": 2})
    order = ["first", "second", "third", "last"]
    assert [path.following(section) for section in order] == [*order[1:], None]
    assert [path.preceding(section) for section in order] == [None, *order[:-1]]
    assert path.step("third").section.id == "third"
    assert path.step("nowhere") is None


def test_section_that_left_the_path_leads_back_onto_it():
    path = walk(CHAINED, {"status": "practising"})
    assert path.following("second") == "first"
    assert path.preceding("second") is None


def test_unanswered_are_the_items_without_an_answer_or_a_reason():
    path = walk(CHAINED, {"status": {"missing": "skipped"}, "word": "a", "seen.failed": 1})
    assert [(section.id, item.id) for section, item in unanswered(path)] == [("last", "seen")]
    path = walk(
        CHAINED, {"status": "practising", "word": "a", "seen.failed": 1, "seen.grew": {"missing": "declined"}}
    )
    assert unanswered(path) == []


def test_sections_open_one_after_the_other():
    assert walk(CHAINED, {}).open == {"first"}
    assert walk(CHAINED, {"status": "practising"}).open == {"first", "last"}
    assert walk(CHAINED, {"status": "left", "years": 30, "word": "a"}).open == {"first", "second"}


# --- any instrument, any answers -------------------------------------------------------------------------

@given(st.data())
def test_the_path_of_the_answers_on_a_path_is_the_same(data):
    """What the path itself is, the rules in test_route.py say."""
    asked = data.draw(instruments())
    answers = data.draw(answers_to(asked))
    before = copy.deepcopy(answers)
    path = walk(asked, answers)
    assert walk(asked, path.answers) == path
    assert answers == before


@given(st.data())
def test_every_path_ends(data):
    """Going on from page to page, with any answers, meets each section once, in order, and then the end."""
    asked = data.draw(instruments())
    answers = data.draw(answers_to(asked))
    path = walk(asked, answers)
    met, section = [], path.sections[0].section.id if path.sections else None
    while section is not None:
        met.append(section)
        section = path.following(section)
        assert len(met) <= len(asked.sections)
    assert met == [step.section.id for step in path.sections]
    order = answers.get("sections~order") or [section.id for section in asked.sections]
    assert met == sorted(met, key=order.index)


@given(st.data())
def test_answering_what_is_open_page_by_page_comes_to_the_end(data):
    """Whatever is answered, what is left to answer runs out."""
    asked = data.draw(instruments())
    answers: dict[str, Any] = data.draw(st.fixed_dictionaries(given_to(asked)))
    for _ in range(len(list(asked.items())) + 1):
        left = unanswered(walk(asked, answers))
        if not left:
            break
        section, item = left[0]
        assert section.id in walk(asked, answers).open
        for name in item.names:
            answers[name] = data.draw(REASON if isinstance(item, ConstantSum) else value_of(item, name) | REASON)
    assert unanswered(walk(asked, answers)) == []


@pytest.mark.parametrize(
    "file", [*survey_files(SURVEYS), *survey_files(SURVEYS / "examples")], ids=lambda f: f.stem
)
def test_walking_our_surveys_changes_no_answers(file):
    asked, _ = read_file(file)
    answers = {name: {"missing": "skipped"} for item in asked.items() for name in item.names}
    before = copy.deepcopy(answers)
    walk(asked, answers)
    assert answers == before


def test_progress_counts_what_may_yet_come_and_never_goes_back():
    text = """
title: T
sections:
  one: {items: {a: {type: single_choice, ask: A, options: {x: X, y: Y}}}}
  two: {show_if: a == "x", items: {b: {type: text, ask: B}}}
  three: {show_if: a == "y", items: {c: {type: text, ask: C}}}
  four: {items: {d: {type: text, ask: D}}}
"""
    asked, _ = read_survey(text.encode(), "t")
    assert asked is not None
    shown = []
    for answers in ({}, {"a": "y"}, {"a": "y", "c": "said"}):
        path = walk(asked, answers)
        here = next(step for step in path.sections if any(name not in answers for name in step.names))
        shown.append(path.progress(here))
    assert shown == [(1, 2, 4), (2, 3, 3), (3, 3, 3)]


# --- what is given, orders, parts that come and go, and early ends ----------------------------------------

GIVEN = instrument("""
title: Given
arms: {cause: [burnout, family]}
shuffle: {only: [two, three]}
screen_out:
  outsiders: {when: status == "outside"}
  tired: {when: strain > 7 and cause == "burnout"}
quotas: {surgeons: {when: status == "surgeon", most: 3}}
sections:
  one:
    items:
      status: {type: single_choice, ask: Status?, options: {outside: Outside, surgeon: Surgeon, other: Other}}
  two:
    items:
      family: {type: text, ask: Family?, show_if: cause == "family"}
      strain: {type: number, ask: Strain?, range: [0, 10]}
  three: {items: {word: {type: text, ask: Word?}}}
  four: {items: {more: {type: text, ask: More?}}}
""")


def pages(answers: dict[str, Any]) -> list[str]:
    return [step.section.id for step in walk(GIVEN, answers).sections]


def test_what_was_given_is_on_the_path_and_opens_what_depends_on_it():
    assert shown(walk(GIVEN, {"cause": "family"}))["two"] == ["family", "strain"]
    assert shown(walk(GIVEN, {"cause": "burnout", "family": "x"}))["two"] == ["strain"]
    given_to_it = {"cause": "family", "sections~order": ["one", "three", "two", "four"]}
    assert walk(GIVEN, given_to_it | {"tone": "x", "today": "2026-11-22"}).answers == given_to_it


def test_sections_come_in_the_order_that_was_drawn():
    assert pages({}) == ["one", "two", "three", "four"]
    path = walk(GIVEN, {"sections~order": ["one", "three", "two", "four"], "status": "other"})
    assert [step.section.id for step in path.sections] == ["one", "three", "two", "four"]
    assert (path.following("one"), path.preceding("two"), path.following("two")) == ("three", "three", "four")
    assert path.open == {"one", "three"}


@pytest.mark.parametrize(
    "order",
    [
        ["two", "one", "three", "four"], ["one", "three", "two"], ["one", "three", "two", "four", "five"], ["one", "three", "three", "four"],
        ["four", "three", "two", "one"], [], None, "one", {"one": 1}, [1, 2, 3, 4], [["one"], "three", "two", "four"], [None] * 4,
    ],
)  # fmt: skip
def test_order_that_cannot_have_been_drawn_is_passed_over(order):
    assert pages({"sections~order": order}) == ["one", "two", "three", "four"]


def test_screen_out_ends_the_path_after_the_section_that_decides_on_it():
    path = walk(GIVEN, {"status": "outside", "strain": 9, "more": "x"})
    assert (path.ended, [step.section.id for step in path.sections]) == ("outsiders", ["one"])
    assert path.answers == {"status": "outside"} and path.following("one") is None and unanswered(path) == []
    path = walk(GIVEN, {"cause": "burnout", "status": "other", "strain": 8, "word": "x"})
    assert (path.ended, [step.section.id for step in path.sections]) == ("tired", ["one", "two"])
    assert walk(GIVEN, {"cause": "family", "status": "other", "strain": 8}).ended is None
    assert walk(GIVEN, {"status": {"missing": "declined"}}).ended is None


def test_screen_out_waits_in_the_order_that_was_drawn():
    order = {"cause": "burnout", "sections~order": ["one", "three", "two", "four"], "strain": 8}
    assert pages(order) == ["one", "three", "two"]


def test_quota_that_was_full_ends_the_path_while_its_condition_holds():
    full = {"~full": "surgeons"}
    path = walk(GIVEN, full | {"status": "surgeon", "strain": 1})
    assert (path.ended, [step.section.id for step in path.sections]) == ("surgeons", ["one"])
    assert path.answers == full | {"status": "surgeon"}
    assert walk(GIVEN, full | {"status": "other"}).ended is None
    assert walk(GIVEN, {"~full": "nobody", "status": "surgeon"}).ended is None
    assert walk(GIVEN, {"status": "surgeon"}).ended is None


def test_quota_on_what_was_given_ends_the_path_before_its_first_section():
    asked = instrument("""
title: A
arms: {cause: [burnout, family]}
quotas: {burnt: {when: cause == "burnout", most: 3}}
sections: {one: {items: {a: {type: text, ask: A}}}}
""")
    path = walk(asked, {"cause": "burnout", "~full": "burnt", "a": "x"})
    assert (path.ended, path.sections, path.answers) == ("burnt", (), {"cause": "burnout", "~full": "burnt"})


PARTS = instrument("""
title: Parts
sections:
  one:
    items:
      chosen: {type: multiple_choice, ask: Chosen?, options: {x: X, y: Y, z: Z}}
  two:
    items:
      single: {type: single_choice, ask: One?, options: {x: {label: X, show_if: 'has(chosen, "x")'}, y: {label: Y, please_say: true, show_if: 'has(chosen, "y")'}}}
      several: {type: multiple_choice, ask: Many?, options: {x: {label: X, show_if: 'has(chosen, "x")'}, y: {label: Y, please_say: true, show_if: 'has(chosen, "y")'}, z: Z}}
      ranks: {type: ranking, ask: Rank?, options_from: chosen where selected}
      share: {type: constant_sum, ask: Share?, options_from: chosen where selected}
      best: {type: best_worst, ask: Best?, best: B, worst: W, options_from: chosen where selected}
      rows:
        type: matrix
        ask: Rows?
        columns: {now: {label: Now, scale: {1: No, 2: "Yes"}}, past: {label: Then, scale: {1: No, 2: "Yes"}}}
        statements: {x: {text: X, show_if: 'has(chosen, "x")'}, y: {text: Y, show_if: 'has(chosen, "y")'}}
  three:
    items:
      only: {type: multiple_choice, ask: Only?, options_from: chosen where selected}
""")


def second(answers: dict[str, Any]) -> dict[str, Any]:
    """The answers on the path but for what was chosen."""
    return {name: value for name, value in walk(PARTS, answers).answers.items() if name != "chosen"}


def test_item_and_section_without_anything_to_show_are_passed_over():
    assert shown(walk(PARTS, {})) == {"one": ["chosen"], "two": ["several"]}
    assert shown(walk(PARTS, {"chosen": ["z"]})) == {
        "one": ["chosen"],
        "two": ["several", "ranks", "share", "best"],
        "three": ["only"],
    }


def test_statement_governs_its_choice_in_every_column():
    step = walk(PARTS, {"chosen": ["y"]}).step("two")
    assert step is not None and step.names_of(PARTS.item["rows"]) == ("rows.y_now", "rows.y_past")
    assert {"rows.x", "several.x", "single.x", "ranks.z"} <= step.off and "rows.y" not in step.off
    assert second({"chosen": ["y"], "rows.x_now": 1, "rows.y_now": 2}) == {"rows.y_now": 2}
    left = [
        item.id for _, item in unanswered(walk(PARTS, {"chosen": ["y"], "rows.y_now": 2, "rows.y_past": 1}))
    ]
    assert "rows" not in left


def test_option_that_is_not_offered_is_dropped_from_what_was_answered():
    answers = {
        "single": "y",
        "single.y": "said",
        "several": ["x", "y"],
        "several.y": "said",
        "ranks": ["y", "x", "z"],
    }
    assert second({"chosen": ["x", "y", "z"]} | answers) == answers
    assert second({"chosen": ["x"]} | answers) == {"several": ["x"], "ranks": ["x"]}
    assert second({"chosen": ["z"]} | answers) == {"ranks": ["z"]}
    declined = {"several": {"missing": "declined"}, "single": {"missing": "skipped"}}
    assert second({"chosen": ["x"]} | declined) == declined


def test_list_that_was_empty_stays_so():
    assert second({"chosen": ["x"], "several": [], "ranks": ["y"]}) == {"several": []}


def test_best_or_worst_that_is_not_offered_is_no_answer():
    answers = {"best.best": "x", "best.worst": "y"}
    assert second({"chosen": ["x", "z"]} | answers) == {"best.best": "x"}
    assert ("two", "best") in [
        (s.id, i.id) for s, i in unanswered(walk(PARTS, {"chosen": ["x", "z"]} | answers))
    ]


def test_parts_of_a_sum_count_only_while_they_add_up():
    answers = {"share.x": 60, "share.y": 40, "share.z": 0}
    assert second({"chosen": ["x", "y", "z"]} | answers) == answers
    assert second({"chosen": ["x", "y"]} | answers) == {"share.x": 60, "share.y": 40}
    assert second({"chosen": ["x", "z"]} | answers) == {}
    assert second({"chosen": ["x", "y", "z"]} | answers | {"share.z": 10}) == {}  # one of them is from before
    reasons = {"share.x": {"missing": "declined"}, "share.y": {"missing": "declined"}}
    assert second({"chosen": ["x"]} | reasons) == {"share.x": {"missing": "declined"}}


CODES = st.sampled_from(["x", "y", "z"])


@given(
    st.lists(CODES, unique=True),
    st.fixed_dictionaries(
        {},
        optional={
            "single": st.sampled_from(["x", "y"]), "single.y": st.just("said"), "several": st.lists(CODES, unique=True), "several.y": st.just("said"),
            "ranks": st.lists(CODES, unique=True), "best.best": CODES, "best.worst": CODES, "only": st.lists(CODES, unique=True),
            **dict.fromkeys(["share.x", "share.y", "share.z"], st.sampled_from([0, 40, 60, 100])),
            **dict.fromkeys(["rows.x_now", "rows.y_past"], st.sampled_from([1, 2])),
        },
    ),
)  # fmt: skip
def test_walking_what_is_on_the_path_again_changes_nothing(chosen, answers):
    before = copy.deepcopy(answers)
    path = walk(PARTS, {"chosen": chosen} | answers)
    assert walk(PARTS, path.answers) == path and answers == before
    for name, value in path.answers.items():
        offered = [*chosen, "z"] if name == "several" else chosen
        if name in ("several", "ranks", "only"):
            assert set(value) <= set(offered)
            assert value == [code for code in answers[name] if code in offered]
        elif name in ("single", "best.best", "best.worst"):
            assert value in offered
    parts = [value for name, value in path.answers.items() if name.startswith("share.")]
    assert not parts or sum(parts) == 100
