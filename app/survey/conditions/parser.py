"""Reads Python's syntax tree as an expression of conditions: lets through what the language has, checks types."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from app.survey.codes import Code
from app.survey.conditions.functions import FUNCTIONS, TESTING, WHOLE, call, chosen
from app.survey.conditions.types import (
    SINGLE,
    ConditionFault,
    Typed,
    UnsoundItem,
    advice,
    instead_of,
    not_truth,
    part_instead,
    require_alike,
    require_comparable,
    require_option,
    require_same_precision,
    spoken,
    typed_of,
)
from app.survey.faults import did_you_mean, one_of
from app.survey.model import Answer
from app.survey.other_tools import EMPTY, suffix_of
from app.survey.scope import Scope

JOIN = "·"  # stands for the dot in names that Python would not read as one, such as week.1 and week.in
DEEPEST = 40  # nested operations
LARGEST = 2**53  # above it the browser's numbers are no longer exact
LONGEST_READING = 20_000  # parts looked at: tests of matrices inside tests of matrices multiply

COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class Reader:
    """One reading of one expression. `names` and `faults` grow as it goes."""

    def __init__(self, scope: Scope, text: str, lead: int):
        self.scope, self.lead = scope, lead
        self.bytes = text.strip().encode()  # in which Python counts columns
        self.names: set[str] = set()
        self.faults: list[ConditionFault] = []
        self.bound: dict[str, Answer] = {}  # what stands for several, while each of them is looked at
        self.looked = 0

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
        self.looked += 1
        if depth > DEEPEST or self.looked > LONGEST_READING:
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
                return self.arithmetic(node, depth)
            case ast.Compare():
                return self.comparison(node, depth)
            case ast.IfExp():
                return self.conditional(node, depth)
            case ast.Call(func=ast.Name()) if not node.keywords:
                return call(self, node, depth)
            case ast.Name() | ast.Attribute():
                return self.name(node)
            case ast.Constant():
                return self.literal(node)
            case ast.List() | ast.Tuple() | ast.Set():
                return self.list(node)
        raise self.fault(
            node, "bad-condition", "this is not part of the language of conditions", instead_of(node)
        )

    def literal_at(self, node: ast.expr) -> Typed:
        """Something that can only be small: a literal, or a fault later."""
        return self.read(node, DEEPEST - 2)

    # true and false

    def junction(self, node: ast.BoolOp, depth: int) -> Typed:
        word = "and" if isinstance(node.op, ast.And) else "or"
        return Typed([word, *(typed.tree for typed in self.each(self.truth, node.values, depth))], "truth")

    def truth(self, node: ast.expr, depth: int) -> Typed:
        typed = self.read(node, depth + 1)
        if typed.kind != "truth":
            raise self.fault(node, "condition-not-true-or-false", *not_truth(typed))
        return typed

    def in_each(self, node: ast.expr, depth: int) -> list[Any]:
        """The trees of a test: one, or one for each entry of the loop or row of the matrix that it uses."""
        several = dict(self.several_in(node))
        if not several:
            return [self.truth(node, depth).tree]
        lengths = {len(answer.parts) for answer in several.values()}
        if len(lengths) > 1:
            raise self.fault(
                node, "condition-types", f"{one_of(several)} have different numbers of entries",
                "Test one loop or matrix at a time.",
            )  # fmt: skip
        outside, trees = self.bound, []
        try:
            for place in range(lengths.pop()):
                self.bound = outside | {name: answer.parts[place] for name, answer in several.items()}
                trees.append(self.truth(node, depth).tree)
        finally:
            self.bound = outside
        return trees

    def several_in(self, node: ast.AST) -> list[tuple[str, Answer]]:
        """The loops in a test, and the matrices that are not taken whole by a function, each as it is written."""
        if isinstance(node, ast.Name | ast.Attribute):
            name = _dotted(node) or ""
            answer = self.known(name)
            return [(name, answer)] if answer and answer.parts else []
        first, links = _chain(node)
        inside = [first, *(side for _, side in links)] if links else list(ast.iter_child_nodes(node))
        word = None
        if isinstance(node, ast.Call):
            word, inside = _dotted(node.func), list(node.args)
        found = [(part, each) for part in inside for each in self.several_in(part)]
        return [
            each for part, each in found
            if each[1].kind == "loop" or not (word in TESTING or (word in WHOLE and _dotted(part)))
        ]  # fmt: skip

    def conditional(self, node: ast.IfExp, depth: int) -> Typed:
        """A list of cases, however long it is."""
        cases: list[ast.IfExp] = []
        last: ast.expr = node
        while isinstance(last, ast.IfExp):
            cases.append(last)
            last = last.orelse
        tests = self.each(self.truth, [case.test for case in cases], depth)
        *values, found = self.each(self.branch, [*(case.body for case in cases), last], depth + 1)
        for case, test, value in zip(reversed(cases), reversed(tests), reversed(values), strict=True):
            found = self.case(case, test, value, found)
        return found

    def case(self, node: ast.IfExp, test: Typed, a: Typed, b: Typed) -> Typed:
        tree = ["if", test.tree, a.tree, b.tree]
        a, b = (b if a.kind == "nothing" else a), (a if b.kind == "nothing" else b)
        codes = _either(a, b)
        if codes:
            return Typed(tree, "code", codes)
        if {a.kind, b.kind} not in ({"number"}, {"text"}, {"truth"}, {"date"}):
            raise self.fault(
                node.orelse, "condition-types", f"{spoken(a)} and {spoken(b)} are different kinds of value",
                "Use the same kind of value before `if` and after `else`.",
            )  # fmt: skip
        require_same_precision(self, a, b, node.orelse)
        return Typed(tree, a.kind, precision=a.precision)

    def branch(self, node: ast.expr, depth: int) -> Typed:
        if isinstance(node, ast.Name) and node.id == "null":
            return Typed(None, "nothing", literal=True)
        typed = self.read(node, depth)
        if typed.kind not in (*SINGLE, "truth"):
            raise self.fault(node, "condition-types", f"{spoken(typed)} cannot be used here", advice(typed))
        return typed

    # numbers

    def arithmetic(self, node: ast.BinOp, depth: int) -> Typed:
        """A chain such as a + b - c, however long it is; what stands between the same signs becomes one operation."""
        first, links = _chain(node)
        nodes = (first, *(side for _, side in links))
        read = self.each(self.read, nodes, depth + 1)
        if any(typed.kind == "date" for typed in read):
            raise self.fault(node, "condition-types", "dates are not added or subtracted", _days_between(nodes, read))
        sides = self.each(lambda pair: self.as_number(*pair), list(zip(read, nodes, strict=True)))
        tree, last = sides[0].tree, ""
        for (word, _), side in zip(links, sides[1:], strict=True):
            tree, last = [*tree, side.tree] if word == last else [word, tree, side.tree], word
        return Typed(tree, "number")

    def negative(self, node: ast.UnaryOp, depth: int) -> Typed:
        inner = self.number(node.operand, depth)
        if inner.literal:
            return Typed(-inner.tree, "number", literal=True)
        return Typed(["neg", inner.tree], "number")

    def number(self, node: ast.expr, depth: int) -> Typed:
        return self.as_number(self.read(node, depth + 1), node)

    def as_number(self, typed: Typed, node: ast.expr) -> Typed:
        if typed.kind != "number":
            raise self.fault(
                node, "condition-types", f"{spoken(typed)} is used where a number is expected", advice(typed)
            )
        return typed

    # names and literals

    def is_name(self, node: ast.expr) -> bool:
        """Whether it is written as the name of something that answers stand under."""
        return isinstance(node, ast.Name | ast.Attribute) and _dotted(node) not in ("true", "false")

    def is_item(self, name: str) -> bool:
        """Whether something known by this name is neither a function nor `today`."""
        return name in self.scope.known and name != "today"

    def name(self, node: ast.Name | ast.Attribute) -> Typed:
        if isinstance(node, ast.Name) and not self.is_name(node):
            return Typed(node.id == "true", "truth", literal=True)
        return typed_of(self.named(node))

    def named(self, node: ast.expr) -> Answer:
        answer = self.answer(node)
        self.names.update(answer.names)
        return answer

    def known(self, name: str) -> Answer | None:
        return self.bound.get(name) or self.scope.known.get(name)

    def answer(self, node: ast.expr) -> Answer:
        name = _dotted(node)
        if name is None:
            raise self.fault(
                node, "bad-condition", "expected an item's name", "Write item or item.statement."
            )
        answer = self.known(name)
        return answer if answer else self.unknown(node, name)

    def unknown(self, node: ast.expr, name: str) -> Answer:
        """Never returns: says why there is nothing of that name."""
        item = name.split(".")[0]
        if item in self.scope.unsound or name in self.scope.unsound:
            raise UnsoundItem
        if item in self.scope.later or name in self.scope.later:
            raise self.fault(
                node, "condition-asked-later", f'"{name}" is not asked before this',
                "A condition can only use items that come before it: move one of the two.",
            )  # fmt: skip
        what = f'there is no item called "{name}"'
        if item in self.scope.notes:
            what = f'"{item}" is a note, which has no answer'
        elif item in self.scope.known:
            what = f'"{item}" has no part "{name.partition(".")[2]}"'
        raise self.fault(node, "condition-unknown-name", what, self.suggestion(name))

    def suggestion(self, name: str) -> str:
        known = [*self.scope.known, *self.scope.later, *self.scope.unsound]
        if name in FUNCTIONS:
            return f"{name} is a function: write {FUNCTIONS[name]}."
        if name == "null":
            return "To test for a missing answer, write missing(item)."
        if name == "language":
            return "It is available if the survey has several `languages`."
        if name.lower() in known:
            return f'Did you mean "{name.lower()}"?'
        item, _, part = name.partition(".")
        if item in self.scope.known and part:
            return suffix_of(name) or part_instead(self.scope.known[item], part)
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
            if not abs(value) <= LARGEST:  # nor where it is no number at all
                raise self.fault(
                    node, "bad-condition", "the number is too large", "Use numbers below 9007199254740992."
                )
            return Typed(value, "number", literal=True)
        if isinstance(value, str):
            if (node.end_col_offset or 0) - node.col_offset != len(value.encode()) + 2:
                raise self.fault(
                    node, "bad-condition", "this is not a single text in plain quotes",
                    'Write "text", with a comma between two texts.',
                )  # fmt: skip
            return Typed(value, "text", literal=True)
        raise self.fault(
            node, "bad-condition", "this value is not part of the language", "Use numbers and quoted text."
        )

    def list(self, node: ast.List | ast.Tuple | ast.Set) -> Typed:
        if not node.elts:
            raise self.fault(node, "bad-condition", "the list is empty", "Add at least one value.")
        values = self.each(self.literal_at, node.elts)
        for element, value in zip(node.elts, values, strict=True):
            if not value.literal or value.kind == "truth":
                remedy = 'Write values such as ["left", "retired"] or [1, 2].'
                if len(values) == 1 and (name := _dotted(element)):
                    remedy = f"Write {name} as it is, without brackets."
                what = "a list can contain only quoted codes, texts, numbers and dates"
                raise self.fault(element, "bad-condition", what, remedy)
        return Typed(["list", *(value.tree for value in values)], "list")

    # comparisons

    def comparison(self, node: ast.Compare, depth: int) -> Typed:
        sides = [node.left, *node.comparators]
        pairs = [self.pair(op, a, b, depth) for op, a, b in zip(node.ops, sides, sides[1:], strict=False)]
        return Typed(pairs[0] if len(pairs) == 1 else ["and", *pairs], "truth")

    def pair(self, op: ast.cmpop, left: ast.expr, right: ast.expr, depth: int) -> Any:
        if isinstance(op, ast.In | ast.NotIn):
            tree = self.membership(left, right, depth)
            return ["not", tree] if isinstance(op, ast.NotIn) else tree
        if type(op) not in COMPARISONS:
            empty = isinstance(right, ast.Name) and right.id in ("null", "none", "empty", "missing")
            remedy = EMPTY if empty else "Write == or !=."
            raise self.fault(right, "bad-condition", "`is` is not part of the language", remedy)
        a, b = self.each(self.read, (left, right), depth + 1)
        require_comparable(self, a, b, left, right, ordered=not isinstance(op, ast.Eq | ast.NotEq))
        return [COMPARISONS[type(op)], a.tree, b.tree]

    def membership(self, left: ast.expr, right: ast.expr, depth: int) -> Any:
        a, b = self.each(self.read, (left, right), depth + 1)
        if b.answer and b.answer.is_list and a.literal:
            require_option(self, b, a.tree, left)
            return chosen(self, "has", b.answer, [a.tree])
        if b.kind != "list":
            raise self.fault(
                right, "condition-types", "`in` needs a list after it", 'Write item in ["one", "other"].'
            )
        if a.kind not in SINGLE:
            raise self.fault(left, "condition-types", f"{spoken(a)} cannot be tested with `in`", advice(a))
        self.each(lambda element: require_alike(self, a, self.literal_at(element), element), right.elts)  # type: ignore[attr-defined]
        return ["in", a.tree, b.tree]


def _chain(node: ast.AST) -> tuple[Any, list[tuple[str, ast.expr]]]:
    """The first number of a calculation that is read from the left, and what follows it, each with its sign."""
    links: list[tuple[str, ast.expr]] = []
    while isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        links.append((ARITHMETIC[type(node.op)], node.right))
        node = node.left
    return node, links[::-1]


def _days_between(nodes: Sequence[ast.expr], read: Sequence[Typed]) -> str:
    """What to write for a calculation with dates."""
    if [typed.kind for typed in read] == ["date", "date"]:
        first, last = (ast.unparse(node).replace(JOIN, ".") for node in reversed(nodes))
        return f"Write days({first}, {last}), the days from the first to the second."
    return "Count the days between two dates, as in days(left, today) <= 30."


def _dotted(node: ast.AST) -> str | None:
    match node:
        case ast.Name():
            return node.id.replace(JOIN, ".")
        case ast.Attribute(value=ast.Name()):
            return f"{node.value.id}.{node.attr}"
    return None


def _either(a: Typed, b: Typed) -> tuple[Code, ...]:
    """What one or the other can be, where both are codes or words written out; nothing otherwise."""
    sides = [side.codes if side.kind == "code" else (side.tree,) for side in (a, b) if _is_code(side)]
    if len(sides) < 2 or any(side is None for side in sides):
        return ()
    return tuple(dict.fromkeys(code for side in sides for code in side or ()))


def _is_code(typed: Typed) -> bool:
    return typed.kind == "code" or (typed.kind == "text" and typed.literal)
