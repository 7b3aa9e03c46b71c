"""What is wrong with the shape of a survey file: where, what, and what to do."""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import ErrorDetails

from app.survey.documents.places import Document, Path
from app.survey.documents.yaml_errors import mended
from app.survey.faults import did_you_mean, one_of
from app.survey.items.registry import SHAPES
from app.survey.items.shapes import GROUPED, SINGLE, Shape, described, number_remedy, truth_remedy
from app.survey.other_tools import key_of, type_of
from app.survey.source.shape import shape_at


def data_path(loc: tuple[Any, ...]) -> Path:
    """Where an error is in the file: pydantic's location without the tags of its unions."""
    if len(loc) > 4 and loc[0] == "sections" and loc[2] == "items":
        loc = (*loc[:4], *loc[5:])
    return tuple(part for part in loc if part not in (GROUPED, SINGLE))


def written_at(path: Path, document: Document) -> Path:
    """A single check may be written without a list."""
    if len(path) > 6 and path[4:6] == ("check", 0) and path[:6] not in document.values:
        return (*path[:5], *path[6:])
    return path


def report(detail: ErrorDetails, document: Document, is_indented_too_little: bool = False) -> None:
    path, kind = written_at(data_path(detail["loc"]), document), detail["type"]
    if is_indented_too_little:
        what = f"{_name(path, document)} has nothing under it: the next lines begin in the same column"
        remedy = "Indent the lines that belong to it by two more spaces."
        document.fault(document.key(path), "not-a-mapping", what, remedy)
    elif kind == "extra_forbidden":
        shape = shape_at(detail["loc"])
        known = [field.alias or name for name, field in shape.model_fields.items() if name != "on"]
        meant, remedy = key_of(path[-1], known)
        if meant and (*path[:-1], meant) in document.keys:
            remedy += f" There is a `{meant}` already: remove this, or put the two together."
        remedy = remedy or did_you_mean(path[-1], known) or f"Its keys are {one_of(known, 20)}."
        what = f'{shape.called} has no key "{path[-1]}"'
        document.fault(document.key(path), "unknown-key", what, remedy)
    elif kind == "missing":
        document.fault(document.key(path[:-1]), "missing-key", *_missing(path, shape_at(detail["loc"]), document))
    elif kind in ("union_tag_not_found", "union_tag_invalid"):
        document.fault(*_wrong_type(detail, path, document))
    else:
        code, what, remedy = _wrong_value(detail, path, document)
        document.fault(document.at(path), code, what, _hidden_by_hash(path, document) or remedy)


def _hidden_by_hash(path: Path, document: Document) -> str:
    """A value that begins with # is a comment, and so is not there."""
    line, column = document.key(path)
    text = document.lines[line - 1] if line <= len(document.lines) else ""
    nothing = path in document.spans and document.spans[path][2] == ""
    return mended(text) if nothing and re.search(r":\s+#", text[column - 1 :]) else ""


def _name(path: Path, document: Document) -> str:
    """How a message calls the value at a path: a key that is not written out, such as `label`, or a place in a
    list is called by what is around it."""
    if len(path) > 1 and path[-1] == "label" and path not in document.keys:
        return f'the label of "{path[-2]}"'
    while path and path not in document.keys:
        path = path[:-1]
    return f'"{path[-1]}"' if path else "the survey"


#: What to add where a key is missing.
ADD = {
    "title": "`title: Leaving clinical practice`",
    "sections": "`sections:` with one section or more under it",
    "items": "`items:` with one item or more under it",
    "ask": "`ask: How many years did you practise?`",
    "text": "`text: The text to show`",
    "options": "`options:` with `code: label` lines under it",
    "scale": "`scale:` with the name of a scale, or with `1: label` lines under it",
    "label": "`label: The label respondents see`",
    "when": "`when:` with a condition",
    "most": "`most: 200`",
    "that": "`that:` with a condition that must be true",
    "value": "`value:` with an expression",
    "entry": "`entry:` with the id of the item that names an entry",
    "add": "`add: Is there another?`, the question that leads to the next entry",
    "item": "`item:` with the id of the item whose options the section is repeated for",
    "group": "`group: A heading`",
}


def _missing(path: Path, shape: type[Shape], document: Document) -> tuple[str, str]:
    key = str(path[-1])
    add = shape.how_to_add.get(key) or ADD.get(key, f"`{key}:`")
    return f'{_name(path[:-1], document)} has no "{path[-1]}"', f"Add {add}."


def _wrong_type(detail: ErrorDetails, path: Path, document: Document) -> tuple[Any, str, str, str]:
    item = detail["input"]
    if not isinstance(item, dict):
        what = f"{_name(path, document)} is {described(item)} instead of `key: value` lines"
        return document.at(path), "not-a-mapping", what, _mapping_remedy(path)
    misspelt = next((key for key in item if did_you_mean(key, ["type"])), "type")
    if misspelt != "type":
        what = f'an item has no key "{misspelt}"'
        return document.key((*path, misspelt)), "unknown-key", what, 'Did you mean "type"?'
    if "type" not in item:
        return (
            document.key(path),
            "missing-key",
            f'{_name(path, document)} has no "type"',
            f"Add one of: {one_of(SHAPES, len(SHAPES))}.",
        )
    written = item["type"] if isinstance(item["type"], str) else ""
    known = type_of(written) or did_you_mean(written, SHAPES) or f"Types: {one_of(SHAPES, len(SHAPES))}."
    return document.at((*path, "type")), "unknown-type", _unknown_type(item["type"]), known


