"""Saved means saved, through the whole service: a page that was acknowledged over HTTP survives kill -9."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from pathlib import Path

import httpx
import msgspec

from app.responses.storage import open_storage
from tests.support.server import Server

SURVEY = """
title: Pages
sections:
  first: {items: {n: {type: number, ask: A number, range: [0, 1000000], required: true}}}
  second: {items: {words: {type: text, ask: Words}}}
"""
RESPONDENTS = 24
SECONDS = 2.5  # of load before the kill


async def test_every_acknowledged_page_survives_kill_9_once(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "pages.yaml").write_text(SURVEY)
    workers = "1" if database_url.startswith("sqlite") else "2"
    environment = {"OPINION_DATABASE_URL": database_url, "OPINION_WORKERS": workers}
    with Server(tmp_path, **environment) as server:
        acknowledged, begun, last_sent = await load(server)
    assert len(acknowledged) > 20, "the load was too small to prove anything"
    with Server(tmp_path, **environment) as server:
        with server.client() as browser:
            for token, number in itertools.islice(acknowledged.items(), 3):
                page = browser.get("/s/pages/first", headers={"cookie": f"opinion_pages={token}"}).text
                assert number <= int(typed(page, "n")) <= last_sent[token]
        server.stop()
    kept = await stored(database_url)
    assert len(kept) == begun, "a response was lost or stands twice"
    numbers = sorted(kept.values())
    # Each respondent's numbers grow, so what is kept lies between what was acknowledged and what was sent last.
    for token, number in acknowledged.items():
        assert any(number <= value <= last_sent[token] for value in numbers), (token, number)


def typed(page: str, name: str) -> str:
    """What stands in a field of a page."""
    (field,) = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    return re.search(r'value="([^"]*)"', field)[1]  # type: ignore[index]


async def load(server: Server) -> tuple[dict[str, int], int, dict[str, int]]:
    """Respondents who send growing numbers until the server is killed: what was acknowledged to each."""
    acknowledged: dict[str, int] = {}
    last_sent: dict[str, int] = {}
    async with httpx.AsyncClient(base_url=server.base, timeout=60) as client:
        begun = [await begin(client) for _ in range(RESPONDENTS)]
        tasks = [
            asyncio.create_task(answer(client, place * 10_000, *each, acknowledged, last_sent))
            for place, each in enumerate(begun, 1)
        ]
        await asyncio.sleep(SECONDS)
        server.kill()
        await asyncio.gather(*tasks)
    return acknowledged, RESPONDENTS, last_sent


async def begin(client: httpx.AsyncClient) -> tuple[str, str]:
    """A new response's token and the version its forms name."""
    client.cookies.clear()
    page = (await client.get("/s/pages")).text
    token = re.search(r'name="token" value="([^"]*)"', page)[1]  # type: ignore[index]
    sent = await client.post("/s/pages", data={"token": token})
    assert sent.headers["location"] == "/s/pages/first"
    page = (await client.get("/s/pages/first")).text
    client.cookies.clear()
    return token, re.search(r'name="version" value="([^"]*)"', page)[1]  # type: ignore[index]


async def answer(
    client: httpx.AsyncClient, first: int, token: str, version: str, acknowledged: dict[str, int], last_sent: dict[str, int]
) -> None:
    with contextlib.suppress(httpx.HTTPError):
        for number in range(first, first + 10_000):
            last_sent[token] = number
            form = {"token": token, "version": version, "shown": "n", "n": str(number)}
            sent = await client.post("/s/pages/first", data=form, headers={"cookie": f"opinion_pages={token}"})
            if sent.status_code == 303:
                acknowledged[token] = number


async def stored(url: str) -> dict[str, int]:
    async with open_storage(url) as storage:
        changes = await storage.changes("pages", 0, 10_000)
    return {change.id: msgspec.json.decode(change.answers).get("n", 0) for change in changes}
