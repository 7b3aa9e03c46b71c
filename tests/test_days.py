"""Whose day it is, what counts from it, and what is looked at again before a response is submitted."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.survey.items.fields import Today
from app.survey.source.reading import read_survey
from tests.support.clock import Clock
from tests.support.paths import read_section
from tests.support.respondent import Respondent, service

DATES = """
title: Dates
sections:
  first: {items: {name: {type: text, ask: Name}}}
  second:
    items:
      left: {type: date, ask: When did you leave?, latest: today}
      back: {type: date, ask: When will you come back?, earliest: today}
      since:
        type: date
        ask: Since when?
        check: {that: since <= today, say: That is in the future.}
  recent: {show_if: "days(left, today) >= 0", items: {why: {type: text, ask: Why just now?}}}
  last: {items: {words: {type: text, ask: Words}}}
"""


def day(name: str, iso: str) -> dict[str, str]:
    return {f"{name}.{part}": digits for part, digits in zip(("year", "month", "day"), iso.split("-"), strict=True)}


async def location(browser: Respondent, address: str, **fields: object) -> str:
    sent = await browser.fill(address, **fields)
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


async def test_a_response_that_is_resumed_days_later_takes_the_day_it_is_answered(tmp_path: Path) -> None:
    clock = Clock()  # the first of December, noon
    async with service(tmp_path, DATES, "dates", now=clock) as app, Respondent(app) as browser:
        await browser.fill(await browser.begin("dates"), name="Ada")
        clock.forward(days=2)
        today, tomorrow = "2026-12-03", "2026-12-04"
        late = await browser.fill("/s/dates/second", **day("left", tomorrow), **day("back", today), **day("since", today))
        assert late.status_code == 422 and "3 December 2026" in late.text and "time zone UTC" in late.text
        fields = day("left", today) | day("back", today) | day("since", today)
        assert 'data-between="1900-01-01 2026-12-03"' in (await browser.get("/s/dates/second")).text
        assert await location(browser, "/s/dates/second", **fields) == "/s/dates/last"
        clock.forward(days=30)  # what was once taken stays good, and the path stays as it was
        assert await location(browser, "/s/dates/second", **fields) == "/s/dates/last"
        await browser.fill("/s/dates/last", words="x")
        assert await location(browser, "/s/dates/submit") == "/s/dates/done"


@pytest.mark.parametrize(
    ("began", "answered", "left", "back", "taken"),
    [
        ("2026-12-01", "2026-12-03", "2026-12-03", "2026-12-01", True),
        ("2026-12-01", "2026-12-03", "2026-12-04", "2026-12-03", False),
        ("2026-12-01", "2026-12-03", "2026-12-01", "2026-11-30", False),
        ("2026-12-03", "2026-12-01", "2026-12-03", "2026-12-01", True),  # a clock that was set back
    ],
)
def test_a_relative_limit_counts_from_beginning_or_answering(began, answered, left, back, taken) -> None:
    instrument, _ = read_survey(DATES.encode(), "dates")
    assert instrument is not None
    form = {name: [value] for name, value in (day("left", left) | day("back", back)).items()}
    form |= {"shown": ["left", "back"]}
    reading = read_section(instrument.section["second"], form, {"today": began}, "en", Today(answered, "UTC"))
    assert (reading.answers == {"left": left, "back": back}) is taken


# --- whose day it is -------------------------------------------------------------------------------------

ZONED = "time_zone: {zone}\nopens: 2026-12-02\ncloses: 2026-12-02\n{survey}"


@pytest.mark.parametrize(
    ("zone", "utc", "state"),
    [
        ("Pacific/Auckland", "2026-12-01T10:59", "opens on"),  # 13 hours ahead
        ("Pacific/Auckland", "2026-12-01T11:00", "Begin"),
        ("Pacific/Auckland", "2026-12-02T10:59", "Begin"),
        ("Pacific/Auckland", "2026-12-02T11:00", "closed on"),
        ("America/Los_Angeles", "2026-12-02T07:59", "opens on"),  # 8 hours behind
        ("America/Los_Angeles", "2026-12-03T07:59", "Begin"),
        ("America/Los_Angeles", "2026-12-03T08:00", "closed on"),
    ],
)
async def test_a_survey_opens_and_closes_at_midnight_in_its_time_zone(tmp_path: Path, zone: str, utc: str, state: str) -> None:
    moment = datetime.datetime.fromisoformat(utc).replace(tzinfo=datetime.UTC)
    text = ZONED.format(zone=zone, survey=DATES)
    async with service(tmp_path, text, "dates", now=lambda: moment) as app, Respondent(app) as browser:
        page = (await browser.get("/s/dates")).text.split("<main")[1]
        assert state in page
        assert (f"in the time zone {zone}" in page) is (state != "Begin")
        assert ('href="/s/dates"' in (await browser.get("/")).text) is (state == "Begin")


async def test_today_is_that_of_the_surveys_time_zone_in_forms_and_in_what_is_stored(tmp_path: Path) -> None:
    moment = datetime.datetime(2026, 12, 1, 20, tzinfo=datetime.UTC)  # 9 o'clock on the second in Auckland
    text = f"time_zone: Pacific/Auckland\n{DATES}"
    async with service(tmp_path, text, "dates", now=lambda: moment) as app, Respondent(app) as browser:
        await browser.fill(await browser.begin("dates"), name="Ada")
        late = await browser.fill("/s/dates/second", **day("left", "2026-12-03"))
        assert "2 December 2026. Days are counted in the time zone Pacific/Auckland." in late.text
        assert await location(browser, "/s/dates/second", asked=["back", "since"], **day("left", "2026-12-02"))
        (change,) = await app.storage.changes("dates", 0, 10)
        assert change.began.isoformat() == "2026-12-02" and '"today":"2026-12-02"' in change.answers


async def test_without_a_time_zone_the_servers_is_used_and_said(tmp_path: Path) -> None:
    india = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    moment = datetime.datetime(2026, 12, 2, 0, 10, tzinfo=india)
    text = f"opens: 2026-12-03\n{DATES}"
    async with service(tmp_path, text, "dates", now=lambda: moment) as app, Respondent(app) as browser:
        assert "in the time zone UTC+5:30" in (await browser.get("/s/dates")).text


@pytest.mark.parametrize(("zone", "meant"), [("Berlin", "Europe/Berlin"), ("Europe/Zuerich", "Europe/Zurich"), ("new york", "America/New_York"), ("Nowhere at all", "")])
def test_a_time_zone_that_does_not_exist_is_named_with_the_one_that_was_meant(zone: str, meant: str) -> None:
    instrument, faults = read_survey(f'time_zone: "{zone}"\n{DATES}'.encode(), "dates")
    (fault,) = faults
    assert instrument is None and fault.code == "bad-time-zone" and fault.line == 1
    assert (f"Did you mean {meant}?" in fault.remedy) if meant else ("Europe/Berlin" in fault.remedy)


@pytest.mark.parametrize("zone", ["localtime", "Factory"])
def test_names_in_the_database_of_time_zones_that_are_no_place_are_refused(zone: str) -> None:
    instrument, (fault,) = read_survey(f"time_zone: {zone}\n{DATES}".encode(), "dates")
    assert instrument is None and fault.code == "bad-time-zone"


def test_time_zones_are_known_on_a_machine_without_a_database_of_them() -> None:
    """As on Windows and in slim images: the package tzdata has them."""
    ask = "from app.survey.source.reading import time_zones; from zoneinfo import ZoneInfo; ZoneInfo('Europe/Berlin'); print(len(time_zones()) > 400)"
    done = subprocess.run([sys.executable, "-c", ask], env=os.environ | {"PYTHONTZPATH": ""}, capture_output=True, text=True)
    assert done.stdout.strip() == "True", done.stderr


# --- what is looked at again before submission -----------------------------------------------------------

CHECKED = """
title: Checked
sections:
  career: {items: {years: {type: number, ask: Years of practice, range: [0, 70]}}}
  abroad:
    items:
      away:
        type: number
        ask: Years abroad
        range: [0, 70]
        check: {that: away <= years, say: You cannot have been away for longer than you practised.}
      rest:
        type: number
        ask: Years of rest
        range: [0, 70]
        check: {that: rest <= years - away, say: Is that right?, soft: true}
  last: {items: {words: {type: text, ask: Words}}}
