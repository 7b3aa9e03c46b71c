"""A questionnaire: an instrument compiled for answering, once, and shared by all its respondents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from jinja2 import Environment

from app.interview.form import Problem, fields_of
from app.interview.path import Answers, Path, SectionOnPath, ordered
from app.interview.rendering.arrangement import case
from app.interview.rendering.pages import PageTemplate, compile_page
from app.interview.rendering.piping import Piping
from app.interview.rendering.review import review
from app.interview.rendering.state import PageState, ShownProblem
from app.interview.route import Route
from app.languages.catalogues import N_
from app.survey.identity import private_items, private_names, who_asked
from app.survey.items.fields import Today
from app.survey.model import Drawn, Instrument, Section
from app.survey.texts import Pipe, Text

ASK_AGAIN = N_("An answer is missing here. Answer if you like, or continue without.")


class Entered(NamedTuple):
    """What is in the fields of a page, as a form sends them, and what is wrong with it. `skipped` are items to ask
    about once more, `asked` those that were asked about before. `failure` is why the page could not be stored."""

    fields: Mapping[str, Sequence[str]]
    problems: Sequence[Problem] = ()
    skipped: Sequence[str] = ()
    asked: Collection[str] = ()
    failure: str = ""
    open_before: str | None = None  # the address of the page before, if it is said that items on it were left empty


class Questionnaire:
    """An instrument in one of its languages; `languages` holds it in each of them.

    `environment` holds the templates, and as the global `catalogue` what gives the service's own words in a language.
    `private` are the ids of the items whose answers must not stay in a browser: those of the whole instrument.
    """

    def __init__(
        self, environment: Environment, instrument: Instrument, private: frozenset[str] | None = None
    ):
        self._private = private_items(instrument) if private is None else private
        self.instrument, self.route = instrument, Route(instrument)
        self._gettext = environment.globals["catalogue"](instrument.language).gettext  # type: ignore[operator]
        self._piping = Piping(instrument, self._gettext)
        self.pages: dict[str, PageTemplate] = {
            section.id: compile_page(environment, instrument, section, position, self._private)
            for position, section in enumerate(instrument.sections)
        }
        self.languages = {instrument.language: self}
        for language, translation in instrument.translations.items():
            self.languages[language] = Questionnaire(environment, translation, self._private)
            self.languages[language].languages = self.languages

    def renew(self, instrument: Instrument) -> None:
        """Continues with the same version under changed settings, such as those of results; pages stay the same."""
        for language, each in self.languages.items():
            each.instrument = instrument.in_language(language)

    def in_language(self, language: str | None) -> Questionnaire:
        """The questionnaire in one of its languages; itself if it does not have that language."""
        return self.languages.get(language or "", self)

    @cached_property
    def version(self) -> str:
        """What a form says of the instrument that it belongs to."""
        return self.instrument.digest[:12]

    @cached_property
    def asks_who(self) -> bool:
        """Whether any item asks for the respondent's identity in any language, whatever `privacy` says."""
        return any(who_asked(each.instrument) for each in self.languages.values())

    @cached_property
    def private_sections(self) -> frozenset[str]:
        """The sections whose pages show an answer that must not stay in the browser: one of their own, or an earlier
        one in a text or for a condition."""
        private = private_names(self.instrument, self._private)
        return frozenset(
            section.id
            for section in self.instrument.sections
            if not self._private.isdisjoint(item.id for item in section.items) or not private.isdisjoint(self._recalled(section))
        )

    def _recalled(self, section: Section) -> set[str]:
        """The names whose values a section's page shows besides its own fields, also in messages."""
        said = [check.say for item in section.items for check in item.checks if check.say is not None]
        pipes = [*self._pipes[section.id], *(pipe for text in said for pipe in text.holes)]
        return {*self.pages[section.id].needs, *(pipe.name for pipe in pipes)}

    def earlier(self, path: Path, section: str) -> dict[str, Any]:
        """The answers on the path but for those of one section: what its own conditions begin with."""
        own = self.route.section[section].keys
        return {name: value for name, value in path.answers.items() if name not in own}

    # --- texts ---------------------------------------------------------------------------------------------

    def piped(self, answers: Answers) -> dict[str, str]:
        """The text for each pipe outside the sections, by what is written between its braces."""
        return {pipe.source: self._piping.fill(pipe, answers) for pipe in self._pipes_outside}

    def own(self, item: str, answers: Answers) -> list[tuple[str, str]]:
        """The answers to an item in words: one line per name, each with its statement or option if it has one."""
        parts = {
            row.name: row.statement.text.plain for row in getattr(self.instrument.item[item], "rows", ())
        }
        return [
            (parts.get(name, ""), self._piping.fill(Pipe(name), answers))
            for name in self.instrument.item[item].names
            if name in answers and not isinstance(answers[name], dict)
        ]

    def case(self, section: Section) -> tuple[int, int] | None:
        """Of a vignette that is shown several times: its number, and how many there are."""
        return case(self.instrument, section)

    def review(self, step: SectionOnPath, answers: Answers) -> list[dict[str, Any]]:
        """What was asked in a section, each item with its answers in words."""
        return review(self._piping, step, answers)

    @cached_property
    def _pipes_outside(self) -> tuple[Pipe, ...]:
        made = self.instrument
        texts = [made.consent, made.thanks, *made.about.values(), *(section.title for section in made.sections)]
        texts += [ending.text for ending in (*made.screen_outs, *made.quotas)]
        return tuple(pipe for text in texts if text is not None for pipe in text.holes)

    @cached_property
    def _pipes(self) -> dict[str, tuple[Pipe, ...]]:
        """The pipes of each section's page."""
        return {
            section: tuple(Text(f"{{{source}}}").holes[0] for source in page.pipes)
            for section, page in self.pages.items()
        }

    def _shown_problem(self, problem: Problem, answers: Answers) -> ShownProblem:
        """A problem in the respondent's language."""
        if problem.say is not None:
            return problem.field, problem.item, self._piping.words(problem.say, answers)
        sentence = self._gettext(problem.template)
        return problem.field, problem.item, sentence % dict(problem.values) if problem.values else sentence

    # --- pages ---------------------------------------------------------------------------------------------

    def page(
        self, token: str, path: Path, step: SectionOnPath, back: str | None, today: Today | None = None,
        problems: Sequence[Problem] = (), open_before: str | None = None,
    ) -> bytes:  # fmt: skip
        """A section for one respondent, with the answers given so far and what is wrong with them."""
        fields = fields_of(step.section, path.answers, self.instrument.language)
        asked = fields.pop("asked", ())
        return self.filled(token, path, step, back, today, Entered(fields, problems, asked=asked, open_before=open_before))

    def filled(
        self, token: str, path: Path, step: SectionOnPath, back: str | None, today: Today | None, entered: Entered
    ) -> bytes:
        """A section with what was entered in it.

        A problem that may be confirmed is confirmed by sending the page again: it is shown once, and not before
        what must be corrected.
        """
        section, fields, problems = step.section.id, entered.fields, entered.problems
        faults = [problem for problem in problems if not problem.confirmed_by]
        doubts = [] if faults else problems
        page, answers = self.pages[section], path.answers
        state = PageState(
            token=token,
            values=fields,
            visible={item.id for item in step.items},
            off=step.off,
            known=answers,
            piped={pipe.source: self._piping.fill(pipe, answers) for pipe in self._pipes[section]},
            orders=self._orders(section, answers) if page.is_shuffled else {},
            backwards=self._backwards(section, answers) if page.is_shuffled else (),
            bounds=self._bounds(page, answers, today) if page.dates else {},
            back=back,
            progress=path.progress(step),
            open_before=entered.open_before,
            failure=self._gettext(entered.failure) if entered.failure else "",
            problems=[self._shown_problem(problem, answers) for problem in faults],
            reminders=[(item, item, self._gettext(ASK_AGAIN)) for item in entered.skipped],
            doubts=[self._shown_problem(problem, answers) for problem in doubts],
            asked=[*entered.asked, *entered.skipped],
            confirmed=dict.fromkeys(
                [*fields.get("confirmed", ()), *(problem.confirmed_by for problem in doubts)]
            ),
            private=section in self.private_sections,
        )
        return page.fill(state)

    # --- random orders -------------------------------------------------------------------------------------

    @cached_property
    def _drawn(self) -> dict[str, tuple[list[tuple[str, Drawn]], list[str]]]:
        """For each section, the random orders of its page by what they order, and the items whose poles may be exchanged."""
        found, named = {}, self.instrument.drawn_by_name
        for section in self.instrument.sections:
            shuffled = [f"section.{section.id}", *(item.id for item in section.items)]
            orders = [(name, drawn) for name in shuffled if (drawn := self.instrument.orders(name))]
            found[section.id] = orders, [item.id for item in section.items if f"{item.id}~poles" in named]
        return found

    def _orders(self, section: str, answers: Answers) -> dict[str, Sequence[Any]]:
        return {name: ordered(drawn, answers) for name, drawn in self._drawn[section][0]}

    def _backwards(self, section: str, answers: Answers) -> list[str]:
        """The items of a page whose scales are shown in the reverse order, and the pairs whose poles are exchanged."""
        flips = self.instrument.flips
        items = [item.id for item in self.instrument.section[section].items if item.id in flips]
        pairs = [f"{item}.{pair}" for item in self._drawn[section][1] for pair in answers.get(f"{item}~poles") or ()]
        return [*(item for item in items if flips[item].holds(answers)), *pairs]

    def _bounds(
        self, page: PageTemplate, answers: Answers, today: Today | None
    ) -> dict[str, tuple[str, str]]:
        """The first and the last date that each item accepts; any, if a bound counts from a day that is not known."""
        found = {}
        for item in map(self.instrument.item.__getitem__, page.dates):
            limits = item.date_limits(answers.get("today"), today)
            if limits is not None:
                found[item.id] = limits[0] or "0", limits[1] or "9999"
        return found
