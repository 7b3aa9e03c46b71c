"""Live figures: each survey's frame kept up to date, and open dashboards told of what has changed.

A frame takes in what is new a few times a second. A view (a survey seen through one filter) is rendered once
a tick however many look at it, and only what differs from before is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.instrument import read_kept
from app.instrument.condition import Condition
from app.instrument.model import Instrument
from app.responses.storage import Storage
from app.web.counting import CountingThreads, Stopped
from app.web.logs import what_went_wrong

if TYPE_CHECKING:  # takes a second to import, and respondents need none of it
    from app.results.frame import Frame

log = logging.getLogger("opinion.live")

TICK = 0.4  # seconds between looks for what is new
POLL = 1.0  # seconds between looks for what other processes kept
BATCH = 5000  # changes read at once
AT_ONCE = 100  # changes taken in without leaving the event loop
SNAPSHOT_EVERY = 50_000  # changes
STREAM_SECONDS = 120  # then the browser connects anew, and its researcher counts as seen
SESSIONS_AT_ONCE = 500  # that one query asks about
RESTS = 3  # times as long as a filter took to count, before it is counted anew
QUIET_SECONDS = 20  # a sign of life, so that proxies keep the connection

Fragments = dict[str, str]
"""HTML by the id of the element that it replaces."""
Render = Callable[["Board", Condition | None], Awaitable[Fragments]]
StillSignedIn = Callable[[Collection[str]], Awaitable[set[str]]]
"""Which of some sessions have not ended."""


class Board:
    """One survey's frame, shared by all who look at it."""

    def __init__(self, survey: str, storage: Storage, snapshot: Path):
        self.survey, self.storage, self.snapshot = survey, storage, snapshot
        self.lock = asyncio.Lock()
        self.frame: Frame | None = None
        self.stale = True
        self._kept_at = 0  # the seq of the last snapshot

    async def instruments(self) -> list[Instrument]:
        """Every version that was ever served, newest first."""
        found = []
        for version in reversed(await self.storage.versions(self.survey)):
            source = await self.storage.instrument_source(version["digest"])
            known = (version["digest"], version["version"])
            instrument = await asyncio.to_thread(read_kept, source or "", self.survey, *known)
            if instrument is not None:
                found.append(instrument)
        return found

    async def open(self) -> None:
        """Brings the frame into memory, from its snapshot where there is one."""
        async with self.lock:
            if self.frame is None:
                instruments = await self.instruments()
                if instruments:
                    self.frame = await asyncio.to_thread(self._read, instruments)
                    self._kept_at = self.frame.seq
        await self.catch_up()

    def _read(self, instruments: list[Instrument]) -> Frame:
        from app.results.frame import Frame, read_snapshot

        found = read_snapshot(self.snapshot, instruments) if self.snapshot.exists() else None
        return found or Frame(instruments)

    async def adopt(self) -> None:
        """Goes on with a new version of the survey; what cannot be carried over is read again."""
        async with self.lock:
            if self.frame is not None:
                instruments = await self.instruments()
                if not await asyncio.to_thread(self.frame.adopt, instruments):
                    self.frame = type(self.frame)(instruments)
        self.stale = True
        await self.catch_up()

    async def catch_up(self) -> bool:
        """Takes in what is new; says whether anything was."""
        anything = False
        async with self.lock:
            while self.frame is not None:
                self.stale = False
                changes = await self.storage.changes(self.survey, self.frame.seq, BATCH)
                if not changes:
                    break
                anything = True
                take = self.frame.take
                intake = take(changes) if len(changes) <= AT_ONCE else await asyncio.to_thread(take, changes)
                if intake.withdrawn:
                    self.forget()
                if len(changes) < BATCH:
                    break
        return anything

    def forget(self) -> None:
        """A snapshot must not go on holding what was withdrawn."""
        self.snapshot.unlink(missing_ok=True)
        self._kept_at = 0

    async def keep(self, least: int = SNAPSHOT_EVERY) -> None:
        """Writes a snapshot when at least so many changes have come since the last one."""
        if self.frame is None or self.frame.seq - self._kept_at < least:
            return
        async with self.lock:
            seq = self.frame.seq
            await asyncio.to_thread(self._write)
            self._kept_at = seq

    def _write(self) -> None:
        """The file appears whole or not at all, and nobody else can read it."""
        assert self.frame is not None
        self.snapshot.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self.snapshot.with_suffix(f".{os.getpid()}.new")
        try:
            beside.touch(mode=0o600)
            self.frame.write_snapshot(beside)
            os.replace(beside, self.snapshot)
        finally:
            beside.unlink(missing_ok=True)


