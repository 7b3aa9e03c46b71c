"""The shape of a survey file: which keys there are, and what kind of value each takes."""

from __future__ import annotations

import copy
import re
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from app.errors import did_you_mean, one_of
from app.instrument.places import MOST_FAULTS, Document, Path
from app.instrument.syntax import mended


def _number_as_text(value: Any) -> Any:
    """A label such as `5` is a number in YAML; it means the text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _label_alone(value: Any) -> Any:
    return value if isinstance(value, dict) else {"label": value}


Line = Annotated[str, BeforeValidator(_number_as_text), Field(min_length=1, max_length=2000)]
Prose = Annotated[str, Field(min_length=1, max_length=20_000)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class OptionShape(_Shape):
    label: Line
    please_say: bool = False
    exclusive: bool = False


Options = dict[Any, Annotated[OptionShape, BeforeValidator(_label_alone)]]


class _ItemShape(_Shape):
    ask: Line
    hint: Line | None = None
    required: bool = False
    decline: bool = False
    show_if: Line | None = None


class SingleChoiceShape(_ItemShape):
    type: Literal["single_choice"]
    options: Options


class MultipleChoiceShape(_ItemShape):
    type: Literal["multiple_choice"]
    options: Options


class MatrixShape(_ItemShape):
    type: Literal["matrix"]
    scale: Any
    statements: dict[Any, Line]


class RatingShape(_ItemShape):
    type: Literal["rating"]
    scale: Any


class NumberShape(_ItemShape):
    type: Literal["number"]
    range: Annotated[list[int], Field(min_length=2, max_length=2)]
    unit: Line | None = None


class TextShape(_ItemShape):
    type: Literal["text"]
    lines: Annotated[int, Field(ge=1, le=40)] = 1
    max_length: Annotated[int, Field(ge=1, le=20_000)] | None = None


class NoteShape(_Shape):
    type: Literal["note"]
    text: Prose
    show_if: Line | None = None


ItemShape = Annotated[
    SingleChoiceShape | MultipleChoiceShape | MatrixShape | RatingShape | NumberShape | TextShape | NoteShape,
    Field(discriminator="type"),
]
ITEM_SHAPES: dict[str, type[BaseModel]] = {
    "single_choice": SingleChoiceShape,
    "multiple_choice": MultipleChoiceShape,
    "matrix": MatrixShape,
    "rating": RatingShape,
    "number": NumberShape,
    "text": TextShape,
    "note": NoteShape,
}


class SectionShape(_Shape):
    title: Line | None = None
    show_if: Line | None = None
    items: dict[Any, ItemShape]


class ResultsShape(_Shape):
    show_to: Literal["nobody", "respondents", "everyone"] = "nobody"
    floor: Annotated[int, Field(ge=3, le=1000)] = 10
    release_every: Annotated[int, Field(ge=3, le=10_000)] | None = None


class SurveyShape(_Shape):
    title: Annotated[str, BeforeValidator(_number_as_text), Field(min_length=1, max_length=200)]
    description: Prose | None = None
    languages: list[str] = ["en"]
    privacy: Literal["anonymous", "confidential", "identified"] = "anonymous"
    access: Literal["open", "invited"] = "open"
    opens: str | None = None
    closes: str | None = None
    results: ResultsShape = ResultsShape()
    consent: Prose | None = None
    thanks: Prose | None = None
    scales: dict[Any, Any] = {}
    sections: dict[Any, SectionShape]


class Shaped(NamedTuple):
    """`broken` holds the ids of items left out because of a fault, so that nothing else complains of them."""

    survey: SurveyShape | None
    broken: frozenset[str]


def read_shape(document: Document) -> Shaped:
    """Reports every fault of shape in the document, then goes on with what is sound."""
    if not isinstance(document.root, dict):
        if not document.faults:
            document.fault(
                document.at(()),
                "not-a-mapping",
                "the file is not a survey",
                "Begin with `title:` and `sections:`.",
            )
        return Shaped(None, frozenset())
    root = copy.deepcopy(document.root)
    broken: set[str] = set()
    for attempt in range(4):
        try:
            return Shaped(SurveyShape.model_validate(root), frozenset(broken))
        except ValidationError as error:
            details = error.errors(include_url=False)
            if len(details) > MOST_FAULTS:  # no survey that somebody wrote: the rest would tell nothing more
                for detail in details[: MOST_FAULTS + 1]:
                    _report(detail, document)
                return Shaped(None, frozenset())
            misspelt = _misspelt(details)
            for detail in details:
                if attempt == 0 and not (detail["type"] == "missing" and detail["loc"] in misspelt):
                    _report(detail, document)
                _prune(_data_path(detail["loc"]), detail["type"], root, broken)
    return Shaped(None, frozenset(broken))


def _misspelt(details: list[ErrorDetails]) -> set[tuple[Any, ...]]:
    """Where a key is missing because it is there under a name much like it."""
    missing = {detail["loc"] for detail in details if detail["type"] == "missing"}
    unknown = [detail["loc"] for detail in details if detail["type"] == "extra_forbidden"]
    return {
        loc
        for loc in missing
        if any(loc[:-1] == other[:-1] and did_you_mean(other[-1], loc[-1:]) for other in unknown)
    }


def _data_path(loc: tuple[Any, ...]) -> Path:
    """Where an error stands in the file: pydantic's place without the tag of the item's type."""
    if len(loc) > 4 and loc[0] == "sections" and loc[2] == "items":
        return (*loc[:4], *loc[5:])
    return tuple(loc)


def _shape_at(loc: tuple[Any, ...]) -> type[BaseModel]:
    if len(loc) > 4 and loc[0] == "sections" and loc[2] == "items":
        return OptionShape if len(loc) > 6 and loc[5] == "options" else ITEM_SHAPES[str(loc[4])]
    if loc[0] == "results":
        return ResultsShape
    return SectionShape if loc[0] == "sections" and len(loc) > 2 else SurveyShape


STAND_IN = "…"
OPTIONAL_IN_ITEMS = ("hint", "required", "decline", "show_if", "lines", "max_length", "unit")
OPTIONAL_IN_OPTIONS = ("please_say", "exclusive")


def _prune(path: Path, kind: str, root: dict[Any, Any], broken: set[str]) -> None:
    """Takes out, or fills in, the smallest part so that the rest can still be checked."""
    in_item = len(path) >= 4 and path[0] == "sections" and path[2] == "items"
    if kind != "extra_forbidden" and (path == ("title",) or (in_item and _is_text(path[4:]))):
        _put(root, path, STAND_IN)
    elif kind != "extra_forbidden" and in_item and not _is_optional(path[4:]):
        broken.add(str(path[3]))
        _remove(root, path[:4])
    elif kind == "missing" or (path[0] == "sections" and path[-1] == "items" and len(path) == 3):
        broken.update(_ids_in(root, path))
        _remove(root, path[:-1])
    else:
        _remove(root, path)


def _is_text(path: Path) -> bool:
    """Whether it is a text of an item that another can stand in for, while the rest is checked."""
    if path[:1] == ("options",):
        return len(path) == 3 and path[2] == "label"
    return path in (("ask",), ("text",)) or (path[:1] == ("statements",) and len(path) == 2)


def _is_optional(path: Path) -> bool:
    if path[:1] == ("options",):
        return len(path) == 3 and path[2] in OPTIONAL_IN_OPTIONS
    return len(path) == 1 and path[0] in OPTIONAL_IN_ITEMS


def _put(root: Any, path: Path, value: str) -> None:
    for key in path[:-1]:
        inside = root.get(key)
        if inside is None:  # left out with all that is in it, for a fault of its own
            return
        if not isinstance(inside, dict):  # an option that is its label alone
            root[key] = value
            return
        root = inside
    root[path[-1]] = value


def _ids_in(root: dict[Any, Any], path: Path) -> set[str]:
    section = root.get("sections", {})
    items = section.get(path[1], {}).get("items") if isinstance(section, dict) and len(path) > 1 else None
    return {str(key) for key in items} if isinstance(items, dict) else set()


def _remove(root: Any, path: Path) -> None:
    for key in path[:-1]:
        if not isinstance(root, dict | list) or (isinstance(root, dict) and key not in root):
            return
        root = root[key]
    if path and isinstance(root, dict):
        root.pop(path[-1], None)


# --- saying what is wrong --------------------------------------------------------------------------------


def _report(detail: ErrorDetails, document: Document) -> None:
    path, kind = _data_path(detail["loc"]), detail["type"]
    if kind == "extra_forbidden":
        shape = _shape_at(detail["loc"])
        known = list(shape.model_fields)
        remedy = did_you_mean(path[-1], known) or f"Its keys are {one_of(known, 20)}."
        what = f'{CALLED[shape]} has no key "{path[-1]}"'
        document.fault(document.key(path), "unknown-key", what, remedy)
    elif kind == "missing":
        document.fault(document.key(path[:-1]), "missing-key", *_missing(path))
    elif kind in ("union_tag_not_found", "union_tag_invalid"):
        document.fault(*_wrong_type(detail, path, document))
    else:
        code, what, remedy = _wrong_value(detail, path)
        document.fault(document.at(path), code, what, _hidden_by_hash(path, document) or remedy)


def _hidden_by_hash(path: Path, document: Document) -> str:
    """A value that begins with # is a comment, and so is not there."""
    line, column = document.key(path)
    text = document.lines[line - 1] if line <= len(document.lines) else ""
    nothing = path in document.spans and document.spans[path][2] == ""
    return mended(text) if nothing and re.search(r":\s+#", text[column - 1 :]) else ""


