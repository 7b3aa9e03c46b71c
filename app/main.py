"""The app: all wiring and nothing else."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar, Response, get

from app.responses.storage import Storage, open_storage
from app.settings import Settings
from app.web.assets import Assets
from app.web.pages import environment
from app.web.problems import Problems
from app.web.respond import Desk, respond_routes
from app.web.shelf import Shelf
from app.web.shell import Shell
from app.web.sign_in import research_access

HERE = Path(__file__).parent
STATIC = HERE / "web" / "static"
#: Beside the package in a checkout, inside it when installed.
TEMPLATES = next(folder for folder in (HERE.parent / "templates", HERE / "templates") if folder.is_dir())

Now = Callable[[], datetime.datetime]
NewBytes = Callable[[int], bytes]
App = Callable[[Any, Any, Any], Any]


def local_now() -> datetime.datetime:
    return datetime.datetime.now().astimezone()


def random_bytes(count: int) -> bytes:
    return secrets.token_bytes(count)


def letters(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


@asynccontextmanager
async def create_app(
    settings: Settings, now: Now = local_now, new_bytes: NewBytes = random_bytes
) -> AsyncIterator[App]:
    """The running service: an ASGI app with its storage open and its surveys loaded.

    Raises what `open_storage` raises, and FileNotFoundError when the surveys' folder does not exist.
    """
    async with open_storage(settings.database_url) as storage, contextlib.AsyncExitStack() as stack:
        key = bytes.fromhex(await storage.secret("server", lambda: new_bytes(32).hex()))
        assets = Assets(STATIC)
        templates = environment(TEMPLATES, assets.url)
        shelf = Shelf(Path(settings.surveys), storage, templates, lambda: now().date())
        await shelf.load()
        await stack.enter_async_context(watching(shelf))
        problems = Problems(templates, lambda: letters(new_bytes(9)))
        routes = wire(settings, storage, shelf, templates, key, now, new_bytes)
        inner = Litestar(
            routes, exception_handlers=problems.exception_handlers(), openapi_config=None, logging_config=None
        )
        yield Shell(inner, problems, assets, public_url=settings.url)


def wire(
    settings: Settings,
    storage: Storage,
    shelf: Shelf,
    templates: Any,
    key: bytes,
    now: Now,
    new_bytes: NewBytes,
) -> list[Any]:
    desk = Desk(storage, shelf, templates, key, settings.https, now, lambda: new_bytes(16), {})
    access = research_access(templates, key, settings.https, now, lambda: letters(new_bytes(32)))
    return [healthy, *respond_routes(desk), access.router]


@get("/healthz")
async def healthy() -> Response[bytes]:
    return Response(b"ok\n", media_type="text/plain")


@asynccontextmanager
async def watching(shelf: Shelf) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(shelf.watch(stop))
    try:
        yield
    finally:
        stop.set()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Served:
    """The service as a server starts and stops it: the ASGI lifespan around `create_app`."""

    def __init__(self, settings: Settings, ready: Callable[[], Awaitable[None]] | None = None):
        self.settings, self.ready = settings, ready
        self.app: App | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif self.app is not None:
            await self.app(scope, receive, send)

    async def live(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            async with create_app(self.settings) as self.app:
                if self.ready is not None:
                    await self.ready()
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            if self.app is not None:
                raise
            await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
            return
        await send({"type": "lifespan.shutdown.complete"})
