"""What the way in promises about a name: nothing that an item of the survey asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.survey.identity import asks_who, is_private
from app.survey.source.reading import read_survey
from tests.support.respondent import CODE, Respondent, service

SURVEY = """
title: Leaving
privacy: {privacy}
sections:
  only:
    items:
      status: {{type: single_choice, ask: Status, identifying: true, options: {{in: In practice, left: Left}}}}
      it: {item}
"""
NAME = "{type: text, ask: Whose answers are these?, identifying: true}"
WORDS = "{type: text, ask: In your words}"


def item(written: str):
    instrument, faults = read_survey(SURVEY.format(privacy="confidential", item=written).encode(), "leaving")
    assert instrument is not None, faults
    return instrument.item["it"]


@pytest.mark.parametrize(
    "written",
    [
        NAME,
        "{type: text, ask: Name}",
        "{type: text, ask: What is your full name?}",
        "{type: text, ask: Your e-mail address}",
        "{type: text, ask: Where can we reach you?, example: ada@example.org, pattern: '.+@.+'}",
        "{type: text, ask: Where can we reach you?, example: +44 20 7946 0958, pattern: '[+0-9 ]+'}",
        "{type: text, ask: GMC number}",
        "{type: text, ask: Which one is yours?, example: '7012345', pattern: '[0-9]{7}'}",
        "{type: number, ask: Your registration number, range: [0, 99999999]}",
        "{type: number, ask: Which is yours?, range: [0, 99999999], identifying: true}",
        "{type: date, ask: When were you born?, identifying: true}",
        "{type: text, ask: Wie heißen Sie?}",
        "{type: text, ask: Ihre E-Mail-Adresse}",
        "{type: text, ask: Votre nom et prénom}",
        "{type: text, ask: ¿Cómo se llama usted?}",
        "{type: text, ask: Correo electrónico}",
        "{type: text, ask: ما اسمك؟}",
        "{type: text, ask: ما اسمكم الكامل؟}",
        "{type: text, ask: ما عنوان بريدك الإلكتروني؟}",
        "{type: text, ask: رقم هاتفكم}",
        "{type: text, ask: 'NPI?'}",
        "{type: text, ask: What is your mobile phone?}",
        "{type: text, ask: Ihre Rufnummer?}",
        "{type: text, ask: Quel est votre téléphone ?}",
        "{type: text, ask: ¿Cuál es su correo?}",
        "{type: text, ask: Cédula profesional}",
        "{type: text, ask: البريد الإلكتروني}",
        "{type: text, ask: 'Your e-mail address (do not use your work address)'}",
        "{type: text, ask: What e-mail can we reach you at?}",
        "{type: text, ask: How may we write to you?, hint: Your e-mail address}",
        "{type: text, ask: NHS number}",
        "{type: text, ask: Mobile no.}",
        "{type: text, ask: What are you called?}",
        "{type: text, ask: Telefon (freiwillig)}",
        "{type: text, ask: Bitte geben Sie Ihre E-Mail an}",
        "{type: text, ask: Anschrift}",
        "{type: text, ask: Comment vous appelez-vous ?}",
        "{type: text, ask: Nom et prénom}",
        "{type: text, ask: Courriel}",
        "{type: text, ask: N° RPPS}",
        "{type: text, ask: Nombre completo}",
        "{type: text, ask: Teléfono}",
        "{type: text, ask: N.º de colegiado}",
        "{type: text, ask: اسم العائلة}",
        "{type: text, ask: هاتفك}",
        "{type: text, ask: Where do you live?}",
        "{type: text, ask: Street and town}",
        "{type: text, ask: 'Street, house number'}",
        "{type: text, ask: Wo wohnen Sie?}",
        "{type: text, ask: Straße und Ort}",
        "{type: text, ask: 'Straße, Hausnummer, PLZ und Ort'}",
        "{type: text, ask: Où habitez-vous ?}",
        "{type: text, ask: Rue et ville}",
        "{type: text, ask: ¿Dónde vive usted?}",
        "{type: text, ask: Calle y ciudad}",
        "{type: text, ask: أين تسكن؟}",
        "{type: text, ask: الشارع والمدينة}",
        "{type: single_choice, ask: May we write?, options: {no: Not now, ok: {label: 'Yes, my e-mail address:', please_say: true}}}",
    ],
)
def test_an_item_that_asks_for_a_name_an_address_or_a_number_is_recognised(written: str) -> None:
    assert asks_who(item(written)) and is_private(item(written))


@pytest.mark.parametrize(
    "written",
    [
        WORDS,
        "{type: text, ask: 'What would you say? Please do not write your name.'}",
        "{type: text, ask: Name one thing that would make you stay.}",
        "{type: text, ask: How would you name this feeling?}",
        "{type: text, ask: Which years?, example: 2019-2020, pattern: '[0-9]{4}-[0-9]{4}'}",
        "{type: number, ask: Your age, range: [18, 99], identifying: true}",
        "{type: date, ask: When did you qualify?, precision: year, identifying: true}",
        "{type: single_choice, ask: Your name begins with, options: {a: A to M, n: N to Z}, identifying: true}",
        "{type: text, ask: Wie nennen Sie das?}",
        "{type: text, ask: Was stünde in einer E-Mail an Ihren Chef?}",
        "{type: text, ask: What happened?, hint: Please do not give your name.}",
        "{type: text, ask: What are you?}",
        "{type: text, ask: What name would you give to this feeling?}",
        "{type: text, ask: Wie viele E-Mails erhalten Sie am Tag?}",
        "{type: text, ask: Quel nom donneriez-vous à ce sentiment ?}",
        "{type: text, ask: ¿Cómo valora su dirección?}",
        "{type: text, ask: ما اسم هذا الشعور؟}",
        "{type: single_choice, ask: Where do you live?, options: {city: In a city, country: In the country}}",
        "{type: text, ask: Where do you live most freely?}",
        "{type: text, ask: Where do you live out your values?}",
        "{type: text, ask: What does the man in the street say about doctors?}",
        "{type: text, ask: In which country do you live?}",
        "{type: text, ask: Town}",
        "{type: text, ask: Wo leben Sie auf?}",
        "{type: text, ask: Was hören Sie auf der Straße über Ärzte?}",
        "{type: text, ask: In welchem Land wohnen Sie?}",
        "{type: text, ask: Où vivez-vous votre métier ?}",
        "{type: text, ask: Que dit-on dans la rue des médecins ?}",
        "{type: text, ask: ¿Dónde vive su vocación?}",
        "{type: text, ask: ¿Qué se dice en la calle?}",
        "{type: text, ask: أين تعيش أفضل لحظاتك؟}",
        "{type: text, ask: ماذا يقول الشارع عن الأطباء؟}",
        "{type: single_choice, ask: Your e-mail provider, options: {a: {label: Another, please_say: true}, own: Your e-mail}}",
    ],
)
def test_an_item_that_asks_something_else_is_not_taken_for_one(written: str) -> None:
    assert not asks_who(item(written))


PROMISES = {"en": "not your name", "de": "nicht Ihren Namen", "fr": "ni votre nom", "es": "no su nombre", "ar": "لا باسمكم"}
SAID = {
    "en": "Some questions ask who you are", "de": "Einige Fragen", "fr": "Certaines questions",
    "es": "Algunas preguntas", "ar": "بعض الأسئلة",
}  # fmt: skip


def facts(page: str) -> str:
    return re.sub(r"<[^>]+>", "", re.search(r'<ul class="facts">(.*?)</ul>', page, re.DOTALL)[1])


@pytest.mark.parametrize("privacy", ["anonymous", "confidential", "identified"])
@pytest.mark.parametrize("asked", [NAME, WORDS], ids=["a name is asked", "no name is asked"])
@pytest.mark.parametrize("language", PROMISES)
async def test_the_way_in_promises_no_namelessness_where_a_name_is_asked(tmp_path: Path, privacy: str, asked: str, language: str) -> None:
    text = f"languages: [{language}]" + SURVEY.format(privacy=privacy, item=asked)
    async with service(tmp_path, text) as app, Respondent(app) as browser:
        said = facts((await browser.get("/s/leaving")).text)
        assert (PROMISES[language] in said) is (privacy == "anonymous" and asked is WORDS)
        assert (SAID[language] in said) is (asked is NAME)


@pytest.mark.parametrize(("asked", "alone"), [(NAME, False), (WORDS, True)])
async def test_the_receipt_is_called_the_only_tie_only_where_it_is(tmp_path: Path, asked: str, alone: bool) -> None:
    text = SURVEY.format(privacy="anonymous", item=asked)
    async with service(tmp_path, text) as app, Respondent(app) as browser:
        await browser.fill(await browser.begin(), status="in", it="x")
        page = (await browser.get("/s/leaving/done")).text
        assert CODE.search(page) and ("Nothing else connects them with you" in page) is alone


@pytest.mark.parametrize(("privacy", "warned"), [("anonymous", ["not-anonymous"]), ("confidential", []), ("identified", [])])
def test_check_says_that_an_anonymous_survey_asks_for_a_name(privacy: str, warned: list[str]) -> None:
    _, faults = read_survey(SURVEY.format(privacy=privacy, item=NAME).encode(), "leaving")
    assert [fault.code for fault in faults if fault.code != "identity-risk"] == warned
