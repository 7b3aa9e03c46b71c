"""The service's own words: catalogues that are whole and fresh, pages and problems in the reader's language."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interview.form import rewrite_numbers
from app.interview.questionnaire import Entered, Questionnaire
from app.interview.rendering.state import PageState
from app.languages.catalogues import catalogue, preferred, spoken
from app.languages.formats import own_name
from app.languages.locale import build
from app.web.http.templates import environment
from tests.support.answers import instrument
from tests.support.paths import read_section, walk
from tests.support.respondent import Respondent, form_of, hidden, service

ROOT = Path(__file__).parent.parent
PAGES = environment(ROOT / "templates")
PLACE = re.compile(r"%(?:\((\w+)\)s|%)")
TEMPLATE = build.extracted()

SURVEY = """\
title: Leaving
languages: [en, de, ar]
closes: 2099-12-31
sections:
  you:
    title: You
    items:
      years: {type: number, ask: How many years?, range: [0, 70], decimals: 1, required: true}
      split: {type: constant_sum, ask: How is it split?, options: {clinic: Clinic, desk: Desk}}
      look: {type: single_choice, ask: Which?, options: {one: One, two: Two}}
  then:
    title: Then
    items:
      why: {type: text, ask: "Why, after {years} years?"}
"""
GERMAN = """\
title: Gehen
sections:
  you:
    title: Sie
    items:
      years: {ask: Wie viele Jahre?}
      split: {ask: Wie verteilt?, options: {clinic: Klinik, desk: Schreibtisch}}
      look: {ask: Welches?, options: {one: Eins, two: Zwei}}
  then: {title: Dann, items: {why: {ask: "Warum, nach {years} Jahren?"}}}
