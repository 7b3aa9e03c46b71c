"""The lines that a translation file lacks: where to insert each, in block or flow style."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from app.survey.documents.places import Path, read_yaml
from app.survey.documents.yaml_edits import STEP, Place, apply_edits, is_empty, line_end, places_of, quoted
from app.survey.faults import printable
from app.survey.translations.checks import missing_texts
from app.survey.translations.texts import ALONE, Spec, spec_at

LONGEST_BESIDE = 80  # characters of an original that is written on the line of its key


def with_missing(original: Any, text: str) -> tuple[str, int, list[Path]]:
    """A translation file with a line for each missing text, after the one that precedes it in the survey, or first.

    Also returns the number of added texts, and the paths of those for which the file has no position.
    """
    wanted = nested(missing_texts(original, read_yaml(text.encode(), "").root))
    added, impossible = 0, []
    while True:
        places = places_of(text)
        absent = next(iter(_absent(wanted, places, original, ())), None)
        if absent is None:
            return text, added, impossible
        path, parts = absent
        edit = insertion(path, parts, places, original, text)
        _take(wanted, path)
        if edit is None:
            impossible.append(path)
        else:
            text = apply_edits(text, [edit])
            added += count(parts)


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
    """Whether it is the label or text of something that has an empty value on the line of its own key."""
    parent = places.get(path[:-1])
    waits = parent is not None and is_empty(parent.value)
    return waits and isinstance(part, str) and alone(spec_at(path[:-1])) == path[-1]


def alone(spec: Spec) -> Any:
    """The key that a text without a mapping stands for, if any."""
    return spec.get(ALONE) if isinstance(spec, Mapping) else None


def insertion(
    path: Path, parts: Any, places: Mapping[Path, Place], original: Any, text: str
) -> tuple[int, int, str] | None:
    """The edit that inserts the lines for a part of a survey; None if the file has no position for it."""
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


def value_at(original: Any, path: Path) -> Any:
    """The value at a path of the survey; None if the survey leaves it out."""
    for key in path:
        if isinstance(original, list) and isinstance(key, int) and key < len(original):
            original = original[key]
        else:
            original = original.get(key) if isinstance(original, dict) else None
    return original


def preceding(path: Path, original: Any) -> list[Any]:
    parent = value_at(original, path[:-1])
    keys = list(parent) if isinstance(parent, dict) else []
    return keys[: keys.index(path[-1])] if path[-1] in keys else []


def into_flow(path: Path, parts: Any, parent: Place, original: Any, text: str) -> tuple[int, int, str] | None:
    if not isinstance(parent.value, yaml.MappingNode):
        return None
    end = parent.value.end_mark.index - 1
    before = text[:end].rstrip()
    comma = "" if before[-1] in "{," else ","
    return len(before), len(before), f"{comma} {flow(path[-1], parts, value_at(original, path))}"


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
    """The lines of a part to translate: keys without values, with the originals in comments."""
    opening = f"{quoted(path[-1])}:"
    if isinstance(parts, dict) and list(parts) == [alone(spec_at(path))]:
        return leaf(opening, next(iter(parts.values())), indent)
    if isinstance(parts, str):
        return leaf(opening, parts, indent)
    original = value_at(survey, path)
    if isinstance(original, list):
        entries = (
            list_entry((*path, place), parts.get(place), survey, indent + STEP) for place in range(len(original))
        )
    else:
        entries = (block((*path, key), inner, survey, indent + STEP) for key, inner in parts.items())
    return [f"{indent}{opening}", *(line for lines in entries for line in lines)]


def list_entry(path: Path, part: Any, survey: Any, indent: str) -> list[str]:
    """The line of one entry of a list; an entry without texts is left empty, so that the others keep their positions."""
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
