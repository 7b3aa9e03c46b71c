"""A respondent's answers in words, as the page before submission shows them."""

from __future__ import annotations

from typing import Any

from app.interview.path import Answers, SectionOnPath
from app.interview.rendering.piping import Piping
from app.languages.catalogues import N_
from app.survey.items.answer import Answer
from app.survey.items.base import Item
from app.survey.texts import Pipe

NOTHING_CHOSEN = N_("none of them")
REASONS = {
    "dont_know": N_("Don’t know"),
    "not_applicable": N_("Does not apply to me"),
    "declined": N_("Prefer not to say"),
}
Line = tuple[str, str | None]
"""What part of an item an answer is about, and the answer: None where it was left empty."""


def review(piping: Piping, step: SectionOnPath, answers: Answers) -> list[dict[str, Any]]:
    """What a section asked: each item's id, its question and its answers."""
    return [
        {"id": item.id, "ask": piping.words(item.ask, answers), "lines": _lines(piping, step, item, answers)}
        for item in step.items
        if item.is_asked
    ]


def _lines(piping: Piping, step: SectionOnPath, item: Item, answers: Answers) -> list[Line]:
    beside = (answer.name for answer in item.answers() if answer.beside and answer.name in answers)
    lines = [_line(piping, item, name, answers) for name in (*step.names_of(item), *beside)]
    return list(dict.fromkeys(lines))  # one reason for several answers is shown once


def _line(piping: Piping, item: Item, name: str, answers: Answers) -> Line:
    answer, value = item.answer[name], answers.get(name)
    about = _about(piping, answer, answers)
    if isinstance(value, dict):
        reason = value.get("missing", "")
        own = item.offers.get(reason)
        ours = piping.gettext(REASONS[reason]) if reason in REASONS else None
        return "" if answer.reason_with else about, piping.words(own, answers) if own is not None else ours
    if value == []:
        return about, piping.gettext(NOTHING_CHOSEN)
    return about, piping.fill(Pipe(name), answers) if value is not None else None


def _about(piping: Piping, answer: Answer, answers: Answers) -> str:
    """A statement and its column, an option, or the two ends of a pair."""
    statement = answer.poles or (answer.statement and (answer.statement.text,)) or ()
    option = answer.option.label if answer.option is not None else None
    texts = (*statement, answer.column, option, answer.heading)
    return " – ".join(piping.words(text, answers) for text in texts if text is not None)
