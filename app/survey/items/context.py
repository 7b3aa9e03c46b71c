"""What every part of a survey needs to make sense of itself: its place, its names, its texts and conditions."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.survey.codes import SAME_AS
from app.survey.conditions.language import RESERVED, Condition, parse_condition
from app.survey.conditions.types import ConditionFault, UnsoundItem
from app.survey.documents.places import Document, Path
from app.survey.faults import did_you_mean, one_of
from app.survey.items.answer import Answer, Shuffle
from app.survey.items.base import Item
from app.survey.model import Computed, Drawn, Vignette
from app.survey.other_tools import pipe_of
from app.survey.scope import TODAY, Scope, answer_of_language
from app.survey.texts import BRACES, Pipe, PipingFault, Text, pipes

LONGEST_ID = 63  # characters, as PostgreSQL has it
ID = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST_ID - 1}}}")
#: Words that the addresses of a survey's pages need for themselves.
RESERVED_SECTIONS = ("submit", "done", "begin", "forget")
RESERVED_ITEMS = (
    *RESERVED, "true", "false", "entry", "token", "version", "shown", "asked", "confirmed", *keyword.kwlist
)  # fmt: skip
RESERVED_CODES = ("true", "false", "null")  # what reads the data would take them for something else
CODED = ("option", "point", "arm", "level", "band")
LARGEST_CODE = 10_000
MOST_OPTIONS = 500
TOO_MANY = "Ask in two steps, such as the region before the place; or let it be written, with `type: text`."


def a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


@dataclass(frozen=True, slots=True)
class Entry:
    """Of what is asked several times, the one that is being read: an option of another item, or a roster's entry."""

    suffix: str  # of the ids of its sections and items
    label: str | None  # what {entry} inserts, in Markdown; None where the entry has no name yet
    number: int
    ids: frozenset[str] = frozenset()  # of the items that are asked for each entry, as written
    prefix: str = ""  # of the ids of a vignette's levels and ratings
    prefixed: frozenset[str] = frozenset()  # those, as written

    def named(self, base: str) -> str:
        """The id that an item written as `base` has for this entry."""
        if base in self.prefixed:
            return f"{self.prefix}{base}{self.suffix}"
        return f"{base}{self.suffix}" if base in self.ids else base


