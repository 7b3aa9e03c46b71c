"""What the modules of this room share: refusals, times in whole seconds since 1970, and hashes of tokens.

The database holds hashes only: anyone who reads it can neither use a link nor take over a session. `now` and
`new_token` are given by the caller (a token: at least 32 characters, random, URL-safe).
"""

from __future__ import annotations

import hashlib
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime

from app.responses.tables import Researcher

Now = Callable[[], datetime]
NewToken = Callable[[], str]

MINUTE, HOUR, DAY = 60, 3600, 86400


class AccessRefused(Exception):
    """The request is refused. The message is written for the person who asked."""


class UnknownResearcher(AccessRefused):
    """No researcher has this email address."""


def seconds(now: Now) -> int:
    return int(now().timestamp())


def transaction():
    return Researcher._meta.db.transaction()


def normal_email(email: str) -> str:
    return unicodedata.normalize("NFKC", email).strip().lower()


def hashed(token: str) -> str:
    """The stored form of a random token. It cannot be guessed, so no salt and no slow hash are needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def url_safe(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


async def id_of(email: str) -> int | None:
    row = await Researcher.select(Researcher.id).where(Researcher.email == email).first()
    return row["id"] if row else None
