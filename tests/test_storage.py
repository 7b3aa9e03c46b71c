"""What storage promises, on either engine."""

from __future__ import annotations

import asyncio
import datetime
import traceback

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.responses.backends import sqlite as sqlite_backend
from app.responses.errors import Busy, Closed, NoSuchResponse, Refused, Stale, Unavailable
from app.responses.rows import Row
from app.responses.storage import open_storage
from app.responses.tables import Response, Sequence

DAY = datetime.date(2026, 12, 1)
LATER = datetime.date(2026, 12, 2)


def adding(**answers):
    return lambda row: {**row.answers, **answers}


def unchanged(row):
    return row.answers


async def test_a_response_begun_twice_is_one(database_url):
    async with open_storage(database_url) as storage:
        first = await storage.begin("r1", "leaving", "d1", DAY)
        await storage.change("r1", adding(status="left"))
        again = await storage.begin("r1", "leaving", "d2", LATER)
        assert (first.disposition, first.answers, first.began) == ("open", {}, DAY)
        assert (again.instrument, again.began, again.answers) == ("d1", DAY, {"status": "left"})
        assert await storage.counts("leaving") == {"open": 1}


async def test_a_double_click_on_begin_makes_one_response(database_url):
    async with open_storage(database_url) as storage:
        rows = await asyncio.gather(*[storage.begin("r1", "leaving", "d1", DAY) for _ in range(20)])
        assert len(set(row.seq for row in rows)) == 1
        assert len(await storage.changes("leaving", 0, 100)) == 1


async def test_answers_come_back_as_they_were(database_url):
    answers = {
        "years": 12, "share": 0.1, "reasons": ["burnout", "visa"], "seen.failed": {"missing": "declined"},
        "word": "für ' \" \\ \u2028 𝔘 \x00 =1+1",
    }  # fmt: skip

    async with open_storage(database_url) as storage:
        await storage.begin("r1", "leaving", "d1", DAY)
        kept = await storage.change("r1", lambda row: answers)
        assert kept.answers == answers
        assert await storage.load_stored("r1") == kept


async def test_what_was_kept_is_there_after_a_restart(database_url):
    async with open_storage(database_url) as storage:
        await storage.begin("r1", "leaving", "d1", DAY)
        kept = await storage.change("r1", adding(status="left"))
    async with open_storage(database_url) as storage:
        assert storage.cached("r1") is None
        assert await storage.load("r1") == kept


async def test_an_unknown_response_is_none_and_takes_no_change(database_url):
    async with open_storage(database_url) as storage:
        assert await storage.load("nobody") is None
        with pytest.raises(NoSuchResponse):
            await storage.change("nobody", adding(a=1))
        with pytest.raises(NoSuchResponse):
            await storage.submit("nobody", unchanged, DAY, 1, None)


async def test_changes_made_at_once_to_one_response_are_all_kept(database_url):
    async with open_storage(database_url) as storage:
        await storage.begin("r1", "leaving", "d1", DAY)
        await asyncio.gather(*[storage.change("r1", adding(**{f"item{n}": n})) for n in range(50)])
        assert (await storage.load_stored("r1")).answers == {f"item{n}": n for n in range(50)}


async def test_two_writers_with_old_rows_in_memory_lose_nothing(database_url):
    async with open_storage(database_url) as storage, open_storage(database_url) as other:
        await storage.begin("r1", "leaving", "d1", DAY)
        for n in range(10):
            await asyncio.gather(
                storage.change("r1", adding(**{f"here{n}": n})),
                other.change("r1", adding(**{f"there{n}": n})),
            )
        assert len((await storage.load_stored("r1")).answers) == 20


async def test_a_save_on_an_old_row_is_stale(database_url):
    async with open_storage(database_url) as storage:
        old = await storage.begin("r1", "leaving", "d1", DAY)
        await storage.save(old, {"status": "left"})
        with pytest.raises(Stale):
            await storage.save(old, {"status": "practising"})
        assert (await storage.load("r1")).answers == {"status": "left"}


async def test_a_change_to_nothing_new_writes_nothing(database_url):
    async with open_storage(database_url) as storage:
        row = await storage.begin("r1", "leaving", "d1", DAY)
        await storage.change("r1", lambda row: None)
        await storage.change("r1", lambda row: {})
        assert await storage.last_seq("leaving") == row.seq


