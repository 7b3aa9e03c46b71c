"""The pages in a browser: what the script does, what works without it, and that axe finds nothing."""

from __future__ import annotations

import dataclasses
import mimetypes
import unicodedata
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from app.interview.questionnaire import Questionnaire
from app.interview.rendering.pages import compile_page
from app.interview.rendering.state import PageState
from app.survey.items.registry import BestWorst, ConstantSum, Date, Slider
from app.survey.model import Instrument, Item
from app.survey.source.reading import read_survey
from app.web.http.templates import environment
from tests.support.answers import EVERYTHING, answers_to, value_of
from tests.support.layout import show_page
from tests.support.paths import read_section, walk
from tests.support.surveys import instruments

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
TYPES = b"""
title: Leaving
scales:
  amount: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely}
sections:
  now:
    items:
      share: {type: slider, ask: How much of your week?, range: [0, 10], step: 0.5, decimals: 1, unit: "%", low: None of it, high: All of it, decline: true}
      half: {type: note, text: Half of it or more., show_if: share >= 5}
      weigh:
        type: ranking
        ask: What weighs most?
        top: 3
        decline: I would rather not say
        options: {pay: Pay, visa: {label: Visa, hint: Its rules.}, rota: Rota, kin: {label: Family, show_if: share >= 5}}
      first: {type: note, text: Pay first., show_if: 'rank(weigh, "pay") == 1'}
      second: {type: note, text: Pay second., show_if: 'rank(weigh, "pay") == 2'}
      time: {type: constant_sum, ask: How is your week divided?, total: 40, unit: hours, dont_know: true, options: {clinic: Clinic, desk: {group: At a desk, options: {teaching: Teaching, forms: Forms}}}}
      clinical: {type: note, text: Mostly clinical., show_if: time.clinic > 20}
      values: {type: best_worst, ask: What matters?, best: Most, worst: Least, decline: true, options: {pay: Pay, rest: Rest, trust: Trust}}
      not_pay: {type: note, text: Not pay., show_if: values.worst == "pay"}
      left_on: {type: date, ask: When did you leave?, latest: 2026-11-22, dont_know: true, not_applicable: I have not left}
      long_ago: {type: note, text: Long ago., show_if: 'left_on < date("2020-01-01")'}
      country: {type: dropdown, ask: Where did you qualify?, decline: true, options: {eu: {group: Europe, options: {de: Germany, fr: France}}, other: {label: Elsewhere, please_say: true}}}
      abroad: {type: note, text: Elsewhere., show_if: country == "other"}
      feels: {type: semantic_differential, ask: Leaving is, points: 5, flip: true, dont_know: true, pairs: {warm: [Cold, Warm], strong: [Weak, Strong]}}
      warm: {type: note, text: Warm., show_if: feels.warm > 3}
      seen: {type: matrix, ask: How seen?, not_applicable: true, columns: {now: {label: Now, scale: amount}, then: {label: Then, scale: amount}}, statements: {failed: As failing, grew: As growing}}
      grown: {type: note, text: Grown., show_if: seen.grew_then == 4}
      reg: {type: text, ask: Your number?, max_length: 8, pattern: "[A-Z][0-9]{7}", example: A1234567}
"""
KINDS = read_survey(TYPES, "kinds")[0]
PAGES = environment(ROOT / "templates")
TYPE_PAGE = compile_page(PAGES, KINDS, KINDS.sections[0], 0)
LEAVING = read_survey(SURVEY, "leaving")[0]
ALL = read_survey(EVERYTHING.encode(), "all")[0]
NOW = compile_page(PAGES, LEAVING, LEAVING.sections[0], 0)
PROBLEMS = [("status", "status", "Choose an answer."), ("look.grew", "look", "Choose an answer.")]


@pytest.fixture
def opened(browser):
    """Opens a page's bytes as `http://survey.test/`, with the static files beside it; no network is used."""

    def show(body: bytes, **options):
        page = browser.new_context(**options).new_page()
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

    return show


def test_conditions_are_followed_down_the_page(opened):
    page = opened(NOW.fill(PageState(token="t")))
    years, long = page.locator("#i-years"), page.locator("#i-long")
    assert years.is_hidden() and long.is_hidden()
    page.check("#q-status-2")
    page.fill("#q-years", " 12 ")
    assert years.is_visible() and long.is_visible()
    page.check("#q-status")
    assert years.is_hidden() and long.is_hidden() and page.locator("#q-long").is_disabled()


