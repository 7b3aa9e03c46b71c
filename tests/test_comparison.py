"""What a change to a survey means for merging the data of both versions."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from app.commands.reports import difference_lines
from app.exports.codebook import rows
from app.exports.csv import csv_chunks
from app.results.frame.frame import Frame
from app.survey.codebook import merged
from app.survey.items.difference import reworded
from app.survey.model import Instrument
from app.survey.source.reading import read_survey
from app.survey.source.stored import FORGIVEN
from app.survey.texts import Text
from app.survey.versions.comparability import breaks
from app.survey.versions.comparison import Difference, compare, worst
from tests.support.answers import given_response, instrument, response_id
from tests.support.commands import opinion

OLD = """
title: Leaving
scales: {agree: {1: Disagree, 2: Neither, 3: Agree}}
sections:
  one:
    title: Now
    items:
      status: {type: single_choice, ask: Status?, options: {left: Left, stayed: Stayed}}
      years: {type: number, ask: How long?, range: [0, 70], unit: years, show_if: status == "left"}
      seen: {type: matrix, ask: How seen?, scale: agree, statements: {failed: Failed, grew: Grew}}
  two:
    items:
      words: {type: text, ask: Words}
"""


def differences(old: str, new: str) -> list[Difference]:
    sides = [read_survey(text.encode(), "leaving") for text in (old, new)]
    assert all(instrument is not None for instrument, _ in sides), sides
    return compare(sides[0][0], sides[1][0])  # type: ignore[arg-type]


def test_a_version_does_not_differ_from_itself() -> None:
    assert differences(OLD, OLD) == [] and worst([]) is None


@pytest.mark.parametrize(
    ("before", "after", "kind", "where"),
    [
        ("ask: Status?", "ask: Where are you?", "breaks", "status"),
        ("{left: Left, stayed: Stayed}", "{left: Left, stayed: Stayed, other: Other}", "breaks", "status: other"),
        ("{left: Left, stayed: Stayed}", "{left: Left, away: Stayed}", "breaks", "status: stayed"),
        ("{1: Disagree, 2: Neither, 3: Agree}", "{1: Agree, 2: Neither, 3: Disagree}", "breaks", "seen"),
        ('show_if: status == "left"', 'show_if: status == "stayed"', "breaks", "years"),
        ("    title: Now\n", "    title: Now\n    show_if: 1 < 2\n", "breaks", "seen"),
        ("unit: years", "unit: months", "breaks", "years"),
        ("type: text, ask: Words", "type: rating, ask: Words, scale: agree", "breaks", "words"),
        ("failed: Failed", "failed: Gave up", "breaks", "seen.failed"),
        ("title: Leaving", "title: Leaving\nprivacy: confidential", "breaks", "the survey"),
        ("stayed: Stayed", "stayed: Stayed on", "breaks", "status: stayed"),
        ("{left: Left, stayed: Stayed}", "{stayed: Stayed, left: Left}", "review", "status"),
        ("range: [0, 70]", "range: [0, 50]", "review", "years"),
        ("ask: Words", "ask: Words, required: true", "review", "words"),
        ("ask: Words", "ask: Words, decline: true", "review", "words"),
        ("ask: Words", "ask: Words, hint: A few", "breaks", "words"),
        ("title: Leaving", "title: Moving", "review", "the survey"),
        ("title: Leaving", "title: Leaving\nconsent: Voluntary", "review", "the survey"),
        ("      words: {type: text, ask: Words}\n", "      other: {type: text, ask: Words}\n", "review", "words"),
        (", grew: Grew}", "}", "review", "seen.grew"),
        (", grew: Grew}", ", grew: Grew, fled: Fled}", "safe", "seen.fled"),
        ("      words: {", "      more: {type: text, ask: More}\n      words: {", "safe", "more"),
        ("title: Leaving", "title: Leaving\nopens: 2026-12-01", "safe", "the survey"),
    ],
)
def test_each_change_is_classed_where_it_is(before: str, after: str, kind: str, where: str) -> None:
    assert before in OLD
    found = differences(OLD, OLD.replace(before, after))
    assert (kind, where) in {(difference.kind, difference.where) for difference in found}
    assert worst(found) == kind
    assert all(difference.what and difference.meaning for difference in found)


FULL = """
title: Leaving
languages: [en, de]
sample: 300
shuffle: {only: [two, three]}
scales: {agree: {1: Disagree, 2: Neither, 3: Agree}}
arms: {cause: {burnout: Burnout, family: {label: Family, weight: 2}}}
compute: {gap: {label: Gap, value: left_years - years}}
scores:
  stigma: {label: Stigma, mean: [seen.failed, seen.grew], reverse: [seen.grew], at_least: 1, bands: {low: {label: Low, below: 2}, high: High}}
