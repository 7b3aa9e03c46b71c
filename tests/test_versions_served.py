"""What a running service does with a changed file: which version it is, and what is taken up at once."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from app.survey.source.reading import read_survey
from tests.support.commands import opinion
from tests.support.respondent import Respondent, service
from tests.support.waiting import expect_soon

SURVEY = """title: Leaving
results: {show_to: nobody, floor: 10}
sections:
  now:
    items:
      why: {type: text, ask: Why did you laeve?}
"""
SHOWN = SURVEY.replace("{show_to: nobody, floor: 10}", "{show_to: everyone, floor: 25}")
MENDED = SURVEY.replace("laeve?", "leave?")


def write(folder: Path, text: str) -> None:
    (folder / "surveys" / "leaving.yaml").write_text(text, encoding="utf-8")


async def test_another_floor_is_taken_up_at_once_and_makes_no_version(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        before = app.surveys.served["leaving"]
        assert (await browser.get("/results/leaving")).status_code == 404
        write(tmp_path, SHOWN)
        await app.surveys.load()
        assert app.surveys.served["leaving"] is before and before.instrument.results.floor == 25
        assert (await browser.get("/results/leaving")).status_code == 200
        assert len(await app.storage.versions("leaving")) == 1
        board = await app.live.frame_of("leaving")
        assert board.frame.instruments[0].results.floor == 25
    async with service(tmp_path, "title: [") as app:  # the broken file leaves what was served last
        assert app.surveys.served["leaving"].instrument.results.floor == 25


async def test_an_open_dashboard_hears_of_another_floor(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app:
        board = await app.live.frame_of("leaving")
        write(tmp_path, SHOWN)
        await app.surveys.load()
        await expect_soon(lambda: board.frame.instruments[0].results.floor == 25)


async def test_who_may_see_results_holds_for_those_who_answered_an_older_version(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        address = await browser.begin()
        write(tmp_path, MENDED)
        await app.surveys.load()
        write(tmp_path, MENDED.replace("show_to: nobody", "show_to: everyone"))
        await app.surveys.load()
        sent = await browser.fill(address, why="tired")
        assert sent.headers["location"] == "/s/leaving/done"
        assert 'href="/results/leaving"' in (await browser.get("/s/leaving/done")).text


async def test_a_comment_makes_no_version_nor_does_a_restart_with_it(tmp_path: Path) -> None:
    async def digests(text: str) -> list[str]:
        async with service(tmp_path, text) as app:
            stored = [each["digest"] for each in await app.storage.versions("leaving")]
            assert app.surveys.served["leaving"].instrument.digest in stored
            return stored

    first = await digests(SURVEY)
    assert first == [read_survey(SURVEY.encode(), "leaving")[0].digest]
    assert await digests(f"# checked\n{SURVEY}") == first
    assert await digests(SURVEY) == first
    assert len(await digests(MENDED)) == 2
    assert len(await digests(f"# checked\n{SURVEY}")) == 2


async def test_a_same_as_is_taken_up_for_answers_that_are_stored_already(tmp_path: Path) -> None:
    async with service(tmp_path, SURVEY) as app, Respondent(app) as browser:
        await browser.fill(await browser.begin(), why="tired")
        write(tmp_path, MENDED)
        await app.surveys.load()
        assert (await app.live.frame_of("leaving")).frame.layout.texts == ("why", "why_v1")
        write(tmp_path, MENDED.replace("leave?", "leave?, same_as: 1"))
        await app.surveys.load()
        assert len(await app.storage.versions("leaving")) == 2
        async with asyncio.timeout(10):
            while (await app.live.frame_of("leaving")).frame.layout.texts != ("why",):
                await asyncio.sleep(0.05)
    database = f"sqlite:///{tmp_path / 'opinion.db'}"
    told = opinion("compare", "leaving@1", "leaving@2", "--database-url", database)
    assert (told.exit_code, "same_as" in told.output) == (0, True)


async def test_a_same_as_that_names_no_version_is_told_at_its_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with service(tmp_path, SURVEY.replace("laeve?", "laeve?, same_as: 7")) as app:
        assert app.surveys.faults == {}  # the first version of a database has no other to name
        write(tmp_path, MENDED.replace("leave?", "leave?, same_as: 7"))
        with caplog.at_level(logging.ERROR, "opinion.surveys"):
            await app.surveys.load()
        (fault,) = app.surveys.faults["leaving"]
        assert (fault.line, fault.column, fault.code) == (6, 59, "bad-value")
        assert fault.what == "no other version of this survey is 7" and fault.what in caplog.text
        assert "laeve" in app.surveys.served["leaving"].instrument.source
