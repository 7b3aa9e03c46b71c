"""What leaves: the CSV reads back to what was answered, runs nothing, and is described column by column."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exports.codebook import codebook_csv, codebook_markdown
from app.exports.csv import csv_of_changes, neutral, neutral_text
from app.exports.table import ResponseTable
from app.interview.tokens import Token, new_secret
from app.results.frame.frame import Frame
from app.survey.codebook import codebook, merged
from tests.support.answers import (
    DISPOSITIONS,
    EVERY_TYPE,
    EVERYTHING,
    WORDS,
    answers_to,
    given_response,
    instrument,
    response_id,
)
from tests.support.exports import assert_reads_back, exported, framed, plain_text, read_back, rows_of
from tests.support.surveys import in_languages, instruments

ASKED = instrument()
BOOK = codebook(ASKED)
ALL = in_languages(instrument(EVERYTHING), ("en", "de"))


# --- there and back -----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(answers_to(ASKED), DISPOSITIONS), min_size=1, max_size=5))
def test_an_export_reads_back_to_what_was_answered(responses):
    assert_reads_back(ASKED, responses)


@given(st.lists(st.tuples(answers_to(ALL), DISPOSITIONS), min_size=1, max_size=5))
def test_an_export_of_everything_reads_back_to_what_was_answered(responses):
    assert_reads_back(ALL, responses)


@given(st.data())
def test_an_export_of_any_survey_reads_back_and_agrees_with_its_codebook(draw):
    asked = draw.draw(instruments())
    assert_reads_back(asked, draw.draw(st.lists(st.tuples(answers_to(asked), DISPOSITIONS), min_size=1, max_size=5)))


@given(st.lists(st.tuples(answers_to(ASKED), DISPOSITIONS), max_size=12), st.integers(1, 5))
def test_an_export_from_storage_is_the_export_of_the_frame(responses, batch):
    changes = sorted(
        (given_response(ASKED, n, answers, how) for n, (answers, how) in enumerate(responses)),
        key=lambda c: c.id,
    )
    heard = []
    batches = [changes[start : start + batch] for start in range(0, len(changes), batch)]
    streamed = b"".join(csv_of_changes([ASKED], batches, progress=heard.append))
    whole = exported(framed(changes))
    assert sorted(read_back(streamed, BOOK), key=str) == sorted(read_back(whole, BOOK), key=str)
    assert sum(heard) == len(changes)


def test_the_rows_come_in_the_order_of_their_random_ids_in_slices_of_any_number():
    frame = Frame([ASKED])
    for start in range(0, 300, 20):
        frame.take([given_response(ASKED, n, {"status": "left"}) for n in range(start, start + 20)])
    order = [row["response_id"] for row in rows_of(exported(frame))]
    assert sorted(order) == sorted(map(response_id, range(300)))
    assert order != list(map(response_id, range(300)))
    again = Frame([ASKED])
    again.take([given_response(ASKED, n, {"status": "left"}) for n in reversed(range(300))])
    assert [row["response_id"] for row in rows_of(exported(again))] == order


def test_withdrawn_responses_are_not_exported():
    changes = [given_response(ASKED, 1, {"status": "left"}), given_response(ASKED, 2, {}, "withdrawn")]
    assert [row["response_id"] for row in rows_of(exported(framed(changes)))] == [response_id(1)]
    assert len(rows_of(b"".join(csv_of_changes([ASKED], [changes])))) == 1


# --- columns and values -------------------------------------------------------------------------------------


def test_the_columns_are_those_that_scripts_rely_on():
    columns = [
        "response_id", "disposition", "language", "instrument",
        "status", "status_other", "years", "reasons_burnout", "reasons_visa", "reasons_other", "reasons_nothing",
        "reasons_other_text", "sure", "seen_failed", "seen_grew", "word", "more",
        "status_missing", "status_other_missing", "years_missing", "reasons_missing", "reasons_other_text_missing",
        "sure_missing", "seen_failed_missing", "seen_grew_missing", "word_missing", "more_missing",
        "began", "completed", "minutes",
    ]  # fmt: skip
    for frame in (Frame([ASKED]), framed([given_response(ASKED, 1, {"status": "left"})])):
        assert exported(frame).decode("utf-8-sig").splitlines()[0] == ",".join(columns)


def test_the_day_of_completion_makes_way_for_an_item_called_completed():
    asked = instrument("title: T\nsections: {one: {items: {completed: {type: number, ask: Completed years?, range: [0, 70]}}}}\n")
    frame = framed([given_response(asked, 1, {"completed": 4}, day=3)], asked)
    (row,) = rows_of(exported(frame))
    assert (row["completed"], row["completed_on"]) == ("4", "2026-12-04")
    described = {row["name"]: row["question"] for row in csv.DictReader(io.StringIO(codebook_csv(codebook(asked)).decode("utf-8-sig")))}
    assert described["completed"] == "Completed years?" and described["completed_on"].startswith("the day on which")
    assert_reads_back(asked, [({"completed": 4}, "complete")])


def test_codes_and_labels_missing_reasons_and_zero_or_one():
    answers = {"status": "left", "years": {"missing": "declined"}, "reasons": ["visa"], "seen.failed": 2}
    changes = [
        given_response(ASKED, 1, answers, day=3, minutes=12),
        given_response(ASKED, 2, {"status": "other"}, "open"),
    ]
    codes = {row["response_id"]: row for row in rows_of(exported(framed(changes)))}
    first, second = codes[response_id(1)], codes[response_id(2)]
    assert {name: first[name] for name in ("disposition", "language", "instrument", "began", "completed", "minutes")} == {
        "disposition": "complete", "language": "en", "instrument": ASKED.digest[:12],
        "began": "2026-12-04", "completed": "2026-12-04", "minutes": "12",
    }  # fmt: skip
    assert [first[name] for name in ("status", "reasons_burnout", "reasons_visa", "seen_failed")] == [
        "left",
        "0",
        "1",
        "2",
    ]
    assert [first[name] for name in ("years", "years_missing", "sure_missing", "more_missing")] == [
        "", "declined", "not_shown", "not_reached",
    ]  # fmt: skip
    assert (second["disposition"], second["completed"], second["minutes"], second["seen_failed_missing"]) == (
        "partial", "", "", "not_reached",
    )  # fmt: skip
    (labels,) = [
        row
        for row in rows_of(exported(framed(changes), values="labels"))
        if row["response_id"] == response_id(1)
    ]
    assert [labels[name] for name in ("status", "reasons_visa", "seen_failed")] == ["Left", "1", "Disagree"]


MIXED = """
title: Mixed
arms: {cause: [burnout, family]}
scores: {view: {label: View, mean: [year, share], at_least: 2}}
screen_out: {out: {when: year > 9, text: Thanks}}
sections:
  one:
    items:
      share: {type: number, ask: Share?, range: [-5, 9], decimals: 2}
      year: {type: slider, ask: Year?, range: [0, 10]}
  two:
    items:
      day: {type: date, ask: Day?}
      tone: {type: semantic_differential, ask: Tone?, flip: true, pairs: {warm: [Cold, Warm], open: [Closed, Open]}}
      best: {type: ranking, ask: Rank?, top: 1, shuffle: true, options: {pay: Pay, time: {label: Time, show_if: share > 0}}}
