"""Who came before whom cannot be read from what is stored."""

from __future__ import annotations

import asyncio
import datetime
import sqlite3

import pytest

from app.responses.storage import Storage, open_storage
from app.responses.tables import Response
from app.responses.upkeep.arrival import renumber, renumber_always

DAY, LATER = datetime.date(2026, 12, 1), datetime.date(2026, 12, 2)


async def respond(storage: Storage, numbers: range, day: datetime.date = DAY) -> None:
    for n in numbers:
        await storage.begin(f"r{n:03}", "leaving", "d1", day, receipt=f"hash{n}")
        await storage.submit(f"r{n:03}", lambda row: {"n": 1}, day, 1, None)


async def in_order(by: str) -> list[str]:
    found = await Response.raw(f"SELECT id FROM response WHERE disposition <> 'open' ORDER BY {by}")
    return [row["id"] for row in found]


async def test_fifty_finished_responses_get_further_numbers_at_random(database_url):
    async with open_storage(database_url) as storage:
        await respond(storage, range(49))
        before = await storage.last_seq("leaving")
        assert await renumber(storage, "leaving", DAY) == 0
        await storage.begin("open", "leaving", "d1", DAY)
        await respond(storage, range(49, 50))
        assert await renumber(storage, "leaving", DAY) == 50
        assert await renumber(storage, "leaving", DAY) == 0
        order = await in_order("seq")
        assert sorted(order) == [f"r{n:03}" for n in range(50)] != order
        changes = await storage.changes("leaving", before + 3, 100)
        assert [change.id for change in changes] == order
        assert all(change.settled for change in changes)
        assert (await storage.load("open")).seq == before + 1


async def test_fewer_are_renumbered_once_their_day_is_over(database_url):
    async with open_storage(database_url) as storage:
        await respond(storage, range(7))
        assert await renumber(storage, "leaving", DAY) == 0
        assert await renumber(storage, "leaving", LATER) == 7


async def test_no_place_in_a_table_tells_the_order(database_url):
    async with open_storage(database_url) as storage:
        await respond(storage, range(60))
        assert await renumber(storage, "leaving", DAY) == 60
        arrived = sorted(await in_order("id"))
        if database_url.startswith("sqlite"):
            with pytest.raises(sqlite3.OperationalError, match="no such column"):
                await in_order("rowid")
        else:
            assert await in_order("ctid") == await in_order("seq") != arrived


async def test_the_write_ahead_log_is_emptied_after_renumbering(sqlite_url, tmp_path):
    """It shows in which order pages were written."""
    log = tmp_path / "opinion.db-wal"
    async with open_storage(sqlite_url) as storage:
        await respond(storage, range(50))
        assert log.stat().st_size > 0
        upkeep = asyncio.create_task(renumber_always(storage, lambda: DAY))
        async with asyncio.timeout(20):
            while log.stat().st_size:
                await asyncio.sleep(0.05)
        upkeep.cancel()
        order = await in_order("seq")
        assert sorted(order) != order


async def test_a_renumbered_response_is_still_found_and_withdrawn(database_url):
    async with open_storage(database_url) as storage:
        await respond(storage, range(50))
        await renumber(storage, "leaving", DAY)
        row, fresh = await storage.submit("r007", lambda row: {}, LATER, 1, None)
        assert (row.answers, fresh) == ({"n": 1}, False)
        before = await storage.last_seq("leaving")
        assert await storage.withdraw("hash7") == "leaving"
        (change,) = await storage.changes("leaving", before, 10)
        assert (change.id, change.disposition, change.settled) == ("r007", "withdrawn", False)


async def test_responses_are_renumbered_while_others_are_submitted(database_url):
    async with open_storage(database_url) as storage:
        await respond(storage, range(50))

        async def renumber_all():
            while await renumber(storage, "leaving", LATER):
                await asyncio.sleep(0)

        await asyncio.gather(renumber_all(), respond(storage, range(50, 80)), renumber_all())
        await renumber_all()
        seqs = [change.seq for change in await storage.changes("leaving", 0, 200)]
        assert len(set(seqs)) == len(seqs) == 80 and seqs == sorted(seqs)
