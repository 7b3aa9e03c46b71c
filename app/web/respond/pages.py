"""How a physician answers: the way in, one page after the other, submission, the receipt, withdrawal.

A respondent has no session. One signed token, kept in a cookie and repeated in each form, says whose response
a page belongs to. Every GET leaves everything as it is.
"""

from __future__ import annotations

import datetime
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from litestar import Request, get, post
from litestar.params import FromPath

from app.catalogue.served import Shelf
from app.interview import token as tokens
from app.interview.dates import Today
from app.interview.draws import draw
from app.interview.form import Form, Reading, broken, read_section
from app.interview.form import Problem as Wrong
from app.interview.path import Answers, Path, unanswered, walk
from app.interview.questionnaire import Questionnaire
from app.interview.quotas import FULL, ending_of, places_wanted
from app.interview.restoring import retyped
from app.interview.token import Token
from app.languages.catalogues import N_
from app.responses.errors import Busy, Closed, Unavailable
from app.responses.rows import FINISHED, SCREENED_OUT, SUBMITTED, Row, Wanted
from app.responses.storage import Edit, Storage
from app.survey.identity import is_private
from app.survey.model import Instrument
from app.web.http.language import language_for, spoken_to
from app.web.http.problems import Link, Problem, log_outage
from app.web.http.replies import Pairs, Reply, body_of, go, header, html, parsed_form
from app.web.respond.cookies import Cookies
from app.web.respond.days import day_in, timing, today_in, zone_name

NOT_KEPT = N_(
    "Your answers could not be saved just now. Nothing you entered is lost: please send this page again in a moment."
)
NO_SUCH_CODE = N_("There is no response with this code. Check each letter; the code may also have been used already.")
GRACE = datetime.timedelta(days=1)  # after closing, for those who have already begun
AGAIN_LATER = ((b"retry-after", b"5"),)
KEPT_BY_THE_BROWSER = ((b"cache-control", b"private, no-cache"),)
MOST_FIELDS = 5000
MOST_PATHS = 4096  # respondents whose path is kept at hand


@dataclass(frozen=True)
class Desk:
    """What answering needs, put together once by the app."""

    storage: Storage
    shelf: Shelf
    environment: Environment
    key: bytes
    cookies: Cookies
    now: Callable[[], datetime.datetime]
    new_secret: Callable[[], bytes]
    paths: dict[tuple[str, int], Path]

    def today(self, instrument: Instrument | None = None) -> datetime.date:
        """Which day it is for a survey; without one, in the server's time zone."""
        return day_in(self.now(), instrument.time_zone if instrument else None)

    def answering(self, instrument: Instrument) -> Today | None:
        """The day of answering, for a survey to which it makes a difference."""
        return today_in(self.now(), instrument.time_zone) if instrument.uses_today else None

    def seconds(self) -> int:
        """Now, in whole seconds since 1970."""
        return int(self.now().timestamp())

    def page(self, template: str, status: int = 200, **shown: Any) -> Reply:
        return html(self.environment.get_template(template).render(**shown).encode(), status)


@dataclass(frozen=True, slots=True)
class Visit:
    """A respondent at a page: the token, the response as it stands, its questionnaire and its path."""

    token: Token
    row: Row
    questionnaire: Questionnaire
    path: Path
    today: Today | None = None

    @property
    def survey(self) -> str:
        return self.row.survey

    @property
    def instrument(self) -> Instrument:
        """In the respondent's language."""
        return self.questionnaire.instrument

    def at(self, desk: Desk, row: Row) -> Visit:
        """The same respondent with another state of the response."""
        return seen(desk, self.token, row, self.questionnaire)


def seen(desk: Desk, token: Token, row: Row, questionnaire: Questionnaire) -> Visit:
    questionnaire = questionnaire.in_language(row.answers.get("language"))
    today = desk.answering(questionnaire.instrument)
    return Visit(token, row, questionnaire, path_of(desk, questionnaire, row), today)


