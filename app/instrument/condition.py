"""Conditions: small typed strings that look like Python, parsed once into a tree.

The tree is JSON: a literal is itself, anything else is `[operation, *arguments]`. The server (`evaluation`), the
browser (`form.js`) and Polars (`app.results.where`) each evaluate it, with the same answer on every row.
Logic is three-valued (Kleene): what an unanswered item would decide stays unknown, which is None here.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.errors import did_you_mean, one_of
from app.instrument.evaluation import Answers, Tree, compile_tree
from app.instrument.model import Code, Instrument, Item, Matrix, MultipleChoice, Number, Rating, SingleChoice

LONGEST = 2000  # characters of a condition
DEEPEST = 40  # nested operations
LARGEST = 2**53  # above it the browser's numbers are no longer exact

COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
#: Functions of conditions, each with how it is written.
FUNCTIONS = {
    "answered": "answered(item)",
    "missing": "missing(item)",
    "declined": "declined(item)",
    "has": 'has(item, "option")',
    "any_of": 'any_of(item, ["option", ...])',
    "all_of": 'all_of(item, ["option", ...])',
    "count": "count(item)",
    "coalesce": "coalesce(a, b, ...)",
    "min": "min(a, b, ...)",
    "max": "max(a, b, ...)",
    "mean": "mean(a, b, ...)",
    "sum": "sum(a, b, ...)",
    "abs": "abs(a)",
}


class ConditionFault(ValueError):
    """A condition that cannot stand; `offset` counts characters from the start of the condition.

    `further` are the other faults of the same condition.
    """

    further: tuple[ConditionFault, ...] = ()

    def __init__(self, code: str, what: str, remedy: str, offset: int = 0):
        super().__init__(what)
        self.code, self.what, self.remedy, self.offset = code, what, remedy, offset


class UnsoundSubject(ConditionFault):
    """It speaks of an item that has faults of its own, so nothing can be said of it."""

    def __init__(self) -> None:
        super().__init__("bad-condition", "an item that it speaks of has faults", "Mend that item first.")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a name in a condition stands for."""

    name: str
    kind: str  # choice | multiple | number | text | matrix
    codes: tuple[Code, ...] = ()
    statements: tuple[str, ...] = ()  # of a matrix: the full names


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a condition may speak of, and why others are not among them."""

    known: Mapping[str, Subject]
    later: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    unsound: frozenset[str] = frozenset()  # items left out because of their own faults


def subjects(item: Item) -> list[Subject]:
    """What conditions can say of an item: nothing of a note, each statement of a matrix."""
    match item:
        case SingleChoice():
            return [Subject(item.id, "choice", tuple(option.code for option in item.options))]
        case MultipleChoice():
            return [Subject(item.id, "multiple", tuple(option.code for option in item.options))]
        case Rating():
            return [Subject(item.id, "choice", tuple(option.code for option in item.scale))]
        case Matrix():
            codes = tuple(option.code for option in item.scale)
            whole = Subject(item.id, "matrix", codes, item.names)
            return [whole, *(Subject(name, "choice", codes) for name in item.names)]
        case Number():
            return [Subject(item.id, "number")]
        case _:
            return [Subject(name, "text") for name in item.names]


def whole_scope(instrument: Instrument) -> Scope:
    """Every item of an instrument, as a dashboard's filter sees it."""
    return Scope({subject.name: subject for item in instrument.items() for subject in subjects(item)})


@dataclass(frozen=True)
class Condition:
    source: str
    tree: Tree
    names: frozenset[str]  # whose answers it depends on

    @cached_property
    def _compiled(self) -> Callable[[Answers], Any]:
        return compile_tree(self.tree)

    def holds(self, answers: Answers) -> bool | None:
        """True, False, or None where what is needed has no answer."""
        return self._compiled(answers)


# --- reading ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """A tree with what kind of value it gives: truth, number, text, code, list or subject."""

    tree: Tree
    kind: str
    codes: tuple[Code, ...] | None = None
    subject: Subject | None = None
    literal: bool = False


