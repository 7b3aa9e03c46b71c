"""How the pages around the form are laid out in a browser: what is in reach, what does not touch, what stays whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.survey.source.reading import read_survey
from app.web.http.templates import environment
from tests.support.browsing import overflow
from tests.support.layout import BROKEN, show_page

PAGES = environment(Path(__file__).parent.parent / "templates")
LANGUAGES = ("en", "de", "fr", "es", "ar")
SURVEY = """
title: Leaving clinical practice
description: How doctors see colleagues who leave clinical work. Ten minutes.
languages: [{language}]
consent: |
  Taking part is voluntary.

  {more}
about: {{institution: The Institute, contact: Dr Lind, support: A helpline}}
sections:
  one:
    title: A colleague moves on
    items:
      status: {{type: single_choice, ask: Which describes you best?, options: {{in: In practice, out: Somewhere else}}}}
"""
LONG_CONSENT = "\n\n  ".join(["What is stored are your answers and the day, and nothing about your device."] * 20)


def instrument(language: str = "en", more: str = "You can stop at any time."):
    found, faults = read_survey(SURVEY.format(language=language, more=more).encode(), "leaving")
    assert found is not None, faults
    return found


def page_of(template: str, **shown: Any) -> bytes:
    return PAGES.get_template(template).render(**shown).encode()


def first_page(language: str = "en", more: str = "You can stop at any time.") -> bytes:
    return page_of("first_page.html", instrument=instrument(language, more), state="open", token="t")


def receipt(language: str = "en") -> bytes:
    return page_of("receipt.html", instrument=instrument(language), receipt="ABCD-EFGH-JKLM-NPQR", results="/results/leaving")


def check(language: str = "en") -> bytes:
    asked = [{"id": "status", "ask": "Which describes you best?", "lines": [(None, "In practice"), ("Else", None)]}]
    section = {"title": None, "href": "/s/leaving/one", "unanswered": 1, "case": (1, 4), "answers": asked}
    return page_of("check.html", instrument=instrument(language), token="t", sections=[section], unanswered=1, back=None)


def stop(language: str = "en", deleted: bool = False) -> bytes:
    more = {} if deleted else {"token": "t", "resume": "/s/leaving/one", "receipt": "ABCD-EFGH-JKLM-NPQR"}
    return page_of("stop.html", instrument=instrument(language), deleted=deleted, **more)


def again(language: str = "en") -> bytes:
    return page_of("again.html", fields=[("status", "in")], language=language)


def withdraw(language: str = "en") -> bytes:
    return page_of("withdraw.html", withdrawn=False, language=language, receipt="AB", problem="There is no response with this code.")


def test_on_a_phone_begin_is_in_reach_and_the_consent_begins_with_a_summary(browser):
    for more in ("You can stop at any time.", LONG_CONSENT):
        page = show_page(browser, first_page(more=more), 360, 640)
        begin = page.get_by_role("button", name="I agree, begin").bounding_box()
        assert begin["y"] >= 0 and begin["y"] + begin["height"] <= 640
        first = page.get_by_text("Taking part is voluntary.")
        assert first.is_visible()
        rest = page.get_by_text("What is stored are your answers").first
        assert more != LONG_CONSENT or not rest.is_visible()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        end = page.locator(".foot").bounding_box()
        begin = page.get_by_role("button", name="I agree, begin").bounding_box()
        assert begin["y"] + begin["height"] <= end["y"]  # it covers nothing at the end
    page.get_by_text("Read all before you agree").click()
    assert rest.is_visible()


def test_begin_covers_nothing_that_has_the_focus(browser):
    page = show_page(browser, first_page(more="[More](/a) " * 150), 360, 640)
    page.get_by_text("Read all before you agree").click()
    for _ in range(60):
        page.keyboard.press("Tab")
        hidden = page.evaluate("""() => { const at = document.activeElement, bar = document.querySelector('.begin')
          return at.matches('a, summary') && !bar.contains(at) && at.getBoundingClientRect().bottom > bar.getBoundingClientRect().top + 1 }""")
        assert not hidden


def test_at_400_percent_begin_leaves_room_to_read(browser):
    page = show_page(browser, first_page(more=LONG_CONSENT), 320, 256)
    assert page.locator(".begin").evaluate("e => getComputedStyle(e).position") == "static"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_buttons_of_the_receipt_neither_touch_nor_break_their_words(browser, language):
    for width in (320, 360, 1280):
        page = show_page(browser, receipt(language), width)
        boxes = page.locator(".buttons > *").evaluate_all("all => all.map(e => e.getBoundingClientRect().toJSON())")
        assert len(boxes) == 3 and all(box["height"] >= 44 for box in boxes)
        for one, other in ((0, 1), (0, 2), (1, 2)):
            a, b = boxes[one], boxes[other]
            apart_x = max(a["left"], b["left"]) - min(a["right"], b["right"])
            apart_y = max(a["top"], b["top"]) - min(a["bottom"], b["bottom"])
            assert max(apart_x, apart_y) >= 8, (width, a, b)
        assert page.evaluate(BROKEN) == [] and overflow(page) == 0
        page.close()


#: A narrow phone, 400 %, forced colours, and a wide screen in the dark.
SCREENS = (
    (320, 568, {}), (320, 256, {}), (360, 640, {"forced_colors": "active"}),
    (1280, 800, {"forced_colors": "none", "color_scheme": "dark", "reduced_motion": "reduce"}),
)  # fmt: skip
PAGES_AROUND = (first_page, receipt, check, stop, lambda language: stop(language, True), again, withdraw)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_around_the_form_fit_every_browser_and_axe_finds_nothing(browser, language):
    for make in PAGES_AROUND:
        page = show_page(browser, make(language))
        for width, height, media in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(**media)
            assert overflow(page) == 0 and page.evaluate(BROKEN) == [], (make, width, media)
            if language in ("en", "ar") and width != 320:
                found = Axe().run(page).response["violations"]
                assert [(one["id"], one["help"]) for one in found] == [], (make, width, media)
        page.close()


def test_stopping_and_deleting_work_by_keyboard_and_show_where_one_is(browser):
    for make, wanted in ((stop, ["Continue where you left off", "Delete my answers", "How to withdraw"]), (check, ["Change", "Submit my answers", "Stop, or delete my answers"])):
        page = show_page(browser, make(), 360, 640)
        seen = []
        for _ in range(12):
            page.keyboard.press("Tab")
            at = page.evaluate("""() => { const e = document.activeElement, style = getComputedStyle(e)
              return [e.innerText, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2] }""")
            seen.append(at[0].strip())
            assert at[1] or is_body(page), at
        assert [each for each in seen if each in wanted][: len(wanted)] == wanted


def is_body(page) -> bool:
    return page.evaluate("document.activeElement === document.body")
