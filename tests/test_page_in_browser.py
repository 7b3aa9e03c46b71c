"""The pages in a browser: what the script does, what works without it, and that axe finds nothing."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import pytest

from app.instrument.survey import read_survey
from app.interview.page import compile_page
from app.web.pages import environment

ROOT = Path(__file__).parent.parent

SURVEY = b"""
title: Leaving
privacy: anonymous
consent: Taking part is voluntary.
scales:
  amount: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely}
sections:
  now:
    title: Now
    items:
      status:
        type: single_choice
        ask: Which describes you?
        hint: If two fit, choose one.
        required: true
        options: {practising: In practice, left: Left, other: {label: Other, please_say: true}}
      years: {type: number, ask: How many years?, range: [0, 70], show_if: status == "left", decline: true}
      long: {type: text, ask: And why so long?, max_length: 20, show_if: years >= 10}
      reasons:
        type: multiple_choice
        ask: Why?
        decline: true
        options: {burnout: Burnout, visa: Visa, none_of: {label: None of these, exclusive: true}}
      look:
        type: matrix
        ask: How are they seen?
        scale: amount
        decline: true
        statements: {failed: As failing, grew: As growing}
      sound:
        type: rating
        ask: Poor or sound?
        scale: {1: Poor, 2: null, 3: null, 4: null, 5: null, 6: null, 7: Sound}
