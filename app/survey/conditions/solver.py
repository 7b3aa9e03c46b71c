"""Whether a condition can hold at all: a search over what could be answered.

Every name has a domain: the codes of a choice, an interval of numbers or dates, what a list of codes must and may
hold, and whether it is known. A goal (a tree and what it is to give) is taken apart into goals for its parts, which
narrow the domains until one is empty, or nothing is left to do. What a goal needs to be known must have been asked, so
the conditions under which it is asked become goals too. What cannot be taken apart is checked in the end by interval
arithmetic. The search errs on one side: "cannot hold" is certain, "can hold" is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.survey.codes import Code
from app.survey.conditions.domains import (
    ANYTHING,
    Conflict,
    Domain,
    Span,
    among,
    can_be,
    combined,
    cut,
    domain_of,
    hull,
    insist,
)
from app.survey.conditions.language import Condition
from app.survey.conditions.sharing import Tree
from app.survey.conditions.types import MIRRORED
from app.survey.model import Instrument, Item, Section

Goal = tuple[Tree, str]
"""A tree, and which of T (true), F (false) and U (unknown) it may give."""

MOST_STEPS = 800  # of one search; then it could hold, as far as anyone knows
MOST_BRANCHES = 150  # one inside the other
SWAPPED = str.maketrans("TF", "FT")
NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
STRICT = ("+", "-", "*", "/", "neg", "abs", "round", "days", "year", "month")  # known only if all parts are


class _Enough(Exception):
    """The search has gone on for as long as it may."""


class Solver:
    """Answers questions about one instrument."""

    def __init__(self, instrument: Instrument):
        self.base: dict[str, Domain] = dict(_given(instrument))
        self.gates: dict[str, list[Condition]] = {}  # under which conditions each name is asked
        self.offered: dict[tuple[str, Code], Condition] = {}  # under which an option can be chosen
        for section in instrument.sections:
            for item in section.items:
                self._learn(section, item)

    def _learn(self, section: Section, item: Item) -> None:
        gates = [part.show_if for part in (section, item) if part.show_if is not None]
        for answer in item.answers():
            if answer.beside:
                continue
            self.base[answer.name] = domain_of(answer)
            own = answer.shown_if
            self.gates[answer.name] = gates if own is None else [*gates, own]
            conditional = (option for option in answer.options if option.show_if is not None)
            self.offered |= {(answer.name, option.code): option.show_if for option in conditional}

    def possible(self, *goals: Goal, asked: Iterable[str] | None = None) -> bool:
        """Whether all goals can be met at once. `asked` are the names of which it matters when they are asked; None
        means all."""
        return self._search(goals, None if asked is None else frozenset(asked)) is not None

    def narrowed(self, *goals: Goal) -> dict[str, Domain] | None:
        """What the answers must be so that all goals can be met, by name, in one of the ways that there may be; None
        where there is none. It is a hint: what is compared with a sum, say, is not among it."""
        return self._search(goals, None)

    def _search(self, goals: Iterable[Goal], asked: frozenset[str] | None) -> dict[str, Domain] | None:
        search = _Search(self, asked)
        try:
            return search.found if search.meet({}, list(goals), [], 0) else None
        except (_Enough, RecursionError):
            return {}


class _Search:
    """One search. `steps` bounds its length; `found` are the domains with which it succeeded."""

    def __init__(self, solver: Solver, asked: frozenset[str] | None):
        self.solver, self.asked, self.steps = solver, asked, 0
        self.found: dict[str, Domain] = {}

    def meet(self, found: dict[str, Domain], goals: list[Goal], left: list[Goal], deep: int) -> bool:
        """`found` are the domains that are narrower than at the start, `left` the goals for the end."""
        if deep > MOST_BRANCHES:
            raise _Enough
        while goals:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise _Enough
            tree, wanted = goals.pop()
            try:
                ways = self.ways(found, goals, left, tree, wanted)
            except Conflict:
                return False
            if ways is not None:
                return any(self.meet(dict(found), [*goals, *way], list(left), deep + 1) for way in ways)
        self.found = found
        return all(self.plausible(found, tree, wanted) for tree, wanted in left)

    def ways(
        self, found: dict[str, Domain], goals: list[Goal], left: list[Goal], tree: Tree, wanted: str
    ) -> list[list[Goal]] | None:
        """The goals in place of one, any of which will do; None when it has been dealt with."""
        if not isinstance(tree, list):
            insist({True: "T", False: "F", None: "U"}[tree] in wanted)
            return None
        word, *parts = tree
        if word == "not":
            goals.append((parts[0], wanted.translate(SWAPPED)))
            return None
        if word in ("and", "or"):
            return _junction(goals, parts, wanted, "T" if word == "and" else "F")
        if word == "any":
            return _any(goals, parts, wanted)
        if word == "if":
            return _if(parts, wanted)
        if word in ("answered", "missing"):
            wanted = wanted.translate(SWAPPED) if word == "missing" else wanted
            return self.presence(found, goals, parts[0], wanted)
        if word == "asked":
            self.asking(found, goals, parts[0], wanted)
            return None
        if word in ("declined", "reason"):
            self.declined(found, goals, parts[0], wanted)
            return None
        if len(wanted) > 1:
            return [[(tree, each)] for each in wanted]
        if word in ("has", "any_of", "all_of"):
            return self.listed(found, goals, word, parts[0], parts[1], wanted)
        self.compared(found, goals, left, tree, wanted)
        return None

    # narrowing

    def domain(self, found: Mapping[str, Domain], name: str) -> Domain:
        return found.get(name) or self.solver.base.get(name) or Domain()

    def set_known(self, found: dict[str, Domain], goals: list[Goal], name: str, known: bool) -> None:
        """What is known has been asked."""
        domain = self.domain(found, name)
        insist(domain.known in (None, known))
        if domain.known is None:
            found[name] = domain._replace(known=known)
            if known:
                goals += [(gate.tree, "T") for gate in self.gates_of(name)]

    def presence(
        self, found: dict[str, Domain], goals: list[Goal], name: str, wanted: str
    ) -> list[list[Goal]] | None:
        if "T" in wanted and "F" in wanted:
            return None
        insist(wanted != "U")
        self.set_known(found, goals, name, "T" in wanted)
        return None

    def asking(self, found: Mapping[str, Domain], goals: list[Goal], name: str, wanted: str) -> None:
        """What was asked is shown where its conditions hold. What was not may also not be reached yet."""
        if "T" in wanted and "F" in wanted:
            return
        insist(wanted != "U")
        if "T" in wanted:
            goals += [(gate.tree, "T") for gate in self.gates_of(name)]
        else:
            insist(self.domain(found, name).known is not True)

    def declined(self, found: dict[str, Domain], goals: list[Goal], name: str, wanted: str) -> None:
        """A reason is given instead of an answer, and to what has been asked."""
        insist(wanted != "U")
        if wanted in ("T", "TU", "UT"):
            self.set_known(found, goals, name, False)
            goals += [(gate.tree, "T") for gate in self.gates_of(name)]

    def gates_of(self, name: str) -> Sequence[Condition]:
        return self.solver.gates.get(name, ()) if self.asked is None or name in self.asked else ()

    def listed(
        self, found: dict[str, Domain], goals: list[Goal], word: str, name: str, codes: Any, wanted: str
    ) -> list[list[Goal]] | None:
        """has, any_of and all_of of a list."""
        if wanted == "F":
            self.set_listed(found, goals, name)
        else:
            self.set_known(found, goals, name, wanted == "T")
        if wanted == "U":
            return None
        if word == "has":
            self.chosen(found, goals, name, codes, wanted == "T")
            return None
        each = [(["has", name, code], wanted) for code in codes[1:]]
        if (word == "any_of") == (wanted == "T"):
            return [[goal] for goal in each]
        goals += each
        return None

    def set_listed(self, found: dict[str, Domain], goals: list[Goal], name: str) -> None:
        """What a name holds is known; of a list that may be empty, it is where the list was asked."""
        if self.domain(found, name).empty:
            goals += [(gate.tree, "T") for gate in self.gates_of(name)]
        else:
            self.set_known(found, goals, name, True)

    def chosen(
        self, found: dict[str, Domain], goals: list[Goal], name: str, code: Code, wanted: bool
    ) -> None:
        domain = self.domain(found, name)
        if not wanted:
            insist(code not in domain.must)
            found[name] = domain._replace(may=domain.may - {code})
            return
        must = domain.must | {code}
        alone = must & domain.exclusive
        insist(code in domain.may and len(must) <= domain.most and not (alone and len(must) > 1))
        found[name] = domain._replace(
            must=must, may=must if alone else domain.may - (domain.exclusive - must)
        )
        self.offer(goals, name, [code])

    def offer(self, goals: list[Goal], name: str, codes: Iterable[Code]) -> None:
        """A code that is chosen was offered."""
        gates = [self.solver.offered.get((name, code)) for code in codes]
        if len(gates) == 1 and gates[0] is not None and (self.asked is None or name in self.asked):
            goals.append((gates[0].tree, "T"))

    def compared(
        self, found: dict[str, Domain], goals: list[Goal], left: list[Goal], tree: Tree, wanted: str
    ) -> None:
        word, a, b = tree[0], tree[1], tree[2] if len(tree) > 2 else None
        if not isinstance(a, list):
            word, a, b = MIRRORED.get(word, word), b, a
        simple = isinstance(a, list) and a[0] == "get" and (word == "in" or not isinstance(b, list))
        if wanted == "U":
            insist(not (_always_known(a) and (word == "in" or _always_known(b))))
            if simple:
                self.set_known(found, goals, a[1], False)
            return
        for name in {*_needed(a), *(_needed(b) if word != "in" else ())}:
            self.set_listed(found, goals, name)
        if simple:
            self.narrowed(found, goals, a[1], word, b, wanted == "T")
        elif word in NEGATED:
            left.append(([word if wanted == "T" else NEGATED[word], a, b], "T"))

    def narrowed(
        self, found: dict[str, Domain], goals: list[Goal], name: str, word: str, b: Any, wanted: bool
    ) -> None:
        """A name compared with what is written out."""
        domain = self.domain(found, name)
        if word == "in":
            found[name] = among(domain, b[1:], wanted)
        else:
            found[name] = cut(domain, word if wanted else NEGATED[word], b)
        values = found[name].values
        if values is not None:
            self.offer(goals, name, values)

    # what is left in the end

    def plausible(self, found: Mapping[str, Domain], tree: Tree, wanted: str) -> bool:
        word, a, b = tree
        one, other = self.words(found, a), self.words(found, b)
        if one is not None and other is not None:
            if word == "==":
                return bool(one & other)
            return word != "!=" or len(one | other) > 1
        if one is not None or other is not None:
            return True
        return can_be(word, self.span(found, a), self.span(found, b))

    def words(self, found: Mapping[str, Domain], tree: Tree) -> frozenset[str] | None:
        """The words that a value is one of; None of a number, or where that is not known."""
        if isinstance(tree, str):
            return frozenset([tree])
        if not isinstance(tree, list):
            return None
        if tree[0] == "get":
            values = self.domain(found, tree[1]).values
            return values if values and all(isinstance(value, str) for value in values) else None
        if tree[0] not in ("if", "coalesce"):
            return None
        parts = [self.words(found, part) for part in tree[1 + (tree[0] == "if") :] if part is not None]
        return None if None in parts else frozenset().union(*parts)  # type: ignore[arg-type]

    def span(self, found: Mapping[str, Domain], tree: Tree) -> Span:
        """The least and the most that a number can be, if it is known."""
        if not isinstance(tree, list):
            return (tree, tree) if isinstance(tree, int | float) else ANYTHING
        word, *parts = tree
        if word in ("get", "count", "rank"):
            return self.of_name(found, word, parts[0])
        if word == "known":
            return (0, len(parts))
        if word == "if":
            return hull([self.span(found, part) for part in parts[1:] if part is not None])
        if word == "round":
            low, high = self.span(found, parts[0])
            return (low - 1, high + 1)
        if word in ("sum", "min", "max", "mean", "coalesce", "+", "-", "*", "/", "neg", "abs"):
            return combined(word, [self.span(found, part) for part in parts])
        return ANYTHING

    def of_name(self, found: Mapping[str, Domain], word: str, name: str) -> Span:
        domain = self.domain(found, name)
        if word == "count":
            most = 0 if domain.empty and domain.known is False else min(len(domain.may), domain.most)
            return (max(len(domain.must), 0 if domain.empty else 1), most)
        if word == "rank":
            return (1, domain.most)
        numbers = [value for value in domain.values or () if isinstance(value, int)]
        if numbers:
            return (min(numbers), max(numbers))
        low, high = domain.low, domain.high
        return (
            low if isinstance(low, int | float) else -math.inf,
            high if isinstance(high, int | float) else math.inf,
        )


# --- taking apart ----------------------------------------------------------------------------------------


def _junction(goals: list[Goal], parts: Sequence[Tree], wanted: str, all_of: str) -> list[list[Goal]] | None:
    """`and`; or `or`, which is the same with true and false exchanged (`all_of` is F)."""
    one_of = "F" if all_of == "T" else "T"
    if wanted in (all_of, *_orders(all_of, "U")):
        goals += [(part, wanted) for part in parts]
        return None
    if wanted in (one_of, *_orders(one_of, "U")):
        return [[(part, wanted)] for part in parts]
    if wanted == "U":
        open_parts: list[Goal] = [(part, all_of + "U") for part in parts]
        return [[*open_parts, (part, "U")] for part in parts]
    if len(wanted) == 3:
        return None
    return [[(["and" if all_of == "T" else "or", *parts], each)] for each in wanted]


def _orders(a: str, b: str) -> tuple[str, str]:
    return a + b, b + a


def _any(goals: list[Goal], parts: Sequence[Tree], wanted: str) -> list[list[Goal]] | None:
    """True when one is, false when one is known and none true."""
    if wanted in ("T",):
        return [[(part, "T")] for part in parts]
    if wanted in ("U", *_orders("F", "U")):
        goals += [(part, wanted) for part in parts]
        return None
    if wanted == "F":
        none: list[Goal] = [(part, "FU") for part in parts]
        return [[*none, (part, "F")] for part in parts]
    return None if len(wanted) == 3 else [[(["any", *parts], each)] for each in wanted]


def _if(parts: Sequence[Tree], wanted: str) -> list[list[Goal]]:
    test, then, otherwise = parts
    ways: list[list[Goal]] = [[(test, "T"), (then, wanted)], [(test, "F"), (otherwise, wanted)]]
    return [*ways, [(test, "U")]] if "U" in wanted else ways


def _needed(tree: Tree) -> Iterator[str]:
    """The names without which a value is unknown."""
    if not isinstance(tree, list):
        return
    word, *parts = tree
    if word in ("get", "count", "rank"):
        yield parts[0]
    elif word == "if" and parts[2] is None:
        yield from _needed(parts[1])
    elif word in STRICT or (word in ("mean", "sum", "min", "max", "coalesce") and len(parts) == 1):
        for part in parts:
            yield from _needed(part)


def _always_known(tree: Tree) -> bool:
    return tree is not None if not isinstance(tree, list) else tree[0] == "known"


def _given(instrument: Instrument) -> Iterator[tuple[str, Domain]]:
    """What every response has from the start."""
    for drawn in instrument.drawn:
        codes = frozenset(option.code for option in drawn.options)
        yield drawn.name, Domain(values=codes or None, known=True)
    yield "language", Domain(values=frozenset(instrument.languages), known=True)
    yield "today", Domain(known=True)
