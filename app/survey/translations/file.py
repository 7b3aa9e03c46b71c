"""The text of a translation file: adds missing texts, marks outdated ones, and loses nothing that a translator wrote."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.survey.codes import TRANSLATED
from app.survey.documents.places import Document, Path, composed, read_yaml
from app.survey.documents.yaml_edits import STEP, apply_edits, places_of, scalars
from app.survey.faults import printable
from app.survey.translations.checks import made_from, missing_texts, stale_texts
from app.survey.translations.insertions import with_missing
from app.survey.translations.texts import mark_of, texts_of, translated_texts, written

CHANGED = "# CHANGED: this was translated from another text. It now reads: "
HEAD = """\
# Translation of {file} into "{language}". Write each text after its key; the original is beside or above it.
# `opinion translate {file} {language}` adds new texts and marks those whose original has changed.
"""
KEPT_BY = "# Kept by `opinion translate`: from which text each was translated."


class NotEditable(ValueError):
    """The file cannot be edited without changing what a translator wrote."""


@dataclass
class TranslationFile:
    """A translation file as it should be. `not_added` are texts for which the file had no position."""

    text: str
    added: int = 0
    empty: int = 0  # texts to translate, including those just added
    changed: list[str] = field(default_factory=list)
    not_added: list[str] = field(default_factory=list)


def updated_translation(
    original: Document, existing: str | None, language: str, keep: Collection[str] = ()
) -> TranslationFile:
    """The translation file for a survey. `keep` are paths whose translations are still correct although the original
    changed; "all" means every path. Raises NotEditable if the file is not valid YAML, or would lose something.
    """
    name = original.file.replace("\\", "/").rpartition("/")[2]
    text = HEAD.format(file=name, language=language) if existing is None else with_final_newline(existing)
    before = Document("", [], text) if existing is None else read_existing(text)
    stale = stale_texts(original.root, before.root)
    stale = {path: now for path, now in stale.items() if not {"all", written(path)} & set(keep)}
    made = source_marks(original.root, before.root, stale)
    outcome = TranslationFile(without_marks(text))
    outcome.text, outcome.added, not_added = with_missing(original.root, outcome.text)
    outcome.not_added += map(written, not_added)
    mark_changed(stale, outcome)
    outcome.text = with_source_marks(outcome.text, made)
    after = read_yaml(outcome.text.encode(), "")
    if after.faults or not contains(before.root, after.root):
        raise NotEditable("texts cannot be added to the file without changing its contents")
    outcome.empty = len(missing_texts(original.root, after.root))
    return outcome


def with_final_newline(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def read_existing(text: str) -> Document:
    document = read_yaml(text.encode(), "")
    comments_only = all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())
    if document.faults and not comments_only:
        raise NotEditable("the file is not valid YAML")
    if document.root is not None and not isinstance(document.root, dict):
        raise NotEditable("the file does not contain `key: text` lines")
    return document


def contains(before: Any, after: Any) -> bool:
    """Whether everything in a file is still in it."""
    if isinstance(before, dict):
        return isinstance(after, dict) and all(
            key in after and contains(value, after[key]) for key, value in before.items() if key != TRANSLATED
        )
    return before is None or str(before) == str(after)


def without_marks(text: str) -> str:
    """The text without the lines about changed texts, and without the marks of earlier originals."""
    places = places_of(text)
    edits = []
    within = list(scalars(composed(text) if places else None))
    for line in re.finditer(rf"(?m)^[ \t]*{re.escape(CHANGED.rstrip())}.*\n?", text):
        if not any(begin < line.start() < end for begin, end in within):
            edits.append((line.start(), line.end(), ""))
    kept = places.get((TRANSLATED,))
    if kept is not None:
        begin = kept.line - len(KEPT_BY) - 1
        begin = begin if begin >= 0 and text[begin : kept.line] == f"{KEPT_BY}\n" else kept.line
        edits.append((begin, kept.end, ""))
    return apply_edits(text, edits)


def mark_changed(stale: Mapping[Path, str], outcome: TranslationFile) -> None:
    """Writes above each outdated text what the survey says now."""
    places = places_of(outcome.text)
    within = list(scalars(composed(outcome.text) if places else None))
    edits = []
    for path, text in stale.items():
        place = next((places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in places), None)
        if place is None or any(begin < place.line < end for begin, end in within):
            outcome.not_added.append(written(path))
            continue
        indent = re.match(r" *", outcome.text[place.line :])
        now = printable(" ".join(text.split()), 500)
        edits.append((place.line, place.line, f"{indent[0] if indent else ''}{CHANGED}{now}\n"))
        outcome.changed.append(written(path))
    outcome.text = apply_edits(outcome.text, edits)


def source_marks(original: Any, translation: Any, stale: Collection[Path]) -> dict[str, str]:
    """Marks of the texts from which the translations were made, by path."""
    made, own = made_from(translation), dict(texts_of(original))
    return {
        written(path): made[written(path)] if path in stale else f"{mark_of(own[path])} {mark_of(text)}"
        for path, text in translated_texts(translation)
        if path in own
    }


def with_source_marks(text: str, made: Mapping[str, str]) -> str:
    if not made:
        return text
    lines = "".join(f"{STEP}{path}: {marks}\n" for path, marks in made.items())
    return f"{text.rstrip()}\n\n{KEPT_BY}\n{TRANSLATED}:\n{lines}"
