"""Texts of a survey: Markdown without HTML, with places for earlier answers (piping)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, pairwise

from markdown_it import MarkdownIt

# Private-use characters stand for a pipe while Markdown is rendered; a text may not hold them itself.
OPEN, CLOSE = "\ue000", "\ue001"
BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)?")
ENCODED = "%EE%80%80"  # OPEN within an address
MARKER = re.compile(f"{OPEN}([0-9]+){CLOSE}")
#: Plural categories of Unicode's CLDR; each language uses some of them, all use `other`.
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
FORM = re.compile(rf"\s*({'|'.join(CATEGORIES)})\s*:\s?(.*)", re.DOTALL)
UNKNOWN = "…"  # what is piped where there is no answer and nothing is said in its place

#: A text in which nothing means anything to Markdown or HTML, as most do: it need not be parsed.
UNMARKED = re.compile(r"""[^\\`*_\[\]<>&{}"\x00-\x1f\x7f\ue000\ue001\ud800-\udfff]*""")

# Images are left out because a picture from elsewhere would tell a third party who is answering.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_inline", "html_block"])


@dataclass(frozen=True, slots=True)
class Pipe:
    """A place in a text that takes an earlier answer: `{name}`, `{name|fallback}`, or with plural forms
    `{years|one: # year|other: # years|a while}`. What it says is plain text, never Markdown."""

    name: str
    forms: Mapping[str, str] = field(default_factory=dict)  # by plural category; # is the number
    fallback: str | None = None  # in place of a missing value
    source: str = ""  # what stands between the braces

    @property
    def plain(self) -> str:
        """How it reads where nothing is piped into it."""
        return self.forms["other"].replace("#", f"{{{self.name}}}") if self.forms else f"{{{self.name}}}"


class PipingFault(ValueError):
    """Braces that do not name an item; `offset` counts characters from the start of the text."""

    def __init__(self, what: str, offset: int):
        super().__init__(what)
        self.offset = offset


def pipes(source: str) -> list[tuple[Pipe, int]]:
    """The pipes of a text, each with its offset. Raises PipingFault."""
    if OPEN in source or CLOSE in source:
        raise PipingFault("the text contains a private-use character", 0)
    found = []
    for brace in BRACES.finditer(source):
        if brace[0] in ("{{", "}}"):
            continue
        if brace[1] is None:
            raise PipingFault(f"there is a single {brace[0]} in the text", brace.start())
        found.append((_pipe(brace[1], brace.start()), brace.start()))
    return found


def _pipe(source: str, offset: int) -> Pipe:
    name, *parts = source.split("|")
    if not NAME.fullmatch(name):
        raise PipingFault(f"{{{source}}} does not name an item", offset)
    forms: dict[str, str] = {}
    fallback = None
    for part in parts:
        form = FORM.fullmatch(part)
        if form and form[1] not in forms:
            forms[form[1]] = form[2]
        elif form or fallback is not None:
            said = f"says {form[1]} twice" if form else "has two texts for a missing answer"
            raise PipingFault(f"{{{source}}} {said}", offset)
        else:
            fallback = part
    if forms and "other" not in forms:
        raise PipingFault(f"{{{source}}} has no text for other numbers: add |other: ...", offset)
    return Pipe(name, forms, fallback, source)


def _pipe_or_words(source: str) -> Pipe:
    try:
        return _pipe(source, 0)
    except PipingFault:
        return Pipe(source, source=source)


def pipe_text(
    pipe: Pipe,
    value: str | float | None,
    format_number: Callable[[float], str],
    plural_category: Callable[[float], str],
) -> str:
    """What a pipe says, not yet escaped.

    `value` is a number, words (a label, a text, a date as the language writes it), or None where there is none.
    `format_number` writes a number and `plural_category` gives its CLDR category, both in the reader's language.
    The form `zero` is taken for 0 in every language, and `other` where a category has no form.
    """
    if value is None:
        return UNKNOWN if pipe.fallback is None else pipe.fallback
    if isinstance(value, str):
        return value
    category = "zero" if value == 0 and "zero" in pipe.forms else plural_category(value)
    form = pipe.forms.get(category, pipe.forms.get("other", "#"))
    return form.replace("#", format_number(value))


def _marked(source: str) -> str:
    """With a marker for each pipe, by its place, so that Markdown does not touch what it says."""
    places = count()

    def mark(brace: re.Match[str]) -> str:
        return brace[0][0] if brace[1] is None else f"{OPEN}{next(places)}{CLOSE}"

    return BRACES.sub(mark, source.replace(OPEN, "").replace(CLOSE, ""))


def _parts(html: str, found: Sequence[Pipe]) -> tuple[str | Pipe, ...]:
    pieces = MARKER.split(html)
    parts = (found[int(piece)] if odd % 2 else piece for odd, piece in enumerate(pieces))
    return tuple(part for part in parts if part != "")


@dataclass(frozen=True)
class Text:
    """Markdown as the researcher wrote it. Its parts are safe HTML and pipes."""

    source: str

    @cached_property
    def inline(self) -> tuple[str | Pipe, ...]:
        """As one line: no paragraphs, lists or headings."""
        if self.source.strip() and UNMARKED.fullmatch(self.source):
            return (self.source.strip(),)
        return _parts(MARKDOWN.renderInline(_marked(self.source.strip())).strip(), self.holes)

    @cached_property
    def block(self) -> tuple[str | Pipe, ...]:
        """As paragraphs and lists."""
        return _parts(MARKDOWN.render(_marked(self.source)).strip(), self.holes)

    @cached_property
    def holes(self) -> tuple[Pipe, ...]:
        """Its pipes, in the order in which they are written. In a text with faults they may name nothing."""
        braces = (brace[1] for brace in BRACES.finditer(self.source))
        return tuple(_pipe_or_words(inside) for inside in braces if inside is not None)

    @cached_property
    def pipes(self) -> tuple[str, ...]:
        """The names that it pipes."""
        return tuple(pipe.name for pipe in self.holes)

    @cached_property
    def plain(self) -> str:
        """Without markup, for titles, tables and files; a pipe reads as {name}, its plural forms as the last."""
        if UNMARKED.fullmatch(self.source):
            return " ".join(self.source.split())
        tokens = MARKDOWN.parseInline(_marked(self.source.strip()))
        children = [child for token in tokens for child in token.children or []]
        words = "".join(" " if c.type in ("softbreak", "hardbreak") else c.content for c in children)
        return MARKER.sub(lambda mark: self.holes[int(mark[1])].plain, " ".join(words.split()))

    def keeps_its_pipes(self) -> bool:
        """False when Markdown has put a pipe where no answer can stand, as in a link's address or title."""
        words = "".join("" if isinstance(part, Pipe) else part for part in self.block)
        within_tags = any(
            isinstance(part, Pipe) and isinstance(before, str) and before.rfind("<") > before.rfind(">")
            for before, part in pairwise(self.block)
        )
        shown = [part for part in self.block if isinstance(part, Pipe)]
        return shown == list(self.holes) and not within_tags and ENCODED not in words
