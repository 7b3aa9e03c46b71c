"""Which items ask who somebody is: what respondents are promised must not say otherwise."""

from __future__ import annotations

import re
from collections.abc import Collection

from app.languages.naming import asks_for_a_name
from app.survey.items.answer import Answer
from app.survey.items.base import Item
from app.survey.model import Instrument

MANY = 1000  # values from which on a number can tell people apart by itself
ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)  # as an example of an e-mail address has it
NUMBER = re.compile(r"\+[\d\s()./-]{7,}|\d{7,}|(?:\d[\s()./-]*){9,}")  # a telephone or registration number


def asks_who(item: Item) -> bool:
    """Whether an answer says who somebody is: what is written, not chosen, and marked `identifying`, or plainly a
    name, an e-mail address or the like."""
    return any(_asks_who(item, answer) for answer in item.answers() if not answer.group)


def _asks_who(item: Item, answer: Answer) -> bool:
    match answer.kind:
        case "text" if answer.beside and answer.option:
            return asks_for_a_name(answer.option.label.plain)
        case "text":
            return item.identifying or _asks_for_a_name(item)
        case "number" if answer.ends is None:  # an age is a group of people, a number of eight digits is a person
            many = (answer.most - answer.least) * 10**answer.decimals >= MANY
            return many and (item.identifying or _asks_for_a_name(item))
        case "date":
            return item.identifying and answer.precision == "day"
    return False


def _asks_for_a_name(item: Item) -> bool:
    texts = (item.ask, item.hint)
    if any(asks_for_a_name(text.plain) for text in texts if text is not None):
        return True
    example = (getattr(item, "example", None) or "").strip()
    return bool(ADDRESS.search(example) or NUMBER.fullmatch(example) or "@" in (getattr(item, "pattern", None) or ""))


def who_asked(instrument: Instrument) -> list[Item]:
    """The items of an instrument, in any of its languages, that ask who somebody is."""
    versions = (instrument, *instrument.translations.values())
    found = {item.id for version in versions for item in version.items() if asks_who(item)}
    return [item for item in instrument.items() if item.id in found]


def is_private(item: Item) -> bool:
    """Whether an answer must not stay in a browser before it is sent."""
    return item.identifying or item.sensitive or asks_who(item)


def private_items(instrument: Instrument) -> frozenset[str]:
    """The ids of the items whose answers must not stay in a browser, by their words in any of its languages."""
    versions = (instrument, *instrument.translations.values())
    return frozenset(item.id for version in versions for item in version.items() if is_private(item))


def private_names(instrument: Instrument, private: Collection[str]) -> frozenset[str]:
    """The names of the answers to private items, and of what is computed from them."""
    asked = {name for item in instrument.items() if item.id in private for name in item.keys}
    return frozenset(asked.union(value.name for value in instrument.computed if not asked.isdisjoint(value.names)))
