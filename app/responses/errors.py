"""What can go wrong with storage, in words that do not depend on the engine."""

from __future__ import annotations

import sqlite3

import asyncpg


class StorageError(Exception):
    """Nothing was stored, or it is unknown whether it was; trying again is always safe."""


class Stale(StorageError):
    """Somebody else changed the response meanwhile: load it again and merge."""


class NoSuchResponse(StorageError):
    """There is no response with this id."""


class Closed(StorageError):
    """The response is finished or withdrawn and takes no more answers. `disposition` says which."""

    def __init__(self, disposition: str):
        super().__init__(disposition)
        self.disposition = disposition


class Busy(StorageError):
    """Too many pages are waiting to be stored. The respondent should try again in a moment."""


class Unavailable(StorageError):
    """The database cannot be reached or cannot write: a full disk, a lost connection, a shutdown."""


class Damaged(Unavailable):
    """The database finds what it has stored damaged."""


class Refused(StorageError):
    """The database cannot take this very record: it clashes with another, or holds what a column cannot."""


RECORD_FAULTS = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
    UnicodeError,
    OverflowError,
    TypeError,
    ValueError,
)
DAMAGED = "encoded responses are damaged; they are deleted and derived from the answers again"
NOT_UTF8 = "Could not decode to UTF-8"  # how Python's message begins, which goes on to quote the text
# asyncpg's InterfaceError ("connection is closed") is a ValueError too, and no fault of the record.
OUTAGES = (asyncpg.InterfaceError, asyncpg.PostgresConnectionError)


def translated(error: BaseException) -> StorageError:
    """The same trouble as a StorageError. Raise it `from None`: the original may quote an answer."""
    if isinstance(error, StorageError):
        return error
    is_record = isinstance(error, RECORD_FAULTS) and not is_outage(error)
    kind = Damaged if is_damage(error) else Refused if is_record else Unavailable
    return kind(f"{type(error).__name__} {what_is_safe_to_say(error)}".strip())


def is_damage(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None) or 0
        return code & 0xFF == sqlite3.SQLITE_CORRUPT or str(error).startswith(NOT_UTF8)
    return isinstance(error, asyncpg.DataCorruptedError | asyncpg.IndexCorruptedError | UnicodeDecodeError)


def what_is_safe_to_say(error: BaseException) -> str:
    """What may go into a log: no message that could hold a value from a row."""
    if isinstance(error, sqlite3.Error) and str(error).startswith(NOT_UTF8):
        return NOT_UTF8
    if isinstance(error, sqlite3.Error | OSError):
        return str(error)
    return getattr(error, "sqlstate", None) or ""


def is_outage(error: BaseException) -> bool:
    return isinstance(error, OUTAGES) and not isinstance(error, asyncpg.DataError)


SQLITE_OUTAGES = frozenset(
    (
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOTADB,
    )
)  # fmt: skip
POSTGRES_OUTAGES = (
    *OUTAGES,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
)


def outage(error: BaseException) -> StorageError | None:
    """What an error of either engine says of the database's state; None for anything else, a fault of ours included."""
    if isinstance(error, Busy | Unavailable):
        return error
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return translated(error) if code is not None and code & 0xFF in SQLITE_OUTAGES else None
    if isinstance(error, POSTGRES_OUTAGES) or comes_from_connecting(error):
        return Unavailable(f"{type(error).__name__} {what_is_safe_to_say(error)}".strip())
    return None


def comes_from_connecting(error: BaseException) -> bool:
    """Whether an error of the network was met on the way to PostgreSQL."""
    frame = error.__traceback__ if isinstance(error, OSError) else None
    while frame is not None:
        if frame.tb_frame.f_globals.get("__name__", "").startswith("asyncpg."):
            return True
        frame = frame.tb_next
    return False
