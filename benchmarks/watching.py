"""Many open dashboards: what they cost, and how soon the last of them knows."""

from __future__ import annotations

import asyncio
import os
import random
import re
import resource
import statistics
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks import sixty
from benchmarks.answering import SECTION, enrol
from benchmarks.server import LOAD_CORE, Server, ask, folder, serving
from benchmarks.stored import signed_in

MANY = (500, 5_000)
SUBMISSIONS = 10
APART = 1.5  # seconds


@dataclass
class Watchers:
    """Clients of the event stream. `heard` has, for each event, when the last client had it; so far."""

    port: int
    cookie: str
    seen: int
    heard: dict[int, tuple[int, float]] = field(default_factory=dict)
    streams: list[asyncio.StreamWriter] = field(default_factory=list)
    reading: list[asyncio.Task[None]] = field(default_factory=list)

    async def add(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        path = f"/research/{sixty.SURVEY}/live?seen={self.seen}"
        writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\ncookie: {self.cookie}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise SystemExit(head.decode())
        self.streams.append(writer)
        self.reading.append(asyncio.create_task(self.read(reader)))

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Counts events by their ids; each id is the last change that its figures hold."""
        left = b""
        while piece := await reader.read(1 << 16):
            *lines, left = (left + piece).split(b"\n")
            for line in lines:
                if line.startswith(b"id: "):
                    number = int(line[4:])
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
