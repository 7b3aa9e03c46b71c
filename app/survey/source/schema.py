"""The JSON Schema of a survey file: with it an editor completes keys, explains them and marks what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.survey.source.shape import SurveyShape

#: What an editor says of each key; `item type.key` where a key means something else there.
HOVER = {
    "access": "Who may answer: open to all who have the address.",
    "add": "The question that leads to the next entry, such as: Is there another post?",
    "arms": "Versions assigned at random in balanced blocks: a name with its codes, such as cause: [burnout, visa].",
    "ask": "The question, in Markdown. {item} puts an earlier answer into it.",
    "at_least": "How many parts must be answered for the score to be worked out; of a sum all of them, else one, unless set.",
    "attributes": "What varies: each attribute with its levels as `code: words` lines. {attribute} in the text says the words.",
    "bands": "Names for stretches of the score, from low to high: each but the last ends `below` a number.",
    "below": "The band ends below this number.",
    "beside": "Items whose results respondents see with their own answers beside them, for an hour after submitting.",
    "best": "The head of the column of what is chosen as the most.",
    "blocks": "How many sets of vignettes there are; each respondent is given one.",
    "check": "A condition that must hold between this answer and earlier ones, such as left_year >= qualified_year.",
    "closes": "The last day on which one can begin, such as 2027-02-28.",
    "columns": "Instead of one scale: columns, each with a label and a scale of its own.",
    "compute": "Values that follow from answers, each a name and an expression: career: left_year - qualified_year.",
    "consent": "What respondents read and agree to before they begin, in Markdown.",
    "count": "The score is how many of these are answered.",
    "decimals": "How many digits may follow the decimal point; none unless set.",
    "decline": 'true offers "Prefer not to say", which is kept as a missing reason of its own; or your own words.',
    "description": "One or two sentences for the list of surveys, in Markdown.",
    "design": "blocks: balanced sets; full: every vignette, dealt out; random: sets drawn at random.",
    "dont_know": 'true offers "Don\'t know", which is kept as a missing reason of its own; or your own words.',
    "each_sees": "How many vignettes each respondent sees, each on a page of its own.",
    "earliest": "The first date that is taken: 2020-01-01, today, or today - 6 months.",
    "entry": "The item whose answer names the entry; {entry} stands for it in sections for each of them.",
    "example": "A text that the pattern takes; respondents see it.",
    "except": "What stays in its place.",
    "exclude": "Conditions on attributes under which a combination is impossible.",
    "exclusive": "true: choosing this option unchooses all others.",
    "flip": "true: which pole stands on the left is drawn for each pair. Answers are kept as if none were exchanged.",
    "floor": "The smallest group whose figures may be shown to the public.",
    "for_each": "Asks this section once for each option chosen in an earlier item, or for each entry of a roster.",
    "group": "The heading that these options stand under.",
    "high": "What the upper end means.",
    "hint": "Help below, in Markdown.",
    "identifying": "true: the answer helps to tell who somebody is. `opinion check` looks at all of these together.",
    "item": "The item whose options are gone through, or the section that is a roster.",
    "items": "What is asked on this page, each under an id of its own.",
    "label": "What is read. The code, which is stored, stays when a label changes.",
    "languages": "The language of this file, and those of the files beside it: [en, de].",
    "latest": "The last date that is taken: 2030-12-31, today, or today + 30 days.",
    "lines": "How many lines to write in; 1 unless set.",
    "low": "What the lower end means.",
    "max_length": "How many characters may be written; 200 for one line and 2000 for several unless set.",
    "mean": "The score is the mean of these.",
    "most": "The most there may be.",
    "not_applicable": 'true offers "Not applicable", which is kept as a missing reason of its own; or your own words.',
    "note.text": "Something to read, in Markdown.",
    "no": "The answer that ends the list of entries; No unless set.",
    "one_of_each": "An attribute of which each respondent sees every level once.",
    "only": "What changes places; all else stays.",
    "opens": "The first day on which one can begin, such as 2026-12-01.",
    "options": "One `code: label` a line. Codes are stored; labels may change.",
    "options_from": "The options of an earlier item: reasons where selected, or reasons where not selected.",
    "pairs": "One `id: [left pole, right pole]` a line.",
    "pattern": "A regular expression that the whole text must match.",
    "please_say": "true: choosing this option opens a line of text.",
    "points": "How many points lie between the poles, with both ends; 7 unless set.",
    "precision": "day, month or year; day unless set.",
    "privacy": "What respondents are promised: anonymous, confidential or identified.",
    "quotas": "At most so many responses for which a condition holds; who comes later is thanked and not asked further.",
    "range": "The least and the most, both included: [0, 70].",
    "ratings": "What is asked of each vignette: `id: {ask: ..., scale: ...}`.",
    "release_every": "Public figures move when so many more have answered; at least the floor.",
    "required": "true: the page cannot be sent without an answer.",
    "results": "Who sees figures besides the researchers.",
    "reverse": "Parts that count the other way round: the least becomes the most.",
    "roster": "Asks this section again for each entry that the respondent adds.",
    "same_as": "The version, by its number or its digest, whose data this continues although its words, labels or scale differ.",
    "sample": "How many respondents are expected; `opinion check` says what that means for groups and cells.",
    "say": "What a respondent reads when it does not hold.",
    "scale": "The name of a scale, or its points as `1: label` lines.",
    "scales": "Scales that several items share, each a name with `1: label` lines under it.",
    "scores": "Values made of several items: a mean, a sum or a count, with what is reversed and how many must be answered.",
    "screen_out": "Ends the survey for those for whom a condition holds, with words of their own.",
    "sections": "The pages, each under an id of its own.",
    "seed": "The number from which the design is made: the same number makes the same design.",
    "sensitive": "true: what is typed here never stays in the browser before it is sent.",
    "show_if": 'A condition on earlier answers: status == "left" and years > 5. Without it, it is always shown.',
    "show_to": "nobody, respondents (once they have submitted) or everyone.",
    "shuffle": "true: in a random order for each respondent; {except: [...]} or {only: [...]} says what stays or moves.",
    "soft": "true: asks once whether it is right, then accepts it.",
    "statements": "One `id: text` a line, all answered on the scale.",
    "step": "How far apart the values of the slider lie.",
    "sum": "The score is the sum of these.",
    "sum_prorated": "The score is the sum of these; what is missing counts as the mean of what is there.",
    "text": "What is read, in Markdown.",
    "thanks": "What respondents read after submitting, in Markdown.",
    "that": "The condition that must hold.",
    "time_zone": "Whose day it is when the survey opens and closes and when somebody answers: Europe/Berlin.",
    "title": "What it is called.",
    "to": "The range that the score is stretched to, such as [0, 100].",
    "top": "How many are ranked; all unless set.",
    "total": "What the numbers must add up to; 100 unless set.",
    "type": "How it is asked.",
    "unit": "What stands behind the number, such as years.",
    "value": "An expression such as left_year - qualified_year.",
    "vignette.text": "The vignette, in Markdown; {attribute} stands for the words of the level that is shown.",
    "weight": "How often the arm is assigned, relative to the others; 1 unless set.",
    "when": 'A condition on answers, such as status == "outside".',
    "where": "selected, not_selected or all; selected unless set.",
    "worst": "The head of the column of what is chosen as the least.",
    "yes": "The answer that leads to the next entry; Yes unless set.",
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
NAMED = {
    **dict.fromkeys(("sections", "items", "statements", "pairs", "ratings", "attributes", "columns"), ID),
    **dict.fromkeys(("arms", "compute", "scores", "screen_out", "quotas"), ID),
    **dict.fromkeys(("options", "bands"), CODE),
}
#: What may be written in short, each with how.
IN_SHORT: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("OptionShape", "StatementShape", "ArmShape", "BandShape"), SHORT),
    **{key: {"type": "string"} for key in ("ComputeShape", "ForEachShape", "CheckShape")},
    "ShuffleShape": {"type": "boolean"},
}
#: What a key takes whose values the shapes check by themselves.
TAKES: dict[str, dict[str, Any]] = {
    **{key: {"type": ["boolean", "string"]} for key in ("decline", "dont_know", "not_applicable")},
    **{key: {"type": "number"} for key in ("step", "below")},
    **{key: {"type": ["string", "integer"]} for key in ("earliest", "latest")},
    "scale": {"anyOf": [{"type": "string"}, POINTS]},
    "same_as": {"type": ["integer", "string"]},
}


def schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12. Where it accepts a file, `opinion check` can still find what makes no sense."""
    made = SurveyShape.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "A survey of Second Opinion"
    made["$defs"]["ShuffleShape"]["properties"].pop("on")
    for name, shape in [("", made), *made["$defs"].items()]:
        item_type = shape["properties"].get("type", {}).get("const", "")
        for key, value in shape["properties"].items():
            _describe(key, item_type, value)
        if name:
            del shape["title"]
    made["properties"]["scales"]["additionalProperties"] = POINTS
    _allow_lists(made)
    for value in _walked(made):
        _allow_short(value)
    for value in _walked(made):
        _without_null(value)
    return made


