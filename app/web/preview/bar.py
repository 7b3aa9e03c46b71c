"""Additions to a previewed survey: its faults above the page, and the bar with answers, values and reasons.

The pages themselves are those of the service. The bar is put into them on their way out, so that nothing of it is
in what respondents get.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from litestar import Request, get, post

from app.catalogue.draft import Draft
from app.interview.draws import draw
from app.interview.form import Form
from app.interview.path import Answers
from app.interview.rendering.piping import Piping
from app.responses.errors import Closed, NoSuchResponse
from app.responses.rows import OPEN
from app.survey.codes import FULL_QUOTA
from app.survey.conditions.evaluator import compile_tree
from app.survey.model import Computed, Drawn, Instrument, Vignette
from app.survey.texts import Pipe
from app.web.http.replies import KEEPALIVE_SECONDS, Reply, go, header, html
from app.web.preview.explaining import Hidden, all_hidden
from app.web.preview.opening import TYPED, opening_routes, page_address, return_address, unopened
from app.web.respond.context import AppContext
from app.web.respond.forms import read_form
from app.web.respond.visit import Visit, visit_by_cookie

LOOPBACK = frozenset({b"localhost", b"127.0.0.1", b"[::1]"})
NEWS = "/preview/news"
PREFIX = "given."  # of the fields that choose what is randomised


# --- what the bar shows ----------------------------------------------------------------------------------


def bar(draft: Draft, here: Visit | None, at: str, sent: Visit | None = None) -> dict[str, Any]:
    """The bar's contents: sections, answers, values, random assignments, and why something is hidden. `at` is the page's
    address. If `here` holds what is typed and not sent yet, `sent` is the visit without it."""
    sent = sent or here
    section = at.rpartition("/")[2] if at.count("/") > 2 else ""
    shown: dict[str, Any] = {
        "draft": draft, "at": at, "here": here, "section": section,
        "sections": sections(draft, here, section, sent.path.open if sent is not None else ()),
        "made_up": [],
    }  # fmt: skip
    if here is None:
        return shown
    made_up = draft.made_up.get(here.row.id, {})
    hidden = list(all_hidden(here.route, here.path))
    return shown | {
        "open": here.row.disposition == OPEN,
        "answers": list(shown_answers(here, sent.row.answers if sent else {}, made_up)),
        "made_up": [name for name, value in made_up.items() if here.path.answers.get(name) == value],
        "values": [
            (one.name, one.label, computed_text(one, here.path.answers)) for one in here.instrument.computed
        ],
        "draws": [shown_draw(drawn, here) for drawn in here.instrument.drawn],
        "hidden_here": [shown_reason(each, here) for each in hidden if each.section == section],
        "hidden": [shown_reason(each, here) for each in hidden if each.section != section],
    }


def stored_text(value: Any) -> str:
    """A stored value, with codes."""
    if isinstance(value, dict):
        return str(value.get("missing", "")).replace("_", " ")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def sections(draft: Draft, here: Visit | None, at: str, ready: Collection[str]) -> list[dict[str, Any]]:
    """Every section in the respondent's order: its `id`, whether it can be opened at once (`open`: it is `ready`), whether
    it is on the path (`on_path`), and whether it is the page (`here`)."""
    routes = here.route.in_order(here.row.answers) if here else draft.served[draft.survey].route.sections
    on_path = {step.section.id for step in here.path.sections} if here else set[str]()
    ready = ready if here is not None and here.row.disposition == OPEN else ()
    ids = [each.section.id for each in routes]
    return [{"id": id, "open": id in ready, "on_path": id in on_path, "here": id == at} for id in ids]


def shown_answers(here: Visit, sent: Answers, made_up: Answers) -> Iterator[dict[str, Any]]:
    """Each answer: its name, its value, the words for it, and notes: whether it is on the path, made up or not sent yet."""
    piping, given = Piping(here.instrument, str), set(here.instrument.given)
    for name, value in here.row.answers.items():
        if name in given or name.startswith("~"):
            continue
        on_path = here.path.answers.get(name) == value
        words = "" if isinstance(value, dict) else piping.fill(Pipe(name, source=name), {name: value})
        notes = {"not on the path": not on_path, "made up": made_up.get(name) == value, "not sent yet": sent.get(name) != value}
        yield {
            "name": name,
            "value": stored_text(value),
            "words": words if words != stored_text(value) else "",
            "on_path": on_path,
            "notes": [note for note, holds in notes.items() if holds],
        }


def computed_text(computed: Computed, answers: Answers) -> str:
    value = compile_tree(computed.tree)(answers)
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    labels = {option.code: option.label.plain for option in computed.options}
    return f"{stored_text(value)} ({labels[value]})" if value in labels else stored_text(value)


def shown_draw(drawn: Drawn, here: Visit) -> dict[str, Any]:
    """Something randomised, and its other values: `choices` are pairs of the value that is sent and its label."""
    value = here.path.answers.get(drawn.name)
    shown = {
        "name": PREFIX + drawn.name,
        "label": drawn.label,
        "value": stored_text(value) if value is not None else "",
    }
    if drawn.kind == "choice":
        choices = [(str(one.code), one.label.plain or str(one.code)) for one in drawn.options]
    elif drawn.kind == "number":
        choices = [
            (str(block), f"Block {block + 1}") for block in range(len(block_of(drawn, here).design.blocks))
        ]
    else:
        choices = [
            ("", f"Drawn: {shown['value'] or 'nothing'}"),
            ("written", "As written"),
            ("anew", "Randomise again"),
        ]
        shown["value"] = ""
    return shown | {"choices": choices}


def block_of(drawn: Drawn, here: Visit) -> Vignette:
    return next(vignette for vignette in here.instrument.vignettes if vignette.id == drawn.of)


def shown_reason(hidden: Hidden, here: Visit) -> dict[str, Any]:
    """Something hidden, with the answers that its condition depends on."""
    decisive = [
        (name, stored_text(here.path.answers[name]) if name in here.path.answers else None) for name in hidden.names
    ]
    return {"hidden": hidden, "decisive": decisive}


# --- choosing what is randomised -------------------------------------------------------------------------


def choose(instrument: Instrument, answers: Answers, form: Form, fresh: Answers) -> dict[str, Any]:
    """The answers with the random assignments that a form chooses; `fresh` is another draw, from which it may take some.

    Whatever could not have been drawn is passed over.
    """
    sent = {
        name.removeprefix(PREFIX): values[0]
        for name, values in form.items()
        if name.startswith(PREFIX) and values
    }
    chosen = dict(fresh if "anew" in form else {})
    blocks: dict[str, Any] = {}
    for drawn in instrument.drawn if not chosen else ():
        value = sent.get(drawn.name, "")
        if drawn.kind == "number" and _takes_block(instrument, drawn, answers, sent):
            blocks |= _block(instrument, drawn, value)
        elif drawn.kind == "choice":
            chosen |= [(drawn.name, one.code) for one in drawn.options if str(one.code) == value]
        elif drawn.kind == "order":
            chosen |= _order(drawn, value, fresh)
    chosen |= blocks
    if "today" in instrument.given and is_day(sent.get("today", "")):
        chosen["today"] = sent["today"]
    kept = {name: value for name, value in answers.items() if name != FULL_QUOTA} | chosen
    full = sent.get(FULL_QUOTA)
    return kept | {FULL_QUOTA: full} if any(quota.id == full for quota in instrument.quotas) else kept


def _order(drawn: Drawn, value: str, fresh: Answers) -> dict[str, Any]:
    if value == "anew":
        return {drawn.name: fresh[drawn.name]}
    if value == "written":
        return {drawn.name: [] if drawn.name.endswith("~poles") else list(drawn.whole)}
    return {}


def _takes_block(instrument: Instrument, drawn: Drawn, answers: Answers, sent: Mapping[str, str]) -> bool:
    """Whether a block's levels replace the stored ones. If the same block is sent with levels, as the bar sends them,
    the levels count: their order may differ from the design's, as in draws, or they may be chosen one by one."""
    with_levels = any(other.of == drawn.of and other.name in sent for other in instrument.drawn if other is not drawn)
    return sent.get(drawn.name, "") != str(answers.get(drawn.name)) or not with_levels


