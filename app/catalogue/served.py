"""The surveys being served: the last valid version of each, and what is wrong with newer ones."""

from __future__ import annotations

import asyncio
import datetime
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from jinja2 import Environment

from app.catalogue.files import (
    FolderState,
    folder_of,
    lines_of,
    read_file,
    state_of,
    survey_files,
    watch,
)
from app.catalogue.library import InstrumentLibrary
from app.interview.questionnaire import Questionnaire
from app.survey.faults import Fault
from app.survey.model import Instrument
from app.survey.translations.merging import kept_as
from app.survey.versions.comparability import unknown_versions
from app.survey.versions.comparison import compare

log = logging.getLogger("opinion.surveys")

Version = tuple[str, str]
"""A survey and the digest of one of its versions: another survey may have the same content."""
SETTINGS = ("results", "sample", "followed_by", "analysis", "weights", "scale_poles")  # that make no new version
LOOK_EVERY = 0.5  # seconds between looks at the files
MOST_COMPILED = 64  # compiled questionnaires of replaced versions


class ServedSurveys:
    """The surveys of a folder: a file with faults is reported, and the last valid version is still served."""

    def __init__(
        self,
        folder: Path,
        library: InstrumentLibrary,
        environment: Environment,
        today: Callable[[], datetime.date],
    ):
        self.folder, self.library, self.environment, self.today = folder.absolute(), library, environment, today
        self.storage = library.storage
        self.served: dict[str, Questionnaire] = {}
        self.faults: dict[str, list[Fault]] = {}  # by survey
        self.warnings: dict[str, list[Fault]] = {}  # by survey, of the version that is served
        self.versions: dict[Version, int] = {}
        self.seeds: dict[Version, str] = {}  # of each version: from which its random assignments follow
        self.on_change: list[Callable[[str], None]] = []
        self._older: dict[Version, Questionnaire] = {}
        self._gone: set[str] = set()  # surveys whose file is gone
        self.watched = folder_of(self.folder)
        self.state = state_of(self.watched)

    async def load(self) -> None:
        """Reads every file; a survey whose file is gone is no longer offered, but can still be finished.

        Without the folder nothing is known of any file: all stays as it is.
        """
        state = await asyncio.to_thread(state_of, self.watched)
        if state != self.state:
            self._report_folder(state)
        if state.is_there:
            await self._load_files()
        self.state = state

    async def _load_files(self) -> None:
        files = {file.stem: file for file in survey_files(self.folder)} if self.folder.exists() else {}
        for survey in set(self.served) - set(files):
            log.warning("%s: its file no longer exists; the survey is no longer offered", survey)
            self._gone.add(survey)
            self._retire(survey)
        for survey in set(self.faults) - set(files):
            del self.faults[survey]
        for survey, file in files.items():
            await self._load_file(survey, file)

    async def _load_file(self, survey: str, file: Path) -> None:
        instrument, faults = await asyncio.to_thread(read_file, file)
        if instrument is None:
            self._report(survey, [fault for fault in faults if not fault.is_warning])
            await self._serve_last_valid(survey)
            return
        self.warnings[survey] = faults
        if survey in self.served and self.served[survey].instrument.source == instrument.source:
            self.faults.pop(survey, None)
            return
        instrument = await self.library.as_stored(instrument)
        unknown = await self._of_unknown_versions(instrument, file)
        if unknown:
            self._report(survey, unknown)
            await self._serve_last_valid(survey)
            return
        self.faults.pop(survey, None)
        report_placeholders(survey, faults)
        await self._store_plan(instrument)
        await self._serve(instrument)

    async def _store_plan(self, instrument: Instrument) -> None:
        """Before the survey is served, so that no response begins in between."""
        stored = await self.storage.plans.store_of(instrument, self.today())
        if stored is None or not (stored["begun"] or stored["number"] > 1):
            return
        what = "a changed analysis plan is" if stored["number"] > 1 else "an analysis plan is"
        what = f"{what} first seen" if stored["digest"] else "the analysis plan is removed"
        log.warning("%s: %s after %d responses have begun", instrument.survey, what, stored["begun"])

    async def _of_unknown_versions(self, instrument: Instrument, file: Path) -> list[Fault]:
        """Each `same_as` that names no other version. A survey that is new to the database has none to name."""
        versions = await self.storage.versions(instrument.survey)
        others = [(each["version"], each["digest"]) for each in versions if each["digest"] != instrument.digest]
        return [unknown_version(file, same_as, others) for same_as in unknown_versions(instrument, others) if others]

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
        survey, digest = instrument.survey, instrument.digest
        before = self.served.get(survey)
        version = await self.storage.keep_instrument(survey, digest, instrument.source, self.today())
        instrument = kept_as(instrument, instrument.source, digest, version)
        self.versions[survey, digest] = version
        self.seeds[survey, digest] = await self.storage.seed(survey, digest) or ""
        if before is not None and before.instrument.digest == digest:
            await self._renew(before, instrument)
        else:
            questionnaire = await asyncio.to_thread(Questionnaire, self.environment, instrument)
            if before is not None:
                log.info("%s: version %d is now served", survey, version)
                report_differences(before.instrument, instrument, await self._others(instrument))
                self._retire(survey)
            elif survey in self._gone:
                log.info("%s: its file exists again; version %d is offered", survey, version)
            self._gone.discard(survey)
            self.served[survey] = questionnaire
            await self.library.renew(instrument)
        self.library.add(instrument)
        for older in self._older.values():
            if older.instrument.survey == survey:
                older.renew(with_results(older.instrument, instrument))
        for hear in self.on_change:
            hear(instrument.survey)

    async def _renew(self, served: Questionnaire, instrument: Instrument) -> None:
        """Applies what makes no new version, such as who sees the results."""
        await self.library.renew(instrument)
        changed = [name for name in SETTINGS if getattr(served.instrument, name) != getattr(instrument, name)]
        for name in changed:
            log.info("%s: %s changed, for all versions", instrument.survey, name)
        served.renew(instrument)

    async def _others(self, instrument: Instrument) -> list[Instrument]:
        """The stored versions that a `same_as` may name, where there is one."""
        if not (instrument.same_as or instrument.scale_same_as):
            return []
        stored = await self.library.instruments(instrument.survey)
        return [each for each in stored if each.digest != instrument.digest]

    async def _serve_last_valid(self, survey: str) -> None:
        """After a restart with faults in a file, the version stored last is served."""
        if survey in self.served:
            return
        versions = await self.storage.versions(survey)
        if versions:
            instrument = await self.library.instrument(survey, versions[-1]["digest"])
            if instrument is not None:
                log.warning("%s: version %d is still served", survey, versions[-1]["version"])
                await self._serve(instrument)

    def _retire(self, survey: str) -> None:
        questionnaire = self.served.pop(survey)
        self._cache(questionnaire)

    def _cache(self, questionnaire: Questionnaire) -> None:
        instrument = questionnaire.instrument
        self._older[instrument.survey, instrument.digest] = questionnaire
        while len(self._older) > MOST_COMPILED:
            del self._older[next(iter(self._older))]

    def ready(self, survey: str, digest: str) -> Questionnaire | None:
        """The version with which a response began, if it is compiled already."""
        current = self.served.get(survey)
        if current is not None and current.instrument.digest == digest:
            return current
        return self._older.get((survey, digest))

    async def questionnaire(self, survey: str, digest: str) -> Questionnaire | None:
        """The version in which a response began; loaded from the database if necessary."""
        found = self.ready(survey, digest)
        if found is None:
            instrument = await self.library.instrument(survey, digest)
            if instrument is not None:
                if survey in self.served:
                    instrument = with_results(instrument, self.served[survey].instrument)
                found = await asyncio.to_thread(Questionnaire, self.environment, instrument)
                self._cache(found)
        return found

    async def watch(self, stop: asyncio.Event) -> None:
        """Loads changed files until `stop` is set."""
        await watch(self, stop, LOOK_EVERY)

    def failed(self, error: Exception) -> None:
        log.warning("%s could not be reloaded: %s; trying again", self.watched, type(error).__name__)

    def _report_folder(self, state: FolderState) -> None:
        if not state.is_there:
            log.error("the folder %s does not exist or cannot be read; its surveys are still served", self.watched)
        elif not self.state.is_there:
            log.info("the folder %s exists again; its files are loaded", self.watched)
        elif state.identity != self.state.identity:
            log.info("the folder %s was replaced; its files are loaded", self.watched)