def _describe(key: str, item_type: str, value: dict[str, Any]) -> None:
    value.pop("title", None)
    value["description"] = HOVER.get(f"{item_type}.{key}") or HOVER[key]
    for holder in (value, *value.get("anyOf", ())):
        if key in NAMED and "additionalProperties" in holder:
            holder["propertyNames"] = NAMED[key]
        if key in ("range", "to") and holder.get("type") == "array":
            holder["items"] = {"type": "number"}
    if key in TAKES:
        value.pop("anyOf", None)
        value.update(TAKES[key])


def _allow_lists(made: dict[str, Any]) -> None:
    """Arms may be a list of codes, and a single check need not be one."""
    arms = made["properties"]["arms"]
    codes = {"type": "array", "items": {"type": ["string", "integer"]}}
    arms["additionalProperties"] = {"anyOf": [codes, arms["additionalProperties"]]}
    for definition in made["$defs"].values():
        check = definition["properties"].get("check")
        if check:
            several = {"type": check.pop("type"), "items": check.pop("items")}
            check["anyOf"] = [several["items"], several]


def _allow_short(value: dict[str, Any]) -> None:
    for word in ("oneOf", "anyOf"):
        choices = value.get(word)
        short = [IN_SHORT[name] for choice in choices or () if (name := _name(choice)) in IN_SHORT]
        if short:
            del value[word]
            value["anyOf"] = [*short, *choices]
    for key in ("additionalProperties", "items"):
        part = value.get(key)
        if isinstance(part, dict) and _name(part) in IN_SHORT:
            value[key] = {"anyOf": [IN_SHORT[_name(part)], part]}


def _name(value: Any) -> str:
    """The shape that a reference is to; "" for anything else."""
    return str(value.get("$ref", "")).rpartition("/")[2] if isinstance(value, dict) else ""


def _without_null(value: dict[str, Any]) -> None:
    """An optional key may be left out, but nothing is gained by writing `null`; editors would offer it."""
    choices = value.get("anyOf")
    if choices and {"type": "null"} in choices:
        left = [choice for choice in choices if choice != {"type": "null"}]
        del value["anyOf"]
        value.update(left[0] if len(left) == 1 else {"anyOf": left})
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