async def test_a_response_is_submitted_once_however_often_it_is_sent(database_url):
    async with open_storage(database_url) as storage:
        await storage.begin("r1", "leaving", "d1", DAY)
        sent = await asyncio.gather(
            *[storage.submit("r1", adding(word="x"), LATER, 7, "hash") for _ in range(10)]
        )
        assert sum(first for _, first in sent) == 1
        row, first = await storage.submit("r1", adding(word="y"), LATER, 9, "other")
        assert (row.disposition, row.answers, row.completed, row.minutes) == (
            "complete",
            {"word": "x"},
            LATER,
            7,
        )
        assert not first
        assert await storage.load_stored("r1") == row
        assert await storage.counts("leaving") == {"complete": 1}


async def test_a_submission_that_its_edit_refuses_leaves_the_response_open(database_url):
    async with open_storage(database_url) as storage:
        await storage.begin("r1", "leaving", "d1", DAY)
        row, first = await storage.submit("r1", lambda row: None, DAY, 1, None)
        assert (row.disposition, first) == ("open", False)


async def test_a_submitted_response_takes_no_more_answers(database_url):
    async with open_storage(database_url) as storage:
        await storage.begin("r1", "leaving", "d1", DAY)
        row, _ = await storage.submit("r1", unchanged, DAY, 1, None)
        with pytest.raises(Closed, match="complete"):
            await storage.change("r1", adding(a=1))
        with pytest.raises(Closed):
            await storage.save(row, {"a": 1})


async def test_withdrawing_erases_the_answers_and_the_receipt(database_url):
    async with open_storage(database_url) as storage:
        await storage.begin("r1", "leaving", "d1", DAY)
        row, _ = await storage.submit("r1", adding(word="secret"), LATER, 7, "hash")
        assert await storage.withdraw("wrong") is None
        assert await storage.withdraw("hash") == "leaving"
        assert await storage.withdraw("hash") is None
        gone = await storage.load_stored("r1")
        assert (gone.disposition, gone.answers, gone.completed, gone.minutes, gone.receipt) == (
            "withdrawn", {}, None, None, None,
        )  # fmt: skip
        assert [change.disposition for change in await storage.changes("leaving", row.seq, 10)] == [
            "withdrawn"
        ]
        with pytest.raises(Closed, match="withdrawn"):
            await storage.submit("r1", unchanged, DAY, 1, "hash")


async def test_a_change_to_a_row_that_changed_since_it_was_loaded_loses_neither(database_url):
    async with open_storage(database_url) as storage:
        known = await storage.begin("r1", "leaving", "d1", DAY)
        await storage.change("r1", adding(theirs=1))
        kept = await storage.change("r1", adding(ours=2), known=known)
        assert kept.answers == {"theirs": 1, "ours": 2}
        assert await storage.load_stored("r1") == kept


async def test_a_receipt_given_at_the_beginning_withdraws_an_open_response(database_url):
    async with open_storage(database_url) as storage:
        await storage.begin("r1", "leaving", "d1", DAY, "hash")
        await storage.change("r1", adding(word="secret"))
        assert await storage.withdraw("hash") == "leaving"
        with pytest.raises(Closed, match="withdrawn"):
            await storage.change("r1", adding(a=1))


async def test_withdrawn_words_are_gone_from_the_files(sqlite_url, tmp_path):
    def on_disk():
        return any(b"unmistakable" in path.read_bytes() for path in tmp_path.iterdir())

    async with open_storage(sqlite_url) as storage:
        await storage.begin("r1", "leaving", "d1", DAY)
        await storage.change("r1", adding(word="unmistakable " * 1000))
        await storage.submit("r1", unchanged, DAY, 1, "hash")
        assert on_disk()
        await storage.withdraw("hash")
        assert not on_disk()


async def test_a_full_queue_says_busy_and_keeps_what_it_took(database_url):
    async with open_storage(database_url, waiting=4) as storage:
        ids = [f"r{n}" for n in range(12)]
        begun = await asyncio.gather(
            *[storage.begin(id, "leaving", "d1", DAY) for id in ids], return_exceptions=True
        )
        taken = {row.id for row in begun if isinstance(row, Row)}
        assert [type(row) for row in begun].count(Busy) == 8
        assert {change.id for change in await storage.changes("leaving", 0, 100)} == taken
        assert (await storage.begin("late", "leaving", "d1", DAY)).seq > 0


