"""The two engines, chosen by a URL when the server starts."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from piccolo.engine.base import Engine
from piccolo.engine.postgres import PostgresEngine
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType

from app.responses.tables import TABLES

BUSY_SECONDS = 10
"""How long a connection waits for another process to finish writing."""


class DurableConnection(sqlite3.Connection):
    """A connection whose commits survive a power failure."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.execute("PRAGMA synchronous = FULL")
        self.execute("PRAGMA secure_delete = ON")  # what is deleted is gone


class ImmediateTransaction(SQLiteTransaction):
    """Takes the write lock at its beginning: taking it halfway is what ends in "database is locked"."""

    async def __aenter__(self):
        if self._parent is not None:
            return self._parent
        await self.engine.writing.acquire()
        try:
            return await super().__aenter__()
        except BaseException:
            self.engine.writing.release()
            raise

    async def begin(self):
        """A BEGIN that fails closes its connection: left open, its thread would keep the process alive."""
        try:
            await super().begin()
        except BaseException:
            await self.connection.close()
            raise

    async def rollback(self):
        """SQLite may have rolled back already, as it does on a full disk."""
        if self.connection.in_transaction:
            await super().rollback()

    async def __aexit__(self, exception_type, exception, traceback):
        """Whatever fails on the way out, the connection is closed: left open, it would keep the process alive."""
        if self._parent is not None:
            return exception is None
        try:
            return await super().__aexit__(exception_type, exception, traceback)
        finally:
            if self.engine.current_transaction.get() is self:
                self.engine.current_transaction.reset(self.context)
            await self.connection.close()
            self.engine.writing.release()


class DurableSQLite(SQLiteEngine):
    """Write-ahead log, synchronous FULL, one writing transaction of Piccolo's at a time."""

    __slots__ = ("writing",)

    def __init__(self, path: str):
        super().__init__(path=path, factory=DurableConnection, timeout=BUSY_SECONDS)
        self.writing = asyncio.Lock()

    async def _run_in_new_connection(self, *query, **more):
        """A query that is cancelled still ends: the thread of its connection reports to the event loop, which may
        be closed soon after."""
        running = asyncio.ensure_future(super()._run_in_new_connection(*query, **more))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.gather(running, return_exceptions=True)
            raise

    def transaction(self, transaction_type=TransactionType.immediate, allow_nested=True):
        return ImmediateTransaction(self, TransactionType.immediate, allow_nested)


class PooledPostgres(PostgresEngine):
    """Opens nothing until its pool is started."""

    async def check_version(self) -> None:
        """Piccolo would connect for this while the engine is being made, and again for each engine."""

    async def prep_database(self) -> None:
        """No extension is needed."""


def engine_for(url: str) -> Engine:
    """`sqlite:///relative.db`, `sqlite:////absolute.db`, `postgresql://...` or `postgres://...`.

    Raises ValueError for anything else.
    """
    scheme, found, rest = url.partition("://")
    if found and scheme in ("postgresql", "postgres"):
        return PooledPostgres(config={"dsn": url})
    if found and scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return DurableSQLite(str(Path(rest[1:]).absolute()))
    raise ValueError(
        f"not a database URL: {scheme or url!r}; use sqlite:///file.db or postgresql://host/name"
    )


def use(engine: Engine) -> None:
    """Makes every table speak to this engine: one database per process at a time."""
    for table in TABLES:
        table._meta.db = engine
