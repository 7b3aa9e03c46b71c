"""YAML with places: plain values, and where each of them stands in the file."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import yaml

from app.survey.documents.yaml_errors import CUT, HIDDEN, LONGEST_SHOWN, mended, slip, unquoted
from app.survey.faults import Fault, plural, printable, severity_of

LARGEST = 1_000_000  # bytes of a survey file
DEEPEST = 12  # levels of nesting; the language needs nine
MOST_FAULTS = 200  # errors, and as many warnings, that are listed for one file
MORE_FAULTS = "Correct or accept the listed ones, then check again."
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # as YAML counts lines
ACCEPTING = re.compile(r"#\s+ok:(.*)")  # `# ok: long-text, no-way-out`
TEXT = "tag:yaml.org,2002:str"
WORD = re.compile(r"[\w.]+|\S")
Path = tuple[Any, ...]
Mark = tuple[int, int]  # line and column, from 1


class MarkElsewhere(tuple[int, int]):
    """A mark in another file than the document's own: of a text that was taken from there."""

    file: str

    @classmethod
    def of(cls, mark: Mark, file: str) -> MarkElsewhere:
        made = cls(mark)
        made.file = file
        return made


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


class WrittenInt(int):
    """A number that knows how it was written: as a label, `+1` is a text."""

    written = ""

    def __str__(self) -> str:
        return self.written


class WrittenFloat(float):
    """As WrittenInt: `1.50` is not `1.5` when it is a label."""

    written = ""

    def __str__(self) -> str:
        return self.written


def _number(kind: type[WrittenInt] | type[WrittenFloat]) -> Callable[[str], Any]:
    def construct(text: str) -> Any:
        number = kind(text)
        number.written = text
        return number

    return construct


_CONSTRUCT: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:null": lambda text: None,
    "tag:yaml.org,2002:bool": lambda text: text == "true",
    "tag:yaml.org,2002:int": _number(WrittenInt),
    "tag:yaml.org,2002:float": _number(WrittenFloat),
    "tag:yaml.org,2002:str": lambda text: text if text.isascii() else unicodedata.normalize("NFC", text),
}


