"""How the form is laid out in a browser: sizes that do not depend on conditions, and words that stay whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.interview.rendering.pages import compile_page
from app.interview.rendering.state import PageState
from app.survey.source.reading import read_survey
from app.web.http.templates import environment
from tests.support.layout import BROKEN, show_page

ROOT = Path(__file__).parent.parent
PAGES = environment(ROOT / "templates")


@pytest.fixture
def opened(browser):
    """Opens a survey's first page without a network, in a window of a given width."""

    def show(source: str, width: int = 1280, language: str = "en"):
        instrument, faults = read_survey(source.encode(), "layout")
        assert instrument is not None, faults
        body = compile_page(PAGES, instrument, instrument.sections[0], 0).fill(PageState(token="t"))
        return show_page(browser, body, width)

    return show


CONDITIONAL = """
title: Sizes
scales: {amount: {1: Not at all, 2: A little, 3: Largely}, words: {1: Not at all, 2: A little, 3: Largely, 4: Fully, 5: Quite, 6: Much, 7: More, 8: Most, 9: All}}
sections:
  all:
    items:
      n: {type: number, ask: How many?, range: [0, 9]}
      radio: {type: single_choice, ask: Which?, options: {a: Alpha, b: {label: Beta, show_if: not answered(n)}, c: {label: Gamma, hint: More, show_if: not answered(n)}, d: {label: Delta, hint: More}}}
      boxes: {type: multiple_choice, ask: Which?, options: {a: Alpha, b: {label: Beta, show_if: not answered(n)}}}
      rank: {type: ranking, ask: Order?, options: {a: Alpha, b: {label: Beta, show_if: not answered(n)}, c: Gamma}}
      best: {type: best_worst, ask: Best?, best: Most, worst: Least, options: {a: Alpha, b: {label: Beta, show_if: not answered(n)}, c: Gamma, d: Delta}}
      split: {type: constant_sum, ask: Divide., total: 10, options: {a: Alpha, b: {label: Beta, show_if: not answered(n)}}}
      grid: {type: matrix, ask: How?, scale: amount, statements: {x: First, y: {text: Other, show_if: not answered(n)}, z: Third}}
      cards: {type: matrix, ask: How?, scale: words, statements: {x: First, y: {text: Other, show_if: not answered(n)}, z: Third}}
      wide: {type: matrix, ask: How?, columns: {now: {label: Now, scale: amount}, then: {label: Then, scale: amount}}, statements: {x: First, y: {text: Other, show_if: not answered(n)}, z: Third}}
      pairs: {type: semantic_differential, ask: It is, points: 5, pairs: {x: [Cold, Warm], y: [Weak, Strong], z: [Dull, Vivid]}}
"""

#: The look of each kind of part of each item: its letters and its box, leaving out where lines join between neighbours.
LOOKS = """() => [...document.querySelectorAll('.item')].flatMap(item => {
  const kinds = ['.option', '.says', '.side', '.poles', '.poles > span', '.sum', '.choice', '.statement', '.point span', 'select', 'input[type=text]', '.about']
  return kinds.map(kind => {
    const all = [...item.querySelectorAll(kind)].filter(e => !e.closest('.say'))
    const look = e => { const s = getComputedStyle(e)
      return [e.querySelector('.more') ? 'more' : '', s.fontSize, s.fontWeight, s.fontFamily, s.lineHeight, s.color, s.paddingTop, s.paddingBottom, s.paddingLeft,
        s.paddingRight, s.marginBottom, s.backgroundColor, Math.round(e.getBoundingClientRect().height)].join(' ') }
    const sort = e => (e.querySelector('.more') ? 'more' : '') + e.className
    const looks = {}
    for (const e of all) (looks[sort(e)] ??= new Set()).add(look(e))
    return [item.id, kind, all.some(e => e.closest('.part')), Object.values(looks).map(s => [...s])]
  }).filter(([, , conditional]) => conditional)
})"""


def test_conditional_parts_have_the_size_of_their_neighbours(opened):
    for width in (360, 1280):
        page = opened(CONDITIONAL, width)
        found = page.evaluate(LOOKS)
        assert len({item for item, *_ in found}) == 8
        assert [(item, kind, looks) for item, kind, _, sorts in found for looks in sorts if len(looks) > 1] == []


