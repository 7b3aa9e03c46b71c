"""Takes the pictures of the README and of docs/ from a demo with simulated respondents: `python -m tools.pictures`.

Needs the test requirements and Chromium.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).parent.parent
DOCS = PROJECT / "docs"
SURVEY = "leaving-clinical-practice"
POLL = "is-leaving-failure"
TWO_GROUPS = "by=status&only=status:practising,left"
#: Pages of results: their pictures, and how high these are.
RESULTS = {
    "first-screen.png": ("", 800),
    "compare.png": (f"/compare?{TWO_GROUPS}", 860),
    "crosstab.png": (f"/crosstab?rows=own&columns=status&{TWO_GROUPS}", 900),
}
PHONE, WIDTH = {"width": 360, "height": 720}, 1280
SIGN_IN = re.compile(r"http://\S+/sign-in/\S+")
FINISHED = "All simulated respondents have answered"


@contextmanager
def demo() -> Iterator[str]:
    """The sign-in link of a demo whose respondents have all answered."""
    command = [sys.executable, "-m", "app", "demo", "--port", "0", "--respondents", "1000", "--over", "0"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        link = ""
        for line in running.stdout:
            link = found[0] if (found := SIGN_IN.search(line)) else link
            if FINISHED in line:
                break
        try:
            yield link
        finally:
            running.terminate()


def begin(browser: Browser, base: str) -> Page:
    """A phone on a page of the form with a choice made."""
    page = browser.new_page(viewport=PHONE, device_scale_factor=2)
    page.goto(f"{base}/s/{SURVEY}")
    page.click("p.go button")
    page.locator("#form input[type=radio]").first.check()
    return page


def sign_in(browser: Browser, link: str) -> Page:
    page = browser.new_page()
    page.goto(link)
    page.locator("main button").first.click()
    page.wait_for_load_state()
    return page


def picture_room(page: Page, base: str) -> None:
    """A poll on a projector, before and after its answers are shown."""
    page.set_viewport_size({"width": WIDTH, "height": 720})
    page.goto(f"{base}/present/{POLL}")
    page.screenshot(path=DOCS / "room-question.png")
    page.keyboard.press("r")
    page.locator(".bar").first.wait_for()
    page.screenshot(path=DOCS / "room-answers.png")


def main() -> None:
    chromium = shutil.which("chromium")
    with demo() as link, sync_playwright() as playwright:
        base = link.partition("/sign-in/")[0]
        browser = playwright.chromium.launch(executable_path=chromium)
        begin(browser, base).screenshot(path=DOCS / "form.png")
        page = sign_in(browser, link)
        for picture, (address, height) in RESULTS.items():
            page.set_viewport_size({"width": WIDTH, "height": height})
            page.goto(f"{base}/research/{SURVEY}{address}")
            page.locator("h1").wait_for()
            page.screenshot(path=DOCS / picture)
        picture_room(page, base)
        browser.close()


if __name__ == "__main__":
    main()
