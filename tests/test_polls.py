"""A poll on a phone: one tap begins, answers and submits; it counts once, and nothing is stored before it."""

from __future__ import annotations

import asyncio
import datetime
import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.server.wiring import Running
from tests.support.answers import complete_rows, instrument
from tests.support.browsing import WAYS, Visitor, overflow, rows
from tests.support.research import sign_in
from tests.support.respondent import CODE, Respondent, form_of, service
from tests.support.server import Server, offered

SURVEY = """
title: Leaving
poll: true
results: {show_to: everyone, floor: 3, release_every: 3}
consent: Taking part is **voluntary**.
about: {contact: "Ada, ada@example.org"}
sections:
  one:
    items:
      seen: {type: single_choice, ask: Do you see failure?, options: {fail: Failure, grow: Growth}, required: true}
"""
SEVERAL = SURVEY.replace("single_choice", "multiple_choice")
DAY = datetime.date(2026, 12, 7)


async def stored(app: Running) -> list[tuple[str, object]]:
    found = [change async for change in changes(app)]
    return sorted((change.disposition, json.loads(change.answers).get("seen")) for change in found)


async def changes(app: Running):
    for change in await app.storage.stream("leaving", None, 100):
        yield change


async def tap(browser: Respondent, answer: object, page: str = "", address: str = "/s/leaving"):
    page = page or (await browser.get(address)).text
    return await browser.post(address, data=form_of(page) | {"seen": answer})