def test_styles_of_the_form_and_of_charts_cannot_meet():
    """Both are on a page of results: no rule of one names a class of the other."""
    of = {name: re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", (ROOT / f"app/web/static/{name}.css").read_text(), flags=re.DOTALL) for name in ("page", "figures")}
    classes = {name: set(re.findall(r"\.([a-z][\w-]*)", text)) for name, text in of.items()}
    assert {name for name in classes["figures"] if not re.match(r"fig(-|$)", name)} <= {"section-title"}
    assert {name for name in classes["page"] if name.startswith("fig")} == set()


LONG_MATRIX = """
title: Long
scales: {amount: {1: Not at all, 2: A little, 3: Largely, 4: Fully}}
sections:
  all:
    items:
      grid: {type: matrix, ask: How are they seen?, scale: amount, statements: {a: One, b: Two, c: Three, d: Four, e: Five}}
      after: {type: text, ask: And why?}
"""


def test_a_matrix_keeps_its_question_in_sight_on_a_phone(opened):
    page = opened(LONG_MATRIX, 360)
    top = "e => Math.round(e.getBoundingClientRect().top)"
    page.locator("#q-grid\\.d").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.getElementById('q-grid.d').getBoundingClientRect().top + scrollY - 300)")
    assert page.locator("#a-grid").evaluate(top) == 0
    page.locator("#q-after").focus()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert page.locator("#a-grid").evaluate(top) <= 0
    page.set_viewport_size({"width": 360, "height": 256})  # as at 400 %: nothing may cover what is in focus
    page.evaluate("scrollTo(0, document.getElementById('q-grid.d').getBoundingClientRect().top + scrollY - 100)")
    assert page.locator("#a-grid").evaluate(top) < 0
    says = page.locator("#a-grid\\.a").evaluate("e => getComputedStyle(e).fontFamily + getComputedStyle(e).fontWeight")
    assert says != page.locator("#i-grid .option").first.evaluate("e => getComputedStyle(e).fontFamily + getComputedStyle(e).fontWeight")


#: The longest words that scales have in five languages, and what a scale of them is called beside its numbers.
LONG = {
    "en": ["Counterproductive", "Unsatisfactorily", "Uncharacteristic", "Straightforwardly", "Enthusiastically"],
    "de": ["Weiterentwicklung", "Selbstverständlich", "Unwahrscheinlich", "Verschlechterung", "Außerordentlich"],
    "fr": ["Exceptionnellement", "Disproportionnées", "Professionnellement", "Inhabituellement", "Continuellement"],
    "es": ["Extraordinariamente", "Desafortunadamente", "Desproporcionada", "Incomprensiblemente", "Profesionalmente"],
    "ar": ["وباستقلاليتهم", "فاستخداماتهم", "والاستراتيجيات", "بالمسؤوليات", "واستنتاجاتهم"],
}
WORDS = """
title: Words
languages: [{language}]
scales: {{long: {{1: {0}, 2: {1}, 3: {2}, 4: {3}, 5: {4}}}}}
sections:
  all:
    items:
      listed: {{type: rating, ask: How?, scale: long}}
      row: {{type: rating, ask: How?, scale: {{1: {0}, 2: null, 3: {1}, 4: null, 5: {2}}}}}
      eleven: {{type: nps, ask: How?, low: {0}, high: {1}}}
      grid: {{type: matrix, ask: How?, scale: long, dont_know: true, statements: {{x: First, y: Other}}}}
      columns: {{type: matrix, ask: How?, columns: {{now: {{label: Now, scale: long}}, then: {{label: Then, scale: long}}}}, statements: {{x: First}}}}
      share: {{type: slider, ask: How?, range: [0, 10], low: {0}, high: {1}}}
      pairs: {{type: semantic_differential, ask: It is, points: 5, pairs: {{x: [{0}, {1}]}}}}
      best: {{type: best_worst, ask: Best?, best: {0}, worst: {1}, options: {{a: {2}, b: {3}, c: {4}}}}}
      most: {{type: best_worst, ask: Best?, best: A, worst: B, options: {{a: {2}, b: {3}, c: {4}}}}}
"""
def test_no_word_of_a_scale_is_broken_on_any_screen(opened):
    for language, words in LONG.items():
        page = opened(WORDS.format(*words, language=language))
        for width in (360, 768, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(BROKEN) == [], (language, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (language, width)


def test_short_words_of_a_scale_stand_side_by_side(opened):
    """Where words fit, a scale looks as before: a table of a matrix, a row of a scale."""
    page = opened(WORDS.format("Never", "Rarely", "Often", "Mostly", "Always", language="en"))
    tops = "e => [...e.querySelectorAll('.option')].map(o => Math.round(o.getBoundingClientRect().top))"
    for item in ("listed", "row", "grid"):
        points = page.locator(f"#i-{item}").evaluate(tops)[:5]
        assert len({*points}) == 1, item


PAIRS = """
title: Pairs
sections:
  all:
    items:
      pairs: {type: semantic_differential, ask: It is, points: 7, pairs: {a: [schwach, stark], b: [eigennützig, verantwortungsbewusst]}}
      grid: {type: matrix, ask: How?, scale: {1: Never, 2: Rarely, 3: Often}, statements: {x: First, y: Other}}
"""


def test_all_pairs_of_an_item_have_one_size(opened):
    page = opened(PAIRS)
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        sizes = "all => all.map(e => [e.offsetWidth, e.offsetHeight].join())"
        assert len(set(page.locator("#i-pairs .row").evaluate_all(sizes))) == 1, width


def test_a_statement_of_a_table_stands_beside_its_points(opened):
    middle = "e => { const box = e.getBoundingClientRect(); return box.top + box.height / 2 }"
    page = opened(PAIRS)
    for statement in ("x", "y"):
        says = page.locator(f"#a-grid\\.{statement}").evaluate(middle)
        point = page.locator(f"#q-grid\\.{statement}").evaluate(middle)
        assert abs(says - point) < 2