"""


def mixed(answers, **how) -> dict[str, str]:
    asked = instrument(MIXED)
    given = {"cause": "family", "tone~poles": [], "best~order": ["time", "pay"]}
    (row,) = rows_of(
        exported(
            framed([given_response(asked, 1, given | answers, how.pop("stored", "complete"))], asked), **how
        )
    )
    return row


def test_decimals_dates_ranks_orders_arms_and_scores_are_written_as_they_were_given():
    row = mixed({"share": 2.5, "year": 2, "day": "2026-11-22", "best": ["time"], "tone.warm": 7})
    wanted = {
        "share": "2.5", "year": "2", "day": "2026-11-22", "best_time": "1", "best_pay": "0", "cause": "family",
        "tone_poles": "-", "best_order": "time pay", "view": "2.25", "ended": "", "tone_open_missing": "not_reached",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    assert [mixed({"share": share})["share"] for share in (-1.25, 3.0, 0.1)] == ["-1.25", "3", "0.1"]
    labels = mixed({"share": 2.5, "best": ["time"]}, values="labels")
    assert (labels["best_time"], labels["best_pay"], labels["cause"]) == ("1st", "not the first", "family")


def test_an_option_that_was_not_offered_has_a_reason_of_its_own():
    row = mixed({"share": -1, "best": ["pay"], "year": {"missing": "declined"}})
    assert (row["best_pay"], row["best_time"], row["best_time_missing"], row["best_missing"]) == (
        "1",
        "",
        "not_shown",
        "",
    )
    assert (row["view"], row["view_missing"]) == ("", "declined")


COMPONENTS = """
title: Components
scales: {three: {1: Low, 2: Middle, 3: High}}
sections:
  one:
    items:
      r: {type: ranking, ask: All?, decline: true, options: {a: A, b: B, c: C}}
      t: {type: ranking, ask: Two?, top: 2, options: {a: A, b: B, c: C}}
      m: {type: multiple_choice, ask: Many?, options: {a: A, b: {label: B, show_if: 'has(r, "b")'}}}
      k: {type: matrix, ask: How?, scale: three, decline: true, statements: {x: X, y: Y}}
      d: {type: semantic_differential, ask: It is, points: 3, pairs: {x: [X, Not X], y: [Y, Not Y]}}
      s: {type: constant_sum, ask: Sum?, total: 9, options: {a: A, b: {label: B, show_if: 'has(r, "b")'}}}
      w: {type: best_worst, ask: Ends?, best: Best, worst: Worst, options: {a: A, b: B}}
