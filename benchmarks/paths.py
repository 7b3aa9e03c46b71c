"""What each page and each stored response costs: a respondent's path, and the encoding of a response."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from app.catalogue.files import read_file
from app.interview.route import Route
from app.results.frame.encoding import Encoder
from app.results.layout import layout_of
from app.simulation.respondents import respondent
from app.survey.conditions.language import Condition
from app.survey.model import Instrument
from benchmarks import sixty
from benchmarks.writing import FLAGSHIP, LARGE

Answers = Mapping[str, Any]


def paths(quick: bool) -> None:
    """A respondent's path, against all conditions and a copy of the answers; encoding, against decoding their JSON"""
    for name, asked in surveys():
        responses = completed(asked, 20 if quick else 60)
        route, layout = Route(asked), layout_of([asked])
        encoder = Encoder(asked, layout, layout.columns[0])
        stored = [json.dumps(answers).encode() for answers in responses]
        rules = list(conditions(asked))
        times = 3 if quick else 9
        found = in_turn(
            {
                "floor": (lambda answers: (dict(answers), [rule.holds(answers) for rule in rules]), responses),
                "path": (route.path, responses),
                "decoded": (msgspec.json.decode, stored),
                "encoded": (lambda answers: encoder.encode(answers, "submitted"), responses),
            },
            times,
        )
        print(
            f"{name}, {len(rules)} conditions: path {found['path']:.1f} µs, {found['path'] / found['floor']:.1f} floors of"
            f" {found['floor']:.1f}; encoding {found['encoded']:.1f} µs, {found['encoded'] / found['decoded']:.1f} floors of"
            f" {found['decoded']:.1f}"
        )


def surveys() -> Iterator[tuple[str, Instrument]]:
    for name, file in (("flagship", FLAGSHIP), ("500 items", LARGE)):
        asked, _ = read_file(file)
        assert asked is not None
        yield name, asked
    yield "sixty items", sixty.instrument()


def completed(asked: Instrument, number: int) -> list[Answers]:
    """The answers of simulated respondents who went on to the end."""
    route, chance = Route(asked), random.Random(3)
    found: list[Answers] = []
    while len(found) < number:
        one = respondent(route, chance)
        found += [one.pages[-1]] if one.completed else []
    return found


def conditions(asked: Instrument) -> Iterator[Condition]:
    """All of a survey, each once."""
    for section in asked.sections:
        for each in (section, *section.items, *(part for item in section.items for part in parts(item))):
            if each.show_if is not None:
                yield each.show_if


def parts(item: Any) -> Iterable[Any]:
    return getattr(item, "options", None) or getattr(item, "statements", ())


def in_turn(acts: Mapping[str, tuple[Callable[[Any], object], list[Any]]], times: int) -> dict[str, float]:
    """The least microseconds of the processor for one of each; in turn, so that what disturbs one disturbs all."""
    found = dict.fromkeys(acts, float("inf"))
    for _ in range(times):
        for name, (act, given) in acts.items():
            began = time.process_time()
            for _ in range(20):
                for each in given:
                    act(each)
            found[name] = min(found[name], (time.process_time() - began) * 1e6 / (20 * len(given)))
    return found