# --- reading a request -----------------------------------------------------------------------------------


async def read_form(request: Request) -> Form:
    """The fields of a form. Raises Problem for what is not one.

    Litestar's own parser keeps bodies in a cache shared by requests: answers must not stay there.
    """
    kind = header(request.scope, b"content-type").partition(b";")[0].strip().lower()
    if kind != b"application/x-www-form-urlencoded":
        raise Problem(
            415, N_("This form is not from this site"), N_("It has a format that this site does not use.")
        )
    try:
        return parsed_form(await body_of(request.receive), MOST_FIELDS)
    except ValueError:
        raise Problem(400) from None


def form_token(desk: Desk, survey: str, form: Form) -> Token:
    """The token that a form carries. Raises Problem where it is forged, missing or for another survey."""
    token = tokens.check(desk.key, survey, next(iter(form.get("token", ())), ""))
    if token is None:
        raise Problem(
            403, N_("This form does not belong to this survey"),
            N_("It has no key, or a key that was not issued for this survey. Nothing was changed."),
            N_("Open the survey again and answer from there."), Link(f"/s/{survey}", N_("Open the survey")),
        )  # fmt: skip
    return token


def cookie_token(desk: Desk, survey: str, scope: Mapping[str, Any]) -> Token | None:
    return desk.cookies.token(scope, survey, desk.seconds())


def shows_receipt(desk: Desk, here: Visit, request: Request) -> bool:
    """Whether the receipt code may still be shown on this device, which somebody else may come to use."""
    return desk.cookies.shows_receipt(request.scope, here.survey, here.token, desk.seconds())


def served(desk: Desk, survey: str) -> Questionnaire:
    """The survey's current version. Raises Problem when none is served."""
    questionnaire = desk.shelf.served.get(survey)
    if questionnaire is None:
        raise Problem(404)
    return questionnaire


async def load(desk: Desk, token: Token) -> Row | None:
    return desk.storage.cached(token.response) or await desk.storage.load(token.response)


async def visit(desk: Desk, survey: str, token: Token | None) -> Visit | None:
    """Where this respondent is, or None for one who has not begun or has withdrawn."""
    row = await load(desk, token) if token is not None else None
    if token is None or row is None or row.survey != survey or row.disposition == "withdrawn":
        return None
    questionnaire = desk.shelf.ready(survey, row.instrument) or await desk.shelf.questionnaire(
        survey, row.instrument
    )
    if questionnaire is None:
        return None
    return seen(desk, token, row, questionnaire)


def path_of(desk: Desk, questionnaire: Questionnaire, row: Row) -> Path:
    """The path of a response as it stands; kept for the page that follows."""
    key = (row.id, row.seq)
    path = desk.paths.get(key)
    if path is None:
        path = desk.paths[key] = walk(questionnaire.instrument, row.answers)
        if len(desk.paths) > MOST_PATHS:
            del desk.paths[next(iter(desk.paths))]
    return path


# --- beginning -------------------------------------------------------------------------------------------


async def start(desk: Desk, instrument: Instrument, token: Token, language: str) -> None:
    """Begins a response with what is given to it: what is drawn, its language and its day."""
    today = desk.today(instrument)
    # Who does not hold the server's key cannot work out what anybody is given.
    version = instrument.survey, instrument.digest
    seed = hmac.digest(desk.key, f"draws:{desk.shelf.seeds.get(version, '')}".encode(), "sha256")

    def drawing(place: int) -> dict[str, Any]:
        return draw(instrument, place, seed, today.isoformat(), language)

    given = {"drawing": drawing} if instrument.drawn else {"answers": drawing(0)}
    await desk.storage.begin(token.response, instrument.survey, instrument.digest, today, **given)


# --- when a survey can be answered -----------------------------------------------------------------------


