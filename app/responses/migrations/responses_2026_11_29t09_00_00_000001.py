from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.responses.tables import Response

ID = "2026-11-29T09:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "who holds places of quotas without having submitted"

INDEX = "CREATE INDEX response_holding ON response (survey, began) WHERE holds IS NOT NULL AND disposition = 'open'"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)

    async def create_index():
        await Response.raw(INDEX)

    async def drop_index():
        await Response.raw("DROP INDEX response_holding")

    manager.add_raw(create_index)
    manager.add_raw_backwards(drop_index)
    return manager
