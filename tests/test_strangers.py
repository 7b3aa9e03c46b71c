"""One stranger cannot hold up the service: nobody waits for ever, and nothing that a client sends grows."""

from __future__ import annotations

import asyncio
import json

import psutil
import pytest

from tests.support.connections import CHUNKED, GET, POST, UNREAD, strangers

CLOSED = b"connection: close"


#: What is sent, what follows the first answer, and what goes on being sent a byte or a line at a time.
OF_A_HEAD = {
    "nothing": (b"", b"", b""),
    "half a head": (GET, b"", b""),
    "a head, a byte at a time": (GET, b"", b"x"),
    "line ends from the start": (b"\r\n", b"", b"\r\n"),
    "nothing after an answer": (GET + b"\r\n", b"", b""),
    "one line end after an answer": (GET + b"\r\n", b"\r\n", b""),
    "line ends after an answer": (GET + b"\r\n", b"\r\n", b"\r\n"),
    "half a second head": (GET + b"\r\n", GET, b""),
}
OF_A_BODY = {
    "an announced body after the answer": (GET + b"content-length: 9999\r\n\r\n", b"x", b""),
    "the same, a byte at a time": (GET + b"content-length: 9999\r\n\r\n", b"x", b"x"),
    "half a chunk after the answer": (UNREAD + CHUNKED, b"5\r\nab", b""),
    "half a chunk": (POST + CHUNKED + b"5\r\nab", b"", b""),
    "a body, a byte at a time": (POST + b"content-length: 9999\r\n\r\n", b"", b"x"),
    "a chunk's extension, a byte at a time": (POST + CHUNKED + b"5;", b"", b"x"),
    "trailers, one at a time": (POST + CHUNKED + b"0\r\n", b"", b"x: y\r\n"),
    "leave to go on that is not used": (POST + b"expect: 100-continue\r\ncontent-length: 9\r\n\r\n", b"", b""),
    "a body under a stream": (b"GET /hold HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n", b"", b""),
}


@pytest.mark.parametrize("held", OF_A_HEAD.values(), ids=OF_A_HEAD)
async def test_the_next_request_is_awaited_for_so_long_and_no_longer(held: tuple[bytes, bytes, bytes]) -> None:
    async with strangers() as found:
        assert 0.3 < await found.seconds_held(*held) < 2


@pytest.mark.parametrize("held", OF_A_BODY.values(), ids=OF_A_BODY)
async def test_a_body_is_awaited_for_so_long_and_no_longer(held: tuple[bytes, bytes, bytes]) -> None:
    async with strangers() as found:
        assert 0.6 < await found.seconds_held(*held) < 2.5


async def test_a_client_that_goes_on_asking_keeps_its_connection() -> None:
    async with strangers() as found:
        reader, writer = await found.connect()
        for _ in range(8):
            writer.write(GET + b"\r\n")
            assert b"200 OK" in await reader.readuntil(b"ok")
            await asyncio.sleep(0.2)
        writer.write(POST + b"content-length: 2\r\n\r\na")
        await asyncio.sleep(0.6)
        writer.write(b"b")
        assert b"200 OK" in await asyncio.wait_for(reader.readuntil(b"]]"), 5)


async def test_a_body_that_comes_late_after_the_answer_leaves_the_next_its_whole_time() -> None:
    async with strangers() as found:
        reader, writer = await found.connect(UNREAD + b"content-length: 2\r\n\r\n")
        await reader.readuntil(b"ok")
        await asyncio.sleep(0.6)
        writer.write(b"ab" + POST + b"content-length: 2\r\n\r\n")
        await asyncio.sleep(0.6)
        writer.write(b"ab")
        assert b"200 OK" in await asyncio.wait_for(reader.readuntil(b"]]"), 5)


# --- answers that nobody reads ------------------------------------------------------------------------------


async def test_a_client_that_never_reads_is_disconnected_and_its_answer_does_not_grow() -> None:
    async with strangers() as found:
        _, writer = await found.connect()
        writer.transport.pause_reading()
        writer.write(b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n")
        for _ in range(100):
            await asyncio.sleep(0.05)
            unsent = [each.transport.get_write_buffer_size() for each in found.server.server_state.connections]
            assert sum(unsent) < 300_000
            if not unsent:
                break
        assert not unsent and not found.registry.slow


async def test_a_client_that_reads_slowly_but_reads_is_served() -> None:
    whole = 20_000_000

    async def large(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % whole)]})
        await send({"type": "http.response.body", "body": b"x" * whole})

    async with strangers(serve=large) as found:
        reader, writer = await found.connect(GET + b"connection: close\r\n\r\n")
        received = 0
        while piece := await asyncio.wait_for(reader.read(400_000), 5):
            received += len(piece)
            await asyncio.sleep(0.05)
        assert received > whole


