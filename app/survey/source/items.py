"""From the shape of an item to the item: what all types share. What is of one type is in `survey/items`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from app.survey.codes import Code
from app.survey.documents.places import Path
from app.survey.faults import did_you_mean, one_of
from app.survey.items.answer import OFFERED, Shuffle
from app.survey.items.base import Check, Item
from app.survey.items.context import RESERVED_ITEMS, SurveyContext
from app.survey.items.flips import read_flips
from app.survey.items.offering import settle
from app.survey.items.registry import TYPES
from app.survey.items.scales import continue_version, read_poles
from app.survey.items.shapes import ShuffleShape
from app.survey.model import Drawn
from app.survey.scope import answers_of
from app.survey.texts import Text


def read_item(m: SurveyContext, path: Path, key: Any, shape: Any) -> Item:
    """The item, whose names those after it can then use."""
    base = str(key)
    m.check_id(path, key, "item", RESERVED_ITEMS)
    name = m.named(base)
    check_doubled(m, path, name)
    common: dict[str, Any] = {"id": name, "show_if": m.condition((*path, "show_if"), shape.show_if)}
    if not shape.is_asked:
        return TYPES[shape.type].read(m, path, shape, common)
    common |= {
        "ask": m.said((*path, "ask"), shape.ask),
        "hint": m.text((*path, "hint"), shape.hint),
        "required": shape.required,
        "offers": offers(m, path, shape),
        "identifying": shape.identifying,
        "sensitive": shape.sensitive,
    }
    item = TYPES[shape.type].read(m, path, shape, common)
    if getattr(shape, "shuffle", None):
        item = shuffled(m, path, shape.shuffle, item)
    item = replace(item, checks=tuple(checks(m, path, shape, item)))
    m.before.update({answer.name: answer for answer in answers_of(item)})
    m.beside.update({answer.name: answer for answer in item.answers() if answer.beside})
    m.items[name] = item
    if not m.rehearsing:
        settle(m, item)
    if item.show_if is not None or m.page_gate is not None:
        m.gated[name] = item.show_if
    continue_version(m, name, shape)
    read_poles(m, name, shape)
    read_flips(m, path, name, shape)
    return item


def check_doubled(m: SurveyContext, path: Path, name: str) -> None:
    first = m.first.setdefault(name, path)
    if first == path:
        return
    m.doubled.add(name)
    if (first, path) not in m.collisions:
        m.collisions.add((first, path))
        line = m.document.key(first)[0]
        m.fault(
            path,
            "duplicate-id",
            f'"{name}" is already used (on line {line})',
            "Give one of the two another id.",
            key=True,
            always=True,
        )


def offers(m: SurveyContext, path: Path, shape: Any) -> dict[str, Text | None]:
    """The reasons for not answering that an item offers."""
    keys = {"declined": "decline"}
    found = {}
    for reason in OFFERED:
        key = keys.get(reason, reason)
        said = getattr(shape, key)
        if said:
            found[reason] = None if said is True else m.said((*path, key), said)
    return found


def checks(m: SurveyContext, path: Path, shape: Any, item: Item) -> Iterator[Check]:
    several = (*path, "check", 0) in m.document.values
    for place, check in enumerate(shape.check):
        where: Path = (*path, "check", place) if several else (*path, "check")
        that = (*where, "that") if (*where, "that") in m.document.values else where
        if m.rehearsing:
            continue
        holds = m.parsed(that, check.that, m.scope(answers_of(item)))
        if holds is None:
            continue
        if not holds.names.intersection(item.names):
            m.fault(
                that, "bad-check", f'the check does not mention "{item.id}"',
                "Move it to the item that it checks, or use that item in it.",
            )  # fmt: skip
        yield Check(holds, m.text((*where, "say"), check.say), check.soft)


# --- random order ----------------------------------------------------------------------------------------


def shuffled(m: SurveyContext, path: Path, shape: ShuffleShape, item: Item) -> Item:
    parts = getattr(item, "statements", None) or getattr(item, "options", ())
    ids = [getattr(part, "id", None) or part.code for part in parts]
    staying = [
        part.code for part in parts if getattr(part, "exclusive", False) or getattr(part, "please_say", False)
    ]
    if any(getattr(part, "group", None) for part in parts) and shape.on:
        m.fault(
            (*path, "shuffle"),
            "bad-shuffle",
            "options in groups have a fixed order",
            "Remove `shuffle`.",
            key=True,
        )
    shuffle = shuffle_of(m, (*path, "shuffle"), shape, ids, staying)
    if shuffle is not None:
        m.drawn.append(order_of(item.id, f"Order of: {item.ask.plain}", shuffle, ids))
    return replace(item, shuffle=shuffle)


def order_of(of: str, label: str, shuffle: Shuffle, ids: Sequence[Code]) -> Drawn:
    return Drawn(f"{of}~order", "order", label, of=of, moving=shuffle.moving, whole=tuple(ids))


def shuffle_of(
    m: SurveyContext, path: Path, shape: ShuffleShape | None, ids: Sequence[Code], staying: Sequence[Code] = ()
) -> Shuffle | None:
    """What changes places; `staying` is what stays where nothing else is said."""
    if shape is None or not shape.on:
        return None
    for key, named in (("only", shape.only), ("except", shape.except_)):
        for place, name in enumerate(named or ()):
            if name not in ids:
                remedy = did_you_mean(name, ids) or f"There are: {one_of(ids)}."
                m.fault(
                    (*path, key, place), "bad-shuffle", f'"{name}" is not shuffled here', remedy
                )
    if shape.only is not None:
        moving = tuple(each for each in ids if each in shape.only)
    else:
        stays = staying if shape.except_ is None else shape.except_
        moving = tuple(each for each in ids if each not in stays)
    if len(moving) < 2:
        if set(shape.only or shape.except_ or ()) <= set(ids):
            m.fault(
                path, "bad-shuffle", "nothing is left to shuffle",
                "Leave two or more to shuffle, or remove `shuffle`.", key=True,
            )  # fmt: skip
        return None
    return Shuffle(moving)