def test_what_is_hidden_is_not_sent(opened):
    page = opened(NOW.fill(PageState(token="t")))
    page.check("#q-status-2")
    page.fill("#q-years", "12")
    page.check("#q-status")
    page.click("button")
    assert "status=practising" in page.sent[0] and "years" not in page.sent[0]


def test_a_line_to_say_more_stands_beside_its_chosen_option_only(opened):
    page = opened(NOW.fill(PageState(token="t")))
    assert page.locator("#q-status\\.other").is_hidden()
    page.check("#q-status-3")
    assert page.locator("#q-status\\.other").is_visible()


def test_words_beside_an_unticked_option_wait_unseen_and_choose_nothing(opened):
    page = opened(NOW.fill(PageState(token="t")))
    page.check("#q-status-3")
    page.type("#q-status\\.other", "A sabbatical")
    page.check("#q-status-2")
    page.click("button")
    assert "status=left" in page.sent[0] and "status=other" not in page.sent[0]
    again = opened(NOW.fill(PageState(token="t", values=parse_qs(page.sent[0]))))
    assert again.is_checked("#q-status-2") and again.locator("#q-status\\.other").is_hidden()
    again.check("#q-status-3")
    assert again.input_value("#q-status\\.other") == "A sabbatical"


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("instead", [None, "#q-m"])
def test_tick_type_untick_and_send_leaves_the_option_unticked(opened, script, instead):
    """With another option ticked in its place, an exclusive one."""
    options = "{none_of: {label: None, exclusive: true}, other: {label: Other, please_say: true}}"
    source = f"title: A\nsections: {{p: {{items: {{m: {{type: multiple_choice, ask: M?, options: {options}}}}}}}}}"
    asked = read_survey(source.encode(), "a")[0]
    page = opened(compile_page(PAGES, asked, asked.sections[0], 0).fill(PageState(token="t")), java_script_enabled=script)
    page.check("#q-m-2")
    page.fill("#q-m\\.other", "the rota")
    page.uncheck("#q-m-2")
    if instead:
        page.check(instead)
    page.click("button")
    form = parse_qs(page.sent[0]) | {"asked": ["m"]}
    reading = read_section(asked.sections[0], form, {})
    assert reading.problems == [] and form["m.other"] == ["the rota"]
    assert reading.answers == {"m": ["none_of"] if instead else {"missing": "skipped"}}


def test_what_depends_on_an_empty_choice_is_shown_once_it_was_asked_about(opened):
    items = "m: {type: multiple_choice, ask: M?, options: {a: A, b: B}}, none: {type: text, ask: Why?, show_if: count(m) == 0}, after: {type: text, ask: And?, show_if: asked(m)}"
    asked = read_survey(f"title: A\nsections: {{p: {{items: {{{items}}}}}}}".encode(), "a")[0]
    form = compile_page(PAGES, asked, asked.sections[0], 0)
    page = opened(form.fill(PageState(token="t")))
    assert page.locator("#i-none").is_hidden() and page.locator("#i-after").is_visible()
    page = opened(form.fill(PageState(token="t", asked=["m"])))
    assert page.locator("#i-none").is_visible()
    page.check("#q-m")
    assert page.locator("#i-none").is_hidden() and page.locator("#i-after").is_visible()


def test_exclusive_options_and_declining_exclude_the_others(opened):
    page = opened(NOW.fill(PageState(token="t")))
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
    page = opened(NOW.fill(PageState(token="t", values={"status": ["left"], "years": ["12"]}, visible={"years"})))
    page.check("[data-decline]")
    assert page.input_value("#q-years") == "" and page.locator("#i-long").is_hidden()
    page.uncheck("[data-decline]")
    assert page.input_value("#q-years") == "12" and page.locator("#i-long").is_visible()
    page.check("[data-decline]")
    page.type("#q-years", "3")
    assert not page.is_checked("[data-decline]")


