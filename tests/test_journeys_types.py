"""Each type of item in a real browser, before a real server: with the script and without, by keyboard, in any order."""

from __future__ import annotations

import re

import pytest

from tests.support.browsing import (
    WAYS,
    answer,
    control,
    displayed,
    fill,
    overflow,
    path_of,
    press,
    send_by_keyboard,
    tab_to,
    walk,
)
from tests.support.server import Server

TYPES = """
title: Every type
scales:
  amount: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely}
sections:
  order:
    title: In order
    items:
      weigh: {type: ranking, ask: What weighs most?, top: 2, options: {pay: Pay, visa: {label: Visa, hint: Its rules.}, rota: Rota}}
      values: {type: best_worst, ask: What matters?, best: Most, worst: Least, options: {pay: Pay, rest: Rest, trust: Trust}}
      first: {type: note, text: Pay comes first., show_if: 'rank(weigh, "pay") == 1'}
  numbers:
    title: Numbers
    items:
      share: {type: slider, ask: How much of your week?, range: [0, 10], step: 0.5, decimals: 1, unit: "%", low: None of it, high: All of it}
      dose: {type: number, ask: How many nights a week?, range: [0, 7], decimals: 2, unit: nights}
      time: {type: constant_sum, ask: How is your week divided?, total: 40, unit: hours, options: {clinic: Clinic, teaching: Teaching, forms: Forms}}
      left_on: {type: date, ask: When did you leave?, earliest: 1950-01-01, latest: today}
      month: {type: date, ask: In which month did you begin?, precision: month}
  lists:
    title: Lists and pairs
    items:
      country: {type: dropdown, ask: Where did you qualify?, options: {eu: {group: Europe, options: {de: Germany, fr: France}}, other: {label: Elsewhere, please_say: true}}}
      feels: {type: semantic_differential, ask: Leaving is, points: 5, flip: true, shuffle: true, pairs: {warm: [Cold, Warm], strong: [Weak, Strong], open: [Closed, Open]}}
      seen: {type: matrix, ask: How seen?, columns: {now: {label: Now, scale: amount}, then: {label: Then, scale: amount}}, statements: {failed: As failing, grew: As growing}}
      reg: {type: text, ask: Your number?, max_length: 8, pattern: "[A-Z][0-9]{7}", example: A1234567}
  reasons:
    title: Nothing to say
    items:
      no_rank: {type: ranking, ask: And these?, decline: I would rather not say, options: {a: A, b: B}}
      no_sum: {type: constant_sum, ask: Divide it., dont_know: true, options: {a: A, b: B}}
      no_best: {type: best_worst, ask: Which?, not_applicable: true, best: Most, worst: Least, options: {a: A, b: B, c: C}}
      no_date: {type: date, ask: When?, dont_know: true, decline: true}
      no_slider: {type: slider, ask: How far?, range: [0, 10], decline: true}
      no_list: {type: dropdown, ask: From where?, dont_know: Not sure, options: {a: A, b: B}}
      no_pair: {type: semantic_differential, ask: It is, not_applicable: true, pairs: {warm: [Cold, Warm], open: [Closed, Open]}}
"""
WIDE = """
title: Wide
sections:
  word: {title: A word, items: {w: {type: text, ask: A word?, max_length: 200, required: true}}}
  everywhere:
    title: "{w}"
    items:
      read: {type: note, text: "{w}"}
      one: {type: single_choice, ask: "{w}", hint: "{w}", options: {a: "{w}", b: {label: "{w}", hint: "{w}", please_say: true}}}
      several: {type: multiple_choice, ask: "{w}", decline: true, options: {g: {group: "{w}", options: {a: "{w}", b: B}}}}
      listed: {type: dropdown, ask: "{w}", options: {a: "{w}", b: B}}
      ranked: {type: ranking, ask: "{w}", options: {a: "{w}", b: {label: "{w}", hint: "{w}"}}}
      shared: {type: constant_sum, ask: "{w}", unit: points, options: {a: "{w}", b: {label: "{w}", hint: "{w}"}}}
      most: {type: best_worst, ask: "{w}", best: "{w}", worst: "{w}", options: {a: "{w}", b: {label: "{w}", hint: "{w}"}}}
      rows: {type: matrix, ask: "{w}", scale: {1: "{w}", 2: B}, statements: {a: "{w}", b: B}}
      columns: {type: matrix, ask: "{w}", columns: {c: {label: "{w}", scale: {1: "{w}", 2: B}}, d: {label: D, scale: {1: "{w}", 2: B}}}, statements: {a: "{w}"}}
      poles: {type: semantic_differential, ask: "{w}", pairs: {a: ["{w}", "{w}"]}}
      rated: {type: rating, ask: "{w}", scale: {1: "{w}", 2: null, 3: "{w}"}, decline: "{w}"}
      slid: {type: slider, ask: "{w}", range: [0, 10], low: "{w}", high: "{w}"}
"""
CHANGING = """
title: What changes
compute:
  early: years < 5
sections:
  now:
    title: Now
    items:
      years: {type: number, ask: For how many years?, range: [0, 70]}
      reasons:
        type: multiple_choice
        ask: Why?
        options: {pay: Pay, visa: {label: Visa, show_if: years < 5}, kin: {label: Family, please_say: true, show_if: years >= 5}}
      age:
        type: number
        ask: How old are you?
        range: [20, 100]
        check:
          - {that: age >= years + 18, say: You cannot have done so many years at that age.}
          - {that: age >= years + 24, say: That is very young., soft: true}
  then:
    title: "After {years|one: # year|other: # years}"
    shuffle: true
    items:
      said: {type: text, ask: "You named {reasons|no reason}. What else?"}
      told:
        type: single_choice
        ask: Whom did you tell?
        shuffle: {except: [no_one]}
        options: {kin: Family, friends: Friends, peers: Colleagues, no_one: No one}
      early_on: {type: rating, ask: Was it too soon?, show_if: early, scale: {1: "No", 2: Perhaps, 3: "Yes"}}
"""
FIELDS = {
    "weigh.rota": "1", "weigh.pay": "2", "values.best": "rest", "values.worst": "pay", "share": "2.5", "dose": "1.25",
    "time.clinic": "30", "time.forms": "10", "left_on.day": "29", "left_on.month": "02", "left_on.year": "2024", "month.month": "11",
    "month.year": "1999", "country": "other", "country.other": "Ghana", "feels.warm": 5, "feels.strong": 1, "feels.open": 3,
    "seen.failed_now": 1, "seen.failed_then": 2, "seen.grew_now": 3, "seen.grew_then": 4, "reg": "A1234567",
    "no_rank~": "~declined", "no_sum~": "~dont_know", "no_best~": "~not_applicable", "no_date~": "~dont_know",
    "no_slider~": "~declined", "no_list": "~dont_know", "no_pair.warm": "~not_applicable", "no_pair.open": 4,
}  # fmt: skip
KEPT = {
    "weigh": ["rota", "pay"], "values.best": "rest", "values.worst": "pay", "share": 2.5, "dose": 1.25,
    "time.clinic": 30, "time.teaching": 0, "time.forms": 10, "left_on": "2024-02-29", "month": "1999-11",
    "country": "other", "country.other": "Ghana", "feels.warm": 5, "feels.strong": 1, "feels.open": 3,
    "seen.failed_now": 1, "seen.failed_then": 2, "seen.grew_now": 3, "seen.grew_then": 4, "reg": "A1234567",
    "no_rank": {"missing": "declined"}, "no_sum.a": {"missing": "dont_know"}, "no_sum.b": {"missing": "dont_know"},
    "no_best.best": {"missing": "not_applicable"}, "no_best.worst": {"missing": "not_applicable"},
    "no_date": {"missing": "dont_know"}, "no_slider": {"missing": "declined"}, "no_list": {"missing": "dont_know"},
    "no_pair.warm": {"missing": "not_applicable"}, "no_pair.open": 4,
}  # fmt: skip
GIVEN = ("feels~order", "feels~poles", "today", "section.then~order", "told~order")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("types")
    (folder / "surveys").mkdir()
    (folder / "surveys" / "types.yaml").write_text(TYPES)
    (folder / "surveys" / "german.yaml").write_text(TYPES.replace("title: Every type", "languages: [de]\ntitle: Alles", 1))
    (folder / "surveys" / "changing.yaml").write_text(CHANGING)
    (folder / "surveys" / "wide.yaml").write_text(WIDE)
    with Server(folder) as running:
        running.address()
        yield running


