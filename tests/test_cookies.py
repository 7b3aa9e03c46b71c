"""A respondent's cookies: nobody can plant one, none gives the receipt code away, and the hour of the receipt ends."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from app.interview import tokens
from app.server.wiring import Running, create_app
from app.settings import Settings
from tests.support.clock import Clock
from tests.support.respondent import CODE, SURVEY, Respondent, form_of, hidden


@asynccontextmanager
async def serving(folder: Path, clock: Clock, base_url: str = "https://opinion.example") -> AsyncIterator[Running]:
    surveys = folder / "surveys"
    surveys.mkdir(exist_ok=True)
    (surveys / "leaving.yaml").write_text(SURVEY)
    database = f"sqlite:///{folder / 'opinion.db'}"
    async with create_app(Settings(database_url=database, surveys=str(surveys), base_url=base_url), now=clock) as app:
        yield app


def over_https(app: Running) -> Respondent:
    browser = Respondent(app)
    browser.base_url = httpx.URL("https://opinion.example")
    return browser


async def cookies_set(browser: Respondent) -> list[str]:
    page = await browser.get("/s/leaving")
    sent = await browser.post("/s/leaving", data={"token": hidden(page.text, "token")})
    return sent.headers.get_list("set-cookie")


async def test_over_https_every_cookie_of_a_respondent_is_bound_to_this_host(tmp_path: Path) -> None:
    async with serving(tmp_path, Clock()) as app, over_https(app) as browser:
        done = await browser.complete()
        names = [cookie.name for cookie in browser.cookies.jar]
        assert sorted(names) == ["__Host-opinion-receipt_leaving", "__Host-opinion_leaving"]
        for sent in done.headers.get_list("set-cookie"):
            if "Max-Age=0" not in sent:
                assert sent.startswith("__Host-") and "Secure" in sent and "Path=/;" in sent and "Domain" not in sent
        assert CODE.search((await browser.get("/s/leaving/done")).text)


async def test_a_cookie_planted_under_the_plain_name_opens_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path, clock := Clock()) as app, over_https(app) as attacker, over_https(app) as victim:
        clock.forward(seconds=5)
        address = await attacker.begin()
        planted = attacker.cookies["__Host-opinion_leaving"]
        victim.cookies.set("opinion_leaving", planted, domain="opinion.example", path="/")
        assert "You have begun" not in (await victim.get("/s/leaving")).text
        assert (await victim.get(address)).headers["location"] == "/s/leaving?lost"
        await victim.begin()
        assert victim.cookies["__Host-opinion_leaving"] != planted


async def test_a_cookie_from_before_the_upgrade_is_taken_for_sixty_days_and_replaced(tmp_path: Path) -> None:
    clock = Clock()
    async with serving(tmp_path, clock, base_url="") as app, Respondent(app) as before:  # its names had no prefix
        await before.begin()
        plain = before.cookies["opinion_leaving"]
    clock.forward(days=1)
    async with serving(tmp_path, clock) as app, over_https(app) as browser, over_https(app) as late:
        for each in (browser, late):
            each.cookies.set("opinion_leaving", plain, domain="opinion.example", path="/")
        clock.forward(days=59)
        assert "You have begun" in (await browser.get("/s/leaving")).text
        await browser.fill("/s/leaving/now", status="practising")
        assert [(cookie.name, cookie.value) for cookie in browser.cookies.jar] == [("__Host-opinion_leaving", plain)]
        clock.forward(days=1)
        assert "You have begun" not in (await late.get("/s/leaving")).text
        assert "You have begun" in (await browser.get("/s/leaving")).text


async def test_the_hour_of_a_receipt_is_kept_by_the_server_and_for_its_response_only(tmp_path: Path) -> None:
    async with serving(tmp_path, clock := Clock(), base_url="") as app, Respondent(app) as browser, Respondent(app) as other:
        await browser.complete()
        signed = browser.cookies["opinion-receipt_leaving"]
        headers = {"cookie": f"opinion_leaving={browser.cookies['opinion_leaving']}; opinion-receipt_leaving="}

        async def shown(receipt: str, client: Respondent = browser) -> bool:
            client.cookies.clear()
            page = await client.get("/s/leaving/done", headers={"cookie": headers["cookie"] + receipt})
            return CODE.search(page.text) is not None

        clock.forward(minutes=59)
        assert await shown(signed)
        expires, _, signature = signed.partition(".")
        later = f"{int(expires) + 3600}.{signature}"
        for forged in ("1", "", later, f"{expires}.", f"{expires}.x", "99999999999.x"):
            assert not await shown(forged)
        clock.forward(minutes=1)
        assert not await shown(signed)  # though the browser still sends it
        clock.forward(minutes=-2)
        await other.complete()
        assert not await shown(other.cookies["opinion-receipt_leaving"])


async def test_nothing_that_a_device_holds_leads_to_the_receipt_code(tmp_path: Path) -> None:
    async with serving(tmp_path, Clock(), base_url="") as app, Respondent(app) as browser:
        await browser.complete()
        code = CODE.search((await browser.get("/s/leaving/done")).text)[0]
        held = " ".join(cookie.value for cookie in browser.cookies.jar)
        assert code not in held and code.replace("-", "") not in held
        secret = tokens.base64.urlsafe_b64decode(browser.cookies["opinion_leaving"] + "=")[:16]
        assert code != first_version_of_the_code(secret)
        assert (await browser.post("/withdraw", data={"receipt": code})).status_code == 200


def first_version_of_the_code(secret: bytes) -> str:
    """As it could once be derived by anybody who held the cookie."""
    number, letters = int.from_bytes(hashlib.sha256(b"receipt:" + secret).digest(), "big"), ""
    for _ in range(16):
        number, letter = divmod(number, len(tokens.ALPHABET))
        letters += tokens.ALPHABET[letter]
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


async def test_a_survey_called_like_anothers_receipt_has_a_cookie_of_its_own(tmp_path: Path) -> None:
    clock = Clock()
    async with serving(tmp_path, clock, base_url="") as app, Respondent(app) as browser:
        (tmp_path / "surveys" / "leaving_receipt.yaml").write_text(SURVEY)
        await app.surveys.load()
        await browser.begin("leaving_receipt")
        await browser.complete()
        assert "You have begun" in (await browser.get("/s/leaving_receipt")).text


# --- who begins, and since when --------------------------------------------------------------------------


async def test_minutes_count_from_begin_and_not_from_opening_the_way_in(tmp_path: Path) -> None:
    async with serving(tmp_path, clock := Clock(), base_url="") as app, Respondent(app) as browser:
        form = {"token": hidden((await browser.get("/s/leaving")).text, "token")}
        clock.forward(hours=5)  # the way in stays open in a tab
        await asyncio.gather(*(browser.post("/s/leaving", data=form) for _ in range(2)))
        clock.forward(minutes=4)
        await browser.fill("/s/leaving/now", status="practising")
        clock.forward(minutes=3)
        await browser.fill("/s/leaving/last", words="relief")
        await browser.fill("/s/leaving/submit")
        (change,) = await app.storage.changes("leaving", 0, 10)
        assert (change.disposition, change.minutes) == ("complete", 7)


async def test_a_second_begin_in_one_browser_goes_on_with_the_open_response(tmp_path: Path) -> None:
    async with serving(tmp_path, Clock(), base_url="") as app, Respondent(app) as browser:
        second_tab = form_of((await browser.get("/s/leaving")).text)
        await browser.fill(await browser.begin(), status="practising")
        sent = await browser.post("/s/leaving", data=second_tab)
        assert sent.headers["location"] == "/s/leaving/last"
        assert await app.storage.counts("leaving") == {"open": 1}


@pytest.mark.parametrize(("base_url", "cleared"), [("https://opinion.example", True), ("", False)])
async def test_someone_else_on_a_device_finds_no_stored_page_nor_receipt(tmp_path: Path, base_url: str, cleared: bool) -> None:
    visiting = over_https if cleared else Respondent
    async with serving(tmp_path, Clock(), base_url) as app, visiting(app) as browser:
        await browser.begin()
        form = form_of((await browser.get("/s/leaving")).text) | {"anew": "yes"}
        for sent in [await browser.post("/s/leaving", data=form) for _ in range(2)]:  # a double click
            assert sent.headers["location"] == "/s/leaving/now"
            assert (sent.headers.get("clear-site-data") == '"cache"') is cleared
            assert any("opinion-receipt_leaving=;" in each for each in sent.headers.get_list("set-cookie"))
        assert await app.storage.counts("leaving") == {"open": 2}


async def test_after_submission_someone_else_on_the_device_can_answer(tmp_path: Path) -> None:
    async with serving(tmp_path, Clock(), base_url="") as app, Respondent(app) as browser:
        second_tab = form_of((await browser.get("/s/leaving")).text)
        await browser.complete()
        again = await browser.post("/s/leaving", data=second_tab)
        assert again.headers["location"] == "/s/leaving"
        way_in = (await browser.get("/s/leaving")).text
        assert "Someone else on this device" in way_in and 'href="?anew=yes"' in way_in
        fresh = (await browser.get("/s/leaving?anew=yes")).text
        assert "<strong>voluntary</strong>" in fresh and "You have answered" not in fresh  # they agree for themselves
        sent = await browser.post("/s/leaving", data=form_of(fresh) | {"anew": hidden(fresh, "anew")})
        assert sent.headers["location"] == "/s/leaving/now"
        assert not CODE.search((await browser.get("/s/leaving/done")).text)
        assert await app.storage.counts("leaving") == {"open": 1, "complete": 1}
