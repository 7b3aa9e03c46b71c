"""Answers made up so that a section can be opened, for the preview: a respondent who answers as they have, and where
that does not lead to the section, as its conditions need."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from app.interview.form import fields_of
from app.interview.route import Route, SectionRoute
from app.simulation.behaviour import Behaviour
from app.simulation.duration import Durations
from app.simulation.respondents import QuotaCounts, SimulatedVisit, belongs, fields_sent, new_person
from app.simulation.solving import on_step
from app.survey.codes import FULL_QUOTA
from app.survey.conditions.dead_conditions import endings_before
from app.survey.conditions.domains import Domain, fits
from app.survey.conditions.solver import Goal, Solver
from app.survey.items.answer import OFFERED, Answer
from app.survey.items.base import Item
from app.survey.items.fields import Fields, Page
from app.survey.items.simulated import WORDS, Chance, Person
from app.survey.model import Instrument

ATTEMPTS = 24  # at all the pages before the section, for each plan: half of them with answers as most would give
MOST_PLANS = 32
TRIES = 40  # at an item, until chance gives what is needed; then it is constructed


@dataclass(frozen=True, slots=True)
class MadeUp:
    """`answers` are those of a response that has come to the section; None where none were found. Then `impossible` says
    that there are none, and `stuck` is the last item for which no answer was accepted."""

    answers: dict[str, Any] | None = None
    impossible: bool = False
    stuck: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """What to keep of a respondent's answers, and what others must be."""

    kept: Mapping[str, Any] = field(default_factory=dict)
    domains: Mapping[str, Domain] = field(default_factory=dict)


