"""Conditions: small typed strings that look like Python, parsed once into a tree.

The tree is JSON: a literal is itself, anything else is `[operation, *arguments]`. The server (here), the
browser (`form.js`) and Polars (`app.results.where`) each evaluate it, with the same answer on every row.
Logic is three-valued (Kleene): what an unanswered item would decide stays unknown, which is None here.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.errors import did_you_mean, one_of
from app.instrument.model import Code, Instrument, Item, Matrix, MultipleChoice, Number, Rating, SingleChoice

Tree = Any
Answers = Mapping[str, Any]

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
    """A condition that cannot stand; `offset` counts characters from the start of the condition."""

    def __init__(self, code: str, what: str, remedy: str, offset: int = 0):
        super().__init__(what)
        self.code, self.what, self.remedy, self.offset = code, what, remedy, offset


@dataclass(frozen=True, slots=True)
class Subject:
    """What a name in a condition stands for."""

    name: str
    kind: str  # choice | multiple | number | text | matrix
    codes: tuple[Code, ...] = ()
    statements: tuple[str, ...] = ()  # of a matrix: the full names


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a condition may speak of, and those that only come later."""

    known: Mapping[str, Subject]
    later: frozenset[str] = frozenset()


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
            whole = Subject(item.id, "matrix", codes, item.names())
            return [whole, *(Subject(name, "choice", codes) for name in item.names())]
        case Number():
            return [Subject(item.id, "number")]
        case _:
            return [Subject(name, "text") for name in item.names()]


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
    """Raises ConditionFault."""
    if len(source) > LONGEST:
        raise ConditionFault("too-large", f"the condition is longer than {LONGEST} characters", "Shorten it.")
    text = " ".join(source.split("\n"))
    lead = len(text) - len(text.lstrip())
    reader = _Reader(scope, lead)
    typed = reader.read(_syntax(text, lead), 0)
    if typed.kind != "truth":
        raise ConditionFault("condition-not-true-or-false", *_not_truth(typed), offset=lead)
    return Condition(source, typed.tree, frozenset(reader.names))


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
    try:
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
    return 'Write it like status == "left" and years > 5; check quotes and brackets.'


