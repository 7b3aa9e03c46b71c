"""`opinion serve` as a process: what it prints, whom it serves while it is held up, and how it stops."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.server import Server

SURVEY = """
title: Leaving
results: {show_to: everyone}
sections: {one: {items: {words: {type: text, ask: In your words?}}}}
"""

HEAD = b"POST /s/leaving HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"
HELD = {
    "silent": b"",
    "half a head": b"GET / HTTP/1.1\r\nhost: x\r\n",
    "half a body": HEAD + b"content-length: 100\r\n\r\ntoken=",
    "half a chunk": HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nab",
    "a body after the answer": b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nx",
    "a line end after the answer": b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n\r\n",
}


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    """One process on SQLite, two on PostgreSQL."""
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    return {"OPINION_DATABASE_URL": database_url, "OPINION_WORKERS": "1" if database_url.startswith("sqlite") else "2"}


@contextlib.contextmanager
def holding(server: Server, sent: bytes, count: int) -> Iterator[list[socket.socket]]:
    """Connections on which no more is said. The server may have closed one before all was sent."""
    held = []
    try:
        for _ in range(count):
            held.append(server.connect())
            with contextlib.suppress(OSError):
                held[-1].sendall(sent)
        yield held
    finally:
        for connection in held:
            connection.close()


def test_the_addresses_are_printed_last_together_and_once_they_answer(tmp_path: Path, environment: dict[str, str]) -> None:
    with Server(tmp_path, merged=True, **environment) as server:
        server.address("Sign in")
        assert server.client().get("/healthz").status_code == 200
        time.sleep(1.5)
        assert [line.split()[0] for line in server.printed[-3:]] == ["Answer", "Results", "Sign"]
        assert sum("leaving" in line or "http" in line for line in server.printed) == 3


@pytest.mark.parametrize("sent", HELD.values(), ids=HELD)
def test_a_thousand_held_connections_refuse_nobody_and_are_logged(tmp_path: Path, sent: bytes) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    with Server(tmp_path) as server:
        server.address()
        psutil.Process(server.process.pid).rlimit(psutil.RLIMIT_NOFILE, (400, 400))
        with holding(server, sent, 1100):
            for _ in range(3):
                with server.client() as client:
                    assert client.get("/s/leaving", timeout=10).status_code == 200
        log = server.log.read_text()
        assert 1 <= log.count("All 300 connections are in use") <= 2 and "127.0.0.1" not in log


def request_of_a_stream(server: Server) -> bytes:
    with server.client(follow_redirects=True) as researcher:
        researcher.post(server.address("Sign in"))
        cookies = "; ".join(f"{name}={value}" for name, value in researcher.cookies.items())
    return f"GET /research/leaving/live HTTP/1.1\r\nhost: x\r\ncookie: {cookies}\r\n\r\n".encode()


def test_open_dashboards_end_by_themselves_in_every_process(tmp_path: Path, environment: dict[str, str]) -> None:
    with Server(tmp_path, **environment) as server, holding(server, request_of_a_stream(server), 20) as dashboards:
        assert all(each.recv(100).startswith(b"HTTP/1.1 200 OK") for each in dashboards)
        server.stop()
        log = server.log.read_text()
        assert "Shutting down" in log and "Cancel" not in log


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_stops_in_a_few_seconds_whatever_is_open(
    tmp_path: Path, environment: dict[str, str], asked: signal.Signals
) -> None:
    with contextlib.ExitStack() as open_things, Server(tmp_path, **environment) as server:
        stream = request_of_a_stream(server)
        for sent in (*HELD.values(), stream):
            open_things.enter_context(holding(server, sent, 20))
        watching = open_things.enter_context(contextlib.closing(server.connect()))
        watching.sendall(stream)
        assert watching.recv(100).startswith(b"HTTP/1.1 200 OK")
        time.sleep(0.5)
        began = time.monotonic()
        process = psutil.Process(server.process.pid)
        # Ctrl-C reaches every process of the terminal, SIGTERM the one that was started.
        for each in [process, *(process.children(recursive=True) if asked == signal.SIGINT else ())]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(asked)
        assert server.process.wait(20) == 0
        assert time.monotonic() - began < 12
        assert "Traceback" not in server.log.read_text()
