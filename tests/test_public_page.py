"""The public page: what is on it, for whom, and that it moves on by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.web.research.public import page as page_of_results
from tests.support.answers import complete_rows, instrument
from tests.support.browsing import overflow
from tests.support.research import signed_in
from tests.support.respondent import Respondent, respond, service
from tests.support.server import Server, offered

SURVEY = """
title: Leaving
languages: [en, ar]
results: {show_to: everyone, floor: 5, release_every: 5, by: status, beside: [own]}
scales:
  amount: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely}
sections:
  now:
    title: Where you are
    items:
      status: {type: single_choice, ask: Where are you?, options: {practising: In practice, left: Left, away: Away}}
      own: {type: rating, ask: Do you see failure?, scale: amount}
  more:
    title: What weighs
    items:
      years: {type: number, ask: How many years?, range: [0, 59]}
      rank: {type: ranking, ask: Which weighs most?, options: {pay: Pay, hours: Hours, visa: Visa}}
      rare: {type: rating, ask: Seldom asked?, scale: amount, show_if: status == "away"}
      words: {type: text, ask: Anything else?}
"""
ARABIC = """
title: المغادرة
scales: {amount: {1: لا, 2: قليلا, 3: إلى حد ما, 4: كثيرا}}
sections:
  now:
    title: أين أنت
    items:
      status: {ask: أين أنت؟, options: {practising: في الممارسة, left: غادر, away: غائب}}
      own: {ask: هل ترى فشلا؟}
  more:
    title: ما يهم
    items:
      years: {ask: كم سنة؟}
      rank: {ask: ما الأهم؟, options: {pay: الأجر, hours: الساعات, visa: التأشيرة}}
      rare: {ask: نادرا؟}
      words: {ask: شيء آخر؟}
