"""Those who would like to see it break: hostile texts, odd requests, crowds, and surveys of absurd size."""

from __future__ import annotations

import csv
import io
import re
import socket
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.catalogue.files import read_file
from tests.support.browsing import fill, path_of, press, rows
from tests.support.respondent import form_of, respond
from tests.support.server import Server

SURVEY = """
title: Leaving
results: {show_to: everyone}
sections:
  now:
    items:
      status: {type: single_choice, ask: Where are you?, options: {left: Left, other: {label: Other, please_say: true}}}
      words: {type: text, ask: In your words?, lines: 3}
  then:
    items:
      more: {type: text, ask: "You said {words}. What else?"}
"""
HOSTILE = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</textarea><svg onload=alert(1)>", "javascript:alert(1)",
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "＝1+1", "{{ 7 * 7 }} {% include 'page.html' %} {words} ${7*7}", "'; DROP TABLE response; --", "&lt;b&gt; &amp;amp;",
    "👩🏽‍⚕️🏳️‍🌈🩺", "مرحبا", "\u202egnp.exe", "e\u0301\u0323" * 20, "<!-- -->]]>", "a,b;c\t\"d\"", "NULL", "0x1F", "１２",
]  # fmt: skip


#: The same as they are stored: composed (NFC).
STORED = [unicodedata.normalize("NFC", text) for text in HOSTILE]


def test_what_is_typed_is_shown_as_it_is_and_never_run(server, visiting):
    visitor = visiting(server.base)
    asked = []
    visitor.context.on("dialog", lambda dialog: asked.append(dialog.message))
    page = visitor.begin("leaving")
    words = "\n".join(HOSTILE)
    fill(page, {"status": "other", "status.other": HOSTILE[1], "words": words})
    press(page)
    shown = page.locator("label[for=q-more]").inner_text()
    for text in STORED:
        assert " ".join(text.split()) in " ".join(shown.split())
    fill(page, {"more": HOSTILE[0] * 20})  # too long: it comes back in an error page
    press(page)
    assert page.title().startswith("Error:") and page.input_value("[name=more]") == HOSTILE[0] * 20
    page.go_back()
    page.go_back()
    assert page.input_value("[name=words]") == "\n".join(STORED).strip()
    page.go_forward()
    fill(page, {"more": HOSTILE[2]})
    press(page)
    press(page)
    for text in HOSTILE:
        respond(server, "leaving", {"status": "other", "status.other": text, "words": text, "more": text})
    page.goto("/results/leaving")
    page.goto(server.address("Sign in"))
    press(page)
    page.goto("/research/leaving")
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    told = page.locator("#item-words .fig-texts li").all_inner_texts()
    assert len(told) == 20 and {" ".join(text.split()) for text in STORED} >= {" ".join(text.split()) for text in told if "\n" not in text}
    assert all(script.get_attribute("src").startswith("/static/") for script in page.locator("script").all())
    assert page.locator("main img, main svg[onload]").count() == 0
    assert asked == []


def test_a_spreadsheet_runs_nothing_that_was_typed(server):
    for text in HOSTILE:
        respond(server, "leaving", {"status": "other", "status.other": text, "words": text, "more": text})
    with server.client(follow_redirects=True) as researcher:
        researcher.post(server.address("Sign in"))
        text = researcher.get("/research/leaving/export.csv").content.decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(table) == len(HOSTILE)
    for row in table:
        for name in ("words", "more", "status_other"):
            assert row[name] and row[name][0] not in "=+-@\t\r＝＋－＠", row[name]
    assert {row["words"].removeprefix("'") for row in table} == {text.strip() for text in STORED}


# --- requests that no browser sends -----------------------------------------------------------------------


def raw(server: Server, request: str) -> bytes:
    """What comes back to bytes that need not be well-formed."""
    with socket.create_connection(("127.0.0.1", int(server.base.rsplit(":", 1)[1])), timeout=20) as connection:
        connection.sendall(request.encode("latin-1"))
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


PATHS = (
    "//", "/..", "/../../etc/passwd", "/s/../research", "/s/%2e%2e/research", "/s/leaving%00", "/s/%ff%fe", "/s/LEAVING",
    "/s/leaving;x=1", "/static/../main.py", "/static/%2e%2e/main.py", "/static/", "/s/" + "a" * 6000, "/s/leaving/%F0%9F%98%80",
    "/results/%0d%0aX:1", "/sign-in/" + "x" * 3000, "/research/leaving/export.csv", "/research/%2e%2e/s/leaving", "http://evil.example/",
    "*", "/s/leaving/now/submit", "/research/leaving/live?seen=999999999999999999999", "/s/leaving?" + "a=1&" * 3000,
)  # fmt: skip


