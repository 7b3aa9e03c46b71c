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
from hypothesis import given
from hypothesis import strategies as st

from app.responses.counters import held
from app.responses.errors import Closed, NoSuchResponse, Refused
from app.responses.migrations.migrate import migrate
from app.responses.rows import Wanted
from app.responses.storage import open_storage
from app.responses.tables import Counter, Response, Sequence
from app.server.demo import answer
from tests.support.migrations import FILES, engine_on, folder_of
from tests.support.respondent import service

DAY = datetime.date(2026, 12, 10)
DAYS = {n: DAY + datetime.timedelta(days=n) for n in range(30)}
LATE = DAY + datetime.timedelta(days=99)
MOST = {"surgeons": 2, "women_1": 3}


def wanting(today=DAY, most=MOST):
    """A response asks for a place of each quota that it names in `is`."""
    return lambda answers: Wanted({quota: most[quota] for quota in answers.get("is", ())}, today)


def being(*quotas):
    return lambda row: {"is": list(quotas)}


async def rows_of(storage, survey="leaving"):
    changes = await storage.changes(survey, 0, 100_000)
    return [await storage.load_stored(change.id) for change in changes]


async def taken(storage):
    """How many places of each quota are taken, by its counter, less those that were given back."""
    found = collections.Counter()
    for row in await Counter.select():
        kind, _, quota, *_ = row["name"].split("/")
        if kind in ("quota", "freed"):
            found[quota] += row["taken"] * (1 if kind == "quota" else -1)
    return +found


async def assert_counts_agree(storage, most=MOST):
    """What the counters say is what submitted responses hold, and nothing is above its cap."""
    rows = await rows_of(storage)
    holding = collections.Counter(quota for row in rows for quota in held(row.holds))
    assert holding == {quota: count for quota, count in (await taken(storage)).items() if quota in most}
    assert holding == +collections.Counter(await storage.quotas("leaving"))
    for quota, cap in most.items():
        counted = [row for row in rows if row.disposition == "complete" and quota in row.answers.get("is", ())]
        assert len(counted) == holding[quota] <= cap
    assert not any(row.holds for row in rows if row.disposition != "complete")
    return holding


# --- draws -----------------------------------------------------------------------------------------------


def placed(place):
    return {"place": place}


async def test_each_response_that_begins_gets_the_next_number_of_its_instrument(database_url):
    async with open_storage(database_url) as storage:
        for number in range(3):
            row = await storage.begin(f"a{number}", "leaving", "d1", DAY, drawing=placed)
            assert row.answers == {"place": number} == (await storage.load_stored(row.id)).answers
        other = await storage.begin("b0", "leaving", "d2", DAY, drawing=placed)
        assert other.answers == {"place": 0}
        fixed = await storage.begin("c0", "leaving", "d1", DAY, answers={"language": "de"})
        assert fixed.answers == {"language": "de"}
        assert (await storage.begin("a3", "leaving", "d1", DAY, drawing=placed)).answers == {"place": 3}


async def test_a_place_stands_nowhere_beside_the_response(database_url):
    async with open_storage(database_url) as storage:
        await storage.begin("r1", "leaving", "d1", DAY, drawing=lambda place: {"cause": "visa"})
        row = await storage.load_stored("r1")
        assert row.answers == {"cause": "visa"} and row.holds is None


async def test_a_double_click_on_begin_draws_once_and_loses_no_place(database_url):
    async with open_storage(database_url) as storage:
        rows = await asyncio.gather(
            *[storage.begin("r1", "leaving", "d1", DAY, drawing=placed) for _ in range(20)]
        )
        assert {row.answers["place"] for row in rows} == {0}
        again = await storage.begin("r1", "leaving", "d1", DAY, drawing=placed)
        assert again.answers == {"place": 0}
        assert (await storage.begin("r2", "leaving", "d1", DAY, drawing=placed)).answers == {"place": 1}


