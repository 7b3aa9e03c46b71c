"""Many open dashboards: what they cost, and how soon the last of them knows."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import random
import re
import resource
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from urllib.parse import urlencode

from app.survey.items.registry import Rating, SingleChoice
from benchmarks import sixty
from benchmarks.answering import SECTION, enrol
from benchmarks.server import LOAD_CORE, Server, ask, folder, serving
from benchmarks.stored import fill, signed_in

MANY = (500, 5_000)
VIEWS, ON_EACH = 50, 4
IN_SIGHT = 7  # charts in a window of 1280 by 800
A_SECOND = 50  # responses
STORED = 20_000  # before they arrive
SUBMISSIONS = 10
APART = 1.5  # seconds


@dataclass
class Watchers:
    """Clients of the event stream. `heard` has, for each event, when the last client had it; so far."""

    port: int
    cookie: str
    seen: int
    query: str = ""  # of the view
    heard: dict[int, tuple[int, float]] = field(default_factory=dict)
    events: list[tuple[int, float]] = field(default_factory=list)
    streams: list[asyncio.StreamWriter] = field(default_factory=list)
    reading: list[asyncio.Task[None]] = field(default_factory=list)

    async def add(self, in_sight: str = "") -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        path = f"/research/{sixty.SURVEY}/live?seen={self.seen}{self.query}{in_sight}"
        writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\ncookie: {self.cookie}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise SystemExit(head.decode())
        self.streams.append(writer)
        self.reading.append(asyncio.create_task(self.read(reader)))

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Counts events by the comments before them: the last change that their figures include."""
        left = b""
        while piece := await reader.read(1 << 16):
            *lines, left = (left + piece).split(b"\n")
            for line in lines:
                if line.startswith(b": ") and line[2:].isdigit():
                    number = int(line[2:])
                    self.events.append((number, time.perf_counter()))
                    self.heard[number] = (self.heard.get(number, (0, 0.0))[0] + 1, time.perf_counter())

    def close(self) -> None:
        for task in self.reading:
            task.cancel()
        for writer in self.streams:
            writer.transport.abort()