screen_out: {outsiders: {when: status == "left", text: Thank you}}
quotas: {leavers: {when: years > 3, most: 50}}
sections:
  one:
    title: Now
    items:
      status: {type: single_choice, ask: Status?, dont_know: true, options: {left: {label: Left, hint: For good}, stayed: {label: Stayed, show_if: cause == "burnout"}, other: Other}}
      years: {type: number, ask: How long in years?, range: [0, 70], decimals: 1, decline: Not that, check: {that: years < 60, say: So long?}}
      left_years: {type: slider, ask: Until when?, range: [0, 10], low: Now, high: Late}
      seen: {type: matrix, ask: How seen?, scale: agree, statements: {failed: Failed, grew: {text: Grew, show_if: years > 1}}}
      support: {type: matrix, ask: Support?, statements: {peers: Peers}, columns: {now: {label: Now, scale: agree}, then: {label: Back then, scale: agree}}}
      tone: {type: semantic_differential, ask: Tone?, points: 5, flip: true, pairs: {warm: [Cold, Warm]}}
  two:
    shuffle: true
    items:
      day: {type: date, ask: On which day?, latest: today}
      word: {type: text, ask: One word?, pattern: "[a-z]+", example: relief}
      best: {type: ranking, ask: Rank these, top: 2, shuffle: true, options: {pay: Pay, time: Time, rank: Rank}}
  three:
    items:
      week: {type: constant_sum, ask: Share out, total: 100, unit: percent, options: {clinic: Clinic, desk: Desk}}
      values: {type: best_worst, ask: Which?, best: Most important, worst: Least important, options: {a: A, b: B, c: C}}
  cases:
    items:
      move:
        type: vignette
        text: "{who} leaves {why}."
        attributes: {who: {doctor: A doctor, nurse: A nurse}, why: {pay: for pay, rest: to rest}}
        each_sees: 2
        blocks: 4
        ratings: {ok: {ask: Is it right?, scale: agree}}
"""
GERMAN = """
title: Gehen
sections:
  one:
    items:
      status: {ask: Status?, options: {left: {label: Gegangen, hint: Endgültig}, stayed: Geblieben, other: Anderes}}
