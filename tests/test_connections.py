"""However many connections strangers hold, others are served."""

from __future__ import annotations

import asyncio
import logging

import pytest

from app.logs import Sparing
from app.web.http.connections import network
from tests.support.connections import CHUNKED, GET, POST, strangers


@pytest.fixture(autouse=True)
def every_line_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an earlier test of this process configured."""
    monkeypatch.setattr(logging.getLogger("opinion.connections"), "filters", [])


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "opinion.connections"]


FEW = {"connections": 20, "idle_per_address": 10, "head_seconds": 60, "body_seconds": 60, "response_seconds": 60}


@pytest.mark.parametrize(
    ("sent", "then"),
    [
        (b"", b""), (GET, b""), (GET + b"\r\n", b"\r\n"), (GET + b"content-length: 9\r\n\r\n", b"x"),
        (POST + CHUNKED + b"5\r\nab", b""), (POST + b"expect: 100-continue\r\ncontent-length: 9\r\n\r\n", b""),
    ],
    ids=["silent", "half a head", "a line end", "a byte of a body", "half a chunk", "leave to go on"],
)  # fmt: skip
async def test_however_many_connections_are_held_others_are_served(
    sent: bytes, then: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with strangers(**FEW) as found:
        for _ in range(60):
            reader, writer = await found.connect(sent)
            if then:
                await asyncio.wait_for(reader.read(65536), 10)
                writer.write(then)
            assert len(found.server.server_state.connections) <= 22
        for _ in range(5):
            assert b"200 OK" in await found.ask(GET + b"connection: close\r\n\r\n")
    assert logged(caplog) and not any("127." in line for line in logged(caplog))


async def test_connections_whose_answers_are_not_read_make_room_too() -> None:
    async with strangers(**FEW) as found:
        for _ in range(40):
            _, writer = await found.connect()
            writer.transport.pause_reading()
            writer.write(b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n")
            await asyncio.sleep(0.05)
        for _ in range(100):
            if len(found.registry.slow) and sum(map(len, found.registry.slow.values())) >= 15:
                break
            await asyncio.sleep(0.05)
        assert b"200 OK" in await found.ask(GET + b"connection: close\r\n\r\n")


async def test_busy_connections_are_neither_counted_by_address_nor_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hold = b"GET /hold HTTP/1.1\r\nhost: x\r\n\r\n"

    async with strangers(**FEW | {"connections": 520}) as found:
        busy = [await found.connect(hold) for _ in range(500)]
        for reader, _ in busy:
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        idle = [await found.connect() for _ in range(40)]
        await asyncio.sleep(0.3)
        assert sum(reader.at_eof() for reader, _ in busy) == 0
        assert sum(reader.at_eof() for reader, _ in idle) == 30
        assert b"200 OK" in await found.ask(GET + b"connection: close\r\n\r\n")
        more = [await found.connect(hold) for _ in range(30)]  # now all are busy
        await asyncio.sleep(0.3)
        answers = [await asyncio.wait_for(reader.read(100), 5) for reader, _ in more]
        assert sum(answer.startswith(b"HTTP/1.1 503 ") for answer in answers) == 10
        assert sum(reader.at_eof() for reader, _ in busy) == 0
    assert any("New connections get status 503" in line for line in logged(caplog))
    assert any("One address has 10 connections" in line for line in logged(caplog))


async def test_who_holds_most_makes_room_for_others() -> None:
    """On Linux all of 127.0.0.0/8 is this machine."""

    async with strangers(**FEW | {"idle_per_address": 1000}) as found:
        reader, writer = await asyncio.open_connection("127.0.0.1", found.port, local_addr=("127.0.0.9", 0))
        found.writers.append(writer)
        for _ in range(60):
            await found.connect()
        writer.write(GET + b"\r\n")
        assert b"200 OK" in await asyncio.wait_for(reader.readuntil(b"ok"), 5)


async def test_a_hall_behind_one_router_keeps_its_connections(caplog: pytest.LogCaptureFixture) -> None:
    """500 phones with several connections each have one address. Here 600 are enough to see it."""
    async with strangers(head_seconds=60) as found:
        held = [await found.connect(GET + b"\r\n") for _ in range(600)]
        for reader, writer in held:
            assert b"200 OK" in await asyncio.wait_for(reader.readuntil(b"ok"), 10)
            writer.write(GET + b"\r\n")
        for reader, _ in held:
            assert b"200 OK" in await asyncio.wait_for(reader.readuntil(b"ok"), 10)
    assert found.registry.limits.idle_per_address >= 500 * 6 and logged(caplog) == []


async def test_new_connections_have_a_moment_to_send_their_request() -> None:
    async with strangers(**FEW | {"fresh_seconds": 5}) as found:
        new = [await found.connect() for _ in range(18)]
        for _, writer in new:
            writer.write(GET + b"connection: close\r\n\r\n")
        for reader, _ in new:
            assert b"200 OK" in await asyncio.wait_for(reader.read(), 5)


async def test_nothing_is_remembered_of_connections_that_are_gone() -> None:
    async with strangers() as found:
        for sent in (b"", GET, GET + b"\r\n", POST + CHUNKED, b"nonsense\r\n\r\n"):
            _, writer = await found.connect(sent)
            await asyncio.sleep(0.05)
            writer.transport.abort()
        await asyncio.sleep(0.2)
        assert (found.registry.idle, found.registry.slow) == ({}, {})


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        (("192.0.2.1", 80), "192.0.2.1"),
        (("::ffff:192.0.2.1", 80), "192.0.2.1"),
        (("2001:db8:1:2:3:4:5:6", 80), network(("2001:db8:1:2::9", 1))),
        (("fe80::1%eth0", 80), network(("fe80::2", 1))),
        (None, ""),
    ],
)
def test_a_subscriber_of_ipv6_is_one_address(client: tuple[str, int] | None, counted: str) -> None:
    assert network(client) == counted
    assert network(("2001:db8:1:2::9", 1)) != network(("2001:db8:1:3::9", 1))


def test_what_any_stranger_can_cause_is_logged_once_a_minute() -> None:
    sparing = Sparing()
    passed = [
        sparing.filter(logging.makeLogRecord({"msg": text, "levelno": level, "args": (number,)}))
        for number, (text, level) in enumerate([("bad", 30), ("bad", 30), ("full %d", 30), ("full %d", 30), ("bad", 40), ("bad", 40)])
    ]
    assert passed == [True, False, True, False, True, True]
