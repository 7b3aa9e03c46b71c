"""A full, locked or read-only disk and a lost PostgreSQL: said plainly, in the log and by /healthz, and got over."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.responses.backends import engines
from app.responses.backends import sqlite as sqlite_backend
from app.responses.errors import Unavailable, outage
from app.server.wiring import create_app
from app.settings import Settings
from app.web.http import health
from app.web.present import rooms
from tests.support.respondent import SURVEY, Respondent, form_of, service
from tests.support.server import Server


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(health, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.2)
    monkeypatch.setattr(sqlite_backend, "BUSY_SECONDS", 0.2)


def locking(path: Path) -> sqlite3.Connection:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


async def test_healthz_is_503_while_nothing_can_be_kept_and_recovers(tmp_path: Path, caplog) -> None:
    caplog.set_level(logging.INFO, "opinion.web")

    async with service(tmp_path) as app, Respondent(app) as browser:
        assert (await browser.get("/healthz")).text == "ok\n"
        other = locking(tmp_path / "opinion.db")
        answers = [await browser.get("/healthz") for _ in range(2)]
        assert [each.status_code for each in answers] == [503, 503] and answers[0].headers["retry-after"]
        other.execute("ROLLBACK")
        other.close()
        assert (await browser.get("/healthz")).status_code == 200
        app.storage.backend.writer.execute("PRAGMA query_only = 1")
        assert (await browser.get("/healthz")).status_code == 503
        app.storage.backend.writer.execute("PRAGMA query_only = 0")
        assert (await browser.get("/healthz")).status_code == 200
    told = [record.getMessage() for record in caplog.records if "stored" in record.msg or "can store" in record.msg]
    assert len(told) == 4 and "database is locked" in told[0] and "readonly" in told[2], told


async def test_healthz_asks_a_healthy_database_once_a_second_however_often_it_is_asked(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(health, "FRESH_SECONDS", 60.0)

    async with service(tmp_path) as app, Respondent(app) as browser:
        answers = await asyncio.gather(*[browser.get("/healthz") for _ in range(20)])
        assert {each.status_code for each in answers} == {200}
        assert (await app.storage.last_seqs())["~health"] == 1


async def test_healthz_and_signing_in_say_so_when_postgresql_is_gone(tmp_path: Path, postgres_to_crash) -> None:
    url = postgres_to_crash.get_uri()
    (tmp_path / "surveys").mkdir()

    async with create_app(Settings(database_url=url, surveys=str(tmp_path / "surveys"))) as app, Respondent(app) as browser:
        assert (await browser.get("/healthz")).status_code == 200
        await asyncio.to_thread(postgres_to_crash.cleanup)
        assert (await browser.get("/healthz")).status_code == 503
        sent = await browser.post("/sign-in", data={"email": "a@example.org", "password": "x" * 20})
        assert sent.status_code == 503 and "Not available just now" in sent.text


async def test_what_is_typed_while_postgresql_is_gone_can_be_sent_again(tmp_path: Path, postgres_to_crash) -> None:
    """Not even the page can be rendered then: all of it is in the form of the page that says so."""
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    settings = Settings(database_url=postgres_to_crash.get_uri(), surveys=str(tmp_path / "surveys"))
    async with create_app(settings) as app, Respondent(app) as browser:
        address = await browser.begin()
        form = form_of((await browser.get(address)).text) | {"status": "other", "status.other": 'TYPED <&">'}
        await asyncio.to_thread(postgres_to_crash.cleanup)
        sent = await browser.post(address, data=form)
        assert sent.status_code == 503 and "Nothing you entered is lost" in sent.text and sent.headers["retry-after"]
        held = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', sent.text)
        assert ("status", "other") in held and ("status.other", "TYPED &lt;&amp;&#34;&gt;") in held
        assert ("token", form["token"]) in held and [pair for pair in held if pair[0] == "shown"] == [("shown", "status")]
        code = await browser.post("/withdraw", data={"receipt": "ABCD-EFGH"})
        assert code.status_code == 503 and ' name="receipt" value="ABCD-EFGH"' in code.text


def test_a_start_without_postgresql_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    with Server(tmp_path, OPINION_DATABASE_URL=f"postgresql://nobody@/x?host={tmp_path}") as server:
        assert server.process.wait(60) != 0
        assert "PostgreSQL cannot be reached; start it, or check --database-url" in server.log.read_text()


async def test_a_page_that_cannot_be_kept_says_why_in_the_log_and_nothing_that_was_typed(tmp_path: Path, caplog) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        form = form_of((await browser.get(address)).text) | {"status": "other", "status.other": "CANARY"}
        other = locking(tmp_path / "opinion.db")
        sent = await browser.post(address, data=form)
        assert sent.status_code == 503 and "CANARY" in sent.text
        assert "Not saved yet" in sent.text and "Please check your answers" not in sent.text
        begun = await Respondent(app).get("/s/leaving")
        new = await Respondent(app).post("/s/leaving", data={"token": form_of(begun.text)["token"]})
        assert new.status_code == 503
        other.execute("ROLLBACK")
        other.close()
    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("503")]
    assert len(lines) == 2
    assert all(line.endswith("the database cannot be used: OperationalError database is locked") for line in lines), lines
    assert "CANARY" not in caplog.text


async def test_signing_in_while_the_disk_is_locked_or_full_is_a_plain_503(tmp_path: Path, caplog) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        other = locking(tmp_path / "opinion.db")
        for address in ("/sign-in", "/sign-in/some-token"):
            sent = await browser.post(address, data={"email": "a@example.org", "password": "x" * 20})
            assert sent.status_code == 503 and "Not available just now" in sent.text
        other.execute("ROLLBACK")
        other.close()
        assert (await browser.post("/sign-in/some-token")).status_code == 410
    assert "database is locked" in caplog.text and "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (sqlite3.OperationalError("no such table: x"), False),
        (ValueError("x"), False),
        (FileNotFoundError("templates/none.html"), False),
        (Unavailable("x"), True),
    ],
)  # fmt: skip
def test_a_fault_of_ours_is_not_called_an_outage(error: Exception, is_one: bool) -> None:
    assert (outage(error) is not None) == is_one


async def test_rooms_are_followed_again_after_a_fault(monkeypatch, caplog) -> None:
    monkeypatch.setattr(rooms, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(rooms, "AFTER_FAULT_SECONDS", 0.0)
    found, looks = rooms.Rooms(SimpleNamespace(storage=None)), asyncio.Queue()
    found.rooms["leaving"] = rooms.Room()
    faults = iter([Unavailable("disk full"), KeyError("a word of a respondent")])

    async def look() -> None:
        looks.put_nowait(None)
        for fault in faults:
            raise fault

    monkeypatch.setattr(found, "look", look)
    following = asyncio.create_task(found.run())
    for _ in range(3):
        await asyncio.wait_for(looks.get(), 5)
    following.cancel()
    assert "the database cannot be used: disk full" in caplog.text and "KeyError" in caplog.text
    assert "respondent" not in caplog.text


# --- what failed leaves nothing behind ------------------------------------------------------------------------


FAILS = """
import asyncio, sqlite3, sys, threading
from app.responses.storage import open_storage
from app.responses.tables import Secret


