"""Chromium, driven from a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from playwright.sync_api import sync_playwright


class BrowserThread:
    """Playwright's blocking API has an event loop running in its thread all the time, in which no async test could
    run. So the browser and everything that uses it run in another thread."""

    def __init__(self, executable: str):
        self.thread = ThreadPoolExecutor(1, "browser")
        self.playwright = self.run(sync_playwright().start)
        self.browser = self.run(
            self.playwright.chromium.launch, executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )

    def run(self, work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Calls a function in the browser's thread and waits for it."""
        __tracebackhide__ = True
        return self.thread.submit(work, *given, **named).result()

    def close(self) -> None:
        self.run(self.browser.close)
        self.run(self.playwright.stop)
        self.thread.shutdown()
