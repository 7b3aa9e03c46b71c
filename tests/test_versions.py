"""Versions of a survey: which answers share a column, what `same_as` joins, and what is no new version at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest

from app.exports.csv import csv_chunks
from app.results.frame.frame import Frame
from app.survey.codebook import merged
from app.survey.source.reading import read_survey
from app.survey.source.stored import read_stored
from app.survey.versions.comparison import compare
from tests.support.answers import given_response, instrument, response_id

HEAD = "title: T\nsections:\n  one:\n    items:\n"
CHOICE = "type: single_choice, ask: Why?, options: {pay: Pay, home: Home}"
SCALE = "{1: Never, 2: Rarely, 3: Often, 4: Mostly, 5: Always}"
TEN = "{1: Never, 2: '', 3: '', 4: '', 5: '', 6: '', 7: '', 8: '', 9: '', 10: Always}"


def survey(item: str, head: str = "") -> str:
    return f"{head}{HEAD}      x: {{{item}}}\n"


def columns(*sources: str, name: str = "x") -> list[str]:
    """The column in which each version's answers to an item are, oldest first."""
    newest_first = [instrument(source) for source in reversed(sources)]
    return [each[name] for each in reversed(merged(newest_first).columns)]


# --- what is another question -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: text, ask: Earn 100 €?", "type: text, ask: Earn 100 $?"),
        ("type: text, ask: Income > 100?", "type: text, ask: Income < 100?"),
        ("type: text, ask: Do you like it?", "type: text, ask: 'Do you *not* like it?'"),
        ("type: text, ask: Feel well; ever", "type: text, ask: Feel well ever"),
        ("type: text, ask: How many?, hint: In a week", "type: text, ask: How many?, hint: In a month"),
        ("type: number, ask: X?, range: [0, 9], unit: €", "type: number, ask: X?, range: [0, 9], unit: $"),
        ("type: number, ask: X?, range: [0, 9]", "type: number, ask: X?, range: [0, 9], unit: hours"),
        ("type: slider, ask: X?, range: [1, 5]", "type: slider, ask: X?, range: [1, 10]"),
        ("type: slider, ask: X?, range: [1, 5], low: Bad", "type: slider, ask: X?, range: [1, 5], low: Good"),
        ("type: slider, ask: X?, range: [1, 5]", "type: number, ask: X?, range: [1, 5]"),
        (f"type: rating, ask: X?, scale: {SCALE}", f"type: rating, ask: X?, scale: {TEN}"),
        (f"type: rating, ask: X?, scale: {SCALE}", f"type: rating, ask: X?, scale: {SCALE.replace('Often', 'Sometimes')}"),
        ("type: rating, ask: X?, scale: {1: '', 2: '', 3: ''}", "type: rating, ask: X?, scale: {1: '', 2: '', 3: '', 4: ''}"),
        ("type: single_choice, ask: X?, options: {1: a, 2: b}", "type: single_choice, ask: X?, options: {1: a, 2: b, 3: c}"),
        (CHOICE, CHOICE.replace("pay: Pay, home: Home", "pay: Home, home: Pay")),
        (CHOICE, CHOICE.replace("pay: Pay", "pay: More pay")),
        (CHOICE, CHOICE.replace("pay: Pay", "pay: {label: Pay, hint: Before tax}")),
        (CHOICE.replace("single", "multiple"), CHOICE.replace("single", "multiple").replace("Pay", "Low pay")),
        (CHOICE + ", dont_know: Cannot say", CHOICE + ", dont_know: Neither"),
        ("type: date, ask: X?", "type: date, ask: X?, precision: year"),
    ],
)  # fmt: skip
def test_other_words_units_and_scales_are_another_question(old: str, new: str) -> None:
    name = "x.pay" if "multiple" in old else "x"
    assert columns(survey(old), survey(new), name=name) == [f"{name}_v1", name]
    assert columns(survey(old), survey(new), survey(old), name=name) == [name, f"{name}_v2", name]
    (apart, *_) = [each for each in compare(instrument(survey(old)), instrument(survey(new))) if each.apart]
    assert (apart.kind, apart.where.split(":")[0]) == ("breaks", "x")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: text, ask: Do you like it?", "type: text, ask: ' Do   you\u00a0like it? '"),
        ("type: text, ask: Café\u200b?", "type: text, ask: Cafe\u0301?"),
        (CHOICE, CHOICE.replace("pay: Pay", "pay: ' Pay '")),
        (CHOICE, CHOICE.replace("home: Home", "home: Home, duty: Duty")),
        (CHOICE, CHOICE.replace("pay: Pay, home: Home", "home: Home, pay: Pay")),
        (CHOICE, CHOICE.replace("single_choice", "dropdown")),
        (CHOICE, CHOICE + ", decline: true, required: true"),
        ("type: number, ask: X?, range: [0, 9]", "type: number, ask: X?, range: [0, 90], decimals: 1"),
        ("type: text, ask: X?", "type: text, ask: X?, lines: 4, show_if: 1 < 2"),
    ],
)
def test_white_space_unicode_form_and_who_is_asked_are_no_other_question(old: str, new: str) -> None:
    assert columns(survey(old), survey(new)) == ["x", "x"]
    assert not [each for each in compare(instrument(survey(old)), instrument(survey(new))) if each.apart]


