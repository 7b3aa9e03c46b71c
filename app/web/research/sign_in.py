"""The pages on which researchers sign in and out, and the guard of everything under /research."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

from jinja2 import Environment
from litestar import Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from app.accounts.base import AccessRefused, NewToken, Now
from app.accounts.links import sign_in_with_link, whose_link
from app.accounts.passwords import SHORTEST_PASSWORD, set_password, sign_in_with_password
from app.accounts.sessions import (
    SESSION_SECONDS,
    SignedIn,
    active_sessions,
    belongs,
    session_of,
    sign_out,
    sign_out_everywhere,
)
from app.accounts.throttle import Throttled
from app.languages.catalogues import N_
from app.web.http.problems import HTTPProblem, Link

HOME = "/research"
#: Addresses that a sign-in may lead to: local, pages of researchers only, nothing ambiguous.
NEXT = re.compile(r"/(?:research|present)(?:[/?][A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")
MOST_FIELDS = 50


@dataclass(frozen=True, slots=True)
class SignInContext:
    """What the pages of signing in need. `secret` is the server's own and stays the same over restarts."""

    pages: Environment
    secret: bytes
    https: bool
    now: Now
    new_token: NewToken
    wants_password: bool = True  # of who signs in by a link and has none

    def __deepcopy__(self, memo: Any) -> SignInContext:
        """Litestar copies what guards are bound to, and templates cannot be copied."""
        return self

    @property
    def cookie(self) -> str:
        """Over https a name that browsers accept only from this very host, so that no neighbouring site can plant it."""
        return "__Host-researcher" if self.https else "researcher"

    def token(self, connection: ASGIConnection) -> str:
        return connection.cookies.get(self.cookie, "")

    def set_cookie(self, token: str, seconds: int) -> Cookie:
        """Strict, so that no other site can cause a request as a researcher; `signed_out` eases what that breaks."""
        return Cookie(
            key=self.cookie,
            value=token,
            max_age=seconds,
            path="/",
            secure=self.https,
            httponly=True,
            samesite="strict",
        )

    def page(
        self, template: str, status: int = 200, headers: dict[str, str] | None = None, **shown
    ) -> Response:
        html = self.pages.get_template(f"research/{template}").render(**{"signed_in": None, **shown})
        return Response(html.encode(), status_code=status, media_type="text/html", headers=headers)


class ResearchAccess:
    """`router` has the routes of signing in; every other route under /research takes `guard` and `dependencies`."""

    def __init__(self, context: SignInContext) -> None:
        self._context = context
        self.dependencies = {"who": Provide(who_is_signed_in, sync_to_thread=False)}
        self.router = Router(
            "/",
            route_handlers=[
                show_sign_in, take_password, show_link, take_link,
                Router(
                    HOME,
                    route_handlers=[show_account, take_new_password, take_sign_out, take_sign_out_everywhere],
                    guards=[self.guard],
                    dependencies=self.dependencies,
                ),
            ],
            dependencies={"context": Provide(lambda: context, sync_to_thread=False)},
        )  # fmt: skip

    async def guard(self, connection: ASGIConnection, _: BaseRouteHandler) -> None:
        """Lets signed-in researchers pass. Others get 303 to the sign-in page, or 401 if a script sent the request."""
        who = await session_of(self._context.token(connection), self._context.now)
        if who is None:
            raise signed_out(connection, self._context)
        connection.scope["state"]["signed_in"] = who


def who_is_signed_in(request: Request) -> SignedIn:
    """The researcher whom the guard let pass."""
    return request.scope["state"]["signed_in"]


async def research_form(request: Request) -> dict[str, str]:
    """The fields of a form that a page of this very session sent. Raises HTTPProblem for one of another session."""
    fields = read_fields(await request.body())
    if not belongs(who_is_signed_in(request), fields.get("form_token", "")):
        raise HTTPProblem(
            403,
            heading=N_("This form is no longer valid"),
            what=N_("You have signed in again since it was opened, so nothing was changed."),
            remedy=N_("Open the page again and send it from there."),
            link=Link("/research/account", N_("Go to your account")),
        )
    return fields


def read_fields(body: bytes) -> dict[str, str]:
    """The fields of a form, the last of each name. Raises HTTPProblem if there are too many."""
    text = body.decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS))
    except ValueError:
        raise HTTPProblem(400) from None


# --- signing in ---


def signed_out(connection: ASGIConnection, context: SignInContext) -> HTTPProblem:
    """The answer without a session: pages lead to the sign-in page and from there back; scripts get a plain 401."""
    if asked_by_script(connection):
        return HTTPProblem(401, link=Link("/sign-in", N_("Sign in")))
    sign_in_page = sign_in_address(connection)
    link = Link(sign_in_page, N_("Continue to sign in"))
    if connection.headers.get("sec-fetch-site") == "cross-site" and not context.token(connection):
        # A strict cookie is not sent when a link on another site is followed (a webmail, say). A request from
        # our own page brings it, and the sign-in page sends those who are signed in straight on.
        what = N_("You followed a link from another site. Checking whether you are signed in.")
        return HTTPProblem(401, N_("One moment"), what, "", link, {"Refresh": f"0;url={sign_in_page}"})
    return HTTPProblem(
        303, N_("Please sign in"), N_("This page is for researchers."), "", link, {"Location": sign_in_page}
    )


def asked_by_script(connection: ASGIConnection) -> bool:
    mode = connection.headers.get("sec-fetch-mode", "navigate")
    accept = connection.headers.get("accept", "")
    if mode != "navigate":
        return True
    if "text/html" in accept:
        return False
    return "." in connection.url.path.rpartition("/")[2] or accept not in ("", "*/*")


