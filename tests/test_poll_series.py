"""Several polls, presented one after the other at one address; each keeps its own responses."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.catalogue.files import read_file
from tests.support.research import sign_in, signed_in
from tests.support.respondent import Respondent, form_of, hidden, service
from tests.support.server import Server, offered

DAY = datetime.date(2026, 12, 7)
FIRST = """
title: First
poll: true
followed_by: [second, third]
results: {show_to: everyone, floor: 3}
sections: {one: {items: {seen: {type: single_choice, ask: Is it failure?, required: true, options: {yes_: "Yes, it is", no_: "No, it is not"}}}}}
"""
SECOND = FIRST.replace("followed_by: [second, third]\n", "").replace("Is it failure?", "Is it growth?")
THIRD = SECOND.replace("Is it growth?", "Is it both?")
WORDS = THIRD[: THIRD.index("{seen")] + "{why: {type: text, ask: \"Why?\"}}}}\n"

SAYS_LATE = 'id="late" role="status">Your last answer does not count'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return offered(tmp_path, first=FIRST, second=SECOND, third=WORDS)


def with_others(folder: Path) -> Path:
    (folder / "surveys").mkdir()
    for name, text in (("second", SECOND), ("third", THIRD)):
        (folder / "surveys" / f"{name}.yaml").write_text(text)
    return folder


async def tap(browser: Respondent, survey: str):
    page = (await browser.get(f"/s/{survey}")).text
    return await browser.post(f"/s/{survey}", data=form_of(page) | {"seen": "yes_"})


async def go_on(presenter: Respondent, to: str) -> str:
    page = (await presenter.get("/present/first")).text
    form = {"form_token": hidden(page, "form_token"), "poll": hidden(page, "poll"), "do": f"show:{to}"}
    assert (await presenter.post("/present/first", data=form)).status_code == 303
    return (await presenter.get("/present/first")).text


async def test_one_address_leads_to_the_poll_that_is_presented(tmp_path: Path) -> None:
    async with service(with_others(tmp_path), FIRST, "first") as app, Respondent(app) as phone, signed_in(app) as presenter:
        page = (await presenter.get("/present/first")).text
        assert "Is it failure?" in page and "1 / 3" in page and 'value="show:second"' in page and "Previous" not in page
        assert (await phone.get("/s/second")).headers["location"] == "/s/first"  # it is not its turn yet
        assert (await tap(phone, "first")).headers["location"] == "/results/first"
        page = await go_on(presenter, "second")
        assert "Is it growth?" in page and "2 / 3" in page and "/s/first" in page and 'id="count" dir="ltr">0<' in page
        assert (await phone.get("/s/first")).headers["location"] == "/s/second"
        assert 'href="/s/second"' in (await phone.get("/results/first")).text
        assert (await tap(phone, "second")).headers["location"] == "/results/second"
        assert (await presenter.get("/present/second")).headers["location"] == "/present/first"


async def test_a_poll_takes_no_answer_out_of_its_turn(tmp_path: Path) -> None:
    async with service(with_others(tmp_path), FIRST, "first") as app, Respondent(app) as phone, signed_in(app) as presenter:
        stale = form_of((await phone.get("/s/first")).text) | {"seen": "yes_"}
        await go_on(presenter, "third")
        assert (await phone.post("/s/first", data=stale)).headers["location"] == "/s/first?late"
        assert await app.storage.counts("first") == {}
        assert (await phone.get("/s/first?late")).headers["location"] == "/s/third?late"
        late, usual = [(await phone.get(f"/s/third{query}")).text for query in ("?late", "")]
        assert "Is it both?" in late and SAYS_LATE in late and SAYS_LATE not in usual


async def test_polls_of_a_series_share_no_key(tmp_path: Path) -> None:
    async with service(with_others(tmp_path), FIRST, "first") as app, Respondent(app) as phone, signed_in(app) as presenter:
        await tap(phone, "first")
        await go_on(presenter, "second")
        await tap(phone, "second")
        ((one,), (other,)) = [await app.storage.stream(survey, None, 9) for survey in ("first", "second")]
        rows = [await app.storage.load_stored(each.id) for each in (one, other)]
        assert rows[0].id != rows[1].id and rows[0].receipt != rows[1].receipt
        assert json.loads(one.answers) == json.loads(other.answers) == {"seen": "yes_"}


async def test_what_a_presenter_does_concerns_the_poll_of_the_page(tmp_path: Path) -> None:
    """Two presenters press at once: the second one's page still shows the poll before."""
    async with service(with_others(tmp_path), FIRST, "first") as app, signed_in(app) as presenter:
        stale = (await presenter.get("/present/first")).text
        await go_on(presenter, "second")
        form = {"form_token": hidden(stale, "form_token"), "poll": hidden(stale, "poll"), "do": "reveal"}
        await presenter.post("/present/first", data=form)
        found = await app.storage.presentations.now(("first", "second"))
        assert found["first"].is_revealed and not found["second"].is_revealed
        assert (await presenter.post("/present/first", data=form | {"do": "show:elsewhere"})).status_code == 400


def test_a_series_names_polls_beside_its_file(tmp_path: Path) -> None:
    folder = with_others(tmp_path) / "surveys"
    (folder / "first.yaml").write_text(FIRST.replace("third]", "fourth, first]"))
    _, faults = read_file(folder / "first.yaml")
    assert [(fault.line, fault.what) for fault in faults if not fault.is_warning] == [
        (4, 'there is no file "fourth.yaml" beside this one'), (4, "a poll cannot follow itself"),
    ]  # fmt: skip


def test_next_moves_the_phones(server: Server, visiting) -> None:
    phone, waits, room = visiting(server.base), visiting(server.base), visiting(server.base)
    projector = sign_in(room, server)
    projector.goto("/present/first")
    for each in (phone, waits):
        each.page.goto("/s/first")
    phone.page.get_by_role("button", name="Yes, it is").click()
    expect(projector.locator("#count")).to_have_text("1")
    projector.keyboard.press("n")
    expect(projector.get_by_role("heading", name="Is it growth?")).to_be_visible()
    for each in (phone, waits):  # one that has answered, and one that has not
        expect(each.page.get_by_text("Is it growth?")).to_be_visible(timeout=10_000)
        each.page.get_by_role("button", name="No, it is not").click()
    expect(projector.locator("#count")).to_have_text("2")
    # One with words that are not sent stays, and can go on.
    projector.keyboard.press("n")
    expect(projector.get_by_role("heading", name="Why?")).to_be_visible()
    phone.page.goto("/s/first")
    phone.page.get_by_label("Why?").fill("Not yet finished")
    projector.keyboard.press("p")
    expect(phone.page.get_by_label("Why?")).to_have_value("Not yet finished")
    phone.page.get_by_role("link", name="Go on to the next question").click()
    expect(phone.page).to_have_url(re.compile("/results/second"))
    projector.keyboard.press("p")
    expect(projector.get_by_role("heading", name="Is it failure?")).to_be_visible()