def test_labels_exchanged_in_a_translation_alone_keep_answers_apart() -> None:
    english = f"languages: [en, de]\n{survey(CHOICE)}"
    german = f"title: T\n{HEAD[9:]}      x: {{ask: Warum?, options: {{pay: Geld, home: Heim}}}}\n"
    older = instrument(english, de=german)
    newer = instrument(english, de=german.replace("pay: Geld, home: Heim", "pay: Heim, home: Geld"))
    spaced = instrument(english, de=german.replace("Geld", "' Geld '"))
    assert merged([newer, older]).columns[1]["x"] == "x_v1"
    assert merged([spaced, older]).columns[1]["x"] == "x"
    assert {(each.where, each.apart) for each in compare(older, newer)} == {("x", True)}


def test_a_text_that_pipes_another_meaning_is_another_question() -> None:
    """The words of an arm are part of every question that pipes it, and so are those of a vignette's level."""
    source = "arms: {why: {visa: a visa, home: the family}}\n" + survey("type: text, ask: 'Leave for {why}?'")
    newer = source.replace("a visa", "a lost visa")
    assert columns(source, newer) == ["x_v1", "x"] and columns(source, newer, name="why") == ["why_v1", "why"]
    assert {each.where for each in compare(instrument(source), instrument(newer)) if each.apart} == {"why: visa", "x"}


def test_an_option_may_not_come_back_with_another_label() -> None:
    """Version 2 does not offer it, so version 3 could be taken for either of the others."""
    first, second, third = (
        survey(f"type: single_choice, ask: Why?, options: {{{further}home: Home, duty: Duty}}")
        for further in ("pay: Pay, ", "", "pay: Low pay, ")
    )
    assert columns(first, second, third) == ["x_v1", "x", "x"]


# --- same_as ------------------------------------------------------------------------------------------------

TYPO = "type: text, ask: How lnog?"
MENDED = "type: text, ask: How long?, same_as: 1"


def test_an_item_goes_on_in_the_column_of_the_version_that_it_names() -> None:
    assert columns(survey(TYPO), survey(MENDED)) == ["x", "x"]
    digest = instrument(survey(TYPO)).digest
    assert columns(survey(TYPO), survey(MENDED.replace("same_as: 1", f"same_as: '{digest[:12]}'"))) == ["x", "x"]
    told = compare(instrument(survey(TYPO)), instrument(survey(MENDED)))
    assert [(each.kind, each.where, each.apart) for each in told] == [("review", "x", False)]
    assert "same_as" in told[0].meaning


def test_answers_of_three_versions_that_name_one_another_share_a_column() -> None:
    third = "type: text, ask: 'How long, please?', same_as: 2"
    assert columns(survey(TYPO), survey(MENDED), survey(third)) == ["x", "x", "x"]
    frame = Frame([instrument(survey(each)) for each in (third, MENDED, TYPO)])
    frame.take([given_response(frame.instruments[2], 1, {"x": "a year"}), given_response(frame.instruments[0], 2, {"x": "two"})])
    assert {row["response_id"]: row["x"] for row in rows_of(frame)} == {response_id(1): "a year", response_id(2): "two"}


def test_a_version_between_that_asks_something_else_stays_apart() -> None:
    other = survey("type: text, ask: Since when?")
    assert columns(survey(TYPO), other, survey(MENDED)) == ["x", "x_v2", "x"]


def test_a_same_as_left_in_the_file_does_not_excuse_later_words() -> None:
    later = survey("type: text, ask: Since when?, same_as: 1")
    assert columns(survey(TYPO), survey(MENDED), later) == ["x_v2", "x_v2", "x"]
    stored = [read_stored(survey(each), "t", None, number) for number, each in enumerate((TYPO, MENDED), 1)]
    told = compare(stored[1], instrument(later), stored[:1])
    assert [each.what for each in told] == ['the wording was "How long?"', "`same_as: 1` was added for other words"]
    assert told[0].apart
    assert columns(survey(TYPO), survey(MENDED), later.replace("same_as: 1", "same_as: 2")) == ["x", "x", "x"]


def test_a_scale_goes_on_for_all_items_on_it_whose_words_are_the_same() -> None:
    source = f"scales: {{s: {SCALE}}}\n{HEAD}" + "".join(
        f"      {name}: {{type: rating, ask: {name.upper()}?, scale: s}}\n" for name in "xy"
    )
    newer = source.replace("Often", "Frequently").replace("ask: Y?", "ask: Z?")
    said = newer.replace("1: Never", "same_as: 1, 1: Never")
    assert [columns(source, newer, name=name)[0] for name in "xy"] == ["x_v1", "y_v1"]
    assert [columns(source, said, name=name)[0] for name in "xy"] == ["x", "y_v1"]


