"""YAML with places: plain values, and where each of them stands in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from app.errors import Fault

LARGEST = 1_000_000  # bytes of a survey file
DEEPEST = 12  # levels of nesting; the language needs seven
Path = tuple[Any, ...]
Mark = tuple[int, int]  # line and column, from 1


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Only null, true, false and decimal numbers are not text: `no` is a word, `010` and `1:30` too."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]{0,17})$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$"),
    list("-+0123456789"),
)

_CONSTRUCT = {
    "tag:yaml.org,2002:null": lambda text: None,
    "tag:yaml.org,2002:bool": lambda text: text == "true",
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:str": str,
}
_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass
class Document:
    """The values of a file and the place of each, by its path of keys and indices.

    `keys` gives where a mapping's key stands, `values` where its value begins and whether the value is
    written on one line as it is (`plain`), so that an offset into it is an offset in the file.
    """

    file: str
    lines: list[str]
    text: str = ""
    root: Any = None
    keys: dict[Path, Mark] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)
    plain: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, mark: Mark, code: str, what: str, remedy: str) -> None:
        self.faults.append(Fault(self.file, *mark, code, what, remedy))

    def at(self, path: Path) -> Mark:
        """Where the value at a path stands; where its nearest parent stands when it is not there."""
        while path and path not in self.keys and path not in self.values:
            path = path[:-1]
        return self.values.get(path) or self.keys.get(path) or (1, 1)

    def key(self, path: Path) -> Mark:
        """Where the key at the end of a path stands."""
        return self.keys.get(path) or self.at(path)

    def inside(self, path: Path, offset: int) -> Mark:
        """Where a character of a one-line text stands; the text's start when it spans lines."""
        line, column = self.at(path)
        quotes = self.plain.get(path)
        return (line, column) if quotes is None else (line, column + quotes + offset)


def read_yaml(source: bytes, file: str) -> Document:
    """Never raises: what is wrong is in the document's faults, and its root is then None."""
    document = Document(file, [])
    if len(source) > LARGEST:
        document.fault(
            (1, 1), "too-large", f"the file is larger than {LARGEST // 1000} kB", "Split the survey."
        )
        return document
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = source[: error.start]
        mark = (before.count(b"\n") + 1, len(before.rpartition(b"\n")[2]) + 1)
        document.fault(mark, "not-utf8", "this byte is not UTF-8", "Save the file as UTF-8.")
        return document
    document.text, document.lines = text, text.splitlines()
    if not text.strip():
        document.fault((1, 1), "empty-file", "the file is empty", "Begin with `title:` and `sections:`.")
        return document
    _read(text, document)
    return document


def _read(text: str, document: Document) -> None:
    try:
        _look_ahead(text, document)
        if not document.faults:
            node = yaml.compose(text, _Loader)
            if node is None:
                document.fault(
                    (1, 1),
                    "empty-file",
                    "the file holds only comments",
                    "Begin with `title:` and `sections:`.",
                )
            else:
                document.root = _build(node, (), document)
    except yaml.YAMLError as error:
        document.root = None
        document.fault(*_yaml_fault(error, document))


def _look_ahead(text: str, document: Document) -> None:
    """Refuses what must not be composed: depth that would exhaust the stack, aliases, tags."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                document.fault(
                    _mark(event),
                    "too-deep",
                    f"more than {DEEPEST} levels of nesting",
                    "Check the indentation and brackets.",
                )
                return
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            document.fault(
                _mark(event), "yaml-alias", f"{sign}{event.anchor} is a YAML {'alias' if sign == '*' else 'anchor'}",
                f"Write the value out, or put the text in quotes if it begins with {sign}.",
            )  # fmt: skip
        if getattr(event, "tag", None):
            document.fault(
                _mark(event),
                "yaml-tag",
                f"{event.tag} is a YAML tag",
                "Leave it out, or put the text in quotes if it begins with !.",
            )


def _mark(node: Any) -> Mark:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _build(node: yaml.Node, path: Path, document: Document) -> Any:
    document.values[path] = _mark(node)
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, path, document))
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, index), document) for index, child in enumerate(node.value)]
    if node.start_mark.line == node.end_mark.line and node.style in (None, "'", '"'):
        document.plain[path] = 0 if node.style is None else 1
    return _CONSTRUCT[node.tag](node.value)


def _pairs(node: yaml.MappingNode, path: Path, document: Document) -> Iterator[tuple[Any, Any]]:
    first: dict[Any, Mark] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            document.fault(
                _mark(key_node),
                "yaml",
                "a list or mapping stands where a key belongs",
                "Put braces in a text in quotes.",
            )
            continue
        key = _CONSTRUCT[key_node.tag](key_node.value)
        if key in first:
            document.fault(
                _mark(key_node), "duplicate-key", f'"{key}" stands here again (first on line {first[key][0]})',
                "Give one of the two another name, or remove it.",
            )  # fmt: skip
            continue
        first[key] = _mark(key_node)
        document.keys[(*path, key)] = _mark(key_node)
        yield key, _build(value_node, (*path, key), document)


#: What libyaml says, and what it most often means in a survey.
_MEANINGS = (
    (r"cannot start any token", "a character that cannot begin a value", "Put the text in quotes. Indent with spaces, never tabs."),
    (r"mapping values are not allowed", "a second colon on the line, or a line indented too far", "Put a text that holds `: ` in quotes; check the indentation."),
    (r"could not find expected ':'", "a line without its colon", "Write `key: value`; indent the further lines of a text under it."),
    (r"unexpected end of stream|quoted scalar", "a quote that is never closed", "Close the quote."),
    (r"did not find expected (key|'-' indicator)", "a line that does not fit the lines around it", "Check the indentation: siblings begin in the same column. Quote a text that goes on after a closing quote."),
    (r"did not find expected (',' or|node)", "a bracket or brace that is not closed", "Close it, or put the text in quotes."),
    (r"expected a single document|did not find expected <document start>", "a second document in the file", "Remove the `---` or the lines that follow `...`."),
    (r"special characters|control characters|unacceptable character", "a control character", "Remove it."),
    (r"anchor|alias", "an anchor or alias (& or *)", "Put the text in quotes if it begins with & or *."),
)  # fmt: skip


def _yaml_fault(error: yaml.YAMLError, document: Document) -> tuple[Mark, str, str, str]:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = f"{getattr(error, 'problem', '') or getattr(error, 'reason', '') or error}"
    place = (mark.line + 1, mark.column + 1) if mark else _control_character(document)
    place = (min(place[0], max(len(document.lines), 1)), place[1])
    if _tab_indents(document, place[0]):
        return place, "yaml", "a tab in the indentation", "Indent with spaces."
    for pattern, what, remedy in _MEANINGS:
        if re.search(pattern, said) or re.search(pattern, str(getattr(error, "context", ""))):
            return place, "yaml", what, remedy
    return place, "yaml", said, "Check the indentation, colons and quotes here and on the line above."


def _tab_indents(document: Document, line: int) -> bool:
    nearby = document.lines[max(line - 2, 0) : line]
    return any("\t" in text[: len(text) - len(text.lstrip())] for text in nearby)


def _control_character(document: Document) -> Mark:
    for number, text in enumerate(document.lines, 1):
        for column, character in enumerate(text, 1):
            if (
                not character.isprintable()
                and character not in "\t\u00a0\u200b\u200c\u200d\u200e\u200f\ufeff"
            ):
                return number, column
    return 1, 1