class View:
    """A survey seen through one filter, for as long as somebody looks."""

    def __init__(self, board: Board, where: Condition | None):
        self.board, self.where = board, where
        self.looking = 0
        self.fragments: Fragments = {}
        self.seq = -1  # of the frame when the fragments were made
        self.before = -1  # the seq that `news` starts from
        self.news = b""
        self._whole: bytes | None = None
        self.changed = asyncio.Event()
        self.updating = asyncio.Lock()
        self.stale = False
        self.following: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Lets everybody who waits for a change look again."""
        woken, self.changed = self.changed, asyncio.Event()
        woken.set()

    def update(self, fragments: Fragments, seq: int) -> None:
        different = {name: html for name, html in fragments.items() if self.fragments.get(name) != html}
        self.before, self.seq = self.seq, seq
        self.fragments, self._whole = fragments, None
        self.news = event(different, seq)
        self.wake()

    def since(self, seq: int) -> bytes:
        """What one who has seen the figures of `seq` needs to be told."""
        if seq == self.before:
            return self.news
        if self._whole is None:
            self._whole = event(self.fragments, self.seq)
        return self._whole


def event(fragments: Fragments, seq: int) -> bytes:
    body = json.dumps(fragments, ensure_ascii=False, separators=(",", ":"))
    return f"event: figures\nid: {seq}\ndata: {body}\n\n".encode()


class Live:
    """All boards and views of one process, and the loop that keeps them current."""

    def __init__(self, storage: Storage, folder: Path):
        self.storage, self.folder = storage, folder
        self.boards: dict[str, Board] = {}
        self.views: dict[tuple[str, str], View] = {}
        self.closing = asyncio.Event()
        self.counting = CountingThreads()
        self.after_intake: list[Callable[[Board], Awaitable[None]]] = []
        self.render: Render | None = None
        self.sessions: Counter[str] = Counter()  # of researchers, with how many open streams each
        self.still_signed_in: StillSignedIn | None = None
        self._adopting: set[str] = set()
        self._seen: dict[str, int] = {}

    async def board(self, survey: str) -> Board | None:
        """The survey's board with all that is stored by now, or None for a survey that was never served."""
        board = self.boards.get(survey)
        if board is None:
            board = self.boards.setdefault(
                survey, Board(survey, self.storage, self.folder / f"{survey}.parquet")
            )
        if board.frame is None:
            await board.open()
        elif board.stale or board.lock.locked():  # what another is taking in just now is stored already
            await board.catch_up()
        return board if board.frame is not None else None

    def heard(self, seqs: dict[str, int]) -> None:
        """Commits of this process."""
        for survey in seqs:
            if survey in self.boards:
                self.boards[survey].stale = True

    def new_version(self, survey: str) -> None:
        if survey in self.boards:
            self._adopting.add(survey)

    async def run(self) -> None:
        """Until cancelled. A fault in one survey does not stop the others."""
        stop_hearing = self.storage.on_change(self.heard)
        polled = 0.0
        loop = asyncio.get_running_loop()
        try:
            while True:
                await asyncio.sleep(TICK)
                if loop.time() - polled >= POLL:
                    polled = loop.time()
                    await self._safely(self._poll())
                    await self._safely(self._end_signed_out())
                for board in list(self.boards.values()):
                    await self._safely(self._tick(board))
        finally:
            stop_hearing()
            for view in self.views.values():
                if view.following is not None:
                    view.following.cancel()

    async def _safely(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Stopped:
            return
        except Exception as error:
            log.error("figures could not be brought up to date\n%s", "\n".join(what_went_wrong(error)))
            await asyncio.sleep(1)

    async def _poll(self) -> None:
        """Commits of other processes."""
        if self.boards:
            for survey, seq in (await self.storage.last_seqs()).items():
                board = self.boards.get(survey)
                if board is not None and board.frame is not None and board.frame.seq < seq:
                    board.stale = True

    async def _end_signed_out(self) -> None:
        """Ends the streams of researchers who signed out, were removed or have another password, in any process."""
        if self.still_signed_in is None:
            return
        sessions = list(self.sessions)
        for start in range(0, len(sessions), SESSIONS_AT_ONCE):
            some = sessions[start : start + SESSIONS_AT_ONCE]
            ended = {*some} - await self.still_signed_in(some)
            for session in ended:
                self.sessions.pop(session, None)
            for view in self.views.values() if ended else ():
                view.wake()

    @contextlib.contextmanager
    def watching(self, session: str) -> Iterator[None]:
        """Counts a stream among those of its session, for as long as it is open."""
        self.sessions[session] += 1
        try:
            yield
        finally:
            self.sessions[session] -= 1
            if self.sessions[session] <= 0:
                del self.sessions[session]

    async def _tick(self, board: Board) -> None:
        if board.survey in self._adopting:
            self._adopting.discard(board.survey)
            await board.adopt()
        elif not board.stale or board.frame is None or not await board.catch_up():
            return
        for hear in self.after_intake:
            await hear(board)
        for view in [view for view in self.views.values() if view.board is board and view.looking]:
            if view.where is None:
                await self._update(view)
            else:
                self._follow(view)
        await board.keep()

    def _follow(self, view: View) -> None:
        """Brings a filtered view up to date, however long that takes: nothing else waits for it."""
        view.stale = True
        if view.following is None or view.following.done():
            view.following = asyncio.create_task(self._safely(self._up_to_date(view)))

    async def _up_to_date(self, view: View) -> None:
        clock = asyncio.get_running_loop().time
        while view.stale and view.looking:
            view.stale, began = False, clock()
            await self._update(view)
            await asyncio.sleep(RESTS * (clock() - began))

    async def _update(self, view: View, seen: int | None = None) -> None:
        """Renders a view anew, unless it has meanwhile moved on from `seen`: for all who came at once, once."""
        assert self.render is not None and view.board.frame is not None
        async with view.updating:
            if seen is None or view.seq == seen:
                seq = view.board.frame.seq
                view.update(await self.render(view.board, view.where), seq)

    @contextlib.asynccontextmanager
    async def looking(self, board: Board, where: Condition | None) -> AsyncIterator[View]:
        key = (board.survey, where.source if where else "")
        view = self.views.setdefault(key, View(board, where))
        view.looking += 1
        try:
            yield view
        finally:
            view.looking -= 1
            if not view.looking:
                self.views.pop(key, None)

    async def stream(
        self, board: Board, where: Condition | None, seen: int, session: str
    ) -> AsyncIterator[bytes]:
        """Server-sent events for one dashboard that shows the figures of the change `seen`, while its session lasts."""
        async with self.looking(board, where) as view:
            with self.watching(session):
                async for news in self._news(view, seen, session):
                    yield news

    async def _news(self, view: View, seen: int, session: str) -> AsyncIterator[bytes]:
        yield b"retry: 1000\n\n"
        board = view.board
        if view.seq < 0 or (board.frame is not None and view.seq != board.frame.seq):
            with contextlib.suppress(Stopped):
                await self._update(view, view.seq)
        until = asyncio.get_running_loop().time() + STREAM_SECONDS
        while self._goes_on(session) and asyncio.get_running_loop().time() < until:
            if view.seq != seen:
                news, seen = view.since(seen), view.seq
                yield news
            elif not await self._stirs(view) and self._goes_on(session):
                yield b": still here\n\n"

    def _goes_on(self, session: str) -> bool:
        return session in self.sessions and not self.closing.is_set()

    async def _stirs(self, view: View) -> bool:
        """Waits for the view to change, but not for ever."""
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                await view.changed.wait()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Lets go of every open dashboard, so that the server can stop at once."""
        self.closing.set()
        self.counting.stop()
        for view in self.views.values():
            view.changed.set()

    async def keep_all(self) -> None:
        """Snapshots of everything that has changed, at the end."""
        for board in self.boards.values():
            with contextlib.suppress(OSError):
                await board.keep(least=1)
