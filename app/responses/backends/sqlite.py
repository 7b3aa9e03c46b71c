"""SQLite: one thread writes on one held connection, a whole batch per commit; others read."""

from __future__ import annotations

import asyncio
import datetime
import logging
import queue
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.responses.backends.engines import BUSY_SECONDS, DurableConnection
from app.responses.backends.files import make_private
from app.responses.counters import Asking, T, keep_with_quotas, number_responses
from app.responses.errors import DAMAGED, Damaged, Refused, Unavailable, translated
from app.responses.rows import COLUMNS, Row, encode_answers
from app.responses.writer import BEGIN, CLOSE, LARGEST_BATCH, SAVE, Outcome, Write, WriteQueue

log = logging.getLogger(__name__)

READERS = 2
TRUNCATE_MS = 200
"""How long emptying the log waits for readers, while pages wait."""
CHECKPOINT_EVERY = 250
"""Rows between checkpoints, which run beside the writer and not in it."""

ALLOCATE = """INSERT INTO sequence (survey, last) VALUES (?, ?)
ON CONFLICT (survey) DO UPDATE SET last = last + excluded.last RETURNING last"""
BY_ID = f"SELECT {COLUMNS} FROM response WHERE id = $1"
STATEMENT = {
    BEGIN: """INSERT INTO response
(id, survey, instrument, seq, disposition, answers, began, completed, minutes, receipt)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING""",
    SAVE: "UPDATE response SET answers = ?, seq = ? WHERE id = ? AND seq = ?",
    CLOSE: """UPDATE response SET answers = ?, disposition = ?, completed = ?, minutes = ?, receipt = ?, seq = ?
WHERE id = ? AND seq = ?""",
}
KEEP_ENCODED = """INSERT INTO encoded (survey, id, seq, layout, body, words)
SELECT survey, id, seq, ?, ?, ? FROM response WHERE id = ? AND survey = ? AND
(seq = ? AND disposition <> 'withdrawn' OR ? AND disposition IN ('complete', 'screened_out'))
ON CONFLICT (survey, id) DO UPDATE
SET seq = excluded.seq, layout = excluded.layout, body = excluded.body, words = excluded.words"""


