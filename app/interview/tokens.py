"""The respondent's token: a signed, random key to one response, which only the browser stores.

What is stored is derived from the token by a one-way function: nobody who reads the database can open,
change or withdraw a response with what it contains.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

SECRET_BYTES = 16
MAC_BYTES = 12
TRIES = 100  # of which one in 64 is in vain
LETTERS = 43  # of a token: 32 bytes in base64url

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without what is easily misread: 0 and O, 1, I and L
RECEIPT_LETTERS = 16


@dataclass(frozen=True)
class Token:
    """`began` is in whole seconds since 1970: when the respondent pressed Begin, and before that when the first page was
    opened. It is known to the browser only."""

    secret: bytes
    began: int
    text: str

    @cached_property
    def response(self) -> str:
        """The response's id: 20 letters that do not lead back to the token."""
        return base64.urlsafe_b64encode(hashlib.sha256(b"response:" + self.secret).digest()[:15]).decode()


def receipt_code(key: bytes, token: Token) -> str:
    """The code by which the respondent can withdraw, in four groups of four letters. It takes the server's key to
    derive it: a cookie that is left behind on a device does not give it away."""
    number = int.from_bytes(hmac.digest(key, b"receipt:" + token.secret, "sha256"), "big")
    letters = ""
    for _ in range(RECEIPT_LETTERS):
        number, letter = divmod(number, len(ALPHABET))
        letters += ALPHABET[letter]
    return "-".join(letters[start : start + 4] for start in range(0, RECEIPT_LETTERS, 4))


def new_secret(random_bytes: Callable[[int], bytes]) -> bytes:
    """A secret whose response's id a spreadsheet program does not take for a formula."""
    for _ in range(TRIES):
        secret = random_bytes(SECRET_BYTES)
        if not Token(secret, 0, "").response.startswith("-"):
            return secret
    raise ValueError("the source of random bytes repeats itself")


def issue(key: bytes, survey: str, secret: bytes, began: int) -> Token:
    """A new token from 16 random bytes, valid for one survey."""
    body = secret + struct.pack(">I", began)
    text = base64.urlsafe_b64encode(body + _mac(key, survey, body)).decode().rstrip("=")
    return Token(secret, began, text)


def check(key: bytes, survey: str, text: str) -> Token | None:
    """The token, or None for whatever this service did not issue for this survey."""
    return _checked(key, survey, text) if len(text) == LETTERS else None


@lru_cache(maxsize=4096)  # of texts of one length, so that nobody can fill the memory with longer ones
def _checked(key: bytes, survey: str, text: str) -> Token | None:
    try:
        raw = base64.urlsafe_b64decode(f"{text}=")
    except (binascii.Error, ValueError):
        return None
    began = int.from_bytes(raw[SECRET_BYTES : SECRET_BYTES + 4], "big")
    token = issue(key, survey, raw[:SECRET_BYTES], began)
    # Written again and compared as a whole: a token can be written in only one way.
    return token if hmac.compare_digest(token.text.encode(), text.encode("utf-8", "replace")) else None


def _mac(key: bytes, survey: str, body: bytes) -> bytes:
    return hmac.digest(key, survey.encode() + b":" + body, "sha256")[:MAC_BYTES]


def receipt_hash(code: str) -> str:
    """What is stored of a receipt code, however its letters were typed."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", code).upper() if letter.isalnum())
    return hashlib.sha256(b"receipt-code:" + letters.encode("utf-8", "replace")).hexdigest()
