"""What is the same on every page about one survey: its name and state, its pages, its contents, what can be shared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from litestar import Request

from app.exports.vignettes import has_vignettes
from app.languages.catalogues import ENGLISH
from app.languages.formats import write_date
from app.results.charts.captions import language_name
from app.results.items import ItemFigures
from app.results.marginals import Figures
from app.results.view import View, written_view
from app.survey.labels.headings import in_common
from app.survey.model import Instrument
from app.web.live.frames import LiveFrame
from app.web.research.files import files_of, heading_of_files, query_of_files
from app.web.respond.context import AppContext
from app.web.respond.days import timing

#: The pages about a survey: address below the survey's, and name.
PAGES = (("", "Overview"), ("compare", "Compare"), ("crosstab", "Crosstab"), ("plan", "Plan"))
#: Of figures that belong to no section, by their origin.
ASSIGNED = "~assigned"
TITLES = {"~derived": "Scores and computed values", ASSIGNED: "Assigned at random"}
MOST_SEARCHED = 200  # letters


@dataclass(frozen=True, slots=True)
class PageLink:
    label: str
    href: str
    note: str = ""
    is_here: bool = False
    is_file: bool = False
    command: str = ""  # what the script does instead of following the link


@dataclass(frozen=True, slots=True)
class LinkGroup:
    heading: str
    links: tuple[PageLink, ...]


@dataclass(frozen=True, slots=True)
class State:
    """Whether a survey is collecting responses. `kind` is collecting | waiting | over."""

    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class ListedQuestion:
    id: str
    ask: str
    is_left_out: bool = False  # by a search


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    id: str
    number: int | None  # among the sections of the newest version
    title: str
    questions: tuple[ListedQuestion, ...]
    is_left_out: bool = False  # by a search
    is_searched: bool = False


@dataclass(frozen=True, slots=True)
class Navigation:
    survey: str
    page: str
    title: str
    state: State
    facts: tuple[str, ...]
    faults: int  # of the current file
    pages: tuple[PageLink, ...]
    has_findings: bool
    overview: str  # the address of the overview with the same view; "" on the overview itself
    within: frozenset[str]  # sections and questions that are on this page too, where it is not the overview
    contents: tuple[ContentsEntry, ...]
    find: str
    found: str
    query: tuple[tuple[str, str], ...]  # the view, for forms that send it back
    share: tuple[LinkGroup, ...]
    has_plan: bool  # an analysis plan, beside whose primary estimates all else is exploratory


def navigation(
    context: AppContext, source: LiveFrame, counted: Figures, request: Request, here: str = "",
    within: frozenset[str] = frozenset(),
) -> Navigation:  # fmt: skip
    """`here` is one of the addresses in `PAGES`; `counted` are the figures that the page shows, `within` the sections and
    questions that it has."""
    survey, instrument = source.survey, source.loaded.instruments[0]
    query = tuple(written_view(counted.view))
    find = request.query_params.get("find", "").strip()[:MOST_SEARCHED]
    contents = searched(contents_of(source, counted.items), find)
    pages = tuple(
        PageLink(label, address(survey, place, query), is_here=place == here) for place, label in PAGES
    )
    return Navigation(
        survey=survey, page=dict(PAGES).get(here, "Answers in words"), title=instrument.title, state=state_of(context, survey, instrument),
        facts=facts_of(context, survey, instrument), faults=len(context.surveys.faults.get(survey, ())), pages=pages,
        has_findings=counted.n > 0 and not find, overview="" if not here else address(survey, "", query), within=within, contents=contents, find=find,
        found=found_in(contents) if find else "", query=query, share=share_of(source, counted, here),
        has_plan=instrument.analysis is not None,
    )  # fmt: skip


def address(survey: str, page: str, query: Iterable[tuple[str, str]]) -> str:
    asked = urlencode(list(query))
    return f"/research/{survey}{page and f'/{page}'}{asked and f'?{asked}'}"


# --- name and state ---------------------------------------------------------------------------------------------


def state_of(context: AppContext, survey: str, instrument: Instrument) -> State:
    if survey not in context.surveys.served:
        return State("over", "No longer offered")
    when = timing(instrument, context.today(instrument))
    if when == "not_yet":
        return State("waiting", f"Opens on {write_date(instrument.opens or '', ENGLISH)}")
    if when == "closed":
        return State("over", f"Closed since {write_date(instrument.closes or '', ENGLISH)}")
    until = f" until {write_date(instrument.closes, ENGLISH)}" if instrument.closes else ""
    return State("collecting", f"Collecting{until}")


def facts_of(context: AppContext, survey: str, instrument: Instrument) -> tuple[str, ...]:
    version = context.surveys.versions.get((survey, instrument.digest)) or instrument.version
    languages = [language_name(tag, ENGLISH) for tag in instrument.languages or (instrument.language,)]
    return (instrument.privacy, *([f"version {version}"] if version else ()), in_words(languages))


def in_words(names: Sequence[str]) -> str:
    """English, German and French."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


