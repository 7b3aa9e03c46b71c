from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.responses.tables import Response

ID = "2026-12-05T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "no order of arrival in responses; encoded responses beside them"

# A column that renumbers, and indexes that answer what the frame and the renumbering ask without reading a row.
COLUMN = "ALTER TABLE response ADD COLUMN renumbered BIGINT NOT NULL DEFAULT 0"
INDEXES = (
    "DROP INDEX response_survey_id",
    "CREATE INDEX response_survey_id ON response (survey, id, seq, disposition)",
    "CREATE INDEX response_in_order ON response (survey, id) WHERE disposition <> 'open' AND renumbered <> seq",
)
#: Finished responses get numbers that were never given before, in random order.
NUMBERED = """CREATE TEMPORARY TABLE numbered AS SELECT response.id AS id, last + row_number() OVER
(PARTITION BY response.survey ORDER BY random()) AS seq FROM response
JOIN sequence ON sequence.survey = response.survey WHERE disposition <> 'open'"""
LAST = """UPDATE sequence SET last = last + (SELECT count(*) FROM response
WHERE response.survey = sequence.survey AND disposition <> 'open')"""
RENUMBERED = {"seq": "coalesce(numbered.seq, old.seq)", "renumbered": "coalesce(numbered.seq, 0)"}

SQLITE = (
    """CREATE TABLE encoded (id VARCHAR(40) NOT NULL, survey VARCHAR(200) NOT NULL, seq BIGINT NOT NULL,
    layout VARCHAR(60) NOT NULL, body BLOB NOT NULL, words BLOB, PRIMARY KEY (survey, id)) WITHOUT ROWID""",
    """CREATE TRIGGER response_changed AFTER UPDATE OF answers, disposition ON response
    BEGIN DELETE FROM encoded WHERE survey = OLD.survey AND id = OLD.id; END""",
    """CREATE TRIGGER response_deleted AFTER DELETE ON response
    BEGIN DELETE FROM encoded WHERE survey = OLD.survey AND id = OLD.id; END""",
)
POSTGRESQL = (
    """CREATE TABLE encoded (id VARCHAR(40) NOT NULL, survey VARCHAR(200) NOT NULL, seq BIGINT NOT NULL,
    layout VARCHAR(60) NOT NULL, body BYTEA NOT NULL, words BYTEA, PRIMARY KEY (survey, id))""",
    """CREATE FUNCTION delete_encoded() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN DELETE FROM encoded WHERE survey = OLD.survey AND id = OLD.id; RETURN NULL; END'""",
    """CREATE TRIGGER response_changed AFTER DELETE OR UPDATE OF answers, disposition ON response
    FOR EACH ROW EXECUTE FUNCTION delete_encoded()""",
)


async def rebuild_on_sqlite():
    """Without a rowid, in the order of the random ids; whatever columns, indexes and triggers there are."""
    await Response.raw("PRAGMA secure_delete = ON")
    found = await Response.raw(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'response' AND sql IS NOT NULL"
    )
    columns = await Response.raw("SELECT name FROM pragma_table_info('response')")
    (table,) = [row["sql"] for row in found if row["type"] == "table"]
    await Response.raw("ALTER TABLE response RENAME TO response_in_order")
    await Response.raw(f"{table.rstrip().rstrip(';')} WITHOUT ROWID")
    await Response.raw(f"INSERT INTO response {renumbered(columns, 'response_in_order')} ORDER BY old.id")
    await Response.raw("DROP TABLE response_in_order")
    for row in found:
        if row["type"] != "table":
            await Response.raw(row["sql"])


async def rewrite_on_postgresql():
    """In random order on the disk too."""
    columns = await Response.raw(
        "SELECT attname AS name FROM pg_attribute WHERE attrelid = 'response'::regclass"
        " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    )
    selected = renumbered(columns, "response")
    await Response.raw(f"CREATE TEMPORARY TABLE copied ON COMMIT DROP AS {selected}")
    await Response.raw("TRUNCATE response")
    await Response.raw("INSERT INTO response SELECT * FROM copied ORDER BY random()")


def renumbered(columns, table):
    """Selects all columns of the responses, with their fresh numbers."""
    names = [row["name"] for row in columns]
    values = (f"""{RENUMBERED.get(name, f'old."{name}"')} AS "{name}" """ for name in names)
    return f"SELECT {', '.join(values)} FROM {table} AS old LEFT JOIN numbered ON numbered.id = old.id"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)

    async def run():
        on_sqlite = Response._meta.db.engine_type == "sqlite"
        await Response.raw(COLUMN)
        await Response.raw(NUMBERED)
        await Response.raw("CREATE UNIQUE INDEX numbered_id ON numbered (id)")
        await (rebuild_on_sqlite if on_sqlite else rewrite_on_postgresql)()
        await Response.raw(LAST)
        await Response.raw("DROP TABLE numbered")
        for statement in (*INDEXES, *(SQLITE if on_sqlite else POSTGRESQL)):
            await Response.raw(statement)

    manager.add_raw(run)
    return manager
