"""A researcher in a real browser: signing in, a dashboard that moves, filters, downloads, signing out."""

from __future__ import annotations

import csv
import io
import re
import socket
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.browsing import overflow, path_of, press, rows
from tests.support.research import sign_in
from tests.support.respondent import respond
from tests.support.server import Server

SURVEY = """
title: Leaving
results: {show_to: respondents}
scales:
  amount: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely, 5: Completely}
sections:
  now:
    title: Where you are now
    items:
      status: {type: single_choice, ask: Where are you?, required: true, options: {practising: In practice, left: Left, other: {label: Other, please_say: true}}}
      years: {type: number, ask: How many years?, range: [0, 70], show_if: status == "left"}
  seen:
    title: How it is seen
    items:
      reasons: {type: multiple_choice, ask: Why?, decline: true, options: {burnout: Burnout, visa: Visa}}
      look: {type: matrix, ask: How are they seen?, scale: amount, statements: {failed: has failed, grew: has grown}}
      sound: {type: rating, ask: Poor or sound?, scale: amount}
      words: {type: text, ask: In your words?, lines: 3}
"""
LEFT = {
    "status": "left",
    "years": "12",
    "reasons": ["burnout", "visa"],
    "look.failed": "2",
    "look.grew": "4",
    "sound": "5",
    "words": "=1+1",
}
STAYED = {
    "status": "practising",
    "reasons": "~declined",
    "look.failed": "4",
    "sound": "2",
    "words": 'two\nlines, "quoted"',
}


def complete(page) -> str:
    return page.locator("#progress dt:text-is('Complete') + dd").inner_text().split()[0]


def is_live(page) -> None:
    page.locator("#live-state.on").wait_for()


def until_complete(page, count: int, seconds: float) -> None:
    """Waits until the page shows so many complete responses."""
    shown = page.locator("#progress dt:text-is('Complete') + dd")
    expect(shown).to_contain_text(re.compile(rf"^{count}\b"), timeout=seconds * 1000)


def test_a_submission_shows_at_once_and_what_was_opened_stays_open(server, visiting):
    respond(server, "leaving", LEFT)
    page = sign_in(visiting(server.base), server)
    page.goto("/research/leaving")
    is_live(page)
    page.locator("#item-status summary").last.click()
    page.locator("#item-words summary").first.click()
    page.locator("#item-words summary").first.focus()
    page.click("text=Write a condition")
    page.fill("#where", "status == ")
    respond(server, "leaving", STAYED)
    until_complete(page, 2, seconds=3)
    # What is out of sight follows when nothing more arrives.
    expect(page.locator("#item-status")).to_contain_text("2 answered", timeout=10_000)
    assert page.locator("#item-status details[open]").count() == 1
    expect(page.locator("#item-words details[open] li")).to_have_count(2, timeout=10_000)
    assert page.locator("#item-words details[open] li").all_inner_texts() == ["=1+1", 'two\nlines, "quoted"']
    assert page.input_value("#where") == "status == "
    assert page.evaluate("document.activeElement.id") == "where"


def test_an_opened_summary_keeps_the_focus_when_its_figures_move(server, visiting):
    respond(server, "leaving", LEFT)
    page = sign_in(visiting(server.base), server)
    page.goto("/research/leaving")
    is_live(page)
    page.locator("#item-sound summary").last.focus()
    page.keyboard.press("Enter")
    respond(server, "leaving", STAYED)
    until_complete(page, 2, seconds=10)
    expect(page.locator("#item-sound")).to_contain_text("2 answered", timeout=10_000)
    assert page.evaluate(
        "document.activeElement.matches('#item-sound summary') && document.activeElement.parentNode.open"
    )


def hide(page, hidden: bool) -> None:
    """As when another tab comes to the front; a headless browser holds every tab for visible."""
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def test_dashboards_in_many_tabs_do_not_use_up_the_connections_of_the_browser(server, visiting):
    visitor = visiting(server.base)
    sign_in(visitor, server)
    tabs = []
    for _ in range(8):
        tabs.append(visitor.context.new_page())
        tabs[-1].goto("/research/leaving")
        is_live(tabs[-1])
        if len(tabs) < 8:
            hide(tabs[-1], True)
    respond(server, "leaving", LEFT)
    until_complete(tabs[-1], 1, seconds=10)
    assert complete(tabs[0]) == "0"
    hide(tabs[0], False)
    until_complete(tabs[0], 1, seconds=10)
    respond(server, "leaving", LEFT)
    until_complete(tabs[0], 2, seconds=10)


def test_without_the_script_the_figures_are_there_when_the_page_is_loaded_again(server, visiting):
    page = sign_in(visiting(server.base, java_script_enabled=False), server)
    page.goto("/research/leaving")
    assert complete(page) == "0"
    respond(server, "leaving", LEFT)
    page.reload()
    assert complete(page) == "1" and page.locator("#live-state").is_hidden()


