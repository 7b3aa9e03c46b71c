"""Warnings about wording, measurement and privacy: raised where a methodologist would, and only there."""

from __future__ import annotations

import pytest

from app.survey.source.reading import read_survey
from app.survey.vignettes.balance import rank


def warned(items: str, top: str = "") -> list[str]:
    """The codes of the warnings about these items."""
    source = f"title: Warned\n{top}\nsections:\n  one:\n    items:\n{items}"
    instrument, faults = read_survey(source.encode(), "warned")
    assert instrument is not None, faults
    return [fault.code for fault in faults]


def statement(words: str) -> str:
    return f"      seen: {{type: matrix, ask: How far?, scale: {{1: Not at all, 2: Fully}}, statements: {{one: '{words}'}}}}\n"


@pytest.mark.parametrize(
    "words",
    [
        "The work is heavy and badly paid", "My colleagues listen and help", "I like my ward as well as my office",
    ],
)  # fmt: skip
def test_a_statement_of_two_things_is_warned_about(words):
    assert warned(statement(words)) == ["double-barrelled"]


@pytest.mark.parametrize(
    "words",
    [
        # The nine items of the PHQ-9 (K. Kroenke, R. L. Spitzer, J. B. W. Williams 2001, J Gen Intern Med 16, 606-613).
        "Little interest or pleasure in doing things", "Feeling down, depressed, or hopeless",
        "Trouble falling or staying asleep, or sleeping too much", "Feeling tired or having little energy",
        "Poor appetite or overeating",
        "Feeling bad about yourself, or that you are a failure or have let yourself or your family down",
        "Trouble concentrating on things, such as reading the newspaper or watching television",
        "Moving or speaking so slowly that other people could have noticed? Or the opposite",
        "Thoughts that you would be better off dead or of hurting yourself in some way",
        "Two shifts or more", "Alone (with and without a trainee)", "Tasks such as letters and referrals",
        "A ward or other unit", "1 being none and 10 being all", "Between home and work", "It gets better and better",
        "Terms and conditions",
    ],
)  # fmt: skip
def test_a_statement_that_is_one_thing_is_not_warned_about(words):
    assert warned(statement(words)) == []


@pytest.mark.parametrize(
    "item",
    [
        "sure: {type: single_choice, ask: Do you take part?, required: true, options: {agree: I agree, leave: No}}",
        "years: {type: number, ask: How many years?, required: true, range: [0, 70]}",
        "mood: {type: rating, ask: How are you?, required: true, scale: {1: Bad, 2: Good}}",
        "debt: {type: number, ask: What do you owe?, required: true, sensitive: true, decline: true, range: [0, 70]}",
    ],
)
def test_a_required_item_that_everyone_can_answer_is_not_warned_about(item):
    assert warned(f"      {item}\n      last: {{type: text, ask: Why?}}\n") == []


def test_points_that_are_no_reasons_and_words_that_differ_are_left_alone():
    scale = "{1: Don't know them well, 2: Know them well, 3: null, 4: null}"
    assert warned(f"      well: {{type: rating, ask: How well?, scale: {scale}}}\n") == []
    grouped = "{here: {group: Here, options: {a: Other}}, there: {group: There, options: {b: Other}}}"
    assert warned(f"      where: {{type: dropdown, ask: Where?, options: {grouped}}}\n") == []


def test_a_scale_that_several_items_share_is_warned_about_once():
    top = "scales: {amount: {1: Little, 2: Much, 99: Prefer not to say}}"
    items = "      a: {type: rating, ask: A?, scale: amount}\n      b: {type: rating, ask: B?, scale: amount}\n"
    assert warned(items, top) == ["reason-as-point"]


def test_a_score_of_similar_parts_or_a_sum_of_test_results_is_not_warned_about():
    items = """      a: {type: rating, ask: A?, scale: {0: No, 1: A bit, 2: Yes}}
      b: {type: rating, ask: B?, scale: {0: No, 1: A bit, 2: Some, 3: Yes}}
      c: {type: number, ask: How many of 15?, range: [0, 15]}
"""
    assert warned(items, "scores: {s: {label: S, mean: [a, b]}, t: {label: T, sum: [a, b, c]}}") == []
    assert warned(items, "scores: {s: {label: S, mean: [a, c]}}") == ["unlike-parts"]


def test_many_identifying_digits_are_not_printed():
    items = "".join(f"      i{n}: {{type: text, ask: A word?, identifying: true}}\n" for n in range(60))
    source = f"title: T\nprivacy: confidential\nsections:\n  one:\n    items:\n{items}"
    ((code, what),) = [(fault.code, fault.what) for fault in read_survey(source.encode(), "t")[1]]
    assert code == "identity-risk" and "have more than a thousand million combinations" in what
    ((_, what),) = [(fault.code, fault.what) for fault in read_survey(f"sample: 400\n{source}".encode(), "t")[1]]
    assert "i0 (1000000), i1 (1000000)" in what and what.endswith("would be alone in theirs")


def test_a_long_condition_is_not_cut_before_its_cause():
    known = " and ".join(f"answered(i{n})" for n in range(9))
    items = "".join(f"      i{n}: {{type: number, ask: How many?, range: [0, 9]}}\n" for n in range(9))
    items += f"      last: {{type: text, ask: Why?, show_if: {known} and i0 > 3 and i1 > 2 and i0 < 2}}\n"
    source = f"title: T\nsections:\n  one:\n    items:\n{items}"
    (fault,) = read_survey(source.encode(), "t")[1]
    assert fault.what == '"last" is never shown: `i0 > 3 and i0 < 2` is never true, whatever is answered'


def test_words_in_quotes_are_no_names_of_a_circle():
    top = 'compute: {left: "1 if status == \'right\' else 0", right: "1 if status == \'left\' else 0"}'
    assert warned("      status: {type: single_choice, ask: Where?, options: {left: L, right: R}}\n", top) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([[1, 0], [0, 1]], 2), ([[1, 2], [2, 4]], 1), ([[1, 1, 0], [1, 0, 1], [0, 1, -1]], 2), ([[0, 0]], 0)],
)
def test_rank_of_a_matrix(rows, expected):
    assert rank(iter(rows)) == expected


def test_names_of_columns_that_stata_would_confuse_are_told_once():
    items = "".join(f"      the_support_of_colleagues_in_the_unit_{n}: {{type: text, ask: 'A?'}}\n" for n in "abc")
    assert warned(items) == ["long-column"]
