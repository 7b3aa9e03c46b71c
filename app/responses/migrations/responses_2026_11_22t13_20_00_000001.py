from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.responses.tables import Response

ID = "2026-11-22T13:20:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "what is unique, and what is searched for"

# Written out because a multi-column index and a unique one are the same text on both engines.
INDEXES = (
    "CREATE UNIQUE INDEX response_survey_seq ON response (survey, seq)",
    "CREATE INDEX response_survey_id ON response (survey, id)",
    "CREATE INDEX response_survey_disposition ON response (survey, disposition)",
    "CREATE UNIQUE INDEX response_receipt ON response (receipt) WHERE receipt IS NOT NULL",
    "CREATE UNIQUE INDEX instrument_survey_version ON instrument (survey, version)",
    "CREATE UNIQUE INDEX release_survey_number ON release (survey, number)",
    "CREATE UNIQUE INDEX researcher_email ON researcher (email)",
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)

    async def create_indexes():
        for statement in INDEXES:
            await Response.raw(statement)

    async def drop_indexes():
        for statement in INDEXES:
            await Response.raw(f"DROP INDEX {statement.partition('INDEX ')[2].split()[0]}")

    manager.add_raw(create_indexes)
    manager.add_raw_backwards(drop_indexes)
    return manager
