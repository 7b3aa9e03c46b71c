"""A server's clock that is set back or forward locks nobody out for long, and keeps nobody signed in for longer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.accounts.base import DAY, HOUR, MINUTE, hashed
from app.accounts.links import new_link, sign_in_with_link
from app.accounts.passwords import set_password, sign_in_with_password
from app.accounts.researchers import add_researcher
from app.accounts.sessions import session_of
from app.accounts.throttle import Throttled
from app.responses.storage import open_storage
from app.responses.tables import Attempt, Session, SignInLink
from tests.support.clock import Clock

pytestmark = pytest.mark.usefixtures("quick_hashes")
EMAIL, PASSWORD = "owner@example.org", "a dozen letters and more"


class Owner:
    """The owner, who has a password, at a clock that can be set."""

    def __init__(self, clock: Clock):
        self.clock, self.made = clock, 0

    def new_token(self) -> str:
        self.made += 1
        return f"token-{self.made:030d}"

    async def settle(self) -> None:
        link = await add_researcher(EMAIL, self.clock, self.new_token)
        session = await sign_in_with_link(link, self.clock, self.new_token)
        who = await session_of(session or "", self.clock)
        assert who is not None
        await set_password(who, "", PASSWORD, b"secret", self.clock, self.new_token)

    async def sign_in(self, password: str = PASSWORD) -> str | None:
        return await sign_in_with_password(
            EMAIL, password, "192.0.2.1", b"secret", self.clock, self.new_token
        )


@asynccontextmanager
async def owner_at(url: str) -> AsyncIterator[tuple[Owner, Clock]]:
    async with open_storage(url):
        owner = Owner(Clock())
        await owner.settle()
        yield owner, owner.clock


@pytest.mark.parametrize("back", [DAY, 400 * DAY])
async def test_a_clock_set_back_locks_nobody_out_for_longer_than_the_throttle_does(sqlite_url: str, back: int) -> None:
    async with owner_at(sqlite_url) as (owner, clock):
        for _ in range(5):
            assert await owner.sign_in("a wrong password") is None
        clock.forward(-back)
        with pytest.raises(Throttled) as throttled:
            await owner.sign_in()
        assert throttled.value.seconds <= 15 * MINUTE
        clock.forward(throttled.value.seconds)
        assert await owner.sign_in()


async def test_a_clock_set_back_does_not_lift_the_throttle(sqlite_url: str) -> None:
    async with owner_at(sqlite_url) as (owner, clock):
        for _ in range(5):
            await owner.sign_in("a wrong password")
        for _ in range(3):
            clock.forward(-DAY)
            with pytest.raises(Throttled):
                await owner.sign_in()


async def test_a_session_begun_while_the_clock_was_ahead_ends_as_any_other(sqlite_url: str) -> None:
    async with owner_at(sqlite_url) as (owner, clock):
        clock.forward(400 * DAY)
        session = await owner.sign_in() or ""
        clock.forward(-400 * DAY)
        assert await session_of(session, clock), "who is signed in stays so"
        row = (await Session.select().where(Session.token_hash == hashed(session)))[0]
        moment = int(clock().timestamp())
        assert (row["began"], row["last_seen"], row["expires"]) == (moment, moment, moment + 30 * DAY)
        clock.forward(13 * HOUR)
        assert await session_of(session, clock) is None, "idle for too long"


async def test_who_came_by_link_sets_a_password_for_an_hour_whatever_the_clock_does(sqlite_url: str) -> None:
    async with owner_at(sqlite_url) as (owner, clock):
        link = await new_link(EMAIL, clock, owner.new_token)
        session = await sign_in_with_link(link, clock, owner.new_token) or ""
        clock.forward(-DAY)
        who = await session_of(session, clock)
        assert who is not None and who.may_set_password
        clock.forward(HOUR)
        who = await session_of(session, clock)
        assert who is not None and not who.may_set_password


async def test_a_link_made_while_the_clock_was_ahead_is_cut_to_a_day(sqlite_url: str) -> None:
    async with owner_at(sqlite_url) as (owner, clock):
        clock.forward(400 * DAY)
        await new_link(EMAIL, clock, owner.new_token)
        clock.forward(-400 * DAY)
        assert await owner.sign_in()
        (link,) = await SignInLink.select()
        assert link["expires"] == int(clock().timestamp()) + DAY
        assert not await Attempt.exists().where(Attempt.since > int(clock().timestamp()))
