"""What users of XLSForm, REDCap, Qualtrics, LimeSurvey and SurveyJS write by habit, and the word of this project that
`opinion check` names for it."""

from __future__ import annotations

import pytest

from app.survey.items.registry import SHAPES
from app.survey.items.shapes import CheckShape, OptionShape
from app.survey.other_tools import KEYS, TYPES, function_of, key_of, type_of
from app.survey.source.reading import read_survey
from app.survey.source.shape import BandShape, RosterShape, SectionShape, SurveyShape, inside


def faults_of(item: str, top: str = "") -> list[tuple[str, str, str]]:
    """The code, the cause and the remedy of each fault of a survey with this item on its second page."""
    source = f"""
title: Habits
{top}
sections:
  first:
    items:
      status: {{type: single_choice, ask: Where?, options: {{in: In, left: Left, other: {{label: Other, please_say: true}}}}}}
      told: {{type: multiple_choice, ask: Whom?, options: {{family: Family, boss: Boss}}}}
      years: {{type: number, ask: How long?, range: [0, 70]}}
      born: {{type: date, ask: When were you born?}}
  second:
    items:
      {item}
"""
    return [(fault.code, fault.what, fault.remedy) for fault in read_survey(source.encode(), "habits")[1]]


def only_remedy(item: str, top: str = "") -> str:
    ((_, _, remedy),) = faults_of(item, top)
    return remedy


@pytest.mark.parametrize(
    ("item", "named"),
    [
        ("q: {type: select_one yesno, ask: Well?, options: {a: A, b: B}}", "type: single_choice"),  # XLSForm
        ("q: {type: select_multiple, ask: Well?, options: {a: A, b: B}}", "type: multiple_choice"),
        ("q: {type: integer, ask: Well?, range: [0, 9]}", "type: number"),
        ("q: {type: text, ask: Well?, relevant: years > 3}", "show_if:"),
        ("q: {type: number, ask: Well?, range: [0, 9], constraint: q > 3}", "check:"),
        ("q: {type: text, ask: Well?, constraint_message: No}", "check:"),
        ("q: {type: text, label: Well?}", "ask:"),
        ("q: {type: calculate, calculation: years * 2}", "compute:"),
        ("q: {type: begin_group, label: A}", "sections:"),
        ('q: {type: text, ask: Well?, show_if: "${years} > 3"}', "without ${ }"),
        ("q: {type: text, ask: Well?, show_if: \"selected(told, 'boss')\"}", "has(item"),
        ("q: {type: descriptive, text: Hello}", "type: note"),  # REDCap
        ("q: {type: yesno, ask: Well?}", "type: single_choice"),
        ("q: {type: notes, ask: Well?}", "type: text"),
        ("q: {type: text, ask: Well?, branching_logic: years > 3}", "show_if:"),
        ("q: {type: text, ask: Well?, field_note: Be brief}", "hint:"),
        ("q: {type: text, ask: Well?, show_if: \"[status] = 'left'\"}", "without [ ]"),
        ("q: {type: text, ask: Well?, show_if: \"[told(boss)] = '1'\"}", "has(item"),
        ("q: {type: text, ask: Well?, show_if: \"status <> 'left'\"}", "!="),
        ("q: {type: text, ask: Well?, show_if: \"datediff(born, today, 'y') > 3\"}", "days("),
        ("q: {type: text, ask: 'You said [status]?'}", "{status}"),
        ("q: {type: maxdiff, ask: Well?}", "type: best_worst"),  # Qualtrics
        ("q: {type: conjoint, ask: Well?}", "type: vignette"),
        ("q: {type: matrix_table, ask: Well?}", "type: matrix"),
        ("q: {type: text_entry, ask: Well?}", "type: text"),
        ("q: {type: constant sum, ask: Well?}", "constant_sum"),
        ("q: {type: text, ask: Well?, force_response: true}", "required: true"),
        ("q: {type: text, ask: Well?, display_logic: years > 3}", "show_if:"),
        ("q: {type: text, ask: Well?, skip_logic: years > 3}", "show_if:"),
        ("q: {type: text, ask: Well?, page_break: true}", "sections:"),
        ("q: {type: text, ask: 'You said ${q://QID1/ChoiceGroup/SelectedChoices}?'}", "braces"),
        ("q: {type: matrix, ask: Well?, scale: {1: Low, 2: High}, rows: {a: A, b: B}}", "statements:"),
        ("q: {type: rating, ask: Well?, scale: {1: Low, 2: High}, rows: {a: A, b: B}}", "type: matrix"),
        ("q: {type: rating, ask: Well?, scale: {1: Low, 2: High}, randomize: true}", "keeps its order"),
        ("q: {type: array, ask: Well?}", "type: matrix"),  # LimeSurvey
        ("q: {type: text, ask: Well?, mandatory: true}", "required: true"),
        ("q: {type: text, ask: Well?, relevance: years > 3}", "show_if:"),
        ("q: {type: text, ask: Well?, show_if: years.NAOK > 3}", "Write years alone"),
        ("q: {type: text, ask: 'You said {status.NAOK}?'}", "{status}"),
        ("q: {type: text, ask: Well?, show_if: '!is_empty(years)'}", "not"),
        ("q: {type: text, ask: Well?, show_if: years > 3 && years < 9}", "and"),
        ("q: {type: text, ask: Well?, show_if: 'years > 3 || years < 9'}", "or"),
        ("q: {type: radiogroup, ask: Well?, choices: {a: A, b: B}}", "type: single_choice"),  # SurveyJS
        ("q: {type: single_choice, ask: Well?, choices: {a: A, b: B}}", "options:"),
        ("q: {type: text, ask: Well?, visibleIf: years > 3}", "show_if:"),
        ("q: {type: text, ask: Well?, isRequired: true}", "required: true"),
        ("q: {type: rating, ask: Well?, rateMax: 5}", "scale:"),
        ("q: {type: rating, ask: Well?, points: 5}", "scale:"),
        ("q: {type: text, ask: Well?, show_if: years notempty}", "answered("),
        ("q: {type: text, ask: Well?, show_if: \"told contains 'boss'\"}", "has("),
        ("q: {type: text, ask: Well?, goto: end}", "show_if:"),  # elsewhere
        ("q: {type: likert, ask: Well?}", "type: rating"),
        ("q: {type: heading, text: Hello}", "type: note"),
    ],
)  # fmt: skip
def test_a_habit_of_another_tool_is_answered_once_with_the_word_used_here(item, named):
    assert named in only_remedy(item)