def parse_condition(source: str, scope: Scope) -> Condition:
    """Raises ConditionFault, with all that is wrong in it; UnsoundSubject when nothing else is."""
    if len(source) > LONGEST:
        raise ConditionFault("too-large", f"the condition is longer than {LONGEST} characters", "Shorten it.")
    text = " ".join(source.split("\n"))
    lead = len(text) - len(text.lstrip())
    node = _syntax(text, lead)
    reader = _Reader(scope, text, lead)
    typed = reader.tried(reader.truth, node, -1)
    if typed is None or reader.faults:
        raise _together(reader.faults)
    return Condition(source, typed.tree, frozenset(reader.names))


def _together(faults: list[ConditionFault]) -> ConditionFault:
    found = [fault for fault in faults if not isinstance(fault, UnsoundSubject)] or faults[:1]
    found[0].further = tuple(found[1:])
    return found[0]


def _not_truth(typed: Typed) -> tuple[str, str]:
    if typed.subject:
        name = typed.subject.name
        return (
            f'"{name}" alone is not true or false',
            f"Write answered({name}), or compare it with something.",
        )
    return (
        "the condition gives a value, not true or false",
        "Compare the value with something, as in mean(a, b) > 3.",
    )


def _syntax(text: str, lead: int) -> ast.expr:
    stripped = text.strip()
    if not stripped:
        raise ConditionFault("bad-condition", "the condition is empty", "Write one, or leave the key out.")
    if "\\" in stripped:
        raise ConditionFault(
            "bad-condition", "a backslash is not part of the language", "Leave it out.", text.index("\\")
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own doubts, about `2in x` for one
            return ast.parse(stripped, mode="eval").body
    except SyntaxError as error:
        offset = lead + max((error.offset or 1) - 1, 0)
        raise ConditionFault(
            "bad-condition", "the condition cannot be read", _syntax_remedy(stripped), offset
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise ConditionFault(
            "bad-condition", "the condition cannot be read", "Write it more simply.", lead
        ) from None


SLIPS = (
    (r"&&", "Write `and` instead of &&."),
    (r"\|\|", "Write `or` instead of ||."),
    (r"\b(AND|OR|NOT)\b", "Write and, or, not in small letters."),
    (r"<>", "Write != for unequal."),
    (r"=>|=<", "Write >= or <=."),
    (r"![^=]", "Write `not` instead of !."),
    (r"(?<![=!<>])=(?!=)", "Write == to compare."),
    (r"[\u2018\u2019\u201c\u201d]", "Write straight quotes."),
)


def _syntax_remedy(text: str) -> str:
    outside = re.sub(r"\"[^\"]*\"|'[^']*'", '""', text)
    for pattern, remedy in SLIPS:
        if re.search(pattern, outside):
            return remedy
    if any(outside.count(opening) != outside.count(closing) for opening, closing in ("()", "[]")):
        return "Check the brackets: each that opens is to be closed."
    return 'Write it like status == "left" and years > 5; check quotes and brackets.'


class _Reader:
    """Walks Python's syntax tree, lets through what the language has, and checks the types."""

    def __init__(self, scope: Scope, text: str, lead: int):
        self.scope, self.lead = scope, lead
        self.bytes = text.strip().encode()  # in which Python counts columns
        self.names: set[str] = set()
        self.faults: list[ConditionFault] = []

    def fault(self, node: ast.AST, code: str, what: str, remedy: str) -> ConditionFault:
        before = self.bytes[: getattr(node, "col_offset", 0)].decode("utf-8", "ignore")
        return ConditionFault(code, what, remedy, self.lead + len(before))

    def tried(self, read: Callable[..., Any], *arguments: Any) -> Any:
        """What `read` gives; None after keeping its fault, so that the rest of the condition is looked at too."""
        try:
            return read(*arguments)
        except ConditionFault as fault:
            self.faults.append(fault)
            return None

    def each(self, read: Callable[..., Any], parts: Sequence[Any], *arguments: Any) -> list[Any]:
        """What `read` gives for every part. Raises the last fault once all parts have been looked at."""
        before = len(self.faults)
        found = [self.tried(read, part, *arguments) for part in parts]
        if len(self.faults) > before:
            raise self.faults.pop()
        return found

    def read(self, node: ast.expr, depth: int) -> Typed:
        if depth > DEEPEST:
            raise self.fault(
                node, "bad-condition", "the condition is nested too deeply", "Write it more simply."
            )
        match node:
            case ast.BoolOp():
                return self.junction(node, depth)
            case ast.UnaryOp(op=ast.Not()):
                return Typed(["not", self.truth(node.operand, depth).tree], "truth")
            case ast.UnaryOp(op=ast.USub()):
                return self.negative(node, depth)
            case ast.BinOp() if type(node.op) in ARITHMETIC:
                sides = self.each(self.number, (node.left, node.right), depth)
                return Typed([ARITHMETIC[type(node.op)], *(side.tree for side in sides)], "number")
            case ast.Compare():
                return self.comparison(node, depth)
            case ast.Call(func=ast.Name()) if not node.keywords:
                return self.call(node, depth)
            case ast.Name() | ast.Attribute():
                return self.name(node)
            case ast.Constant():
                return self.literal(node)
            case ast.List() | ast.Tuple() | ast.Set():
                return self.list(node)
        raise self.fault(
            node, "bad-condition", "this is not part of the language of conditions",
            "Use items, and/or/not, comparisons, + - * /, in [...] and functions such as answered(item).",
        )  # fmt: skip

    def junction(self, node: ast.BoolOp, depth: int) -> Typed:
        word = "and" if isinstance(node.op, ast.And) else "or"
        return Typed([word, *(typed.tree for typed in self.each(self.truth, node.values, depth))], "truth")

    def negative(self, node: ast.UnaryOp, depth: int) -> Typed:
        inner = self.number(node.operand, depth)
        if inner.literal:
            return Typed(-inner.tree, "number", literal=True)
        return Typed(["neg", inner.tree], "number")

    def truth(self, node: ast.expr, depth: int) -> Typed:
        typed = self.read(node, depth + 1)
        if typed.kind != "truth":
            raise self.fault(node, "condition-not-true-or-false", *_not_truth(typed))
        return typed

    def number(self, node: ast.expr, depth: int) -> Typed:
        return self.as_number(self.read(node, depth + 1), node)

    def as_number(self, typed: Typed, node: ast.expr) -> Typed:
        if typed.kind != "number":
            raise self.fault(
                node,
                "condition-types",
                f"{self.spoken(typed)} stands where a number is needed",
                self.advice(typed),
            )
        return typed

    def spoken(self, typed: Typed) -> str:
        kinds = {"truth": "something true or false", "text": "a text", "code": "an option", "list": "a list"}
        if typed.subject:
            many = {"multiple": "several options", "matrix": "a matrix"}
            what = many.get(typed.subject.kind) or kinds.get(typed.kind, "a number")
            return f'"{typed.subject.name}" ({what})'
        return kinds.get(typed.kind, "a number")

    def advice(self, typed: Typed) -> str:
        subject = typed.subject
        if subject and subject.kind == "multiple":
            return f'Write has({subject.name}, "{subject.codes[0]}") or count({subject.name}).'
        if subject and subject.kind == "matrix":
            return f"Name one statement: {one_of(subject.statements)}."
        if typed.kind == "code":
            return "Options are numbers only where all their codes are whole numbers."
        if typed.kind == "truth":
            return "What is true or false stands alone, or after not."
        return "Compare numbers with numbers, options with their codes, texts with texts."

    # names and literals

    def name(self, node: ast.Name | ast.Attribute) -> Typed:
        if isinstance(node, ast.Name) and node.id in ("true", "false"):
            return Typed(node.id == "true", "truth", literal=True)
        subject = self.subject(node)
        self.names.update(subject.statements or (subject.name,))
        got = ["get", subject.name]
        if subject.kind in ("multiple", "matrix"):
            return Typed(got, subject.kind, subject.codes, subject)
        return Typed(got, _kind_of(subject), subject.codes or None, subject)

    def subject(self, node: ast.expr) -> Subject:
        name = self.dotted(node)
        if name in self.scope.known:
            return self.scope.known[name]
        item = name.split(".")[0]
        if item in self.scope.unsound:
            raise UnsoundSubject
        if item in self.scope.later:
            raise self.fault(
                node, "condition-asked-later", f'"{name}" is not asked before this',
                "A condition can only speak of what comes before it: move one of the two.",
            )  # fmt: skip
        what = f'no item is called "{name}"'
        if item in self.scope.notes:
            what = f'"{item}" is a note, which has no answer'
        elif item in self.scope.known:
            what = f'"{item}" has no statement of that name'
        raise self.fault(node, "condition-unknown-name", what, self.suggestion(name))

    def dotted(self, node: ast.expr) -> str:
        match node:
            case ast.Name():
                return node.id
            case ast.Attribute(value=ast.Name()):
                return f"{node.value.id}.{node.attr}"
        raise self.fault(
            node, "bad-condition", "an item's name is needed here", "Write item or item.statement."
        )

    def suggestion(self, name: str) -> str:
        known = [*self.scope.known, *self.scope.later, *self.scope.unsound]
        if name in FUNCTIONS:
            return f"{name} is a function: write {FUNCTIONS[name]}."
        for option_of in self.scope.known.values():
            if name in option_of.codes:
                return f'If you mean the option of {option_of.name}, put it in quotes: "{name}".'
        return did_you_mean(name, known) or (
            f"Items before it: {one_of(self.scope.known)}." if known else "No item comes before it."
        )

    def literal(self, node: ast.Constant) -> Typed:
        value = node.value
        if isinstance(value, bool):
            return Typed(value, "truth", literal=True)
        if isinstance(value, int | float):
            if not math.isfinite(value) or abs(value) > LARGEST:
                raise self.fault(
                    node, "bad-condition", "the number is too large", "Use numbers below 9007199254740992."
                )
            return Typed(value, "number", literal=True)
        if isinstance(value, str):
            if (node.end_col_offset or 0) - node.col_offset != len(value.encode()) + 2:
                raise self.fault(
                    node, "bad-condition", "this is not one text in plain quotes",
                    'Write "text", and a comma between two of them.',
                )  # fmt: skip
            return Typed(value, "text", literal=True)
        raise self.fault(
            node, "bad-condition", "this value is not part of the language", "Use numbers and quoted text."
        )

    def list(self, node: ast.List | ast.Tuple | ast.Set) -> Typed:
        if not node.elts:
            raise self.fault(node, "bad-condition", "the list is empty", "Put at least one value in it.")
        values = self.each(self.read, node.elts, DEEPEST - 2)
        for element, value in zip(node.elts, values, strict=True):
            if not value.literal or value.kind == "truth":
                raise self.fault(
                    element, "bad-condition", "a list holds only quoted codes, texts or numbers", "List them."
                )
        return Typed(["list", *(value.tree for value in values)], "list")

    # comparisons

    def comparison(self, node: ast.Compare, depth: int) -> Typed:
        sides = [node.left, *node.comparators]
        pairs = [self.pair(op, a, b, depth) for op, a, b in zip(node.ops, sides, sides[1:], strict=False)]
        return Typed(pairs[0] if len(pairs) == 1 else ["and", *pairs], "truth")

    def pair(self, op: ast.cmpop, left: ast.expr, right: ast.expr, depth: int) -> Tree:
        if isinstance(op, ast.In | ast.NotIn):
            tree = self.membership(left, right, depth)
            return ["not", tree] if isinstance(op, ast.NotIn) else tree
        if type(op) not in COMPARISONS:
            raise self.fault(right, "bad-condition", "`is` is not part of the language", "Write == or !=.")
        a, b = self.each(self.read, (left, right), depth + 1)
        self.comparable(a, b, left, right, ordered=not isinstance(op, ast.Eq | ast.NotEq))
        return [COMPARISONS[type(op)], a.tree, b.tree]

    def comparable(self, a: Typed, b: Typed, left: ast.expr, right: ast.expr, ordered: bool) -> None:
        for typed, node in ((a, left), (b, right)):
            if typed.kind in ("multiple", "matrix", "truth", "list"):
                raise self.fault(
                    node, "condition-types", f"{self.spoken(typed)} cannot be compared", self.advice(typed)
                )
        if ordered and (a.kind, b.kind) != ("number", "number"):
            wrong, node = (a, left) if a.kind != "number" else (b, right)
            raise self.fault(
                node, "condition-types", f"{self.spoken(wrong)} has no order, so < and > mean nothing for it",
                "Compare it with == or in [...]; use whole numbers as codes where there is an order.",
            )  # fmt: skip
        one, other, node = (b, a, left) if b.codes is not None and a.literal else (a, b, right)
        if not (ordered and _between(other, one.codes)):
            self.alike(one, other, node)

    def alike(self, a: Typed, b: Typed, node: ast.expr) -> None:
        """`b`, at `node`, is something that `a` can be equal to."""
        if a.codes is not None and b.literal:
            self.option_exists(a, b.tree, node)
        elif {a.kind, b.kind} not in ({"number"}, {"text"}, {"code"}):
            raise self.fault(
                node, "condition-types", f"{self.spoken(a)} is compared with {self.spoken(b)}", self.advice(a)
            )

    def option_exists(self, a: Typed, code: Code, node: ast.expr) -> None:
        if code in (a.codes or ()) and not isinstance(code, bool):
            return
        name = a.subject.name if a.subject else "this"
        quoted = next((known for known in a.codes or () if str(known) == str(code)), None)
        if quoted is not None:
            remedy = f"Write {quoted!r}: this code is {'a number' if isinstance(quoted, int) else 'a word in quotes'}."
        else:
            remedy = did_you_mean(code, a.codes or ()) or f"Its options: {one_of(a.codes or ())}."
        raise self.fault(node, "condition-unknown-option", f'"{name}" has no option "{code}"', remedy)

    def membership(self, left: ast.expr, right: ast.expr, depth: int) -> Tree:
        a, b = self.each(self.read, (left, right), depth + 1)
        if b.kind == "multiple" and a.literal:
            self.option_exists(b, a.tree, left)
            return ["has", b.subject.name, a.tree] if b.subject else None
        if b.kind != "list":
            raise self.fault(
                right, "condition-types", "`in` needs a list on its right", 'Write item in ["one", "other"].'
            )
        if a.kind not in ("number", "text", "code"):
            raise self.fault(
                left, "condition-types", f"{self.spoken(a)} cannot be looked up in a list", self.advice(a)
            )
        self.each(lambda element: self.alike(a, self.read(element, DEEPEST - 2), element), right.elts)  # type: ignore[attr-defined]
        return ["in", a.tree, b.tree]

    # functions

    def call(self, node: ast.Call, depth: int) -> Typed:
        word = node.func.id if isinstance(node.func, ast.Name) else ""
        if word not in FUNCTIONS:
            raise self.fault(
                node, "condition-unknown-function", f'no function is called "{word}"',
                did_you_mean(word, FUNCTIONS) or f"Functions: {one_of(FUNCTIONS, 20)}.",
            )  # fmt: skip
        if word in ("answered", "missing", "declined"):
            return self.presence(word, node)
        if word in ("has", "any_of", "all_of"):
            return self.choice_call(word, node)
        if word == "count":
            return self.count(node)
        if word == "coalesce":
            return self.coalesce(node, depth)
        return self.statistic(word, node, depth)

    def arguments(self, node: ast.Call, word: str, exactly: int) -> list[ast.expr]:
        if len(node.args) != exactly:
            raise self.fault(
                node,
                "bad-condition",
                f"{word} takes {exactly} argument{'s'[: exactly > 1]}",
                f"Write {FUNCTIONS[word]}.",
            )
        return node.args

    def presence(self, word: str, node: ast.Call) -> Typed:
        (argument,) = self.arguments(node, word, 1)
        typed = self.named(argument)
        trees = [
            ["answered" if word == "missing" else word, name] for name in typed.statements or (typed.name,)
        ]
        both = trees[0] if len(trees) == 1 else ["and", *trees]
        if word == "missing":
            both = ["missing", typed.name] if len(trees) == 1 else ["not", both]
        return Typed(both, "truth")

    def named(self, node: ast.expr) -> Subject:
        subject = self.subject(node)
        self.names.update(subject.statements or (subject.name,))
        return subject

    def choice_call(self, word: str, node: ast.Call) -> Typed:
        first, second = self.arguments(node, word, 2)
        subject = self.named(first)
        typed = Typed(None, _kind_of(subject), subject.codes, subject)
        if subject.kind != "multiple":
            raise self.fault(
                first, "condition-types", f"{self.spoken(typed)} is not a multiple_choice item",
                f'For other items write {subject.name} == "..." or {subject.name} in [...].',
            )  # fmt: skip
        elements = [second] if word == "has" else getattr(second, "elts", None)
        if elements is None:
            raise self.fault(
                second, "condition-types", f"{word} needs a list of options", f"Write {FUNCTIONS[word]}."
            )
        self.each(self.option, elements, typed, word)
        return Typed([word, subject.name, self.read(second, 0).tree], "truth")

    def option(self, node: ast.expr, typed: Typed, word: str) -> None:
        value = self.read(node, DEEPEST - 2)
        if not value.literal:
            raise self.fault(
                node, "condition-types", "an option's code is needed here", f"Write {FUNCTIONS[word]}."
            )
        self.option_exists(typed, value.tree, node)

    def count(self, node: ast.Call) -> Typed:
        (argument,) = self.arguments(node, "count", 1)
        subject = self.named(argument)
        if subject.kind == "multiple":
            return Typed(["count", subject.name], "number")
        if subject.kind == "matrix":
            return Typed(["count", *subject.statements], "number")
        raise self.fault(
            argument,
            "condition-types",
            f'"{subject.name}" has nothing to count',
            "count takes a multiple_choice or a matrix.",
        )

    def coalesce(self, node: ast.Call, depth: int) -> Typed:
        parts = self.each(self.read, node.args, depth + 1)
        if not parts:
            raise self.fault(
                node,
                "bad-condition",
                "coalesce takes one argument or more",
                f"Write {FUNCTIONS['coalesce']}.",
            )
        for part, argument in zip(parts, node.args, strict=True):
            if part.kind not in ("number", "text", "code"):
                raise self.fault(
                    argument, "condition-types", f"{self.spoken(part)} cannot stand here", self.advice(part)
                )
            if part.kind != "number" or parts[0].kind != "number":
                self.alike(parts[0], part, argument)
        return Typed(["coalesce", *(part.tree for part in parts)], parts[0].kind, _codes_of(parts))

    def statistic(self, word: str, node: ast.Call, depth: int) -> Typed:
        trees = [tree for found in self.each(self.numbers, node.args, depth) for tree in found]
        if not trees or (word == "abs" and len(trees) != 1):
            raise self.fault(
                node,
                "bad-condition",
                f"{word} has the wrong number of arguments",
                f"Write {FUNCTIONS[word]}.",
            )
        return Typed([word, *trees], "number")

    def numbers(self, node: ast.expr, depth: int) -> list[Tree]:
        typed = self.read(node, depth + 1)
        if (
            typed.kind == "matrix"
            and typed.subject
            and all(isinstance(code, int) for code in typed.subject.codes)
        ):
            return [["get", name] for name in typed.subject.statements]
        return [self.as_number(typed, node).tree]


def _between(typed: Typed, codes: Sequence[Any] | None) -> bool:
    """Whether it is a number inside a scale: a scale may be cut between two of its points."""
    return bool(codes) and typed.literal and min(codes) < typed.tree < max(codes)


def _codes_of(parts: list[Typed]) -> tuple[Code, ...] | None:
    """All that the first known of several can be, where that is a list of codes."""
    if parts[0].kind == "code":
        return tuple(code for part in parts for code in (part.codes or (part.tree,)))
    return None


def _kind_of(subject: Subject) -> str:
    if subject.kind != "choice":
        return subject.kind
    return "number" if all(isinstance(code, int) for code in subject.codes) else "code"
