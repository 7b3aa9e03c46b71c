"""Snapshot files of earlier versions. They contain answers, and nothing reads them any more."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from app.settings import PREFIX, Settings

log = logging.getLogger("opinion")


def remove_old_snapshots(settings: Settings) -> None:
    """Deletes them beside the database, and in the folder of an earlier setting."""
    for folder in {_beside(settings.database_url), os.environ.get(PREFIX + "SNAPSHOTS", "")} - {""}:
        _remove(Path(folder))


def _beside(database_url: str) -> str:
    kind, _, path = database_url.partition(":///")
    return f"{path}.frames" if kind == "sqlite" else "opinion.frames"


def _remove(folder: Path) -> None:
    for file in (*folder.glob("*.parquet"), *folder.glob("*.new")):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s contains answers and cannot be deleted: %s. Delete it manually.", file, error.strerror)
    with contextlib.suppress(OSError):  # it contains other files, or does not exist
        folder.rmdir()
