"""The single form in which HTTP errors are reported: a plain page, JSON or one line of text."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from litestar import Request, Response
from litestar.exceptions import HTTPException

from app.languages.catalogues import ENGLISH, N_, catalogue, preferred, spoken
from app.logs import what_went_wrong
from app.responses.errors import StorageError, outage

log = logging.getLogger("opinion.web")


@dataclass(frozen=True, slots=True)
class Link:
    """A link on a problem's page."""

    href: str
    label: str


START = Link("/", N_("Go to the list of surveys"))

#: heading, what, remedy of each status that can occur.
TEXTS = {
    400: (
        N_("This request could not be read"),
        N_("The request was incomplete or damaged, so nothing was changed."),
        N_("Go back, reload the page and try again."),
    ),
    401: (
        N_("Please sign in"),
        N_("This page is for researchers who are signed in."),
        N_("Sign in and open it again."),
    ),
    403: (
        N_("This request was refused"),
        N_("It came from another site or from a page that is no longer valid, so nothing was changed."),
        N_("Open the page here again and send it from there."),
    ),
    404: (
        N_("There is nothing here"),
        N_("The address may be mistyped, or what was here may have been closed or moved."),
        N_("Check the address, or start from the list of surveys."),
    ),
    405: (
        N_("This page cannot be used that way"),
        N_("The page exists, but does not accept this kind of request."),
        N_("Open it from a link instead."),
    ),
    408: (
        N_("That took too long"),
        N_("The connection was too slow to receive the whole page. Nothing was changed."),
        N_("Go back and send it again when the connection is better."),
    ),
    413: (
        N_("That is too large"),
        N_("The request is larger than any form on this site, so it was not read."),
        N_("Shorten the text you entered and send it again."),
    ),
    422: (
        N_("This form cannot be processed"),
        N_("The request does not match its form, so nothing was changed."),
        N_("Go back, reload the page and try again."),
    ),
    429: (
        N_("Too many attempts"),
        N_("There have been many attempts in a short time, so further ones have to wait."),
        N_("Wait a while and try again."),
    ),
    500: (
        N_("Something went wrong here"),
        N_("This is our fault. Everything you saved before is still stored."),
        N_("Try again in a moment."),
    ),
    503: (
        N_("Not available just now"),
        N_("The service is starting, stopping or busy."),
        N_("Try again in a minute."),
    ),
}


AGAIN = N_(
    "Try again in a moment. If it happens again, give the reference %(reference)s to the people who run this site."
)


