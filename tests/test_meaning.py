"""What a survey means where more than one thing could be meant: names in loops, dates that are worked out, advice."""

from __future__ import annotations

import pytest

from app.survey.codebook import codebook
from app.survey.faults import Fault
from app.survey.source.reading import read_survey


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


# --- names in loops --------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", ["health", "visa"])
def test_an_id_that_only_one_entry_takes_is_a_fault_wherever_the_other_stands(entry: str):
    other = f"weight_{entry}: {{type: text, ask: Which?}}"
    before = LOOP.replace("items: {reasons", f"items: {{{other}, reasons")
    assert told(before) == [(5, "duplicate-id")]
    assert told(LOOP + f"  last: {{items: {{{other}}}}}\n") == [(6, "duplicate-id")]


def test_two_rosters_with_the_same_items_are_told_of_once():
    roster = "roster: {most: 5, entry: post, add: Another?}, items: {post: {type: text, ask: Which?}}"
    assert told(f"title: Jobs\nsections:\n  a: {{{roster}}}\n  b: {{{roster}}}\n") == [(4, "duplicate-id")]


@pytest.mark.parametrize(
    "other",
    [
        "scores: {weight: {label: Weight, mean: [weight]}}",
        "compute: {weight: weight + 1}",
        "compute: {weight: count(reasons)}",
        "arms: {weight: [light, heavy]}",
    ],
)
def test_what_an_item_is_called_in_a_loop_is_nobody_elses_name(other: str):
    assert told(LOOP.replace("sections:", f"{other}\nsections:")) == [(6, "duplicate-id")]


def test_two_loops_over_different_items_do_not_share_a_name():
    """What speaks of `weight` outside them could mean either."""
    more = "  where: {items: {places: {type: multiple_choice, ask: Where?, options: {here: Here, there: There}}}}\n"
    again = "  then: {for_each: places, items: {weight: {type: rating, ask: How much?, scale: much}}}\n"
    assert told(LOOP + more + again) == [(7, "duplicate-id")]
    assert told(LOOP + more + again.replace("weight", "burden")) == []


def test_a_name_of_a_vignettes_ratings_is_nobody_elses():
    source = """title: Cases
sections:
  a: {items: {case_right: {type: text, ask: Right?}}}
  b:
    items:
      case: {type: vignette, text: "{who}", attributes: {who: {doctor: A doctor, nurse: A nurse}}, each_sees: 2, blocks: 2,
             ratings: {right: {ask: Right?, scale: {1: "No", 2: "Yes"}}}}
"""
    assert told(source) == [(7, "duplicate-id")]


def test_columns_that_clash_in_a_loop_are_told_of_where_its_item_stands():
    clash = LOOP.replace(
        "items: {reasons", "items: {kind_visa_new: {type: text, ask: What?}, reasons"
    ).replace(
        "items: {weight",
        "items: {kind: {type: multiple_choice, ask: Which?, options: {new: New, old: Old}}, weight",
    )
    (fault,) = faults_of(clash)
    assert (fault.line, fault.code, fault.remedy) == (5, "duplicate-column", "Give kind another id.")


def test_one_loop_that_cannot_be_read_is_one_fault():
    more = "  last: {items: {more: {type: text, ask: More?, show_if: max(weight) > 1}}}\n"
    assert told(LOOP.replace("for_each: reasons", "for_each: reason") + more) == [(5, "bad-for-each")]
    assert told(LOOP.replace("for_each: reasons", "for_each: weight") + more) == [(5, "bad-for-each")]
    roster = "roster: {most: 5, entry: pots, add: Another?}, items: {post: {type: text, ask: Which?}}"
    follow = "  b: {for_each: a, items: {why: {type: text, ask: Why?, show_if: answered(post)}}}\n"
    assert told(f"title: Jobs\nsections:\n  a: {{{roster}}}\n{follow}") == [(3, "bad-roster")]


def test_a_roster_that_comes_later_is_not_one_that_is_not_there():
    source = """title: Jobs
sections:
  b: {for_each: a, items: {why: {type: text, ask: Why?}}}
  a: {roster: {most: 5, entry: post, add: Another?}, items: {post: {type: text, ask: Which?}}}
"""
    (fault,) = faults_of(source)
    assert fault.what == '"a" is not asked before this'


def test_faults_in_a_loop_speak_of_what_is_written():
    source = LOOP.replace("for_each: reasons,", "for_each: reasons, shuffle: true,").replace(
        "scale: much}}}", 'scale: much}, why: {type: text, ask: "Why {weight}?"}}}'
    )
    whats = [fault.what for fault in faults_of(source)]
    assert whats == [
        '"why" depends on "weight", which a shuffle may put after it',
        '"weight" is asked on the same page',
    ]
    assert "{except: [weight]}" in faults_of(source)[0].remedy


# --- what changes places ---------------------------------------------------------------------------------


def test_the_pages_of_a_loop_stay_while_sections_change_places():
    source = (
        LOOP.replace("sections:", "shuffle: true\nsections:")
        + "  last: {items: {more: {type: text, ask: More?}}}\n"
    )
    instrument, faults = read_survey(
        source.replace("for_each: reasons", "for_each: {item: reasons, where: all}").encode(), "x"
    )
    assert instrument is not None and faults == [] and instrument.shuffle is not None
    assert instrument.shuffle.moving == ("why", "last")
    (fault,) = faults_of(source.replace("shuffle: true", "shuffle: {only: [last, each]}"))
    assert (fault.line, fault.code, fault.what) == (
        3,
        "bad-shuffle",
        '"each" has several pages, which are not shuffled',
    )


def test_a_section_of_vignettes_is_not_shuffled_itself():
    source = """title: Cases
sections:
  b:
    shuffle: true
    items:
      case: {type: vignette, text: "{who}", attributes: {who: {doctor: A doctor, nurse: A nurse}}, each_sees: 2, blocks: 2,
             ratings: {right: {ask: Right?, scale: {1: "No", 2: "Yes"}}}}
"""
    assert told(source) == [(4, "bad-shuffle")]


# --- dates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("latest", ["9999-12-31", "9999-12", "9999", "today + 9999 years"])
def test_the_last_of_all_dates_is_a_date(latest: str):
    assert (
        told(f"title: T\nsections: {{a: {{items: {{d: {{type: date, ask: When?, latest: {latest}}}}}}}}}\n")
        == []
    )


@pytest.mark.parametrize(
    ("written", "day"), [("2028-02", "2028-02-29"), ("2027", "2027-12-31"), ("2027-04-05", "2027-04-05")]
)
def test_a_latest_date_without_day_lasts_to_its_end(written: str, day: str):
    source = f"title: T\nsections: {{a: {{items: {{d: {{type: date, ask: When?, latest: {written}}}}}}}}}\n"
    instrument, _ = read_survey(source.encode(), "x")
    assert instrument is not None and instrument.item["d"].latest.fixed == day  # type: ignore[attr-defined]
