"""A respondent's browser for the tests: it is watched while it goes through the pages of a real server."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Response, expect

from app.interview.tokens import Token
from tests.support.server import Server

#: The browser says so of every page that is answered with an error on purpose.
ON_PURPOSE = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
#: Browsers as respondents have them: options of `Visitor`.
WAYS = {
    "with the script": {},
    "without the script": {"java_script_enabled": False},
    "on a narrow phone": {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True},
    "at 400 % zoom": {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4},
    "in forced colours": {"forced_colors": "active"},
    "in the dark": {"color_scheme": "dark", "reduced_motion": "reduce"},
}


class Visitor:
    """A browser of one's own, with its cookies. Every request and every complaint of the browser is kept."""

    def __init__(self, browser: Browser, base: str, **options: Any):
        self.base = base
        self.requested: list[str] = []
        self.complaints: list[str] = []
        self.context = browser.new_context(base_url=base, **options)
        self.context.on("request", lambda request: self.requested.append(request.url))
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda fault: self.complaints.append(str(fault.error)))
        self.page = self.context.new_page()

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and not ON_PURPOSE.search(message.text):
            self.complaints.append(message.text)

    def assert_nothing_went_wrong(self) -> None:
        """No fault in a script, nothing refused by the content security policy, no request to anyone else."""
        assert not self.complaints, self.complaints
        assert [url for url in self.requested if not url.startswith((f"{self.base}/", "data:"))] == []

    def begin(self, survey: str) -> Page:
        self.page.goto(f"/s/{survey}")
        press(self.page)
        return self.page

    def kept(self, server: Server, survey: str) -> tuple[str, dict[str, Any]]:
        """The disposition and the answers of this browser's response as the database holds them."""
        cookies = {cookie["name"]: cookie["value"] for cookie in self.context.cookies(self.base)}
        text = cookies[f"opinion_{survey}"]
        secret = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[:16]
        query = "SELECT disposition, answers FROM response WHERE id = ?"
        ((disposition, answers),) = rows(server, query, Token(secret, 0, text).response)
        return disposition, json.loads(answers)