def refuse_when_over(desk: Desk, here: Visit) -> None:
    """Raises Problem when it is too late even for those who have begun."""
    current = desk.shelf.served.get(here.survey, here.questionnaire).instrument
    if current.closes and timing(current, desk.today(current) - GRACE) == "closed":
        raise Problem(
            410,
            N_("This survey has closed"),
            N_("It no longer accepts answers. Nothing was changed."),
            N_("Thank you all the same."),
        )


def entry(instrument: Instrument) -> dict[str, Any]:
    """A survey as the list shows it."""
    return {
        "title": instrument.title, "href": f"/s/{instrument.survey}", "description": instrument.description,
        "minutes": None, "closes": instrument.closes, "language": instrument.language,
    }  # fmt: skip


def results_address(instrument: Instrument, screened_out: bool = False) -> str | None:
    """Where the figures are, for those who may see them: who was screened out has not answered."""
    hidden_from = ("nobody", "respondents") if screened_out else ("nobody",)
    return None if instrument.results.show_to in hidden_from else f"/results/{instrument.survey}"


# --- pages -----------------------------------------------------------------------------------------------


def address(survey: str, section: str | None) -> str:
    return f"/s/{survey}/{section or 'submit'}"


def current(here: Visit) -> str:
    """Where the respondent goes on: the first section with something not yet answered or no longer right, or the end."""
    left = left_to_do(here)
    return address(here.survey, next((step.section.id for step in here.path.sections if step.section.id in left), None))


def left_to_do(here: Visit) -> set[str]:
    """The sections that keep a response from being submitted."""
    return {section.id for section, _ in unanswered(here.path)} | broken(here.path, here.row.answers, here.today).keys()


def back_address(here: Visit, section: str) -> str | None:
    before = here.path.preceding(section)
    return address(here.survey, before) if before else None


def render_section(here: Visit, section: str) -> bytes:
    step = here.path.step(section)
    assert step is not None  # only what is on the path opens
    problems = broken(here.path, here.row.answers, here.today).get(section, ())
    back = back_address(here, section)
    return here.questionnaire.page(here.token.text, here.path, step, back, problems, here.today)


def render_again(here: Visit, section: str, form: Form, reading: Reading) -> bytes:
    """The page as it was sent, with what is wrong and what was left out said beside it."""
    path = walk(here.instrument, reading.applied(here.row.answers) | reading.pending)
    step = path.step(section)
    assert step is not None  # a section's own answers never decide on it
    return here.questionnaire.filled(
        here.token.text, path, step, back_address(here, section), form,
        reading.problems, reading.skipped, [item for item in form.get("asked", ()) if item in here.instrument.item],
        here.today,
    )  # fmt: skip


# --- the routes ------------------------------------------------------------------------------------------


def respond_routes(desk: Desk) -> list[Any]:
    return [*ways_in(desk), *pages(desk), *ends(desk), *ways_out(desk)]