"""


def full(source: str, german: str = GERMAN) -> Instrument:
    """The survey; what its translation lacks is told by `check`, and no matter here."""
    translations = {"de": (german.encode(), "leaving.de.yaml")} if "[en, de]" in source else {}
    read, faults = read_survey(source.encode(), "leaving", translations=translations, forgiven=FORGIVEN)
    assert read is not None, faults
    return read


def told(old: str, new: str, german: str = GERMAN) -> dict[tuple[str, str], Difference]:
    return {(each.kind, each.where): each for each in compare(full(old), full(new, german))}


@pytest.mark.parametrize(
    ("before", "after", "kind", "where", "apart"),
    [
        # wording
        ("How long in years?", "How long in months?", "breaks", "years", True),
        ("How long in years?", "How long in *years*?", "breaks", "years", True),
        ("peers: Peers", "peers: Superiors", "breaks", "support.peers", True),
        ("label: Back then", "label: A year ago", "breaks", "support.then", True),
        ("Most important", "Dearest", "breaks", "values.best", True),
        # codes that mean something else
        ("warm: [Cold, Warm]", "warm: [Warm, Cold]", "breaks", "tone.warm", True),
        ("points: 5", "points: 7", "breaks", "tone", True),
        ("{1: Disagree, 2: Neither, 3: Agree}", "{1: Agree, 2: Neither, 3: Disagree}", "breaks", "seen", True),
        ("{1: Disagree, 2: Neither, 3: Agree}", "{0: Disagree, 1: Neither, 2: Agree}", "breaks", "seen: 0", True),
        ("{1: Disagree, 2: Neither, 3: Agree}", "{1: Disagree, 2: Neither, 3: Agree, 4: Fully}", "breaks", "seen: 4", True),
        ("{a: A, b: B, c: C}", "{a: B, b: A, c: C}", "breaks", "values: a", True),
        ("top: 2", "top: 1", "breaks", "best", True),
        ("total: 100", "total: 10", "breaks", "week", True),
        ("unit: percent", "unit: hours", "breaks", "week", True),
        ("type: date,", "type: date, precision: month,", "breaks", "day", True),
        # form
        ("type: slider, ask: Until when?, range: [0, 10], low: Now, high: Late", "type: number, ask: Until when?, range: [0, 10]", "breaks", "left_years", True),
        ("type: single_choice", "type: dropdown", "review", "status", False),
        ("dont_know: true, ", "", "review", "status", False),
        ("decline: Not that", "decline: Rather not", "breaks", "years", True),
        ("that: years < 60", "that: years < 50", "review", "years", False),
        ("say: So long?", "say: Really?", "safe", "years", False),
        ("decimals: 1", "decimals: 0", "review", "years", False),
        ("high: Late", "high: Later", "breaks", "left_years", True),
        ("hint: For good", "hint: Ever", "breaks", "status: left", True),
        ("stayed: {label: Stayed, show_if: cause == \"burnout\"}", "stayed: {label: Stayed}", "breaks", "status: stayed", False),
        ("show_if: years > 1", "show_if: years > 2", "breaks", "seen.grew", False),
        ("flip: true, ", "", "review", "tone", False),
        ("{1: Disagree, 2: Neither, 3: Agree}", '{1: Disagree, 2: Neither, 3: Agree, flip: cause == "family"}', "review", "seen", False),
        ("latest: today", "latest: 2030-01-01", "review", "day", False),
        ('pattern: "[a-z]+"', 'pattern: "[a-zA-Z]+"', "review", "word", False),
        ("example: relief", "example: pride", "safe", "word", False),
        ("top: 2, shuffle: true", "top: 2", "review", "best", False),
        ("then: {label: Back then, scale: agree}", "later: {label: Back then, scale: agree}", "safe", "support.later", False),
        # order
        ("  two:\n    shuffle: true", "  two:", "review", "two", False),
        ("shuffle: {only: [two, three]}\n", "", "review", "the survey", False),
        # what is drawn
        ("weight: 2", "weight: 3", "review", "cause", False),
        ("burnout: Burnout,", "burnout: Burnout, visa: Visa,", "review", "cause: visa", False),
        ("arms: {cause:", "arms: {sex: [m, f], cause:", "review", "sex", False),
        ("{who} leaves {why}.", "{who} is sent away {why}.", "breaks", "move", True),
        ("nurse: A nurse", "nurse: A midwife", "breaks", "move.who: nurse", True),
        ("nurse: A nurse}", "nurse: A nurse, vet: A vet}", "review", "move.who: vet", False),
        ("blocks: 4", "blocks: 3", "review", "move", False),
        # what is worked out
        ("value: left_years - years", "value: left_years + years", "breaks", "gap", True),
        ("label: Gap", "label: The gap", "safe", "gap", False),
        ("at_least: 1", "at_least: 2", "breaks", "stigma", True),
        ("reverse: [seen.grew], ", "", "breaks", "stigma", True),
        ("failed: Failed", "failed: Gave up", "breaks", "stigma", True),
        ("compute: {gap:", "compute: {double: {label: D, value: years * 2}, gap:", "safe", "double", False),
        # what ends a path
        ('when: status == "left"', 'when: status == "other"', "breaks", "outsiders", False),
        ("text: Thank you", "text: Thanks", "safe", "outsiders", False),
        ("most: 50", "most: 60", "review", "leavers", False),
        ("when: years > 3", "when: years > 4", "review", "leavers", False),
        # the survey
        ("[en, de]", "[en]", "review", "the survey", False),
        ("sample: 300", "sample: 400", "safe", "the survey", False),
    ],
)  # fmt: skip
def test_a_change_of_anything_in_the_language_is_classed(before: str, after: str, kind: str, where: str, apart: bool) -> None:
    assert before in FULL
    found = told(FULL, FULL.replace(before, after))
    assert (kind, where) in found, found
    difference = found[kind, where]
    assert difference.apart is apart and difference.what and difference.meaning
    if apart:
        assert difference.kind == "breaks"


def test_a_difference_that_keeps_data_apart_is_one_that_breaks() -> None:
    assert compare(full(FULL), full(FULL)) == [] and breaks(full(FULL), full(FULL)) == frozenset()
    newer = full(FULL.replace("How long in years?", "How long in months?").replace("warm: [Cold, Warm]", "warm: [Old, New]"))
    assert breaks(full(FULL), newer) == {"years", "tone.warm", "gap"}


def test_a_translation_that_says_something_else_keeps_answers_apart() -> None:
    found = told(FULL, FULL, GERMAN.replace("Gegangen", "Entlassen"))
    assert found.keys() == {("breaks", "status: left")} and found["breaks", "status: left"].apart
    assert 'in "de" the label was "Gegangen"' in found["breaks", "status: left"].what


def test_alike_differences_are_told_in_one_line() -> None:
    lines = difference_lines(compare(full(FULL), full(FULL.replace("Is it right?", "Is it wise?"))))
    assert lines[1].startswith('  move_ok_1, move_ok_2: the wording was "Is it right?"')
    assert lines[1].endswith("[older answers are exported in a separate column]") and lines[0].startswith("BREAKS (2)")


@pytest.mark.parametrize(
    ("old", "new", "other"),
    [
        ("How do doctors see it?", " How do\n  doctors\u00a0see\u200b it?", False),
        ("Caf\u00e9?", "Cafe\u0301?", False),
        ("How do doctors see it?", "How do **doctors** see it?", True),
        ("How do doctors see it?", "How do docters see it?", True),
        ("More than 5 \u20ac?", "More than 5 $?", True),
        ("Income > 5?", "Income < 5?", True),
        ("See it?", "See it!", True),
        ("How do doctors see it?", "How do doctors not see it?", True),
        ("It is typical.", "It is atypical.", True),
        ("In the last year", "In the last week", True),
        ("After {years} years", "After {months} years", True),
        ("Rate from 1 to 5", "Rate from 1 to 7", True),
    ],
)
def test_only_white_space_and_unicode_form_are_no_other_words(old: str, new: str, other: bool) -> None:
    assert reworded(Text(old), Text(new)) is other


# --- apart in the data --------------------------------------------------------------------------------------

SCALED = """
title: Leaving
scores: {stigma: {label: Stigma, mean: [seen.failed, seen.grew]}}
sections:
  one:
    items:
      seen: {type: matrix, ask: How seen?, scale: {1: Disagree, 2: Neither, 3: Agree}, statements: {failed: Failed, grew: Grew}}
      years: {type: number, ask: How long?, range: [0, 70]}
