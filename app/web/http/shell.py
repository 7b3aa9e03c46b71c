"""What surrounds every response, including those of the router and of the static files.

It stands outside the Litestar app, because middleware inside does not run for 404 and 405. It adds the security
headers, answers HEAD, turns away requests that another site made the browser send, and bounds the size and the
duration of what is sent to us.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from litestar.exceptions import HTTPException

from app.logs import what_went_wrong
from app.web.http.assets import Assets
from app.web.http.problems import Problems

log = logging.getLogger("opinion.web")

App = Callable[[Any, Any, Any], Awaitable[None]]
Message = dict[str, Any]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    # With no-referrer, browsers would send `Origin: null` on our own forms.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOT_STORED = (b"cache-control", b"no-store")
HARMLESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

#: Of a body that may never end the rest is not waited for. One that announced its length is: the server throws
#: it away, and the browser, which sends everything before it reads, gets to see the response.
HANG_UP = {"Connection": "close"}

NO_BASE_URL = (
    "A proxy serves this site over HTTPS, but --base-url is not set to its https:// address: cookies are not bound to "
    "this host, and links may be wrong."
)

FORM_BYTES = 512 * 1024
BODY_SECONDS = 30.0


class Shell:
    """The ASGI app to serve: the Litestar app with everything around it.

    `public_url` is the address under which visitors know the site, if it is known. `body_bytes` and `body_seconds`
    bound the body of one request; what is longer or slower is answered with 413 or 408.
    """

    def __init__(
        self,
        app: App,
        problems: Problems,
        assets: Assets,
        public_url: str = "",
        body_bytes: int = FORM_BYTES,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self.app = app
        self._problems = problems
        self._assets = assets
        self._origin = _origin(public_url)
        self._body_bytes = body_bytes
        self._body_seconds = body_seconds
        https = public_url.startswith("https://")
        self._warns_of_https = not https
        self._headers = _security_headers(https)
        self._headers_not_stored = [*self._headers, NOT_STORED]

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self._warns_of_https and scope.get("scheme") == "https":
            self._warns_of_https = False
            log.warning(NO_BASE_URL)
        method = scope["method"]
        response = OutgoingResponse(send, self._headers, self._headers_not_stored, bodiless=method == "HEAD")
        try:
            if method == "HEAD":
                scope = {**scope, "method": "GET"}
            elif method not in HARMLESS:
                receive = self._guarded(scope, receive)
            inside = self._assets if scope["path"].startswith("/static/") else self.app
            await inside(scope, receive, response.send)
        except Exception as error:
            await self._rescue(error, scope, response)

    def _guarded(self, scope, receive) -> Callable[[], Awaitable[Message]]:
        """`receive` within limits. A request caused by another site gets 403, one announced as too long 413."""
        headers = dict(scope["headers"])
        if not from_here(headers, self._origin):
            raise HTTPException(status_code=403)
        announced = headers.get(b"content-length", b"0")
        if len(announced) > 18 or (announced.isdigit() and int(announced) > self._body_bytes):
            raise HTTPException(status_code=413)
        return BoundedBody(receive, self._body_bytes, self._body_seconds)

    async def _rescue(self, error: Exception, scope, response: OutgoingResponse) -> None:
        if response.finished:  # a stream cut short because only its head was asked for
            return
        if response.started:
            log.error("an HTTP response was cut off\n%s", "\n".join(what_went_wrong(error)))
            raise _CutOff from None
        await self._report(error, scope, response)

    async def _report(self, error: Exception, scope, response: OutgoingResponse) -> None:
        headers = dict(scope["headers"])
        accept, languages = (
            headers.get(name, b"").decode("latin-1") for name in (b"accept", b"accept-language")
        )
        made = self._problems.response_to(
            error, accept, scope["method"], scope.get("path_template") or "", languages
        )
        headers = [
            (b"content-type", f"{made.media_type}; charset=utf-8".encode()),
            (b"content-length", str(len(made.body)).encode()),
            *((name.lower().encode(), text.encode("latin-1")) for name, text in made.headers.items()),
        ]
        await response.send({"type": "http.response.start", "status": made.status, "headers": headers})
        await response.send({"type": "http.response.body", "body": made.body})


class _CutOff(Exception):
    """Tells the server to close the connection, so that half a response is not taken for a whole one."""


class OutgoingResponse:
    """One response on its way out."""

    __slots__ = ("_bodiless", "_headers", "_headers_not_stored", "_send", "finished", "started")

    def __init__(self, send, headers: list, headers_not_stored: list, bodiless: bool) -> None:
        self._send = send
        self._headers = headers
        self._headers_not_stored = headers_not_stored
        self._bodiless = bodiless
        self.started = False
        self.finished = False

    def send(self, message: Message) -> Awaitable[None]:
        """What the app gets as `send`. Not itself a coroutine, which would cost one more per message."""
        if message["type"] == "http.response.start":
            self.started = True
            return self._send(self._with_headers(message))
        return self._send_nothing(message) if self._bodiless else self._send(message)

    def _with_headers(self, message: Message) -> Message:
        headers = message.get("headers", ())
        for header in headers:
            if header[0] == b"cache-control":
                return {**message, "headers": [*headers, *self._headers]}
        return {**message, "headers": [*headers, *self._headers_not_stored]}

    async def _send_nothing(self, message: Message) -> None:
        """The body of a response to HEAD. A stream is stopped: nobody is waiting for it."""
        if self.finished or message["type"] != "http.response.body":
            return
        self.finished = True
        await self._send({"type": "http.response.body", "body": b""})
        if message.get("more_body"):
            raise _CutOff


class BoundedBody:
    """What the app gets as `receive`: raises 413 past the limit of bytes and 408 past the limit of seconds.

    A visitor who leaves before all is sent is 400, which nobody reads: Litestar would take it for a fault of ours.
    """

    __slots__ = ("_deadline", "_left", "_receive", "_seconds", "_whole")

    def __init__(self, receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._left = limit
        self._seconds = seconds
        self._deadline: float | None = None  # from the first wait on
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:  # the app now only waits for the visitor to leave, however long that takes
            return await self._receive()
        steps = self._receive().__await__()
        try:
            waited_for = next(steps)
        except StopIteration as arrived:  # almost always: the form came with the head, and no timer is set
            return self._counted(arrived.value)
        return self._counted(await self._in_time(StartedWait(steps, waited_for)))

    def _counted(self, message: Message) -> Message:
        if message["type"] == "http.disconnect":
            raise HTTPException(status_code=400, headers=HANG_UP)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(status_code=413, headers=HANG_UP)
        self._whole = not message.get("more_body", False)
        return message

    async def _in_time(self, wait: StartedWait) -> Message:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                return await wait
        except TimeoutError:
            raise HTTPException(status_code=408, headers=HANG_UP) from None


class StartedWait:
    """The rest of a wait after its first step. A timer costs more than everything else the shell does."""

    __slots__ = ("_steps", "_waited_for")

    def __init__(self, steps, waited_for) -> None:
        self._steps = steps
        self._waited_for = waited_for

    def __await__(self):
        try:
            yield self._waited_for
        except BaseException as error:
            self._steps.throw(error)
            raise
        return (yield from self._steps)


def from_here(headers: dict[bytes, bytes], public_origin: bytes) -> bool:
    """Whether a request that changes something was sent by one of our own pages.

    Browsers say so themselves in Sec-Fetch-Site (over https and on localhost), older ones and plain http in Origin
    or Referer. A request with none of the three was made by no browser that another site could have misused.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in (b"same-origin", b"none")
    source = headers.get(b"origin") or headers.get(b"referer")
    if not source:
        return True
    scheme, _, rest = source.lower().partition(b"://")
    host = rest.partition(b"/")[0]
    if scheme not in (b"https", b"http") or not host:
        return False
    # The scheme is not compared with ours: behind a proxy it is not known.
    return host == headers.get(b"host", b"").lower() or b"%b://%b" % (scheme, host) == public_origin


def _origin(url: str) -> bytes:
    """The origin of an address, such as `https://example.org`; nothing without an address."""
    parts = urlsplit(url.lower())
    return f"{parts.scheme}://{parts.netloc}".encode() if parts.netloc else b""


def _security_headers(https: bool) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode(), text.encode()) for name, text in SECURITY_HEADERS.items()]
    return [*headers, (b"strict-transport-security", b"max-age=31536000")] if https else headers
