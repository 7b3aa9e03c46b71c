"""A survey's public figures, for everyone or for its respondents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from litestar import Request, get
from litestar.params import FromPath

from app.languages.catalogues import N_
from app.languages.formats import write_date
from app.results.charts.captions import Message, count, language_name
from app.results.charts.chart import describe_public
from app.results.charts.draw import draw
from app.results.charts.geometry import Drawing
from app.results.charts.own import draw_beside
from app.results.charts.sentences.public_groups import about_public_groups
from app.results.disclosure.published import PublicItem, Release
from app.results.disclosure.stored import read_release
from app.results.disclosure.wording import in_language
from app.survey.codebook import Variable, codebook
from app.survey.model import Instrument
from app.survey.texts import Text
from app.web.http.language import language_for
from app.web.http.problems import HTTPProblem, Link
from app.web.http.replies import Reply, html
from app.web.live.figures import LiveFigures
from app.web.research.dashboards import FigureDashboards
from app.web.respond.context import AppContext
from app.web.respond.series import current_of, series_of
from app.web.respond.visit import Visit, shown_receipt, shows_receipt, visit_by_cookie

MOST_RENDERED = 60  # pages that are cached
HOW_TO_PUBLISH = "To publish them, write results: {show_to: respondents} in its file."
HIDE = "hide"  # ?own=hide leaves out one's own answers
RECEIPT = "\x02receipt\x03"  # a placeholder on a cached page for a reader's code; no text of a survey can contain it


def public_handlers(context: AppContext, live: LiveFigures, dashboards: FigureDashboards) -> list[Any]:
    pages = PublicPages(context)

    @get("/results/{survey:str}")
    async def show_results(request: Request, survey: FromPath[str]) -> Reply:
        instrument, here = await reader_of(context, request, survey)
        await move_on(live, dashboards, survey)
        own = own_answers(context, here, instrument, request)
        return await pages.reply(instrument, request, own, here)

    @get("/results/{survey:str}/release")
    async def current_release(request: Request, survey: FromPath[str]) -> Reply:
        """The number of the release that the page shows, for open pages."""
        await reader_of(context, request, survey)
        await move_on(live, dashboards, survey)
        number = await context.storage.releases.number(survey)
        return Reply(200, b"text/plain; charset=utf-8", str(number).encode())

    return [show_results, current_release]


def public_view_handler(context: AppContext, live: LiveFigures, dashboards: FigureDashboards) -> Any:
    pages = PublicPages(context)

    @get("/{survey:str}/public")
    async def show_public_view(request: Request, survey: FromPath[str]) -> Reply:
        """The public page for a researcher, who need not have answered."""
        served = context.surveys.served.get(survey)
        if served is None:
            raise HTTPProblem(404)
        if served.instrument.results.show_to == "nobody":
            raise HTTPProblem(404, "No public results", "The figures of this survey are shown to nobody but researchers.", HOW_TO_PUBLISH)
        await move_on(live, dashboards, survey)
        return await pages.reply(served.instrument, request)

    return show_public_view


async def reader_of(context: AppContext, request: Request, survey: str) -> tuple[Instrument, Visit | None]:
    """The survey and its respondent, if this browser is one's. Raises HTTPProblem where results are not for them."""
    served = context.surveys.served.get(survey)
    if served is None or served.instrument.results.show_to == "nobody":
        raise HTTPProblem(404)
    here = await visit_by_cookie(context, survey, request.scope)
    if served.instrument.results.show_to == "respondents":
        here = respondent_who_completed(here, survey)
    return served.instrument, here


async def move_on(live: LiveFigures, dashboards: FigureDashboards, survey: str) -> None:
    """Releases what can be released now."""
    if (source := await live.frame_of(survey)) is not None:
        await dashboards.release(source)


