"""Labels of results: headings without pipes, conditions in words, the poles of scales, one way to round."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.results.charts.captions import mean_and_interval, number, percent
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.results.statistics.intervals import Estimate
from app.results.statistics.rounding import percent_of
from app.survey.labels.asked_of import ConditionWords
from app.survey.labels.headings import in_common, without_pipes
from app.survey.labels.poles import has_poles, pole_names
from app.survey.versions.fingerprint import fingerprint
from tests.support.answers import given_response, instrument, instrument_of

# --- conditions in words --------------------------------------------------------------------------------------

CONDITIONS = """
title: T
arms: {cause: {burnout: Burnout, family: The family}}
compute: {long: {label: A long career, value: years > 30}}
scales:
  likely: {1: Very unlikely, 2: Unlikely, 3: Perhaps, 4: Likely, 5: Very likely}
sections:
  s:
    items:
      status:
        type: single_choice
        ask: Where are you?
        decline: true
        options: {left: Left the clinic, returned: Came back, stayed: In the clinic}
      years: {type: number, ask: How many years?, range: [0, 70]}
      debt: {type: single_choice, ask: Are you in debt?, options: {yes: "Yes", no: "No"}}
      reasons: {type: multiple_choice, ask: Why?, options: {pay: Better pay, rota: The rota, other: Something else}}
      intent: {type: matrix, ask: How likely are you to leave?, scale: likely, statements: {job: Your job, medicine: Medicine}}
      day: {type: date, ask: Since when?}