def ways_in(desk: Desk) -> list[Any]:
    """The list of surveys, and the first page of each."""

    @get("/")
    async def surveys(request: Request) -> Reply:
        listed = [
            q.instrument.in_language(language_for(q.instrument, request))
            for q in desk.shelf.served.values()
            if timing(q.instrument, desk.today(q.instrument)) == "open"
        ]
        shown = [entry(instrument) for instrument in listed]
        return desk.page("surveys.html", surveys=shown, language=spoken_to(request))

    @get("/s/{survey:str}")
    async def way_in(request: Request, survey: FromPath[str]) -> Reply:
        questionnaire = served(desk, survey)
        instrument = questionnaire.instrument
        here = await visit(desk, survey, cookie_token(desk, survey, request.scope))
        state = timing(instrument, desk.today(instrument))
        chosen = request.query_params.get("language", "")
        finished = here is not None and here.row.disposition in FINISHED
        anew = finished and state == "open" and "anew" in request.query_params  # somebody else on this device
        if here is not None and not anew:
            state = "submitted" if finished else "resume"
            chosen = chosen if chosen in instrument.languages else here.instrument.language
        fresh = tokens.issue(desk.key, survey, desk.new_secret(), desk.seconds())
        return desk.page(
            "welcome.html", instrument=instrument.in_language(language_for(instrument, request, chosen)),
            asks_who=questionnaire.asks_who, state=state, anew=anew, token=fresh.text, own=here.token.text if here is not None else None, minutes=None,
            resume=current(here) if here is not None else None, results=results_address(instrument),
            zone=zone_name(desk.now(), instrument.time_zone), may_begin=timing(instrument, desk.today(instrument)) == "open", lost="lost" in request.query_params and here is None,
        )  # fmt: skip

    @post("/s/{survey:str}")
    async def begin(request: Request, survey: FromPath[str]) -> Reply:
        form = await read_form(request)
        instrument = served(desk, survey).instrument
        token = form_token(desk, survey, form)
        if timing(instrument, desk.today(instrument)) != "open":
            return go(f"/s/{survey}")
        token = tokens.issue(desk.key, survey, token.secret, desk.seconds())  # its minutes count from now
        if (under_way := await goes_on(desk, request, survey, token, form)) is not None:
            return under_way
        chosen = next(iter(form.get("language", ())), "")
        await start(desk, instrument, token, language_for(instrument, request, chosen))
        here = await visit(desk, survey, token)
        reply = desk.cookies.remember(go(current(here) if here else f"/s/{survey}"), survey, token)
        return desk.cookies.hide_receipt(reply, survey) if "anew" in form else reply

    return [surveys, way_in, begin]


async def goes_on(desk: Desk, request: Request, survey: str, token: Token, form: Form) -> Reply | None:
    """Where Begin leads in a browser that has begun already, as after a double click or in a second tab; None for
    one that has not, and for somebody else on the same device."""
    own = cookie_token(desk, survey, request.scope)
    here = await visit(desk, survey, own) if own is not None and "anew" not in form else None
    here = here or await visit(desk, survey, token)
    if here is None:
        return None
    reply = go(f"/s/{survey}")  # where one who has submitted finds what is left to do
    if here.row.disposition not in FINISHED:
        language = new_language(here, form) if here.token.secret == token.secret else None
        if language is not None:
            await keep(desk, here, speaking(language))
        else:
            reply = go(current(here))
    return desk.cookies.remember(reply, survey, here.token)


def pages(desk: Desk) -> list[Any]:
    """The sections."""

    @get("/s/{survey:str}/{section:str}")
    async def page(request: Request, survey: FromPath[str], section: FromPath[str]) -> Reply:
        here = await visit(desk, survey, cookie_token(desk, survey, request.scope))
        if here is None:
            return to_way_in(desk, survey, "?lost")
        if here.row.disposition in FINISHED:
            return go(f"/s/{survey}/done")
        if section not in here.instrument.section:
            return missing()
        if section not in here.path.open:
            return go(current(here))
        return html(render_section(here, section))

    @post("/s/{survey:str}/{section:str}")
    async def answer(request: Request, survey: FromPath[str], section: FromPath[str]) -> Reply:
        form = await read_form(request)
        here = await arriving(desk, request, survey, form)
        if isinstance(here, Reply):
            return here
        if section not in here.instrument.section:
            return missing()
        check_version(here, form)
        take = change_language if new_language(here, form) else take_page
        response = await take(desk, here, section, form)
        return desk.cookies.remember(response, survey, here.token) if needs_cookie(desk, request, here) else response

    return [page, answer]


