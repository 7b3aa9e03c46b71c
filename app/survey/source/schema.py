"""The JSON Schema of a survey file: with it an editor completes keys, explains them and marks what does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.survey.items.shapes import SCALE_POINTS
from app.survey.source.shape import SurveyShape

#: What an editor says of each key whose shape does not say it.
HOVER = {
    "about": "Who is responsible, and where respondents find help: shown on the first page, at the end and where they stop.",
    "access": "Who can answer: open means everyone who has the address.",
    "add": "The question whether to add another entry, such as: Is there another post?",
    "analysis": "The analysis plan: the primary estimates, named before data arrive. Everything else is marked as exploratory.",
    "arms": "Randomly assigned versions, in balanced blocks: a name with its codes, such as cause: [burnout, visa].",
    "ask": "The question, in Markdown. {item} inserts an earlier answer.",
    "at_least": "Number of parts that must be answered to compute the score (default: all for a sum, otherwise one).",
    "bands": "Names for ranges of the score, from low to high: each except the last ends `below` a number.",
    "below": "The band ends below this number.",
    "beside": "Items whose results respondents see together with their own answers, for an hour after submitting.",
    "by": "A choice, an arm or the bands of a score, of at most 12 categories, that splits results into groups.",
    "closes": "The last day on which respondents can begin, such as 2027-02-28.",
    "compute": "Values computed from answers, each with a name and an expression: career: left_year - qualified_year.",
    "consent": "The consent text that respondents agree to before they begin, in Markdown.",
    "contact": "Who answers questions about the survey, with an address or a telephone number, in Markdown.",
    "count": "The score is the number of these that are answered.",
    "data": "What happens to the data: who has access, how long it is stored, and the data protection contact, in Markdown.",
    "decline": 'true offers "Prefer not to say", stored as a separate missing reason; or your own label.',
    "description": "One or two sentences for the list of surveys, in Markdown.",
    "dont_know": 'true offers "Don\'t know", stored as a separate missing reason; or your own label.',
    "entry": "The item whose answer names the entry; in sections repeated for the entries, {entry} inserts it.",
    "ethics": "The ethics board and its approval number, in Markdown.",
    "floor": "The smallest group whose results may be shown to the public.",
    "followed_by": "The polls that are presented after this one, in their order, at its address: the names of their files.",
    "for_each": "Repeats this section for each option chosen in an earlier item, or for each entry of a roster.",
    "headline": "Up to six figures for the first screen of the results: [own, {item: own, by: status}].",
    "hint": "Help text below the question, in Markdown.",
    "institution": "The institution and the researcher in charge, in Markdown.",
    "item": "The item whose options the section is repeated for, or the section that is a roster.",
    "items": "The items of this page, each with a unique id.",
    "label": "The text that respondents see. The code is stored and does not change with the label.",
    "languages": "The language of this file, then those of its translation files: [en, de].",
    "mean": "The score is the mean of these.",
    "most": "The maximum number.",
    "not_applicable": 'true offers "Not applicable", stored as a separate missing reason; or your own label.',
    "no": "The answer that ends the list of entries (default: No).",
    "opens": "The first day on which respondents can begin, such as 2026-12-01.",
    "pair": "Two items on one scale that are shown together, each with a short name: {norm: Doctors I know, own: I myself}.",
    "poll": "true: one question that is answered on the first page, its results shown at once and on a projector.",
    "privacy": "The privacy promise to respondents: anonymous, confidential or identified.",
    "protect": "cells: one release of public results when the survey closes, without cells below the floor.",
    "quotas": "Maximum numbers of responses that meet a condition; later respondents who meet it are screened out.",
    "release_every": "Number of further responses before public results are updated; at least the floor.",
    "results": "Who can see results besides the researchers.",
    "reverse": "Reverse-scored parts: the minimum becomes the maximum.",
    "roster": "Repeats this section for each entry that the respondent adds.",
    "same_as": "The version, by number or digest, whose data this continues although its words, labels or scale differ.",
    "sample": "Expected number of respondents, used by `opinion check` for groups and cells.",
    "scale": "The name of a scale, or its points as `1: label` lines.",
    "scales": "Scales shared by several items, each with a name and `1: label` lines under it.",
    "scores": "Values combined from several items: a mean, a sum or a count, with reverse-scored parts and a minimum number of answers.",
    "screen_out": "Ends the survey for respondents who meet a condition, with a text for them.",
    "sections": "The pages, each with a unique id.",
    "show_if": 'A condition on earlier answers: status == "left" and years > 5. Without it, it is always shown.',
    "show_to": "nobody, respondents (once their response is complete) or everyone.",
    "shuffle": "true: in a random order for each respondent; {except: [...]} or {only: [...]} lists what is not shuffled or what is.",
    "sum": "The score is the sum of these.",
    "sum_prorated": "The score is the sum of these; missing values count as the mean of the others.",
    "support": "Where respondents find support, in Markdown; also shown to those who stop.",
    "debriefing": "What respondents may know only afterwards, in Markdown: shown after submission and after deletion.",
    "text": "The text to show, in Markdown.",
    "thanks": "The text shown after submission, in Markdown.",
    "time_zone": "The time zone of the survey's days (opening, closing, answering): Europe/Berlin.",
    "title": "The title.",
    "to": "The range to which the score is rescaled, such as [0, 100].",
    "type": "The type of the item.",
    "value": "An expression such as left_year - qualified_year.",
    "weight": "Relative frequency of assignment of the arm (default: 1).",
    "weights": "Weights by raking, so that results can be shown for the population: its share of each code of some variables.",
    "when": 'A condition on answers, such as status == "outside".',
    "where": "selected, not_selected or all (default: selected).",
    "yes": "The answer that adds another entry (default: Yes).",
}
SHORT = {"type": ["string", "number"]}
#: What may be written in short, each with how.
IN_SHORT: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("OptionShape", "StatementShape", "ArmShape", "BandShape"), SHORT),
    **{key: {"type": "string"} for key in ("ComputeShape", "ForEachShape", "CheckShape", "HeadlineShape")},
    "ShuffleShape": {"type": "boolean"},
}


def survey_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12. Where it accepts a file, `opinion check` can still find what makes no sense."""
    made = SurveyShape.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "A survey of Second Opinion"
    made["$defs"]["ShuffleShape"]["properties"].pop("on")
    for name, shape in [("", made), *made["$defs"].items()]:
        for key, value in shape["properties"].items():
            _describe(key, value)
        if name:
            del shape["title"]
    made["properties"]["scales"]["additionalProperties"] = SCALE_POINTS
    _allow_lists(made)
    for value in _walked(made):
        _allow_short(value)
    for value in _walked(made):
        _without_null(value)
    return made


def _describe(key: str, value: dict[str, Any]) -> None:
    value.pop("title", None)
    value["description"] = value.pop("description", None) or HOVER[key]
    if "anyOf" in value or isinstance(value.get("type"), list):  # after the description, as what is optional is
        value |= {word: value.pop(word) for word in ("anyOf", "type") if word in value}
    for holder in (value, *value.get("anyOf", ())):
        _name_keys(holder)


def _name_keys(holder: dict[str, Any]) -> None:
    """Keys that do not match a pattern are marked as such, and not only left unexplained."""
    for pattern, values in holder.pop("patternProperties", {}).items():
        rest = dict(holder)
        holder.clear()
        holder.update({"additionalProperties": values, **rest, "propertyNames": {"pattern": pattern}})


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