def respondent_who_completed(here: Visit | None, survey: str) -> Visit:
    """Raises HTTPProblem for anybody else."""
    if here is None or not here.is_complete:
        raise HTTPProblem(
            403, N_("These results are for those who answered"),
            N_("They open on the device on which you submitted your answers."), N_("Answer the survey first."),
            Link(f"/s/{survey}", N_("Open the survey")),
        )  # fmt: skip
    return here


# --- one's own answers --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnAnswers:
    """A respondent's answers to the items whose results the survey compares with them."""

    answers: Mapping[str, Any]
    words: Mapping[str, list[tuple[str, str]]]  # by item: pairs of a statement or "", and what was said
    is_hidden: bool

    def key(self) -> tuple[str, bool]:
        """Equal for those who see the same."""
        return repr(([self.answers.get(name) for name in sorted(self.answers)], self.words)), self.is_hidden


def own_answers(context: AppContext, here: Visit | None, instrument: Instrument, request: Request) -> OwnAnswers | None:
    """For an hour, as the receipt; None afterwards, and where there are none."""
    if here is None or not here.is_complete or not shows_receipt(context, here, request.scope):
        return None
    if here.row.instrument != instrument.digest or not instrument.results.beside:
        return None
    words = {item: here.questionnaire.own(item, here.path.answers) for item in instrument.results.beside}
    names = {name for item in words for name in here.instrument.item[item].keys}
    return OwnAnswers({name: value for name, value in here.path.answers.items() if name in names}, words, request.query_params.get("own") == HIDE)


# --- the page -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """One item as the page shows it. `groups` are its charts for each group, where there are several."""

    drawing: Drawing
    own: tuple[tuple[str, str], ...] = ()  # in words, where there is no sentence
    groups: tuple[tuple[str, Drawing], ...] = ()
    between: Message | None = None  # what the groups say


@dataclass(frozen=True, slots=True)
class ResultsReader:
    """Who reads the page."""

    own: OwnAnswers | None = None
    has_answered: bool = False
    receipt: str = ""  # of a poll, as long as it may be shown
    sent_another: bool = False  # another answer than the one that counts
    go_on: str = ""  # the poll that its series has gone on to

    def key(self) -> tuple[object, ...]:
        """Equal for readers whose pages differ in nothing but the receipt code."""
        return self.own.key() if self.own else None, self.has_answered, bool(self.receipt), self.sent_another, self.go_on


def own_words(own: OwnAnswers | None) -> list[tuple[str, str]]:
    """One's own answers in words: pairs of a statement or "", and what was said."""
    return [] if own is None or own.is_hidden else [pair for words in own.words.values() for pair in words]


