"""The order in which responses arrived, taken out of storage.

A response that changes gets the next number of its survey, so numbers tell who came before whom. Finished responses
therefore get further numbers in random order: as soon as fifty wait for it, and fewer once their day is over, which
is stored anyway. They are written anew in that order, so that their position in a table does not reveal it either.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
import secrets
from collections.abc import Callable

from app.responses.counters import Asking
from app.responses.errors import StorageError
from app.responses.rows import day
from app.responses.storage import Storage

log = logging.getLogger(__name__)

TOGETHER = 50
AT_ONCE = 200  # responses in a transaction, for which pages wait
LOOK_SECONDS = 5.0

IN_ORDER = "survey = $1 AND disposition <> 'open' AND renumbered <> seq"
DUE = f"SELECT count(*), min(completed) FROM (SELECT completed FROM response WHERE {IN_ORDER} LIMIT $2) AS few"
WAITING = f"SELECT id FROM response WHERE {IN_ORDER} ORDER BY id LIMIT $2"
TAKE = "UPDATE sequence SET last = last + $2 WHERE survey = $1 RETURNING last"
RENUMBER = "UPDATE response SET seq = $1, renumbered = $1 WHERE id = $2"
RENUMBER_ENCODED = "UPDATE encoded SET seq = $1 WHERE survey = $2 AND id = $3"


async def renumber_always(storage: Storage, today: Callable[[], datetime.date]) -> None:
    """Looks after all surveys until cancelled."""
    while True:
        try:
            if await renumber_all(storage, today()) and storage.backend.erases_at_once:
                await storage.backend.erase()  # SQLite's log shows in which order its pages were written
        except StorageError as error:
            log.warning("finished responses could not be renumbered yet: %s", error)
        await asyncio.sleep(LOOK_SECONDS)


async def renumber_all(storage: Storage, today: datetime.date) -> int:
    """Renumbers what it is time for in all surveys; returns how many."""
    total = 0
    for survey in await storage.last_seqs():
        while some := await renumber(storage, survey, today):
            total += some
            await asyncio.sleep(0)
    return total


async def renumber(storage: Storage, survey: str, today: datetime.date) -> int:
    """Renumbers finished responses of a survey if it is time, a few hundred at most; returns how many."""
    ((waiting, earliest),) = await storage.backend.fetch(DUE, survey, TOGETHER)
    earliest = day(earliest)
    if not waiting or (waiting < TOGETHER and (earliest is None or earliest >= today)):
        return 0
    ids, last = await storage.backend.ask(renumbering(survey))
    storage.forget_rows(ids)
    storage.backend.intake.tell({survey: last})
    return len(ids)


def renumbering(survey: str) -> Asking[tuple[list[str], int]]:
    yield TAKE, survey, 0  # locks the survey, as every change does
    ids = [id for (id,) in (yield WAITING, survey, AT_ONCE)]
    secrets.SystemRandom().shuffle(ids)
    ((last,),) = yield TAKE, survey, len(ids)
    for seq, id in enumerate(ids, last - len(ids) + 1):
        yield RENUMBER, seq, id
        yield RENUMBER_ENCODED, seq, survey, id
    return ids, last