"""
SHORT, SKIPPED = {"r": ["c", "a"], "t": ["b"]}, {"missing": "skipped"}


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        (SHORT, {"r_a": "2", "r_b": "", "r_c": "1", "r_a_missing": "", "r_b_missing": "skipped", "r_missing": ""}),
        (SHORT, {"t_a": "", "t_b": "1", "t_c": "", "t_a_missing": "skipped", "t_c_missing": "skipped", "t_missing": ""}),
        ({"t": ["b", "c"]}, {"t_a": "0", "t_b": "1", "t_c": "2", "t_a_missing": "", "t_missing": ""}),
        ({"r": SKIPPED}, {"r_a": "", "r_missing": "skipped", "r_a_missing": "skipped", "r_c_missing": "skipped"}),
        ({"r": {"missing": "declined"}}, {"r_missing": "declined", "r_b_missing": "declined"}),
        ({}, {"r_missing": "not_reached", "r_b_missing": "not_reached"}),
        (SHORT | {"m": ["a"]}, {"m_a": "1", "m_b": "", "m_missing": "", "m_b_missing": "not_shown"}),
        (SHORT | {"m": SKIPPED}, {"m_a": "", "m_b": "", "m_missing": "skipped", "m_b_missing": "not_shown"}),
        ({"k.x": 2, "k.y": {"missing": "declined"}}, {"k_x": "2", "k_y": "", "k_x_missing": "", "k_y_missing": "declined"}),
        ({"d.x": SKIPPED, "d.y": 3}, {"d_x": "", "d_y": "3", "d_x_missing": "skipped", "d_y_missing": ""}),
        (SHORT | {"s.a": 9}, {"s_a": "9", "s_b": "", "s_a_missing": "", "s_b_missing": "not_shown"}),
        ({"w.best": "a", "w.worst": SKIPPED}, {"w_best": "a", "w_worst": "", "w_best_missing": "", "w_worst_missing": "skipped"}),
    ],
)  # fmt: skip
def test_each_component_of_an_answer_has_its_own_value_and_reason(answers, wanted):
    asked = instrument(COMPONENTS)
    content = exported(framed([given_response(asked, 1, answers)], asked))
    (row,) = rows_of(content)
    assert {name: row[name] for name in wanted} == wanted
    (back,) = read_back(content, codebook(asked))
    assert back.answers == answers


def test_what_comes_after_a_screen_out_was_not_shown():
    row = mixed({"share": 1, "year": 10, "day": "2026-11-22"}, stored="open")
    assert (row["disposition"], row["ended"], row["day"], row["day_missing"]) == (
        "screened_out",
        "out",
        "",
        "not_shown",
    )


def test_the_codebook_says_what_the_further_columns_hold():
    described = {row["name"]: row for row in rows_of(codebook_csv(codebook(instrument(MIXED))))}
    values = {
        name: described[name]["values"]
        for name in ("share", "day", "best_pay", "view", "best_order", "tone_poles")
    }
    assert values == {
        "share": "numbers from -5 to 9, up to 2 decimals",
        "day": "dates as YYYY-MM-DD",
        "best_pay": "1 = 1st; 0 = not the first",
        "view": "numbers from -2.5 to 9.5; mean of year, share, if at least 2 of them are known",
        "best_order": "some of these, in order, with spaces between: pay time",
        "tone_poles": "some of these, in order, with spaces between: warm open",
    }
    assert described["day"]["asked_if"] == "not ended by out"
    assert described["best_time"]["missing"] == "empty; the reason is in best_time_missing"
    assert described["best_pay"]["missing"] == "empty; the reason is in best_pay_missing"
    assert described["best_missing"]["question"] == "Why nothing was ranked: Rank?"
    assert "screened_out = " in described["disposition"]["values"]
    markdown = codebook_markdown(codebook(instrument(MIXED))).decode()
    assert "## Random assignment at the beginning" in markdown and "## Computed from the answers" in markdown


def test_the_codebook_gives_the_formula_of_a_score_and_the_cuts_of_its_bands():
    """7.5 is 75 % of the way from 0 to 10; what it is of 1 to 5 is 4."""
    described = {row["name"]: row["values"] for row in rows_of(codebook_csv(codebook(instrument("""