class _Reader:
    """Walks Python's syntax tree, lets through what the language has, and checks the types."""

    def __init__(self, scope: Scope, lead: int):
        self.scope, self.lead = scope, lead
        self.names: set[str] = set()

    def fault(self, node: ast.AST, code: str, what: str, remedy: str) -> ConditionFault:
        return ConditionFault(code, what, remedy, self.lead + getattr(node, "col_offset", 0))

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
                sides = [self.number(side, depth) for side in (node.left, node.right)]
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
        return Typed([word, *(self.truth(value, depth).tree for value in node.values)], "truth")

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
        typed = self.read(node, depth + 1)
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
        if name in self.scope.later or name.split(".")[0] in self.scope.later:
            raise self.fault(
                node, "condition-asked-later", f'"{name}" is asked later',
                "A condition can only speak of what comes before it: move one of the two.",
            )  # fmt: skip
        raise self.fault(node, "condition-unknown-name", f'no item is called "{name}"', self.suggestion(name))

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
        known = [*self.scope.known, *self.scope.later]
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
            return Typed(value, "text", literal=True)
        raise self.fault(
            node, "bad-condition", "this value is not part of the language", "Use numbers and quoted text."
        )

    def list(self, node: ast.List | ast.Tuple | ast.Set) -> Typed:
        if not node.elts:
            raise self.fault(node, "bad-condition", "the list is empty", "Put at least one value in it.")
        values = [self.read(element, DEEPEST - 2) for element in node.elts]
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
        a, b = self.read(left, depth + 1), self.read(right, depth + 1)
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
        if b.codes is not None and a.literal:
            self.alike(b, a, left)
        else:
            self.alike(a, b, right)

    def alike(self, a: Typed, b: Typed, node: ast.expr) -> None:
        """`b`, at `node`, is something that `a` can be equal to."""
        if a.codes is not None and b.literal:
            self.option_exists(a, b.tree, node)
        elif {a.kind, b.kind} not in ({"number"}, {"text"}, {"code"}):
            raise self.fault(
                node, "condition-types", f"{self.spoken(a)} is compared with {self.spoken(b)}", self.advice(a)
            )

    def option_exists(self, a: Typed, code: Code, node: ast.expr) -> None:
        if code in (a.codes or ()):
            return
        name = a.subject.name if a.subject else "this"
        quoted = next((known for known in a.codes or () if str(known) == str(code)), None)
        if quoted is not None:
            remedy = f"Write {quoted!r}: this code is {'a number' if isinstance(quoted, int) else 'a word in quotes'}."
        else:
            remedy = did_you_mean(code, a.codes or ()) or f"Its options: {one_of(a.codes or ())}."
        raise self.fault(node, "condition-unknown-option", f'"{name}" has no option "{code}"', remedy)

    def membership(self, left: ast.expr, right: ast.expr, depth: int) -> Tree:
        a, b = self.read(left, depth + 1), self.read(right, depth + 1)
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
        for element in getattr(right, "elts", ()):
            self.alike(a, self.read(element, depth + 1), element)
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
        typed = Typed(None, subject.kind, subject.codes, subject)
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
        for element in elements:
            value = self.read(element, DEEPEST - 2)
            if not value.literal:
                raise self.fault(
                    element, "condition-types", "an option's code is needed here", f"Write {FUNCTIONS[word]}."
                )
            self.option_exists(typed, value.tree, element)
        return Typed([word, subject.name, self.read(second, 0).tree], "truth")

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
        parts = [self.read(argument, depth + 1) for argument in node.args]
        if not parts:
            raise self.fault(
                node,
                "bad-condition",
                "coalesce takes one argument or more",
                f"Write {FUNCTIONS['coalesce']}.",
            )
        codes = (
            None
            if any(part.codes is None for part in parts)
            else tuple(c for p in parts for c in p.codes or ())
        )
        for part, argument in zip(parts, node.args, strict=True):
            if part.kind not in ("number", "text", "code"):
                raise self.fault(
                    argument, "condition-types", f"{self.spoken(part)} cannot stand here", self.advice(part)
                )
            self.alike(parts[0], part, argument)
        return Typed(["coalesce", *(part.tree for part in parts)], parts[0].kind, codes)

    def statistic(self, word: str, node: ast.Call, depth: int) -> Typed:
        trees = [tree for argument in node.args for tree in self.numbers(argument, depth)]
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
        return [self.number(node, depth).tree]


def _kind_of(subject: Subject) -> str:
    if subject.kind != "choice":
        return subject.kind
    return "number" if all(isinstance(code, int) for code in subject.codes) else "code"


# --- evaluating ------------------------------------------------------------------------------------------

Evaluator = Callable[[Answers], Any]


def compile_tree(tree: Tree) -> Evaluator:
    """A function from answers to the tree's value; None is unknown."""
    if not isinstance(tree, list):
        return lambda answers: tree
    operation, *arguments = tree
    if operation in _ON_NAMES:
        return _ON_NAMES[operation](*arguments)
    if operation == "in":
        return _in(compile_tree(arguments[0]), arguments[1][1:])
    return _ON_VALUES[operation](*(compile_tree(argument) for argument in arguments))


def _value(answers: Answers, name: str) -> Any:
    value = answers.get(name)
    return None if isinstance(value, dict) else value


def _get(name: str) -> Evaluator:
    return lambda answers: _value(answers, name)


def _answered(name: str) -> Evaluator:
    return lambda answers: _value(answers, name) is not None


def _missing(name: str) -> Evaluator:
    return lambda answers: _value(answers, name) is None


def _declined(name: str) -> Evaluator:
    return lambda answers: answers.get(name) == {"missing": "declined"}


def _chosen(test: Callable[[list[Code]], Any]) -> Callable[[str], Evaluator]:
    def on(name: str) -> Evaluator:
        def run(answers: Answers) -> Any:
            value = _value(answers, name)
            return None if value is None else test(value)

        return run

    return on


def _has(name: str, code: Code) -> Evaluator:
    return _chosen(lambda chosen: code in chosen)(name)


def _any_of(name: str, codes: list[Code]) -> Evaluator:
    return _chosen(lambda chosen: any(code in chosen for code in codes[1:]))(name)


def _all_of(name: str, codes: list[Code]) -> Evaluator:
    return _chosen(lambda chosen: all(code in chosen for code in codes[1:]))(name)


def _count(*names: str) -> Evaluator:
    if len(names) == 1:
        return _count_one(names[0])
    return lambda answers: sum(_value(answers, name) is not None for name in names)


