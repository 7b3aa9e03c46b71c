"""Conditions: small typed strings that look like Python, parsed once into a tree.

The tree is JSON: a literal is itself (null is unknown), anything else is `[operation, *arguments]`. The server
(`evaluation`), the browser (`form.js`) and Polars (`app.results.filters.filter`) each evaluate it, with the same answer on
every row. Logic is three-valued (Kleene): what an unanswered item would decide stays unknown, which is None here.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
import warnings
from collections.abc import Callable

from app.survey.conditions.condition import Condition, Expression
from app.survey.conditions.functions import FUNCTIONS, RESERVED
from app.survey.conditions.parser import ARITHMETIC, COMPARISONS, JOIN, Reader
from app.survey.conditions.sharing import Tree
from app.survey.conditions.types import ConditionFault, Typed, UnsoundItem, advice, spoken
from app.survey.other_tools import slip_of
from app.survey.scope import (
    TODAY,
    Answer,
    Scope,
    answer_of_computed,
    answer_of_drawn,
    answer_of_language,
    answer_of_loop,
    answers_of,
    answers_of_loop,
    filter_scope,
    whole_scope,
)

__all__ = [
    "ARITHMETIC",
    "COMPARISONS",
    "FUNCTIONS",
    "RESERVED",
    "TODAY",
    "Answer",
    "Condition",
    "ConditionFault",
    "Expression",
    "Scope",
    "UnsoundItem",
    "answer_of_computed",
    "answer_of_drawn",
    "answer_of_language",
    "answer_of_loop",
    "answers_of",
    "answers_of_loop",
    "filter_scope",
    "parse_condition",
    "parse_expression",
    "whole_scope",
]  # fmt: skip

QUOTED = re.compile(r"(\"[^\"]*\"|'[^']*')")
DOTTED = re.compile(rf"(?<![\w.])([a-z][a-z0-9_]*)\.(?=[0-9]|(?:{'|'.join(keyword.kwlist)})\b)")
LONGEST = 2000  # characters of a condition
LARGEST_TREE = 20_000  # operations and literals, with all that is computed
DEEPEST_TREE = 120  # the same, nested: far from where Python's own stack ends


def parse_condition(source: str, scope: Scope) -> Condition:
    """Raises ConditionFault, with all that is wrong in it; UnsoundItem when nothing else is."""
    typed, names = _parsed(source, scope, lambda reader, node: reader.truth(node, -1))
    return Condition(source, typed.tree, names)


def parse_expression(source: str, scope: Scope) -> Expression:
    """Raises as `parse_condition` does, and where what is given is not one value."""
    typed, names = _parsed(source, scope, _value)
    return Expression(
        typed.tree, typed.kind, (typed.codes or ()) if typed.kind == "code" else (), names, typed.precision
    )


def _value(reader: Reader, node: ast.expr) -> Typed:
    typed = reader.read(node, 0)
    if typed.kind not in ("truth", "number", "text", "code", "date"):
        raise reader.fault(node, "condition-types", f"{spoken(typed)} is not one value", advice(typed))
    return typed


def _parsed(
    source: str, scope: Scope, read: Callable[[Reader, ast.expr], Typed]
) -> tuple[Typed, frozenset[str]]:
    if len(source) > LONGEST:
        raise ConditionFault("too-large", f"the condition is longer than {LONGEST} characters", "Shorten it.")
    text = _joined(" ".join(unicodedata.normalize("NFC", source).split("\n")))
    lead = len(text) - len(text.lstrip())
    node = _syntax(text, lead)
    reader = Reader(scope, text, lead)
    typed = reader.tried(read, reader, node)
    if typed is None or reader.faults:
        raise _together(reader.faults)
    _bounded(typed.tree)
    return typed, frozenset(reader.names)


def written_parts(source: str) -> list[str]:
    """The parts that the outermost `and` or `or` of a condition joins, as they are written."""
    text = _joined(" ".join(source.split("\n"))).strip()
    node = ast.parse(text, mode="eval").body
    parts = node.values if isinstance(node, ast.BoolOp) else [node]
    return [(ast.get_source_segment(text, part) or "").replace(JOIN, ".") for part in parts]


def syntax_of(source: str) -> ast.expr:
    """Python's syntax tree of a condition that has been parsed before; `name_of` gives the names in it."""
    return ast.parse(_joined(" ".join(source.split("\n"))).strip(), mode="eval").body


def name_of(node: ast.expr) -> str:
    """The name that a part of a condition is, such as `status` or `seen.failed`; empty for anything else."""
    try:
        written = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
    except (ValueError, RecursionError):
        return ""
    return written.replace(JOIN, ".")


def _joined(text: str) -> str:
    """With names such as `week.1` and `week.in` as words of their own, which to Python they are not."""
    parts = QUOTED.split(text)
    return "".join(
        part if odd % 2 else DOTTED.sub(rf"\1{JOIN}", part.replace(JOIN, "?"))
        for odd, part in enumerate(parts)
    )


def _together(faults: list[ConditionFault]) -> ConditionFault:
    found = [fault for fault in faults if not isinstance(fault, UnsoundItem)] or faults[:1]
    found[0].further = tuple(found[1:])
    return found[0]


def _bounded(tree: Tree) -> None:
    """Values computed from values that are computed could grow without end."""
    size, depth = measured(tree)
    if size > LARGEST_TREE or depth > DEEPEST_TREE:
        raise ConditionFault(
            "too-large", "the condition is too large, including the computed values it uses",
            "Use fewer computed values that depend on each other.",
        )  # fmt: skip


def measured(tree: Tree) -> tuple[int, int]:
    """How many operations and literals a tree has, and how deep they are nested; parts that it shares are looked
    at once."""
    seen: dict[int, tuple[int, int]] = {}

    def measure(part: Tree) -> tuple[int, int]:
        if not isinstance(part, list):
            return 1, 0
        if id(part) not in seen:
            inside = [measure(each) for each in part[1:]]
            seen[id(part)] = (
                1 + sum(size for size, _ in inside),
                1 + max((deep for _, deep in inside), default=0),
            )
        return seen[id(part)]

    return measure(tree)


def _syntax(text: str, lead: int) -> ast.expr:
    stripped = text.strip()
    if not stripped:
        raise ConditionFault("bad-condition", "the condition is empty", "Write a condition, or remove the key.")
    if "\\" in stripped:
        raise ConditionFault(
            "bad-condition", "a backslash is not part of the language", "Remove it.", text.index("\\")
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


def _syntax_remedy(text: str) -> str:
    outside = re.sub(r"\"[^\"]*\"|'[^']*'", '""', text)
    if remedy := slip_of(text):
        return remedy
    if any(outside.count(opening) != outside.count(closing) for opening, closing in ("()", "[]")):
        return "Check the brackets: every opening bracket needs a closing one."
    return 'Write it like status == "left" and years > 5; check quotes and brackets.'
