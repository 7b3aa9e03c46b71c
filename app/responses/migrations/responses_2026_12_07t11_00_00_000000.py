from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.responses.tables import Response

ID = "2026-12-07T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "polls as they are presented in a room"

TABLE = """CREATE TABLE presentation (survey VARCHAR(200) PRIMARY KEY NOT NULL, is_open BOOLEAN NOT NULL DEFAULT {true},
is_revealed BOOLEAN NOT NULL DEFAULT {false}, current VARCHAR(200) NOT NULL DEFAULT '', changes BIGINT NOT NULL DEFAULT 0,
day DATE NOT NULL)"""


async def create():
    on_sqlite = Response._meta.db.engine_type == "sqlite"
    values = {"true": 1, "false": 0} if on_sqlite else {"true": "true", "false": "false"}
    await Response.raw(TABLE.format(**values))


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)
    manager.add_raw(create)
    return manager
