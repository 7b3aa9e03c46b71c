"""The functions of conditions: what each takes, and the tree that it becomes."""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from app.survey.codes import Code
from app.survey.conditions.types import (
    ConditionFault,
    FaultSource,
    Typed,
    advice,
    kind_of,
    literally,
    require_alike,
    require_option,
    spoken,
    typed_of,
)
from app.survey.faults import did_you_mean, one_of
from app.survey.model import Answer
from app.survey.other_tools import function_of

#: Functions of conditions, each with how it is written.
FUNCTIONS = {
    "answered": "answered(item)",
    "missing": "missing(item)",
    "asked": "asked(item)",
    "declined": "declined(item)",
    "dont_know": "dont_know(item)",
    "not_applicable": "not_applicable(item)",
    "has": 'has(item, "option")',
    "any_of": 'any_of(item, ["option", ...])',
    "all_of": 'all_of(item, ["option", ...])',
    "count": "count(item)",
    "rank": 'rank(item, "option")',
    "any": "any(item >= 4)",
    "all": "all(item >= 4)",
    "coalesce": "coalesce(a, b, ...)",
    "min": "min(a, b, ...)",
    "max": "max(a, b, ...)",
    "mean": "mean(a, b, ...)",
    "sum": "sum(a, b, ...)",
    "abs": "abs(a)",
    "round": "round(a) or round(a, 1)",
    "date": 'date("2027-02-28")',
    "year": "year(date)",
    "month": "month(date)",
    "days": "days(from, to)",
}
#: Functions that take a matrix or a loop as a whole; and those that test each of its rows or entries.
WHOLE = ("answered", "missing", "asked", "declined", "dont_know", "not_applicable", "min", "max", "mean", "sum")
TESTING = ("count", "any", "all")
#: Words that no item can be called by: the functions that there were first, and what stands for itself.
RESERVED = (
    "answered", "missing", "declined", "has", "any_of", "all_of", "count", "coalesce", "min", "max", "mean", "sum", "abs",
    "today", "language", "null",
)  # fmt: skip
PRECISIONS = {4: "year", 7: "month", 10: "day"}
DATE = re.compile(r"[1-9]\d{3}(-\d{2}(-\d{2})?)?")
MOST_DIGITS = 9


class ArgumentReader(FaultSource, Protocol):
    """Reads the arguments of a function: `parser.Reader`."""

    names: set[str]

    def named(self, node: ast.expr) -> Answer: ...
    def is_name(self, node: ast.expr) -> bool: ...
    def is_item(self, name: str) -> bool: ...
    def read(self, node: ast.expr, depth: int) -> Typed: ...
    def literal_at(self, node: ast.expr) -> Typed: ...
    def each(self, read: Callable[..., Any], parts: Sequence[Any], *arguments: Any) -> list[Any]: ...
    def in_each(self, node: ast.expr, depth: int) -> list[Any]: ...


Call = Callable[[ArgumentReader, str, ast.Call, int], Typed]


def call(reader: ArgumentReader, node: ast.Call, depth: int) -> Typed:
    word = node.func.id if isinstance(node.func, ast.Name) else ""
    if word not in CALLS:
        if isinstance(node.func, ast.Name) and reader.is_item(word):
            remedy = f'Write has({word}, "option") for an option that is chosen, or {word} alone.'
            raise reader.fault(node, "condition-unknown-function", f'"{word}" is an item, not a function', remedy)
        raise reader.fault(
            node, "condition-unknown-function", f'there is no function called "{word}"',
            function_of(word) or did_you_mean(word, FUNCTIONS) or f"Functions: {one_of(FUNCTIONS, 30)}.",
        )  # fmt: skip
    return CALLS[word](reader, word, node, depth)


def _arguments(reader: ArgumentReader, word: str, node: ast.Call, least: int, most: int) -> list[ast.expr]:
    if not least <= len(node.args) <= most:
        wanted = f"{least} argument{'s'[: least > 1]}" if least == most else f"{least} or {most} arguments"
        raise _refused(reader, word, node, f"{word} takes {wanted}", "bad-condition")
    return node.args


def _refused(
    reader: ArgumentReader, word: str, node: ast.expr, what: str, code: str = "condition-types"
) -> ConditionFault:
    return reader.fault(node, code, what, f"Write {FUNCTIONS[word]}.")


# whether there is an answer


