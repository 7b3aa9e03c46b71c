"""A researcher in a real browser asks how those who left differ from those who practise, and whether it is significant."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.browsing import overflow
from tests.support.research import researcher
from tests.support.respondent import respond
from tests.support.server import Server, offered

SURVEY = """
title: Leaving
scales:
  growth: {1: Only failure, 2: More failure, 3: Neither, 4: More growth, 5: Only growth}
sections:
  now:
    title: Where you are now
    items:
      status: {type: single_choice, ask: Where are you?, required: true, options: {practising: In practice, left: Left, back: Came back, trainee: In training}}
      years: {type: number, ask: How many years?, range: [0, 70], show_if: status == "left"}
  seen:
    title: How you see it
    items:
      own: {type: rating, ask: Do you see failure or growth?, scale: growth}
      why: {type: multiple_choice, ask: Why?, options: {burnout: Burnout, visa: Visa, pay: Pay}}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """50 responses; of those who left most see growth, of those who practise few do."""
    folder = tmp_path_factory.mktemp("journeys")
    with Server(offered(folder, leaving=SURVEY)) as server:
        for n in range(50):
            status = ("practising", "left", "practising", "left", "back")[n % 5]
            grew = n % 7 < (5 if status == "left" else 1)
            respond(server, "leaving", {"status": status, "years": str(n) if status == "left" else None, "own": "5" if grew else "2", "why": ["burnout", "pay"] if n % 2 else ["visa"]})
        client = researcher(server)
        server.cookies = [{"name": each.name, "value": each.value, "url": server.base} for each in client.cookies.jar]
        yield server
        client.close()


def signed_in(visiting, served, **more):
    """A page of the same researcher: a sign-in link works once."""
    visitor = visiting(served.base, **more)
    visitor.context.add_cookies(served.cookies)
    return visitor.page


def test_the_question_is_answered_in_three_clicks_from_the_dashboard(served, visiting):
    page = signed_in(visiting, served)
    page.goto("/research/leaving")
    page.locator("#item-status").get_by_role("link", name="Compare").click()  # 1: Where are you? Compare
    page.get_by_text("Choose groups").click()  # 2
    page.get_by_role("link", name="Left with In practice").click()  # 3
    expect(page.locator("#compared-h")).to_have_text("“Left” compared with “In practice”")
    # How do they differ?
    said = "70% of “Left” lean towards “growth”, 50 percentage points more than “In practice” [+19 to +70]."
    assert page.locator("#item-own .says").inner_text() == said
    # Is it significant?
    assert "1 of 4 differences is clear; the largest first" in page.locator("#compared").inner_text()
    assert page.locator(".tops .diff.clear").inner_text().split() == ["+50", "[+19", "to", "+70]"]
    assert page.url.endswith("/research/leaving/compare?only=status%3Apractising%2Cleft&by=status")


def test_a_filter_is_chosen_by_clicking_and_without_the_script_too(served, visiting):
    for script in (True, False):
        page = signed_in(visiting, served, java_script_enabled=script)
        page.goto("/research/leaving")
        page.get_by_text("+ Filter").click()
        page.locator("#filter-questions").get_by_role("button", name="Where are you?").click()
        page.get_by_role("checkbox", name="Left").check()
        button = page.locator(".values button.main")
        assert button.inner_text() == ("Show 20" if script else "Show")
        button.click()
        expect(page.locator("#shown")).to_contain_text("20 of 50")
        assert page.url.endswith("?only=status%3Aleft")
        assert "20" in page.locator("#item-own").inner_text()
        page.get_by_role("link", name="Where are you?: Left: remove this filter").click()
        expect(page.locator("#shown")).to_contain_text("50 responses")


def test_the_second_skip_link_leads_to_the_filters_on_every_page_with_a_bar(served, visiting):
    page = signed_in(visiting, served)
    for address in ("", "/compare?by=status", "/crosstab?rows=own&columns=status"):
        page.goto(f"/research/leaving{address}")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.innerText") == "Skip to the filters and groups"
        assert page.locator(".skip:focus").bounding_box()["y"] > 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#controls') !== null"), address


def test_with_two_filters_the_bar_is_one_line_at_1280_pixels(served, visiting):
    page = signed_in(visiting, served, viewport={"width": 1280, "height": 800})
    page.goto("/research/leaving/compare?by=status&only=status:practising,left,back&only=why:burnout,visa&quality=careful&base=partial")
    assert page.locator(".chip").count() == 2
    assert page.locator("#controls").bounding_box()["height"] < 75 and overflow(page) == 0
    page.locator(".one-of summary", has_text="With partial").click()
    page.get_by_role("link", name="Complete 5").click()
    expect(page.locator(".one-of").first.locator("summary")).to_have_text("Complete")


def test_two_questions_are_crossed_by_choosing_them(served, visiting):
    page = signed_in(visiting, served)
    page.goto("/research/leaving")
    page.locator("#item-own").get_by_role("link", name="Cross").click()
    page.locator(".by-menu summary", has_text="Choose a question").click()
    find = page.locator(".by-menu[open] input[type=search]")
    find.fill("where")
    find.press("Enter")
    expect(page.locator("#crossed-h")).to_have_text("70% of “Left” say “More growth” or “Only growth”; of “In practice”, 20%")
    page.get_by_role("link", name="Rows", exact=True).click()
    assert "Per cent of each row" in page.locator("#crosstab").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Table as CSV").click()
    assert download.value.suggested_filename == "leaving-own-by-status.csv"


def test_comparisons_and_crosstabs_move_while_one_looks_and_stay_open(served, visiting):
    page = signed_in(visiting, served)
    tables = page.context.new_page()
    page.goto("/research/leaving/compare?by=status")
    tables.goto("/research/leaving/crosstab?rows=own&columns=status")
    page.locator("#live-state.on").wait_for()
    page.locator("#item-own .more summary", has_text="Table").click()
    before = int(page.locator("#shown b").inner_text())
    respond(served, "leaving", {"status": "trainee", "own": "3"})
    expect(page.locator("#shown b")).to_have_text(str(before + 1), timeout=10_000)
    expect(page.locator("#compared")).to_contain_text("In training 1")
    assert page.locator("#item-own .more[open]").count() == 1
    tables.bring_to_front()
    expect(tables.locator("#crosstab")).to_contain_text(f"{before + 1} of {before + 1} answered both", timeout=10_000)


PAGES = ("/compare", "/compare?by=status", "/compare?only=status:practising,left&by=status", "/crosstab", "/crosstab?rows=own&columns=status", "/crosstab?rows=why&columns=status", "/crosstab?rows=years&columns=own", "/compare?by=status&where=yaers+>+3")  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing_and_nothing_overflows(served, visiting, address):
    visitor = visiting(served.base)
    visitor.context.add_cookies(served.cookies)
    page = visitor.page
    page.goto(f"/research/leaving{address}")
    page.evaluate("document.querySelectorAll('main details:not(.menu)').forEach(each => { each.open = true; })")
    for width, scheme in ((320, "light"), (320, "dark"), (1280, "light"), (1280, "dark"), (1600, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert [one["id"] for one in Axe().run(page).response["violations"]] == [], (width, scheme)
        assert overflow(page) == 0, width
    page.evaluate("document.querySelector('.filter-menu').open = true")
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    visitor.complaints = [words for words in visitor.complaints if "422" not in words]
