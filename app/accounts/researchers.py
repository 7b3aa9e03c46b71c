"""Researchers: adding, listing and removing them."""

from __future__ import annotations

from app.accounts.base import (
    AccessRefused,
    NewToken,
    Now,
    UnknownResearcher,
    id_of,
    normal_email,
    transaction,
)
from app.accounts.links import new_link
from app.responses.tables import Researcher, Session, SignInLink

FIRST_RESEARCHER = "owner"


async def add_researcher(email: str, now: Now, new_token: NewToken) -> str:
    """Adds a researcher. Returns the token of a link. Refused if the address is not valid or is already known."""
    email = normal_email(email)
    if "@" not in email or len(email) > 254 or not email.isprintable() or " " in email:
        raise AccessRefused(f"{email!r} is not an email address.")
    if await id_of(email) is not None:
        raise AccessRefused(
            f"{email} is already a researcher. Use `opinion researcher link {email}` for a new link."
        )
    await _insert_researcher(email, now)
    return await new_link(email, now, new_token)


async def first_link(now: Now, new_token: NewToken) -> str | None:
    """A link's token for the first researcher, who is added if there is none. None once anyone has a password."""
    rows = await Researcher.select(Researcher.email, Researcher.password).order_by(Researcher.id)
    if any(row["password"] for row in rows):
        return None
    if not rows:
        await _insert_researcher(FIRST_RESEARCHER, now)
    return await new_link(rows[0]["email"] if rows else FIRST_RESEARCHER, now, new_token)


async def remove_researcher(email: str) -> None:
    """Removes a researcher with all sessions and links. UnknownResearcher if there is none."""
    researcher = await id_of(normal_email(email))
    if researcher is None:
        raise UnknownResearcher(f"There is no researcher {normal_email(email)}.")
    async with transaction():
        await Researcher.delete().where(Researcher.id == researcher)
        await Session.delete().where(Session.researcher == researcher)
        await SignInLink.delete().where(SignInLink.researcher == researcher)


async def list_researchers() -> list[dict]:
    """email, added (a date) and has_password of each, in the order in which they were added."""
    rows = await Researcher.select().order_by(Researcher.id)
    return [{"email": r["email"], "added": r["added"], "has_password": bool(r["password"])} for r in rows]


async def _insert_researcher(email: str, now: Now) -> None:
    await Researcher.insert(Researcher(email=email, added=now().date()))
