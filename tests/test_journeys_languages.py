"""A survey in three languages in a real browser: switching keeps what is typed, with the script and without it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.browsing import overflow, path_of, press
from tests.support.server import Server

EXAMPLES = Path(__file__).parent.parent / "surveys" / "examples"
WITH_AND_WITHOUT = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("languages")
    (folder / "surveys").mkdir()
    for file in EXAMPLES.glob("languages*.yaml"):
        shutil.copy(file, folder / "surveys")
    with Server(folder) as running:
        yield running


def begun(visiting, server, **options):
    """A respondent's browser at the first section."""
    visitor = visiting(server.base, **options)
    visitor.begin("languages")
    assert path_of(visitor.page) == "/s/languages/you"
    return visitor


def switch(page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def answer_first(page, hours: str) -> None:
    page.select_option("[name='qualified.month']", "03")
    page.fill('[name="qualified.year"]', "1999")
    page.fill('[name="hours"]', hours)
    page.check('[name="country"][value="elsewhere"]')
    page.fill('[name="country.elsewhere"]', "Schweden & <b>")


def language(page) -> tuple[str, str]:
    return page.evaluate("[document.documentElement.lang, document.documentElement.dir]")


@WITH_AND_WITHOUT
def test_switching_amid_a_page_keeps_what_is_typed_and_back_again(visiting, server, script):
    visitor = begun(visiting, server, java_script_enabled=script)
    page = visitor.page
    answer_first(page, "45.5")
    for name, expected, question, hours in (
        ("Deutsch", ["de", "ltr"], "Wie viele Stunden", "45,5"),
        ("العربية", ["ar", "rtl"], "كم ساعة", "45.5"),
        ("English", ["en", "ltr"], "How many hours", "45.5"),
    ):
        switch(page, name)
        assert page.locator("html").get_attribute("lang") == expected[0]
        assert page.locator("html").get_attribute("dir") == expected[1]
        assert page.get_by_text(question).first.is_visible()
        assert page.input_value('[name="hours"]') == hours
        assert page.input_value("[name='qualified.month']") == "03"
        assert page.input_value('[name="qualified.year"]') == "1999"
        assert page.is_checked('[name="country"][value="elsewhere"]')
        assert page.input_value('[name="country.elsewhere"]') == "Schweden & <b>"
        assert page.locator(".error, .summary").count() == 0
    _, answers = visitor.kept(server, "languages")
    assert answers.keys() == {"language", "today"}  # nothing typed is kept before it is sent
    press(page)
    assert path_of(page) == "/s/languages/moving"
    _, answers = visitor.kept(server, "languages")
    assert (answers["hours"], answers["qualified"], answers["language"]) == (45.5, "1999-03", "en")


@WITH_AND_WITHOUT
def test_journey_in_german_reads_and_writes_its_numbers(visiting, server, script):
    visitor = begun(visiting, server, locale="de-AT", java_script_enabled=script)
    page = visitor.page
    assert page.locator("html").get_attribute("lang") == "de"
    answer_first(page, "45,5")
    press(page)
    assert page.get_by_text("Bei 45,5 Stunden in der Woche").is_visible()
    page.get_by_role("link", name="Zurück").click()
    assert page.input_value('[name="hours"]') == "45,5"
    press(page)
    switch(page, "English")
    assert page.get_by_text("With 45.5 hours a week").is_visible()
    for _ in range(2):  # what is left open is asked about once
        press(page)
    assert path_of(page) == "/s/languages/submit"
    switch(page, "Deutsch")
    assert path_of(page) == "/s/languages/submit"
    assert page.get_by_text("2 Fragen sind unbeantwortet.").is_visible()
    press(page)
    assert page.get_by_text("Ihr Quittungscode").is_visible()
    page.get_by_role("link", name="العربية").click()
    assert page.get_by_text("رمز الإيصال الخاص بكم").is_visible()
    disposition, answers = visitor.kept(server, "languages")
    assert (disposition, answers["language"], answers["hours"]) == ("complete", "de", 45.5)


def test_enter_in_a_field_sends_the_page_and_switches_nothing(visiting, server):
    for script in (True, False):
        page = begun(visiting, server, java_script_enabled=script).page
        answer_first(page, "45.5")
        with page.expect_navigation():
            page.press('[name="hours"]', "Enter")
        assert path_of(page) == "/s/languages/moving"
        assert page.locator("html").get_attribute("lang") == "en"


def test_coming_back_goes_on_in_the_language_chosen(visiting, server):
    visitor = begun(visiting, server)
    switch(visitor.page, "Deutsch")
    again = visitor.context.new_page()
    again.goto("/s/languages")
    assert again.get_by_text("Dort weitermachen, wo Sie waren").is_visible()
    switch(again, "العربية")
    assert path_of(again) == "/s/languages"
    again.get_by_role("link", name="المتابعة من حيث توقفتم").click()
    assert language(again) == ["ar", "rtl"]
    assert path_of(again) == "/s/languages/you"


def test_way_in_can_be_read_in_every_language_before_anything_begins(visiting, server):
    visitor = visiting(server.base, java_script_enabled=False)
    page = visitor.page
    page.goto("/s/languages")
    page.get_by_role("link", name="Deutsch").click()
    assert page.get_by_text("freiwillig", exact=True).is_visible()
    assert visitor.context.cookies() == []
    press(page)
    assert page.locator("html").get_attribute("lang") == "de"


def test_arabic_is_mirrored_and_fits_every_width(visiting, server):
    for width in (320, 360, 1280):
        page = begun(visiting, server, locale="ar", viewport={"width": width, "height": 800}).page
        press(page)  # with problems shown
        assert language(page) == ["ar", "rtl"]
        assert overflow(page) == 0
        box = page.locator('label:has([name="country"][value="same"])').bounding_box()
        circle = page.locator('[name="country"][value="same"]').bounding_box()
        assert circle["x"] > box["x"] + box["width"] / 2  # the circle stands at the right
        mark = page.evaluate(
            "getComputedStyle(document.querySelector('.item:has(> .error)'), '::before').right"
        )
        assert mark == "0px"
        summary = page.locator(".summary h2").evaluate(
            "e => getComputedStyle(e).textAlign + getComputedStyle(e).direction"
        )
        assert summary == "startrtl"


def test_switch_is_large_enough_for_a_thumb_and_axe_finds_nothing(visiting, server):
    from axe_playwright_python.sync_playwright import Axe

    for locale in ("en", "ar"):
        page = begun(visiting, server, locale=locale, viewport={"width": 320, "height": 800}).page
        assert Axe().run(page).response["violations"] == []
        for one in page.locator(".language").all():
            box = one.bounding_box()
            assert box["height"] >= 44 and box["width"] >= 44
        order = page.evaluate(
            "[...document.querySelectorAll('a, button, input, select')].filter(e => e.tabIndex >= 0).map(e => e.name)"
        )
        assert order.index("language") < order.index("qualified.month")
