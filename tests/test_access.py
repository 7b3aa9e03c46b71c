import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from jinja2 import Environment
from litestar import Litestar, Response, Router, get
from litestar.di import NamedDependency

from app.accounts import passwords
from app.accounts.base import HOUR, MINUTE, AccessRefused, UnknownResearcher
from app.accounts.links import new_link, sign_in_with_link, whose_link
from app.accounts.passwords import set_password
from app.accounts.researchers import add_researcher, first_link, list_researchers, remove_researcher
from app.accounts.sessions import SignedIn, session_of, sign_out
from app.accounts.throttle import wait_after
from app.responses.storage import open_storage
from app.responses.tables import Attempt, Researcher, Session, SignInLink
from app.server.wiring import create_app
from app.settings import Settings
from app.web.http.assets import Assets
from app.web.http.problems import Problems
from app.web.http.shell import Shell
from app.web.http.templates import environment
from app.web.research.sign_in import ResearchAccess, SignInContext, safe_next
from tests.support.clock import Clock

ROOT = Path(__file__).parents[1]
PASSWORD = "a dozen letters and more"
pytestmark = pytest.mark.usefixtures("quick_hashes")
SAME_SITE = {"sec-fetch-site": "same-origin", "accept": "text/html"}


@get("/")
async def surveys(who: NamedDependency[SignedIn]) -> Response:
    return Response(f"for {who.email}".encode(), media_type="text/plain")


@get("/{survey:str}/export.csv")
async def export() -> Response:
    return Response(b"response_id\n", media_type="text/csv")


@dataclass
class Site:
    """The sign-in pages and two research routes, as main would wire them."""

    now: Clock
    pages: Environment
    assets: Assets
    https: bool = False
    made: list[str] = field(default_factory=list)

    def new_token(self) -> str:
        self.made.append(f"token-{len(self.made):030d}")
        return self.made[-1]

    @cached_property
    def shell(self) -> Shell:
        problems = Problems(self.pages, self.new_token)
        researchers = ResearchAccess(SignInContext(self.pages, b"secret", self.https, self.now, self.new_token))
        routes = [researchers.router, self.research(researchers)]
        app = Litestar(routes, exception_handlers=problems.exception_handlers(), logging_config=None)
        return Shell(app, problems, self.assets)

    def research(self, researchers: ResearchAccess) -> Router:
        guarded = {"guards": [researchers.guard], "dependencies": researchers.dependencies}
        return Router("/research", route_handlers=[surveys, export], **guarded)

    def browser(self, **options) -> httpx.AsyncClient:
        scheme = "https" if self.https else "http"
        transport = httpx.ASGITransport(self.shell, client=(options.pop("address", "192.0.2.1"), 1))
        return httpx.AsyncClient(
            transport=transport, base_url=f"{scheme}://opinion.example", headers=SAME_SITE, **options
        )

    async def researcher(self, email: str, password: str | None = PASSWORD) -> None:
        """A researcher with a password, who is not signed in anywhere."""
        link = await add_researcher(email, self.now, self.new_token)
        if password:
            token = await sign_in_with_link(link, self.now, self.new_token)
            who = await session_of(token, self.now)
            await set_password(who, "", password, b"secret", self.now, self.new_token)
            await sign_out(token)


@asynccontextmanager
async def a_site(database_url, https=False):
    async with open_storage(database_url):
        assets = Assets(ROOT / "app" / "web" / "static")
        yield Site(Clock(), environment(ROOT / "templates", assets.url), assets, https)


async def sign_in(browser: httpx.AsyncClient, email: str, password: str = PASSWORD, **more) -> httpx.Response:
    return await browser.post("/sign-in", data={"email": email, "password": password, **more})


async def is_signed_in(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/research")).status_code == 200


async def send_form(browser: httpx.AsyncClient, address: str, **fields) -> httpx.Response:
    """Sends a form of the account page with the token that the page has in it."""
    page = await browser.get("/research/account")
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)[1]
    return await browser.post(address, data={"form_token": token, **fields})


