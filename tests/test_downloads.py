"""Files hold the responses of the view that they are downloaded from, and say whom they hold."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exports.csv import csv_chunks
from app.results.frame.frame import Frame
from app.results.view import View
from app.survey.conditions.language import filter_scope, parse_condition
from app.web.research.files import about_files, heading_of_files, name_of_file
from tests.support.answers import answers_to, given_response, instrument, response_id
from tests.support.exports import rows_of
from tests.support.research import signed_in
from tests.support.respondent import service

SURVEY = """
title: Moving on
screen_out: {outsiders: {when: status == "outside", text: Thank you.}}
sections:
  you:
    items:
      status: {type: single_choice, ask: Where are you?, options: {left: Left, stayed: Stayed, outside: Outside}}
      town: {type: single_choice, ask: Which town?, identifying: true, options: {a: Aton, b: Beton}, decline: true}
      reasons: {type: multiple_choice, ask: Why?, options: {pay: Pay, visa: Visa}}
      age: {type: number, ask: How old?, range: [18, 99]}
  cases:
    items:
      move:
        type: vignette
        text: "{who} goes."
        attributes: {who: {doctor: A doctor, nurse: A nurse}}
        each_sees: 2
        blocks: 1
        ratings: {seen: {ask: How do you see it?, scale: {1: Badly, 2: Well}}}
