"""Open dashboards: each page of a survey on each view is counted and rendered once for all who look at it."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from contextlib import AsyncExitStack

import pytest

from app.catalogue.library import InstrumentLibrary
from app.results.frame import kept
from app.results.frame.frame import Frame
from app.results.marginals import figures
from app.results.view import View
from app.survey.conditions.language import filter_scope, parse_condition
from app.web.live import figures as figures_module
from app.web.live.counting import CountingThreads, TooSlow, ViewCounting
from app.web.live.frames import LiveFrame
from app.web.live.views import DashboardView, PageView, in_sight_of
from app.web.research.dashboards import PagePart
from tests.support.answers import complete_rows, given_response, instrument
from tests.support.exports import rows_of
from tests.support.research import signed_in
from tests.support.respondent import Respondent, service
from tests.support.waiting import expect_soon

SURVEY = """
title: Leaving
sections:
  all:
    items:
      status: {type: single_choice, ask: Where?, options: {left: Left, stayed: Stayed}}
      years: {type: number, ask: How long?, range: [0, 50]}
      sure: {type: rating, ask: Sure?, show_if: status == "left", scale: {1: "No", 2: Perhaps, 3: "Yes"}}
"""
ASKED = instrument(SURVEY)
LEFT = View(only=(("status", ("left",)),))


def where(source: str) -> View:
    return View(where=parse_condition(source, filter_scope(ASKED)))


def live_frame(rows: int) -> LiveFrame:
    source = LiveFrame("leaving", InstrumentLibrary(None))
    source.frame = Frame([ASKED])
    source.frame.take(given_response(ASKED, number, {"status": "left"}) for number in range(rows))
    return source


# --- counting -----------------------------------------------------------------------------------------------


async def test_who_asks_for_the_same_view_meanwhile_shares_its_count():
    source, counting, counted = live_frame(10), ViewCounting(CountingThreads()), []
    go_on = threading.Event()

    def slowly(frame, view, pause):
        counted.append(view)
        go_on.wait(5)
        return figures(frame, view, pause)

    asking = [asyncio.create_task(counting.count(source, View(), slowly)) for _ in range(5)]
    await expect_soon(lambda: counted)
    go_on.set()
    assert [found.n for found in await asyncio.gather(*asking)] == [10] * 5 and counted == [View()]


async def test_a_count_that_began_before_a_response_came_is_not_shared():
    source, counting = live_frame(10), ViewCounting(CountingThreads())
    started, go_on = threading.Event(), threading.Event()

    def slowly(frame, view, pause):
        started.set()
        go_on.wait(5)
        return figures(frame, view, pause)

    first = asyncio.create_task(counting.count(source, View(), slowly))
    await expect_soon(started.is_set)
    source.loaded.take([given_response(ASKED, 99, {"status": "left"})])
    second = asyncio.create_task(counting.count(source, View(), slowly))
    await asyncio.sleep(0.05)
    go_on.set()
    assert ((await first).n, (await second).n) == (10, 11)


async def test_the_counters_of_a_view_are_brought_up_to_date_by_one_thread_at_a_time():
    source, counting, inside, most = live_frame(10), ViewCounting(CountingThreads()), [], []

    def one(frame, view, pause):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()

    def other(frame, view, pause):
        return one(frame, view, pause)

    await asyncio.gather(*(counting.count(source, LEFT, work) for work in (one, other)))
    assert most == [1, 1]


async def test_a_view_that_is_slow_to_count_keeps_no_other_waiting():
    source, counting = live_frame(10), ViewCounting(CountingThreads(seconds=0.4))

    def for_ever(frame, view, pause):
        while True:
            time.sleep(0.01)
            pause()

    slow = [asyncio.create_task(counting.count(source, where(f"years > {n}"), for_ever)) for n in range(4)]
    await asyncio.sleep(0.05)
    began = time.monotonic()
    assert (await counting.count(source, View(by="status"), figures)).n == 10
    assert time.monotonic() - began < 0.3
    for each in slow:
        with pytest.raises(TooSlow):
            await each


# --- pages --------------------------------------------------------------------------------------------------


async def store(app, numbers: range, status: str = "left") -> None:
    answers = {"status": status, "years": 3, **({"sure": 2} if status == "left" else {})}
    await app.storage.insert_many("leaving", complete_rows(ASKED, numbers, lambda n: answers))


async def opened(app, stack: AsyncExitStack, of: PageView):
    return await stack.enter_async_context(app.live.viewing(await app.live.frame_of("leaving"), of))


async def test_each_page_gives_its_own_fragments_and_is_sent_what_has_changed(tmp_path):
    async with service(tmp_path, SURVEY) as app, AsyncExitStack() as stack:
        await store(app, range(3))
        await app.results
        dashboards = await app.live.dashboards

        async def compared(source, of, wanted):
            found = await dashboards.views.count(source, of.view, figures)
            return [PagePart("n", lambda: f"{of.further} {found.n}")]

        dashboards.pages["compare"] = compared
        view = await opened(app, stack, PageView("compare", LEFT, (("rows", "status"),)))
        await store(app, range(3, 5))
        app.live.stored({"leaving": 0})
        await app.live._update(view)
        await expect_soon(lambda: view.fragments["n"].html == "(('rows', 'status'),) 5")


async def test_a_chart_whose_figures_have_not_changed_is_not_drawn_again(tmp_path, monkeypatch):
    from app.web.research import dashboards as module

    async with service(tmp_path, SURVEY) as app:
        await store(app, range(3))
        await app.results
        dashboards, drawn = await app.live.dashboards, []
        draw = module.draw
        monkeypatch.setattr(module, "draw", lambda item: drawn.append(item.id) or draw(item))
        first = await dashboards.fragments(await app.live.frame_of("leaving"), PageView("", View()))
        assert drawn == ["status", "years", "sure"]
        await store(app, range(3, 4), "stayed")
        app.live.stored({"leaving": 0})
        source = await app.live.frame_of("leaving")
        same = await dashboards.fragments(source, PageView("", LEFT))
        drawn.clear()
        again = await dashboards.fragments(source, PageView("", LEFT))
        assert drawn == [] and again == same
        changed = await dashboards.fragments(source, PageView("", View()))
        assert drawn == ["status", "years", "sure"] and changed["item-status"] != first["item-status"]


async def test_a_further_view_is_shown_as_it_is_now_and_says_why_it_is_not_live(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "MOST_VIEWS", 2)
    async with service(tmp_path, SURVEY) as app, AsyncExitStack() as stack, signed_in(app) as browser:
        await store(app, range(3))
        await app.results
        assert "data-live" in (await browser.get("/research/leaving?only=status:left")).text
        for of in (PageView("", View()), PageView("compare", View()), PageView("", View("all"))):
            await opened(app, stack, of)
        page = await browser.get("/research/leaving?only=status:left")
        assert page.status_code == 200 and "data-live" not in page.text and "These figures are not live" in page.text
        for address in ("compare?by=status&only=status:left", "crosstab?rows=status&columns=sure&only=status:left"):
            page = await browser.get(f"/research/leaving/{address}")
            assert page.status_code == 200 and "data-live" not in page.text and "These figures are not live" in page.text
        refused = await browser.get("/research/leaving/live?only=status:left&seen=-1")
        assert refused.status_code == 503 and "Reload the page to count again." in refused.text
        assert "data-live" in (await browser.get("/research/leaving?base=all")).text  # open already


async def test_many_views_are_up_to_date_soon_after_a_response(tmp_path):
    async with service(tmp_path, SURVEY) as app, AsyncExitStack() as stack:
        await store(app, range(20))
        await app.results
        views = [await opened(app, stack, PageView("", where(f"years >= {n - 20}"))) for n in range(20)]
        for view in views:
            await app.live._update(view)
        await store(app, range(20, 21))
        app.live.stored({"leaving": 0})
        await expect_soon(lambda: all(view.seq == 21 for view in views))
        assert all("21" in view.fragments["item-status"].html for view in views)


# --- the same people everywhere -------------------------------------------------------------------------------

QUOTA = """
title: Surgeons
results: {show_to: everyone, floor: 5}
quotas: {surgeons: {when: status == "surgeon", most: 10}}
sections:
  one: {items: {status: {type: single_choice, ask: What are you?, required: true, options: {surgeon: Surgeon, other: Other}}}}
  two: {items: {years: {type: number, ask: How long?, range: [0, 50]}}}
