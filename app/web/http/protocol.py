"""HTTP as uvicorn reads it, with limits on what one client can make the server hold.

What the app reads of a body is bounded in `shell`; here are the bounds that the app cannot set: on a head, on what
surrounds a body's bytes, on requests sent ahead, on connections and on time.
"""

from __future__ import annotations

import asyncio
from operator import itemgetter
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.web.http.connections import Group, Limits, Registry, network

NAME = itemgetter(0)  # of a header

CLOSE = b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
BAD_REQUEST = b"HTTP/1.1 400 Bad Request" + CLOSE
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large" + CLOSE
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5" + CLOSE


class StopParsing(Exception):
    """Stops the parser."""


class BoundedProtocol(HttpToolsProtocol):
    limits: ClassVar[Limits] = Limits()

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self.registry = registry_of(self.server_state, self.limits, self.loop)
        self.address, self.since, self.unsent = "", 0.0, 0
        self.group: Group | None = None
        self.in_body = False
        self.surplus = 0  # bytes of an incomplete head, or of what surrounds the bytes of a body
        self.refusal = BAD_REQUEST
        self.refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = network(self.client)
        if not self.registry.admits(self.address, len(self.connections)):
            self.refuse(UNAVAILABLE)
        self.settle()

    def connection_lost(self, exc: Exception | None) -> None:
        self.registry.move(self, None)
        super().connection_lost(exc)

    def settle(self) -> None:
        """Records whether the server waits for the client."""
        if self.in_body or self.flow.write_paused:
            group = self.registry.slow
        else:
            group = None if self.answering() else self.registry.idle
        if group is not self.group:
            self.registry.move(self, group)

    def answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def patience(self) -> float:
        """The seconds that the client may take."""
        if self.flow.write_paused:
            return self.limits.response_seconds
        if self.in_body:
            return self.limits.body_seconds + (self.limits.late_seconds if self.answering() else 0)
        return self.limits.head_seconds

    def data_received(self, data: bytes) -> None:
        if self.refused:
            return
        self.surplus += len(data)
        super().data_received(data)
        if self.surplus > self.limits.head_bytes and not self.refused:
            self.refuse(TOO_LARGE)
        self.settle()

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= self.limits.pipelined:
            raise StopParsing
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.check_head()
        super().on_headers_complete()
        self.registry.move(self, None)  # the body has a time limit of its own
        self.in_body, self.surplus = True, 0
        self.headers = []  # collects the trailers, which are ignored: they must not become headers
        if self.parser.should_upgrade():  # the parser reads nothing after such a request
            self.cycle.keep_alive = False

    def check_head(self) -> None:
        """`surplus` counts what came with the head too, so only a large one is measured."""
        large = self.surplus > self.limits.head_bytes
        if len(self.headers) > self.limits.head_fields or (large and self.head_size() > self.limits.head_bytes):
            self.refusal = TOO_LARGE
            raise StopParsing
        hosts = [*map(NAME, self.headers)].count(b"host")
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            raise StopParsing

    def head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        self.surplus = max(self.surplus - len(body), 0)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.in_body, self.surplus = False, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Sets no timer as uvicorn would: the registry knows how long the client has been silent."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.flow.resume_reading()
        self.settle()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.settle()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.settle()

    def shutdown(self) -> None:
        """Open dashboards end by themselves: in every worker, for each has its own."""
        end_streams = self.app_state.get("end_streams")
        if end_streams is not None:
            end_streams()
        super().shutdown()

    def _unsupported_upgrade_warning(self) -> None:
        """Some clients offer HTTP/2 with each request, which needs no warning."""

    def send_400_response(self, msg: str) -> None:
        self.refuse(self.refusal)

    def refuse(self, answer: bytes) -> None:
        """Stops reading. Complete requests get their responses first; without any, `answer` is sent."""
        self.refused = True
        if self.answering() and not self.in_body:
            self.cycle.keep_alive = False
            return
        answered = self.in_body and (not self.answering() or self.pipeline or self.cycle.response_started)
        if not answered:
            self.transport.write(answer)
        self.transport.close()


def registry_of(state: ServerState, limits: Limits, loop: asyncio.AbstractEventLoop) -> Registry:
    """The registry of a server, which is identified by its state."""
    found: Registry | None = vars(state).get("registry")
    if found is None:
        found = vars(state)["registry"] = Registry(limits, loop)
    return found