def sign_in_address(connection: ASGIConnection) -> str:
    """The sign-in page, with the address to continue to if it can be opened by a link."""
    if connection.scope["method"] not in ("GET", "HEAD"):
        return "/sign-in"
    wanted = connection.scope["raw_path"].decode("latin-1").partition("?")[0]
    if query := connection.scope["query_string"].decode("latin-1"):
        wanted += "?" + query
    onward = safe_next(wanted)
    return "/sign-in" if onward == HOME else f"/sign-in?next={quote(onward, safe='/')}"


def safe_next(wanted: str) -> str:
    """The address after signing in: the requested one if it is a research page, else the first research page."""
    path = wanted.partition("?")[0]
    odd = len(wanted) > 2000 or "//" in path or ".." in path or not NEXT.fullmatch(wanted)
    return HOME if odd else wanted


@get("/sign-in")
async def show_sign_in(request: Request, context: NamedDependency[SignInContext]) -> Response:
    onward = safe_next(request.query_params.get("next", ""))
    if await session_of(context.token(request), context.now):
        return Redirect(onward, status_code=303)
    return context.page("sign_in.html", next=onward, email="", fault="")


@post("/sign-in")
async def take_password(request: Request, context: NamedDependency[SignInContext]) -> Response:
    form = read_fields(await request.body())
    email, onward = form.get("email", "")[:254], safe_next(form.get("next", ""))
    shown = {"next": onward, "email": email}
    address = request.client.host if request.client else ""
    try:
        token = await sign_in_with_password(
            email, form.get("password", ""), address, context.secret, context.now, context.new_token
        )
    except Throttled as throttled:
        return slowed_down(context, throttled, "sign_in.html", shown)
    if token is None:
        return context.page(
            "sign_in.html", 422, fault="The email address or the password is not correct.", **shown
        )
    return await enter(request, context, token, onward)


@get("/sign-in/{token:str}")
async def show_link(token: FromPath[str], context: NamedDependency[SignInContext]) -> Response:
    """Opening a link changes nothing: mail scanners open every link they find."""
    email = await whose_link(token, context.now)
    if email is None:
        return context.page("sign_in_link_over.html", 410)
    return context.page("sign_in_link.html", email=email, token=token)


@post("/sign-in/{token:str}")
async def take_link(token: FromPath[str], request: Request, context: NamedDependency[SignInContext]) -> Response:
    session = await sign_in_with_link(token, context.now, context.new_token)
    if session is None:
        return context.page("sign_in_link_over.html", 410)
    who = await session_of(session, context.now)
    asks = context.wants_password and not (who and who.has_password)
    return await enter(request, context, session, "/research/account" if asks else HOME)


async def enter(request: Request, context: SignInContext, token: str, onward: str) -> Response:
    """Starts a session in the browser. Its earlier session, its own or planted, is ended, never continued."""
    await sign_out(context.token(request))
    cookie = context.set_cookie(token, SESSION_SECONDS)
    return Redirect(onward, status_code=303, cookies=[cookie])


def slowed_down(context: SignInContext, throttled: Throttled, template: str, shown: dict[str, Any]) -> Response:
    wait = in_words(throttled.seconds)
    fault = f"There have been too many attempts. Wait {wait} and try again, or ask for a sign-in link."
    return context.page(template, 429, {"Retry-After": str(throttled.seconds)}, fault=fault, **shown)


def in_words(seconds: int) -> str:
    if seconds < 60:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"


# --- the account of a signed-in researcher ---


@get("/account")
async def show_account(
    request: Request, context: NamedDependency[SignInContext], who: NamedDependency[SignedIn]
) -> Response:
    done = "Your new password is set." if request.query_params.get("done") == "password" else ""
    return await account_page(context, who, done=done)


@post("/account/password")
async def take_new_password(
    request: Request, context: NamedDependency[SignInContext], who: NamedDependency[SignedIn]
) -> Response:
    form = await research_form(request)
    new = form.get("new", "")
    try:
        if new != form.get("again", ""):
            raise AccessRefused("The two new passwords are different.")
        await set_password(
            who, form.get("present", ""), new, context.secret, context.now, context.new_token
        )
    except Throttled as throttled:
        fault = f"There have been too many attempts. Wait {in_words(throttled.seconds)} and try again."
        return await account_page(context, who, 429, {"Retry-After": str(throttled.seconds)}, fault=fault)
    except AccessRefused as refused:
        return await account_page(context, who, 422, fault=str(refused))
    return Redirect("/research/account?done=password", status_code=303)


@post("/sign-out")
async def take_sign_out(request: Request, context: NamedDependency[SignInContext]) -> Response:
    await research_form(request)
    await sign_out(context.token(request))
    return leave(context)


@post("/sign-out-everywhere")
async def take_sign_out_everywhere(
    request: Request, context: NamedDependency[SignInContext], who: NamedDependency[SignedIn]
) -> Response:
    await research_form(request)
    await sign_out_everywhere(who.researcher)
    return leave(context)


def leave(context: SignInContext) -> Response:
    return Redirect("/sign-in", status_code=303, cookies=[context.set_cookie("", 0)])


async def account_page(
    context: SignInContext,
    who: SignedIn,
    status: int = 200,
    headers: dict[str, str] | None = None,
    fault: str = "",
    done: str = "",
) -> Response:
    shown = {"fault": fault, "done": done, "visits": await active_sessions(who, context.now), "shortest": SHORTEST_PASSWORD}
    return context.page("account.html", status, headers, signed_in=who, **shown)
