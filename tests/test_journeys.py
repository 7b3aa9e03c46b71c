"""A respondent in a real browser, before a real server: every way of going through, and of being interrupted."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from app.catalogue.files import read_file
from tests.support.browsing import (
    WAYS,
    answer,
    choose_all,
    control,
    displayed,
    fill,
    overflow,
    path_of,
    press,
    ranked,
    send_by_keyboard,
    tab_to,
    walk,
)
from tests.support.server import Server

FLAGSHIP = Path(__file__).parent.parent / "surveys" / "leaving-clinical-practice.yaml"
LEAVING = """
title: Leaving
description: How it is seen.
consent: Taking part is **voluntary**.
thanks: Every view helps.
results: {show_to: respondents}
scales:
  amount: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely, 5: Completely}
sections:
  now:
    title: Where you are now
    items:
      meaning: {type: note, text: "*Leaving* means to stop caring for patients."}
      status:
        type: single_choice
        ask: Which describes you best?
        hint: If two fit, choose one.
        required: true
        options: {practising: In practice, left: Left, other: {label: Something else, please_say: true}}
      years: {type: number, ask: For how many years?, range: [0, 70], unit: years, decline: true, show_if: status == "left"}
      long: {type: text, ask: What kept you so long?, max_length: 40, show_if: years >= 10}
  why:
    title: Reasons
    show_if: status != "practising"
    items:
      reasons:
        type: multiple_choice
        ask: Why, after {years} years?
        decline: true
        options:
          burnout: Burnout
          visa: Visa rules
          other: {label: Something else, please_say: true}
          none_of: {label: None of these, exclusive: true}
      heaviest: {type: single_choice, ask: Which weighs most?, show_if: count(reasons) > 1, options: {burnout: Burnout, visa: Visa rules, other: Something else}}
  seen:
    title: How it is seen
    items:
      look: {type: matrix, ask: How far are they seen as someone who …, scale: amount, decline: true, statements: {failed: has failed, grew: has grown}}
      sound: {type: rating, ask: Poor or sound judgement?, scale: {1: Poor, 2: null, 3: null, 4: null, 5: null, 6: null, 7: Sound}}
      identity: {type: rating, ask: How much of you is a doctor?, scale: amount}
  last:
    title: In your words
    items:
      words: {type: text, ask: What else would you say?, lines: 4}
"""
ARABIC = """
title: ترك العمل السريري
languages: [ar]
sections:
  now:
    title: أين أنت الآن
    items:
      status:
        type: single_choice
        ask: أيّ هذه يصفك اليوم؟
        required: true
        options: {practising: أعمل في العيادة, left: تركت العيادة, other: {label: غير ذلك, please_say: true}}
      seen: {type: matrix, ask: كيف يُنظر إلى من يترك؟, scale: {1: فشل, 2: بين بين, 3: نموّ}, statements: {peers: زملائي, family: أهلي}}
      sound: {type: rating, ask: حكم سيّئ أم سليم؟, scale: {1: سيّئ, 2: null, 3: null, 4: null, 5: سليم}}
  last:
    title: بكلماتك
    items:
      words: {type: text, ask: "ماذا تريد أن تقول ({status})؟", lines: 3}