async def main(url, how):
    async with open_storage(url) as storage:
        try:
            async with storage.engine.transaction() as transaction:
                if how == "full":
                    await transaction.connection.execute("PRAGMA max_page_count = 1")
                    for n in range(400):
                        await Secret.insert(Secret(name=f"key{n}", value="x" * 200))
                elif how == "rolled back":
                    await Secret.insert(Secret(name="key", value="x"))
                    await transaction.connection.execute("ROLLBACK")
                    await Secret.raw("SELECT * FROM nowhere")
                else:
                    await transaction.connection.execute("PRAGMA defer_foreign_keys = 1")
                    await transaction.connection.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
                    await transaction.connection.execute("CREATE TABLE child (id INTEGER REFERENCES parent (id))")
                    await transaction.connection.execute("INSERT INTO child VALUES (7)")
        except sqlite3.Error as error:
            print(type(error).__name__, error, flush=True)
        async with storage.engine.transaction():
            await Secret.insert(Secret(name="after", value="x"))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("how", "says"),
    [("full", "database or disk is full"), ("rolled back", "no such table"), ("commit fails", "FOREIGN KEY")],
)
def test_a_transaction_that_fails_anywhere_lets_the_process_end(sqlite_url: str, how: str, says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILS, sqlite_url, how], capture_output=True, text=True, timeout=30, cwd=Path(__file__).parents[1]
    )
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
