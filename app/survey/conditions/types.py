"""Parts of an expression: the kind of value that each gives, how faults call it, and what two operands must have in common."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.survey.codes import Code
from app.survey.faults import did_you_mean, one_of
from app.survey.model import Answer
from app.survey.other_tools import function_of


class ConditionFault(ValueError):
    """A condition that cannot stand; `offset` counts characters from the start of the condition.

    `further` are the other faults of the same condition.
    """

    further: tuple[ConditionFault, ...] = ()

    def __init__(self, code: str, what: str, remedy: str, offset: int = 0):
        super().__init__(what)
        self.code, self.what, self.remedy, self.offset = code, what, remedy, offset


class UnsoundItem(ConditionFault):
    """It uses an item that has faults of its own, so nothing can be said of it."""

    def __init__(self) -> None:
        super().__init__("bad-condition", "an item that it uses has faults", "Correct that item first.")


@dataclass(frozen=True, slots=True)
class Typed:
    """A tree with the kind of value it gives.

    truth, number, text, code or date; or what cannot be computed with: list (written out), multiple, ranks,
    statements, several, loop, and nothing (null).
    """

    tree: Any
    kind: str
    codes: tuple[Code, ...] | None = None  # all that it can be, where that is known
    answer: Answer | None = None
    literal: bool = False
    precision: str = ""  # of a date


#: Kinds that have one value which can be compared.
SINGLE = ("number", "text", "code", "date")
#: Each comparison with its two sides exchanged.
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
SPOKEN = {
    "truth": "something true or false",
    "text": "a text",
    "code": "an option",
    "list": "a list",
    "date": "a date",
    "multiple": "several options",
    "ranks": "a ranking",
    "statements": "a matrix",
    "several": "several answers",
    "loop": "one answer per entry of a loop",
    "nothing": "nothing",
}


def spoken(typed: Typed) -> str:
    """How a message calls it."""
    what = SPOKEN.get(typed.kind, "a number")
    return f'"{typed.answer.name}" ({what})' if typed.answer else what


def advice(typed: Typed) -> str:
    """What to write instead of something that does not go where it stands."""
    answer = typed.answer
    if answer and answer.is_list:
        return f"Write has({answer.name}, {literally(answer.codes[0])}) or count({answer.name})."
    if answer and answer.kind == "loop":
        one = answer.parts[0]
        test = (
            f"has({answer.name}, {literally(one.codes[0])})"
            if one.is_list
            else f"any({answer.name} == ...)"
        )
        return f"Write {test}, count({answer.name}), or name one entry: {one_of(answer.part_names)}."
    if answer and answer.parts:
        return f"Name one statement: {one_of(answer.part_names)}."
    if typed.kind == "code":
        return "Options are numbers only if all their codes are whole numbers."
    if typed.kind == "truth":
        return "Use a value that is true or false alone, or after not."
    if typed.kind == "date":
        return 'Compare a date with another, as in today or date("2027-02-28"); year(...) is a number.'
    return "Compare numbers with numbers, options with their codes, texts with texts."


def literally(code: Code) -> str:
    """A code as a condition writes it."""
    return f'"{code}"' if isinstance(code, str) else str(code)


def kind_of(answer: Answer) -> str:
    """The kind of its value: a choice among whole numbers is a number."""
    if answer.kind != "choice":
        return answer.kind
    return "number" if all(isinstance(code, int) for code in answer.codes) else "code"


def typed_of(answer: Answer) -> Typed:
    return Typed(answer.got, kind_of(answer), answer.codes or None, answer, precision=answer.precision)


def part_instead(answer: Answer, part: str) -> str:
    """What to write for a part that an item does not have."""
    code = next((code for code in answer.codes if str(code) == part), None)
    if code is not None and answer.is_list:
        return f"Write has({answer.name}, {literally(code)})."
    if code is not None and not answer.parts:
        return f"Write {answer.name} == {literally(code)}; the text beside an option cannot be used in conditions."
    if answer.parts:
        return did_you_mean(part, answer.part_names) or f"It has: {one_of(answer.part_names)}."
    return f"Write {answer.name} alone: it has no parts."


def instead_of(node: ast.expr) -> str:
    """What to write for an expression of Python that conditions do not have."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and function_of(node.func.attr):
        return function_of(node.func.attr)
    if isinstance(node, ast.BinOp):
        return "Numbers can be combined with + - * / only."
    return "Use items, and/or/not, comparisons, + - * /, in [...] and functions such as answered(item)."


