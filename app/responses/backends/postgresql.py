"""PostgreSQL: what waits for one survey is one statement, hence one transaction and one round trip."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine

from app.responses.backends.postgresql_connection import DURABLE, Line, Lookup
from app.responses.counters import Asking, T, keep_with_quotas, number_responses
from app.responses.errors import DAMAGED, Damaged, Refused, StorageError, Unavailable, translated
from app.responses.rows import Row, encode_answers
from app.responses.writer import BEGIN, LARGEST_BATCH, Outcome, Write, WriteQueue

log = logging.getLogger(__name__)

POOL = {"min_size": 1, "max_size": 8, "server_settings": DURABLE}

# The sequence's row is locked here until the commit, so in one survey commits come in order of seq, in
# whichever process they are made: a reader who has seen n will never find a smaller number later.
KEEP = """
WITH given AS (
    INSERT INTO sequence (survey, last) VALUES ($1, $2)
    ON CONFLICT (survey) DO UPDATE SET last = sequence.last + excluded.last
    RETURNING last - $2 AS before
), begun AS (
    INSERT INTO response (id, survey, instrument, seq, disposition, answers, began, receipt)
    SELECT id, $1, instrument, before + ordinal, 'open', answers::json, began, receipt
    FROM given, unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::date[], $8::text[])
        AS b (ordinal, id, instrument, answers, began, receipt)
    ON CONFLICT (id) DO NOTHING
    RETURNING id, seq
), changed AS (
    UPDATE response SET seq = before + c.ordinal, disposition = c.disposition, answers = c.answers::json,
        completed = c.completed, minutes = c.minutes, receipt = c.receipt
    FROM given, unnest($9::int[], $10::text[], $11::bigint[], $12::text[], $13::text[], $14::date[], $15::int[],
        $16::text[]) AS c (ordinal, id, expected, disposition, answers, completed, minutes, receipt)
    WHERE response.id = c.id AND response.seq = c.expected
    RETURNING response.id, response.seq
)
SELECT before, NULL AS id, NULL AS seq FROM given
UNION ALL SELECT NULL, id, seq FROM begun
UNION ALL SELECT NULL, id, seq FROM changed
"""
LOCK = "SELECT last FROM sequence WHERE survey = $1 FOR UPDATE"
KEEP_ENCODED = """
INSERT INTO encoded (survey, id, seq, layout, body, words)
SELECT response.survey, response.id, response.seq, layout, body, words
FROM unnest($2::text[], $3::bigint[], $4::bool[], $5::text[], $6::bytea[], $7::bytea[])
    AS e (id, seq, finished, layout, body, words)
JOIN response ON response.id = e.id AND response.survey = $1
WHERE response.seq = e.seq AND disposition <> 'withdrawn'
    OR finished AND disposition IN ('complete', 'screened_out')
ON CONFLICT (survey, id) DO UPDATE
SET seq = excluded.seq, layout = excluded.layout, body = excluded.body, words = excluded.words
"""
NEW_COLUMNS = (
    "id",
    "survey",
    "instrument",
    "seq",
    "disposition",
    "answers",
    "began",
    "completed",
    "minutes",
    "receipt",
)


class PostgresBackend:
    """A connection that writes, one that looks rows up, and Piccolo's pool for everything else."""

    erases_at_once = False
    caches = False  # other processes write too

    def __init__(self, engine: PostgresEngine, limit: int):
        self.engine = engine
        self.limit = limit
        self.queue: list[Write] = []
        self.wake = asyncio.Event()
        self.writer = Line(engine.config["dsn"])
        self.lookup = Lookup(engine.config["dsn"])

    async def start(self) -> None:
        try:
            await self.engine.start_connection_pool(**POOL)
            await self.writer.connection()
            await self.lookup.start()
        except OSError as error:  # its message alone would be "No such file or directory"
            problem = translated(error)
            raise Unavailable(f"PostgreSQL cannot be reached; start it, or check --database-url ({problem})") from None
        except Exception as error:
            raise translated(error) from None
        self.intake = WriteQueue(self.take_in, self.limit)
        self.task = asyncio.create_task(self.write_batches())

    async def close(self) -> None:
        """Keeps what is waiting, then closes the connections."""
        self.intake.flush()
        self.intake.open = False
        self.wake.set()
        await self.task
        await self.lookup.close()
        await self.writer.close()
        await self.engine.close_connection_pool()

    def take_in(self, writes: list[Write]) -> None:
        self.queue += writes
        self.wake.set()

    async def write_batches(self) -> None:
        while self.intake.open or self.queue:
            await self.wake.wait()
            self.wake.clear()
            while self.queue:
                batch = self.next_batch()
                self.intake.settle(batch, await self.keep(batch))

    def next_batch(self) -> list[Write]:
        """What waits for the survey that has waited longest."""
        survey = self.queue[0].row.survey
        batch = [write for write in self.queue if write.row.survey == survey][:LARGEST_BATCH]
        taken = set(map(id, batch))
        self.queue = [write for write in self.queue if id(write) not in taken]
        return batch

    async def keep(self, batch: list[Write]) -> list[Outcome]:
        try:
            return await commit(await self.writer.connection(), batch)
        except Exception as error:
            problem = translated(error)
            if isinstance(problem, Refused) and len(batch) > 1:
                return [outcome for write in batch for outcome in await self.keep([write])]
            if isinstance(problem, Damaged) and await self.was_encoded_damaged():
                return await self.keep(batch)
            return [problem] * len(batch)

    async def was_encoded_damaged(self) -> bool:
        """Whether it was the encoded responses that are damaged; then they are deleted, to be derived again."""
        with contextlib.suppress(StorageError):
            if await self.can_read_encoded():
                return False
            await self.empty_encoded()
            log.warning(DAMAGED)
            return True
        return False

    async def can_read_encoded(self) -> bool:
        """By the writer's connection, which goes through the index as changes do. Raises StorageError."""
        try:
            connection = await self.writer.connection()
            await connection.fetch("SELECT count(body) FROM encoded WHERE survey >= ''")
        except Exception as error:
            problem = translated(error)
            if not isinstance(problem, Damaged):
                raise problem from None
            return False
        return True

    async def fetch_row(self, id: str) -> asyncpg.Record | None:
        """The record of COLUMNS with this id. Raises StorageError."""
        return await self.lookup.row(id)

    async def fetch(self, query: str, *arguments) -> list[asyncpg.Record]:
        """All rows of a query. Raises StorageError."""
        try:
            return await self.engine.pool.fetch(query, *arguments)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, UnicodeDecodeError) as error:
            raise translated(error) from None

    async def insert_many(self, survey: str, rows: list[Row]) -> int:
        """Keeps all or none and returns the last seq. Raises StorageError."""
        try:
            async with self.engine.pool.acquire() as connection, connection.transaction():
                last = await copy_rows(connection, survey, rows)
        except Exception as error:
            raise translated(error) from None
        self.intake.tell({survey: last})
        return last

    async def ask(self, asking: Asking[T]) -> T:
        """Runs what is asked of the database, in one transaction. Raises StorageError."""
        try:
            async with self.engine.pool.acquire() as connection, connection.transaction():
                return await answer(connection, asking)
        except Exception as error:
            raise translated(error) from None

    async def keep_encoded(self, survey: str, rows: Sequence[Any]) -> None:
        """Keeps encoded responses, but for those that have changed since. Raises StorageError.

        The lock is the one that every change of a response takes, so that none is withdrawn meanwhile.
        """
        given = columns([(row.id, row.seq, row.finished, row.layout, row.body, row.words) for row in rows], 6)
        try:
            async with self.engine.pool.acquire() as connection, connection.transaction():
                await connection.execute(LOCK, survey)
                await connection.execute(KEEP_ENCODED, survey, *given)
        except Exception as error:
            raise translated(error) from None

    async def empty_encoded(self) -> None:
        """Deletes all encoded responses. Raises StorageError."""
        await self.fetch("TRUNCATE encoded")

    async def erase(self) -> bool:
        """Has what was withdrawn, and what was overwritten, taken out of the tables."""
        try:
            await self.engine.pool.execute("VACUUM response, encoded")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("the tables could not be vacuumed: %s", type(error).__name__)
            return False
        return True