"""
ANSWERS = {
    "status": "left", "years": 12, "long": "Habit & <hope>", "reasons": ["burnout", "other"], "reasons.other": "=1+1 👩‍⚕️",
    "heaviest": "burnout", "look.failed": 2, "look.grew": 4, "sound": 6, "identity": 3, "words": "Relief,\nand grief.",
}  # fmt: skip
@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("journeys")
    (folder / "surveys").mkdir()
    (folder / "surveys" / "leaving.yaml").write_text(LEAVING, encoding="utf-8")
    (folder / "surveys" / "arabic.yaml").write_text(ARABIC, encoding="utf-8")
    for file in (FLAGSHIP, FLAGSHIP.with_suffix(".de.yaml")):
        (folder / "surveys" / file.name).write_bytes(file.read_bytes())
    with Server(folder) as running:
        running.address()
        yield running


def receipt(page) -> str:
    assert page.url.endswith("/done")
    return page.locator("#receipt").inner_text()


@pytest.mark.parametrize("way", WAYS)
def test_every_type_of_item_is_answered_and_kept(server, visiting, way):
    visitor = visiting(server.base, **WAYS[way])
    page = visitor.begin("leaving")
    assert walk(page, ANSWERS) == ["now", "why", "seen", "last"]
    press(page)
    assert len(receipt(page)) == 19 and overflow(page) == 0
    assert visitor.kept(server, "leaving") == ("complete", ANSWERS)


# The other routes are answered over HTTP, in test_examples_over_http.py.
@pytest.mark.parametrize(("number", "status", "script"), [(0, "practising", True), (3, "returned", False)])
def test_the_flagship_is_answered_in_a_browser(server, visiting, number, status, script):
    """What is stored is what was drawn, chosen and typed, and nothing else."""
    survey = FLAGSHIP.stem
    visitor = visiting(server.base, java_script_enabled=script)
    page, chosen = visitor.begin(survey), {}
    for _ in range(60):
        if path_of(page).endswith("/submit"):
            break
        chosen |= choose_all(page, number, status=status, stage="early")
        press(page)
        assert page.locator(".summary").count() == 0, page.locator("main").inner_text()
    assert "You have answered every question." in page.locator("main").inner_text()
    press(page)
    assert len(receipt(page)) == 19
    disposition, answers = visitor.kept(server, survey)
    assert disposition == "complete" and len(answers) > 12
    instrument, _ = read_file(FLAGSHIP)
    given = {name: answers.pop(name) for name in instrument.given}
    block = instrument.vignettes[0].design.blocks[given["move_block"]]
    professions = [option.code for option in instrument.vignettes[0].attributes[0].levels]
    assert {given[f"move_profession_{k}"] for k in (1, 2, 3, 4, 5)} == {professions[cell[0]] for cell in block}
    wanted = ranked(chosen, ("heaviest", "main_reasons"))
    unordered = {name for name, value in wanted.items() if isinstance(value, list)} - {"heaviest", "main_reasons"}
    kept = {name: [str(code) for code in value] if isinstance(value, list) else str(value) for name, value in answers.items()}
    for name in unordered:  # shown in an order of its own
        kept[name].sort()
        wanted[name].sort()
    assert kept == wanted


def test_without_the_script_one_is_led_to_what_an_answer_revealed(server, visiting):
    page = visiting(server.base, java_script_enabled=False).begin("leaving")
    control(page, "status", "left").check()
    press(page)
    assert page.evaluate("document.querySelector(':target').id") == "i-years" and page.locator("#q-years").is_visible()
    answer(page, {"years": "3"})
    assert page.url.endswith("/s/leaving/why")


def test_a_survey_that_reads_from_right_to_left(server, visiting):
    visitor = visiting(server.base, viewport={"width": 360, "height": 640})
    page = visitor.begin("arabic")
    assert page.locator("html").get_attribute("dir") == "rtl"
    control(page, "status", "other").check()
    for label, box in ((f"label:has(#q-status{number})", f"#q-status{number}") for number in ("", "-2", "-3")):
        right = page.locator(label).bounding_box()
        assert page.locator(box).bounding_box()["x"] > right["x"] + right["width"] / 2
    row = [page.locator(f"label:has(#q-sound{number})").bounding_box()["x"] for number in ("", "-2", "-5")]
    assert row == sorted(row, reverse=True)
    answers = {"status": "other", "status.other": "طبيبة في إجازة 🩺", "seen.peers": 1, "seen.family": 3, "sound": 4, "words": "راحة\nوحزن"}
    assert walk(page, answers) == ["now", "last"]
    page.goto("/s/arabic/last")
    assert "(غير ذلك)" in re.sub("[\u2066-\u2069]", "", page.locator("label[for=q-words]").inner_text())
    page.goto("/s/arabic/submit")
    press(page)
    assert visitor.kept(server, "arabic") == ("complete", answers)


# --- by keyboard -----------------------------------------------------------------------------------------


def test_the_keyboard_alone_is_enough(server, visiting):
    visitor = visiting(server.base)
    page, keys = visitor.page, visitor.page.keyboard
    page.goto("/s/leaving")
    tab_to(page, "a.skip")
    assert page.locator("a.skip").bounding_box()["y"] >= 0
    keys.press("Enter")
    send_by_keyboard(page)
    tab_to(page, "[name=status]")
    keys.press("Space")
    keys.press("ArrowDown")
    tab_to(page, "#q-years")
    keys.type("12")
    tab_to(page, "#q-long")
    keys.type("Habit")
    send_by_keyboard(page)
    tab_to(page, "[name=reasons][value=burnout]")
    keys.press("Space")
    tab_to(page, "[name=reasons][value=other]")
    keys.press("Space")
    tab_to(page, "[name='reasons.other']")
    keys.type("Rotas")
    tab_to(page, "[name=heaviest]")
    keys.press("ArrowUp")
    send_by_keyboard(page)
    for name, presses in (("look.failed", 1), ("look.grew", 3), ("sound", 5), ("identity", 2)):
        tab_to(page, f"[name='{name}']")
        keys.press("Space")
        for _ in range(presses):
            keys.press("ArrowRight")
    send_by_keyboard(page)
    tab_to(page, "#q-words")
    keys.type("Relief,")
    keys.press("Enter")
    keys.type("and grief.")
    send_by_keyboard(page)
    send_by_keyboard(page)
    receipt(page)
    expected = ANSWERS | {"long": "Habit", "reasons.other": "Rotas", "heaviest": "other"}
    assert visitor.kept(server, "leaving") == ("complete", expected)


def test_an_error_takes_the_focus_and_leads_to_its_field_by_keyboard(server, visiting):
    page = visiting(server.base).begin("leaving")
    fill(page, {"status": "left", "years": "ninety"})
    press(page)
    assert page.title().startswith("Error:")
    assert page.evaluate("document.activeElement.matches('.summary')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "q-years"
    assert page.input_value("#q-years") == "ninety" and control(page, "status", "left").is_checked()
    described = page.get_attribute("#q-years", "aria-describedby").split()
    assert "Enter a whole number from 0 to 70." in page.locator(f"[id='{described[-1]}']").inner_text()


@pytest.mark.parametrize("script", [True, False])
def test_what_was_left_out_is_asked_about_once(server, visiting, script):
    visitor = visiting(server.base, java_script_enabled=script)
    page = visitor.begin("leaving")
    answer(page, {"status": "practising"})
    answer(page, {"look.failed": 2})
    assert path_of(page) == "/s/leaving/seen" and not page.title().startswith("Error:")
    assert page.evaluate("document.activeElement.matches('.summary')") is script
    assert control(page, "look.failed", 2).is_checked()
    press(page)
    assert path_of(page) == "/s/leaving/last"
    skipped = {"missing": "skipped"}
    given = {"status": "practising", "look.failed": 2, "look.grew": skipped, "sound": skipped, "identity": skipped}
    given["~reminded"] = "seen"
    assert visitor.kept(server, "leaving") == ("open", given)


# --- what the browser shows, the server asks --------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        {"status": status} | ({"years": years} if years else {})
        for status, years in itertools.chain(
            itertools.product(["left"], ["", "3", "10", " 1 0 ", "70", "71", "-10", "ten"]),
            [("practising", ""), ("other", "")],
        )
    ],
)
def test_browser_and_server_show_the_same_items(server, visiting, answers):
    visitor = visiting(server.base)
    page = visitor.begin("leaving")
    fill(page, answers)
    shown = page.evaluate("[...document.querySelectorAll('fieldset.item:not([hidden])')].map(e => e.id.slice(2))")
    sent = press(page)
    if path_of(page) == "/s/leaving/now":
        assert page.locator(".summary").count(), "the server knew of an item that the browser had not shown"
        assert displayed(sent.text()) == shown
    else:
        assert displayed(visitor.context.request.get("/s/leaving/now").text()) == shown
