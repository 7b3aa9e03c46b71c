"""Words as long as languages have them, on public results and on dashboards: they wrap, and no page scrolls sideways."""

from __future__ import annotations

from tests.support.browsing import overflow
from tests.support.research import sign_in
from tests.support.respondent import respond
from tests.support.server import Server

LONG = "Arbeitsunfähigkeitsbescheinigungspflichtverletzungsfolgenabschätzungskommission"
SURVEY = f"""
title: {LONG}
results: {{show_to: everyone, floor: 5, release_every: 5}}
scales: {{amount: {{1: Un{LONG.lower()}, 2: Mittel, 3: {LONG}}}}}
sections:
  one:
    title: {LONG}
    items:
      status: {{type: single_choice, ask: "{LONG}?", options: {{a: {LONG}, b: Kurz, other: {{label: Anderes, please_say: true}}}}}}
      why: {{type: multiple_choice, ask: Warum?, options: {{a: {LONG}, b: Kurz}}}}
      seen: {{type: matrix, ask: Wie?, scale: amount, statements: {{x: {LONG}, y: Kurz}}}}
      pairs: {{type: semantic_differential, ask: Es ist, points: 5, pairs: {{x: [{LONG}, kurz]}}}}
      order: {{type: ranking, ask: Rang?, options: {{a: {LONG}, b: Kurz}}}}
      hours: {{type: number, ask: Stunden?, range: [0, 100], unit: {LONG}}}
      words: {{type: text, ask: Worte?}}
"""
ANSWERS = {
    "status": "other", "status.other": LONG * 2, "why": ["a", "b"], "seen.x": "3", "seen.y": "1", "pairs.x": "2", "order.a": "1", "order.b": "2",
    "hours": "40", "words": LONG * 2,
}  # fmt: skip


def test_long_words_wrap_on_results_and_dashboards(tmp_path, visiting):
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "long.yaml").write_text(SURVEY)
    with Server(tmp_path) as server:
        for place in range(6):
            respond(server, "long", ANSWERS | ({"status": "a"} if place % 2 else {}))
        visitor = visiting(server.base)
        page = sign_in(visitor, server)
        for address in ("/", "/s/long", "/results/long", "/research", "/research/long"):
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
            for width in (360, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert overflow(page) == 0, (address, width)
                assert page.evaluate(OUTSIDE) == [], (address, width)
        page.goto("about:blank")  # the dashboard's stream ends before the server does


#: What is wider than the window and not in a part that scrolls by itself.
OUTSIDE = """() => [...document.querySelectorAll('main *')].filter(e => {
  const box = e.getBoundingClientRect()
  for (let up = e; up; up = up.parentElement) if (/auto|scroll|hidden|clip/.test(getComputedStyle(up).overflowX)) return false
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && !e.closest('.unseen')
}).map(e => e.outerHTML.slice(0, 120))"""
