"""Running the service under uvicorn, and telling the operator where it is."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar

import click
import uvicorn
from uvicorn.supervisors import Multiprocess

from app.main import Running, Served, create_app, letters, local_now, random_bytes
from app.responses.errors import StorageError
from app.responses.storage import open_storage
from app.settings import PREFIX, Settings, from_environment
from app.web import access
from app.web.logs import configure_logging
from app.web.protocol import BoundedProtocol

Ready = Callable[[Any], Awaitable[None]]
Create = Callable[[Settings], AbstractAsyncContextManager[Any]]

GRACE_SECONDS = 3  # for what is under way at shutdown; open dashboards would otherwise hold it up


def run(settings: Settings) -> None:
    """Serves until interrupted. Exits with a plain line when it cannot start."""
    if not Path(settings.surveys).exists():
        raise click.ClickException(
            f"there is no folder of surveys {settings.surveys}: name it with --surveys."
        )
    if settings.workers > 1:
        run_workers(settings)
        return
    listening = listen(settings)
    settings = replace(settings, port=listening.getsockname()[1])
    configure_logging()
    stay(settings, listening, greet)


def stay(settings: Settings, listening: socket.socket, ready: Ready, create: Create = create_app) -> None:
    """Serves what `create` makes, until told to stop."""
    config = configuration(settings, lambda: serving(settings, ready, create), factory=True)
    server = Server(config)
    for asked in (signal.SIGINT, signal.SIGTERM):
        # After stopping in order uvicorn raises the signal once more: there is then nothing left to break off.
        signal.signal(asked, lambda *_: None)
    server.run(sockets=[listening])
    if not server.started:
        sys.exit(1)


def serving(settings: Settings, ready: Ready, create: Create = create_app) -> Served:
    Server.served = Served(settings, ready, create)
    return Server.served


class Server(uvicorn.Server):
    """Lets go of open dashboards and the like as soon as it is told to stop; they would hold it up."""

    served: ClassVar[Served | None] = None  # what this process serves

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.served is not None and self.served.app is not None:
            self.served.app.let_go()
        await super().shutdown(sockets)


def configuration(settings: Settings, app: Any, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app, host=settings.host, port=settings.port, lifespan="on", log_config=None, access_log=False,
        server_header=False, date_header=False, timeout_graceful_shutdown=GRACE_SECONDS, timeout_keep_alive=20,
        forwarded_allow_ips=settings.proxies, proxy_headers=True, ws="none", http=BoundedProtocol, **more,
    )  # fmt: skip


def listen(settings: Settings) -> socket.socket:
    """A socket on the chosen address. Says so plainly when it is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise click.ClickException(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Another program may be using the port: choose another with --port."
        ) from None
    listening.listen(2048)  # who comes before the start is over waits
    listening.set_inheritable(True)
    return listening


def run_workers(settings: Settings) -> None:
    """Several processes share the port. Each reads its settings from the environment."""
    if settings.database_url.startswith("sqlite"):
        raise click.ClickException(
            "several workers need PostgreSQL: set --database-url, or leave --workers at 1."
        )
    listening = listen(settings)
    settings = replace(settings, port=listening.getsockname()[1])
    for name, value in asdict(settings).items():
        os.environ[PREFIX + name.upper()] = str(value)
    configure_logging()
    try:
        asyncio.run(prepare(settings))
    except (StorageError, ValueError) as error:
        raise click.ClickException(f"the database cannot be used: {error}") from None
    config = configuration(settings, "app.serving:worker", factory=True, workers=settings.workers)
    Multiprocess(config, sockets=[listening]).run()


def worker() -> Served:
    configure_logging()
    return serving(from_environment(os.environ), quiet)


async def prepare(settings: Settings) -> None:
    """Migrates once, before the workers start, and greets."""
    async with open_storage(settings.database_url):
        await tell(settings)


async def quiet(running: Running) -> None:
    settle_memory()
    running.showing.on_open.append(settle_memory)


def settle_memory() -> None:
    """What start-up made stays: the collector need not look at it again. Makes the slowest answers faster."""
    gc.enable()  # while all is made there is nothing to collect
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1000)


async def greet(running: Running) -> None:
    await quiet(running)
    await tell(running.settings)


async def tell(settings: Settings) -> None:
    """Tells where to answer, where the results are, and how to sign in."""
    base = settings.address
    token = await access.first_link(local_now, lambda: letters(random_bytes(32)))
    say("Answer", f"{base}/")
    say("Results", f"{base}/research")
    if token is not None:
        say("Sign in", f"{base}/sign-in/{token}  (once, within 24 hours)")
    else:
        say("Sign in", f"{base}/sign-in")


def say(what: str, where: str) -> None:
    click.echo(f"{click.style(what.ljust(8), bold=True)} {where}")