def asked(visitor, server, survey):
    """The disposition, and what is kept of what was asked."""
    disposition, answers = visitor.kept(server, survey)
    return disposition, {name: value for name, value in answers.items() if name not in GIVEN}


@pytest.mark.parametrize("way", WAYS)
def test_every_further_type_is_answered_and_kept(server, visiting, way):
    visitor = visiting(server.base, **WAYS[way])
    page = visitor.begin("types")
    assert walk(page, FIELDS) == ["order", "numbers", "lists", "reasons"]
    press(page)
    assert overflow(page) == 0
    assert asked(visitor, server, "types") == ("complete", KEPT)


def test_what_was_kept_stands_on_the_page_again(server, visiting):
    page = visiting(server.base, java_script_enabled=False).begin("types")
    walk(page, FIELDS)
    for section, names in {"order": FIELDS, "numbers": FIELDS, "lists": FIELDS, "reasons": FIELDS}.items():
        page.goto(f"/s/types/{section}")
        sent = dict(page.evaluate("[...new FormData(document.forms[0])].filter(([n, v]) => v)"))
        shown = {name: str(value) for name, value in names.items() if page.locator(f"[name='{name}']").count()}
        if section == "numbers":
            shown["time.teaching"] = "0"
        assert {name: value for name, value in sent.items() if name not in ("token", "version", "shown")} == shown


