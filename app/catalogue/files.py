"""Survey files on disk: reading them, and noticing changes."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from app.survey.documents.places import LARGEST, LINE_BREAK
from app.survey.faults import Fault
from app.survey.model import Instrument
from app.survey.source.reading import read_survey

ENDINGS = (".yaml", ".yml")
SETTLING_SECONDS, SETTLING_TRIES = 0.1, 20
RETRY_AFTER = 2.0  # seconds, when a folder could not be loaded


class FolderState(NamedTuple):
    """The state of a folder of surveys: it differs whenever anything in it has changed."""

    identity: tuple[int, int] | None  # another one once the folder, or what a link to it names, is replaced
    files: dict[str, tuple[int, int, int]]  # each survey file with its time, size and inode

    @property
    def is_there(self) -> bool:
        return self.identity is not None


def folder_of(path: Path) -> Path:
    """The folder to watch: the one of a single survey holds its translations too."""
    single = path.is_file() or (path.suffix in ENDINGS and not path.is_dir())
    return path.absolute().parent if single else path


def state_of(folder: Path) -> FolderState:
    """Looked at by its path each time, so that a folder that is removed, made again, renamed or linked elsewhere is
    no special case, nor is a network drive."""
    files = {}
    try:
        about = folder.stat()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(ENDINGS):
                    files[entry.name] = _state_of_file(entry)
    except OSError:
        return FolderState(None, {})
    return FolderState((about.st_dev, about.st_ino), files)


def _state_of_file(entry: os.DirEntry[str]) -> tuple[int, int, int]:
    try:
        about = entry.stat()
    except OSError:  # a link to nothing, or removed just now
        return 0, 0, 0
    return about.st_mtime_ns, about.st_size, about.st_ino


async def settled_state(folder: Path, known: FolderState) -> FolderState:
    """The state of a folder, once nothing is being written in it any more (looked at for two seconds at most)."""
    state = await asyncio.to_thread(state_of, folder)
    for _ in range(SETTLING_TRIES):
        if state == known:
            break
        await asyncio.sleep(SETTLING_SECONDS)
        before, state = state, await asyncio.to_thread(state_of, folder)
        if state == before:
            break
    return state


class Watched(Protocol):
    """A folder that is watched. `load` reads it and sets `state` to what it has read; it may fail."""

    watched: Path
    state: FolderState

    async def load(self) -> None: ...

    def failed(self, error: Exception) -> None: ...


async def watch(folder: Watched, stop: asyncio.Event, every: float) -> None:
    """Loads a folder whenever it has changed, until `stop` is set. A load that failed is repeated."""
    while not await is_set_within(stop, every):
        try:
            if await settled_state(folder.watched, folder.state) != folder.state:
                await folder.load()
        except Exception as error:
            folder.failed(error)
            await is_set_within(stop, RETRY_AFTER)


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def survey_files(path: Path) -> list[Path]:
    """The survey files of a folder (not of those inside it), or the one file that the path names.

    A translation counts as part of its survey; one without a survey is listed itself. Raises OSError when a folder
    cannot be listed.
    """
    files = [path]
    if path.is_dir():
        files = [file for file in path.iterdir() if file.suffix in ENDINGS and not file.name.startswith(".")]
    return sorted({main_file(file) or file for file in files})


def main_file(file: Path) -> Path | None:
    """The survey that a translation file (`leaving.de.yaml`) belongs to; None for any other file."""
    survey, dot, _ = file.stem.partition(".")
    beside = (file.with_name(f"{survey}{ending}") for ending in (file.suffix, *ENDINGS))
    return next((each for each in beside if each.is_file()), None) if dot and survey else None


def language_files(path: Path) -> dict[str, Path]:
    """The translation files beside a survey, by language."""
    try:
        beside = sorted(file for file in path.parent.iterdir() if file.suffix in ENDINGS)
    except OSError:
        return {}
    start = f"{path.stem}."
    return {file.stem.removeprefix(start): file for file in beside if file.stem.startswith(start)}


def read_file(path: Path) -> tuple[Instrument | None, list[Fault]]:
    """The instrument in a file and those beside it, or what is wrong. What cannot be opened is a fault too."""
    source, faults = source_of(path)
    if source is None:
        return None, faults
    faults += twins(path)
    if "." in path.stem:
        survey = path.stem.partition(".")[0]
        what = f"the survey of this translation, {survey}{path.suffix}, is not beside it"
        remedy = "Put it there, or give this file a name without a dot."
        return None, [Fault(str(path), 1, 1, "translation-without-survey", what, remedy)]
    translations = {}
    for language, file in language_files(path).items():
        text, found = source_of(file)
        faults += found + twins(file)
        if text is not None:
            translations[language] = (text, str(file))
    instrument, found = read_survey(source, path.stem, str(path), translations)
    if instrument is not None:
        faults += missing_polls(path, instrument.followed_by)
    return (None if faults else instrument), faults + found


def missing_polls(path: Path, followed_by: Sequence[str]) -> list[Fault]:
    """A fault for each poll of a series that is not beside the file, or is none, or the file itself."""
    faults = []
    for name in followed_by:
        others = [file for ending in ENDINGS if (file := path.with_name(name + ending)).is_file()]
        what, remedy = f'there is no file "{name}.yaml" beside this one', "Name the files of the polls that follow, without their ending."
        if name == path.stem:
            what, remedy = "a poll cannot follow itself", "Remove it."
        elif others:
            if any(re.match(r"poll:\s*true\b", line) for line in lines_of(others[0])):
                continue
            what, remedy = f'"{name}" is not a poll', f"Write `poll: true` in {others[0].name}, or remove it here."
        said = re.compile(rf"\b{re.escape(name)}\b")
        lines = list(enumerate(lines_of(path), 1))
        start = next((line for line, text in lines if text.startswith("followed_by")), 1)
        line, found = next(((line, each) for line, text in lines if line >= start and (each := said.search(text))), (start, None))
        faults.append(Fault(str(path), line, found.start() + 1 if found else 1, "bad-poll", what, remedy))
    return faults


def twins(path: Path) -> list[Fault]:
    """A fault where another file differs from this one only in its ending: it is unknown which one is meant."""
    others = [
        path.with_suffix(ending) for ending in ENDINGS if path.suffix in ENDINGS and ending != path.suffix
    ]
    what, remedy = "{} and {} would be the same survey", "Remove one of them."
    return [
        Fault(str(path), 1, 1, "twin-files", what.format(path.name, other.name), remedy)
        for other in others
        if other.is_file()
    ]


def source_of(path: Path) -> tuple[bytes | None, list[Fault]]:
    """The contents of a file, or why it cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1), []
    except IsADirectoryError:
        what, remedy = "there is no survey file in this folder", "Name a file, or a folder with *.yaml files."
        return None, [Fault(str(path), 1, 1, "unreadable", what, remedy)]
    except OSError as error:
        what = f"the file cannot be opened: {error.strerror}"
        return None, [Fault(str(path), 1, 1, "unreadable", what, "Check its name and permissions.")]


def lines_of(path: Path) -> list[str]:
    """The lines of a file as faults count them; none when it cannot be opened."""
    try:
        with path.open("rb") as file:
            return LINE_BREAK.split(file.read(LARGEST).decode("utf-8-sig", "replace"))
    except OSError:
        return []