@pytest.mark.parametrize(
    ("condition", "remedy"),
    [
        ("today - born > 3", "Write days(born, today), the days from the first to the second."),
        ("born + 30 > today", "Count the days between two dates, as in days(left, today) <= 30."),
        ("years is not null", "Write missing(item), or answered(item) for the opposite."),
        ("status.other == 'x'", 'Write status == "other"; the text beside an option cannot be used in conditions.'),
        ("told.boss == 1", 'Write has(told, "boss").'),
        ("told(1) == 1", 'Write has(told, "option") for an option that is chosen, or told alone.'),
        ("[years] > 3", "Write years as it is, without brackets."),
        ("{years} > 3", "Write years as it is, without brackets."),
        ("years.is_empty()", "Write missing(item), or answered(item) for the opposite."),
        ("years ** 2 > 3", "Numbers can be combined with + - * / only."),
        ("years == 3 or 4", "Write the whole comparison again, as in years == 3 or years == 4; or write years in [3, 4]."),
        ("now() > born", "Write today, without brackets: the day on which the response began."),
    ],
)
def test_a_condition_in_another_language_gets_what_to_write(condition, remedy):
    assert only_remedy(f'q: {{type: text, ask: Well?, show_if: "{condition}"}}') == remedy


def test_a_misspelt_type_is_answered_with_the_nearest_or_with_all_types():
    assert only_remedy("q: {type: mutliple_choice, ask: Well?}") == 'Did you mean "multiple_choice"?'
    every = only_remedy("q: {type: xyzzy, ask: Well?}")
    assert all(name in every for name in SHAPES) and "more" not in every


def test_a_price_in_dollars_is_only_warned_about_and_can_be_accepted():
    item = "q: {type: text, ask: 'Is ${years} enough?'}"
    ((code, _, remedy),) = faults_of(item)
    assert (code, remedy) == ("not-piped", "Write {years}: the item's id in braces.")
    assert faults_of(f"{item}  # ok: not-piped") == []
    assert faults_of("q: {type: text, ask: 'See [here](https://www.who.int) and [1] or [sic].'}") == []


def test_a_name_in_two_pairs_of_braces_is_taken_for_a_template():
    ((code, what, remedy),) = faults_of("q: {type: text, ask: 'After {{ years }} years?'}")
    assert (code, remedy) == ("not-piped", "Write {years}: the item's id in braces.") and "{{ years }}" in what
    assert faults_of("q: {type: text, ask: 'Write it in {{braces}}, as {{so}}.'}") == []


def test_no_word_of_another_tool_is_one_of_ours():
    """A word with a meaning here would be explained away."""
    assert not set(TYPES) & set(SHAPES)
    assert type_of("rating") == "" and function_of("has") == ""


def test_every_word_leads_to_a_key_that_some_mapping_has():
    shapes = [*SHAPES.values(), SurveyShape, SectionShape, CheckShape, RosterShape, BandShape, OptionShape]
    shapes += [inside(SurveyShape, key)[1] for key in ("scores", "compute", "arms", "screen_out", "quotas")]
    known = {field.alias or name for shape in shapes for name, field in shape.model_fields.items()}
    assert {key for meanings in KEYS.values() for key in meanings} - {""} <= known
    assert all(remedy.endswith(".") for meanings in KEYS.values() for remedy in meanings.values())
    assert all(remedy.endswith(".") for remedy in TYPES.values())


def test_a_key_is_only_explained_by_one_that_fits_there():
    assert key_of("choices", ["options"])[0] == "options" and key_of("choices", ["range"]) == ("", "")


def test_a_key_whose_word_here_is_there_already_is_to_be_removed():
    (_, _, remedy), = faults_of("q: {type: number, ask: Well?, range: [0, 9], min: 3}")
    assert remedy.endswith("There is a `range` already: remove this, or put the two together.")
