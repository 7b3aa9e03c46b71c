"""What simulated respondents write into a form: fields for every type of item, as a browser would send them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.interview.path import NOTHING_OFF
from app.simulation.behaviour import Behaviour
from app.survey.items.answer import OFFERED
from app.survey.items.base import Item
from app.survey.items.fields import Fields
from app.survey.items.simulated import Chance, Person, Sheet

__all__ = ["Chance", "Fields", "Person", "fill", "somebody"]


def somebody(chance: Chance, behaviour: Behaviour, language: str) -> Person:
    careless = chance.random() < behaviour.careless
    straight = chance.random() if careless and chance.random() < 0.5 else None
    return Person(chance, behaviour, language, chance.gauss(), careless, straight)


def fill(
    item: Item, person: Person, known: Mapping[str, Any], hidden: frozenset[str] = NOTHING_OFF
) -> Fields:
    """The fields that one respondent sends for an item; none where it is left open."""
    if not item.required and person.happens(person.behaviour.skips):
        return {}
    sheet = Sheet(person, known, hidden)
    if item.offers and person.happens(person.behaviour.declines):
        sent = OFFERED[person.chance.choice([reason for reason in OFFERED if reason in item.offers])]
        return {f"{item.id}~" if item.reasons_beside else name: [sent] for name in sheet.names(item)}
    return item.simulated(sheet)