def _name(path: Path) -> str:
    """How a message calls what stands at a path: `label` is not always written out."""
    if len(path) > 1 and path[-1] == "label" and path[0] == "sections":
        return f'the label of "{path[-2]}"'
    if len(path) > 1 and path[-2] in ("range", "languages"):
        path = path[:-1]  # a place in a list has no name
    return f'"{path[-1]}"' if path else "the survey"


#: What a message calls each shape.
CALLED: dict[type[BaseModel], str] = {
    SurveyShape: "a survey",
    ResultsShape: '"results"',
    SectionShape: "a section",
    OptionShape: "an option",
    **{shape: f"a {kind}" for kind, shape in ITEM_SHAPES.items()},
}
ADD = {
    "title": "`title: Leaving clinical practice`",
    "sections": "`sections:` with one section or more under it",
    "items": "`items:` with one item or more under it",
    "ask": "`ask: How many years did you practise?`",
    "text": "`text: What you want to say`",
    "options": "`options:` with `code: label` lines under it",
    "statements": "`statements:` with `id: text` lines under it",
    "scale": "`scale:` with the name of a scale, or with `1: label` lines under it",
    "range": "`range: [0, 70]`, the least and the most",
    "label": "`label: What the respondent reads`",
}


def _missing(path: Path) -> tuple[str, str]:
    return f'{_name(path[:-1])} has no "{path[-1]}"', f"Add {ADD[str(path[-1])]}."


