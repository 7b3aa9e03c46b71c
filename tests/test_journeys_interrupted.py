"""What happens to a respondent between two pages: going back, two tabs, a lost reply, a dead server, a shut browser."""

from __future__ import annotations

import re
import shutil
import time

import pytest

from tests.support.browsing import Visitor, answer, control, fill, path_of, press, rows
from tests.support.chromium import ARGUMENTS
from tests.support.server import Server

SURVEY = """
title: Leaving
sections:
  now:
    title: Now
    items:
      status: {type: single_choice, ask: Where are you now?, required: true, options: {practising: In practice, left: Left}}
  why:
    title: Why
    show_if: status == "left"
    items:
      reasons: {type: text, ask: Why?}
  last:
    title: Last
    items:
      words: {type: text, ask: What else?, lines: 3}
"""
OTHER = """
title: Another
sections:
  one: {items: {what: {type: text, ask: What?}}}
  two: {items: {more: {type: text, ask: What more?}}}
"""
WAYS = {"with the script": True, "without the script": False}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    (tmp_path / "surveys" / "another.yaml").write_text(OTHER)
    return tmp_path


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("interrupted")
    (folder / "surveys").mkdir()
    (folder / "surveys" / "leaving.yaml").write_text(SURVEY)
    (folder / "surveys" / "another.yaml").write_text(OTHER)
    with Server(folder) as running:
        running.address()
        yield running


def to_the_end(page, **answers: str) -> None:
    answer(page, answers)
    answer(page, {"words": "relief"})
    assert path_of(page) == "/s/leaving/submit"


# --- back and forth --------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", WAYS.values(), ids=WAYS)
def test_back_shows_what_was_sent_and_leads_on_again(server, visiting, script):
    visitor = visiting(server.base, java_script_enabled=script)
    page = visitor.begin("leaving")
    answer(page, {"status": "left"})
    answer(page, {"reasons": "the rota"})
    page.go_back()
    assert path_of(page) == "/s/leaving/why" and page.input_value("[name=reasons]") == "the rota"
    page.click("a.back")
    assert path_of(page) == "/s/leaving/now" and control(page, "status", "left").is_checked()
    answer(page, {"status": "practising"})
    assert path_of(page) == "/s/leaving/last"
    page.go_back()
    answer(page, {"status": "left"})
    assert page.input_value("[name=reasons]") == "the rota"  # what fell off the path comes back with it
    page.reload()
    assert path_of(page) == "/s/leaving/why" and page.input_value("[name=reasons]") == "the rota"


@pytest.mark.parametrize("script", WAYS.values(), ids=WAYS)
def test_after_submission_back_leads_to_the_receipt_and_changes_nothing(server, visiting, script):
    visitor = visiting(server.base, java_script_enabled=script)
    page = visitor.begin("leaving")
    to_the_end(page, status="practising")
    press(page)
    receipt = page.locator("#receipt").inner_text()
    for _ in range(3):
        page.go_back()
        assert path_of(page) == "/s/leaving/done" and page.locator("#receipt").inner_text() == receipt
    page.goto("/s/leaving")
    assert "You have answered this survey on this device" in page.locator("main").inner_text()
    assert visitor.kept(server, "leaving") == ("complete", {"status": "practising", "words": "relief"})


def test_a_page_with_errors_can_be_loaded_again(server, visiting):
    page = visiting(server.base).begin("leaving")
    press(page)
    assert page.title().startswith("Error:")
    page.reload()
    assert path_of(page) == "/s/leaving/now"
    answer(page, {"status": "practising"})
    assert path_of(page) == "/s/leaving/last"


# --- twice -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", WAYS.values(), ids=WAYS)
def test_a_double_click_counts_once_on_every_button(server, visiting, script):
    visitor = visiting(server.base, java_script_enabled=script)
    ((before,),) = rows(server, "SELECT count(*) FROM response")
    page = visitor.page
    page.goto("/s/leaving")
    twice(page, "/s/leaving/now")
    fill(page, {"status": "left"})
    twice(page, "/s/leaving/why")
    fill(page, {"reasons": "the rota"})
    twice(page, "/s/leaving/last")
    fill(page, {"words": "relief"})
    twice(page, "/s/leaving/submit")
    twice(page, "/s/leaving/done")
    assert visitor.kept(server, "leaving") == ("complete", {"status": "left", "reasons": "the rota", "words": "relief"})
    assert rows(server, "SELECT count(*) FROM response") == [(before + 1,)]