"""
ARABIC = "title: الرحيل\nsections:\n  you:\n    title: أنتم\n"


@pytest.fixture(scope="module")
def leaving():
    return Questionnaire(PAGES, instrument(SURVEY, de=GERMAN, ar=ARABIC))


# --- catalogues ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", build.LANGUAGES)
def test_catalogue_is_fresh_and_whole(language):
    """Whoever changes a sentence: python -m app.languages.locale.build, then translate what it names."""
    made = build.updated(language, TEMPLATE)
    assert build.untranslated(made) == []
    assert (build.FOLDER / f"{language}.po").read_bytes() == build.as_po(made)
    assert sentences((build.FOLDER / f"{language}.mo").read_bytes()) == sentences(build.as_mo(made))


def sentences(mo: bytes) -> dict[object, str]:
    """What a compiled catalogue says; its head tells which program wrote it."""
    return {sentence: said for sentence, said in GNUTranslations(BytesIO(mo))._catalog.items() if sentence}


def test_template_of_the_catalogues_is_fresh():
    assert (build.FOLDER / "opinion.pot").read_bytes() == build.as_po(TEMPLATE)


def places(sentence: str) -> set[str]:
    return {place[0] for place in PLACE.finditer(sentence)}


@pytest.mark.parametrize("language", build.LANGUAGES)
def test_translation_has_the_places_of_its_original_and_no_stray_percent_sign(language):
    for message in build.read(language):
        if not message.id:
            continue
        if message.pluralizable:
            for form in message.string:
                assert places(form) <= places(message.id[0]) | places(message.id[1]), form
            assert "%(num)s" in message.string[-1]
        else:
            assert places(message.string) == places(message.id), message.id
        for form in message.string if message.pluralizable else [message.string]:
            if PLACE.search(form):
                assert "%" not in PLACE.sub("", form), form


@pytest.mark.parametrize("language", build.LANGUAGES)
def test_sentence_fits_its_values_in_every_language(language):
    """Newstyle gettext puts values in whenever a sentence is shown: it may never fail."""
    words = catalogue(language)
    for message in TEMPLATE:
        if not message.id:
            continue
        values = dict.fromkeys(re.findall(r"%\((\w+)\)s", str(message.id)), "1")
        if message.pluralizable:
            for number in (0, 1, 2, 3, 11, 100, 101):
                assert words.ngettext(*message.id, number) % (values | {"num": number})
        elif "%" in message.id:
            assert words.gettext(message.id) % values


def test_arabic_has_its_six_plural_forms():
    words = catalogue("ar")
    one, several = (
        "One question has no answer. You can leave it empty.",
        "%(num)s questions have no answer. You can leave them empty.",
    )
    said = [words.ngettext(one, several, number) for number in (0, 1, 2, 3, 11, 100)]
    assert len(set(said)) == 6


def test_region_takes_its_language_and_a_language_without_a_catalogue_is_english():
    assert catalogue("de-AT").gettext("Continue") == "Weiter"
    assert catalogue("pt-BR").gettext("Continue") == "Continue"
    assert catalogue("../de").gettext("Continue") == "Continue"
    assert spoken() == ("en", "ar", "de", "es", "fr")


def test_building_twice_gives_the_same():
    once = build.updated("ar", TEMPLATE)
    assert build.as_po(build.updated("ar", TEMPLATE)) == build.as_po(once)
    assert b"nplurals=6" in build.as_po(once)


# --- which language is asked for -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "offered", "language"),
    [
        ("de", ["en", "de"], "de"),
        ("de-AT,de;q=0.9,en;q=0.8", ["en", "de"], "de"),
        ("fr;q=0.9, de;q=0.95", ["fr", "de"], "de"),
        ("fr, en;q=0.5", ["de", "en"], "en"),
        ("de;q=0, en", ["de", "en"], "en"),
        ("pt", ["en", "pt-BR"], "pt-BR"),
        ("pt-PT", ["en", "pt-BR"], "pt-BR"),
        ("zh-hans-cn", ["en", "zh-Hans"], "zh-Hans"),
        ("nl", ["en", "de"], None),
        ("*", ["ar", "en"], "ar"),
        ("de;q=x, en;q=2, fr;level=1", ["en", "de"], None),
        ("", ["en"], None),
    ],
)
def test_language_that_the_browser_asks_for_first(accepted, offered, language):
    assert preferred(accepted, offered) == language


@given(st.text(max_size=80))
def test_any_header_is_answered(accepted):
    assert preferred(accepted, ["en", "de"]) in ("en", "de", None)


# --- pages -----------------------------------------------------------------------------------------------


def test_page_speaks_the_language_throughout(leaving):
    page = leaving.in_language("de").pages["you"].fill(PageState(token="t")).decode()
    assert '<html lang="de" dir="ltr">' in page
    for words in ("Gehen", "Wie viele Jahre?", "Eine Zahl von 0 bis 70", "Weiter", "Teil 1 von 2", "Sprache"):
        assert words in page
    for english in ("Continue", "How many", "Part 1", "A number"):
        assert english not in page


def test_arabic_runs_from_right_to_left(leaving):
    page = leaving.in_language("ar").pages["you"].fill(PageState(token="t")).decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert "متابعة" in page
    assert "How many years?" in page  # what is not translated is there all the same


def test_switch_names_each_language_in_its_own_words(leaving):
    page = leaving.in_language("de").pages["you"].fill(PageState(token="t")).decode()
    assert '<span class="language" lang="de" dir="ltr" aria-current="true">Deutsch</span>' in page
    assert (
        'form="form" name="language" value="ar" class="language" lang="ar" dir="rtl">العربية</button>' in page
    )
    assert 'name="language" value="en" class="language" lang="en" dir="ltr">English</button>' in page
    # Enter in a field presses the first button of its form: that must not be one of these.
    assert page.index('class="unseen" tabindex="-1"') < page.index('name="language"')


def test_survey_of_one_language_has_no_switch():
    only = Questionnaire(PAGES, instrument(SURVEY.replace("[en, de, ar]", "[en]")))
    assert "languages" not in only.pages["you"].fill(PageState(token="t")).decode()


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "English"), ("pt-BR", "Português (Brasil)"), ("ar", "العربية"), ("xx", "xx")],
)
def test_what_a_language_is_called_by_its_speakers(language, name):
    assert own_name(language) == name


def test_survey_without_a_catalogue_of_its_language_falls_back_to_english():
    asked = instrument(SURVEY.replace("[en, de, ar]", "[pt-BR]"))
    page = Questionnaire(PAGES, asked).pages["you"].fill(PageState(token="t")).decode()
    assert '<html lang="pt-BR" dir="ltr">' in page
    assert "Continue" in page


def problems(questionnaire: Questionnaire, **form: list[str]) -> str:
    instrument = questionnaire.instrument
    section, path = instrument.sections[0], walk(instrument, {})
    sent = {"shown": [item.id for item in section.items], **form}
    reading = read_section(section, sent, {}, instrument.language)
    entered = Entered(sent, reading.problems, reading.skipped)
    return questionnaire.filled("t", path, path.sections[0], None, None, entered).decode()


def test_problems_are_told_in_the_language_with_its_numbers(leaving):
    page = problems(leaving.in_language("de"), years=["70,5"])
    assert "Die Zahl muss zwischen 0 und 70 liegen." in page
    assert "Etwas braucht noch einen Blick" in page
    assert "Geben Sie eine Zahl ein." in problems(leaving.in_language("de"))
    assert "أدخلوا رقمًا." in problems(leaving.in_language("ar"))
    assert "Enter a number." in problems(leaving)


# --- what was typed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "old", "new", "shown"),
    [
        ("12,5", "de", "en", "12.5"),
        ("12.5", "en", "de", "12,5"),
        ("1.234", "de", "en", "1234"),
        ("1,234", "en", "de", "1234"),
        ("١٢٫٥", "ar", "en", "12.5"),
        ("about 12", "en", "de", "about 12"),
        ("", "en", "de", ""),
        ("<b>", "en", "de", "<b>"),
    ],
)
def test_number_means_the_same_after_the_language_was_changed(leaving, typed, old, new, shown):
    section = leaving.instrument.sections[0]
    form = {"years": [typed], "split.clinic": [typed], "look": ["one"], "why": ["1.234"], "other": ["x"]}
    again = rewrite_numbers(section, form, old, new)
    assert again == {**form, "years": [shown], "split.clinic": [shown]}


# --- over HTTP -------------------------------------------------------------------------------------------


def in_three_languages(folder: Path) -> None:
    (folder / "surveys").mkdir()
    (folder / "surveys" / "leaving.de.yaml").write_text(GERMAN, "utf-8")
    (folder / "surveys" / "leaving.ar.yaml").write_text(ARABIC, "utf-8")


@asynccontextmanager
async def visited(folder: Path) -> AsyncIterator[Respondent]:
    in_three_languages(folder)
    async with service(folder, SURVEY) as app, Respondent(app) as browser:
        yield browser


async def test_pages_that_belong_to_no_survey_speak_the_browser_s_language(tmp_path):
    async with visited(tmp_path) as browser:
        browser.headers["accept-language"] = "de-CH, en;q=0.5"
        listed = (await browser.get("/")).text
        assert '<html lang="de"' in listed and "Was denken Ärztinnen und Ärzte?" in listed
        assert "offen bis 31. Dezember 2099" in listed
        assert '<div lang="de" dir="ltr"><h2><a href="/s/leaving">Gehen</a>' in listed
        assert "Ihre Antworten zurückziehen" in (await browser.get("/withdraw")).text
        wrong = await browser.post("/withdraw", data={"receipt": "AAAA"})
        assert "Zu diesem Code gibt es keine Antworten." in wrong.text
        browser.headers["accept-language"] = "fr"
        listed = (await browser.get("/")).text
        assert '<html lang="fr"' in listed
        assert '<div lang="en" dir="ltr"><h2><a href="/s/leaving">Leaving</a>' in listed


async def test_problems_of_pages_are_told_in_the_browser_s_language(tmp_path):
    async with visited(tmp_path) as browser:
        for language, heading in (
            ("es", "Aquí no hay nada"),
            ("ar", "لا شيء هنا"),
            ("nl", "There is nothing here"),
        ):
            page = await browser.get("/nothing", headers={"accept-language": language})
            assert page.status_code == 404
            assert f"<h1>{heading}</h1>" in page.text
            assert f'<html lang="{language if language != "nl" else "en"}"' in page.text
        again = await browser.get("/nothing", headers={"accept-language": "es"})
        assert "Aquí no hay nada" in again.text  # and what is kept of one language is not shown to another
        sent = await browser.post("/s/leaving", data={"token": "forged"}, headers={"accept-language": "de"})
        assert sent.status_code == 403
        assert "Dieses Formular gehört nicht zu dieser Befragung" in sent.text
        assert "Die Befragung öffnen" in sent.text
        plain = await browser.get("/nothing", headers={"accept-language": "de", "accept": "application/json"})
        assert plain.json()["heading"] == "There is nothing here"


async def test_who_comes_back_can_go_on_in_another_language(tmp_path):
    async with visited(tmp_path) as browser:
        await browser.begin()
        welcome = (await browser.get("/s/leaving")).text
        assert "Continue where you left off" in welcome
        own = re.search(
            r'<form id="form" method="post"><input type="hidden" name="token" value="([^"]*)">', welcome
        )
        assert own is not None
        sent = await browser.post("/s/leaving", data={"token": own[1], "language": "de"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/s/leaving")
        assert "Dort weitermachen, wo Sie waren" in (await browser.get("/s/leaving")).text
        assert "Wie viele Jahre?" in (await browser.get("/s/leaving/you")).text


async def test_number_typed_in_one_language_is_kept_from_the_page_in_another(tmp_path):
    async with visited(tmp_path) as browser:
        browser.headers["accept-language"] = "de"
        address = await browser.begin()
        form = form_of((await browser.get(address)).text) | {"years": "12,5", "split.clinic": "60"}
        switched = await browser.post(address, data=form | {"language": "en"})
        assert switched.status_code == 200
        assert hidden(switched.text, "years") == "12.5"
        assert 'name="split.clinic" value="60"' in switched.text
        back = await browser.post(address, data=form_of(switched.text) | {"years": "12.5", "language": "de"})
        assert hidden(back.text, "years") == "12,5"
        await browser.fill(address, years="12,5", **{"split.clinic": "60", "split.desk": "40", "look": "one"})
        assert "Warum, nach <bdi>12,5</bdi> Jahren?" in (await browser.get("/s/leaving/then")).text


async def test_done_page_can_be_read_in_every_language(tmp_path):
    async with visited(tmp_path) as browser:
        address = await browser.begin()
        await browser.fill(address, years="3", look="one", **{"split.clinic": "100"})
        await browser.fill("/s/leaving/then", why="so")
        await browser.fill("/s/leaving/submit")
        assert "Your receipt code" in (await browser.get("/s/leaving/done")).text
        german = (await browser.get("/s/leaving/done?language=de")).text
        assert "Ihr Quittungscode" in german and 'href="?language=ar"' in german