"""


def columns_of(frame: Frame, number: int) -> dict[str, str]:
    read = csv.DictReader(io.StringIO(b"".join(csv_chunks(frame, bom=False)).decode()))
    (found,) = [row for row in read if row["response_id"] == response_id(number)]
    return found


def test_answers_on_a_scale_that_was_turned_round_do_not_fall_into_the_new_column() -> None:
    older = instrument(SCALED)
    newer = instrument(SCALED.replace("{1: Disagree, 2: Neither, 3: Agree}", "{1: Agree, 2: Neither, 3: Disagree}"))
    answers = {"seen.failed": 3, "seen.grew": 1, "years": 4}
    changes = [given_response(older, 1, answers), given_response(newer, 2, answers)]
    frame = Frame([newer, older])
    frame.take(changes)
    old, new = columns_of(frame, 1), columns_of(frame, 2)
    assert (old["seen_failed"], old["seen_failed_v1"], old["stigma"], old["stigma_v1"]) == ("", "3", "", "2")
    assert (new["seen_failed"], new["seen_failed_v1"], new["stigma"], new["stigma_v1"]) == ("3", "", "2", "")
    assert old["years"] == new["years"] == "4"
    assert old["seen_failed_missing"] == new["seen_failed_v1_missing"] == "not_shown"


def test_a_frame_that_holds_older_answers_does_not_adopt_a_version_that_moves_them() -> None:
    older = instrument(SCALED)
    newer = instrument(SCALED.replace("How long?", "How long until retirement?"))
    frame = Frame([older])
    frame.take([given_response(older, 1, {"years": 4})])
    assert not frame.adopt([newer, older])
    labelled = instrument(SCALED.replace("grew: Grew", "grew: Grew, rest: Rested"))
    assert frame.adopt([labelled, older]) and columns_of(frame, 1)["years"] == "4"


def test_only_the_statement_that_has_changed_is_kept_apart() -> None:
    older, newer = instrument(SCALED), instrument(SCALED.replace("failed: Failed", "failed: Gave in"))
    names = [each.name for each in merged([newer, older]).codebook.variables]
    assert names == ["seen.failed", "seen.grew", "years", "stigma", "seen.failed_v1", "stigma_v1"]


def test_a_version_that_goes_back_finds_its_own_column_again() -> None:
    """Of three versions the first and the last ask the same."""
    first, second = instrument(SCALED), instrument(SCALED.replace("How long?", "How long until retirement?"))
    third = instrument(SCALED.replace("title: Leaving", "title: Going"))
    merging = merged([third, second, first])
    assert [columns["years"] for columns in merging.columns] == ["years", "years_v2", "years"]


def test_responses_of_versions_in_one_language_join_those_in_several() -> None:
    one, several = full(FULL.replace("[en, de]", "[en]")), full(FULL)
    given = {"cause": "family", "move_block": 1} | {name: "pay" for name in ("move_why_1", "move_why_2")}
    frame = Frame([several, one])
    frame.take([given_response(one, 1, given), given_response(several, 2, given | {"language": "de"})])
    assert [columns_of(frame, number)["language"] for number in (1, 2)] == ["en", "de"]


@pytest.mark.parametrize(
    ("type_", "answers", "shown"),
    [
        ("multiple_choice", (["pay"], ["pay", "rest"]), ({"why_pay": "1", "why_home": "0"}, {"why_pay": "1", "why_rest": "1"})),
        ("ranking, top: 2", (["pay", "home"], ["rest", "pay"]), ({"why_pay": "1", "why_home": "2"}, {"why_pay": "2", "why_rest": "1"})),
    ],
)
def test_an_option_that_a_version_did_not_offer_has_a_reason_of_its_own(type_, answers, shown) -> None:
    survey = "title: T\nsections: {one: {items: {why: {type: %s, ask: Why?, options: {pay: Pay, home: Home, %s}}}}}"
    older, newer = (instrument(survey % (type_, further)) for further in ("duty: Duty", "rest: Rest"))
    frame = Frame([newer, older])
    frame.take([given_response(older, 1, {"why": answers[0]}), given_response(newer, 2, {"why": answers[1]})])
    old, new = columns_of(frame, 1), columns_of(frame, 2)
    assert shown[0].items() <= old.items() and shown[1].items() <= new.items()
    assert (old["why_rest"], old["why_rest_missing"], new["why_rest_missing"]) == ("", "not_shown", "")
    assert (new["why_duty"], new["why_duty_missing"], old["why_duty_missing"]) == ("", "not_shown", "")
    assert old["why_missing"] == new["why_missing"] == ""
    told = {row[0]: row[5] for row in rows(merged([newer, older]).codebook)}
    assert "not_shown = the item or option was not on the respondent's path, or not in the version answered" in told["why_rest_missing"]


# --- the command --------------------------------------------------------------------------------------------


def test_an_item_that_moves_to_another_page_is_to_be_reviewed() -> None:
    words = "      words: {type: text, ask: Words}\n"
    moved = OLD.replace(words, "      rest: {type: note, text: Thanks}\n").replace("  two:\n", words + "  two:\n")
    found = differences(OLD, moved)
    assert ("review", "words", "it was in two") in {(d.kind, d.where, d.what) for d in found}
    assert worst(found) == "review"


def test_space_and_comments_make_no_difference() -> None:
    assert differences(OLD, OLD.replace("title: Leaving", "title: Leaving  # as on paper").replace("ask: Words", 'ask: "Words "')) == []


def test_the_command_tells_both_for_people_and_for_programs(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(OLD)
    new.write_text(OLD.replace("ask: Status?", "ask: Where are you?").replace("ask: Words", "ask: Words, required: true"))
    told = opinion("compare", old, new)
    assert told.exit_code == 1
    assert told.output.index("BREAKS (1)") < told.output.index('status: the wording was "Status?"') < told.output.index("REVIEW (1)")
    listed = opinion("compare", old, new, "--format", "json")
    assert [each["kind"] for each in json.loads(listed.output)["differences"]] == ["breaks", "review"]
    same = opinion("compare", old, old)
    assert (same.exit_code, same.output) == (0, "No difference.\n")
    new.write_text("title: [")
    faulty = opinion("compare", old, new)
    assert faulty.exit_code == 1 and "opinion check" in faulty.output


async def test_versions_in_the_database_are_compared_by_number(database_url: str) -> None:
    import datetime

    from app.responses.storage import open_storage

    async with open_storage(database_url) as storage:
        for text in (OLD, OLD.replace("unit: years", "unit: months")):
            instrument, _ = read_survey(text.encode(), "leaving")
            assert instrument
            await storage.keep_instrument("leaving", instrument.digest, instrument.source, datetime.date(2026, 12, 1))
    told = opinion("compare", "leaving@1", "leaving@last", "--database-url", database_url)
    assert told.exit_code == 1 and 'years: the unit was "years"' in told.output
    none = opinion("compare", "leaving@1", "leaving@3", "--database-url", database_url)
    assert none.exit_code == 1 and "versions 1 to 2" in none.output
