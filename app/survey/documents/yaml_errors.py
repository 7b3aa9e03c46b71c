"""What YAML's complaints most often mean in a survey, and where the slip really is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import yaml

#: What a line holds before its value: indentation, dashes, a key.
BEFORE_VALUE = re.compile(r"\s*(?:- +)*(?:[\w.-]+:\s+)?")
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CUT = re.compile(r"\s(#[^\s#])")  # `Reason #1` is the text `Reason` and a comment, which nobody means
HIDDEN = "the text ends before this #: the rest of the line is a comment"
LONGEST_SHOWN = 60  # characters of a corrected line


class Slip(NamedTuple):
    """A slip of YAML. `line` and `column` count from 1."""

    line: int
    column: int
    what: str
    remedy: str


class _Complaint(NamedTuple):
    """What libyaml says: lines and columns count from 0. `opened` is where the unfinished part begins."""

    lines: Sequence[str]
    problem: str
    context: str
    line: int
    column: int
    opened: tuple[int, int]

    @property
    def text(self) -> str:
        return self.lines[self.line] if self.line < len(self.lines) else ""

    def here(self, what: str, remedy: str) -> Slip:
        return Slip(self.line + 1, self.column + 1, what, remedy)

    def where_it_opened(self, what: str, remedy: str) -> Slip:
        return Slip(self.opened[0] + 1, self.opened[1] + 1, what, remedy)


def slip(error: yaml.YAMLError, lines: Sequence[str]) -> Slip:
    """The slip behind an error of the parser, in the lines of the file."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _unprintable(lines)
    context = getattr(error, "context_mark", None) or mark
    last = max(len(lines) - 1, 0)
    said = _Complaint(
        lines,
        str(getattr(error, "problem", "") or ""),
        str(getattr(error, "context", "") or ""),
        *_inside(mark, last),
        _inside(context, last),
    )
    return _tab(said) or next(found for explain in _EXPLANATIONS if (found := explain(said)))


def _inside(mark: yaml.Mark, last: int) -> tuple[int, int]:
    """A mark's line and column; the end of a file may lie below its last line."""
    return (mark.line, mark.column) if mark.line <= last else (last, 0)


def unquoted(lines: Sequence[str], line: int, column: int) -> Slip:
    """A text that begins, at this place, with a character that means something to YAML."""
    text = lines[line] if line < len(lines) else ""
    sign = text[column : column + 1]
    return Slip(line + 1, column + 1, f"a text that begins with {sign} has no quotes", mended(text))


def mended(line: str) -> str:
    """How the line reads with its value in quotes."""
    before = BEFORE_VALUE.match(line)
    start = before.end() if before else 0
    value = line[start:].strip()
    if value[:1] in ("'", '"') and value[-1] == value[0] and value.count(value[0]) % 2:
        value = value[1:-1]  # the quotes are there, and one of the same kind stands between them
    plain = '"' not in value and "\\" not in value
    quoted = f'"{value}"' if plain else "'" + value.replace("'", "''") + "'"
    written = f"{line[:start].strip()} {quoted}".strip()
    return f"Write {written}" if len(written) <= LONGEST_SHOWN else "Put the whole text in quotes."


def _unprintable(lines: Sequence[str]) -> Slip:
    for number, text in enumerate(lines, 1):
        found = UNPRINTABLE.search(text)
        if found:
            return Slip(
                number, found.start() + 1, f"a control character, U+{ord(found[0]):04X}", "Remove it."
            )
    return Slip(1, 1, "a control character", "Remove it.")


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _tab(said: _Complaint) -> Slip | None:
    for number in (said.line, said.line - 1):
        text = said.lines[number] if 0 <= number < len(said.lines) else ""
        tab = text[: _indent(text)].find("\t")
        if tab >= 0:
            return Slip(number + 1, tab + 1, "a tab in the indentation", "Indent with spaces.")
    return None


def _character(said: _Complaint) -> Slip | None:
    if re.search(r"cannot start any token", said.problem):
        return unquoted(said.lines, said.line, said.column)
    if re.search(r"alias|anchor|tag|block scalar", said.context):
        return unquoted(said.lines, *said.opened)
    if "directive" in said.context or "YAML document" in said.problem:
        remedy = "Remove the line; put a text that begins with % in quotes, after its key."
        return said.where_it_opened("a line that begins with %", remedy)
    return None


_NEVER_CLOSED = (
    "a quote that is never closed",
    "Close it; put a text that contains one kind of quote, or begins with an apostrophe, in the other kind.",
)


def _quote(said: _Complaint) -> Slip | None:
    if "quoted scalar" not in said.context:
        return None
    if "escape" in said.problem or "hexdec" in said.problem:
        remedy = "Write the backslash twice, or put the text in single quotes."
        return said.here("an invalid backslash inside double quotes", remedy)
    return said.where_it_opened(*_NEVER_CLOSED)


def _colon(said: _Complaint) -> Slip | None:
    if "mapping values are not allowed" not in said.problem:
        return None
    before = said.text[: said.column]
    if re.search(r":\s", before):
        return said.here("a second colon on the line", mended(said.text))
    above = next((n for n in range(said.line - 1, -1, -1) if said.lines[n].strip()), None)
    return _line_above(said, above) if above is not None else None


