"""Public figures before a real server: nothing below the floor, batches, restarts, and who may see them."""

from __future__ import annotations

import asyncio
import html
import re

import pytest

from tests.support.respondent import Respondent, respond, service
from tests.support.server import Server

SURVEY = """
title: Leaving
results: {show_to: respondents, floor: 10, release_every: 10}
sections:
  now:
    items:
      status: {type: single_choice, ask: Where are you?, options: {practising: In practice, left: Left}}
  last:
    items:
      words: {type: text, ask: What else?}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    (tmp_path / "surveys" / "open.yaml").write_text(
        SURVEY.replace("show_to: respondents", "show_to: everyone")
    )
    (tmp_path / "surveys" / "closed.yaml").write_text(
        SURVEY.replace("show_to: respondents", "show_to: nobody")
    )
    return tmp_path


def results(client, survey: str) -> str:
    """What the page says, without its markup."""
    answered = client.get(f"/results/{survey}")
    assert answered.status_code == 200, answered.text
    main = answered.text.split("<main")[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


@pytest.mark.parametrize("survey", ["leaving", "open"])
def test_public_figures_move_in_batches_only(folder, survey):
    with Server(folder) as server:
        for number in range(9):
            last = respond(server, survey, {"status": "left" if number % 2 else "practising"})
        assert "There are no figures yet" in results(last, survey) and "%" not in results(last, survey)
        respond(
            server, survey, {"status": "left"}, submit=False
        )  # not submitted, or begun only: it does not count
        server.client().post(f"/s/{survey}", data={"token": "forged"})
        assert "There are no figures yet" in results(last, survey)
        respond(server, survey, {"status": "left"})
        first = results(last, survey)
        assert "10 answered" in first
        for _ in range(9):
            respond(server, survey, {"status": "left"})
            assert results(last, survey) == first
        server.kill()
    with Server(folder) as server, server.client(cookies=dict(last.cookies)) as again:
        assert results(again, survey) == first
        respond(server, survey, {"status": "left"})
        assert results(again, survey) != first


def test_figures_for_respondents_open_with_the_cookie_of_a_submitted_response_only(folder):
    with Server(folder) as server:
        name = "opinion_leaving"
        submitted = respond(server, "leaving", {"status": "left"}).cookies[name]
        begun = respond(server, "leaving", {"status": "left"}, submit=False).cookies[name]
        elsewhere = respond(server, "open", {"status": "left"}).cookies["opinion_open"]
        forged = submitted[:-2] + ("AA" if submitted[-2:] != "AA" else "BB")
        for cookie, status in (
            (submitted, 200),
            ("", 403),
            (begun, 403),
            (elsewhere, 403),
            (forged, 403),
            ("é" * 99, 403),
        ):
            answered = server.client().get(
                "/results/leaving", headers={"cookie": f"{name}={cookie}".encode()}
            )
            assert answered.status_code == status, cookie
            assert ("There are no figures yet" in answered.text) == (status == 200)
        assert server.client().get("/results/open").status_code == 200
        for survey in ("closed", "nothing", "..%2Fopen"):
            assert server.client().get(f"/results/{survey}").status_code == 404


def test_one_who_withdrew_sees_no_figures(folder):
    with Server(folder) as server:
        for number in range(10):
            last = respond(server, "leaving", {"status": "left" if number else "practising"})
        assert "10 answered" in results(last, "leaving")
        receipt = re.search(r'id="receipt">([^<]+)<', last.get("/s/leaving/done").text)
        assert receipt and "are withdrawn" in last.post("/withdraw", data={"receipt": receipt[1]}).text
        assert last.get("/results/leaving").status_code == 403


async def test_two_who_ask_at_once_both_see_a_release_that_takes_its_time(tmp_path):
    """Also when it is the figures' own loop that has begun to move them on."""

    async with service(tmp_path, SURVEY) as app, Respondent(app) as last:
        for _ in range(10):
            last.cookies.clear()
            address = await last.begin()
            await last.fill(address, status="left")
            await last.fill("/s/leaving/last", words="x")
            await last.fill("/s/leaving/submit")
        at_once = app.storage.releases.add

        async def slowly(*release):
            await asyncio.sleep(0.3)
            return await at_once(*release)

        app.storage.releases.add = slowly
        seen = await asyncio.gather(*(last.get("/results/leaving") for _ in range(2)))
        assert all("10 answered" in page.text for page in seen)