def _block(instrument: Instrument, drawn: Drawn, value: str) -> dict[str, Any]:
    """A block of a design with the levels of its vignettes, in the order of the design."""
    vignette = next(each for each in instrument.vignettes if each.id == drawn.of)
    numbers = {str(number): number for number in range(len(vignette.design.blocks))}
    if value not in numbers:
        return {}
    found: dict[str, Any] = {drawn.name: numbers[value]}
    for place, cell in enumerate(vignette.design.blocks[numbers[value]], start=1):
        for attribute, level in zip(vignette.attributes, cell, strict=True):
            found[f"{vignette.id}_{attribute.id}_{place}"] = attribute.levels[level].code
    return found


def is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


# --- routes ----------------------------------------------------------------------------------------------


def preview_routes(context: AppContext, draft: Draft) -> list[Any]:
    """The stream of changes, and what the bar's form sends."""

    @get(NEWS)
    async def news() -> DraftChanges:
        return DraftChanges(draft)

    @post("/preview")
    async def use(request: Request) -> Reply:
        form = await read_form(request)
        here = await visit_by_cookie(context, draft.survey, request.scope)
        if here is None:
            return go(f"/s/{draft.survey}")
        await take_choice(context, here, form)
        return go(return_address(here.instrument, next(iter(form.get("at", ())), "")))

    return [news, use, *opening_routes(context, draft)]