def ends(desk: Desk) -> list[Any]:
    """The page before submission, submission, and the receipt."""

    @get("/s/{survey:str}/submit")
    async def end(request: Request, survey: FromPath[str]) -> Reply:
        here = await visit(desk, survey, cookie_token(desk, survey, request.scope))
        if here is None:
            return to_way_in(desk, survey)
        if here.row.disposition in FINISHED:
            return go(f"/s/{survey}/done")
        if left_to_do(here):
            return go(current(here))
        return desk.page("end.html", **shown_at_end(here))

    @post("/s/{survey:str}/submit")
    async def submit(request: Request, survey: FromPath[str]) -> Reply:
        form = await read_form(request)
        here = await arriving(desk, request, survey, form)
        if isinstance(here, Reply):
            return here
        if language := new_language(here, form):
            await keep(desk, here, speaking(language))
            return desk.cookies.remember(go(f"/s/{survey}/submit"), survey, here.token)
        return await finish(desk, here)

    @get("/s/{survey:str}/done")
    async def done(request: Request, survey: FromPath[str]) -> Reply:
        here = await visit(desk, survey, cookie_token(desk, survey, request.scope))
        if here is None:
            return to_way_in(desk, survey)
        if here.row.disposition not in FINISHED:
            return go(current(here))
        screened_out = here.row.disposition == SCREENED_OUT
        shown = here.questionnaire.in_language(request.query_params.get("language"))
        return desk.page(
            "done.html", instrument=shown.instrument, asks_who=shown.asks_who,
            ending=ending(shown.instrument, here.path) if screened_out else None,
            receipt=tokens.receipt_code(desk.key, here.token) if shows_receipt(desk, here, request) else None,
            piped=shown.piped(here.path.answers), results=results_address(shown.instrument, screened_out),
        )  # fmt: skip

    return [end, submit, done]


def ways_out(desk: Desk) -> list[Any]:
    """Being forgotten on a device, and withdrawing a response."""

    @post("/s/{survey:str}/forget")
    async def forget(survey: FromPath[str]) -> Reply:
        return desk.cookies.forget(to_way_in(desk, survey), survey)

    @get("/withdraw")
    async def withdrawal(request: Request) -> Reply:
        return desk.page("withdraw.html", withdrawn=False, language=spoken_to(request))

    @post("/withdraw")
    async def withdraw(request: Request) -> Reply:
        code = next(iter((await read_form(request)).get("receipt", ())), "")
        survey = await desk.storage.withdraw(tokens.receipt_hash(code), desk.today())
        if survey is None:
            return desk.page(
                "withdraw.html",
                422,
                withdrawn=False,
                problem=NO_SUCH_CODE,
                receipt=code,
                language=spoken_to(request),
            )
        return desk.page("withdraw.html", withdrawn=True, language=spoken_to(request))

    return [forget, withdrawal, withdraw]


def to_way_in(desk: Desk, survey: str, query: str = "") -> Reply:
    """Where those go who have not begun. Raises Problem for what is no survey: its name is not to be repeated."""
    served(desk, survey)
    return go(f"/s/{survey}{query}")


def missing() -> Reply:
    raise Problem(404)


def needs_cookie(desk: Desk, request: Request, here: Visit) -> bool:
    """The form's own token leads; the cookie follows it, as when it was lost or another tab began anew."""
    return desk.cookies.text(request.scope, here.survey) != here.token.text


async def arriving(desk: Desk, request: Request, survey: str, form: Form) -> Visit | Reply:
    """Who sends a form, or where to send them instead. Raises Problem for forms that are not ours."""
    token = form_token(desk, survey, form)
    here = await visit(desk, survey, token)
    if here is None:
        raise Problem(
            410, N_("This response no longer exists"), N_("It was withdrawn, or it never began. Nothing was changed."),
            N_("You can begin again."), Link(f"/s/{survey}", N_("Open the survey")),
        )  # fmt: skip
    if here.row.disposition in FINISHED:
        return desk.cookies.remember(go(f"/s/{survey}/done"), survey, token)
    refuse_when_over(desk, here)
    return here


