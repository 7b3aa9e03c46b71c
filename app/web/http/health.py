"""`/healthz`: whether answers can be stored now."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from litestar import Response, get

from app.responses.errors import StorageError, Unavailable
from app.responses.storage import Storage

log = logging.getLogger("opinion.web")

FRESH_SECONDS = 1.0  # for which an outcome is reused: frequent requests cost the database nothing
PATIENCE_SECONDS = 1.5  # after which a database that does not respond counts as unavailable


class Health:
    """The outcome of the last attempt to store something; simultaneous requests share one."""

    def __init__(self, storage: Storage):
        self.storage = storage
        self.tried = -FRESH_SECONDS
        self.trouble: StorageError | None = None
        self.trying = asyncio.Lock()

    async def check(self) -> StorageError | None:
        async with self.trying:
            if time.monotonic() - self.tried >= FRESH_SECONDS:
                before, self.trouble = self.trouble, await self.attempt()
                self.tried = time.monotonic()
                log_change(before, self.trouble)
        return self.trouble

    async def attempt(self) -> StorageError | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.storage.prove_that_it_keeps()
        except TimeoutError:
            return Unavailable(f"nothing was stored within {PATIENCE_SECONDS:g} s")
        except StorageError as error:
            return error
        return None


def log_change(before: StorageError | None, now: StorageError | None) -> None:
    """Logs the beginning and the end of an outage once, however many requests there are."""
    if now is not None and str(now) != str(before or ""):
        log.error("nothing can be stored: the database cannot be used: %s", now)
    if now is None and before is not None:
        log.info("the database can store answers again")


def health(storage: Storage) -> Any:
    """200 if something could be stored within the last second; otherwise 503."""
    found = Health(storage)

    @get("/healthz")
    async def healthy() -> Response[bytes]:
        trouble = await found.check()
        if trouble is None:
            return Response(b"ok\n", media_type="text/plain")
        headers = {"Retry-After": "5"}
        return Response(b"nothing can be stored\n", status_code=503, media_type="text/plain", headers=headers)

    return healthy
