"""Anonymous is anonymous: what a request carries beside its answers is found nowhere afterwards."""

from __future__ import annotations

import base64
import csv
import datetime
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.browsing import rows
from tests.support.research import researcher
from tests.support.respondent import form_of, respond
from tests.support.server import Server

SURVEY = """
title: Anonymous
sections:
  one: {items: {words: {type: text, ask: Say, required: true}}}
  two: {items: {more: {type: text, ask: Say more, required: true}}}
"""
#: All that is kept of a response beside its answers: chance, language, day, places of quotas, vignettes.
FURTHER = """
title: Leaving
languages: [en, de]
results: {show_to: everyone, floor: 3, release_every: 3}
arms: {cause: {burnout: Arm of burnout, family: Arm of family}}
compute: {lately: {label: Left lately, value: "days(left, today) < 400"}}
scores: {regret: {label: Regret score, mean: [sorry, missed]}}
quotas: {surgeons: {when: specialty == "surgical", most: 900, text: Surgeons suffice.}}
scales: {agreement: {1: Disagree, 2: Neither, 3: Agree}}
sections:
  you:
    shuffle: true
    items:
      specialty: {type: single_choice, ask: Specialty, options: {surgical: Surgical, other: Other}}
      left: {type: date, ask: When did you leave?, latest: today}
      sorry: {type: rating, ask: Are you sorry?, scale: agreement}
      missed: {type: rating, ask: Do you miss it?, scale: agreement}
      words: {type: text, ask: In your words?}
  cases:
    items:
      case:
        type: vignette
        text: "{who} leaves, as {cause}."
        attributes: {who: {doctor: Level of doctor, nurse: Level of nurse}}
        each_sees: 2
        blocks: 2
        design: random
        ratings: {right: {ask: Is it right?, scale: agreement}}
"""
ONE_OF_MANY = {
    "specialty": "surgical", "left.day": "1", "left.month": "2", "left.year": "2020", "sorry": "1", "missed": "3",
    "words": "canary-words", "case_right_1": "1", "case_right_2": "3",
}  # fmt: skip
CANARIES = {
    "address": "203.0.113.77",
    "agent": "CanaryAgent/9.9",
    "referrer": "https://canary.example/referrer",
    "language": "xx-CANARY",
    "cookie": "canary-cookie-value",
    "query": "canary-query",
    "path": "canary-path",
    "unasked": "canary-unasked-field",
}


def test_nothing_about_the_person_is_stored_or_logged(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "anonymous.yaml").write_text(SURVEY)
    with Server(tmp_path) as server:
        headers = {
            "x-forwarded-for": CANARIES["address"], "user-agent": CANARIES["agent"], "referer": f"{server.base}/?{CANARIES['referrer']}",
            "accept-language": CANARIES["language"],
        }  # fmt: skip
        with server.client(headers=headers, cookies={"other": CANARIES["cookie"]}) as browser:
            page = browser.get("/s/anonymous", params={"q": CANARIES["query"]}).text
            token = field(page, "token")
            address = browser.post("/s/anonymous", data={"token": token}).headers["location"]
            for section, name in (("one", "words"), ("two", "more")):
                page = browser.get(f"/s/anonymous/{section}").text
                form = {
                    "token": token,
                    "version": field(page, "version"),
                    "shown": name,
                    name: "an answer",
                    "unasked": CANARIES["unasked"],
                }
                assert browser.post(f"/s/anonymous/{section}", data=form).status_code == 303
            assert browser.post("/s/anonymous/submit", data={"token": token}).status_code == 303
            browser.get(f"/s/anonymous/{CANARIES['path']}")
            browser.post(f"{address}", data={"token": CANARIES["unasked"]})
            browser.post("/sign-in", data={"email": "a@b.example", "password": CANARIES["unasked"]})
        kept = every_byte(tmp_path)
        assert b"an answer" in kept
        found = [what for what, canary in CANARIES.items() if canary.encode() in kept]
        assert found == []
        assert token.encode() not in kept  # nor what would let anyone open the response
        server.stop()
    assert [what for what, canary in CANARIES.items() if canary.encode() in every_byte(tmp_path)] == []


def test_no_time_of_an_anonymous_response_is_finer_than_a_day(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "anonymous.yaml").write_text(SURVEY)
    with Server(tmp_path) as server, server.client() as browser:
        token = field(browser.get("/s/anonymous").text, "token")
        browser.post("/s/anonymous", data={"token": token})
        server.stop()
    database = sqlite3.connect(tmp_path / "opinion.db")
    columns = [row[1] for row in database.execute("PRAGMA table_info(response)")]
    (row,) = database.execute("SELECT * FROM response").fetchall()
    assert columns == [
        "id",
        "survey",
        "instrument",
        "seq",
        "disposition",
        "answers",
        "began",
        "completed",
        "minutes",
        "receipt",
        "holds",
        "renumbered",
    ]
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", row[columns.index("began")])
    assert re.fullmatch(r"[A-Za-z0-9_-]{20}", row[columns.index("id")])


