"""The researchers' list of surveys: what it counts, and that it reads no survey's data for it."""

from __future__ import annotations

from pathlib import Path

from tests.support.research import signed_in
from tests.support.respondent import SURVEY, Respondent, service


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
        assert '<a href="/research/gone">Gone &amp; forgotten</a>' in page and "no longer offered" in page
        assert app.live.frames == {}
