"""The projector: what a room sees of a poll, the presenter's buttons, and that no figure comes earlier than in public."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.results.charts.projected import project
from app.results.disclosure.stored import read_release
from tests.support.answers import complete_rows, instrument
from tests.support.browsing import overflow
from tests.support.research import sign_in, signed_in
from tests.support.respondent import Respondent, hidden, service
from tests.support.server import Server

POLL = """
title: Leaving
languages: [en, de]
poll: true
results: {show_to: respondents, floor: 5, release_every: 5}
sections:
  one:
    items:
      seen: {type: single_choice, ask: Do you see failure?, options: {fail: Failure, grow: Growth}}
"""
GERMAN = """
title: Gehen
sections: {one: {items: {seen: {ask: Sehen Sie Scheitern?, options: {fail: Scheitern, grow: Wachsen}}}}}
"""
WORDS = POLL.replace("[en, de]", "[en]").replace("single_choice", "text").replace(", options: {fail: Failure, grow: Growth}", "")
SURVEY = POLL.replace("[en, de]", "[en]")


def gave(number: int) -> dict[str, str]:
    return {"seen": "fail" if number % 4 == 0 else "grow"}


async def press(browser: Respondent, page: str, do: str) -> str:
    """Sends what a button of the projector sends; the page after it."""
    form = {"form_token": hidden(page, "form_token"), "language": hidden(page, "language"), "poll": hidden(page, "poll"), "do": do}
    sent = await browser.post("/present/leaving", data=form)
    assert sent.status_code == 303, sent.text
    return (await browser.get(sent.headers["location"])).text


async def test_a_projector_shows_figures_no_earlier_than_the_public_page(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, signed_in(app) as presenter:
        add = app.storage.insert_many
        await add("leaving", complete_rows(instrument(SURVEY), range(4), gave))
        page = await press(presenter, (await presenter.get("/present/leaving")).text, "reveal")
        assert '<b id="count" dir="ltr">4</b>' in page and "once 5 people have answered" in page and "%" not in page.split("<main")[1]
        await add("leaving", complete_rows(instrument(SURVEY), range(4, 8), gave))
        page = (await presenter.get("/present/leaving")).text
        assert '<b id="count" dir="ltr">8</b>' in page and "75%" in page
        # One more than before answers otherwise: until a whole batch has come, the bars stay.
        await add("leaving", complete_rows(instrument(SURVEY), range(8, 12), lambda _: {"seen": "fail"}))
        page = (await presenter.get("/present/leaving")).text
        assert '<b id="count" dir="ltr">12</b>' in page and "75%" in page and ">of 8<" in page
        await add("leaving", complete_rows(instrument(SURVEY), range(12, 13), lambda _: {"seen": "fail"}))
        assert "54%" in (await presenter.get("/present/leaving")).text
        assert "%" not in (await press(presenter, page, "hide")).split("<main")[1]


async def test_nobody_without_a_session_sees_or_commands_a_projector(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as visitor, signed_in(app) as presenter:
        assert (await visitor.get("/present/leaving", headers={"accept": "text/html"})).headers["location"] == "/sign-in?next=/present/leaving"
        assert (await visitor.get("/present/leaving/live")).status_code in (303, 401)
        assert (await visitor.post("/present/leaving", data={"do": "close"})).status_code in (303, 401)
        sent = await presenter.post("/present/leaving", data={"do": "close", "form_token": "forged"})
        assert sent.status_code == 403 and (await app.storage.presentations.of("leaving")).changes == 0


async def test_a_presenter_opens_and_closes_a_poll(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, signed_in(app) as presenter:
        page = (await presenter.get("/present/leaving")).text
        assert (await app.storage.presentations.of("leaving")).changes == 0  # looking has changed nothing
        page = await press(presenter, page, "close")
        assert 'value="open"' in page and ">Closed</span>" in page and '<div class="way-in" hidden>' in page
        page = await press(presenter, page, "open")
        assert 'value="close"' in page and "hidden>" not in page.partition("way-in")[2][:20]
        form = {"form_token": hidden(page, "form_token"), "poll": "leaving", "do": "explode"}
        assert (await presenter.post("/present/leaving", data=form)).status_code == 400


async def test_what_is_answered_in_words_never_comes_onto_a_projector(tmp_path: Path) -> None:
    async with service(tmp_path, WORDS) as app, signed_in(app) as presenter:
        await app.storage.insert_many("leaving", complete_rows(instrument(WORDS), range(9), lambda _: {"seen": "a secret"}))
        page = await press(presenter, (await presenter.get("/present/leaving")).text, "reveal")
        assert "for the research team only" in page and "secret" not in page


async def test_only_polls_can_be_presented(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY.replace("poll: true\n", "")) as app, signed_in(app) as presenter:
        page = await presenter.get("/present/leaving", headers={"accept": "text/html"})
        assert page.status_code == 404 and "poll: true" in page.text
        assert (await presenter.get("/present/nothing")).status_code == 404


async def test_a_room_reads_its_own_language(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.de.yaml").write_text(GERMAN)
    async with service(tmp_path, POLL) as app, signed_in(app) as presenter:
        asked = instrument(POLL, de=GERMAN)
        await app.storage.insert_many("leaving", complete_rows(asked, range(8), gave))
        page = await press(presenter, (await presenter.get("/present/leaving?language=de")).text, "reveal")
        assert 'lang="de"' in page and "Sehen Sie Scheitern?" in page and "Wachsen" in page and "haben geantwortet" in page
        assert re.search(r"75\s%", page) and ">von 8<" in page


@pytest.mark.parametrize(
    ("item", "answer", "bars"),
    [
        ("{type: multiple_choice, ask: A?, options: {a: One, b: Two}}", lambda n: {"q": ["b"] if n % 4 else ["a", "b"]}, ["Two 100%", "One 25%"]),
        ("{type: ranking, ask: A?, options: {a: One, b: Two}}", lambda n: {"q": ["b", "a"] if n % 4 else ["a", "b"]}, ["Two 75%", "One 25%"]),
        ("{type: number, ask: A?, range: [0, 3]}", lambda n: {"q": n % 4}, ["0 25%", "1 25%", "2 25%", "3 25%"]),
        ("{type: rating, ask: A?, scale: {1: Bad, 2: Good}}", lambda n: {"q": 1 + (n % 4 > 0)}, ["Bad 25%", "Good 75%"]),
        ("{type: matrix, ask: A?, scale: {1: Bad, 2: Good}, statements: {x: X, y: Y}}", lambda n: {"q.x": 1, "q.y": 2}, []),
    ],
)  # fmt: skip
async def test_bars_say_what_the_public_figures_say(tmp_path: Path, item: str, answer, bars: list[str]) -> None:
    text = f"title: A\npoll: true\nresults: {{show_to: everyone, floor: 5}}\nsections: {{one: {{items: {{q: {item}}}}}}}\n"
    async with service(tmp_path, text) as app, Respondent(app) as visitor:
        await app.storage.insert_many("leaving", complete_rows(instrument(text), range(20), answer))
        assert (await visitor.get("/results/leaving")).status_code == 200
        stored = await app.storage.releases.latest("leaving")
        assert stored is not None
        projection = project(read_release(stored["figures"]).items[0], "en")
        assert [f"{bar.label} {bar.value}" for bar in projection.bars] == bars
        assert projection.n == 20 and projection.drawing.head  # the table is there for each


def test_a_projector_fits_the_screen_by_keyboard_and_without_faults(server: Server, visiting) -> None:
    presenter = visiting(server.base, viewport={"width": 1280, "height": 720})
    page = sign_in(presenter, server)
    page.goto("/present/leaving")
    expect(page.get_by_role("heading", level=1)).to_have_text("Do you see failure?")
    for key, words in (("r", "Hide the answers"), ("o", "Open the poll"), ("o", "Close the poll"), ("r", "Show the answers")):
        page.keyboard.press(key)
        expect(page.get_by_role("button", name=words)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") <= 720 and overflow(page) == 0
    for key in ("", "r", "o"):  # asked, answers shown, closed
        page.keyboard.press(key) if key else None
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()
    page.get_by_role("button", name="Keys").click()
    page.keyboard.press("r")
    page.get_by_role("button", name="Keys").click()
    page.keyboard.press("o")
    expect(page.get_by_role("button", name="Close the poll")).to_be_visible()
    expect(page.get_by_role("button", name="Hide the answers")).to_be_visible()  # turned off, R did nothing
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{server.base}/research/leaving")
    # What is most important can be read from the back row: a thirtieth of the height.
    page.go_back()
    sizes = page.evaluate("[...document.querySelectorAll('.question h1, .address, .count')].map(e => parseFloat(getComputedStyle(e).fontSize))")
    assert min(sizes) >= 720 / 36


def test_a_projector_works_without_the_script(server: Server, visiting) -> None:
    presenter = visiting(server.base, java_script_enabled=False)
    page = sign_in(presenter, server)
    page.goto("/present/leaving")
    page.get_by_role("button", name="Show the answers").click()
    expect(page.get_by_text("once 5 people have answered")).to_be_visible()
    page.get_by_role("button", name="Close the poll").click()
    expect(page.get_by_text("Closed", exact=True)).to_be_visible()
    assert page.locator("noscript meta[http-equiv=refresh]").count() == 1


@pytest.mark.parametrize(("dates", "words"), [("opens: 2099-01-31", "Opens on 31 January 2099"), ("closes: 2020-01-31", ">Closed<")])
async def test_a_survey_that_is_not_open_by_its_dates_says_so(tmp_path: Path, dates: str, words: str) -> None:
    async with service(tmp_path, f"{SURVEY}{dates}\n") as app, signed_in(app) as presenter:
        page = (await presenter.get("/present/leaving")).text
        assert words in page and '<div class="way-in" hidden>' in page
        assert 'value="close"' not in page and 'value="open"' not in page