def _count_one(name: str) -> Evaluator:
    def run(answers: Answers) -> int | None:
        value = _value(answers, name)
        if "." in name:
            return int(value is not None)
        return None if value is None else len(value)

    return run


def _and(*parts: Evaluator) -> Evaluator:
    def run(answers: Answers) -> bool | None:
        result: bool | None = True
        for part in parts:
            value = part(answers)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return run


def _or(*parts: Evaluator) -> Evaluator:
    def run(answers: Answers) -> bool | None:
        result: bool | None = False
        for part in parts:
            value = part(answers)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return run


def _not(part: Evaluator) -> Evaluator:
    def run(answers: Answers) -> bool | None:
        value = part(answers)
        return None if value is None else not value

    return run


def _same(a: Any, b: Any) -> bool:
    return isinstance(a, str) == isinstance(b, str) and a == b


def _equality(wanted: bool) -> Callable[[Evaluator, Evaluator], Evaluator]:
    def on(left: Evaluator, right: Evaluator) -> Evaluator:
        def run(answers: Answers) -> bool | None:
            a, b = left(answers), right(answers)
            return None if a is None or b is None else _same(a, b) is wanted

        return run

    return on


def _ordering(test: Callable[[float, float], bool]) -> Callable[[Evaluator, Evaluator], Evaluator]:
    def on(left: Evaluator, right: Evaluator) -> Evaluator:
        def run(answers: Answers) -> bool | None:
            a, b = left(answers), right(answers)
            if a is None or b is None or isinstance(a, str) or isinstance(b, str):
                return None
            return test(a, b)

        return run

    return on


def _in(left: Evaluator, values: list[Code]) -> Evaluator:
    def run(answers: Answers) -> bool | None:
        a = left(answers)
        return None if a is None else any(_same(a, value) for value in values)

    return run


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _arithmetic(compute: Callable[[float, float], float]) -> Callable[[Evaluator, Evaluator], Evaluator]:
    def on(left: Evaluator, right: Evaluator) -> Evaluator:
        def run(answers: Answers) -> float | None:
            a, b = left(answers), right(answers)
            return None if a is None or b is None else _finite(compute(float(a), float(b)))

        return run

    return on


def _divide(a: float, b: float) -> float:
    return a / b if b else math.nan


def _single(compute: Callable[[float], float]) -> Callable[[Evaluator], Evaluator]:
    def on(part: Evaluator) -> Evaluator:
        def run(answers: Answers) -> float | None:
            value = part(answers)
            return None if value is None else compute(float(value))

        return run

    return on


def _statistic(compute: Callable[[list[float]], float]) -> Callable[..., Evaluator]:
    def on(*parts: Evaluator) -> Evaluator:
        def run(answers: Answers) -> float | None:
            known = [float(value) for part in parts if (value := part(answers)) is not None]
            return _finite(compute(known)) if known else None

        return run

    return on


def _total(values: list[float]) -> float:
    # From left to right, as the browser and Polars add: Python's own sum is more exact, and so would differ.
    total = 0.0
    for value in values:
        total += value
    return total


def _coalesce(*parts: Evaluator) -> Evaluator:
    def run(answers: Answers) -> Any:
        for part in parts:
            value = part(answers)
            if value is not None:
                return value
        return None

    return run


_ON_NAMES: dict[str, Callable[..., Evaluator]] = {
    "get": _get,
    "answered": _answered,
    "missing": _missing,
    "declined": _declined,
    "has": _has,
    "any_of": _any_of,
    "all_of": _all_of,
    "count": _count,
}
_ON_VALUES: dict[str, Callable[..., Evaluator]] = {
    "and": _and,
    "or": _or,
    "not": _not,
    "==": _equality(True),
    "!=": _equality(False),
    "<": _ordering(lambda a, b: a < b),
    "<=": _ordering(lambda a, b: a <= b),
    ">": _ordering(lambda a, b: a > b),
    ">=": _ordering(lambda a, b: a >= b),
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b),
    "*": _arithmetic(lambda a, b: a * b),
    "/": _arithmetic(_divide),
    "neg": _single(lambda a: -a),
    "abs": _single(abs),
    "min": _statistic(min),
    "max": _statistic(max),
    "mean": _statistic(lambda values: _total(values) / len(values)),
    "sum": _statistic(_total),
    "coalesce": _coalesce,
}
