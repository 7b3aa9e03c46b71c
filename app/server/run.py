"""Running the service under uvicorn, and printing its addresses."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
import uvicorn
from uvicorn.supervisors import Multiprocess

from app.accounts.researchers import first_link
from app.logs import configure_logging
from app.responses.errors import StorageError
from app.responses.storage import open_storage
from app.server.lifespan import Create, LifespanApp, OnListening, Ready
from app.server.system import local_now, new_token
from app.server.wiring import Running, create_app, do_nothing
from app.settings import PREFIX, Settings, from_environment
from app.web.http.connections import allow_open_files
from app.web.http.protocol import BoundedProtocol

GRACE_SECONDS = 3  # for requests in progress at shutdown
SWITCH_SECONDS = 0.0002  # for which a thread that counts or renders may keep respondents' pages waiting


def run(settings: Settings) -> None:
    """Serves until interrupted. Exits with a plain message if it cannot start."""
    find_surveys(settings)
    if settings.workers > 1:
        run_workers(settings)
        return
    listening = listen(settings)
    settings = replace(settings, port=listening.getsockname()[1])
    configure_logging()
    serve(settings, listening, print_addresses_of)


def find_surveys(settings: Settings) -> None:
    """Raises ClickException if the survey folder is missing."""
    if not Path(settings.surveys).exists():
        raise click.ClickException(f"there is no survey folder {settings.surveys}: name it with --surveys.")


def serve(settings: Settings, listening: socket.socket, ready: Ready, create: Create | None = None) -> None:
    """Serves what `create` makes, until a signal stops it."""
    config = configuration(settings, lambda: LifespanApp(settings, ready, create or serving_app), factory=True)
    server = Server(config)
    sys.setswitchinterval(SWITCH_SECONDS)
    for asked in (signal.SIGINT, signal.SIGTERM):
        # After an orderly stop uvicorn raises the signal again, when there is nothing left to interrupt.
        signal.signal(asked, lambda *_: None)
    server.run(sockets=[listening])
    if not server.started:
        sys.exit(1)


class Server(uvicorn.Server):
    """Prints its addresses once it listens, so that no line of the log comes between."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        on_listening = self.lifespan.state.get("on_listening")
        if self.started and on_listening is not None:
            on_listening()


def configuration(settings: Settings, app: Any, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app, host=settings.host, port=settings.port, lifespan="on", log_config=None, access_log=False,
        server_header=False, date_header=False, timeout_graceful_shutdown=GRACE_SECONDS,
        forwarded_allow_ips=settings.proxies, proxy_headers=True, ws="none", http=BoundedProtocol, **more,
    )  # fmt: skip


def listen(settings: Settings) -> socket.socket:
    """A socket on the chosen address. Raises ClickException if it is taken."""
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
    allow_open_files()
    listening.listen(2048)  # connections wait until the start is over
    listening.set_inheritable(True)
    return listening


def run_workers(settings: Settings) -> None:
    """Several processes share the port. Each reads its settings from the environment."""
    if settings.database_url.startswith("sqlite"):
        raise click.ClickException(
            "several workers require PostgreSQL: set --database-url, or use --workers 1."
        )
    listening = listen(settings)
    settings = replace(settings, port=listening.getsockname()[1])
    for name, value in asdict(settings).items():
        os.environ[PREFIX + name.upper()] = str(value)
    configure_logging()
    try:
        on_listening = asyncio.run(prepare(settings))
    except (StorageError, ValueError) as error:
        raise click.ClickException(f"the database cannot be used: {error}") from None
    config = configuration(settings, "app.server.run:worker", factory=True, workers=settings.workers)
    Workers(config, listening, on_listening).run()


class Workers(Multiprocess):
    """The worker processes. Prints the addresses once all of them listen."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket, on_listening: OnListening):
        super().__init__(config, sockets=[listening])
        self.on_listening: OnListening | None = on_listening

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        if self.on_listening is not None and all(process.is_ready() for process in self.processes):
            self.on_listening()
            self.on_listening = None


def worker() -> LifespanApp:
    configure_logging()
    return LifespanApp(from_environment(os.environ), print_nothing, serving_app)


async def prepare(settings: Settings) -> OnListening:
    """Migrates once, before the workers start."""
    async with open_storage(settings.database_url):
        return await printing_addresses(settings)


def serving_app(settings: Settings) -> AbstractAsyncContextManager[Running]:
    return create_app(settings, loaded=settle_memory)


async def print_nothing(running: Running) -> OnListening:
    return do_nothing


def settle_memory() -> None:
    """Exempts what the start has made from garbage collection: it stays anyway. Makes the slowest responses faster."""
    gc.enable()  # it is off during the start, when there is nothing to collect
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1000)


async def print_addresses_of(running: Running) -> OnListening:
    return await printing_addresses(running.settings)


async def printing_addresses(settings: Settings) -> OnListening:
    """Prints, when called, where to answer, where the results are, and how to sign in."""
    base = settings.address
    token = await first_link(local_now, new_token)
    sign_in = f"{base}/sign-in" if token is None else f"{base}/sign-in/{token}  (valid once, for 24 hours)"
    lines = {"Answer": f"{base}/", "Results": f"{base}/research", "Sign in": sign_in}

    def on_listening() -> None:
        for what, where in lines.items():
            print_address(what, where)

    return on_listening


def print_address(what: str, where: str) -> None:
    click.echo(f"{click.style(what.ljust(8), bold=True)} {where}")