def write_condition(page, condition: str) -> None:
    page.click(".write-menu > summary")
    page.fill("#where", condition)
    with page.expect_navigation():
        page.get_by_role("button", name="Filter", exact=True).click()


def test_a_filter_narrows_and_a_faulty_one_keeps_what_was_typed(server, visiting):
    respond(server, "leaving", LEFT)
    respond(server, "leaving", STAYED)
    page = sign_in(visiting(server.base), server)
    page.goto("/research/leaving")
    page.click("text=Write a condition")
    page.fill("#where", 'status == "left" and years > 10')
    page.keyboard.press("Enter")
    page.wait_for_url("**where=*")
    assert "1 answered" in page.locator("#item-words").inner_text()
    is_live(page)
    respond(server, "leaving", LEFT)
    expect(page.locator("#item-words")).to_contain_text("2 answered", timeout=10_000)
    for typed in (
        'statsu == "left"',
        "status ==",
        "<script>alert(1)</script>",
        "x" * 5000,
        "years / 0 ==",
        "(" * 300,
    ):
        page.locator(".write-menu").evaluate("menu => { menu.open = true; }")  # after a fault it is
        page.fill("#where", typed)
        with page.expect_navigation() as arrived:
            page.get_by_role("button", name="Filter", exact=True).click()
        assert arrived.value.status == 422
        assert page.input_value("#where") == typed
        assert page.locator("#where-fault").inner_text().strip()
        assert page.locator("#where").get_attribute("aria-invalid") == "true"
        assert "3 answered" in page.locator("#item-status").inner_text()
    page.click("text=show all")
    assert "3 answered" in page.locator("#item-status").inner_text()


def test_stopping_with_twenty_open_dashboards_takes_less_than_five_seconds(server, visiting):
    visitor = visiting(server.base)
    sign_in(visitor, server)
    ((cookie,), port) = (visitor.context.cookies(), int(re.search(r":(\d+)", server.base)[1]))
    asking = (
        f"GET /research/leaving/live HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/event-stream\r\n"
        f"Cookie: {cookie['name']}={cookie['value']}\r\n\r\n"
    )
    streams = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(20)]
    for stream in streams:
        stream.sendall(asking.encode())
    for stream in streams:
        received = b""
        while b"event: figures" not in received:
            received += stream.recv(65536)
    assert server.stop() < 5
    for stream in streams:
        assert stream.recv(65536).endswith(b"0\r\n\r\n")  # each was ended, not cut off
        stream.close()


def test_an_open_dashboard_connects_again_after_a_restart_and_is_current(folder, visiting):
    with Server(folder) as server:
        visitor = visiting(server.base)
        page = sign_in(visitor, server)
        page.goto("/research/leaving")
        is_live(page)
        respond(server, "leaving", LEFT)
        until_complete(page, 1, seconds=10)
        assert server.stop() < 5
        page.locator("#live-state.off").wait_for()
    with Server(folder, "--port", server.base.rsplit(":", 1)[1]) as server:
        respond(server, "leaving", STAYED)
        until_complete(page, 2, seconds=30)
        is_live(page)
        respond(server, "leaving", STAYED)
        until_complete(page, 3, seconds=10)
        page.goto("about:blank")
    visitor.complaints = [words for words in visitor.complaints if "ERR_CONNECTION_REFUSED" not in words]


def test_signing_out_ends_access_at_once(server, visiting):
    respond(server, "leaving", LEFT)
    visitor = visiting(server.base)
    page = sign_in(visitor, server)
    other = visitor.context.new_page()
    other.goto("/research/leaving")
    (cookie,) = visitor.context.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    with server.client(
        cookies={cookie["name"]: cookie["value"]}
    ) as kept:  # a copy of the cookie is worth nothing either
        assert kept.get("/research/leaving/export.csv").status_code == 200
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.wait_for_url("**/sign-in")
        other.reload()
        assert path_of(other) == "/sign-in"
        for name in ("", "/live", "/export.csv", "/codebook.csv", "/codebook.md"):
            answered = kept.get(f"/research/leaving{name}")
            assert answered.status_code in (303, 401) and "=1+1" not in answered.text, name
    page.go_back()
    assert path_of(page) == "/sign-in"


