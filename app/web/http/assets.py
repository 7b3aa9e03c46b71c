"""The static files, held in memory. They are named by their content, and compressed when they are first requested."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import brotli
from litestar.exceptions import HTTPException

from app.web.http.replies import accepted_codings

Headers = list[tuple[bytes, bytes]]

COMPRESSIBLE = {".css", ".js", ".svg", ".json", ".txt", ".html", ".webmanifest"}
#: The name changes when the content does, so a copy never goes stale.
FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")


@dataclass(frozen=True)
class Asset:
    name: str
    body: bytes
    etag: bytes

    @cached_property
    def variants(self) -> dict[bytes, tuple[Headers, bytes]]:
        """The headers and body of its response by content coding (b"" for none)."""
        bodies = {b"": self.body}
        if Path(self.name).suffix in COMPRESSIBLE:
            bodies |= {b"br": brotli.compress(self.body, quality=9), b"gzip": gzip.compress(self.body, mtime=0)}
        return {
            coding: (_headers(self.name, self.etag, coding, packed), packed)
            for coding, packed in bodies.items()
            if not coding or len(packed) < len(self.body)
        }


class Assets:
    """An ASGI app for the files of one folder, under `/static/<hash>.<name>`. No other file is served."""

    def __init__(self, folder: Path) -> None:
        self._urls: dict[str, str] = {}
        self._found: dict[str, Asset] = {}
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                self._keep(path.name, path.read_bytes())

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError for a name that is not in the folder."""
        return self._urls[name]

    async def __call__(self, scope, receive, send) -> None:
        asset = self._found.get(scope["path"])
        if asset is None:
            raise HTTPException(status_code=404)
        if scope["method"] != "GET":
            raise HTTPException(status_code=405, headers={"Allow": "GET, HEAD"})
        asked = dict(scope["headers"])
        headers, body = _best(asset, asked.get(b"accept-encoding", b""))
        status = 200
        if asset.etag in asked.get(b"if-none-match", b""):
            status, body = 304, b""
            headers = [header for header in headers if header[0] != b"content-length"]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _keep(self, name: str, body: bytes) -> None:
        digest = hashlib.sha256(body).hexdigest()[:10]
        self._urls[name] = f"/static/{digest}.{name}"
        self._found[self._urls[name]] = Asset(name, body, f'"{digest}"'.encode())


def _headers(name: str, etag: bytes, coding: bytes, body: bytes) -> Headers:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind.endswith(("javascript", "json", "svg+xml")):
        kind += "; charset=utf-8"
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"etag", b"W/" + etag),  # weak: the codings of one file share it
        (b"vary", b"accept-encoding"),
        FOR_EVER,
    ]
    return [*headers, (b"content-encoding", coding)] if coding else headers


def _best(asset: Asset, accepted: bytes) -> tuple[Headers, bytes]:
    codings = accepted_codings(accepted)
    for coding in (b"br", b"gzip"):
        if coding in codings and coding in asset.variants:
            return asset.variants[coding]
    return asset.variants[b""]
