"""Passwords of researchers: signing in with one, and setting one."""

from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.base import AccessRefused, NewToken, Now, normal_email, seconds, transaction
from app.accounts.links import delete_expired_links
from app.accounts.sessions import SignedIn, begin_session, delete_expired_sessions
from app.accounts.throttle import (
    FREE_TRIES_PER_ADDRESS,
    FREE_TRIES_PER_EMAIL,
    count_try,
    delete_old_attempts,
    forgive,
    key_of,
    network,
    uncount,
)
from app.responses.tables import Researcher, Session, SignInLink

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200

HASHER = PasswordHasher()
# Two at a time: each hash takes 64 MB, and many attempts at once must not take all of the memory.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_dummies: dict[PasswordHasher, str] = {}


async def sign_in_with_password(
    email: str, password: str, address: str, secret: bytes, now: Now, new_token: NewToken
) -> str | None:
    """The token of a new session, or None, after the same time whether the address or the password is wrong.

    Throttled after too many attempts from one network address or for one email.
    """
    email = normal_email(email)
    by_address, by_email = key_of(secret, "address", network(address)), key_of(secret, "email", email)
    await count_try(by_address, FREE_TRIES_PER_ADDRESS, seconds(now))
    await count_try(by_email, FREE_TRIES_PER_EMAIL, seconds(now))
    researcher = await Researcher.objects().where(Researcher.email == email).first()
    if not await _matches(password, researcher.password if researcher else None, new_token):
        return None
    await forgive(by_email)
    await uncount(by_address)
    await _rehash_if_weak(researcher, password)
    await _delete_expired(seconds(now))
    return await begin_session(researcher.id, now, new_token())


async def set_password(
    who: SignedIn, present: str, password: str, secret: bytes, now: Now, new_token
) -> None:
    """Set a new password and end every other session and link. Refused, or Throttled, with nothing changed."""
    password_fits_rules(password)
    if not who.may_set_password:
        await _check_present(who, present, secret, now, new_token)
    hash_ = await _hash(password)
    async with transaction():
        await Researcher.update({Researcher.password: hash_}).where(Researcher.id == who.researcher)
        await Session.delete().where(
            (Session.researcher == who.researcher) & (Session.token_hash != who.session)
        )
        await SignInLink.delete().where(SignInLink.researcher == who.researcher)


def password_fits_rules(password: str) -> None:
    """Refused when it is too short or too long. There are no rules of composition: length is what helps."""
    if len(password) < SHORTEST_PASSWORD:
        raise AccessRefused(f"The new password needs at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise AccessRefused(f"The new password can have at most {LONGEST_PASSWORD} characters.")


async def _check_present(who: SignedIn, present: str, secret: bytes, now: Now, new_token: NewToken) -> None:
    key = key_of(secret, "email", who.email)
    await count_try(key, FREE_TRIES_PER_EMAIL, seconds(now))
    researcher = await Researcher.objects().where(Researcher.id == who.researcher).first()
    if not await _matches(present, researcher.password if researcher else None, new_token):
        raise AccessRefused("The current password is not correct.")
    await forgive(key)


async def _matches(password: str, known: str | None, new_token: NewToken) -> bool:
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


async def _delete_expired(moment: int) -> None:
    await delete_expired_links(moment)
    await delete_old_attempts(moment)
    await delete_expired_sessions(moment)
