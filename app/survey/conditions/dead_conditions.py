"""Conditions that are sound and yet can hardly be meant: never true, always true, or closed to who says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from app.survey.conditions.language import Condition, written_parts
from app.survey.conditions.sharing import Tree
from app.survey.conditions.solver import Goal, Solver
from app.survey.model import Instrument, Item, Section

REASON_KEYS = {"declined": "decline", "dont_know": "dont_know", "not_applicable": "not_applicable"}
NEGATIVE = re.compile(r"!=|\bnot\b")
LONGEST = 90  # characters of a condition in a message


class Doubt(NamedTuple):
    """A warning, and whose condition it is about: `part` is the code or id of an option or a statement, and `key`
    show_if, or when. Of a screen-out or a quota, `part` is its id and there is no section."""

    section: str | None
    item: str | None
    part: Any
    key: str
    code: str
    what: str
    remedy: str


class ConditionOwner(NamedTuple):
    section: str | None
    item: str | None
    part: Any
    key: str = "show_if"

    @property
    def called(self) -> str:
        if self.section is None:
            return f'"{self.part}"'
        if self.part is not None:
            return f'"{self.part}" of "{self.item}"'
        return f'"{self.item}"' if self.item else f'section "{self.section}"'


def doubts(instrument: Instrument) -> list[Doubt]:
    """All doubts about the conditions of an instrument, from top to bottom. A part of what is never shown is not
    looked at for itself."""
    return list(_Doubting(instrument).all())


def endings_before(instrument: Instrument, section: Section) -> list[Goal]:
    """Respondents who reach a section have met no screen-out that can be evaluated before it."""
    if instrument.shuffle or not instrument.screen_outs:
        return []
    before = set(instrument.given)
    for each in instrument.sections:
        if each is section:
            break
        before.update(each.names)
    outs = [out.when for out in instrument.screen_outs if out.when.names <= before]
    return [(when.tree, "FU") for when in outs] if before - set(instrument.given) else []


class _Doubting:
    def __init__(self, instrument: Instrument):
        self.instrument = instrument
        self.solver = Solver(instrument)
        self.solved: dict[tuple[str, ...], bool] = {}  # of conditions that stand in several places
        self.home = {name: item for item in instrument.items() for name in item.names}

    def all(self) -> Iterator[Doubt]:
        for section in self.instrument.sections:
            ends = endings_before(self.instrument, section)
            place = ConditionOwner(section.id, None, None)
            if (yield from self.about(place, section.show_if, (), ends)):
                for item in section.items:
                    yield from self.about_item(section, item, ends)
        for end in (*self.instrument.screen_outs, *self.instrument.quotas):
            yield from self.about(ConditionOwner(None, None, end.id, "when"), end.when, (), ())

    def about_item(self, section: Section, item: Item, ends: Sequence[Goal]) -> Iterator[Doubt]:
        outer = [section.show_if] if section.show_if else []
        if not (yield from self.about(ConditionOwner(section.id, item.id, None), item.show_if, outer, ends)):
            return
        outer = [*outer, item.show_if] if item.show_if else outer
        for part in item.parts:
            name = getattr(part, "code", None)
            place = ConditionOwner(section.id, item.id, part.id if name is None else name)  # type: ignore[union-attr]
            yield from self.about(place, part.show_if, outer, ends)

    def about(
        self, place: ConditionOwner, condition: Condition | None, outer: Sequence[Condition], ends: Sequence[Goal]
    ) -> Iterator[Doubt]:
        """Gives back whether it can be shown."""
        if condition is None:
            return True
        yield from self.wording(place, condition)
        around = [*((each.tree, "T") for each in outer), *ends]
        if not self.can(condition, "T", outer, around, bool(ends)):
            why = self.why(condition, outer, ends)
            shown = "never counts" if place.key == "when" else "is never shown"
            said = self.decisive_part(condition, "T") or quoted(condition)
            yield Doubt(
                *place, "never-true", f"{place.called} {shown}: {said} is never true{why}",
                "Change the condition or what it depends on, or remove what is never shown.",
            )  # fmt: skip
            return False
        if not self.can(condition, "FU", outer, around, bool(ends)):
            alone = self.can(condition, "FU", (), (), False)
            why = " for everyone who reaches it" if alone else ", whatever is answered"
            yield Doubt(
                *place, "always-true", f"{self.decisive_part(condition, 'FU') or quoted(condition)} is always true{why}",
                "Remove it, or change what it depends on.",
            )  # fmt: skip
        return True

    def can(
        self,
        condition: Condition,
        wanted: str,
        outer: Sequence[Condition],
        around: Sequence[Goal],
        ends: bool,
    ) -> bool:
        """Whether it can come out so where `around` is met as well."""
        key = (wanted, condition.source, *(each.source for each in outer))
        if ends:
            return self.solver.possible(*around, (condition.tree, wanted))
        if key not in self.solved:
            self.solved[key] = self.solver.possible(*around, (condition.tree, wanted))
        return self.solved[key]

    # why nothing can meet a condition

    def why(self, condition: Condition, outer: Sequence[Condition], ends: Sequence[Goal]) -> str:
        goal = (condition.tree, "T")
        if not self.solver.possible(goal, asked=()):
            return ", whatever is answered"
        for each in outer:
            if not self.solver.possible(goal, (each.tree, "T"), asked=()):
                return f" if {quoted(each)} is true"
        for end in ends:
            if not self.solver.possible(goal, end, asked=()):
                return " for anyone who has not been screened out"
        for name in sorted(condition.names):
            if self.solver.possible(goal, asked=[name]):
                continue
            gates = " and ".join(map(quoted, self.solver.gates.get(name, ())))
            return (
                f', since "{name}" is asked only where {gates}'
                if gates
                else f', given when the options of "{name}" are offered'
            )
        return ", given the conditions of the items it uses"

    def decisive_part(self, condition: Condition, wanted: str) -> str:
        """Of a long condition, the part because of which it never comes out as wanted; empty where that is no part alone."""
        found = self.part_without(condition.source, condition.tree, wanted) if len(condition.source) > LONGEST else None
        if found is None:
            return ""
        part, others = found
        like = f", like each of the {others} other parts," if others else ""
        return f"`{shortened(part)}`{like}"

    def part_without(self, source: str, tree: Tree, wanted: str) -> tuple[str, int] | None:
        """The part as it is written, and how many more are like it. What all parts must give is missed by one of them, or two
        that exclude each other; what any part may give is missed by each."""
        if not isinstance(tree, list) or tree[0] not in ("and", "or"):
            return None
        parts = list(zip(written_parts(source), tree[1:], strict=False))
        if (tree[0] == "or") == (wanted == "T"):
            inside = self.part_without(*parts[0], wanted) if len(parts[0][0]) > LONGEST else None
            return (inside[0] if inside else parts[0][0]), len(parts) - 1
        for count in (1, 2):
            for some in combinations(parts, count):
                if not self.solver.possible(*((part, wanted) for _, part in some), asked=()):
                    text = f" {tree[0]} ".join(written for written, _ in some)
                    return self.part_without(*some[0], wanted) or (text, 0) if count == 1 and len(text) > LONGEST else (text, 0)
        return None

    # wording

    def wording(self, place: ConditionOwner, condition: Condition) -> Iterator[Doubt]:
        yield from self.empty_texts(place, condition)
        seen = set()
        for word, name, reason in _atoms(condition.tree):
            item, written = self.home.get(name), _written(name, condition.source)
            if item is None or written is None or (word, name) in seen:
                continue
            seen.add((word, name))
            if word == "reason" and reason not in item.offers:
                yield Doubt(
                    *place, "never-declined", f'"{written}" does not offer this answer, so {reason}({written}) is never true',
                    f"Add `{REASON_KEYS[reason]}: true` to it, or write missing({written}).",
                )  # fmt: skip
            elif word == "unequal" and _may_be_unknown(item) and _left_open(condition, name):
                how = "declined" if _may_be_empty(item) else "left open"
                yield Doubt(
                    *place, "hidden-unanswered",
                    f'"{written}" may be {how}, and {quoted(condition, written)} is then unknown, which counts as false',
                    f"Write `missing({written}) or ...` to show it in that case too, or `answered({written}) and ...` to hide it in that case and remove this warning.",
                )  # fmt: skip


    def empty_texts(self, place: ConditionOwner, condition: Condition) -> Iterator[Doubt]:
        for word, name in _empty_texts(condition.tree):
            test, instead = ('== ""', "missing") if word == "==" else ('!= ""', "answered")
            yield Doubt(
                *place, "empty-text", f"an answer left empty is missing, not an empty text, so {name} {test} "
                + ("is never true" if word == "==" else "is true for every answer and unknown without one"),
                f"Write {instead}({name}).",
            )  # fmt: skip


def _may_be_unknown(item: Item) -> bool:
    """A multiple choice without an answer is only unknown where a reason is given: left open, it is empty."""
    return bool(item.offers) or not (item.required or _may_be_empty(item))


def _may_be_empty(item: Item) -> bool:
    return any(answer.may_be_empty for answer in item.answers())


def _left_open(condition: Condition, name: str) -> bool:
    """Whether it does not say what is to happen where there is no answer."""
    says_so = NEGATIVE.search(condition.source) is not None
    return says_so and not _guarded(condition.tree, name)


def quoted(condition: Condition, name: str = "") -> str:
    """A condition as it is written; of a long one the part with a name, or its beginning."""
    return f"`{shortened(' '.join(condition.source.split()), name)}`"


def shortened(source: str, name: str = "") -> str:
    while len(source) > LONGEST:
        parts = written_parts(source)
        with_name = [part for part in parts if name and re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", part)]
        if not with_name or len(parts) == 1:
            begin = max(source.find(name) - LONGEST // 2, 0) if name else 0
            cut = source[begin : begin + LONGEST - 2]
            return f"{'…' if begin else ''}{cut}{'…' if begin + len(cut) < len(source) else ''}"
        source = next((part for part in with_name if NEGATIVE.search(part)), with_name[0])
    return source


def _atoms(tree: Tree, positive: bool = True) -> Iterator[tuple[str, str, str]]:
    """What a condition says of a reason, and where it asks that an answer be another: (word, name, reason)."""
    if not isinstance(tree, list):
        return
    word, *parts = tree
    if word in ("declined", "reason"):
        yield "reason", parts[0], parts[1] if word == "reason" else "declined"
    elif word == "not":
        yield from _atoms(parts[0], not positive)
    elif word in ("and", "or", "any"):
        for part in parts:
            yield from _atoms(part, positive)
    elif word == "if" and parts[2] is None:
        yield from _atoms(parts[1], positive)
    elif word in ("has", "any_of", "all_of") and not positive:
        yield "unequal", parts[0], ""
    elif word in ("<", ">", "<=", ">=") and not positive:
        yield from (("unequal", name, "") for name in _compared(tree))
    elif _unequal(word, parts, positive):
        yield "unequal", parts[0][1], ""


def _unequal(word: str, parts: Sequence[Tree], positive: bool) -> bool:
    of_name = bool(parts) and isinstance(parts[0], list) and parts[0][0] == "get"
    other = word == "!=" if positive else word in ("==", "in")
    return other and of_name and (word == "in" or not isinstance(parts[1], list))


def _compared(tree: Tree) -> Iterator[str]:
    """The names whose values a comparison takes, each as it is or after a calculation."""
    if isinstance(tree, list) and tree[0] == "get":
        yield tree[1]
    elif isinstance(tree, list) and tree[0] in ("<", ">", "<=", ">=", "+", "-", "*", "/", "neg", "abs", "round"):
        for part in tree[1:]:
            yield from _compared(part)


def _empty_texts(tree: Tree) -> Iterator[tuple[str, str]]:
    """Where a condition compares an answer with an empty text: (the comparison, the name)."""
    if not isinstance(tree, list):
        return
    sides = tree[1:]
    if tree[0] in ("==", "!=") and "" in sides:
        yield from ((tree[0], side[1]) for side in sides if isinstance(side, list) and side[0] == "get")
    for part in sides:
        yield from _empty_texts(part)


def _guarded(tree: Tree, name: str) -> bool:
    """Whether it says itself what is to happen where there is no answer."""
    if not isinstance(tree, list):
        return False
    if tree[0] == "if" and tree[3] is None:  # what is unknown stays so
        return _guarded(tree[2], name)
    if tree[0] in ("answered", "missing", "declined", "reason", "coalesce", "known"):
        return name in _names(tree)
    return any(_guarded(part, name) for part in tree[1:])


def _names(tree: Tree) -> Iterator[str]:
    for part in tree[1:]:
        if isinstance(part, list):
            yield from _names(part)
        elif isinstance(part, str):
            yield part


def _written(name: str, source: str) -> str | None:
    """How a condition calls a name; None where it only uses it through what is computed from it. In a loop a
    name is written without what marks the entry."""
    item, dot, part = name.partition(".")
    words = re.findall(r"[a-z][a-z0-9_]*", source)
    word = next((word for word in words if word == item), None)
    word = word or next((word for word in words if item.startswith(f"{word}_")), None)
    return f"{word}{dot}{part}" if word else None
