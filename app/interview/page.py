"""A section's page: rendered once per instrument into bytes with holes, then only filled for each respondent."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from jinja2 import Environment
from markupsafe import Markup, escape

from app.instrument.model import Instrument, Note, Option, Section

Key = tuple[str, ...]
#: field, item id, message: plain text. The field is the name of a form field, or "" for a whole item.
Problem = tuple[str, str, str]

SPECIAL = re.compile("[&<>\"']")
NOTHING: Mapping[str, Any] = {}
CHECKED = b" checked"
HIDDEN = b" hidden disabled"
INVALID = b' aria-invalid="true"'
#: Kinds of holes that tie a control to its message. Where no hint is tied to it the whole attribute is filled in.
MARKS = {"described": b"", "described_alone": b"", "invalid": INVALID}


@dataclass(frozen=True, slots=True)
class Fragment:
    """Bytes with holes. A hole is an empty part; `slots` says which parts each hole's key stands for."""

    parts: list[bytes]
    slots: dict[Key, tuple[int, ...]]

    def filled(self, **fills: bytes) -> bytes:
        """The bytes with the holes of these names filled and all others left empty."""
        parts = self.parts.copy()
        for name, fill in fills.items():
            for slot in self.slots.get((name,), ()):
                parts[slot] = fill
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class _Field:
    """Where a form field's problem is shown: its message, and what ties the controls to it."""

    target: str  # the id of its first control
    message: int
    marks: tuple[tuple[int, bytes], ...]


class PageTemplate:
    """One section of one instrument, ready to be filled. Safe to share: filling never changes it."""

    def __init__(
        self, page: Fragment, blocks: Mapping[str, Fragment], needs: Sequence[str], sections: tuple[int, int]
    ):
        self._page, self._blocks = page, blocks
        self._needs, self._sections = tuple(needs), sections
        self._once = {key[0]: slots for key, slots in page.slots.items() if len(key) == 1}
        self._piped = [(key[1], slots) for key, slots in page.slots.items() if key[0] == "piped"]
        self._conditional = [(key[1], slots[0]) for key, slots in page.slots.items() if key[0] == "hidden"]
        self._typed = {key[1]: slots[0] for key, slots in page.slots.items() if key[0] == "typed"}
        self._chosen: dict[str, dict[str, int]] = defaultdict(dict)
        for key, slots in page.slots.items():
            if key[0] == "chosen":
                self._chosen[key[1]][key[2]] = slots[0]
        self._chosen = dict(self._chosen)
        self._fields = _fields(page.slots)

    def fill(
        self,
        *,
        token: str,
        values: Mapping[str, Sequence[str]] = NOTHING,
        visible: Collection[str] = (),
        known: Mapping[str, Any] = NOTHING,
        piped: Mapping[str, str] = NOTHING,
        back: str | None = None,
        progress: tuple[int, int] | None = None,
        problems: Sequence[Problem] = (),
        reminders: Sequence[Problem] = (),
        asked: Iterable[str] = (),
    ) -> bytes:
        """The page for one respondent, in UTF-8. All texts are plain and are escaped here.

        `values` holds form fields by name, as they are sent. `visible` names the conditional items to show; the
        others are hidden and disabled. `known` holds answers of earlier sections, of which the browser gets those
        that this page's conditions need. `piped` gives the text for each pipe. `back` is an address, `progress` the
        section's number on the path (from 1) and how many there are. `problems` are errors; `reminders` are shown
        more gently, for optional items that were left empty. `asked` are items that need not be asked about again.
        """
        parts = self._page.parts.copy()
        self._fill_once(parts, "token", _bytes(token))
        self._fill_values(parts, values)
        for item, slot in self._conditional:
            if item not in visible:
                parts[slot] = HIDDEN
        for name, slots in self._piped:
            text = _bytes(piped.get(name) or "…")
            for slot in slots:
                parts[slot] = text
        if self._needs:
            self._fill_once(parts, "known", self._earlier(known))
        at, of = progress or self._sections
        self._fill_once(parts, "at", b"%d" % at)
        self._fill_once(parts, "of", b"%d" % of)
        if back:
            self._fill_once(parts, "back", self._blocks["back"].filled(address=_bytes(back)))
        for item in asked:
            parts[self._once["asked"][0]] += self._blocks["asked"].filled(item=_bytes(item))
        if problems or reminders:
            self._fill_problems(parts, problems, reminders)
        return b"".join(parts)

    def _fill_once(self, parts: list[bytes], name: str, fill: bytes) -> None:
        for slot in self._once.get(name, ()):
            parts[slot] = fill

    def _fill_values(self, parts: list[bytes], values: Mapping[str, Sequence[str]]) -> None:
        chosen, typed = self._chosen, self._typed
        for name, given in values.items():
            controls = chosen.get(name)
            if controls is not None:
                for value in given:
                    slot = controls.get(value)
                    if slot is not None:
                        parts[slot] = CHECKED
            elif given and name in typed:
                parts[typed[name]] = _bytes(given[0])

    def _earlier(self, known: Mapping[str, Any]) -> bytes:
        answers = msgspec.json.encode({name: known[name] for name in self._needs if name in known})
        return answers.replace(b"&", b"&amp;").replace(b"'", b"&#39;")  # it stands in single quotes

    def _fill_problems(
        self, parts: list[bytes], problems: Sequence[Problem], reminders: Sequence[Problem]
    ) -> None:
        if problems:
            self._fill_once(parts, "title", self._blocks["title"].filled())
        entries, messages = b"", defaultdict(list)
        for field, item, message in (*problems, *reminders):
            name = field if field in self._fields else item
            text = _bytes(message)
            messages[name].append(text)
            entries += self._entry("entry" if problems else "reminding", name, item, text)
        summary = self._blocks["summary" if problems else "reminders"]
        self._fill_once(parts, "summary", summary.filled(entries=entries))
        wrong = {name for problem in problems for name in problem[:2]}
        for name, texts in messages.items():
            if name in self._fields:
                self._show(parts, name, b" ".join(texts), wrong=name in wrong)

    def _entry(self, block: str, name: str, item: str, message: bytes) -> bytes:
        target = self._fields[name].target if name in self._fields else "main"
        about = self._blocks.get(f"about {name}") or self._blocks.get(f"about {item}")
        question = about.filled() if about else b""
        return self._blocks[block].filled(target=_bytes(target), message=message, about=question)

    def _show(self, parts: list[bytes], name: str, message: bytes, wrong: bool) -> None:
        field = self._fields[name]
        block = self._blocks["error" if wrong else "reminder"]
        parts[field.message] = block.filled(field=_bytes(name), message=message)
        for slot, mark in field.marks:
            if wrong or mark is not INVALID:
                parts[slot] = mark