async def everything() -> dict:
    tables = (Researcher, Session, SignInLink, Attempt)
    return {table.__name__: await table.select().output(as_list=False) for table in tables}


# --- links ---


async def test_opening_a_link_changes_nothing(database_url):
    """Mail scanners open every link they see."""

    async with a_site(database_url) as site:
        link = await add_researcher("ada@example.org", site.now, site.new_token)
        before = await everything()
        browser = site.browser()
        for _ in range(3):
            page = await browser.get(f"/sign-in/{link}")
            assert page.status_code == 200 and "ada@example.org" in page.text
        await browser.head(f"/sign-in/{link}")
        assert await everything() == before
        assert not browser.cookies


async def test_a_link_signs_in_once(database_url):
    async with a_site(database_url) as site:
        link = await add_researcher("ada@example.org", site.now, site.new_token)
        first, second = site.browser(), site.browser()
        answer = await first.post(f"/sign-in/{link}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/research/account")
        assert await is_signed_in(first)
        assert (await second.post(f"/sign-in/{link}")).status_code == 410
        assert (await second.get(f"/sign-in/{link}")).status_code == 410
        assert not await is_signed_in(second)


async def test_a_link_used_twice_at_once_signs_in_once(database_url):
    async with a_site(database_url) as site:
        link = await add_researcher("ada@example.org", site.now, site.new_token)
        tries = [sign_in_with_link(link, site.now, site.new_token) for _ in range(8)]
        assert sum(token is not None for token in await asyncio.gather(*tries)) == 1
        assert await Session.count() == 1


async def test_a_link_ends_after_a_day(database_url):
    async with a_site(database_url) as site:
        link = await add_researcher("ada@example.org", site.now, site.new_token)
        site.now.forward(24 * HOUR - 1)
        assert await whose_link(link, site.now) == "ada@example.org"
        site.now.forward(1)
        assert await whose_link(link, site.now) is None
        assert await sign_in_with_link(link, site.now, site.new_token) is None


async def test_a_newer_link_ends_the_older_one(database_url):
    async with a_site(database_url) as site:
        old = await add_researcher("ada@example.org", site.now, site.new_token)
        other = await add_researcher("ben@example.org", site.now, site.new_token)
        new = await new_link("Ada@Example.org ", site.now, site.new_token)
        assert await whose_link(old, site.now) is None
        assert await whose_link(new, site.now) == "ada@example.org"
        assert await whose_link(other, site.now) == "ben@example.org"


async def test_the_first_start_gives_a_link_until_somebody_has_a_password(database_url):
    async with a_site(database_url) as site:
        first = await first_link(site.now, site.new_token)
        second = await first_link(site.now, site.new_token)
        assert [row["email"] for row in await list_researchers()] == ["owner"]
        assert await whose_link(first, site.now) is None
        token = await sign_in_with_link(second, site.now, site.new_token)
        who = await session_of(token, site.now)
        assert who.email == "owner" and not who.has_password
        await set_password(who, "", PASSWORD, b"secret", site.now, site.new_token)
        assert await first_link(site.now, site.new_token) is None


