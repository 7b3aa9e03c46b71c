"""Texts of a survey: Markdown without HTML, with places for earlier answers (piping)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from markdown_it import MarkdownIt

# Private-use characters stand for a pipe while Markdown is rendered; a text may not hold them itself.
OPEN, CLOSE = "\ue000", "\ue001"
BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)?")
MARKER = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")

# Images are left out because a picture from elsewhere would tell a third party who is answering.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_inline", "html_block"])


class Pipe(NamedTuple):
    """A place in a text that takes an earlier answer."""

    name: str


class PipingFault(ValueError):
    """Braces that do not name an item; `offset` counts characters from the start of the text."""

    def __init__(self, what: str, offset: int):
        super().__init__(what)
        self.offset = offset


def pipes(source: str) -> list[tuple[str, int]]:
    """The names that a text pipes, each with its offset. Raises PipingFault."""
    if OPEN in source or CLOSE in source:
        raise PipingFault("the text holds a private-use character", 0)
    found = []
    for brace in BRACES.finditer(source):
        if brace[0] in ("{{", "}}"):
            continue
        name = brace[1]
        if name is None:
            raise PipingFault(f"a single {brace[0]} stands in the text", brace.start())
        if not NAME.fullmatch(name):
            raise PipingFault(f"{{{name}}} does not name an item", brace.start())
        found.append((name, brace.start()))
    return found


def _marked(source: str) -> str:
    literal = {"{{": "{", "}}": "}"}
    return BRACES.sub(lambda brace: literal.get(brace[0]) or f"{OPEN}{brace[1]}{CLOSE}", source)


def _parts(html: str) -> tuple[str | Pipe, ...]:
    pieces = MARKER.split(html)
    parts = (Pipe(piece) if odd % 2 else piece for odd, piece in enumerate(pieces))
    return tuple(part for part in parts if part != "")


@dataclass(frozen=True)
class Text:
    """Markdown as the researcher wrote it. Its parts are safe HTML and pipes."""

    source: str

    @cached_property
    def inline(self) -> tuple[str | Pipe, ...]:
        """As one line: no paragraphs, lists or headings."""
        return _parts(MARKDOWN.renderInline(_marked(self.source.strip())).strip())

    @cached_property
    def block(self) -> tuple[str | Pipe, ...]:
        """As paragraphs and lists."""
        return _parts(MARKDOWN.render(_marked(self.source)).strip())

    @cached_property
    def pipes(self) -> tuple[str, ...]:
        return tuple(name for name, _ in pipes(self.source))

    @cached_property
    def plain(self) -> str:
        """Without markup, for titles, tables and files; a pipe reads as {name}."""
        tokens = MARKDOWN.parseInline(_marked(self.source.strip()))
        children = [child for token in tokens for child in token.children or []]
        words = "".join(" " if c.type in ("softbreak", "hardbreak") else c.content for c in children)
        return MARKER.sub(r"{\1}", " ".join(words.split()))

    def keeps_its_pipes(self) -> bool:
        """False when Markdown has swallowed a pipe, as it does inside a link's address."""
        shown = [part.name for part in self.block if isinstance(part, Pipe)]
        return shown == list(self.pipes)
