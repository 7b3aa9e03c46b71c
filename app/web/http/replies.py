"""Complete responses, and the few parts of a request that respondents' routes need.

Litestar's own Response, Headers and cookies cost as much as finding a respondent's page and filling it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

import brotli
from litestar.exceptions import HTTPException

Pairs = Sequence[tuple[bytes, bytes]]

KEEPALIVE_SECONDS = 20  # between comments on a stream, so that proxies do not close the connection
WORTH_PACKING = 1400  # bytes: less fits into a single packet anyway
VARIES = (b"vary", b"accept-encoding")


class Reply:
    """An ASGI app that responds with one body; Litestar passes it on unchanged.

    `packed` lets the body be compressed. Nothing that another site could have put into it may stand beside a
    secret there: the length would tell the two apart.
    """

    __slots__ = ("body", "headers", "packed", "status")

    def __init__(self, status: int, kind: bytes, body: bytes = b"", headers: Pairs = (), packed: bool = False):
        self.status, self.body, self.packed = status, body, packed
        self.headers = [(b"content-type", kind), *headers]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, headers = self.body, self.headers
        if self.packed and len(body) > WORTH_PACKING:
            coding, body = best_packed(body, header(scope, b"accept-encoding"))
            headers = [*headers, VARIES, *((b"content-encoding", coding) for _ in coding[:1])]
        headers = [*headers, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def html(body: bytes, status: int = 200, headers: Pairs = (), packed: bool = True) -> Reply:
    return Reply(status, b"text/html; charset=utf-8", body, headers, packed)


def go(address: str) -> Reply:
    """303 See Other: after a form was received, and to the page where a respondent belongs."""
    return Reply(303, b"text/plain; charset=utf-8", headers=[(b"location", address.encode())])


def best_packed(body: bytes, accepted: bytes) -> tuple[bytes, bytes]:
    """The body in the best accepted coding, and the coding's name, at levels that cost almost nothing."""
    codings = accepted_codings(accepted) if accepted else ()
    if b"br" in codings:
        return b"br", brotli.compress(body, quality=1)
    if b"gzip" in codings:
        packing = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        return b"gzip", packing.compress(body) + packing.flush()
    return b"", body


def accepted_codings(accepted: bytes) -> set[bytes]:
    """The content codings that an Accept-Encoding header accepts."""
    codings = set()
    for part in accepted.lower().split(b","):
        coding, _, weight = part.replace(b" ", b"").partition(b";q=")
        if weight.strip(b"0.") or not weight:
            codings.add(coding)
    return codings


# --- reading ---------------------------------------------------------------------------------------------


def header(scope: Mapping[str, Any], name: bytes) -> bytes:
    """A header's value, or nothing."""
    for key, value in scope["headers"]:
        if key == name:
            return value
    return b""


def cookie(scope: Mapping[str, Any], name: str) -> str:
    """A cookie's value, or nothing."""
    wanted = name.encode()
    for key, value in scope["headers"]:
        if key == b"cookie":
            for part in value.split(b";"):
                found, _, text = part.strip().partition(b"=")
                if found == wanted:
                    return text.decode("latin-1")
    return ""


async def body_of(receive: Any) -> bytes:
    """The complete body of a request."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HTTPException(status_code=400)
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


def parsed_form(body: bytes, most_fields: int) -> dict[str, list[str]]:
    """The fields of a form, as urllib's parse_qs would give them, blank ones kept; several times as fast.

    Raises ValueError for what is not UTF-8 and for more fields than `most_fields`.
    """
    pairs = body.decode().split("&")
    if len(pairs) > most_fields:
        raise ValueError("too many fields")
    form: dict[str, list[str]] = {}
    for pair in pairs:
        if pair:
            name, _, value = pair.partition("=")
            form.setdefault(_unquoted(name), []).append(_unquoted(value))
    return form


def _unquoted(text: str) -> str:
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text
