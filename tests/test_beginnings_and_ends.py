"""How a response begins (draws, language) and where it may end early (screen-outs, full quotas), over HTTP."""

from __future__ import annotations

import asyncio
import collections
import datetime
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.responses.errors import Busy
from app.responses.rows import Row
from app.server.wiring import create_app
from app.settings import Settings
from tests.support.respondent import Respondent, form_of, hidden, service
from tests.support.waiting import expect_soon

DRAWN = """
title: Arms
arms: {cause: {burnout: {label: Burnout, weight: 2}, family: Family}}
sections:
  one:
    shuffle: true
    items:
      a: {type: text, ask: "Doctors who leave for {cause}"}
      b: {type: text, ask: Anything else}
"""

ENDS = """
title: Ends
results: {show_to: respondents, floor: 3, release_every: 3}
thanks: Thank you so much.
screen_out:
  outsiders: {when: status == "outside", text: "This one is for *doctors*, {name}."}
  silent: {when: status == "silent"}
quotas:
  surgeons: {when: specialty == "surgical", most: 1, text: We have heard enough surgeons.}
sections:
  who:
    items:
      name: {type: text, ask: Name}
      status:
        type: single_choice
        ask: Status
        required: true
        options: {inside: Inside, outside: Outside, silent: Silent}
  work:
    items:
      specialty: {type: single_choice, ask: Specialty, required: true, options: {surgical: Surgical, other: Other}}
  last:
    items:
      words: {type: text, ask: Words}
"""


async def stored(app, survey: str) -> list[Row]:
    rows = [await app.storage.load_stored(change.id) for change in await app.storage.changes(survey, 0, 1000)]
    assert all(row is not None for row in rows)
    return rows


async def to_work(browser: Respondent, status: str = "inside") -> str:
    """Begins and fills in the first page; where that leads."""
    await browser.begin("ends")
    return (await browser.fill("/s/ends/who", name="Ada", status=status)).headers["location"]


# --- draws -----------------------------------------------------------------------------------------------


async def test_what_is_drawn_is_kept_with_the_response_and_shown(tmp_path: Path) -> None:
    async with service(tmp_path, DRAWN, "arms") as app, Respondent(app) as browser:
        address = await browser.begin("arms")
        (row,) = await stored(app, "arms")
        assert set(row.answers) == {"cause", "section.one~order"}
        label = {"burnout": "Burnout", "family": "Family"}[row.answers["cause"]]
        page = (await browser.get(address)).text
        assert f"Doctors who leave for <bdi>{label}</bdi>" in page
        first, second = row.answers["section.one~order"]
        assert page.index(f'id="i-{first}"') < page.index(f'id="i-{second}"')
        await browser.fill(address, a="x", b="y")
        (after,) = await stored(app, "arms")
        assert after.answers == row.answers | {"a": "x", "b": "y"}


async def test_arms_are_balanced_over_all_who_begin_at_once(tmp_path: Path) -> None:
    async with service(tmp_path, DRAWN, "arms") as app:
        browsers = [Respondent(app) for _ in range(30)]
        await asyncio.gather(*(browser.begin("arms") for browser in browsers))
        arms = collections.Counter(row.answers["cause"] for row in await stored(app, "arms"))
        assert arms == {"burnout": 20, "family": 10}


async def test_a_double_click_on_begin_draws_once(tmp_path: Path) -> None:
    async with service(tmp_path, DRAWN, "arms") as app, Respondent(app) as browser:
        form = {"token": hidden((await browser.get("/s/arms")).text, "token")}
        await asyncio.gather(*(browser.post("/s/arms", data=form) for _ in range(5)))
        await browser.post("/s/arms", data=form)
        (row,) = await stored(app, "arms")
        others = [Respondent(app) for _ in range(2)]
        for other in others:
            await other.begin("arms")
        arms = collections.Counter(row.answers["cause"] for row in await stored(app, "arms"))
        assert arms == {"burnout": 2, "family": 1}  # a whole block: no place was lost
        assert row in await stored(app, "arms")


