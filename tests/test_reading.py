"""Reading a page's form: never an exception, never an answer that the codebook does not know."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from app.interview.form import Reading, fields_of
from app.languages.formats import separators
from app.survey.codebook import codebook
from app.survey.items.fields import Page
from app.survey.source.reading import read_survey
from tests.support.answers import instrument
from tests.support.paths import read_section, walk

DECLINED = "~declined"
EVERY_TYPE = """
title: One of each
sections:
  page:
    items:
      hello: {type: note, text: Hello.}
      status:
        type: single_choice
        ask: Where are you?
        required: true
        options: {practising: In practice, left: Left, other: {label: Other, please_say: true}}
      grade:
        type: single_choice
        ask: Which grade?
        decline: true
        options: {0: None, 1: First}
      reasons:
        type: multiple_choice
        ask: Why?
        decline: true
        options:
          pay: Pay
          visa: Visa
          other: {label: Other, please_say: true}
          none_of_these: {label: None of **these**, exclusive: true}
      sure: {type: rating, ask: How sure?, decline: true, scale: {-1: No, 0: ~, 1: Yes}}
      seen:
        type: matrix
        ask: How seen?
        decline: true
        scale: {1: Badly, 2: Well}
        statements: {failed: Failed, grew: Grew}
      years: {type: number, ask: How many years?, range: [-5, 70], decline: true}
      income: {type: number, ask: How much?, range: [0, 1000000000]}
      word: {type: text, ask: In a word?, max_length: 12, decline: true}
      story: {type: text, ask: What happened?, lines: 5, max_length: 60}
