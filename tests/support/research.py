"""Researchers who are signed in."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from app.accounts.researchers import add_researcher
from app.server.wiring import Running
from tests.support.browsing import Page, Visitor, path_of, press
from tests.support.respondent import Respondent
from tests.support.server import Server


def researcher(server: Server) -> httpx.Client:
    client = server.client(follow_redirects=True)
    link = server.address("Sign in")
    assert client.post(link, headers={"origin": server.base}).url.path == "/research/account"
    return client


def sign_in(visitor: Visitor, server: Server) -> Page:
    """Through the link that the service prints when it starts for the first time."""
    page = visitor.page
    page.goto(server.address("Sign in"))
    press(page)
    assert path_of(page) == "/research/account"
    return page


@asynccontextmanager
async def signed_in(app: Running) -> AsyncIterator[Respondent]:
    """A browser of a researcher who is signed in to the service in this process."""
    async with Respondent(app) as browser:
        link = await add_researcher("ada@example.org", lambda: datetime.datetime.now().astimezone(), lambda: "x" * 43)
        sent = await browser.post(f"/sign-in/{link}", headers={"origin": str(browser.base_url).rstrip("/")})
        assert sent.status_code == 303
        yield browser
