"""The weight of each response as a column of the data, and what the codebook says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.exports.codebook import codebook_csv, codebook_markdown
from app.exports.csv import csv_of_changes, weighting_of_changes
from app.exports.weights import described_weights
from app.results.frame.frame import Frame
from app.results.view import View
from app.survey.codebook import codebook
from tests.support.answers import given_response, instrument
from tests.support.exports import exported, rows_of

SURVEY = """
title: Weighted
weights: {rake: {field: {surgery: 50, other: 50}, stage: {1: 0.4, 2: 0.6}}, trim: 5}
sections:
  one:
    items:
      field: {type: single_choice, ask: Field?, decline: true, identifying: true, options: {surgery: Surgery, other: Other}}
      stage: {type: rating, ask: Stage?, scale: {1: Training, 2: Senior}}
      years: {type: number, ask: Years?, range: [0, 70]}
  two:
    items:
      job: {type: vignette, text: "A {who}.", attributes: {who: {doctor: doctor, nurse: nurse}}, each_sees: 1, blocks: 2, ratings: {right: {ask: Right?, scale: {1: "No", 2: "Yes"}}}}
"""
ASKED = instrument(SURVEY)


def changes() -> list:
    found = [
        given_response(ASKED, n, {"field": "surgery" if n % 4 == 0 else "other", "stage": 1 + n % 3 % 2, "years": n}) for n in range(48)
    ]
    return [
        *found, given_response(ASKED, 48, {"field": {"missing": "declined"}, "stage": 1}),
        given_response(ASKED, 49, {"field": "other", "stage": 1}, "open"), given_response(ASKED, 50, {}, "withdrawn"),
    ]  # fmt: skip


def taken(asked=ASKED) -> Frame:
    frame = Frame([asked])
    frame.take(changes())
    return frame


def test_the_weight_reproduces_the_targets_and_is_empty_where_there_is_none():
    rows = rows_of(exported(taken()))
    weighted = [row for row in rows if row["weight"]]
    assert len(rows) == 50 and len(weighted) == 48
    assert {(row["disposition"], row["field"]) for row in rows if not row["weight"]} == {("complete", ""), ("partial", "other")}
    whole = sum(float(row["weight"]) for row in weighted)
    assert whole == pytest.approx(48)
    assert sum(float(row["weight"]) for row in weighted if row["field"] == "surgery") / whole == pytest.approx(0.5)
    assert sum(float(row["weight"]) for row in weighted if row["stage"] == "1") / whole == pytest.approx(0.4)


def test_a_filtered_file_has_the_weights_of_the_whole_sample():
    whole = {row["response_id"]: row["weight"] for row in rows_of(exported(taken()))}
    some = rows_of(exported(taken(), view=View(only=(("field", ("surgery",)),))))
    assert some and all(row["weight"] == whole[row["response_id"]] for row in some)


def test_an_export_from_storage_has_the_same_weights():
    stored = sorted(changes(), key=lambda change: change.id)
    batches = [stored[start : start + 7] for start in range(0, len(stored), 7)]
    content = b"".join(csv_of_changes([ASKED], batches, weights=weighting_of_changes([ASKED], batches)))
    assert sorted(content.splitlines()) == sorted(exported(taken()).splitlines())


def test_the_column_is_described_with_its_targets_its_day_and_how_raking_went():
    frame = taken()
    weights = described_weights(ASKED.weights, frame.weighting(), "27 November 2026")
    described = rows_of(codebook_csv(codebook(ASKED), weights=weights))
    assert [row["name"] for row in described] == exported(frame).decode("utf-8-sig").splitlines()[0].split(",")
    row = described[-1]
    assert row["name"] == "weight" and row["asked_if"] == "complete, and answered field, stage" and row["missing"] == "empty"
    assert "field: surgery = 50 %, other = 50 %; stage: 1 = 40 %, 2 = 60 %; trimmed to 0 to 5; as of 27 November 2026" in row["values"]
    assert "Raking converged" in row["values"] and "1 complete response has no weight" in row["values"]
    assert "| `weight` |" in codebook_markdown(codebook(ASKED), weights=weights).decode()
    assert "as of" not in rows_of(codebook_csv(codebook(ASKED), weights=described_weights(ASKED.weights)))[-1]["values"]


def test_while_there_are_no_weights_the_column_is_empty_and_the_codebook_says_why():
    frame = Frame([ASKED])
    frame.take(changes()[1:2])
    assert [row["weight"] for row in rows_of(exported(frame))] == [""]
    described = rows_of(codebook_csv(codebook(ASKED), weights=described_weights(ASKED.weights, frame.weighting(), "today")))[-1]
    assert "no weights; No complete response to “Field?” is “Surgery”" in described["values"]


def test_without_weights_a_file_has_no_such_column():
    plain = replace(ASKED, weights=None)
    assert "weight" not in exported(taken(plain)).decode().splitlines()[0].split(",")
    assert described_weights(None) is None


def test_an_item_called_weight_keeps_its_column():
    asked = instrument(SURVEY.replace("years:", "weight:"))
    frame = Frame([asked])
    frame.take([given_response(asked, n, {"field": "surgery" if n % 2 else "other", "stage": 1 + n % 3 % 2, "weight": 70}) for n in range(20)])
    rows = rows_of(exported(frame))
    assert {row["weight"] for row in rows} == {"70"} and all(row["weight_raked"] for row in rows)


def test_vignettes_have_no_weight_as_they_leave_out_what_identifies():
    """A weight says in which combination of answers a respondent is: no more than these answers, but no less."""
    header = exported(taken(), per="vignette").decode("utf-8-sig").splitlines()[0].split(",")
    assert "field" not in header and "weight" not in header and "stage" in header
