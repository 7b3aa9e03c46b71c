"""What is derived can be neither wrong nor stale: dashboards show what the database holds, whatever happened to it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from app.catalogue.library import InstrumentLibrary
from app.responses.storage import Storage, open_storage
from app.responses.tables import Encoded
from app.responses.upkeep.erasure import compact
from app.results.frame.loading import FrameLoader
from app.results.marginals import figures
from app.results.progress import progress
from app.results.view import View
from app.server.wiring import create_app
from app.settings import Settings
from app.web.live import figures as live_module
from app.web.live import frames
from app.web.live.counting import CountingThreads
from app.web.live.figures import LiveFigures
from app.web.live.frames import Preparing
from app.web.live.views import PageView
from tests.support.answers import complete_rows, instrument
from tests.support.respondent import Respondent, service
from tests.support.waiting import expect_soon

SURVEY = """
title: Leaving
results: {show_to: everyone, floor: 10, release_every: 10}
sections:
  now:
    items:
      status: {type: single_choice, ask: Where are you?, options: {practising: In practice, left: Left}}
"""
DAY = datetime.date(2026, 12, 1)
ASKED = instrument(SURVEY)


async def fill(storage: Storage, numbers: range, status: str = "left") -> None:
    await storage.keep_instrument("leaving", ASKED.digest, SURVEY, DAY)
    await storage.insert_many("leaving", complete_rows(ASKED, numbers, lambda n: {"status": status}))


async def answer(app, numbers: range) -> None:
    rows = complete_rows(ASKED, numbers, lambda n: {"status": ("left", "practising")[n % 2]})
    await app.storage.insert_many("leaving", rows)


def live_on(storage: Storage) -> LiveFigures:
    """Live figures of a process in which nobody looks at a dashboard."""
    return LiveFigures(InstrumentLibrary(storage), CountingThreads(), None, None)  # type: ignore[arg-type]


async def shown(storage: Storage) -> dict[str, int]:
    """How many said what, as the dashboard of a process that has just started tells it; stores what it encodes."""
    live = live_on(storage)
    source = await live.frame_of("leaving")
    assert source is not None
    (item,) = [item for item in figures(source.loaded).items if item.id == "status"]
    await live.store_encoded()
    return {str(cell.code): cell.count.n for cell in item.parts[0].cells}


async def test_a_restart_reads_encoded_responses_and_no_answers(database_url, monkeypatch):
    async with open_storage(database_url) as storage:
        await fill(storage, range(30))
        assert await shown(storage) == {"practising": 0, "left": 30}
        assert await Encoded.count() == 30
    async with open_storage(database_url) as storage:
        monkeypatch.setattr(FrameLoader, "take_changes", None)
        assert await shown(storage) == {"practising": 0, "left": 30}


async def test_a_database_begun_anew_shows_nothing_of_the_one_before(sqlite_url, tmp_path):
    async with open_storage(sqlite_url) as storage:
        await fill(storage, range(30), "left")
        assert await shown(storage) == {"practising": 0, "left": 30}
    for path in tmp_path.glob("opinion.db*"):
        path.unlink()
    async with open_storage(sqlite_url) as storage:
        await fill(storage, range(30), "practising")
        assert await shown(storage) == {"practising": 30, "left": 0}


async def test_a_restored_backup_shows_what_it_holds_and_then_what_is_new(sqlite_url, tmp_path):
    async with open_storage(sqlite_url) as storage:
        await fill(storage, range(30))
        await shown(storage)
    shutil.copy(tmp_path / "opinion.db", tmp_path / "copy.db")
    async with open_storage(sqlite_url) as storage:
        await fill(storage, range(30, 50))
        await storage.withdraw("hash0")
        assert await shown(storage) == {"practising": 0, "left": 49}
    for path in tmp_path.glob("opinion.db*"):
        path.unlink()
    shutil.copy(tmp_path / "copy.db", tmp_path / "opinion.db")
    async with open_storage(sqlite_url) as storage:
        assert await shown(storage) == {"practising": 0, "left": 30}
        await fill(storage, range(60, 80), "practising")
        assert await shown(storage) == {"practising": 20, "left": 30}


DAMAGED = {
    "body": lambda body: body[:-5] + bytes([body[-5] ^ 1]) + body[-4:],  # "left" becomes "practising"
    "layout": lambda layout: "x" + layout[1:],
    "seq": lambda seq: seq + 1,
    "id": lambda id: id[:-2] + "-" + id[-1],
}


@pytest.mark.parametrize("column", DAMAGED)
async def test_damaged_rows_are_encoded_anew(sqlite_url, tmp_path, column):
    async with open_storage(sqlite_url) as storage:
        await fill(storage, range(30))
        good = await shown(storage)
    with sqlite3.connect(tmp_path / "opinion.db") as connection:
        for rowid, value in connection.execute(f"SELECT id, {column} FROM encoded").fetchall()[::3]:
            damaged = DAMAGED[column](value)
            connection.execute(f"UPDATE encoded SET {column} = ? WHERE id = ?", (damaged, rowid))
    connection.close()
    async with open_storage(sqlite_url) as storage:
        assert await shown(storage) == good
    if column != "id":
        async with open_storage(sqlite_url) as storage:
            parts = [part async for part in storage.encoded.parts("leaving")]
            assert [part.missing for part in parts] == [[]]


def flipped(database: Path, page: int, chance: random.Random) -> None:
    content = bytearray(database.read_bytes())
    content[(page - 1) * 4096 + chance.randrange(4096)] ^= 1 << chance.randrange(8)
    database.write_bytes(content)


def pages_of(database: Path, table: str) -> list[int]:
    """The first page of a table without a rowid, and the pages below it."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert connection.execute("PRAGMA page_size").fetchone() == (4096,)
        ((root,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table])
    page = database.read_bytes()[(root - 1) * 4096 : root * 4096]
    cells = [int.from_bytes(page[at : at + 2], "big") for at in range(12, 12 + 2 * int.from_bytes(page[3:5], "big"), 2)]
    return [root, *(int.from_bytes(page[at : at + 4], "big") for at in [8, *cells])]