def connect(path: str, **pragmas: str | int) -> sqlite3.Connection:
    """A durable connection in autocommit mode that several threads may use in turn."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=DurableConnection
    )
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name} = {value}")
    return connection


class SQLiteBackend:
    """The writer's thread and the readers of one database file."""

    erases_at_once = True
    caches = True  # one process writes; another one's changes are caught by compare-and-set

    def __init__(self, path: str, limit: int):
        self.path = path
        self.limit = limit
        self.batches: queue.SimpleQueue[list[Write] | Callable[[], None] | None] = queue.SimpleQueue()

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.intake = WriteQueue(self.batches.put, self.limit)
        try:
            self.connect_all()
        except (sqlite3.Error, OSError) as error:
            raise translated(error) from None
        self.pool = ThreadPoolExecutor(READERS, thread_name_prefix="storage-reader")
        self.checkpointer = ThreadPoolExecutor(1, thread_name_prefix="storage-checkpoint")
        self.rows_since_checkpoint = 0
        self.thread = threading.Thread(target=self.write_batches, name="storage-writer", daemon=True)
        self.thread.start()

    def connect_all(self) -> None:
        make_private(self.path)
        self.writer = open_writer(self.path)
        self.copier = connect(self.path, busy_timeout=TRUNCATE_MS)
        self.readers: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        for _ in range(READERS):
            self.readers.put(connect(self.path, query_only=1))

    async def close(self) -> None:
        """Keeps what is waiting, then lets go of the file."""
        self.intake.flush()
        self.intake.open = False
        self.batches.put(None)
        await self.loop.run_in_executor(None, self.thread.join)
        self.pool.shutdown()
        self.checkpointer.shutdown()
        while not self.readers.empty():
            self.readers.get().close()
        self.copier.close()
        self.writer.close()

    # The writer's thread

    def write_batches(self) -> None:
        while (batch := self.next_batch()) is not None:
            if not isinstance(batch, list):
                batch()
                continue
            outcomes = self.keep(batch)
            self.loop.call_soon_threadsafe(self.intake.settle, batch, outcomes)
            self.count_towards_checkpoint(len(batch))

    def next_batch(self) -> list[Write] | Callable[[], None] | None:
        """All pages that wait, up to the largest batch, or other work; None when it is time to stop."""
        batch = self.batches.get()
        while isinstance(batch, list) and len(batch) < LARGEST_BATCH and not self.batches.empty():
            more = self.batches.get()
            if not isinstance(more, list):
                self.batches.put(more)
                break
            batch = batch + more
        return batch

    def keep(self, batch: list[Write]) -> list[Outcome]:
        try:
            return commit(self.writer, batch)
        except Exception as error:
            problem = translated(error)
            if isinstance(problem, Refused) and len(batch) > 1:
                return [outcome for write in batch for outcome in self.keep([write])]
            if isinstance(problem, Damaged) and self.was_encoded_damaged():
                return self.keep(batch)
            return [problem] * len(batch)

    def was_encoded_damaged(self) -> bool:
        """Whether it was the encoded responses that are damaged; then they are deleted, to be derived again."""
        try:
            if self.writer.execute("PRAGMA quick_check('encoded')").fetchall() == [("ok",)]:
                return False
            transact(self.writer, delete_encoded)
        except sqlite3.Error:
            return False
        log.warning(DAMAGED)
        return True

    def count_towards_checkpoint(self, rows: int) -> None:
        self.rows_since_checkpoint += rows
        if self.rows_since_checkpoint >= CHECKPOINT_EVERY:
            self.rows_since_checkpoint = 0
            self.checkpointer.submit(self.checkpoint, "PASSIVE")

    def checkpoint(self, mode: str) -> bool:
        """Whether all was copied; it is the row that says so, not an error."""
        ((busy, _, _),) = self.copier.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        return not busy

    # Other work of the writer

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` does in a transaction of its own, between batches. Raises StorageError."""
        if not self.intake.open:
            raise Unavailable("storage is closed")
        done: asyncio.Future[T] = self.loop.create_future()

        def job() -> None:
            try:
                tell: tuple[Callable[[Any], None], Any] = done.set_result, transact(self.writer, work)
            except Exception as error:
                tell = done.set_exception, translated(error)
            self.loop.call_soon_threadsafe(lambda: done.cancelled() or tell[0](tell[1]))

        self.batches.put(job)
        return await done

    async def ask(self, asking: Asking[T]) -> T:
        """Runs what is asked of the database, in one transaction. Raises StorageError."""
        return await self.run(lambda connection: answer(connection, asking))

    async def keep_encoded(self, survey: str, rows: Sequence[Any]) -> None:
        """Keeps encoded responses, but for those that have changed since. Raises StorageError."""
        given = [
            (row.layout, row.body, row.words, row.id, survey, row.seq, row.finished) for row in rows
        ]  # fmt: skip

        def keep(connection: sqlite3.Connection) -> None:  # a cursor must not leave its thread
            connection.executemany(KEEP_ENCODED, given)

        await self.run(keep)

    async def empty_encoded(self) -> None:
        """Deletes all encoded responses. Raises StorageError."""
        await self.run(delete_encoded)

    # Readers

    async def fetch_row(self, id: str) -> tuple | None:
        """The record of COLUMNS with this id. Raises StorageError."""
        found = await self.fetch(BY_ID, id)
        return found[0] if found else None

    async def fetch(self, query: str, *arguments) -> list[tuple]:
        """All rows of a query whose parameters are written $1, $2, ... Raises StorageError."""
        if not self.intake.open:
            raise Unavailable("storage is closed")
        return await self.loop.run_in_executor(self.pool, self.read, query.replace("$", "?"), arguments)

    def read(self, query: str, arguments: tuple) -> list[tuple]:
        connection = self.readers.get()
        try:
            return connection.execute(query, arguments).fetchall()
        except (sqlite3.Error, UnicodeError) as error:
            raise translated(error) from None
        finally:
            self.readers.put(connection)

    # In bulk

    async def insert_many(self, survey: str, rows: list[Row]) -> int:
        """Keeps all or none and returns the last seq. Raises StorageError."""
        last = await self.loop.run_in_executor(self.pool, insert_many, self.path, survey, rows)
        self.intake.tell({survey: last})
        return last

    async def erase(self) -> bool:
        """Empties the log of what was overwritten, so that what was withdrawn is gone from the disk.

        Whether it is empty: it cannot be while somebody reads.
        """
        try:
            return await self.loop.run_in_executor(self.checkpointer, self.checkpoint, "TRUNCATE")
        except sqlite3.Error as error:
            log.warning("the write-ahead log could not be truncated: %s", error)
            return False


def open_writer(path: str) -> sqlite3.Connection:
    # The writer checkpoints by itself only when the one beside it could not keep up (32 MB).
    connection = connect(path, secure_delete="ON", wal_autocheckpoint=8_000)
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise OSError(f"{path} cannot be used in WAL mode")
    return connection


def commit(connection: sqlite3.Connection, batch: list[Write]) -> list[Outcome]:
    """One transaction. Raises whatever SQLite raises, and then nothing was stored."""
    return transact(connection, lambda connection: keep_all(connection, batch))


def transact(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    if connection.in_transaction:  # an earlier ROLLBACK failed too
        connection.execute("ROLLBACK")
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
        return result
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def delete_encoded(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM encoded")


def keep_all(connection: sqlite3.Connection, batch: list[Write]) -> list[Outcome]:
    seqs = allocate(connection, [write.row.survey for write in batch])
    pairs = list(zip(batch, seqs, strict=True))
    plain = [pair for pair in pairs if pair[0].is_plain]
    if len(plain) < len(batch):
        return keep_special(connection, pairs)
    if write_rows(connection, pairs) == len(batch):
        return seqs
    return [seq if has_won(connection, write, seq) else None for write, seq in pairs]


def keep_special(connection: sqlite3.Connection, pairs: list[tuple[Write, int]]) -> list[Outcome]:
    """Keeps a batch in which something is drawn or quotas count differently."""
    drawn = [write for write, _ in pairs if write.drawing is not None]
    answer(connection, number_responses(drawn))
    unclaimed = [pair for pair in pairs if pair[0].wanted is None]
    write_rows(connection, unclaimed)
    return [outcome(connection, write, seq) for write, seq in pairs]


def outcome(connection: sqlite3.Connection, write: Write, seq: int) -> Outcome:
    if write.wanted is not None:
        return answer(connection, keep_with_quotas(write, seq))
    return seq if has_won(connection, write, seq) else None


def answer(connection: sqlite3.Connection, asking: Asking[T]) -> T:
    """Runs what is asked of the database and gives what comes of it."""
    rows = None
    try:
        while True:
            query, *arguments = asking.send(rows)
            plain = [iso(value) if isinstance(value, datetime.date) else value for value in arguments]
            rows = connection.execute(query.replace("$", "?"), plain).fetchall()
    except StopIteration as end:
        return end.value


def allocate(connection: sqlite3.Connection, surveys: list[str]) -> list[int]:
    """The next number for each, counted within its survey."""
    following = {}
    for survey, count in Counter(surveys).items():
        (last,) = connection.execute(ALLOCATE, (survey, count)).fetchone()
        following[survey] = iter(range(last - count + 1, last + 1))
    return [next(following[survey]) for survey in surveys]


def write_rows(connection: sqlite3.Connection, pairs: list[tuple[Write, int]]) -> int:
    """How many rows were as expected."""
    by_kind: dict[str, list[tuple]] = {}
    for write, seq in pairs:
        by_kind.setdefault(write.kind, []).append(
            PARAMETERS[write.kind](write.row, write.answers, write.expected, seq)
        )
    return sum(
        connection.executemany(STATEMENT[kind], parameters).rowcount for kind, parameters in by_kind.items()
    )


def has_won(connection: sqlite3.Connection, write: Write, seq: int) -> bool:
    query = "SELECT 1 FROM response WHERE id = ? AND seq = ?"
    return bool(connection.execute(query, (write.row.id, seq)).fetchone())


def begin_parameters(row: Row, answers: str, expected: int, seq: int) -> tuple:
    return (
        row.id, row.survey, row.instrument, seq, row.disposition, answers, iso(row.began), iso(row.completed),
        row.minutes, row.receipt,
    )  # fmt: skip


def save_parameters(row: Row, answers: str, expected: int, seq: int) -> tuple:
    return answers, seq, row.id, expected


def close_parameters(row: Row, answers: str, expected: int, seq: int) -> tuple:
    return answers, row.disposition, iso(row.completed), row.minutes, row.receipt, seq, row.id, expected


PARAMETERS = {BEGIN: begin_parameters, SAVE: save_parameters, CLOSE: close_parameters}


def iso(day) -> str | None:
    return day and day.isoformat()


def insert_many(path: str, survey: str, rows: Iterable[Row]) -> int:
    connection = connect(path)
    try:
        connection.execute("BEGIN IMMEDIATE")
        seqs = allocate(connection, [survey] * len(rows))
        connection.executemany(
            STATEMENT[BEGIN].replace("ON CONFLICT (id) DO NOTHING", ""),
            (
                begin_parameters(row, encode_answers(row.answers), 0, seq)
                for row, seq in zip(rows, seqs, strict=True)
            ),
        )
        connection.execute("COMMIT")
        return seqs[-1]
    except Exception as error:
        raise translated(error) from None
    finally:
        connection.close()
