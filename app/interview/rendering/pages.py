"""A section's page: rendered once per instrument and language into bytes with holes, then only filled."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from jinja2 import Environment
from markupsafe import Markup, escape

from app.interview.rendering import arrangement
from app.interview.rendering.order import BACKWARDS, POLES, Group, Key, groups_of, put_in_order
from app.interview.rendering.piping import TAG
from app.interview.rendering.state import NOTHING, PageState, ShownProblem
from app.languages.formats import date_order, month_names, separators, write_number
from app.survey.identity import who_asked
from app.survey.model import Instrument, Section
from app.survey.texts import UNKNOWN, Text

SPECIAL = re.compile("[&<>\"']")
#: What marks a control as chosen, by the kind of its hole.
CHOSEN = {"chosen": b" checked", "selected": b" selected"}
HIDDEN = b" hidden disabled"
INVALID = b' aria-invalid="true"'
#: What is filled in for options and statements that are hidden, and for the headings above them.
PARTS_OFF = {"off": HIDDEN, "none": b" hidden"}
CONTROL = re.compile(rb"<(?:input|select|textarea)\b[^>]*>")
NAMED, IDENTIFIED = re.compile(rb' name="([^"]*)"'), re.compile(rb' id="(q-[^"]*)"')
HIDDEN_PART = re.compile(rb'<fieldset class="part"[^>]* hidden disabled>.*?</fieldset>', re.DOTALL)
#: Kinds of holes that tie a control to its message. Where no hint is tied to it the whole attribute is filled in.
MARKS = {"described": b"", "described_alone": b"", "invalid": INVALID}


@dataclass(frozen=True, slots=True)
class Fragment:
    """Bytes with holes. A hole is an empty part; `slots` has the parts of each hole, by its key.

    `groups` are runs of parts whose members may come in another order.
    """

    parts: list[bytes]
    slots: dict[Key, tuple[int, ...]]
    groups: tuple[Group, ...] = ()

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
        self, page: Fragment, blocks: Mapping[str, Fragment], needs: Sequence[str], sections: tuple[int, int, int]
    ):
        self._page, self._blocks = page, blocks
        self.needs, self._sections = tuple(needs), sections
        self._once = {key[0]: slots for key, slots in page.slots.items() if len(key) == 1}
        self._conditional = [(key[1], slots[0]) for key, slots in page.slots.items() if key[0] == "hidden"]
        self._off = [(key[1:], key[0], slots[0]) for key, slots in page.slots.items() if key[0] in PARTS_OFF]
        self._typed = {key[1]: slots[0] for key, slots in page.slots.items() if key[0] == "typed"}
        self._chosen = _chosen(page.slots)
        self._bounds = [(key[1], slots[0]) for key, slots in page.slots.items() if key[0] == "bounds"]
        self._fields = _fields(page.slots)
        self._piped = [(key[1], slots) for key, slots in page.slots.items() if key[0] == "piped"]
        self._changes = bool(page.groups or self._off)
        in_blocks = (key[1] for block in blocks.values() for key in block.slots if key[0] == "piped")
        #: The pipes whose texts this page shows, as they are written between the braces.
        self.pipes = tuple(dict.fromkeys([name for name, _ in self._piped] + list(in_blocks)))
        #: The items whose date limits are sent to the browser.
        self.dates = tuple(item for item, _ in self._bounds)
        #: Whether orders, poles and flipped scales make a difference to it.
        self.is_shuffled = bool(page.groups)

    def fill(self, state: PageState) -> bytes:
        """The page for one respondent, in UTF-8."""
        parts = self._page.parts.copy()
        self._fill_once(parts, "token", _bytes(state.token))
        self._fill_values(parts, state.values)
        for item, slot in self._conditional:
            if item not in state.visible:
                parts[slot] = HIDDEN
        if state.off:
            self._hide(parts, state.off)
        self._fill_pipes(parts, self._piped, state.piped)
        if self.needs:
            self._fill_once(parts, "known", self._earlier(state.known))
        if state.private:
            self._fill_once(parts, "private", b" data-no-store")
        for item, slot in self._bounds:
            if item in state.bounds:
                parts[slot] = b' data-between="%s %s"' % tuple(map(_bytes, state.bounds[item]))
        self._fill_progress(parts, *(state.progress or self._sections))
        if state.open_before:
            before = self._blocks["open before"].filled(address=_bytes(state.open_before))
            self._fill_once(parts, "open before", before)
        if state.back:
            self._fill_once(parts, "back", self._blocks["back"].filled(address=_bytes(state.back)))
        for name, kept in (("asked", state.asked), ("confirmed", state.confirmed)):
            for value in kept:
                parts[self._once["asked"][0]] += self._blocks[name].filled(value=_bytes(value))
        drawn = self._drawn(state.orders, state.backwards) if self.is_shuffled else NOTHING
        if state.failure:
            self._fill_once(parts, "title", self._blocks["title"].filled())
            self._fill_once(parts, "summary", self._blocks["failure"].filled(message=_bytes(state.failure)))
        elif state.problems or state.reminders or state.doubts:
            self._fill_problems(parts, state, drawn)
        return b"".join(put_in_order(parts, self._page.groups, drawn) if drawn else parts)

    def _drawn(self, orders: Mapping[str, Sequence[Any]], backwards: Collection[str]) -> Mapping[str, Sequence[Any]]:
        return {**orders, **{f"{POLES}{field}": BACKWARDS for field in backwards}}

    def _fill_progress(self, parts: list[bytes], at: int, least: int, most: int) -> None:
        if "part" in self._blocks:
            block = self._blocks["part" if least == most else "part at least"]
            self._fill_once(parts, "part", block.filled(at=b"%d" % at, of=b"%d" % least))
        self._fill_once(parts, "at", b"%d" % at)
        self._fill_once(parts, "most", b"%d" % most)

    def _fill_once(self, parts: list[bytes], name: str, fill: bytes) -> None:
        for slot in self._once.get(name, ()):
            parts[slot] = fill

    def _fill_pipes(
        self, parts: list[bytes], pipes: Iterable[tuple[str, tuple[int, ...]]], piped: Mapping[str, str]
    ) -> None:
        for name, slots in pipes:
            text = _bytes(piped.get(name, UNKNOWN))
            for slot in slots:
                parts[slot] = text

    def _fill_values(self, parts: list[bytes], values: Mapping[str, Sequence[str]]) -> None:
        chosen, typed = self._chosen, self._typed
        for name, given in values.items():
            controls = chosen.get(name)
            if controls is not None:
                for value in given:
                    if value in controls:
                        slot, mark = controls[value]
                        parts[slot] = mark
            elif given and name in typed:
                parts[typed[name]] = _bytes(given[0])

    def _hide(self, parts: list[bytes], off: Collection[str]) -> None:
        """Hides options and statements, and each heading of which nothing is left."""
        for names, kind, slot in self._off:
            if all(name in off for name in names):
                parts[slot] = PARTS_OFF[kind]

    def _earlier(self, known: Mapping[str, Any]) -> bytes:
        answers = msgspec.json.encode({name: known[name] for name in self.needs if name in known})
        return answers.replace(b"&", b"&amp;").replace(b"'", b"&#39;")  # it is written in single quotes

    # --- problems ------------------------------------------------------------------------------------------

    def _fill_problems(
        self, parts: list[bytes], state: PageState, drawn: Mapping[str, Sequence[Any]]
    ) -> None:
        problems, gentle = state.problems, [*state.reminders, *state.doubts]
        if problems:
            self._fill_once(parts, "title", self._blocks["title"].filled())
        shown = b"".join(put_in_order(parts, self._page.groups, drawn)) if self._changes else b""

        def entries(block: str, listed: Sequence[ShownProblem]) -> bytes:
            return b"".join(self._entry(block, problem, state.piped, shown) for problem in listed)

        left = doubted = b""
        if state.reminders:
            left = self._blocks["left"].filled(entries=entries("reminding", state.reminders))
        if problems:
            summary = self._blocks["summary"].filled(entries=entries("entry", [*problems, *state.doubts]), left=left)
        else:
            if state.doubts:
                doubted = self._blocks["doubts"].filled(entries=entries("entry", state.doubts))
            summary = self._blocks["reminders"].filled(left=left, doubts=doubted)
        self._fill_once(parts, "summary", summary)
        self._fill_messages(parts, problems, gentle)

    def _fill_messages(
        self, parts: list[bytes], problems: Sequence[ShownProblem], gentle: Sequence[ShownProblem]
    ) -> None:
        messages = defaultdict(list)
        for problem in (*problems, *gentle):
            messages[self._name(problem)].append(_bytes(problem[2]))
        wrong = {name for problem in problems for name in problem[:2]}
        for name, texts in messages.items():
            if name in self._fields:
                self._show(parts, name, b" ".join(texts), wrong=name in wrong)

    def _name(self, problem: ShownProblem) -> str:
        """Where a problem is shown: at its field, or at its item when the field has none of its own."""
        field, item, _ = problem
        return field if field in self._fields else item

    def _entry(self, block: str, problem: ShownProblem, piped: Mapping[str, str], shown: bytes) -> bytes:
        field, item, message = problem
        name = self._name(problem)
        target = self._fields[name].target if name in self._fields else "main"
        if shown and name in self._fields:
            target = first_control(shown, item, field) or target
        about = self._blocks.get(f"about {name}") or self._blocks.get(f"about {item}")
        question = self._question(about, piped) if about else b""
        return self._blocks[block].filled(target=_bytes(target), message=_bytes(message), about=question)

    def _question(self, about: Fragment, piped: Mapping[str, str]) -> bytes:
        parts = about.parts.copy()
        self._fill_pipes(parts, ((key[1], slots) for key, slots in about.slots.items()), piped)
        return b"".join(parts)

    def _show(self, parts: list[bytes], name: str, message: bytes, wrong: bool) -> None:
        field = self._fields[name]
        block = self._blocks["error" if wrong else "reminder"]
        parts[field.message] = block.filled(field=_bytes(name), message=message)
        for slot, mark in field.marks:
            if wrong or mark is not INVALID:
                parts[slot] = mark


def first_control(page: bytes, item: str, field: str) -> str | None:
    """The id of the first control to be seen of a field, or else of its item: not always the first as written."""
    _, _, after = page.partition(b'id="i-%s"' % item.encode())
    own = HIDDEN_PART.sub(b"", after.partition(b'<fieldset class="item ')[0])
    controls = [(NAMED.search(tag), IDENTIFIED.search(tag)) for tag in CONTROL.findall(own)]
    ids = [(name[1].decode(), id[1].decode()) for name, id in controls if name and id]
    return next((id for name, id in ids if name == field), ids[0][1] if ids else None)


def _bytes(text: str) -> bytes:
    """Escaped for HTML's text and quoted attributes, in UTF-8."""
    if SPECIAL.search(text):  # most texts hold none, and looking is cheaper than escaping
        text = escape(text)
    # A lone surrogate cannot come from a form, but nothing that is shown may ever raise.
    return text.encode("utf-8", "replace")