@pytest.fixture(scope="module")
async def encoded_on_disk(tmp_path_factory) -> Path:
    """A database of 400 encoded responses."""
    database = tmp_path_factory.mktemp("encoded") / "opinion.db"
    async with open_storage(f"sqlite:///{database}") as storage:
        await fill(storage, range(400))
        await shown(storage)
    return database


@pytest.mark.parametrize("seed", range(40))
async def test_a_flipped_bit_among_encoded_responses_changes_no_figure(encoded_on_disk, tmp_path, seed):
    chance, database = random.Random(seed), tmp_path / "opinion.db"
    shutil.copy(encoded_on_disk, database)
    pages = pages_of(database, "encoded")
    flipped(database, pages[0] if seed % 4 == 0 else chance.choice(pages), chance)
    async with open_storage(f"sqlite:///{database}") as storage:
        assert await shown(storage) == {"practising": 0, "left": 400}


async def test_answers_are_stored_although_encoded_responses_are_damaged(encoded_on_disk, tmp_path, caplog):
    database = tmp_path / "opinion.db"
    shutil.copy(encoded_on_disk, database)
    content = bytearray(database.read_bytes())
    for page in pages_of(database, "encoded")[1:]:
        content[(page - 1) * 4096 + 1] ^= 0x80  # its free space begins beyond its end
    database.write_bytes(content)
    async with open_storage(f"sqlite:///{database}") as storage:
        for n in range(20):
            assert await storage.withdraw(f"hash{n}") == "leaving"
        assert await shown(storage) == {"practising": 0, "left": 380}
    assert caplog.text.count("encoded responses are damaged") == 1


async def test_compact_deletes_an_encoded_response_that_belongs_to_none(database_url):
    """Withdrawing cannot find it."""
    async with open_storage(database_url) as storage:
        await fill(storage, range(30))
        await shown(storage)
        await Encoded.raw("UPDATE encoded SET id = 'stray' WHERE id = (SELECT id FROM response WHERE receipt = 'hash0')")
        await storage.withdraw("hash0")
        assert await Encoded.count() == 30
    await compact(database_url)
    async with open_storage(database_url):
        assert await Encoded.count() == 29 and not await Encoded.exists().where(Encoded.id == "stray")


async def test_answers_that_change_behind_the_back_of_the_service_are_seen(database_url):
    """By an operator who mends a row by hand."""

    async with open_storage(database_url) as storage:
        await fill(storage, range(3))
        assert await shown(storage) == {"practising": 0, "left": 3}
        mended = '{"status":"practising"}'
        await Encoded.raw("UPDATE response SET answers = {} WHERE receipt = 'hash1'", mended)
        await Encoded.raw("DELETE FROM response WHERE receipt = 'hash2'")
        assert await shown(storage) == {"practising": 1, "left": 1}


