"""Storage: everything that the rest of the house may ask of the database about responses."""

from __future__ import annotations

import asyncio
import datetime
import random
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, nullcontext
from typing import Any
from weakref import WeakValueDictionary

import msgspec
from piccolo.engine.base import Engine

from app.responses import versions
from app.responses.backends.engines import engine_for, use
from app.responses.backends.files import BEHIND, MIGRATING_SECONDS, TWO, only_service
from app.responses.backends.postgresql import PostgresBackend
from app.responses.backends.sqlite import SQLiteBackend
from app.responses.counters import QUOTA_COUNTS, counter_name, freed_name, taken_from, without_full
from app.responses.encoded import EncodedResponses
from app.responses.errors import Closed, NoSuchResponse, Stale
from app.responses.migrations.migrate import is_behind, migrate
from app.responses.plans import Plans
from app.responses.releases import Presentations, Releases
from app.responses.rows import (
    CHANGE_COLUMNS,
    COLUMNS,
    COMPLETE,
    FINISHED,
    OPEN,
    SCREENED_OUT,
    WITHDRAWN,
    Change,
    Row,
    Wanted,
    change_from,
    row_from,
)  # fmt: skip
from app.responses.secrets import Secrets
from app.responses.tables import InstrumentVersion
from app.responses.upkeep.erasure import Erasure
from app.responses.writer import BEGIN, CLOSE, SAVE, Drawing
from app.survey.codes import FULL_QUOTA

Answers = dict[str, Any]
Edit = Callable[[Row], Answers | None]
"""Given a row, the answers it shall have (a new dict), or None to leave it alone. May be called again."""
Wanting = Callable[[Answers], Wanted]
"""Given answers, the quotas that count a response with them. May be called again."""
Ended = Callable[[Answers], Answers]
"""Given the answers of one who is turned away, those to keep. It runs in the writer: it must change nothing."""

LONGEST_PAUSE = 0.2  # seconds between tries
TRIES = 20  # at a change, when other processes change the same response

NOBODY = Row("", "~health", "", 0, OPEN, {}, datetime.date.min)  # never there: only a number moves
BY_RECEIPT = f"SELECT {COLUMNS} FROM response WHERE receipt = $1"
CHANGES = f"SELECT {CHANGE_COLUMNS} FROM response WHERE survey = $1 AND seq > $2 ORDER BY seq LIMIT $3"
STREAM = f"SELECT {CHANGE_COLUMNS} FROM response WHERE survey = $1 AND id > $2 ORDER BY id LIMIT $3"
COUNTS = "SELECT disposition, count(*) FROM response WHERE survey = $1 GROUP BY disposition"


@asynccontextmanager
async def open_storage(
    url: str, *, waiting: int = 2048, remembered: int = 2048, serving: bool = False
) -> AsyncIterator[Storage]:
    """Migrates, starts and in the end drains the storage behind a URL.

    waiting: pages that may wait for a commit before `Busy`. remembered: rows kept in memory (SQLite only).
    serving: as the service itself, of which there may be one on a SQLite file, and not as a command beside it.
    Raises ValueError for a URL of another kind, StorageError when the database cannot be opened.
    """
    storage = Storage(engine := engine_for(url), waiting, remembered)
    alone = only_service(engine.path, TWO) if serving and engine.engine_type == "sqlite" else nullcontext()
    with alone:
        await storage.start(serving)
        try:
            yield storage
        finally:
            await storage.close()