async def test_many_who_begin_at_once_share_commits_and_get_all_places(database_url):
    async with open_storage(database_url) as storage:
        begun = [storage.begin(f"r{n}", "leaving", "d1", DAY, drawing=placed) for n in range(300)]
        plain = [storage.begin(f"p{n}", "leaving", "d1", DAY) for n in range(50)]
        rows = await asyncio.gather(*begun)
        await asyncio.gather(*plain)
        assert sorted(row.answers["place"] for row in rows) == list(range(300))


async def test_a_draw_that_fails_harms_no_neighbour_and_costs_no_place(database_url):
    def fails(place):
        raise KeyError("arm")

    async with open_storage(database_url) as storage:
        outcomes = await asyncio.gather(
            storage.begin("r1", "leaving", "d1", DAY, drawing=placed),
            storage.begin("r2", "leaving", "d1", DAY, drawing=fails),
            storage.begin("r3", "leaving", "d1", DAY, drawing=placed),
            return_exceptions=True,
        )
        assert isinstance(outcomes[1], Refused)
        assert {outcome.answers["place"] for outcome in (outcomes[0], outcomes[2])} == {0, 1}
        assert await storage.load("r2") is None


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


async def test_killed_processes_leave_the_arms_in_balance(database_url):
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

    async with open_storage(database_url) as storage:
        rows = await rows_of(storage)
        places = sorted(row.answers["place"] for row in rows)
        assert places == list(range(len(rows))) and len(rows) >= 360
        whole = [row for row in rows if row.answers["place"] < len(rows) // 4 * 4]
        assert len(set(collections.Counter(row.answers["arm"] for row in whole).values())) == 1


# --- quotas ----------------------------------------------------------------------------------------------


async def begin(storage, *ids, day=DAY):
    for id in ids:
        await storage.begin(id, "leaving", "d1", day, f"receipt-{id}")


async def submit(storage, id, *quotas, today=DAY, most=MOST):
    """The disposition that a response ends with."""
    row, first = await storage.submit(
        id, being(*quotas), today, 5, f"receipt-{id}", wanting=wanting(today, most), ended=lambda answers: answers
    )
    assert first
    assert (row.disposition == "screened_out") == ("~full" in row.answers)
    return row.disposition


async def arrive(storage, id, *quotas, today=DAY, most=MOST):
    """The quota that is full for one who begins and sends the page that asks for it; None where there is room."""
    await begin(storage, id, day=today)
    row = await storage.change(id, being(*quotas), wanting=wanting(today, most))
    assert row.holds is None and await storage.load_stored(id) == row
    return row.answers.get("~full")


async def test_open_responses_take_no_place_and_say_nothing_to_others(database_url):
    """Thirty-one strangers claim to be surgeons, beside two who are: each finds what the first one found."""

    async with open_storage(database_url) as storage:
        for n in range(31):
            assert await arrive(storage, f"stranger{n}", "surgeons") is None
        assert [row for row in await Counter.select() if not row["name"].startswith("place/")] == []
        for id in ("r1", "r2"):
            assert await arrive(storage, id, "surgeons") is None
            assert await submit(storage, id, "surgeons") == "complete"
        assert await assert_counts_agree(storage) == {"surgeons": 2}


async def test_who_comes_when_a_quota_is_full_is_told_at_once(database_url):
    async with open_storage(database_url) as storage:
        await begin(storage, "r1", "r2")
        for id in ("r1", "r2"):
            assert await submit(storage, id, "surgeons") == "complete"
        assert await arrive(storage, "r3", "surgeons") == "surgeons"
        assert await arrive(storage, "r4", "women_1") is None
        assert await arrive(storage, "r5", "surgeons", "women_1") == "surgeons"
        assert await submit(storage, "r3", "surgeons") == "screened_out"


async def test_who_was_under_way_when_a_quota_filled_is_told_at_the_end_and_counted(database_url):
    async with open_storage(database_url) as storage:
        assert await arrive(storage, "slow", "surgeons") is None
        await begin(storage, "r1", "r2")
        for id in ("r1", "r2"):
            await submit(storage, id, "surgeons")
        for n in range(3):
            row = await storage.change("slow", lambda row, n=n: {"is": ["surgeons"], "n": n}, wanting=wanting())
            assert "~full" not in row.answers
        row, first = await storage.submit(
            "slow", lambda row: row.answers, DAY, 9, "hash", wanting=wanting(), ended=lambda answers: answers | {"n": "dropped"}
        )
        assert first and (row.disposition, row.completed, row.minutes, row.receipt, row.holds) == (
            "screened_out", DAY, 9, "hash", None,
        )  # fmt: skip
        assert row.answers == {"is": ["surgeons"], "n": "dropped", "~full": "surgeons"}
        assert row == await storage.load_stored("slow")
        assert await storage.counts("leaving") == {"complete": 2, "screened_out": 1}
        assert await storage.withdraw("hash") == "leaving"


async def test_one_who_goes_back_and_mends_a_wrong_click_goes_on(database_url):
    async with open_storage(database_url) as storage:
        await begin(storage, "r1", "r2")
        for id in ("r1", "r2"):
            await submit(storage, id, "surgeons")
        assert await arrive(storage, "r3", "surgeons") == "surgeons"
        row = await storage.change("r3", being("surgeons"), wanting=wanting())
        assert row.answers["~full"] == "surgeons", "sending the page again makes no room"
        row = await storage.change("r3", being(), wanting=wanting())
        assert row.answers == {"is": []}
        row = await storage.change("r3", being("surgeons"), wanting=wanting())
        assert row.answers["~full"] == "surgeons"


async def test_one_quota_that_is_full_takes_no_place_of_another(database_url):
    async with open_storage(database_url) as storage:
        await begin(storage, "r1", "r2", "r3", "r4")
        for id in ("r1", "r2", "r3"):
            await submit(storage, id, "women_1")
        assert await submit(storage, "r4", "surgeons", "women_1") == "screened_out"
        assert await assert_counts_agree(storage) == {"women_1": 3}


async def test_a_place_that_a_withdrawal_gives_back_is_free_on_the_following_day(database_url):
    """Whoever could take and give back the last place at will would learn who took it meanwhile."""

    async with open_storage(database_url) as storage:
        await begin(storage, "r1", "r2")
        for id in ("r1", "r2"):
            assert await submit(storage, id, "surgeons", today=DAYS[1]) == "complete"
        assert await storage.withdraw("receipt-r1", DAYS[3]) == "leaving"
        assert await arrive(storage, "r3", "surgeons", today=DAYS[3]) == "surgeons"
        assert await submit(storage, "r3", "surgeons", today=DAYS[3]) == "screened_out"
        assert await assert_counts_agree(storage) == {"surgeons": 1}
        assert await arrive(storage, "r4", "surgeons", today=DAYS[4]) is None
        assert await submit(storage, "r4", "surgeons", today=DAYS[4]) == "complete"
        assert await arrive(storage, "r5", "surgeons", today=DAYS[4]) == "surgeons"
        assert await assert_counts_agree(storage) == {"surgeons": 2}


async def test_how_full_each_quota_is_can_be_asked(database_url):
    async with open_storage(database_url) as storage:
        assert await storage.quotas("leaving") == {}
        await begin(storage, "r1", "r2", "r3")
        await arrive(storage, "r4", "surgeons", "women_1")
        for id in ("r1", "r2"):
            await submit(storage, id, "women_1")
        await submit(storage, "r3", "surgeons", "women_1")
        assert await storage.quotas("leaving") == {"surgeons": 1, "women_1": 3}
        await storage.withdraw("receipt-r3", DAY)
        assert await storage.quotas("leaving") == {"surgeons": 0, "women_1": 2}
        assert await storage.quotas("leavin") == await storage.quotas("leaving/") == {}


async def test_who_is_screened_out_holds_no_place_and_can_withdraw(database_url):
    async with open_storage(database_url) as storage:
        await begin(storage, "r1")
        await storage.change("r1", being("surgeons"), wanting=wanting())
        row, first = await storage.submit(
            "r1", being(), DAY, 2, "hash", disposition="screened_out", wanting=wanting()
        )
        assert (row.disposition, row.completed, row.minutes, row.holds, first) == (
            "screened_out", DAY, 2, None, True,
        )  # fmt: skip
        with pytest.raises(Closed, match="screened_out"):
            await storage.change("r1", being("surgeons"))
        _, again = await storage.submit("r1", being(), DAY, 2, "hash", wanting=wanting())
        assert not again
        assert await assert_counts_agree(storage) == {}
        assert await storage.withdraw("hash", DAY) == "leaving"


async def test_quotas_of_one_name_in_two_surveys_have_nothing_to_do_with_each_other(database_url):
    async with open_storage(database_url) as storage:
        for survey in ("leaving", "leaving-2"):
            ends = []
            for n in range(3):
                await storage.begin(f"{survey}{n}", survey, "d1", DAY)
                row, _ = await storage.submit(f"{survey}{n}", being("surgeons"), DAY, 1, None, wanting=wanting())
                ends.append(row.disposition)
            assert ends == ["complete", "complete", "screened_out"]


async def test_a_cap_that_was_lowered_lets_nobody_in_and_throws_nobody_out(database_url):
    async with open_storage(database_url) as storage:
        await begin(storage, "r1", "r2", "r3", "r4", "r5")
        for id in ("r1", "r2"):
            await submit(storage, id, "surgeons")
        assert await arrive(storage, "r6", "surgeons", most={"surgeons": 1}) == "surgeons"
        assert await submit(storage, "r3", "surgeons", most={"surgeons": 1}) == "screened_out"
        assert await submit(storage, "r4", "surgeons", most={"surgeons": 0}) == "screened_out"
        assert await submit(storage, "r5", "surgeons", most={"surgeons": 3}) == "complete"
        assert await storage.counts("leaving") == {"complete": 3, "screened_out": 2, "open": 1}


async def test_pages_past_a_quota_ask_the_database_nothing_about_it(sqlite_url, monkeypatch):
    async with open_storage(sqlite_url) as storage:
        await begin(storage, "r1")
        asked = []
        counts = storage.quota_counts
        monkeypatch.setattr(storage, "quota_counts", lambda survey: asked.append(survey) or counts(survey))
        for n in range(4):
            await storage.change("r1", lambda row, n=n: {"is": ["surgeons"], "n": n}, wanting=wanting())
        assert asked == ["leaving"]


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
                await self.storage.withdraw(f"receipt-{id}", today)
            elif action == "page":
                await self.storage.begin(id, "leaving", "d1", today, f"receipt-{id}")
                await self.storage.change(id, being(*quotas), **asks)
            else:
                disposition = "complete" if action == "submit" else "screened_out"
                said = being(*quotas) if action == "submit" else being()
                await self.storage.submit(id, said, today, 1, None, disposition=disposition, **asks)


@given(steps=STEPS, at_once=st.booleans())
async def test_whatever_happens_caps_hold_and_no_place_is_lost(tmp_path_factory, steps, at_once):
    async with open_storage(f"sqlite:///{tmp_path_factory.mktemp('quotas')}/opinion.db") as storage:
        fieldwork = Fieldwork(storage)
        if at_once:
            await asyncio.gather(*[fieldwork.do(*step) for step in steps])
        else:
            for step in steps:
                await fieldwork.do(*step)
                await assert_counts_agree(storage)
        await assert_counts_agree(storage)
        await assert_every_place_can_be_had(storage)


async def assert_every_place_can_be_had(storage):
    """Long after, as many can submit as there are places left."""
    for quota, most in MOST.items():
        used = (await storage.quotas("leaving")).get(quota, 0)
        ends = []
        for n in range(most - used + 2):
            await storage.begin(f"late-{quota}-{n}", "leaving", "d1", LATE)
            ends.append(await submit(storage, f"late-{quota}-{n}", quota, today=LATE))
        assert ends == ["complete"] * (most - used) + ["screened_out"] * 2
    await assert_counts_agree(storage)


RUSHES = """
import asyncio, contextlib, datetime, random, sys
from app.responses.rows import Wanted
from app.responses.errors import Closed
from app.responses.storage import open_storage

DAY = datetime.date(2026, 12, 10)
MOST = {"surgeons": 20, "women_1": 30}


def wanting(answers):
    return Wanted({quota: MOST[quota] for quota in answers.get("is", ())}, DAY)


async def respondent(storage, id, chance):
    await storage.begin(id, "leaving", "d1", DAY, id)
    for _ in range(chance.randrange(1, 4)):
        said = {"is": [quota for quota in MOST if chance.random() < 0.7], "x": chance.random()}
        await storage.change(id, lambda row: said, wanting=wanting)
    row, first = await storage.submit(id, lambda row: said, DAY, 1, id, wanting=wanting)
    sys.stdout.write(f"{id} {int(first)}\\n")
    sys.stdout.flush()
    if first and chance.random() < 0.3:
        await storage.withdraw(id, DAY)


async def main(url, name):
    chance = random.Random(name)
    async with open_storage(url) as storage:
        for rush in range(1000):
            await asyncio.gather(*[respondent(storage, f"{name}-{rush}-{n}", chance) for n in range(12)])

asyncio.run(main(*sys.argv[1:]))
"""


async def test_no_rush_of_processes_and_no_kill_passes_a_cap_or_loses_a_place(database_url):
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

    async with open_storage(database_url) as storage:
        holding = await assert_counts_agree(storage, most)
        assert holding["surgeons"] + holding["women_1"] > 20, "the rush was too small to prove anything"
        for quota, cap in most.items():
            free = cap - (await storage.quotas("leaving")).get(quota, 0)
            for n in range(free + 1):
                id = f"late-{quota}-{n}"
                await storage.begin(id, "leaving", "d1", LATE)
                ends = await submit(storage, id, quota, today=LATE, most=most)
                assert ends == ("complete" if n < free else "screened_out")
        await assert_counts_agree(storage, most)


OLD = [name for name in FILES if name < "responses_2026_12"]


async def test_what_open_responses_held_in_an_earlier_database_is_let_go(tmp_path, database_url):
    """One submitted and two open ones hold places; a fourth was told that the quota was full because of them."""
    rows = (
        ("r1", "submitted", "surgeons women_1", '{{"is":["surgeons","women_1"]}}'),
        ("r2", "open", "surgeons", '{{"is":["surgeons"]}}'),
        ("r3", "open", "women_1", "{{}}"),
        ("r4", "open", None, '{{"is":["surgeons"],"said":"é","~full":"surgeons"}}'),
    )

    async with engine_on(database_url) as engine:
        await migrate(engine, folder_of(tmp_path, OLD))
        for seq, (id, disposition, holds, answers) in enumerate(rows, 1):
            await Response.raw(
                "INSERT INTO response (id, survey, instrument, seq, disposition, answers, began, holds) VALUES "
                f"('{id}', 'leaving', 'd1', {seq}, '{disposition}', '{answers}', '2026-11-01', "
                + ("NULL)" if holds is None else f"'{holds}')")
            )
        await Sequence.insert(Sequence(survey="leaving", last=4))
        await Counter.insert(Counter(name="quota/leaving/surgeons", taken=2))
        await Counter.insert(Counter(name="quota/leaving/women_1", taken=2))
    async with open_storage(database_url) as storage:
        assert await assert_counts_agree(storage) == {"surgeons": 1, "women_1": 1}
        assert (await storage.load("r4")).answers == {"is": ["surgeons"], "said": "é"}
        assert await submit(storage, "r4", "surgeons") == "complete"
        assert await submit(storage, "r2", "surgeons") == "screened_out"


QUOTAS = """
title: T
quotas: {surgeons: {when: specialty == "surgical", most: 3}}
sections:
  you: {items: {specialty: {type: single_choice, ask: Q, required: true, options: {surgical: S, other: O}}}}
  work: {items: {stay: {type: text, ask: Why?}}}
"""


async def test_simulated_respondents_of_a_demo_take_places_of_quotas(tmp_path):
    async with service(tmp_path, QUOTAS) as app:
        await answer(app, respondents=30, seed=7, seconds=0)
        counts = await app.storage.counts("leaving")
        assert await app.storage.quotas("leaving") == {"surgeons": 3} and counts["screened_out"] > 3