def check_version(here: Visit, form: Form) -> None:
    """Raises Problem for a form of another version than the response's own, and for one that names none."""
    if list(form.get("version", ())) != [here.questionnaire.version]:
        raise Problem(
            409, N_("This form belongs to another version of the survey"),
            N_("Your response continues with the version in which it began. Nothing was changed."),
            N_("Open the survey again: it continues where you left off."), Link(f"/s/{here.survey}", N_("Open the survey")),
        )  # fmt: skip


class Overtaken(Exception):
    """What another tab kept while a page was on its way has made this page one to be looked at again."""

    def __init__(self, visit: Visit, reading: Reading):
        super().__init__()
        self.visit, self.reading = visit, reading


async def take_page(desk: Desk, here: Visit, section: str, form: Form) -> Reply:
    """Keeps a page's answers and leads on, or shows the page again with what is to be corrected."""
    if section not in here.path.open:
        return go(current(here))
    reading = read_page(here, section, form)
    if reading.problems or reading.skipped:
        return comes_back(here, section, form, reading)

    def edit(row: Row) -> dict[str, Any]:
        if row.seq == here.row.seq:
            return reading.applied(row.answers)
        # Another page was kept meanwhile: what is on the path, and so what this one says, may have changed.
        again = here.at(desk, row)
        reread = read_page(again, section, form)
        if section not in again.path.open or reread.problems or reread.skipped:
            raise Overtaken(again, reread)
        return reread.applied(row.answers)

    try:
        row = await keep(desk, here, edit)
    except Closed:  # another tab has submitted it meanwhile
        return go(f"/s/{here.survey}/done")
    except Overtaken as by:
        if section not in by.visit.path.open:
            return go(current(by.visit))
        return comes_back(by.visit, section, form, by.reading)
    except (Busy, Unavailable) as cause:
        log_outage(cause, "POST", "/s/{survey}/{section}")
        reading.problems.append(Wrong("", "", NOT_KEPT))
        return comes_back(here, section, form, reading, 503, AGAIN_LATER)
    after = here.at(desk, row)
    if reading.revealed:
        return go(f"{address(here.survey, section)}#i-{reading.revealed[0]}")
    following = after.path.following(section)
    if following is None and len(here.instrument.sections) == 1 and after.path.ended is None:
        return await finish(desk, after)
    return go(address(here.survey, following))


def comes_back(
    here: Visit, section: str, form: Form, reading: Reading, status: int = 422, headers: Pairs = ()
) -> Reply:
    """The page again, with what is to be corrected. The browser may keep it, or it could not go back to it: unless it
    shows what must not stay on the device."""
    private = any(map(is_private, here.instrument.section[section].items))
    kept = () if private else KEPT_BY_THE_BROWSER
    return html(render_again(here, section, form, reading), status, [*headers, *kept])


def read_page(here: Visit, section: str, form: Form) -> Reading:
    part = here.instrument.section[section]
    earlier = here.questionnaire.earlier(here.path, part)
    return read_section(part, form, earlier, here.instrument.language, here.today)


async def keep(desk: Desk, here: Visit, edit: Edit) -> Row:
    """Keeps a change of the answers; those that meet a full quota name it."""
    return await desk.storage.change(
        here.row.id, edit, known=here.row, wanting=wanting(desk, here.instrument)
    )


def wanting(desk: Desk, instrument: Instrument) -> Callable[[Answers], Wanted] | None:
    """Which places of quotas answers ask for. None for a survey without quotas."""
    if not instrument.quotas:
        return None
    return lambda answers: Wanted(places_wanted(instrument, answers), desk.today())


# --- languages -------------------------------------------------------------------------------------------


def new_language(here: Visit, form: Form) -> str | None:
    """The language that a form asks to go on in, where it is another than this one."""
    asked = next(iter(form.get("language", ())), "")
    return asked if asked in here.instrument.languages and asked != here.instrument.language else None


def speaking(language: str) -> Edit:
    return lambda row: row.answers | {"language": language}


