"""Charts in a real browser: their files, and how they hold where the browser is old or the screen narrow."""

from __future__ import annotations

from tests.support.browsing import overflow
from tests.support.research import sign_in
from tests.support.respondent import respond
from tests.support.server import Server, offered

SURVEY = """
title: Leaving
sections:
  now:
    items:
      status: {type: single_choice, ask: Where are you?, required: true, options: {practising: In practice, left: Left the clinic}}
      years: {type: number, ask: How many years?, range: [0, 70], show_if: status == "left"}
      reasons: {type: multiple_choice, ask: Why?, options: {burnout: Burnout, visa: Visa}}
      words: {type: text, ask: In your words?, lines: 3}
"""
ANSWERS = {"status": "left", "years": "12", "reasons": ["visa"], "words": "Freedom at last"}


def test_a_chart_is_saved_as_a_picture_drawn_by_the_browser(server, visiting):
    respond(server, "leaving", ANSWERS)
    page = sign_in(visiting(server.base), server)
    page.goto("/research/leaving")
    with page.expect_download() as download:
        page.locator("#item-status .fig-png").click()
    assert download.value.suggested_filename == "status.png"
    picture = download.value.path().read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(picture[16:20], "big") == 1920
    with page.expect_download() as download:
        page.locator("#item-status a:has-text('SVG')").click()
    assert download.value.path().read_text().startswith("<svg")


def test_without_the_script_the_svg_is_offered_and_no_picture(server, visiting):
    respond(server, "leaving", ANSWERS)
    visitor = visiting(server.base, java_script_enabled=False)
    page = sign_in(visitor, server)
    page.goto("/research/leaving")
    assert page.locator("#item-status a:has-text('SVG')").is_visible()
    assert not page.locator("#item-status .fig-png").is_visible()


def test_charts_fit_a_phone_without_container_queries(server, visiting):
    """As an old browser has them: rules inside @container are dropped."""
    respond(server, "leaving", ANSWERS)
    page = sign_in(visiting(server.base), server)
    page.set_viewport_size({"width": 320, "height": 700})
    page.route("**/figures*.css", lambda route: route.fulfill(body=without_containers(route.fetch().text()), content_type="text/css"))
    page.goto("/research/leaving")
    assert overflow(page) <= 0
    label, cell = (page.locator(f"#item-status .fig-row >> nth=0 >> {part}").bounding_box() for part in (".fig-label", ".fig-cell"))
    assert label["y"] + label["height"] <= cell["y"] + 1  # the label stands above its bar


def test_all_answers_in_words_are_read_and_searched_on_a_page_of_their_own(server, visiting):
    for words in ("Freedom at last", "A loss, and freedom", "<b>Nobody</b> asked"):
        respond(server, "leaving", ANSWERS | {"words": words})
    visitor = visiting(server.base, java_script_enabled=False)
    page = sign_in(visitor, server)
    page.goto("/research/leaving")
    page.click("text=Read and search all 3")
    assert page.locator(".quotes li").all_inner_texts() == ["<b>Nobody</b> asked", "A loss, and freedom", "Freedom at last"]
    assert page.locator(".word-lists .fig-label").all_inner_texts() == ["freedom"]
    page.fill("[name=q]", "FREEDOM")
    page.click("text=Show")
    assert page.locator(".quotes li").all_inner_texts() == ["A loss, and freedom", "Freedom at last"]
    assert page.locator("[name=q]").input_value() == "FREEDOM" and overflow(page) <= 0
    statuses = [page.goto(f"/research/leaving/text/{rest}").status for rest in ("status", "nothing", "words?by=nothing", "words?page=9x&q=%00")]
    assert statuses == [404, 404, 422, 200]


def without_containers(css: str) -> str:
    parts = css.split("@container")
    return parts[0] + "".join(part[closing(part) :] for part in parts[1:])


def closing(part: str) -> int:
    """Where the braces that a part opens are closed again."""
    depth = 0
    for place, sign in enumerate(part):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign == "}" and depth == 0:
            return place + 1
    return len(part)


def test_the_last_chart_of_a_section_takes_the_row_that_it_would_share_with_nothing(tmp_path, visiting):
    three = "title: Three\nsections:\n  now:\n    items:\n" + "".join(f"      q{n}: {{type: number, ask: How much?, range: [0, 9]}}\n" for n in range(3))
    with Server(offered(tmp_path, three=three)) as server:
        respond(server, "three", {"q0": "1", "q1": "2", "q2": "3"})
        page = sign_in(visiting(server.base), server)
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto("/research/three")
        first, second, last = (page.locator(f"#item-q{n}").bounding_box() for n in range(3))
        page.goto("about:blank")
    assert first["y"] == second["y"] and first["width"] == second["width"]
    assert last["width"] > 2 * first["width"]
