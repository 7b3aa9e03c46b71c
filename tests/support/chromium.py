"""Chromium, driven from a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from playwright.sync_api import sync_playwright

#: Playwright's own choice of features that are off, which the browser's last such argument replaces, and the windows of
#: its address bar: each is a page of its own for every tab, and takes as long as a form does.
OFF = """AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades MediaRouter
HttpsFirstBalancedModeAutoEnable PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect
OptimizationHints NetworkTimeServiceQuerying AimEnabled PreconnectToSearch LensOverlay
WebUIOmniboxPopup WebUIOmniboxAimPopup WebUIOmniboxFullPopup"""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", f"--disable-features={','.join(OFF.split())}"]


class BrowserThread:
    """Playwright's blocking API has an event loop running in its thread all the time, in which no async test could
    run. So the browser and everything that uses it run in another thread."""

    def __init__(self, executable: str):
        self.thread = ThreadPoolExecutor(1, "browser")
        self.playwright = self.run(sync_playwright().start)
        self.browser = self.run(self.playwright.chromium.launch, executable_path=executable, args=ARGUMENTS)

    def run(self, work: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Calls a function in the browser's thread and waits for it."""
        __tracebackhide__ = True
        return self.thread.submit(work, *given, **named).result()

    def close(self) -> None:
        self.run(self.browser.close)
        self.run(self.playwright.stop)
        self.thread.shutdown()
