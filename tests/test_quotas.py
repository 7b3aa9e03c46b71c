"""A quota's cap is never passed, and a place is given out once: at once, in several processes, through crashes."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import datetime
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.responses.claims import Wanted, held
from app.responses.errors import Closed, NoSuchResponse, Refused
from app.responses.storage import open_storage
from app.responses.tables import Counter

DAY = datetime.date(2026, 12, 10)
DAYS = {n: DAY + datetime.timedelta(days=n) for n in range(30)}
MOST = {"surgeons": 2, "women_1": 3}


def run(url, story):
    async def whole():
        async with open_storage(url) as storage:
            return await story(storage)

    return asyncio.run(whole())


def wanting(today=DAY, most=MOST):
    """A response asks for a place of each quota that it names in `is`."""
    idle = today - datetime.timedelta(days=2)
    return lambda answers: Wanted({quota: most[quota] for quota in answers.get("is", ())}, idle)


def being(*quotas):
    return lambda row: {"is": list(quotas)}


async def rows_of(storage, survey="leaving"):
    changes = await storage.changes(survey, 0, 100_000)
    return [await storage.load_stored(change.id) for change in changes]


async def taken(storage):
    """How many places of each quota are taken, by its counter."""
    return {row["name"].rpartition("/")[2]: row["taken"] for row in await Counter.select() if row["taken"]}


async def counts_agree(storage, most=MOST):
    """What the counters say is what the responses hold, and nothing is above its cap."""
    rows = await rows_of(storage)
    holding = collections.Counter(quota for row in rows for quota in held(row.holds))
    assert holding == {quota: count for quota, count in (await taken(storage)).items() if quota in most}
    submitted = [row for row in rows if row.disposition == "submitted"]
    for quota, cap in most.items():
        counted = [row for row in submitted if quota in row.answers.get("is", ())]
        assert len(counted) <= holding[quota] <= cap
        assert all(quota in held(row.holds) for row in counted)
    assert not any(row.holds for row in rows if row.disposition in ("withdrawn", "screened_out"))
    return holding


# --- draws -----------------------------------------------------------------------------------------------


def placed(place):
    return {"place": place}


def test_each_response_that_begins_with_a_draw_gets_the_next_place_of_its_instrument(database_url):
    async def story(storage):
        for number in range(3):
            row = await storage.begin(f"a{number}", "leaving", "d1", DAY, drawing=placed)
            assert row.answers == {"place": number} == (await storage.load_stored(row.id)).answers
        other = await storage.begin("b0", "leaving", "d2", DAY, drawing=placed)
        assert other.answers == {"place": 0}
        fixed = await storage.begin("c0", "leaving", "d1", DAY, answers={"language": "de"})
        assert fixed.answers == {"language": "de"}
        assert (await storage.begin("a3", "leaving", "d1", DAY, drawing=placed)).answers == {"place": 3}

    run(database_url, story)


def test_a_place_stands_nowhere_beside_the_response(database_url):
    async def story(storage):
        await storage.begin("r1", "leaving", "d1", DAY, drawing=lambda place: {"cause": "visa"})
        row = await storage.load_stored("r1")
        assert row.answers == {"cause": "visa"} and row.holds is None

    run(database_url, story)


def test_a_double_click_on_begin_draws_once_and_loses_no_place(database_url):
    async def story(storage):
        rows = await asyncio.gather(
            *[storage.begin("r1", "leaving", "d1", DAY, drawing=placed) for _ in range(20)]
        )
        assert {row.answers["place"] for row in rows} == {0}
        again = await storage.begin("r1", "leaving", "d1", DAY, drawing=placed)
        assert again.answers == {"place": 0}
        assert (await storage.begin("r2", "leaving", "d1", DAY, drawing=placed)).answers == {"place": 1}

    run(database_url, story)


def test_many_who_begin_at_once_share_commits_and_get_all_places(database_url):
    async def story(storage):
        begun = [storage.begin(f"r{n}", "leaving", "d1", DAY, drawing=placed) for n in range(300)]
        plain = [storage.begin(f"p{n}", "leaving", "d1", DAY) for n in range(50)]
        rows = await asyncio.gather(*begun)
        await asyncio.gather(*plain)
        assert sorted(row.answers["place"] for row in rows) == list(range(300))

    run(database_url, story)


def test_a_draw_that_fails_harms_no_neighbour_and_costs_no_place(database_url):
    def fails(place):
        raise KeyError("arm")

    async def story(storage):
        outcomes = await asyncio.gather(
            storage.begin("r1", "leaving", "d1", DAY, drawing=placed),
            storage.begin("r2", "leaving", "d1", DAY, drawing=fails),
            storage.begin("r3", "leaving", "d1", DAY, drawing=placed),
            return_exceptions=True,
        )
        assert isinstance(outcomes[1], Refused)
        assert {outcome.answers["place"] for outcome in (outcomes[0], outcomes[2])} == {0, 1}
        assert await storage.load("r2") is None

    run(database_url, story)


BEGINS_WITH_DRAWS = """
import asyncio, datetime, sys
from app.responses.storage import open_storage