def answers_before(route: Route, section: str | None, answers: Mapping[str, Any], chance: Chance) -> MadeUp:
    """Answers with which a section is on the path and everything before it is answered (without a section: everything).
    Of a respondent's own `answers` as many stay as can."""
    solver = Solver(route.instrument)
    target = route.section[section] if section is not None else None
    plans = (plan for way in _ways(route.instrument, target) for plan in _plans(solver, way, answers))
    impossible, stuck = True, None
    for plan in islice(plans, MOST_PLANS):
        impossible = False
        for attempt in range(ATTEMPTS):
            visit = LedVisit(route, plan, answers, chance, extreme=attempt >= ATTEMPTS // 2)
            if visit.arrives(target):
                return MadeUp(visit.answers)
            stuck = visit.stuck or stuck
    return MadeUp(impossible=impossible, stuck=stuck)


# --- what must hold --------------------------------------------------------------------------------------


def _ways(instrument: Instrument, target: SectionRoute | None) -> Iterator[list[Goal]]:
    """The goals with which a section is shown, in each way in which something of it is."""
    if target is None:
        yield [(out.when.tree, "FU") for out in instrument.screen_outs]
        return
    section = target.section
    conditions = [section.show_if] if section.show_if else []
    around = endings_before(instrument, section) + [(one.tree, "T") for one in conditions]
    if target.has_fixed_item:
        yield around
        return
    for item in section.items:
        own: list[Goal] = [(item.show_if.tree, "T")] if item.show_if else []
        parts = [part.show_if for part in item.parts]
        for part in [None] if None in parts or not parts else parts:
            yield [*around, *own, *([(part.tree, "T")] if part is not None else [])]


def _plans(solver: Solver, goals: list[Goal], answers: Mapping[str, Any]) -> Iterator[AnswerPlan]:
    """Ways to meet the goals: with the answers that agree with them, without those on which they depend, and anew."""
    if not solver.possible(*goals):
        return
    decisive = _names(solver, goals)
    kept = {name: value for name, value in answers.items() if name not in decisive}
    fixed: list[Goal] = []
    agreeing = dict(kept)
    for name in (name for name in answers if name in decisive):
        more = _fixed(name, answers[name])
        if solver.possible(*goals, *fixed, *more):
            fixed += more
            agreeing[name] = answers[name]
    yield AnswerPlan(agreeing, solver.narrowed(*goals, *fixed) or {})
    domains = solver.narrowed(*goals) or {}
    yield AnswerPlan(kept, domains)
    yield AnswerPlan({}, domains)
    yield AnswerPlan()


def _names(solver: Solver, goals: list[Goal]) -> set[str]:
    """The names on which goals depend, with those on which it depends that they are asked."""
    found: set[str] = set()
    trees = [tree for tree, _ in goals]
    while trees:
        tree = trees.pop()
        if not isinstance(tree, list):
            continue
        for part in tree[1:]:
            if isinstance(part, str) and part in solver.base and part not in found:
                found.add(part)
                trees += [gate.tree for gate in solver.gates.get(part, ())]
        trees += tree[1:]
    return found


def _fixed(name: str, value: Any) -> list[Goal]:
    """The goals that an answer stays as it is."""
    if isinstance(value, dict):
        return [(["answered", name], "F")]
    if isinstance(value, list):
        return [(["has", name, code], "T") for code in value]
    return [(["==", ["get", name], value], "T")]


# --- a respondent who is led there -----------------------------------------------------------------------


class LedVisit(SimulatedVisit):
    """A simulated respondent who answers as a plan says."""

    def __init__(self, route: Route, plan: AnswerPlan, own: Mapping[str, Any], chance: Chance, extreme: bool) -> None:
        instrument = route.instrument
        given = {name: value for name, value in own.items() if name in instrument.given and name != FULL_QUOTA}
        for name in given.keys() & plan.domains.keys():
            given[name] = _given_value(given[name], plan.domains[name], chance)
        behaviour = Behaviour(skips=0, declines=0, careless=0.7 if extreme else 0)
        person = new_person(chance, behaviour, str(given.get("language", instrument.language)))
        super().__init__(route, person, given, QuotaCounts(), Durations(instrument))
        self.plan, self.tried = plan, set[str]()

    def arrives(self, target: SectionRoute | None) -> bool:
        """Answers page after page; whether the section is then shown."""
        for section in self.route.in_order(self.answers):
            if section is target:
                return section.opens(self.answers)
            if section.opens(self.answers):
                if not self.send(section) or self.route.ending(self.answers) is not None:
                    return False
        return target is None

    def fields(self, item: Item, known: Mapping[str, Any], hidden: frozenset[str]) -> Fields:
        own = {name: self.plan.kept[name] for name in item.keys if name in self.plan.kept}
        if own and item.id not in self.tried:
            self.tried.add(item.id)
            section = replace(self.route.sections[0].section, items=(item,))
            return {name: sent for name, sent in fields_of(section, own, self.person.language).items() if belongs(name, item)}
        wanted = {name: self.plan.domains[name] for name in item.shown_names(hidden) if name in self.plan.domains}
        fields = self.by_chance(item, known, hidden, wanted)
        return fields if fields is not None else self.constructed(item, known, hidden, wanted)

    def by_chance(
        self, item: Item, known: Mapping[str, Any], hidden: frozenset[str], wanted: Mapping[str, Domain]
    ) -> Fields | None:
        """Fields that give what is wanted, if chance comes to any."""
        for _ in range(TRIES):
            fields = fields_sent(item, self.person, known, hidden)
            if not wanted:
                return fields
            values, problems = item.from_form(Page(fields, self.person.language, known.get("today"), hidden))
            if not problems and all(fits(domain, values.get(name)) for name, domain in wanted.items()):
                return fields
        return None

    def constructed(
        self, item: Item, known: Mapping[str, Any], hidden: frozenset[str], wanted: Mapping[str, Domain]
    ) -> Fields:
        fields = fields_sent(item, self.person, known, hidden)
        for name, domain in wanted.items():
            if domain.known is False:
                fields = {key: sent for key, sent in fields.items() if not _is_of(key, name)}
                fields |= self.reason(item, name)
                continue
            value = _value(item.answer[name], domain, self.person)
            if value is not None:
                fields |= item.to_form(name, value, self.person.language) | _beside(item, value)
        return fields

    def reason(self, item: Item, name: str) -> Fields:
        """A reason for not answering: where one is offered, and the item must be answered or chance has it."""
        if not item.offers or not (item.required or self.person.happens(0.5)):
            return {}
        sent = OFFERED[self.person.chance.choice([reason for reason in OFFERED if reason in item.offers])]
        return {f"{item.id}~" if item.reasons_beside else name: [sent]}


def _is_of(field_name: str, name: str) -> bool:
    return field_name == name or field_name.startswith((f"{name}.", f"{name}~"))


def _value(answer: Answer, domain: Domain, person: Person) -> Any:
    """A value of a domain; None where none can be constructed."""
    if answer.is_list:
        codes = [code for code in answer.codes if code in domain.must]
        offered = [code for code in answer.codes if code in domain.may]
        return codes or ([person.chance.choice(offered)] if offered else None)
    if domain.values is not None:
        return person.chance.choice(sorted(domain.values, key=str)) if domain.values else None
    if answer.kind == "number":
        low, high = (end if isinstance(end, int | float) else None for end in (domain.low, domain.high))
        low, high = answer.least if low is None else low, answer.most if high is None else high
        return on_step(answer, low + person.chance.random() * (high - low))
    return domain.low or domain.high


def _beside(item: Item, value: Any) -> Fields:
    """A word beside each chosen option that asks for one."""
    chosen = value if isinstance(value, list) else [value]
    return {
        answer.name: [WORDS[0]]
        for answer in item.answers()
        if answer.beside and answer.option is not None and answer.option.code in chosen
    }


def _given_value(value: Any, domain: Domain, chance: Chance) -> Any:
    """What is assigned to a response, if it can stay, or else another value: an arm, a level, the language or the day."""
    if isinstance(value, list) or fits(domain, value):
        return value
    if domain.values:
        return chance.choice(sorted(domain.values, key=str))
    found = domain.low or domain.high
    return found if isinstance(found, str) and datetime.date.fromisoformat(found) else value
