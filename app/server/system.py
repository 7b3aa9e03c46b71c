"""The clock and the random source of this machine, which everything else receives as arguments."""

from __future__ import annotations

import base64
import datetime
import secrets


def local_now() -> datetime.datetime:
    return datetime.datetime.now().astimezone()


def random_bytes(count: int) -> bytes:
    return secrets.token_bytes(count)


def letters(octets: bytes) -> str:
    """Bytes as letters, digits, `-` and `_`, for addresses and cookies."""
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def new_token() -> str:
    """A random token of 43 letters."""
    return letters(random_bytes(32))
