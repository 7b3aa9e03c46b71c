"""A request's head is bounded before the app hears of it."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.web import protocol
from tests.served import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("protocol")
    (folder / "surveys").mkdir()
    with Server(folder) as running:
        running.address()
        yield running


def connected(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(server.base).port), timeout=10)


def answer(connection: socket.socket) -> bytes:
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def test_a_head_larger_than_any_browser_sends_is_refused_while_it_comes(server: Server) -> None:
    with connected(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: ")
        sent = 0
        try:
            while sent < 50_000_000:
                sent += connection.send(b"a" * 65536)
        except OSError:
            pass
        assert sent < 50_000_000
        assert answer(connection) in (protocol.TOO_LARGE, b"")  # the reset may overtake it


def test_a_head_that_is_just_small_enough_is_read(server: Server) -> None:
    with connected(server) as connection:
        filler = b"a" * (protocol.HEAD_BYTES - 200)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: " + filler + b"\r\n\r\n")
        assert answer(connection).startswith(b"HTTP/1.1 200")


def test_a_large_body_does_not_count_as_head_and_requests_can_follow_each_other(server: Server) -> None:
    with connected(server) as connection:
        body = b"receipt=" + b"A" * 200_000
        head = b"POST /withdraw HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        connection.sendall(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        received = answer(connection)
        assert received.startswith(b"HTTP/1.1 422") and b"HTTP/1.1 200" in received


def test_who_connects_and_says_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import asyncio

    import uvicorn

    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)

    async def app(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def journey() -> None:
        config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, http=protocol.BoundedProtocol, ws="none")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        for sent in (b"", b"GET / HTTP/1.1\r\nhost: x\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            began = time.monotonic()
            assert await asyncio.wait_for(reader.read(), 10) == b""
            assert time.monotonic() - began > 0.2
            writer.close()
        server.should_exit = True
        await serving

    asyncio.run(journey())
