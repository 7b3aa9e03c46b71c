"""Survey files on disk."""

from __future__ import annotations

from pathlib import Path

from app.errors import Fault
from app.instrument import read_survey
from app.instrument.model import Instrument
from app.instrument.places import LARGEST

ENDINGS = (".yaml", ".yml")


def survey_files(path: Path) -> list[Path]:
    """The survey files of a folder (not of those inside it), or the one file that the path names.

    Raises FileNotFoundError when there is no such path.
    """
    if path.is_dir():
        return sorted(
            file for file in path.iterdir() if file.suffix in ENDINGS and not file.name.startswith(".")
        )
    if not path.exists():
        raise FileNotFoundError(path)
    return [path]


def read_file(path: Path) -> tuple[Instrument | None, list[Fault]]:
    """The instrument in a file, or what is wrong with it. A file that cannot be opened is a fault too."""
    try:
        with path.open("rb") as file:
            source = file.read(LARGEST + 1)
    except OSError as error:
        what = f"the file cannot be opened: {error.strerror}"
        return None, [Fault(str(path), 1, 1, "unreadable", what, "Check its name and permissions.")]
    return read_survey(source, path.stem, str(path))
