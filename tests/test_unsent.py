"""What is typed and not yet sent survives Back and a reload, stays in its tab, and is gone once it is sent."""

from __future__ import annotations

import json

import pytest

from tests.support.browsing import Visitor, control, expect_field, fill, path_of, press
from tests.support.server import Server

SURVEY = """
title: Pages
sections:
  first:
    title: First
    items:
      status: {type: single_choice, ask: Status, options: {in: In practice, left: Left, other: {label: Other, please_say: true}}}
      reasons: {type: multiple_choice, ask: Reasons, options: {pay: Pay, health: Health}}
      years: {type: number, ask: Years, range: [0, 70], show_if: status == "left"}
      field: {type: dropdown, ask: Field, options: {gp: General practice, surgery: Surgery}}
      words: {type: text, ask: Words, lines: 3, max_length: 300}
      name: {type: text, ask: What are you called?, identifying: true}
      illness: {type: text, ask: Illness, sensitive: true}
      email: {type: text, ask: Your e-mail address}
  second: {items: {more: {type: text, ask: More, required: true}, beside: {type: text, ask: Beside}}}
  third: {items: {last: {type: text, ask: Last}}}
"""
RECALLING = """
title: Recalling
compute: {decade: {label: Decade, value: round(years / 10)}}
sections:
  first:
    items:
      name: {type: text, ask: What are you called?, identifying: true}
      years: {type: number, ask: Years, range: [0, 70], identifying: true}
      illness: {type: text, ask: Illness, sensitive: true}
  piped: {items: {p: {type: text, ask: "Well, {name|you}?", required: true}}}
  computed: {items: {c: {type: text, ask: "Decade {decade}?", required: true}}}
  condition: {items: {k: {type: note, text: It, show_if: answered(illness)}, c2: {type: text, ask: More, required: true}}}
  message: {items: {m: {type: number, ask: Number, range: [0, 9], required: true, check: {that: m > 5, say: "Is that right, {name}?"}}}}
  none: {items: {n: {type: text, ask: Last, required: true}}}
"""


TWO_LANGUAGES = """
title: Two languages
languages: [en, de]
sections:
  first:
    items:
      share: {type: number, ask: Share, range: [0, 9], decimals: 1}
      since: {type: date, ask: Since when?}
      words: {type: text, ask: Words}
      illness: {type: text, ask: Illness, sensitive: true}
"""
GERMAN = "title: Zwei Sprachen\nsections: {first: {items: {share: {ask: Anteil}, since: {ask: Seit wann?}, words: {ask: Worte}, illness: {ask: Krankheit}}}}\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unsent")
    (folder / "surveys").mkdir()
    (folder / "surveys" / "pages.yaml").write_text(SURVEY)
    (folder / "surveys" / "italian.yaml").write_text(
        "title: Italian\nlanguages: [en, it]\nsections: {only: {items: {reach: {type: text, ask: Your e-mail address}, more: {type: text, ask: More}}}}"
    )
    (folder / "surveys" / "italian.it.yaml").write_text(
        "title: Italiano\nsections: {only: {items: {reach: {ask: Il Suo indirizzo di posta}, more: {ask: Altro}}}}"
    )
    (folder / "surveys" / "recalling.yaml").write_text(RECALLING)
    (folder / "surveys" / "single.yaml").write_text("title: Single\nsections: {only: {items: {x: {type: text, ask: Say}, y: {type: text, ask: And, required: true}}}}")
    (folder / "surveys" / "languages.yaml").write_text(TWO_LANGUAGES)
    (folder / "surveys" / "languages.de.yaml").write_text(GERMAN)
    with Server(folder) as running:
        running.address()
        yield running


def answer(page, answers: dict[str, str]) -> None:
    """Fills a page in and goes on, without what is asked about once more."""
    fill(page, answers)
    here = path_of(page)
    press(page)
    if path_of(page) == here:
        press(page)


def unsent(page) -> dict[str, dict]:
    found = json.loads(page.evaluate("JSON.stringify(sessionStorage)"))
    return {name.split()[-1]: json.loads(json.loads(text)["now"]) for name, text in found.items() if name.startswith("opinion unsent ")}


def fill_first(page) -> None:
    control(page, "status", "left").check()
    control(page, "reasons", "pay").check()
    page.fill("[name=years]", "12")
    page.select_option("[name=field]", "surgery")
    page.fill("[name=words]", "one line\nand another")
    page.fill("[name=name]", "Ada Private")
    page.fill("[name=illness]", "private illness")
    page.fill("[name=email]", "private@example.org")


def shown_first(page) -> dict[str, object]:
    names = ("years", "field", "words", "name", "illness", "email")
    chosen = {name: control(page, name, value).is_checked() for name, value in (("status", "left"), ("reasons", "pay"))}
    return chosen | {name: page.input_value(f"[name={name}]") for name in names}