title: T
scales: {five: {1: A, 2: B, 3: C, 4: D, 5: E}, two: {-1: A, 1: B}}
scores:
  mean_of: {label: L, mean: [m.x, m.y], reverse: [m.y], at_least: 1, to: [0, 10], bands: {low: {label: Low, below: 4}, middle: {label: Middle, below: 7.5}, high: High}}
  sum_of: {label: L, sum_prorated: [m.x, m.y], at_least: 1}
  turned: {label: L, mean: [n.z], to: [100, 0]}
  counted: {label: L, mean: [m.x, n], not_applicable: 1}
sections:
  s:
    items:
      m: {type: matrix, ask: M?, scale: five, statements: {x: X, y: Y}}
      n: {type: matrix, ask: N?, not_applicable: true, scale: two, statements: {z: Z}}
"""))))}  # fmt: skip
    assert {name: described[name] for name in ("mean_of", "mean_of_band", "sum_of", "turned", "counted")} == {
        "mean_of": "numbers from 0 to 10; mean of m_x, m_y (reversed: 6 − m_y), if at least 1 of them is known, "
        "rescaled from 1 to 5 onto 0 to 10: (mean − 1) × 10 / 4",
        "mean_of_band": "low = Low (below 4); middle = Middle (4 or more, below 7.5); high = High (7.5 or more)",
        "sum_of": "numbers from 2 to 10; sum prorated of m_x, m_y (the mean of those known × 2), if at least 1 of them is known",
        "turned": "numbers from 100 to 0; mean of n_z, if at least 1 of them is known, rescaled from -1 to 1 onto 100 to 0: "
        "100 + (mean + 1) × -100 / 2",
        "counted": "numbers from -1 to 5; mean of m_x, n_z, if at least 1 of them is known, where “not applicable” counts as 1 (n_z)",
    }  # fmt: skip


def test_responses_to_an_older_version_stand_in_the_columns_of_all_versions():
    newer = instrument(EVERY_TYPE.replace("left: Left", "leave: On leave\n          left: Left"))
    changes = [given_response(ASKED, 1, {"status": "left"}), given_response(newer, 2, {"status": "leave"})]
    content = exported(framed(changes, newer, ASKED))
    assert {row["instrument"]: row["status"] for row in rows_of(content)} == {
        ASKED.digest[:12]: "left", newer.digest[:12]: "leave",
    }  # fmt: skip
    assert len(read_back(content, merged([newer, ASKED]).codebook)) == 2


def test_spreadsheet_programs_are_told_that_it_is_utf8_unless_asked_not_to():
    frame = framed([given_response(ASKED, 1, {"status": "other", "more": "schön 😀"})])
    assert exported(frame).startswith(b"\xef\xbb\xbfresponse_id,")
    assert exported(frame, bom=False).startswith(b"response_id,")
    assert "schön 😀" in exported(frame).decode()


def test_a_column_that_is_not_the_codebooks_is_an_error():
    with pytest.raises(ValueError, match="columns"):
        read_back(b"response_id,status\r\n", BOOK)


# --- the typed table ------------------------------------------------------------------------------------------


def typed(frame: Frame, labels: bool = False) -> tuple[ResponseTable, pl.DataFrame]:
    table = ResponseTable(frame.coding, labels)
    return table, pl.concat([table.of(rows) for rows in frame.slices()])


@given(st.lists(st.tuples(answers_to(ALL), DISPOSITIONS), min_size=1, max_size=4), st.booleans())
def test_each_column_has_its_type_and_each_missing_value_its_reason(responses, labels):
    frame = framed([given_response(ALL, n, answers, how) for n, (answers, how) in enumerate(responses)], ALL)
    table, rows = typed(frame, labels)
    assert dict(rows.schema) == {column.name: column.dtype for column in table.columns}
    for column in table.columns:
        if column.reason_in:
            assert rows[column.name].is_null().to_list() == rows[column.reason_in].is_not_null().to_list(), column.name


def test_the_table_holds_what_was_written_and_says_what_it_holds():
    asked = instrument(
        "title: T\nsections: {s: {items: {"
        "n: {type: number, ask: N?, range: [0, 9], decimals: 1, unit: years}, d: {type: date, ask: D?},"
        "q: {type: single_choice, ask: Q?, options: {1: '=1+1', 2: Two}}, w: {type: text, ask: W?}}}}"
    )
    frame = framed([given_response(asked, 1, {"n": 1.5, "d": "2026-11-27", "q": 1, "w": "=1+1"})], asked)
    table, rows = typed(frame)
    assert rows.select("n", "d", "q", "w").row(0) == (1.5, "2026-11-27", 1, "=1+1")
    assert typed(frame, labels=True)[1]["q"].item() == "=1+1"
    by_name = {column.name: column for column in table.columns}
    assert (by_name["d"].type, by_name["d"].precision) == ("date", "day")
    assert (by_name["n"].decimals, by_name["n"].unit, by_name["n"].reason_in) == (1, "years", "n_missing")
    assert by_name["q"].codes == ((1, "=1+1"), (2, "Two"))


@pytest.mark.parametrize("codes", [range(-100, 101), range(-1, 2), range(125, 130), range(-129, -126), (1, 5, 10_000), range(0, 128), range(0, 300)])
def test_whole_number_codes_leave_as_they_are_however_large(codes):
    asked = instrument(
        f"title: T\nsections: {{s: {{items: {{q: {{type: single_choice, ask: Q?, options: {{{', '.join(f'{code}: C{code}' for code in codes)}}}}}}}}}}}"
    )
    frame = framed([given_response(asked, n, {"q": code}) for n, code in enumerate([*codes, {"missing": "skipped"}])], asked)
    assert sorted(row["q"] for row in rows_of(exported(frame))) == sorted(["", *map(str, codes)])


def test_a_date_that_is_none_leaves_as_it_is_stored_and_stops_no_export():
    asked = instrument("title: T\nsections: {s: {items: {d: {type: date, ask: D?}}}}")
    frame = framed([given_response(asked, 1, {"d": "2026-02-30"}), given_response(asked, 2, {"d": "2026-11"})], asked)
    assert {row["d"] for row in rows_of(exported(frame))} == {"2026-02-30", "2026-11"}


# --- nothing is run -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "\x1b", "＝1", "'=1", "'"]
)
def test_text_that_a_spreadsheet_would_run_is_neutralised(text):
    frame = framed([given_response(ASKED, 1, {"status": "other", "status.other": text, "more": text})])
    (row,) = rows_of(exported(frame))
    assert row["more"] == row["status_other"] == "'" + text


def test_codes_and_numbers_are_never_touched():
    asked = instrument(
        "title: T\nsections:\n  s:\n    items:\n      n: {type: number, ask: N?, range: [-9, 9]}\n      q: {type: single_choice, ask: Q?, options: {-1: '=1+1', 1: Fine}}\n"
    )
    frame = framed([given_response(asked, 1, {"n": -5, "q": -1})], asked)
    (codes,), (labels,) = rows_of(exported(frame)), rows_of(exported(frame, values="labels"))
    assert (codes["n"], codes["q"]) == ("-5", "-1")
    assert (labels["n"], labels["q"]) == ("-5", "'=1+1")


def test_an_id_that_begins_with_a_minus_is_neutralised_and_read_back():
    old = replace(given_response(ASKED, 1, {"status": "left"}), id="-2345678901234567890")
    content = exported(framed([old]))
    assert [row["response_id"] for row in rows_of(content)] == ["'-2345678901234567890"]
    assert [row.about["response_id"] for row in read_back(content, BOOK)] == ["-2345678901234567890"]


def test_no_new_id_begins_as_a_formula_does():
    secrets = itertools.count()
    made = [new_secret(lambda count: next(secrets).to_bytes(count, "big")) for _ in range(1000)]
    assert next(secrets) > 1000  # some were passed over
    assert not {Token(secret, 0, "").response[0] for secret in made} & set("=+-@'")


def test_the_codebook_says_what_is_put_before_text():
    described = {row["name"]: row for row in csv.DictReader(io.StringIO(codebook_csv(BOOK, bom=False).decode()))}
    for name in ("response_id", "status_other", "more"):
        assert described[name]["values"].startswith("text; an apostrophe is put before one that begins with = + - @")
    assert "an apostrophe is put before" in codebook_markdown(BOOK).decode()


@given(WORDS)
def test_what_is_neutralised_can_be_undone(text):
    assert plain_text(neutral_text(text)) == text
    assert neutral_text(text)[0] not in "=+-@\t\r\n\x00＝＋－＠"
    assert pl.DataFrame({"a": [text]}).select(neutral(pl.col("a"))).item() == neutral_text(text)


# --- the codebook -------------------------------------------------------------------------------------------


def test_the_codebook_describes_every_column_in_order():
    header = exported(Frame([ASKED])).decode("utf-8-sig").splitlines()[0].split(",")
    described = rows_of(codebook_csv(BOOK))
    assert [row["name"] for row in described] == header
    by_name = {row["name"]: row for row in described}
    assert by_name["status"]["values"] == "practising = In practice; left = Left; other = Elsewhere"
    assert by_name["years"]["asked_if"] == 'status in ["practising", "left"]'
    assert by_name["years"]["values"] == "whole numbers from 0 to 70"
    assert (
        by_name["sure"]["asked_if"]
        == '(status == "left" or years > 30) and (has(reasons, "burnout") or years < 5)'
    )
    assert by_name["reasons_visa"]["question"] == "Why? – Visa"
    assert by_name["seen_grew"]["question"] == "How is one who leaves seen? – As one who grew"
    assert "declined = " in by_name["years_missing"]["values"]
    markdown = codebook_markdown(BOOK).decode()
    assert all(f"`{name}`" in markdown for name in header)


def test_a_survey_cannot_put_markup_or_formulas_into_its_codebook():
    asked = instrument(
        "title: 'T | <b>x</b>'\nsections:\n  s:\n    items:\n      q: {type: text, ask: '=1+1 | <script>'}\n"
    )
    (row,) = [row for row in rows_of(codebook_csv(codebook(asked))) if row["name"] == "q"]
    assert row["question"] == "'=1+1 | <script>"
    line = next(
        line for line in codebook_markdown(codebook(asked)).decode().splitlines() if line.startswith("| `q`")
    )
    assert line.count("|") - line.count("\\|") == 5
    assert "\\<script\\>" in line
