"""What is left on the disk of answers that were withdrawn or overwritten, and getting rid of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from pathlib import Path

import asyncpg

from app.responses.backends.engines import engine_for
from app.responses.backends.files import make_private
from app.responses.backends.sqlite import connect
from app.responses.encoded import Backend
from app.responses.errors import Unavailable, translated
from app.responses.migrations.migrate import is_behind

log = logging.getLogger(__name__)

RETRY_SECONDS = (0.5, 1, 2, 4, 8, 15, 30, 60)  # and then each minute
WARN_AFTER = 4  # tries
HOLD_ANSWERS = ("response", "encoded", "release")
# An encoded response whose id was damaged is not deleted with the response that it came from.
STRAY = """DELETE FROM encoded WHERE NOT EXISTS (SELECT 1 FROM response
WHERE response.id = encoded.id AND response.survey = encoded.survey AND response.seq = encoded.seq)"""
TABLES = "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL"
PAUSE_SECONDS = 60  # between two of PostgreSQL's vacuums


class Erasure:
    """Erases once it is asked to, and goes on trying while others who read the database stand in the way."""

    def __init__(self, backend: Backend):
        self.backend = backend
        self.wanted = asyncio.Event()

    async def start(self) -> None:
        if self.backend.erases_at_once:
            await self.ask()  # what a process that was killed has left
        self.task = asyncio.create_task(self.run())

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        if self.wanted.is_set() and self.backend.erases_at_once and not await self.backend.erase():
            self.warn()

    async def ask(self) -> None:
        """Returns once all is erased, or when that takes longer: then it is done later."""
        if not (self.backend.erases_at_once and await self.backend.erase()):
            self.wanted.set()

    async def run(self) -> None:
        while True:
            await self.wanted.wait()
            await self.try_until_done()
            await asyncio.sleep(0 if self.backend.erases_at_once else PAUSE_SECONDS)

    async def try_until_done(self) -> None:
        tries = 0
        while True:
            self.wanted.clear()
            if await self.backend.erase():
                return
            self.wanted.set()
            tries += 1
            if tries == WARN_AFTER:
                self.warn()
            await asyncio.sleep(RETRY_SECONDS[min(tries, len(RETRY_SECONDS)) - 1])

    def warn(self) -> None:
        log.warning(
            "withdrawn answers may still be in the database's write-ahead log: another program has it open."
            " Close it; `opinion compact` erases them too"
        )


async def compact(url: str) -> tuple[int, int]:
    """Writes the tables of responses anew, without what was withdrawn. The bytes they took before, and take now.

    Raises StorageError, for SQLite also while another program reads.
    """
    engine = engine_for(url)
    try:
        if engine.engine_type == "sqlite":
            if not Path(engine.path).exists():
                raise Unavailable(f"there is no database {engine.path}")
            make_private(engine.path)
        await is_behind(engine)  # refuses what only a newer version can use
        if engine.engine_type == "sqlite":
            return await asyncio.to_thread(compact_sqlite, Path(engine.path))
        return await compact_postgresql(url)
    except (sqlite3.Error, asyncpg.PostgresError, OSError) as error:
        raise translated(error) from None


def compact_sqlite(path: Path) -> tuple[int, int]:
    before = path.stat().st_size
    with contextlib.closing(connect(str(path), secure_delete="ON")) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'encoded'").fetchone():
            connection.execute(STRAY)
        connection.execute("VACUUM")
        ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if busy:
        raise Unavailable("another program reads the database, so its write-ahead log cannot be emptied; close it")
    return before, path.stat().st_size


async def compact_postgresql(url: str) -> tuple[int, int]:
    connection = await asyncpg.connect(url, server_settings={"lock_timeout": "60s"})
    try:
        names = [name for (name,) in await connection.fetch(TABLES, list(HOLD_ANSWERS))]
        if not names:
            raise Unavailable("the database contains no responses")
        size = "SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest($1::text[]) AS name"
        before = await connection.fetchval(size, names)
        if "encoded" in names:
            await connection.execute(STRAY)
        await connection.execute(f"VACUUM (FULL, ANALYZE) {', '.join(names)}")
        return before, await connection.fetchval(size, names)
    finally:
        await connection.close()