async def commit(connection: asyncpg.Connection, batch: list[Write]) -> list[Outcome]:
    """One transaction. Raises whatever PostgreSQL raises."""
    if all(write.is_plain for write in batch):
        return await keep(connection, batch)
    async with connection.transaction():
        drawn = [write for write in batch if write.drawing is not None]
        await answer(connection, number_responses(drawn))
        return await keep(connection, batch)


async def keep(connection: asyncpg.Connection, batch: list[Write]) -> list[Outcome]:
    """Keeps what meets no quota in one statement, and then the rest one by one."""
    numbered = list(enumerate(batch, 1))
    plain = [(ordinal, write) for ordinal, write in numbered if write.wanted is None]
    records = await connection.fetch(KEEP, batch[0].row.survey, len(batch), *parameters(plain))
    before = records[0]["before"]
    kept = {(record["id"], record["seq"]) for record in records[1:]}
    return [await outcome(connection, write, before + ordinal, kept) for ordinal, write in numbered]


async def outcome(
    connection: asyncpg.Connection, write: Write, seq: int, kept: set[tuple[str, int]]
) -> Outcome:
    if write.wanted is not None:
        return await answer(connection, keep_with_quotas(write, seq))
    return seq if (write.row.id, seq) in kept else None


async def answer(connection: asyncpg.Connection, asking: Asking[T]) -> T:
    """Runs what is asked of the database and gives what comes of it."""
    rows = None
    try:
        while True:
            rows = await connection.fetch(*asking.send(rows))
    except StopIteration as end:
        return end.value


def parameters(numbered: list[tuple[int, Write]]) -> list[list]:
    """Columns for the two halves of KEEP; a write's ordinal in the batch decides its seq."""
    begun, changed = [], []
    for ordinal, write in numbered:
        row = write.row
        if write.kind == BEGIN:
            begun.append((ordinal, row.id, row.instrument, write.answers, row.began, row.receipt))
        else:
            changed.append(
                (
                    ordinal,
                    row.id,
                    write.expected,
                    row.disposition,
                    write.answers,
                    row.completed,
                    row.minutes,
                    row.receipt,
                )
            )
    return columns(begun, 6) + columns(changed, 8)


def columns(records: list[tuple], width: int) -> list[list]:
    return list(map(list, zip(*records, strict=True))) or [[] for _ in range(width)]


async def copy_rows(connection: asyncpg.Connection, survey: str, rows: list[Row]) -> int:
    last = await connection.fetchval(
        """INSERT INTO sequence (survey, last) VALUES ($1, $2)
        ON CONFLICT (survey) DO UPDATE SET last = sequence.last + excluded.last RETURNING last""",
        survey,
        len(rows),
    )
    records = [
        (
            row.id, survey, row.instrument, seq, row.disposition, encode_answers(row.answers), row.began,
            row.completed, row.minutes, row.receipt,
        )
        for seq, row in enumerate(rows, last - len(rows) + 1)
    ]  # fmt: skip
    await connection.copy_records_to_table("response", records=records, columns=NEW_COLUMNS)
    return last
