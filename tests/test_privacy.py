"""Anonymous is anonymous: what a request carries beside its answers is found nowhere afterwards."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from tests.served import Server

SURVEY = """
title: Anonymous
sections:
  one: {items: {words: {type: text, ask: Say, required: true}}}
  two: {items: {more: {type: text, ask: Say more, required: true}}}
"""
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
                form = {"token": token, "version": field(page, "version"), "shown": name, name: "an answer", "unasked": CANARIES["unasked"]}
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
    assert columns == ["id", "survey", "instrument", "seq", "disposition", "answers", "began", "submitted", "minutes", "receipt", "holds"]
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", row[columns.index("began")])
    assert re.fullmatch(r"[A-Za-z0-9_-]{20}", row[columns.index("id")])


def every_byte(folder: Path) -> bytes:
    """The database, its write-ahead log, the snapshots and the server's log. Surveys are the researcher's own."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.parent.name != "surveys")


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
