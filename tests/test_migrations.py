"""Migrations: on both engines, over tables that hold rows, once however many processes begin at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.responses.migrations.migrate import migrate
from app.responses.tables import TABLES, Encoded, Response, Secret
from tests.support.migrations import FILES, WIDER, engine_on, folder_of


async def columns_there(table):
    """The names of a table's columns in the database as it stands; none where there is no such table."""
    if table._meta.db.engine_type == "sqlite":
        found = await table.raw(f"SELECT name FROM pragma_table_info('{table._meta.tablename}')")
    else:
        query = "SELECT column_name AS name FROM information_schema.columns WHERE table_name = {}"
        found = await table.raw(query, table._meta.tablename)
    return {row["name"] for row in found}


def value_of(column, number):
    """A value that differs from row to row; None for what the database fills in."""
    kind = type(column).__name__
    if kind == "Serial":
        return None
    if kind == "JSON":
        return "'{{}}'"  # Piccolo fills in single braces
    if kind == "Date":
        return f"'2026-12-{number:02}'"
    if kind == "Boolean":
        return f"'{number % 2}'"
    return number if column.value_type is int else f"'{column._meta.name}{number}'"


async def fill(rows):
    """Puts rows into every table that is there, with the columns that are; keys and numbers differ."""
    for table in TABLES:
        there = await columns_there(table)
        for number in rows if there else ():
            values = {
                column._meta.name: value_of(column, number)
                for column in table._meta.columns
                if column._meta.name in there
            }
            given = {name: str(value) for name, value in values.items() if value is not None}
            await table.raw(
                f"INSERT INTO {table._meta.tablename} ({', '.join(given)}) VALUES ({', '.join(given.values())})"
            )


@pytest.mark.parametrize("done", range(1, len(FILES)))
async def test_each_migration_runs_over_tables_with_rows(database_url, tmp_path, done):
    names = list(FILES)
    async with engine_on(database_url) as engine:
        await migrate(engine, folder_of(tmp_path, names[:done]))
        there = [table for table in TABLES if await columns_there(table)]
        await fill(range(1, 4))
        assert len(await migrate(engine, folder_of(tmp_path, names[: done + 1]))) == 1
        counts = {
            table: (await table.raw(f"SELECT count(*) AS n FROM {table._meta.tablename}"))[0]["n"]
            for table in there
        }
        assert counts == dict.fromkeys(there, 3) and len(there) >= 9


async def test_after_all_migrations_the_tables_are_as_the_code_has_them(database_url):
    async with engine_on(database_url) as engine:
        await migrate(engine)
        await fill(range(1, 3))
        for table in TABLES:
            rows = await table.select()
            assert len(rows) == 2
            assert set(rows[0]) == {column._meta.name for column in table._meta.columns}
            stored = await table.raw(f'SELECT * FROM "{table._meta.tablename}"')
            assert set(stored[0]) == set(rows[0])


async def test_migrating_twice_does_nothing_the_second_time(database_url):
    async with engine_on(database_url) as engine:
        assert len(await migrate(engine)) == len(FILES)
        await fill(range(1, 2))
        assert await migrate(engine) == []


MIGRATES = """
import asyncio, sys
from app.responses.backends.engines import engine_for, use
from app.responses.migrations.migrate import migrate
engine = engine_for(sys.argv[1])
use(engine)
print("ready", flush=True)
sys.stdin.readline()
print(len(asyncio.run(migrate(engine))))
"""


def test_processes_that_migrate_at_once_do_it_once(database_url):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATES, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    ran = [int(process.communicate(timeout=30)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(ran) == [0, 0, len(FILES)]


BROKEN = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from app.responses.tables import Secret

ID = "2099-01-01T00:00:00:000000"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses")

    async def fail():
        await Secret.raw("CREATE TABLE half_done (id INTEGER)")
        await Secret.raw("SELECT * FROM nowhere")

    manager.add_raw(fail)
    return manager
"""


async def test_a_migration_that_fails_leaves_the_database_as_it_was(database_url, tmp_path):
    folder = folder_of(tmp_path, FILES, responses_2099_01_01t00_00_00_000000=BROKEN)
    async with engine_on(database_url) as engine:
        await migrate(engine)
        await Secret.insert(Secret(name="key", value="before"))
        with pytest.raises(Exception, match="nowhere"):
            await migrate(engine, folder)
        with pytest.raises(Exception, match="half_done"):
            await Secret.raw("SELECT * FROM half_done")
        assert await migrate(engine) == []
        assert await Secret.count() == 1


async def test_a_later_version_adds_its_column_to_rows_that_are_there(database_url, tmp_path):
    folder = folder_of(tmp_path, FILES, responses_2099_01_01t00_00_00_000001=WIDER)
    async with engine_on(database_url) as engine:
        await migrate(engine)
        await fill(range(1, 4))
        assert await migrate(engine, folder) == ["2099-01-01T00:00:00:000001"]
        assert await Response.raw("SELECT arm FROM response") == [{"arm": None}] * 3


def test_nothing_to_migrate_is_found_out_without_importing_the_migrations(sqlite_url):
    """Start-up pays for them only when there is work."""
    script = (
        MIGRATES.replace("sys.stdin.readline()", "") + "print('migration_manager' in str(sys.modules.keys()))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", script, sqlite_url], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [run.stdout.split()[1:] for run in runs] == [[str(len(FILES)), "True"], ["0", "False"]]
    assert "black" not in runs[0].stderr


async def test_submitted_responses_become_complete_and_stay_encoded(database_url, tmp_path):
    async with engine_on(database_url) as engine:
        await migrate(engine, folder_of(tmp_path, [name for name in FILES if name < "responses_2026_12_06"]))
        for id, disposition, day in (("r1", "submitted", "'2026-11-02'"), ("r2", "screened_out", "'2026-11-03'"), ("r3", "open", "NULL")):
            await Response.raw(
                "INSERT INTO response (id, survey, instrument, seq, disposition, answers, began, submitted) "
                f"VALUES ('{id}', 'leaving', 'd1', {id[1]}, '{disposition}', '{{{{}}}}', '2026-11-01', {day})"
            )
            await Encoded.insert(Encoded(id=id, survey="leaving", seq=int(id[1]), layout="l", body=b"body"))
        await migrate(engine)
        rows = await Response.select(Response.id, Response.disposition, Response.completed).order_by(Response.id)
        assert [(row["id"], row["disposition"], str(row["completed"])) for row in rows] == [
            ("r1", "complete", "2026-11-02"), ("r2", "screened_out", "2026-11-03"), ("r3", "open", "None"),
        ]  # fmt: skip
        assert await Encoded.count() == 3
        await Response.update({Response.disposition: "withdrawn"}).where(Response.id == "r1")
        assert await Encoded.count() == 2, "what changes a response deletes its encoded row, as before"