def _bytes(text: str) -> bytes:
    """Escaped for HTML's text and quoted attributes, in UTF-8."""
    if SPECIAL.search(text):  # most texts hold none, and looking is cheaper than escaping
        text = escape(text)
    # A lone surrogate cannot come from a form, but nothing that is shown may ever raise.
    return text.encode("utf-8", "replace")


def _fields(slots: Mapping[Key, tuple[int, ...]]) -> dict[str, _Field]:
    marks: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for key, places in slots.items():
        if key[0] in MARKS:
            mark = MARKS[key[0]] or f' aria-describedby="e-{key[1]}"'.encode()
            fill = f" e-{key[1]}".encode() if key[0] == "described" else mark
            marks[key[1]] += [(place, fill) for place in places]
    return {
        key[1]: _Field(key[2], places[0], tuple(marks[key[1]]))
        for key, places in slots.items()
        if key[0] == "error"
    }


# --- compiling -------------------------------------------------------------------------------------------


class _Holes:
    """What a template leaves marks with, and the blocks that it defines for some of them.

    The marks hold the instrument's digest, so no text of the instrument can hold one: it would have to contain its
    own digest.
    """

    def __init__(self, digest: str):
        self._mark = f"\x02{digest}:"
        self._pattern = re.compile(re.escape(self._mark) + r"(\d+)\x03")
        self._keys: list[Key] = []
        self.bodies: dict[str, str] = {}

    def hole(self, *key: object) -> Markup:
        self._keys.append(tuple(str(part) for part in key))
        return Markup(f"{self._mark}{len(self._keys) - 1}\x03")

    def define(self, name: str, caller: Callable[[], str]) -> str:
        """Keeps the body of a `{% call %}` as a block and leaves nothing in its place."""
        self.bodies[name] = str(caller()).strip("\n")
        return ""

    def __getitem__(self, name: str) -> Markup:
        """A pipe's hole, isolated so that its direction of writing does not reach the words around it."""
        return Markup(f"<bdi>{self.hole('piped', name)}</bdi>")

    def split(self, html: str) -> Fragment:
        pieces = self._pattern.split(html)
        slots: dict[Key, list[int]] = defaultdict(list)
        for place in range(1, len(pieces), 2):
            slots[self._keys[int(pieces[place])]].append(place)
        parts = [b"" if place % 2 else piece.encode() for place, piece in enumerate(pieces)]
        return Fragment(parts, {key: tuple(places) for key, places in slots.items()})


def compile_page(
    environment: Environment, instrument: Instrument, section: Section, position: int
) -> PageTemplate:
    """Renders section.html once. `position` is the section's place in the instrument, from 0."""
    holes = _Holes(instrument.digest)
    html = environment.get_template("section.html").render(
        instrument=instrument,
        section=section,
        mark=_mark(section),
        hole=holes.hole,
        define=holes.define,
        piped=holes,
        needs=_needs(section),
    )
    blocks = {name: holes.split(body) for name, body in holes.bodies.items()}
    sections = (position + 1, len(instrument.sections))
    return PageTemplate(holes.split(html), blocks, _needs(section), sections)


def _needs(section: Section) -> list[str]:
    """The answers of earlier sections that conditions on this page ask for."""
    asked = {name for item in section.items if item.show_if for name in item.show_if.names}
    return sorted(asked.difference(*(item.names for item in section.items)))


def _mark(section: Section) -> str:
    """Which items say so in words: the "required" or the "optional" ones, whichever are fewer; "" for none."""
    required = [item.required for item in section.items if not isinstance(item, Note)]
    if all(required) or not any(required):
        return ""
    return "required" if sum(required) * 2 <= len(required) else "optional"


def has_words(option: Option) -> bool:
    """False for a point of a scale that is only a number."""
    return option.label.source.strip() not in ("", str(option.code))


def ends(scale: Sequence[Option]) -> list[Option] | None:
    """The first, middle and last point of a scale of numbers, of which no other has words; otherwise None.

    A scale with words throughout reads best as a list, one with words at its ends as a row of numbers.
    """
    shown = [scale[0], scale[len(scale) // 2], scale[-1]] if len(scale) % 2 else [scale[0], scale[-1]]
    worded = [option for option in scale if has_words(option)]
    is_row = len(scale) > 2 and len(worded) < len(scale) and all(option in shown for option in worded)
    return shown if is_row else None
