"""Waiting for what a service does by itself."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable


async def expect_soon(condition: Callable[[], object], seconds: float = 30) -> None:
    """Waits until a condition holds; it may be an async function. Fails when the time is over."""
    async with asyncio.timeout(seconds):
        while not (await found if inspect.isawaitable(found := condition()) else found):
            await asyncio.sleep(0.02)
