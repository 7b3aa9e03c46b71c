"""Encoded responses, as a dashboard stores them."""

from __future__ import annotations

from typing import NamedTuple

from app.responses.storage import Storage


class Made(NamedTuple):
    id: str
    seq: int
    finished: bool = False
    layout: str = "layout"
    body: bytes = b"\x00body"
    words: bytes | None = b'["unmistakable"]'


async def keep_all(storage: Storage) -> None:
    """As a dashboard does once it has taken in all that there is."""
    changes = await storage.changes("leaving", 0, 1000)
    made = [Made(each.id, each.seq, each.disposition == "complete") for each in changes]
    await storage.encoded.keep("leaving", made)