"""


async def respond(app, status: str) -> None:
    async with Respondent(app) as browser:
        address = await browser.begin()
        await browser.fill(address, status=status)
        if (await browser.get("/s/leaving/two")).status_code == 200:
            await browser.fill("/s/leaving/two", years="3")
            await browser.fill("/s/leaving/submit")


async def test_the_quota_the_dashboard_and_the_public_page_count_the_same_people(tmp_path):
    async with service(tmp_path, QUOTA) as app, signed_in(app) as browser:
        for status in ["surgeon"] * 14 + ["other"] * 6:
            await respond(app, status)
        await app.results
        dashboards, source = await app.live.dashboards, await app.live.frame_of("leaving")
        counted, going = await dashboards.figures(source, View())
        (quota,) = await dashboards.quotas(source)
        cells = {cell.code: cell.count.n for cell in counted.items[0].parts[0].cells}
        assert (quota.complete, cells) == (10, {"surgeon": 10, "other": 6})
        assert (going.complete, going.screened_out, going.bases) == (16, 4, {"complete": 16, "partial": 16, "all": 16})
        everyone, _ = await dashboards.figures(source, View("all"))
        assert everyone.n == 16  # none of those who came too late
        await dashboards.release(source)
        released = await app.storage.releases.latest("leaving")
        assert released["responses"] == 16
        file = rows_of((await browser.get("/research/leaving/export.csv?base=complete&only=status:surgeon")).content)
        assert len(file) == 10


PAIR = """
title: Leaving
sections:
  all:
    items:
      norm: {type: number, ask: Others?, range: [0, 10]}
      own: {type: number, ask: You?, range: [0, 10]}
