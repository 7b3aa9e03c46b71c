import json
from collections import Counter

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from app.responses.tables import Response

ID = "2026-12-03T08:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "places of quotas are held by submitted responses alone"

HOLDING = """SELECT survey, holds, count(*) AS responses FROM response
WHERE holds IS NOT NULL AND disposition = 'submitted' GROUP BY survey, holds"""
MET = """SELECT id, CAST(answers AS TEXT) AS answers FROM response
WHERE disposition = 'open' AND CAST(answers AS TEXT) LIKE '%"~full"%'"""


async def count_anew():
    """Counters of what submitted responses hold."""
    taken = Counter()
    for row in await Response.raw(HOLDING):
        taken.update({f"quota/{row['survey']}/{quota}": row["responses"] for quota in row["holds"].split()})
    await Response.raw("DELETE FROM counter WHERE substr(name, 1, 6) = 'quota/'")
    for name, count in sorted(taken.items()):
        await Response.raw("INSERT INTO counter (name, taken) VALUES ({}, {})", name, count)


async def let_go():
    """What open responses hold, and what they were told because other open ones held it."""
    await Response.raw("DROP INDEX IF EXISTS response_holding")
    await Response.raw("UPDATE response SET holds = NULL WHERE disposition <> 'submitted' AND holds IS NOT NULL")
    for row in await Response.raw(MET):
        answers = json.loads(row["answers"])
        answers.pop("~full", None)
        kept = json.dumps(answers, ensure_ascii=False, separators=(",", ":"))
        await Response.raw("UPDATE response SET answers = {} WHERE id = {}", kept, row["id"])


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="responses", description=DESCRIPTION)
    manager.add_raw(count_anew)
    manager.add_raw(let_go)
    return manager
