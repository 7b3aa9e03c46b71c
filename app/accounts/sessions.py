"""Sessions of researchers in a browser.

A clock can be wrong and be corrected: a stored time in the future counts as now, and is stored as now, so that no one
stays signed in for as long as the clock was wrong.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from app.accounts.base import DAY, HOUR, MINUTE, Now, hashed, seconds, transaction, url_safe
from app.responses.tables import Session, SignInLink

IDLE_SECONDS = 12 * HOUR
SESSION_SECONDS = 30 * DAY
SEEN_EVERY = 5 * MINUTE  # how stale `last_seen` may be: a dashboard must not write at every request
FRESH_LINK_SECONDS = HOUR  # how long after using a link a password can be set without the old one
BY_LINK = "link."  # prefix of the tokens of sessions that a link opened


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A researcher with a valid session. `form_token` goes into every form of the research pages."""

    researcher: int
    email: str
    has_password: bool
    session: str  # the hash of its token
    form_token: str
    may_set_password: bool  # without the present one


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """One session, as its researcher sees it."""

    began: datetime
    last_seen: datetime
    this_one: bool


async def session_of(token: str, now: Now) -> SignedIn | None:
    """The researcher whose session a token opens; None when it is unknown, ended, idle too long or over."""
    if not token:
        return None
    moment, session = seconds(now), hashed(token)
    rows = await Session.raw(
        "SELECT s.researcher, s.began, s.last_seen, s.expires, r.email, r.password IS NOT NULL AS has_password "
        "FROM session s JOIN researcher r ON r.id = s.researcher "
        "WHERE s.token_hash = {} AND s.expires > {} AND s.last_seen > {}",
        session,
        moment,
        moment - IDLE_SECONDS,
    )
    if not rows:
        return None
    if max(rows[0]["began"], rows[0]["last_seen"]) > moment:
        rows = [await _correct_times(session, rows[0], moment)]
    elif moment - rows[0]["last_seen"] >= SEEN_EVERY:
        await Session.update({Session.last_seen: moment}).where(Session.token_hash == session)
    return _signed_in(token, rows[0], moment)


async def still_signed_in(sessions: Collection[str], now: Now) -> set[str]:
    """Those of these sessions (hashes of their tokens) that are still good. Asked in one query."""
    moment = seconds(now)
    rows = await Session.raw(
        f"SELECT s.token_hash FROM session s JOIN researcher r ON r.id = s.researcher WHERE s.token_hash IN "
        f"({', '.join(['{}'] * len(sessions))}) AND s.expires > {{}} AND s.last_seen > {{}}",
        *sessions,
        moment,
        moment - IDLE_SECONDS,
    )
    return {row["token_hash"] for row in rows}


async def _correct_times(session: str, row: dict, moment: int) -> dict:
    """A session from a time when the clock was ahead, with no time in it that lies in the future."""
    times = {
        "began": min(row["began"], moment),
        "last_seen": moment,
        "expires": min(row["expires"], moment + SESSION_SECONDS),
    }
    await Session.update(times).where(Session.token_hash == session)
    return row | times


def _signed_in(token: str, row: dict, moment: int) -> SignedIn:
    fresh_link = token.startswith(BY_LINK) and moment - row["began"] < FRESH_LINK_SECONDS
    return SignedIn(
        researcher=row["researcher"],
        email=row["email"],
        has_password=bool(row["has_password"]),
        session=hashed(token),
        form_token=form_token(token),
        may_set_password=fresh_link or not row["has_password"],
    )


async def sign_out(token: str) -> None:
    """End one session, if there is one."""
    await Session.delete().where(Session.token_hash == hashed(token))


async def sign_out_everywhere(researcher: int) -> None:
    """End all sessions of one researcher, and the links that would open new ones."""
    async with transaction():
        await Session.delete().where(Session.researcher == researcher)
        await SignInLink.delete().where(SignInLink.researcher == researcher)


async def active_sessions(who: SignedIn, now: Now) -> list[ActiveSession]:
    """The researcher's sessions that are still good, the latest first."""
    moment = seconds(now)
    rows = await Session.select().where(
        (Session.researcher == who.researcher)
        & (Session.expires > moment)
        & (Session.last_seen > moment - IDLE_SECONDS)
    ).order_by(Session.began, ascending=False)  # fmt: skip
    zone = now().tzinfo
    return [
        ActiveSession(
            began=datetime.fromtimestamp(row["began"], zone),
            last_seen=datetime.fromtimestamp(row["last_seen"], zone),
            this_one=row["token_hash"] == who.session,
        )
        for row in rows
    ]


def form_token(token: str) -> str:
    """What the forms of a session carry. It tells nothing about the session's own token."""
    return url_safe(hmac.digest(token.encode(), b"form", "sha256"))


def belongs(who: SignedIn, sent: str) -> bool:
    """Whether a form was made for this session."""
    return hmac.compare_digest(who.form_token.encode(), sent.encode("utf-8", "replace"))


async def begin_session(researcher: int, now: Now, token: str) -> str:
    moment = seconds(now)
    await Session.insert(
        Session(
            token_hash=hashed(token),
            researcher=researcher,
            began=moment,
            last_seen=moment,
            expires=moment + SESSION_SECONDS,
        )
    )
    return token


async def delete_expired_sessions(moment: int) -> None:
    await Session.delete().where((Session.expires <= moment) | (Session.last_seen <= moment - IDLE_SECONDS))
