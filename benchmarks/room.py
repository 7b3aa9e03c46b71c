"""A poll in a hall: 500 phones behind one address answer within ten seconds, while a projector follows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.server import LOAD_CORE, Server, floor, folder, serving
from benchmarks.stored import signed_in

POLL = """
title: A doctor leaves clinical work
poll: true
results: {show_to: everyone, floor: 10, release_every: 10}
sections:
  one:
    items:
      own: {type: rating, ask: Do you see failure or growth?, required: true, scale: {1: Failure, 2: More failure, 3: Both, 4: More growth, 5: Growth}}
"""
PHONES, SECONDS = 500, 10.0
#: As room.js has them: a page of results is fetched again so long after a release, and not more often.
SPREAD, GAP = 1.5, 4.0
IDLE = 2  # further connections that each phone's browser keeps open after loading styles and scripts
FIELDS = re.compile(rb'name="(token|version|shown)" value="([^"]*)"')


class Connection:
    """One connection that is kept alive, as a browser's."""

    def __init__(self, port: int):
        self.port, self.cookies = port, dict[str, str]()
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)

    async def head(self, method: str, path: str, body: str = "") -> tuple[int, dict[str, str]]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{self.port}", *([f"cookie: {cookie}"] if cookie else [])]
        lines += ["content-type: application/x-www-form-urlencoded", f"content-length: {len(body)}"] if body else []
        self.writer.write("\r\n".join([*lines, "", body]).encode())
        first, *rest = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in filter(None, rest):
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
            if name.lower() == "set-cookie":
                key, _, stored = value.partition(";")[0].partition("=")
                self.cookies[key] = stored
        return int(first.split(" ")[1]), headers

    async def ask(self, method: str, path: str, body: str = "") -> tuple[int, dict[str, str], bytes]:
        status, headers = await self.head(method, path, body)
        return status, headers, await self.reader.readexactly(int(headers.get("content-length", 0)))

    async def events(self, path: str) -> AsyncIterator[dict[str, str]]:
        status, _ = await self.head("GET", path)
        if status != 200:
            raise SystemExit(f"{status} from {path}")
        while line := await self.reader.readline():
            if line.startswith(b"data: "):
                yield json.loads(line[6:])

    def close(self) -> None:
        self.writer.transport.abort()


@dataclass
class Hall:
    """What all phones measure together, in milliseconds."""

    port: int
    taps: list[float] = field(default_factory=list)
    results: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    count: int = 0  # that the projector shows
    open: list[Connection] = field(default_factory=list)

    async def connection(self) -> Connection:
        made = Connection(self.port)
        await made.open()
        self.open.append(made)
        return made


async def phone(hall: Hall, at: float, chance: random.Random) -> None:
    """Opens the poll, taps an answer at its moment, sees the results, and follows them."""
    own = await hall.connection()
    _, _, page = await own.ask("GET", "/s/poll")
    for _ in range(IDLE):
        await (await hall.connection()).ask("GET", "/healthz")
    form = {name.decode(): value.decode() for name, value in FIELDS.findall(page)}
    await asyncio.sleep(max(0.0, at - time.perf_counter()))
    began = time.perf_counter()
    status, headers, _ = await own.ask("POST", "/s/poll", urlencode({**form, "own": chance.randint(1, 5)}))
    hall.taps.append(1e3 * (time.perf_counter() - began))
    if status != 303 or headers["location"] != "/results/poll":
        hall.errors.append(f"{status} to a tap")
    number = await see(hall, own)
    stream = await hall.connection()
    stream.cookies = own.cookies
    moved = 0.0
    async for said in stream.events("/live/poll"):
        if said["release"] and said["release"] != number:
            await asyncio.sleep(max(0.0, moved + GAP - time.perf_counter()) + chance.uniform(0, SPREAD))
            number, moved = await see(hall, own), time.perf_counter()