"""

MISSING = {reason: {"missing": reason} for reason in ("skipped", "declined")}


ASKED = instrument(EVERY_TYPE)
PAGE = ASKED.sections[0]
ITEMS = [item.id for item in PAGE.items]


def page_of(*items: str) -> Any:
    """A page of these items alone."""
    return instrument(
        "title: A\nsections:\n  page:\n    items:\n" + "".join(f"      {item}\n" for item in items)
    ).sections[0]


def read(fields: dict[str, Any], *, asked: bool = False, section: Any = PAGE, shown: Any = None) -> Reading:
    """Reads a page on which all items are shown; `asked` when open ones were already asked about."""
    ids = [item.id for item in section.items]
    form = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
    return read_section(
        section, {"shown": ids if shown is None else shown, "asked": ids if asked else [], **form}, {}
    )


def answer(name: str, fields: dict[str, Any]) -> Any:
    """What is read for a name, or the message for it."""
    reading = read(fields, asked=True)
    messages = [problem.message for problem in reading.problems if problem.item == name.split(".")[0]]
    return messages[0] if messages else reading.answers[name]


# --- choices ---------------------------------------------------------------------------------------------


def test_choice_is_read_as_its_code():
    assert answer("status", {"status": "left"}) == "left"
    assert answer("grade", {"grade": "0"}) == 0
    assert answer("sure", {"sure": "-1"}) == -1
    assert answer("seen.grew", {"seen.grew": "2"}) == 2
    assert answer("reasons", {"reasons": ["visa", "pay"]}) == ["pay", "visa"]  # in the order of the options


@pytest.mark.parametrize(
    "sent", ["nobody", "Left", "left ", " left", "~", "~skipped", "0", "None", "\x00", "left\n"]
)
def test_code_that_is_not_an_option_is_a_problem(sent):
    assert answer("status", {"status": sent}) == "Choose one of the answers given."
    assert answer("reasons", {"reasons": sent}) == "Choose from the answers given."


@pytest.mark.parametrize("sent", ["00", "+1", "1.0", "٠", "０", "-0", "1 "])
def test_number_that_is_not_a_code_as_it_was_sent_is_a_problem(sent):
    assert answer("grade", {"grade": sent}) == "Choose one of the answers given."


def test_two_answers_where_one_is_asked_for_are_a_problem():
    assert answer("status", {"status": ["left", "practising"]}) == "Choose one answer only."
    assert answer("seen.grew", {"seen.grew": ["1", "2"]}) == "Choose one answer only."
    assert answer("status", {"status": ["left", "left"]}) == "left"


def test_exclusive_option_stands_alone():
    assert answer("reasons", {"reasons": "none_of_these"}) == ["none_of_these"]
    message = "“None of these” cannot be combined with other answers."
    assert answer("reasons", {"reasons": ["pay", "none_of_these"]}) == message


def test_what_is_said_beside_an_option_is_kept_with_it():
    reading = read({"status": "other", "status.other": "  in a \n museum "}, asked=True)
    assert (reading.answers["status"], reading.answers["status.other"]) == ("other", "in a museum")
    reading = read({"reasons": ["pay", "other"], "reasons.other": "the rota"}, asked=True)
    assert (reading.answers["reasons"], reading.answers["reasons.other"]) == (["pay", "other"], "the rota")


@pytest.mark.parametrize(
    ("sent", "name", "stored"),
    [
        ({"status": "left", "status.other": "in a museum"}, "status", "left"),
        ({"status": "left", "reasons.other": "the rota"}, "reasons", MISSING["skipped"]),
        ({"status": "left", "reasons": "pay", "reasons.other": "the rota"}, "reasons", ["pay"]),
        ({"status": "left", "reasons": "none_of_these", "reasons.other": "the rota"}, "reasons", ["none_of_these"]),
        ({"status": "left", "reasons": "~declined", "reasons.other": "the rota"}, "reasons", MISSING["declined"]),
    ],
)
def test_words_beside_an_option_that_is_not_chosen_are_no_answer(sent, name, stored):
    reading = read(sent, asked=True)
    assert reading.problems == [] and reading.answers[name] == stored
    assert f"{name}.other" not in reading.answers and f"{name}.other" in reading.cleared


def test_words_too_long_beside_an_unticked_option_are_no_problem():
    assert read({"status": "left", "status.other": "a" * 201}, asked=True).problems == []


def test_nothing_said_beside_the_chosen_option_is_skipped():
    reading = read({"status": "other", "reasons": "other", "reasons.other": " \u00a0 "}, asked=True)
    assert reading.answers["status.other"] == reading.answers["reasons.other"] == MISSING["skipped"]


def test_too_much_said_beside_an_option_is_a_problem():
    (problem,) = read({"status": "other", "status.other": "a" * 201}, asked=True).problems
    assert (problem.field, problem.item) == ("status.other", "status")
    assert problem.message == "Shorten this to 200 characters: it has 201."
    assert read({"status": "other", "status.other": "a" * 200}, asked=True).problems == []


# --- declining, skipping, requiring ----------------------------------------------------------------------


def test_declining_is_an_answer_of_its_own():
    for name in ("grade", "reasons", "sure", "seen.failed"):
        assert answer(name, {name: DECLINED}) == MISSING["declined"]
    for name in ("years", "word"):
        assert answer(name, {f"{name}~": DECLINED}) == MISSING["declined"]


def test_declining_where_it_is_not_offered_is_a_problem():
    assert answer("status", {"status": DECLINED}) == "Choose one of the answers given."
    assert answer("income", {"income~": DECLINED}) == MISSING["skipped"]
    plain = page_of("why: {type: multiple_choice, ask: Why?, options: {a: A, b: B}}")
    assert read({"why": DECLINED}, section=plain).problems[0].message == "Choose from the answers given."


def test_answering_and_declining_at_once_is_a_problem():
    both = "Give an answer or a reason for not answering, not both."
    assert answer("years", {"years": "0", "years~": DECLINED}) == both
    assert answer("word", {"word": "relief", "word~": DECLINED}) == both
    assert answer("word", {"word": "  ", "word~": DECLINED}) == MISSING["declined"]
    assert answer("reasons", {"reasons": ["pay", DECLINED]}) == both
    assert answer("grade", {"grade": ["1", DECLINED]}) == "Choose one answer only."


def test_required_item_waits_for_an_answer_however_often_it_was_asked():
    for asked in (False, True):
        problems = read({}, asked=asked).problems
        assert [(problem.field, problem.message) for problem in problems] == [("status", "Choose an answer.")]


@pytest.mark.parametrize(
    ("item", "messages"),
    [
        ("a: {type: single_choice, ask: A?, required: true, options: {a: A, b: B}}", ["Choose an answer."]),
        (
            "a: {type: multiple_choice, ask: A?, required: true, options: {a: A, b: B}}",
            ["Choose at least one answer."],
        ),
        ("a: {type: rating, ask: A?, required: true, scale: {1: A, 2: B}}", ["Choose an answer."]),
        ("a: {type: number, ask: A?, required: true, range: [0, 9]}", ["Enter a number."]),
        ("a: {type: text, ask: A?, required: true}", ["Write an answer."]),
        (
            "a: {type: matrix, ask: A?, required: true, scale: {1: A, 2: B}, statements: {s: S, t: T}}",
            ["Choose an answer."] * 2,
        ),
    ],
)
def test_required_item_says_what_it_waits_for(item, messages):
    reading = read({}, section=page_of(item))
    assert [problem.message for problem in reading.problems] == messages
    assert reading.answers == {}


def test_required_item_may_be_declined_where_that_is_offered():
    section = page_of("a: {type: number, ask: A?, required: true, decline: true, range: [0, 9]}")
    reading = read({"a~": DECLINED}, section=section)
    assert (reading.answers, reading.problems) == ({"a": MISSING["declined"]}, [])


def test_required_matrix_names_the_statements_left_open():
    section = page_of(
        "a: {type: matrix, ask: A?, required: true, scale: {1: A, 2: B}, statements: {s: S, t: T}}"
    )
    assert [problem.field for problem in read({"a.s": "1"}, section=section).problems] == ["a.t"]


def test_open_item_is_asked_about_once_and_then_skipped():
    first = read({"status": "left"})
    assert first.skipped == ["grade", "reasons", "sure", "seen", "years", "income", "word", "story"]
    assert first.answers == {"status": "left"}
    second = read({"status": "left"}, asked=True)
    assert second.skipped == []
    assert second.answers["seen.failed"] == second.answers["word"] == MISSING["skipped"]


def test_matrix_half_answered_is_asked_about_once_and_the_rest_is_skipped():
    assert "seen" in read({"seen.failed": "1"}).skipped
    answers = read({"seen.failed": "1"}, asked=True).answers
    assert (answers["seen.failed"], answers["seen.grew"]) == (1, MISSING["skipped"])


def test_item_with_a_problem_is_neither_skipped_nor_kept():
    reading = read({"years": "many"}, asked=True)
    assert "years" not in reading.answers and "years" in reading.cleared
    assert "years" not in reading.skipped


def test_answer_taken_back_is_cleared():
    before = {
        "status": "other",
        "status.other": "a museum",
        "grade": 1,
        "reasons": ["other"],
        "reasons.other": "x",
    }
    reading = read({"status": "left", "grade": DECLINED, "reasons": "pay"}, asked=True)
    after = reading.applied(before | {"elsewhere": 1})
    assert {name: after[name] for name in ("status", "grade", "reasons", "elsewhere")} == {
        "status": "left", "grade": MISSING["declined"], "reasons": ["pay"], "elsewhere": 1,
    }  # fmt: skip
    assert not {"status.other", "reasons.other"} & set(after)


# --- items that come and go on the page ------------------------------------------------------------------

REVEALING = page_of(
    "status: {type: single_choice, ask: Where?, options: {left: Left, practising: In practice}}",
    'years: {type: number, ask: How many?, range: [0, 70], show_if: status == "left", required: true}',
    "regret: {type: text, ask: Regret?, show_if: years > 10}",
)


def test_item_that_an_answer_shows_is_revealed_when_the_page_did_not_show_it():
    reading = read({"status": "left"}, section=REVEALING, shown=["status"])
    assert (reading.revealed, reading.problems, reading.answers) == (["years"], [], {"status": "left"})


def test_item_that_is_shown_is_read_and_may_reveal_another():
    reading = read({"status": "left", "years": "11"}, section=REVEALING, shown=["status", "years"])
    assert (reading.revealed, reading.answers) == (["regret"], {"status": "left", "years": 11})


def test_item_that_an_answer_hides_is_not_read():
    reading = read({"status": "practising", "years": "11", "regret": "a"}, section=REVEALING)
    assert reading.answers == {"status": "practising"}
    assert (reading.revealed, reading.problems) == ([], [])


def test_item_hidden_by_an_answer_missing_or_wrong_is_not_asked_for():
    for fields in ({}, {"status": "nobody"}):
        reading = read(fields, asked=True, section=REVEALING)
        assert "years" not in reading.answers and reading.revealed == []
        assert "years" not in [problem.item for problem in reading.problems]


def test_conditions_see_answers_of_earlier_pages():
    asked = instrument(
        "title: A\nsections:\n"
        "  one: {items: {a: {type: number, ask: A?, range: [0, 9]}}}\n"
        "  two: {items: {b: {type: text, ask: B?, show_if: a > 5}, c: {type: text, ask: C?}}}\n"
    )
    form = {"shown": ["b", "c"], "b": ["x"], "c": ["y"]}
    assert read_section(asked.sections[1], form, {"a": 6}).answers == {"b": "x", "c": "y"}
    assert read_section(asked.sections[1], form, {"a": 5}).answers == {"c": "y"}
    assert read_section(asked.sections[1], form, {}).answers == {"c": "y"}


# --- numbers as people type them -------------------------------------------------------------------------

WHOLE = "Enter a whole number from -5 to 70."
OUTSIDE = "The number must be from -5 to 70."


TYPED = [
    ("12", 12), (" 12 ", 12), ("\u00a012\u202f", 12), ("12\r\n", 12), ("-3", -3), ("\u22123", -3), ("- 3", -3), ("007", 7),
    ("0", 0), ("-0", 0), ("000", 0), ("70", 70), ("71", OUTSIDE), ("-6", OUTSIDE), ("999999999999999", OUTSIDE),
    ("1 2", WHOLE), ("1\u00a02", WHOLE), ("12 13", WHOLE), ("1\n2", WHOLE), ("--3", WHOLE), ("3-", WHOLE), ("+3", WHOLE), ("1.0", f"This was read as 1.0. {WHOLE}"),
    ("1,5", f"This was read as 1.5. {WHOLE}"), ("1e1", WHOLE), ("0x10", WHOLE), ("twelve", WHOLE), ("12 years", WHOLE), ("1_0", WHOLE), ("½", WHOLE),
    ("²", WHOLE), ("١٢", 12), ("１２", 12), ("Ⅻ", WHOLE), ("\u200b12", WHOLE), ("12\x00", WHOLE), ("\ud80012", WHOLE),
    ("1" * 16, WHOLE), ("9" * 5000, WHOLE), ("nan", WHOLE), ("inf", WHOLE), ("=1+1", WHOLE), ("~declined", WHOLE),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "read_as"), TYPED)
def test_number_is_read_as_it_is_typed_or_a_kind_problem(typed, read_as):
    assert answer("years", {"years": typed}) == read_as


@pytest.mark.parametrize("typed", ["12 000", "12\u00a0000", "12\u202f000", " 12 000 ", "12000", "0012000"])
def test_spaces_may_stand_between_thousands(typed):
    assert answer("income", {"income": typed}) == 12_000


def test_two_numbers_are_not_run_together():
    assert answer("years", {"years": ["1", "2"]}) == WHOLE
    assert answer("years", {"years": ["1", ""]}) == 1


FORM = """<form data-known="{}" data-signs="%s">
  <fieldset class="item" id="i-years"><input type="text" name="years" data-number="%s"></fieldset>
  <fieldset class="item" id="follows" data-if='["answered", "years"]'></fieldset>
  <fieldset class="item" id="large" data-if='[">", ["get", "years"], 10]'></fieldset>
