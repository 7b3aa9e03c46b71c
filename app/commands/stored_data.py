"""`Reads the database and survey files for commands, and writes files that appear only when complete."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.catalogue.files import read_file
from app.catalogue.library import InstrumentLibrary
from app.responses.storage import Storage, open_storage
from app.settings import Settings
from app.survey.codebook import Codebook, codebook, merged
from app.survey.model import Instrument

BATCH = 5000  # responses in memory at once


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[tuple[asyncio.Runner, Storage]]:
    """The database, for code that reads it step by step."""
    with asyncio.Runner() as runner:
        context = open_storage(settings.database_url)
        storage = runner.run(context.__aenter__())
        try:
            yield runner, storage
        finally:
            runner.run(context.__aexit__(None, None, None))


async def versions(storage: Storage, survey: str) -> dict[int, Instrument]:
    """Every version that was served, by its number, the newest first. Raises ClickException if there is none."""
    stored = await InstrumentLibrary(storage).instruments(survey)
    found = {each.version: each for each in stored if each.version is not None}
    if not found:
        known = await storage.surveys()
        raise click.ClickException(
            f'the database has no survey called "{survey}". Its surveys: {", ".join(known) or "none"}.'
        )
    return found


def export_csv(
    settings: Settings, survey: str, output: str | None, values: str, bom: bool, vignettes: str | None = None
) -> None:
    """Writes the responses to the file `output`, and one row per vignette rating to the file `vignettes`.

    "-" is standard output. Without any file, the responses go there.
    """
    from app.exports.csv import csv_of_changes, weighting_of_changes  # loads Polars
    from app.exports.vignettes import has_vignettes

    with opened(settings) as (runner, storage):
        instruments = list(runner.run(versions(storage, survey)).values())
        if vignettes is not None and not has_vignettes(instruments):
            raise click.ClickException(f"{survey} has no vignettes: omit --vignettes.")
        total = sum(runner.run(storage.counts(survey)).values())
        for per, file_name in (("response", output or (None if vignettes else "-")), ("vignette", vignettes)):
            if file_name is not None:
                weights = None
                if per == "response" and instruments[0].weights is not None:
                    with progress_bar(total, "weights") as progress:
                        weights = weighting_of_changes(instruments, read_batches(runner, storage, survey), progress)
                with writing(file_name) as file, progress_bar(total, "responses") as progress:
                    batches = read_batches(runner, storage, survey)
                    file.writelines(csv_of_changes(instruments, batches, values, bom, per, progress, weights))


def read_batches(runner: asyncio.Runner, storage: Storage, survey: str) -> Iterator[list[Any]]:
    after: str | None = None
    while batch := runner.run(storage.stream(survey, after, BATCH)):
        yield batch
        after = batch[-1].id


def write_codebook(settings: Settings, survey: str, output: str, kind: str) -> None:
    """`survey` is the id of a survey in the database, or a survey file."""
    from app.exports.codebook import codebook_csv, codebook_markdown
    from app.exports.weights import described_weights

    book, newest = codebook_of(settings, survey)
    weights = described_weights(newest.weights)
    body = codebook_csv(book, weights=weights) if kind == "csv" else codebook_markdown(book, weights=weights)
    with writing(output) as file:
        file.write(body)


def codebook_of(settings: Settings, survey: str) -> tuple[Codebook, Instrument]:
    """The codebook, and the newest version."""
    if Path(survey).suffix in (".yaml", ".yml"):
        instrument = valid_file(Path(survey))
        return codebook(instrument), instrument
    with opened(settings) as (runner, storage):
        found = list(runner.run(versions(storage, survey)).values())
        return merged(found).codebook, found[0]


def valid_file(path: Path) -> Instrument:
    """The instrument in a survey file. Raises ClickException when it has a fault."""
    instrument, faults = read_file(path)
    if instrument is None:
        raise click.ClickException(
            f"{path} has {len(faults)} fault{'s'[: len(faults) > 1]}: `opinion check {path}` lists them."
        )
    return instrument


def stored_version(settings: Settings, survey: str, number: str) -> Instrument:
    """A version in the database. `number` may be "last". Raises ClickException if there is no such version."""
    with opened(settings) as (runner, storage):
        found = runner.run(versions(storage, survey))
    if number == "last":
        return next(iter(found.values()))
    if not (number.isascii() and number.isdigit() and len(number) < 10) or int(number) not in found:
        raise click.ClickException(
            f"{survey} has {versions_text(found)}: write {survey}@{max(found)}, or {survey}@last."
        )
    return found[int(number)]


def versions_text(numbers: Iterable[int]) -> str:
    listed = sorted(numbers)
    if listed == list(range(1, len(listed) + 1)):
        return f"versions 1 to {len(listed)}"
    return f"versions {', '.join(map(str, listed))}"


def other_versions(settings: Settings, names: Iterable[str], sides: Iterable[Instrument]) -> list[Instrument]:
    """The further versions of the surveys in the database to which the sides of a comparison belong."""
    surveys = {name.rpartition("@")[0] for name in names if "@" in name and not Path(name).exists()}
    digests = {side.digest for side in sides}
    with opened(settings) as (runner, storage):
        found = [each for survey in sorted(surveys) for each in runner.run(versions(storage, survey)).values()]
    return [each for each in found if each.digest not in digests]


@contextlib.contextmanager
def writing(output: str) -> Iterator[IO[bytes]]:
    """A file that appears only when it is complete; only its owner can read it."""
    if output == "-":
        yield sys.stdout.buffer
        return
    beside = Path(f"{output}.{os.getpid()}.part")
    try:
        beside.touch(mode=0o600)
        with beside.open("wb") as file:
            yield file
        os.replace(beside, output)
    except OSError as error:
        raise click.ClickException(f"cannot write {output}: {error.strerror}.") from None
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def progress_bar(total: int, what: str) -> Iterator[Any]:
    """Shows a progress bar on a terminal, and nothing elsewhere. Yields a function that takes the size of each step."""
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda step: progress.advance(task, step)