# --- contents ---------------------------------------------------------------------------------------------------


def section_titles(source: LiveFrame) -> dict[str, str]:
    """The title of each section, also of sections that only older versions had."""
    found = dict(TITLES)
    for instrument in source.loaded.instruments:
        titles = {
            section.id: section.title.plain if section.title else f"Section {place}" if len(instrument.sections) > 1 else instrument.title
            for place, section in enumerate(instrument.sections, 1)
        }
        for section, title in (titles | dict(_titles_of_loops(instrument, titles))).items():
            found.setdefault(section, title)
    return found


def _titles_of_loops(instrument: Instrument, titles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The entries of a loop have a section each, and their figures are pooled: the title is what those of all have in common,
    or else all of them."""
    sections = {name: section.id for section in instrument.sections for name in section.names}
    for loop in instrument.loops:
        asked = list(dict.fromkeys(sections[part.name] for part in loop.parts if part.name in sections))
        words = list(dict.fromkeys(titles[section] for section in asked))
        shared = in_common(words)
        for section in asked:
            yield section, ", ".join(words[:3]) + ", …" * (len(words) > 3) if shared == words[0] else shared


def section_numbers(instrument: Instrument, items: Iterable[ItemFigures]) -> dict[str, int]:
    """The sections of a version that have figures, numbered as they are asked."""
    shown = {item.section for item in items}
    return {each: place for place, each in enumerate((each.id for each in instrument.sections if each.id in shown), 1)}


def section_of(item: ItemFigures) -> str:
    return item.section or f"~{item.origin}"


def contents_of(source: LiveFrame, items: Sequence[ItemFigures]) -> tuple[ContentsEntry, ...]:
    titles, numbers = section_titles(source), section_numbers(source.loaded.instruments[0], items)
    questions: dict[str, list[ListedQuestion]] = {}
    for item in items:
        questions.setdefault(section_of(item), []).append(ListedQuestion(item.id, item.ask))
    asked = [section for section in questions if section not in TITLES]
    return tuple(
        ContentsEntry(section, numbers.get(section), titles[section], tuple(questions[section]))
        for section in (*asked, *(each for each in TITLES if each in questions))
    )


def searched(contents: Sequence[ContentsEntry], find: str) -> tuple[ContentsEntry, ...]:
    """Leaves out what does not contain all of the words; a section whose title does is shown with all its questions."""
    words = find.casefold().split()
    if not words:
        return tuple(contents)
    return tuple(_searched(entry, words) for entry in contents)


def _searched(entry: ContentsEntry, words: Sequence[str]) -> ContentsEntry:
    def matches(text: str) -> bool:
        return all(word in text.casefold() for word in words)

    questions = tuple(
        ListedQuestion(each.id, each.ask, not matches(f"{entry.title} {each.ask}")) for each in entry.questions
    )
    left_out = not matches(entry.title) and all(each.is_left_out for each in questions)
    return ContentsEntry(entry.id, entry.number, entry.title, questions, left_out, is_searched=True)


def found_in(contents: Iterable[ContentsEntry]) -> str:
    n = sum(not question.is_left_out for entry in contents for question in entry.questions)
    return f"{n or 'No'} {'question' if n == 1 else 'questions'} found"


# --- sharing ----------------------------------------------------------------------------------------------------


def share_of(source: LiveFrame, counted: Figures, here: str) -> tuple[LinkGroup, ...]:
    survey, instrument, query = source.survey, source.loaded.instruments[0], written_view(counted.view)
    opened = [PageLink("The survey, as respondents see it", f"/s/{survey}")]
    if instrument.results.show_to != "nobody":
        opened.append(PageLink("The results, as the public sees them", f"/research/{survey}/public"))
    if instrument.poll:
        opened.append(PageLink("The poll on a projector", f"/present/{survey}"))
    shared = (
        PageLink("Copy the address of this view", address(survey, here, query), command="copy"),
        PageLink("Print, or save as PDF", address(survey, here, query), command="print"),
    )
    return (
        LinkGroup("Share", shared),
        LinkGroup("Open", tuple(opened)),
        *(downloads_of(source, view, n) for view, n in ((counted.view, counted.n + counted.without_weight), (None, source.loaded.rows))),
    )


def downloads_of(source: LiveFrame, view: View | None, n: int) -> LinkGroup:
    """The files of a view; without a view, of all that is stored."""
    links = (
        PageLink(label, address(source.survey, name, [*query_of_files(view), *query]), f".{name.partition('.')[2]}", is_file=True)
        for label, name, query in files_of(has_vignettes(source.loaded.instruments))
    )
    return LinkGroup(heading_of_files(view, n), tuple(links))


def chart_files(survey: str, view: View) -> tuple[str, str]:
    """What comes before and after an item's id and the kind of file in the address of its chart."""
    query = urlencode(written_view(view))
    return f"/research/{survey}/chart/", f"?{query}" if query else ""