class HTTPProblem(HTTPException):
    """Raise it to respond with a designed page. Texts left out come from `TEXTS`.

    Its texts are in English and marked by N_; a page shows them in the visitor's language, with `values` put in.
    Unlike the detail of other HTTP errors, which may repeat the request and is never shown, its texts are shown: they
    must not contain anything that was sent.
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
        self.values: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """A response ready to send."""

    status: int
    media_type: str
    body: bytes
    headers: dict[str, str]


def log_outage(cause: StorageError, method: str, route: str) -> None:
    """One plain line; the messages of storage contain nothing of a request or a row."""
    log.error("503 %s %s: the database cannot be used: %s", method, route or "(no route)", cause)


class Problems:
    """The responses to errors. `new_token` gives the random references of our own faults."""

    def __init__(self, pages: Environment, new_token: Callable[[], str]) -> None:
        self._pages = pages
        self._new_token = new_token
        self._usual: dict[tuple[int, str], bytes] = {}

    def response_to(
        self, error: BaseException, accept: str, method: str = "", route: str = "", languages: str = ""
    ) -> ErrorResponse:
        """The response to an exception, in the format and, on a page, the language that the visitor accepts. Our own
        faults are logged.

        `route` is the route's template, never the requested path: a path can hold a token.
        """
        problem = self._as_problem(error, method, route)
        media_type = _preferred(accept)
        if media_type == "text/html":
            body = self._page(problem, preferred(languages, spoken()) or ENGLISH)
        else:
            body = _as_json(problem) if media_type == "application/json" else _as_text(problem)
        return ErrorResponse(problem.status_code, media_type, body, dict(problem.headers or {}))

    def exception_handlers(self) -> dict[type[Exception], Callable[[Request, Exception], Response]]:
        """For the Litestar app."""
        return {Exception: self._answer}

    def _answer(self, request: Request, error: Exception) -> Response:
        accept, languages = (request.headers.get(name, "") for name in ("accept", "accept-language"))
        made = self.response_to(error, accept, request.method, request.scope.get("path_template") or "", languages)
        return Response(made.body, status_code=made.status, media_type=made.media_type, headers=made.headers)

    def _as_problem(self, error: BaseException, method: str, route: str) -> HTTPProblem:
        if isinstance(error, HTTPProblem) and (error.status_code < 500 or error.status_code == 503):
            return error
        if isinstance(error, HTTPException) and error.status_code < 500:
            return HTTPProblem(error.status_code, headers=_passed_on(error.headers))
        if isinstance(error, HTTPException) and error.status_code == 503:
            return HTTPProblem(503, headers=_passed_on(error.headers))
        if (cause := outage(error)) is not None:
            log_outage(cause, method, route)
            return HTTPProblem(503, headers={"Retry-After": "5"})
        return self._our_fault(error, method, route)

    def _our_fault(self, error: BaseException, method: str, route: str) -> HTTPProblem:
        reference = self._new_token()[:8]
        frames = "\n".join(what_went_wrong(error))
        log.error("500 reference %s: %s %s\n%s", reference, method, route or "(no route)", frames)
        problem = HTTPProblem(500, remedy=AGAIN)
        problem.values = {"reference": reference}
        return problem

    def _page(self, problem: HTTPProblem, language: str) -> bytes:
        if not _is_usual(problem):
            return self._rendered(problem, language)
        key = (problem.status_code, language)
        if key not in self._usual:
            self._usual[key] = self._rendered(problem, language)
        return self._usual[key]

    def _rendered(self, problem: HTTPProblem, language: str) -> bytes:
        try:
            shown = _fields(problem, language)
            return self._pages.get_template("problem.html").render(shown, language=language).encode()
        except Exception as error:  # the page that reports faults must not fail itself
            log.error("problem.html cannot be rendered\n%s", "\n".join(what_went_wrong(error)))
            return _bare_page(problem)


def _fields(problem: HTTPProblem, language: str = ENGLISH) -> dict[str, Any]:
    say = catalogue(language).gettext
    texts = (say(text) if text else "" for text in (problem.heading, problem.what, problem.remedy))
    heading, what, remedy = (text % problem.values if problem.values else text for text in texts)
    link = problem.link and Link(problem.link.href, say(problem.link.label))
    return {"status": problem.status_code, "heading": heading, "what": what, "remedy": remedy, "link": link}


def _is_usual(problem: HTTPProblem) -> bool:
    usual = (problem.heading, problem.what, problem.remedy) == TEXTS.get(problem.status_code)
    return usual and problem.link == START


def _passed_on(headers: Mapping[str, str] | None) -> dict[str, str]:
    """The headers of a framework's error that are passed on: allowed methods, when to try again, closing."""
    known = ("allow", "connection", "retry-after")
    return {name: text for name, text in (headers or {}).items() if name.lower() in known}


def _preferred(accept: str) -> str:
    """A page, unless the Accept header names something else: browsers and curl alike get the page."""
    if "text/html" in accept:
        return "text/html"
    if "application/json" in accept:
        return "application/json"
    if "text/event-stream" in accept or "text/plain" in accept or "text/csv" in accept:
        return "text/plain"
    return "text/html"


def _as_json(problem: HTTPProblem) -> bytes:
    fields = _fields(problem)
    del fields["link"]
    return json.dumps(fields, ensure_ascii=False).encode()


def _as_text(problem: HTTPProblem) -> bytes:
    return "{status} {heading}. {what} {remedy}\n".format(**_fields(problem)).encode()


def _bare_page(problem: HTTPProblem) -> bytes:
    """The texts of a problem are ours, so they need no escaping."""
    page = (
        '<!doctype html><html lang="en"><title>{heading}</title>'
        "<h1>{heading}</h1><p>{what}</p><p>{remedy}</p></html>"
    )
    return page.format(**_fields(problem)).encode()
