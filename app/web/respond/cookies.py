"""A respondent's cookies: the key to their response, and the hour in which its receipt code is shown.

Over https their names begin with `__Host-`: browsers accept such a cookie only from this very host, so that a
neighbouring site cannot plant one of its own and read what is typed after it.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.interview import tokens
from app.interview.tokens import Token
from app.web.http.replies import Reply, cookie

COOKIE_DAYS = 60
DAY = 86400
RECEIPT_SECONDS = 3600  # after submission, in which the receipt code is shown again


@dataclass(frozen=True, slots=True)
class Cookies:
    """`upgraded` is the time (seconds since 1970) of the first start with names that begin with `__Host-`: an older
    token is accepted under the plain name too, until its cookie expires. 0 without https."""

    key: bytes
    https: bool
    upgraded: int = 0

    def name(self, survey: str) -> str:
        return f"__Host-{plain_name(survey)}" if self.https else plain_name(survey)

    def receipt_name(self, survey: str) -> str:
        name = f"opinion-receipt_{survey}"
        return f"__Host-{name}" if self.https else name

    def text(self, scope: Mapping[str, Any], survey: str) -> str:
        """The cookie's value under its current name."""
        return cookie(scope, self.name(survey))

    def token(self, scope: Mapping[str, Any], survey: str, now: int) -> Token | None:
        """The token of the respondent in this browser."""
        found = tokens.check(self.key, survey, self.text(scope, survey))
        if found is not None or not self.https or now >= self.upgraded + COOKIE_DAYS * DAY:
            return found
        older = tokens.check(self.key, survey, cookie(scope, plain_name(survey)))
        # The time in a token is signed: nobody can plant a response that was begun after the upgrade.
        return older if older is not None and older.began < self.upgraded else None

    def remember(self, reply: Reply, survey: str, token: Token) -> Reply:
        """Sets the respondent's cookie. Tokens and ids of surveys need no quoting in cookies."""
        self._set(reply, self.name(survey), token.text, COOKIE_DAYS * DAY)
        return self._drop_plain(reply, survey)

    def forget(self, reply: Reply, survey: str) -> Reply:
        """Removes everything that a browser has stored of a response."""
        self._set(reply, self.name(survey), "", 0)
        self.hand_over(reply, survey)
        return self._drop_plain(reply, survey)

    def hand_over(self, reply: Reply, survey: str) -> Reply:
        """Before somebody else uses the device: removes the receipt's hour, and the pages that the browser has stored."""
        if self.https:  # browsers refuse it otherwise
            reply.headers.append((b"clear-site-data", b'"cache"'))
        return self._set(reply, self.receipt_name(survey), "", 0)

    def show_receipt(self, reply: Reply, survey: str, token: Token, now: int) -> Reply:
        """Lets the receipt code of this response be shown for an hour from now."""
        expires = now + RECEIPT_SECONDS
        text = f"{expires}.{self._signature(token, expires)}"
        return self._set(reply, self.receipt_name(survey), text, RECEIPT_SECONDS)

    def shows_receipt(self, scope: Mapping[str, Any], survey: str, token: Token, now: int) -> bool:
        """Whether this response's hour is not over."""
        written, _, signature = cookie(scope, self.receipt_name(survey)).partition(".")
        if not (written.isascii() and written.isdigit() and len(written) < 12):
            return False
        expires = int(written)
        right = self._signature(token, expires)
        signed = hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace"))
        return signed and now < expires <= now + RECEIPT_SECONDS

    def _signature(self, token: Token, expires: int) -> str:
        digest = hmac.digest(self.key, f"receipt-hour:{token.response}:{expires}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:18]).decode()

    def _drop_plain(self, reply: Reply, survey: str) -> Reply:
        if self.https and self.upgraded:
            self._set(reply, plain_name(survey), "", 0)
        return reply

    def _set(self, reply: Reply, name: str, text: str, seconds: int) -> Reply:
        stored = f"{name}={text}; HttpOnly; Max-Age={seconds}; Path=/; SameSite=lax"
        reply.headers.append((b"set-cookie", (f"{stored}; Secure" if self.https else stored).encode()))
        return reply


def plain_name(survey: str) -> str:
    return f"opinion_{survey}"
