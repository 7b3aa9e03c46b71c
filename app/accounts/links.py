"""One-time sign-in links."""

from __future__ import annotations

from app.accounts.base import (
    DAY,
    NewToken,
    Now,
    UnknownResearcher,
    hashed,
    id_of,
    normal_email,
    seconds,
    transaction,
)
from app.accounts.sessions import BY_LINK, begin_session
from app.responses.tables import SignInLink

LINK_SECONDS = DAY


async def new_link(email: str, now: Now, new_token: NewToken) -> str:
    """The token of a new link. The researcher's earlier links stop working. UnknownResearcher if there is none."""
    researcher = await id_of(normal_email(email))
    if researcher is None:
        raise UnknownResearcher(f"There is no researcher {normal_email(email)}.")
    token = new_token()
    async with transaction():
        await SignInLink.delete().where(SignInLink.researcher == researcher)
        link = SignInLink(
            token_hash=hashed(token), researcher=researcher, expires=seconds(now) + LINK_SECONDS
        )
        await SignInLink.insert(link)
    return token


async def whose_link(token: str, now: Now) -> str | None:
    """The email of the researcher whom a link would sign in. None if it was used, replaced, expired or never issued."""
    rows = await SignInLink.raw(
        "SELECT r.email FROM sign_in_link l JOIN researcher r ON r.id = l.researcher "
        "WHERE l.token_hash = {} AND l.expires > {}",
        hashed(token),
        seconds(now),
    )
    return rows[0]["email"] if rows else None


async def sign_in_with_link(token: str, now: Now, new_token: NewToken) -> str | None:
    """Uses a link. Returns the token of a new session, or None if the link is not valid (any more)."""
    async with transaction():
        used = await SignInLink.delete().where(SignInLink.token_hash == hashed(token)).returning(
            SignInLink.researcher, SignInLink.expires
        )  # fmt: skip
        if not used or used[0]["expires"] <= seconds(now):
            return None
        return await begin_session(used[0]["researcher"], now, BY_LINK + new_token())


async def delete_expired_links(moment: int) -> None:
    latest = moment + LINK_SECONDS
    await SignInLink.update({SignInLink.expires: latest}).where(SignInLink.expires > latest)
    await SignInLink.delete().where(SignInLink.expires <= moment)