def _unknown_type(written: Any) -> str:
    if isinstance(written, str):
        return f'there is no item type called "{written}"'
    return f'"type" is {described(written)}' + ", not the name of a type" * (written is not None)


def _wrong_value(detail: ErrorDetails, path: Path, document: Document) -> tuple[str, str, str]:
    kind, context, name = detail["type"], detail.get("ctx", {}), _name(path, document)
    said = detail["input"]
    if kind == "ours":
        return context["code"], context["what"].replace("%s", name), context["remedy"]
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return (
            "not-a-mapping",
            f"{name} is {described(said)} instead of `key: value` lines",
            shape_at(detail["loc"]).how_to_write.get(str(path[-1]) if path else "") or _mapping_remedy(path),
        )
    if kind == "list_type":
        key = str(path[-1] if isinstance(path[-1], str) else path[-2])
        remedy = shape_at(detail["loc"]).how_to_list.get(key) or LISTS.get(key, "Write it like [first, second].")
        return "not-a-list", f"{name} is {described(said)}, not a list", remedy
    if kind == "bool_type":
        return "not-true-or-false", f"{name} is {described(said)}, not true or false", truth_remedy(said)
    if kind == "int_type":
        return "not-a-number", f"{name} is {described(said)}, not a whole number", number_remedy(said)
    if kind == "string_type":
        return "not-text", f"{name} is {described(said)}, not a text", _text_remedy(said, path)
    if kind == "literal_error":
        known = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
        return (
            "bad-value",
            f'{name} cannot be "{said}"',
            did_you_mean(said, known) or f"It is one of: {one_of(known)}.",
        )
    if isinstance(said, str):
        kind = f"string_{kind.removeprefix('string_')}"
    return _out_of_bounds(kind, {**context, "path": path}, name)


def _out_of_bounds(kind: str, context: dict[str, Any], name: str) -> tuple[str, str, str]:
    if kind == "string_too_short":
        return "bad-value", f"{name} is empty", "Write a text."
    if kind == "string_too_long":
        return "too-large", f"{name} is longer than {context.get('max_length')} characters", "Shorten it."
    if kind in ("too_short", "too_long"):
        what = "texts" if "pairs" in context.get("path", ()) else "numbers"
        remedy = (
            "Write [left pole, right pole]."
            if what == "texts"
            else "Write the minimum and the maximum, such as [0, 70]."
        )
        return "bad-value", f"{name} does not have two {what}", remedy
    if kind == "greater_than_equal":
        return "bad-value", f"{name} is less than {context.get('ge')}", f"Write {context.get('ge')} or more."
    if kind == "less_than_equal":
        return "bad-value", f"{name} is more than {context.get('le')}", f"Write {context.get('le')} or less."
    return (
        "bad-value",
        f"{name} is not a valid value here",
        "See the language reference, surveys/README.md.",
    )


#: How to write what is a list, by its key.
LISTS = {
    "languages": "Write it like [en].",
    "to": "Write it like [0, 100].",
    "mean": "Write it like [seen] or [seen.failed, seen.grew].",
}


IDS = ("for_each", "item", "options_from", "entry", "one_of_each")  # keys that name one thing


def _text_remedy(value: Any, path: Path) -> str:
    if isinstance(value, bool) and path[-1] == "show_if":
        return "To show it always, remove show_if." if value else "To hide it always, remove the item."
    if isinstance(value, bool):
        return f'Put it in quotes: "{str(value).lower()}".'
    if isinstance(value, dict):
        return "Put a text that contains `: ` or begins with { in quotes."
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and path[-1] in IDS:
        return f"Write it without brackets: {value[0]}"
    return "Put a text that begins with [ in quotes." if isinstance(value, list) else "Write a text."


#: How to write what is a mapping, by its key.
MAPPINGS = {
    "options": "Write one `code: label` per line, without dashes.",
    "scales": "Write each as `name:` with `1: label` lines under it.",
    "results": "Write it like {show_to: everyone}.",
    "sections": "Write each as `id:` with its keys indented under it, without dashes.",
    "items": "Write each as `id:` with its keys indented under it, without dashes.",
    "arms": "Write each as `name: [code, another_code]`.",
    "roster": "Write it like {most: 8, entry: post, add: Is there another?}.",
    "compute": "Write each as `name: expression`.",
    "scores": "Write each as `name: {label: ..., mean: [seen]}`.",
    "screen_out": "Write each as `id: {when: condition, text: ...}`.",
    "quotas": "Write each as `id: {when: condition, most: 200}`.",
    "weights": "Write it like {rake: {specialty: {surgical: 0.4, other: 0.6}}}.",
}
#: How to write a part of a survey that is a mapping, by what it is part of.
PARTS = {
    "arms": "Write its codes as a list, [code, another_code], or as `code: label` lines under it.",
    "scores": "Write it like {label: How leaving is seen, mean: [seen]}.",
    "screen_out": 'Write it like {when: status == "outside", text: Thank you.}.',
    "quotas": 'Write it like {when: status == "surgeon", most: 200}.',
}


def _mapping_remedy(path: Path) -> str:
    if len(path) == 2 and path[0] == "sections":
        return "Write its `items:` indented under it."
    if len(path) == 4 and path[2] == "items":
        return "Write its `type:` and `ask:` indented under it."
    if len(path) == 3 and path[:2] == ("weights", "rake"):
        return "Write the share of each of its codes, such as {surgical: 0.4, other: 0.6}."
    if len(path) == 2 and path[0] in PARTS:
        return PARTS[path[0]]
    return MAPPINGS.get(str(path[-1]) if path else "", "Write its keys indented under it.")
