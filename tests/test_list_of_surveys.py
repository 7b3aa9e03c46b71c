"""The researchers' list of surveys: what it counts, and that it reads no survey's data for it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.research import sign_in, signed_in
from tests.support.respondent import SURVEY, Respondent, service
from tests.support.server import Server, offered


async def test_the_list_counts_what_is_stored_without_a_frame(tmp_path: Path) -> None:
    async with service(tmp_path) as app:
        async with Respondent(app) as one, Respondent(app) as other:
            await one.complete()
            await other.begin()
        async with signed_in(app) as researcher:
            page = (await researcher.get("/research")).text
        counts = page.split('href="/research/leaving"')[1].split("</dl>")[0]
        assert [part.split("</dd>")[0] for part in counts.split("<dd>")[1:]] == ["2", "1", "1", "0"]
        assert app.live.frames == {}


async def test_a_survey_that_is_no_longer_offered_is_listed_by_its_title(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY.replace("title: Leaving", "title: Gone & forgotten"), "gone"):
        pass
    (tmp_path / "surveys" / "gone.yaml").unlink()
    async with service(tmp_path) as app, signed_in(app) as researcher:
        page = (await researcher.get("/research")).text
        assert '<a href="/research/gone" dir="auto">Gone &amp; forgotten</a>' in page and "No longer offered" in page
        assert app.live.frames == {}


POLL = "title: {title}\n{dates}sections: {{one: {{items: {{x: {{type: text, ask: X?}}}}}}}}\n"


def add(folder: Path, **surveys: str) -> None:
    (folder / "surveys").mkdir()
    for name, text in surveys.items():
        (folder / "surveys" / f"{name}.yaml").write_text(text)


async def test_what_collects_responses_comes_first_and_faults_are_said_once(tmp_path: Path) -> None:
    add(
        tmp_path, alpha=POLL.format(title="Alpha", dates="closes: 2020-01-01\n"), beta=POLL.format(title="Beta", dates="opens: 2999-01-01\n"),
        gamma=POLL.format(title="Gamma", dates=""), broken="title: Broken\nsections: {}\n",
    )  # fmt: skip
    async with service(tmp_path) as app, signed_in(app) as researcher:
        async with Respondent(app) as one:
            await one.complete()
        page = (await researcher.get("/research")).text
        assert re.findall(r"<h2>(?:<(?:a|span)[^>]*>)?([^<]*)", page) == ["Leaving", "Gamma", "Beta", "Alpha", "broken"]
        states = re.findall(r'class="state \w+">([^<]*)', page)
        assert states == ["Collecting", "Collecting", "Opens on 1 January 2999", "Closed since 1 January 2020", "Never offered"]
        assert page.count("cannot be served") == 1 and page.count("broken.yaml:") == len(app.surveys.faults["broken"])


async def test_the_list_is_searched_without_a_script(tmp_path: Path) -> None:
    add(tmp_path, poll=POLL.format(title="What is a good death?", dates=""))
    async with service(tmp_path) as app, signed_in(app) as researcher:
        page = (await researcher.get("/research", params={"find": " GOOD what"})).text
        assert re.findall(r"<li( hidden)?>\s*<div class=\"listed\">\s*<div>\s*<h2><a[^>]*>([^<]*)", page) == [
            (" hidden", "Leaving"), ("", "What is a good death?"),
        ]  # fmt: skip
        assert "1 survey found" in page and 'value="GOOD what"' in page
        assert "No surveys found" in (await researcher.get("/research", params={"find": "<script>"})).text


def test_the_list_narrows_as_one_types(tmp_path: Path, visiting) -> None:
    with Server(offered(tmp_path, leaving=SURVEY, poll=POLL.format(title="A good death", dates=""))) as server:
        page = sign_in(visiting(server.base), server)
        page.goto("/research")
        assert page.locator(".surveys h2:visible").all_inner_texts() == ["A good death", "Leaving"]
        page.fill("#find", "DEATH good")
        assert page.locator(".surveys h2:visible").all_inner_texts() == ["A good death"]
        assert page.locator("#found").inner_text() == "1 survey found"
        page.fill("#find", "")
        assert page.locator(".surveys h2:visible").count() == 2 and page.locator("#found").inner_text() == ""