async def test_nothing_that_opens_anything_is_stored(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        await new_link("ada@example.org", site.now, site.new_token)
        await sign_in(site.browser(), "ada@example.org")
        await sign_in(site.browser(), "eve@example.org", "a wrong password")
        kept = repr(await everything())
        assert not [token for token in site.made if token in kept]
        assert PASSWORD not in kept and "eve@example.org" not in kept and "192.0.2.1" not in kept


# --- researchers ---


@pytest.mark.parametrize("email", ["", "ada", "ada @example.org", "a@" + "b" * 300, "ada@example.org\n.x"])
async def test_what_is_no_address_is_refused(sqlite_url, email):
    async with a_site(sqlite_url) as site:
        with pytest.raises(AccessRefused):
            await add_researcher(email, site.now, site.new_token)
        assert await Researcher.count() == 0


async def test_a_researcher_is_added_once(database_url):
    async with a_site(database_url) as site:
        await add_researcher("ada@example.org", site.now, site.new_token)
        with pytest.raises(AccessRefused, match="already"):
            await add_researcher("ADA@example.org", site.now, site.new_token)
        with pytest.raises(UnknownResearcher):
            await new_link("ben@example.org", site.now, site.new_token)


async def test_a_removed_researcher_is_out_at_once(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        await site.researcher("ben@example.org")
        ada, ben = site.browser(), site.browser()
        await sign_in(ada, "ada@example.org")
        await sign_in(ben, "ben@example.org")
        link = await new_link("ada@example.org", site.now, site.new_token)
        await remove_researcher("ada@example.org")
        assert not await is_signed_in(ada) and await is_signed_in(ben)
        assert (await site.browser().post(f"/sign-in/{link}")).status_code == 410
        assert (await sign_in(site.browser(), "ada@example.org")).status_code == 422


# --- passwords ---


async def test_a_password_signs_in_and_leads_on(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        browser = site.browser()
        answer = await sign_in(browser, " Ada@Example.ORG", next="/research/leaving?where=x")
        assert (answer.status_code, answer.headers["location"]) == (303, "/research/leaving?where=x")
        assert (await browser.get("/research")).text == "for ada@example.org"
        assert (await browser.get("/sign-in")).headers["location"] == "/research"


async def test_an_unknown_address_and_a_wrong_password_cannot_be_told_apart(sqlite_url, monkeypatch):
    """Neither by the answer nor by the work that is done for it."""
    compared = []
    verified = passwords._verified
    monkeypatch.setattr(passwords, "_verified", lambda *args: compared.append(args[1]) or verified(*args))

    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        await site.researcher("new@example.org", password=None)
        pages = []
        for email in ("ada@example.org", "eve@example.org", "new@example.org"):
            answer = await sign_in(site.browser(), email, "not the password")
            pages.append((answer.status_code, answer.text.replace(email, "...")))
        assert pages[0] == pages[1] == pages[2] and pages[0][0] == 422
        assert compared == ["not the password"] * 3


async def test_a_password_typed_in_another_way_is_the_same(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org", password="caf\u00e9 au lait, please")
        assert (
            await sign_in(site.browser(), "ada@example.org", "cafe\u0301 au lait, please")
        ).status_code == 303


async def test_a_hash_of_older_parameters_is_replaced_when_its_password_is_used(database_url, monkeypatch):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
        await sign_in(site.browser(), "ada@example.org", "a wrong password")
        assert "t=1" in (await Researcher.select().first())["password"]
        assert (await sign_in(site.browser(), "ada@example.org")).status_code == 303
        assert "t=2" in (await Researcher.select().first())["password"]
        assert (await sign_in(site.browser(), "ada@example.org")).status_code == 303


def test_passwords_are_hashed_with_argon2id_as_recommended(monkeypatch):
    monkeypatch.undo()
    assert (passwords.HASHER.memory_cost, passwords.HASHER.time_cost) >= (65536, 3)
    assert passwords.HASHER.type.name == "ID"


@pytest.mark.parametrize(
    ("new", "again", "fault"),
    [
        ("eleven char", "eleven char", "at least 12"),
        ("x" * 201, "x" * 201, "at most 200"),
        (PASSWORD, PASSWORD + "?", "passwords are different"),
        ("", "", "at least 12"),
    ],
)
async def test_a_new_password_that_does_not_do_is_refused_and_changes_nothing(sqlite_url, new, again, fault):
    async with a_site(sqlite_url) as site:
        browser = site.browser()
        link = await add_researcher("ada@example.org", site.now, site.new_token)
        await browser.post(f"/sign-in/{link}")
        answer = await send_form(browser, "/research/account/password", new=new, again=again)
        assert answer.status_code == 422 and fault in answer.text and "<title>Error: " in answer.text
        assert (await Researcher.select().first())["password"] is None


async def test_a_new_password_ends_every_other_session_and_link(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        here, there = site.browser(), site.browser()
        await sign_in(here, "ada@example.org")
        await sign_in(there, "ada@example.org")
        link = await new_link("ada@example.org", site.now, site.new_token)
        new = "another dozen letters"
        answer = await send_form(here, "/research/account/password", present=PASSWORD, new=new, again=new)
        assert answer.status_code == 303
        assert await is_signed_in(here) and not await is_signed_in(there)
        assert await whose_link(link, site.now) is None
        assert (await sign_in(site.browser(), "ada@example.org")).status_code == 422
        assert (await sign_in(site.browser(), "ada@example.org", new)).status_code == 303


async def test_changing_a_password_needs_the_present_one(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        browser = site.browser()
        await sign_in(browser, "ada@example.org")
        new = {"new": "another dozen letters", "again": "another dozen letters"}
        for present in ("", "a wrong password"):
            answer = await send_form(browser, "/research/account/password", present=present, **new)
            assert answer.status_code == 422
        tries = [await send_form(browser, "/research/account/password", present="?", **new) for _ in range(5)]
        assert tries[-1].status_code == 429
        assert (await sign_in(site.browser(), "ada@example.org")).status_code == 429
        site.now.forward(HOUR)
        assert (await sign_in(site.browser(), "ada@example.org")).status_code == 303


async def test_a_forgotten_password_is_replaced_within_an_hour_of_coming_by_link(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        link = await new_link("ada@example.org", site.now, site.new_token)
        token = await sign_in_with_link(link, site.now, site.new_token)
        assert (await session_of(token, site.now)).may_set_password
        site.now.forward(HOUR)
        late = await session_of(token, site.now)
        assert not late.may_set_password
        with pytest.raises(AccessRefused):
            await set_password(late, "?", "another dozen letters", b"secret", site.now, site.new_token)


# --- sessions ---


async def test_a_planted_cookie_is_never_adopted(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        planted = "x" * 43
        browser = site.browser()
        browser.cookies.set("researcher", planted, domain="opinion.example", path="/")
        await sign_in(browser, "ada@example.org")
        assert await session_of(planted, site.now) is None
        assert browser.cookies["researcher"] == site.made[-1]


async def test_signing_in_again_ends_the_session_one_had(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        browser = site.browser()
        await sign_in(browser, "ada@example.org")
        before = browser.cookies["researcher"]
        await sign_in(browser, "ada@example.org")
        assert browser.cookies["researcher"] != before
        assert await session_of(before, site.now) is None
        assert await Session.count() == 1


async def test_a_session_ends_when_it_is_not_used(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        browser = site.browser()
        await sign_in(browser, "ada@example.org")
        for _ in range(5):
            site.now.forward(12 * HOUR - 1)
            assert await is_signed_in(browser)
        site.now.forward(12 * HOUR)
        assert not await is_signed_in(browser)


async def test_a_session_ends_after_thirty_days_however_much_it_is_used(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        browser = site.browser()
        await sign_in(browser, "ada@example.org")
        for _ in range(60):
            site.now.forward(12 * HOUR - 1)
            assert await is_signed_in(browser)
        site.now.forward(MINUTE)
        assert not await is_signed_in(browser)


async def test_being_seen_is_written_every_few_minutes_only(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        browser = site.browser()
        await sign_in(browser, "ada@example.org")
        seen = (await Session.select().first())["last_seen"]
        site.now.forward(5 * MINUTE - 1)
        await browser.get("/research")
        assert (await Session.select().first())["last_seen"] == seen
        site.now.forward(1)
        await browser.get("/research")
        assert (await Session.select().first())["last_seen"] == seen + 5 * MINUTE


async def test_signing_out_ends_the_session_and_not_only_the_cookie(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        browser = site.browser()
        await sign_in(browser, "ada@example.org")
        token = browser.cookies["researcher"]
        answer = await send_form(browser, "/research/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert not browser.cookies
        assert await session_of(token, site.now) is None


async def test_signing_out_everywhere_ends_all_of_ones_own_sessions(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        await site.researcher("ben@example.org")
        here, there, ben = site.browser(), site.browser(), site.browser()
        await sign_in(here, "ada@example.org")
        await sign_in(there, "ada@example.org")
        await sign_in(ben, "ben@example.org")
        page = await here.get("/research/account")
        assert page.text.count("1 December 2026") == 4 and page.text.count("This session") == 1
        await send_form(here, "/research/sign-out-everywhere")
        assert not await is_signed_in(here) and not await is_signed_in(there)
        assert await is_signed_in(ben)


async def test_what_is_over_is_forgotten(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        await sign_in(site.browser(), "eve@example.org", "a wrong password")
        await new_link("ada@example.org", site.now, site.new_token)
        await sign_in(site.browser(), "ada@example.org")
        site.now.forward(31 * 24 * HOUR)
        await sign_in(site.browser(), "ada@example.org")
        kept = await everything()
        assert (len(kept["Session"]), len(kept["SignInLink"])) == (1, 0)
        assert [row["failures"] for row in kept["Attempt"]] == [0]


async def test_the_cookie_is_strict_and_out_of_reach_of_scripts(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        plain = (await sign_in(site.browser(), "ada@example.org")).headers["set-cookie"]
    assert re.fullmatch(r"researcher=token-\d+; HttpOnly; Max-Age=2592000; Path=/; SameSite=strict", plain)


async def test_over_https_the_cookie_cannot_be_planted_by_a_neighbour(sqlite_url):
    async with a_site(sqlite_url, https=True) as site:
        await site.researcher("ada@example.org")
        cookie = (await sign_in(site.browser(), "ada@example.org")).headers["set-cookie"]
        assert cookie.startswith("__Host-researcher=")
        assert "Secure" in cookie and "Path=/;" in cookie and "Domain" not in cookie
        token = cookie.partition("=")[2].partition(";")[0]
        assert not await is_signed_in(site.browser(cookies={"researcher": token}))
        assert await is_signed_in(site.browser(cookies={"__Host-researcher": token}))


# --- forms ---


@pytest.mark.parametrize("address", ["account/password", "sign-out", "sign-out-everywhere"])
async def test_a_form_of_another_session_changes_nothing(sqlite_url, address):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        await site.researcher("eve@example.org")
        ada, eve = site.browser(), site.browser()
        await sign_in(ada, "ada@example.org")
        await sign_in(eve, "eve@example.org")
        hers = re.search(r'form_token" value="([^"]+)"', (await eve.get("/research/account")).text)[1]
        before = await everything()
        for token in (hers, "", "\ud800".encode("utf-8", "surrogatepass")):
            fields = {"form_token": token, "present": PASSWORD, "new": "x" * 20, "again": "x" * 20}
            assert (await ada.post(f"/research/{address}", data=fields)).status_code == 403
        assert (await ada.post(f"/research/{address}", content=b"a=1&" * 100)).status_code == 400
        assert await everything() == before


async def test_a_form_from_another_site_changes_nothing(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        answer = await site.browser().post(
            "/sign-in",
            data={"email": "ada@example.org", "password": PASSWORD},
            headers={"sec-fetch-site": "cross-site"},
        )
        assert answer.status_code == 403 and "set-cookie" not in answer.headers
        assert await Session.count() == 0


# --- throttling ---


def test_waits_grow_and_stay_bearable():
    assert [wait_after(failures, 5) for failures in (0, 4, 5, 6, 7, 8)] == [0, 0, 1, 2, 4, 8]
    assert wait_after(10**9, 5) == 15 * MINUTE


async def test_guessing_a_password_is_slowed_down(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        for number in range(5):
            browser = site.browser(address=f"192.0.2.{number}")
            assert (await sign_in(browser, "ada@example.org", "a wrong password")).status_code == 422
        answer = await sign_in(site.browser(address="192.0.2.99"), "ada@example.org")
        assert answer.status_code == 429 and answer.headers["retry-after"] == "1"
        assert "Wait a second" in answer.text and "ada@example.org" in answer.text
        site.now.forward(1)
        assert (await sign_in(site.browser(), "ada@example.org", "a wrong password")).status_code == 422
        assert (await sign_in(site.browser(), "ada@example.org")).headers["retry-after"] == "2"


async def test_guesses_made_at_once_are_counted_one_by_one(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        tries = [
            sign_in(site.browser(address=f"192.0.2.{n}"), "ada@example.org", "a wrong password")
            for n in range(12)
        ]
        statuses = sorted(answer.status_code for answer in await asyncio.gather(*tries))
        assert statuses == [422] * 5 + [429] * 7


async def test_an_owner_is_not_locked_out_by_others_guesses(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        for _ in range(40):
            for _ in range(3):
                await sign_in(site.browser(), "ada@example.org", "a wrong password")
            site.now.forward(15 * MINUTE)
        await sign_in(site.browser(), "ada@example.org", "a wrong password")
        turned_away = [await sign_in(site.browser(), "ada@example.org", "wrong") for _ in range(20)]
        assert {answer.headers["retry-after"] for answer in turned_away} == {"900"}
        link = await new_link("ada@example.org", site.now, site.new_token)
        assert (await site.browser().post(f"/sign-in/{link}")).status_code == 303
        site.now.forward(15 * MINUTE)
        assert (await sign_in(site.browser(address="198.51.100.7"), "ada@example.org")).status_code == 303


async def test_success_forgets_the_failures(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        for _ in range(5):
            for _ in range(4):
                await sign_in(site.browser(), "ada@example.org", "a wrong password")
            assert (await sign_in(site.browser(), "ada@example.org")).status_code == 303


async def test_trying_many_addresses_from_one_place_is_slowed_down(database_url):
    async with a_site(database_url) as site:
        await site.researcher("ada@example.org")
        here = {"address": "2001:db8:1:2::1"}
        for number in range(30):
            answer = await sign_in(site.browser(**here), f"eve{number}@example.org", "a wrong password")
            assert answer.status_code == 422
        neighbour = site.browser(address="2001:db8:1:2:ffff::9")
        assert (await sign_in(neighbour, "ada@example.org")).status_code == 429
        elsewhere = site.browser(address="2001:db8:1:3::1")
        assert (await sign_in(elsewhere, "ada@example.org")).status_code == 303


async def test_signing_in_rightly_does_not_use_up_the_tries_of_a_place(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        for _ in range(35):
            assert (await sign_in(site.browser(), "ada@example.org")).status_code == 303


async def test_failures_are_forgotten_after_a_day(sqlite_url):
    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        for _ in range(5):
            await sign_in(site.browser(), "ada@example.org", "a wrong password")
        site.now.forward(24 * HOUR)
        for _ in range(5):
            answer = await sign_in(site.browser(), "ada@example.org", "a wrong password")
            assert answer.status_code == 422


# --- strangers ---


def placeholders_filled(template: str) -> str:
    """`/research/{survey:str}` with the flagship for the survey and "x" for all else."""
    return re.sub(r"{[^}]*}", "x", re.sub(r"{survey[^}]*}", "leaving-clinical-practice", template))


async def test_every_route_of_the_service_under_research_refuses_a_stranger(sqlite_url):
    async def scenario():
        chosen = Settings(database_url=sqlite_url, surveys=str(ROOT / "surveys"))
        async with create_app(chosen) as service:
            transport = httpx.ASGITransport(service)
            client = httpx.AsyncClient(transport=transport, base_url="http://opinion.example")
            return [
                (
                    method,
                    route.path,
                    await client.request(method, placeholders_filled(route.path), headers=asking),
                )
                for route in (await service.results).routes
                if route.path.startswith("/research")
                for method in sorted(route.methods - {"OPTIONS"})
                for asking in ({"accept": "text/html"}, {"accept": "text/event-stream"}, {})
            ]

    answers = await scenario()
    assert {path for _, path, _ in answers} >= {"/research", "/research/account", "/research/{survey:str}"}
    for method, path, answer in answers:
        refused = (answer.status_code, answer.headers.get("location", "/sign-in")[:8])
        assert refused in {(303, "/sign-in"), (401, "/sign-in")}, (method, path)
        assert "set-cookie" not in answer.headers and "Leaving clinical practice" not in answer.text


async def test_a_stranger_is_led_to_sign_in_and_back(sqlite_url):
    async with a_site(sqlite_url) as site:
        answer = await site.browser().get("/research/leaving/export.csv?values=labels&where=a%20==%20%22b%22")
        assert answer.status_code == 303
        way_in = answer.headers["location"]
        assert way_in.startswith("/sign-in?next=/research/leaving/export.csv%3F")
        await site.researcher("ada@example.org")
        browser = site.browser()
        page = await browser.get(way_in)
        onward = re.search(r'name="next" value="([^"]+)"', page.text)[1].replace("&amp;", "&")
        answer = await sign_in(browser, "ada@example.org", next=onward)
        assert answer.headers["location"] == (
            "/research/leaving/export.csv?values=labels&where=a%20==%20%22b%22"
        )


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "text/event-stream"},
        {"accept": "text/csv"},
        {"accept": "*/*"},
        {"accept": "text/html", "sec-fetch-mode": "cors"},
    ],
)
async def test_a_script_of_a_stranger_gets_a_plain_401(sqlite_url, headers):
    async with a_site(sqlite_url) as site:
        answer = await site.browser().get("/research/leaving/export.csv", headers=headers)
        assert answer.status_code == 401 and "location" not in answer.headers


async def test_a_link_on_another_site_reaches_one_who_is_signed_in(sqlite_url):
    """The browser withholds a strict cookie at first; a request from our own page then brings it."""

    async with a_site(sqlite_url) as site:
        await site.researcher("ada@example.org")
        browser = site.browser()
        await sign_in(browser, "ada@example.org")
        headers = {"sec-fetch-site": "cross-site"}
        answer = await site.browser().get("/research/leaving/export.csv", headers=headers)
        assert answer.status_code == 401 and "location" not in answer.headers
        seconds, _, address = answer.headers["refresh"].partition(";url=")
        assert seconds == "0"
        assert (await browser.get(address)).headers["location"] == "/research/leaving/export.csv"
        assert (await site.browser().get(address)).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    ["/research", "/research/leaving", "/research/leaving?where=status%20==%20%22left%22", "/research?x=1/2"],
)
def test_research_pages_are_gone_on_to(wanted):
    assert safe_next(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "/",
        "//evil.example",
        "https://evil.example/research",
        "/\\evil.example",
        "/research//evil.example",
        "/research\\evil",
        "/research/../s/leaving",
        "/researchers",
        "/research@evil.example",
        "/research/x\r\nSet-Cookie: a=1",
        "/research/\u00e9",
        "/research/ x",
        "/research/" + "x" * 3000,
    ],
)
def test_nothing_else_is_gone_on_to(wanted):
    assert safe_next(wanted) == "/research"


# --- the pages ---


@pytest.mark.parametrize("name", [path.name for path in (ROOT / "templates" / "research").glob("*.html")])
def test_research_pages_hold_no_inline_style_or_script(name):
    page = (ROOT / "templates" / "research" / name).read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"(?:src|href)=\"?(?:https?:)?//", page)


async def test_what_is_typed_is_shown_again_as_text(sqlite_url):
    async with a_site(sqlite_url) as site:
        answer = await sign_in(site.browser(), '"><script>', "a wrong password", next='"><script>')
        assert answer.status_code == 422 and "<script>" not in answer.text
        assert "&#34;&gt;&lt;script&gt;" in answer.text
