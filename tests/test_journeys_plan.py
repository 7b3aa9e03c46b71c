"""A researcher reads the primary estimates, opens the plan, prints it and takes its text, in a real browser."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.browsing import overflow
from tests.support.research import sign_in
from tests.support.respondent import respond
from tests.support.server import Server, offered

SURVEY = """
title: Leaving
sample: 300
analysis:
  primary:
    years: {question: Do those who left stay shorter?, hypothesis: Yes., item: years, contrast: {status: [left, practising]}}
    left: {question: How many left?, item: status, share: [left], base: partial}
  population: Doctors of one country.
  stopping: After six weeks.
sections:
  now:
    title: Where you are now
    items:
      status: {type: single_choice, ask: Where are you?, required: true, options: {practising: In practice, left: Left}}
      years: {type: number, ask: How many years?, range: [0, 40], unit: years}
"""
PAGES = re.compile(rb"/Type\s*/Page\b(?!s)")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with Server(offered(tmp_path_factory.mktemp("planned"), leaving=SURVEY)) as server:
        for n in range(20):
            left = n % 2 == 0
            respond(server, "leaving", {"status": "left" if left else "practising", "years": str(n % 7 + (2 if left else 11))})
        yield server


def test_a_researcher_reads_the_primary_estimates_and_registers_the_plan(served, visiting):
    visitor = visiting(served.base, viewport={"width": 1280, "height": 800})
    page = sign_in(visitor, served)
    page.goto("/research/leaving")
    years = page.locator("#primary-years")
    assert years.bounding_box()["y"] < 800 and "−9.3 years" in years.inner_text() and "clear" in years.inner_text()
    assert page.locator("#findings-heading").inner_text() == "Findings exploratory"
    years.get_by_role("link").click()
    expect(page).to_have_url(re.compile("#item-years"))
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for address in ("/research/leaving", "/research/leaving/plan"):
            page.goto(address)
            assert overflow(page) == 0
            assert Axe().run(page).violations_count == 0, Axe().run(page).generate_report()
    page.goto("/research/leaving")
    page.get_by_role("link", name="The analysis plan").click()
    assert "Welch’s t-test" in page.locator("main").inner_text() and "before any response had begun" in page.locator("main").inner_text()
    assert 1 <= len(PAGES.findall(page.pdf(format="A4"))) <= 2
    with page.expect_download() as taken:
        page.get_by_role("link", name="Text to register").click()
    assert taken.value.suggested_filename == "leaving-analysis-plan.md"
