"""Analysis plans in the database: each is stored once, with what was there when it was first seen."""

from __future__ import annotations

import asyncio
import datetime
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from app.responses.storage import Storage, open_storage
from app.survey.model import Instrument
from app.survey.source.reading import read_survey
from tests.support.commands import opinion
from tests.support.respondent import Respondent, service

DAY, LATER = datetime.date(2027, 3, 1), datetime.date(2027, 3, 3)
PLAN = """analysis:
  primary: {years: {question: How long do doctors stay?, item: years}}
"""
SURVEY = """title: Leaving
sections:
  now: {items: {years: {type: number, ask: How many years?, range: [0, 70]}}}
"""
CHANGED = PLAN.replace("item: years", "item: years, base: partial")


def read(source: str) -> Instrument:
    instrument, faults = read_survey(source.encode(), "leaving")
    assert instrument is not None, faults
    return instrument


async def seen(storage: Storage) -> list[tuple[int, bool, datetime.date, int, int]]:
    return [(each["number"], bool(each["digest"]), each["day"], each["begun"], each["complete"]) for each in await storage.plans.all_of("leaving")]


async def test_a_changed_plan_is_stored_beside_the_earlier_ones(database_url: str) -> None:
    async with open_storage(database_url) as storage:
        for source in (SURVEY, PLAN + SURVEY, f"# again\n{PLAN}{SURVEY}", CHANGED + SURVEY, SURVEY, SURVEY, PLAN + SURVEY):
            await storage.plans.store_of(read(source), DAY)
        rows = await storage.plans.all_of("leaving")
    assert [row["number"] for row in rows] == [1, 2, 3, 4]
    first, changed = read(PLAN + SURVEY).analysis, read(CHANGED + SURVEY).analysis
    assert first is not None and changed is not None
    assert [row["digest"] for row in rows] == [first.digest, changed.digest, "", first.digest]
    assert json.loads(rows[1]["plan"])["analysis"]["primary"]["years"]["base"] == "partial" and rows[2]["plan"] == ""


async def test_a_late_plan_counts_what_was_begun_also_what_was_withdrawn(database_url: str) -> None:
    async with open_storage(database_url) as storage:
        for number in range(5):
            await storage.begin(f"r{number}", "leaving", "d", DAY)
        for number in range(3):
            await storage.submit(f"r{number}", lambda row: {"years": 1}, DAY, 1, f"receipt{number}")
        await storage.begin("another", "another", "d", DAY)
        await storage.withdraw("receipt0", DAY)
        await storage.plans.store_of(read(PLAN + SURVEY), LATER)
        await storage.begin("r9", "leaving", "d", LATER)
        assert await seen(storage) == [(1, True, LATER, 5, 2)]


SEES = """
import asyncio, datetime, sys
from app.responses.storage import open_storage
from app.survey.source.reading import read_survey
async def see():
    async with open_storage(sys.argv[1]) as storage:
        print("ready", flush=True)
        sys.stdin.readline()
        tries = [storage.plans.store_of(read_survey(sys.argv[2].encode(), "leaving")[0], datetime.date(2027, 3, 1)) for _ in range(4)]
        print(sum(each is not None for each in await asyncio.gather(*tries)))
asyncio.run(see())
"""


def test_workers_that_see_a_plan_at_once_store_it_once(database_url: str) -> None:
    command = [sys.executable, "-c", SEES, database_url, PLAN + SURVEY]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    assert sorted(int(worker.communicate(timeout=30)[0]) for worker in workers) == [0, 1]


async def test_a_service_stores_the_plan_of_each_file_that_it_serves(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    file = tmp_path / "surveys" / "leaving.yaml"
    async with service(tmp_path, PLAN + SURVEY) as app, Respondent(app) as browser:
        await app.surveys.load()
        assert [each[3] for each in await seen(app.storage)] == [0] and "analysis plan" not in caplog.text
        await browser.begin()
        file.write_text(f"title: [\n{PLAN}")
        await app.surveys.load()
        assert len(await seen(app.storage)) == 1
        file.write_text(CHANGED + SURVEY)
        await app.surveys.load()
        assert [each[3] for each in await seen(app.storage)] == [0, 1] and len(await app.storage.versions("leaving")) == 1
        assert "leaving: a changed analysis plan is first seen after 1 responses have begun" in caplog.text
    async with service(tmp_path, CHANGED + SURVEY) as app:
        assert len(await seen(app.storage)) == 2


async def test_a_simulation_that_stores_responses_stores_the_plan_before_them(tmp_path: Path) -> None:
    file, url = tmp_path / "leaving.yaml", f"sqlite:///{tmp_path}/simulated.db"
    file.write_text(PLAN + SURVEY)
    done = await asyncio.to_thread(opinion, "simulate", file, "-n", "5", "--database-url", url)
    assert done.exit_code == 0, done.output
    async with open_storage(url) as storage:
        assert [each[:1] + each[3:] for each in await seen(storage)] == [(1, 0, 0)]


def test_check_names_the_plan_and_the_command_prints_it_to_register(tmp_path: Path) -> None:
    file, plan = tmp_path / "leaving.yaml", read(PLAN + SURVEY).analysis
    assert plan is not None
    file.write_text(PLAN + SURVEY)
    checked, printed = opinion("check", file), opinion("plan", file)
    assert f"analysis plan of 1 primary estimate, digest {plan.digest[:12]}" in checked.output
    assert printed.exit_code == 0 and plan.digest in printed.output and "Not yet served." in printed.output
    assert "The mean of “How many years?”, among complete responses." in printed.output
    file.write_text(SURVEY)
    without = opinion("plan", file)
    assert without.exit_code == 1 and "has no analysis plan" in without.output and "analysis" not in opinion("check", file).output