async def test_one_row_that_cannot_be_kept_does_not_harm_its_neighbours(database_url):
    async with open_storage(database_url) as storage:
        await storage.begin("r0", "leaving", "d1", DAY, "same receipt")
        begun = await asyncio.gather(
            storage.begin("r1", "leaving", "d1", DAY),
            storage.begin("r2", "leaving", "d1", DAY, "same receipt"),
            storage.begin("r3", "leaving", "d1", DAY),
            return_exceptions=True,
        )
        assert [type(row) for row in begun] == [Row, Refused, Row]
        assert {change.id for change in await storage.changes("leaving", 0, 100)} == {"r0", "r1", "r3"}


async def test_answers_that_are_not_json_are_refused_before_they_wait(database_url):
    async with open_storage(database_url) as storage:
        row = await storage.begin("r1", "leaving", "d1", DAY)
        for answers in ({"word": "\ud800"}, {"word": object()}):
            with pytest.raises(Refused):
                await storage.save(row, answers)
        assert (await storage.save(row, {"word": "fine"})).answers == {"word": "fine"}


async def test_no_error_quotes_what_a_respondent_wrote(database_url):
    async with open_storage(database_url) as storage:
        row = await storage.begin("r1", "leaving", "d1", DAY)
        attempts = [
            storage.save(row, {"word": "CANARY \ud800"}),
            storage.begin("CANARY \ud800", "leaving", "d1", DAY),
            storage.begin("CANARY" * 9, "leaving \ud800", "d1", DAY),
            storage.insert_many("leaving", [Row("r1", "leaving", "d1", 0, "open", {"word": "CANARY"}, DAY)]),
            storage.load("CANARY \ud800"),
        ]
        for error in await asyncio.gather(*attempts, return_exceptions=True):
            assert isinstance(error, Refused)
            assert "CANARY" not in "".join(traceback.format_exception(error))


async def test_an_id_that_no_text_can_hold_is_refused_alone(database_url):
    async with open_storage(database_url) as storage:
        good, bad = await asyncio.gather(
            storage.begin("r1", "leaving", "d1", DAY),
            storage.begin("\ud800", "leaving", "d1", DAY),
            return_exceptions=True,
        )
        storage.rows.clear()
        loaded, refused = await asyncio.gather(
            storage.load("r1"), storage.load("\ud800"), return_exceptions=True
        )
        assert loaded == good
        assert [type(bad), type(refused)] == [Refused, Refused]


async def test_a_full_disk_fails_its_callers_and_the_writer_lives_on(sqlite_url):
    async with open_storage(sqlite_url) as storage:
        row = await storage.begin("r1", "leaving", "d1", DAY)
        writer = storage.backend.writer
        (pages,) = writer.execute("PRAGMA page_count").fetchone()
        writer.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(Unavailable):
            await storage.save(row, {"word": "x" * 100_000})
        writer.execute("PRAGMA max_page_count = 1000000")
        assert (await storage.save(row, {"word": "x" * 100_000})).seq > row.seq


async def test_a_lost_connection_fails_its_callers_and_the_writer_connects_again(postgres_url):
    async with open_storage(postgres_url) as storage:
        row = await storage.begin("r1", "leaving", "d1", DAY)
        pid = storage.backend.writer.held.get_server_pid()
        async with storage.engine.transaction():
            await Sequence.raw("SELECT last FROM sequence FOR UPDATE")
            cut_off = asyncio.ensure_future(storage.save(row, {"word": "lost"}))
            await asyncio.sleep(0.1)
            await Sequence.raw("SELECT pg_terminate_backend({})", pid)
            with pytest.raises(Unavailable):
                await cut_off
        assert (await storage.save(row, {"word": "kept"})).answers == {"word": "kept"}


async def test_a_database_that_is_not_there_is_unavailable(tmp_path):
    for url in (f"sqlite:///{tmp_path}/no/such/folder/o.db", "postgresql://nobody@127.0.0.1:1/nothing"):
        with pytest.raises(Unavailable):
            async with open_storage(url):
                raise AssertionError("it opened")
    with pytest.raises(ValueError, match="not a database URL"):
        async with open_storage("mysql://here"):
            raise AssertionError("it opened")


