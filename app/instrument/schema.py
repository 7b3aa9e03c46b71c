"""The JSON Schema of a survey file: with it an editor completes keys, explains them and marks what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.instrument.shape import SurveyShape

#: What an editor says of each key; `item type.key` where a key means something else there.
HOVER = {
    "access": "Who may answer: open to all who have the address.",
    "ask": "The question, in Markdown. {item} puts an earlier answer into it.",
    "closes": "The last day on which one can begin, such as 2027-02-28.",
    "consent": "What respondents read and agree to before they begin, in Markdown.",
    "decline": 'true offers "Prefer not to say", which is kept as a missing reason of its own.',
    "description": "One or two sentences for the list of surveys, in Markdown.",
    "exclusive": "true: choosing this option unchooses all others.",
    "floor": "The smallest group whose figures may be shown to the public.",
    "hint": "Help below the question, in Markdown.",
    "items": "What is asked on this page, each under an id of its own.",
    "label": "What the respondent reads. The code, which is stored, stays when a label changes.",
    "languages": "The language of this file, such as [en].",
    "lines": "How many lines to write in; 1 unless set.",
    "max_length": "How many characters may be written; 200 for one line and 2000 for several unless set.",
    "note.text": "Something to read, in Markdown.",
    "opens": "The first day on which one can begin, such as 2026-12-01.",
    "options": "One `code: label` a line. Codes are stored; labels may change.",
    "please_say": "true: choosing this option opens a line of text.",
    "privacy": "What respondents are promised: anonymous, confidential or identified.",
    "range": "The least and the most, both included: [0, 70].",
    "release_every": "Public figures move when so many more have answered; at least the floor.",
    "required": "true: the page cannot be sent without an answer.",
    "results": "Who sees figures besides the researchers.",
    "scale": "The name of a scale, or its points as `1: label` lines.",
    "scales": "Scales that several items share, each a name with `1: label` lines under it.",
    "sections": "The pages, each under an id of its own.",
    "show_if": 'A condition on earlier answers: status == "left" and years > 5. Without it, it is always shown.',
    "show_to": "nobody, respondents (once they have submitted) or everyone.",
    "statements": "One `id: text` a line, all answered on the scale.",
    "thanks": "What respondents read after submitting, in Markdown.",
    "title": "What it is called.",
    "type": "How it is asked.",
    "unit": "What stands behind the number, such as years.",
}
ID = {"pattern": "^[a-z][a-z0-9_]*$"}
CODE = {"pattern": "^([a-z][a-z0-9_]*|-?[0-9]+)$"}
SHORT = {"type": ["string", "number"]}
POINTS = {
    "type": "object",
    "propertyNames": CODE,
    "additionalProperties": {"type": ["string", "number", "null"]},
}
#: Keys that hold other keys: what the names under them look like.
NAMED = {"sections": ID, "items": ID, "statements": ID, "options": CODE}


def schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12. Where it accepts a file, `opinion check` can still find what makes no sense."""
    made = SurveyShape.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "A survey of Second Opinion"
    for name, shape in [("", made), *made["$defs"].items()]:
        item_type = shape["properties"].get("type", {}).get("const", "")
        for key, value in shape["properties"].items():
            value.pop("title", None)
            value["description"] = HOVER.get(f"{item_type}.{key}") or HOVER[key]
            if key in NAMED:
                value["propertyNames"] = NAMED[key]
        if name:
            del shape["title"]
    made["properties"]["scales"]["additionalProperties"] = POINTS
    for definition in made["$defs"].values():
        _mend(definition["properties"])
    for value in _walked(made):
        _without_null(value)
    return made


def _mend(properties: dict[str, Any]) -> None:
    """What the reader accepts besides the full form: a label alone, a scale's name."""
    if "options" in properties:
        full = properties["options"]["additionalProperties"]
        properties["options"]["additionalProperties"] = {"anyOf": [SHORT, full]}
    if "scale" in properties:
        properties["scale"]["anyOf"] = [{"type": "string"}, POINTS]


def _without_null(value: dict[str, Any]) -> None:
    """An optional key may be left out, but nothing is gained by writing `null`; editors would offer it."""
    choices = value.get("anyOf")
    if choices and {"type": "null"} in choices:
        (only,) = (choice for choice in choices if choice != {"type": "null"})
        del value["anyOf"]
        value.update(only)
        if value.get("default", "") is None:
            del value["default"]
    value.pop("discriminator", None)  # OpenAPI's; `const` in each branch says the same


def _walked(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in list(value.values()):
            yield from _walked(part)
    elif isinstance(value, list):
        for part in value:
            yield from _walked(part)