async def take_choice(context: AppContext, here: Visit, form: Form) -> None:
    instrument, language = here.instrument, next(iter(form.get("language", ())), "")
    if language not in instrument.languages:
        language = instrument.language
    place = int.from_bytes(context.new_secret()[:4], "big")
    fresh = draw(instrument, place, context.new_secret(), context.today(instrument).isoformat(), language)
    spoken = {"language": language} if "language" in instrument.given else {}
    try:
        await context.storage.change(
            here.row.id, lambda row: choose(instrument, row.answers, form, fresh) | spoken, known=here.row
        )
    except (Closed, NoSuchResponse):
        return


class DraftChanges:
    """An ASGI app that sends the draft's mark at once, and again whenever it changes."""

    def __init__(self, draft: Draft):
        self.draft = draft

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        seen = ""
        while not self.draft.closing:
            line = f"data: {self.draft.mark}\n\n" if self.draft.mark != seen else ": still here\n\n"
            seen = self.draft.mark
            await send(
                {"type": "http.response.body", "body": f"retry: 500\n{line}".encode(), "more_body": True}
            )
            if self.draft.mark == seen:
                await self.draft.next_change(KEEPALIVE_SECONDS)
        await send({"type": "http.response.body", "body": b""})


# --- around every page -----------------------------------------------------------------------------------


class PreviewBar:
    """An ASGI app that adds the bar to each page. It responds to this machine only."""

    def __init__(self, app: Any, context: AppContext, draft: Draft):
        self.app, self.context, self.draft = app, context, draft

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        if not is_loopback(header(scope, b"host")):
            await html(b"Only this machine can look at a preview.", 403)(scope, receive, send)
        elif path == NEWS:
            await self.app(scope, receive, send)
        elif path == "/":
            await go(f"/s/{self.draft.survey}")(scope, receive, send)
        elif not self.draft.served:
            await self.nothing_yet()(scope, receive, send)
        else:
            await self.page(scope, receive, send)

    def nothing_yet(self) -> Reply:
        page = self.context.environment.get_template("preview_nothing.html")
        return html(page.render(draft=self.draft).encode("utf-8", "replace"))

    async def page(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        held = HeldResponse()
        inner = {**scope, "headers": headers}
        await self.app(inner, receive, held.take)
        if held.status == 409:  # the page was made from an earlier version of the file
            await go(page_address(self.draft.survey, scope["path"]))(scope, receive, send)
            return
        if held.is_page:
            held.body = await self.with_bar(inner, held.body)
        await held.send_on(send)

    async def with_bar(self, scope: Any, body: bytes) -> bytes:
        stored = await visit_by_cookie(self.context, self.draft.survey, scope)
        typed = scope.get(TYPED)
        shown = bar(self.draft, typed or stored, page_address(self.draft.survey, scope["path"]), stored)
        shown["unopened"] = unopened(self.draft, scope)
        parts = [self.rendered(f"preview_{part}.html", shown) for part in ("head", "faults", "bar")]
        for part, mark in zip(parts, (b"</head>", b"<body>", b"</body>"), strict=True):
            before, found, after = body.partition(mark)
            body = before + (found + part if mark == b"<body>" else part + found) + after
        return body

    def rendered(self, template: str, shown: Mapping[str, Any]) -> bytes:
        return self.context.environment.get_template(template).render(**shown).encode("utf-8", "replace")


def is_loopback(host: bytes) -> bool:
    """Whether a Host header names this machine, so that no other name leads a browser to it."""
    return host in LOOPBACK or host.rpartition(b":")[0] in LOOPBACK


class HeldResponse:
    """A response that is buffered until it is complete."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 0, [], b""

    async def take(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    @property
    def is_page(self) -> bool:
        return any(name == b"content-type" and kind.startswith(b"text/html") for name, kind in self.headers)

    async def send_on(self, send: Callable[..., Any]) -> None:
        headers = [pair for pair in self.headers if pair[0] != b"content-length"]
        headers.append((b"content-length", b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})
