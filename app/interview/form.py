"""Reading a page's form: fields as the browser sent them become answers, or problems. Never raises.

Besides the fields of its items, a form has `shown` (ids of the items that were on the page; for an option or a
statement whose condition depends on the same page also `<item>.<code or id>`), `asked` (ids of items that were left
open and have been asked about again) and `confirmed` (soft checks that were confirmed, as `<item>:<number of the check>`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from app.interview.path import Answers, Path
from app.interview.route import SectionRoute
from app.languages.catalogues import N_
from app.languages.formats import Ambiguous, plain_number, read_number
from app.survey.items.answer import OFFERED
from app.survey.items.base import Item
from app.survey.items.fields import Fields, Form, Page, Problem, Today, missing
from app.survey.model import Section

__all__ = ["Form", "Problem", "Reading", "Today", "broken", "fields_of", "missing", "read_section"]

DISAGREES = N_("This does not agree with another answer. Correct one of them.")
REMINDED = "~reminded"  # the section at which an open response was asked about items left empty: once is enough
CONFIRMED = "~confirmed"  # the name under which an open response stores the soft checks that were confirmed
UNUSUAL = N_("This is unusual. Correct it, or send it again as it is.")


@dataclass(slots=True)
class Reading:
    """The result of reading a page's form.

    `answers` are the names to set and `cleared` those to remove; both only of items that are on the path
    and were displayed. `skipped` are ids of optional items left open that have not been asked about yet;
    what they store if the page is sent again unchanged is in `pending`.
    `revealed` are ids of items that these answers put on the path, or give further options or statements, and that
    the respondent has not seen so. `problems` that have `confirmed_by` no longer count when the form confirms them.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    revealed: list[str] = field(default_factory=list)
    confirmed: dict[str, bool] = field(default_factory=dict)  # of each soft check, by its mark: whether it was
    pending: dict[str, Any] = field(default_factory=dict)
    reminded: str = ""  # the section, if this form was sent after items left empty were asked about

    def applied(self, answers: Answers) -> dict[str, Any]:
        """The response's answers with those of this page and the soft checks that were confirmed."""
        found = {name: value for name, value in answers.items() if name not in self.cleared}
        marks = [mark for mark in found.pop(CONFIRMED, ()) if mark not in self.confirmed]
        marks += [mark for mark, confirmed in self.confirmed.items() if confirmed]
        reminded = {REMINDED: self.reminded} if self.reminded else {}
        return found | self.answers | ({CONFIRMED: marks} if marks else {}) | reminded


def read_section(
    section: SectionRoute,
    form: Form,
    earlier: Answers,
    language: str = "en",
    today: Today | None = None,
    reminded: bool = False,
) -> Reading:
    """Reads a section's form; `earlier` holds the answers on the path before this section, with what was assigned to
    the response. Numbers are read as they are written in `language`. `today` is the day of answering, which may be
    later than the day on which the response began (`earlier["today"]`). A respondent who was `reminded` on another page is
    not asked again about optional items left empty."""
    reading = Reading()
    known = dict(earlier)
    shown, asked = set(form.get("shown", ())), set(form.get("asked", ()))
    page = Page(form, language, known.get("today"), today=today)
    if asked and not reminded:
        reading.reminded = section.section.id
    for each in section.items:
        item, hidden = each.item, each.hidden_keys(known)
        if hidden is None or not item.is_asked:
            continue
        if item.id not in shown:
            reading.revealed.append(item.id)
            continue
        unseen = () if item.is_fixed else _unseen(section.section, item, hidden, shown)
        here = replace(page, hidden=hidden) if hidden else page
        known |= _read_item(item, here, unseen, reading, reminded or item.id in asked)
        known |= reading.pending  # shown and sent: the items below may depend on its being left open
        if item.checks:
            _check(item, known, page, reading)
    return reading


def _unseen(section: Section, item: Item, hidden: frozenset[str], shown: Collection[str]) -> list[str]:
    """The options and statements that are shown now and were hidden on the page that was sent.

    The options of some types cannot say whether they were shown; such an item is asked about like any other when left
    open.
    """
    if not item.shows_options:
        return []
    here = set(section.names)
    conditional = [part for part in item.parts if part.show_if and not here.isdisjoint(part.show_if.names)]
    keys = [item.part_key(part) for part in conditional]
    return [key for key in keys if key not in hidden and key not in shown]


def _read_item(
    item: Item, page: Page, unseen: Collection[str], reading: Reading, asked: bool
) -> dict[str, Any]:
    """Adds an item's answers and problems to the reading; returns the values that were read."""
    values, problems = item.from_form(page)
    names = item.shown_names(page.hidden) if page.hidden else item.names
    if problems:
        reading.problems += problems
    elif unseen or not all(map(values.__contains__, names)) or item.falls_short(values, page):
        _read_open(item, page, unseen, reading, asked, values)
    reading.answers |= values
    # What is hidden was not displayed: an earlier answer to it stays.
    hidden_names = set(item.names).difference(names) if page.hidden else ()
    for name in item.keys:
        if name not in values and name not in hidden_names:
            reading.cleared.add(name)
    return values