"""


async def test_a_finding_that_the_file_asks_for_later_is_there_before_the_next_response(tmp_path):
    async with service(tmp_path, PAIR) as app:
        await app.storage.insert_many("leaving", complete_rows(instrument(PAIR), range(12), lambda n: {"norm": n % 3, "own": n % 4}))
        await app.results
        dashboards = await app.live.dashboards

        async def pairs() -> list[str]:
            counted, _ = await dashboards.figures(await app.live.frame_of("leaving"), View())
            return [*counted.pairs]

        assert await pairs() == []
        (tmp_path / "surveys" / "leaving.yaml").write_text(f"results: {{headline: [{{pair: {{norm: Others, own: You}}}}]}}{PAIR}")
        await app.surveys.load()
        await expect_soon(lambda: app.live.frames["leaving"].loaded.instruments[0].results.headline)
        assert await pairs() == ["norm own"]


# --- what is in sight -----------------------------------------------------------------------------------------


def board() -> DashboardView:
    return DashboardView(live_frame(0), PageView("", View()), now=0)


def sent(news: bytes) -> dict[str, str]:
    return json.loads(news.partition(b"data: ")[2]) if news else {}


def test_a_dashboard_is_sent_what_has_changed_and_one_that_lags_all_it_missed():
    view = board()
    view.update({"a": "1", "b": "1"}, seq=10)
    begun = view.updates
    view.update({"a": "2", "b": "1"}, seq=11)
    assert sent(view.since(begun)) == {"a": "2"}
    view.update({"b": "2"}, seq=12, whole=False)
    assert sent(view.since(view.updates - 1)) == {"b": "2"} and sent(view.since(begun)) == {"a": "2", "b": "2"}


def test_a_browser_that_connects_again_has_all_that_its_event_id_says():
    view = board()
    view.update({"a": "1", "b": "1", "c": "1"}, seq=10)
    view.update({"a": "2"}, seq=11, whole=False)
    assert b"\nid: 10\n" in view.news  # b and c are not known as of 11
    assert sent(view.newer_than(10)) == {"a": "2"} and view.newer_than(11) == b""
    view.update({"a": "2", "b": "2", "c": "1"}, seq=12)
    assert b"\nid: 12\n" in view.news and sent(view.newer_than(11)) == {"a": "2", "b": "2", "c": "1"}


def test_a_page_that_showed_something_in_between_is_not_left_with_it():
    view = board()
    view.update({"a": "5"}, seq=10)
    assert view.newer_than(11) == b""  # its page was loaded at 11 and showed 6
    before = view.updates
    view.update({"a": "5"}, seq=12)
    assert sent(view.since(before)) == {"a": "5"}
    before = view.updates
    view.update({"a": "5"}, seq=13)
    assert sent(view.since(before)) == {}


def test_a_page_that_is_up_to_date_is_not_sent_what_it_shows():
    view = board()
    assert view.newer_than(10) == b""
    view.update({"a": "1"}, seq=10, whole=False)
    view.update({"a": "1", "b": "1"}, seq=10)
    assert sent(view.since(0)) == {}


def test_what_an_address_says_of_the_window_is_read_within_bounds():
    assert in_sight_of([]) is None and in_sight_of([""]) == frozenset()
    assert in_sight_of(["item-a,progress", "item-b"]) == {"item-a", "progress", "item-b"}
    assert in_sight_of([",".join(map(str, range(500)))]) is None


async def test_while_responses_arrive_only_what_is_in_sight_is_rendered_and_then_the_rest(tmp_path, monkeypatch):
    from app.web.research import dashboards as module

    async with service(tmp_path, SURVEY) as app, AsyncExitStack() as stack:
        await store(app, range(3))
        await app.results
        drawn, draw = [], module.draw
        monkeypatch.setattr(module, "draw", lambda item: drawn.append((item.id, threading.current_thread())) or draw(item))
        source = await app.live.frame_of("leaving")
        view = await stack.enter_async_context(app.live.viewing(source, PageView("", View()), frozenset({"item-years"})))
        await app.live._update(view)
        assert [name for name, _ in drawn] == ["years"] and not view.is_whole
        assert {"item-years", "shown", "base-all"} <= view.fragments.keys() and "item-sure" not in view.fragments
        assert threading.main_thread() not in {thread for _, thread in drawn}
        await stack.enter_async_context(app.live.viewing(source, PageView("", View()), frozenset({"item-sure"})))
        await app.live._update(view, frozenset({"item-sure"}), for_page=True)
        await expect_soon(lambda: view.is_whole)
        assert {name for name, _ in drawn} == {"status", "years", "sure"}


async def test_what_nobody_has_in_sight_is_still_rendered_every_few_seconds(tmp_path, monkeypatch):
    async with service(tmp_path, SURVEY) as app, AsyncExitStack() as stack:
        await store(app, range(3))
        await app.results
        view = await stack.enter_async_context(app.live.viewing(await app.live.frame_of("leaving"), PageView("", View()), frozenset()))
        await app.live._update(view)
        assert not view.is_whole
        view.whole_at -= figures_module.WHOLE_SECONDS
        await app.live._update(view)
        assert view.is_whole and "item-status" in view.fragments


async def test_a_page_of_few_responses_waits_for_them_on_a_busy_machine(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(figures_module, "WAIT_SECONDS", 0.01)
    caplog.set_level(logging.INFO, "opinion.live")
    async with service(tmp_path, SURVEY) as app, signed_in(app) as browser:
        await store(app, range(3))
        await app.results
        load = LiveFrame._load

        async def slowly(source):
            await asyncio.sleep(0.1)
            await load(source)

        monkeypatch.setattr(LiveFrame, "_load", slowly)
        assert (await browser.get("/research/leaving")).status_code == 200
        app.live.frames.clear()
        monkeypatch.setattr(figures_module, "FEW_RESPONSES", -1)
        page = await browser.get("/research/leaving")
        assert page.status_code == 503 and "The figures are being prepared" in page.text
        assert "leaving: a page of results waits: 0 of 0 responses have been read" in caplog.text
