"""What open pages of a presented poll wait for: the presenter's next step, and the next release of figures.

The pages of a whole room wait for one look at the database, twice a second.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Stream

from app.logs import what_went_wrong
from app.responses.errors import outage
from app.web.http.problems import HTTPProblem
from app.web.http.replies import KEEPALIVE_SECONDS
from app.web.respond.context import AppContext
from app.web.respond.series import current_of
from app.web.respond.visit import served, visit_by_cookie

log = logging.getLogger("opinion.rooms")

LOOK_SECONDS = 0.5
AFTER_FAULT_SECONDS = 1.0
STREAM_SECONDS = 600  # then the browser connects again


@dataclass(slots=True)
class Room:
    """The pages that wait for one poll."""

    pages: int = 0
    state: str = ""  # open | closed | at another poll of the series
    release: str = ""  # the number of the public figures
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Rooms:
    def __init__(self, context: AppContext):
        self.context, self.storage = context, context.storage
        self.rooms: dict[str, Room] = {}
        self.closing = False

    async def run(self) -> None:
        """Until cancelled. A fault does not end it: the pages of all rooms wait for it."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if self.rooms:
                    await self.look()
            except Exception as error:
                if (cause := outage(error)) is not None:
                    log.warning("rooms cannot be followed: the database cannot be used: %s", cause)
                else:
                    log.error("rooms could not be followed\n%s", "\n".join(what_went_wrong(error)))
                await asyncio.sleep(AFTER_FAULT_SECONDS)

    async def look(self, *surveys: str) -> None:
        surveys = surveys or tuple(self.rooms)
        states = await self.storage.presentations.now(surveys)
        for survey in surveys:
            room = self.rooms.get(survey)
            release = str(await self.storage.releases.number(survey))
            state = "open" if states[survey].is_open else "closed"
            if (current := await current_of(self.context, survey)) != survey:
                state = f"at {current}"
            if room is not None and (room.state, room.release) != (state, release):
                room.state, room.release = state, release
                woken, room.changed = room.changed, asyncio.Event()
                woken.set()

    async def stream(self, survey: str, sees_figures: bool) -> AsyncIterator[bytes]:
        """Server-sent events for a respondent's page. Those who may not see figures do not hear when they move."""
        room = self.rooms.setdefault(survey, Room())
        room.pages += 1
        try:
            yield b"retry: 2000\n\n"
            if not room.state:
                await self.look(survey)
            seen = b""
            until = asyncio.get_running_loop().time() + STREAM_SECONDS
            while not self.closing and asyncio.get_running_loop().time() < until:
                news = event(room, sees_figures)
                if news != seen:
                    yield news
                    seen = news
                elif not await changes(room):
                    yield b": still here\n\n"
        except Exception as error:
            if outage(error) is None:
                raise  # else it ends, and the browser connects again
        finally:
            room.pages -= 1
            if not room.pages:
                self.rooms.pop(survey, None)

    def close(self) -> None:
        """Ends every stream, so that the server can stop at once."""
        self.closing = True
        for room in self.rooms.values():
            room.changed.set()


def room_routes(context: AppContext, rooms: Rooms) -> list[Any]:
    @get("/live/{survey:str}")
    async def follow_room(request: Request, survey: FromPath[str]) -> Stream:
        """For the pages of a poll's respondents."""
        instrument = served(context, survey).instrument
        if not instrument.poll:
            raise HTTPProblem(404)
        sees_figures = instrument.results.show_to == "everyone"
        if not sees_figures:
            here = await visit_by_cookie(context, survey, request.scope)
            sees_figures = here is not None and here.is_complete
        stream = rooms.stream(survey, sees_figures)
        return Stream(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    return [follow_room]


def event(room: Room, sees_figures: bool) -> bytes:
    said = {"state": room.state, "release": room.release if sees_figures else ""}
    return f"event: room\ndata: {json.dumps(said)}\n\n".encode()


async def changes(room: Room) -> bool:
    """Waits for a room to change, but not for ever."""
    try:
        async with asyncio.timeout(KEEPALIVE_SECONDS):
            await room.changed.wait()
    except TimeoutError:
        return False
    return True
