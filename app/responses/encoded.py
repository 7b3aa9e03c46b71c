"""Encoded responses: rows of a frame, kept beside the responses that they are derived from.

A row holds for the response that has its seq, and for no other state of it: readers compare the two. What
changes or withdraws a response deletes its row in the same transaction, by a trigger.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, NamedTuple, Protocol

from app.responses.backends.postgresql import PostgresBackend
from app.responses.backends.sqlite import SQLiteBackend
from app.responses.errors import DAMAGED, Damaged, StorageError
from app.responses.rows import CHANGE_COLUMNS, Change, change_from

log = logging.getLogger(__name__)

Backend = SQLiteBackend | PostgresBackend

AT_ONCE = 20_000  # responses read at once
KEPT_AT_ONCE = 500  # rows in a transaction, for which pages wait

UNTIL = """SELECT max(id), count(*) FROM
(SELECT id FROM response WHERE survey = $1 AND id > $2 ORDER BY id LIMIT $3) AS part"""
ROWS = """SELECT id, seq, layout, body, words FROM encoded WHERE survey = $1 AND id > $2 AND id <= $3"""
SUMS = """SELECT count(*), coalesce(sum(seq), 0) FROM response
WHERE survey = $1 AND id > $2 AND id <= $3 AND disposition <> 'withdrawn'"""
STATES = """SELECT id, seq FROM response
WHERE survey = $1 AND id > $2 AND id <= $3 AND disposition <> 'withdrawn'"""
WITHDRAWN = "SELECT id FROM response WHERE survey = $1 AND disposition = 'withdrawn'"
BY_ID = f"SELECT {CHANGE_COLUMNS} FROM response WHERE id IN "


class EncodedRow(Protocol):
    """What is stored; `seq` and `finished` are those of the response that it was encoded from."""

    id: str
    seq: int
    finished: bool
    layout: str
    body: bytes
    words: bytes | None


class EncodedPart(NamedTuple):
    """The responses in a range of ids: (id, layout, body, words) of the encoded, and the ids of the others."""

    within: tuple[str, str, str]  # survey, the id before the first, the last id
    rows: list[tuple[str, str, bytes, bytes | None]]
    missing: list[str]


class EncodedResponses:
    def __init__(self, backend: Backend):
        self.backend = backend

    async def parts(self, survey: str) -> AsyncIterator[EncodedPart]:
        """All responses, in no order of time. Which are withdrawn is not told here.

        What changes meanwhile is in it as it was or as it is; its seq is then later than all there were before.
        """
        after = ""
        while True:
            ((until, count),) = await self.backend.fetch(UNTIL, survey, after, AT_ONCE)
            if not count:
                return
            yield await self._part(survey, after, until)
            after = until

    async def _part(self, *within: str) -> EncodedPart:
        # By id: a damaged index may lead to the same row twice.
        found = {row[0]: row for row in await self._rows(*within)}
        sums = tuple(map(int, (await self.backend.fetch(SUMS, *within))[0]))
        # A response never gets an earlier seq: the sums are the same only where each seq is.
        if sums == (len(found), sum(row[1] for row in found.values())):
            return EncodedPart(within, [(row[0], *row[2:]) for row in found.values()], [])
        states = await self._states(*within)
        rows = [(row[0], *row[2:]) for row in found.values() if states.get(row[0]) == row[1]]
        missing = states.keys() - {row[0] for row in rows}
        return EncodedPart(within, rows, sorted(missing))

    async def _rows(self, *within: str) -> list[Sequence[Any]]:
        try:
            return await self.backend.fetch(ROWS, *within)
        except Damaged:
            with contextlib.suppress(StorageError):
                await self.backend.empty_encoded()
                log.warning(DAMAGED)
            return []

    async def _states(self, *within: str) -> dict[str, int]:
        return dict(map(tuple, await self.backend.fetch(STATES, *within)))

    async def missing(self, part: EncodedPart, unfit: Collection[str]) -> list[str]:
        """The ids of a part's responses without a row, or with one of the unfit rows.

        An unfit row may have a wrong id, which says nothing about the response that it belonged to.
        """
        if not unfit:
            return part.missing
        fit = {row[0] for row in part.rows}.difference(unfit)
        return sorted((await self._states(*part.within)).keys() - fit)

    async def withdrawn(self, survey: str) -> list[str]:
        """The ids of the responses that were withdrawn."""
        return [id for (id,) in await self.backend.fetch(WITHDRAWN, survey)]

    async def answers(self, ids: Sequence[str]) -> list[Change]:
        """Some responses (a few thousand at most) with their answers."""
        parameters = ", ".join(f"${number}" for number in range(1, len(ids) + 1))
        return list(map(change_from, await self.backend.fetch(f"{BY_ID}({parameters})", *ids)))

    async def keep(self, survey: str, rows: Sequence[EncodedRow]) -> None:
        """Keeps rows of a survey for the responses that are still as they were when they were encoded."""
        for start in range(0, len(rows), KEPT_AT_ONCE):
            await self.backend.keep_encoded(survey, rows[start : start + KEPT_AT_ONCE])
            await asyncio.sleep(0)  # pages that wait go first
