"""Brings a database up to the tables of this version: once, under a lock, all of it or nothing.

A database that a newer version has migrated is refused, unless each of its further migrations says by the constant
`OLDEST_READER`, the ID of an earlier migration, that a version which knows that one can go on with it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from piccolo.engine.base import Engine

from app.responses.errors import Unavailable
from app.responses.tables import Compatible

FOLDER = Path(__file__).parent
APP = "responses"
LOCK = 0x5EC0_0D0B
"""The PostgreSQL advisory lock that lets one process migrate at a time."""


async def migrate(engine: Engine, folder: Path = FOLDER) -> list[str]:
    """Runs what has not run yet and returns its ids, oldest first.

    Safe to call from several processes at once: the others wait and then find nothing to do.
    Raises Unavailable for a database that only a newer version can use.
    """
    if not await is_behind(engine, folder):
        return []
    return await run_what_is_missing(engine, migration_files(folder))


async def is_behind(engine: Engine, folder: Path = FOLDER) -> bool:
    """Whether there is anything to migrate. Raises Unavailable for a database that only a newer version can use."""
    known = set(migration_files(folder))
    ran = {stem(name) for name in await names_that_ran(engine)}
    if ran - known:
        await refuse_unless_compatible(engine, ran - known, max(known))
    return not known <= ran


async def refuse_unless_compatible(engine: Engine, newer: set[str], newest_known: str) -> None:
    oldest: dict[str, str] = {}
    if await has_table(engine, "compatible"):
        rows = await engine._run_in_new_connection("SELECT migration, oldest_reader FROM compatible")
        oldest = {stem(row["migration"]): stem(row["oldest_reader"]) for row in rows}
    unreadable = {name for name in newer if name not in oldest or oldest[name] > newest_known}
    if unreadable:
        raise Unavailable(
            "a newer version of Second Opinion has changed it, and this one would damage it: run that version, or "
            f"restore a backup from before the update (unknown here: {', '.join(sorted(unreadable))})"
        )


def migration_files(folder: Path) -> dict[str, Path]:
    """The migration files by the stem of their names, oldest first."""
    return {path.stem: path for path in sorted(folder.glob(f"{APP}_*.py"))}


def stem(migration_id: str) -> str:
    """The name that Piccolo gives to the file of a migration."""
    return f"{APP}_{re.sub(r'[^0-9a-z]', '_', migration_id.lower())}"


async def names_that_ran(engine: Engine) -> set[str]:
    if not await has_table(engine, "migration"):
        return set()
    rows = await engine._run_in_new_connection(f"SELECT name FROM migration WHERE app_name = '{APP}'")
    return {row["name"] for row in rows}


async def has_table(engine: Engine, name: str) -> bool:
    if engine.engine_type == "sqlite":
        query = f"SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = '{name}'"
    else:
        query = f"SELECT 1 AS found WHERE to_regclass('{name}') IS NOT NULL"
    return bool(await engine._run_in_new_connection(query))


async def run_what_is_missing(engine: Engine, wanted: dict[str, Path]) -> list[str]:
    # Imported only when there is work: it costs a tenth of the time in which a server must answer.
    from piccolo.apps.migrations.tables import Migration

    Migration._meta.db = engine
    async with engine.transaction():
        if engine.engine_type == "postgres":
            await Migration.raw(f"SELECT pg_advisory_xact_lock({LOCK})")
        await Migration.create_table(if_not_exists=True)
        ran = {stem(name) for name in await Migration.get_migrations_which_ran(APP)}
        done = []
        for name, path in wanted.items():
            if name not in ran:
                module = await run_one(engine, path)
                done.append(module.ID)
                await Migration.insert(Migration(name=module.ID, app_name=APP))
                if oldest := getattr(module, "OLDEST_READER", None):
                    await Compatible.insert(Compatible(migration=module.ID, oldest_reader=oldest))
        return done


async def run_one(engine: Engine, path: Path) -> ModuleType:
    module = load(path)
    with piccolo_finds(engine), contextlib.redirect_stdout(io.StringIO()):
        await (await module.forwards()).run()
    return module


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def piccolo_finds(engine: Engine) -> Iterator[None]:
    """Hands Piccolo the engine in hand.

    Its own finder imports a code formatter (half a second) to look for a configuration file.
    """
    import piccolo.apps.migrations.auto.migration_manager as runner
    import piccolo.schema as schema
    import piccolo.table as table

    finder = table.engine_finder
    for module in (runner, schema, table):
        module.engine_finder = lambda *_: engine
    try:
        yield
    finally:
        for module in (runner, schema, table):
            module.engine_finder = finder