DAY = datetime.date(2026, 12, 10)


async def respondents(storage, name):
    for n in range(10_000):
        row = await storage.begin(
            f"{name}-{n}", "leaving", "d1", DAY, drawing=lambda place: {"arm": "abcd"[place % 4], "place": place}
        )
        sys.stdout.write(f"{row.id}\\n")
        sys.stdout.flush()


async def main(url, name):
    async with open_storage(url) as storage:
        await asyncio.gather(*[respondents(storage, f"{name}{n}") for n in range(8)])

asyncio.run(main(*sys.argv[1:]))
"""


def test_killed_processes_leave_the_arms_in_balance(database_url):
    """Three processes begin responses at once and are killed: no place is there twice, and none is lost."""
    script = [sys.executable, "-c", BEGINS_WITH_DRAWS, database_url]
    for attempt in "xy":
        writers = [subprocess.Popen([*script, attempt + name], stdout=subprocess.PIPE) for name in "abc"]
        try:
            for writer in writers:
                for _ in range(60):
                    assert writer.stdout.readline()
        finally:
            for writer in writers:
                writer.kill()
                writer.communicate()

    async def story(storage):
        rows = await rows_of(storage)
        places = sorted(row.answers["place"] for row in rows)
        assert places == list(range(len(rows))) and len(rows) >= 360
        whole = [row for row in rows if row.answers["place"] < len(rows) // 4 * 4]
        assert len(set(collections.Counter(row.answers["arm"] for row in whole).values())) == 1

    run(database_url, story)


# --- quotas ----------------------------------------------------------------------------------------------


async def begin(storage, *ids, day=DAY):
    for id in ids:
        await storage.begin(id, "leaving", "d1", day, f"receipt-{id}")


async def submit(storage, id, *quotas, today=DAY):
    return await storage.submit(
        id, lambda row: {"is": list(quotas)}, today, 5, f"receipt-{id}", wanting=wanting(today)
    )


def test_a_place_is_held_from_the_page_that_asks_for_it(database_url):
    async def story(storage):
        await begin(storage, "r1", "r2", "r3")
        for id in ("r1", "r2"):
            row = await storage.change(id, being("surgeons"), wanting=wanting())
            assert (row.holds, row.answers) == ("surgeons", {"is": ["surgeons"]})
            assert await storage.load_stored(id) == row
        full = await storage.change("r3", being("surgeons"), wanting=wanting())
        assert full.answers == {"is": ["surgeons"], "~full": "surgeons"} and full.holds is None
        assert await storage.load_stored("r3") == full
        assert await taken(storage) == {"surgeons": 2}

    run(database_url, story)


def test_a_place_is_given_back_when_the_answer_changes_and_somebody_else_gets_it(database_url):
    async def story(storage):
        await begin(storage, "r1", "r2", "r3")
        for id in ("r1", "r2", "r3"):
            await storage.change(id, being("surgeons"), wanting=wanting())
        changed = await storage.change("r1", being("women_1"), wanting=wanting())
        assert changed.holds == "women_1"
        again = await storage.change("r3", being("surgeons"), wanting=wanting())
        assert again.holds == "surgeons" and "~full" not in again.answers
        assert await counts_agree(storage) == {"surgeons": 2, "women_1": 1}

    run(database_url, story)


def test_one_who_no_longer_asks_for_the_full_quota_goes_on(database_url):
    async def story(storage):
        await begin(storage, "r1", "r2", "r3")
        for id in ("r1", "r2", "r3"):
            await storage.change(id, being("surgeons"), wanting=wanting())
        freed = await storage.change("r3", being(), wanting=wanting())
        assert freed.answers == {"is": []} and freed.holds is None

    run(database_url, story)


def test_one_quota_that_is_full_takes_no_place_of_another(database_url):
    async def story(storage):
        await begin(storage, "r1", "r2", "r3")
        for id in ("r1", "r2"):
            await storage.change(id, being("surgeons"), wanting=wanting())
        await storage.change("r3", being("women_1"), wanting=wanting())
        both = await storage.change("r3", being("surgeons", "women_1"), wanting=wanting())
        assert both.answers["~full"] == "surgeons" and both.holds is None
        assert await counts_agree(storage) == {"surgeons": 2}

    run(database_url, story)


def test_the_place_of_a_quota_with_room_is_given_back_when_the_next_one_is_full(database_url):
    async def story(storage):
        await begin(storage, "r1", "r2", "r3", "r4")
        for id in ("r1", "r2", "r3"):
            await storage.change(id, being("women_1"), wanting=wanting())
        both = await storage.change("r4", being("surgeons", "women_1"), wanting=wanting())
        assert both.answers["~full"] == "women_1" and both.holds is None
        assert await counts_agree(storage) == {"women_1": 3}

    run(database_url, story)


def test_withdrawing_gives_the_place_back(database_url):
    async def story(storage):
        await begin(storage, "r1", "r2", "r3", "r4")
        for id in ("r1", "r2"):
            _, first = await submit(storage, id, "surgeons")
            assert first
        row, first = await submit(storage, "r3", "surgeons")
        assert (row.disposition, row.submitted, row.receipt, first) == ("open", None, "receipt-r3", False)
        assert row.answers["~full"] == "surgeons"
        assert await storage.withdraw("receipt-r1") == "leaving"
        row, first = await submit(storage, "r4", "surgeons")
        assert (row.disposition, row.holds, first) == ("submitted", "surgeons", True)
        assert await counts_agree(storage) == {"surgeons": 2}

    run(database_url, story)


def test_how_full_each_quota_is_can_be_asked(database_url):
    """Claimed by open responses and kept by submitted ones, whatever else happened to those who held a place."""

    async def story(storage):
        assert await storage.quotas("leaving") == {}
        await begin(storage, "r1", "r2", "r3", "r4", "r5")
        await storage.change("r1", being("surgeons", "women_1"), wanting=wanting())
        await submit(storage, "r2", "women_1")
        await submit(storage, "r3", "women_1")
        await storage.change("r4", being("surgeons"), wanting=wanting())
        assert await storage.quotas("leaving") == {"surgeons": (2, 0), "women_1": (1, 2)}
        await storage.withdraw("receipt-r3")
        await storage.change("r4", being(), wanting=wanting())
        await submit(storage, "r1", "surgeons", "women_1")
        await storage.change("r5", being("surgeons"), wanting=wanting())
        assert await storage.quotas("leaving") == {"surgeons": (1, 1), "women_1": (0, 2)}
        assert await storage.quotas("leavin") == await storage.quotas("leaving/") == {}

    run(database_url, story)


def test_who_is_screened_out_gives_the_place_back_and_can_withdraw(database_url):
    async def story(storage):
        await begin(storage, "r1")
        await storage.change("r1", being("surgeons"), wanting=wanting())
        row, first = await storage.submit(
            "r1", being(), DAY, 2, "hash", disposition="screened_out", wanting=wanting()
        )
        assert (row.disposition, row.submitted, row.minutes, row.holds, first) == (
            "screened_out", DAY, 2, None, True,
        )  # fmt: skip
        assert await storage.counts("leaving") == {"screened_out": 1}
        with pytest.raises(Closed, match="screened_out"):
            await storage.change("r1", being("surgeons"))
        _, again = await storage.submit("r1", being(), DAY, 2, "hash", wanting=wanting())
        assert not again
        assert await counts_agree(storage) == {}
        assert await storage.withdraw("hash") == "leaving"

    run(database_url, story)


def test_the_place_of_one_who_stays_away_goes_to_who_comes(database_url):
    async def story(storage):
        await begin(storage, "old1", "old2")
        for id in ("old1", "old2"):
            await storage.change(id, being("surgeons", "women_1"), wanting=wanting())
        await begin(storage, "r1", day=DAYS[2])
        full = await storage.change("r1", being("surgeons"), wanting=wanting(DAYS[2]))
        assert full.answers["~full"] == "surgeons"
        await begin(storage, "r2", day=DAYS[3])
        row = await storage.change("r2", being("surgeons"), wanting=wanting(DAYS[3]))
        assert row.holds == "surgeons"
        assert await counts_agree(storage) == {"surgeons": 2, "women_1": 2}
        row, first = await submit(storage, "r2", "surgeons", today=DAYS[3])
        assert first

    run(database_url, story)


def test_who_comes_back_after_days_is_submitted_if_there_is_a_place_and_screened_out_if_not(database_url):
    async def story(storage):
        await begin(storage, "old1", "old2")
        for id in ("old1", "old2"):
            await storage.change(id, being("surgeons"), wanting=wanting())
        await begin(storage, "r1", "r2", day=DAYS[3])
        for id in ("r1", "r2"):
            _, first = await submit(storage, id, "surgeons", today=DAYS[3])
            assert first
        known = storage.cached("old1") or await storage.load("old1")
        row = await storage.change("old1", being("surgeons"), known, wanting(DAYS[4]))
        row, first = await submit(storage, "old1", "surgeons", today=DAYS[4])
        assert not first and row.answers["~full"] == "surgeons"
        await storage.withdraw("receipt-r1")
        _, first = await submit(storage, "old2", "surgeons", today=DAYS[4])
        assert first
        assert await counts_agree(storage) == {"surgeons": 2}

    run(database_url, story)


def test_quotas_of_one_name_in_two_surveys_have_nothing_to_do_with_each_other(database_url):
    async def story(storage):
        for survey in ("leaving", "another"):
            for n in range(3):
                await storage.begin(f"{survey}{n}", survey, "d1", DAY)
                row = await storage.change(f"{survey}{n}", being("surgeons"), wanting=wanting())
                assert ("~full" in row.answers) == (n == 2)

    run(database_url, story)


def test_a_cap_that_was_lowered_lets_nobody_in_and_throws_nobody_out(database_url):
    async def story(storage):
        await begin(storage, "r1", "r2", "r3", "r4")
        for id in ("r1", "r2"):
            await submit(storage, id, "surgeons")
        fewer = wanting(DAYS[9], {"surgeons": 1})
        row = await storage.change("r3", being("surgeons"), wanting=fewer)
        assert row.answers["~full"] == "surgeons"
        assert await storage.counts("leaving") == {"submitted": 2, "open": 2}
        none = await storage.change("r4", being("surgeons"), wanting=wanting(DAYS[9], {"surgeons": 0}))
        assert none.answers["~full"] == "surgeons"

    run(database_url, story)


def test_pages_that_change_no_claim_go_the_quick_way(sqlite_url, monkeypatch):
    from app.responses import sqlite_backend

    asked = []
    keeping = sqlite_backend.keep_with_claims
    monkeypatch.setattr(
        sqlite_backend, "keep_with_claims", lambda write, seq: asked.append(seq) or keeping(write, seq)
    )

    async def story(storage):
        await begin(storage, "r1")
        for n in range(4):
            await storage.change("r1", lambda row, n=n: {"is": ["surgeons"], "n": n}, wanting=wanting())

    run(sqlite_url, story)
    assert len(asked) == 1


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["page", "page", "submit", "screen out", "withdraw", "wait"]),
        st.integers(0, 6),
        st.sets(st.sampled_from(sorted(MOST))),
    ),
    max_size=40,
)


class Fieldwork:
    """Respondents who do things on a storage; days go by."""

    def __init__(self, storage):
        self.storage, self.today, self.begun = storage, 0, 0

    async def do(self, action, which, quotas):
        id = f"r{which}"
        today = DAYS[min(self.today, 29)]
        asks = {"wanting": wanting(today)}
        with contextlib.suppress(Closed, NoSuchResponse):
            if action == "wait":
                self.today += 1
            elif action == "withdraw":
                await self.storage.withdraw(f"receipt-{id}")
            elif action == "page":
                await self.storage.begin(id, "leaving", "d1", today, f"receipt-{id}")
                await self.storage.change(id, being(*quotas), **asks)
            else:
                disposition = "submitted" if action == "submit" else "screened_out"
                said = being(*quotas) if action == "submit" else being()
                await self.storage.submit(id, said, today, 1, None, disposition=disposition, **asks)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS, at_once=st.booleans())
def test_whatever_happens_caps_hold_and_no_place_is_lost(tmp_path_factory, steps, at_once):
    async def story(storage):
        fieldwork = Fieldwork(storage)
        if at_once:
            await asyncio.gather(*[fieldwork.do(*step) for step in steps])
        else:
            for step in steps:
                await fieldwork.do(*step)
                await counts_agree(storage)
        await counts_agree(storage)
        await every_place_can_be_had(storage)

    run(f"sqlite:///{tmp_path_factory.mktemp('quotas')}/opinion.db", story)


async def every_place_can_be_had(storage):
    """Long after, with nobody about any more, as many can submit as there are places left."""
    for quota, most in MOST.items():
        submitted = [row for row in await rows_of(storage) if row.disposition == "submitted"]
        used = sum(quota in held(row.holds) for row in submitted)
        firsts = []
        for n in range(most - used + 2):
            await storage.begin(f"late-{quota}-{n}", "leaving", "d1", DAYS[29])
            firsts.append((await submit(storage, f"late-{quota}-{n}", quota, today=DAYS[29]))[1])
        assert firsts == [True] * (most - used) + [False] * 2
    await counts_agree(storage)


RUSHES = """
import asyncio, contextlib, datetime, random, sys
from app.responses.claims import Wanted
from app.responses.errors import Closed
from app.responses.storage import open_storage

