"""Public figures that have come to be about fewer people than the floor are taken down at once, also from the database."""

from __future__ import annotations

import json

from app.responses.tables import PublicRelease as Stored
from app.web.live import figures as live
from app.web.research import releases
from tests.support.answers import complete_rows, instrument
from tests.support.respondent import Respondent, service
from tests.support.waiting import expect_soon

SURVEY = """
title: Leaving
results: {show_to: everyone, floor: 10, release_every: 10}
sections:
  now:
    items:
      status: {type: single_choice, ask: Where are you?, options: {practising: In practice, left: Left}}
"""


async def answer(app, numbers: range) -> None:
    rows = complete_rows(instrument(SURVEY), numbers, lambda n: {"status": ("left", "practising")[n % 2]})
    await app.storage.insert_many("leaving", rows)


async def stored() -> str:
    return json.dumps([row["figures"] for row in await Stored.select(Stored.figures).output(load_json=True)])


async def test_the_public_page_and_the_database_lose_figures_of_those_who_withdrew(tmp_path):
    async with service(tmp_path, SURVEY) as app, Respondent(app) as visitor:
        await answer(app, range(24))
        assert "24 answered" in (await visitor.get("/results/leaving")).text
        assert '"counts": [12' in await stored()
        for n in range(24):
            assert await app.storage.withdraw(f"hash{n}") == "leaving"
        page = (await visitor.get("/results/leaving")).text
        assert "24 answered" not in page and "12" not in page.partition("<main")[2]
        assert '"counts": [12' not in await stored()


async def test_figures_go_from_the_database_also_where_nobody_looks_at_them(tmp_path, monkeypatch):
    monkeypatch.setattr(live, "JUDGE_AFTER_SECONDS", 0)

    async def gone():
        return '"counts": [12' not in await stored()

    async with service(tmp_path, SURVEY) as app, Respondent(app) as visitor:
        await answer(app, range(24))
        assert "24 answered" in (await visitor.get("/results/leaving")).text
    async with service(tmp_path, SURVEY) as app:
        assert not await gone()
        for n in range(15):
            await app.storage.withdraw(f"hash{n}")
        await expect_soon(gone)


async def test_a_floor_that_is_raised_in_the_file_takes_figures_down(tmp_path):
    raised = SURVEY.replace("floor: 10, release_every: 10", "floor: 25, release_every: 25")

    async with service(tmp_path, SURVEY) as app, Respondent(app) as visitor:
        await answer(app, range(24))
        assert "24 answered" in (await visitor.get("/results/leaving")).text
    async with service(tmp_path, raised) as app, Respondent(app) as visitor:
        assert "24 answered" not in (await visitor.get("/results/leaving")).text


async def test_responses_are_counted_for_the_public_only_when_that_can_change_something(tmp_path, monkeypatch):
    counted, calls = releases.counted, []
    monkeypatch.setattr(releases, "counted", lambda *asked: calls.append(1) or counted(*asked))

    async def looks(app) -> int:
        before = len(calls)
        await app.live.frame_of("leaving")
        await (await app.live.dashboards).release(await app.live.frame_of("leaving"))
        return len(calls) - before

    async with service(tmp_path, SURVEY) as app, Respondent(app) as visitor:
        await answer(app, range(12))
        await visitor.get("/results/leaving")
        await answer(app, range(12, 21))
        assert await looks(app) == 0  # nine more
        await answer(app, range(21, 22))
        assert await looks(app) == 1
        await answer(app, range(22, 25))
        await app.storage.withdraw("hash3")
        assert await looks(app) == 1