async def test_an_answer_written_whole_that_nobody_reads_is_let_go_too() -> None:
    async def large(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": b"x" * 20_000_000})

    async with strangers(serve=large) as found:
        _, writer = await found.connect()
        writer.transport.pause_reading()
        writer.write(GET + b"\r\n")
        await asyncio.sleep(0.3)
        assert found.server.server_state.connections
        await asyncio.sleep(1.5)
        assert not found.server.server_state.connections


@pytest.mark.parametrize("sent", [b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\n", POST + CHUNKED + b"5\r\nab", GET])
async def test_a_stop_waits_a_moment_for_a_stalled_client_and_no_longer(sent: bytes) -> None:
    async with strangers(head_seconds=60, body_seconds=60, response_seconds=60) as found:
        for _ in range(20):
            _, writer = await found.connect()
            writer.transport.pause_reading()
            writer.write(sent)
        await asyncio.sleep(0.3)
        found.server.should_exit = True
        began = asyncio.get_running_loop().time()
        await found.serving
        assert asyncio.get_running_loop().time() - began < 3


# --- what grows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (GET + b"x: ", b"a" * 65536),
        (b"GET /", b"a" * 65536),
        (GET, b"a: b\r\n" * 10_000),
        (POST + CHUNKED + b"0\r\n", b"a: b\r\n" * 10_000),
        (POST + CHUNKED + b"0\r\nx: ", b"a" * 65536),
        (POST + CHUNKED + b"1;", b"a" * 65536),
        (UNREAD + CHUNKED + b"0\r\nx: ", b"a" * 65536),
    ],
    ids=["long header", "long address", "many headers", "many trailers", "long trailer", "long extension", "after the answer"],
)
async def test_nothing_around_a_body_grows_without_bound(first: bytes, piece: bytes) -> None:
    async with strangers(head_seconds=60, body_seconds=60) as found:
        before = psutil.Process().memory_info().rss
        _, writer = await found.connect(first)
        sent = 0
        with pytest.raises(OSError):
            while sent < 100_000_000:
                writer.write(piece)
                await writer.drain()
                sent += len(piece)
                await asyncio.sleep(0)
        assert psutil.Process().memory_info().rss - before < 50_000_000


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (GET + b"a: b\r\n" * 99 + b"\r\n", b"200"),
        (GET + b"a: b\r\n" * 100 + b"\r\n", b"431"),
        (GET + b"a: " + b"b" * 60_000 + b"\r\nconnection: close\r\n\r\n", b"200"),
        (GET + b"a: " + b"b" * 66_000 + b"\r\nconnection: close\r\n\r\n", b"431"),
        (b"GET /" + b"b" * 66_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", b"431"),
        (POST + b"content-length: 200000\r\nconnection: close\r\n\r\n" + b"a" * 200_000, b"200"),
        (POST + CHUNKED + b"".join(b"%x\r\n%b\r\n" % (n, b"a" * n) for n in range(1, 400)) + b"0\r\n\r\n", b"200"),
    ],
    ids=["fields that fit", "too many fields", "a head that fits", "too long", "long address", "a body is no head", "chunks"],
)
async def test_a_head_has_a_size_and_a_body_is_not_counted_in(sent: bytes, status: bytes) -> None:
    async with strangers() as found:
        assert (await found.ask(sent))[9:12] == status


async def test_a_large_body_is_thrown_away_after_the_answer_and_the_next_request_answered() -> None:
    async with strangers(body_seconds=10) as found:
        body = b"a" * 10_000_000
        received = await found.ask(UNREAD + b"content-length: 10000000\r\n\r\n" + body + GET + b"connection: close\r\n\r\n")
        assert received.count(b"200 OK") == 2


# --- requests that mean two things --------------------------------------------------------------------------