async def test_one_who_asks_while_what_is_new_is_being_taken_in_sees_it(tmp_path):
    """The figures' own loop has begun to take it in; the figures before it have been considered already."""

    everyone = SURVEY.replace("show_to: respondents", "show_to: everyone")
    async with service(tmp_path, everyone) as app, Respondent(app) as last:
        for _ in range(10):
            last.cookies.clear()
            address = await last.begin()
            await last.fill(address, status="left")
            await last.fill("/s/leaving/last", words="x")
            before = await last.get("/results/leaving")
            at_once, began = app.storage.changes, asyncio.Event()
            app.storage.changes = slowly(at_once, began)
            await last.fill("/s/leaving/submit")
            await began.wait()
            after = await last.get("/results/leaving")
            app.storage.changes = at_once
        assert "There are no figures yet" in before.text
        assert "10 answered" in after.text


def slowly(at_once, began: asyncio.Event):
    async def changes(*asked):
        found = await at_once(*asked)
        began.set()
        await asyncio.sleep(0.3)
        return found

    return changes


KINDS = """
title: Leaving
languages: [en, de]
results: {show_to: everyone, floor: 10, release_every: 24}
scales:
  amount: {1: None, 2: Little, 3: Some, 4: Much}
scores:
  mood: {label: Mood, mean: [sure, calm]}
sections:
  all:
    items:
      sure: {type: rating, ask: How sure are you?, scale: amount}
      calm: {type: rating, ask: How calm are you?, scale: amount}
      weigh: {type: ranking, ask: What weighs most?, top: 2, options: {pay: Pay, visa: Visa, peers: Peers}}
      time: {type: constant_sum, ask: How is your time spent?, options: {clinic: Clinic, paper: Paper}}
"""
GERMAN = """
title: Gehen
scales: {amount: {1: Keine, 2: Wenig, 3: Etwas, 4: Viel}}
scores: {mood: {label: Stimmung}}
sections:
  all:
    items:
      sure: {ask: Wie sicher sind Sie?}
      calm: {ask: Wie ruhig sind Sie?}
      weigh: {ask: Was wiegt am meisten?, options: {pay: Lohn, visa: Visum, peers: Kollegen}}
      time: {ask: Womit verbringen Sie Ihre Zeit?, options: {clinic: Klinik, paper: Papier}}
"""


def test_public_figures_are_told_in_each_language_and_only_as_far_as_they_may(tmp_path):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(KINDS)
    (tmp_path / "surveys" / "leaving.de.yaml").write_text(GERMAN)
    with Server(tmp_path) as server:
        for n in range(24):
            answers = {
                "sure": "1" if n < 4 else "2" if n < 12 else "4",
                "calm": str(1 + n % 2),
                "weigh.pay": "1" if n < 12 else "2",
            }
            answers |= {"weigh.visa": "2" if n < 12 else "1", "time.clinic": "75", "time.paper": "25"}
            last = respond(server, "leaving", answers)
        english = results(last, "leaving?language=en")
        german = results(last, "leaving?language=de")
    assert "24 answered" in english
    assert "None 17% Little 33% Some 0% Much 50%" in english
    assert "Keine 17 % Wenig 33 % Etwas 0 % Viel 50 %" in german
    assert "Peers" in english and "Kollegen" in german
    assert "Klinik 75 % Papier 25 %" in german
    assert "Calculated from answers that are shown: Mood" in english and "Aus gezeigten Antworten berechnet: Stimmung" in german
    assert "Cronbach" not in english