def every_byte(folder: Path) -> bytes:
    """The database, its write-ahead log and the server's log. Surveys are the researcher's own."""
    return b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.parent.name != "surveys"
    )


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_nobody_else_on_the_machine_can_read_the_database(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "anonymous.yaml").write_text(SURVEY)
    with Server(tmp_path) as server, server.client() as browser:
        token = field(browser.get("/s/anonymous").text, "token")
        browser.post("/s/anonymous", data={"token": token})
        files = [path for path in tmp_path.rglob("opinion.db*") if path.is_file()]
        assert len(files) >= 2  # its write-ahead log too
        assert [path.name for path in files if path.stat().st_mode & 0o077] == []
        server.stop()


@pytest.fixture
def further(tmp_path: Path) -> Iterator[Server]:
    """A server with a survey in which chance, languages, quotas and the day all have their part."""
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(FURTHER)
    (tmp_path / "surveys" / "leaving.de.yaml").write_text("title: Ausstieg")
    with Server(tmp_path) as server:
        server.address()
        yield server


def stored(server: Server) -> list[dict[str, Any]]:
    """The responses in the order in which they began, as SQLite has it."""
    found = rows(server, "SELECT id, answers, began, disposition, holds FROM response ORDER BY seq")
    names = ("id", "answers", "began", "disposition", "holds")
    return [dict(zip(names, row, strict=True)) | {"answers": json.loads(row[1])} for row in found]


def test_what_is_given_to_a_response_tells_no_time_but_its_day(further: Server) -> None:
    for _ in range(4):
        respond(further, "leaving", ONE_OF_MANY)
    given = {"language", "today", "cause", "section.you~order", "case_block", "case_who_1", "case_who_2"}
    for row in stored(further):
        asked = {"specialty", "left", "sorry", "missed", "words", "case_right_1", "case_right_2"}
        assert row["answers"].keys() == given | asked
        assert row["answers"]["today"] == row["began"]
        assert row["holds"] == "surgeons"
        assert re.search(r"\d\d:\d\d|\d{9}", json.dumps(row["answers"])) is None
    counters = rows(further, "SELECT name, taken FROM counter ORDER BY name")
    assert [(name.partition("/")[0], taken) for name, taken in counters] == [("place", 4), ("quota", 4)]


def test_the_language_is_kept_and_nothing_else_that_a_browser_asks_for(further: Server) -> None:
    with further.client(headers={"accept-language": "xx-CANARY, en-GB;q=0.9"}) as browser:
        page = browser.get("/s/leaving").text
        browser.post("/s/leaving", data={"token": field(page, "token")})
    (row,) = stored(further)
    assert row["answers"]["language"] == "en"
    further.stop()
    assert b"CANARY" not in every_byte(further.folder)


def test_exports_tell_nothing_of_who_came_before_whom(further: Server) -> None:
    for _ in range(12):
        respond(further, "leaving", ONE_OF_MANY)
    begun = [row["id"] for row in stored(further)]
    client = researcher(further)
    for name in ("export", "vignettes"):
        found = list(
            csv.DictReader(io.StringIO(client.get(f"/research/leaving/{name}.csv").text.lstrip("\ufeff")))
        )
        ids = list(dict.fromkeys(row["response_id"] for row in found))
        assert ids == sorted(begun, key=lambda id: base64.urlsafe_b64decode(id)) != begun
        told = {
            column for column in found[0] if re.search("seq|place|hold|receipt|today|version|time", column)
        }
        assert told == set()
        assert {row.get("began") for row in found} <= {None, stored(further)[0]["began"]}


def test_the_public_hears_nothing_of_chance_languages_quotas_or_what_is_worked_out(further: Server) -> None:
    for _ in range(6):
        respond(further, "leaving", ONE_OF_MANY)
    page = further.client().get("/results/leaving").text
    figures = page.partition("<section class=\"rest\">")[0]
    assert "Are you sorry?" in figures and "Disagree" in figures and "No answers yet" not in figures
    hidden = (
        "Arm of", "Level of", "Left lately", "Regret score", "surgeons", "Surgeons", "canary", "Is it right?", "German",
        "lately", "regret", "case_",
    )  # fmt: skip
    assert [word for word in hidden if word in figures] == []


def test_nothing_is_left_of_one_who_withdraws_from_a_place_of_a_quota(further: Server) -> None:
    client = respond(further, "leaving", ONE_OF_MANY)
    code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4})+", client.get("/s/leaving/done").text)
    assert code and b"canary-words" in every_byte(further.folder)
    page = client.get("/withdraw").text
    client.post("/withdraw", data=form_of(page) | {"receipt": code[0]})
    (row,) = stored(further)
    assert (row["answers"], row["disposition"], row["holds"]) == ({}, "withdrawn", None)
    freed = f"freed/leaving/surgeons/{datetime.date.today()}"  # open to others from tomorrow on
    assert (freed, 1) in rows(further, "SELECT name, taken FROM counter")
    assert b"canary-words" not in every_byte(further.folder)
    further.stop()
    assert b"canary-words" not in every_byte(further.folder)
