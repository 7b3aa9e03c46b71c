"""The text of pipes: answers, assigned and computed values, in one language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from babel.lists import format_list
from markupsafe import Markup

from app.interview.path import Answers
from app.languages.catalogues import N_
from app.languages.formats import locale_of, plural_category, write_date, write_number
from app.survey.codes import Code
from app.survey.conditions.evaluator import compile_tree
from app.survey.items.answer import Answer, Option
from app.survey.model import Computed, Instrument
from app.survey.texts import Pipe, Text, pipe_text

TAG = re.compile("<[^>]*>")  # of a text of the survey, which is safe HTML
TRUTH = {True: N_("yes"), False: N_("no")}
Labels = Mapping[Code, Text]
Value = str | float | None


class Piping:
    """An instrument's values in its language. `gettext` translates the service's own words."""

    def __init__(self, instrument: Instrument, gettext: Callable[[str], str]):
        self.instrument, self.gettext = instrument, gettext
        self._write_number = partial(write_number, language=instrument.language)
        self._category = partial(plural_category, language=instrument.language)
        self._trees: dict[str, Callable[[Answers], Any]] = {}

    def fill(self, pipe: Pipe, answers: Answers) -> str:
        """The text for a pipe, given these answers: plain text."""
        return pipe_text(pipe, self._value(pipe.name, answers), self._write_number, self._category)

    def words(self, text: Text, answers: Answers) -> str:
        """A text without markup, its pipes filled."""
        parts = (
            Markup(TAG.sub("", part)).unescape() if isinstance(part, str) else self.fill(part, answers)
            for part in text.inline
        )
        return " ".join("".join(parts).split())

    def _value(self, name: str, answers: Answers) -> Value:
        computed = self.instrument.computed_by_name.get(name)
        value = answers.get(name) if computed is None else self._worked_out(computed, answers)
        if value is None or isinstance(value, dict):
            return None
        if isinstance(value, bool):
            return self.gettext(TRUTH[value])
        if isinstance(value, list):
            return format_list([self._label(name, code, answers) for code in value], locale=self._locale)
        if name in self._dates:
            return write_date(value, self.instrument.language)
        if computed is not None and computed.score is not None and not isinstance(value, str):
            return round(value, 2 if abs(value) < 100 else 1)  # as figures show them
        return self._label(name, value, answers) if name in self._labels else value

    def _worked_out(self, computed: Computed, answers: Answers) -> Any:
        if computed.name not in self._trees:
            self._trees[computed.name] = compile_tree(computed.tree)
        return self._trees[computed.name](answers)

    def _label(self, name: str, code: Code, answers: Answers) -> str:
        label = self._labels.get(name, {}).get(code)
        return (self.words(label, answers) if label is not None else "") or str(code)

    @cached_property
    def _locale(self) -> Any:
        return locale_of(self.instrument.language)

    @property
    def _answers(self) -> Iterator[Answer]:
        return (answer for item in self.instrument.items() for answer in item.answers())

    @cached_property
    def _dates(self) -> frozenset[str]:
        """The names that hold dates."""
        asked = (answer.name for answer in self._answers if answer.kind == "date")
        computed = (one.name for one in self.instrument.computed if one.kind == "date")
        return frozenset((*asked, *computed, "today"))

    @cached_property
    def _labels(self) -> dict[str, Labels]:
        """For each name that holds codes: what each code is called."""
        found = {answer.name: _by_code(answer.options) for answer in self._answers if answer.options}
        for given in (*self.instrument.drawn, *self.instrument.computed):
            if given.options:
                found[given.name] = _by_code(given.options)
        return found


def _by_code(options: Sequence[Option]) -> Labels:
    return {option.code: option.label for option in options}
