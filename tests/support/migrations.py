"""Databases in which some of the migrations have run."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager

from app.responses.backends.engines import engine_for, use
from app.responses.migrations.migrate import FOLDER, migration_files

FILES = migration_files(FOLDER)


@asynccontextmanager
async def engine_on(url):
    engine = engine_for(url)
    use(engine)
    if engine.engine_type == "postgres":
        await engine.start_connection_pool(min_size=1, max_size=2)
    try:
        yield engine
    finally:
        if engine.engine_type == "postgres":
            await engine.close_connection_pool()


def folder_of(tmp_path, names, **further):
    """A folder with these of our migrations, and further ones by name."""
    folder = tmp_path / "migrations"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in names:
        shutil.copy(FILES[name], folder)
    for name, text in further.items():
        (folder / f"{name}.py").write_text(text)
    return folder


#: A migration of a later version: it adds a column.
WIDER = """
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Varchar

ID = "2099-01-01T00:00:00:000001"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses")
    manager.add_column(
        table_class_name="Response", tablename="response", column_name="arm", column_class=Varchar,
        params={"length": 40, "null": True, "default": None},
    )
    return manager
"""
