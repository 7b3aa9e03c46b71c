"""Databases written by earlier versions: this version opens them, and nobody in them loses anything.

Each folder of tests/databases is named for the commit that wrote it, and holds the same fieldwork on both engines:
two versions of one survey, nine complete responses, one screened out, one withdrawn and three half-way, with the
cookies and receipts that their browsers hold.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.postgres import execute
from tests.support.respondent import form_of
from tests.support.server import Server

DATABASES = Path(__file__).parent / "databases"
ANSWERS = {
    "status": "left", "outside": "yes", "reasons": ["pay"], "years": "12", "post": "House officer", "posts_more_1": "no",
    "seen.peers": "1", "seen.family": "3", "stay.hours": "2", "stay.pay": "1", "cause_seen": "2", "words": "At last",
}  # fmt: skip


@pytest.fixture(params=sorted(path.name for path in DATABASES.iterdir()))
def old(request: pytest.FixtureRequest) -> Path:
    return DATABASES / request.param


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def respondents(old: Path, engine: str) -> dict[str, Any]:
    return json.loads((old / "respondents.json").read_text())[engine]


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path, old: Path, engine: str) -> str:
    """A copy of the old database, as its server left it."""
    if engine == "sqlite":
        shutil.copy(old / "opinion.sqlite", tmp_path / "opinion.db")
        return f"sqlite:///{tmp_path}/opinion.db"
    address = request.getfixturevalue("postgres_url")
    asyncio.run(execute(address, (old / "opinion.sql").read_text()))
    return address


@pytest.fixture
def server(tmp_path: Path, old: Path, url: str) -> Iterator[Server]:
    (tmp_path / "surveys").mkdir()
    shutil.copy(old / "leaving.yaml", tmp_path / "surveys")
    with Server(tmp_path, OPINION_DATABASE_URL=url) as running:
        running.address()
        yield running


def exported(url: str) -> dict[str, dict[str, str]]:
    """The export of the command line, by response."""
    program = [sys.executable, "-m", "app.commands.main", "export", "leaving", "--no-bom", "--database-url", url]
    text = subprocess.run(program, capture_output=True, text=True, check=True, cwd=DATABASES.parent.parent).stdout
    return {row["response_id"]: row for row in csv.DictReader(io.StringIO(text))}


def goes_on(server: Server, cookies: dict[str, str]) -> httpx.Client:
    """Their browser opens the survey's address again, answers what is left, and submits."""
    client = server.client(follow_redirects=True, cookies=cookies)
    page = client.get("/s/leaving")
    going_on = re.search(r'href="(/s/leaving/[a-z_0-9]+)"', page.text)
    page = page if form_of(page.text)["shown"] else client.get(going_on[1])  # type: ignore[index]
    for _ in range(12):
        if page.url.path.endswith("/done"):
            return client
        form = form_of(page.text)
        cases = {name: "3" for name in re.findall(r'name="(move[^"]*)"', page.text)}
        page = client.post(page.url, data=form | ANSWERS | cases | {"asked": form["shown"]})
        assert page.status_code == 200, page.text
    raise AssertionError("no end of pages")


@pytest.mark.parametrize("who", ["half_way", "half_way_second_version", "holds_a_place"])
def test_who_was_half_way_goes_on_and_submits(server: Server, url: str, respondents: dict[str, Any], who: str) -> None:
    before = exported(url)
    goes_on(server, respondents[who]["cookies"]).close()
    after = exported(url)
    assert len(after) == len(before)
    (new,) = [id for id, row in after.items() if row["disposition"] != before[id]["disposition"]]
    assert after[new]["disposition"] == "complete" and after[new]["words"] == "At last"
    assert after[new]["status"] == ("practising" if who == "half_way" else "left")


def test_a_receipt_still_withdraws_and_the_rest_stays(server: Server, url: str, respondents: dict[str, Any]) -> None:
    before = exported(url)
    for who in ("submitted", "submitted_second_version"):
        client = server.client(follow_redirects=True)
        form = form_of(client.get("/withdraw").text) | {"receipt": respondents[who]["receipt"]}
        assert "withdrawn" in client.post("/withdraw", data=form).text.lower()
    after = exported(url)
    assert len(before) - len(after) == 2 and set(after) < set(before)


def test_the_export_has_the_same_answers(server: Server, url: str, old: Path) -> None:
    rows = [row for row in exported(url).values() if row["disposition"] == "complete"]
    told = sorted((row["status"], row["years"] or row["years_v1"], row["reasons_other_text"]) for row in rows)
    practising = [("practising", str(years), "") for years in (0, 2, 4, 6)]
    left = [("left", str(years), "") for years in (1, 3, 5)]
    assert told == sorted([*practising, *left, ("left", "12", "A better offer"), ("left", "12", "A better offer")])
    assert {row["seen_peers"] + row["seen_family"] + row["stigma"] for row in rows} == {"132"}
    assert {row["stay_pay"] + row["stay_hours"] for row in rows} == {"12"}


def test_the_public_page_still_answers(server: Server) -> None:
    page = server.client().get("/results/leaving")
    assert page.status_code == 200 and "Where are you now?" in page.text
