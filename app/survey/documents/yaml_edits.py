"""Editing a YAML file as text, by insertion, so that its comments and its order do not change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from app.survey.documents.places import Path, composed, key_of

PLAIN_KEY = re.compile(r"-?[a-z_][a-z0-9_]*")
STEP = "  "


@dataclass(frozen=True, slots=True)
class Place:
    """A key of a mapping and its value."""

    column: int
    line: int  # index at which the line of the key begins
    end: int  # index at which the last line of the value ends
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
        yield here, Place(start - line, line, line_end(text, value_end(value, text)), value)
        if isinstance(value, yaml.MappingNode):
            yield from _places(value, here, text)


def value_end(value: yaml.Node, text: str) -> int:
    """The index after the last character of a value that is not blank."""
    end = value.end_mark.index
    if isinstance(value, yaml.CollectionNode) and not value.flow_style and value.value:
        parts = value.value if isinstance(value, yaml.SequenceNode) else [part for _, part in value.value]
        end = max(value_end(part, text) for part in parts)
    return len(text[:end].rstrip())


def line_end(text: str, index: int) -> int:
    """The index after the line break that ends the line of an index."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def scalars(node: yaml.Node | None) -> Iterator[tuple[int, int]]:
    """Where each text of a file begins and ends: no comment can be inside one."""
    if isinstance(node, yaml.ScalarNode):
        yield node.start_mark.index, node.end_mark.index
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for part in pair:
                yield from scalars(part)
    elif node is not None:
        for part in node.value:
            yield from scalars(part)


def apply_edits(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """The text with the part from `begin` to `end` of each edit replaced. Edits of one index keep their order."""
    numbered = sorted(enumerate(edits), key=lambda edit: (edit[1][0], edit[0]), reverse=True)
    for _, (begin, end, words) in numbered:
        text = text[:begin] + words + text[end:]
    return text


def is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.value and not node.style


def quoted(key: Any) -> str:
    if isinstance(key, int) or (PLAIN_KEY.fullmatch(str(key)) and key not in ("true", "false", "null")):
        return str(key)
    return '"{}"'.format(str(key).replace("\\", "\\\\").replace('"', '\\"'))
