"""A researcher's open stream ends with the session that opened it, whichever process ended that."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from app.catalogue.library import InstrumentLibrary
from app.web.http.problems import HTTPProblem
from app.web.live.counting import CountingThreads
from app.web.live.figures import LiveFigures
from app.web.research.downloads import while_signed_in
from tests.support.server import Server

SURVEY = "title: Leaving\nsections: {only: {items: {x: {type: text, ask: Say}}}}"
PASSWORD, OTHER = "a dozen letters and more", "another dozen of letters"
LOOKS = 5.0  # seconds: more than two looks for what other processes did


class Elsewhere:
    """Two processes on one database: streams are opened at the one, and ended at the other."""

    def __init__(self, here: Server, there: Server, database: str):
        self.here, self.there, self.database = here, there, database
        self.first = there.client(follow_redirects=True, headers={"origin": there.base})
        assert self.first.post(there.address("Sign in")).url.path == "/research/account"
        self.send("/research/account/password", new=PASSWORD, again=PASSWORD)

    def send(self, address: str, client: httpx.Client | None = None, **fields: str) -> None:
        client = client or self.first
        page = client.get("/research/account").text
        token = re.search(r'name="form_token" value="([^"]+)"', page)
        assert token, page
        assert client.post(address, data={"form_token": token[1], **fields}).status_code == 200

    def signed_in(self, server: Server) -> httpx.Client:
        client = server.client(follow_redirects=True, headers={"origin": server.base})
        sent = client.post("/sign-in", data={"email": "owner", "password": PASSWORD})
        assert sent.url.path == "/research", sent.text
        return client

    def ends(self, client: httpx.Client, end: Callable[[], None], within: float = 2 * LOOKS) -> bool:
        """Whether a stream ends within so many seconds after `end`."""
        done, begun = threading.Event(), threading.Event()

        def read() -> None:
            address = "/research/leaving/live?seen=-1"
            with suppress(httpx.TransportError), client.stream("GET", address, timeout=30) as events:
                for _ in events.iter_raw():
                    begun.set()
            done.set()

        threading.Thread(target=read, daemon=True).start()
        assert begun.wait(20)
        end()
        return done.wait(within)

    def command(self, *arguments: str) -> None:
        settings = {"OPINION_DATABASE_URL": self.database}
        done = subprocess.run([sys.executable, "-m", "app.commands.main", *arguments], env=os.environ | settings, capture_output=True)
        assert done.returncode == 0, done.stderr


@pytest.fixture(params=["one process", "two processes"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Elsewhere]:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    with ExitStack() as stack:
        if request.param == "one process":
            here = there = stack.enter_context(Server(tmp_path))
            database = f"sqlite:///{tmp_path / 'opinion.db'}"
        else:
            database = request.getfixturevalue("postgres_url")
            here = stack.enter_context(Server(tmp_path, OPINION_DATABASE_URL=database))
            here.address()
            there = stack.enter_context(Server(tmp_path, OPINION_DATABASE_URL=database))
        yield Elsewhere(here, there, database)


def test_a_stream_ends_when_its_researcher_signs_out_changes_password_or_is_removed(elsewhere: Elsewhere) -> None:
    here, there = elsewhere.here, elsewhere.there
    reader = elsewhere.signed_in(here)
    sender = there.client(follow_redirects=True, headers={"origin": there.base}, cookies=dict(reader.cookies))
    assert elsewhere.ends(reader, lambda: elsewhere.send("/research/sign-out", sender))
    reader = elsewhere.signed_in(here)
    change = {"new": OTHER, "again": OTHER}
    assert elsewhere.ends(reader, lambda: elsewhere.send("/research/account/password", **change))
    elsewhere.send("/research/account/password", new=PASSWORD, again=PASSWORD)
    reader = elsewhere.signed_in(here)
    assert elsewhere.ends(reader, lambda: elsewhere.command("researcher", "remove", "owner"))


def test_a_stream_goes_on_while_another_session_ends(elsewhere: Elsewhere) -> None:
    reader, other = elsewhere.signed_in(elsewhere.here), elsewhere.signed_in(elsewhere.there)
    assert not elsewhere.ends(reader, lambda: elsewhere.send("/research/sign-out", other), within=LOOKS)


async def test_a_download_breaks_off_when_its_researcher_signs_out() -> None:
    live = LiveFigures(InstrumentLibrary(None), CountingThreads(), None, None)  # type: ignore[arg-type]
    request = SimpleNamespace(scope={"state": {"signed_in": SimpleNamespace(session="one")}})

    async def chunks():
        yield b"first"
        yield b"second"

    download = while_signed_in(live, request, chunks())  # type: ignore[arg-type]
    assert await anext(download) == b"first"
    live.sessions.pop("one")
    with pytest.raises(HTTPProblem):
        await anext(download)