def test_a_text_says_how_much_room_is_left(opened):
    page = opened(
        NOW.fill(PageState(token="t", values={"status": ["left"], "years": ["12"]}, visible={"years", "long"}))
    )
    page.fill("#q-long", "twelve 🩺🩺🩺")
    expect(page.locator("#n-long")).to_have_text("Characters left: 10")


def test_a_form_is_sent_once_however_often_it_is_pressed(opened):
    page = opened(NOW.fill(PageState(token="t")))
    page.evaluate("const b = document.querySelector('button'); b.click(); b.click(); b.click()")
    page.wait_for_function("document.title === 'sent'")
    assert len(page.sent) == 1


def test_the_summary_takes_focus_and_leads_to_the_field(opened):
    page = opened(NOW.fill(PageState(token="t", problems=PROBLEMS)))
    assert page.evaluate("document.activeElement.className") == "summary"
    page.click(".summary a >> nth=1")
    assert page.evaluate("document.activeElement.id") == "q-look.grew"


def test_without_the_script_everything_can_be_answered(opened):
    page = opened(NOW.fill(PageState(token="t", visible={"years"})), java_script_enabled=False)
    page.fill("#q-status\\.other", "A sabbatical")
    page.fill("#q-years", "12")
    page.click("label:has(#q-look\\.failed-2)")
    page.click("label:has(#q-sound-7)")
    page.click("button")
    for sent in ("status.other=A+sabbatical", "years=12", "look.failed=2", "sound=7", "shown=sound"):
        assert sent in page.sent[0]


def test_a_row_of_points_is_operated_with_the_arrow_keys(opened):
    page = opened(NOW.fill(PageState(token="t", values={"sound": ["3"]})))
    page.focus("#q-sound-3")
    page.keyboard.press("ArrowRight")
    assert page.is_checked("#q-sound-4")


BODIES = {
    "empty": NOW.fill(PageState(token="t")),
    "full": NOW.fill(PageState(
        token="t",
        values={"status": ["left"], "years": ["12"], "look.grew": ["2"], "sound": ["6"]},
        visible={"years", "long"},
        back="/",
    )),
    "problems": NOW.fill(PageState(token="t", problems=PROBLEMS, visible={"years"})),
    "reminders": NOW.fill(PageState(token="t", reminders=[("sound", "sound", "Not answered.")], asked=["sound"])),
    "welcome": PAGES.get_template("first_page.html")
    .render(instrument=LEAVING, state="resume", token="t", own="t", resume="/x")
    .encode(),
    "withdraw": PAGES.get_template("withdraw.html").render(withdrawn=False, problem="No such code.").encode(),
    "types": TYPE_PAGE.fill(PageState(
        token="t",
        values={
            "share": ["7"],
            "weigh.pay": ["1"],
            "values.best": ["pay"],
            "feels.warm": ["5"],
            "country": ["other"],
            "time.clinic": ["50"],
        },
        visible={"half", "first", "abroad", "warm"},
        backwards=["feels.strong"],
    )),
    "types with problems": TYPE_PAGE.fill(PageState(
        token="t",
        off={"weigh.kin"},
        problems=[
            *(
                (name, name, "Look at this again.")
                for name in ("share", "weigh", "time", "left_on", "country", "reg")
            ),
            ("weigh.visa", "weigh", "Place 2 is given twice."),
            ("time.forms", "time", "Enter a number."),
            ("values.worst", "values", "Choose another."),
            ("left_on.day", "left_on", "There is no such day."),
            ("feels.warm", "feels", "Choose one answer."),
            ("seen.grew_now", "seen", "Choose one answer."),
        ],
    )),
    "done": PAGES.get_template("receipt.html").render(instrument=LEAVING, receipt="K7QF-2M9X-TR4W").encode(),
}