"""
ASKED = instrument(SURVEY)
SCOPE = filter_scope(ASKED)
GIVEN = {"move_block": 1, "move_who_1": "nurse", "move_who_2": "doctor", "move_seen_1": 1, "move_seen_2": 2}
YOU = {"status": "left", "town": "a", "reasons": ["visa"], "age": 40}


def where(source: str, **more) -> View:
    return View(where=parse_condition(source, SCOPE), **more)


# --- rows ---------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(answers_to(ASKED), st.sampled_from(["open", "complete", "screened_out"])), max_size=12),
    st.sampled_from([View(), View("partial"), View("all", (("status", ("left",)),)), where("age > 40"), View(careful=True), where('disposition != "complete"')]),
)
def test_a_file_has_the_rows_that_its_view_counts(rows, view):
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, number, *row) for number, row in enumerate(rows)])
    found = rows_of(b"".join(csv_chunks(frame, view=view)))
    assert len(found) == frame.tally(view).n
    dispositions = {"complete": {"complete"}, "partial": {"complete", "partial"}, "all": {"complete", "partial", "break_off"}}
    if view.dispositions:
        assert {row["disposition"] for row in found} <= dispositions[view.among]
    assert len(rows_of(b"".join(csv_chunks(frame)))) == len(rows)  # without a view all that are stored


def judged(**how) -> dict[str, str]:
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, 1, GIVEN | YOU)])
    return rows_of(b"".join(csv_chunks(frame, per="vignette", **how)))[0]


def test_judgements_take_along_the_coded_answers_that_do_not_identify():
    row = judged()
    assert (row["status"], row["reasons_pay"], row["reasons_visa"], row["reasons_missing"]) == ("left", "0", "1", "")
    assert not {"town", "age", "town_missing"} & row.keys()
    assert judged(values="labels")["status"] == "Left"


def test_judgements_take_along_what_is_asked_for_with_its_reasons():
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, 1, GIVEN | YOU | {"town": {"missing": "declined"}})])
    row = rows_of(b"".join(csv_chunks(frame, per="vignette", answers={"age", "town", "reasons.visa"})))[0]
    assert (row["age"], row["town"], row["town_missing"], row["reasons_visa"]) == ("40", "", "declined", "1")
    assert not {"status", "reasons_pay"} & row.keys()
    assert not {"status", "age", "town"} & judged(answers=set()).keys()


def test_the_column_of_a_rating_is_called_the_same_whatever_is_taken_along():
    asked = instrument(SURVEY.replace("seen: {ask: How", "status: {ask: How"))
    frame = Frame([asked])
    frame.take([given_response(asked, 1, GIVEN | YOU | {"move_status_1": 1, "move_status_2": 1})])
    for answers in (None, set(), {"status"}):
        assert "move_status" in rows_of(b"".join(csv_chunks(frame, per="vignette", answers=answers)))[0]


# --- words --------------------------------------------------------------------------------------------------

LEFT = (("status", ("left",)),)


@pytest.mark.parametrize(
    ("view", "name", "heading", "about"),
    [
        (None, "s-codes", "Download all 1,500 stored, with their disposition", ""),
        (View(), "s-codes-complete-1500", "Download 1,500 complete responses", "1,500 complete responses"),
        (View("partial", LEFT), "s-codes-with-partial-filtered-1500", "Download these 1,500 complete and partial responses",
         '1,500 complete and partial responses, for which status == "left"'),
        (View(careful=True), "s-codes-complete-filtered-1500", "Download these 1,500 complete responses",
         "1,500 complete responses, without those that have a sign of careless answering"),
        (View("all"), "s-codes-begun-1500", "Download 1,500 begun responses", "1,500 begun responses"),
        (where('disposition == "partial"'), "s-codes-filtered-1500", "Download these 1,500 responses",
         '1,500 responses, for which disposition == "partial"'),
    ],
)  # fmt: skip
def test_names_and_headings_say_whom_a_file_holds(view, name, heading, about):
    layout = Frame([ASKED]).layout
    assert name_of_file("s", "codes", view, 1500) == name
    assert heading_of_files(view, 1500) == heading
    assert about_files(view, 1500, layout) == about


# --- downloads ----------------------------------------------------------------------------------------------


@pytest.fixture
async def site(tmp_path: Path):
    async with service(tmp_path, SURVEY) as app, signed_in(app) as browser:
        day = datetime.date(2026, 12, 1)
        await app.storage.keep_instrument("leaving", ASKED.digest, ASKED.source, day)
        for number, status in enumerate(["left", "left", "stayed"]):
            await app.storage.begin(response_id(number), "leaving", ASKED.digest, day)
            if number != 1:
                await app.storage.submit(response_id(number), lambda row, it=status: GIVEN | YOU | {"status": it}, day, 4, f"r{number}")
        yield browser


async def test_downloads_obey_the_address_and_say_so_in_their_names(site) -> None:
    page = (await site.get("/research/leaving?only=status:left")).text
    assert "Download 1 complete response<" in page and "Download all 3 stored, with their disposition" in page
    assert 'href="/research/leaving/export.csv?base=complete&amp;only=status%3Aleft"' in page
    for query, name, states in (
        ("", "leaving-codes.csv", ["complete", "break_off", "complete"]),
        ("?base=complete", "leaving-codes-complete-2.csv", ["complete", "complete"]),
        ("?base=all&values=labels", "leaving-labels-begun-3.csv", ["complete", "break_off", "complete"]),
        ("?only=status:left", "leaving-codes-complete-filtered-1.csv", ["complete"]),
        ("?where=disposition+!%3D+%22complete%22", "leaving-codes-filtered-1.csv", ["break_off"]),
    ):
        sent = await site.get(f"/research/leaving/export.csv{query}")
        assert name in sent.headers["content-disposition"], query
        assert sorted(row["disposition"] for row in rows_of(sent.content)) == sorted(states), query


async def test_the_codebook_says_whom_the_files_of_its_view_hold(site) -> None:
    sent = await site.get("/research/leaving/codebook.md?only=status:left,stayed&base=partial")
    assert "leaving-codebook-with-partial-filtered-2.md" in sent.headers["content-disposition"]
    assert "Of 2 complete and partial responses, for which status in" in sent.text
    table = rows_of((await site.get("/research/leaving/codebook.csv?only=status:left")).content)
    assert table[0]["asked_if"] == '1 complete response, for which status == "left"'
    assert rows_of((await site.get("/research/leaving/codebook.csv")).content)[0]["asked_if"] == ""


async def test_judgements_are_those_of_the_view_with_the_answers_that_are_named(site) -> None:
    sent = await site.get("/research/leaving/vignettes.csv?only=status:stayed&with=age,status")
    assert [(row["age"], row["status"]) for row in rows_of(sent.content)] == [("40", "stayed")] * 2
    refused = await site.get("/research/leaving/vignettes.csv?with=sttus")
    assert refused.status_code == 422 and "Did you mean &#34;status&#34;?" in refused.text


@pytest.mark.parametrize("name", ["export.csv", "vignettes.csv", "codebook.csv", "codebook.md"])
@pytest.mark.parametrize("query", ["base=everyone", "only=status:lfet", "where=status+%3D%3D+1", "only=%00", "where=%28"])
async def test_a_view_at_fault_is_refused_in_words(site, name, query) -> None:
    refused = await site.get(f"/research/leaving/{name}?{query}")
    assert refused.status_code == 422 and "This file cannot be made" in refused.text
    assert 'href="/research/leaving"' in refused.text
