"""`opinion translate`: reads a survey and its translation file, and writes the translation file."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

import click

from app.survey.documents.places import Document, read_yaml
from app.survey.translations.checks import LANGUAGE
from app.survey.translations.file import NotEditable, TranslationFile, updated_translation


def translate_file(survey: Path, language: str, keep: Collection[str] = ()) -> list[str]:
    """Writes the translation file beside a survey, and returns a report in lines. Raises ClickException."""
    if not LANGUAGE.fullmatch(language):
        raise click.ClickException(f'"{language}" is not a language code: write it like de or pt-BR.')
    original = read_yaml(read(survey) or b"", str(survey))
    if original.faults or not isinstance(original.root, dict):
        raise click.ClickException(f"{survey} has faults: `opinion check {survey}` lists them.")
    file = survey.with_name(f"{survey.stem}.{language}{survey.suffix}")
    existing = read(file) if file.exists() else None
    try:
        text = existing.decode("utf-8-sig").replace("\r\n", "\n") if existing is not None else None
        outcome = updated_translation(original, text, language, keep)
    except (UnicodeDecodeError, NotEditable) as refused:
        raise click.ClickException(
            f"{file} was not changed: {refused}. See `opinion check` for details."
        ) from None
    write(file, outcome.text)
    return [*report_lines(file, outcome), *next_step(original, survey, language)]


def read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {error.strerror}.") from None


def write(file: Path, text: str) -> None:
    """Replaces the whole file, or leaves it as it was."""
    beside = file.with_name(f".{file.name}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise click.ClickException(f"cannot write {file}: {error.strerror}.") from None


def report_lines(file: Path, outcome: TranslationFile) -> Iterator[str]:
    yield f"{file}: {outcome.added} added, {outcome.empty} to translate, {len(outcome.changed)} changed since"
    for path in outcome.changed:
        yield f"  changed since it was translated: {path}"
    for path in outcome.not_added:
        yield f"  cannot be added automatically; add it by hand: {path}"


def next_step(original: Document, survey: Path, language: str) -> Iterator[str]:
    languages = original.root.get("languages") or ["en"]
    if isinstance(languages, list) and language not in languages:
        named = ", ".join(map(str, [*languages, language]))
        yield f"Next: write `languages: [{named}]` in {survey}"
