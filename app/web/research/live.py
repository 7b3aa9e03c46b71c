"""Live figures: each survey's frame kept up to date, and open dashboards told of what has changed.

A frame takes in what is new a few times a second. A view (a survey seen through one filter) is rendered once
a tick however many look at it, and only what differs from before is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from typing import TYPE_CHECKING

from app.languages.catalogues import N_
from app.logs import what_went_wrong
from app.responses.errors import StorageError
from app.responses.storage import Storage
from app.survey.conditions.language import Condition
from app.survey.model import Instrument
from app.survey.versions.stored import read_kept
from app.web.http.problems import Problem
from app.web.research.counting import CountingThreads, Stopped

if TYPE_CHECKING:  # takes a second to import, and respondents need none of it
    from app.results.frame.frame import Frame
    from app.results.frame.loading import Loading
    from app.results.frame.packing import Packed

log = logging.getLogger("opinion.live")

TICK = 0.4  # seconds between looks for what is new
POLL = 1.0  # seconds between looks for what other processes kept
BATCH = 5000  # changes read at once
READ_AT_ONCE = 1000  # responses encoded anew at once
AT_ONCE = 100  # changes taken in without leaving the event loop
KEPT_AT_ONCE = 1000  # encoded responses that wait to be stored
KEEP_SECONDS = 60  # for which fewer wait
WAIT_SECONDS = 3.0  # for a frame that is being read; then its progress is shown
JUDGE_AFTER_SECONDS = 5.0  # after the start: respondents come first
STREAM_SECONDS = 120  # then the browser connects anew, and its researcher counts as seen
SESSIONS_AT_ONCE = 500  # that one query asks about
RESTS = 3  # times as long as a filter took to count, before it is counted anew
QUIET_SECONDS = 20  # a sign of life, so that proxies keep the connection

Fragments = dict[str, str]
"""HTML by the id of the element that it replaces."""
Render = Callable[["Board", Condition | None], Awaitable[Fragments]]
StillSignedIn = Callable[[Collection[str]], Awaitable[set[str]]]
"""Which of some sessions have not ended."""


class Preparing(Problem):
    """The figures of a survey are not in memory yet. The public must not learn how many responses there are."""

    def __init__(self, done: int, total: int):
        self.done, self.total = done, total
        super().__init__(
            503, N_("The figures are being prepared"),
            N_("%(percent)s percent of the responses have been read."), N_("This page reloads automatically."),
            None, {"Retry-After": "2", "Refresh": "2"}, {"percent": str(100 * done // max(total, 1))},
        )  # fmt: skip


class Board:
    """One survey's frame, shared by all who look at it."""

    def __init__(self, survey: str, storage: Storage):
        self.survey, self.storage = survey, storage
        self.lock = asyncio.Lock()
        self.frame: Frame | None = None
        self.stale = True
        self.done = self.total = 0  # responses read, and to be read
        self._work: asyncio.Task[None] | None = None  # what brings the frame up to date
        self._packed: dict[str, Packed] = {}  # what was taken in and is not stored yet, by id
        self._kept_at = 0.0

    async def instruments(self) -> list[Instrument]:
        """Every version that was ever served, newest first."""
        found = []
        for version in reversed(await self.storage.versions(self.survey)):
            source = await self.storage.instrument_source(self.survey, version["digest"])
            known = (version["digest"], version["version"])
            instrument = await asyncio.to_thread(read_kept, source or "", self.survey, *known)
            if instrument is not None:
                found.append(instrument)
        return found

    async def ready(self, seconds: float) -> bool:
        """Whether the frame holds all that is stored by now; waits for it so many seconds at most.

        Without a frame it never had a version. Raises StorageError.
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
        """Reads all responses: the packed ones where they hold, the others anew, which are then kept packed."""
        async with self.lock:
            instruments = await self.instruments()
            if not instruments or self.frame is not None:
                return
            from app.results.frame.loading import Loading

            seq = await self.storage.last_seq(self.survey)  # what comes later is taken in afterwards
            self.done, self.total = 0, sum((await self.storage.counts(self.survey)).values())
            loading = await asyncio.to_thread(Loading, instruments, seq)
            loading.frame.withdrawn.update(await self.storage.encoded.withdrawn(self.survey))
            async for part in self.storage.encoded.parts(self.survey):
                unfit = await asyncio.to_thread(loading.take_packed, part.rows)
                self.done += len(part.rows) - len(unfit)
                await self._read(loading, [*part.missing, *unfit])
            self.frame = await asyncio.to_thread(loading.finish)

    async def _read(self, loading: Loading, ids: list[str]) -> None:
        for start in range(0, len(ids), READ_AT_ONCE):
            changes = await self.storage.encoded.answers(ids[start : start + READ_AT_ONCE])
            packed = await asyncio.to_thread(loading.take_changes, changes)
            await self._store(packed)
            self.done += len(changes)

    def stop(self) -> None:
        if self._work is not None:
            self._work.cancel()

    async def adopt(self) -> bool:
        """Goes on with a new version of the survey; False when another board has to read all responses anew."""
        async with self.lock:
            assert self.frame is not None
            self.stale = True
            return await asyncio.to_thread(self.frame.adopt, await self.instruments())

    async def catch_up(self) -> bool:
        """Takes in what is new; says whether figures may have changed."""
        anything = False
        async with self.lock:
            while self.frame is not None:
                self.stale = False
                changes = await self.storage.changes(self.survey, self.frame.seq, BATCH)
                if not changes:
                    break
                take = self.frame.take
                intake = take(changes) if len(changes) <= AT_ONCE else await asyncio.to_thread(take, changes)
                anything = bool(intake) or bool(intake.refused) or anything
                self._packed.update((packed.id, packed) for packed in intake.packed)
                if len(changes) < BATCH:
                    break
                await self.keep()
        return anything

    async def keep(self, least: int = KEPT_AT_ONCE) -> None:
        """Stores packed what was taken in, once it is so many responses, or has waited for a while."""
        now = asyncio.get_running_loop().time()
        if self._packed and (len(self._packed) >= least or now - self._kept_at >= KEEP_SECONDS):
            packed, self._packed = list(self._packed.values()), {}
            self._kept_at = now
            await self._store(packed)

    async def _store(self, packed: list[Packed]) -> None:
        """What cannot be stored is read anew after the next start: nothing is lost."""
        try:
            await self.storage.encoded.keep(self.survey, packed)
        except StorageError as error:
            log.warning("%s: encoded responses could not be stored: %s", self.survey, error)


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


def _is_behind(view: View, board: Board) -> bool:
    """Whether a view shows less than the board holds, which somebody who has just come may have brought up to date."""
    assert board.frame is not None
    return view.board is not board or 0 <= view.seq < board.frame.seq


def event(fragments: Fragments, seq: int) -> bytes:
    body = json.dumps(fragments, ensure_ascii=False, separators=(",", ":"))
    return f"event: figures\nid: {seq}\ndata: {body}\n\n".encode()


class Live:
    """All boards and views of one process, and the loop that keeps them current."""

    def __init__(self, storage: Storage):
        self.storage = storage
        self.boards: dict[str, Board] = {}
        self.views: dict[tuple[str, str], View] = {}
        self.closing = asyncio.Event()
        self.counting = CountingThreads()
        self.after_intake: list[Callable[[Board], Awaitable[None]]] = []
        self.render: Render | None = None
        self.open_routes: Callable[[], Awaitable[object]] | None = None  # loads what figures are judged with
        self.sessions: Counter[str] = Counter()  # of researchers, with how many open streams each
        self.still_signed_in: StillSignedIn | None = None
        self._adopting: set[str] = set()
        self._judging: set[str] = set()  # whose public figures must be evaluated, with or without viewers

    def _board(self, survey: str) -> Board:
        return self.boards.setdefault(survey, Board(survey, self.storage))

    async def board(self, survey: str) -> Board | None:
        """The survey's board with all that is stored by now, or None for a survey that was never served.

        Raises Preparing when that takes more than a moment.
        """
        board = self._board(survey)
        if not await board.ready(WAIT_SECONDS):
            raise Preparing(board.done, board.total)
        if board.frame is None:
            self.boards.pop(survey, None)
            return None
        return board

    def heard(self, seqs: dict[str, int]) -> None:
        """Commits of this process."""
        for survey in seqs:
            if survey in self.boards:
                self.boards[survey].stale = True

    def new_version(self, survey: str) -> None:
        if survey in self.boards:
            self._adopting.add(survey)
        self._judging.add(survey)

    def withdrawn(self, survey: str) -> None:
        """Somebody has left: figures that are about too few people now must go, also where nobody looks."""
        self._judging.add(survey)

    async def run(self) -> None:
        """Until cancelled. A fault in one survey does not stop the others."""
        stop_hearing = self.storage.on_change(self.heard)
        self.storage.on_withdrawal.append(self.withdrawn)
        polled, began = 0.0, asyncio.get_running_loop().time()
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
                if self._judging and loop.time() - began >= JUDGE_AFTER_SECONDS:
                    await self._safely(self._judge())
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
            log.error("figures could not be updated\n%s", "\n".join(what_went_wrong(error)))
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

    async def _judge(self) -> None:
        """Has public figures looked at that may have to be taken down."""
        self._judging &= set(await self.storage.released_surveys())
        if self._judging and self.open_routes is not None:
            await self.open_routes()
        for survey in list(self._judging):
            board = self._board(survey)
            if survey not in self._adopting and await board.ready(0):
                self._judging.discard(survey)
                if board.frame is not None:
                    await self._hear(board)

    async def _hear(self, board: Board) -> None:
        for hear in self.after_intake:
            await hear(board)

    async def _tick(self, board: Board) -> None:
        if board.frame is None:
            return
        await board.keep()
        views = [view for view in self.views.values() if view.board.survey == board.survey and view.looking]
        adopting = board.survey in self._adopting
        self._adopting.discard(board.survey)
        if adopting and not await board.adopt():
            await self._replace(board)
            return
        changed = board.stale and await board.catch_up()
        if not (changed or adopting or any(_is_behind(view, board) for view in views)):
            return
        await self._hear(board)
        for view in views:
            view.board = board
            if view.where is None:
                await self._update(view)
            else:
                self._follow(view)

    async def _replace(self, board: Board) -> None:
        """Reads a survey anew in the background. Who looks at the old figures gets the new ones once they are there."""
        fresh = self.boards[board.survey] = Board(board.survey, self.storage)
        await fresh.ready(0)

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
        assert self.render is not None
        async with view.updating:
            frame = view.board.frame
            if frame is not None and (seen is None or view.seq == seen):
                seq = frame.seq
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
        """Lets go of every open dashboard and of what is being read, so that the server can stop at once."""
        self.closing.set()
        self.counting.stop()
        for board in self.boards.values():
            board.stop()
        for view in self.views.values():
            view.changed.set()

    async def keep_all(self) -> None:
        """At the end, what was taken in and is not stored packed yet."""
        for board in self.boards.values():
            await board.keep(least=1)
