"""Parts of an expression with the kind of value they give, and how faults speak of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.survey.codes import Code
from app.survey.conditions.subject import Subject
from app.survey.faults import one_of


class ConditionFault(ValueError):
    """A condition that cannot stand; `offset` counts characters from the start of the condition.

    `further` are the other faults of the same condition.
    """

    further: tuple[ConditionFault, ...] = ()

    def __init__(self, code: str, what: str, remedy: str, offset: int = 0):
        super().__init__(what)
        self.code, self.what, self.remedy, self.offset = code, what, remedy, offset


class UnsoundSubject(ConditionFault):
    """It uses an item that has faults of its own, so nothing can be said of it."""

    def __init__(self) -> None:
        super().__init__("bad-condition", "an item that it uses has faults", "Correct that item first.")


@dataclass(frozen=True, slots=True)
class Typed:
    """A tree with the kind of value it gives.

    truth, number, text, code or date; or what cannot be computed with: list (written out), multiple, ranking,
    matrix, several, loop, and nothing (null).
    """

    tree: Any
    kind: str
    codes: tuple[Code, ...] | None = None  # all that it can be, where that is known
    subject: Subject | None = None
    literal: bool = False
    precision: str = ""  # of a date


#: Kinds that have one value which can be compared.
SINGLE = ("number", "text", "code", "date")
SEVERAL = ("matrix", "several", "loop")
SPOKEN = {
    "truth": "something true or false",
    "text": "a text",
    "code": "an option",
    "list": "a list",
    "date": "a date",
    "multiple": "several options",
    "ranking": "a ranking",
    "matrix": "a matrix",
    "several": "several answers",
    "loop": "one answer per entry of a loop",
    "nothing": "nothing",
}


def spoken(typed: Typed) -> str:
    """How a message calls it."""
    what = SPOKEN.get(typed.kind, "a number")
    return f'"{typed.subject.name}" ({what})' if typed.subject else what


def advice(typed: Typed) -> str:
    """What to write instead of something that does not go where it stands."""
    subject = typed.subject
    if subject and subject.is_list:
        return f"Write has({subject.name}, {literally(subject.codes[0])}) or count({subject.name})."
    if subject and subject.kind == "loop":
        one = subject.parts[0]
        test = (
            f"has({subject.name}, {literally(one.codes[0])})"
            if one.is_list
            else f"any({subject.name} == ...)"
        )
        return f"Write {test}, count({subject.name}), or name one entry: {one_of(subject.statements)}."
    if subject and subject.parts:
        return f"Name one statement: {one_of(subject.statements)}."
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


def kind_of(subject: Subject) -> str:
    """The kind of its value: a choice among whole numbers is a number."""
    if subject.kind != "choice":
        return subject.kind
    return "number" if all(isinstance(code, int) for code in subject.codes) else "code"


def typed_of(subject: Subject) -> Typed:
    return Typed(subject.got, kind_of(subject), subject.codes or None, subject, precision=subject.precision)
