"""What results can show, and what can split them into groups."""

from __future__ import annotations

from app.survey.items.answer import Answer
from app.survey.items.context import SurveyContext
from app.survey.model import MOST_GROUPS


def shown(m: SurveyContext) -> dict[str, Answer]:
    """What has figures, by the names that conditions have for it."""
    others = {"today", "language"} | {drawn.name for drawn in m.drawn} | of_one_entry(m)
    return {name: answer for name, answer in m.known().items() if answer.kind != "text" and name not in others}


def grouping(m: SurveyContext) -> dict[str, Answer]:
    """What can split results into groups: choices of few categories, arms, bands of scores."""
    levels = {drawn.name for drawn in m.drawn if drawn.of}
    return {
        name: answer
        for name, answer in m.known().items()
        if answer.kind == "choice" and 2 <= len(answer.options) <= MOST_GROUPS and name not in levels | of_one_entry(m)
    }


def of_one_entry(m: SurveyContext) -> set[str]:
    """The names of what is asked for one entry of a loop, or for one vignette."""
    return {part.name for answer in m.before.values() if answer.kind == "loop" for part in answer.parts}
