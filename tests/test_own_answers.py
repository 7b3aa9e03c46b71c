"""One's own answers beside those of others: only after submitting, only for an hour, only where others may be shown."""

from __future__ import annotations

from pathlib import Path

import httpx

from app.survey.source.reading import read_survey
from tests.support.respondent import Respondent, service

SURVEY = """
title: Leaving
results: {show_to: respondents, floor: 3, release_every: 3, beside: [own, seen]}
sections:
  views:
    items:
      own: {type: rating, ask: Is it failure or growth?, scale: {1: Failure, 2: Neither, 3: Growth}}
      seen: {type: matrix, ask: How seen?, scale: {1: Badly, 2: Well}, statements: {peers: By peers, boss: By seniors}}
      debt: {type: rating, ask: How deep in debt are you?, scale: {1: Not, 2: Deeply}}
"""
ANSWERS = {"own": "3", "seen.peers": "1", "seen.boss": "2", "debt": "2"}


async def submitted(browser: Respondent) -> httpx.Response:
    address = await browser.begin()
    return await browser.fill(address, **ANSWERS)


async def test_own_answers_stand_beside_those_of_others_for_an_hour(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        for _ in range(9):
            async with Respondent(app) as other:
                assert (await submitted(other)).status_code == 303
        assert (await submitted(browser)).headers["location"] == "/s/leaving/done"
        assert "Compare your answers with those of others" in (await browser.get("/s/leaving/done")).text
        page = (await browser.get("/results/leaving")).text
        assert "You said “Growth”, as <b>100%</b> did" in page
        assert page.count("Your answer:") == 1 and "By peers" in page and '<b dir="auto">Badly</b>' in page
        assert "Deeply" not in page.partition("What everyone said")[0]  # the survey does not name that item
        assert page.count('class="fig-you"') == 1
        browser.cookies.delete("opinion-receipt_leaving")  # as the browser does after an hour
        page = (await browser.get("/results/leaving")).text
        assert "Is it failure or growth?" in page and "You said" not in page and "Your answer" not in page


async def test_own_answers_can_be_hidden_and_shown_again(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        for _ in range(3):
            async with Respondent(app) as other:
                await submitted(other)
        await submitted(browser)
        assert "Hide them" in (await browser.get("/results/leaving")).text
        hidden = (await browser.get("/results/leaving?own=hide")).text
        assert "You said" not in hidden and "Your answer" not in hidden and "Show my answers" in hidden


async def test_own_answers_alone_are_not_shown_before_others_may_be(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        await submitted(browser)
        page = (await browser.get("/results/leaving")).text
        assert "There are no figures yet" in page and "You said" not in page and "Your answer" not in page


def test_only_items_that_there_are_and_results_that_are_shown() -> None:
    unknown = SURVEY.replace("beside: [own, seen]", "beside: [owm]")
    hidden = SURVEY.replace("show_to: respondents", "show_to: nobody")
    for source, remedy in ((unknown, 'Did you mean "own"?'), (hidden, "Write `show_to: respondents`")):
        _, (fault,) = read_survey(source.encode(), "x")
        assert fault.line == 3 and remedy in fault.remedy


async def test_items_may_be_called_what_python_calls_its_own(tmp_path: Path) -> None:
    """`values`, `items` and `keys` are ids as any other: nothing of them is taken for what a dict can do."""
    text = SURVEY.replace(", beside: [own, seen]", "").replace("views:", "keys:").replace("own:", "values:")
    answers = ANSWERS | {"values": "3", "items": "2"}

    async with service(tmp_path, text.replace("debt:", "items:")) as app:
        for _ in range(6):
            async with Respondent(app) as browser:
                await browser.fill(await browser.begin(), **answers)
                page = await browser.get("/results/leaving")
        assert page.status_code == 200 and "Is it failure or growth?" in page.text