async def test_two_servers_draw_differently(tmp_path: Path) -> None:
    """The seed is each server's secret: who knows the survey's file cannot tell who gets which arm."""

    async def arms_of(folder: Path) -> list[str]:
        folder.mkdir()
        async with service(folder, DRAWN, "arms") as app:
            found = []
            for _ in range(30):
                browser = Respondent(app)
                await browser.begin("arms")
            found = [row.answers["cause"] for row in await stored(app, "arms")]
        return found

    assert await arms_of(tmp_path / "a") != await arms_of(tmp_path / "b")


# --- screening out ---------------------------------------------------------------------------------------


async def test_one_who_is_screened_out_reads_why_and_can_finish(tmp_path: Path) -> None:
    async with service(tmp_path, ENDS, "ends") as app, Respondent(app) as browser:
        assert await to_work(browser, "outside") == "/s/ends/submit"
        end = (await browser.get("/s/ends/submit")).text
        assert "This one is for <em>doctors</em>, Ada." in end
        assert 'href="/s/ends/who"' in end and "Check and submit" not in end
        done = await browser.fill("/s/ends/submit")
        assert done.headers["location"] == "/s/ends/done"
        page = (await browser.get("/s/ends/done")).text
        assert "This one is for <em>doctors</em>" in page and "Thank you so much" not in page
        assert 'href="/results/ends"' not in page  # for respondents only, and this one has not answered
        assert re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", page)
        (row,) = await stored(app, "ends")
        assert (row.disposition, row.answers) == ("screened_out", {"name": "Ada", "status": "outside"})
        assert row.completed is not None and row.minutes == 0


async def test_who_is_screened_out_can_withdraw_with_the_receipt(tmp_path: Path) -> None:
    async with service(tmp_path, ENDS, "ends") as app, Respondent(app) as browser:
        await to_work(browser, "silent")
        await browser.fill("/s/ends/submit")
        page = (await browser.get("/s/ends/done")).text
        assert "meant for others" in page  # the survey says nothing of its own
        code = re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", page)[0]
        assert "withdrawn" in (await browser.post("/withdraw", data={"receipt": code})).text
        assert await app.storage.counts("ends") == {"withdrawn": 1}


async def test_a_wrong_click_that_screens_out_can_be_mended(tmp_path: Path) -> None:
    async with service(tmp_path, ENDS, "ends") as app, Respondent(app) as browser:
        await to_work(browser, "outside")
        sent = await browser.fill("/s/ends/who", name="Ada", status="inside")
        assert sent.headers["location"] == "/s/ends/work"
        await browser.fill("/s/ends/work", specialty="other")
        assert (await browser.fill("/s/ends/last", words="x")).headers["location"] == "/s/ends/submit"
        assert "Check and submit" in (await browser.get("/s/ends/submit")).text
        await browser.fill("/s/ends/submit")
        assert await app.storage.counts("ends") == {"complete": 1}


async def test_pages_after_a_screen_out_do_not_open_and_it_is_finished_once(tmp_path: Path) -> None:
    async with service(tmp_path, ENDS, "ends") as app, Respondent(app) as browser:
        await to_work(browser, "outside")
        assert (await browser.get("/s/ends/work")).headers["location"] == "/s/ends/submit"
        form = form_of((await browser.get("/s/ends/submit")).text)
        page = form | {"version": hidden((await browser.get("/s/ends/who")).text, "version")}
        stray = await browser.post(
            "/s/ends/work", data=page | {"shown": "specialty", "specialty": "other"}
        )
        assert stray.headers["location"] == "/s/ends/submit"
        sent = await asyncio.gather(*(browser.post("/s/ends/submit", data=form) for _ in range(4)))
        assert {answer.headers["location"] for answer in sent} == {"/s/ends/done"}
        late = await browser.post("/s/ends/who", data=page | {"shown": "status", "status": "inside"})
        assert late.headers["location"] == "/s/ends/done"
        (row,) = await stored(app, "ends")
        assert row.disposition == "screened_out"
        assert (await browser.get("/s/ends")).status_code == 200
        assert (await browser.get("/s/ends/who")).headers["location"] == "/s/ends/done"


