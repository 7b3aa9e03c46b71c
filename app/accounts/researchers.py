"""Who may see the research pages: researchers, their one-time links, passwords and sessions.

The database holds hashes only: anyone who reads it can neither use a link nor take over a session. Times are whole
seconds since 1970; `now` and `new_token` are given by the caller (a token: at least 32 characters, random,
URL-safe).

A clock can be wrong and be set right: a stored time that lies in the future counts as now, and is stored as now, so
that nobody is locked out, or stays signed in, for as long as the clock was wrong.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.responses.tables import Attempt, Researcher, Session, SignInLink

Now = Callable[[], datetime]
NewToken = Callable[[], str]

MINUTE, HOUR, DAY = 60, 3600, 86400

LINK_SECONDS = DAY
IDLE_SECONDS = 12 * HOUR
SESSION_SECONDS = 30 * DAY
SEEN_EVERY = 5 * MINUTE  # how stale `last_seen` may be: a dashboard must not write at every request
FRESH_LINK_SECONDS = HOUR  # how long one who came by link may set a password without knowing the old one

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200

FREE_TRIES_PER_ADDRESS, FREE_TRIES_PER_EMAIL = 30, 5
LONGEST_WAIT = 15 * MINUTE
FORGOTTEN_AFTER = DAY

FIRST_RESEARCHER = "owner"
BY_LINK = "link."  # how the token of a session begins that was opened with a link

HASHER = PasswordHasher()
# Two at a time: each hash takes 64 MB, and a crowd at the door must not take all of the memory.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_dummies: dict[PasswordHasher, str] = {}


class Refused(Exception):
    """The request is refused. The message is written for the person who asked."""


class UnknownResearcher(Refused):
    """Nobody has this email address."""


class Throttled(Refused):
    """Too many attempts. `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many attempts.")
        self.seconds = seconds


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
class Visit:
    """One session, as its researcher sees it."""

    began: datetime
    last_seen: datetime
    this_one: bool


# --- researchers and their links ---


async def add_researcher(email: str, now: Now, new_token: NewToken) -> str:
    """Add one and return the token of their first link. Refused when the address is no address or known already."""
    email = normal_email(email)
    if "@" not in email or len(email) > 254 or not email.isprintable() or " " in email:
        raise Refused(f"{email!r} is not an email address.")
    if await _id_of(email) is not None:
        raise Refused(
            f"{email} is already a researcher. Use `opinion researcher link {email}` for a new link."
        )
    await _insert_researcher(email, now)
    return await new_link(email, now, new_token)


async def new_link(email: str, now: Now, new_token: NewToken) -> str:
    """A fresh sign-in link's token. The person's earlier links stop working. UnknownResearcher if there is none."""
    researcher = await _id_of(normal_email(email))
    if researcher is None:
        raise UnknownResearcher(f"There is no researcher {normal_email(email)}.")
    token = new_token()
    async with _transaction():
        await SignInLink.delete().where(SignInLink.researcher == researcher)
        link = SignInLink(
            token_hash=hashed(token), researcher=researcher, expires=_seconds(now) + LINK_SECONDS
        )
        await SignInLink.insert(link)
    return token


async def first_link(now: Now, new_token: NewToken) -> str | None:
    """A link for the first researcher, who is made if need be; None as soon as anybody has a password."""
    rows = await Researcher.select(Researcher.email, Researcher.password).order_by(Researcher.id)
    if any(row["password"] for row in rows):
        return None
    if not rows:
        await _insert_researcher(FIRST_RESEARCHER, now)
    return await new_link(rows[0]["email"] if rows else FIRST_RESEARCHER, now, new_token)


async def remove_researcher(email: str) -> None:
    """Remove one with all sessions and links. UnknownResearcher if there is none."""
    researcher = await _id_of(normal_email(email))
    if researcher is None:
        raise UnknownResearcher(f"There is no researcher {normal_email(email)}.")
    async with _transaction():
        await Researcher.delete().where(Researcher.id == researcher)
        await Session.delete().where(Session.researcher == researcher)
        await SignInLink.delete().where(SignInLink.researcher == researcher)


async def list_researchers() -> list[dict]:
    """email, added (a date) and has_password of each, in the order in which they were added."""
    rows = await Researcher.select().order_by(Researcher.id)
    return [{"email": r["email"], "added": r["added"], "has_password": bool(r["password"])} for r in rows]


async def whose_link(token: str, now: Now) -> str | None:
    """The email of the person whom a link would sign in; None when it is used, replaced, expired or invented."""
    rows = await SignInLink.raw(
        "SELECT r.email FROM sign_in_link l JOIN researcher r ON r.id = l.researcher "
        "WHERE l.token_hash = {} AND l.expires > {}",
        hashed(token),
        _seconds(now),
    )
    return rows[0]["email"] if rows else None


async def sign_in_with_link(token: str, now: Now, new_token: NewToken) -> str | None:
    """Use a link up and return the token of a new session; None when it is no longer, or never was, good."""
    async with _transaction():
        used = await SignInLink.delete().where(SignInLink.token_hash == hashed(token)).returning(
            SignInLink.researcher, SignInLink.expires
        )  # fmt: skip
        if not used or used[0]["expires"] <= _seconds(now):
            return None
        return await _begin_session(used[0]["researcher"], now, BY_LINK + new_token())


# --- passwords ---


async def sign_in_with_password(
    email: str, password: str, address: str, secret: bytes, now: Now, new_token: NewToken
) -> str | None:
    """The token of a new session, or None, after the same time whether the address or the password is wrong.

    Throttled after too many attempts from one network address or for one email.
    """
    email = normal_email(email)
    by_address, by_email = _key(secret, "address", network(address)), _key(secret, "email", email)
    await _count_try(by_address, FREE_TRIES_PER_ADDRESS, _seconds(now))
    await _count_try(by_email, FREE_TRIES_PER_EMAIL, _seconds(now))
    researcher = await Researcher.objects().where(Researcher.email == email).first()
    if not await _fits(password, researcher.password if researcher else None, new_token):
        return None
    await Attempt.delete().where(Attempt.key == by_email)
    await Attempt.update({Attempt.failures: Attempt.failures - 1}).where(Attempt.key == by_address)
    await _rehash_if_weak(researcher, password)
    await _forget_what_is_over(_seconds(now))
    return await _begin_session(researcher.id, now, new_token())


async def set_password(
    who: SignedIn, present: str, password: str, secret: bytes, now: Now, new_token
) -> None:
    """Set a new password and end every other session and link. Refused, or Throttled, with nothing changed."""
    password_fits_rules(password)
    if not who.may_set_password:
        await _check_present(who, present, secret, now, new_token)
    hash_ = await _hash(password)
    async with _transaction():
        await Researcher.update({Researcher.password: hash_}).where(Researcher.id == who.researcher)
        await Session.delete().where(
            (Session.researcher == who.researcher) & (Session.token_hash != who.session)
        )
        await SignInLink.delete().where(SignInLink.researcher == who.researcher)


def password_fits_rules(password: str) -> None:
    """Refused when it is too short or too long. There are no rules of composition: length is what helps."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(f"The new password needs at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise Refused(f"The new password can have at most {LONGEST_PASSWORD} characters.")


async def _check_present(who: SignedIn, present: str, secret: bytes, now: Now, new_token: NewToken) -> None:
    key = _key(secret, "email", who.email)
    await _count_try(key, FREE_TRIES_PER_EMAIL, _seconds(now))
    researcher = await Researcher.objects().where(Researcher.id == who.researcher).first()
    if not await _fits(present, researcher.password if researcher else None, new_token):
        raise Refused("The current password is not correct.")
    await Attempt.delete().where(Attempt.key == key)


async def _fits(password: str, known: str | None, new_token: NewToken) -> bool:
    """Whether a password is the one that was hashed. Takes its time even when there is nothing to compare with."""
    if HASHER not in _dummies:
        _dummies[HASHER] = await _hash(new_token())
    candidate = known or _dummies[HASHER]
    fits = await _in_thread(_verified, candidate, password[: LONGEST_PASSWORD + 1])
    return fits and known is not None and len(password) <= LONGEST_PASSWORD


def _verified(hash_: str, password: str) -> bool:
    try:
        return HASHER.verify(hash_, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


async def _hash(password: str) -> str:
    return await _in_thread(HASHER.hash, _normal(password))


async def _in_thread(work, *args):
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *args)


async def _rehash_if_weak(researcher: Researcher, password: str) -> None:
    """A hash made with older parameters is replaced, unless the password was changed meanwhile."""
    if HASHER.check_needs_rehash(researcher.password):
        stronger = await _hash(password)
        await Researcher.update({Researcher.password: stronger}).where(
            (Researcher.id == researcher.id) & (Researcher.password == researcher.password)
        )


def _normal(password: str) -> bytes:
    """The same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


# --- sessions ---


async def signed_in(token: str, now: Now) -> SignedIn | None:
    """The researcher whose session a token opens; None when it is unknown, ended, idle too long or over."""
    if not token:
        return None
    moment, session = _seconds(now), hashed(token)
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
        rows = [await _set_right(session, rows[0], moment)]
    elif moment - rows[0]["last_seen"] >= SEEN_EVERY:
        await Session.update({Session.last_seen: moment}).where(Session.token_hash == session)
    return _who(token, rows[0], moment)


async def still_signed_in(sessions: Collection[str], now: Now) -> set[str]:
    """Those of these sessions (hashes of their tokens) that are still good. Asked in one query."""
    moment = _seconds(now)
    rows = await Session.raw(
        f"SELECT s.token_hash FROM session s JOIN researcher r ON r.id = s.researcher WHERE s.token_hash IN "
        f"({', '.join(['{}'] * len(sessions))}) AND s.expires > {{}} AND s.last_seen > {{}}",
        *sessions,
        moment,
        moment - IDLE_SECONDS,
    )
    return {row["token_hash"] for row in rows}


async def _set_right(session: str, row: dict, moment: int) -> dict:
    """A session from a time when the clock was ahead, with no time in it that lies in the future."""
    times = {
        "began": min(row["began"], moment),
        "last_seen": moment,
        "expires": min(row["expires"], moment + SESSION_SECONDS),
    }
    await Session.update(times).where(Session.token_hash == session)
    return row | times


def _who(token: str, row: dict, moment: int) -> SignedIn:
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
    async with _transaction():
        await Session.delete().where(Session.researcher == researcher)
        await SignInLink.delete().where(SignInLink.researcher == researcher)


async def visits(who: SignedIn, now: Now) -> list[Visit]:
    """The researcher's sessions that are still good, the latest first."""
    moment = _seconds(now)
    rows = await Session.select().where(
        (Session.researcher == who.researcher)
        & (Session.expires > moment)
        & (Session.last_seen > moment - IDLE_SECONDS)
    ).order_by(Session.began, ascending=False)  # fmt: skip
    zone = now().tzinfo
    return [
        Visit(
            began=datetime.fromtimestamp(row["began"], zone),
            last_seen=datetime.fromtimestamp(row["last_seen"], zone),
            this_one=row["token_hash"] == who.session,
        )
        for row in rows
    ]


def form_token(token: str) -> str:
    """What the forms of a session carry. It tells nothing about the session's own token."""
    return _url_safe(hmac.digest(token.encode(), b"form", "sha256"))


def belongs(who: SignedIn, sent: str) -> bool:
    """Whether a form was made for this session."""
    return hmac.compare_digest(who.form_token.encode(), sent.encode("utf-8", "replace"))


async def _begin_session(researcher: int, now: Now, token: str) -> str:
    moment = _seconds(now)
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


# --- throttling ---


def wait_after(failures: int, free: int) -> int:
    """Seconds to wait after so many failures: none while some are free, then 1, 2, 4 ... up to a quarter hour."""
    if failures < free:
        return 0
    return min(2 ** min(failures - free, 20), LONGEST_WAIT)


async def _count_try(key: str, free: int, moment: int) -> None:
    """Count an attempt before it is made, so that attempts made at once are counted one by one.

    Attempts that are turned away are not counted: hammering at the door does not keep it closed for longer.
    """
    for _ in range(20):
        row = (await Attempt.select().where(Attempt.key == key).first()) or None
        if row and row["since"] > moment:
            if not await _counted(key, row, row["failures"], moment):
                continue
            row["since"] = moment
        failures = row["failures"] if row and moment - row["since"] < FORGOTTEN_AFTER else 0
        wait = row["since"] + wait_after(failures, free) - moment if row else 0
        if wait > 0:
            raise Throttled(wait)
        if await _counted(key, row, failures + 1, moment):
            return
    raise Throttled(1)


async def _counted(key: str, seen: dict | None, failures: int, moment: int) -> bool:
    """Write the count unless somebody else has written in between."""
    if seen is None:
        attempt = Attempt(key=key, failures=failures, since=moment)
        return bool(
            await Attempt.insert(attempt)
            .on_conflict(target=Attempt.key, action="DO NOTHING")
            .returning(Attempt.key)
        )
    return bool(
        await Attempt.update({Attempt.failures: failures, Attempt.since: moment})
        .where(
            (Attempt.key == key) & (Attempt.failures == seen["failures"]) & (Attempt.since == seen["since"])
        )
        .returning(Attempt.key)
    )


async def _forget_what_is_over(moment: int) -> None:
    latest = moment + LINK_SECONDS
    await SignInLink.update({SignInLink.expires: latest}).where(SignInLink.expires > latest)
    await Attempt.delete().where(Attempt.since < moment - FORGOTTEN_AFTER)
    await SignInLink.delete().where(SignInLink.expires <= moment)
    await Session.delete().where((Session.expires <= moment) | (Session.last_seen <= moment - IDLE_SECONDS))


# --- small things ---


def normal_email(email: str) -> str:
    return unicodedata.normalize("NFKC", email).strip().lower()


def network(address: str) -> str:
    """What counts as one address: an IPv6 visitor has a whole /64 of them to try from."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return ip.exploded[:19] if isinstance(ip, IPv6Address) and ip.ipv4_mapped is None else str(ip)


def hashed(token: str) -> str:
    """The stored form of a random token. It cannot be guessed, so no salt and no slow hash are needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _key(secret: bytes, kind: str, tried: str) -> str:
    """Attempts are stored under a hash that cannot be turned back into an address without the server's secret."""
    return hmac.digest(secret, f"{kind}:{tried}".encode("utf-8", "replace"), "sha256").hex()


def _url_safe(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def _seconds(now: Now) -> int:
    return int(now().timestamp())


def _transaction():
    return Researcher._meta.db.transaction()


async def _id_of(email: str) -> int | None:
    row = await Researcher.select(Researcher.id).where(Researcher.email == email).first()
    return row["id"] if row else None


async def _insert_researcher(email: str, now: Now) -> None:
    await Researcher.insert(Researcher(email=email, added=now().date()))
