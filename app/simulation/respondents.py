"""Simulated respondents: they fill in the form's fields, and go through the real reading and the real path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.interview.draws import draw
from app.interview.form import Reading, read_section
from app.interview.path import NOTHING_OFF, SectionOnPath
from app.interview.quotas import quota_limits
from app.interview.route import Route, SectionRoute
from app.simulation.behaviour import Behaviour
from app.simulation.duration import Durations
from app.simulation.solving import solved
from app.survey.codes import FULL_QUOTA
from app.survey.items.answer import OFFERED
from app.survey.items.base import Item
from app.survey.items.fields import Fields
from app.survey.items.simulated import Chance, Person, Sheet

ATTEMPTS = 60  # at a page, until it is taken
BY_CHANCE = 8  # of these, before a number is computed that meets a check
CARELESS_PACE = 0.35  # of the time that others take
SOME_DAY = "2026-07-01"


@dataclass(frozen=True)
class Simulated:
    """`pages` are the response's answers after each page; `minutes` is how long it all took.

    `ended` is the screen-out or quota that ended the path. `stuck` is an item that no attempt could answer so that the
    page was taken: its respondent gave up there.
    """

    pages: tuple[dict[str, Any], ...]
    completed: bool
    minutes: float
    ended: str | None = None
    stuck: str | None = None
    careless: bool = False
    held: frozenset[str] = frozenset()  # the quotas that count it
    seen: tuple[str, ...] = ()  # ids of the items on the pages sent, notes among them


@dataclass
class QuotaCounts:
    """How many respondents each quota counts. Respondents who share it follow one another."""

    taken: Counter[str] = field(default_factory=Counter)

    def full(self, route: Route, answers: Mapping[str, Any]) -> str | None:
        """The id of a quota that counts one who gave these answers, and is full."""
        wanted = quota_limits(route, answers)
        return next((quota for quota, most in sorted(wanted.items()) if self.taken[quota] >= most), None)

    def take(self, route: Route, answers: Mapping[str, Any]) -> frozenset[str]:
        """Counts a respondent who submits these answers."""
        wanted = frozenset(quota_limits(route, answers))
        self.taken.update(wanted)
        return wanted


def respondent(
    route: Route,
    chance: Chance,
    behaviour: Behaviour | None = None,
    given: Mapping[str, Any] | None = None,
    quotas: QuotaCounts | None = None,
    durations: Durations | None = None,
) -> Simulated:
    """One respondent, from the first page until submission, an earlier ending, or break-off.

    `given` is what was drawn for them, where it is known; `quotas` counts those with whom they share quotas;
    `durations` the instrument's, where many are simulated.
    """
    behaviour, instrument = behaviour or Behaviour(), route.instrument
    language = chance.choice(instrument.languages or (instrument.language,))
    if given is None:
        given = draw(instrument, int(chance.random() * 1e6), b"simulated", SOME_DAY, language)
    person = new_person(chance, behaviour, str(given.get("language", language)))
    return SimulatedVisit(
        route, person, dict(given), quotas or QuotaCounts(), durations or Durations(instrument)
    ).through()


class SimulatedVisit:
    """One respondent's way through the pages. `answers` is what is on the path so far, with what was given."""

    def __init__(
        self,
        route: Route,
        person: Person,
        given: dict[str, Any],
        quotas: QuotaCounts,
        durations: Durations,
    ) -> None:
        self.route, self.person, self.answers = route, person, given
        self.quotas, self.durations = quotas, durations
        self.pages: list[dict[str, Any]] = []
        self.steps: list[SectionOnPath] = []
        self.stuck: str | None = None

    def through(self) -> Simulated:
        ended = self.route.full(self.answers)
        for section in self.route.in_order(self.answers):
            if ended is not None:
                break
            if not section.opens(self.answers):
                continue
            if self.pages and self.person.happens(self.person.behaviour.breaks_off):
                return self.over(completed=False)
            if not self.send(section):
                return self.over(completed=False)
            ended = self.route.ending(self.answers)
        return self.over(completed=ended is None, ended=ended)

    def send(self, section: SectionRoute) -> bool:
        """One page; False when it cannot be answered so that it is taken."""
        answers = self.page(section)
        if answers is None:
            return False
        self.answers |= answers
        self.steps.append(section.without(section.enter(self.answers) or ()))
        if FULL_QUOTA not in self.answers:
            quota = self.quotas.full(self.route, self.answers)
            if quota is not None:
                self.answers[FULL_QUOTA] = quota
        self.pages.append(dict(self.answers))
        return True

    def page(self, section: SectionRoute) -> dict[str, Any] | None:
        """Fills in a page, and again where an answer reveals something or is not taken, until it is."""
        fields: Fields = {"shown": [], "asked": [], "confirmed": []}
        for attempt in range(ATTEMPTS):
            reading = read_section(section, fields, self.answers, self.person.language)
            if not reading.revealed and not reading.problems:
                self.stuck = None
                return reading.answers
            if attempt < BY_CHANCE or not self.solve(section, reading, fields):
                self.mend(section, reading, fields, attempt > ATTEMPTS // 2)
            self.stuck = next((problem.item for problem in reading.problems), None)
        return None

    def mend(self, section: SectionRoute, reading: Reading, fields: Fields, despairing: bool) -> None:
        """Answers what came up, confirms what only asks, and answers anew what was refused (in the end: not at all)."""
        known = self.answers | reading.answers
        wrong = {problem.item for problem in reading.problems if not problem.confirmed_by}
        fields["confirmed"] += [each.confirmed_by for each in reading.problems if each.confirmed_by]
        for each in section.items:
            item, hidden = each.item, each.hidden_keys(known) or NOTHING_OFF
            if item.id not in reading.revealed and item.id not in wrong:
                continue
            for name in [name for name in fields if belongs(name, item)]:
                del fields[name]
            if item.required or not (despairing and item.id in wrong):
                fields |= self.fields(item, known, hidden)
            fields["shown"] += [item.id, *shown_parts(item, hidden)]
            fields["asked"].append(item.id)

    def fields(self, item: Item, known: Mapping[str, Any], hidden: frozenset[str]) -> Fields:
        """What this respondent fills in."""
        return fields_sent(item, self.person, known, hidden)

    def solve(self, section: SectionRoute, reading: Reading, fields: Fields) -> bool:
        """Whether it entered a number that meets a check, where chance has found none."""
        refused = {problem.item for problem in reading.problems if not problem.confirmed_by}
        items = [each.item for each in section.items if each.item.id in fields["shown"]]
        checks = [check for item in items if item.id in refused for check in item.checks]
        found = solved(checks, items, self.answers | reading.answers, self.person.language) if checks else {}
        fields |= found
        return bool(found)

    def over(self, completed: bool, ended: str | None = None) -> Simulated:
        seen = tuple(item.id for step in self.steps for item in step.items)
        stuck = None if completed or ended else self.stuck
        held = self.quotas.take(self.route, self.answers) if completed else frozenset()
        return Simulated(
            tuple(self.pages), completed, self.minutes(seen), ended, stuck,
            self.person.careless, held, seen,
        )  # fmt: skip

    def minutes(self, seen: tuple[str, ...]) -> float:
        """What the items seen take, at this respondent's own pace."""
        pace = min(max(1 + 0.25 * self.person.chance.gauss(), 0.4), 2.5)
        pace *= CARELESS_PACE if self.person.careless else 1
        return pace * self.durations.seconds(seen) / 60


def belongs(field: str, item: Item) -> bool:
    """Whether a form's field is one of an item's."""
    return field == item.id or field.startswith((f"{item.id}.", f"{item.id}~"))


def shown_parts(item: Item, hidden: frozenset[str]) -> list[str]:
    """The options or statements that are shown of an item whose parts may be hidden."""
    keys = () if item.is_fixed else (item.part_key(part) for part in item.parts)
    return [key for key in keys if key not in hidden]


def new_person(chance: Chance, behaviour: Behaviour, language: str) -> Person:
    careless = chance.random() < behaviour.careless
    straight = chance.random() if careless and chance.random() < 0.5 else None
    return Person(chance, behaviour, language, chance.gauss(), careless, straight)


def fields_sent(item: Item, person: Person, known: Mapping[str, Any], hidden: frozenset[str]) -> Fields:
    """The fields that one respondent sends for an item, as a browser would; none where it is left open."""
    if not item.required and person.happens(person.behaviour.skips):
        return {}
    sheet = Sheet(person, known, hidden)
    if item.offers and person.happens(person.behaviour.declines):
        sent = OFFERED[person.chance.choice([reason for reason in OFFERED if reason in item.offers])]
        return {f"{item.id}~" if item.reasons_beside else name: [sent] for name in sheet.names(item)}
    return item.simulated(sheet)
