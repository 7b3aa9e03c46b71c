"""`opinion preview`: a survey file as respondents will see it, while it is being written."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from app.catalogue.draft import Draft, still_fitting
from app.catalogue.files import main_file
from app.responses.errors import StorageError
from app.responses.storage import Storage, open_storage
from app.server.lifespan import OnListening
from app.server.run import configure_logging, listen, print_address, serve
from app.server.system import letters, local_now, random_bytes
from app.server.wiring import STATIC, TEMPLATES, in_background, router
from app.settings import Settings
from app.survey.model import Instrument
from app.web.http.assets import Assets
from app.web.http.problems import Problems
from app.web.http.shell import Shell
from app.web.http.templates import environment
from app.web.present.rooms import Rooms, room_routes
from app.web.preview.bar import PreviewBar, preview_routes
from app.web.respond.context import AppContext
from app.web.respond.cookies import Cookies
from app.web.respond.routes import respond_routes

HOST = "127.0.0.1"  # reachable from this machine only


def run(file: Path, port: int, opened: bool) -> None:
    """Shows the file until interrupted, and then deletes all answers."""
    if not file.is_file():
        raise click.ClickException(f"there is no file {file}: give the path of a survey, such as surveys/leaving.yaml.")
    file = main_file(file) or file
    if hasattr(signal, "SIGHUP"):  # closing the terminal must delete them too
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="opinion-preview-") as folder:
        settings = Settings(
            database_url=f"sqlite:///{Path(folder) / 'preview.db'}", surveys=str(file), host=HOST, port=port
        )
        listening = listen(settings)
        settings = replace(settings, port=listening.getsockname()[1])
        configure_logging()

        async def ready(previewing: RunningPreview) -> OnListening:
            address = f"{settings.address}/s/{previewing.draft.survey}"

            def show() -> None:
                print_address("Preview", address)
                click.echo(
                    f"{file} is reloaded when you save it. Ctrl-C stops the preview and deletes all its answers."
                )
                if opened:
                    asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)

            return show

        serve(settings, listening, ready, preview_of)


@dataclass(frozen=True)
class RunningPreview:
    """A running preview: an ASGI app and its state."""

    shell: Shell
    draft: Draft
    storage: Storage
    rooms: Rooms

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.shell(scope, receive, send)

    def end_streams(self) -> None:
        self.draft.close()
        self.rooms.close()


@asynccontextmanager
async def preview_of(settings: Settings) -> AsyncIterator[RunningPreview]:
    """A preview of the file `settings.surveys`, on a temporary database."""
    async with open_storage(settings.database_url) as storage:
        assets = Assets(STATIC)
        templates = environment(TEMPLATES, assets.url)
        draft = Draft(Path(settings.surveys), templates)
        key = random_bytes(32)
        cookies = Cookies(key, False)
        context = AppContext(storage, draft, templates, key, cookies, local_now, lambda: random_bytes(16), has_results=False)  # type: ignore[arg-type]
        rooms = Rooms(context)
        draft.on_change.append(lambda old, new: go_on(context, old, new))
        await draft.load()
        problems = Problems(templates, lambda: letters(random_bytes(9)))
        pages = router([*preview_routes(context, draft), *respond_routes(context), *room_routes(context, rooms)], problems)
        stop = asyncio.Event()
        async with in_background(draft.watch(stop), rooms.run()):
            try:
                yield RunningPreview(Shell(PreviewBar(pages, context, draft), problems, assets), draft, storage, rooms)
            finally:
                stop.set()
                draft.close()
                rooms.close()


async def go_on(context: AppContext, old: Instrument | None, new: Instrument) -> None:
    """Everybody continues with the new version, and with the answers that have a meaning in it."""
    context.paths.clear()
    if old is None:
        return
    for change in await context.storage.changes(new.survey, 0, 1_000_000):
        if change.disposition != "open":
            continue
        try:
            await context.storage.change(change.id, lambda row: still_fitting(old, new, row.answers))
        except StorageError:  # it was submitted or withdrawn meanwhile
            continue