"""
ENGLISH = SURVEY.replace(", ar", "")


def gave(n: int) -> dict[str, object]:
    status = "away" if n in (3, 9) else ("practising", "left")[n % 2]
    found = {"status": status, "own": 1 + n % 4, "years": n % 60, "rank": ["pay", "visa", "hours"], "words": "a secret"}
    return found | ({"rare": 1} if status == "away" else {})


async def answer(app, numbers: range, text: str = ENGLISH) -> None:
    await app.storage.insert_many("leaving", complete_rows(instrument(text), numbers, gave))


async def test_the_page_shows_counts_and_groups_and_gathers_what_is_not_shown(tmp_path: Path) -> None:
    async with service(tmp_path, ENGLISH) as app, Respondent(app) as visitor:
        await answer(app, range(24))
        page = (await visitor.get("/results/leaving")).text
        assert "<b>24</b> complete responses on" in page and "22 answered" in page
        # Two are away: fewer than the floor, so that nothing of them is shown.
        status, _, rest = page.partition("Do you see failure?")
        assert "22 answered" in status and "hidden: too few people" in status and "9%" not in status
        assert "12 answered" not in status and ">In practice</h4>" in rest and ">Left</h4>" in rest and ">Away</h4>" not in rest
        shown, _, gathered = page.partition('<section class="rest">')
        assert "Seldom asked?" not in shown and "Seldom asked?" in gathered
        assert "Anything else?" not in shown and "Anything else?" in gathered and "a secret" not in page
        assert "If you change your mind" not in page  # this browser has not answered


async def test_open_pages_learn_the_number_of_the_release_as_far_as_they_may_see_it(tmp_path: Path) -> None:
    text = ENGLISH
    async with service(tmp_path, text) as app, Respondent(app) as visitor:
        assert (await visitor.get("/results/leaving/release")).text == "0"
        await answer(app, range(9))
        assert (await visitor.get("/results/leaving/release")).text == "1"
        await answer(app, range(9, 20))
        assert (await visitor.get("/results/leaving/release")).text == "2"
        assert 'data-number="2"' in (await visitor.get("/results/leaving")).text
    async with service(tmp_path, text.replace("show_to: everyone", "show_to: respondents")) as app, Respondent(app) as visitor:
        assert (await visitor.get("/results/leaving/release")).status_code == 403
    nobody = text.replace("show_to: everyone, floor: 5, release_every: 5, by: status, beside: [own]", "show_to: nobody")
    async with service(tmp_path, nobody) as app, Respondent(app) as visitor:
        assert (await visitor.get("/results/leaving/release")).status_code == 404


async def test_a_page_is_rendered_once_for_all_its_readers_until_something_changes(tmp_path: Path, monkeypatch) -> None:
    contents, calls = page_of_results.contents, []
    monkeypatch.setattr(page_of_results, "contents", lambda *shown: calls.append(1) or contents(*shown))
    async with service(tmp_path, ENGLISH) as app:
        await answer(app, range(24))
        for _ in range(3):
            async with Respondent(app) as visitor:
                assert "<b>24</b> complete" in (await visitor.get("/results/leaving")).text
        assert len(calls) == 1
        await answer(app, range(24, 30))
        async with Respondent(app) as visitor:
            assert "<b>30</b> complete" in (await visitor.get("/results/leaving")).text
        assert len(calls) == 2


async def test_a_researcher_sees_what_the_public_sees_without_having_answered(tmp_path: Path) -> None:
    text = ENGLISH.replace("show_to: everyone", "show_to: respondents")
    async with service(tmp_path, text) as app, Respondent(app) as visitor:
        await answer(app, range(24), text)
        assert (await visitor.get("/results/leaving")).status_code == 403
        assert (await visitor.get("/research/leaving/public")).status_code in (303, 401)
        async with signed_in(app) as researcher:
            page = await researcher.get("/research/leaving/public")
            assert page.status_code == 200 and "<b>24</b> complete responses on" in page.text
            assert (await researcher.get("/research/nothing/public")).status_code == 404


async def test_a_survey_shown_to_nobody_says_how_to_publish_and_promises_nothing(tmp_path: Path) -> None:
    text = ENGLISH.replace("show_to: everyone, floor: 5, release_every: 5, by: status, beside: [own]", "show_to: nobody")
    async with service(tmp_path, text) as app, signed_in(app) as researcher:
        await answer(app, range(12), text)
        page = await researcher.get("/research/leaving/public")
    assert page.status_code == 404 and "results: {show_to: respondents}" in page.text and "once" not in page.text


async def test_protected_cells_are_shown_when_the_survey_has_closed(tmp_path: Path) -> None:
    text = "title: T\ncloses: 2999-01-01\nresults: {show_to: everyone, floor: 5, protect: cells}\n" + SURVEY[SURVEY.index("scales:"):]
    async with service(tmp_path, text) as app, Respondent(app) as visitor:
        await answer(app, range(24), text)
        page = (await visitor.get("/results/leaving")).text
        assert "There are no figures yet" in page and "once the survey has closed" in page
    async with service(tmp_path, text.replace("2999", "2020")) as app, Respondent(app) as visitor:
        page = (await visitor.get("/results/leaving")).text
        assert "Released once, after the survey closed" in page and "<b>24</b> complete responses" in page


# --- in a browser -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = offered(tmp_path_factory.mktemp("public"), leaving=SURVEY)
    (folder / "surveys" / "leaving.ar.yaml").write_text(ARABIC)
    with Server(folder) as running:
        for n in range(12):
            respond(running, "leaving", sent(n))
        yield running


def sent(n: int) -> dict[str, str]:
    return {"status": ("practising", "left")[n % 2], "own": str(1 + n % 4), "years": str(n), "rank.pay": "1", "rank.hours": "2", "rank.visa": "3"}


def test_an_open_page_moves_on_by_itself_and_keeps_what_is_open(server, visiting):
    visitor = visiting(server.base)
    page = visitor.page
    page.goto("/results/leaving")
    expect(page.locator("#results")).to_contain_text("12 complete responses")
    fold = page.locator("details.fold").filter(has_text="How many years?")
    fold.evaluate("fold => { fold.open = true; }")
    for n in range(12, 24):
        respond(server, "leaving", sent(n))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#results")).to_contain_text(re.compile(r"(1[7-9]|2\d) complete responses"))
    assert page.locator("details.fold").filter(has_text="How many years?").evaluate("fold => fold.open")
    expect(page.locator("#moved")).to_have_text("The results have been updated.")
    visitor.assert_nothing_went_wrong()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_holds_on_a_narrow_phone_in_both_directions_and_without_the_script(server, visiting, language):
    visitor = visiting(server.base, viewport={"width": 320, "height": 600}, java_script_enabled=False)
    page = visitor.page
    page.goto(f"/results/leaving?language={language}")
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    for fold in page.locator("details.fold > summary").all():
        fold.click()
    assert page.locator("details.fold[open] .fig-plot").count() > 2
    assert overflow(page) == 0
    visitor.assert_nothing_went_wrong()


def test_axe_finds_nothing_in_groups_and_beside_own_answers(server, visiting):
    page = visiting(server.base).page
    page.goto("/s/leaving")
    page.context.add_cookies([
        {"name": name, "value": value, "url": server.base} for name, value in respond(server, "leaving", sent(3)).cookies.items()
    ])  # fmt: skip
    page.goto("/results/leaving")
    assert page.locator(".fig-you").count() == 1
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    for width, scheme in ((360, "light"), (1280, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        found = [(one["id"], [node["html"] for node in one["nodes"]][:2]) for one in Axe().run(page).response["violations"]]
        assert (found, overflow(page)) == ([], 0)


async def test_of_groups_the_page_says_which_differs_where_that_is_clear(tmp_path: Path) -> None:
    async with service(tmp_path, ENGLISH) as app, Respondent(app) as visitor:
        await app.storage.insert_many("leaving", complete_rows(instrument(ENGLISH), range(60), apart))
        page = (await visitor.get("/results/leaving")).text
        assert "“Left”: <b>100%</b> “Somewhat” or “Largely”, more than the others (<b>0%</b>)." in page
        assert "No clear difference between the groups." not in page


def apart(n: int) -> dict[str, object]:
    return gave(n) | {"status": ("practising", "left")[n % 2], "own": 4 if n % 2 else 1}
