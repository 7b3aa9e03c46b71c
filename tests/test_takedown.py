"""Public figures that have come to be about fewer people than the floor are taken down at once."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.responses.tables import PublicRelease as Stored
from app.results.disclosure.published import release_from
from app.results.disclosure.release import next_release
from app.results.disclosure.takedown import without_small
from app.web.live import figures as live
from tests.support.answers import complete_rows, instrument
from tests.support.figures import current
from tests.support.respondent import Respondent, service
from tests.support.waiting import expect_soon


def shown(release):
    """The shares of the only item, by code; None where nothing of it is shown."""
    (part,) = release.items[0].parts
    return {cell.code: cell.share for cell in part.cells} if part.base else None


def released(counts, floor=10, kind="choice", base=None):
    release = next_release(None, current(counts, kind, base), floor, 10)
    assert release is not None and shown(release) is not None
    return release


def test_figures_about_enough_people_stay():
    release = released({"a": 12, "b": 12})
    assert without_small(release, current({"a": 12, "b": 12}), 10) is None
    assert without_small(release, current({"a": 10, "b": 90}), 10) is None


def test_once_all_have_withdrawn_nothing_is_left():
    gone = without_small(released({"a": 12, "b": 12}), current({"a": 0, "b": 0}), 10)
    assert shown(gone) is None and gone.shown == 0
    assert without_small(gone, current({"a": 0, "b": 0}), 10) is None
    kept = release_from(json.loads(json.dumps(gone.stored())))
    assert kept == gone and "50" not in json.dumps(gone.stored()["items"])


def test_a_group_that_falls_below_the_floor_takes_its_part_down():
    release = released({"a": 12, "b": 12})
    assert shown(without_small(release, current({"a": 9, "b": 40}), 10)) is None


def test_those_held_back_together_are_a_group_too():
    release = released({"a": 30, "b": 6, "c": 5})
    assert shown(release) == {"a": 73, "b": None, "c": None}
    assert without_small(release, current({"a": 30, "b": 5, "c": 5}), 10) is None
    assert shown(without_small(release, current({"a": 30, "b": 4, "c": 5}), 10)) is None


def test_of_a_multiple_choice_those_who_did_not_choose_count_as_well():
    release = released({"a": 12, "b": 14}, kind="flags", base=26)
    assert without_small(release, current({"a": 12, "b": 14}, "flags", 26), 10) is None
    assert shown(without_small(release, current({"a": 12, "b": 14}, "flags", 23), 10)) is None


def test_a_raised_floor_takes_old_figures_down_however_many_there_are_now():
    release = released({"a": 12, "b": 12})
    taken = without_small(release, current({"a": 500, "b": 500}), 25)
    assert shown(taken) is None
    again = next_release(taken, current({"a": 36, "b": 100}), 25, 10)
    assert set(shown(again).values()) == {None}  # only 24 more than those of whom it told before
    assert shown(next_release(taken, current({"a": 37, "b": 100}), 25, 10)) == {"a": 27, "b": 73}


def test_an_item_that_is_gone_is_taken_down():
    release = released({"a": 12, "b": 12})
    nothing = current({"a": 12, "b": 12})
    assert shown(without_small(release, replace(nothing, n=24, items=()), 10)) is None


COUNTS = st.fixed_dictionaries({code: st.integers(0, 30) for code in "abcd"})


@given(st.lists(COUNTS, min_size=2, max_size=8), st.sampled_from([3, 5, 10]), st.booleans())
def test_no_group_that_is_shown_is_ever_below_the_floor(steps, floor, flags):
    release, kind = None, "flags" if flags else "choice"
    for counts in steps:
        now = current(counts, kind, max(counts.values()) + 2 if flags else None)
        if release is not None:
            release = without_small(release, now, floor) or release
        release = next_release(release, now, floor, floor) or release
        if release is None or shown(release) is None:
            continue
        (part,) = now.items[0].parts
        assert part.answered >= floor
        for code, share in shown(release).items():
            assert share is None or counts[code] >= floor
            assert share is None or not flags or part.answered - counts[code] >= floor


# --- the service ------------------------------------------------------------------------------------------

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
        assert "At least 20 answered" in (await visitor.get("/results/leaving")).text
        assert '"share": 50' in await stored()
        for n in range(24):
            assert await app.storage.withdraw(f"hash{n}") == "leaving"
        page = (await visitor.get("/results/leaving")).text
        assert "At least" not in page and "50" not in page.partition("<main")[2]
        assert '"share": 50' not in await stored()


async def test_figures_go_from_the_database_also_where_nobody_looks_at_them(tmp_path, monkeypatch):
    monkeypatch.setattr(live, "JUDGE_AFTER_SECONDS", 0)

    async def gone():
        return '"share": 50' not in await stored()

    async with service(tmp_path, SURVEY) as app, Respondent(app) as visitor:
        await answer(app, range(24))
        assert "At least 20 answered" in (await visitor.get("/results/leaving")).text
    async with service(tmp_path, SURVEY) as app:
        assert not await gone()
        for n in range(15):
            await app.storage.withdraw(f"hash{n}")
        await expect_soon(gone)


async def test_a_floor_that_is_raised_in_the_file_takes_figures_down(tmp_path):
    raised = SURVEY.replace("floor: 10, release_every: 10", "floor: 25, release_every: 25")

    async with service(tmp_path, SURVEY) as app, Respondent(app) as visitor:
        await answer(app, range(24))
        assert "At least 20 answered" in (await visitor.get("/results/leaving")).text
    async with service(tmp_path, raised) as app, Respondent(app) as visitor:
        assert "At least" not in (await visitor.get("/results/leaving")).text