async def test_a_finish_button_submits_nothing_after_the_answer_was_changed_elsewhere(
    tmp_path: Path,
) -> None:
    async with service(tmp_path, ENDS, "ends") as app, Respondent(app) as browser:
        await to_work(browser, "outside")
        form = form_of((await browser.get("/s/ends/submit")).text)
        await browser.fill("/s/ends/who", name="Ada", status="inside")
        assert (await browser.post("/s/ends/submit", data=form)).headers["location"] == "/s/ends/work"
        assert await app.storage.counts("ends") == {"open": 1}


# --- quotas ----------------------------------------------------------------------------------------------


async def to_the_end(app, specialty: str) -> Respondent:
    """Somebody answers everything but does not submit yet."""
    browser = Respondent(app)
    await to_work(browser)
    if (await browser.fill("/s/ends/work", specialty=specialty)).headers["location"] == "/s/ends/last":
        await browser.fill("/s/ends/last", words="x")
    return browser


async def counted_surgeon(app) -> str:
    """A surgeon who submits; the receipt."""
    browser = await to_the_end(app, "surgical")
    assert (await browser.fill("/s/ends/submit")).headers["location"] == "/s/ends/done"
    return receipt_in((await browser.get("/s/ends/done")).text)


def receipt_in(page: str) -> str:
    found = re.search(r'id="receipt">([^<]*)<', page)
    assert found
    return found[1]


async def test_strangers_who_claim_to_be_surgeons_neither_fill_a_quota_nor_learn_of_it(tmp_path: Path) -> None:
    """Each sees the same pages, whatever others who have not submitted answered; then a real one is counted."""

    async with service(tmp_path, ENDS, "ends") as app:
        for _ in range(31):
            stranger = Respondent(app)
            await to_work(stranger)
            sent = await stranger.fill("/s/ends/work", specialty="surgical")
            assert sent.headers["location"] == "/s/ends/last"
        await counted_surgeon(app)
        assert await app.storage.counts("ends") == {"open": 31, "complete": 1}


async def test_who_comes_when_a_quota_is_full_reads_its_text(tmp_path: Path) -> None:
    async with service(tmp_path, ENDS, "ends") as app:
        await counted_surgeon(app)
        second = await to_the_end(app, "surgical")
        end = (await second.get("/s/ends/submit")).text
        assert "We have heard enough surgeons." in end and 'href="/s/ends/work"' in end
        assert (await second.get("/s/ends/last")).headers["location"] == "/s/ends/submit"
        assert (await second.fill("/s/ends/submit")).headers["location"] == "/s/ends/done"
        assert "We have heard enough surgeons." in (await second.get("/s/ends/done")).text
        rows = await stored(app, "ends")
        assert [row.disposition for row in rows] == ["complete", "screened_out"]
        assert rows[1].answers["~full"] == "surgeons" and "~full" not in rows[0].answers


async def test_who_was_under_way_when_a_quota_filled_reads_its_text_at_the_end(tmp_path: Path) -> None:
    """Nothing shows before; at submission the response is screened out, up to where the quota ends the path."""

    async with service(tmp_path, ENDS, "ends") as app:
        second = Respondent(app)
        await to_work(second)
        await second.fill("/s/ends/work", specialty="surgical")
        await counted_surgeon(app)
        assert (await second.fill("/s/ends/last", words="x")).headers["location"] == "/s/ends/submit"
        assert "heard enough" not in (await second.get("/s/ends/submit")).text
        assert (await second.fill("/s/ends/submit")).headers["location"] == "/s/ends/done"
        done = (await second.get("/s/ends/done")).text
        assert "We have heard enough surgeons." in done and receipt_in(done)
        row = (await stored(app, "ends"))[-1]
        assert (row.disposition, row.holds) == ("screened_out", None)
        assert row.answers == {"name": "Ada", "status": "inside", "specialty": "surgical", "~full": "surgeons"}