def twice(page, then: str) -> None:
    """Both clicks within one turn of the browser, so that the second cannot fall on the next page."""
    page.evaluate("() => { const b = [...document.querySelectorAll('main form button')].pop(); b.click(); b.click(); }")
    page.wait_for_url(f"**{then}")


def test_two_tabs_of_one_response(server, visiting):
    visitor = visiting(server.base)
    one = visitor.begin("leaving")
    two = visitor.context.new_page()
    two.goto("/s/leaving")
    two.click("text=Continue where you left off")
    answer(one, {"status": "left"})
    answer(two, {"status": "practising"})
    assert path_of(two) == "/s/leaving/last"
    answer(one, {"reasons": "the rota"})  # a page that the other tab has taken off the path
    assert path_of(one) == "/s/leaving/last"
    answer(two, {"words": "from two"})
    press(two)
    answer(one, {"words": "from one"})  # too late
    assert path_of(one) == "/s/leaving/done"
    assert visitor.kept(server, "leaving") == ("complete", {"status": "practising", "words": "from two"})


def test_two_tabs_that_both_press_begin_go_on_with_one_response(server, visiting):
    visitor = visiting(server.base)
    ((before,),) = rows(server, "SELECT count(*) FROM response")
    one, two = visitor.page, visitor.context.new_page()
    one.goto("/s/leaving")
    two.goto("/s/leaving")
    press(one)
    answer(one, {"status": "left"})
    press(two)
    assert path_of(two) == "/s/leaving/why"
    answer(two, {"reasons": "the rota"})
    answer(one, {"reasons": "the rota"})
    assert path_of(one) == "/s/leaving/last"
    assert rows(server, "SELECT count(*) FROM response") == [(before + 1,)]


def test_on_a_ward_computer_the_next_person_answers_after_the_first_submitted(server, visiting):
    visitor = visiting(server.base)
    to_the_end(visitor.begin("leaving"), status="practising")
    press(visitor.page)
    first = visitor.kept(server, "leaving")
    visitor.page.goto("/s/leaving")
    visitor.page.click("text=Someone else on this device")
    press(visitor.page)
    to_the_end(visitor.page, status="practising")
    press(visitor.page)
    assert visitor.kept(server, "leaving") == first  # the same answers, of another response
    assert visitor.page.locator("#receipt").count() == 1


def test_another_person_on_the_device_begins_anew_and_sees_nothing_of_the_first(server, visiting):
    visitor = visiting(server.base)
    page = visitor.begin("leaving")
    answer(page, {"status": "left"})
    answer(page, {"reasons": "nobody else must read this"})
    first = visitor.kept(server, "leaving")
    page.goto("/s/leaving")
    with page.expect_navigation():
        page.click("text=Begin again")
    assert path_of(page) == "/s/leaving/now" and page.locator(":checked").count() == 0
    answer(page, {"status": "left"})
    assert page.input_value("[name=reasons]") == ""
    assert visitor.kept(server, "leaving") != first


def test_two_surveys_in_one_browser(server, visiting):
    visitor = visiting(server.base)
    one, two = visitor.begin("leaving"), visitor.context.new_page()
    two.goto("/s/another")
    press(two)
    answer(one, {"status": "practising"})
    answer(two, {"what": "this"})
    answer(one, {"words": "relief"})
    answer(two, {"more": "that"})
    press(one)
    press(two)
    assert visitor.kept(server, "leaving") == ("complete", {"status": "practising", "words": "relief"})
    assert visitor.kept(server, "another") == ("complete", {"what": "this", "more": "that"})


# --- cut off ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("lost", ["/s/leaving", "/s/leaving/now", "/s/leaving/last", "/s/leaving/submit"])
def test_a_reply_that_is_lost_is_asked_for_again(server, visiting, script, lost):
    """The server has kept the page, but the browser never hears of it; the respondent goes back and sends again."""
    visitor = visiting(server.base, java_script_enabled=script)
    ((before,),) = rows(server, "SELECT count(*) FROM response")
    losing = [lost]

    def lose(route):
        if route.request.method == "POST" and path_of(route.request) in losing:
            losing.clear()
            assert route.fetch(max_redirects=0).status == 303
            route.abort("connectionreset")
        else:
            route.continue_()

    page = visitor.page
    page.route("**/*", lose)
    page.goto("/s/leaving")
    for answers in ({}, {"status": "practising"}, {"words": "relief"}, {}):
        here = path_of(page)
        fill(page, answers)
        losing_this = bool(losing) and losing[0] == here
        page.locator("main form button").last.click()
        page.wait_for_url(lambda url, here=here: not url.endswith(here))
        if losing_this:
            assert page.url.startswith("chrome-error:")
            page.goto(here)
            if path_of(page) != "/s/leaving/done":
                press(page)
    assert path_of(page) == "/s/leaving/done" and not losing
    assert visitor.kept(server, "leaving") == ("complete", {"status": "practising", "words": "relief"})
    ((after,),) = rows(server, "SELECT count(*) FROM response")
    assert after == before + 1 + (lost == "/s/leaving")  # a beginning nobody heard of stays an empty response