def _presence(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    (argument,) = _arguments(reader, word, node, 1, 1)
    answer = reader.named(argument)
    if answer.is_computed:
        return Typed(_worked_out(reader, word, answer, argument), "truth")
    if word != "missing":
        return Typed(_present(word, answer), "truth")
    return Typed(
        ["not", _present("answered", answer)] if answer.parts else ["missing", answer.name], "truth"
    )


def _worked_out(reader: ArgumentReader, word: str, answer: Answer, node: ast.expr) -> Any:
    if word not in ("answered", "missing"):
        what = f'"{answer.name}" is computed, so it has no missing reason given by respondents'
        if word == "asked":
            what = f'"{answer.name}" is computed, so respondents do not answer it'
        raise reader.fault(
            node, "condition-types", what, f"Use it with an item, or write missing({answer.name})."
        )
    known = ["known", answer.tree]
    return [">=", known, 1] if word == "answered" else ["==", known, 0]


def _present(word: str, answer: Answer) -> Any:
    """Of a matrix and the like: all parts; of a loop, whose entries differ from one to the other, at least one. Any
    part that is asked means that the whole is."""
    if not answer.parts:
        itself = word in ("asked", "answered", "declined")
        return [word, answer.name] if itself else ["reason", answer.name, word]
    trees = [_present(word, part) for part in answer.parts]
    one_is_enough = answer.kind == "loop" or word == "asked"
    return trees[0] if len(trees) == 1 else ["or" if one_is_enough else "and", *trees]


# lists of options


def _choices(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    first, second = _arguments(reader, word, node, 2, 2)
    answer = reader.named(first)
    if not (answer.is_list or _is_loop_of_choices(answer, word)):
        raise _not_a_list(reader, word, answer, first)
    elements = [second] if word == "has" else getattr(second, "elts", None)
    if elements is None:
        raise _refused(reader, word, second, f"{word} needs a list of options")
    codes = reader.each(lambda element: _option(reader, word, answer, element), elements)
    if word != "has":
        reader.read(second, depth)
    if answer.kind != "loop":
        return Typed(chosen(reader, word, answer, codes), "truth")
    return Typed(["any", *(_chosen(reader, word, part, codes) for part in answer.parts)], "truth")


def _is_loop_of_choices(answer: Answer, word: str) -> bool:
    alike = all(part.is_list or part.kind == "choice" for part in answer.parts)
    return answer.kind == "loop" and word != "all_of" and alike


def _not_a_list(reader: ArgumentReader, word: str, answer: Answer, node: ast.expr) -> ConditionFault:
    what = f"{spoken(Typed(None, kind_of(answer), answer=answer))} is not a multiple_choice or a ranking"
    if answer.parts:
        return reader.fault(node, "condition-types", what, advice(typed_of(answer)))
    name = answer.name
    return reader.fault(
        node, "condition-types", what, f'For other items write {name} == "..." or {name} in [...].'
    )


def chosen(reader: ArgumentReader, word: str, answer: Answer, codes: Sequence[Code]) -> Any:
    """has, any_of or all_of of a list. An option that was not offered is neither chosen nor not: unknown."""
    sometimes = [code for code in codes if code in answer.offered]
    always = [code for code in codes if code not in answer.offered]
    reader.names.update(name for code in sometimes for name in answer.offered[code].names)
    trees = [["if", answer.offered[code].tree, ["has", answer.name, code], None] for code in sometimes]
    if always:
        trees.insert(0, [word, answer.name, always[0] if word == "has" else ["list", *always]])
    tree = trees[0] if len(trees) == 1 else ["and" if word == "all_of" else "or", *trees]
    return where_ranked(answer, tree)


def where_ranked(answer: Answer, tree: Any) -> Any:
    """A ranking without an answer is unknown, also where it was left empty: no order is not the order of nothing."""
    return ["if", ["answered", answer.name], tree, None] if answer.kind == "ranks" else tree


def _chosen(reader: ArgumentReader, word: str, part: Answer, codes: Sequence[Code]) -> Any:
    """Whether one entry of a loop has one of the codes."""
    if part.is_list:
        return chosen(reader, word, part, codes)
    return ["in", part.got, ["list", *codes]] if word == "any_of" else ["==", part.got, codes[0]]


def _option(reader: ArgumentReader, word: str, answer: Answer, node: ast.expr) -> Code:
    value = reader.literal_at(node)
    if not value.literal:
        raise _refused(reader, word, node, "expected an option's code")
    require_option(reader, Typed(None, "code", answer.codes, answer), value.tree, node)
    return value.tree


def _rank(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    first, second = _arguments(reader, word, node, 2, 2)
    answer = reader.named(first)
    if answer.kind != "ranks":
        what = f"{spoken(Typed(None, kind_of(answer), answer=answer))} is not a ranking"
        raise reader.fault(first, "condition-types", what, "rank takes a ranking and one of its options.")
    return Typed(["rank", answer.name, _option(reader, word, answer, second)], "number")


# how many


def _count(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    if len(node.args) == 1 and reader.is_name(node.args[0]):
        answer = reader.named(node.args[0])
        if answer.is_list:
            return Typed(where_ranked(answer, ["count", answer.name]), "number")
        if answer.parts:
            return Typed(["known", *(leaf.got for leaf in answer.leaves)], "number")
        if answer.kind != "truth":
            what = f'"{answer.name}" has nothing to count'
            remedy = "count takes a multiple_choice, a ranking, a matrix, a loop, or tests such as count(seen >= 4)."
            raise reader.fault(node.args[0], "condition-types", what, remedy)
    return Typed(["sum", *(["if", test, 1, 0] for test in _tests(reader, word, node, depth))], "number")


def _any(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    """Over the tests that are known; unknown when none is."""
    tests = _tests(reader, word, node, depth)
    if word == "any":
        return Typed(["any", *tests], "truth")
    return Typed(["not", ["any", *(["not", test] for test in tests)]], "truth")


def _tests(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> list[Any]:
    if not node.args:
        raise _refused(reader, word, node, f"{word} takes one argument or more", "bad-condition")
    return [tree for found in reader.each(reader.in_each, node.args, depth) for tree in found]


# values


def _coalesce(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    parts = reader.each(reader.read, node.args, depth + 1)
    if not parts:
        raise _refused(reader, word, node, "coalesce takes one argument or more", "bad-condition")
    for part, argument in zip(parts, node.args, strict=True):
        if part.kind not in ("number", "text", "code", "date"):
            raise reader.fault(argument, "condition-types", f"{spoken(part)} cannot be used here", advice(part))
        if part.kind != "number" or parts[0].kind != "number":
            require_alike(reader, parts[0], part, argument)
    tree = ["coalesce", *(part.tree for part in parts)]
    return Typed(tree, parts[0].kind, _codes_of(parts), precision=parts[0].precision)


def _codes_of(parts: Sequence[Typed]) -> tuple[Code, ...] | None:
    """All that the first known of several can be, where that is a list of codes."""
    if parts[0].kind == "code":
        return tuple(dict.fromkeys(code for part in parts for code in (part.codes or (part.tree,))))
    return None


def _statistic(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    trees = [tree for found in reader.each(lambda n: _numbers(reader, n, depth), node.args) for tree in found]
    if not trees or (word == "abs" and len(trees) != 1):
        raise _refused(reader, word, node, f"{word} has the wrong number of arguments", "bad-condition")
    return Typed([word, *trees], "number")


def _numbers(reader: ArgumentReader, node: ast.expr, depth: int) -> list[Any]:
    typed = reader.read(node, depth + 1)
    leaves = typed.answer.leaves if typed.answer and typed.answer.parts else ()
    if leaves and all(kind_of(leaf) == "number" for leaf in leaves):
        return [leaf.got for leaf in leaves]
    return [reader.as_number(typed, node).tree]


def _round(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    first, *rest = _arguments(reader, word, node, 1, 2)
    value = reader.number(first, depth)
    digits = reader.literal_at(rest[0]).tree if rest else 0
    if isinstance(digits, bool) or digits not in range(MOST_DIGITS + 1):
        what = f"round needs a whole number of digits from 0 to {MOST_DIGITS}"
        raise _refused(reader, word, rest[0], what, "bad-condition")
    return Typed(["round", value.tree, digits], "number")


# dates


def _date(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    (argument,) = _arguments(reader, word, node, 1, 1)
    written = reader.literal_at(argument).tree
    try:
        if not isinstance(written, str) or not DATE.fullmatch(written):
            raise ValueError
        datetime.date.fromisoformat(written + "-01-01"[len(written) - 4 :])
    except ValueError:
        what = f"{literally(written) if isinstance(written, str | int | float) else 'this'} is not a date"
        raise reader.fault(
            argument, "bad-date", what, 'Write date("2027-02-28"), date("2027-02") or date("2027").'
        ) from None
    return Typed(written, "date", literal=True, precision=PRECISIONS[len(written)])


def _part_of_date(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    (argument,) = _arguments(reader, word, node, 1, 1)
    return Typed([word, _a_date(reader, argument, depth, coarse=word == "year").tree], "number")


def _days(reader: ArgumentReader, word: str, node: ast.Call, depth: int) -> Typed:
    sides = _arguments(reader, word, node, 2, 2)
    first, last = reader.each(lambda side: _a_date(reader, side, depth, whole=True), sides)
    return Typed(["days", first.tree, last.tree], "number")


def _a_date(reader: ArgumentReader, node: ast.expr, depth: int, coarse: bool = False, whole: bool = False) -> Typed:
    """A date; unless it may be `coarse`, one that has a month, and where it must be `whole`, a day."""
    typed = reader.read(node, depth + 1)
    if typed.kind != "date":
        raise reader.fault(
            node, "condition-types", f"{spoken(typed)} is used where a date is expected",
            'Name a date item, or write today or date("2027-02-28").',
        )  # fmt: skip
    if (whole and typed.precision != "day") or (not coarse and typed.precision == "year"):
        wanted = "day" if whole else "month"
        raise reader.fault(
            node, "condition-precision", f"{spoken(typed)} has no {wanted}",
            f"Set `precision: {wanted}`, or use year(...).",
        )  # fmt: skip
    return typed


CALLS: dict[str, Call] = {
    **dict.fromkeys(("answered", "missing", "asked", "declined", "dont_know", "not_applicable"), _presence),
    **dict.fromkeys(("has", "any_of", "all_of"), _choices),
    **dict.fromkeys(("min", "max", "mean", "sum", "abs"), _statistic),
    **dict.fromkeys(("any", "all"), _any),
    **dict.fromkeys(("year", "month"), _part_of_date),
    "count": _count,
    "rank": _rank,
    "coalesce": _coalesce,
    "round": _round,
    "date": _date,
    "days": _days,
}
