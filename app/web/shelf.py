"""The surveys being served: the last good version of each, and what is wrong with newer ones."""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment
from watchfiles import awatch

from app.errors import Fault
from app.files import is_survey_file, read_file, survey_files
from app.instrument import read_kept
from app.instrument.comparison import compare
from app.instrument.model import Instrument
from app.interview.questionnaire import Questionnaire
from app.responses.storage import Storage

log = logging.getLogger("opinion.surveys")

MOST_COMPILED = 64  # questionnaires of versions since replaced that are kept ready


class Shelf:
    def __init__(
        self, folder: Path, storage: Storage, environment: Environment, today: Callable[[], datetime.date]
    ):
        self.folder, self.storage, self.environment, self.today = folder, storage, environment, today
        self.served: dict[str, Questionnaire] = {}
        self.faults: dict[str, list[Fault]] = {}  # by survey
        self.versions: dict[str, int] = {}  # by digest
        self.on_change: list[Callable[[str], None]] = []
        self._older: dict[str, Questionnaire] = {}

    async def load(self) -> None:
        """Reads every file; a survey whose file is gone is no longer offered, but can still be finished."""
        files = {file.stem: file for file in survey_files(self.folder)} if self.folder.exists() else {}
        for survey in set(self.served) - set(files):
            log.warning("%s: the file is gone; it is no longer offered", survey)
            self._retire(survey)
        for survey in set(self.faults) - set(files):
            del self.faults[survey]
        for survey, file in files.items():
            await self._take(survey, file)

    async def _take(self, survey: str, file: Path) -> None:
        instrument, faults = await asyncio.to_thread(read_file, file)
        if instrument is None:
            self._report(survey, [fault for fault in faults if not fault.is_warning])
            await self._serve_last_good(survey)
            return
        self.faults.pop(survey, None)
        if survey not in self.served or self.served[survey].instrument.digest != instrument.digest:
            await self._serve(instrument)

    def _report(self, survey: str, faults: list[Fault]) -> None:
        if self.faults.get(survey) != faults:
            for fault in faults:
                log.error(
                    "%s:%d:%d: %s: %s. %s",
                    fault.file,
                    fault.line,
                    fault.column,
                    fault.code,
                    fault.what,
                    fault.remedy,
                )
        self.faults[survey] = faults

    async def _serve(self, instrument: Instrument) -> None:
        questionnaire = await asyncio.to_thread(Questionnaire, self.environment, instrument)
        version = await self.storage.keep_instrument(
            instrument.survey, instrument.digest, instrument.source, self.today()
        )
        self.versions[instrument.digest] = version
        if instrument.survey in self.served:
            log.info("%s: version %d is served from now on", instrument.survey, version)
            tell_differences(self.served[instrument.survey].instrument, instrument)
            self._retire(instrument.survey)
        self.served[instrument.survey] = questionnaire
        for hear in self.on_change:
            hear(instrument.survey)

    async def _serve_last_good(self, survey: str) -> None:
        """After a restart with a broken file, the version last kept is the one to serve."""
        if survey in self.served:
            return
        kept = await self.storage.versions(survey)
        if kept:
            newest = kept[-1]
            instrument = read_kept(await self.storage.instrument_source(newest["digest"]) or "", survey)
            if instrument is not None:
                log.warning("%s: version %d stays up", survey, newest["version"])
                await self._serve(instrument)

    def _retire(self, survey: str) -> None:
        questionnaire = self.served.pop(survey)
        self._remember(questionnaire)

    def _remember(self, questionnaire: Questionnaire) -> None:
        self._older[questionnaire.instrument.digest] = questionnaire
        while len(self._older) > MOST_COMPILED:
            del self._older[next(iter(self._older))]

    def ready(self, survey: str, digest: str) -> Questionnaire | None:
        """The version that a response began with, where it is at hand."""
        current = self.served.get(survey)
        if current is not None and current.instrument.digest == digest:
            return current
        return self._older.get(digest)

    async def questionnaire(self, survey: str, digest: str) -> Questionnaire | None:
        """The version that a response began with; read again from what was kept where that is needed."""
        found = self.ready(survey, digest)
        if found is None:
            source = await self.storage.instrument_source(digest)
            instrument = read_kept(source, survey) if source is not None else None
            if instrument is not None:
                found = await asyncio.to_thread(Questionnaire, self.environment, instrument)
                self._remember(found)
        return found

    async def watch(self, stop: asyncio.Event) -> None:
        """Takes up changed files until `stop` is set. A fault in one change does not end the watching.

        Beside a single survey there may be its translations, so its whole folder is watched.
        """
        watched = self.folder.parent if self.folder.is_file() else self.folder
        while not stop.is_set():
            try:
                async for _ in awatch(
                    watched,
                    watch_filter=is_survey_file,
                    stop_event=stop,
                    debounce=200,
                    step=50,
                    recursive=False,
                ):
                    await self.load()
            except Exception as error:
                log.warning("watching %s: %s; trying again", watched, error)
                await asyncio.sleep(2)


def tell_differences(old: Instrument, new: Instrument) -> None:
    """Says what is no longer comparable while nobody has answered the new version yet."""
    for found in compare(old, new):
        level = {"breaks": logging.WARNING, "review": logging.INFO}.get(found.kind)
        if level is not None:
            kept = "; older answers get a column of their own" if found.apart else ""
            told = (new.survey, found.kind, found.where, found.what, found.meaning, kept)
            log.log(level, "%s: %s: %s: %s; %s%s", *told)