DAY = datetime.date(2026, 12, 10)
MOST = {"surgeons": 20, "women_1": 30}


def wanting(answers):
    return Wanted({quota: MOST[quota] for quota in answers.get("is", ())}, DAY - datetime.timedelta(days=2))


async def respondent(storage, id, chance):
    await storage.begin(id, "leaving", "d1", DAY, id)
    for _ in range(chance.randrange(1, 4)):
        said = {"is": [quota for quota in MOST if chance.random() < 0.7], "x": chance.random()}
        await storage.change(id, lambda row: said, wanting=wanting)
    row, first = await storage.submit(id, lambda row: said, DAY, 1, None, wanting=wanting)
    sys.stdout.write(f"{id} {int(first)}\\n")
    sys.stdout.flush()
    if first and chance.random() < 0.3:
        await storage.withdraw(id)


async def main(url, name):
    chance = random.Random(name)
    async with open_storage(url) as storage:
        for rush in range(1000):
            await asyncio.gather(*[respondent(storage, f"{name}-{rush}-{n}", chance) for n in range(12)])

asyncio.run(main(*sys.argv[1:]))
"""


def test_no_rush_of_processes_and_no_kill_passes_a_cap_or_loses_a_place(database_url):
    most = {"surgeons": 20, "women_1": 30}
    script = [sys.executable, "-c", RUSHES, database_url]
    for attempt in range(2):
        writers = [subprocess.Popen([*script, f"{attempt}{name}"], stdout=subprocess.PIPE) for name in "abc"]
        try:
            for writer in writers:
                for _ in range(random.Random(attempt).randrange(60, 90)):
                    assert writer.stdout.readline()
        finally:
            for writer in writers:
                writer.kill()
                writer.communicate()

    async def story(storage):
        holding = await counts_agree(storage, most)
        assert holding["surgeons"] + holding["women_1"] > 30, "the rush was too small to prove anything"
        late = DAYS[9]
        for quota, cap in most.items():
            submitted = [row for row in await rows_of(storage) if row.disposition == "submitted"]
            free = cap - sum(quota in held(row.holds) for row in submitted)
            asks = wanting(late, most)
            for n in range(free + 1):
                id = f"late-{quota}-{n}"
                await storage.begin(id, "leaving", "d1", late)
                _, first = await storage.submit(id, being(quota), late, 1, None, wanting=asks)
                assert first == (n < free)
        await counts_agree(storage, most)

    run(database_url, story)