KEPT = {"status": True, "reasons": True, "years": "12", "field": "surgery", "words": "one line\nand another"}


def test_a_reload_keeps_what_was_typed_but_nothing_that_identifies_or_is_sensitive(server, visiting):
    page = visiting(server.base).begin("pages")
    fill_first(page)
    assert "rivate" not in page.evaluate("JSON.stringify(sessionStorage)")
    page.reload()
    assert shown_first(page) == KEPT | {"name": "", "illness": "", "email": ""}
    assert page.locator("[name=years]").is_visible()  # what an answer brought up is there too


def test_going_back_and_forth_keeps_what_was_typed_on_every_page(server, visiting):
    page = visiting(server.base).begin("pages")
    answer(page, {"words": "sent"})
    page.fill("[name=more]", "typed")
    page.click("a.back")
    page.fill("[name=words]", "changed and not sent")
    page.go_back()
    expect_field(page, "/s/pages/second", "more", "typed")
    page.go_forward()
    expect_field(page, "/s/pages/first", "words", "changed and not sent")
    answer(page, {})
    expect_field(page, "/s/pages/second", "more", "typed")
    assert list(unsent(page)) == ["second"]  # the other was sent


def test_what_was_sent_is_forgotten_and_the_server_is_believed(server, visiting):
    visitor = visiting(server.base)
    page = visitor.begin("pages")
    answer(page, {"words": "first words"})
    other = visitor.context.new_page()
    other.goto("/s/pages/first")
    page.goto("/s/pages/first")
    page.fill("[name=words]", "unsent in one tab")
    answer(other, {"words": "sent by the other tab"})
    page.reload()
    assert page.input_value("[name=words]") == "sent by the other tab"
    assert unsent(page) == {}


def test_back_to_a_page_that_came_back_with_errors_shows_it_with_all_that_was_typed(server, visiting):
    page = visiting(server.base).begin("pages")
    answer(page, {"words": "sent"})
    page.fill("[name=beside]", "typed beside")
    press(page)  # without what is required
    assert page.title().startswith("Error:")
    with page.expect_navigation():
        page.click("a.back")
    assert path_of(page) == "/s/pages/first"
    page.go_back()
    expect_field(page, "/s/pages/second", "beside", "typed beside")
    page.fill("[name=more]", "there it is")
    press(page)
    assert path_of(page) == "/s/pages/third" and unsent(page) == {}


@pytest.mark.parametrize("script", [True, False], ids=["with the script", "without the script"])
def test_back_after_an_error_is_never_a_page_of_the_browsers_own(server, visiting, script):
    page = visiting(server.base, java_script_enabled=script).begin("single")
    page.fill("[name=x]", "typed")
    press(page)
    page.goto("/")
    page.go_back()
    expect_field(page, "/s/single/only", "x", "typed")


def test_a_page_with_errors_may_be_kept_by_the_browser_and_a_receipt_may_not(server, visiting):
    page = visiting(server.base).begin("single")
    failed = press(page)
    assert failed.status == 422 and "no-store" not in failed.headers["cache-control"]
    assert "private" in failed.headers["cache-control"]
    page.fill("[name=y]", "there it is")
    page.fill("[name=x]", "and this")
    press(page)
    assert path_of(page) == "/s/single/done"
    assert page.reload().headers["cache-control"] == "no-store"


def test_a_page_with_errors_that_shows_what_is_private_is_not_kept(server, visiting):
    page = visiting(server.base).begin("pages")
    control(page, "status", "left").check()
    page.fill("[name=years]", "many")
    page.fill("[name=name]", "Ada Private")
    failed = press(page)
    assert failed.status == 422 and failed.headers["cache-control"] == "no-store"


def test_back_to_a_page_that_recalls_a_private_answer_asks_for_it_anew(server, visiting):
    page = visiting(server.base).begin("recalling")
    answer(page, {"name": "Ada Private", "years": "7", "illness": "private illness"})
    for section, field in (("piped", "p"), ("computed", "c"), ("condition", "c2"), ("message", "m")):
        assert path_of(page) == f"/s/recalling/{section}"
        failed = press(page)
        assert failed.status == 422 and failed.headers["cache-control"] == "no-store", section
        page.goto("/")
        page.go_back()
        assert path_of(page) == f"/s/recalling/{section}" and not page.title().startswith("Error:")
        page.fill(f"[name={field}]", "0")
        press(page)
        if section == "message":
            assert "Ada Private" in page.inner_text(".summary")
            page.fill("[name=m]", "8")
            press(page)
    failed = press(page)
    assert failed.status == 422 and failed.headers["cache-control"] == "private, no-cache"  # recalls nothing


