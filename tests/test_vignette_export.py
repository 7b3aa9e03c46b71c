"""Judgements of vignettes leave as one row each: by the command, by the dashboard, and safe to open anywhere."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl

from app.accounts.researchers import add_researcher
from app.exports.csv import csv_chunks
from app.exports.vignettes import JudgementTable
from app.responses.storage import open_storage
from app.results.frame.frame import Frame
from tests.support.answers import given_response, instrument, response_id
from tests.support.commands import opinion
from tests.support.exports import rows_of
from tests.support.respondent import Respondent, service

SURVEY = """
title: Moving on
arms: {cause: [burnout, visa]}
scores: {view: {label: View, mean: [move_seen_1, move_seen_2]}}
sections:
  you:
    items:
      age: {type: number, ask: How old?, range: [18, 99]}
  cases:
    items:
      move:
        type: vignette
        text: "{who} goes {why}."
        attributes:
          who: {doctor: A doctor, nurse: "=A nurse"}
          why: {pay: for pay, rest: to rest}
        each_sees: 2
        blocks: 2
        ratings:
          seen: {ask: How do you see it?, scale: {1: Badly, 2: Well}}
          cause: {ask: Why?, scale: {1: Pay, 2: Rest}, decline: true}
"""
ASKED = instrument(SURVEY)
GIVEN = {
    "cause": "visa", "move_block": 2, "move_who_1": "nurse", "move_why_1": "pay", "move_who_2": "doctor", "move_why_2": "rest",
}  # fmt: skip
BOTH = {"move_seen_1": 1, "move_cause_1": {"missing": "declined"}, "move_seen_2": 2, "move_cause_2": 1}


def exported(*changes, instruments=(ASKED,), **how) -> list[dict[str, str]]:
    frame = Frame(list(instruments))
    intake = frame.take(changes)
    assert not intake.refused
    return rows_of(b"".join(csv_chunks(frame, per="vignette", **how)))


def test_each_judgement_is_a_row_with_levels_ratings_and_respondent_variables():
    found = exported(given_response(ASKED, 1, GIVEN | {"age": 40} | BOTH))
    assert found == [
        {
            "response_id": response_id(1), "disposition": "complete", "language": "en", "instrument": ASKED.digest[:12],
            "experiment": "move", "vignette": "1", "block": "2", "who": "nurse", "why": "pay", "seen": "1", "move_cause": "",
            "seen_missing": "", "move_cause_missing": "declined", "cause": "visa", "view": "1.5",
        },
        {
            "response_id": response_id(1), "disposition": "complete", "language": "en", "instrument": ASKED.digest[:12],
            "experiment": "move", "vignette": "2", "block": "2", "who": "doctor", "why": "rest", "seen": "2", "move_cause": "1",
            "seen_missing": "", "move_cause_missing": "", "cause": "visa", "view": "1.5",
        },
    ]  # fmt: skip


def test_judgements_are_typed_before_they_are_written():
    frame = Frame([ASKED])
    frame.take([given_response(ASKED, 1, GIVEN | {"age": 40} | BOTH)])
    for labels in (False, True):
        table = JudgementTable(frame.coding, labels)
        rows = pl.concat([table.of(rows) for rows in frame.slices()])
        assert dict(rows.schema) == {column.name: column.dtype for column in table.columns}
        assert rows["who"].to_list() == (["=A nurse", "A doctor"] if labels else ["nurse", "doctor"])
        assert rows["view"].to_list() == [1.5, 1.5]


def test_a_vignette_that_the_respondent_did_not_come_to_is_no_row():
    came = given_response(ASKED, 1, GIVEN | {"age": 40, "move_seen_1": 1}, "open")
    left = given_response(ASKED, 2, GIVEN | {"age": 50}, "open")
    (row,) = exported(came, left)
    assert (row["response_id"], row["vignette"], row["move_cause_missing"]) == (
        response_id(1),
        "1",
        "not_reached",
    )
    assert exported(left) == []


def test_levels_as_labels_cannot_be_run_by_a_spreadsheet():
    first, _ = exported(given_response(ASKED, 1, GIVEN | BOTH), values="labels")
    assert (first["who"], first["why"], first["seen"]) == ("'=A nurse", "for pay", "Badly")


def test_rows_come_in_the_order_of_random_ids():
    found = exported(*(given_response(ASKED, n, GIVEN | BOTH) for n in range(40)))
    assert [(row["response_id"], row["vignette"]) for row in found] == [
        (identifier, place)
        for identifier in dict.fromkeys(row["response_id"] for row in found)
        for place in ("1", "2")
    ]
    assert {row["response_id"] for row in found} == set(map(response_id, range(40)))
    assert [row["response_id"] for row in found[::2]] != list(map(response_id, range(40)))


def test_judgements_of_another_text_are_kept_apart():
    newer = instrument(SURVEY.replace("{who} goes {why}.", "{who} is dismissed, {why}."))
    changes = [given_response(ASKED, 1, GIVEN | BOTH), given_response(newer, 2, GIVEN | BOTH)]
    by_id = {
        (row["response_id"], row["vignette"]): row for row in exported(*changes, instruments=(newer, ASKED))
    }
    old, new = by_id[response_id(1), "2"], by_id[response_id(2), "2"]
    assert (old["seen"], old["seen_v1"], old["who"]) == ("", "2", "doctor")
    assert (new["seen"], new["seen_v1"], new["who"]) == ("2", "", "doctor")


def test_two_experiments_share_one_file():
    second = (
        SURVEY.replace("      move:\n", "      other:\n")
        .split("  cases:\n")[1]
        .replace("each_sees: 2", "each_sees: 1")
        .replace("blocks: 2", "blocks: 4")
    )
    asked = instrument(SURVEY + "  further:\n" + second)
    answers = (
        GIVEN | BOTH | {"other_block": 1, "other_who_1": "doctor", "other_why_1": "pay", "other_seen_1": 2}
    )
    found = exported(given_response(asked, 1, answers), instruments=(asked,))
    assert [(row["experiment"], row["move_who"], row["other_who"], row["other_seen"]) for row in found] == [
        ("move", "nurse", "", ""), ("move", "doctor", "", ""), ("other", "", "doctor", "2"),
    ]  # fmt: skip


# --- by the command, and from the dashboard -----------------------------------------------------------------


async def keep(storage, asked, answers) -> None:
    day = datetime.date(2026, 12, 1)
    await storage.keep_instrument("leaving", asked.digest, asked.source, day)
    await storage.begin("a" * 20, "leaving", asked.digest, day)
    await storage.submit("a" * 20, lambda row: answers, day, 4, "receipt")


async def test_the_command_writes_them_to_a_file_of_their_own(sqlite_url: str, tmp_path: Path) -> None:
    async with open_storage(sqlite_url) as storage:
        await keep(storage, ASKED, GIVEN | BOTH)
    judged, whole = tmp_path / "judged.csv", tmp_path / "whole.csv"
    arguments = ["export", "leaving", "--vignettes", str(judged), "--database-url", sqlite_url]
    done = opinion(*arguments)
    assert (done.exit_code, done.stdout) == (0, "")
    assert [row["seen"] for row in rows_of(judged.read_bytes())] == ["1", "2"]
    both = opinion(*arguments, "-o", whole)
    assert both.exit_code == 0
    assert [row["move_seen_2"] for row in rows_of(whole.read_bytes())] == ["2"]


async def test_a_survey_without_vignettes_says_so(sqlite_url: str, tmp_path: Path) -> None:
    async with open_storage(sqlite_url) as storage:
        await keep(storage, instrument(), {"status": "left"})
    done = opinion("export", "leaving", "--vignettes", tmp_path / "x.csv", "--database-url", sqlite_url)
    assert done.exit_code == 1 and "no vignettes" in done.output and not list(tmp_path.glob("x.csv*"))


async def test_researchers_download_them_and_nobody_else(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as stranger, Respondent(app) as researcher:
        await keep(app.storage, ASKED, GIVEN | BOTH)
        assert (await stranger.get("/research/leaving/vignettes.csv")).status_code == 401
        link = await add_researcher("ada@example.org", datetime.datetime.now, lambda: "x" * 43)
        await researcher.post(
            f"/sign-in/{link}", headers={"origin": str(researcher.base_url).rstrip("/")}
        )
        assert 'href="/research/leaving/vignettes.csv"' in (await researcher.get("/research/leaving")).text
        sent = await researcher.get("/research/leaving/vignettes.csv?values=labels")
        assert (
            sent.status_code == 200
            and "leaving-vignettes-labels.csv" in sent.headers["content-disposition"]
        )
        assert [row["seen"] for row in rows_of(sent.content)] == ["Badly", "Well"]


def test_blocks_of_two_designs_have_columns_of_their_own():
    """Block 2 of the newer design holds other vignettes than block 2 of the older one."""
    newer = instrument(SURVEY.replace("blocks: 2", "blocks: 3"))
    old = given_response(ASKED, 1, GIVEN | BOTH)
    new = given_response(newer, 2, GIVEN | {"move_block": 3} | BOTH)
    rows = {row["response_id"]: row for row in exported(old, new, instruments=(newer, ASKED))}
    assert [(rows[response_id(n)]["block"], rows[response_id(n)]["block_v1"]) for n in (1, 2)] == [("", "2"), ("3", "")]
