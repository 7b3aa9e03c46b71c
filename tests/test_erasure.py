"""Withdrawn answers leave the disk: also those encoded, also while somebody reads, also out of PostgreSQL's heap."""

from __future__ import annotations

import asyncio
import datetime
import logging
import sqlite3
from pathlib import Path

import asyncpg

from app.responses.storage import Storage, open_storage
from app.responses.upkeep import erasure
from tests.support.commands import opinion
from tests.support.encoded import keep_all

DAY = datetime.date(2026, 12, 1)


def on_disk(folder: Path) -> bool:
    return any(b"unmistakable" in path.read_bytes() for path in folder.glob("opinion.db*"))


async def respond(storage: Storage, id: str = "r1") -> None:
    await storage.begin(id, "leaving", "d1", DAY, receipt=f"hash-{id}")
    await storage.change(id, lambda row: {"word": "unmistakable " * 100})
    await storage.submit(id, lambda row: row.answers, DAY, 1, None)
    await keep_all(storage)  # its words encoded are unmistakable too


async def test_encoded_words_are_gone_from_the_files_with_the_response(sqlite_url, tmp_path):
    async with open_storage(sqlite_url) as storage:
        await respond(storage)
        assert on_disk(tmp_path)
        await storage.withdraw("hash-r1")
        assert not on_disk(tmp_path)


async def test_while_somebody_reads_erasing_is_tried_again_and_said(sqlite_url, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(erasure, "RETRY_SECONDS", (0.02,))

    with caplog.at_level(logging.WARNING):
        async with open_storage(sqlite_url) as storage:
            await respond(storage)
            reader = sqlite3.connect(tmp_path / "opinion.db", isolation_level=None)
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM response").fetchall()
            async with asyncio.timeout(20):
                assert await storage.withdraw("hash-r1") == "leaving"
                while "write-ahead log" not in caplog.text:
                    await asyncio.sleep(0.05)
                assert on_disk(tmp_path)
                reader.execute("COMMIT")
                while on_disk(tmp_path):
                    await asyncio.sleep(0.05)
            reader.close()
    assert caplog.text.count("write-ahead log") == 1


async def test_what_a_killed_process_left_in_the_log_is_erased_at_the_start(sqlite_url, tmp_path, monkeypatch):
    async with open_storage(sqlite_url) as storage:
        await respond(storage)
    """Withdraws, and is killed before the log is emptied."""
    connection = sqlite3.connect(tmp_path / "opinion.db", isolation_level=None)
    connection.execute("UPDATE response SET answers = '{}', disposition = 'withdrawn'")
    (tmp_path / "wal").write_bytes((tmp_path / "opinion.db-wal").read_bytes())
    (tmp_path / "db").write_bytes((tmp_path / "opinion.db").read_bytes())
    connection.close()
    (tmp_path / "db").rename(tmp_path / "opinion.db")
    (tmp_path / "wal").rename(tmp_path / "opinion.db-wal")
    assert on_disk(tmp_path)
    async with open_storage(sqlite_url):
        assert not on_disk(tmp_path)


async def heap(url: str, table: str) -> bytes:
    """A table's file as it is on the disk."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CHECKPOINT")
        return await connection.fetchval("SELECT pg_read_binary_file(pg_relation_filepath($1::text::regclass))", table)
    finally:
        await connection.close()


async def vacuumed(url: str) -> set[str]:
    """The tables that were vacuumed by a command."""
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch("SELECT relname FROM pg_stat_user_tables WHERE vacuum_count > 0")
        return {name for (name,) in found}
    finally:
        await connection.close()


async def test_postgresql_is_vacuumed_after_a_withdrawal(postgres_url):
    async with open_storage(postgres_url) as storage:
        await respond(storage)
        assert not await vacuumed(postgres_url)
        await storage.withdraw("hash-r1")
        async with asyncio.timeout(20):
            while await vacuumed(postgres_url) != {"response", "encoded"}:
                await asyncio.sleep(0.1)


async def test_compact_leaves_nothing_withdrawn_in_postgresql(postgres_url):
    async with open_storage(postgres_url) as storage:
        for n in range(30):
            await storage.begin(f"r{n}", "leaving", "d1", DAY, receipt=f"hash-r{n}")
            await storage.change(f"r{n}", lambda row: {"word": "unmistakable"})
        await keep_all(storage)
        for n in range(30):
            await storage.withdraw(f"hash-r{n}")
    done = opinion("compact", "--database-url", postgres_url)
    assert done.exit_code == 0 and "Compacted" in done.output, done.output
    for table in ("response", "encoded"):
        assert b"unmistakable" not in await heap(postgres_url, table)


async def test_compact_shrinks_a_sqlite_file_and_names_what_stands_in_the_way(sqlite_url, tmp_path):
    async with open_storage(sqlite_url) as storage:
        for n in range(20):
            await respond(storage, f"r{n}")
        for n in range(20):
            await storage.withdraw(f"hash-r{n}")
    before = (tmp_path / "opinion.db").stat().st_size
    assert opinion("compact", "--database-url", sqlite_url).exit_code == 0
    assert (tmp_path / "opinion.db").stat().st_size < before
    reader = sqlite3.connect(tmp_path / "opinion.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM response").fetchall()
    refused = opinion("compact", "--database-url", sqlite_url)
    assert refused.exit_code == 1 and "another program reads the database" in refused.output
    reader.close()
    missing = opinion("compact", "--database-url", f"sqlite:///{tmp_path}/none.db")
    assert missing.exit_code == 1 and not (tmp_path / "none.db").exists()