def _wrong_type(detail: ErrorDetails, path: Path, document: Document) -> tuple[Any, str, str, str]:
    item = detail["input"]
    if not isinstance(item, dict):
        what = f"{_name(path)} is {_spoken(item)} where `key: value` lines belong"
        return document.at(path), "not-a-mapping", what, _mapping_remedy(path)
    misspelt = next((key for key in item if did_you_mean(key, ["type"])), "type")
    if misspelt != "type":
        what = f'an item has no key "{misspelt}"'
        return document.key((*path, misspelt)), "unknown-key", what, 'Did you mean "type"?'
    if "type" not in item:
        return (
            document.key(path),
            "missing-key",
            f'{_name(path)} has no "type"',
            f"Add one of: {one_of(ITEM_SHAPES)}.",
        )
    known = did_you_mean(item["type"], ITEM_SHAPES) or f"Types: {one_of(ITEM_SHAPES)}."
    return document.at((*path, "type")), "unknown-type", f'no item type is called "{item["type"]}"', known


def _wrong_value(detail: ErrorDetails, path: Path) -> tuple[str, str, str]:
    kind, context, name = detail["type"], detail.get("ctx", {}), _name(path)
    said = detail["input"]
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return (
            "not-a-mapping",
            f"{name} is {_spoken(said)} where `key: value` lines belong",
            _mapping_remedy(path),
        )
    if kind == "list_type":
        remedy = "Write it like [en]." if path[-1] == "languages" else "Write it like [0, 70]."
        return "not-a-list", f"{name} is {_spoken(said)}, not a list", remedy
    if kind == "bool_type":
        return "not-true-or-false", f"{name} is {_spoken(said)}, not true or false", _truth_remedy(said)
    if kind == "int_type":
        return "not-a-number", f"{name} is {_spoken(said)}, not a whole number", _number_remedy(said)
    if kind == "string_type":
        return "not-text", f"{name} is {_spoken(said)}, not a text", _text_remedy(said, path)
    if kind == "literal_error":
        known = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
        return (
            "bad-value",
            f'{name} cannot be "{said}"',
            did_you_mean(said, known) or f"It is one of: {one_of(known)}.",
        )
    if isinstance(said, str):
        kind = f"string_{kind.removeprefix('string_')}"
    return _out_of_bounds(kind, context, name)