def with_results(instrument: Instrument, current: Instrument) -> Instrument:
    """An older version with the results policy of the current one, since figures are about all versions."""
    translations = {
        language: replace(each, results=current.results) for language, each in instrument.translations.items()
    }
    return replace(instrument, results=current.results, translations=translations)


def unknown_version(file: Path, same_as: str, others: Sequence[tuple[int, str]]) -> Fault:
    """At the first place where the file says this `same_as`."""
    said = re.compile(rf"\bsame_as:\s*['\"]?({re.escape(same_as)})\b")
    marks = ((line, found) for line, text in enumerate(lines_of(file), 1) if (found := said.search(text)))
    line, found = next(marks, (1, None))
    numbers = ", ".join(str(number) for number, _ in others)
    what = f"no other version of this survey is {same_as}"
    remedy = f"Name one of its versions: {numbers}; or remove it, and older answers keep a separate column."
    return Fault(str(file), line, found.start(1) + 1 if found else 1, "bad-value", what, remedy)


def report_placeholders(survey: str, faults: Sequence[Fault]) -> None:
    """Logs that respondents would read texts that nobody has written yet."""
    found = [fault for fault in faults if fault.code == "placeholder"]
    if found:
        first = found[0]
        log.warning("%s: %d placeholders are shown to respondents, the first in %s:%d: %s", survey, len(found), first.file, first.line, first.what)


def report_differences(old: Instrument, new: Instrument, others: Sequence[Instrument]) -> None:
    """Logs what is no longer comparable while nobody has answered the new version yet."""
    for found in compare(old, new, [each for each in others if each.digest != old.digest]):
        level = {"breaks": logging.WARNING, "review": logging.INFO}.get(found.kind)
        if level is not None:
            column = "; older answers get a separate column" if found.apart else ""
            details = (new.survey, found.kind, found.where, found.what, found.meaning, column)
            log.log(level, "%s: %s: %s: %s; %s%s", *details)
