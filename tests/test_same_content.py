"""Two surveys may have the same content, and a file may be put back: versions, draws and data are each survey's own."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.accounts.researchers import first_link
from app.responses.migrations.migrate import migrate
from app.responses.storage import open_storage
from app.responses.tables import Counter, Response, Sequence
from app.server.system import local_now
from app.server.wiring import Running, create_app
from app.settings import Settings
from tests.support.commands import opinion
from tests.support.migrations import FILES, engine_on, folder_of
from tests.support.respondent import Respondent

WAVE = """
title: A wave
arms: {cause: [burnout, family, visa]}
sections:
  one: {items: {status: {type: single_choice, ask: "Status, {cause}?", required: true, options: {in: In, left: Left}}}}
  two: {items: {words: {type: text, ask: Words}}}
"""
LATER = WAVE.replace("Words", "In your own words")
LATEST = WAVE.replace("Words", "More words")


@asynccontextmanager
async def serving(folder: Path, url: str, **surveys: str) -> AsyncIterator[Running]:
    write(folder, **surveys)
    async with create_app(Settings(database_url=url, surveys=str(folder / "surveys"))) as app:
        yield app


def write(folder: Path, **surveys: str) -> None:
    (folder / "surveys").mkdir(exist_ok=True)
    for survey, text in surveys.items():
        (folder / "surveys" / f"{survey}.yaml").write_text(text)


def exported(url: str, survey: str) -> list[dict[str, str]]:
    done = opinion("export", survey, "--no-bom", "--database-url", url)
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


async def complete(app: Running, survey: str, **answers: str) -> Respondent:
    browser = Respondent(app)
    await browser.begin(survey)
    await finish(browser, survey, **answers)
    return browser


async def finish(browser: Respondent, survey: str, **answers: str) -> None:
    sent = await browser.fill(f"/s/{survey}/one", status=answers["status"])
    assert sent.headers["location"] == f"/s/{survey}/two"
    await browser.fill(f"/s/{survey}/two", words=answers["words"])
    assert (await browser.fill(f"/s/{survey}/submit")).headers["location"] == f"/s/{survey}/done"


async def researcher(app: Running) -> Respondent:
    browser = Respondent(app)
    token = await first_link(local_now, lambda: "t" * 43)
    await browser.post(f"/sign-in/{token}")
    return browser


async def causes(app: Running, survey: str) -> list[str]:
    rows = [await app.storage.load_stored(change.id) for change in await app.storage.changes(survey, 0, 1000)]
    return [row.answers["cause"] for row in rows]


async def test_two_files_of_the_same_content_have_each_their_own_data(tmp_path: Path, database_url: str) -> None:
    async with serving(tmp_path, database_url, **{"wave-1": WAVE, "wave-2": WAVE}) as app:
        await complete(app, "wave-1", status="in", words="first")
        await complete(app, "wave-2", status="left", words="second")
        await complete(app, "wave-2", status="left", words="second")
        browser = await researcher(app)
        for survey, count in (("wave-1", 1), ("wave-2", 2)):
            page = await browser.get(f"/research/{survey}")
            assert page.status_code == 200
            live = await browser.get(f"/research/{survey}/export.csv")
            assert len(list(csv.DictReader(io.StringIO(live.text.lstrip("\ufeff"))))) == count
    assert [row["words"] for row in exported(database_url, "wave-1")] == ["first"]
    assert [row["words"] for row in exported(database_url, "wave-2")] == ["second"] * 2
    assert opinion("codebook", "wave-2", "--database-url", database_url).exit_code == 0
    assert opinion("compare", "wave-1@1", "wave-2@last", "--database-url", database_url).exit_code == 0


async def test_a_renamed_file_is_a_survey_of_its_own(tmp_path: Path, database_url: str) -> None:
    async with serving(tmp_path, database_url, spring=WAVE) as app:
        await complete(app, "spring", status="in", words="before")
    os.rename(tmp_path / "surveys" / "spring.yaml", tmp_path / "surveys" / "autumn.yaml")
    async with serving(tmp_path, database_url) as app:
        await complete(app, "autumn", status="left", words="after")
    assert [row["words"] for row in exported(database_url, "spring")] == ["before"]
    assert [row["words"] for row in exported(database_url, "autumn")] == ["after"]


async def test_each_of_two_like_surveys_draws_in_its_own_blocks(tmp_path: Path, database_url: str) -> None:
    """Three begin in turn in each: a counter that both shared would give neither a whole block."""

    async with serving(tmp_path, database_url, **{"wave-1": WAVE, "wave-2": WAVE}) as app:
        for _ in range(18):
            for survey in ("wave-1", "wave-2"):
                await Respondent(app).begin(survey)
        first, second = await causes(app, "wave-1"), await causes(app, "wave-2")
        for block in range(0, 18, 3):
            assert {*first[block : block + 3]} == {*second[block : block + 3]} == {"burnout", "family", "visa"}
        assert first != second, "the draws of one survey follow from those of another"


async def test_who_is_half_way_in_one_of_two_like_surveys_stays_in_it(tmp_path: Path, database_url: str) -> None:
    """Both files change while somebody is half-way in each; the old version is read again for either."""

    async with serving(tmp_path, database_url, **{"wave-1": WAVE, "wave-2": WAVE}) as app:
        browsers = {survey: Respondent(app) for survey in ("wave-2", "wave-1")}
        for survey, browser in browsers.items():
            await browser.begin(survey)
        write(tmp_path, **{"wave-1": LATER, "wave-2": LATER})
        await app.surveys.load()
        for survey, browser in browsers.items():
            await finish(browser, survey, status="in", words=survey)
    for survey in ("wave-1", "wave-2"):
        (row,) = exported(database_url, survey)
        assert survey in row.values() and row["disposition"] == "complete"


async def newest_of_dashboard(app: Running, wanted: str) -> str:
    """The newest version that the dashboard knows, once that is the one wanted, or after a few seconds."""
    source = ""
    for _ in range(100):
        board = await app.live.frame_of("wave")
        source = board.frame.instruments[0].source
        if source == wanted:
            break
        await asyncio.sleep(0.05)
    return source


async def test_a_file_put_back_makes_its_version_the_newest(tmp_path: Path, database_url: str) -> None:
    """It keeps its number; `last`, the dashboard, and a start with a broken file all take it."""

    async with serving(tmp_path, database_url, wave=WAVE) as app:
        for text in (LATER, LATEST, LATER):
            write(tmp_path, wave=text)
            await app.surveys.load()
        listed = [version["version"] for version in await app.storage.versions("wave")]
        assert listed == [1, 3, 2]
        board = await app.live.frame_of("wave")
        assert board.frame.instruments[0].source == LATER
        write(tmp_path, wave=WAVE)
        await app.surveys.load()
        assert await newest_of_dashboard(app, WAVE) == WAVE
    write(tmp_path, wave="sections: [")
    async with serving(tmp_path, database_url) as app:
        assert app.surveys.served["wave"].instrument.source == WAVE
    for number, text in (("1", WAVE), ("2", LATER), ("3", LATEST), ("last", WAVE)):
        (tmp_path / "same.yaml").write_text(text)
        done = opinion("compare", f"wave@{number}", str(tmp_path / "same.yaml"), "--format", "json", "--database-url", database_url)
        assert json.loads(done.stdout)["differences"] == [], (number, done.output)


async def test_a_column_kept_apart_is_named_for_the_version_of_its_answers(tmp_path: Path, database_url: str) -> None:
    """Version 1, a text, is put back after version 2, a number: what is apart now are the answers to version 2."""
    number = WAVE.replace("type: text, ask: Words", "type: number, range: [0, 70], ask: Words")

    async with serving(tmp_path, database_url, wave=WAVE) as app:
        for text, words in ((WAVE, "many"), (number, "12"), (WAVE, "more")):
            write(tmp_path, wave=text)
            await app.surveys.load()
            await complete(app, "wave", status="in", words=words)
    rows = exported(database_url, "wave")
    assert sorted(row["words"] for row in rows) == ["", "many", "more"]
    assert sorted(row["words_v2"] for row in rows) == ["", "", "12"] and "words_v1" not in rows[0]


async def test_starting_again_takes_up_no_version_anew(tmp_path: Path, database_url: str) -> None:
    for text in (WAVE, LATER, LATER):
        async with serving(tmp_path, database_url, wave=text) as app:
            versions = await app.storage.versions("wave")
    assert [version["version"] for version in versions] == [1, 2]


# --- databases from before ----------------------------------------------------------------------------------

OLD = [name for name in FILES if name < "responses_2026_12"]
ROWS = """INSERT INTO response (id, survey, instrument, seq, disposition, answers, began)
VALUES ('{id}', '{survey}', '{digest}', {seq}, 'open', '{{{{}}}}', '2026-11-0{seq}')"""


async def test_a_survey_that_had_no_version_of_its_own_gets_one(tmp_path: Path, database_url: str) -> None:
    """As earlier versions left it: wave-2 began with the content of wave-1, and was changed then."""

    async with engine_on(database_url) as engine:
        await migrate(engine, folder_of(tmp_path, OLD))
        for survey, digest, version in (("wave-1", "d1", 1), ("wave-2", "d2", 1), ("wave-1", "d3", 2)):
            await Response.raw(
                f"INSERT INTO instrument (digest, survey, version, source, first_served) "
                f"VALUES ('{digest}', '{survey}', {version}, 'text of {digest}', '2026-10-01')"
            )
        rows = (("a", "wave-1", "d1"), ("b", "wave-2", "d1"), ("c", "wave-2", "d2"), ("d", "wave-3", "d3"), ("e", "x", "d9"))
        for seq, (id, survey, digest) in enumerate(rows, 1):
            await Response.raw(ROWS.format(id=id, survey=survey, digest=digest, seq=seq))
        await Counter.insert(Counter(name="place/d1", taken=7), Counter(name="place/d2", taken=4))
        await Counter.insert(Counter(name="quota/wave-1/d1", taken=2))
        await Sequence.insert(Sequence(survey="wave-1", last=5))
    async with open_storage(database_url) as storage:
        told = {survey: await storage.versions(survey) for survey in ("wave-1", "wave-2", "wave-3", "x")}
        assert {survey: [(each["version"], each["digest"]) for each in found] for survey, found in told.items()} == {
            "wave-1": [(1, "d1"), (2, "d3")], "wave-2": [(1, "d2"), (2, "d1")], "wave-3": [(1, "d3")], "x": [],
        }  # fmt: skip
        assert await storage.instrument_source("wave-2", "d1") == "text of d1"
        assert str(told["wave-2"][1]["first_served"]) == "2026-11-02"
        # Half-finished blocks go on where they were; a survey that has had no counter of its own begins its own.
        assert await storage.seed("wave-1", "d1") == "d1" and await storage.seed("wave-2", "d1") == "wave-2/d1"
        names = {row["name"]: row["taken"] for row in await Counter.select() if row["name"].startswith("place")}
        assert names == {"place/wave-1/d1": 7, "place/wave-2/d2": 4}
        row = await storage.begin("f", "wave-1", "d1", told["wave-1"][0]["first_served"], drawing=lambda n: {"n": n})
        assert row.answers == {"n": 7}


async def test_the_versions_of_an_earlier_database_keep_their_numbers_and_order(tmp_path: Path) -> None:
    folder = Path(__file__).parent / "databases"
    for old in folder.iterdir():
        shutil.copy(old / "opinion.sqlite", tmp_path / "opinion.db")

        async def versions() -> list[int]:
            async with open_storage(f"sqlite:///{tmp_path}/opinion.db") as storage:
                return [each["version"] for each in await storage.versions("leaving")]

        assert await versions() == [1, 2]