def test_back_to_a_page_that_the_browser_may_not_keep_asks_for_it_anew(server, visiting):
    page = visiting(server.base).begin("pages")
    control(page, "status", "left").check()
    page.fill("[name=years]", "many")
    page.fill("[name=words]", "typed")
    page.fill("[name=name]", "Ada Private")
    press(page)
    assert page.title().startswith("Error:")
    page.goto("/")
    page.go_back()
    expect_field(page, "/s/pages/first", "words", "typed")
    assert page.input_value("[name=name]") == ""


def test_an_address_asked_for_in_one_language_is_private_in_all_of_them(server, visiting):
    page = visiting(server.base, locale="it").begin("italian")
    assert page.locator("html").get_attribute("lang") == "it"
    page.fill("[name=reach]", "private@example.org")
    page.fill("[name=more]", "typed")
    assert "private" not in page.evaluate("JSON.stringify(sessionStorage)")
    page.reload()
    assert [page.input_value(f"[name={name}]") for name in ("reach", "more")] == ["", "typed"]
    for name in ("reach", "more"):
        page.fill(f"[name={name}]", "x")
    press(page)
    assert path_of(page) == "/s/italian/done" and "Nothing else connects" not in page.inner_text("main")


def test_a_reload_after_a_change_of_language_keeps_what_was_typed(server, visiting):
    page = visiting(server.base).begin("languages")
    for name, typed in (("share", "0.5"), ("since.year", "2020"), ("since.day", "3"), ("words", "typed"), ("illness", "private")):
        page.fill(f"[name='{name}']", typed)
    with page.expect_navigation():
        page.click("button:has-text('Deutsch')")
    assert page.input_value("[name=share]") == "0,5"
    page.reload()
    names = ("share", "since.year", "since.day", "words", "illness")
    assert [page.input_value(f"[name='{name}']") for name in names] == ["0,5", "2020", "3", "typed", ""]
    assert path_of(page) == "/s/languages/first" and not page.title().startswith("Fehler")


def test_forgetting_a_device_removes_what_is_unsent_and_hides_cached_pages(server, visiting):
    page = visiting(server.base).begin("single")
    page.fill("[name=x]", "nobody else must read this")
    press(page)
    page.goto("/s/pages")
    press(page)
    page.fill("[name=words]", "nor this")
    page.goto("/s/single/only")
    page.fill("[name=x]", "nobody else must read this")
    page.fill("[name=y]", "y")
    press(page)
    assert path_of(page) == "/s/single/done" and list(unsent(page)) == ["first"]
    with page.expect_navigation():
        page.click("text=Forget me on this device")
    assert unsent(page) == {}
    for _ in range(3):
        page.go_back()
        page.wait_for_load_state()
        assert "nobody else" not in page.evaluate("[...document.querySelectorAll('input')].map(e => e.value).join()")


def test_someone_else_on_the_device_finds_nothing_unsent(server, visiting):
    page = visiting(server.base).begin("pages")
    page.fill("[name=words]", "of the first")
    page.goto("/s/pages")
    with page.expect_navigation():
        page.click("text=Begin again")
    assert path_of(page) == "/s/pages/first" and page.input_value("[name=words]") == "" and unsent(page) == {}


def test_a_lost_connection_loses_nothing_that_was_typed(server, visiting):
    visitor = visiting(server.base)
    page = visitor.begin("pages")
    page.fill("[name=words]", "typed in the lift")
    visitor.context.set_offline(True)
    page.locator("main form button").last.click()
    page.wait_for_timeout(500)
    visitor.context.set_offline(False)
    page.goto("/s/pages/first")
    assert page.input_value("[name=words]") == "typed in the lift"


def test_a_browser_that_keeps_nothing_answers_all_the_same(server, visiting):
    visitor: Visitor = visiting(server.base)
    visitor.context.add_init_script("Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('refused'); }})")
    page = visitor.begin("pages")
    answer(page, {"words": "sent"})
    answer(page, {"more": "more"})
    assert path_of(page) == "/s/pages/third"
    visitor.assert_nothing_went_wrong()


@pytest.mark.parametrize("forget", [True, False], ids=["after forgetting", "after submitting"])
def test_a_page_with_errors_in_the_browsers_cache_is_not_shown_again(server, visiting, forget):
    page = visiting(server.base).begin("single")
    page.fill("[name=x]", "nobody else must read this")
    press(page)
    assert page.title().startswith("Error:")
    page.fill("[name=y]", "there it is")
    press(page)
    assert path_of(page) == "/s/single/done"
    if forget:
        with page.expect_navigation():
            page.click("text=Forget me on this device")
        page.go_back()
    page.go_back()
    page.wait_for_url("**/s/single" if forget else "**/s/single/done", timeout=5000)
    assert page.locator("[name=x]").count() == 0
