"""Survey files on disk."""

from __future__ import annotations

from pathlib import Path

from app.errors import Fault
from app.instrument import read_survey
from app.instrument.model import Instrument
from app.instrument.places import LARGEST, LINE_BREAK

ENDINGS = (".yaml", ".yml")


def survey_files(path: Path) -> list[Path]:
    """The survey files of a folder (not of those inside it), or the one file that the path names.

    Raises OSError when a folder cannot be listed.
    """
    if path.is_dir():
        return sorted(
            file for file in path.iterdir() if file.suffix in ENDINGS and not file.name.startswith(".")
        )
    return [path]


def read_file(path: Path) -> tuple[Instrument | None, list[Fault]]:
    """The instrument in a file, or what is wrong with it. A file that cannot be opened is a fault too."""
    try:
        with path.open("rb") as file:
            source = file.read(LARGEST + 1)
    except IsADirectoryError:
        what, remedy = "there is no survey file in this folder", "Name a file, or a folder with *.yaml files."
        return None, [Fault(str(path), 1, 1, "unreadable", what, remedy)]
    except OSError as error:
        what = f"the file cannot be opened: {error.strerror}"
        return None, [Fault(str(path), 1, 1, "unreadable", what, "Check its name and permissions.")]
    return read_survey(source, path.stem, str(path))


def lines_of(path: Path) -> list[str]:
    """The lines of a file as faults count them; none when it cannot be opened."""
    try:
        with path.open("rb") as file:
            return LINE_BREAK.split(file.read(LARGEST).decode("utf-8-sig", "replace"))
    except OSError:
        return []
