"""Encoded responses in the database: they hold for the response as it stands, or they are not there."""

from __future__ import annotations

import asyncio
import datetime
from contextlib import asynccontextmanager

import pytest

from app.responses import encoded
from app.responses.rows import Row
from app.responses.storage import Storage, open_storage
from app.responses.tables import Encoded, Response
from app.responses.upkeep.arrival import renumber
from tests.support.encoded import Made, keep_all

DAY, LATER = datetime.date(2026, 12, 1), datetime.date(2026, 12, 2)


@asynccontextmanager
async def storage_with(url: str, count: int):
    async with open_storage(url) as storage:
        for n in range(count):
            await storage.begin(f"r{n}", "leaving", "d1", DAY, receipt=f"hash{n}")
        yield storage


async def submit(storage: Storage, id: str) -> None:
    await storage.submit(id, lambda row: row.answers, DAY, 1, None)


async def read(storage: Storage) -> tuple[list[str], list[str]]:
    """The ids of the encoded responses that hold, and of those that have to be read by their answers."""
    parts = [part async for part in storage.encoded.parts("leaving")]
    return [row[0] for part in parts for row in part.rows], [id for part in parts for id in part.missing]


async def test_what_is_encoded_holds_until_its_response_changes(database_url, monkeypatch):
    monkeypatch.setattr(encoded, "AT_ONCE", 2)
    async with storage_with(database_url, 5) as storage:
        assert await read(storage) == ([], ["r0", "r1", "r2", "r3", "r4"])
        await keep_all(storage)
        assert await read(storage) == (["r0", "r1", "r2", "r3", "r4"], [])
        await storage.change("r1", lambda row: {"more": "words"})
        await submit(storage, "r3")
        await storage.begin("r9", "leaving", "d1", DAY)
        await storage.begin("elsewhere", "another", "d1", DAY)
        assert await read(storage) == (["r0", "r2", "r4"], ["r1", "r3", "r9"])


async def test_an_encoded_response_is_deleted_with_the_answers_it_came_from(database_url):
    async with storage_with(database_url, 4) as storage:
        await submit(storage, "r1")
        await keep_all(storage)
        await storage.withdraw("hash1")  # submitted
        await storage.withdraw("hash2")  # open
        await storage.change("r3", lambda row: {"more": "words"})
        assert [row["id"] for row in await Encoded.select(Encoded.id)] == ["r0"]
        await Response.delete().where(Response.id == "r0")
        assert not await Encoded.exists()
        assert sorted(await storage.encoded.withdrawn("leaving")) == ["r1", "r2"]


async def test_what_was_encoded_before_a_withdrawal_is_not_stored_after_it(database_url):
    async with storage_with(database_url, 3) as storage:
        await submit(storage, "r1")
        read_before = await storage.changes("leaving", 0, 10)
        await storage.withdraw("hash1")
        await storage.withdraw("hash2")
        await renumbered(storage)
        made = [Made(each.id, each.seq, each.disposition == "complete") for each in read_before]
        await storage.encoded.keep("leaving", made)
        assert [row["id"] for row in await Encoded.select(Encoded.id)] == ["r0"]


async def renumbered(storage: Storage, survey: str = "leaving") -> None:
    while await renumber(storage, survey, LATER + datetime.timedelta(days=1)):
        pass


async def test_withdrawing_while_encoded_responses_are_stored_leaves_none_behind(database_url):
    async with storage_with(database_url, 60) as storage:
        made = [Made(each.id, each.seq) for each in await storage.changes("leaving", 0, 100)]
        storing = [storage.encoded.keep("leaving", made) for _ in range(5)]
        leaving = [storage.withdraw(f"hash{n}") for n in range(60)]
        await asyncio.gather(*storing[:2], *leaving[:30], *storing[2:], *leaving[30:])
        assert not await Encoded.exists()


async def test_an_encoded_response_follows_its_new_number(database_url):
    async with storage_with(database_url, 0) as storage:
        rows = [Row(f"r{n}", "leaving", "d1", 0, "complete", {}, DAY, DAY, 1) for n in range(60)]
        await storage.insert_many("leaving", rows)
        await keep_all(storage)
        await renumbered(storage)
        assert sorted((await read(storage))[0]) == sorted(row.id for row in rows)
        late = [Made(f"r{n}", 1, finished=True, body=b"later") for n in range(60)]
        await storage.encoded.keep("leaving", late)  # encoded before they were renumbered
        found = [row async for part in storage.encoded.parts("leaving") for row in part.rows]
        assert {row[2] for row in found} == {b"later"} and len(found) == 60


@pytest.mark.parametrize(
    "damage", ["UPDATE encoded SET seq = seq + 4 WHERE id = 'r1'", "DELETE FROM encoded WHERE id = 'r1'"]
)
async def test_a_lost_or_misnumbered_encoded_response_is_missed(database_url, damage):
    async with storage_with(database_url, 3) as storage:
        await keep_all(storage)
        await Encoded.raw(damage)
        assert await read(storage) == (["r0", "r2"], ["r1"])