async def test_closing_keeps_what_is_waiting(database_url):
    async with open_storage(database_url) as storage:
        begun = [asyncio.ensure_future(storage.begin(f"r{n}", "leaving", "d1", DAY)) for n in range(300)]
        await asyncio.sleep(0)
    assert {row.id for row in await asyncio.gather(*begun)} == {f"r{n}" for n in range(300)}
    with pytest.raises(Unavailable):
        await storage.begin("late", "leaving", "d1", DAY)
    with pytest.raises(Unavailable):
        await storage.load("late")
    async with open_storage(database_url) as storage:
        assert await storage.counts("leaving") == {"open": 300}


async def test_pages_that_wait_together_share_a_commit(sqlite_url, monkeypatch):
    sizes = []

    def counted(connection, batch):
        sizes.append(len(batch))
        return commit_of_sqlite(connection, batch)

    commit_of_sqlite = sqlite_backend.commit
    monkeypatch.setattr(sqlite_backend, "commit", counted)

    async with open_storage(sqlite_url) as storage:
        await asyncio.gather(*[storage.begin(f"r{n}", "leaving", "d1", DAY) for n in range(40)])
    assert sizes == [40]


async def test_a_page_is_acknowledged_only_after_its_commit(sqlite_url):
    """While somebody else holds the database, nobody is told that anything was kept."""

    async with open_storage(sqlite_url) as storage:
        other = sqlite_backend.connect(storage.engine.path)
        other.execute("BEGIN IMMEDIATE")
        begun = asyncio.ensure_future(storage.begin("r1", "leaving", "d1", DAY))
        await asyncio.sleep(0.1)
        assert not begun.done()
        other.execute("ROLLBACK")
        other.close()
        assert (await begun).id == "r1"


async def test_a_caller_who_goes_away_does_not_stop_the_others(database_url):
    async with open_storage(database_url) as storage:
        gone = asyncio.ensure_future(storage.begin("r1", "leaving", "d1", DAY))
        stays = asyncio.ensure_future(storage.begin("r2", "leaving", "d1", DAY))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await stays).id == "r2"
        assert (await storage.load("r1")).id == "r1"


async def test_changes_are_read_in_pieces_and_in_order(database_url):
    async with open_storage(database_url) as storage:
        for n in range(5):
            await storage.begin(f"r{n}", "leaving", f"d{n}", DAY)
        await storage.begin("elsewhere", "another", "d1", DAY)
        await storage.submit("r1", adding(a=1), DAY, 3, None)
        first = await storage.changes("leaving", 0, 3)
        rest = await storage.changes("leaving", first[-1].seq, 10)
        assert [change.id for change in first + rest] == ["r0", "r2", "r3", "r4", "r1"]
        assert rest[-1][2:] == ("d1", "complete", 3, DAY, DAY, '{"a":1}', False)
        assert await storage.last_seqs() == {"leaving": rest[-1].seq, "another": 1}


async def test_a_number_given_but_not_committed_holds_up_later_ones(postgres_url):
    """Otherwise a reader would see the later number, go on from there and skip the earlier row."""

    async def storage_elsewhere(url):
        async with open_storage(url) as third:
            return await third.begin("e1", "another", "d1", DAY)

    async with open_storage(postgres_url) as storage, open_storage(postgres_url) as other:
        await storage.begin("r0", "leaving", "d1", DAY)
        blocker = await asyncpg.connect(postgres_url)
        try:
            await blocker.execute("BEGIN")
            await blocker.fetch("SELECT 1 FROM response WHERE id = 'r0' FOR UPDATE")
            early = asyncio.ensure_future(storage.change("r0", adding(a=1)))
            await asyncio.sleep(0.2)
            late = asyncio.ensure_future(other.begin("r1", "leaving", "d1", DAY))
            elsewhere = await asyncio.wait_for(storage_elsewhere(postgres_url), 5)
            await asyncio.sleep(0.2)
            assert elsewhere.seq == 1
            assert not early.done() and not late.done()
            assert await storage.changes("leaving", 1, 10) == []
        finally:
            await blocker.close()
        await asyncio.gather(early, late)
        assert [change.id for change in await storage.changes("leaving", 1, 10)] == ["r0", "r1"]


