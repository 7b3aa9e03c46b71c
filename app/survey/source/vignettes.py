"""A vignette experiment as a survey file describes it: a page for each vignette that a respondent sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.survey.conditions.language import parse_condition
from app.survey.documents.places import Path
from app.survey.faults import did_you_mean, one_of
from app.survey.items.answer import Answer, Option
from app.survey.items.base import Item
from app.survey.items.context import RESERVED_ITEMS, Entry, SurveyContext, both
from app.survey.items.flips import read_flips
from app.survey.items.registry import PROSE, SCALE
from app.survey.items.scales import continue_version, read_poles, scale_of
from app.survey.items.vignette import VignetteShape
from app.survey.model import Attribute, Drawn, Section, Vignette
from app.survey.scope import Scope, answer_of_drawn, answer_of_loop, answers_of
from app.survey.source.items import check_doubled, offers, read_item
from app.survey.vignettes.design import DesignFault, make_design


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page, and on whose answers each of its items depends."""

    section: Section
    uses: dict[str, set[str]]  # by item
    shown_by: set[str]  # names that the section's own condition and title depend on


def vignette_pages(m: SurveyContext, path: Path, key: str, shape: Any, name: str) -> Iterator[ReadPage]:
    """One page for each vignette that a respondent sees: its text, and the ratings below it."""
    where: Path = (*path, "items", name)
    part = shape.items[name]
    check_vignette(m, where, name, part, shape)
    attributes = tuple(attribute(m, where, str(each), levels) for each, levels in part.attributes.items())
    levels = [each.id for each in attributes]
    m.drawn += drawn_for(name, attributes, part.each_sees)
    for each in m.drawn:
        if each.of == name:
            m.given[each.name] = answer_of_drawn(each)  # type: ignore[assignment]
    if not m.rehearsing:
        vignette = designed(m, where, name, part, attributes)
        if vignette is not None:
            m.vignettes.append(vignette)
    ids, parts = frozenset(map(str, shape.items)), frozenset(levels) | frozenset(map(str, part.ratings))
    for number in range(1, part.each_sees + 1):
        with m.reading(Entry(f"_{number}", None, number, ids, f"{name}_", parts)):
            yield vignette_page(m, path, f"{key}_{number}", shape, name, number)
    for rating in map(str, part.ratings):
        items = [m.items[f"{name}_{rating}_{number}"] for number in range(1, part.each_sees + 1)]
        check_doubled(m, (*where, "ratings", rating), f"{name}_{rating}")
        m.before.setdefault(
            f"{name}_{rating}", answer_of_loop(f"{name}_{rating}", tuple(each.id for each in items), items)
        )


def check_vignette(m: SurveyContext, path: Path, name: str, part: VignetteShape, shape: Any) -> None:
    m.check_id(path, name, "item", RESERVED_ITEMS)
    for other, item in shape.items.items():
        if str(other) != name and item.is_asked:
            m.fault(
                ("sections", path[1], "items", other), "bad-vignette", f'"{other}" is on the same page as a vignette, which is shown on several pages',
                "Only notes can be beside a vignette: move this item to another section.", key=True,
            )  # fmt: skip
    if not part.ratings:
        m.fault(
            (*path, "ratings"),
            "too-few",
            "the vignettes have no ratings",
            "Add `id: {ask: ..., scale: ...}` lines.",
        )
    if not part.attributes:
        m.fault(
            (*path, "attributes"), "too-few", "the vignettes have no attributes", "Add each with its levels."
        )
    if shape.shuffle is not None and shape.shuffle.on:
        m.fault(
            ("sections", path[1], "shuffle"),
            "bad-shuffle",
            "vignettes are already shown in random order",
            "Remove `shuffle`.",
            key=True,
        )
    for rating in part.ratings:
        m.check_id((*path, "ratings", rating), rating, "rating", RESERVED_ITEMS)
    for each in part.attributes:
        m.check_id((*path, "attributes", each), each, "attribute", RESERVED_ITEMS)


def attribute(m: SurveyContext, path: Path, name: str, levels: dict[Any, str]) -> Attribute:
    where: Path = (*path, "attributes", name)
    m.check_codes(where, {code: (*where, code) for code in levels}, "level")
    return Attribute(
        name, tuple(Option(code, m.said((*where, code), words)) for code, words in levels.items())
    )


