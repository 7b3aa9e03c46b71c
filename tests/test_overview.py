"""A survey's overview: what it shows before the first response, its contents, and which sections begin folded."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
import segno

from app.results.charts.captions import Message
from app.results.charts.geometry import ChartRow, Drawing
from app.results.headlines import Headline
from app.results.view import View
from app.server.wiring import Running, create_app
from app.settings import Settings
from app.web.live.views import PageView
from app.web.research.navigation import section_titles
from app.web.research.overview.first_screen import cut
from tests.support.answers import instrument
from tests.support.research import signed_in
from tests.support.respondent import Respondent, form_of, service

OVERVIEW = PageView("", View())
SURVEY = """
title: Leaving
about: {institution: The Institute}
results: {show_to: respondents, floor: 12}
sections:
  now:
    title: Where you are
    items:
      status: {type: single_choice, ask: Where are you?, required: true, options: {practising: In practice, left: Left}}
  why:
    title: Reasons
    show_if: status == "left"
    items:
      reasons: {type: single_choice, ask: What weighed most?, options: {health: Health, visa: Visa}}
  you:
    title: About you
    items:
      field: {type: single_choice, ask: Your field?, identifying: true, options: {surgery: Surgery, other: Other}}
"""


async def test_before_the_first_response_a_survey_shows_its_address_and_what_to_do(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY + "      more: {type: note, text: '[TO FILL IN: more]'}\n") as app, signed_in(app) as researcher:
        page = (await researcher.get("/research/leaving")).text
        assert 'readonly value="http://localhost/s/leaving"' in page and "No response yet" in page
        assert "<figure" not in page and "Your field?" in page
        assert "A text is not written yet." in page and "<code>leaving.yaml:19</code>" in page
        assert "about: {contact: …, ethics: …}" in page and "once 12 people have answered" in page
        file = await researcher.get("/research/leaving/qr.svg")
        assert "leaving-qr.svg" in unquote(file.headers["content-disposition"])
        module_rows = segno.make("http://localhost/s/leaving", error="m", micro=False).symbol_size()[1]
        assert file.headers["content-type"] == "image/svg+xml" and f'height="{10 * module_rows}"' in file.text


async def test_a_survey_behind_a_proxy_is_shared_by_its_public_address(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY)
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'opinion.db'}", surveys=str(tmp_path / "surveys"), base_url="http://opinion.example.org/"
    )
    async with create_app(settings) as app, signed_in(app) as researcher:
        assert 'readonly value="http://opinion.example.org/s/leaving"' in (await researcher.get("/research/leaving")).text


async def answer(app: Running, **answers: str) -> None:
    """One respondent goes through the survey and submits."""
    async with Respondent(app) as one:
        address = await one.begin()
        while not address.endswith("/done"):
            form = form_of((await one.get(address)).text)
            sent = await one.post(address, data=form | answers | {"asked": form["shown"]})
            address = sent.headers["location"]


async def test_the_first_response_brings_the_figures(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, signed_in(app) as researcher:
        assert "No response yet" in (await researcher.get("/research/leaving")).text
        source, dashboards = await app.live.frame_of("leaving"), await app.live.dashboards
        assert source is not None and "first-steps" not in await dashboards.fragments(source, OVERVIEW)
        await answer(app, status="left")
        page = (await researcher.get("/research/leaving")).text
        assert "No response yet" not in page and 'id="item-status"' in page
        assert "data-reload" in (await dashboards.fragments(source, OVERVIEW))["first-steps"]


def folded(page: str) -> dict[str, bool]:
    """Which sections of a page begin folded."""
    return {name: " open" not in rest for name, rest in re.findall(r'<details class="fold" data-section="([^"]*)"([^>]*)>', page)}


UNTITLED = """
title: Leaving
sections:
  s: {items: {status: {type: single_choice, ask: Where are you?, options: {in: In practice, left: Left}}}}
  t:
    items:
      sure: {type: single_choice, ask: Sure?, options: {y: "Yes", n: "No"}}
      why: {type: single_choice, ask: Why?, options: {pay: Pay, rest: Rest}, show_if: status == "left"}