def test_odd_paths_and_methods_are_answered_plainly(server):
    with server.client() as client:
        known = form_of(client.get("/s/leaving").text)
    for path in PATHS:
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            head = raw(server, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").split(b"\r\n\r\n")[0]
            assert int(head.split()[1]) in (200, 204, 303, 401, 404, 405, 410), (method, path[:40], head[:100])
            assert b"content-security-policy: default-src 'none'" in head, (method, path[:40])
    for line in ("FOO / HTTP/1.1", "GET / HTTP/9.9", "GET /s/lea ving HTTP/1.1", "GET / HTTP/1.1\r\nContent-Length: -1", "\x00\x01\x02"):
        assert raw(server, f"{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n")[9:12] in (b"400", b"404"), line
    assert rows(server, "SELECT count(*) FROM response") == [(0,)]
    with server.client() as client:
        assert client.post("/s/leaving", data=known).status_code == 303  # and it goes on working


def test_odd_headers_change_nothing(server):
    odd = (
        "Cookie: opinion_leaving=" + "A" * 20000, "Cookie: opinion_leaving=\xff\xfe; researcher=\xff", "Cookie: ;;;=;a", "Range: bytes=0-1",
        "If-None-Match: *", "Accept: \xff", "Accept-Encoding: br;q=0, *;q=x", "X-Forwarded-For: \xff, '", "X-Forwarded-Host: evil.example",
        "Upgrade: websocket", "Expect: 100-continue", "Content-Encoding: gzip", "Accept-Language: " + "en," * 3000, "Last-Event-ID: x",
    )  # fmt: skip
    for header in odd:
        for path in ("/s/leaving", "/research/leaving/live", "/results/leaving"):
            answered = raw(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\nConnection: close\r\n\r\n")
            assert int(answered.split()[1]) in (200, 303, 401), (header[:40], path)
            assert b"evil.example" not in answered


def test_a_crowd_that_begins_at_once_and_sends_everything_three_times(server):
    def one(_: int) -> set[int]:
        with server.client() as client:
            form = form_of(client.get("/s/leaving").text)
            began = {client.post("/s/leaving", data=form).status_code for _ in range(3)}
            form = form_of(client.get("/s/leaving/now").text) | {"status": "left", "words": "x"}
            return began | {client.post("/s/leaving/now", data=form).status_code for _ in range(3)}

    with ThreadPoolExecutor(30) as crowd:
        assert set().union(*crowd.map(one, range(90))) == {303}
    assert rows(server, "SELECT count(*), min(answers) = max(answers) FROM response") == [(90, 1)]


# --- surveys -----------------------------------------------------------------------------------------------

KINDS = (
    "type: single_choice, ask: Which?, options: {a: One, b: Two, c: {label: Other, please_say: true}}",
    "type: multiple_choice, ask: Which ones?, options: {a: One, b: Two, c: Three, none_of: {label: None, exclusive: true}}",
    "type: rating, ask: How far?, scale: amount",
    "type: number, ask: How many?, range: [0, 100]",
    "type: text, ask: What?",
)


def five_hundred() -> str:
    """25 sections of 20 items; every section but the first depends on the one before, and an item on three others."""
    lines = ["title: Five hundred", "scales: {amount: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely}}", "sections:"]
    for part in range(25):
        lines.append(f"  s{part}:")
        if part:
            before = f"i{part - 1}_"
            lines.append(f"    show_if: missing({before}3) or {before}3 >= 0 or count({before}1) > 4")
        lines.append("    items:")
        for item in range(20):
            ids = [f"i{part}_{item - back}" for back in (5, 3, 4)]
            rule = f', show_if: \'{ids[0]} == "a" or {ids[1]} > 1 and not has({ids[2]}, "b")\'' if item == 5 else ""
            lines.append(f"      i{part}_{item}: {{{KINDS[item % 5]}{rule}}}")
    return "\n".join(lines)


def test_a_survey_of_five_hundred_items_is_checked_and_answered_as_quickly(folder):
    file = folder / "surveys" / "large.yaml"
    file.write_text(five_hundred())
    began = time.process_time()
    instrument, faults = read_file(file)
    assert time.process_time() - began < 1, faults
    assert instrument is not None and len(instrument.item) == 500
    with Server(folder) as server:
        given = {}
        for part in range(25):
            for item in range(20):
                given[f"i{part}_{item}"] = ("a", ["a", "c"], "4", "7", "words")[item % 5]
        client = respond(server, "large", given)
        assert rows(server, "SELECT disposition FROM response") == [("complete",)]
        client.cookies.clear()
        client.post("/s/large", data=form_of(client.get("/s/large").text))
        taken = []
        for _ in range(20):
            began = time.perf_counter()
            assert client.get("/s/large/s0").status_code == 200
            taken.append(time.perf_counter() - began)
        assert min(taken) < 0.05, taken


NOTHING = ("", "\n", "---\n", "# nothing\n", "null", "[]", "\ufeff", "\x00", "title: Leaving\nsections: {}\n", "{" * 9999)


def test_files_with_nothing_to_serve_in_them_disturb_nobody(folder):
    for number, text in enumerate(NOTHING):
        (folder / "surveys" / f"empty-{number}.yaml").write_text(text, encoding="utf-8")
    with Server(folder) as server, server.client(follow_redirects=True) as client:
        client.post(server.address("Sign in"))
        told, log = client.get("/research").text, server.log.read_text()
        for number, text in enumerate(NOTHING):
            assert client.get(f"/s/empty-{number}").status_code == 404
            listed = told.partition(f"<code>empty-{number}</code>")[2].partition("<code>empty-")[0]
            assert re.search(r"The current file has \d+ faults? and cannot be served\.", listed), text
            assert re.search(rf"empty-{number}\.yaml:\d+:\d+: ", log), text
        assert client.get("/s/leaving").status_code == 200


def test_a_closed_survey_takes_no_new_respondents_and_soon_no_answers(folder, visiting):
    """Closing is by date, and those who have begun have a day more."""
    file: Path = folder / "surveys" / "leaving.yaml"
    with Server(folder) as server:
        page, late = visiting(server.base).begin("leaving"), visiting(server.base).page
        late.goto("/s/leaving")
        time.sleep(0.5)  # until the watching has begun
        file.write_text(f"closes: 2020-01-01{SURVEY}")
        for _ in range(150):
            if "closed on" in server.client().get("/s/leaving").text:
                break
            time.sleep(0.1)
        press(late)
        assert path_of(late) == "/s/leaving" and "closed on 1 January 2020" in late.locator("main").inner_text()
        fill(page, {"status": "left", "words": "too late"})
        assert press(page).status == 410
        assert page.locator("h1").inner_text() == "This survey has closed"
        assert rows(server, "SELECT answers FROM response") == [("{}",)]