def test_closing_the_browser_and_coming_back(server, browser, tmp_path):
    def open_again():
        return browser.browser_type.launch_persistent_context(
            tmp_path / "profile", executable_path=shutil.which("chromium"), args=ARGUMENTS, base_url=server.base
        )

    with open_again() as context:
        page = context.pages[0]
        page.goto("/s/leaving")
        press(page)
        answer(page, {"status": "left"})
        (cookie,) = context.cookies()
        assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and cookie["expires"] > time.time() + 50 * 86400
    with open_again() as context:
        page = context.pages[0]
        page.goto("/s/leaving")
        page.click("text=Continue where you left off")
        assert path_of(page) == "/s/leaving/why"
        page.click("a.back")
        assert control(page, "status", "left").is_checked()


def test_a_page_is_sent_after_the_server_was_killed_and_started_again(folder, browser):
    with Server(folder) as server:
        visitor = Visitor(browser, server.base)
        page = visitor.begin("leaving")
        answer(page, {"status": "left"})
        fill(page, {"reasons": "the rota"})
        port = re.search(r":(\d+)$", server.base)
        server.kill()
    page.locator("main form button").click()
    page.wait_for_url(lambda url: url.startswith("chrome-error:"), wait_until="commit")
    assert port
    with Server(folder, "--port", port[1]) as server:
        server.address()
        page.goto("/s/leaving")
        page.click("text=Continue where you left off")
        answer(page, {"reasons": "the rota"})
        fill(page, {"words": "relief"})
        server.kill()
    with Server(folder, "--port", port[1]) as server:
        server.address()
        press(page)  # the page was open all the while
        press(page)
        assert visitor.kept(server, "leaving") == ("complete", {"status": "left", "reasons": "the rota", "words": "relief"})
    visitor.context.close()


# --- while the survey changes -----------------------------------------------------------------------------


def eventually(page, address: str, true) -> None:
    """Opens an address again and again until what it shows is as wanted."""
    for _ in range(150):
        page.context.clear_cookies()
        answered = page.goto(address)
        if true(answered.status, page.locator("body").inner_text()):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{address} stays at {answered.status}: {page.locator('body').inner_text()}")


def test_a_survey_changes_breaks_and_goes_away_while_someone_answers(folder, visiting):
    file = folder / "surveys" / "leaving.yaml"
    with Server(folder) as server:
        visitor, other = visiting(server.base), visiting(server.base).page
        page = visitor.begin("leaving")
        time.sleep(0.5)  # until the watching has begun
        file.write_text(SURVEY.replace("title: Leaving", "title: Moving on").replace("are you now?", "are you today?"))
        eventually(other, "/s/leaving", lambda status, text: "Moving on" in text)
        press(other)
        assert "Where are you today?" in other.locator("main").inner_text()
        page.reload()
        assert "Where are you now?" in page.locator("main").inner_text()
        answer(page, {"status": "left"})
        file.write_text("title: [")
        (folder / "surveys" / "another.yaml").write_text(OTHER.replace("title: Another", "title: Taken up after it"))
        eventually(other, "/", lambda status, text: "Taken up after it" in text and "Moving on" in text)
        answer(page, {"reasons": "the rota"})
        file.rename(folder / "surveys" / "renamed.yaml")
        (folder / "surveys" / "renamed.yaml").write_text(SURVEY)
        eventually(other, "/s/leaving", lambda status, text: status == 404)
        eventually(other, "/s/renamed", lambda status, text: status == 200)
        answer(page, {"words": "relief"})
        press(page)
        assert path_of(page) == "/s/leaving/done" and page.locator("#receipt").count() == 1
        assert visitor.kept(server, "leaving")[0] == "complete"
