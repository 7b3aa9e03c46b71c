"""A questionnaire: an instrument made ready to be asked, computed once and shared by all its respondents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from jinja2 import Environment

from app.instrument.model import Instrument, Item, Matrix, MultipleChoice, Rating, Section, SingleChoice
from app.interview.page import PageTemplate, compile_page
from app.interview.path import Answers, Path, SectionOnPath
from app.interview.reading import Problem, fields_of

ASK_AGAIN = "Something is left open here. Answer it if you like, or continue without."


class Questionnaire:
    def __init__(self, environment: Environment, instrument: Instrument):
        self.instrument = instrument
        self.pages: dict[str, PageTemplate] = {
            section.id: compile_page(environment, instrument, section, position)
            for position, section in enumerate(instrument.sections)
        }
        self.languages = {instrument.language: self}
        for language, translation in instrument.translations.items():
            self.languages[language] = Questionnaire(environment, translation)
            self.languages[language].languages = self.languages

    def in_language(self, language: str | None) -> Questionnaire:
        """It in one of its languages; as it is when it does not have that one."""
        return self.languages.get(language or "", self)

    @cached_property
    def version(self) -> str:
        """What a form says of the instrument that it belongs to."""
        return self.instrument.digest[:12]

    @cached_property
    def labels(self) -> dict[str, dict[Any, str]]:
        """For each name that holds codes: what each code is called."""
        return {name: labels for item in self.instrument.items() for name, labels in _labels(item)}

    @cached_property
    def _names(self) -> dict[str, frozenset[str]]:
        return {
            section.id: frozenset(name for item in section.items for name in item.keys)
            for section in self.instrument.sections
        }

    def earlier(self, path: Path, section: Section) -> dict[str, Any]:
        """The answers on the path but for those of one section: what its own conditions begin with."""
        own = self._names[section.id]
        return {name: value for name, value in path.answers.items() if name not in own}

    def piped(self, answers: Answers) -> dict[str, str]:
        """What each answer reads as in a text that pipes it."""
        return {
            name: self._spoken(name, value) for name, value in answers.items() if not isinstance(value, dict)
        }

    def _spoken(self, name: str, value: Any) -> str:
        labels = self.labels.get(name, {})
        if isinstance(value, list):
            return ", ".join(labels.get(code, str(code)) for code in value)
        return labels.get(value, str(value))

    def page(self, token: str, path: Path, step: SectionOnPath, back: str | None) -> bytes:
        """A section as it stands for a respondent, with the answers given so far."""
        fields = fields_of(step.section, path.answers)
        return self.filled(token, path, step, back, fields, asked=fields.pop("asked", ()))

    def filled(
        self,
        token: str,
        path: Path,
        step: SectionOnPath,
        back: str | None,
        fields: Mapping[str, Sequence[str]],
        problems: Sequence[Problem] = (),
        skipped: Sequence[str] = (),
        asked: Collection[str] = (),
    ) -> bytes:
        """A section with these form fields in it. `skipped` are items to ask about once more."""
        section = step.section
        return self.pages[section.id].fill(
            token=token,
            values=fields,
            visible={item.id for item in step.items},
            known=path.answers,
            piped=self.piped(path.answers) if self._pipes[section.id] else {},
            back=back,
            progress=path.progress(step),
            problems=[(problem.field, problem.item, problem.message) for problem in problems],
            reminders=[(item, item, ASK_AGAIN) for item in skipped],
            asked=[*asked, *skipped],
        )

    @cached_property
    def _pipes(self) -> dict[str, bool]:
        return {section.id: any(_texts_pipe(item) for item in section.items) or bool(section.title and section.title.pipes)
                for section in self.instrument.sections}  # fmt: skip


def _labels(item: Item) -> list[tuple[str, dict[Any, str]]]:
    match item:
        case SingleChoice() | MultipleChoice():
            return [(item.id, {option.code: option.label.plain for option in item.options})]
        case Rating():
            return [(item.id, _points(item.scale))]
        case Matrix():
            return [(name, _points(item.scale)) for name in item.names]
    return []


def _points(scale: Sequence[Any]) -> dict[Any, str]:
    return {option.code: option.label.plain or str(option.code) for option in scale}


def _texts_pipe(item: Item) -> bool:
    texts = [item.ask, item.hint, getattr(item, "unit", None)]
    texts += [option.label for option in (*getattr(item, "options", ()), *getattr(item, "scale", ()))]
    texts += [statement.text for statement in getattr(item, "statements", ())]
    return any(text is not None and text.pipes for text in texts)
