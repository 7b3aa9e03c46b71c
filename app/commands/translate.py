"""Writes and keeps up translation files: adds what is missing, marks what has changed, and loses nothing.

A file is edited as text, by insertion, so its comments and its order stay as the translator left them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import click
import yaml

from app.survey.documents.places import Document, Path, composed, key_of, read_yaml
from app.survey.documents.translation import (
    ALONE,
    LANGUAGE,
    TRANSLATED,
    Spec,
    made_from,
    mark_of,
    missing_texts,
    spec_at,
    stale_texts,
    texts_of,
    translated_texts,
    written,
)
from app.survey.faults import printable

CHANGED = "# CHANGED: this was translated from another text. It now reads: "
HEAD = """\
# Translation of {file} into "{language}". Write each text after its key; the original is beside or above it.
# `opinion translate {file} {language}` adds new texts and marks those whose original has changed.
"""
KEPT_BY = "# Kept by `opinion translate`: from which text each was translated."
LONGEST_BESIDE = 80  # characters of an original that stands on the line of its key
PLAIN_KEY = re.compile(r"-?[a-z_][a-z0-9_]*")
STEP = "  "


class Unkept(ValueError):
    """A file that cannot be edited without changing what a translator wrote."""


@dataclass
class Outcome:
    """A translation file as it should be. `beyond` are texts for which there was no place to add them."""

    text: str
    added: int = 0
    empty: int = 0  # texts that wait to be translated, those just added among them
    changed: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)


def translated(
    original: Document, existing: str | None, language: str, keep: Collection[str] = ()
) -> Outcome:
    """The translation file for a survey. `keep` are paths whose translations still hold, though the original changed;
    "all" stands for every one of them. Raises Unkept for a file that is not sound YAML, or would lose something.
    """
    name = original.file.replace("\\", "/").rpartition("/")[2]
    text = HEAD.format(file=name, language=language) if existing is None else ended(existing)
    before = Document("", [], text) if existing is None else sound(text)
    stale = stale_texts(original.root, before.root)
    stale = {path: now for path, now in stale.items() if not {"all", written(path)} & set(keep)}
    made = renewed(original.root, before.root, stale)
    outcome = Outcome(without_marks(text))
    add_missing(original.root, outcome)
    mark_changed(stale, outcome)
    outcome.text = with_kept(outcome.text, made)
    after = read_yaml(outcome.text.encode(), "")
    if after.faults or not holds(before.root, after.root):
        raise Unkept("texts cannot be added to the file without changing its contents")
    outcome.empty = len(missing_texts(original.root, after.root))
    return outcome


def ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def sound(text: str) -> Document:
    document = read_yaml(text.encode(), "")
    comments_only = all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())
    if document.faults and not comments_only:
        raise Unkept("the file is not valid YAML")
    if document.root is not None and not isinstance(document.root, dict):
        raise Unkept("the file does not contain `key: text` lines")
    return document


def holds(before: Any, after: Any) -> bool:
    """Whether all that stood in a file still stands there."""
    if isinstance(before, dict):
        return isinstance(after, dict) and all(
            key in after and holds(value, after[key]) for key, value in before.items() if key != TRANSLATED
        )
    return before is None or str(before) == str(after)


# --- where things stand in a file ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A key of a mapping and its value. `end` is where the line ends on which the value does."""

    column: int
    line: int  # where the key's line begins, as an index into the text
    end: int
    value: yaml.Node

    @property
    def is_flow(self) -> bool:
        return isinstance(self.value, yaml.CollectionNode) and bool(self.value.flow_style)


def places_of(text: str) -> dict[Path, Place]:
    """Every key of a file by its path, in order."""
    root = composed(text) if text.strip() else None
    return dict(_places(root, (), text)) if isinstance(root, yaml.MappingNode) else {}