def test_numbers_and_dates_are_written_as_the_language_does(server, visiting):
    visitor = visiting(server.base)
    page = visitor.begin("german")
    answer(page, FIELDS)
    places = [page.locator(f"[name='left_on.{part}']").bounding_box()["x"] for part in ("day", "month", "year")]
    assert places == sorted(places)
    assert page.locator("[name='left_on.month'] option[value='03']").inner_text() == "März"
    answer(page, FIELDS | {"share": "2,5", "dose": "1,25"})
    answer(page, FIELDS)
    kept = asked(visitor, server, "german")[1]
    assert (kept["share"], kept["dose"]) == (2.5, 1.25)
    page.goto("/s/german/numbers")
    assert (page.input_value("#q-share"), page.input_value("#q-dose")) == ("2,5", "1,25")


WRONG = {
    "order": ({"weigh.rota": "2", "weigh.pay": "2", "values.best": "pay", "values.worst": "pay"}, ["weigh.rota", "values.worst"]),
    "numbers": (
        {"share": "11", "dose": "1.234", "time.clinic": "30", "left_on.day": "30", "left_on.month": "02", "left_on.year": "2024", "month.month": "05"},
        ["share", "dose", "time", "left_on.day", "month.year"],
    ),
    "lists": ({"reg": "1234567A"}, ["reg"]),
}  # fmt: skip


def test_what_is_wrong_is_said_where_it_is_and_nothing_typed_is_lost(server, visiting):
    page = visiting(server.base, java_script_enabled=False).begin("types")
    for section, (fields, wrong) in WRONG.items():
        fill(page, fields)
        assert press(page).status == 422 and path_of(page) == f"/s/types/{section}"
        told = page.evaluate("[...document.querySelectorAll('.error')].map(e => e.id)")
        assert told == [f"e-{name}" for name in wrong]
        for link in page.locator(".summary a").all():
            target = link.get_attribute("href")[1:]
            if target.rpartition("-")[2].partition(".")[0] in {name.partition(".")[0] for name in wrong}:
                assert page.evaluate("id => document.getElementById(id).matches('input, select')", target)
        for name, value in fields.items():
            control_ = page.locator(f"[name='{name}']")
            if control_.first.get_attribute("type") == "radio":
                assert control(page, name, value).is_checked()
            else:
                assert control_.input_value() == value
        answer(page, FIELDS)


def test_ranking_choosing_and_sliding_by_keyboard_alone(server, visiting):
    visitor = visiting(server.base)
    page, keys = visitor.begin("types"), visitor.page.keyboard
    tab_to(page, "[name='weigh.rota']")
    keys.press("ArrowDown")
    tab_to(page, "[name='values.best']")
    keys.press("Space")
    tab_to(page, "[name='values.worst']")
    keys.press("ArrowDown")
    while not page.evaluate("document.activeElement.matches('[name=\\'weigh.pay\\']')"):
        keys.press("Shift+Tab")
    keys.press("ArrowDown")  # takes the first place; what was there makes room
    assert page.locator("#i-first").is_visible()
    send_by_keyboard(page)
    tab_to(page, "[type=range]")
    keys.press("ArrowLeft")
    keys.press("ArrowLeft")
    tab_to(page, "#q-dose")
    keys.type("1.25")
    for name, typed in (("time.clinic", "30"), ("time.forms", "10")):
        tab_to(page, f"[name='{name}']")
        keys.type(typed)
    tab_to(page, "[name='left_on.month']")
    keys.type("Feb")
    tab_to(page, "[name='left_on.day']")
    keys.type("29")
    tab_to(page, "[name='left_on.year']")
    keys.type("2024")
    send_by_keyboard(page)
    send_by_keyboard(page)
    kept = asked(visitor, server, "types")[1]
    assert (kept["weigh"], kept["values.best"], kept["values.worst"]) == (["pay", "rota"], "pay", "rest")
    assert (kept["share"], kept["left_on"], kept["time.clinic"], kept["month"]) == (4.0, "2024-02-29", 30, {"missing": "skipped"})


