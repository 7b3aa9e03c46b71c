"""What is kept beside the responses, and the engines that Piccolo works on."""

from __future__ import annotations

import asyncio
import datetime
import sqlite3
import threading
import time

import pytest

from app.responses.backends import engines
from app.responses.backends import sqlite as sqlite_backend
from app.responses.backends.engines import engine_for
from app.responses.storage import open_storage
from app.responses.tables import Researcher, Secret, Session

DAY = datetime.date(2026, 12, 1)
LATER = datetime.date(2026, 12, 2)


async def test_each_version_keeps_its_number_and_the_last_one_taken_up_is_the_newest(database_url):
    async with open_storage(database_url) as storage:
        assert await storage.keep_instrument("leaving", "d1", "title: One", DAY) == 1
        assert await storage.keep_instrument("leaving", "d2", "title: Two", LATER) == 2
        assert await storage.keep_instrument("another", "d3", "title: Else", LATER) == 1
        assert await storage.keep_instrument("leaving", "d1", "title: One", LATER) == 1
        assert await storage.instrument_source("leaving", "d2") == "title: Two"
        assert await storage.instrument_source("leaving", "unknown") is None
        assert await storage.versions("leaving") == [
            {"version": 2, "digest": "d2", "first_served": LATER},
            {"version": 1, "digest": "d1", "first_served": DAY},
        ]


async def test_instruments_kept_at_once_get_different_numbers(database_url):
    async with open_storage(database_url) as storage:
        kept = [storage.keep_instrument("leaving", f"d{n % 6}", f"title: {n % 6}", DAY) for n in range(12)]
        numbers = await asyncio.gather(*kept)
        assert numbers[:6] == numbers[6:]
        assert sorted(numbers[:6]) == [1, 2, 3, 4, 5, 6]
        assert len(await storage.versions("leaving")) == 6


async def test_the_first_release_of_a_number_is_the_one_that_stays(database_url):
    async with open_storage(database_url) as storage:
        assert await storage.releases.latest("leaving") is None
        won = await asyncio.gather(
            *[storage.releases.add("leaving", 1, DAY, 10, {"by": n, "status": {"left": 4}}) for n in range(8)]
        )
        assert won.count(True) == 1
        first = await storage.releases.latest("leaving")
        figures = {"by": won.index(True), "status": {"left": 4}}
        assert first == {"number": 1, "day": DAY, "responses": 10, "figures": figures}
        assert await storage.releases.add("leaving", 2, LATER, 20, {})
        assert await storage.releases.add("another", 1, LATER, 10, {})
        assert (await storage.releases.latest("leaving"))["number"] == 2


async def test_the_servers_key_is_made_once(database_url):
    async with open_storage(database_url) as storage:
        made = (f"key{n}" for n in range(100))
        keys = await asyncio.gather(*[storage.secrets.get("tokens", lambda: next(made)) for _ in range(10)])
        assert len(set(keys)) == 1
        assert await storage.secrets.get("tokens", lambda: "another") == keys[0]
    async with open_storage(database_url) as storage:  # after a restart
        assert await storage.secrets.get("tokens", lambda: "another") == keys[0]


async def test_two_researchers_cannot_have_one_address(database_url):
    async with open_storage(database_url):
        await Researcher.insert(Researcher(email="a@example.org", added=DAY))
        with pytest.raises(Exception, match=r"(?i)unique"):
            await Researcher.insert(Researcher(email="a@example.org", added=DAY))
        assert await Researcher.count() == 1


async def test_transactions_that_read_and_then_write_take_their_turn(database_url):
    async def add_one(storage):
        async with storage.engine.transaction():
            query = Secret.select().where(Secret.name == "count").first()
            found = await (query.lock_rows() if storage.engine.engine_type == "postgres" else query)
            await Secret.update({Secret.value: str(int(found["value"]) + 1)}).where(Secret.name == "count")

    async with open_storage(database_url) as storage:
        await Secret.insert(Secret(name="count", value="0"))
        await asyncio.gather(*[add_one(storage) for _ in range(40)])
        assert (await Secret.select().first())["value"] == "40"


async def test_a_transaction_that_fails_leaves_nothing_behind(database_url):
    async with open_storage(database_url) as storage:
        with pytest.raises(ZeroDivisionError):
            async with storage.engine.transaction():
                await Secret.insert(Secret(name="half", value="done"))
                raise ZeroDivisionError
        assert not await Secret.exists().where(Secret.name == "half")
        async with storage.engine.transaction():
            await Secret.insert(Secret(name="whole", value="done"))
        assert await Secret.exists().where(Secret.name == "whole")


async def test_a_transaction_that_cannot_begin_leaves_no_thread_and_no_lock(sqlite_url, monkeypatch):
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.05)

    async with open_storage(sqlite_url):
        engine = engine_for(sqlite_url)
        other = sqlite_backend.connect(engine.path)
        other.execute("BEGIN IMMEDIATE")
        threads = threading.active_count()
        for _ in range(3):
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                async with engine.transaction():
                    raise AssertionError("it began")
        await asyncio.sleep(0.1)
        assert threading.active_count() == threads
        other.execute("ROLLBACK")
        other.close()
        async with engine.transaction():
            assert engine.writing.locked()


async def test_a_researcher_can_sign_in_while_pages_pour_in(sqlite_url):
    """The writer never holds the file so long that another connection gives up."""

    async def respondent(storage, n, stop):
        await storage.begin(f"r{n}", "leaving", "d1", DAY)
        while not stop.is_set():
            await storage.change(f"r{n}", lambda row: {"pages": row.answers.get("pages", 0) + 1})

    async with open_storage(sqlite_url) as storage:
        stop = asyncio.Event()
        pages = [asyncio.ensure_future(respondent(storage, n, stop)) for n in range(16)]
        for n in range(10):
            await Session.insert(Session(token_hash=str(n), researcher=1, began=1, last_seen=1, expires=2))
            async with storage.engine.transaction():
                await Session.update({Session.last_seen: 2}).where(Session.token_hash == str(n))
        stop.set()
        await asyncio.gather(*pages)
        assert await Session.count().where(Session.last_seen == 2) == 10


def test_a_cancelled_query_ends_before_its_event_loop_is_closed(sqlite_url, monkeypatch):
    """Its thread would find nobody to report to."""
    unheard = []
    monkeypatch.setattr(threading, "excepthook", unheard.append)

    async def cut_off():
        async with open_storage(sqlite_url) as storage:
            monkeypatch.setitem(storage.engine.connection_kwargs, "factory", SlowConnection)
            query = asyncio.create_task(Secret.select().run())
            await asyncio.sleep(0.05)
            query.cancel()
            with pytest.raises(asyncio.CancelledError):
                await query

    with asyncio.Runner() as runner:
        runner.run(cut_off())
    deadline = time.monotonic() + 5
    while any("_connection_worker_thread" in thread.name for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert unheard == []


class SlowConnection(engines.DurableConnection):
    def __init__(self, *given, **named):
        time.sleep(0.3)
        super().__init__(*given, **named)
