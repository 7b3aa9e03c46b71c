"""The service itself, as `opinion serve` runs it, against clients that no browser is like."""

from __future__ import annotations

import socket

import pytest

from app.web.http import protocol
from tests.support.server import Server, offered


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    with Server(offered(tmp_path_factory.mktemp("protocol"))) as running:
        running.address()
        yield running


def answer(connection: socket.socket) -> bytes:
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def test_a_head_larger_than_any_browser_sends_is_refused_while_it_comes(server: Server) -> None:
    with server.connect() as connection:
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
    with server.connect() as connection:
        filler = b"a" * (protocol.BoundedProtocol.limits.head_bytes - 200)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: " + filler + b"\r\n\r\n")
        assert answer(connection).startswith(b"HTTP/1.1 200")


def test_a_large_body_does_not_count_as_head_and_requests_can_follow_each_other(server: Server) -> None:
    with server.connect() as connection:
        body = b"receipt=" + b"A" * 200_000
        head = b"POST /withdraw HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        connection.sendall(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        received = answer(connection)
        assert received.startswith(b"HTTP/1.1 422") and b"HTTP/1.1 200" in received


def test_a_body_far_too_large_is_refused_and_whoever_sends_it_reads_so(server: Server) -> None:
    head = b"POST /withdraw HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"
    with server.connect() as connection:
        connection.sendall(head + b"content-length: 10000000\r\n\r\n")
        connection.sendall(b"a" * 10_000_000 + b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        received = answer(connection)
        assert received.startswith(b"HTTP/1.1 413") and b"HTTP/1.1 200" in received


def test_a_trailer_does_not_lift_the_check_of_where_a_form_comes_from(server: Server) -> None:
    head = b"POST /withdraw HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\nconnection: close\r\n"
    for origin, status in ((b"", b"422"), (b"origin: http://evil.example\r\n", b"403")):
        with server.connect() as connection:
            connection.sendall(head + origin + b"transfer-encoding: chunked\r\n\r\n9\r\nreceipt=A\r\n0\r\nsec-fetch-site: none\r\n\r\n")
            assert answer(connection)[9:12] == status
