"""One survey's responses in memory: read once, then kept up to date with what is stored."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from app.catalogue.library import InstrumentLibrary
from app.languages.catalogues import N_
from app.responses.errors import StorageError
from app.web.http.problems import HTTPProblem

if TYPE_CHECKING:  # takes a second to import, and respondents need none of it
    from app.results.frame.frame import Frame
    from app.results.frame.loading import FrameLoader
    from app.results.frame.packing import Packed

log = logging.getLogger("opinion.live")

CHANGES_AT_ONCE = 5000  # changes read at once
ENCODED_AT_ONCE = 1000  # responses encoded at once
STORED_AT_ONCE = 1000  # encoded responses that wait to be stored
STORE_SECONDS = 60  # for which fewer wait


class Preparing(HTTPProblem):
    """The figures of a survey are not in memory yet. The public must not learn how many responses there are."""

    def __init__(self, done: int, total: int):
        self.done, self.total = done, total
        super().__init__(
            503, N_("The figures are being prepared"),
            N_("%(percent)s percent of the responses have been read."), N_("This page reloads automatically."),
            None, {"Retry-After": "2", "Refresh": "2"},
        )  # fmt: skip
        self.values = {"percent": str(100 * done // max(total, 1))}


class LiveFrame:
    """One survey's frame, shared by everybody who looks at its figures."""

    def __init__(self, survey: str, library: InstrumentLibrary):
        self.survey, self.library, self.storage = survey, library, library.storage
        self.lock = asyncio.Lock()
        self.frame: Frame | None = None
        self.stale = True
        self.done = self.total = 0  # responses read, and to be read
        self._work: asyncio.Task[None] | None = None  # what brings the frame up to date
        self._packed: dict[str, Packed] = {}  # by id: encoded responses that are not stored yet
        self._stored_at = 0.0

    @property
    def loaded(self) -> Frame:
        """The frame, once it is there."""
        assert self.frame is not None
        return self.frame

    async def ready(self, seconds: float) -> bool:
        """Whether the frame holds everything stored by now; waits at most so many seconds for that.

        A survey without a frame never had a version. Raises StorageError.
        """
        if self.frame is not None and not self.stale and not self.lock.locked():
            return True
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._bring_up_to_date())
        work = self._work
        await asyncio.wait({work}, timeout=seconds)
        if not work.done() or work.cancelled():
            return False
        work.result()
        return True

    async def _bring_up_to_date(self) -> None:
        if self.frame is None:
            await self._load()
        await self.catch_up()

    async def _load(self) -> None:
        """Reads all responses: encoded ones where they are valid; the others are encoded again and stored."""
        async with self.lock:
            instruments = await self.library.instruments(self.survey)
            if not instruments or self.frame is not None:
                return
            from app.results.frame.loading import FrameLoader

            seq = await self.storage.last_seq(self.survey)  # later changes are taken in afterwards
            self.done, self.total = 0, sum((await self.storage.counts(self.survey)).values())
            loading = await asyncio.to_thread(FrameLoader, instruments, seq)
            loading.frame.withdrawn.update(await self.storage.encoded.withdrawn(self.survey))
            async for part in self.storage.encoded.parts(self.survey):
                unfit = await asyncio.to_thread(loading.take_packed, part.rows)
                self.done += len(part.rows) - len(unfit)
                await self._encode(loading, await self.storage.encoded.missing(part, unfit))
            self.frame = await asyncio.to_thread(loading.finish)

    async def _encode(self, loading: FrameLoader, ids: list[str]) -> None:
        for start in range(0, len(ids), ENCODED_AT_ONCE):
            changes = await self.storage.encoded.answers(ids[start : start + ENCODED_AT_ONCE])
            packed = await asyncio.to_thread(loading.take_changes, changes)
            await self._store(packed)
            self.done += len(changes)

    def stop(self) -> None:
        if self._work is not None:
            self._work.cancel()

    async def adopt(self) -> bool:
        """Continues with a new version of the survey; False if all responses must be read again."""
        async with self.lock:
            self.stale = True
            return await asyncio.to_thread(self.loaded.adopt, await self.library.instruments(self.survey))

    async def catch_up(self) -> bool:
        """Takes in what is new; returns whether figures may have changed."""
        changed = False
        async with self.lock:
            while self.frame is not None:
                self.stale = False
                changes = await self.storage.changes(self.survey, self.frame.seq, CHANGES_AT_ONCE)
                if not changes:
                    break
                intake = await asyncio.to_thread(self.frame.take, changes)
                changed = bool(intake) or bool(intake.refused) or changed
                self._packed.update((packed.id, packed) for packed in intake.packed)
                if len(changes) < CHANGES_AT_ONCE:
                    break
                await self.store_encoded()
        return changed

    async def store_encoded(self, least: int = STORED_AT_ONCE) -> None:
        """Stores encoded responses, once there are so many, or once they have waited for a while."""
        now = asyncio.get_running_loop().time()
        if self._packed and (len(self._packed) >= least or now - self._stored_at >= STORE_SECONDS):
            packed, self._packed = list(self._packed.values()), {}
            self._stored_at = now
            await self._store(packed)

    async def _store(self, packed: list[Packed]) -> None:
        """What cannot be stored is encoded again after the next start: nothing is lost."""
        try:
            await self.storage.encoded.keep(self.survey, packed)
        except StorageError as error:
            log.warning("%s: encoded responses could not be stored: %s", self.survey, error)
