"""Databases written by earlier versions: this version opens them, and nobody in them loses anything.

Each folder of tests/databases is named for the commit that wrote it, and holds the same fieldwork on both engines:
two versions of one survey, nine complete responses, one screened out, one withdrawn and three half-way, with the
cookies and receipts that their browsers hold.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.commands import opinion
from tests.support.exports import rows_of
from tests.support.postgres import execute, new_database
from tests.support.respondent import form_of
from tests.support.server import Server, offered

DATABASES = Path(__file__).parent / "databases"
ANSWERS = {
    "status": "left", "outside": "yes", "reasons": ["pay"], "years": "12", "post": "House officer", "posts_more_1": "no",
    "seen.peers": "1", "seen.family": "3", "stay.hours": "2", "stay.pay": "1", "cause_seen": "2", "words": "At last",
}  # fmt: skip


@pytest.fixture(scope="module", params=sorted(path.name for path in DATABASES.iterdir()))
def old(request: pytest.FixtureRequest) -> Path:
    return DATABASES / request.param


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def respondents(old: Path, engine: str) -> dict[str, Any]:
    return json.loads((old / "respondents.json").read_text())[engine]


@contextmanager
def copied(old: Path, engine: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a copy of the old database, as its server left it."""
    if engine == "sqlite":
        shutil.copy(old / "opinion.sqlite", folder / "opinion.db")
        yield f"sqlite:///{folder}/opinion.db"
        return
    with new_database(request.getfixturevalue("postgres_server")) as address:
        asyncio.run(execute(address, (old / "opinion.sql").read_text()))
        yield address


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, old: Path) -> Path:
    return offered(tmp_path_factory.mktemp("old"), leaving=(old / "leaving.yaml").read_text())


@pytest.fixture(scope="module")
def url(old: Path, engine: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    with copied(old, engine, folder, request) as address:
        yield address


@pytest.fixture(scope="module")
def server(folder: Path, url: str) -> Iterator[Server]:
    """One for all tests: each looks at what it changed itself."""
    with Server(folder, OPINION_DATABASE_URL=url) as running:
        running.address()
        yield running


def exported(url: str) -> dict[str, dict[str, str]]:
    """The export of the command line, by response."""
    done = opinion("export", "leaving", "--no-bom", "--database-url", url)
    assert done.exit_code == 0, done.output
    return {row["response_id"]: row for row in rows_of(done.stdout_bytes)}


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


def test_the_export_has_the_same_answers(old: Path, engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with copied(old, engine, tmp_path, request) as url:
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
