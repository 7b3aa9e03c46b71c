"""The service as a server starts and stops it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from app.logs import what_went_wrong
from app.responses.errors import StorageError
from app.settings import Settings

OnListening = Callable[[], None]
"""Called once the server listens."""
Ready = Callable[[Any], Awaitable[OnListening]]
"""Awaited with the created app before the server listens."""
Create = Callable[[Settings], AbstractAsyncContextManager[Any]]
"""Creates an app that has `end_streams`, which ends the responses that would delay shutdown."""


class LifespanApp:
    """The ASGI lifespan around an app. Its state holds what `ready` returns as "on_listening", and "end_streams"."""

    def __init__(self, settings: Settings, ready: Ready, create: Create):
        self.settings, self.ready, self.create = settings, ready, create
        self.app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.live(scope["state"], receive, send)
        elif self.app is not None:
            await self.app(scope, receive, send)

    async def live(self, state: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        try:
            async with self.create(self.settings) as self.app:
                state.update(on_listening=await self.ready(self.app), end_streams=self.app.end_streams)
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            if self.app is not None:
                raise
            await send({"type": "lifespan.startup.failed", "message": start_failure(error)})
            return
        await send({"type": "lifespan.shutdown.complete"})


def start_failure(error: Exception) -> str:
    """Why the service cannot start, for its operator."""
    if isinstance(error, StorageError | ValueError):
        return f"the database cannot be used: {error}"
    return "\n".join(what_went_wrong(error))