class Storage:
    """Storage of answers. Every method that writes returns after the commit of its change."""

    def __init__(self, engine: Engine, waiting: int = 2048, remembered: int = 2048):
        self.engine = engine
        self.remembered = remembered
        self.rows: OrderedDict[str, Row] = OrderedDict()
        self.turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        kind = SQLiteBackend if engine.engine_type == "sqlite" else PostgresBackend
        self.backend = kind(engine.path if kind is SQLiteBackend else engine, waiting)
        self.encoded = EncodedResponses(self.backend)
        self.erasure = Erasure(self.backend)
        self.releases, self.presentations = Releases(), Presentations()
        self.secrets, self.plans = Secrets(), Plans(engine)
        self.on_withdrawal: list[Callable[[str], None]] = []  # each is given the survey

    async def start(self, serving: bool = False) -> None:
        use(self.engine)
        await self.backend.start()
        try:
            if serving or self.engine.engine_type != "sqlite":
                await migrate(self.engine)
            elif await is_behind(self.engine):
                with only_service(self.engine.path, BEHIND, MIGRATING_SECONDS):
                    await migrate(self.engine)
        except BaseException:
            await self.backend.close()
            raise
        await self.erasure.start()

    async def close(self) -> None:
        await self.erasure.close()
        await self.backend.close()

    # One response

    def cached(self, id: str) -> Row | None:
        """The row if it is in memory. It may be older than the stored one; `save` then raises Stale."""
        row = self.rows.get(id)
        if row is not None:
            self.rows.move_to_end(id)
        return row

    async def load(self, id: str) -> Row | None:
        return self.cached(id) or await self.load_stored(id)

    async def load_stored(self, id: str) -> Row | None:
        """As `load`, past the memory."""
        found = await self.backend.fetch_row(id)
        return self.remember(row_from(found)) if found else None

    def remember(self, row: Row) -> Row:
        """The row, or a newer one that arrived meanwhile."""
        if not self.backend.caches:
            return row
        known = self.rows.get(row.id)
        if known is not None and known.seq > row.seq:
            return known
        self.rows[row.id] = row
        self.rows.move_to_end(row.id)
        if len(self.rows) > self.remembered:
            self.rows.popitem(last=False)
        return row

    def forget_rows(self, ids: Iterable[str]) -> None:
        """Rows in memory that are no longer as they are stored."""
        for id in ids:
            self.rows.pop(id, None)

    async def begin(
        self, id: str, survey: str, digest: str, day: datetime.date, receipt: str | None = None, *,
        answers: Answers | None = None, drawing: Drawing | None = None,
    ) -> Row:  # fmt: skip
        """Starts a response with these answers, or with those drawn for it; begun twice, it is the same row.

        A drawing is given the number of responses of its instrument that were begun with one before it. No number is
        given twice; one may be lost when two processes begin the same response at once.
        """
        row = Row(id, survey, digest, 0, OPEN, answers or {}, day, receipt=receipt)
        if drawing is None:
            return await self.begin_once(row)

        async def once() -> Row:
            return await self.load(id) or await self.begin_once(row, drawing=drawing)

        return await self.in_turn(id, once)

    async def begin_once(self, row: Row, **more: Any) -> Row:
        write = self.backend.intake.put(BEGIN, row, **more)
        seq = await write.kept
        if seq is None:
            return await self.found(row.id)
        return self.remember(msgspec.structs.replace(write.row, seq=seq))

    async def save(self, row: Row, answers: Answers) -> Row:
        """The row with these answers instead. Raises Stale when `row` is no longer what is stored."""
        if row.disposition != OPEN:
            raise Closed(row.disposition)
        return await self.put(SAVE, msgspec.structs.replace(row, answers=answers))

    async def put(self, kind: str, row: Row, **more: Any) -> Row:
        write = self.backend.intake.put(kind, row, **more)
        seq = await write.kept
        if seq is None:
            self.rows.pop(row.id, None)
            raise Stale(row.id)
        return self.remember(msgspec.structs.replace(write.row, seq=seq))

    async def found(self, id: str) -> Row:
        row = await self.load(id)
        if row is None:
            raise NoSuchResponse(id)
        return row

    async def change(
        self, id: str, edit: Edit, known: Row | None = None, wanting: Wanting | None = None
    ) -> Row:
        """Applies an edit to the row as it stands, however many others do the same.

        `known`, the row as the caller has just loaded it, saves looking it up again. With `wanting`, answers that
        are the first to meet a quota that is full name it as `~full`; no quota counts them.
        Raises Closed, NoSuchResponse, Busy, Unavailable, or Stale after twenty tries.
        """

        async def once() -> Row:
            nonlocal known
            row, known = self.cached(id) or known or await self.found(id), None
            if row.disposition != OPEN:
                raise Closed(row.disposition)
            answers = edit(row)
            if answers is not None and wanting is not None:
                answers = await self.meeting_quotas(row, answers, wanting)
            if answers is None or answers == row.answers:
                return row
            return await self.save(row, answers)

        return await self.in_turn(id, once)

    async def meeting_quotas(self, row: Row, answers: Answers, wanting: Wanting) -> Answers:
        """The answers with `~full` for a quota that they are the first of the response to meet, and find full.

        One that filled after the response had passed it says nothing until the response is submitted.
        """
        answers, before = without_full(answers), without_full(row.answers)
        wanted = wanting(answers)
        met = set(wanting(before).limits) - {row.answers.get(FULL_QUOTA)} if wanted.limits else set()
        if set(wanted.limits) <= met:
            return answers
        taken = taken_from(await self.quota_counts(row.survey), wanted.today)
        for quota, most in sorted(wanted.limits.items()):
            if quota not in met and taken[quota] >= most:
                return answers | {FULL_QUOTA: quota}
        return answers

    async def submit(
        self, id: str, edit: Edit, day: datetime.date, minutes: int | None, receipt: str | None, *,
        disposition: str = COMPLETE, wanting: Wanting | None = None, ended: Ended = dict,
    ) -> tuple[Row, bool]:  # fmt: skip
        """The row, and whether this very call finished it, as complete or as screened out.

        Not when it was finished before (then `edit` is not asked), nor when `edit` returns None. When it meets a
        quota that is full it is screened out instead, and `ended` is given its answers, which name the
        quota as `~full`, and returns those to keep. A receipt given at the beginning is kept when `receipt` is
        None. Raises as `change` does.
        """

        def turned_away(final: Row, quota: str) -> Row:
            answers = ended(final.answers | {FULL_QUOTA: quota})
            return msgspec.structs.replace(final, disposition=SCREENED_OUT, answers=answers)

        async def once() -> tuple[Row, bool]:
            row = await self.found(id)
            if row.disposition == WITHDRAWN:
                raise Closed(row.disposition)
            answers = None if row.disposition in FINISHED else edit(row)
            if answers is None:
                return row, False
            final = msgspec.structs.replace(
                row, disposition=disposition, answers=answers, completed=day, minutes=minutes,
                receipt=receipt or row.receipt,
            )  # fmt: skip
            more: dict[str, Any] = {}
            if disposition == COMPLETE and wanting is not None and (wanted := wanting(answers)).limits:
                more = {"wanted": wanted, "turned_away": turned_away}
            return await self.put(CLOSE, final, **more), True

        return await self.in_turn(id, once)

    async def withdraw(self, receipt: str, today: datetime.date = datetime.date.min) -> str | None:
        """Erases the response with this receipt (a hash) and names its survey; None when there is none.

        Quotas no longer count it from the day after `today`.
        """

        async def once() -> str | None:
            found = await self.backend.fetch(BY_RECEIPT, receipt)
            if not found:
                return None
            return await self._erase(row_from(found[0]), today)

        return await self._erased(await self.in_turn(receipt, once))

    async def withdraw_open(self, id: str, today: datetime.date = datetime.date.min) -> str | None:
        """Erases a response that is not finished and names its survey; None for one that is finished or erased."""

        async def once() -> str | None:
            row = await self.found(id)
            return await self._erase(row, today) if row.disposition == OPEN else None

        return await self._erased(await self.in_turn(id, once))

    async def _erase(self, row: Row, today: datetime.date) -> str:
        more = {"wanted": Wanted({}, today)} if row.holds else {}
        gone = msgspec.structs.replace(
            row, disposition=WITHDRAWN, answers={}, completed=None, minutes=None, receipt=None
        )
        await self.put(CLOSE, gone, **more)
        return row.survey

    async def _erased(self, survey: str | None) -> str | None:
        if survey is not None:
            for listener in self.on_withdrawal:
                listener(survey)
            await self.erasure.ask()
        return survey

    async def in_turn(self, key: str, once: Callable):
        """Changes of one response queue up here: tried all at once, each would fail all the others.

        Another process may be changing the same response: a random pause, longer at each try, lets one of them win.
        """
        turn = self.turns.get(key)
        if turn is None:
            turn = self.turns[key] = asyncio.Lock()
        async with turn:
            for tried in range(TRIES - 1):
                try:
                    return await once()
                except Stale:
                    await asyncio.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.001 * 2**tried)))
            return await once()

    # Many responses

    async def changes(self, survey: str, after: int, limit: int) -> list[Change]:
        """Responses changed since seq `after`, in order of seq, at most `limit`.

        Seq order is commit order, so a reader who goes on from the last seq it saw misses nothing.
        """
        return list(map(change_from, await self.backend.fetch(CHANGES, survey, after, limit)))

    async def stream(self, survey: str, after_id: str | None, limit: int) -> list[Change]:
        """Responses in order of their ids, which is no order in time; go on after the last id."""
        return list(map(change_from, await self.backend.fetch(STREAM, survey, after_id or "", limit)))

    async def counts(self, survey: str) -> dict[str, int]:
        """How many responses there are by disposition."""
        return dict(map(tuple, await self.backend.fetch(COUNTS, survey)))

    async def quotas(self, survey: str) -> dict[str, int]:
        """How many complete responses each quota counts, by its id; a quota without any is left out."""
        return dict(taken_from(await self.quota_counts(survey), datetime.date.max))

    async def quota_counts(self, survey: str) -> list[Any]:
        return await self.backend.fetch(QUOTA_COUNTS, counter_name(survey), freed_name(survey))

    async def last_seq(self, survey: str) -> int:
        return (await self.last_seqs()).get(survey, 0)

    async def last_seqs(self) -> dict[str, int]:
        """The last seq of every survey: one small query, to notice what other processes kept."""
        return dict(map(tuple, await self.backend.fetch("SELECT survey, last FROM sequence")))

    def on_change(self, listener: Callable[[dict[str, int]], None]) -> Callable[[], None]:
        """Calls the listener in the event loop after each commit of this process, with survey -> last seq.

        Returns what ends it.
        """
        listeners = self.backend.intake.listeners
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    async def insert_many(self, survey: str, rows: list[Row]) -> int:
        """Keeps new rows in bulk, all or none, numbered in their order; returns the last seq.

        For simulated and imported responses. Pages wait meanwhile: give it 100,000 rows at most (2 s).
        Raises Refused when an id is already there.
        """
        return await self.backend.insert_many(survey, rows) if rows else await self.last_seq(survey)

    async def prove_that_it_keeps(self) -> None:
        """Commits a change that says nothing, in the pages' own queue. Raises StorageError."""
        await self.backend.intake.put(SAVE, NOBODY).kept

    # Instruments

    async def keep_instrument(self, survey: str, digest: str, source: str, day: datetime.date) -> int:
        """Makes this the newest version of a survey and returns its number, the same one whenever it is kept."""
        return await versions.keep(self.engine, survey, digest, source, day)

    async def instrument_source(self, survey: str, digest: str) -> str | None:
        """The YAML of a version of a survey."""
        return await versions.stored(InstrumentVersion.source, survey, digest)

    async def seed(self, survey: str, digest: str) -> str | None:
        """What the draws of a version follow from, together with the server's key."""
        return await versions.stored(InstrumentVersion.seed, survey, digest)

    async def versions(self, survey: str) -> list[dict[str, Any]]:
        """`version`, `digest` and `first_served` of each version; the newest, taken up last, comes last."""
        return await versions.all_of(survey)

    async def surveys(self) -> list[str]:
        """Every survey that was ever served."""
        return await versions.surveys()
