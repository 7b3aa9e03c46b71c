"""axe looks at every page in every state, on a phone and on a wide screen, and finds nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.support.browsing import answer, fill, overflow, path_of, press
from tests.support.respondent import respond
from tests.support.server import Server

SURVEY = """
title: Leaving
description: How it is seen.
about: {institution: The Institute, contact: "[Call us](https://survey.test)", support: Somebody to talk to.}
consent: |
  Taking part is **voluntary**.

  - One
  - Two
thanks: "[Support](https://example.org) is at hand."
results: {show_to: respondents}
scales:
  amount: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely, 5: Completely}
sections:
  now:
    title: Where you are now
    items:
      meaning: {type: note, text: "*Leaving* means to stop caring for patients."}
      status: {type: single_choice, ask: Where are you?, hint: Choose one., required: true, options: {practising: In practice, left: Left, other: {label: Other, please_say: true}}}
      years: {type: number, ask: How many years?, range: [0, 70], unit: years, decline: true}
      one: {type: text, ask: One line?, max_length: 20}
  seen:
    title: How it is seen
    items:
      reasons: {type: multiple_choice, ask: Why?, decline: true, options: {burnout: Burnout, visa: Visa, other: {label: Other, please_say: true}, none_of: {label: None, exclusive: true}}}
      look: {type: matrix, ask: How are they seen?, scale: amount, decline: true, statements: {failed: has failed, grew: has grown}}
      bare: {type: matrix, ask: And by you?, scale: {1: Poor, 2: null, 3: Sound}, statements: {failed: has failed, grew: has grown}}
      sound: {type: rating, ask: Poor or sound?, scale: amount}
      points: {type: rating, ask: From nought to ten?, scale: {0: Low, 1: null, 2: null, 3: null, 4: null, 5: null, 6: null, 7: null, 8: null, 9: null, 10: High}}
      words: {type: text, ask: In your words?, lines: 3}
"""
ANSWERS = {"status": "other", "status.other": "Elsewhere", "years": "12", "one": "Relief"}
MORE = {"reasons": ["burnout", "other"], "reasons.other": "Rotas", "look.failed": 2, "look.grew": 4, "bare.failed": 1, "bare.grew": 3, "sound": 5, "points": 10, "words": "Relief."}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("axe")
    (folder / "surveys").mkdir()
    for name, dates in (("leaving", ""), ("over", "closes: 2020-01-01"), ("early", "opens: 2999-01-01")):
        (folder / "surveys" / f"{name}.yaml").write_text(dates + SURVEY)
    (folder / "surveys" / "broken.yaml").write_text("title: [")
    with Server(folder) as running:
        for place in range(15):
            each = {name: value for name, value in (ANSWERS | MORE).items() if place % 5 or name == "status"}
            respond(running, "leaving", each | {"status": ["left", "practising", "other"][place % 3]})
        yield running


def nothing_is_found(page) -> None:
    for width, scheme in ((360, "light"), (1280, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(page).response["violations"]
        told = [(one["id"], one["help"], [node["html"] for node in one["nodes"]][:3]) for one in found]
        assert told == [], f"{page.url} at {width} px, {scheme}"
        assert overflow(page) == 0, f"{page.url} at {width} px"


def test_axe_finds_nothing_from_the_way_in_to_the_receipt(server, visiting):
    page = visiting(server.base).page
    page.goto("/")
    nothing_is_found(page)
    page.goto("/s/leaving")
    nothing_is_found(page)
    press(page)
    nothing_is_found(page)
    fill(page, {"years": "ninety", "status": "other", "one": "much too long for twenty characters"})
    press(page)
    assert page.title().startswith("Error:")
    nothing_is_found(page)
    fill(page, ANSWERS)
    press(page)
    nothing_is_found(page)
    answer(page, {"look.failed": 2})
    assert page.locator(".gentle").count() == 1
    nothing_is_found(page)
    fill(page, MORE)
    nothing_is_found(page)
    page.goto("/s/leaving")
    nothing_is_found(page)
    page.goto("/s/leaving/stop-here")
    nothing_is_found(page)
    page.click("text=Continue where you left off")
    fill(page, MORE)
    press(page)
    if path_of(page) != "/s/leaving/submit":
        press(page)
    nothing_is_found(page)
    press(page)
    assert path_of(page) == "/s/leaving/done"
    nothing_is_found(page)
    page.goto("/s/leaving")
    nothing_is_found(page)
    page.goto("/results/leaving")
    assert page.locator("figure").count() > 5
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    nothing_is_found(page)


def test_axe_finds_nothing_beside_the_way(server, visiting):
    page = visiting(server.base).page
    for address, status in (("/s/over", 200), ("/s/early", 200), ("/withdraw", 200), ("/nothing", 404), ("/results/leaving", 403)):
        assert page.goto(address).status == status
        nothing_is_found(page)
    page.goto("/withdraw")
    page.fill("#receipt", "ABCD")
    assert press(page).status == 422
    nothing_is_found(page)
    gone = respond(server, "leaving", ANSWERS | MORE)
    receipt = gone.get("/s/leaving/done").text.split('id="receipt">')[1].split("<")[0]
    page.fill("#receipt", receipt)
    assert press(page).status == 200
    nothing_is_found(page)


def test_axe_finds_nothing_on_the_pages_of_research(server, visiting):
    page = visiting(server.base).page
    page.goto("/sign-in")
    nothing_is_found(page)
    page.fill("#email", "nobody@example.org")
    page.fill("#password", "nothing")
    assert press(page).status == 422
    nothing_is_found(page)
    page.goto("/sign-in/over")
    nothing_is_found(page)
    page.goto(server.address("Sign in"))
    nothing_is_found(page)
    press(page)
    nothing_is_found(page)
    page.fill("#new", "short")
    page.fill("#again", "short")
    page.click("text=Set password")
    page.locator("#fault").wait_for()
    nothing_is_found(page)
    page.goto("/research")
    nothing_is_found(page)
    for query, status in (("", 200), ("?where=answered(years)", 200), ('?where=status+%3D%3D+"lfet"', 422), ("?where=years+>+69", 200)):
        assert page.goto(f"/research/leaving{query}").status == status
        page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        assert page.locator("figure").count() > 5
        nothing_is_found(page)
