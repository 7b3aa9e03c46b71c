"""HTTP as uvicorn reads it, with a bound on the size and the slowness of a request's head.

Bodies are bounded in `shell`; a head is whole before the app hears of it, so its bounds must stand here.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self.in_head, self.head_bytes = True, 0
        self.patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.patience = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self.no_hurry()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.in_head:
            self.head_bytes += len(data)
        super().data_received(data)
        if not self.in_head:
            if self.patience is not None:
                self.no_hurry()
        elif self.head_bytes > HEAD_BYTES:
            self.transport.write(TOO_LARGE)
            self.transport.close()
        elif self.patience is None:
            self.patience = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def on_message_begin(self) -> None:
        self.in_head, self.head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.in_head = False
        super().on_headers_complete()

    def shutdown(self) -> None:
        """Open dashboards end by themselves: in every worker, for each has its own."""
        let_go = self.app_state.get("let_go")
        if let_go is not None:
            let_go()
        super().shutdown()

    def no_hurry(self) -> None:
        if self.patience is not None:
            self.patience.cancel()
            self.patience = None
