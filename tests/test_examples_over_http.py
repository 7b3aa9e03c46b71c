"""Every example is answered over HTTP as a browser without JavaScript does it: only what its pages offer can be sent."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from app.catalogue.files import read_file, survey_files
from app.interview.path import NOTHING_OFF
from app.interview.route import Route
from app.server.wiring import Running, create_app
from app.settings import Settings
from app.simulation.behaviour import Behaviour
from app.simulation.respondents import belongs, fields_sent, new_person
from app.survey.items.simulated import Person
from app.survey.model import Instrument

ROOT = Path(__file__).parent.parent
FLAGSHIP = ROOT / "surveys" / "leaving-clinical-practice.yaml"
EXAMPLES = survey_files(ROOT / "surveys" / "examples")
MOST_PAGES = 400


class Page(HTMLParser):
    """The controls of a page's form that a browser would send, with what they hold, and what they could hold."""

    def __init__(self, html: str):
        super().__init__()
        self.fields: dict[str, list[str]] = defaultdict(list)
        self.could: dict[str, set[str] | None] = {}  # None: anything can be typed
        self.wrong: set[str] = set(re.findall(r'id="e-([^"]+)"', html))
        self.sets: list[bool] = []
        self.select = self.area = ""
        self.option: bool | None = None  # that has no value of its own, and whether it is selected
        self.feed(html)

    @property
    def disabled(self) -> bool:
        return any(self.sets)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "fieldset":
            self.sets.append("disabled" in given)
        name, value = given.get("name") or "", given.get("value") or ""
        if self.disabled or "disabled" in given or (not name and tag != "option"):
            return
        if tag == "select":
            self.select, self.could[name] = name, set()
        elif tag == "option" and self.select and "value" in given:
            self.offer(self.select, value, "selected" in given)
        elif tag == "option" and self.select:  # what it says is its value
            self.option = "selected" in given
        elif tag == "textarea":
            self.area, self.could[name] = name, None
        elif tag == "input" and given.get("type") in ("radio", "checkbox"):
            self.offer(name, value, "checked" in given)
        elif tag == "input":
            self.fields[name].append(value)
            self.could[name] = None

    def offer(self, name: str, value: str, chosen: bool) -> None:
        self.could[name] = (self.could.get(name) or set()) | {value}
        if chosen:
            self.fields[name] = [*self.fields[name], value]

    def handle_data(self, data: str) -> None:
        if self.option is not None:
            self.offer(self.select, data, self.option)
            self.option = None
        if self.area:
            self.fields[self.area].append(data.removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "fieldset":
            self.sets.pop()
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area


class Physician:
    """Goes through one survey, page by page."""

    def __init__(self, app: Running, instrument: Instrument, seed: int, **chosen: str):
        self.app, self.instrument, self.chosen = app, instrument, chosen
        self.route = Route(instrument)
        self.person: Person = new_person(random.Random(seed), Behaviour(), instrument.language)
        self.browser = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")

    async def through(self) -> str:
        """The last page, after submission."""
        survey = self.instrument.survey
        address = f"/s/{survey}"
        way_in = Page((await self.browser.get(address)).text)
        sent = await self.browser.post(address, data=way_in.fields)
        for _ in range(MOST_PAGES):
            assert sent.status_code == 303, sent.text
            address = sent.headers["location"].partition("#")[0]
            page = await self.browser.get(address)
            assert page.status_code == 200, (address, page.text)
            if address == f"/s/{survey}/done":
                return page.text
            sent = await self.sends(address, page.text)
        raise AssertionError("there is no end")

    async def sends(self, address: str, html: str) -> httpx.Response:
        for _ in range(60):
            page = Page(html)
            section = self.instrument.section.get(address.rpartition("/")[2])
            for item in [item for item in section.items if item.names] if section else []:
                mine = [name for name in page.fields if belongs(name, item) and any(page.fields[name])]
                if item.id in page.fields["shown"] and (not mine or any(belongs(name, item) for name in page.wrong)):
                    self.answer(page, item, await self.known())
            sent = await self.browser.post(address, data={name: values for name, values in page.fields.items() if name != "language"})
            if sent.status_code != 422:
                return sent
            html = sent.text
        raise AssertionError(f"{address} is never taken: {sorted(page.wrong)}")

    def answer(self, page: Page, item: Any, known: dict[str, Any]) -> None:
        for name in [name for name in page.fields if belongs(name, item)]:
            del page.fields[name]
        chosen = {item.id: [self.chosen[item.id]]} if item.id in self.chosen else None
        hidden = self.route.item[item.id].hidden_keys(known) or NOTHING_OFF
        for name, values in (chosen or fields_sent(item, self.person, known, hidden)).items():
            offered = page.could.get(name, set())
            assert offered is None or set(values) <= offered, f"{item.id}: the page has no {name}={values}"
            page.fields[name] = values

    async def known(self) -> dict[str, Any]:
        rows = await self.app.storage.stream(self.instrument.survey, None, 1000)
        (row,) = [row for row in rows if row.disposition == "open"]
        found = await self.app.storage.load(row.id)
        assert found is not None
        return dict(found.answers)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
async def test_example_can_be_answered_without_javascript(file: Path, tmp_path: Path) -> None:
    instrument, _ = read_file(file)
    assert instrument is not None
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'opinion.db'}", surveys=str(file))
    async with create_app(settings) as app:
        people = 1 if file.stem.startswith("large-") else 3
        for seed in range(people):
            assert "<h1" in await Physician(app, instrument, seed).through()
        rows = await app.storage.stream(instrument.survey, None, 10)
        assert len(rows) == people and {row.disposition for row in rows} <= {"complete", "screened_out"}


def routes() -> list[str]:
    """The options of the flagship's first question, each of which begins a route of its own."""
    instrument, _ = read_file(FLAGSHIP)
    assert instrument is not None
    return [option.code for option in instrument.item["status"].options]


@pytest.mark.parametrize("status", routes())
async def test_every_route_of_the_flagship_can_be_answered(status: str, tmp_path: Path) -> None:
    instrument, _ = read_file(FLAGSHIP)
    assert instrument is not None
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'opinion.db'}", surveys=str(FLAGSHIP))
    async with create_app(settings) as app:
        assert "<h1" in await Physician(app, instrument, 1, status=status).through()
        (row,) = await app.storage.stream(instrument.survey, None, 10)
        answers = msgspec.json.decode(row.answers)
        assert row.disposition == "complete" and answers["status"] == status and len(answers) > 12