def _read_open(
    item: Item,
    page: Page,
    unseen: Collection[str],
    reading: Reading,
    asked: bool,
    values: dict[str, Any],
) -> None:
    """Decides about an item that is not completely answered: revealed, asked about again, required, or skipped."""
    names = item.shown_names(page.hidden)
    waiting = _waiting(item, names, unseen, values, page) if unseen else ()
    open_names = [name for name in names if name not in values and name not in waiting]
    if waiting:
        reading.revealed.append(item.id)
    if not open_names and not item.falls_short(values, page):
        return
    if item.required:
        reading.problems += dict.fromkeys(item.demand(name, page) for name in open_names or item.names)
    elif asked:
        values |= {name: missing("skipped") for name in open_names}
    else:
        reading.skipped.append(item.id)
        reading.pending |= {name: missing("skipped") for name in open_names}


def _waiting(
    item: Item, names: Collection[str], unseen: Collection[str], values: dict[str, Any], page: Page
) -> list[str]:
    """The names that cannot be answered before the respondent has seen what these answers reveal."""
    if not any(answer.part for answer in item.answers() if not answer.beside):
        return [] if values else list(names)
    seen = item.shown_names(page.hidden.union(unseen))
    waiting = [name for name in names if name not in seen and not page.sent(name)]
    waiting = [name for name in waiting if not isinstance(values.get(name), dict)]
    for name in waiting:
        values.pop(name, None)
    return waiting


def _check(item: Item, known: Answers, page: Page, reading: Reading) -> None:
    """The checks of an item whose own answer is valid."""
    if any(problem.item == item.id for problem in reading.problems):
        return
    sent = page.form.get("confirmed", ())
    for problem in failing(item, known, page.today):
        if problem.confirmed_by and problem.confirmed_by in sent:
            reading.confirmed[problem.confirmed_by] = True
        else:
            reading.problems.append(problem)
    marks = [f"{item.id}:{number}" for number, check in enumerate(item.checks) if check.soft]
    reading.confirmed |= {mark: False for mark in marks if mark not in reading.confirmed}


def failing(item: Item, known: Answers, today: Today | None) -> Iterator[Problem]:
    """The checks of an item that do not hold. In a check, `today` may be the day on which the response began or
    the day of answering: the day of answering is never refused."""
    later = {**known, "today": today.day} if today is not None and "today" in known else None
    for number, check in enumerate(item.checks):
        holds = check.that.holds(known)
        if holds is False and later is not None and "today" in check.that.names:
            holds = check.that.holds(later)
        if holds is False:
            mark, words = (f"{item.id}:{number}", UNUSUAL) if check.soft else ("", DISAGREES)
            yield Problem(item.id, item.id, words, (), check.say, mark)


def broken(path: Path, answers: Answers, today: Today | None) -> dict[str, list[Problem]]:
    """The checks that held when their page was sent and no longer do, because an earlier answer has changed since;
    by section. `answers` are the response's, with the soft checks that were confirmed."""
    confirmed = answers.get(CONFIRMED, ())
    found: dict[str, list[Problem]] = {}
    for step in path.sections:
        for item in step.items if step.section.has_checks else ():
            problems = [each for each in failing(item, path.answers, today) if each.confirmed_by not in confirmed]
            if problems:
                found.setdefault(step.section.id, []).extend(problems)
    return found


# --- and back: stored answers as the form's fields --------------------------------------------------------


def fields_of(section: Section, answers: Answers, language: str = "en") -> Fields:
    """The form's fields that would give these answers again, with `asked` for what was skipped and `confirmed` for
    the soft checks that were confirmed. `answers` may hold those of other sections too."""
    fields: Fields = {}
    asked: list[str] = []
    confirmed: list[str] = []
    for item in section.items:
        for name in item.keys:
            value = answers.get(name)
            if value is None:
                continue
            kind = type(value)
            if kind is dict:
                if value.get("missing") == "skipped":
                    asked += [item.id] if name in item.names else []
                elif value.get("missing") in OFFERED:
                    fields[f"{item.id}~" if item.reasons_beside else name] = [OFFERED[value["missing"]]]
            elif not item.sent_as_stored:
                fields |= item.to_form(name, value, language)
            else:
                fields[name] = [str(part) for part in value] if kind is list else [str(value)]
        if not (item.sent_as_stored or item.required) and item.falls_short(answers):
            asked.append(item.id)
        if item.checks:
            confirmed += _confirmed(item, answers)
    if asked:
        fields["asked"] = list(dict.fromkeys(asked))
    if confirmed:
        fields["confirmed"] = confirmed
    return fields


def _confirmed(item: Item, answers: Answers) -> Iterator[str]:
    for number, check in enumerate(item.checks):
        if check.soft and check.that.holds(answers) is False:
            yield f"{item.id}:{number}"


# --- another language ------------------------------------------------------------------------------------


def rewrite_numbers(section: Section, form: Form, old: str, new: str) -> Fields:
    """A form's fields with numbers as they are typed in another language: `1.234,5` becomes `1234.5`.

    What is no number, or could be two, stays as it was typed.
    """
    fields = {name: list(values) for name, values in form.items()}
    for item in section.items:
        if item.number_fields:
            for name in item.names:
                if name in fields:
                    fields[name] = [_rewritten(typed, old, new) for typed in fields[name]]
    return fields


def _rewritten(typed: str, old: str, new: str) -> str:
    try:
        number = read_number(typed, old)
    except Ambiguous:
        return typed
    return typed if number is None else plain_number(number, new)
