"""Paths and forms of an instrument without compiling its route each time by hand."""

from __future__ import annotations

from typing import Any

from app.interview import form
from app.interview.path import Answers, Path
from app.interview.route import Route, SectionRoute
from app.survey.model import Instrument, Section


def walk(asked: Instrument, answers: Answers) -> Path:
    """The path of a response with these answers."""
    return Route(asked).path(answers)


def read_section(section: Section, *arguments: Any) -> form.Reading:
    """What a page's form says; as `app.interview.form.read_section`, of a section that is not compiled yet."""
    return form.read_section(SectionRoute(section, []), *arguments)