"""
PAGES = environment(ROOT / "templates")
LEAVING = read_survey(SURVEY, "leaving")[0]
NOW = compile_page(PAGES, LEAVING, LEAVING.sections[0], 0)
PROBLEMS = [("status", "status", "Choose an answer."), ("look.grew", "look", "Choose an answer.")]


@pytest.fixture
def opened(browser):
    """Opens a page's bytes as `http://survey.test/`, with the static files beside it; no network is used."""
    contexts = []

    def show(body: bytes, **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.sent = []

        def answer(route):
            name = route.request.url.split("/static/")[-1]
            if route.request.method == "POST":
                page.sent.append(route.request.post_data)
                route.fulfill(body="<title>sent</title>", content_type="text/html")
            elif name != route.request.url:
                static = (ROOT / "app/web/static" / name).read_bytes()
                route.fulfill(body=static, content_type=mimetypes.guess_type(name)[0])
            else:
                route.fulfill(body=body, content_type="text/html; charset=utf-8")

        page.route("**/*", answer)
        page.goto("http://survey.test/")
        return page

    yield show
    for context in contexts:
        context.close()


def test_conditions_are_followed_down_the_page(opened):
    page = opened(NOW.fill(token="t"))
    years, long = page.locator("#i-years"), page.locator("#i-long")
    assert years.is_hidden() and long.is_hidden()
    page.check("#q-status-2")
    page.fill("#q-years", " 12 ")
    assert years.is_visible() and long.is_visible()
    page.check("#q-status")
    assert years.is_hidden() and long.is_hidden() and page.locator("#q-long").is_disabled()


def test_what_is_hidden_is_not_sent(opened):
    page = opened(NOW.fill(token="t"))
    page.check("#q-status-2")
    page.fill("#q-years", "12")
    page.check("#q-status")
    page.click("button")
    assert "status=practising" in page.sent[0] and "years" not in page.sent[0]


def test_a_line_to_say_more_stands_beside_its_chosen_option_only(opened):
    page = opened(NOW.fill(token="t"))
    assert page.locator("#q-status\\.other").is_hidden()
    page.check("#q-status-3")
    assert page.locator("#q-status\\.other").is_visible()


def test_what_was_typed_without_the_script_chooses_its_option(opened):
    page = opened(NOW.fill(token="t", values={"status.other": ["A sabbatical"]}))
    assert page.locator("#q-status-3").is_checked()


def test_exclusive_options_and_declining_exclude_the_others(opened):
    page = opened(NOW.fill(token="t"))
    ticked = "Array.from(document.querySelectorAll('[name=reasons]:checked')).map(e => e.value)"
    for box, expected in (
        ("#q-reasons", ["burnout"]),
        ("#q-reasons-2", ["burnout", "visa"]),
        ("#q-reasons-3", ["none_of"]),
        ("#q-reasons-4", ["~declined"]),
        ("#q-reasons-2", ["visa"]),
    ):
        page.check(box)
        assert page.evaluate(ticked) == expected


def test_declining_empties_a_field_and_gives_it_back(opened):
    page = opened(NOW.fill(token="t", values={"status": ["left"], "years": ["12"]}, visible={"years"}))
    page.check("[data-decline]")
    assert page.input_value("#q-years") == "" and page.locator("#i-long").is_hidden()
    page.uncheck("[data-decline]")
    assert page.input_value("#q-years") == "12" and page.locator("#i-long").is_visible()
    page.check("[data-decline]")
    page.type("#q-years", "3")
    assert not page.is_checked("[data-decline]")


def test_a_text_says_how_much_room_is_left(opened):
    page = opened(
        NOW.fill(token="t", values={"status": ["left"], "years": ["12"]}, visible={"years", "long"})
    )
    page.fill("#q-long", "twelve 🩺🩺🩺")
    page.wait_for_function("document.getElementById('n-long').textContent === 'Characters left: 10'")


def test_a_form_is_sent_once_however_often_it_is_pressed(opened):
    page = opened(NOW.fill(token="t"))
    page.evaluate("const b = document.querySelector('button'); b.click(); b.click(); b.click()")
    page.wait_for_function("document.title === 'sent'")
    assert len(page.sent) == 1


def test_the_summary_takes_focus_and_leads_to_the_field(opened):
    page = opened(NOW.fill(token="t", problems=PROBLEMS))
    assert page.evaluate("document.activeElement.className") == "summary"
    page.click(".summary a >> nth=1")
    assert page.evaluate("document.activeElement.id") == "q-look.grew"


def test_without_the_script_everything_can_be_answered(opened):
    page = opened(NOW.fill(token="t", visible={"years"}), java_script_enabled=False)
    page.fill("#q-status\\.other", "A sabbatical")
    page.fill("#q-years", "12")
    page.click("label:has(#q-look\\.failed-2)")
    page.click("label:has(#q-sound-7)")
    page.click("button")
    for sent in ("status.other=A+sabbatical", "years=12", "look.failed=2", "sound=7", "shown=sound"):
        assert sent in page.sent[0]


def test_a_row_of_points_is_operated_with_the_arrow_keys(opened):
    page = opened(NOW.fill(token="t", values={"sound": ["3"]}))
    page.focus("#q-sound-3")
    page.keyboard.press("ArrowRight")
    assert page.is_checked("#q-sound-4")


BODIES = {
    "empty": NOW.fill(token="t"),
    "full": NOW.fill(
        token="t",
        values={"status": ["left"], "years": ["12"], "look.grew": ["2"], "sound": ["6"]},
        visible={"years", "long"},
        back="/",
    ),
    "problems": NOW.fill(token="t", problems=PROBLEMS, visible={"years"}),
    "reminders": NOW.fill(token="t", reminders=[("sound", "sound", "Not answered.")], asked=["sound"]),
    "welcome": PAGES.get_template("welcome.html")
    .render(instrument=LEAVING, state="resume", token="t", minutes=10, resume="/x")
    .encode(),
    "withdraw": PAGES.get_template("withdraw.html").render(withdrawn=False, problem="No such code.").encode(),
    "done": PAGES.get_template("done.html").render(instrument=LEAVING, receipt="K7QF-2M9X-TR4W").encode(),
}


@pytest.mark.parametrize("name", BODIES)
def test_axe_finds_nothing_and_nothing_overflows(opened, name):
    from axe_playwright_python.sync_playwright import Axe

    for width, scheme in ((320, "light"), (360, "dark"), (1280, "light")):
        page = opened(BODIES[name], viewport={"width": width, "height": 800}, color_scheme=scheme)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_targets_are_large_enough_for_a_thumb(opened, width):
    page = opened(BODIES["full"], viewport={"width": width, "height": 800})
    sizes = page.evaluate(
        "Array.from(document.querySelectorAll('.option, button, .back, input[type=text]'))"
        ".map(e => e.getBoundingClientRect()).filter(r => r.width).map(r => [r.width, r.height])"
    )
    assert min(height for _, height in sizes) >= 44
    assert min(side for side, _ in sizes) >= (44 if width > 320 else 40)
