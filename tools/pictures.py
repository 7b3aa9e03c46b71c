"""Takes the pictures of the README from a demo with simulated respondents: `python -m tools.pictures`.

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
SURVEY, FINDING = "leaving-clinical-practice", "How leaving is seen"
PHONE, LAPTOP = {"width": 360, "height": 720}, {"width": 1280, "height": 1000}
SIGN_IN = re.compile(r"http://\S+/sign-in/\S+")


@contextmanager
def demo() -> Iterator[str]:
    """The sign-in link of a running demo."""
    command = [sys.executable, "-m", "app", "demo", "--port", "0", "--respondents", "300", "--over", "0"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        link = next(found[0] for line in running.stdout if (found := SIGN_IN.search(line)))
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
    page = browser.new_page(viewport=LAPTOP)
    page.goto(link)
    password = "a passphrase for the demo"
    for field in page.locator("input[type=password]").all():
        field.fill(password)
    page.locator("main button").first.click()
    page.wait_for_load_state()
    return page


def main() -> None:
    chromium = shutil.which("chromium")
    with demo() as link, sync_playwright() as playwright:
        base = link.partition("/sign-in/")[0]
        browser = playwright.chromium.launch(executable_path=chromium)
        begin(browser, base).screenshot(path=PROJECT / "docs" / "form.png")
        page = sign_in(browser, link)
        page.goto(f"{base}/research/{SURVEY}")
        page.wait_for_timeout(15_000)  # until the simulated respondents have answered
        page.get_by_role("heading", name=FINDING, exact=True).evaluate("heading => heading.scrollIntoView()")
        page.screenshot(path=PROJECT / "docs" / "dashboard.png")
        browser.close()


if __name__ == "__main__":
    main()