@dataclass
class Document:
    """The values of a file and the place of each, by its path of keys and indices.

    `keys` gives where a mapping's key stands, `values` where its value begins, and `spans` which part of
    `text` a scalar is read from, and as what.
    """

    file: str
    lines: list[str]
    text: str = ""
    root: Any = None
    keys: dict[Path, Mark] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)
    spans: dict[Path, tuple[int, int, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _listed: Counter[tuple[str, str]] = field(default_factory=Counter)  # by file and severity
    _omitted: Counter[tuple[str, str]] = field(default_factory=Counter)
    _summary: dict[str, int] = field(default_factory=dict)  # where in `faults` a file's omissions are counted

    def fault(self, mark: Mark, code: str, what: str, remedy: str) -> None:
        """Lists an error or a warning; those beyond MOST_FAULTS of a file are only counted."""
        file, severity = self._file_of(mark), severity_of(code)
        if self.is_full(file, severity):
            self.omit(mark, severity)
            return
        self._listed[file, severity] += 1
        self.faults.append(Fault(file, *mark, code, printable(what), printable(remedy)))

    def _file_of(self, mark: Mark) -> str:
        return mark.file if isinstance(mark, MarkElsewhere) else self.file

    def is_full(self, file: str, severity: str) -> bool:
        """Whether no more of these are listed."""
        return self._listed[file, severity] >= MOST_FAULTS

    def omit(self, mark: Mark, severity: str, count: int = 1) -> None:
        """Counts errors or warnings that are not listed, in one warning at the place of the first of them."""
        file = self._file_of(mark)
        self._omitted[file, severity] += count
        both = [(self._omitted[file, "error"], "fault"), (self._omitted[file, "warning"], "warning")]
        what = " and ".join(plural(number, f"more {word}") for number, word in both if number)
        what += " is not listed" if sum(number for number, _ in both) == 1 else " are not listed"
        at = self._summary.setdefault(file, len(self.faults))
        if at == len(self.faults):
            self.faults.append(Fault(file, *mark, "more-faults", what, MORE_FAULTS))
        self.faults[at] = replace(self.faults[at], what=what)

    def accepts(self, mark: Mark, code: str, path: Path = ()) -> bool:
        """Whether a comment accepts a warning, such as `# ok: long-text`: on its line, on the line of a key, an item or a
        section that it is in, or above the first key of the file."""
        lines = {mark[0], *(self.keys[path[:end]][0] for end in range(1, len(path) + 1) if path[:end] in self.keys)}
        return code in self.accepted.get(0, ()) or any(code in self.accepted.get(line, ()) for line in lines)

    @cached_property
    def accepted(self) -> dict[int, frozenset[str]]:
        """The codes that are accepted on each line; on line 0 those of the comments above the first key."""
        first = min((mark[0] for path, mark in self.keys.items() if len(path) == 1), default=1)
        found: dict[int, frozenset[str]] = {}
        for (line, _), code in self.accepting():
            at = 0 if line < first else line
            found[at] = found.get(at, frozenset()) | {code}
        return found

    def accepting(self) -> Iterator[tuple[Mark, str]]:
        """Every code in a comment that accepts warnings, with its place."""
        for number, line in enumerate(self.lines, 1):
            comment = ACCEPTING.search(line) if "#" in line else None
            for word in re.finditer(r"[a-z][a-z-]+", comment[1]) if comment else ():
                yield (number, comment.start(1) + word.start() + 1), word[0]

    def at(self, path: Path) -> Mark:
        """Where the value at a path stands; where its nearest parent stands when it is not there."""
        while path and path not in self.keys and path not in self.values:
            path = path[:-1]
        return self.values.get(path) or self.keys.get(path) or (1, 1)

    def key(self, path: Path) -> Mark:
        """Where the key at the end of a path stands."""
        return self.keys.get(path) or self.at(path)

    def inside(self, path: Path, offset: int) -> Mark:
        """Where a character of a text stands, even where quotes, escapes or folding change what is read."""
        mark = self.at(path)
        if path not in self.spans:
            return mark
        start, end, value = self.spans[path]
        word = WORD.match(value, offset)
        if word is None:
            return mark
        begin = place = start + (self.text[start] in "'\"")
        # The word stands in the file as often before this place as it does in the text.
        for _ in range(value[:offset].count(word[0])):
            place = self.text.find(word[0], place, end) + len(word[0])
        place = self.text.find(word[0], place, end)
        return mark if place < begin else moved((mark[0], mark[1] + begin - start), self.text[begin:place])


def moved(mark: Mark, passed: str) -> Mark:
    """A mark after the characters of a text."""
    breaks = list(LINE_BREAK.finditer(passed))
    if not breaks:
        return mark[0], mark[1] + len(passed)
    return mark[0] + len(breaks), len(passed) - breaks[-1].end() + 1


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
        before = source[: error.start].decode("utf-8-sig")
        mark = moved((1, 1), before)
        document.fault(mark, "not-utf8", "these bytes are not UTF-8", "Save the file as UTF-8.")
        return document
    document.text, document.lines = text, LINE_BREAK.split(text)
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
                    "the file contains only comments",
                    "Begin with `title:` and `sections:`.",
                )
            else:
                document.root = _build(node, (), document)
    except yaml.YAMLError as error:
        document.root = None
        line, column, what, remedy = slip(error, document.lines)
        document.fault((line, column), "yaml", what, remedy)


def composed(text: str) -> yaml.Node | None:
    """The nodes of a text that `read_yaml` found no fault in, each with where it begins and ends."""
    return yaml.compose(text, _Loader)


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
        for code, what in _unwanted(event):
            if document.is_full(document.file, "error"):
                document.omit(_mark(event), "error")
                continue
            found = unquoted(document.lines, event.start_mark.line, event.start_mark.column)
            document.fault(_mark(event), code, what, found.remedy)


def _unwanted(event: yaml.Event) -> Iterator[tuple[str, str]]:
    """The parts of YAML that the language leaves out."""
    if isinstance(event, yaml.AliasEvent):
        yield "yaml-alias", f"*{event.anchor} is an alias in YAML"
    elif getattr(event, "anchor", None):
        yield "yaml-alias", f"&{event.anchor} is an anchor in YAML"
    if getattr(event, "tag", None):
        yield "yaml-tag", f"{event.tag.replace('tag:yaml.org,2002:', '!!')} is a tag in YAML"


def _mark(node: Any) -> Mark:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _build(node: yaml.Node, path: Path, document: Document) -> Any:
    document.values[path] = _mark(node)
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, path, document))
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, index), document) for index, child in enumerate(node.value)]
    document.spans[path] = node.start_mark.index, node.end_mark.index, node.value
    if not node.style and node.tag == TEXT:
        _check_hash(node.end_mark, document)
    return _CONSTRUCT[node.tag](node.value)


