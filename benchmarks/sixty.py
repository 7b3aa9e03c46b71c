"""The survey that is measured: sixty items on six pages; and people who answer it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from app.survey.items.registry import MultipleChoice, Number
from app.survey.model import Instrument
from app.survey.source.reading import read_survey

SURVEY = "sixty"
PAGES = 6
RATINGS = 6  # on each page, and beside them two single choices, a multiple choice and a number
OPTIONS = ("home", "clinic", "ward", "theatre", "office", "elsewhere")

Answers = dict[str, Any]


def source() -> str:
    """The survey's YAML. Its weights have 36 raking cells."""
    lines = ["title: Sixty questions", "results: {show_to: nobody}", "scales:", "  how_much: {1: Not at all, 2: A little, 3: Somewhat, 4: Largely, 5: Completely}"]
    shares = "{home: 5, clinic: 10, ward: 15, theatre: 20, office: 25, elsewhere: 25}"
    lines += ["weights:", "  rake:", f"    q2_8: {shares}", f"    q1_8: {shares}", "sections:"]
    for page in range(1, PAGES + 1):
        lines += [f"  part{page}:", f"    title: Part {page}", "    items:"]
        lines += (line for place in range(1, 11) for line in _item(page, place))
    return "\n".join([*lines, ""])


def _item(page: int, place: int) -> Iterator[str]:
    yield f"      q{page}_{place}:"
    if place <= RATINGS:
        yield from _lines("rating", f"How much does statement {page}.{place} hold where you work?", "scale: how_much")
    elif place == 10:
        yield from _lines("number", "How many hours a week is that?", "range: [0, 120]")
    else:
        kind = "multiple_choice" if place == 9 else "single_choice"
        options = ", ".join(f"{code}: {code.title()} or near it" for code in OPTIONS)
        yield from _lines(kind, f"Where is question {page}.{place} decided?", f"options: {{{options}}}")


def _lines(kind: str, ask: str, more: str) -> tuple[str, ...]:
    return f"        type: {kind}", f"        ask: {ask}", f"        {more}"


def instrument() -> Instrument:
    found, faults = read_survey(source().encode(), SURVEY)
    if found is None:
        raise SystemExit("\n".join(f"line {fault.line}: {fault.what}" for fault in faults))
    return found


def answers(asked: Instrument, chance: random.Random, pages: int = PAGES) -> Answers:
    """What one person answers on the first pages; one item in twenty is skipped."""
    found: Answers = {}
    for section in asked.sections[:pages]:
        for item in section.items:
            found[item.id] = {"missing": "skipped"} if chance.random() < 0.05 else _answer(item, chance)
    return found


def _answer(item: Any, chance: random.Random) -> Any:
    if isinstance(item, Number):
        return chance.randrange(item.least, item.most + 1)
    if isinstance(item, MultipleChoice):
        chosen = set(chance.sample(range(len(item.options)), 2))
        return [option.code for place, option in enumerate(item.options) if place in chosen]
    return chance.choice(getattr(item, "scale", None) or item.options).code


def fields(asked: Instrument, section: str, chance: random.Random) -> list[tuple[str, str]]:
    """A page's form as a browser sends it, every item answered; without the token."""
    sent = [("version", asked.digest[:12])]
    for item in asked.section[section].items:
        value = _answer(item, chance)
        sent.append(("shown", item.id))
        sent += [(item.id, str(part)) for part in (value if isinstance(value, list) else [value])]
    return sent
