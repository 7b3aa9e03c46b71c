from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.responses.tables import Response

ID = "2026-12-06T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a finished response is called complete, no longer submitted"

RENAMED = (
    "ALTER TABLE response RENAME COLUMN submitted TO completed",
    "UPDATE response SET disposition = 'complete' WHERE disposition = 'submitted'",
)
# The trigger that deletes encoded responses must not see the new word: they are valid after it as before.
TRIGGER_ON_SQLITE = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'response_changed'"


async def rename_on_sqlite():
    ((trigger,),) = [row.values() for row in await Response.raw(TRIGGER_ON_SQLITE)]
    for statement in ("DROP TRIGGER response_changed", *RENAMED, trigger):
        await Response.raw(statement)


async def rename_on_postgresql():
    change = "ALTER TABLE response {} TRIGGER response_changed"
    for statement in (change.format("DISABLE"), *RENAMED, change.format("ENABLE")):
        await Response.raw(statement)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)

    async def run():
        on_sqlite = Response._meta.db.engine_type == "sqlite"
        await (rename_on_sqlite if on_sqlite else rename_on_postgresql)()

    manager.add_raw(run)
    return manager