def rows(server: Server, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What is in the server's database."""
    connection = sqlite3.connect(server.folder / "opinion.db")
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def path_of(page: Page) -> str:
    """The path of the page's address."""
    return urlsplit(page.url).path


def expect_field(page: Page, path: str, name: str, value: str) -> None:
    """Waits until the page at a path shows a value in a field; Back and the script may take a moment."""
    expect(page).to_have_url(re.compile(rf"{re.escape(path)}(#.*)?$"))
    expect(page.locator(f"[name={name}]")).to_have_value(value)


def press(page: Page) -> Response:
    """Sends the page's form; gives what comes."""
    with page.expect_navigation() as arrived:
        page.locator("main form button").last.click()
    assert arrived.value is not None
    return arrived.value


def displayed(html: str) -> list[str]:
    """The ids of the items that are to be seen on a page as the server sent it."""
    return re.findall(r'<fieldset class="item[^"]*" id="i-(\w+)"(?![^>]* hidden)', html)


def control(page: Page, name: str, value: Any) -> Locator:
    return page.locator(f'[name="{name}"][value="{value}"]')


def fill(page: Page, answers: Mapping[str, Any]) -> None:
    """Chooses and types what can be chosen and typed now; a list is ticked, the rest is left alone."""
    for name, value in answers.items():
        fields = page.locator(f'[name="{name}"]')
        if not fields.count() or not fields.first.is_visible():
            continue
        if fields.first.get_attribute("type") in ("radio", "checkbox"):
            for one in value if isinstance(value, list) else [value]:
                control(page, name, one).check()
        elif fields.first.evaluate("e => e.localName") == "select":
            fields.select_option(str(value))
        else:
            fields.fill(str(value))


FIELDS = """[...document.querySelectorAll('fieldset.item:not([hidden]) :is(input, textarea, select):not([type=hidden])')]
    .filter(e => e.checkVisibility() && !e.name.endsWith('~') && !/^~/.test(e.value))
    .map(e => ({name: e.name, type: e.type, value: e.value, checked: e.checked, alone: 'alone' in e.dataset,
                number: 'number' in e.dataset, say: 'say' in e.dataset,
                places: [...e.options ?? []].map(o => o.value).filter(v => v && !/^~/.test(v))}))"""


CHOOSE = """chosen => {
    for (const [name, value] of Object.entries(chosen))
        for (const e of document.getElementsByName(name))
            if (!/radio|checkbox/.test(e.type)) {
                e.value = value;
                for (const type of ['input', 'change']) e.dispatchEvent(new Event(type, {bubbles: true}));
            }
            else if ([value].flat().includes(e.value)) e.click();
}"""


def choose_all(page: Page, salt: int, **fixed: str) -> dict[str, Any]:
    """Answers whatever is to be seen and has no answer yet, each time in the same way; gives what it chose.

    What only appears with an answer is answered too.
    """
    chosen: dict[str, Any] = {}
    for _ in range(5):
        fields: dict[str, list[dict[str, Any]]] = {}
        for field in page.evaluate(FIELDS):
            fields.setdefault(field["name"], []).append(field)
        new = {name: choice for name in fields if (choice := _choice(name, fields, salt, fixed)) is not None}
        if not new:
            break
        page.evaluate(CHOOSE, new)
        chosen |= new
    return chosen


def _choice(name: str, fields: Mapping[str, list[dict[str, Any]]], salt: int, fixed: Mapping[str, str]) -> Any:
    """What to choose or to type in these fields, or None where that is done."""
    first = fields[name][0]
    if first["type"] == "select-one":
        return _place(name, fields, first["places"], salt) if not first["value"] else None
    if first["type"] not in ("radio", "checkbox"):
        item, _, code = name.rpartition(".")
        beside = first["say"] and not any(one["checked"] and one["value"] == code for one in fields[item])
        return None if first["value"] or beside else "12" if first["number"] else f"Words for {name}"[:30]
    if any(one["checked"] for one in fields[name]):
        return None
    if name in fixed:
        return fixed[name]
    codes = [one["value"] for one in fields[name] if not one["alone"]]
    if first["type"] == "radio":
        return codes[salt % len(codes)]
    return [code for place, code in enumerate(codes) if place in (salt % len(codes), (salt + 2) % len(codes))]


def _place(name: str, fields: Mapping[str, Any], places: Sequence[str], salt: int) -> str | None:
    """The next place of a ranking, one an option as long as there are some; of a dropdown one of its options."""
    item, dot, _ = name.rpartition(".")
    if not dot:
        return places[salt % len(places)]
    before = [each for each in fields if each.startswith(f"{item}.")].index(name)
    return places[before] if before < len(places) else None


def ranked(chosen: Mapping[str, Any], items: Collection[str]) -> dict[str, Any]:
    """What was chosen, with the places of these rankings as the lists that are kept."""
    lists: dict[str, list[tuple[int, str]]] = {}
    rest = {}
    for name, value in chosen.items():
        item, _, code = name.rpartition(".")
        if item in items:
            lists.setdefault(item, []).append((int(value), code))
        else:
            rest[name] = value
    return rest | {item: [code for _, code in sorted(places)] for item, places in lists.items()}


def answer(page: Page, answers: Mapping[str, Any]) -> None:
    """Answers a page and continues; without the script some items only appear after sending."""
    for _ in range(4):
        here = path_of(page)
        fill(page, answers)
        press(page)
        if path_of(page) != here or page.locator(".summary").count():
            return


def walk(page: Page, answers: Mapping[str, Any]) -> list[str]:
    """Goes on from page to page until the last before submission; gives the names of the sections."""
    sections: list[str] = []
    while not path_of(page).endswith("/submit"):
        assert page.locator(".summary").count() == 0, page.locator(".summary").inner_text()
        assert overflow(page) == 0, page.url
        sections.append(path_of(page).rsplit("/", 1)[1])
        assert len(sections) < 60, sections
        answer(page, answers)
    return sections


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


# --- by keyboard --------------------------------------------------------------------------------------------


def tab_to(page: Page, selector: str) -> None:
    """Goes there with the tab key alone; wherever one stops on the way, one can see where one is."""
    for _ in range(60):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """selector => {
                const at = document.activeElement, seen = [at, at.closest('label')].filter(Boolean);
                return [at.matches(selector), seen.some(e => getComputedStyle(e).outlineStyle !== 'none'), at.outerHTML];
            }""",
            selector,
        )
        assert where[1] or where[2].startswith("<body"), f"no focus to be seen on {where[2]}"
        if where[0]:
            return
    raise AssertionError(f"the tab key never leads to {selector}")


def send_by_keyboard(page: Page) -> None:
    tab_to(page, "main form button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
