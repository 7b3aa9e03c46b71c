"""Saved means saved: processes that are killed while they write, and databases that crash under them."""

from __future__ import annotations

import asyncio
import collections
import datetime
import sqlite3
import subprocess
import sys

from app.responses.backends import sqlite as sqlite_backend
from app.responses.backends.engines import BUSY_SECONDS
from app.responses.storage import open_storage
from app.responses.tables import Secret, Sequence
from tests.support.postgres import crash

DAY = datetime.date(2026, 12, 1)

WRITES_UNTIL_KILLED = """
import asyncio, datetime, sys
from app.responses.errors import StorageError
from app.responses.storage import open_storage

DAY = datetime.date(2026, 12, 1)


def next_page(row):
    return {**row.answers, "pages": row.answers.get("pages", 0) + 1, "text": "x" * 500}


async def respondent(storage, id):
    await storage.begin(id, "leaving", "d1", DAY)
    while True:
        row = await storage.change(id, next_page)
        sys.stdout.write(f"{id} {row.answers['pages']}\\n")
        sys.stdout.flush()


async def main(url, name):
    async with open_storage(url) as storage:
        try:
            await asyncio.gather(*[respondent(storage, f"{name}{n}") for n in range(24)])
        except StorageError:
            print("the database is gone", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def start_writer(url, name="r"):
    return subprocess.Popen(
        [sys.executable, "-c", WRITES_UNTIL_KILLED, url, name],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def read_acknowledged(writer, lines, acknowledged):
    """Notes the last page acknowledged of each response, for so many lines or to the end."""
    for line in writer.stdout:
        if line.endswith(b"\n") and not line.startswith(b"the database"):
            id, page = line.decode().split()
            acknowledged[id] = max(int(page), acknowledged[id])
        lines -= 1
        if lines == 0:
            break


async def stored_rows(url):
    async with open_storage(url) as storage:
        changes = await storage.changes("leaving", 0, 1000)
        return [await storage.load_stored(change.id) for change in changes]


async def assert_all_there_once(url, acknowledged):
    rows = await stored_rows(url)
    assert len(acknowledged) > 0
    assert len({row.id for row in rows}) == len({row.seq for row in rows}) == len(rows)
    pages = {row.id: row.answers.get("pages", 0) for row in rows}
    for id, page in acknowledged.items():
        # One page more may be stored: its acknowledgement died with the writer.
        assert page <= pages[id] <= page + 1


async def test_a_killed_server_has_every_page_it_acknowledged(database_url):
    acknowledged = collections.Counter()
    for lines in (150, 400, 1000):
        writer = start_writer(database_url)
        read_acknowledged(writer, lines, acknowledged)
        writer.kill()
        read_acknowledged(writer, -1, acknowledged)
        writer.wait()
        await assert_all_there_once(database_url, acknowledged)


def test_a_killed_server_leaves_a_whole_file(sqlite_url):
    writer = start_writer(sqlite_url)
    read_acknowledged(writer, 500, collections.Counter())
    writer.kill()
    writer.communicate()
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


async def test_a_crashed_postgresql_has_every_page_that_was_acknowledged(postgres_to_crash):
    acknowledged = collections.Counter()
    writer = start_writer(postgres_to_crash.get_uri())
    read_acknowledged(writer, 500, acknowledged)
    crash(postgres_to_crash)
    read_acknowledged(writer, -1, acknowledged)
    assert writer.wait(timeout=10) == 0
    postgres_to_crash.ensure_postgres_running()
    await assert_all_there_once(postgres_to_crash.get_uri(), acknowledged)


BEGINS_MANY = """
import asyncio, datetime, sys
from app.responses.storage import open_storage


async def respondents(storage, name):
    for n in range(40):
        await storage.begin(f"{name}-{n}", "leaving", "d1", datetime.date(2026, 12, 1))


async def main(url, name):
    async with open_storage(url) as storage:
        await asyncio.gather(*[respondents(storage, f"{name}{n}") for n in range(12)])

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_reader_skips_no_row_while_processes_write_to_one_survey(database_url):
    """Reading on from the last number seen, it comes by every row, though each is written only once."""

    async def read_on(storage, writers):
        seen, last, finished = [], 0, False
        while True:
            changes = await storage.changes("leaving", last, 1000)
            if finished and not changes:
                return seen
            finished = all(writer.poll() is not None for writer in writers)
            seen += changes
            last = changes[-1].seq if changes else last

    async def story(storage):
        writers = [
            subprocess.Popen([sys.executable, "-c", BEGINS_MANY, database_url, name]) for name in "abc"
        ]
        try:
            seen = await asyncio.wait_for(read_on(storage, writers), 120)
        finally:
            for writer in writers:
                writer.kill()
                writer.wait()
        assert [change.seq for change in seen] == sorted({change.seq for change in seen})
        assert len({change.id for change in seen}) == len(seen) == 3 * 12 * 40

    await opened(database_url, story)


COUNTS_TOGETHER = """
import asyncio, datetime, sys
from app.responses.storage import open_storage


async def main(url, name):
    def count(row):
        return {**row.answers, "all": row.answers.get("all", 0) + 1, name: row.answers.get(name, 0) + 1}

    async with open_storage(url) as storage:
        for n in range(30):
            await asyncio.gather(*[storage.change(f"r{which}", count) for which in range(3)])

asyncio.run(main(*sys.argv[1:]))
"""


async def test_processes_that_change_the_same_responses_lose_nothing(database_url):
    async def story(storage):
        for which in range(3):
            await storage.begin(f"r{which}", "leaving", "d1", DAY)

    async def rows(storage):
        return [await storage.load(f"r{which}") for which in range(3)]

    await opened(database_url, story)
    writers = [
        subprocess.Popen([sys.executable, "-c", COUNTS_TOGETHER, database_url, name]) for name in "abc"
    ]
    try:
        assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    for row in await opened(database_url, rows):
        assert row.answers == {"all": 90, "a": 30, "b": 30, "c": 30}


async def test_every_connection_to_sqlite_waits_for_the_disk(sqlite_url):
    async def story(storage):
        pragmas = [(name, storage.backend.writer) for name in ("journal_mode", "synchronous", "busy_timeout")]
        writer = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name, connection in pragmas]
        assert writer == ["wal", 2, BUSY_SECONDS * 1000]
        for connection in (storage.backend.copier, sqlite_backend.connect(storage.engine.path)):
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert (await Secret.raw("PRAGMA synchronous"))[0]["synchronous"] == 2
        assert (await Secret.raw("PRAGMA journal_mode"))[0]["journal_mode"] == "wal"
        async with storage.engine.transaction():
            assert (await Secret.raw("PRAGMA synchronous"))[0]["synchronous"] == 2

    await opened(sqlite_url, story)


async def test_postgresql_waits_for_the_disk_whatever_its_default(postgres_url):
    async def story(storage):
        for setting in ("synchronous_commit", "fsync"):
            assert await storage.backend.writer.held.fetchval(f"SHOW {setting}") == "on"
            assert await Sequence.raw(f"SHOW {setting}") == [{setting: "on"}]

    async with open_storage(postgres_url):
        name = (await Sequence.raw("SELECT current_database() AS name"))[0]["name"]
        await Sequence.raw(f"ALTER DATABASE {name} SET synchronous_commit = off")
    await opened(postgres_url, story)


async def opened(url, story):
    async with open_storage(url) as storage:
        return await story(storage)
