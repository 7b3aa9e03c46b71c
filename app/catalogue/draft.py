"""A survey that is being written: its last valid version, and the faults of the current file."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from jinja2 import Environment

from app.catalogue.files import folder_of, is_set_within, lines_of, read_file, state_of, watch
from app.interview.path import Answers
from app.interview.questionnaire import Questionnaire
from app.logs import what_went_wrong
from app.survey.faults import Fault, pictured
from app.survey.items.base import Item
from app.survey.model import Instrument

log = logging.getLogger("opinion.preview")

LOOK_EVERY = 0.2  # seconds
Changed = Callable[[Instrument | None, Instrument], Awaitable[None]]
"""Called with the previous version and the new one, before anybody sees the new one."""


@dataclasses.dataclass(frozen=True, slots=True)
class FaultInFile:
    """A fault with its line and a caret for the line below; both are empty if the file cannot be read."""

    fault: Fault
    line: str
    caret: str


class Draft:
    """In a preview in place of `ServedSurveys`: its one survey is always in its newest valid version, for everybody."""

    def __init__(self, file: Path, environment: Environment):
        self.file, self.environment = file, environment
        self.survey = file.stem
        self.served: dict[str, Questionnaire] = {}
        self.seeds: dict[tuple[str, str], str] = {}  # a preview's random assignments follow from its own key
        self.found: list[FaultInFile] = []  # faults and warnings
        self.made_up: dict[str, dict[str, object]] = {}  # by response: the answers with which a section was opened
        self.watched = folder_of(file)
        self.state = state_of(self.watched)
        self.mark = ""  # changes whenever the survey or its faults do
        self.on_change: list[Changed] = []
        self._changed = asyncio.Event()
        self.closing = False

    @property
    def faults(self) -> list[FaultInFile]:
        return [each for each in self.found if not each.fault.is_warning]

    @property
    def warnings(self) -> list[FaultInFile]:
        return [each for each in self.found if each.fault.is_warning]

    def ready(self, survey: str, digest: str) -> Questionnaire | None:
        return self.served.get(survey)

    async def questionnaire(self, survey: str, digest: str) -> Questionnaire | None:
        return self.served.get(survey)

    async def load(self) -> None:
        """Reads the file, and wakes those who wait if anything has changed."""
        self.state = await asyncio.to_thread(state_of, self.watched)
        instrument, faults = await asyncio.to_thread(read_file, self.file)
        if instrument is not None:
            await self._show(dataclasses.replace(instrument, opens=None, closes=None))
        self.found = await asyncio.to_thread(with_lines, faults)
        digests = [questionnaire.instrument.digest for questionnaire in self.served.values()]
        mark = hashlib.sha256(repr((digests, self.found)).encode("utf-8", "replace")).hexdigest()[:16]
        if mark != self.mark:
            self.mark = mark
            self._wake()

    async def _show(self, instrument: Instrument) -> None:
        shown = self.served.get(self.survey)
        if shown is not None and shown.instrument.digest == instrument.digest:
            return
        questionnaire = await asyncio.to_thread(Questionnaire, self.environment, instrument)
        for hear in self.on_change:
            await hear(shown and shown.instrument, instrument)
        self.served = {self.survey: questionnaire}

    async def watch(self, stop: asyncio.Event) -> None:
        """Reads the file again whenever a survey file beside it changes, until `stop` is set."""
        await watch(self, stop, LOOK_EVERY)

    def failed(self, error: Exception) -> None:
        log.error("%s could not be shown\n%s", self.file, "\n".join(what_went_wrong(error)))

    async def next_change(self, seconds: float) -> None:
        """Waits for a change, at most so many seconds."""
        await is_set_within(self._changed, seconds)

    def close(self) -> None:
        """Wakes those who wait."""
        self.closing = True
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def with_lines(faults: list[Fault]) -> list[FaultInFile]:
    """Faults with their lines in the files as they are now."""
    lines = {file: lines_of(Path(file)) for file in {fault.file for fault in faults}}
    return [
        FaultInFile(fault, *pictured(lines[fault.file][fault.line - 1], fault.column))
        if fault.line <= len(lines[fault.file])
        else FaultInFile(fault, "", "")
        for fault in faults
    ]


# --- answers that go on with another version -------------------------------------------------------------


def still_fitting(old: Instrument, new: Instrument, answers: Answers) -> dict[str, object]:
    """The answers that are still valid in a new version: to items of the same type, with codes that exist.

    What was assigned stays if the new version assigns it too.
    """
    fitting = {name: value for name, value in answers.items() if name in new.given and name in old.given}
    for item in new.items():
        before = old.item.get(item.id)
        if before is not None and _asks_alike(before, item):
            fitting |= {
                name: answers[name]
                for name in item.keys
                if name in answers and _fits(item, name, answers[name])
            }
    return fitting


def _asks_alike(old: Item, new: Item) -> bool:
    def details(item: Item) -> list[tuple[str, int, int | None]]:
        return [(each.precision, each.decimals, each.most if each.is_list else None) for each in item.answers()[:1]]

    return old.type == new.type and details(old) == details(new) and old.adds_up_to == new.adds_up_to


def _fits(item: Item, name: str, value: object) -> bool:
    codes = item.answer[name].codes
    if isinstance(value, dict) or not codes:  # words and numbers have none
        return True
    values = value if isinstance(value, list) else [value]
    return all(each in codes for each in values)