async def test_trailers_do_not_become_headers() -> None:
    trailers = b"1\r\nx\r\n0\r\nx-forwarded-for: 9.9.9.9\r\nsec-fetch-site: none\r\nhost: y\r\n\r\n"

    async with strangers() as found:
        received = await found.ask(POST + CHUNKED + trailers + POST + b"content-length: 0\r\nconnection: close\r\n\r\n")
        first, second = (json.loads(part.partition(b"\r\n\r\n")[2].partition(b"HTTP/1.1")[0]) for part in received.split(b"200 OK")[1:])
        assert first == [["host", "x"], ["transfer-encoding", "chunked"]]
        assert second == [["host", "x"], ["content-length", "0"], ["connection", "close"]]


async def test_trailers_that_come_after_the_app_began_do_not_become_headers() -> None:
    async def late(scope, receive, send) -> None:
        while (await receive()).get("more_body"):
            pass
        body = b"".join(name for name, _ in scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": body})

    async with strangers(serve=late) as found:
        reader, writer = await found.connect(POST + CHUNKED + b"1\r\nx\r\n")
        for line in (b"0\r\n", b"x-forwarded-for: 9.9.9.9\r\n", b"\r\n"):
            await asyncio.sleep(0.05)
            writer.write(line)
        received = await asyncio.wait_for(reader.read(), 5)
        assert b"200 OK" in received and b"x-forwarded-for" not in received


@pytest.mark.parametrize(
    "sent",
    [
        POST + b"content-length: 3\r\n" + CHUNKED + b"0\r\n\r\n",
        POST + b"content-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        POST + b"content-length: 3\r\ncontent-length: 3\r\n\r\nabc",
        POST + b"content-length: -3\r\n\r\nabc",
        POST + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        GET + b"x: a\r\n b\r\n\r\n",
        GET + b"x : a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"CONNECT a:80 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
    ],
)
async def test_a_request_that_can_be_read_in_two_ways_is_refused(sent: bytes) -> None:
    async with strangers() as found:
        received = await found.ask(sent)
        assert received.startswith(b"HTTP/1.1 400 ") and CLOSED in received and received.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("wanted", [b"h2c", b"websocket"])
async def test_who_offers_another_protocol_is_answered_in_this_one(wanted: bytes, caplog: pytest.LogCaptureFixture) -> None:
    offer = b"connection: upgrade\r\nupgrade: " + wanted + b"\r\n"

    async with strangers() as found:
        for request in (GET + offer + b"\r\n" + GET + b"\r\n", POST + offer + b"content-length: 3\r\n\r\nabc"):
            began = asyncio.get_running_loop().time()
            received = await found.ask(request)
            assert received.startswith(b"HTTP/1.1 200 OK") and CLOSED in received
            assert asyncio.get_running_loop().time() - began < 0.3
    assert "pgrade" not in caplog.text


async def test_a_connection_of_http_1_0_ends_with_its_answer() -> None:
    async with strangers() as found:
        assert CLOSED in await found.ask(b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")


# --- requests sent ahead ------------------------------------------------------------------------------------


async def test_a_few_requests_sent_ahead_are_answered_in_turn() -> None:
    async with strangers() as found:
        received = await found.ask((GET + b"\r\n") * 4 + GET + b"connection: close\r\n\r\n")
        assert received.count(b"200 OK") == 5


async def test_thousands_of_requests_sent_ahead_hold_up_nobody() -> None:
    async with strangers() as found:
        loop = asyncio.get_running_loop()
        ahead = (b"GET / HTTP/1.1\r\nhost:x\r\n\r\n") * 10_000
        before = psutil.Process().memory_info().rss
        greedy = [await found.connect() for _ in range(30)]
        for reader, writer in greedy:
            writer.write(ahead)
        began = loop.time()
        assert b"200 OK" in await found.ask(GET + b"connection: close\r\n\r\n")
        assert loop.time() - began < 2
        for reader, _ in greedy:
            received = await asyncio.wait_for(reader.read(), 5)
            assert 1 <= received.count(b"200 OK") <= 5 and received.count(b"HTTP/1.1") == received.count(b"200 OK")
        assert psutil.Process().memory_info().rss - before < 100_000_000


async def test_what_cannot_be_read_waits_for_the_answer_before_it() -> None:
    async def slow(scope, receive, send) -> None:
        await asyncio.sleep(0.2)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"whole"})

    async with strangers(serve=slow, head_seconds=60) as found:
        began = asyncio.get_running_loop().time()
        received = await found.ask(GET + b"\r\nnonsense\r\n\r\n")
        assert asyncio.get_running_loop().time() - began < 10
        assert received.startswith(b"HTTP/1.1 200 OK") and b"whole" in received and b"400" not in received