"""


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('status in ["left", "returned"]', "who chose “Left the clinic” or “Came back”"),
        ('status != "stayed"', "who chose anything but “In the clinic”"),
        ('not (status == "stayed")', "who chose anything but “In the clinic”"),
        ('debt == "yes"', "who answered “Yes” to “Are you in debt?”"),
        ("years > 5", "who gave more than 5 for “How many years?”"),
        ("5 <= years <= 10", "who gave 5 to 10 for “How many years?”"),
        ("not (years > 5)", "who gave 5 or less for “How many years?”"),
        ("intent.job >= 4", "who answered “Likely” or higher to “Your job”"),
        ("intent.job > 4", "who answered “Very likely” to “Your job”"),
        ("intent.job < 3", "who answered “Unlikely” or lower to “Your job”"),
        ("max(intent.job, intent.medicine) >= 4", "who answered “Likely” or higher to “Your job” or “Medicine”"),
        ("min(intent) >= 4", "who answered “Likely” or higher to every part of “How likely are you to leave?”"),
        ("any(intent == 5)", "who answered “Very likely” to any part of “How likely are you to leave?”"),
        ('has(reasons, "pay")', "who chose “Better pay”"),
        ('not has(reasons, "pay")', "who did not choose “Better pay”"),
        ('all_of(reasons, ["pay", "rota"])', "who chose “Better pay” and “The rota”"),
        ("count(reasons) >= 2", "who chose 2 or more for “Why?”"),
        ("answered(years)", "who answered “How many years?”"),
        ("not answered(years)", "who left “How many years?” open"),
        ("declined(status)", "who preferred not to answer “Where are you?”"),
        ('day < date("2020-01-01")', "who gave a date before 2020-01-01 for “Since when?”"),
        ("long", "for whom “A long career” is true"),
        ('cause == "family"', "who were assigned “The family”"),
        ('status == "left" and years > 5', "who chose “Left the clinic” and who gave more than 5 for “How many years?”"),
        ('status == "left" and (years > 5 or debt == "no")',
         "who chose “Left the clinic” and either who gave more than 5 for “How many years?” or who answered “No” to “Are you in debt?”"),
        ('status in ["left", "returned"] and status == "left"', "who chose “Left the clinic”"),
        ("years * 2 > 10", None),
        ('(status == "left" and (years > 5 or (debt == "no" and long))) or long', None),
    ],
)  # fmt: skip
def test_a_condition_reads_as_of_whom_something_is_asked(condition, words):
    asked = instrument(CONDITIONS)
    assert ConditionWords(asked).words(condition) == words


def test_every_condition_of_the_examples_is_worded_or_given_up_and_none_fails():
    worded = []
    for file in sorted(Path("surveys").rglob("*.yaml")):
        if file.name.count(".") > 1:
            continue
        words = ConditionWords(asked := instrument_of(file))
        for section in asked.sections:
            worded += [words.words(each.show_if.source) for each in (section, *section.items) if each.show_if is not None]
    assert len(worded) > 100 and sum(each is None for each in worded) < len(worded) / 5


# --- poles ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "labels",
    [
        ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"],
        ["Only failure", "", "", "", "Only growth"],
        ["Entirely forced on me", "More forced", "As much one as the other", "More chosen", "Entirely my choice"],
        ["Bad", "Fair", "Good"],
        ["Stimme gar nicht zu", "Teils, teils", "Stimme völlig zu"],
        ["Viel schlechter", "Gleich", "Viel besser"],
        ["Pas du tout d’accord", "Neutre", "Tout à fait d’accord"],
        ["Muy en desacuerdo", "Neutral", "Muy de acuerdo"],
        ["لا أوافق بشدة", "محايد", "أوافق بشدة"],
    ],
)
def test_a_scale_between_opposites_has_two_poles(labels):
    assert has_poles(tuple(labels)) and has_poles(tuple(labels[::-1]))


@pytest.mark.parametrize(
    "labels",
    [
        ["Not at all", "A little", "Somewhat", "Largely", "Completely"],
        ["No obstacle", "A small obstacle", "A large obstacle"],
        ["On no day", "On half the days", "On every day"],
        ["Never", "Sometimes", "Always"],
        ["No", "Yes"],
        ["Gar nicht", "Etwas", "Völlig"],
        ["Jamais", "Parfois", "Toujours"],
        ["Nunca", "A veces", "Siempre"],
        ["لا شيء", "قليل", "كثير"],
        ["Low", "Middle", "High"],
        ["", "", ""],
        ["Not", "", ""],
    ],
)
def test_a_scale_from_nothing_to_much_has_no_poles(labels):
    assert not has_poles(tuple(labels))


def test_poles_are_named_without_what_the_labels_have_in_common():
    assert pole_names("Only failure", "Only growth") == ("failure", "growth")
    assert pole_names("Strongly disagree", "Strongly agree") == ("disagree", "agree")
    assert pole_names("Bad", "Good") == ("Bad", "Good")


def test_a_file_can_say_that_a_scale_has_poles_and_makes_no_new_version_by_it():
    written = "title: T\nscales: {s: {1: Low, 2: High%s}}\nsections: {a: {items: {q: {type: rating, ask: Q?, scale: s}}}}"
    found = [instrument(written % poles) for poles in ("", ", poles: true", ", poles: false")]
    assert [each.scale_poles for each in found] == [{}, {"q": True}, {"q": False}]
    assert len({each.fingerprint for each in found}) == 1 and [len(each.item["q"].scale) for each in found] == [2, 2, 2]
    assert fingerprint({"poles": "a text"}, {}) != fingerprint({}, {})
    frame = Frame([found[1]])
    assert figures(frame).items[0].parts[0].has_poles


# --- headings -------------------------------------------------------------------------------------------------


def test_a_heading_names_short_arms_and_leaves_other_pipes_open():
    known = {"cause": ["burnout", "family"], "field": (), "long": ["a" * 40, "b" * 40]}
    assert without_pipes("Because of {cause}?", known) == "Because of burnout / family?"
    assert without_pipes("Your years in {field}, {long}", known) == "Your years in …, …"
    assert without_pipes("Literal {braces}", known) == "Literal {braces}"


def test_what_several_texts_have_in_common_is_one_text():
    assert in_common(["How much does pay weigh?", "How much does the rota weigh?"]) == "How much does … weigh?"
    assert in_common(["How much: Pay?", "How much: The rota?"]) == "How much: …?"
    assert in_common(["Pay", "Rota"]) == "Pay"
    assert in_common(["Same", "Same"]) == "Same"


# --- rounding -------------------------------------------------------------------------------------------------


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0, 1]))
def test_a_share_is_rounded_as_the_exact_fraction_is_with_halves_away_from_zero(pair, places):
    count, n = pair
    exact = Fraction(100 * count * 10**places, n)
    assert percent_of(count / n, places) == Decimal((2 * exact.numerator + exact.denominator) // (2 * exact.denominator)) / 10**places


def test_forty_six_of_eighty_are_fifty_eight_percent_everywhere():
    asked = instrument("title: T\nsections: {a: {items: {q: {type: single_choice, ask: Q?, options: {a: A, b: B}}}}}")
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"q": "a" if n < 46 else "b"}) for n in range(80)])
    assert percent(figures(frame).items[0].parts[0].cells[0].share, "en") == "58%"
    assert (percent(0.005, "en"), percent(0.015, "en"), percent(0.025, "de"), percent(0.5749, "en")) == ("1%", "2%", "3\u00a0%", "57%")


def test_small_numbers_keep_two_significant_digits():
    assert [number(value, "en") for value in (0.004, 0.0123, 0.5, 3.14159, 250.25, 0)] == ["0.004", "0.012", "0.5", "3.14", "250.3", "0"]
    assert mean_and_interval(Estimate(0.0042, 0.0031, 0.0053, 90), "en") == "0.0042 [0.0031–0.0053]"
    assert mean_and_interval(Estimate(59.74, 58.21, 61.27, 749), "en") == "59.7 [58.2–61.3]"
    assert mean_and_interval(Estimate(4.0, 1.4, 6.6, 4), "en") == "4"