async def change_language(desk: Desk, here: Visit, section: str, form: Form) -> Reply:
    """The same page in another language, with what was typed in it: neither kept nor checked yet."""
    if section not in here.path.open:
        return go(current(here))
    language, before = new_language(here, form), here.instrument.language
    assert language is not None
    try:
        here = here.at(desk, await keep(desk, here, speaking(language)))
    except Closed:
        return go(f"/s/{here.survey}/done")
    except (Busy, Unavailable) as cause:
        log_outage(cause, "POST", "/s/{survey}/{section}")
        return comes_back(here, section, form, as_typed(here, section, form, [Wrong("", "", NOT_KEPT)]), 503, AGAIN_LATER)
    if section not in here.path.open:
        return go(current(here))
    form = retyped(here.instrument.section[section], form, before, language)
    return comes_back(here, section, form, as_typed(here, section, form, []), 200)


def as_typed(here: Visit, section: str, form: Form, problems: list[Wrong]) -> Reading:
    """What was typed on a page, of which nothing is said but these problems."""
    reading = read_page(here, section, form)
    reading.problems, reading.skipped = problems, []
    return reading


# --- the end ---------------------------------------------------------------------------------------------


async def finish(desk: Desk, here: Visit) -> Reply:
    """Ends a response whose path is answered, as submitted or as screened out; what is off the path is dropped.

    One that meets a full quota only now is screened out, and its path ends where the quota would have ended it.
    """
    if left_to_do(here):
        return go(current(here))
    disposition = SCREENED_OUT if here.path.ended is not None else SUBMITTED
    seconds = max(desk.now().timestamp() - here.token.began, 0)
    receipt = tokens.receipt_hash(tokens.receipt_code(desk.key, here.token))
    try:
        row, _ = await desk.storage.submit(
            here.row.id, final_answers(here, disposition), desk.today(here.instrument), round(seconds / 60), receipt,
            disposition=disposition, wanting=wanting(desk, here.instrument),
            ended=lambda answers: walk(here.instrument, answers).answers,
        )  # fmt: skip
    except Closed:  # it was withdrawn meanwhile
        return go(f"/s/{here.survey}")
    if row.disposition not in FINISHED:  # another tab has opened the path again
        return go(f"/s/{here.survey}/submit")
    reply = desk.cookies.remember(go(f"/s/{here.survey}/done"), here.survey, here.token)
    return desk.cookies.show_receipt(reply, here.survey, here.token, desk.seconds())


def final_answers(here: Visit, disposition: str) -> Edit:
    """What is on the path of a response that can end so; None of one that cannot, by now."""

    def edit(row: Row) -> dict[str, Any] | None:
        path = walk(here.instrument, row.answers)
        if unanswered(path) or broken(path, row.answers, here.today) or (path.ended is not None) != (disposition == SCREENED_OUT):
            return None
        return {name: value for name, value in path.answers.items() if name != FULL or path.ended == value}

    return edit


def ending(instrument: Instrument, path: Path) -> dict[str, Any] | None:
    """What ended a path before its last section: its `text`, or none."""
    found = ending_of(instrument, path.ended)
    return {"text": found.text} if found is not None else None


def shown_at_end(here: Visit) -> dict[str, Any]:
    """What the page before submission shows: the sections, and in how many items each was left open."""
    sections = []
    for step in here.path.sections:
        left = sum(
            any(here.path.answers.get(name) == {"missing": "skipped"} for name in item.names)
            for item in step.items
        )
        sections.append(
            {
                "title": step.section.title,
                "href": address(here.survey, step.section.id),
                "unanswered": left,
            }
        )
    return {
        "instrument": here.instrument,
        "token": here.token.text,
        "ending": ending(here.instrument, here.path),
        "sections": sections,
        "unanswered": sum(part["unanswered"] for part in sections),
        "back": sections[-1]["href"] if sections else None,
        "piped": here.questionnaire.piped(here.path.answers),
    }
