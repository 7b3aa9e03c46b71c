"""Surveys drawn by Hypothesis: any mixture of item types, conditions, orders, computed values and endings."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from app.survey.model import Instrument
from tests.support.answers import instrument

CODES = ["a", "b", "c"]
SCALE = {"1": "No", "2": "Partly", "3": "Yes"}
OFFERS = ("decline", "dont_know", "not_applicable")
TYPES = (
    "single_choice", "multiple_choice", "dropdown", "rating", "nps", "matrix", "columns", "semantic_differential", "number",
    "slider", "text", "date", "ranking", "constant_sum", "best_worst",
)  # fmt: skip

Draw = Any


@st.composite
def instruments(draw: Draw) -> Instrument:
    """An instrument of up to three sections with up to three items each; sometimes in two languages."""
    tests: list[str] = ['cause == "x"']  # conditions on what comes before
    survey: dict[str, Any] = {"title": "Drawn", "arms": {"cause": ["x", "y"]}, "sections": {}}
    shuffled = draw(st.integers(0, 3)) == 0  # sections that change places may not depend on one another
    for place in range(draw(st.integers(2 if shuffled else 1, 3))):
        own = tests[:1] if shuffled else tests
        survey["sections"][f"s{place}"] = section(draw, place, own)
        tests += own if shuffled else []
    survey |= {"shuffle": True} if shuffled else {}
    survey |= worked_out(draw, survey, tests)
    languages = ("en", "de") if draw(st.booleans()) else ("en",)
    return in_languages(instrument(yaml(survey), "drawn"), languages)


def in_languages(asked: Instrument, languages: tuple[str, ...]) -> Instrument:
    """Whether it has translations makes no difference to its data."""
    return replace(asked, languages=languages)


def yaml(survey: dict[str, Any]) -> str:
    """JSON is YAML, but for its keys: whole numbers are codes without quotes."""
    text = json.dumps(survey, indent=1)
    for code in SCALE:
        text = text.replace(f'"{code}": ', f"{code}: ")
    return text


def section(draw: Draw, place: int, tests: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"items": {}}
    if draw(st.booleans()):
        found["show_if"] = draw(st.sampled_from(tests))
    before = list(tests)
    if draw(st.integers(0, 3)) == 0:
        found["shuffle"] = True  # what is shuffled may not depend on one another
    for number in range(draw(st.integers(1, 3))):
        name = f"i{place}{number}"
        found["items"][name] = item(draw, name, before if "shuffle" in found else tests)
        tests += conditions(name, found["items"][name])
    if len(found["items"]) < 2:
        found.pop("shuffle", None)
    return found


def conditions(name: str, item: dict[str, Any]) -> list[str]:
    """What can be said of an item later."""
    match item["type"]:
        case "single_choice" | "dropdown":
            return [f'{name} == "a"', f'missing({name}) or {name} != "b"']
        case "multiple_choice" | "ranking":
            return [f'has({name}, "a")', f"count({name}) > 1"]
        case "rating" | "nps":
            return [f"{name} >= 2"]
        case "number" | "slider":
            return [f"{name} > 5"]
    return [f"answered({name})"]


def item(draw: Draw, name: str, tests: list[str]) -> dict[str, Any]:
    kind = draw(st.sampled_from(TYPES))
    found = {"type": kind, "ask": f"{name}?", **SHAPES[kind](draw, tests)}
    if kind == "columns":
        found["type"] = "matrix"
    if draw(st.integers(0, 2)) == 0:
        found["show_if"] = draw(st.sampled_from(tests))
    found |= {reason: True for reason in OFFERS if draw(st.integers(0, 4)) == 0}
    return found


def options(draw: Draw, tests: list[str], please_say: bool = True, shuffles: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for code in CODES:
        found[code] = {"label": code.upper()}
        if draw(st.integers(0, 3)) == 0:
            found[code]["show_if"] = draw(st.sampled_from(tests))
        if please_say and draw(st.integers(0, 3)) == 0:
            found[code]["please_say"] = True
    return {"options": found} | (
        {"shuffle": {"only": ["a", "b"]}} if shuffles and draw(st.booleans()) else {}
    )


def statements(draw: Draw, tests: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {name: {"text": name} for name in ("p", "q")}
    for statement in found.values():
        if draw(st.integers(0, 2)) == 0:
            statement["show_if"] = draw(st.sampled_from(tests))
    return {"statements": found}


def ranking(draw: Draw, tests: list[str]) -> dict[str, Any]:
    top = {"top": 2} if draw(st.booleans()) else {}
    return options(draw, tests, please_say=False) | top


SHAPES: dict[str, Any] = {
    "single_choice": options,
    "multiple_choice": options,
    "dropdown": lambda draw, tests: options(draw, tests, please_say=False, shuffles=False),
    "rating": lambda draw, tests: {"scale": SCALE},
    "nps": lambda draw, tests: {"low": "No", "high": "Yes"},
    "matrix": lambda draw, tests: statements(draw, tests) | {"scale": SCALE},
    "columns": lambda draw, tests: statements(draw, tests)
    | {"columns": {"now": {"label": "Now", "scale": SCALE}, "then": {"label": "Then", "scale": SCALE}}},
    "semantic_differential": lambda draw, tests: {"pairs": {"p": ["Cold", "Warm"], "q": ["Old", "New"]}, "flip": draw(st.booleans())},
    "number": lambda draw, tests: {"range": [-9, 9], "decimals": draw(st.integers(0, 2))},
    "slider": lambda draw, tests: {"range": [0, 10]},
    "text": lambda draw, tests: {},
    "date": lambda draw, tests: {"precision": draw(st.sampled_from(["day", "month", "year"]))},
    "ranking": ranking,
    "constant_sum": lambda draw, tests: options(draw, tests, please_say=False),
    "best_worst": lambda draw, tests: options(draw, tests, please_say=False) | {"best": "Best", "worst": "Worst"},
}  # fmt: skip


def worked_out(draw: Draw, survey: dict[str, Any], tests: list[str]) -> dict[str, Any]:
    """Computed values, screen-outs and quotas over what the sections ask."""
    found: dict[str, Any] = {
        "compute": {"either": f"{draw(st.sampled_from(tests))} or {draw(st.sampled_from(tests))}"}
    }
    items = {name: each for part in survey["sections"].values() for name, each in part["items"].items()}
    numeric = [name for name, each in items.items() if each["type"] in ("number", "slider")]
    rated = [name for name, each in items.items() if each["type"] == "rating"]
    if numeric:
        found["compute"]["twice"] = f"{draw(st.sampled_from(numeric))} / 3"
    if rated:
        found["scores"] = {"score": {"label": "Score", "mean": rated, "reverse": rated[:1], "at_least": 1}}
    if draw(st.booleans()):
        when = f"answered({next(iter(items))}) and ({draw(st.sampled_from(tests))})"  # it may not end the survey for all
        found["screen_out"] = {"out": {"when": when}}
    if draw(st.booleans()):
        found["quotas"] = {"full": {"when": draw(st.sampled_from(tests)), "most": 1}}
    return found
