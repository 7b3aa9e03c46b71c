"""Faults and warnings of a translation file: superfluous, missing and outdated texts, and undeclared languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.survey.codes import TRANSLATED
from app.survey.documents.places import Document, Path
from app.survey.faults import Fault, did_you_mean, one_of, plural, printable
from app.survey.translations.texts import (
    ALONE,
    SURVEY,
    TEXT,
    Spec,
    inside,
    is_text,
    mark_of,
    needs_translating,
    of_survey,
    spec_of,
    texts_of,
    translated_texts,
    written,
)

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


def check_languages(original: Document, translations: Mapping[str, Document], survey: str) -> None:
    """Reports languages that have no file, and files of languages that the survey does not name."""
    named = original.root.get("languages") if isinstance(original.root, dict) else None
    languages = [str(each) for each in named] if isinstance(named, list) and named else ["en"]
    for index, language in enumerate(languages):
        if language in languages[:index]:
            original.fault(
                original.at(("languages", index)), "bad-language", f'"{language}" is listed twice', "Remove one."
            )  # fmt: skip
        elif index and language not in translations and LANGUAGE.fullmatch(language):
            original.fault(
                original.at(("languages", index)), "translation-not-there",
                f"there is no file {survey}.{language}.yaml beside the survey",
                f"`opinion translate {original.file} {language}` creates one with every text to translate.",
            )  # fmt: skip
    for language, translation in translations.items():
        if language not in languages[1:]:
            own = language == languages[0]
            translation.fault(
                (1, 1), "translation-not-declared",
                f"the survey {'is itself in' if own else 'does not list'} {language}",
                "Remove this file." if own else f"Write `languages: [{', '.join([*languages, language])}]` in the survey.",
            )  # fmt: skip


def check_tree(original: Any, translation: Document, spec: Spec = SURVEY) -> None:
    """Reports what a translation holds that the survey does not have, or that is no text."""
    if not isinstance(translation.root, dict):
        if not translation.faults:
            translation.fault(
                translation.at(()), "not-a-mapping", "the file is not a translation",
                "Write the survey's keys with translated texts; `opinion translate` creates the file.",
            )  # fmt: skip
        return
    rest = {key: value for key, value in translation.root.items() if key != TRANSLATED}
    _check(original, rest, spec, (), translation)


def _check(original: Any, value: Any, spec: Spec, path: Path, translation: Document) -> None:
    if value is None:  # not translated yet
        return
    if spec == TEXT:
        _check_text(original, value, path, translation)
        return
    if not isinstance(value, dict | list) and not (ALONE in spec and is_text(value)):
        remedy = "Write the same keys there as in the survey, with their texts."
        translation.fault(translation.at(path), "not-a-mapping", f'"{path[-1]}" contains no texts', remedy)
        return
    parts = dict(of_survey(original, spec))
    for key, part in inside(value, spec):
        within = spec_of(key, spec)
        if key not in parts or within is None:
            _superfluous((*path, key), key in parts, parts, spec, translation)
        else:
            _check(parts[key], part, within, (*path, key), translation)


def _check_text(original: Any, value: Any, path: Path, translation: Document) -> None:
    if not is_text(value):
        translation.fault(
            translation.at(path), "not-text", f'"{path[-1]}" is not a text',
            "Put a text that begins with { or [, or is true or false, in quotes.",
        )  # fmt: skip
    elif not is_text(original) and original is not None:
        what = f'"{written(path)}" has no text of its own in the survey'
        remedy = "Remove it, or add a text in the survey."
        translation.fault(translation.key(path), "translation-superfluous", what, remedy)


def _superfluous(
    path: Path, is_there: bool, parts: Mapping[Any, Any], spec: Spec, translation: Document
) -> None:
    name = written(path)
    if is_there:
        what, remedy = f'"{name}" is not a text', "Remove it: a translation contains only texts."
    else:
        texts = [key for key in parts if spec_of(key, spec) is not None]
        what = f'the survey has no "{name}"'
        remedy = did_you_mean(path[-1], texts) or f"Remove it. Its keys there are: {one_of(texts)}."
    translation.fault(translation.key(path), "translation-superfluous", what, remedy)


def warn(original: Document, translation: Document, language: str) -> None:
    """Reports in the translation what it lacks, and what in it is older than the survey."""
    found = [*_missing(original, translation, language), *_stale(original, translation, language)]
    for fault in (*found, *_unmarked(original, translation, language)):
        marks = (*translation.values.items(), *translation.keys.items())
        path = next((path for path, mark in marks if mark == (fault.line, fault.column)), ())
        if not translation.accepts((fault.line, 1), fault.code, path):
            translation.fault((fault.line, fault.column), fault.code, fault.what, fault.remedy)


def missing_texts(original: Any, translation: Any) -> dict[Path, str]:
    """The survey's texts that a translation does not hold."""
    there = {path for path, _ in translated_texts(translation)}
    return {
        path: text
        for path, text in texts_of(original)
        if path not in there and needs_translating(path, text, original)
    }