async def test_the_stream_goes_through_all_responses_in_order_of_id(database_url):
    async with open_storage(database_url) as storage:
        ids = ["q", "b", "Z", "a-1", "_9", "m"]
        for id in ids:
            await storage.begin(id, "leaving", "d1", DAY)
        seen, after = [], None
        while piece := await storage.stream("leaving", after, 2):
            seen += [change.id for change in piece]
            after = seen[-1]
        assert sorted(seen) == sorted(ids)


async def test_listeners_hear_of_each_commit_and_one_that_fails_harms_nobody(database_url):
    async with open_storage(database_url) as storage:
        heard = []

        def fails(last):
            raise RuntimeError("a dashboard broke")

        storage.on_change(fails)
        stop = storage.on_change(heard.append)
        row = await storage.begin("r1", "leaving", "d1", DAY)
        await storage.begin("r1", "leaving", "d1", DAY)
        assert heard == [{"leaving": row.seq}]
        last = await storage.insert_many("poll", [Row("p1", "poll", "d1", 0, "open", {}, DAY)])
        assert heard[1:] == [{"poll": last}]
        stop()
        await storage.change("r1", adding(a=1))
        assert len(heard) == 2


async def test_rows_inserted_in_bulk_are_ordinary_responses(database_url):
    async with open_storage(database_url) as storage:
        rows = [
            Row(f"r{n}", "leaving", "d1", 0, "complete", {"n": n}, DAY, LATER, n, f"h{n}")
            for n in range(1000)
        ]
        assert await storage.insert_many("leaving", rows) == 1000
        assert await storage.insert_many("leaving", []) == 1000
        assert [change.seq for change in await storage.changes("leaving", 990, 100)] == list(range(991, 1001))
        assert (await storage.load("r7")).answers == {"n": 7}
        with pytest.raises(Refused):
            await storage.insert_many("leaving", [Row("new", "leaving", "d1", 0, "open", {}, DAY), rows[3]])
        assert await storage.load("new") is None
        assert (await storage.begin("next", "leaving", "d1", DAY)).seq == 1001


async def test_memory_holds_only_so_many_rows(sqlite_url):
    async with open_storage(sqlite_url, remembered=3) as storage:
        for n in range(5):
            await storage.begin(f"r{n}", "leaving", "d1", DAY)
        assert [n for n in range(5) if storage.cached(f"r{n}")] == [2, 3, 4]
        storage.cached("r2")
        await storage.load("r0")
        assert [n for n in range(5) if storage.cached(f"r{n}")] == [0, 2, 4]


def test_a_response_has_no_column_for_the_person():
    assert [column._meta.name for column in Response._meta.columns] == [
        "id", "survey", "instrument", "seq", "disposition", "answers", "began", "completed", "minutes", "receipt",
        "holds", "renumbered",
    ]  # fmt: skip


STEPS = st.lists(
    st.tuples(st.sampled_from(["begin", "change", "submit", "withdraw"]), st.integers(0, 2)),
    min_size=1,
    max_size=25,
)


@given(steps=STEPS)
async def test_whatever_happens_at_once_nothing_acknowledged_is_lost(tmp_path_factory, steps):
    acknowledged: dict[str, set[str]] = {}
    withdrawn = set()

    async def step(storage, number, action, which):
        id, key = f"r{which}", f"item{number}"
        if action == "begin":
            await storage.begin(id, "leaving", "d1", DAY, f"receipt{which}")
        elif action == "withdraw":
            if await storage.withdraw(f"receipt{which}"):
                withdrawn.add(id)
        else:
            edit = adding(**{key: number})
            done = storage.change(id, edit) if action == "change" else storage.submit(id, edit, DAY, 1, None)
            try:
                outcome = await done
            except (Closed, NoSuchResponse):
                return
            if action == "change" or outcome[1]:
                acknowledged.setdefault(id, set()).add(key)

    async with open_storage(f"sqlite:///{tmp_path_factory.mktemp('steps')}/opinion.db") as storage:
        await asyncio.gather(*[step(storage, number, *what) for number, what in enumerate(steps)])
        rows = [await storage.load_stored(change.id) for change in await storage.changes("leaving", 0, 100)]
        assert len({row.id for row in rows}) == len(rows) == len({row.seq for row in rows})
        for row in rows:
            expected = set() if row.id in withdrawn else acknowledged.get(row.id, set())
            assert set(row.answers) == expected
            assert (row.disposition == "withdrawn") == (row.id in withdrawn)
