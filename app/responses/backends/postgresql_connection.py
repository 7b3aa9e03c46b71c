"""One connection to PostgreSQL that comes back, and a reader on it that looks up many rows at once."""

from __future__ import annotations

import asyncio

import asyncpg

from app.responses.errors import Damaged, Refused, Unavailable, translated
from app.responses.rows import COLUMNS

DURABLE = {"synchronous_commit": "on"}
SETTINGS = {
    **DURABLE,
    # Everything here goes by primary key. A plan made while the table was small must not stay.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    "lock_timeout": "10s",
}
NO_ANSWER_SECONDS = 15
"""How long a batch may take before the connection counts as lost."""

BY_IDS = f"SELECT {COLUMNS} FROM response WHERE id = ANY($1::text[])"


class Line:
    """Connects when it is first needed and again after a loss."""

    def __init__(self, dsn: str):
        self.dsn = dsn
        self.held: asyncpg.Connection | None = None

    async def connection(self) -> asyncpg.Connection:
        if self.held is None or self.held.is_closed():
            self.held = await asyncpg.connect(
                self.dsn, server_settings=SETTINGS, command_timeout=NO_ANSWER_SECONDS
            )
        return self.held

    async def close(self) -> None:
        if self.held is not None:
            await self.held.close()


class Lookup:
    """Rows by id. Requests that arrive while a query runs share the next query."""

    def __init__(self, dsn: str):
        self.line = Line(dsn)
        self.wanted: dict[str, asyncio.Future] = {}
        self.wake = asyncio.Event()

    async def start(self) -> None:
        await self.line.connection()
        self.task = asyncio.create_task(self.answer_all())

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        fail(self.wanted, Unavailable("storage is closed"))
        await self.line.close()

    async def row(self, id: str) -> asyncpg.Record | None:
        """The record of COLUMNS as it is stored now. Raises StorageError."""
        if self.task.done():
            raise Unavailable("storage is closed")
        if id not in self.wanted:
            self.wanted[id] = asyncio.get_running_loop().create_future()
            self.wake.set()
        # Shared with others who ask for the same row: one who goes away must not cancel it.
        return await asyncio.shield(self.wanted[id])

    async def answer_all(self) -> None:
        while True:
            await self.wake.wait()
            self.wake.clear()
            wanted, self.wanted = self.wanted, {}
            await self.answer(wanted)

    async def answer(self, wanted: dict[str, asyncio.Future]) -> None:
        try:
            connection = await self.line.connection()
            found = {record["id"]: record for record in await connection.fetch(BY_IDS, list(wanted))}
        except Exception as error:
            if isinstance(translated(error), Refused | Damaged) and len(wanted) > 1:
                for one in wanted:
                    await self.answer({one: wanted[one]})
            else:
                fail(wanted, error)
        else:
            for id, answer in wanted.items():
                answer.set_result(found.get(id))


def fail(wanted: dict[str, asyncio.Future], error: Exception) -> None:
    problem = translated(error)
    for answer in wanted.values():
        answer.set_exception(problem)
        answer.exception()  # the caller may be gone; an unread error would be reported