def _chosen(slots: Mapping[Key, tuple[int, ...]]) -> dict[str, dict[str, tuple[int, bytes]]]:
    """For each field that is chosen from, where each of its values is marked as chosen, and how."""
    found: dict[str, dict[str, tuple[int, bytes]]] = defaultdict(dict)
    for key, indexes in slots.items():
        if key[0] in CHOSEN:
            found[key[1]][key[2]] = (indexes[0], CHOSEN[key[0]])
    return dict(found)


def _fields(slots: Mapping[Key, tuple[int, ...]]) -> dict[str, _Field]:
    marks: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for key, indexes in slots.items():
        for name in key[1:] if key[0] in MARKS else ():  # a control may belong to a field and to its item
            mark = MARKS[key[0]] or f' aria-describedby="e-{name}"'.encode()
            fill = f" e-{name}".encode() if key[0] == "described" else mark
            marks[name] += [(index, fill) for index in indexes]
    return {
        key[1]: _Field(key[2], indexes[0], tuple(marks[key[1]]))
        for key, indexes in slots.items()
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
        """Keeps the body of a `{% call %}` as a block and leaves nothing behind."""
        self.bodies[name] = str(caller()).strip("\n")
        return ""

    def __getitem__(self, name: str) -> Markup:
        """A pipe's hole, isolated so that its direction of writing does not reach the words around it."""
        return Markup(f"<bdi>{self.hole('piped', name)}</bdi>")

    def words(self, text: Text, most: int = 0) -> Markup:
        """A text without markup, where no element is allowed; cut off after `most` characters."""
        found, room = "", most or math.inf
        for part in text.inline:
            if isinstance(part, str):
                words = Markup(TAG.sub("", part)).unescape()
                if len(words) > room:
                    return Markup(found + escape(words[: int(room)].rpartition(" ")[0]) + "…")
                found, room = found + escape(words), room - len(words)
            else:  # isolated by characters, since no element is allowed here
                found, room = f"{found}\u2068{self.hole('piped', part.source)}\u2069", room - 10
        return Markup(found)

    def split(self, html: str) -> Fragment:
        pieces = self._pattern.split(html)
        slots: dict[Key, list[int]] = defaultdict(list)
        keys = {index: self._keys[int(pieces[index])] for index in range(1, len(pieces), 2)}
        for index, key in keys.items():
            slots[key].append(index)
        parts = [b"" if index % 2 else piece.encode() for index, piece in enumerate(pieces)]
        marks = ((index, key) for index, key in keys.items() if key[0] in ("group", "member", "groupend"))
        return Fragment(parts, {key: tuple(indexes) for key, indexes in slots.items()}, groups_of(marks))


def compile_page(
    environment: Environment, instrument: Instrument, section: Section, position: int, private: Collection[str] = ()
) -> PageTemplate:
    """Renders section.html once. `position` is the section's number in the instrument, from 0; `private` are the ids of
    items whose answers must not stay in the browser."""
    holes = _Holes(instrument.digest)
    html = environment.get_template("section.html").render(
        hole=holes.hole,
        define=holes.define,
        piped=holes,
        words=holes.words,
        private=private,
        **section_variables(instrument, section),
    )
    blocks = {name: holes.split(body) for name, body in holes.bodies.items()}
    sections = (position + 1, len(instrument.sections), len(instrument.sections))
    return PageTemplate(holes.split(html), blocks, _needs(section), sections)


def section_variables(instrument: Instrument, section: Section) -> dict[str, Any]:
    """The variables of section.html, besides its holes."""
    return {
        "instrument": instrument,
        "section": section,
        "language": instrument.language,
        "needs": _needs(section),
        "taps": instrument.poll and all(item.is_tapped for item in section.items),
        "asks_who": instrument.poll and bool(who_asked(instrument)),
        "mark": arrangement.mark(section),
        "case": arrangement.case(instrument, section),
        **ARRANGEMENT,
        **_written_in(instrument.language),
    }


#: What templates ask about items.
ARRANGEMENT = {
    ask.__name__: ask
    for ask in (
        arrangement.grouped,
        arrangement.parts_of,
        arrangement.all_conditional,
        arrangement.needs_a_part,
        arrangement.reasons,
        arrangement.by_statement,
        arrangement.fits_columns,
        arrangement.fits_heads,
        arrangement.ends_class,
        arrangement.poles_class,
        arrangement.sides_class,
    )
}


def _written_in(language: str) -> dict[str, Any]:
    """How a template writes numbers, months, and the fields of a date."""
    return {
        "number": lambda value: write_number(value, language),
        "signs": "|".join(separators(language)),
        "months": month_names(language),
        "date_order": date_order(language),
    }


def _needs(section: Section) -> list[str]:
    """The answers of earlier sections that conditions on this page ask for."""
    asked = {name for item in section.items for rule in arrangement.conditions(item) for name in rule.names}
    return sorted(asked.difference(*(item.names for item in section.items)))