def test_what_is_downloaded_and_shown_is_what_was_answered(server, visiting):
    respond(server, "leaving", LEFT)
    respond(server, "leaving", STAYED)
    respond(server, "leaving", LEFT | {"words": "half-way"}, submit=False)
    page = sign_in(visiting(server.base), server)
    page.goto("/research/leaving?base=partial")
    page.click("text=Share, download")
    with page.expect_download() as download:
        page.click("text=Responses, codes")
    assert download.value.suggested_filename == "leaving-codes-with-partial-3.csv"
    text = download.value.path().read_bytes().decode("utf-8-sig")
    table = sorted(csv.DictReader(io.StringIO(text, newline="")), key=lambda row: row["words"])
    assert len(table) == rows(server, "SELECT count(*) FROM response")[0][0] == 3
    assert [row["disposition"] for row in table] == ["complete", "partial", "complete"]
    first, _, last = table
    assert {name: first[name] for name in ("status", "years", "reasons_burnout", "reasons_visa", "look_failed", "look_grew", "sound")} == {
        "status": "left", "years": "12", "reasons_burnout": "1", "reasons_visa": "1", "look_failed": "2", "look_grew": "4", "sound": "5",
    }  # fmt: skip
    assert first["words"] == "'=1+1"  # so that no spreadsheet computes it
    assert last["words"] == STAYED["words"]
    assert (last["years"], last["years_missing"], last["reasons_missing"], last["look_grew_missing"]) == (
        "",
        "not_shown",
        "declined",
        "skipped",
    )
    page.keyboard.press("Escape")
    page.locator("#item-look .fig-table summary").click()
    assert [
        cell.split()[0] for cell in page.locator("#item-look tbody tr:has-text('has failed')").locator("td").all_inner_texts()
    ][:4] == ["0%", "67%", "0%", "33%"]
    page.click("text=Share, download")
    for link in ("Responses, labels", "Codebook .csv", "Codebook, to read"):
        with page.expect_download() as download:
            page.click(f"text={link}")
        assert download.value.path().stat().st_size > 200


def test_the_way_to_a_page_leads_through_signing_in_and_back_to_it(server, visiting):
    visitor = visiting(server.base)
    page = sign_in(visitor, server)
    password = "seven quiet otters reading"
    page.fill("#new", password)
    page.fill("#again", password)
    with page.expect_navigation():
        page.click("text=Set password")
    assert "Your new password is set." in page.locator("main").inner_text()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/sign-in")
    page.goto("/research/leaving?where=answered(years)")
    page.fill("#email", "owner")
    page.fill("#password", "not that one")
    press(page)
    assert page.title().startswith("Error:") and page.input_value("#email") == "owner"
    page.fill("#password", password)
    press(page)
    assert page.url.endswith("/research/leaving?where=answered(years)")


def test_the_list_of_surveys_names_the_faults_of_a_broken_file(folder, visiting):
    with Server(folder) as server:
        page = sign_in(visiting(server.base), server)
        time.sleep(0.5)  # until the watching has begun
        (folder / "surveys" / "leaving.yaml").write_text(SURVEY.replace("type: rating", "type: ratign"))
        for _ in range(100):
            page.goto("/research")
            if "ratign" in page.locator("main").inner_text():
                break
            page.wait_for_timeout(100)
        assert "its last valid version is still served" in page.locator("main").inner_text()
        assert overflow(page) == 0
        page.goto("/research/leaving")
        assert "has 1 fault and is not served" in page.locator("main").inner_text()
        (folder / "surveys" / "leaving.yaml").write_text(SURVEY)
        for _ in range(100):
            page.goto("/research/leaving")
            if "is not served" not in page.locator("main").inner_text():
                break
            page.wait_for_timeout(100)
        page.locator("#live-state.on").wait_for()
        (folder / "surveys" / "leaving.yaml").write_text(SURVEY.replace("type: rating", "type: ratign"))
        page.wait_for_timeout(600)
        respond(server, "leaving", {"status": "practising"})
        expect(page.locator("#file-faults")).to_contain_text("has 1 fault and is not served")  # while the page is open
        assert rows(server, "SELECT count(*) FROM instrument") == [(1,)]
        page.goto("about:blank")