def not_truth(typed: Typed) -> tuple[str, str]:
    if typed.answer:
        name = typed.answer.name
        return (
            f'"{name}" alone is not true or false',
            f"Write answered({name}), or compare it with something.",
        )
    if typed.literal:
        return (
            "a value alone is not true or false",
            "Write the whole comparison again, as in years == 3 or years == 4; or write years in [3, 4].",
        )
    return (
        "the condition gives a value, not true or false",
        "Compare the value with something, as in mean(a, b) > 3.",
    )


# --- what two operands must have in common ---------------------------------------------------------------


class FaultSource(Protocol):
    def fault(self, node: ast.AST, code: str, what: str, remedy: str) -> ConditionFault: ...


def require_comparable(reader: FaultSource, a: Typed, b: Typed, left: ast.expr, right: ast.expr, ordered: bool) -> None:
    for typed, node in ((a, left), (b, right)):
        if typed.kind not in SINGLE:
            raise reader.fault(
                node, "condition-types", f"{spoken(typed)} cannot be compared", advice(typed)
            )
    if ordered and "date" not in (a.kind, b.kind) and (a.kind, b.kind) != ("number", "number"):
        wrong, node = (a, left) if a.kind != "number" else (b, right)
        raise reader.fault(
            node, "condition-types", f"{spoken(wrong)} has no order, so it cannot be compared with < or >",
            "Use == or in [...]; for ordered options, use whole numbers as codes.",
        )  # fmt: skip
    one, other, node = (b, a, left) if b.codes is not None and a.literal else (a, b, right)
    if not (ordered and _between(other, one.codes)):
        require_alike(reader, one, other, node)


def require_alike(reader: FaultSource, a: Typed, b: Typed, node: ast.expr) -> None:
    """Whether `a` can be equal to `b`, which is at `node`: a fault if not."""
    if a.codes is not None and b.literal and b.kind != "date":
        require_option(reader, a, b.tree, node)
    elif {a.kind, b.kind} not in ({"number"}, {"text"}, {"code"}, {"date"}):
        one = a if a.kind == "date" or b.kind != "date" else b
        raise reader.fault(
            node, "condition-types", f"{spoken(a)} is compared with {spoken(b)}", advice(one)
        )
    require_same_precision(reader, a, b, node)


def require_same_precision(reader: FaultSource, a: Typed, b: Typed, node: ast.expr) -> None:
    if a.precision != b.precision:
        raise reader.fault(
            node, "condition-precision",
            f"{spoken(a)} has the precision {a.precision}, {spoken(b)} the precision {b.precision}",
            'Compare dates of the same precision: year(...) with year(...), or write date("2027-02-28"), '
            'date("2027-02") or date("2027") to match the item.',
        )  # fmt: skip


def require_option(reader: FaultSource, a: Typed, code: Code, node: ast.expr) -> None:
    if code in (a.codes or ()) and not isinstance(code, bool):
        return
    name = a.answer.name if a.answer else "this"
    quoted = next((known for known in a.codes or () if str(known) == str(code)), None)
    if quoted is not None:
        remedy = f"Write {literally(quoted)}: this code is {'a number' if isinstance(quoted, int) else 'a word in quotes'}."
    else:
        remedy = did_you_mean(code, a.codes or ()) or f"Its options: {one_of(a.codes or ())}."
    raise reader.fault(node, "condition-unknown-option", f'"{name}" has no option "{code}"', remedy)


def _between(typed: Typed, codes: Sequence[Any] | None) -> bool:
    """Whether it is a number inside a scale: a scale may be cut between two of its points."""
    return bool(codes) and typed.literal and typed.kind == "number" and min(codes) < typed.tree < max(codes)