def dashboards(quick: bool) -> None:
    """Open dashboards: the server's share of its core, and the delay from a submission to the last client."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    os.sched_setaffinity(0, {LOAD_CORE})
    for count in MANY[:1] if quick else MANY:
        with folder() as where, serving(where) as server:
            respondents = enrol(server, 30)
            cookie = signed_in(server, where)
            page = server.get(f"/research/{sixty.SURVEY}", cookie=cookie)[2]
            seen = int(re.search(rb"seen=(\d+)", page)[1])
            asyncio.run(watched(server, Watchers(server.port, cookie, seen), [each.token for each in respondents], count))


async def watched(server: Server, watchers: Watchers, tokens: list[str], count: int) -> None:
    before = server.memory()
    began = time.perf_counter()
    for start in range(0, count, 100):
        await asyncio.gather(*(watchers.add() for _ in range(min(100, count - start))))
    opened = time.perf_counter() - began
    await asyncio.sleep(2)
    each = (server.memory() - before) / count
    idle = await share(server, asyncio.sleep(4))
    delays: list[float] = []
    busy = await share(server, submit(server, watchers, tokens, count, delays))
    watchers.close()
    print(
        f"{count:,} dashboards: opened in {opened:.1f} s, {each / 1024:.0f} KB each; core {idle:.0%} idle, {busy:.0%} with"
        f" a submission every {APART:g} s; the last client knows after {statistics.median(delays):.2f} s (median; worst {max(delays):.2f} s)"
    )


async def share(server: Server, work: object) -> float:
    spent, began = server.cpu(), time.perf_counter()
    await work  # type: ignore[misc]
    return (server.cpu() - spent) / (time.perf_counter() - began)


async def submit(server: Server, watchers: Watchers, tokens: list[str], count: int, delays: list[float]) -> None:
    asked, chance = sixty.instrument(), random.Random(9)
    for token in tokens[:SUBMISSIONS]:
        watchers.heard.clear()
        body = urlencode([("token", token), *sixty.fields(asked, SECTION, chance)])
        began = time.perf_counter()
        await asyncio.to_thread(ask, server.port, "POST", f"/s/{sixty.SURVEY}/{SECTION}", body)
        while sum(number for number, _ in watchers.heard.values()) < count and time.perf_counter() - began < 20:
            await asyncio.sleep(0.005)
        delays.append(max(at for _, at in watchers.heard.values()) - began)
        await asyncio.sleep(max(0.0, APART - (time.perf_counter() - began)))


# --- many views -----------------------------------------------------------------------------------------------


def views(quick: bool) -> None:
    """Dashboards on fifty views while responses arrive: how late each view is, and how long a respondent waits."""
    os.sched_setaffinity(0, {LOAD_CORE})
    with folder() as where:
        asyncio.run(fill(where, STORED))
        with serving(where) as server:
            respondents = [each.token for each in enrol(server, 40, last=f"part{sixty.PAGES}")]
            cookie = signed_in(server, where)
            while server.get(f"/research/{sixty.SURVEY}", cookie=cookie)[0] != 200:
                time.sleep(0.2)
            for count in (0, 1, 10, VIEWS):
                asyncio.run(viewed(server, cookie, respondents, count, 8 if quick else 20))


def view_queries(count: int) -> list[str]:
    """Every view is of all begun responses, since those that arrive are not submitted."""
    items = [item for item in sixty.instrument().items() if isinstance(item, (SingleChoice, Rating))]
    chips = [f"&only={item.id}:{option.code}" for item in items for option in getattr(item, "scale", None) or item.options]
    wheres = ["&" + urlencode({"where": f"q1_1 >= {least} or q3_10 > {10 * most}"}) for least in (2, 3, 4) for most in range(6)]
    return [f"&base=all{each}" for each in ("", *wheres, *chips)][:count]


def windows() -> list[list[str]]:
    """What each dashboard of a view has in sight: the first its beginning, the others places further down."""
    charts = [f"item-{item.id}" for item in sixty.instrument().items()]
    further = [charts[len(charts) * place // ON_EACH :][:IN_SIGHT] for place in range(1, ON_EACH)]
    return [["progress", "primary", "findings", *charts[:2]], *further]


async def viewed(server: Server, cookie: str, tokens: list[str], count: int, seconds: int) -> None:
    page = f"/research/{sixty.SURVEY}?base=all"
    seen = int(re.search(rb"seen=(\d+)", (await asyncio.to_thread(server.get, page, cookie=cookie))[2])[1])
    open_on = [Watchers(server.port, cookie, seen, query) for query in view_queries(count)]
    for each in open_on:
        await asyncio.gather(*(each.add(f"&sight={','.join(place)}") for place in windows()))
    await asyncio.sleep(3)
    with respondent(server) as waits:
        spent, began = server.cpu(), time.perf_counter()
        stored = await arrive(server, tokens, seen, seconds)
        used, lasted = server.cpu() - spent, time.perf_counter() - began
        updates = sum(len({number for number, at in each.events if at >= began}) for each in open_on)
        await asyncio.sleep(4)
    delays = [delay for each in open_on for delay in delays_of(each, stored)]
    for each in open_on:
        each.close()
    waits.sort()
    late = f" a view is late by {statistics.median(delays):.2f} s (median), {max(delays):.2f} s at most;" if delays else ""
    print(
        f"{count:>3} views, {count * ON_EACH} dashboards, {len(stored) / seconds:.0f} responses a second: core {used / lasted:.0%};{late}"
        f" a respondent's page takes {1e3 * statistics.median(waits):.0f} ms"
        f" (median), p99 {1e3 * waits[int(0.99 * len(waits))]:.0f}, at most {1e3 * waits[-1]:.0f};"
        f" {updates} updates of views, {1e3 * used / max(updates, 1):.0f} ms of processor for each, with all else",
        flush=True,
    )


async def arrive(server: Server, tokens: list[str], seen: int, seconds: int) -> dict[int, float]:
    """When each change was stored, by its number: one after the other, so that their order is known."""
    asked, chance = sixty.instrument(), random.Random(seen)
    stored: dict[int, float] = {}
    sections = [section.id for section in asked.sections]
    began = time.perf_counter()
    for number in range(A_SECOND * seconds):
        section = sections[number % len(sections)]  # so that every chart changes within a refresh
        body = urlencode([("token", tokens[number % len(tokens)]), *sixty.fields(asked, section, chance)])
        await asyncio.to_thread(ask, server.port, "POST", f"/s/{sixty.SURVEY}/{section}", body)
        stored[seen + number + 1] = time.perf_counter()
        await asyncio.sleep(max(0.0, began + (number + 1) / A_SECOND - time.perf_counter()))
    return stored


def delays_of(watchers: Watchers, stored: dict[int, float]) -> list[float]:
    """For each event on each dashboard, how long ago the first change was stored that it shows and none before did."""
    found, before = [], watchers.seen
    for number, at in sorted(watchers.events):
        late = [stored[each] for each in range(before + 1, number + 1) if each in stored]
        found += [at - late[0]] if late else []
        before = max(before, number)
    return found


@contextlib.contextmanager
def respondent(server: Server) -> Iterator[list[float]]:
    """How long a respondent waits for a page, again and again. It is a process of its own, since the one that holds the streams
    is busy with their events."""
    waits: list[float] = []
    ours, theirs = multiprocessing.Pipe()
    asking = multiprocessing.get_context("spawn").Process(target=ask_until_told, args=(server.port, theirs))
    asking.start()
    ours.recv()
    try:
        yield waits
    finally:
        ours.send(None)
        waits += ours.recv()
        asking.join()


def ask_until_told(port: int, end: Connection) -> None:
    waits = []
    end.send(None)
    while not end.poll(0.05):
        began = time.perf_counter()
        ask(port, "GET", f"/s/{sixty.SURVEY}")
        waits.append(time.perf_counter() - began)
    end.send(waits)