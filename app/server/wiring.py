"""All wiring of the service."""

from __future__ import annotations

import asyncio
import datetime
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from litestar import Litestar
from litestar.plugins.core import MsgspecDIPlugin

from app.accounts.sessions import still_signed_in
from app.catalogue.library import InstrumentLibrary
from app.catalogue.served import ServedSurveys
from app.interview.tokens import new_secret
from app.responses.storage import Storage, open_storage
from app.responses.upkeep.arrival import renumber_always
from app.server.old_snapshots import remove_old_snapshots
from app.server.system import letters, local_now, random_bytes
from app.settings import Settings
from app.web.http.assets import Assets
from app.web.http.health import health
from app.web.http.problems import HTTPProblem, Problems
from app.web.http.shell import Shell
from app.web.http.templates import environment
from app.web.live.counting import CountingThreads
from app.web.live.figures import Dashboards, LiveFigures
from app.web.present.rooms import Rooms, room_routes
from app.web.research.sign_in import ResearchAccess, SignInContext
from app.web.respond.context import AppContext
from app.web.respond.cookies import Cookies
from app.web.respond.routes import respond_routes

HERE = Path(__file__).parent.parent
STATIC = HERE / "web" / "static"
#: Beside the package in a checkout, inside it when installed.
TEMPLATES = next(folder for folder in (HERE.parent / "templates", HERE / "templates") if folder.is_dir())

#: The beginnings of addresses that show answers, or lead there.
SHOWING = ("/research", "/results", "/present", "/sign-in")

Now = Callable[[], datetime.datetime]
NewBytes = Callable[[int], bytes]
Loaded = Callable[[], None]
Made = TypeVar("Made")


def do_nothing() -> None: ...


@dataclass(frozen=True)
class Running:
    """The running service: an ASGI app and its state. `results` is the app that shows answers, loaded on demand."""

    shell: Shell
    storage: Storage
    surveys: ServedSurveys
    live: LiveFigures
    rooms: Rooms
    settings: Settings
    results: OnDemand[Litestar]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.shell(scope, receive, send)

    def end_streams(self) -> None:
        """Ends open dashboards, and requests that wait for what shows answers: they would delay shutdown."""
        self.live.close()
        self.rooms.close()
        self.results.close()


@asynccontextmanager
async def create_app(
    settings: Settings, now: Now = local_now, new_bytes: NewBytes = random_bytes, loaded: Loaded = do_nothing,
    lasting: bool = True,
) -> AsyncIterator[Running]:  # fmt: skip
    """The service with its storage open and its surveys loaded. `loaded` is called after that, and again once the
    modules that show answers are loaded. `lasting` is whether the database outlives the process, so that researchers
    need a password.

    Raises what `open_storage` raises, and ValueError for a database of simulated responses.
    """
    remove_old_snapshots(settings)
    async with open_storage(settings.database_url, serving=True) as storage:
        if await storage.secrets.is_simulated():
            raise ValueError("it contains simulated responses, and real ones must not be added to them")
        key = bytes.fromhex(await storage.secrets.get("server", lambda: new_bytes(32).hex()))
        assets = Assets(STATIC)
        templates = environment(TEMPLATES, assets.url)
        problems = Problems(templates, lambda: letters(new_bytes(9)))
        library = InstrumentLibrary(storage)
        surveys = ServedSurveys(Path(settings.surveys), library, templates, lambda: now().date())
        cookies = await cookies_of(storage, key, settings, now)
        context = AppContext(
            storage, surveys, templates, key, cookies, now, lambda: new_secret(new_bytes), public_url=settings.base_url
        )
        signing_in = SignInContext(templates, key, settings.https, now, lambda: letters(new_bytes(32)), lasting)
        access = ResearchAccess(signing_in)
        counting = CountingThreads()
        dashboards = OnDemand(lambda: load_dashboards(context, counting))
        live = LiveFigures(library, counting, dashboards, lambda sessions: still_signed_in(sessions, now))
        results = OnDemand(lambda: load_results(context, live, dashboards, access, problems), loaded)
        rooms = Rooms(context)
        respond = router([health(storage), *respond_routes(context), *room_routes(context, rooms)], problems)
        shell = Shell(ServiceRoutes(respond, results), problems, assets, public_url=settings.base_url)
        surveys.on_change.append(live.new_version)
        storage.on_withdrawal.append(live.withdrawn)
        storage.on_change(live.stored)
        await surveys.load()
        stop = asyncio.Event()
        async with in_background(
            surveys.watch(stop), live.run(), rooms.run(), renumber_always(storage, lambda: now().date())
        ):
            loaded()
            try:
                yield Running(shell, storage, surveys, live, rooms, settings, results)
            finally:
                stop.set()
                live.close()
                rooms.close()
                results.close()
                dashboards.close()
        await live.store_encoded()


