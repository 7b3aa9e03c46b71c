"""A survey's public figures, for everyone or for its respondents."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath

from app.languages.catalogues import N_
from app.results.disclosure.published import Release
from app.results.disclosure.stored import read_release
from app.results.disclosure.wording import in_language
from app.survey.model import Instrument
from app.web.http.language import language_for
from app.web.http.problems import HTTPProblem, Link
from app.web.http.replies import Reply
from app.web.live.figures import LiveFigures
from app.web.research.dashboards import FigureDashboards, by_section
from app.web.respond.context import AppContext
from app.web.respond.visit import Visit, shows_receipt, visit_by_cookie


def results_handler(context: AppContext, live: LiveFigures, dashboards: FigureDashboards) -> Any:
    @get("/results/{survey:str}")
    async def show_results(request: Request, survey: FromPath[str]) -> Reply:
        served = context.surveys.served.get(survey)
        if served is None or served.instrument.results.show_to == "nobody":
            raise HTTPProblem(404)
        instrument = served.instrument
        chosen = request.query_params.get("language", "")
        here = await visit_by_cookie(context, survey, request.scope)
        if instrument.results.show_to == "respondents":
            here = respondent_who_completed(here, survey)
            chosen = chosen or here.instrument.language
        if (source := await live.frame_of(survey)) is not None:
            await dashboards.release(source)
        stored = await context.storage.releases.latest(survey)
        shown = instrument.in_language(language_for(instrument, request, chosen))
        return context.page(
            "results.html", **public_page(shown, read_release(stored["figures"]) if stored else None),
            own=own_answers(here, shown) if here is not None and shows_receipt(context, here, request.scope) else {},
        )  # fmt: skip

    return show_results


def respondent_who_completed(here: Visit | None, survey: str) -> Visit:
    """Raises HTTPProblem for anybody else."""
    if here is None or not here.is_complete:
        raise HTTPProblem(
            403, N_("These results are for those who answered"),
            N_("They open on the device on which you submitted your answers."), N_("Answer the survey first."),
            Link(f"/s/{survey}", N_("Open the survey")),
        )  # fmt: skip
    return here


def own_answers(here: Visit, shown: Instrument) -> dict[str, list[tuple[str, str]]]:
    """The respondent's answers to the items whose results the survey compares with them: for an hour, as the receipt."""
    if not here.is_complete or here.row.instrument != shown.digest:
        return {}
    questionnaire = here.questionnaire.in_language(shown.language)
    return {item: questionnaire.own(item, here.path.answers) for item in shown.results.beside}


def public_page(instrument: Instrument, release: Release | None) -> dict[str, Any]:
    """What the page of public figures shows, in the instrument's language."""
    items = in_language(release.items, instrument) if release else ()
    shown = [item for item in items if not item.withheld]
    return {
        "instrument": instrument,
        "policy": instrument.results,
        "titles": {section.id: section.title for section in instrument.sections},
        "withheld": [item.ask for item in items if item.withheld],
        "sections": by_section(shown, instrument.language),
    }
