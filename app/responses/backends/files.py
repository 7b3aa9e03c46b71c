"""The files of a SQLite database: who may read them, and the one service that may answer from them."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from app.responses.errors import Unavailable, translated

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

TWO = "stop that one first; several processes need PostgreSQL"
BEHIND = "that one is an earlier version, and the database needs the tables of a newer version; restart it first"
MIGRATING_SECONDS = 10
"""How long a command waits for another to bring the database up to date."""

BESIDE = ("", "-wal", "-shm", "-journal")
"""How the names of a database's files end: what physicians answered is in each of them."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(database: str) -> None:
    """Makes the file, where there is none, and all beside it its owner's alone. Raises Unavailable if that fails.

    A copy that was restored may have any mode, and SQLite gives the files that it makes beside it the same.
    """
    path = Path(database).resolve()
    path.touch(mode=0o600, exist_ok=True)
    refuse_hard_links(path)
    for file in (path.with_name(path.name + ending) for ending in BESIDE):
        if os.name == "posix" and file.exists() and others_may(file):
            tighten(file)


def refuse_hard_links(path: Path) -> None:
    """Each name would have a lock and a write-ahead log of its own: two processes would destroy the database."""
    if (names := path.stat().st_nlink) > 1:
        raise Unavailable(
            f"{path} is one of {names} names of the same file (hard links), and recent answers are stored beside only "
            f"one of them: delete the other names, which `find -samefile {path}` lists"
        )


def others_may(file: Path) -> bool:
    return bool(file.stat().st_mode & OTHERS)


def tighten(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.chmod(0o600)
    if others_may(file):
        raise Unavailable(
            f"{file} contains answers, is readable by other users of this machine, and its permissions cannot be changed: "
            f"run `chmod 600 {file}` as its owner, or move it to a file system that has permissions"
        )
    log.warning("%s was readable by other users of this machine; its permissions are now owner-only", file)


@contextlib.contextmanager
def only_service(database: str, refusal: str, seconds: float = 0) -> Iterator[None]:
    """Holds the lock of the one service on a database; it goes with the process, however that ends.

    Raises Unavailable with the refusal when another process still holds it after so many seconds. The file of the
    lock file stays: deleting it would allow two processes.
    """
    path = Path(database).resolve()
    try:
        descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise translated(error) from None
    with open(descriptor, "r+") as file:
        until = time.monotonic() + seconds
        while not locked(file):
            if time.monotonic() >= until:
                raise Unavailable(f"{path} is in use by `opinion serve`{process_in(file)}: {refusal}")
            time.sleep(0.1)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def locked(file: IO[str]) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def process_in(file: IO[str]) -> str:
    file.seek(0)
    number = file.read(20).strip()
    return f" (process {number})" if number.isdigit() else ""
