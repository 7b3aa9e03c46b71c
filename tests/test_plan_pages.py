"""The analysis plan among the results: primary estimates first, all else marked as exploratory, and a page to register."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

from app.results.view import View
from app.server.wiring import Running
from app.web.live.views import PageView
from tests.support.answers import complete_rows
from tests.support.research import signed_in
from tests.support.respondent import Respondent, service

QUESTIONS = """
sections:
  now:
    items:
      status: {type: single_choice, ask: Where are you?, options: {stays: In practice, left: Left it}}
      years: {type: number, ask: How many years?, range: [0, 40], unit: years}
      own: {type: single_choice, ask: Would you?, options: {yes: Yes, no: No}}
"""
PLAN = """
analysis:
  primary:
    years: {question: Do those who left stay shorter?, item: years, contrast: {status: [left, stays]}}
    left: {question: How many left?, item: status, share: [left], where: years > 2}
  stopping: After *six* weeks.
"""
SURVEY = f"title: Leaving\nsample: 200\n{PLAN}{QUESTIONS}"
UNPLANNED = f"title: Leaving\nsample: 200\n{QUESTIONS}"


def answer(n: int) -> dict[str, Any]:
    left = n % 2 == 0
    return {"status": "left" if left else "stays", "years": 3 + n % 4 + (0 if left else 9), "own": "yes"}


async def answered(app: Running, numbers: range = range(24), answer: Callable[[int], dict[str, Any]] = answer) -> None:
    asked = app.surveys.served["leaving"].instrument
    await app.storage.insert_many("leaving", complete_rows(asked, numbers, answer))
    app.live.stored({"leaving": 0})


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def block(page: str) -> str:
    """What the primary estimates show, in words."""
    return words(page[page.index('<section id="primary"') : page.index('<section id="findings"')])


async def test_primary_estimates_lead_and_all_else_is_exploratory(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, signed_in(app) as researcher:
        await answered(app)
        page = (await researcher.get("/research/leaving")).text
        shown = block(page)
        assert "Do those who left stay shorter?" in shown and "Mean of “How many years?”, among complete responses" in shown
        assert "−10 0 +10 years" in shown  # the axis, in the unit of the estimate
        assert "−10.0 years" in shown and "clear: p < 0.001" in shown and "Left it 4.0 n 12 ; In practice 14.0 n 12" in shown
        assert "How many left?" in shown and "50% [31–69]" in shown and "before any response had begun" in shown
        assert "own-view" in page and "not about the view chosen above" not in shown
        rest = page[page.index('<section id="findings"') :]
        assert page.count('<span class="tag">exploratory</span>') == len(re.findall(r'<details class="fold"', page)) > 0
        assert 'Findings <small class="tag">exploratory</small>' in rest
        for other in ("compare?by=status", "crosstab?rows=status&columns=own"):
            assert "Exploratory: not among the" in words((await researcher.get(f"/research/leaving/{other}")).text)


async def test_planned_figures_keep_the_plan_s_own_base_whatever_the_view(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, signed_in(app) as researcher:
        await answered(app)
        whole = block((await researcher.get("/research/leaving")).text)
        note = "These are about the responses that the plan names, not about the view chosen above."
        filtered = block((await researcher.get("/research/leaving", params={"only": "status:left", "base": "all"})).text)
        assert note in filtered and filtered.replace(f"{note} ", "") == whole


async def test_primary_estimates_are_live(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app:
        await answered(app, range(12))
        source, dashboards = await app.live.frame_of("leaving"), await app.live.dashboards
        assert source is not None
        before = (await dashboards.fragments(source, PageView("", View())))["primary"]
        await answered(app, range(12, 13), lambda n: {"status": "left", "years": 40})
        source = await app.live.frame_of("leaving")
        assert source is not None
        after = (await dashboards.fragments(source, PageView("", View(only=(("status", ("stays",)),)))))["primary"]
        assert "Left it 4.0 n 6" in words(before) and "Left it 9.1 n 7" in words(after)


async def test_without_a_plan_all_is_exploratory_and_a_page_says_how_to_write_one(tmp_path: Path) -> None:
    async with service(tmp_path, UNPLANNED) as app, signed_in(app) as researcher:
        assert "Plan the analysis." in (await researcher.get("/research/leaving")).text
        await answered(app, range(2))
        page = (await researcher.get("/research/leaving")).text
        assert "No analysis plan: everything here is exploratory." in page and 'href="/research/leaving/plan"' in page
        assert 'class="tag"' not in page and "Exploratory" not in (await researcher.get("/research/leaving/compare?by=status")).text
        plan = await researcher.get("/research/leaving/plan")
        assert plan.status_code == 200 and "analysis:" in plan.text
        assert (await researcher.get("/research/leaving/plan.md")).status_code == 404


async def test_a_late_plan_and_a_changed_one_say_after_how_many(tmp_path: Path) -> None:
    file = tmp_path / "surveys" / "leaving.yaml"
    async with service(tmp_path, UNPLANNED) as app, signed_in(app) as researcher:
        await answered(app, range(3))
        async with Respondent(app) as one:
            await one.begin()
        file.write_text(SURVEY)
        await app.surveys.load()
        overview = block((await researcher.get("/research/leaving")).text)
        assert "after 4 responses had begun, 3 of them complete." in overview and "Changed" not in overview
        file.write_text(SURVEY.replace("years > 2", "years > 5").replace("sample: 200", "sample: 90"))
        await app.surveys.load()
        plan = words((await researcher.get("/research/leaving/plan")).text)
        assert "Changed once on" in plan
        assert "The condition of “left” changed from years > 2 to years > 5. The expected number of respondents changed from 200 to 90." in plan
        file.write_text(UNPLANNED)
        await app.surveys.load()
        assert "(removed)" in words((await researcher.get("/research/leaving/plan")).text)


async def test_the_plan_s_page_and_its_text_say_the_same(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, signed_in(app) as researcher, Respondent(app) as stranger:
        page = (await researcher.get("/research/leaving/plan")).text
        text = await researcher.get("/research/leaving/plan.md")
        assert text.headers["content-disposition"].endswith("leaving-analysis-plan.md")
        plan = app.surveys.served["leaving"].instrument.analysis
        assert plan is not None and "After <em>six</em> weeks." in page and "After *six* weeks." in text.text
        for said in (plan.digest, "The mean of “How many years?” of those who answered “Left it”", "Welch’s t-test", "First seen on", "Nothing is imputed"):
            assert said in unescape(page) and said in text.text
        for address in ("/research/leaving/plan", "/research/leaving/plan.md"):
            assert (await stranger.get(address)).status_code in (303, 401)


async def test_what_is_written_in_a_plan_is_never_run(tmp_path: Path) -> None:
    wicked = SURVEY.replace("Do those who left stay shorter?", "'<script>{{ 1 + 1 }}</script>'").replace("After *six* weeks.", "'<b>{{ 7 * 7 }}</b> {x}'")
    async with service(tmp_path, wicked) as app, signed_in(app) as researcher:
        await answered(app, range(2))
        for address in ("/research/leaving", "/research/leaving/plan"):
            page = (await researcher.get(address)).text
            assert "<script>{" not in page and "&lt;script&gt;{{ 1 + 1 }}&lt;/script&gt;" in page and "<b>{" not in page
        assert "49" not in words(page) and "{x}" in page