def _places(node: yaml.MappingNode, path: Path, text: str) -> Iterator[tuple[Path, Place]]:
    for key, value in node.value:
        here = (*path, key_of(key, text))
        start = key.start_mark.index
        line = text.rfind("\n", 0, start) + 1
        yield here, Place(start - line, line, line_end(text, last(value, text)), value)
        if isinstance(value, yaml.MappingNode):
            yield from _places(value, here, text)


def last(value: yaml.Node, text: str) -> int:
    """Where a value ends: after its last character that is not blank."""
    end = value.end_mark.index
    if isinstance(value, yaml.CollectionNode) and not value.flow_style and value.value:
        parts = value.value if isinstance(value, yaml.SequenceNode) else [part for _, part in value.value]
        end = max(last(part, text) for part in parts)
    return len(text[:end].rstrip())


def line_end(text: str, index: int) -> int:
    """The index after the line break that ends the line of an index."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def scalars(node: yaml.Node | None) -> Iterator[tuple[int, int]]:
    """Where each text of a file begins and ends: no comment can stand inside one."""
    if isinstance(node, yaml.ScalarNode):
        yield node.start_mark.index, node.end_mark.index
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for part in pair:
                yield from scalars(part)
    elif node is not None:
        for part in node.value:
            yield from scalars(part)


def edited(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """The text with the part from `begin` to `end` of each edit replaced; the first edit of an index comes first."""
    numbered = sorted(enumerate(edits), key=lambda edit: (edit[1][0], edit[0]), reverse=True)
    for _, (begin, end, words) in numbered:
        text = text[:begin] + words + text[end:]
    return text


# --- adding what is missing ------------------------------------------------------------------------------


def add_missing(original: Any, outcome: Outcome) -> None:
    """Inserts a line for each text that has none: after what precedes it in the survey, or first."""
    wanted = nested(missing_texts(original, read_yaml(outcome.text.encode(), "").root))
    while True:
        places = places_of(outcome.text)
        absent = next(iter(_absent(wanted, places, original, ())), None)
        if absent is None:
            return
        path, parts = absent
        edit = insertion(path, parts, places, original, outcome.text)
        _take(wanted, path)
        if edit is None:
            outcome.beyond += [written(path)]
        else:
            outcome.text = edited(outcome.text, [edit])
            outcome.added += count(parts)


def nested(texts: Mapping[Path, str]) -> dict[Any, Any]:
    """Texts by path as a tree."""
    tree: dict[Any, Any] = {}
    for path, text in texts.items():
        inner = tree
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = text
    return tree


def count(parts: Any) -> int:
    return sum(map(count, parts.values())) if isinstance(parts, dict) else 1


def _take(tree: dict[Any, Any], path: Path) -> None:
    for key in path[:-1]:
        tree = tree[key]
    del tree[path[-1]]


def _absent(
    wanted: Any, places: Mapping[Path, Place], original: Any, path: Path
) -> Iterator[tuple[Path, Any]]:
    """The parts of a tree of texts that have no key in the file, the topmost only."""
    for key, part in wanted.items():
        here = (*path, key)
        if here not in places and not _stands_alone(here, part, places):
            yield here, part
        elif isinstance(part, dict):
            yield from _absent(part, places, original, here)


def _stands_alone(path: Path, part: Any, places: Mapping[Path, Place]) -> bool:
    """Whether it is the label or text of something that waits for one on the line of its own key."""
    parent = places.get(path[:-1])
    waits = parent is not None and is_empty(parent.value)
    return waits and isinstance(part, str) and alone(spec_at(path[:-1])) == path[-1]


def alone(spec: Spec) -> Any:
    """The key that a text without a mapping stands for; None where there is none."""
    return spec.get(ALONE) if isinstance(spec, Mapping) else None


def insertion(
    path: Path, parts: Any, places: Mapping[Path, Place], original: Any, text: str
) -> tuple[int, int, str] | None:
    """Where to insert what a part of a survey needs, and the lines; None where the file leaves no room for it."""
    parent = places.get(path[:-1])
    if parent is not None and parent.is_flow:
        return into_flow(path, parts, parent, original, text)
    if parent is not None and not isinstance(parent.value, yaml.MappingNode) and not is_empty(parent.value):
        return None
    siblings = [place for key, place in places.items() if len(key) == len(path) and key[:-1] == path[:-1]]
    column = siblings[0].column if siblings else parent.column + len(STEP) if parent else 0
    lines = block(path, parts, original, " " * column)
    before = [places[(*path[:-1], key)] for key in preceding(path, original) if (*path[:-1], key) in places]
    if before:
        index = before[-1].end
    elif parent is not None:
        index = line_end(text, text.find(":", parent.line))
    else:
        index = siblings[0].line if siblings else len(text)
    return index, index, "".join(f"{line}\n" for line in lines)


def is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.value and not node.style


def at(original: Any, path: Path) -> Any:
    """The value at a path of the survey; None where it is spelt out shorter there."""
    for key in path:
        if isinstance(original, list) and isinstance(key, int) and key < len(original):
            original = original[key]
        else:
            original = original.get(key) if isinstance(original, dict) else None
    return original


def preceding(path: Path, original: Any) -> list[Any]:
    parent = at(original, path[:-1])
    keys = list(parent) if isinstance(parent, dict) else []
    return keys[: keys.index(path[-1])] if path[-1] in keys else []


def into_flow(path: Path, parts: Any, parent: Place, original: Any, text: str) -> tuple[int, int, str] | None:
    if not isinstance(parent.value, yaml.MappingNode):
        return None
    end = parent.value.end_mark.index - 1
    before = text[:end].rstrip()
    comma = "" if before[-1] in "{," else ","
    return len(before), len(before), f"{comma} {flow(path[-1], parts, at(original, path))}"


def flow(key: Any, parts: Any, original: Any) -> str:
    return f"{quoted(key)}: {flow_value(parts, original)}"


def flow_value(parts: Any, original: Any) -> str:
    if isinstance(parts, str):
        return '""'
    if isinstance(original, list):
        return f"[{', '.join(flow_value(parts.get(place, ''), part) for place, part in enumerate(original))}]"
    inner = (
        flow(key, part, original.get(key) if isinstance(original, dict) else None)
        for key, part in parts.items()
    )
    return f"{{{', '.join(inner)}}}"


def block(path: Path, parts: Any, survey: Any, indent: str) -> list[str]:
    """The lines of a part that is to be translated: keys without values, the originals in comments."""
    opening = f"{quoted(path[-1])}:"
    if isinstance(parts, dict) and list(parts) == [alone(spec_at(path))]:
        return leaf(opening, next(iter(parts.values())), indent)
    if isinstance(parts, str):
        return leaf(opening, parts, indent)
    original = at(survey, path)
    if isinstance(original, list):
        entries = (
            listed((*path, place), parts.get(place), survey, indent + STEP) for place in range(len(original))
        )
    else:
        entries = (block((*path, key), inner, survey, indent + STEP) for key, inner in parts.items())
    return [f"{indent}{opening}", *(line for lines in entries for line in lines)]


def listed(path: Path, part: Any, survey: Any, indent: str) -> list[str]:
    """The line of one entry of a list; one without texts is left empty, so that the others keep their places."""
    if part is None:
        return [f"{indent}-"]
    if isinstance(part, str):
        return leaf("-", part, indent)
    lines = [
        line for key, inner in part.items() for line in block((*path, key), inner, survey, indent + STEP)
    ]
    if lines[0].lstrip().startswith("#"):
        return [f"{indent}-", *lines]
    return [f"{indent}- {lines[0].lstrip()}", *lines[1:]]


def leaf(opening: str, text: str, indent: str) -> list[str]:
    lines = [printable(line, 500) for line in text.strip().splitlines()]
    if len(lines) == 1 and len(lines[0]) <= LONGEST_BESIDE:
        return [f"{indent}{opening}  # {lines[0]}"]
    return [*(f"{indent}# {line}".rstrip() for line in lines), f"{indent}{opening}"]


def quoted(key: Any) -> str:
    if isinstance(key, int) or (PLAIN_KEY.fullmatch(str(key)) and key not in ("true", "false", "null")):
        return str(key)
    return '"{}"'.format(str(key).replace("\\", "\\\\").replace('"', '\\"'))


# --- what has changed ------------------------------------------------------------------------------------


def without_marks(text: str) -> str:
    """The text without the lines that say what has changed, and without what is kept of earlier texts."""
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
    return edited(text, edits)


def mark_changed(stale: Mapping[Path, str], outcome: Outcome) -> None:
    """Says above each text that was made from another one what the survey says now."""
    places = places_of(outcome.text)
    within = list(scalars(composed(outcome.text) if places else None))
    edits = []
    for path, text in stale.items():
        place = next((places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in places), None)
        if place is None or any(begin < place.line < end for begin, end in within):
            outcome.beyond.append(written(path))
            continue
        indent = re.match(r" *", outcome.text[place.line :])
        now = printable(" ".join(text.split()), 500)
        edits.append((place.line, place.line, f"{indent[0] if indent else ''}{CHANGED}{now}\n"))
        outcome.changed.append(written(path))
    outcome.text = edited(outcome.text, edits)


def renewed(original: Any, translation: Any, stale: Collection[Path]) -> dict[str, str]:
    """What is to be kept of the texts that the translations were made from."""
    made, own = made_from(translation), dict(texts_of(original))
    return {
        written(path): made[written(path)] if path in stale else f"{mark_of(own[path])} {mark_of(text)}"
        for path, text in translated_texts(translation)
        if path in own
    }


def with_kept(text: str, made: Mapping[str, str]) -> str:
    if not made:
        return text
    lines = "".join(f"{STEP}{path}: {marks}\n" for path, marks in made.items())
    return f"{text.rstrip()}\n\n{KEPT_BY}\n{TRANSLATED}:\n{lines}"


# --- the command -----------------------------------------------------------------------------------------


def translate_file(survey: File, language: str, keep: Collection[str] = ()) -> list[str]:
    """Writes the translation file beside a survey, and tells what there is to do. Raises ClickException."""
    if not LANGUAGE.fullmatch(language):
        raise click.ClickException(f'"{language}" is not a language code: write it like de or pt-BR.')
    original = read_yaml(read(survey) or b"", str(survey))
    if original.faults or not isinstance(original.root, dict):
        raise click.ClickException(f"{survey} has faults: `opinion check {survey}` names them.")
    file = survey.with_name(f"{survey.stem}.{language}{survey.suffix}")
    existing = read(file) if file.exists() else None
    try:
        text = existing.decode("utf-8-sig").replace("\r\n", "\n") if existing is not None else None
        outcome = translated(original, text, language, keep)
    except (UnicodeDecodeError, Unkept) as refused:
        raise click.ClickException(
            f"{file} was not changed: {refused}. See `opinion check` for details."
        ) from None
    write(file, outcome.text)
    return [*told(file, outcome), *declared(original, survey, language)]


def read(file: File) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {error.strerror}.") from None


def write(file: File, text: str) -> None:
    """Replaces a file as a whole, or leaves it as it was."""
    beside = file.with_name(f".{file.name}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise click.ClickException(f"cannot write {file}: {error.strerror}.") from None


def told(file: File, outcome: Outcome) -> Iterator[str]:
    yield f"{file}: {outcome.added} added, {outcome.empty} to translate, {len(outcome.changed)} changed since"
    for path in outcome.changed:
        yield f"  changed since it was translated: {path}"
    for path in outcome.beyond:
        yield f"  cannot be added automatically; add it by hand: {path}"


def declared(original: Document, survey: File, language: str) -> Iterator[str]:
    languages = original.root.get("languages") or ["en"]
    if isinstance(languages, list) and language not in languages:
        named = ", ".join(map(str, [*languages, language]))
        yield f"Next: write `languages: [{named}]` in {survey}"