async def see(hall: Hall, own: Connection) -> str:
    """The page of results; gives the number of its release."""
    began = time.perf_counter()
    status, _, page = await own.ask("GET", "/results/poll")
    hall.results.append(1e3 * (time.perf_counter() - began))
    if status != 200 or b"Your answer is in" not in page:
        hall.errors.append(f"{status} from the results")
    found = re.search(rb'data-number="(\d+)"', page)
    return found[1].decode() if found else ""


async def projector(hall: Hall, cookie: str) -> None:
    own = await hall.connection()
    name, _, value = cookie.partition("=")
    own.cookies = {name: value}
    async for said in own.events("/present/poll/live"):
        hall.count = int(said["count"].replace(",", "") or hall.count)


async def filled(server: Server, cookie: str, phones: int) -> Hall:
    hall, chance = Hall(server.port), random.Random(7)
    following = asyncio.create_task(projector(hall, cookie))
    start = time.perf_counter() + 4  # by when all have opened the page
    tasks = [asyncio.create_task(phone(hall, start + chance.uniform(0, SECONDS), random.Random(n))) for n in range(phones)]
    until = start + SECONDS + 15
    while time.perf_counter() < until and hall.count < phones:
        await asyncio.sleep(0.1)
    late = time.perf_counter() - start - SECONDS
    await asyncio.sleep(GAP + 2 * SPREAD)  # until all have the last release
    for task in (following, *tasks):
        if task.done() and not task.cancelled() and (fault := task.exception()):
            hall.errors.append(repr(fault))
        task.cancel()
    for each in hall.open:
        each.close()
    print(f"{len(hall.open):,} connections; the projector counts {hall.count} of {phones}, {max(late, 0):.1f} s after the last tap at the latest")
    return hall


async def bare(server: Server, phones: int) -> None:
    """The same requests to handlers that do nothing, without streams."""
    chance = random.Random(7)

    async def one() -> None:
        own = Connection(server.port)
        await own.open()
        await asyncio.sleep(chance.uniform(0, 2))
        await own.ask("GET", "/plaintext")
        await own.ask("POST", "/s/poll/one", urlencode({"token": "x" * 43, "version": "x" * 12, "shown": "own", "own": 3}))
        await own.ask("GET", "/plaintext")
        own.close()

    await asyncio.gather(*(one() for _ in range(phones)))


def percentile(values: list[float], of: float) -> float:
    return sorted(values)[min(len(values) - 1, int(of * len(values)))] if values else 0.0


def stored(where: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(where / "opinion.db")) as connection:
        return dict(connection.execute("SELECT disposition, count(*) FROM response GROUP BY disposition").fetchall())


def room(quick: bool) -> None:
    """500 phones at one address answer a poll in ten seconds, each counted once, while all follow its results."""
    phones = 100 if quick else PHONES
    os.sched_setaffinity(0, {LOAD_CORE})
    with folder() as where:
        (where / "surveys" / "poll.yaml").write_text(POLL)
        with serving(where) as server:
            cookie = signed_in(server, where)
            while server.get("/present/poll", cookie=cookie)[0] != 200:
                time.sleep(0.2)
            before, began = server.cpu(), time.perf_counter()
            hall = asyncio.run(filled(server, cookie, phones))
            spent, took = server.cpu() - before, time.perf_counter() - began
        counted = stored(where)
    if hall.errors or counted != {"complete": phones} or hall.count != phones:
        raise SystemExit(f"{counted} stored, {hall.count} counted, errors: {hall.errors[:5]}")
    with folder() as where, floor(where) as server:
        started = server.cpu()
        asyncio.run(bare(server, phones))
        least = server.cpu() - started
    print(
        f"each of {phones} counted once, no error; a tap takes p50 {percentile(hall.taps, .5):.0f} ms, p99 {percentile(hall.taps, .99):.0f} ms,"
        f" the results ({len(hall.results):,} pages) p50 {percentile(hall.results, .5):.0f} ms, p99 {percentile(hall.results, .99):.0f} ms;"
        f" {spent / took:.0%} of a core, {1e3 * spent / phones:.1f} ms a phone: {spent / least:.1f} floors ({1e3 * least / phones:.1f} ms)"
    )