"""


async def test_a_check_made_false_by_a_later_change_leads_back_to_its_page(tmp_path: Path) -> None:
    async with service(tmp_path, CHECKED, "checked") as app, Respondent(app) as browser:
        await browser.fill(await browser.begin("checked"), years="20")
        await browser.fill("/s/checked/abroad", away="10", rest="2")
        await browser.fill("/s/checked/last", words="x")
        assert (await browser.get("/s/checked/submit")).status_code == 200
        await browser.fill("/s/checked/career", years="5")
        form = {"token": browser.cookies["opinion_checked"]}
        assert (await browser.post("/s/checked/submit", data=form)).headers["location"] == "/s/checked/abroad"
        assert (await browser.get("/s/checked/submit")).headers["location"] == "/s/checked/abroad"
        page = (await browser.get("/s/checked/abroad")).text
        assert "You cannot have been away" in page and 'value="10"' in page and 'role="alert"' in page
        assert (await app.storage.counts("checked")) == {"open": 1}
        assert await location(browser, "/s/checked/abroad", away="3", rest="2") == "/s/checked/last"
        assert await location(browser, "/s/checked/submit") == "/s/checked/done"


async def test_a_soft_check_is_asked_again_only_where_it_was_never_confirmed(tmp_path: Path) -> None:
    async with service(tmp_path, CHECKED, "checked") as app, Respondent(app) as browser:
        await browser.fill(await browser.begin("checked"), years="20")
        await browser.fill("/s/checked/abroad", away="10", rest="2")
        await browser.fill("/s/checked/last", words="x")
        await browser.fill("/s/checked/career", years="11")  # now two years of rest are one too many
        assert (await browser.get("/s/checked/submit")).headers["location"] == "/s/checked/abroad"
        assert "Is this right?" in (await browser.get("/s/checked/abroad")).text
        assert await location(browser, "/s/checked/abroad", away="10", rest="2", confirmed="rest:0") == "/s/checked/last"
        assert (await browser.get("/s/checked/submit")).status_code == 200
        assert "Is this right?" not in (await browser.get("/s/checked/abroad")).text
        assert await location(browser, "/s/checked/submit") == "/s/checked/done"
        (change,) = await app.storage.changes("checked", 0, 10)
        assert change.answers == '{"years":11,"away":10,"rest":2,"words":"x"}'


async def test_a_check_that_another_tab_breaks_while_submitting_is_seen(tmp_path: Path) -> None:
    async with service(tmp_path, CHECKED, "checked") as app, Respondent(app) as browser:
        await browser.fill(await browser.begin("checked"), years="20")
        await browser.fill("/s/checked/abroad", away="10", rest="2")
        await browser.fill("/s/checked/last", words="x")
        (change,) = await app.storage.changes("checked", 0, 10)
        stale = await app.storage.load(change.id)
        await app.storage.change(change.id, lambda row: row.answers | {"years": 5})
        app.storage.rows[change.id] = stale  # as this request saw it
        form = {"token": browser.cookies["opinion_checked"]}
        assert (await browser.post("/s/checked/submit", data=form)).headers["location"] == "/s/checked/submit"
        assert (await app.storage.counts("checked")) == {"open": 1}


def test_an_empty_confirmation_lets_no_hard_check_pass(tmp_path: Path) -> None:
    instrument, _ = read_survey(CHECKED.encode(), "checked")
    form = {"shown": ["away", "rest"], "asked": ["rest"], "away": ["9"], "confirmed": ["", "away:0"]}
    assert read_section(instrument.section["abroad"], form, {"years": 5}).problems