async def test_two_processes_show_the_same_and_store_it_twice_without_harm(postgres_url):
    async with open_storage(postgres_url) as storage:
        await fill(storage, range(200))
        async with open_storage(postgres_url) as other:
            both = await asyncio.gather(live_on(storage).frame_of("leaving"), live_on(other).frame_of("leaving"))
            await other.withdraw("hash7")
            for source in both:
                await source.catch_up()
                await source.store_encoded(least=1)
            assert [progress(source.loaded).complete for source in both] == [199, 199]
            assert await Encoded.count() == 199


async def test_while_responses_are_read_pages_tell_how_many(tmp_path, monkeypatch):
    """Neither hanging nor with wrong figures."""
    monkeypatch.setattr(live_module, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(live_module, "FEW_RESPONSES", 0)
    monkeypatch.setattr(frames, "ENCODED_AT_ONCE", 10)
    take, read = FrameLoader.take_changes, asyncio.Event()

    def slowly(self, changes):
        asyncio.run_coroutine_threadsafe(waited(), loop).result()
        return take(self, changes)

    async def counted(app):
        with contextlib.suppress(Preparing):
            await app.live.frame_of("leaving")
        return app.live.frames["leaving"].total

    async def waited():
        await read.wait()

    monkeypatch.setattr(FrameLoader, "take_changes", slowly)
    loop = asyncio.get_running_loop()
    async with service(tmp_path, SURVEY) as app, Respondent(app) as visitor:
        await answer(app, range(24))
        await app.results
        await expect_soon(lambda: counted(app))
        async with asyncio.timeout(10):
            page = await visitor.get("/results/leaving")
        assert page.status_code == 503 and page.headers["refresh"] == page.headers["retry-after"] == "2"
        assert "0 percent of the responses have been read" in page.text
        assert "24" not in page.text.partition("<main")[2]
        with pytest.raises(Preparing):
            await app.live.frame_of("leaving")
        read.set()

        async def ready():
            return (await visitor.get("/results/leaving")).status_code == 200

        await expect_soon(ready)
        assert "24 answered" in (await visitor.get("/results/leaving")).text


async def test_a_change_that_needs_other_columns_is_read_anew_in_the_background(tmp_path):
    newer = SURVEY.replace("type: single_choice", "type: multiple_choice")

    async with service(tmp_path, SURVEY) as app:
        await answer(app, range(24))
        old = await app.live.frame_of("leaving")
        (tmp_path / "surveys" / "leaving.yaml").write_text(newer)
        await app.surveys.load()

        async def replaced():
            board = app.live.frames.get("leaving")
            return board is not old and board.frame is not None

        await expect_soon(replaced)
        board = await app.live.frame_of("leaving")
        assert len(board.frame.instruments) == 2 and progress(board.frame).complete == 24
        assert progress(old.frame).complete == 24  # whoever is reading it may go on


async def test_snapshots_of_an_old_version_are_deleted_at_the_start(tmp_path, monkeypatch):
    beside, chosen = tmp_path / "opinion.db.frames", tmp_path / "chosen"
    for folder in (beside, chosen):
        folder.mkdir()
        (folder / "leaving.parquet").write_bytes(b"answers")
        (folder / "leaving.123.new").write_bytes(b"answers")
    (chosen / "notes.txt").write_text("mine")
    monkeypatch.setenv("OPINION_SNAPSHOTS", str(chosen))

    (tmp_path / "surveys").mkdir()
    async with create_app(Settings(database_url=f"sqlite:///{tmp_path}/opinion.db", surveys=str(tmp_path / "surveys"))):
        pass
    assert not beside.exists() and [path.name for path in Path(chosen).iterdir()] == ["notes.txt"]


async def test_what_a_newcomer_brings_up_to_date_reaches_those_who_look_already(tmp_path):
    async with service(tmp_path, SURVEY) as app:
        await answer(app, range(3))
        await app.results
        board = await app.live.frame_of("leaving")
        async with app.live.viewing(board, PageView("", View())) as view:
            await app.live._update(view)
            seen = view.seq
            await answer(app, range(3, 6))
            await app.live.frame_of("leaving")  # before the loop looks

            async def told():
                return view.seq > seen

            await expect_soon(told)