@pytest.mark.parametrize("script", [True, False])
def test_options_come_and_go_with_answers_on_the_same_page(server, visiting, script):
    visitor = visiting(server.base, java_script_enabled=script)
    page = visitor.begin("changing")
    fill(page, {"years": "3"})
    if not script:
        assert not control(page, "reasons", "visa").is_visible()
        press(page)
    control(page, "reasons", "visa").check()
    assert control(page, "reasons", "kin").count() == 1 and not control(page, "reasons", "kin").is_visible()
    fill(page, {"age": "40"})
    press(page)
    assert path_of(page) == "/s/changing/then"
    stored = asked(visitor, server, "changing")[1]
    assert stored.pop("~reminded", None) == (None if script else "now")
    assert stored == {"years": 3, "reasons": ["visa"], "age": 40}
    assert page.locator("h1").inner_text().replace("\u2068", "").replace("\u2069", "") == "After 3 years"
    assert "You named Visa." in page.locator("label[for=q-said]").inner_text()


def test_a_doubt_is_raised_once_and_a_contradiction_until_it_is_mended(server, visiting):
    visitor = visiting(server.base)
    page = visitor.begin("changing")
    fill(page, {"years": "10", "age": "22"})
    control(page, "reasons", "pay").check()
    press(page)
    assert page.title().startswith("Error:")
    assert "You cannot have done so many years at that age." in page.locator("#e-age").inner_text()
    fill(page, {"age": "30"})
    press(page)
    assert not page.title().startswith("Error:") and page.locator(".gentle").count() == 1
    assert "Is this right?" in page.locator(".gentle").inner_text()
    assert page.locator("#e-age").inner_text() == "That is very young." and page.input_value("#q-age") == "30"
    press(page)
    assert path_of(page) == "/s/changing/then"
    assert asked(visitor, server, "changing")[1] == {"years": 10, "reasons": ["pay"], "age": 30, "~confirmed": ["age:1"]}


def test_what_is_shuffled_stands_in_the_order_drawn_on_every_visit(server, visiting):
    seen = set()
    for _ in range(6):
        visitor = visiting(server.base)
        page = visitor.begin("changing")
        answer(page, {"years": "3", "age": "40", "reasons": ["pay"]})
        items = displayed(page.content())
        options = page.evaluate("[...document.querySelectorAll('[name=told]')].map(e => e.value)")
        _, answers = visitor.kept(server, "changing")
        assert items == [one for one in answers["section.then~order"] if one in items]
        assert options == answers["told~order"] and options[-1] == "no_one"
        page.reload()
        assert displayed(page.content()) == items
        seen.add((*items, *options))
    assert len(seen) > 1


def test_pairs_are_turned_as_drawn_and_kept_as_written(server, visiting):
    for _ in range(4):
        visitor = visiting(server.base)
        page = visitor.begin("types")
        answer(page, FIELDS)
        answer(page, FIELDS)
        _, given = visitor.kept(server, "types")
        shown = page.evaluate(
            "[...document.querySelectorAll('.poles')].map(e => [e.querySelector('input').name.slice(6), e.firstElementChild.id[0]])"
        )
        assert [pair for pair, _ in shown] == given["feels~order"]
        assert {pair for pair, left in shown if left == "b"} == set(given["feels~poles"])
        last = page.locator(".poles").first.locator("label").last
        last.click()
        name = last.locator("input").get_attribute("name")
        press(page)
        press(page)
        turned = name.partition(".")[2] in given["feels~poles"]
        assert visitor.kept(server, "types")[1][name] == (1 if turned else 5)


def test_a_phone_is_enough_to_rank_and_to_slide(server, visiting):
    visitor = visiting(server.base, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    page = visitor.begin("types")
    for option in ("rota", "pay"):
        page.locator(f"label[for='q-weigh.{option}']").tap()
    press(page)
    press(page)
    page.locator("[type=range]").tap()
    press(page)  # what is left empty was asked about on the first page
    kept = asked(visitor, server, "types")[1]
    assert kept["weigh"] == ["rota", "pay"] and kept["share"] == 5.0
    assert re.fullmatch(r"/s/types/lists", path_of(page))


@pytest.mark.parametrize("width", [320, 1000])
def test_a_word_longer_than_the_page_is_broken_wherever_it_stands(server, visiting, width):
    visitor = visiting(server.base, viewport={"width": width, "height": 640})
    page = visitor.begin("wide")
    answer(page, {"w": "Donaudampfschiff" * 9})
    assert path_of(page) == "/s/wide/everywhere" and overflow(page) == 0
    press(page)
    assert page.locator(".summary").count() and overflow(page) == 0
    press(page)
    assert path_of(page) == "/s/wide/submit" and overflow(page) == 0