</form>"""
TYPE_ALL = """all => all.map(function (typed) {
    var input = document.forms[0].elements.years;
    input.value = typed;
    input.dispatchEvent(new Event("input", {bubbles: true}));
    return [document.getElementById("follows").disabled, document.getElementById("large").disabled];
})"""


def in_the_browser(browser: Any, language: str, limits: str, typed: list[str]) -> dict[str, list[bool]]:
    """For each that is typed: whether it is no number, and whether it is none above 10."""
    page = browser.new_page()
    page.set_content(FORM % ("|".join(separators(language)), limits))
    page.add_script_tag(content=(Path(app.__file__).parent / "web" / "static" / "form.js").read_text("utf-8"))
    found = dict(zip(typed, page.evaluate(TYPE_ALL, typed), strict=True))
    page.close()
    return found


def test_browser_takes_the_same_numbers_for_numbers_as_the_server(browser):
    """What is shown while one types is what the server will ask for."""
    typed = [each for each, _ in TYPED if each.isprintable() or "\u00a0" in each or "\u202f" in each]
    on_server = {each: answer("years", {"years": each}) for each in typed}
    wanted = {
        each: [isinstance(value, str), isinstance(value, str) or value <= 10]
        for each, value in on_server.items()
    }
    assert in_the_browser(browser, "en", "-5 70 0", typed) == wanted


SEPARATED = [
    "1.234",
    "1,234",
    "1 234",
    "1'234",
    "1,5",
    "1.5",
    ".5",
    "0.123",
    "1.234,5",
    "1,234.5",
    "12,34,567",
    "1.234.567",
    "٣٫٥",
    "۱۲",
    "५",
    "1,2345",
    "5,001",
]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ar", "fa", "de-CH"])
def test_browser_reads_numbers_in_the_language_s_way_as_the_server_does(browser, language):
    section = page_of("years: {type: number, ask: A?, range: [0, 5000], decimals: 3}")
    wanted = {}
    for each in SEPARATED:
        form = {"shown": ["years"], "asked": ["years"], "years": [each]}
        value = read_section(section, form, {}, language).answers.get("years", {})
        wanted[each] = [isinstance(value, dict), isinstance(value, dict) or value <= 10]
    assert in_the_browser(browser, language, "0 5000 3", SEPARATED) == wanted


# --- texts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["😀 relief", "👩🏽‍⚕️", "תודה", "שלום\u200f!", "=1+1", "+1", "-1", "@SUM(A1)", "<script>x", "a&amp;b", "'; DROP", "{status}", "{{", "\\n", "%s",
     "~declined", "null", "\ufeffx", "é", "0"],
)  # fmt: skip
def test_text_is_kept_as_it_is_typed(typed):
    assert answer("word", {"word": typed}) == typed
    assert answer("story", {"story": typed}) == typed


def test_text_of_one_line_has_no_line_ends_and_single_spaces():
    assert answer("word", {"word": " a \r\n b\t\tc\u00a0\u2028d "}) == "a b c d"


def test_text_of_several_lines_keeps_its_lines():
    assert answer("story", {"story": "  a\r\nb\rc\n\n  d  \r\n"}) == "a\nb\nc\n\n  d"


def test_characters_that_cannot_be_kept_are_left_out():
    assert answer("story", {"story": "a\x00b\x1b[31m\ud800c\ue000d\x7f"}) == "ab[31mcd"


@pytest.mark.parametrize("typed", ["", " ", "\r\n", "\u00a0\u2003", "\x00", "\ud800"])
def test_text_of_nothing_is_no_answer(typed):
    assert answer("word", {"word": typed}) == MISSING["skipped"]
    assert read({"word": typed}).skipped.count("word") == 1


def test_text_is_measured_in_characters():
    assert answer("word", {"word": "😀" * 12}) == "😀" * 12
    assert answer("word", {"word": "😀" * 13}) == "Shorten this to 12 characters: it has 13."
    assert answer("word", {"word": f"  {'a' * 12}  "}) == "a" * 12
    assert answer("story", {"story": "a" * 1_000_000}) == "Shorten this to 60 characters: it has 1000000."


# --- and back --------------------------------------------------------------------------------------------


def read_back(answers: dict[str, Any]) -> Reading:
    fields = fields_of(PAGE, answers)
    return read_section(PAGE, {"shown": ITEMS, **fields}, {})


FULL = {
    "status": "other", "status.other": "a museum", "grade": 0, "reasons": ["visa", "other"], "reasons.other": "=1+1", "sure": -1,
    "seen.failed": MISSING["declined"], "seen.grew": 2, "years": -3, "income": 12_000, "word": "~declined", "story": "a\n\n  b",
}  # fmt: skip


def test_stored_answers_as_fields_give_the_same_answers():
    reading = read_back(FULL)
    assert (reading.answers, reading.problems, reading.skipped) == (FULL, [], [])


def test_reasons_as_fields_give_the_same_reasons():
    asked_for = {"status": "other", "status.other": MISSING["skipped"]}
    optional = [item for item in PAGE.items if not item.required]
    skipped = {name: MISSING["skipped"] for item in optional for name in item.names}
    assert read_back(asked_for | skipped).answers == asked_for | skipped
    declined = {name: MISSING["declined"] for item in optional if item.decline for name in item.names}
    assert read_back(asked_for | skipped | declined).answers == asked_for | skipped | declined


# --- any form at all -------------------------------------------------------------------------------------

NAMES = [
    *PAGE.names,
    *ITEMS,
    "status.other",
    "reasons.other",
    "status.left",
    "years~",
    "word~",
    "word~~",
    "",
    ".",
    "x",
    "seen.",
    "__class__",
]
CODES = [
    "left",
    "practising",
    "other",
    "pay",
    "visa",
    "none_of_these",
    "0",
    "1",
    "-1",
    "2",
    "12",
    "12 000",
    DECLINED,
    "~",
    "",
]
VALUES = st.one_of(
    st.sampled_from(CODES),
    st.text(max_size=20),
    st.text(st.characters(categories=["Cs", "Cc", "Co", "Zs", "Zl", "Nd", "Mn"]), max_size=8),
    st.integers().map(str),
    st.sampled_from(["a" * 300, "1" * 400, "\x00", "\ud83d", "é" * 61]),
)
FORMS = st.dictionaries(
    st.sampled_from(NAMES) | st.text(max_size=5), st.lists(VALUES, max_size=3), max_size=14
).flatmap(
    lambda fields: st.fixed_dictionaries(
        {"shown": st.lists(st.sampled_from([*ITEMS, "x"])), "asked": st.lists(st.sampled_from([*ITEMS, "x"]))}
    ).map(lambda about: fields | about)
)
VARIABLES = codebook(ASKED).variables


def is_known(name: str, value: Any) -> bool:
    """Whether the codebook has a place for the value of an answer."""
    if isinstance(value, dict):
        return value in MISSING.values() and name in {variable.key for variable in VARIABLES}
    if isinstance(value, list):
        flags = [
            variable.option for variable in VARIABLES if variable.key == name and variable.kind == "flag"
        ]
        return bool(value) and [code for code in flags if code in value] == value
    (variable,) = [variable for variable in VARIABLES if variable.key == name and variable.kind != "flag"]
    if variable.kind == "choice":
        return any(value == code and type(value) is type(code) for code, _ in variable.codes)
    if variable.kind == "number":
        return type(value) is int and variable.least <= value <= variable.most
    return isinstance(value, str) and value == value.strip() != "" and value.encode().decode() == value


@given(FORMS)
def test_any_form_is_read_and_gives_only_answers_that_the_codebook_knows(form):
    reading = read_section(PAGE, form, {})
    assert all(problem.message and problem.item in ITEMS for problem in reading.problems)
    named = {problem.item for problem in reading.problems}
    for name, value in reading.answers.items():
        assert is_known(name, value) or (name.split(".")[0] in named and isinstance(value, str))
    assert not reading.cleared & set(reading.answers)
    assert not set(reading.skipped) & named


@given(FORMS)
def test_what_is_read_and_turned_back_into_fields_reads_the_same(form):
    reading = read_section(PAGE, form | {"shown": ITEMS}, {})
    named = {problem.item for problem in reading.problems}
    answers = {name: value for name, value in reading.answers.items() if name.split(".")[0] not in named}
    again = read_back(answers)
    assert {name: value for name, value in again.answers.items() if name in answers} == answers
    assert again.problems == [] or {problem.item for problem in again.problems} == {"status"} - set(answers)


REVEALING_FORMS = st.fixed_dictionaries(
    {"shown": st.lists(st.sampled_from(["status", "years", "regret"]))},
    optional={
        "status": st.lists(st.sampled_from(["left", "practising", "x"]), max_size=1),
        "years": st.lists(st.sampled_from(["5", "11", "71", "x", ""]), max_size=1),
        "regret": st.lists(st.sampled_from(["a", ""]), max_size=1),
        "asked": st.just(["years", "regret"]),
    },
)


@given(REVEALING_FORMS)
def test_what_is_read_is_on_the_path_and_what_is_not_shown_is_revealed(form):
    reading = read_section(REVEALING, form, {})
    path = walk(replace(ASKED, sections=(REVEALING,)), reading.answers)
    assert path.answers == reading.answers
    assert [item.id for item in path.sections[0].items if item.id not in form["shown"]] == reading.revealed


def test_letters_with_accents_are_the_same_however_they_are_composed():
    """José as one device writes it (NFC) and as another does (NFD), in the survey and in the answer."""
    source = """
title: Accents
sections:
  one:
    items:
      name: {type: text, ask: "Your forename in José's list?", pattern: "José|Zoë", example: José}
      more: {type: text, ask: Why?, show_if: 'name == "José"'}
"""
    composed, faults = read_survey(unicodedata.normalize("NFC", source).encode(), "accents")
    apart, others = read_survey(unicodedata.normalize("NFD", source).encode(), "accents")
    assert not [fault for fault in (*faults, *others) if not fault.is_warning]
    assert composed.fingerprint == apart.fingerprint and composed.digest != apart.digest
    for asked in (composed, apart):
        for form in ("NFC", "NFD"):
            page = Page({"name": [unicodedata.normalize(form, "José")]}, "en")
            answers, problems = asked.item["name"].from_form(page)
            assert (answers, problems) == ({"name": "Jos\u00e9"}, [])
            assert asked.item["more"].show_if.holds(answers) is True
