"""The state of a presented poll in the database: all processes agree on it, on both engines."""

from __future__ import annotations

import asyncio
import datetime

from app.responses.releases import Presented
from app.responses.storage import open_storage
from app.responses.tables import Presentation

DAY = datetime.date(2026, 12, 7)


async def test_a_poll_that_was_never_presented_is_open_and_not_revealed(database_url):
    async with open_storage(database_url) as storage:
        assert await storage.presentations.of("poll") == Presented("poll", is_open=True, is_revealed=False)
        assert await Presentation.count() == 0  # looking has stored nothing


async def test_what_one_process_sets_another_one_reads(database_url):
    async with open_storage(database_url) as one:
        await one.presentations.change("poll", DAY, is_revealed=True)
        await one.presentations.change("poll", DAY, is_open=False)
        found = Presented("poll", is_open=False, is_revealed=True, changes=2)
        assert await one.presentations.of("poll") == found
        async with open_storage(database_url) as other:
            assert await other.presentations.of("poll") == found
            assert (await other.presentations.now(("poll", "else")))["else"] == Presented("else")
            row = await Presentation.select().first()
            assert row is not None and row["day"] == DAY  # and no time


async def test_presenters_who_press_at_once_do_not_undo_each_other(database_url):
    async with open_storage(database_url) as storage:
        change = storage.presentations.change
        await asyncio.gather(*(change("poll", DAY, is_revealed=True) for _ in range(5)), *(change("poll", DAY, is_open=False) for _ in range(5)))
        assert await storage.presentations.of("poll") == Presented("poll", is_open=False, is_revealed=True, changes=10)
