"""A researcher who sees an overview for the first time, in a real browser: findings, menus, contents, live figures."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.browsing import overflow
from tests.support.research import researcher, sign_in
from tests.support.respondent import respond
from tests.support.server import ROOT, Server, offered

SURVEY = """
title: Leaving
results: {show_to: respondents, headline: [own, why]}
scales:
  growth: {1: Only failure, 2: More failure, 3: Neither, 4: More growth, 5: Only growth}
sections:
  now:
    title: Where you are now
    items:
      status: {type: single_choice, ask: Where are you?, required: true, options: {practising: In practice, left: Left}}
      words: {type: text, ask: In your words?, lines: 3}
  seen:
    title: How you see it
    items:
      own: {type: rating, ask: Do you see failure or growth?, scale: growth}
      why: {type: multiple_choice, ask: Why?, options: {burnout: Burnout, visa: Visa, pay: Pay}}
  few:
    title: Those who left
    show_if: status == "left"
    items:
      relief: {type: rating, ask: How much relief?, scale: {1: None, 2: Some, 3: Much}}
"""
EMPTY = SURVEY.replace("title: Leaving", "title: Nobody yet", 1)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """30 responses: the 10 who left see growth, the 20 who practise failure. Nobody has answered the other survey."""
    with Server(offered(tmp_path_factory.mktemp("overview"), leaving=SURVEY, empty=EMPTY)) as server:
        for n in range(30):
            has_left = n % 3 == 0
            answers = {"status": "left" if has_left else "practising", "own": "5" if has_left else "2", "why": ["burnout"]}
            answers |= {"words": f"word {n}"} if n < 9 else {}  # fewer than are shown, so that a further one is always seen
            respond(server, "leaving", answers | ({"relief": "3"} if has_left else {}))
        client = researcher(server)
        server.cookies = [{"name": each.name, "value": each.value, "url": server.base} for each in client.cookies.jar]
        yield server
        client.close()


def signed_in(visiting, served, **more) -> Page:
    """A page of the same researcher: a sign-in link works once."""
    visitor = visiting(served.base, **more)
    visitor.context.add_cookies(served.cookies)
    return visitor.page


@pytest.mark.parametrize("script", [True, False])
def test_a_newcomer_reads_the_finding_and_the_difference_between_groups(served, visiting, script):
    page = signed_in(visiting, served, java_script_enabled=script, viewport={"width": 1280, "height": 800})
    page.goto("/research")
    page.get_by_role("link", name="Leaving").click()
    finding = page.locator("#finding-1 h3")
    assert finding.bounding_box()["y"] < 800 and "67%" in finding.inner_text()
    assert page.locator("#progress .big").first.inner_text().startswith("30")
    page.locator(".controls summary", has_text="Nothing").click()
    page.locator("#by-questions").get_by_role("button", name="Where are you?").click()
    expect(page).to_have_url(re.compile("by=status"))
    assert "100%" in page.locator("#item-own").inner_text()
    assert "of “Left” lean towards “growth”" in page.locator("main").inner_text()


def test_escape_and_a_click_elsewhere_close_a_menu(served, visiting):
    page = signed_in(visiting, served)
    page.goto("/research/leaving")
    menu, summary = page.locator("details.share"), page.locator("details.share > summary")
    summary.click()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    assert summary.evaluate("each => each === document.activeElement")
    summary.click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    summary.click()
    page.get_by_role("link", name="Copy the address").click()
    expect(menu.get_by_text("✓ copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{served.base}/research/leaving"


def test_the_contents_narrow_as_one_types_and_lead_into_folded_sections(served, visiting):
    page = signed_in(visiting, served, viewport={"width": 1280, "height": 800})
    page.goto("/research/leaving")
    assert not page.locator("#item-relief").is_visible() and page.locator("#brief-few").is_visible()
    page.fill("#find", "RELIEF much")
    assert page.locator(".toc a:visible").all_inner_texts() == ["3\nThose who left", "How much relief?"]
    assert page.locator("#found").inner_text() == "1 question found"
    page.locator(".toc").get_by_role("link", name="How much relief?").click()
    expect(page.locator("#item-relief")).to_be_in_viewport()
    expect(page).to_have_url(re.compile(r"\?open=few#item-relief$"))
    page.reload()
    expect(page.locator("#item-relief")).to_be_visible()


@pytest.mark.parametrize("focused", [True, False])
def test_new_responses_change_figures_and_move_nothing(served, visiting, focused):
    page = signed_in(visiting, served, viewport={"width": 1280, "height": 700})
    page.goto("/research/leaving")
    page.locator("#live-state.on").wait_for()
    before = int(page.locator("#progress .big").first.inner_text().split()[0])
    page.locator("#progress > .more > summary").click()
    page.evaluate("document.querySelectorAll('#item-words details').forEach(each => { each.open = true; })")
    page.locator("#item-why summary").last.click()
    above = page.locator("#item-words").bounding_box()["height"]
    page.locator("#item-why").evaluate("each => window.scrollTo(0, each.getBoundingClientRect().top + window.scrollY - 150)")
    if focused:
        page.locator("#item-why summary").last.focus()
    else:
        page.evaluate("document.activeElement.blur()")
    top = page.locator("#item-why").bounding_box()["y"]
    for _ in range(3):
        respond(served, "leaving", {"status": "left", "own": "1", "why": ["visa"], "words": f"another answer, {'long ' * 80}", "relief": "1"})
    expect(page.locator("#progress .big").first).to_contain_text(re.compile(rf"^{before + 3}\b"), timeout=20_000)
    expect(page.locator("#item-why")).to_contain_text(f"{before + 3} ", timeout=20_000)
    # Out of sight, above: it follows when nothing more arrives.
    page.wait_for_function(
        "above => Math.abs(document.getElementById('item-words').getBoundingClientRect().height - above) > 10", arg=above, timeout=20_000
    )
    assert abs(page.locator("#item-why").bounding_box()["y"] - top) < 2
    assert page.locator("#item-why details[open]").count() == 1 and page.locator("#progress > .more[open]").count() == 1
    assert page.evaluate("document.activeElement.closest('#item-why') !== null") == focused


def test_the_first_response_turns_the_first_steps_into_figures(tmp_path, visiting):
    with Server(offered(tmp_path, leaving=SURVEY)) as server:
        visitor = visiting(server.base)
        page = sign_in(visitor, server)
        page.goto("/research/leaving")
        page.locator("#live-state.on").wait_for()
        assert page.locator("#first-steps").is_visible()
        respond(server, "leaving", {"status": "left", "own": "5"})
        page.locator("#findings").wait_for(timeout=20_000)
        assert page.locator("#first-steps").count() == 0
        page.goto("about:blank")


STATES = {
    "": lambda page: None,
    "?open=few": lambda page: page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(each => { each.open = true; })"),
    "?find=relief": lambda page: page.locator("details.share > summary").click(),
}


@pytest.mark.parametrize("address", ["/research", "/research?find=nothing", "/research/empty", *(f"/research/leaving{state}" for state in STATES)])
def test_axe_finds_nothing_on_any_state_and_nothing_overflows(served, visiting, address):
    page = signed_in(visiting, served)
    page.goto(address)
    STATES.get(address.removeprefix("/research/leaving"), STATES[""])(page)
    for width, height, more in ((1280, 800, {}), (1280, 800, {"color_scheme": "dark"}), (360, 740, {}), (320, 256, {}), (1280, 800, {"forced_colors": "active"})):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(reduced_motion="reduce", **{"color_scheme": "light", "forced_colors": "none", **more})
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == [], (width, more)
        assert overflow(page) == 0, (width, more)


def test_a_printed_dashboard_says_whom_it_is_about_and_has_no_controls(served, visiting):
    page = signed_in(visiting, served)
    page.goto("/research/leaving?only=status:left")
    page.emulate_media(media="print")
    for gone in (".side", ".top", "details.share", ".fig-to", ".controls .bar"):
        assert not page.locator(gone).first.is_visible(), gone
    assert "Left" in page.locator(".controls").inner_text()
    assert page.locator("#finding-1").is_visible() and page.locator("#item-own").is_visible()
    assert pages_of(page.pdf(prefer_css_page_size=True)) == 1


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


#: Elements with text of their own that is printed smaller than 8 points, and figures that a page may break.
TOO_SMALL = """() => [...document.querySelectorAll("main *")].filter(e => e.checkVisibility() && e.getClientRects().length
    && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && parseFloat(getComputedStyle(e).fontSize) * e.currentCSSZoom < 10.6)
    .map(e => e.outerHTML.slice(0, 80))"""
BREAKING = """() => [...document.querySelectorAll(".finding, .item-figures")].filter(e => getComputedStyle(e).breakInside !== "avoid").length"""


def test_a_report_is_printed_in_at_least_eight_points_and_breaks_no_chart(served, visiting):
    page = signed_in(visiting, served)
    page.goto("/research/leaving?only=status:practising")
    page.emulate_media(media="print")
    assert page.evaluate(TOO_SMALL) == [] and page.evaluate(BREAKING) == 0
    assert page.locator("#item-own").is_visible() and page.locator(".part.folded > .brief").is_visible()
    assert re.search(r"As of \d+ \w+ \d{4}", page.locator("#progress").inner_text())


@pytest.fixture(scope="module")
def flagship(tmp_path_factory):
    """The demo, with the cookies of its researcher, whose link leads to the results."""
    with Server(tmp_path_factory.mktemp("demo"), "-n", "160", "--over", "1", command="demo", OPINION_SURVEYS=str(ROOT / "surveys")) as server:
        with server.client(follow_redirects=True) as client:
            assert client.post(server.address("Sign in"), headers={"origin": server.base}).url.path == "/research"
            server.cookies = [{"name": each.name, "value": each.value, "url": server.base} for each in client.cookies.jar]
        yield server


def overview_of_flagship(visiting, flagship, **more) -> Page:
    page = signed_in(visiting, flagship, **more)
    page.goto("/research/leaving-clinical-practice")
    expect(page.locator("#progress .meter").nth(1)).to_contain_text("160", timeout=60_000)
    return page


def test_the_flagship_is_printed_as_a_report_of_a_few_pages(flagship, visiting):
    page = overview_of_flagship(visiting, flagship)
    printed = page.pdf(prefer_css_page_size=True)
    page.goto("about:blank")
    assert 3 <= pages_of(printed) <= 7


def test_whether_a_doctor_is_judged_differently_is_answered_without_a_click(flagship, visiting):
    """By the primary estimate; below it the finding shows all professions, and its item the whole coefficient plot."""
    page = overview_of_flagship(visiting, flagship, viewport={"width": 1280, "height": 800})
    primary, finding = page.locator("#primary"), page.locator("#finding-1")
    assert "From the first vignette alone" in primary.inner_text() and "an engineer" in primary.inner_text()
    assert primary.locator(".ends").inner_text().split("\n") == ["← failure", "growth →"]
    ends = primary.bounding_box()
    assert ends["y"] + ends["height"] < 600 and finding.locator("h3").bounding_box()["y"] < 700
    assert finding.locator(".fig-effect").count() >= 10 and "reference" in finding.inner_text()
    plot = page.locator("[id='item-move.seen']")
    assert plot.locator(".fig-group").all_inner_texts()[0].startswith("Profession") and "The first alone" in plot.inner_text()


@pytest.mark.parametrize("width", [360, 1280])
def test_coefficient_plots_fit_and_axe_finds_nothing_in_them(flagship, visiting, width):
    page = overview_of_flagship(visiting, flagship, viewport={"width": width, "height": 800})
    for address in ("", "/compare?by=direction"):
        page.goto(f"/research/leaving-clinical-practice{address}")
        found = Axe().run(page, context="[id='item-move.seen']").response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == [], (width, address)
        assert overflow(page) == 0, (width, address)
