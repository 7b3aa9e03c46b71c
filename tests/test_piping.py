"""What pipes say in each language: numbers, dates, lists, labels, what was drawn and what is worked out."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.interview.questionnaire import Entered, Questionnaire
from app.interview.rendering.piping import Piping
from app.survey.items.fields import Problem
from app.survey.source.reading import read_survey
from app.survey.texts import Text
from app.web.http.templates import environment
from tests.support.html import Tags
from tests.support.paths import walk

PAGES = environment(Path(__file__).parent.parent / "templates")
SURVEY = """
title: Speaking
languages: [LANGUAGE]
scales:
  amount: {1: Not at all, 2: Somewhat, 3: null}
arms:
  cause: {burnout: "*Burnout*", kin: Family}
compute:
  gap: {label: Gap, value: years - 2}
  long: {label: Long, value: years > 5}
  then: {label: Then, value: left_on}
scores:
  stigma: {label: Stigma, mean: [seen.failed], bands: {low: {label: Hardly any, below: 2}, high: Much}}
sections:
  now:
    items:
      years: {type: number, ask: Years?, range: [0, 100000], decimals: 1}
      name: {type: text, ask: Name?}
      status: {type: single_choice, ask: Where?, options: {left: "Left *for good*", stayed: In place}}
      reasons: {type: multiple_choice, ask: Why?, options: {pay: Pay, visa: Visa, kin: Family}}
      weigh: {type: ranking, ask: Order?, options: {pay: Pay, visa: Visa}}
      values: {type: best_worst, ask: Which?, best: Most, worst: Least, options: {pay: Pay, rest: Rest}}
      seen: {type: matrix, ask: How seen?, scale: amount, statements: {failed: As failing}}
      left_on: {type: date, ask: When?}
      month: {type: date, ask: In which month?, precision: month}
"""
ANSWERS = {
    "cause": "burnout", "years": 12.5, "name": "<Ada>", "status": "left", "reasons": ["pay", "visa", "kin"], "weigh": ["visa", "pay"],
    "values.best": "rest", "seen.failed": 3, "left_on": "2024-02-29", "month": "1999-11",
}  # fmt: skip


def says(text: str, language: str = "en", **answers: object) -> str:
    asked, _ = read_survey(SURVEY.replace("LANGUAGE", language).encode(), "speaking")
    return Piping(asked, lambda sentence: sentence).words(Text(text), ANSWERS | answers)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{years}", "12.5"),
        ("{name} & co", "<Ada> & co"),
        ("{status}", "Left for good"),
        ("{cause}", "Burnout"),
        ("{reasons}", "Pay, Visa, and Family"),
        ("{weigh}", "Visa and Pay"),
        ("{values.best}", "Rest"),
        ("{values.worst|nothing}", "nothing"),
        ("{seen.failed}", "3"),
        ("{left_on}", "29 February 2024"),
        ("{month}", "November 1999"),
        ("{gap}", "10.5"),
        ("{long}", "yes"),
        ("{then}", "29 February 2024"),
        ("{stigma}", "3"),
        ("{stigma_band}", "Much"),
        ("{unheard_of}", "…"),
    ],
)
def test_a_pipe_reads_as_its_answer_does(text, said):
    assert says(text) == said


@pytest.mark.parametrize(
    ("years", "said"),
    [(1, "1 year"), (2, "2 years"), (1.5, "1.5 years"), (0, "no time"), ({"missing": "declined"}, "a while")],
)
def test_a_number_takes_the_form_that_its_language_gives_it(years, said):
    assert says("{years|zero: no time|one: # year|other: # years|a while}", years=years) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("de", "{years}", "12,5"),
        ("de", "{left_on}", "29. Februar 2024"),
        ("de", "{reasons}", "Pay, Visa und Family"),
        ("fr", "{years|one: # an|other: # ans}", "12,5 ans"),
        ("fa", "{gap|one: # سال|other: # سال‌ها}", "۱۰٫۵ سال‌ها"),
    ],
)
def test_each_language_writes_in_its_own_way(language, text, said):
    assert says(text, language) == said


PIPED = """
title: Piped
languages: [de]
sections:
  now:
    items:
      years: {type: number, ask: Jahre?, range: [0, 70]}
      said: {type: text, ask: Was?}
  then:
    title: "Nach {years|one: # Jahr|other: # Jahren}"
    items:
      more: {type: text, ask: "{said|Nichts} – und weiter?", check: {that: missing(more), say: "Sie sagten {said}."}}
"""


def then(answers, problems=()):
    asked = Questionnaire(PAGES, read_survey(PIPED.encode(), "piped")[0])
    path = walk(asked.instrument, answers)
    return asked, path, asked.filled("t", path, path.sections[1], None, None, Entered({}, problems)).decode()


def test_a_page_says_each_pipe_in_its_own_form():
    _, _, page = then({"years": 1, "said": "<Ruhe>"})
    assert "<h1>Nach <bdi>1 Jahr</bdi></h1>" in page and "<bdi>&lt;Ruhe&gt;</bdi> – und weiter?" in page
    _, _, page = then({"years": 3, "said": {"missing": "skipped"}})
    assert "<h1>Nach <bdi>3 Jahren</bdi></h1>" in page and "<bdi>Nichts</bdi> – und weiter?" in page


def test_what_stands_outside_the_sections_is_piped_too():
    asked, path, _ = then({"years": 3, "said": "Ruhe"})
    assert asked.piped(path.answers) == {"years|one: # Jahr|other: # Jahren": "3 Jahren"}


def test_problems_speak_the_language_and_what_the_researcher_says_is_piped():
    ours = Problem(
        "more",
        "more",
        "Shorten this to %(longest)s characters: it has %(length)s.",
        (("longest", "5"), ("length", "9")),
    )
    theirs = Problem("more", "more", "", (), Text("Sie sagten {said} *nicht*."))
    _, _, page = then({"years": 3, "said": "<Ruhe>"}, [ours, theirs])
    message = Tags(page.encode()).text
    assert "Shorten this" not in message and "5" in message and "Sie sagten <Ruhe> nicht." in message


def test_the_text_beside_an_option_is_piped_while_the_option_is_chosen():
    source = """
title: Elsewhere
sections:
  now:
    items:
      status: {type: single_choice, ask: Where?, options: {in: In place, other: {label: Elsewhere, please_say: true}}}
  then:
    items:
      why: {type: text, ask: "Why {status.other|there}?"}
"""
    asked, faults = read_survey(source.encode(), "elsewhere")
    assert faults == []
    (why,) = asked.sections[1].items
    speaker = Piping(asked, lambda sentence: sentence)
    chosen = walk(asked, {"status": "other", "status.other": "At *sea*"}).answers
    assert speaker.words(why.ask, chosen) == "Why At *sea*?"
    changed = walk(asked, {"status": "in", "status.other": "At sea"}).answers
    assert speaker.words(why.ask, changed) == "Why there?"