async def test_one_tap_begins_answers_and_submits(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        page = (await browser.get("/s/leaving")).text
        assert "Tapping an answer sends it at once." in page and "once 3 people have answered" in page
        assert page.index("Tapping an answer") < page.index('value="fail"') and "<strong>voluntary</strong>" in page
        assert await stored(app) == []  # opening it stores nothing
        sent = await tap(browser, "grow", page)
        assert sent.status_code == 303 and sent.headers["location"] == "/results/leaving"
        assert await stored(app) == [("complete", "grow")]
        results = (await browser.get("/results/leaving")).text
        assert "Your answer is in" in results and "<b dir=\"auto\">Growth</b>" in results and CODE.search(results)
        assert "once 3 people have answered" in results and "%" not in results.split("<main")[1].replace("Percent", "")


async def test_the_result_is_shown_at_once_with_the_own_answer_first(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser, Respondent(app) as other, Respondent(app) as third:
        await app.storage.insert_many("leaving", complete_rows(instrument(SURVEY), range(3), lambda n: {"seen": "fail"}))
        await tap(browser, "grow")
        await tap(other, "grow")
        await tap(third, "fail")
        first, second = [(await one.get("/results/leaving")).text for one in (browser, other)]
        assert "You said" in first and "You</mark>" in first and CODE.search(first)
        # Both see the same page but for their codes, which it is not mixed up in.
        assert CODE.search(first)[0] != CODE.search(second)[0]  # type: ignore[index]
        assert CODE.sub("", first) == CODE.sub("", second)
        assert "You said “Failure”" in (await third.get("/results/leaving")).text and "You said “Growth”" in first


async def test_a_double_tap_and_a_reload_count_once(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        page = (await browser.get("/s/leaving")).text
        sent = await asyncio.gather(*(tap(browser, "grow", page) for _ in range(5)))
        assert {each.headers["location"] for each in sent} == {"/results/leaving"}
        assert (await tap(browser, "grow", page)).headers["location"] == "/results/leaving"
        assert await stored(app) == [("complete", "grow")]
        assert (await browser.get("/s/leaving")).headers["location"] == "/results/leaving"


async def test_another_answer_after_the_first_does_not_count_and_says_so(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        page = (await browser.get("/s/leaving")).text
        await tap(browser, "grow", page)
        sent = await tap(browser, "fail", page)
        assert sent.headers["location"] == "/results/leaving?counted" and await stored(app) == [("complete", "grow")]
        assert "your first answer counts" in (await browser.get(sent.headers["location"])).text


async def test_the_code_on_the_results_withdraws_an_answer_which_can_be_given_anew(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        await tap(browser, "grow")
        code = CODE.search((await browser.get("/results/leaving")).text)
        assert code and "withdrawn" in (await browser.post("/withdraw", data={"receipt": code[0]})).text
        await tap(browser, "fail")
        assert await stored(app) == [("complete", "fail"), ("withdrawn", None)]


async def test_somebody_else_on_the_same_device_answers_too(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        await tap(browser, "grow")
        page = (await browser.get("/s/leaving?anew")).text
        assert 'action="/s/leaving?anew"' in page
        await tap(browser, "fail", page, "/s/leaving?anew")
        assert await stored(app) == [("complete", "fail"), ("complete", "grow")]


@pytest.mark.parametrize("answer", ["", "nothing", "<b>"])
async def test_what_is_no_answer_is_returned_and_nothing_is_stored(tmp_path: Path, answer: str) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        sent = await tap(browser, answer)
        assert sent.status_code == 422 and "Please check your answers" in sent.text and "<b>\"" not in sent.text
        assert await stored(app) == []
        forged = await browser.post("/s/leaving", data={"token": "forged", "seen": "grow"})
        assert forged.status_code == 403 and await stored(app) == []


async def test_several_choices_are_ticked_and_sent(tmp_path: Path) -> None:
    async with service(tmp_path, SEVERAL) as app, Respondent(app) as browser:
        page = (await browser.get("/s/leaving")).text
        assert "Send my answer" in page and "Tapping an answer" not in page and 'type="checkbox"' in page
        await tap(browser, ["fail", "grow"], page)
        assert await stored(app) == [("complete", ["fail", "grow"])]


async def test_a_closed_poll_takes_no_answer_and_waits(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        page = (await browser.get("/s/leaving")).text
        await app.storage.presentations.change("leaving", DAY, is_open=False)
        late = await tap(browser, "grow", page)
        assert late.headers["location"] == "/s/leaving?late"
        assert "Your answer does not count" in (await browser.get("/s/leaving?late")).text
        waiting = (await browser.get("/s/leaving")).text
        assert "does not count" not in waiting and "takes no answers at the moment" in waiting and 'http-equiv="refresh"' in waiting and await stored(app) == []
        await app.storage.presentations.change("leaving", DAY, is_open=True)
        assert (await tap(browser, "grow")).headers["location"] == "/results/leaving"


async def test_what_was_typed_until_a_poll_closed_is_returned(tmp_path: Path) -> None:
    words = SURVEY.replace("single_choice", "text").replace(", options: {fail: Failure, grow: Growth}", "")
    async with service(tmp_path, words) as app, Respondent(app) as browser:
        page = (await browser.get("/s/leaving")).text
        await app.storage.presentations.change("leaving", DAY, is_open=False)
        late = await tap(browser, "Typed with care", page)
        assert late.status_code == 409 and "Typed with care" in late.text and "Your answer does not count" in late.text
        assert await stored(app) == []
        await app.storage.presentations.change("leaving", DAY, is_open=True)
        assert (await tap(browser, "Typed with care", late.text)).headers["location"] == "/results/leaving"


async def test_an_answer_to_another_version_is_not_taken(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        page = (await browser.get("/s/leaving")).text.replace('name="version" value="', 'name="version" value="x')
        assert (await tap(browser, "grow", page)).status_code == 409 and await stored(app) == []


async def test_a_random_order_is_the_same_when_it_is_sent(tmp_path: Path) -> None:
    text = SURVEY.replace("required: true", "shuffle: true, required: true").replace(
        "{fail: Failure, grow: Growth}", "{a: A, b: B, c: C, d: D, e: E}"
    )
    async with service(tmp_path, text) as app:
        orders = set()
        for _ in range(6):
            async with Respondent(app) as browser:
                page = (await browser.get("/s/leaving")).text
                order = [code for _, code in sorted((page.index(f'value="{code}"'), code) for code in "abcde")]
                await tap(browser, "a", page)
                orders.add("".join(order))
        kept = {"".join(json.loads(change.answers)["seen~order"]) for change in await app.storage.stream("leaving", None, 9)}
        assert kept == orders and len(orders) > 1


async def test_nothing_in_the_database_tells_when_or_where_a_poll_was_answered(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        await tap(browser, "grow")
        (change,) = await app.storage.stream("leaving", None, 9)
        assert change.minutes == 0 and json.loads(change.answers) == {"seen": "grow"}


async def test_a_page_hears_of_the_presenter_and_of_releases_as_far_as_it_may_see_them(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app:
        news = app.rooms.stream("leaving", True)
        blind = app.rooms.stream("leaving", False)
        assert await anext(news) == await anext(blind) == b"retry: 2000\n\n"
        assert b'{"state": "open", "release": "0"}' in await anext(news)
        assert b'{"state": "open", "release": ""}' in await anext(blind)
        await app.storage.presentations.change("leaving", DAY, is_open=False)
        assert b'"closed"' in await anext(news) and b'"closed"' in await anext(blind)
        await app.storage.releases.add("leaving", 1, DAY, 3, {})
        assert b'"release": "1"' in await anext(news)
        for stream in (news, blind):
            await stream.aclose()
        assert app.rooms.rooms == {}  # nothing is looked at for nobody


async def test_who_may_hear_of_a_poll(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY.replace("poll: true\n", "")) as app, Respondent(app) as browser:
        assert (await browser.get("/live/leaving")).status_code == 404
        assert (await browser.get("/live/nothing")).status_code == 404


# --- in a browser -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_one_tap_works_everywhere(server: Server, visiting, way: str) -> None:
    visitor: Visitor = visiting(server.base, **WAYS[way])
    page = visitor.page
    page.goto("/s/leaving")
    assert overflow(page) == 0
    if WAYS[way].get("java_script_enabled", True):
        assert not Axe().run(page).response["violations"]
    page.get_by_role("button", name="Growth").click()
    expect(page.get_by_text("Your answer is in")).to_be_visible()
    assert overflow(page) == 0
    if WAYS[way].get("java_script_enabled", True):
        assert not Axe().run(page).response["violations"]
    assert rows(server, "SELECT disposition, count(*) FROM response GROUP BY 1") == [("complete", 1)]


def test_what_is_being_typed_stays_when_the_presenter_closes_a_poll(tmp_path: Path, visiting) -> None:
    words = SURVEY.replace("single_choice", "text").replace(", options: {fail: Failure, grow: Growth}", "")
    with Server(offered(tmp_path, leaving=words)) as server:
        presenter, phone, other = sign_in(visiting(server.base), server), visiting(server.base).page, visiting(server.base).page
        presenter.goto("/present/leaving")
        phone.goto("/s/leaving")
        other.goto("/s/leaving")
        phone.get_by_role("textbox").fill("Typed with care")
        presenter.keyboard.press("o")
        expect(other.get_by_text("takes no answers at the moment")).to_be_visible(timeout=10_000)  # nothing was typed there
        expect(phone.get_by_role("textbox")).to_have_value("Typed with care")
        phone.get_by_role("button", name="Send my answer").click()
        expect(phone.get_by_text("Your answer does not count")).to_be_visible()
        presenter.keyboard.press("o")
        expect(presenter.get_by_role("button", name="Close the poll")).to_be_visible()
        phone.get_by_role("button", name="Send my answer").click()
        expect(phone.get_by_text("Your answer is in")).to_be_visible()
        for page in (presenter, phone, other):
            page.close()