class SurveyContext:
    """The survey as it is read from top to bottom: what has been asked so far, and what each name means.

    `survey` is a `source.shape.SurveyShape`. It is read twice. The first time (`rehearsing`) only finds out which names there will be.
    """

    def __init__(self, document: Document, survey: Any, broken: frozenset[str]):
        self.document, self.survey, self.broken = document, survey, broken
        self.rehearsing = True
        self.muted = False  # what is asked several times is found fault with once
        self.designs: dict[str, Any] = {}  # of vignettes that are dealt already
        self.everything: dict[str, Answer] = {}  # what the rehearsal has found
        self.computed: list[tuple[Answer, Computed]] = []
        self.given: dict[str, Answer] = {"today": TODAY}  # what is known from the beginning
        if len(survey.languages) > 1:
            self.given["language"] = answer_of_language(survey.languages)
        self.notes = frozenset(
            str(name)
            for section in survey.sections.values()
            for name, item in section.items.items()
            if not item.is_asked
        )
        self.start()

    def start(self) -> None:
        """Goes back to the top of the survey."""
        self.before: dict[str, Answer] = {}  # what the items before this one can be called
        self.on_earlier_pages: set[str] = set()
        self.beside: dict[str, Answer] = {}  # texts beside options, which only texts can use
        self.items: dict[str, Item] = {}
        self.rosters: dict[str, list[tuple[Entry, Condition | None]]] = {}
        self.loops: dict[str, set[str]] = {}  # what was asked for each entry of an item or roster, as written
        self.first: dict[str, Path] = {}  # where each item's id is written
        self.doubled: set[str] = set()
        self.collisions: set[tuple[Path, Path]] = set()  # places that give two things one name, reported once
        self.drawn: list[Drawn] = []
        self.vignettes: list[Vignette] = []
        self.shuffle: Shuffle | None = None  # of the sections
        self.same_as: dict[str, str] = {}  # by the names of items and of computed values
        self.scale_same_as: dict[str, str] = {}
        self.scale_poles: dict[str, bool] = {}
        self.flips: dict[str, Condition] = {}  # by item: when its scales are shown in the reverse order
        self.flip_of_scale: dict[Path, Condition | None] = {}  # by where it is written
        self.entry: Entry | None = None
        self.page_gate: Condition | None = None  # under which the page that is being read is shown
        self.gated: dict[str, Condition | None] = {}  # of items that are not asked of everyone: their own condition
        self.used: set[str] = set()  # whose answers the part that is being read depends on
        self.piped_names: set[str] = set()  # that some text pipes
        self.uses_today = False
        self.all_ids = {str(name) for section in self.survey.sections.values() for name in section.items}
        self.all_ids |= {name.split(".")[0] for name in self.everything}

    # faults

    def fault(
        self, path: Path, code: str, what: str, remedy: str, key: bool = False, always: bool = False
    ) -> None:
        """`always` is for what may be wrong for one entry alone of those that are read."""
        mark = self.document.key(path) if key else self.document.at(path)
        self.fault_at(mark, code, what, remedy, always)

    def fault_at(
        self, mark: tuple[int, int], code: str, what: str, remedy: str, always: bool = False
    ) -> None:
        if not self.rehearsing and (always or not self.muted):
            self.document.fault(mark, code, what, remedy)

    def warn(self, path: Path, code: str, what: str, remedy: str, key: bool = False) -> None:
        self.warn_at(self.document.key(path) if key else self.document.at(path), path, code, what, remedy)

    def warn_at(self, mark: tuple[int, int], path: Path, code: str, what: str, remedy: str) -> None:
        """As `fault_at`, unless a comment accepts it."""
        if not self.document.accepts(mark, code, path):
            self.fault_at(mark, code, what, remedy)

    def check_id(self, path: Path, name: Any, what: str, reserved: Sequence[str] = ()) -> None:
        if not isinstance(name, str) or not ID.fullmatch(name):
            kind = "code" if what in CODED else "id"
            remedy = "Use lower-case letters, digits and underscores, beginning with a letter"
            remedy += ", or a whole number." if what in CODED else "."
            is_long = isinstance(name, str) and len(name) > LONGEST_ID
            if is_long:
                remedy = f"Use at most {LONGEST_ID} characters; 32 or fewer also fit into Stata."
            shown = f"{str(name)[:20]}…" if is_long else name
            why = f": it has {len(name)} characters" if is_long else ""
            self.fault(path, "bad-id", f'"{shown}" cannot be the {kind} of {a(what)}{why}', remedy, key=True)
        elif name in reserved or name == SAME_AS:
            self.fault(
                path,
                "reserved-id",
                f'"{name}" is a reserved word',
                f"Give the {what} another id, such as {name}_1.",
                key=True,
            )

    def check_codes(self, path: Path, codes: dict[Any, Path], what: str) -> None:
        """`codes` gives the place of each."""
        if len(codes) < 2:
            self.fault(
                path,
                "too-few",
                f"there {'is one' if codes else 'is no'} {what} to choose from",
                "Give two or more.",
            )
        if len(codes) > MOST_OPTIONS:
            self.fault(path, "too-large", f"there are more than {MOST_OPTIONS} {what}s", TOO_MANY)
        for code, place in codes.items():
            if not isinstance(code, int):
                self.check_id(place, code, what, RESERVED_CODES)
            elif abs(code) > LARGEST_CODE:
                remedy = f"Use a number between -{LARGEST_CODE} and {LARGEST_CODE}."
                self.fault(place, "bad-value", f"{code} is too large for a code", remedy, key=True)
        if len({isinstance(code, int) for code in codes}) == 2:
            first = isinstance(next(iter(codes)), int)
            odd = next(code for code in codes if isinstance(code, int) is not first)
            self.fault(
                codes[odd],
                "bad-value",
                f"some {what}s have numbers as codes and some have words",
                "Use one kind throughout.",
                key=True,
            )

    # what is asked several times

    @contextmanager
    def reading(self, entry: Entry) -> Iterator[None]:
        """Reads a part for one entry; all but the first of them find no fault."""
        self.entry, muted = entry, self.muted
        self.muted = muted or entry.number > 1
        try:
            yield
        finally:
            self.entry, self.muted = None, muted

    def named(self, base: str) -> str:
        """The id that an item written as `base` has here."""
        return self.entry.named(base) if self.entry else base

    def as_written(self, name: str) -> str:
        """What an item of this entry is called in the file."""
        if self.entry is None:
            return name
        return next((base for base in self.entry.ids if self.entry.named(base) == name), name)

    # texts

    def text(self, path: Path, source: str | None) -> Text | None:
        return None if source is None else self.said(path, source)

    def said(self, path: Path, source: str) -> Text:
        text = Text(source)
        if self.rehearsing or ("{" not in source and "}" not in source):
            return text
        try:
            found = pipes(source)
        except PipingFault as error:
            self.fault_at(
                self.document.inside(path, error.offset), "bad-piping", str(error), pipe_of(source, error.offset) or
                "To pipe an answer, write its item's id, {like_this}; for a literal brace, write {{ or }}.",
            )  # fmt: skip
            return text
        for pipe, offset in found:
            self.check_pipe(path, pipe, offset)
        if found and not text.keeps_its_pipes():
            self.fault(
                path,
                "bad-piping",
                "an answer is piped into the address of a link",
                "Pipe only into the visible words of a text.",
            )
        return Text(BRACES.sub(self.piped, source)) if self.entry else text

    def piped(self, brace: re.Match[str]) -> str:
        """A pipe as it is for this entry."""
        name, bar, rest = (brace[1] or "").partition("|")
        if self.entry is None or brace[1] is None:
            return brace[0]
        if name == "entry":
            return self.entry.label or brace[0]
        if name == "entry.number":
            return str(self.entry.number)
        item, dot, part = name.partition(".")
        return f"{{{self.named(item)}{dot}{part}{bar}{rest}}}"

    def check_pipe(self, path: Path, pipe: Pipe, offset: int) -> None:
        mark, written = self.document.inside(path, offset), pipe.name
        if written.split(".")[0] == "entry":
            self.check_entry(mark, written)
            return
        item, dot, part = written.partition(".")
        item = self.named(item)
        name = f"{item}{dot}{part}"
        known = self.known()
        answer = known.get(name) or self.beside.get(name)
        if item in self.broken or written.split(".")[0] in self.broken:
            return
        self.used.add(answer.beside if answer and answer.beside else name)
        self.piped_names.add(name)
        if item in self.notes:
            self.fault_at(
                mark, "bad-piping", f'"{item}" is a note, which has no answer', "Pipe an item that has an answer."
            )
        elif answer is not None and answer.part_names:
            self.fault_at(
                mark,
                "bad-piping",
                f'"{written}" is {"asked several times" if answer.kind == "loop" else "a matrix"}',
                f"Pipe one of its {'answers' if answer.kind == 'loop' else 'statements'}: {one_of(answer.part_names)}.",
            )
        elif answer is not None and pipe.forms and answer.kind != "number":
            self.fault_at(
                mark, "bad-piping", f'"{written}" is not a number, so it has no plural forms',
                f"Write {{{written}}}, or {{{written}|...}} with a text for a missing answer.",
            )  # fmt: skip
        elif answer is not None and not self.is_on_an_earlier_page(name):
            self.fault_at(
                mark,
                "piping-asked-later",
                f'"{written}" is asked on the same page',
                "Move the item that pipes it to a later section.",
            )
        elif answer is None and part and item in self.items:
            beside = [each for each in self.beside if each.startswith(f"{item}.")]
            remedy = f"Write {one_of(f'{{{each}}}' for each in beside)}." if beside else f"Write {{{item}}}."
            if dot and any(option.code == part for option in getattr(self.items[item], "options", ())):
                remedy = f"Write {{{item}}}, or add `please_say: true` to the option to pipe the text beside it."
            self.fault_at(mark, "piping-unknown-name", f'"{item}" has no part "{part}"', remedy)
        elif answer is None and (item in self.all_ids or name in self.computed_names()):
            self.fault_at(
                mark,
                "piping-asked-later",
                f'"{written}" is not {"known" if name in self.computed_names() else "asked"} before this page',
                "Pipe only answers from an earlier page.",
            )
        elif answer is None:
            remedy = (
                did_you_mean(written, [*known, *self.all_ids, *self.broken])
                or "Write {{ and }} for braces themselves."
            )
            self.fault_at(mark, "piping-unknown-name", f'there is no item called "{written}"', remedy)

    def check_entry(self, mark: tuple[int, int], written: str) -> None:
        if self.entry is None:
            self.fault_at(
                mark, "bad-piping", f"{{{written}}} is used where nothing is repeated",
                "Use it in a section with `for_each` or `roster`.",
            )  # fmt: skip
        elif written not in ("entry", "entry.number"):
            self.fault_at(
                mark, "bad-piping", f"{{{written}}} does not exist", "Write {entry} or {entry.number}."
            )
        elif written == "entry" and self.entry.label is None:
            self.fault_at(
                mark, "piping-asked-later", "an entry has no name yet on the page that asks for it",
                "Write {entry.number}, or ask in a section of its own with `for_each`.",
            )  # fmt: skip

    # names

    def computed_names(self) -> set[str]:
        return {answer.name for answer, _ in self.computed}

    def known(self) -> dict[str, Answer]:
        """Every name that may be used here."""
        known = {**self.given, **self.before}
        for answer, computed in self.computed:
            if all(name in known for name in computed.names):
                known[answer.name] = answer
        return self.called(known)

    def called(self, known: dict[str, Answer]) -> dict[str, Answer]:
        """The same names, and beside them what items of this entry are called as they are written."""
        entry = self.entry
        if entry is None:
            return known
        written = {entry.named(base): base for base in entry.ids | entry.prefixed}
        aliases = {}
        for name, answer in known.items():
            item, dot, part = name.partition(".")
            if item in written:
                aliases[f"{written[item]}{dot}{part}"] = answer
        return known | aliases

    def is_on_an_earlier_page(self, name: str) -> bool:
        of = self.beside[name].beside if name in self.beside else name
        if of in self.given or of in self.on_earlier_pages:
            return True
        return any(
            answer.name == name
            and all(n in self.given or n in self.on_earlier_pages for n in computed.names)
            for answer, computed in self.computed
        )

    # conditions

    def condition(self, path: Path, source: str | None) -> Condition | None:
        if source is None or self.rehearsing:
            return None
        return self.parsed(path, source, self.scope())

    def scope(self, own: Sequence[Answer] = ()) -> Scope:
        known = self.known() | self.called({answer.name: answer for answer in own})
        asked = {name.split(".")[0] for name in known}
        later = frozenset((self.all_ids | self.computed_names()) - asked - self.notes)
        return Scope(known, later, self.notes, self.broken)

    def parsed(self, path: Path, source: str, scope: Scope, parse: Any = parse_condition) -> Any:
        """What `parse` makes of it; None after reporting what is wrong."""
        try:
            found = parse(source, scope)
        except UnsoundItem:
            return None
        except ConditionFault as error:
            for each in (error, *error.further):
                self.fault_at(self.document.inside(path, each.offset), each.code, each.what, each.remedy)
            return None
        self.used |= found.names
        self.uses_today = self.uses_today or "today" in found.names
        return found


def both(*conditions: Condition | None) -> Condition | None:
    """What holds when all of these do; None when there is none."""
    known = [condition for condition in conditions if condition is not None]
    if len(known) < 2:
        return known[0] if known else None
    source = " and ".join(f"({condition.source.strip()})" for condition in known)
    tree = ["and", *(condition.tree for condition in known)]
    return Condition(source, tree, frozenset().union(*(condition.names for condition in known)))