async def test_a_wrong_click_that_met_a_full_quota_can_be_mended(tmp_path: Path) -> None:
    async with service(tmp_path, ENDS, "ends") as app:
        await counted_surgeon(app)
        second = await to_the_end(app, "surgical")
        sent = await second.fill("/s/ends/work", specialty="other")
        assert sent.headers["location"] == "/s/ends/last"
        await second.fill("/s/ends/last", words="y")
        await second.fill("/s/ends/submit")
        assert await app.storage.counts("ends") == {"complete": 2}


async def test_a_survey_of_one_page_turns_away_who_comes_when_its_quota_is_full(tmp_path: Path) -> None:
    text = """
title: One page
quotas: {yes: {when: a == "y", most: 1, text: Enough of them.}}
sections: {only: {items: {a: {type: single_choice, ask: A, required: true, options: {y: Yes, n: No}}}}}
"""

    async with service(tmp_path, text, "short") as app:
        for disposition in ("complete", "screened_out"):
            browser = Respondent(app)
            await browser.begin("short")
            sent = await browser.fill("/s/short/only", a="y")
            if sent.headers["location"].endswith("/submit"):
                sent = await browser.fill("/s/short/submit")
            assert sent.headers["location"] == "/s/short/done"
            page = (await browser.get("/s/short/done")).text
            assert ("Enough of them." in page) == (disposition == "screened_out")
        assert await app.storage.counts("short") == {"complete": 1, "screened_out": 1}


async def test_of_many_who_submit_at_once_no_more_than_the_cap_are_counted(tmp_path: Path) -> None:
    text = ENDS.replace("most: 1", "most: 5")
    async with service(tmp_path, text, "ends") as app:
        browsers = await asyncio.gather(*(to_the_end(app, "surgical") for _ in range(20)))
        await asyncio.gather(*(browser.fill("/s/ends/submit") for browser in browsers))
        assert await app.storage.counts("ends") == {"complete": 5, "screened_out": 15}


async def test_the_place_of_one_who_withdrew_is_free_on_the_following_day(tmp_path: Path) -> None:
    day = [datetime.datetime(2026, 12, 1, 12)]

    async with service(tmp_path, ENDS, "ends", now=lambda: day[0]) as app:
        receipt = await counted_surgeon(app)
        day[0] += datetime.timedelta(days=1)
        assert (await Respondent(app).post("/withdraw", data={"receipt": receipt})).status_code == 200
        same_day = await to_the_end(app, "surgical")
        assert "heard enough" in (await same_day.get("/s/ends/submit")).text
        day[0] += datetime.timedelta(days=1)
        await counted_surgeon(app)
        assert await app.storage.counts("ends") == {"open": 1, "complete": 1, "withdrawn": 1}


async def test_nobody_can_name_a_full_quota_themselves(tmp_path: Path) -> None:
    async with service(tmp_path, ENDS, "ends") as app, Respondent(app) as browser:
        await to_work(browser)
        await browser.fill("/s/ends/work", **{"specialty": "surgical", "~full": "surgeons", "cause": "x"})
        (row,) = await stored(app, "ends")
        assert row.answers == {"name": "Ada", "status": "inside", "specialty": "surgical"}


# --- languages -------------------------------------------------------------------------------------------

ENGLISH = """
title: Leaving
languages: [en, de]
closes: 2099-12-31
sections:
  one:
    title: One
    items:
      status: {type: single_choice, ask: Status, options: {left: Left, other: {label: Other, please_say: true}}, required: true}
      why: {type: text, ask: Why did you leave?, show_if: status == "left"}
      years: {type: number, ask: Years, range: [0, 70], decimals: 1}
  two:
    items:
      words: {type: text, ask: Words}
"""
GERMAN = """
title: Ausstieg
sections:
  one:
    title: Eins
    items:
      status: {ask: Lage, options: {left: Ausgestiegen, other: Anderes}}
      why: {ask: Warum sind Sie gegangen?}
      years: {ask: Jahre}
  two:
    items:
      words: {ask: Worte}
"""


def bilingual(tmp_path: Path):
    (tmp_path / "surveys").mkdir(exist_ok=True)
    (tmp_path / "surveys" / "leaving.de.yaml").write_text(GERMAN)
    return service(tmp_path, ENGLISH)