def _missing(original: Document, translation: Document, language: str) -> Iterator[Fault]:
    """One warning a text, or one for all of a part of which nothing is there."""
    groups: dict[Path, list[str]] = {}
    for path, text in missing_texts(original.root, translation.root).items():
        if _is_misplaced(path, original.root, translation.root):
            continue  # a fault reports what is in its place
        groups.setdefault(_absent(path, translation.root), []).append(text)
    for path, texts in groups.items():
        what = f'"{written(path)}" is not translated'
        what += f' ("{printable(texts[0], 60)}")' if len(texts) == 1 else f" ({len(texts)} texts)"
        remedy = f"Respondents see the original text. `opinion translate {original.file} {language}` adds the missing texts."
        yield Fault(translation.file, *translation.at(path), "translation-missing", what, remedy)


def _absent(path: Path, root: Any) -> Path:
    """The longest way along a path that is there, and the first key that is not."""
    for length, key in enumerate(path[:-1], 1):
        root = root.get(key) if isinstance(root, dict) else None
        if root is None:
            return path[:length]
    return path


def _is_misplaced(path: Path, original: Any, root: Any) -> bool:
    """Whether something that is no text stands where a text belongs, or a key that was meant for its own."""
    for key in path:
        if not isinstance(root, dict):
            return root is not None
        own = original if isinstance(original, dict) else {}
        if key not in root:
            return any(did_you_mean(other, [key]) for other in root if other not in own)
        original, root = own.get(key), root[key]
    return root is not None


def stale_texts(original: Any, translation: Any) -> dict[Path, str]:
    """The texts of a translation that were made from a text that has changed since, with what it reads now."""
    made = made_from(translation)
    own, other = dict(texts_of(original)), dict(translated_texts(translation))
    return {
        path: own[path] for path in other if path in own and _is_stale(made, path, own[path], other[path])
    }


def made_from(root: Any) -> dict[str, str]:
    """What a translation file keeps of the texts it was made from, by path: `<original> <translation>`."""
    kept = root.get(TRANSLATED) if isinstance(root, dict) else None
    return {str(path): str(marks) for path, marks in kept.items()} if isinstance(kept, dict) else {}


def _is_stale(made: Mapping[str, str], path: Path, own: str, other: str) -> bool:
    """When the original changed and the translation did not. A translation changed since is taken for a new one."""
    was, _, then = made.get(written(path), "").partition(" ")
    return bool(was) and was != mark_of(own) and then in ("", mark_of(other))


def _stale(original: Document, translation: Document, language: str) -> Iterator[Fault]:
    for path, text in stale_texts(original.root, translation.root).items():
        what = f'"{written(path)}" has changed since it was translated; it now reads "{printable(text, 80)}"'
        remedy = f"Translate it again. If the translation is still correct: `opinion translate {original.file} {language} --keep {written(path)}`."
        yield Fault(translation.file, *translation.at(path), "translation-stale", what, remedy)


NUMBER = re.compile(r"\d+")
#: What a text and its translation have as many of, with what it is called.
COUNTED = {
    "paragraph": re.compile(r"\S(?=\s*\n[ \t]*\n\s*\S|\s*\Z)"),
    "bullet": re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\S", re.MULTILINE),
    "link": re.compile(r"\]\("),
}


def _unlike(text: str, other: str) -> str:
    """What a translation has another number of than its original; empty where it has as many of everything."""
    for what, pattern in COUNTED.items():
        here, there = len(pattern.findall(other)), len(pattern.findall(text))
        if here != there:
            return f"{plural(here, what)} and the original {there}"
    return ""


def _unmarked(original: Document, translation: Document, language: str) -> Iterator[Fault]:
    """A text that was translated by hand does not say from what. Other numbers than in the original show that one of
    the two has changed."""
    made, own = made_from(translation.root), dict(texts_of(original.root))
    unmarked = [
        (path, text) for path, text in translated_texts(translation.root) if path in own and written(path) not in made
    ]
    for path, text in unmarked:
        numbers = [sorted(map(int, NUMBER.findall(each))) for each in (own[path], text)]
        if numbers[0] != numbers[1] and all(numbers):
            what = f'"{written(path)}" has other numbers than the original, "{printable(own[path], 80)}"'
            yield Fault(translation.file, *translation.at(path), "translation-stale", what, "Translate it again, or accept it.")
        elif unlike := _unlike(own[path], text):
            what = f'"{written(path)}" has {unlike}: one of the two has changed since'
            yield Fault(translation.file, *translation.at(path), "translation-stale", what, "Translate it again, or accept it.")
    if unmarked and made:
        what = f"{plural(len(unmarked), 'text')} written by hand would not be reported if the original changed"
        remedy = f"`opinion translate {original.file} {language}` records from which text each was translated."
        yield Fault(translation.file, *translation.at(unmarked[0][0]), "translation-unmarked", what, remedy)