KINDS = """
title: Of every kind
languages: [en]
arms: {cause: [burnout, family]}
scales:
  amount: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely, 5: Completely}
scores:
  stigma: {label: Stigma, mean: [look.failed, look.grew], reverse: [look.grew], at_least: 2, bands: {low: {label: Low, below: 3}, high: High}}
screen_out:
  outsiders: {when: status == "outside", text: Thank you.}
sections:
  now:
    title: Where you are now
    items:
      status: {type: single_choice, ask: Where are you?, required: true, options: {inside: In practice, outside: Outside}}
      place: {type: dropdown, ask: Which of these?, options: {a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J, k: K, l: L, m: M, n: N, o: O, p: P}}
      sleep: {type: number, ask: How many hours?, range: [0, 14], decimals: 1, unit: hours}
      last: {type: date, ask: When last?, earliest: 2020-01-01, latest: 2026-01-01}
  seen:
    title: How it is seen
    items:
      look: {type: matrix, ask: How are they seen?, scale: amount, statements: {failed: has failed, grew: has grown}}
      twice: {type: matrix, ask: Then and now?, columns: {then: {label: Then, scale: amount}, now: {label: Now, scale: {1: No, 2: Yes}}}, statements: {x: Support}}
      pairs: {type: semantic_differential, ask: It is …, points: 7, pairs: {warm: [Cold, Warm], firm: [Weak, Firm]}}
      weigh: {type: ranking, ask: What weighs most?, top: 2, options: {pay: Pay, visa: Visa, peers: Peers}}
      time: {type: constant_sum, ask: How is your time spent?, options: {clinic: Clinic, paper: Paper}}
      values: {type: best_worst, ask: What matters?, best: Most, worst: Least, options: {pay: Pay, rest: Rest, sense: Sense}}
      words: {type: text, ask: In your words?}
  cases:
    title: A case
    items:
      move:
        type: vignette
        text: "{who} moves."
        attributes: {who: {doctor: A doctor, lawyer: A lawyer}}
        each_sees: 2
        one_of_each: who
        design: random
        ratings: {view: {ask: How do you see it?, scale: amount}}
"""
FIGURES = [
    "status", "place", "sleep", "last", "look", "twice", "pairs", "weigh", "time", "values", "words", "move.view",
    "stigma", "stigma_band", "cause", "move.who",
]  # fmt: skip


def of_every_kind(n: int) -> dict[str, str]:
    return {
        "status": "inside", "place": "abcdefghijklmnop"[n % 16], "sleep": f"{4 + n % 5}.5", "last.day": "3", "last.month": str(1 + n % 12),
        "last.year": "2024", "look.failed": str(1 + n % 5), "look.grew": str(5 - n % 4), "twice.x_then": "2", "twice.x_now": str(1 + n % 2),
        "pairs.warm": str(1 + n % 7), "pairs.firm": "4", "weigh.pay": str(1 + n % 2), "weigh.visa": str(2 - n % 2), "time.clinic": str(50 + n),
        "time.paper": str(50 - n), "values.best": "pay", "values.worst": "rest" if n % 2 else "sense", "words": f"word {n}",
        "move_view_1": str(1 + n % 5), "move_view_2": str(1 + n % 3),
    }  # fmt: skip


@pytest.fixture
def kinds(folder):
    (folder / "surveys" / "kinds.yaml").write_text(KINDS)
    with Server(folder) as running:
        for n in range(12):
            respond(running, "kinds", of_every_kind(n))
        respond(running, "kinds", {"status": "outside"}, submit=False)
        yield running


def test_all_figures_fit_side_by_side_on_a_wide_screen_and_axe_finds_nothing(kinds, visiting):
    page = sign_in(visiting(kinds.base), kinds)
    page.goto("/research/kinds")
    is_live(page)
    shown = page.locator(".item-figures")
    assert shown.evaluate_all("all => all.map(each => each.id)") == [f"item-{name}" for name in FIGURES]
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    for width, scheme, across in ((360, "light", 1), (360, "dark", 1), (1280, "light", 2), (1280, "dark", 2)):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert [one["id"] for one in Axe().run(page).response["violations"]] == [], (width, scheme)
        assert overflow(page) == 0, width
        places = shown.evaluate_all("all => all.map(each => Math.round(each.getBoundingClientRect().left))")
        assert len(set(places)) == across, (width, places)


def test_a_dashboard_tells_of_screen_outs_scores_and_vignettes_and_filters_by_them(kinds, visiting):
    page = sign_in(visiting(kinds.base), kinds)
    page.goto("/research/kinds")
    assert "1 screened out" in page.locator("#progress .meters").inner_text()
    page.click("#progress summary")
    assert page.locator("#progress table:has(caption:text-is('Screened out by')) td").all_inner_texts() == ["1"]
    score = page.locator("#item-stigma").inner_text()
    assert "12 of 12 who were asked had enough answers" in score and "Cronbach’s alpha" in score
    cases = page.locator("[id='item-move.view']").inner_text()
    assert "24 vignettes rated" in cases and "A doctor" in cases and "cluster-robust" in cases
    assert (
        "Dates" not in page.locator("#item-last").inner_text()
        and "3 January 2024" in page.locator("#item-last").inner_text()
    )
    counted = 0
    for source in ('cause == "burnout"', 'cause == "family"'):
        write_condition(page, source)
        found = re.search(r"(\d+) vignettes rated", page.locator("[id='item-move.view']").inner_text())
        counted += int(found[1]) if found else 0
    assert counted == 24
    write_condition(page, 'stigma_band == "low"')
    assert page.locator("#item-stigma_band .fig-value").all_inner_texts()[:2] == ["6", "0"]  # of fewer than ten people
