"""A respondent without JavaScript, over HTTP: what a form of a page sends, and clients that send it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from app.server.wiring import Running, create_app
from app.settings import Settings
from tests.support.server import Server

#: A receipt code.
CODE = re.compile(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}")

SURVEY = """
title: Leaving
consent: Taking part is **voluntary**.
sections:
  now:
    title: Now
    items:
      status:
        type: single_choice
        ask: Which describes you?
        required: true
        options: {practising: In practice, left: Left, other: {label: Other, please_say: true}}
      years:
        type: number
        ask: How many years?
        range: [0, 70]
        decline: true
        show_if: status == "left"
  why:
    show_if: status == "left"
    items:
      reasons:
        type: multiple_choice
        ask: Why, after {years} years?
        options: {health: Health, visa: Visa, none: {label: No reason, exclusive: true}}
  last:
    items:
      words: {type: text, ask: In your words, lines: 4}
"""


# --- forms --------------------------------------------------------------------------------------------------


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


def form_of(page: str) -> dict[str, Any]:
    """The hidden fields of a page, and the items that are displayed on it."""
    fields: dict[str, Any] = {name: hidden(page, name) for name in ("token", "version") if f'name="{name}"' in page}
    fieldsets = re.findall(r"<fieldset(?![^>]*disabled).*?</fieldset>", page, re.DOTALL)
    fields["shown"] = re.findall(r'name="shown" value="([^"]*)"', " ".join(fieldsets))
    fields["asked"] = re.findall(r'name="asked" value="([^"]*)"', page)
    return fields


# --- in this process --------------------------------------------------------------------------------------


class Respondent(httpx.AsyncClient):
    """A client of the service in this process that fills in forms as a browser without JavaScript does."""

    def __init__(self, app: Running):
        super().__init__(transport=httpx.ASGITransport(app), base_url="http://localhost", follow_redirects=False)

    async def begin(self, survey: str = "leaving") -> str:
        page = await self.get(f"/s/{survey}")
        sent = await self.post(f"/s/{survey}", data={"token": hidden(page.text, "token")})
        assert sent.status_code == 303
        return sent.headers["location"]

    async def fill(self, address: str, **fields: object) -> httpx.Response:
        """Fills in the page at an address and sends it; `fields` are what is typed and chosen."""
        return await self.post(address, data=form_of((await self.get(address)).text) | fields)

    async def complete(self, survey: str = "leaving") -> httpx.Response:
        address = await self.begin(survey)
        await self.fill(address, status="practising")
        await self.fill(f"/s/{survey}/last", words="relief")
        return await self.fill(f"/s/{survey}/submit")


@asynccontextmanager
async def service(folder: Path, text: str = SURVEY, name: str = "leaving", **more: object) -> AsyncIterator[Running]:
    surveys = folder / "surveys"
    surveys.mkdir(exist_ok=True)
    (surveys / f"{name}.yaml").write_text(text, encoding="utf-8")
    settings = Settings(database_url=f"sqlite:///{folder / 'opinion.db'}", surveys=str(surveys))
    async with create_app(settings, **more) as app:  # type: ignore[arg-type]
        yield app


# --- over a network -----------------------------------------------------------------------------------------


def respond(server: Server, survey: str, answers: Mapping[str, Any], submit: bool = True) -> httpx.Client:
    """One respondent goes through a survey of a real server; the client holds the cookie."""
    client = server.client(follow_redirects=True)
    page = client.post(f"/s/{survey}", data=form_of(client.get(f"/s/{survey}").text))
    for _ in range(60):
        if page.url.path.endswith("/submit") and submit:
            page = client.post(page.url, data=form_of(page.text))
        if page.url.path.endswith(("/submit", "/done")):
            return client
        form = form_of(page.text)
        page = client.post(page.url, data=form | answers | {"asked": form["shown"]})
        assert page.status_code == 200, page.text
    raise AssertionError("no end of pages")
