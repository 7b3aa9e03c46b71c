"""What a survey means where more than one thing could be meant: names in loops, dates that are worked out, advice."""

from __future__ import annotations

import pytest

from app.errors import Fault
from app.instrument import read_survey
from app.instrument.codebook import codebook


def faults_of(source: str) -> list[Fault]:
    return read_survey(source.encode(), "leaving")[1]


def told(source: str) -> list[tuple[int, str]]:
    """The line and the code of each fault."""
    return [(fault.line, fault.code) for fault in faults_of(source)]


# --- dates that are worked out ---------------------------------------------------------------------------

MONTHS = """title: Leaving
compute: {went: {label: Went, value: left}}
sections:
  a: {items: {left: {type: date, ask: When?, precision: month, required: true}, day: {type: date, ask: On which day?}}}
  b: {items: {why: {type: text, ask: Why?, show_if: went >= date("2020-01")}}}
"""


def test_a_date_that_is_worked_out_has_the_precision_of_what_it_is_worked_out_from():
    instrument, faults = read_survey(MONTHS.encode(), "leaving")
    assert instrument is not None and faults == []
    went = next(each for each in codebook(instrument).variables if each.name == "went")
    assert (went.kind, went.precision) == ("date", "month")
    assert told(MONTHS.replace('"2020-01"', '"2020-01-01"')) == [(5, "condition-precision")]


def test_a_computed_date_keeps_its_precision_where_another_date_decides_which_it_is():
    source = MONTHS.replace("value: left", 'value: left if day > date("2020-01-01") else date("2020-02")')
    instrument, _ = read_survey(source.encode(), "leaving")
    assert instrument is not None and instrument.computed[0].precision == "month"


# --- advice ----------------------------------------------------------------------------------------------

LOOP = """title: Leaving
scales: {much: {1: Little, 2: Much}}
sections:
  why: {items: {reasons: {type: multiple_choice, ask: Why?, options: {health: Health, visa: A visa not renewed}}}}
  each: {for_each: reasons, items: {weight: {type: rating, ask: "How much did {entry} weigh?", scale: much}}}
"""


def test_a_long_text_that_is_asked_for_each_entry_is_told_of_once():
    assert told(LOOP.replace("How much", f"How {'much ' * 60}")) == [(5, "long-text")]


def test_scales_with_codes_below_zero_are_known_to_run_in_both_directions():
    scales = "scales: {to: {-2: Bad, -1: Rather bad, 1: Rather good, 2: Good},\n         fro: {-2: Good, -1: Rather good, 1: Rather bad, 2: Bad}}"
    source = f"title: Leaving\n{scales}\nsections: {{a: {{items: {{x: {{type: rating, ask: How?, scale: to}}, y: {{type: rating, ask: How?, scale: fro}}}}}}}}\n"
    assert told(source) == [(3, "both-directions")]


@pytest.mark.parametrize(
    ("item", "answers"),
    [
        ("type: best_worst, best: Best, worst: Worst, options: {a: A, b: B, c: C}", 6),
        ("type: ranking, options: {a: A, b: B, c: C, d: D}, top: 2", 12),
        ("type: constant_sum, total: 3, options: {a: A, b: B, c: C}", 10),
        ("type: number, range: [0, 2], decimals: 1", 21),
        ("type: slider, range: [0, 100], step: 25", 5),
        ("type: text", 1_000_000),
        ("type: multiple_choice, options: {" + ", ".join(f"c{n}: C" for n in range(30)) + "}", 1_000_000),
    ],
)  # fmt: skip
def test_identity_risk_counts_how_many_answers_there_are(item: str, answers: int):
    source = f"title: Leaving\nsample: 5\nsections:\n  a: {{items: {{x: {{ask: What?, identifying: true, {item}}}}}}}\n"
    (risk,) = [fault for fault in faults_of(source) if fault.code == "identity-risk"]
    assert risk.what.startswith(f"x ({answers}) together have {answers:,} combinations")
