"""The one way in which anything that goes wrong over HTTP is told: a plain page, JSON or one line of text."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from litestar import Request, Response
from litestar.exceptions import HTTPException

from app.responses.errors import Busy, Unavailable
from app.web.logs import what_went_wrong

log = logging.getLogger("opinion.web")


@dataclass(frozen=True, slots=True)
class Link:
    """Where a problem's page points to."""

    href: str
    label: str


START = Link("/", "Go to the list of surveys")

#: heading, what, remedy of each status that can occur.
TEXTS = {
    400: (
        "This request could not be read",
        "What arrived here is incomplete or damaged, so nothing was changed.",
        "Go back, reload the page and try again.",
    ),
    401: (
        "Please sign in",
        "This page is for researchers who are signed in.",
        "Sign in and open it again.",
    ),
    403: (
        "This request was refused",
        "It came from another site or from a page that is no longer valid, so nothing was changed.",
        "Open the page here again and send it from there.",
    ),
    404: (
        "There is nothing here",
        "The address may be mistyped, or what was here may have been closed or moved.",
        "Check the address, or start from the list of surveys.",
    ),
    405: (
        "This page cannot be used that way",
        "It exists, but it does not accept this kind of request.",
        "Open it from a link instead.",
    ),
    408: (
        "That took too long",
        "The connection was so slow that the whole of the page did not arrive. Nothing was changed.",
        "Go back and send it again when the connection is better.",
    ),
    413: (
        "That is too much at once",
        "What was sent is larger than any form of this site, so it was not read.",
        "Shorten the text you entered and send it again.",
    ),
    422: (
        "Something does not fit",
        "What was sent does not fit the form it belongs to, so nothing was changed.",
        "Go back, reload the page and try again.",
    ),
    429: (
        "Too many attempts",
        "There have been many attempts in a short time, so further ones have to wait.",
        "Wait a while and try again.",
    ),
    500: (
        "Something went wrong here",
        "The fault is ours. Whatever was acknowledged before is kept.",
        "Try again in a moment.",
    ),
    503: (
        "Not available just now",
        "The service is starting, stopping or busy.",
        "Try again in a minute.",
    ),
}


class Problem(HTTPException):
    """Raise it to answer with a designed page. Texts left out come from `TEXTS`.

    Unlike the detail of other HTTP errors, which may repeat the request and is never shown, its texts are shown:
    they must not contain anything that was sent.
    """

    def __init__(
        self,
        status: int,
        heading: str = "",
        what: str = "",
        remedy: str = "",
        link: Link | None = START,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status_code=status, detail=heading, headers=dict(headers or {}))
        texts = TEXTS.get(status) or TEXTS[400 if status < 500 else 500]
        self.heading, self.what, self.remedy = heading or texts[0], what or texts[1], remedy or texts[2]
        self.link = link


@dataclass(frozen=True, slots=True)
class Told:
    """An answer ready to send."""

    status: int
    media_type: str
    body: bytes
    headers: dict[str, str]


class Problems:
    """Tells problems. `new_token` gives the random references of faults of ours."""

    def __init__(self, pages: Environment, new_token: Callable[[], str]) -> None:
        self._pages = pages
        self._new_token = new_token
        self._usual: dict[int, bytes] = {}

    def tell(self, error: BaseException, accept: str, method: str = "", route: str = "") -> Told:
        """The answer to an exception, in the form the visitor accepts. A fault of ours is logged.

        `route` is the route's template, never the path that was asked for: a path can hold a token.
        """
        problem = self._as_problem(error, method, route)
        media_type = _preferred(accept)
        body = {"text/html": self._page, "application/json": _as_json, "text/plain": _as_text}[media_type](
            problem
        )
        return Told(problem.status_code, media_type, body, dict(problem.headers or {}))

    def exception_handlers(self) -> dict[type[Exception], Callable[[Request, Exception], Response]]:
        """What the Litestar app takes as `exception_handlers`."""
        return {Exception: self._answer}

    def _answer(self, request: Request, error: Exception) -> Response:
        accept = request.headers.get("accept", "")
        told = self.tell(error, accept, request.method, request.scope.get("path_template") or "")
        return Response(told.body, status_code=told.status, media_type=told.media_type, headers=told.headers)

    def _as_problem(self, error: BaseException, method: str, route: str) -> Problem:
        if isinstance(error, Problem) and error.status_code < 500:
            return error
        if isinstance(error, HTTPException) and error.status_code < 500:
            return Problem(error.status_code, headers=_passed_on(error.headers))
        if isinstance(error, HTTPException) and error.status_code == 503:
            return Problem(503, headers=_passed_on(error.headers))
        if isinstance(error, (Busy, Unavailable)):
            log.error("503 %s %s\n%s", method, route or "(no route)", "\n".join(what_went_wrong(error)))
            return Problem(503, headers={"Retry-After": "5"})
        return self._our_fault(error, method, route)

    def _our_fault(self, error: BaseException, method: str, route: str) -> Problem:
        reference = self._new_token()[:8]
        frames = "\n".join(what_went_wrong(error))
        log.error("500 reference %s: %s %s\n%s", reference, method, route or "(no route)", frames)
        remedy = (
            f"{TEXTS[500][2]} If it happens again, tell those who run this site the reference {reference}."
        )
        return Problem(500, remedy=remedy)

    def _page(self, problem: Problem) -> bytes:
        if not _is_usual(problem):
            return self._rendered(problem)
        if problem.status_code not in self._usual:
            self._usual[problem.status_code] = self._rendered(problem)
        return self._usual[problem.status_code]

    def _rendered(self, problem: Problem) -> bytes:
        try:
            return self._pages.get_template("problem.html").render(_fields(problem)).encode()
        except Exception as error:  # the page that reports faults must not be the one to fail
            log.error("problem.html cannot be rendered\n%s", "\n".join(what_went_wrong(error)))
            return _bare_page(problem)


def _fields(problem: Problem) -> dict[str, Any]:
    return {
        "status": problem.status_code,
        "heading": problem.heading,
        "what": problem.what,
        "remedy": problem.remedy,
        "link": problem.link,
    }


def _is_usual(problem: Problem) -> bool:
    usual = (problem.heading, problem.what, problem.remedy) == TEXTS.get(problem.status_code)
    return usual and problem.link == START


def _passed_on(headers: Mapping[str, str] | None) -> dict[str, str]:
    """What a framework's error may say in headers: which methods are allowed, when to come back, to hang up."""
    known = ("allow", "connection", "retry-after")
    return {name: text for name, text in (headers or {}).items() if name.lower() in known}


def _preferred(accept: str) -> str:
    """A page unless something else is asked for by name: browsers and curl alike get the page."""
    if "text/html" in accept:
        return "text/html"
    if "application/json" in accept:
        return "application/json"
    if "text/event-stream" in accept or "text/plain" in accept or "text/csv" in accept:
        return "text/plain"
    return "text/html"


def _as_json(problem: Problem) -> bytes:
    fields = _fields(problem)
    del fields["link"]
    return json.dumps(fields, ensure_ascii=False).encode()


def _as_text(problem: Problem) -> bytes:
    return f"{problem.status_code} {problem.heading}. {problem.what} {problem.remedy}\n".encode()


def _bare_page(problem: Problem) -> bytes:
    """The texts of a problem are ours, so they need no escaping."""
    text = f"<h1>{problem.heading}</h1><p>{problem.what}</p><p>{problem.remedy}</p>"
    return f'<!doctype html><html lang="en"><title>{problem.heading}</title>{text}</html>'.encode()