class PublicPages:
    """The pages of public figures. A page without own answers is rendered once for all its readers, and that of a poll once
    for all who gave the same answer; each is rendered in a thread, since many charts take longer than respondents should
    wait."""

    def __init__(self, context: AppContext):
        self.context = context
        self._rendered: dict[Any, tuple[Instrument, Reply]] = {}

    async def reply(
        self, instrument: Instrument, request: Request, own: OwnAnswers | None = None, here: Visit | None = None
    ) -> Reply:
        """In the language that was chosen, or in that of the response."""
        chosen = request.query_params.get("language", "") or (here.instrument.language if here else "")
        shown = instrument.in_language(language_for(instrument, request, chosen))
        number = await self.context.storage.releases.number(instrument.survey)
        reader = await self._reader(instrument, request, own, here)
        key = instrument.survey, shown.language, number, reader.key()
        of, page = self._rendered.get(key, (None, None))
        is_shared = own is None or instrument.poll
        if not is_shared or page is None or of is not instrument:
            stored = await self.context.storage.releases.latest(instrument.survey)
            page = await asyncio.to_thread(self._page, shown, stored, reader)
            if is_shared and number == (stored["number"] if stored else 0):
                self._rendered[key] = instrument, page
                for oldest in list(self._rendered)[:-MOST_RENDERED]:
                    del self._rendered[oldest]
        return html(page.body.replace(RECEIPT.encode(), reader.receipt.encode())) if reader.receipt else page

    async def _reader(
        self, instrument: Instrument, request: Request, own: OwnAnswers | None, here: Visit | None
    ) -> ResultsReader:
        has_answered = here is not None and here.is_complete
        if not instrument.poll:
            return ResultsReader(own, has_answered)
        current = await current_of(self.context, instrument.survey)
        receipt = shown_receipt(self.context, here, request.scope) if here is not None and has_answered else None
        return ResultsReader(
            own, has_answered, receipt or "", has_answered and "counted" in request.query_params,
            "" if current == instrument.survey else current,
        )  # fmt: skip

    def _page(self, shown: Instrument, stored: dict[str, Any] | None, reader: ResultsReader) -> Reply:
        own = reader.own
        release = read_release(stored["figures"]) if stored else None
        day = write_date(stored["day"].isoformat(), shown.language) if stored else ""
        return self.context.page(
            "results.html", **contents(shown, release, own), number=stored["number"] if stored else 0, day=day,
            hides_own=own is not None and own.is_hidden, has_answered=reader.has_answered, language_name=language_name,
            own_words=own_words(own), receipt=RECEIPT if reader.receipt else "", sent_another=reader.sent_another,
            go_on=reader.go_on, in_series=shown.poll and len(series_of(self.context, shown.survey)) > 1,
        )  # fmt: skip


def contents(instrument: Instrument, release: Release | None, own: OwnAnswers | None = None) -> dict[str, Any]:
    """What the page of public figures shows, in the instrument's language."""
    language = instrument.language
    items = in_language(release.items, instrument) if release else ()
    known = {each.name: each for each in codebook(instrument).variables}
    shown = [item for item in items if item.base]
    first = own.words if own and not own.is_hidden else {}
    mine = [_beside(item, own, known, language) for item in shown if own and item.id in first]
    by = known.get(instrument.results.by)
    return {
        "instrument": instrument,
        "policy": instrument.results,
        "responses": count(release.responses, language) if release else "",
        "mine": mine,
        "sections": _sections((item for item in shown if item.id not in first), instrument),
        "compared": by.label if by else "",
        "waiting": [item.ask for item in items if not item.base and not item.withheld],
        "withheld": {reason: [item.ask for item in items if item.withheld == reason] for reason in ("text", "several", "derived")},
    }


def _beside(item: PublicItem, own: OwnAnswers, known: Mapping[str, Variable], language: str) -> Shown:
    drawing, says_own = draw_beside(item, own.answers, known, language)
    return Shown(drawing, () if says_own else tuple(own.words[item.id]), *_groups(item, language))


def _groups(item: PublicItem, language: str) -> tuple[tuple[tuple[str, Drawing], ...], Message | None]:
    """A chart for each group, where more than one is shown, and what they say; none of what makes the groups."""
    groups = item.groups
    if len(groups) < 2 or any(part.name == part.by for part in item.parts):
        return (), None
    each = [(label, replace(item.of(code), id=f"{item.id}.{place}")) for place, (code, label) in enumerate(groups)]
    said = about_public_groups([(label, describe_public(of)) for label, of in each], language)
    return tuple((label, draw(of, language)) for label, of in each), said


def _sections(items: Iterable[PublicItem], instrument: Instrument) -> list[tuple[Text | None, list[Shown]]]:
    """The items of each section with its title, in the order of the survey; those of no section come last."""
    titles = {section.id: section.title for section in instrument.sections}
    found: dict[str, list[Shown]] = {}
    for item in items:
        drawing = draw(item, instrument.language)
        found.setdefault(item.section, []).append(Shown(drawing, (), *_groups(item, instrument.language)))
    order = [*titles, *(each for each in found if each not in titles)]
    return [(titles.get(section), found[section]) for section in sorted(found, key=order.index)]