def drawn_for(name: str, attributes: Sequence[Attribute], each_sees: int) -> Iterator[Drawn]:
    yield Drawn(f"{name}_block", "number", f"Block of the design of {name}", of=name)
    for number in range(1, each_sees + 1):
        for each in attributes:
            label = f"{each.id.replace('_', ' ').capitalize()} in vignette {number}"
            yield Drawn(f"{name}_{each.id}_{number}", "choice", label, each.levels, of=name)


def designed(
    m: SurveyContext, path: Path, name: str, part: VignetteShape, attributes: Sequence[Attribute]
) -> Vignette | None:
    """The vignette with its design, made from its seed; None where none can be made."""
    scope = Scope(
        {each.id: Answer(each.id, "choice", options=each.levels) for each in attributes}
    )
    several = (*path, "exclude", 0) in m.document.values
    excluded = [
        m.parsed((*path, "exclude", place) if several else (*path, "exclude"), source, scope, parse_condition)
        for place, source in enumerate(part.exclude)
    ]
    if part.one_of_each is not None and part.one_of_each not in {each.id for each in attributes}:
        remedy = did_you_mean(part.one_of_each, part.attributes) or f"Attributes: {one_of(part.attributes)}."
        m.fault(
            (*path, "one_of_each"), "bad-vignette", f'there is no attribute called "{part.one_of_each}"', remedy
        )
        return None
    if None in excluded or not attributes or any(len(each.levels) < 2 for each in attributes):
        return None
    try:
        design = m.designs.get(name) or make_design(
            [(each.id, [option.code for option in each.levels]) for each in attributes],
            lambda levels: any(condition.holds(levels) for condition in excluded),
            part.each_sees, part.one_of_each, part.design, part.blocks, part.seed,
        )  # fmt: skip
    except DesignFault as error:
        said = (*path, error.key)
        m.fault(
            said if said in m.document.values else path, "bad-vignette", error.what, error.remedy, key=True
        )
        return None
    return Vignette(name, tuple(attributes), part.each_sees, design, tuple(map(str, part.ratings)))


def vignette_page(m: SurveyContext, path: Path, page_id: str, shape: Any, name: str, number: int) -> ReadPage:
    part = shape.items[name]
    where: Path = (*path, "items", name)
    m.on_earlier_pages = set(m.before)
    m.used = set()
    shown = both(
        m.condition((*path, "show_if"), shape.show_if), m.condition((*where, "show_if"), part.show_if)
    )
    title = m.text((*path, "title"), shape.title)
    shown_by, items = m.used, []
    for key, each in shape.items.items():
        if str(key) != name:
            items.append(read_item(m, (*path, "items", key), key, each))
            continue
        text_id = f"{name}_text_{number}"
        check_doubled(m, where, text_id)
        if part.same_as:
            levels = [f"{name}_{each}_{number}" for each in part.attributes]
            m.same_as |= dict.fromkeys([text_id, *levels], part.same_as)
        items.append(PROSE(id=text_id, ask=m.said((*where, "text"), part.text)))
        items += [
            vignette_rating(m, where, name, str(rating), number, each.ratings[rating], part.same_as)
            for rating in part.ratings
        ]
    return ReadPage(Section(page_id, title, tuple(items), shown), {item.id: set() for item in items}, shown_by)


def vignette_rating(
    m: SurveyContext, path: Path, name: str, rating: str, number: int, shape: Any, same_as: str | None
) -> Item:
    where: Path = (*path, "ratings", rating)
    item = SCALE(
        id=f"{name}_{rating}_{number}",
        ask=m.said((*where, "ask"), shape.ask),
        hint=m.text((*where, "hint"), shape.hint),
        required=shape.required,
        offers=offers(m, where, shape),
        scale=scale_of(m, (*where, "scale"), shape.scale),
    )
    check_doubled(m, where, item.id)
    m.items[item.id] = item
    m.before.update({answer.name: answer for answer in answers_of(item)})
    continue_version(m, item.id, shape)
    read_poles(m, item.id, shape)
    read_flips(m, where, item.id, shape)
    if same_as:
        m.same_as[item.id] = same_as
    return item