def _line_above(said: _Complaint, above: int) -> Slip:
    """A key that cannot stand where it does, because of the line above it."""
    text, deep = said.lines[above], _indent(said.text)
    glued = re.match(r"\s*(?:- )?[\w.-]+:(?=\S)", text)
    if glued:
        remedy = f"Write {text[: glued.end()].strip()} {text[glued.end() :].strip()[:LONGEST_SHOWN]}"
        return Slip(above + 1, glued.end(), "no space after the colon", remedy)
    if ":" not in text and _indent(text) == deep and not _goes_on(said.lines, above):
        word, _, rest = text.strip().partition(" ")
        remedy = f"Write {word}: {rest.strip()[:LONGEST_SHOWN]}".rstrip()
        return Slip(above + 1, _indent(text) + 1, "a line without its colon", remedy)
    if deep > _indent(text) and re.match(r"\s*(?:- )?[\w.-]+:\s", text):
        remedy = (
            f"Begin it in column {_indent(text) + 1}; "
            "or, if it continues the text above, put that text in quotes."
        )
        return Slip(said.line + 1, deep + 1, "a line indented further than the one above", remedy)
    return said.here(
        "a colon inside a text over several lines", "Put the whole text in quotes, or write it after >-."
    )


def _goes_on(lines: Sequence[str], number: int) -> bool:
    """Whether a line goes on with a value that began on the line above it."""
    above = lines[number - 1] if number else ""
    return _indent(above) < _indent(lines[number]) and bool(re.search(r":\s+\S", above))


def _no_colon(said: _Complaint) -> Slip | None:
    if "could not find expected ':'" not in said.problem:
        return None
    return said.where_it_opened(
        "a line without its colon", "Write `key: value`; indent the further lines of a text under its key."
    )


def _sibling(said: _Complaint) -> Slip | None:
    """A line, or the rest of one, that does not belong to the mapping or list around it."""
    if not re.search(r"expected (key|'-' indicator)", said.problem):
        return None
    start = _indent(said.text)
    if said.column > start:
        before = BEFORE_VALUE.match(said.text)
        value = before.end() if before else start
        return _earlier_quote(said, value) or unquoted(
            said.lines, said.line, value if value < said.column else said.column
        )
    column, first = said.opened[1] + 1, said.opened[0] + 1
    if start + 1 != column:
        what = (
            f"this line begins in column {start + 1}; those around it (from line {first}) in column {column}"
        )
        return Slip(said.line + 1, start + 1, what, "Begin lines of one level in the same column.")
    if said.text.lstrip().startswith("- "):
        return said.here("a dash among lines without one", "Remove the dash: it is only for lists.")
    return said.here(
        f"a line that does not match those from line {first} on",
        "Write `key: value`, all with a dash or all without.",
    )


def _earlier_quote(said: _Complaint, value: int) -> Slip | None:
    """A quote that seems to open a value but closes one opened, and left open, on a line before."""
    sign = said.text[value : value + 1]
    if sign not in ("'", '"') or sign in said.text[value + 1 : said.column]:
        return None
    for number in range(said.line - 1, -1, -1):
        before = BEFORE_VALUE.match(said.lines[number])
        if before and said.lines[number][before.end() :].startswith(sign):
            return Slip(number + 1, before.end() + 1, *_NEVER_CLOSED)
    return None


def _bracket(said: _Complaint) -> Slip | None:
    if "flow" not in said.context and "expected node" not in said.problem:
        return None
    remedy = "Close it, put a comma between its parts, or put the text in quotes."
    if said.opened[0] == said.line and said.column > said.opened[1]:
        return said.here("a comma or a closing bracket is missing before this", remedy)
    line, column = said.opened
    text = said.lines[line]
    if text[column : column + 1] == "?":
        written = re.split(r"[,}\]]", text[column:])[0].strip()
        return Slip(line + 1, column + 1, "a text that begins with ? has no quotes", f'Write "{written}"')
    hidden = CUT.search(text, column)
    if hidden:
        quoted = "Put the text that contains it in quotes; in a comment, write a space after the #."
        return Slip(line + 1, hidden.start(1) + 1, HIDDEN, quoted)
    return said.where_it_opened("a bracket that is not closed", remedy)


def _document(said: _Complaint) -> Slip | None:
    if not re.search(r"another document|document start", said.problem):
        return None
    for number, text in enumerate(said.lines[: said.line], 1):
        if text.startswith("%"):
            return Slip(number, 1, "a line that begins with %", "Remove it.")
    return said.here(
        "a second document in the file", "Remove the `---` or the `...`: a file contains one survey."
    )


def _whatever(said: _Complaint) -> Slip:
    what = " ".join(f"{said.problem} {said.context}".split())
    return said.here(what, "Check the indentation, colons and quotes here and on the line above.")


_EXPLANATIONS = (_character, _quote, _colon, _no_colon, _sibling, _bracket, _document, _whatever)