def _check_hash(end: yaml.Mark, document: Document) -> None:
    line = document.lines[end.line] if end.line < len(document.lines) else ""
    hidden = CUT.search(line, max(end.column - 1, 0))
    if hidden and not line[end.column : hidden.start(1)].strip():
        remedy = f"{mended(line)}; in a comment, write a space after the #."
        document.fault((end.line + 1, hidden.start(1) + 1), "cut-text", HIDDEN, remedy)


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == TEXT and not node.style and bool(node.value)


def _continues(key_node: yaml.Node, value_node: yaml.Node, key: Any, path: Path, document: Document) -> bool:
    """Whether a key between braces, without a colon after it, is the rest of the text before it, which a comma ends.
    The points of a scale may have no labels."""
    if not isinstance(key, str) or key_node.end_mark.index < value_node.end_mark.index or key_node.style:
        return False
    is_point = (path[-1:] == ("scale",) or path[:1] == ("scales",)) and re.fullmatch(r"\w+", key)
    return not is_point and document.text[key_node.end_mark.index :].lstrip()[:1] in (",", "}")


def _tell_comma(text: yaml.Node, rest: yaml.Node, document: Document) -> None:
    """Reports where a text was cut, once for all its commas."""
    begin = text.start_mark.index
    comma = text.end_mark.index
    mark = _mark(text)[0], _mark(text)[1] + comma - begin
    if document.faults and document.faults[-1].code == "cut-text" and (document.faults[-1].line, document.faults[-1].column) == mark:
        document.faults.pop()
    written = " ".join(document.text[begin : rest.end_mark.index].split())
    quoted = f'"{written}"' if '"' not in written and "\\" not in written else "'" + written.replace("'", "''") + "'"
    remedy = f"Write {quoted}" if len(quoted) <= LONGEST_SHOWN else "Put the whole text in quotes."
    document.fault(mark, "cut-text", "between braces, a text without quotes ends at a comma", remedy)


def key_of(node: yaml.Node, text: str) -> str | int:
    """Keys are words, or the whole numbers that serve as codes: `true`, `~` and `{a: b}` are nothing else here."""
    if not isinstance(node, yaml.ScalarNode):
        return text[node.start_mark.index : node.end_mark.index]
    return int(node.value) if node.tag == "tag:yaml.org,2002:int" else node.value


def _pairs(node: yaml.MappingNode, path: Path, document: Document) -> Iterator[tuple[Any, Any]]:
    first: dict[Any, Mark] = {}
    text: yaml.Node | None = None  # the last value, where a comma may have cut it
    for key_node, value_node in node.value:
        key = key_of(key_node, document.text)
        if text is not None and _continues(key_node, value_node, key, path, document):
            _tell_comma(text, key_node, document)
            continue
        text = value_node if _is_plain(value_node) and node.flow_style else None
        if key in first:
            document.fault(
                _mark(key_node), "duplicate-key", f'"{key}" is repeated here (first on line {first[key][0]})',
                "Rename or remove one of the two.",
            )  # fmt: skip
            continue
        first[key] = _mark(key_node)
        document.keys[(*path, key)] = _mark(key_node)
        yield key, _build(value_node, (*path, key), document)