@pytest.mark.parametrize("name", BODIES)
def test_axe_finds_nothing_and_nothing_overflows(opened, name):
    from axe_playwright_python.sync_playwright import Axe

    for width, scheme in ((320, "light"), (360, "dark"), (1280, "light")):
        page = opened(BODIES[name], viewport={"width": width, "height": 800}, color_scheme=scheme)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["full", "types"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_targets_are_large_enough_for_a_thumb(opened, name, width):
    page = opened(BODIES[name], viewport={"width": width, "height": 800})
    sizes = page.evaluate(
        "Array.from(document.querySelectorAll('.option, .side, button, .back, input[type=text], [type=range], select'))"
        ".map(e => e.getBoundingClientRect()).filter(r => r.width).map(r => [r.width, r.height])"
    )
    assert min(height for _, height in sizes) >= 44
    assert min(side for side, _ in sizes) >= (44 if width > 320 else 40)


# --- what the server shows, the browser shows --------------------------------------------------------------

SEEN = """() => ({
    hidden: [...document.querySelectorAll('fieldset, option, optgroup, .group')].map(e => [e.outerHTML.slice(0, 60), !!e.closest('[hidden]')]),
    sent: [...new FormData(document.forms[0])].filter(([name, value]) => value),
})"""
SCRIPT = (ROOT / "app/web/static/form.js").read_text("utf-8")


@pytest.fixture
def sheet(browser, browser_thread):
    """One page for all examples: nothing can be fetched from it."""
    page = browser_thread.run(browser.new_page)
    browser_thread.run(page.route, "**/*", lambda route: route.abort())
    return page


def shown_by_server_and_browser(page, instrument, answers):
    """What is hidden on each page, and what it would send: as the server rendered it, and with the script."""
    path = walk(instrument, answers)
    asked = Questionnaire(PAGES, instrument).in_language(path.answers.get("language"))
    for step in path.sections:
        page.goto("about:blank")  # so that no script of the page before listens on
        page.set_content(asked.page("t", path, step, None).decode())
        before = page.evaluate(SEEN)
        page.add_script_tag(content=SCRIPT)
        yield before, page.evaluate(SEEN)


QUICK = {"phases": [Phase.generate], "suppress_health_check": list(HealthCheck)}


@given(st.data())
@settings(**QUICK)
def test_the_script_finds_every_page_as_the_server_would_have_it(sheet, data):
    """Whatever an instrument says and was answered, the browser's conditions and readers agree with the server's."""
    instrument = data.draw(st.just(ALL) | instruments())
    answers = data.draw(answers_to(instrument, st.just("said")))
    for by_server, by_browser in shown_by_server_and_browser(sheet, instrument, answers):
        assert by_browser == by_server


def answered_each(survey: bytes) -> Instrument:
    """A survey of one page with a note to each answer that can be given on it."""
    asked = read_survey(survey, "kinds")[0]
    notes = "".join(
        f"      told_{place}: {{type: note, text: Given., show_if: answered({name})}}\n"
        for place, name in enumerate(name for item in asked.items() for name in item.names)
    )
    return read_survey(survey + notes.encode(), "kinds")[0]


def value_taken(item: Item) -> st.SearchStrategy[list[Any]]:
    """What the form of an item can be answered with, in the order of its names."""
    match item:
        case ConstantSum():
            cuts = st.lists(st.integers(0, item.total), min_size=2, max_size=2).map(sorted)
            return cuts.map(lambda cuts: [b - a for a, b in pairwise([0, *cuts, item.total])])
        case BestWorst():
            return st.permutations([option.code for option in item.options])
        case Slider():
            return st.integers(0, 20).map(lambda steps: [steps / 2])
        case Date():
            return st.dates(date(1950, 1, 1), date(2026, 11, 22)).map(lambda day: [day.isoformat()])
    return st.tuples(*(value_of(item, name, st.just("A1234567")) for name in item.names)).map(list)


@st.composite
def answers_to_all(draw, asked: Instrument) -> dict[str, Any]:
    """An answer to every item, and sometimes a reason for none."""
    found: dict[str, Any] = {}
    for item in asked.items():
        reason = draw(st.sampled_from([None, None, None, *item.offers, "skipped"]))
        values = draw(value_taken(item)) if reason is None else [{"missing": reason}] * len(item.names)
        found |= dict(zip(item.names, values, strict=False))
    return found


@given(st.data())
@settings(**QUICK)
def test_the_script_reads_every_type_as_the_server_does(sheet, data):
    asked = answered_each(TYPES)
    ((by_server, by_browser),) = shown_by_server_and_browser(sheet, asked, data.draw(answers_to_all(asked)))
    assert by_browser == by_server


# --- the further types --------------------------------------------------------------------------------------


def ranks(page):
    return page.evaluate("[...document.querySelectorAll('.rank select')].map(e => e.value)")


def test_options_are_ranked_by_tapping_them_in_turn(opened):
    page = opened(TYPE_PAGE.fill(PageState(token="t")))
    for option in ("rota", "pay", "visa"):
        page.click(f"label[for='q-weigh.{option}']")
    assert ranks(page) == ["2", "3", "1", ""] and page.locator("#i-second").is_visible()
    page.click("label[for='q-weigh.rota']")  # tapped again it goes, and the others close up
    assert ranks(page) == ["1", "2", "", ""] and page.locator("#i-first").is_visible()


def test_no_more_options_are_ranked_than_are_asked_for(opened):
    page = opened(TYPE_PAGE.fill(PageState(token="t", values={"share": ["7"]})))
    for option in ("rota", "pay", "visa", "kin"):
        page.click(f"label[for='q-weigh.{option}']")
    assert ranks(page) == ["2", "3", "1", ""]


@pytest.mark.parametrize(
    ("before", "option", "place", "after"),
    [
        (["", "", ""], "visa", "2", ["", "2", ""]),
        (["1", "", ""], "visa", "1", ["2", "1", ""]),
        (["1", "2", "3"], "rota", "1", ["2", "3", "1"]),
        (["1", "2", "3"], "pay", "3", ["3", "1", "2"]),
        (["1", "2", "3"], "pay", "", ["", "1", "2"]),
        (["3", "", ""], "visa", "3", ["", "3", ""]),
    ],
)
def test_a_place_that_is_chosen_makes_the_others_give_way(opened, before, option, place, after):
    values = {f"weigh.{code}": [rank] for code, rank in zip(("pay", "visa", "rota"), before, strict=True)}
    page = opened(TYPE_PAGE.fill(PageState(token="t", values=values)))
    page.select_option(f"[name='weigh.{option}']", place)
    assert ranks(page)[:3] == after


def test_a_slider_has_no_value_until_it_is_touched(opened):
    page = opened(TYPE_PAGE.fill(PageState(token="t")))
    slider = page.locator("[type=range]")
    assert (
        page.input_value("#q-share") == "" and slider.get_attribute("aria-valuetext") == "Nothing chosen yet"
    )
    assert slider.get_attribute("class") == "untouched"  # by which the thumb is hidden
    slider.click()  # in the middle, where it stands unseen
    assert page.input_value("#q-share") == "5" and page.locator("#i-half").is_visible()
    assert not slider.get_attribute("class") and slider.get_attribute("aria-valuetext") == "5"
    page.fill("#q-share", "2.5")
    assert slider.input_value() == "2.5" and page.locator("#i-half").is_hidden()
    page.fill("#q-share", "")
    assert slider.get_attribute("aria-valuetext") == "Nothing chosen yet"


def test_a_slider_is_moved_with_the_arrow_keys_and_declined(opened):
    page = opened(TYPE_PAGE.fill(PageState(token="t")))
    page.focus("[type=range]")
    page.keyboard.press("ArrowRight")
    assert page.input_value("#q-share") == "5.5"
    page.check("[name='share~']")
    assert page.input_value("#q-share") == ""
    page.uncheck("[name='share~']")
    assert page.input_value("#q-share") == "5.5"
    page.check("[name='share~']")
    page.focus("[type=range]")
    page.keyboard.press("ArrowLeft")
    assert not page.is_checked("[name='share~']")


def test_a_slider_writes_its_number_as_the_language_does(opened):
    german = dataclasses.replace(KINDS, language="de")
    page = opened(compile_page(PAGES, german, german.sections[0], 0).fill(PageState(token="t")))
    page.focus("[type=range]")
    page.keyboard.press("ArrowRight")
    assert page.input_value("#q-share") == "5,5" and page.locator("#i-half").is_visible()


def test_a_sum_says_what_is_left_to_give(opened):
    page = opened(TYPE_PAGE.fill(PageState(token="t")))
    together = page.locator(".together")
    assert together.is_hidden()
    page.fill("[name='time.clinic']", "30")
    page.wait_for_function("document.querySelector('.together').textContent === 'Left to distribute: 10'")
    assert page.locator("#i-clinical").is_hidden()  # it is no answer yet
    page.fill("[name='time.forms']", "10")
    page.wait_for_function("document.querySelector('.together').textContent.startsWith('Adds up')")
    assert page.locator("#i-clinical").is_visible()
    page.fill("[name='time.teaching']", "2")
    page.wait_for_function("document.querySelector('.together').textContent === 'Too many: 2'")
    page.check("[name='time~']")
    assert page.input_value("[name='time.clinic']") == ""
    page.uncheck("[name='time~']")
    assert page.input_value("[name='time.clinic']") == "30"


def test_the_same_option_cannot_be_the_most_and_the_least(opened):
    page = opened(TYPE_PAGE.fill(PageState(token="t")))
    page.check("[name='values.best'][value=rest]")
    page.check("[name='values.worst'][value=pay]")
    assert page.locator("#i-not_pay").is_visible()
    page.check("[name='values.best'][value=pay]")
    assert not page.is_checked("[name='values.worst'][value=pay]") and page.locator("#i-not_pay").is_hidden()


def test_one_reason_at_a_time_stands_in_place_of_an_answer(opened):
    page = opened(TYPE_PAGE.fill(PageState(token="t")))
    page.fill("[name='left_on.day']", "3")
    page.select_option("[name='left_on.month']", "11")
    page.fill("[name='left_on.year']", "2015")
    assert page.locator("#i-long_ago").is_visible()
    page.check("[name='left_on~'][value='~dont_know']")
    assert page.locator("#i-long_ago").is_hidden() and page.input_value("[name='left_on.month']") == ""
    page.check("[name='left_on~'][value='~not_applicable']")
    assert not page.is_checked("[name='left_on~'][value='~dont_know']")
    page.uncheck("[name='left_on~'][value='~not_applicable']")
    assert page.input_value("[name='left_on.month']") == "11" and page.locator("#i-long_ago").is_visible()
    page.check("[name='left_on~'][value='~dont_know']")
    page.fill("[name='left_on.day']", "4")
    assert not page.is_checked("[name='left_on~'][value='~dont_know']")


def test_a_dropdown_opens_a_line_to_say_more(opened):
    page = opened(TYPE_PAGE.fill(PageState(token="t")))
    line = page.locator("[name='country.other']")
    assert line.is_hidden()
    page.select_option("#q-country", "other")
    assert line.is_visible() and page.locator("#i-abroad").is_visible()
    page.select_option("#q-country", "de")
    assert line.is_hidden() and page.locator("#i-abroad").is_hidden()


def test_an_option_that_goes_takes_its_answer_along(opened):
    page = opened(TYPE_PAGE.fill(PageState(token="t", values={"share": ["7"], "weigh.kin": ["1"], "weigh.pay": ["2"]})))
    assert page.locator("#i-second").is_visible()
    page.fill("#q-share", "2")
    assert page.locator("[name='weigh.kin']").is_hidden() and page.locator("#i-second").is_hidden()
    page.click("button")
    assert "weigh.kin" not in page.sent[0] and "shown=weigh.kin" not in page.sent[0]


def test_a_pair_shown_the_other_way_round_keeps_its_values(opened):
    page = opened(TYPE_PAGE.fill(PageState(token="t", backwards=["feels.warm"])))
    left = page.locator("label:has([name='feels.warm'])").first
    assert left.locator("input").get_attribute("value") == "5"
    texts = page.locator(".poles").first.inner_text().split()
    assert (texts[0], texts[-1]) == ("Warm", "Cold")
    named = page.get_by_role("radio", name="Warm, 2 of 2")
    assert named.get_attribute("value") == "5"
    named.check()
    assert page.locator("#i-warm").is_visible()


def test_an_accent_typed_apart_meets_a_condition_as_it_does_on_the_server(browser):
    """José, typed on a device that writes its accent as a sign of its own (NFD)."""
    source = "title: Names\nsections: {one: {items: {who: {type: text, ask: Who?}, him: {type: note, text: It is he., show_if: 'who == \"José\"'}}}}"
    asked, faults = read_survey(source.encode(), "names")
    assert asked is not None, faults
    page = show_page(browser, compile_page(environment(ROOT / "templates"), asked, asked.sections[0], 0).fill(PageState(token="t")))
    page.locator("[name=who]").fill(unicodedata.normalize("NFD", "José"))
    expect(page.get_by_text("It is he.")).to_be_visible()
