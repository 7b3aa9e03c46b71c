"""The keys of items in a survey file: those that all or several types have, each with what an editor says of it.

Beside its keys a shape says what of them is text, how messages call it, and how to write a key that is missing or of
the wrong kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from app.survey.codes import FLIP, POLES, SAME_AS

#: What of a mapping is text (`documents.translation`): TEXT, or what is inside for any key; ALONE names the key that a
#: text without a mapping is the value of.
TEXT, EACH, ALONE = "text", "*", "="

LIKE_TRUTH = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
#: What marks the two kinds in a place that pydantic gives: no key of YAML can be one of them.
GROUPED, SINGLE = "\x00group", "\x00option"
#: A number from 1, or at least six digits of a digest.
VERSION = re.compile(r"[1-9][0-9]{0,4}|[0-9a-f]{6,64}")
FAR_TOO_LARGE = 1e18  # what YAML can write and nothing can be computed with


# --- values ----------------------------------------------------------------------------------------------


def wrong(code: str, what: str, remedy: str) -> PydanticCustomError:
    """A fault found while the shape is read; %s in `what` is the name of the key."""
    return PydanticCustomError("ours", "{what}", {"code": code, "what": what, "remedy": remedy})


def described(value: Any) -> str:
    """How a message calls a value of the wrong kind."""
    if value is None or isinstance(value, bool):
        return {None: "empty", True: "true", False: "false"}[value]
    names = {int: "a number", float: "a number with decimals", list: "a list", dict: "a mapping"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), f'"{str(value)[:40]}"')


def truth_remedy(value: Any) -> str:
    return f"Write {LIKE_TRUTH.get(str(value).lower(), 'true or false')}."


def number_remedy(value: Any, decimals: bool = False) -> str:
    digits = re.fullmatch(r"0+([1-9][0-9]{0,14})", str(value))
    if digits:
        return f"Write {digits[1]}."
    return "Write it in digits, such as 12 or 0.5." if decimals else "Write it in digits, without decimals."


def _not_empty(value: Any) -> Any:
    """A key that may be left out may not be there with nothing after it: what was meant is not known."""
    if value is None:
        raise wrong("empty-key", "%s is empty", "Add a value, or remove the key.")
    return value


def number_as_text(value: Any) -> Any:
    """A label such as `5` is a number in YAML; it means the text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def in_full(key: str) -> BeforeValidator:
    """A value alone means a mapping with nothing but that key."""
    return BeforeValidator(lambda value: value if isinstance(value, dict) else {key: value})


def _reason(value: Any) -> Any:
    """true, false, or the words in which a reason for not answering is offered."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip() and value not in LIKE_TRUTH:
        return value
    raise wrong("not-true-or-false", f"%s is {described(value)}, not true or false", truth_remedy(value))


def _number(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) < FAR_TOO_LARGE:
            return value
        raise wrong("bad-value", "%s is too large a number", "Stay below 1000000000000000.")
    remedy = number_remedy(value, decimals=True)
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_]*", value):
        remedy = f"Write a number; a limit that depends on an answer is a check, such as `check: years <= {value}` at this item."
    raise wrong("not-a-number", f"%s is {described(value)}, not a number", remedy)


def _as_checks(value: Any) -> Any:
    each = value if isinstance(value, list) else [value]
    return [{"that": part} if not isinstance(part, dict) else part for part in each]


def _version(value: Any) -> Any:
    """The number of a version, or the beginning of its digest, as a text."""
    written = str(value)
    if isinstance(value, int | str) and not isinstance(value, bool) and VERSION.fullmatch(written):
        return written
    raise wrong(
        "bad-value", f"%s is {described(value)}, which is not a version",
        "Write the number of a version that was served, such as 1, or the first twelve characters of its digest.",
    )  # fmt: skip


def _member(value: Any) -> Any:
    """The code or id of something that changes places."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    what = f"%s contains {described(value)}, which is not an id"
    raise wrong("not-text", what, "Write it like [first, second].")


def _as_shuffle(value: Any) -> Any:
    if isinstance(value, bool):
        return {"on": value}
    if isinstance(value, dict):
        return value
    raise wrong(
        "not-true-or-false", f"%s is {described(value)}, not true or false",
        "Write `shuffle: true`, or except what stays: `shuffle: {except: [other]}`.",
    )  # fmt: skip


def _kind_of_option(value: Any) -> str:
    grouped = isinstance(value, dict) and "group" in value
    return GROUPED if grouped or isinstance(value, GroupShape) else SINGLE


