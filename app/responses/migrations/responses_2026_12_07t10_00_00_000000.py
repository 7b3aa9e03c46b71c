from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.responses.tables import Response

ID = "2026-12-07T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "analysis plans, with the day and the number of responses when each was first seen"

SERIAL = {"sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", "postgres": "SERIAL PRIMARY KEY NOT NULL"}
TABLE = """CREATE TABLE analysis_plan (
id {serial}, survey VARCHAR(200) NOT NULL, number INTEGER NOT NULL, digest VARCHAR(64) NOT NULL, plan TEXT NOT NULL,
instrument VARCHAR(64) NOT NULL, day DATE NOT NULL, begun BIGINT NOT NULL, complete BIGINT NOT NULL)"""
INDEX = "CREATE UNIQUE INDEX analysis_plan_number ON analysis_plan (survey, number)"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)

    async def run():
        await Response.raw(TABLE.format(serial=SERIAL[Response._meta.db.engine_type]))
        await Response.raw(INDEX)

    manager.add_raw(run)
    return manager
