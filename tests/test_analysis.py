"""The analysis plan in a survey file: what it names, and when two plans are the same."""

from __future__ import annotations

import pytest

from app.survey.model import AnalysisPlan, Instrument
from app.survey.source.reading import read_survey
from app.survey.source.stored import read_stored

SURVEY = """\
title: Leaving
sample: 400
arms: {cause: [burnout, visa]}
compute: {long: years > 10}
analysis:
  primary:
    stay:  # who thinks of leaving
      question: Who thinks of leaving?
      hypothesis: Those who {have} practised for long.
      item: status
      share: [stays, thinks]
      where: years > 5
    years: {question: How long?, item: years, contrast: {cause: [visa, burnout]}}
  notes: |
    Nothing else
    is planned.
sections:
  you:
    items:
      status: {type: single_choice, ask: Which?, options: {left: Left, thinks: Thinks of it, stays: Stays}}
      years: {type: number, ask: How many?, range: [0, 50]}
"""


def read(source: str) -> Instrument:
    instrument, faults = read_survey(source.encode(), "x")
    assert instrument is not None, faults
    return instrument


def plan(source: str) -> AnalysisPlan:
    found = read(source).analysis
    assert found is not None
    return found


def test_a_plan_is_read_with_its_estimates_in_the_order_of_the_file() -> None:
    stay, years = plan(SURVEY).primary
    assert (stay.name, stay.item, stay.base, stay.careful, stay.contrast) == ("stay", "status", "complete", False, None)
    assert stay.share == ("thinks", "stays") and stay.where is not None and stay.where.source == "years > 5"
    assert stay.hypothesis is not None and stay.hypothesis.plain == "Those who {have} practised for long."
    assert years.share == () and years.contrast is not None
    assert (years.contrast.by, years.contrast.first, years.contrast.second) == ("cause", "visa", "burnout")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  # who thinks of leaving", "  # another comment"),
        ("share: [stays, thinks]", "share: ['thinks', \"stays\"]"),
        ("where: years > 5", "base: complete\n      where: 'years  >  5'\n      careful: false"),
        ("  notes: |\n    Nothing else\n    is planned.", "  notes: >-\n    Nothing else is\n    planned."),
        ("      item: status\n      share: [stays, thinks]\n", "      share: [stays, thinks]\n      item: status\n"),
        ("title: Leaving", "title: Leaving practice"),
    ],
)
def test_plans_that_decide_the_same_have_one_digest(before: str, after: str) -> None:
    assert SURVEY.count(before) == 1
    assert plan(SURVEY.replace(before, after)).digest == plan(SURVEY).digest


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[visa, burnout]}}", "[burnout, visa]}}"),
        ("share: [stays, thinks]", "share: [stays]"),
        ("sample: 400", "sample: 4000"),
        ("where: years > 5", "where: years > 6"),
        ("is planned.", "is decided."),
    ],
)
def test_plans_that_decide_otherwise_have_two_digests(before: str, after: str) -> None:
    assert SURVEY.count(before) == 1
    assert plan(SURVEY.replace(before, after)).digest != plan(SURVEY).digest


def test_a_plan_makes_no_other_version_of_the_survey() -> None:
    start, end = SURVEY.index("analysis:"), SURVEY.index("sections:")
    without = read(SURVEY[:start] + SURVEY[end:])
    assert without.analysis is None and without.fingerprint == read(SURVEY).fingerprint


def test_a_plan_adds_nothing_to_what_a_response_stores() -> None:
    """The day of answering is stored only where the survey itself uses it."""
    source = SURVEY.replace("where: years > 5", "where: year(today) > 2026")
    assert [fault.code for fault in read_survey(source.encode(), "x")[1]] == ["condition-unknown-name"]


def test_the_share_of_a_computed_truth_needs_no_code() -> None:
    (found,) = plan(SURVEY[: SURVEY.index("    stay:")] + "    long: {question: Who?, item: long}\n" + SURVEY[SURVEY.index("sections:") :]).primary
    assert found.share == (1,)


def test_a_stored_version_is_read_even_if_its_plan_no_longer_fits() -> None:
    """The rules for plans may become stricter; what was asked stays the same."""
    source = SURVEY.replace("item: years, contrast", "item: yeers, contrast")
    assert read_survey(source.encode(), "x")[0] is None
    stored = read_stored(source, "x")
    assert stored is not None and stored.analysis is not None and [each.name for each in stored.analysis.primary] == ["stay"]


def test_a_stored_version_is_read_even_if_its_weights_no_longer_fit() -> None:
    """It then has none: weights to those of the variables that are left would be others."""
    source = """
title: T
weights: {rake: {field: {near: 0.5, far: 0.5}, stage: {early: 0.5, never: 0.5}}}
sections:
  s:
    items:
      field: {type: single_choice, ask: Field?, options: {near: Near, far: Far}}
      stage: {type: single_choice, ask: Stage?, options: {early: Early, late: Late}}
"""
    assert read_survey(source.encode(), "x")[0] is None
    stored = read_stored(source, "x")
    assert stored is not None and stored.weights is None


COMPARED = """
title: T
arms: {cause: [burnout, visa]}
analysis:
  primary:
    seen: {question: Q?, item: seen, PLANNED}
sections:
  s:
    items:
      status: {type: single_choice, ask: Which?, options: {left: Left, stays: Stays}}
      hours: {type: number, ask: Hours?, range: [0, 80], show_if: status == "stays"}
      seen: {type: rating, ask: How?, scale: {1: Badly, 2: So so, 3: Well}}
scores: {load: {label: Load, mean: [hours, seen]}}
"""


@pytest.mark.parametrize(
    ("planned", "codes"),
    [
        ("contrast: {cause: [visa, burnout]}", []),
        ("contrast: {cause: [visa, burnout]}, where: hours > 20", []),
        ("contrast: {status: [stays, left]}, where: hours > 20", ["bad-analysis"]),
        ("contrast: {status: [stays, left]}, where: missing(hours) or hours < 9", []),
        ("contrast: {cause: [visa, burnout]}, where: cause != \"burnout\"", ["bad-analysis"]),
        ("where: hours > 20 and status == \"left\"", ["bad-analysis"]),
        ("where: seen >= 2", ["selects-on-outcome"]),
        ("where: load >= 2", ["selects-on-outcome"]),
        ("where: answered(seen)", []),
    ],
)
def test_each_side_of_an_estimate_can_have_a_response(planned: str, codes: list[str]) -> None:
    faults = read_survey(COMPARED.replace("PLANNED", planned).encode(), "x")[1]
    assert [fault.code for fault in faults if fault.line == 6] == codes


def test_a_stored_version_is_read_even_if_no_response_can_enter_its_plan() -> None:
    source = COMPARED.replace("PLANNED", "where: hours > 90")
    assert read_survey(source.encode(), "x")[0] is None
    stored = read_stored(source, "x")
    assert stored is not None and stored.analysis is not None and [each.name for each in stored.analysis.primary] == ["seen"]
