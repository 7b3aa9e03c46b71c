"""What the answers say: dashboards for researchers, live, and the public figures that a survey allows."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, Router, get
from litestar.params import FromPath
from litestar.response import Stream

from app.accounts.sessions import still_signed_in
from app.exports.codebook import codebook_csv, codebook_markdown
from app.exports.csv import csv_chunks
from app.exports.vignettes import has_vignettes
from app.languages.catalogues import N_
from app.results.charts.captions import language_name
from app.results.charts.drawing import Drawing
from app.results.charts.research import draw
from app.results.charts.translated import translated
from app.results.disclosure.published import PublicItem, Release, release_from
from app.results.disclosure.release import next_release
from app.results.disclosure.takedown import without_small
from app.results.findings import Findings, findings, with_findings
from app.results.frame.frame import Frame
from app.results.marginals import Figures, ItemFigures, figures
from app.results.progress import Progress, progress
from app.survey.codebook import Codebook, merged
from app.survey.conditions.language import Condition, ConditionFault, parse_condition, whole_scope
from app.survey.model import Instrument, Quota, ResultsPolicy
from app.web.http.language import language_for
from app.web.http.problems import Link, Problem
from app.web.http.replies import Reply, html
from app.web.research.counting import TooSlow
from app.web.research.live import Board, Fragments, Live
from app.web.research.sign_in import ResearchAccess, who_is_signed_in
from app.web.respond.context import AppContext
from app.web.respond.visit import Visit, shows_receipt, visit_by_cookie

ENGLISH = "en"
SEQ = re.compile(r"[0-9]{1,18}")
FINDINGS_KEPT = 200  # views whose findings are kept until they hold no more
#: Where figures stand that belong to no section, by their type.
ELSEWHERE = {"arm": "~drawn", "levels": "~drawn"} | dict.fromkeys(("computed", "score", "bands"), "~derived")
TITLES = {"~derived": "Computed from the answers", "~drawn": "Assigned at random"}


@dataclass(frozen=True)
class Filter:
    """What was written into the filter, the condition it is, or why it is none."""

    written: str = ""
    condition: Condition | None = None
    fault: str = ""


def read_filter(written: str, instrument: Instrument) -> Filter:
    written = written.strip()
    if not written:
        return Filter()
    try:
        return Filter(written, parse_condition(written, whole_scope(instrument)))
    except ConditionFault as fault:
        return Filter(written, None, f"{fault.what[0].upper()}{fault.what[1:]}. {fault.remedy}")


@dataclass(frozen=True)
class Filling:
    """How far a quota is filled, in submitted responses."""

    id: str
    condition: str
    submitted: int
    most: int

    @property
    def share(self) -> float:
        """In percent of what the quota takes; more were taken where an older version took more."""
        return 100 * self.submitted / max(self.most, self.submitted, 1)


def filling(quota: Quota, submitted: int) -> Filling:
    return Filling(quota.id, quota.when.source.strip(), submitted, quota.most)


class Dashboards:
    """Renders figures; shared by the pages and by what keeps them live."""

    def __init__(self, context: AppContext, live: Live):
        self.context, self.live = context, live
        self._judged: dict[str, Any] = {}  # for what public figures have been considered: versions, policy, seq
        self._judging: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._findings: dict[tuple[str, str, str], Findings] = {}
        self._counting: dict[tuple[str, str], asyncio.Task[tuple[Figures, Progress]]] = {}
        self._claims: dict[str, tuple[int, dict[str, int]]] = {}  # with the seq at which they were asked for
        live.render = self.fragments
        live.still_signed_in = lambda sessions: still_signed_in(sessions, context.now)
        live.after_intake.append(self.release)

    def render(self, template: str, **shown: Any) -> str:
        return self.context.environment.get_template(template).render(language_name=language_name, **shown)

    async def figures(self, board: Board, where: Condition | None) -> tuple[Figures, Progress]:
        """Counts away from the event loop; with a filter, of which several may ask at once, once for all of them.

        Raises TooSlow for a filter, and Stopped.
        """
        if where is None:
            return await self._figures(board, None)
        key = (board.survey, where.source)
        counting = self._counting.get(key)
        if counting is None:
            counting = self._counting[key] = asyncio.create_task(self._figures(board, where))
            counting.add_done_callback(lambda _: self._counting.pop(key, None))
        return await asyncio.shield(counting)

    async def _figures(self, board: Board, where: Condition | None) -> tuple[Figures, Progress]:
        """The lock is held for what changes with the frame, not for what reads its rows."""
        async with board.lock:
            assert board.frame is not None
            frame, going = board.frame.still(), progress(board.frame)
            counted = await asyncio.to_thread(figures, board.frame) if where is None else None
        if counted is None:
            counted = await self.live.counting.filtered(partial(figures, frame, "everyone", where))
        return with_findings(counted, await self._found(frame, where)), going

    async def _found(self, frame: Frame, where: Condition | None) -> Findings:
        """Reliability, and ratings by level: kept until they hold no more, since they are found by reading rows."""
        newest = frame.instruments[0]
        key = (newest.survey, newest.digest, where.source if where else "")
        known = self._findings.pop(key, None)
        if known is None or not known.still_holds(frame):
            count = self.live.counting.filtered if where else self.live.counting.whole
            known = await count(partial(findings, frame, "everyone", where))
        while len(self._findings) >= FINDINGS_KEPT:
            self._findings.pop(next(iter(self._findings)))
        self._findings[key] = known
        return known

    async def fragments(self, board: Board, where: Condition | None) -> Fragments:
        """What can change on a dashboard, by the id of its element."""
        try:
            counted, going = await self.figures(board, where)
        except TooSlow as fault:
            return {"filter-state": self.render("research/filter_state.html", fault=str(fault), stale=True)}
        shown = {"progress": going, "quotas": await self.quotas(board), "titles": self.titles(board)}
        found = {
            "progress": self.render("research/progress.html", **shown),
            "filter-state": self.render("research/filter_state.html", fault="", stale=False),
        }
        for item in counted.items:
            found[f"item-{item.id}"] = self.item(item)
            await asyncio.sleep(0)  # respondents need not wait for all of them
        return found

    async def quotas(self, board: Board) -> list[Filling]:
        """How full the quotas of the newest version are: asked once however many look, until something changes.

        A place that is taken or given back is a change of a response.
        """
        assert board.frame is not None
        quotas, seq = board.frame.instruments[0].quotas, board.frame.seq
        if not quotas:
            return []
        asked_at, claims = self._claims.get(board.survey, (None, {}))
        if asked_at != seq:
            claims = await self.context.storage.quotas(board.survey)
            self._claims[board.survey] = seq, claims
        return [filling(quota, claims.get(quota.id, 0)) for quota in quotas]

    def item(self, item: ItemFigures) -> str:
        return self.render("research/item.html", drawing=draw(item))

    def titles(self, board: Board) -> dict[str, str]:
        """What each section is called, sections that only older versions had included."""
        assert board.frame is not None
        found = dict(TITLES)
        for instrument in board.frame.instruments:
            for section in instrument.sections:
                found.setdefault(
                    section.id, section.title.plain if section.title else section.id.replace("_", " ")
                )
        return found

    async def release(self, board: Board) -> None:
        """Takes public figures about too few people down, and moves the others on when a whole batch has come.

        One who asks meanwhile waits: the figures are there once this returns, whoever has moved them on.
        """
        frame = board.frame
        served = self.context.surveys.served.get(board.survey)
        if frame is None:
            return
        policy = (served.instrument if served else frame.instruments[0]).results
        async with self._judging[board.survey]:
            judged = frame.coding.digests, policy, frame.seq
            if self._judged.get(board.survey) == judged:
                return
            async with board.lock:
                judged = frame.coding.digests, policy, frame.seq
                current = await asyncio.to_thread(figures, frame, "submitted")
            while not await self._released(board.survey, current, policy):
                pass  # another process was first: what it has released is judged in turn
            self._judged[board.survey] = judged

    async def _released(self, survey: str, current: Figures, policy: ResultsPolicy) -> bool:
        """False when another process has released figures under the same number."""
        last = await self.context.storage.latest_release(survey)
        previous = release_from(last["figures"]) if last else None
        release = without_small(previous, current, policy.floor) if previous else None
        if policy.show_to != "nobody":
            step = next_release(release or previous, current, policy.floor, policy.release_every)
            release = step or release
        if release is None:
            return True
        number = last["number"] + 1 if last else 1
        today = self.context.today()
        return await self.context.storage.add_release(survey, number, today, release.responses, release.kept())


def show_routes(context: AppContext, live: Live, access: ResearchAccess) -> Sequence[Any]:
    dashboards = Dashboards(context, live)
    return [
        Router(
            "/research",
            route_handlers=[*research_handlers(dashboards), *download_handlers(live)],
            guards=[access.guard],
            dependencies=access.dependencies,
        ),
        results_handler(dashboards),
    ]


@dataclass(frozen=True)
class Listed:
    """A survey in the list, counted by the database: no frame is read for it."""

    survey: str
    title: str
    is_served: bool
    counts: dict[str, int]  # by stored disposition

    @property
    def started(self) -> int:
        return sum(self.counts.values())


async def listed_survey(context: AppContext, survey: str) -> Listed:
    served = context.surveys.served.get(survey)
    title = served.instrument.title if served else await context.surveys.title(survey)
    return Listed(survey, title, served is not None, await context.storage.counts(survey))


# --- for researchers -------------------------------------------------------------------------------------


def page(dashboards: Dashboards, request: Request, template: str, status: int = 200, **shown: Any) -> Reply:
    """A page that repeats its query is not compressed: its length would tell how much of it stands there anyway."""
    body = dashboards.render(
        f"research/{template}", signed_in=who_is_signed_in(request), here="surveys", **shown
    )
    return html(body.encode(), status, packed=not request.scope["query_string"])


async def board_of(live: Live, survey: str) -> Board:
    """Raises Problem for a survey that was never served."""
    board = await live.board(survey) if survey else None
    if board is None or board.frame is None:
        raise Problem(404)
    return board


def research_handlers(dashboards: Dashboards) -> list[Any]:
    context, live = dashboards.context, dashboards.live

    @get("/")
    async def surveys(request: Request) -> Reply:
        known = sorted({*context.surveys.served, *await context.storage.surveys()})
        listed = [await listed_survey(context, survey) for survey in known]
        return page(dashboards, request, "surveys.html", surveys=listed, faults=context.surveys.faults)

    @get("/{survey:str}")
    async def dashboard(request: Request, survey: FromPath[str]) -> Reply:
        board = await board_of(live, survey)
        assert board.frame is not None
        instrument = board.frame.instruments[0]
        asked = await asyncio.to_thread(read_filter, request.query_params.get("where", ""), instrument)
        try:
            counted, going = await dashboards.figures(board, asked.condition)
        except TooSlow as fault:
            asked = Filter(asked.written, None, str(fault))
            counted, going = await dashboards.figures(board, None)
        seen = urlencode({"where": asked.written if asked.condition else "", "seen": counted.seq})
        return page(
            dashboards, request, "dashboard.html", 422 if asked.fault else 200,
            instrument=instrument, figures=counted, progress=going, asked=asked, titles=dashboards.titles(board),
            quotas=await dashboards.quotas(board),
            sections=by_section(counted.items), live=f"/research/{survey}/live?{seen}", served=survey in context.surveys.served,
            version=context.surveys.versions.get((survey, instrument.digest)), faults=context.surveys.faults.get(survey, []),
        )  # fmt: skip

    @get("/{survey:str}/live")
    async def events(request: Request, survey: FromPath[str]) -> Stream:
        board = await board_of(live, survey)
        assert board.frame is not None
        written = request.query_params.get("where", "")
        asked = await asyncio.to_thread(read_filter, written, board.frame.instruments[0])
        if asked.fault:
            raise Problem(422)
        seen = request.headers.get("last-event-id") or request.query_params.get("seen", "")
        session = who_is_signed_in(request).session
        stream = live.stream(board, asked.condition, int(seen) if SEQ.fullmatch(seen) else -1, session)
        return Stream(
            stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    return [surveys, dashboard, events]


def download_handlers(live: Live) -> list[Any]:
    @get("/{survey:str}/export.csv")
    async def responses(request: Request, survey: FromPath[str]) -> Stream:
        board = await board_of(live, survey)
        values = "labels" if request.query_params.get("values") == "labels" else "codes"
        chunks = while_signed_in(live, request, csv_stream(board, values))
        return download(chunks, f"{survey}-{values}.csv", "text/csv")

    @get("/{survey:str}/vignettes.csv")
    async def judgements(request: Request, survey: FromPath[str]) -> Stream:
        board = await board_of(live, survey)
        assert board.frame is not None
        if not has_vignettes(board.frame.instruments):
            raise Problem(404)
        values = "labels" if request.query_params.get("values") == "labels" else "codes"
        chunks = while_signed_in(live, request, csv_stream(board, values, per="vignette"))
        return download(chunks, f"{survey}-vignettes-{values}.csv", "text/csv")

    @get("/{survey:str}/codebook.csv")
    async def codebook_table(survey: FromPath[str]) -> Response[bytes]:
        return download_whole(await codebook_of(live, survey, codebook_csv), f"{survey}-codebook.csv", "text/csv")

    @get("/{survey:str}/codebook.md")
    async def codebook_text(survey: FromPath[str]) -> Response[bytes]:
        body = await codebook_of(live, survey, codebook_markdown)
        return download_whole(body, f"{survey}-codebook.md", "text/markdown")

    return [responses, judgements, codebook_table, codebook_text]


def by_section(
    items: Iterable[ItemFigures | PublicItem], language: str = ENGLISH
) -> list[tuple[str, list[Drawing]]]:
    """What is drawn, by the section it stands in; what belongs to none comes last."""
    sections: dict[str, list[Drawing]] = {}
    for item in items:
        sections.setdefault(ELSEWHERE.get(item.type, item.section), []).append(draw(item, language))
    asked = [pair for pair in sections.items() if pair[0] not in TITLES]
    return [*asked, *((key, sections[key]) for key in TITLES if key in sections)]


async def codebook_of(live: Live, survey: str, written: Callable[[Codebook], bytes]) -> bytes:
    board = await board_of(live, survey)
    assert board.frame is not None
    instruments = board.frame.instruments
    return await asyncio.to_thread(lambda: written(merged(instruments).codebook))


async def csv_stream(board: Board, values: str, per: str = "response") -> AsyncIterator[bytes]:
    """The rows as they are now, a slice at a time; each slice is made away from the event loop."""
    async with board.lock:
        assert board.frame is not None
        chunks = await asyncio.to_thread(csv_chunks, board.frame, values=values, per=per)
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk


async def while_signed_in(
    live: Live, request: Request, chunks: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """Breaks a download off when its researcher signs out or is removed."""
    session = who_is_signed_in(request).session
    with live.watching(session):
        async for chunk in chunks:
            if session not in live.sessions:
                raise Problem(401)
            yield chunk


def attachment(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


def download(chunks: AsyncIterator[bytes], name: str, kind: str) -> Stream:
    return Stream(chunks, media_type=kind, headers=attachment(name))


def download_whole(body: bytes, name: str, kind: str) -> Response[bytes]:
    return Response(body, media_type=kind, headers=attachment(name))


# --- for everyone, or for those who answered -------------------------------------------------------------


def results_handler(dashboards: Dashboards) -> Any:
    context, live = dashboards.context, dashboards.live

    @get("/results/{survey:str}")
    async def results(request: Request, survey: FromPath[str]) -> Reply:
        served = context.surveys.served.get(survey)
        if served is None or served.instrument.results.show_to == "nobody":
            raise Problem(404)
        instrument = served.instrument
        chosen = request.query_params.get("language", "")
        here = await visit_by_cookie(context, survey, request.scope)
        if instrument.results.show_to == "respondents":
            if here is None or here.row.disposition != "submitted":
                raise Problem(
                    403, N_("These results are for those who answered"),
                    N_("They open on the device on which you submitted your answers."), N_("Answer the survey first."),
                    Link(f"/s/{survey}", N_("Open the survey")),
                )  # fmt: skip
            chosen = chosen or here.instrument.language
        board = await live.board(survey)
        if board is not None:
            await dashboards.release(board)
        release = await context.storage.latest_release(survey)
        spoken = instrument.in_language(language_for(instrument, request, chosen))
        return context.page(
            "results.html", **public_page(spoken, release_from(release["figures"]) if release else None),
            own=own_answers(here, spoken) if here is not None and shows_receipt(context, here, request) else {},
        )  # fmt: skip

    return results


def own_answers(here: Visit, spoken: Instrument) -> dict[str, list[tuple[str, str]]]:
    """One's own answers to the items that the survey shows beside those of others: for an hour, as the receipt."""
    if here.row.disposition != "submitted" or here.row.instrument != spoken.digest:
        return {}
    questionnaire = here.questionnaire.in_language(spoken.language)
    return {item: questionnaire.own(item, here.path.answers) for item in spoken.results.beside}


def public_page(instrument: Instrument, release: Release | None) -> dict[str, Any]:
    """What the page of public figures shows, in the instrument's language."""
    items = translated(release.items, instrument) if release else ()
    shown = [item for item in items if item.withheld != "all"]
    titles = {section.id: section.title for section in instrument.sections}
    withheld = [item.ask for item in items if item.withheld == "all"]
    return {
        "instrument": instrument, "policy": instrument.results, "titles": titles, "withheld": withheld,
        "sections": by_section(shown, instrument.language),
    }  # fmt: skip
