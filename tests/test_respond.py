"""A respondent's journey over HTTP, and everything that can go wrong on the way."""

from __future__ import annotations

import asyncio
import datetime
import re
from pathlib import Path

import pytest

from tests.support.respondent import SURVEY, Respondent, form_of, hidden, service


async def test_a_respondent_is_led_from_the_way_in_to_the_receipt(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        assert 'href="/s/leaving"' in (await browser.get("/")).text
        way_in = await browser.get("/s/leaving")
        assert "<strong>voluntary</strong>" in way_in.text and "set-cookie" not in way_in.headers
        address = await browser.begin()
        assert address == "/s/leaving/now"
        sent = await browser.fill(address, status="left")
        assert sent.headers["location"] == "/s/leaving/now#i-years"  # revealed, without JavaScript
        sent = await browser.fill(address, status="left", years="12")
        assert sent.headers["location"] == "/s/leaving/why"
        assert "Why, after <bdi>12</bdi> years?" in (await browser.get("/s/leaving/why")).text
        sent = await browser.fill("/s/leaving/why", reasons=["health", "visa"])
        assert sent.headers["location"] == "/s/leaving/last"
        sent = await browser.fill("/s/leaving/last", words="relief")
        assert sent.headers["location"] == "/s/leaving/submit"
        sent = await browser.fill("/s/leaving/submit")
        assert sent.headers["location"] == "/s/leaving/done"
        done = await browser.get("/s/leaving/done")
        assert re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", done.text)
        (change,) = await app.storage.changes("leaving", 0, 10)
        assert change.disposition == "complete"
        assert change.answers == '{"status":"left","years":12,"reasons":["health","visa"],"words":"relief"}'


async def test_faults_come_back_on_the_same_page_with_everything_typed(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        await browser.fill(address, status="left")
        again = await browser.fill(address, status="left", years="a <dozen>")
        assert again.status_code == 422
        assert "<title>Error:" in again.text
        assert 'value="a &lt;dozen&gt;"' in again.text
        assert "Enter a whole number from 0 to 70." in again.text
        assert 'href="#q-years"' in again.text
        assert re.search(r'value="left"[^>]* checked', again.text)
        (change,) = await app.storage.changes("leaving", 0, 10)
        assert change.answers == '{"status":"left"}'


async def test_a_required_item_is_asked_for_and_an_optional_one_only_once(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        assert (await browser.fill(address)).status_code == 422
        await browser.fill(address, status="practising")
        kindly = await browser.fill("/s/leaving/last")
        assert kindly.status_code == 422 and "<title>Error:" not in kindly.text
        accepted = await browser.post("/s/leaving/last", data=form_of(kindly.text))
        assert accepted.headers["location"] == "/s/leaving/submit"
        (change,) = await app.storage.changes("leaving", 0, 10)
        assert '"words":{"missing":"skipped"}' in change.answers
        assert (await browser.fill("/s/leaving/last")).status_code == 303  # it has been asked about before


SAYING = """
title: Saying
sections:
  now:
    items:
      m: {type: multiple_choice, ask: Why?, options: {pay: Pay, other: {label: Other, please_say: true}}}
      none: {type: text, ask: Nothing at all?, show_if: count(m) == 0}
      born: {type: number, ask: Year?, range: [1900, 2020], required: true}
"""


async def test_words_beside_an_unticked_option_survive_a_fault_and_are_not_stored(tmp_path: Path) -> None:
    async with service(tmp_path, SAYING) as running, Respondent(running) as browser:
        address = await browser.begin()
        sent = await browser.fill(address, **{"m": "pay", "m.other": "the rota", "born": "x"})
        assert sent.status_code == 422 and 'value="the rota"' in sent.text
        sent = await browser.post(address, data=form_of(sent.text) | {"m": "pay", "m.other": "the rota", "born": "1970"})
        assert sent.status_code == 303
        (change,) = await running.storage.changes("leaving", 0, 10)
        row = await running.storage.load_stored(change.id)
        assert row is not None and row.answers == {"m": ["pay"], "born": 1970}


async def test_what_an_empty_choice_leads_to_comes_with_the_reminder(tmp_path: Path) -> None:
    async with service(tmp_path, SAYING) as running, Respondent(running) as browser:
        address = await browser.begin()
        page = await browser.get(address)
        assert 'id="i-none"' in page.text and "none" not in form_of(page.text)["shown"]
        sent = await browser.fill(address, born="1970")
        assert sent.status_code == 422 and "none" in form_of(sent.text)["shown"]
        sent = await browser.post(address, data=form_of(sent.text) | {"born": "1970", "none": "Nothing"})
        assert sent.status_code == 303


async def test_answers_that_fall_off_the_path_are_kept_until_submission_and_dropped_then(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        await browser.fill(address, status="left")
        await browser.fill(address, status="left", years="12")
        await browser.fill("/s/leaving/why", reasons=["health"])
        await browser.fill(address, status="practising")
        (change,) = await app.storage.changes("leaving", 0, 10)
        assert '"reasons":["health"]' in change.answers
        await browser.fill("/s/leaving/last", words="x")
        await browser.fill("/s/leaving/submit")
        (change,) = await app.storage.changes("leaving", 0, 10)
        assert change.answers == '{"status":"practising","words":"x"}'


async def test_submitting_twice_counts_once(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        await browser.fill(address, status="practising")
        await browser.fill("/s/leaving/last", words="x")
        form = form_of((await browser.get("/s/leaving/submit")).text)
        both = await asyncio.gather(*(browser.post("/s/leaving/submit", data=form) for _ in range(5)))
        assert {sent.headers["location"] for sent in both} == {"/s/leaving/done"}
        (change,) = await app.storage.changes("leaving", 0, 10)
        late = await browser.post("/s/leaving/last", data=form | {"version": "x", "shown": "words", "words": "changed"})
        assert late.headers["location"] == "/s/leaving/done"
        assert await app.storage.changes("leaving", change.seq, 10) == []


async def test_beginning_twice_with_one_form_is_one_response(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        form = {"token": hidden((await browser.get("/s/leaving")).text, "token")}
        await asyncio.gather(*(browser.post("/s/leaving", data=form) for _ in range(5)))
        assert await app.storage.counts("leaving") == {"open": 1}


async def test_looking_changes_nothing(tmp_path: Path) -> None:
    """A mail scanner may follow every link, with or without the respondent's cookie."""

    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        await browser.fill(address, status="left")
        before = await app.storage.changes("leaving", 0, 10)
        for path in ("/", "/s/leaving", "/s/leaving/now", "/s/leaving/why", "/s/leaving/submit", "/s/leaving/done", "/withdraw"):
            await browser.get(path)
            await browser.head(path)
        assert await app.storage.changes("leaving", 0, 10) == before


async def test_one_resumes_where_one_was_and_cannot_run_ahead(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        assert (await browser.get("/s/leaving/last")).headers["location"] == address
        assert (await browser.get("/s/leaving/submit")).headers["location"] == address
        await browser.fill(address, status="practising")
        assert 'href="/s/leaving/last"' in (await browser.get("/s/leaving")).text
        assert (await browser.get("/s/leaving/why")).headers["location"] == "/s/leaving/last"  # not on the path


async def test_a_new_version_does_not_disturb_those_who_have_begun(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as early, Respondent(app) as late:
        address = await early.begin()
        (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY.replace("In practice", "Practising now"))
        await app.surveys.load()
        assert "In practice" in (await early.get(address)).text
        assert (await early.fill(address, status="practising")).status_code == 303
        assert "Practising now" in (await late.get(await late.begin())).text
        first, second = await app.storage.changes("leaving", 0, 10)
        assert first.instrument != second.instrument


async def test_a_broken_file_leaves_the_last_good_version_up_even_after_a_restart(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        (tmp_path / "surveys" / "leaving.yaml").write_text("title: [")
        await app.surveys.load()
        assert (await browser.get("/s/leaving")).status_code == 200
        assert app.surveys.faults["leaving"][0].code == "yaml"
    async with service(tmp_path, "title: [") as app, Respondent(app) as browser:
        assert await browser.begin() == "/s/leaving/now"


async def test_an_edited_file_is_taken_up_while_serving(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        await asyncio.sleep(0.3)  # until the watching has begun
        (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY.replace("title: Leaving", "title: Moving on"))
        for _ in range(50):
            if "Moving on" in (await browser.get("/")).text:
                break
            await asyncio.sleep(0.1)
        assert "Moving on" in (await browser.get("/s/leaving")).text


async def test_a_respondent_can_withdraw_with_the_receipt_alone(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser, Respondent(app) as elsewhere:
        await browser.complete()
        code = re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", (await browser.get("/s/leaving/done")).text)
        assert code
        wrong = await elsewhere.post("/withdraw", data={"receipt": "ABCD-<b>"})
        assert wrong.status_code == 422 and "ABCD-&lt;b&gt;" in wrong.text
        gone = await elsewhere.post("/withdraw", data={"receipt": f" {code[0].lower().replace('-', ' ')} "})
        assert gone.status_code == 200
        (change,) = await app.storage.changes("leaving", 0, 10)
        assert (change.disposition, change.answers) == ("withdrawn", "{}")
        assert (await browser.get("/s/leaving/done")).headers["location"] == "/s/leaving"


async def test_a_survey_opens_and_closes_on_its_days(tmp_path: Path) -> None:
    today = datetime.datetime(2026, 12, 1, 12, tzinfo=datetime.UTC)
    text = "opens: 2026-12-02\ncloses: 2026-12-03" + SURVEY
    async with service(tmp_path, text, now=lambda: today) as app, Respondent(app) as browser, Respondent(app) as late:
        token = {"token": hidden((await service_page(tmp_path, today)), "token")}
        assert "leaving" not in (await browser.get("/")).text.split("<main")[1]
        assert (await browser.post("/s/leaving", data=token)).headers.get("location", "") != "/s/leaving/now"
        today += datetime.timedelta(days=2)
        address = await browser.begin()
        late_form = {"token": hidden((await late.get("/s/leaving")).text, "token")}
        today += datetime.timedelta(days=1)
        assert (await late.post("/s/leaving", data=late_form)).headers["location"] == "/s/leaving"
        assert (await browser.fill(address, status="practising")).status_code == 303  # a day's grace
        today += datetime.timedelta(days=1)
        assert (await browser.fill("/s/leaving/last", words="x")).status_code == 410


async def service_page(folder: Path, today: datetime.datetime) -> str:
    """A form of another service altogether."""
    other = folder / "other"
    other.mkdir()
    async with service(other, now=lambda: today) as app, Respondent(app) as browser:
        return (await browser.get("/s/leaving")).text


OTHER = "title: Other\nsections: {only: {items: {x: {type: text, ask: Say}}}}"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status": "unknown"}, 422),
        ({"status": ["left", "practising"]}, 422),
        ({"status": "~declined"}, 422),
        ({"token": "forged"}, 403),
        ({"token": ""}, 403),
        ({"token": None}, 403),
        ({"version": "000000000000"}, 409),
        ({"version": None}, 409),
        ({"shown": None}, 303),  # nothing was displayed, so nothing is taken
        ({"years": "12"}, 422),  # not displayed; and the required item has no answer
    ],
)
async def test_a_broken_form_is_answered_plainly_and_changes_nothing(tmp_path: Path, change: dict, status: int) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        form = form_of((await browser.get(address)).text) | change
        sent = await browser.post(address, data={name: value for name, value in form.items() if value is not None})
        assert sent.status_code == status
        (row,) = await app.storage.changes("leaving", 0, 10)
        assert row.answers == "{}"


async def test_a_form_of_another_survey_is_refused(tmp_path: Path) -> None:
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "other.yaml").write_text(OTHER)
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        form = form_of((await browser.get(address)).text)
        assert (await browser.post("/s/other/only", data=form | {"x": "hello"})).status_code == 403
        assert await app.storage.counts("other") == {}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"token=%FF%FE", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 6000, "application/x-www-form-urlencoded", 400),
        (b"x" * 10_000_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
        (b"--x", "multipart/form-data; boundary=x", 415),
        (b"", "application/x-www-form-urlencoded", 403),
    ],
)
async def test_a_body_that_is_no_form_is_refused_with_a_page(tmp_path: Path, body: bytes, kind: str, status: int) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        for address in ("/s/leaving", "/s/leaving/now", "/s/leaving/submit"):
            sent = await browser.post(address, content=body, headers={"content-type": kind})
            assert (sent.status_code, sent.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert await app.storage.counts("leaving") == {}


async def test_a_page_sent_from_another_site_is_refused(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        form = form_of((await browser.get(address)).text) | {"status": "left"}
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
            assert (await browser.post(address, data=form, headers=headers)).status_code == 403
        assert (await browser.post(address, data=form, headers={"origin": "http://localhost"})).status_code == 303


async def test_a_form_is_taken_when_its_cookie_is_lost_and_the_cookie_comes_back(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        form = form_of((await browser.get(address)).text) | {"status": "practising"}
        browser.cookies.clear()
        sent = await browser.post(address, data=form)
        assert sent.headers["location"] == "/s/leaving/last" and "opinion_leaving=" in sent.headers["set-cookie"]
        assert (await browser.get("/s/leaving/last")).status_code == 200


async def test_two_tabs_lose_nothing(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        await browser.fill(address, status="left")
        await browser.fill(address, status="left", years="3")
        await browser.fill("/s/leaving/why", reasons=["health"])
        one, two = form_of((await browser.get(address)).text), form_of((await browser.get("/s/leaving/why")).text)
        await asyncio.gather(
            browser.post(address, data=one | {"status": "left", "years": "4"}),
            browser.post("/s/leaving/why", data=two | {"reasons": ["visa"]}),
        )
        (change,) = await app.storage.changes("leaving", 0, 10)
        assert '"years":4' in change.answers and '"reasons":["visa"]' in change.answers


async def test_what_is_typed_is_kept_and_shown_as_it_was_never_run(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        await browser.fill(await browser.begin(), status="practising")
        said = '<script>alert(1)</script> {{7*7}} {years} =1+1 👩🏽‍⚕️ مرحبا "quoted" & \u202eturned'
        await browser.fill("/s/leaving/last", words=said)
        page = (await browser.get("/s/leaving/last")).text
        assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in page
        (change,) = await app.storage.changes("leaving", 0, 10)
        assert said in change.answers.encode().decode("utf-8").replace('\\"', '"')


async def test_a_one_page_survey_is_submitted_by_its_page(tmp_path: Path) -> None:
    async with service(tmp_path, OTHER, "poll") as app, Respondent(app) as browser:
        address = await browser.begin("poll")
        assert (await browser.fill(address, x="yes")).headers["location"] == "/s/poll/done"
        assert await app.storage.counts("poll") == {"complete": 1}


async def test_no_address_unknown_to_the_service_is_more_than_not_found(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        await browser.begin()
        for path in ("/s/nothing", "/s/leaving/nothing", "/s/nothing/now", "/s/leaving/now/more", "/%00", "/s/%F0%28%8C%28", "/results/leaving"):
            assert (await browser.get(path)).status_code == 404, path
            assert "<h1>" in (await browser.get(path)).text


async def test_public_figures_are_there_after_a_restart_without_a_further_answer(tmp_path: Path) -> None:
    public = "results: {show_to: everyone, floor: 3}\n" + OTHER.replace("type: text, ask: Say", "type: rating, ask: Say, scale: {1: No, 2: Yes}")

    async with service(tmp_path, public, "poll") as app:
        for said in "1212":
            async with Respondent(app) as browser:
                await browser.fill(await browser.begin("poll"), x=said)
    async with service(tmp_path, public, "poll") as app, Respondent(app) as browser:
        assert "4 answered" in (await browser.get("/results/poll")).text


async def test_an_edit_that_breaks_comparability_is_said_as_it_is_taken_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with service(tmp_path) as app:
        (tmp_path / "surveys" / "leaving.yaml").write_text(SURVEY.replace("How many years?", "How many months?"))
        await app.surveys.load()
    assert 'leaving: breaks: years: the wording was "How many years?"' in caplog.text


async def test_an_address_is_never_repeated_in_a_header(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        for page in ("submit", "done", "now"):
            for name in ("x%0d%0aSet-Cookie:%20a=b", "nothing", "%2F%2Fevil.example"):
                sent = await browser.get(f"/s/{name}/{page}")
                assert (sent.status_code, sent.headers.get("location")) == (404, None), (name, page)


async def test_a_page_that_another_tab_has_overtaken_is_read_anew(tmp_path: Path) -> None:
    """While this page is on its way, another tab's answer puts a required item on its path."""
    text = """
title: Two tabs
sections:
  one: {items: {a: {type: single_choice, ask: A, options: {x: X, y: Y}}}}
  two:
    items:
      b: {type: text, ask: B}
      c: {type: text, ask: C, required: true, show_if: a == "y"}
"""

    async with service(tmp_path, text, "tabs") as app, Respondent(app) as browser:
        await browser.fill(await browser.begin("tabs"), a="x")
        form = form_of((await browser.get("/s/tabs/two")).text) | {"shown": ["b", "c"], "b": "said", "c": ""}
        (change,) = await app.storage.changes("tabs", 0, 10)
        stale = await app.storage.load(change.id)
        await app.storage.change(change.id, lambda row: row.answers | {"a": "y"})
        newest, app.storage.rows[change.id] = app.storage.rows[change.id], stale  # as this request saw it
        assert newest.answers["a"] == "y"
        sent = await browser.post("/s/tabs/two", data=form)
        assert sent.status_code == 422 and 'value="said"' in sent.text and "Write an answer." in sent.text
        (change,) = await app.storage.changes("tabs", 0, 10)
        assert change.answers == '{"a":"y"}'


async def test_on_a_shared_device_the_next_person_sees_nothing_of_the_last(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        await browser.complete()
        done = await browser.get("/s/leaving/done")
        code = re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", done.text)
        assert code and 'action="/s/leaving/forget"' in done.text
        browser.cookies.delete("opinion-receipt_leaving")  # as an hour later
        assert code[0] not in (await browser.get("/s/leaving/done")).text
        assert 'action="/s/leaving/forget"' in (await browser.get("/s/leaving")).text
        forgotten = await browser.post("/s/leaving/forget")
        assert forgotten.headers["location"] == "/s/leaving" and not browser.cookies
        assert (await browser.get("/s/leaving/done")).headers["location"] == "/s/leaving"
        await browser.complete()
        assert await app.storage.counts("leaving") == {"complete": 2}


async def test_a_browser_without_cookies_is_told_why_it_cannot_go_on(tmp_path: Path) -> None:
    async with service(tmp_path) as app, Respondent(app) as browser:
        address = await browser.begin()
        browser.cookies.clear()
        back = await browser.get(address)
        assert back.headers["location"] == "/s/leaving?lost"
        assert "allow cookies for this site" in (await browser.get("/s/leaving?lost")).text
        assert "allow cookies for this site" not in (await browser.get("/s/leaving")).text