async def test_the_browser_decides_on_the_language_at_first_and_it_is_kept(tmp_path: Path) -> None:
    async with bilingual(tmp_path) as app:
        for accepted, language in (
            ("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr, en;q=0.5", "en"), ("", "en"), ("de;q=0, *", "en"),
            ("\x80;;;q=x,,", "en"),
        ):  # fmt: skip
            browser = Respondent(app)
            browser.headers["accept-language"] = accepted.encode("latin-1").decode("latin-1")
            welcome = (await browser.get("/s/leaving")).text
            assert f'<html lang="{language}"' in welcome
            assert ("Ausstieg" in welcome) == (language == "de")
            address = await browser.begin()
            assert ("Lage" in (await browser.get(address)).text) == (language == "de")
        answers = [row.answers for row in await stored(app, "leaving")]
        assert [given["language"] for given in answers] == ["de", "en", "en", "en", "en"]


async def test_a_choice_on_the_way_in_goes_before_the_browsers(tmp_path: Path) -> None:
    async with bilingual(tmp_path) as app, Respondent(app) as browser:
        welcome = (await browser.get("/s/leaving?language=de")).text
        assert '<html lang="de"' in welcome and hidden(welcome, "language") == "de"
        form = {"token": hidden(welcome, "token"), "language": "de"}
        address = (await browser.post("/s/leaving", data=form)).headers["location"]
        assert "Lage" in (await browser.get(address)).text
        other = await browser.get("/s/leaving?language=klingon")
        assert '<html lang="de"' in other.text  # of the response under way


