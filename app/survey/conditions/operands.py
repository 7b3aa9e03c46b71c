"""What two operands must have in common: kinds of value, options, and the precision of dates."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, Protocol

from app.survey.codes import Code
from app.survey.conditions.types import SINGLE, ConditionFault, Typed, advice, literally, spoken
from app.survey.faults import did_you_mean, one_of


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