async def cookies_of(storage: Storage, key: bytes, settings: Settings, now: Now) -> Cookies:
    """The cookies of respondents. The first start with names that no other site can plant is stored."""
    if not settings.https:
        return Cookies(key, False)
    upgraded = await storage.secrets.get("host-cookies-since", lambda: str(int(now().timestamp())))
    return Cookies(key, True, int(upgraded))


class Router(Litestar):
    """Without the plugins for pydantic and attrs, which no handler uses: importing them takes a fifth of a start."""

    @staticmethod
    def _get_default_plugins(plugins: list[Any]) -> list[Any]:
        return [*plugins, MsgspecDIPlugin()]


def router(routes: list[Any], problems: Problems) -> Router:
    handlers = problems.exception_handlers()
    return Router(routes, exception_handlers=handlers, openapi_config=None, logging_config=None)


async def load_dashboards(context: AppContext, counting: CountingThreads) -> Dashboards:
    module = await asyncio.to_thread(importlib.import_module, "app.web.research.dashboards")
    return module.FigureDashboards(context, counting)


async def load_results(
    context: AppContext, live: LiveFigures, dashboards: Awaitable[Dashboards], access: ResearchAccess, problems: Problems
) -> Litestar:
    """The routes that show answers, with the modules that count them."""
    module = await asyncio.to_thread(importlib.import_module, "app.web.research.routes")
    presenting = await asyncio.to_thread(importlib.import_module, "app.web.present.projector")
    parts = context, live, await dashboards, access
    return router([*module.results_routes(*parts), presenting.projector_router(*parts)], problems)


class OnDemand(Generic[Made]):
    """Something that is made when it is first awaited; after a failure it is made again. What shows answers takes a
    second and 100 MB to load, which neither respondents nor the start of the service need."""

    def __init__(self, make: Callable[[], Coroutine[Any, Any, Made]], made: Callable[[], None] = do_nothing):
        self._make, self._made = make, made
        self._task: asyncio.Task[Made] | None = None
        self._closed = False

    def __await__(self) -> Generator[Any, None, Made]:
        return self._get().__await__()

    async def _get(self) -> Made:
        """Raises HTTPProblem if it is not there before the service stops."""
        task = self._task
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            if self._closed:
                raise HTTPProblem(503)
            task = self._task = asyncio.create_task(self._make())
            task.add_done_callback(lambda done: done.cancelled() or self._made())
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if self._closed and task.cancelled():
                raise HTTPProblem(503) from None
            raise

    def close(self) -> None:
        self._closed = True
        if self._task is not None:
            self._task.cancel()


@dataclass(frozen=True)
class ServiceRoutes:
    """The ASGI app inside the shell: only requests for answers wait until the app that shows them is loaded."""

    respond: Litestar
    results: OnDemand[Litestar]

    def __call__(self, scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        if scope["path"].startswith(SHOWING):
            return self.show(scope, receive, send)
        return self.respond(scope, receive, send)

    async def show(self, scope: Any, receive: Any, send: Any) -> None:
        await (await self.results)(scope, receive, send)


@asynccontextmanager
async def in_background(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