T = TypeVar("T")
Filled = Annotated[T, BeforeValidator(_not_empty)]  # of a key that may be left out
Line = Annotated[str, BeforeValidator(number_as_text), Field(min_length=1, max_length=2000)]
Prose = Annotated[str, Field(min_length=1, max_length=20_000)]
Reason = Annotated[Any, BeforeValidator(_reason), WithJsonSchema({"type": ["boolean", "string"]})]
AnyNumber = Annotated[Any, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
Pair = Annotated[list[Line], Field(min_length=2, max_length=2)]
Range = Annotated[list[AnyNumber], Field(min_length=2, max_length=2)]
Names = list[Line]
Member = Annotated[Any, BeforeValidator(_member)]
Version = Annotated[Any, BeforeValidator(_version), WithJsonSchema({"type": ["integer", "string"]})]
#: What editors accept as ids, codes and scales, which are checked when their meaning is read.
CODES = "^([a-z][a-z0-9_]*|-?[0-9]+)$"
AnyId = Annotated[Any, WithJsonSchema({"pattern": "^[a-z][a-z0-9_]*$"})]
AnyCode = Annotated[Any, WithJsonSchema({"pattern": CODES})]
SCALE_POINTS = {
    "type": "object",
    "propertyNames": {"pattern": CODES},
    "properties": {
        POLES: {
            "description": "true: the scale leads from one pole to its opposite; false: from little to much. Results draw"
            " the two differently (default: by the labels).",
            "type": "boolean",
        },
        FLIP: {
            "description": "A condition on arms, such as direction == \"last_first\": where it is true, the points are"
            " shown in the reverse order. Stored values stay the same.",
            "type": "string",
        },
    },
    "additionalProperties": {"type": ["string", "number", "null"]},
}
AnyScale = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string"}, SCALE_POINTS]})]


# --- shapes ----------------------------------------------------------------------------------------------


class Shape(BaseModel):
    """What a mapping of a survey file may hold."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False, defer_build=True)

    called: ClassVar[str] = ""  # by messages
    #: How to write a key of its own: after "Add" where it is missing, and where it is no mapping, or no list.
    how_to_add: ClassVar[Mapping[str, str]] = {}
    how_to_write: ClassVar[Mapping[str, str]] = {}
    how_to_list: ClassVar[Mapping[str, str]] = {}


OPTIONS = "One `code: label` per line. Codes are stored; labels may change."


class OptionShape(Shape):
    called = "an option"

    label: Line
    please_say: bool = Field(False, description="true: choosing this option opens a text field.")
    exclusive: bool = Field(False, description="true: choosing this option deselects all others.")
    hint: Filled[Line | None] = None
    show_if: Filled[Line | None] = None


class GroupShape(Shape):
    called = "a group of options"

    group: Line = Field(description="The heading of these options.")
    options: dict[AnyCode, Annotated[OptionShape, in_full("label")]] = Field(description=OPTIONS)


Options = dict[
    AnyCode,
    Annotated[
        Annotated[OptionShape, Tag(SINGLE)] | Annotated[GroupShape, Tag(GROUPED)],
        Discriminator(_kind_of_option),
        in_full("label"),
    ],
]


class StatementShape(Shape):
    called = "a statement"

    text: Line
    show_if: Filled[Line | None] = None


Statements = dict[AnyId, Annotated[StatementShape, in_full("text")]]


class ShuffleShape(Shape):
    called = '"shuffle"'

    on: bool = Field(True, exclude=True)
    only: Filled[list[Member] | None] = Field(None, description="What is shuffled; the rest stays in order.")
    except_: Filled[list[Member] | None] = Field(None, alias="except", description="What is not shuffled.")


class CheckShape(Shape):
    called = "a check"

    that: Line = Field(description="The condition that must be true.")
    say: Filled[Line | None] = Field(None, description="The message if the condition is false.")
    soft: bool = Field(False, description="true: asks once for confirmation, then accepts the answer.")


Shuffled = Annotated[ShuffleShape, BeforeValidator(_as_shuffle)]


# --- items -----------------------------------------------------------------------------------------------

POINTS: dict[str, Any] = {EACH: TEXT, SAME_AS: None, POLES: None, FLIP: None}
LABELLED = {"label": TEXT, ALONE: "label"}
_OPTION = LABELLED | {"hint": TEXT}
_CHECK = {"say": TEXT}
#: The texts of what asks a question.
ASKING = dict.fromkeys(("ask", "hint", "decline", "dont_know", "not_applicable"), TEXT)


class AnyItemShape(Shape):
    """The shape of an item type: it has a `type`."""

    texts: ClassVar[Mapping[str, Any]] = {}
    """What of it is text (`documents.translation`)."""
    needed: ClassVar[tuple[str, ...]] = ()
    """Keys without which the rest cannot be checked, though they may be left out."""
    is_asked: ClassVar[bool] = True
    names_an_entry: ClassVar[bool] = True
    """Whether it has one answer that can name an entry of a roster."""


class ItemShape(AnyItemShape):
    """What every item has that asks something."""

    texts = ASKING | {"check": _CHECK | {EACH: _CHECK}}

    ask: Line
    hint: Filled[Line | None] = None
    required: bool = Field(False, description="true: the page cannot be sent without an answer.")
    decline: Reason = False
    dont_know: Reason = False
    not_applicable: Reason = False
    show_if: Filled[Line | None] = None
    check: Annotated[list[CheckShape], BeforeValidator(_as_checks)] = Field(
        [],
        description="A condition that this answer and earlier ones must meet, such as left_year >= qualified_year.",
    )
    identifying: bool = Field(
        False,
        description="true: the answer helps to identify a respondent. `opinion check` considers all such items together.",
    )
    sensitive: bool = Field(
        False, description="true: unsent answers to this item are never stored in the browser."
    )
    same_as: Filled[Version | None] = None


class ChoiceShape(ItemShape):
    """What every item has whose answers are among its options."""

    texts = ItemShape.texts | {
        "options": {EACH: _OPTION | {"group": TEXT, "options": {EACH: _OPTION}}}
    }
    needed = ("options", "options_from")
    #: What its options may be: exclusive, or with a text beside them.
    may_exclude: ClassVar[bool] = False
    may_say: ClassVar[bool] = False

    options: Filled[Options | None] = Field(
        None, description=OPTIONS
    )
    options_from: Filled[Line | None] = Field(
        None,
        description="The options of an earlier item: reasons where selected, or reasons where not selected.",
    )
    shuffle: Filled[Shuffled | None] = None
