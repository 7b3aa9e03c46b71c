"""Clients that speak HTTP byte by byte, and a server whose patience is short."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import uvicorn

from app.server.run import configuration
from app.settings import Settings
from app.web.http.connections import Limits, Registry
from app.web.http.protocol import BoundedProtocol

SHORT = Limits(head_seconds=0.4, body_seconds=0.8, response_seconds=0.8, late_seconds=0.2, sweep_seconds=0.05, fresh_seconds=0)

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
GET = b"GET / HTTP/1.1\r\nhost: x\r\n"
POST = b"POST /echo HTTP/1.1\r\nhost: x\r\n"
UNREAD = b"POST / HTTP/1.1\r\nhost: x\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """`/` answers at once, `/echo` reads the body and answers the headers, `/hold` goes on in silence, `/stream` with 64 MB."""

    async def answer(body: bytes) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    if scope["path"] == "/echo":
        while (message := await receive()).get("more_body"):
            pass
        if message["type"] == "http.request":
            await answer(json.dumps([[name.decode(), value.decode()] for name, value in scope["headers"]]).encode())
    elif scope["path"] == "/hold":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
    elif scope["path"] == "/stream":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(1000):
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
    else:
        await answer(b"ok")


class Strangers:
    """A server in this loop, and what its clients do to it."""

    def __init__(self, server: uvicorn.Server, serving: asyncio.Task[None]):
        self.server, self.serving = server, serving
        self.port = server.servers[0].sockets[0].getsockname()[1]
        self.writers: list[Writer] = []

    @property
    def registry(self) -> Registry:
        return vars(self.server.server_state)["registry"]

    async def connect(self, sent: bytes = b"") -> tuple[Reader, Writer]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        self.writers.append(writer)
        writer.write(sent)
        return reader, writer

    async def ask(self, sent: bytes, then: bytes = b"") -> bytes:
        """All that comes back until the server closes; what is to follow is sent after the first answer."""
        reader, writer = await self.connect(sent)
        received = b""
        with contextlib.suppress(OSError):
            if then:
                received = await asyncio.wait_for(reader.read(65536), 10)
                writer.write(then)
            while piece := await asyncio.wait_for(reader.read(65536), 20):
                received += piece
        return received

    async def seconds_held(self, sent: bytes, then: bytes = b"", drip: bytes = b"") -> float:
        """Seconds until the server closes, from the last request that was whole. At most 5."""
        loop = asyncio.get_running_loop()
        reader, writer = await self.connect(sent)
        if then:
            await asyncio.wait_for(reader.read(65536), 10)
            writer.write(then)
        began = loop.time()
        with contextlib.suppress(OSError):
            while loop.time() - began < 5:
                writer.write(drip)
                with contextlib.suppress(TimeoutError):
                    if await asyncio.wait_for(reader.read(65536), 0.1) == b"":
                        break
        return loop.time() - began


@contextlib.asynccontextmanager
async def strangers(limits: Limits = SHORT, serve: Any = app, **more: Any) -> AsyncIterator[Strangers]:
    protocol = type("Impatient", (BoundedProtocol,), {"limits": replace(limits, **more)})
    config = configuration(Settings(port=0), serve)
    config.http, config.lifespan, config.timeout_graceful_shutdown = protocol, "off", 1
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    found = Strangers(server, serving)
    try:
        yield found
    finally:
        for writer in found.writers:
            writer.transport.abort()
        server.should_exit = True
        await serving