async def test_a_page_goes_on_in_another_language_with_all_that_was_typed(tmp_path: Path) -> None:
    async with bilingual(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        typed = {"status": "left", "why": "<b>because</b>", "years": "not a number", "language": "de"}
        form = form_of((await browser.get(address)).text)
        form["shown"] = ["status", "why", "years"]
        again = await browser.post(address, data=form | typed)
        assert again.status_code == 200 and '<html lang="de"' in again.text
        assert "Warum sind Sie gegangen?" in again.text and "&lt;b&gt;because" in again.text
        assert 'value="not a number"' in again.text and 'class="error"' not in again.text
        assert re.search(r'value="left"[^>]* checked', again.text)
        assert not re.search(r'id="i-why"[^>]* hidden', again.text)
        (row,) = await stored(app, "leaving")
        assert row.answers == {"language": "de"}
        assert "Lage" in (await browser.get(address)).text  # and it stays
        form = form_of(again.text) | {"status": "left", "why": "so", "years": "1,5"}
        assert (await browser.post(address, data=form)).headers["location"] == "/s/leaving/two"
        (row,) = await stored(app, "leaving")
        assert row.answers == {"language": "de", "status": "left", "why": "so", "years": 1.5}


async def test_a_language_that_cannot_be_kept_just_now_loses_nothing_that_was_typed(
    tmp_path: Path, monkeypatch
) -> None:
    async with bilingual(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        form = form_of((await browser.get(address)).text) | {
            "status": "left",
            "years": "12",
            "language": "de",
        }

        async def busy(*_: object, **__: object) -> None:
            raise Busy("2048 pages are waiting")

        monkeypatch.setattr(app.storage, "change", busy)
        sent = await browser.post(address, data=form)
        assert sent.status_code == 503 and "retry-after" in sent.headers
        assert 'value="12"' in sent.text and "could not be saved just now" in sent.text


async def test_the_end_and_the_receipt_are_in_the_language_of_the_response(tmp_path: Path) -> None:
    async with bilingual(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        await browser.fill(address, status="other", **{"status.other": "x"}, years="3")
        await browser.fill("/s/leaving/two", words="x")
        form = form_of((await browser.get("/s/leaving/submit")).text)
        sent = await browser.post("/s/leaving/submit", data=form | {"language": "de"})
        assert sent.headers["location"] == "/s/leaving/submit"
        end = (await browser.get("/s/leaving/submit")).text
        assert '<html lang="de"' in end and "Eins" in end
        await browser.post("/s/leaving/submit", data=form)
        done = (await browser.get("/s/leaving/done")).text
        assert '<html lang="de"' in done and "Ausstieg" in done
        (row,) = await stored(app, "leaving")
        assert row.disposition == "complete" and row.answers["language"] == "de"


async def test_a_language_that_the_survey_does_not_have_changes_nothing(tmp_path: Path) -> None:
    async with bilingual(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        for strange in ("tlh", "", "de\x00", "en"):
            form = form_of((await browser.get(address)).text) | {"language": strange}
            assert (await browser.post(address, data=form)).status_code == 422  # the page, as ever
        (row,) = await stored(app, "leaving")
        assert row.answers == {"language": "en"}


async def test_dates_on_the_way_in_are_in_the_words_of_the_language(tmp_path: Path) -> None:
    later = lambda: datetime.datetime(2100, 3, 1)  # noqa: E731
    async with bilingual(tmp_path) as app, Respondent(app) as browser:
        assert (
            "31 December 2099" in (await browser.get("/")).text
            or "31 December 2099" in (await browser.get("/")).text
        )
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "surveys").mkdir()
    (tmp_path / "later" / "surveys" / "leaving.de.yaml").write_text(GERMAN)
    async with service(tmp_path / "later", ENGLISH, now=later) as app, Respondent(app) as browser:
        assert "31. Dezember 2099" in (await browser.get("/s/leaving?language=de")).text
        assert json.dumps("2099-12-31") not in (await browser.get("/s/leaving?language=de")).text


def in_german(browser: Respondent, words: str) -> Callable[[], Awaitable[bool]]:
    """Whether the words are on the first page in German."""

    async def shown() -> bool:
        return words in (await browser.get("/s/leaving?language=de")).text

    return shown


async def test_a_changed_translation_is_taken_up_while_the_service_runs(tmp_path: Path) -> None:
    async with bilingual(tmp_path) as app, Respondent(app) as browser:
        file = tmp_path / "surveys" / "leaving.de.yaml"
        await asyncio.sleep(0.3)  # until the watching has begun
        file.write_text(GERMAN.replace("Ausstieg", "Abschied"))
        await expect_soon(in_german(browser, "Abschied"))
        file.write_text("title: [")
        await expect_soon(lambda: app.surveys.faults.get("leaving"))
        await expect_soon(in_german(browser, "Abschied"))  # the last good version stays up
        file.write_text(GERMAN)
        await expect_soon(in_german(browser, "Ausstieg"))
        assert not app.surveys.faults


async def test_a_survey_that_is_served_alone_has_its_translations_watched(tmp_path: Path) -> None:
    (tmp_path / "leaving.yaml").write_text(ENGLISH)
    (tmp_path / "leaving.de.yaml").write_text(GERMAN)
    url, file = f"sqlite:///{tmp_path / 'o.db'}", str(tmp_path / "leaving.yaml")
    async with create_app(Settings(database_url=url, surveys=file)) as app, Respondent(app) as browser:
        await expect_soon(in_german(browser, "Ausstieg"))
        await asyncio.sleep(0.3)
        (tmp_path / "leaving.de.yaml").write_text(GERMAN.replace("Ausstieg", "Abschied"))
        await expect_soon(in_german(browser, "Abschied"))


async def test_a_response_goes_on_in_its_language_with_the_version_it_began_with(tmp_path: Path) -> None:
    async with bilingual(tmp_path) as app, Respondent(app) as browser:
        browser.headers["accept-language"] = "de"
        address = await browser.begin()
        cookies = dict(browser.cookies)
        digest = app.surveys.served["leaving"].instrument.digest
    (tmp_path / "surveys" / "leaving.de.yaml").write_text(GERMAN.replace("Lage", "Stand"))
    async with service(tmp_path, ENGLISH) as app, Respondent(app) as browser:
        browser.cookies.update(cookies)
        page = (await browser.get(address)).text
        assert "Lage" in page and "Stand" not in page
        assert app.surveys.served["leaving"].instrument.digest != digest
        await browser.fill(address, status="other", **{"status.other": "x"}, years="3")
        (row,) = await stored(app, "leaving")
        assert row.instrument == digest and row.answers["years"] == 3