"""


async def test_a_section_without_title_is_numbered_and_one_alone_has_the_surveys_title(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    async with service(tmp_path / "two", UNTITLED) as app, signed_in(app) as researcher:
        await answer(app, status="in", sure="y")
        page = (await researcher.get("/research/leaving")).text
        assert re.findall(r'<h2 id="section-[a-z]*" dir="auto">([^<]*)', page) == ["Section 1", "Section 2"]
    async with service(tmp_path / "one", UNTITLED[: UNTITLED.index("  t:")]) as app, signed_in(app) as researcher:
        await answer(app, status="in")
        page = (await researcher.get("/research/leaving")).text
        assert re.findall(r'<h2 id="section-[a-z]*" dir="auto">([^<]*)', page) == ["Leaving"]


async def test_what_nobody_in_a_view_was_asked_says_so_and_plots_without_data_give_way(tmp_path: Path) -> None:
    async with service(tmp_path, UNTITLED) as app, signed_in(app) as researcher:
        await answer(app, status="in", sure="y")
        page = (await researcher.get("/research/leaving?only=status:in")).text
        assert "Nobody in this view was asked" in page and "0</b> of 0" not in page
        assert "Where 0 stopped, by page</dt>" not in page and 'class="meters four"' in page


async def test_the_bar_counts_bases_and_answers_without_their_own_filter_and_stays_live(tmp_path: Path) -> None:
    async with service(tmp_path, UNTITLED) as app, signed_in(app) as researcher:
        for status in ("left", "in", "in"):
            await answer(app, status=status, sure="y", why="pay")
        async with Respondent(app) as begun:
            await begun.begin()
        page = (await researcher.get("/research/leaving?only=status:left&pick=status")).text
        assert re.findall(r'id="base-([a-z]+)">([0-9]+)', page) == [("complete", "3"), ("partial", "3"), ("all", "4")]
        assert re.findall(r'value="(in|left)" data-n="([0-9]+)"', page) == [("in", "2"), ("left", "1")]
        source, dashboards = await app.live.frame_of("leaving"), await app.live.dashboards
        assert source is not None
        found = await dashboards.fragments(source, PageView("", View(only=(("status", ("left",)),))))
        assert "<b>1</b> of 3" in found["shown"] and ">4<" in found["base-all"] and "1 of 3" in found["view-in-words"]


async def test_contents_of_a_comparison_lead_to_its_own_questions_where_it_has_them(tmp_path: Path) -> None:
    async with service(tmp_path, UNTITLED) as app, signed_in(app) as researcher:
        for n in range(24):
            await answer(app, status="left" if n % 2 else "in", sure="y", why="pay")
        page = (await researcher.get("/research/leaving/compare?by=status")).text
        assert 'href="#item-sure"' in page and 'href="/research/leaving?by=status#item-why"' in page and "<summary>Contents</summary>" in page
        page = (await researcher.get("/research/leaving/crosstab?rows=sure&columns=status")).text
        assert "<summary>Contents of the overview</summary>" in page and 'href="/research/leaving#item-sure"' in page


async def test_what_few_were_asked_and_background_begin_folded_with_their_sentences(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, signed_in(app) as researcher:
        for status in ("left", "practising", "practising"):
            await answer(app, status=status, reasons="visa", field="other")
        page = (await researcher.get("/research/leaving")).text
        assert folded(page) == {"now": False, "why": True, "you": True}
        assert re.findall(r'class="brief" id="brief-([a-z]+)" data-part>\s*(?:<p>([^<]*))?', page) == [("why", "Asked of 1 of 3."), ("you", "")]
        source, dashboards = await app.live.frame_of("leaving"), await app.live.dashboards
        assert source is not None
        assert {"brief-why", "brief-you"} <= (await dashboards.fragments(source, OVERVIEW)).keys()
        opened = (await researcher.get("/research/leaving?open=why&open=nothing")).text
        assert folded(opened) == {"now": False, "why": False, "you": True}
        await answer(app, status="left", reasons="visa")
        assert folded((await researcher.get("/research/leaving")).text) == {"now": False, "why": False, "you": True}


async def test_the_contents_are_searched_without_a_script(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, signed_in(app) as researcher:
        await answer(app, status="left")
        page = (await researcher.get("/research/leaving", params={"find": "WEIGHED most", "where": 'status == "left"'})).text
        contents = page.split('class="toc"')[1].split("</ol>")[0]
        assert re.findall(r'<li><a href="#([^"]*)"', contents) == ["section-why", "item-reasons"]
        assert "1 question found" in page and 'name="where" value="status == &#34;left&#34;"' in page
        page = (await researcher.get("/research/leaving?find=where+you")).text
        assert re.findall(r'<li><a href="#([^"]*)"', page.split('class="toc"')[1].split("</ol>")[0]) == ["section-now", "item-status"]
        assert "No questions found" in (await researcher.get("/research/leaving?find=<b>")).text


# --- findings -----------------------------------------------------------------------------------------------


def drawn(rows: list[ChartRow], about: str = "") -> Headline:
    sentence = Message("%(attribute)s: …", {"attribute": about}) if about else None
    return Headline("item", "x", Drawing("x.headline", "X?", "dots", 5, rows=tuple(rows)), sentence)


def test_a_finding_shows_the_first_rows_of_many_and_says_how_many_there_are() -> None:
    rows = [ChartRow(f"Option {n}", "1%") for n in range(13)]
    drawing, left_out = cut(drawn(rows))
    assert [row.label for row in drawing.rows] == [f"Option {n}" for n in range(5)] and left_out == "5 of 13 shown"
    assert cut(drawn(rows[:6]))[1] == ""


def test_a_finding_about_one_attribute_of_a_vignette_shows_the_levels_of_that_one() -> None:
    rows = [ChartRow(f"{name} {n}", "3.1", group=name if n == 0 else "") for name in ("Who", "Why") for n in range(4)]
    drawing, left_out = cut(drawn(rows, about="Why"))
    assert [row.label for row in drawing.rows] == ["Why 0", "Why 1", "Why 2", "Why 3"] and left_out == "1 of 2 attributes"
    assert cut(drawn(rows))[0].rows[0].label == "Who 0"


async def test_the_first_screen_says_what_respondents_answered(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY.replace("floor: 12", "headline: [status]")) as app, signed_in(app) as researcher:
        for _ in range(12):
            await answer(app, status="left", reasons="visa")
        page = (await researcher.get("/research/leaving")).text
        findings = page.split('id="findings"')[1].split("</section>")[0]
        assert findings.count("<article") == 1 and '<a href="#item-status">' in findings and "<b>100%</b>" in findings
        source, dashboards = await app.live.frame_of("leaving"), await app.live.dashboards
        assert source is not None
        assert "<b>100%</b>" in (await dashboards.fragments(source, OVERVIEW))["findings"]


async def test_the_menu_leads_to_the_survey_to_its_public_page_and_to_every_file(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, signed_in(app) as researcher:
        await answer(app, status="left")
        menu = (await researcher.get("/research/leaving?base=all")).text.split('class="menu end share"')[1].split("</details>")[0]
        links = [unescape(link) for link in re.findall(r'href="([^"]*)"', menu)]
        assert {"/s/leaving", "/research/leaving/public", "/research/leaving/export.csv"} <= {*links}
        assert "Download 1 begun response" in menu and "Download all 1 stored" in menu
        for link in links:
            assert (await researcher.get(link)).status_code == 200, link


ARMED = """
title: Leaving
arms: {cause: [pay, family]}
sections: {a: {items: {own: {type: rating, ask: "They left for {cause}. Failure or growth?", scale: {1: Failure, 2: Both, 3: Growth}}}}}
"""


async def test_the_overview_and_its_files_show_what_arms_change(tmp_path: Path) -> None:
    async with service(tmp_path, ARMED) as app, signed_in(app) as researcher:
        for _ in range(4):
            await answer(app, own="2")
        page = (await researcher.get("/research/leaving")).text
        assert "What the arms change" in page and 'id="item-arm.cause.own"' in page and "reference" in page
        for kind, said in (("svg", "<svg"), ("csv", "difference from the first arm")):
            assert said in (await researcher.get(f"/research/leaving/chart/arm.cause.own.{kind}")).text
        assert (await researcher.get("/research/leaving/chart/arm.cause.none.csv")).status_code == 404
        source, dashboards = await app.live.frame_of("leaving"), await app.live.dashboards
        assert source is not None and "What the arms change" in (await dashboards.fragments(source, OVERVIEW))["arms"]


@pytest.mark.parametrize(
    ("title", "shown"),
    [("{entry}", "Pay, Rota"), ("About {entry}", "About …"), ("Each of them", "Each of them")],
)
def test_the_section_of_a_loop_is_not_named_by_its_first_entry(title: str, shown: str):
    asked = instrument(f"""
title: One by one
sections:
  why:
    items:
      why: {{type: multiple_choice, ask: Why?, options: {{pay: Pay, rota: Rota}}}}
  one:
    for_each: why
    title: "{title}"
    items:
      weight: {{type: rating, ask: "How much does it weigh: {{entry}}?", scale: {{1: A little, 2: A lot}}}}
""")
    found = section_titles(SimpleNamespace(loaded=SimpleNamespace(instruments=[asked])))
    assert {found[section.id] for section in asked.sections if section.id != "why"} == {shown}
