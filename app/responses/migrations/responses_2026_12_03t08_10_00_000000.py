from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.responses.tables import Response

ID = "2026-12-03T08:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a version belongs to its survey: two surveys of the same content have one each"

# SQLite cannot change a primary key, so the table is made anew.
SERIAL = {"sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", "postgres": "SERIAL PRIMARY KEY NOT NULL"}
TABLE = """CREATE TABLE instrument (
id {serial}, survey VARCHAR(200) NOT NULL, digest VARCHAR(64) NOT NULL, version INTEGER NOT NULL,
source TEXT NOT NULL, first_served DATE NOT NULL, recency INTEGER NOT NULL, seed VARCHAR(300) NOT NULL)"""

BEFORE = ("DROP INDEX instrument_survey_version", "ALTER TABLE instrument RENAME TO instrument_by_digest")
AFTER = (
    # What was drawn so far follows from the digest alone, and the blocks that were begun go on.
    """INSERT INTO instrument (survey, digest, version, source, first_served, recency, seed)
    SELECT survey, digest, version, source, first_served, version, digest FROM instrument_by_digest""",
    """UPDATE counter SET name = 'place/' || (SELECT survey FROM instrument_by_digest
    WHERE 'place/' || digest = counter.name) || substr(name, 6)
    WHERE name IN (SELECT 'place/' || digest FROM instrument_by_digest)""",
    # Responses to a survey whose content another survey had first: until now the version was kept for that one only.
    """INSERT INTO instrument (survey, digest, version, source, first_served, recency, seed)
    SELECT r.survey, r.digest, r.version, i.source, r.began, r.version, r.survey || '/' || r.digest
    FROM (SELECT f.survey, f.digest, f.began, coalesce((SELECT max(version) FROM instrument_by_digest k
            WHERE k.survey = f.survey), 0) + row_number() OVER (PARTITION BY f.survey ORDER BY f.began, f.digest)
            AS version
        FROM (SELECT survey, instrument AS digest, min(began) AS began FROM response GROUP BY survey, instrument) f
        WHERE NOT EXISTS (SELECT 1 FROM instrument_by_digest k WHERE k.survey = f.survey AND k.digest = f.digest)
        AND EXISTS (SELECT 1 FROM instrument_by_digest k WHERE k.digest = f.digest)
    ) r JOIN instrument_by_digest i ON i.digest = r.digest""",
    "DROP TABLE instrument_by_digest",
    "CREATE UNIQUE INDEX instrument_survey_version ON instrument (survey, version)",
    "CREATE UNIQUE INDEX instrument_survey_digest ON instrument (survey, digest)",
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)

    async def key_by_survey():
        serial = SERIAL[Response._meta.db.engine_type]
        for statement in (*BEFORE, TABLE.format(serial=serial), *AFTER):
            await Response.raw(statement)

    manager.add_raw(key_by_survey)
    return manager