def _out_of_bounds(kind: str, context: dict[str, Any], name: str) -> tuple[str, str, str]:
    if kind == "string_too_short":
        return "bad-value", f"{name} is empty", "Write a text."
    if kind == "string_too_long":
        return "too-large", f"{name} is longer than {context.get('max_length')} characters", "Shorten it."
    if kind in ("too_short", "too_long"):
        return "bad-value", f"{name} does not hold two numbers", "Write the least and the most, like [0, 70]."
    if kind == "greater_than_equal":
        return "bad-value", f"{name} is less than {context.get('ge')}", f"Write {context.get('ge')} or more."
    if kind == "less_than_equal":
        return "bad-value", f"{name} is more than {context.get('le')}", f"Write {context.get('le')} or less."
    return (
        "bad-value",
        f"{name} is not a value that fits here",
        "See the language reference, surveys/README.md.",
    )


def _spoken(value: Any) -> str:
    names = {
        int: "a number",
        float: "a number with decimals",
        list: "a list",
        dict: "a mapping",
    }
    if value is None or isinstance(value, bool):
        return {None: "empty", True: "true", False: "false"}[value]
    return next((name for kind, name in names.items() if isinstance(value, kind)), f'"{str(value)[:40]}"')


def _truth_remedy(value: Any) -> str:
    meant = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
    return f"Write {meant.get(str(value).lower(), 'true or false')}."


def _number_remedy(value: Any) -> str:
    digits = re.fullmatch(r"0+([1-9][0-9]{0,14})", str(value))
    return f"Write {digits[1]}." if digits else "Write it in digits, without decimals."


def _text_remedy(value: Any, path: Path) -> str:
    if isinstance(value, bool) and path[-1] == "show_if":
        return "To show it always, leave show_if out." if value else "To show it never, leave the item out."
    if isinstance(value, bool):
        return f'Put it in quotes: "{str(value).lower()}".'
    if isinstance(value, dict):
        return "Put a text that holds `: ` or begins with { in quotes."
    return "Put a text that begins with [ in quotes." if isinstance(value, list) else "Write a text."


#: How to write what is a mapping, by its key.
MAPPINGS = {
    "options": "Write one `code: label` a line, without dashes.",
    "scales": "Write each as `name:` with `1: label` lines under it.",
    "statements": "Write one `id: text` a line, without dashes.",
    "results": "Write it like {show_to: everyone}.",
    "sections": "Write each as `id:` with its keys indented under it, without dashes.",
    "items": "Write each as `id:` with its keys indented under it, without dashes.",
}


def _mapping_remedy(path: Path) -> str:
    if len(path) == 2 and path[0] == "sections":
        return "Write its `items:` indented under it."
    if len(path) == 4 and path[2] == "items":
        return "Write its `type:` and `ask:` indented under it."
    return MAPPINGS.get(str(path[-1]) if path else "", "Write its keys indented under it.")