def test_a_matrix_a_score_and_a_whole_survey_can_go_on() -> None:
    source = survey(f"type: matrix, ask: X?, scale: {SCALE}, statements: {{a: Lnog, b: Short}}",
                    "scores: {s: {label: S, mean: [x]}}\n")  # fmt: skip
    newer = source.replace("Lnog", "Long").replace("Often", "Sometimes")
    assert [columns(source, newer, name=name)[0] for name in ("x.a", "x.b", "s")] == ["x.a_v1", "x.b_v1", "s_v1"]
    item = newer.replace("ask: X?", "ask: X?, same_as: 1")
    assert [columns(source, item, name=name)[0] for name in ("x.a", "x.b", "s")] == ["x.a", "x.b", "s"]
    assert [columns(source, f"same_as: 1\n{newer}", name=name)[0] for name in ("x.a", "x.b", "s")] == ["x.a", "x.b", "s"]
    summed = source.replace("mean: [x]", "sum: [x]")
    assert columns(source, summed, name="s")[0] == "s_v1"
    assert columns(source, summed.replace("label: S", "label: S, same_as: 1"), name="s")[0] == "s"


def test_a_vignette_keeps_its_ratings_but_not_the_blocks_of_another_design() -> None:
    item = """      v:
        type: vignette
        text: "{who} goes."
        attributes: {who: {doctor: A doctor, nurse: A nurse}}
        ratings: {seen: {ask: Well?, scale: {1: Bad, 2: Good}}}
        blocks: 2
"""
    newer = HEAD + item.replace("goes.", "leaves.").replace("blocks: 2", "blocks: 1\n        each_sees: 2")
    said = newer.replace("type: vignette", "type: vignette\n        same_as: 1")
    names = ("v_seen_1", "v_who_1", "v_block")
    assert [columns(HEAD + item, newer, name=name)[0] for name in names] == ["v_seen_1_v1", "v_who_1", "v_block_v1"]
    assert [columns(HEAD + item, said, name=name)[0] for name in names] == ["v_seen_1", "v_who_1", "v_block_v1"]


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "first", "true", "[1]", "''", "abc"])
def test_a_same_as_that_can_be_no_version_is_a_fault(value: str) -> None:
    for source in (survey(f"type: text, ask: X?, same_as: {value}"),
                   survey(f"type: rating, ask: X?, scale: {{1: a, 2: b, same_as: {value}}}")):  # fmt: skip
        instrument, faults = read_survey(source.encode(), "t")
        assert instrument is None and [fault.code for fault in faults] == ["bad-value"], faults


def rows_of(frame: Frame) -> Sequence[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(csv_chunks(frame, bom=False)).decode())))


# --- what is no new version ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("title: T", "title: T\nresults: {show_to: everyone, floor: 20}\nsample: 900", True),
        ("title: T", "title: T\nweights: {rake: {x: {pay: 30, home: 70}}, trim: 4}", True),
        ("title: T", "title: T  # as on paper\n\n", True),
        ("ask: Why?", 'ask: "Why?"', True),
        ("ask: Why?", "ask: Why?, same_as: 1", True),
        ("title: T", "title: U", False),
        ("title: T", "title: T\nconsent: Voluntary", False),
        ("title: T", "title: T\nprivacy: confidential", False),
        ("pay: Pay, home: Home", "home: Home, pay: Pay", False),
        ("home: Home", "home: 1.50", False),
    ],
)
def test_what_respondents_neither_read_nor_agree_to_makes_no_version(old: str, new: str, same: bool) -> None:
    source = survey(CHOICE)
    assert old in source
    assert (instrument(source).fingerprint == instrument(source.replace(old, new)).fingerprint) is same


def test_a_number_as_a_label_is_another_when_it_is_written_otherwise() -> None:
    one, other = (instrument(survey(CHOICE.replace("Home", label))).fingerprint for label in ("1.5", "1.50"))
    assert one != other


def test_a_translation_is_part_of_the_version_but_not_what_it_was_made_from() -> None:
    english = f"languages: [en, de]\n{survey(CHOICE)}"
    plain = instrument(english, de="title: G\n")
    assert plain.fingerprint == instrument(english, de="title: G\ntranslated: {title: 0123abcd 0123abcd}\n").fingerprint
    assert plain.fingerprint != instrument(english, de="title: H\n").fingerprint


def test_a_stored_version_keeps_the_digest_and_number_that_it_has_in_the_database() -> None:
    source = survey(CHOICE)
    kept = read_stored(source, "t", "0" * 64, 3)
    assert kept is not None and (kept.digest, kept.version) == ("0" * 64, 3)
    assert kept.fingerprint == instrument(source + "# seen\n").fingerprint
    newer = instrument(survey("type: text, ask: What else?"))
    assert merged([newer, kept]).columns[1]["x"] == "x_v3"
