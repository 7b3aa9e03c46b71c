"""From the shape of a section to its pages: one, or one for each entry of what is asked several times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from app.survey.conditions.language import Condition
from app.survey.documents.places import Path
from app.survey.faults import did_you_mean, one_of
from app.survey.items.answer import Option
from app.survey.items.base import Item
from app.survey.items.context import RESERVED_SECTIONS, Entry, SurveyContext, both
from app.survey.items.offering import chosen, offered
from app.survey.items.options import chosen_item
from app.survey.items.registry import CHOICE
from app.survey.items.shapes import ShuffleShape
from app.survey.items.vignette import VignetteShape
from app.survey.model import Section
from app.survey.scope import answers_of, answers_of_loop
from app.survey.source.items import check_doubled, order_of, read_item, shuffle_of
from app.survey.source.shape import ForEachShape, RosterShape, SectionShape
from app.survey.source.vignettes import ReadPage, vignette_pages

MOST_PAGES = 1000  # that one section may be asked on

def read_sections(m: SurveyContext) -> Iterator[Section]:
    """All pages in order. Names they give to answers are in `m.before` afterwards."""
    pages: list[tuple[str, ReadPage]] = []
    for key, shape in m.survey.sections.items():
        path: Path = ("sections", key)
        m.check_id(path, key, "section", RESERVED_SECTIONS)
        check_items(m, path, key, shape)
        pages += [(str(key), read) for read in pages_of(m, path, str(key), shape)]
    check_section_ids(m, pages)
    for _, read in pages:
        yield read.section
    shuffle_sections(m, pages)


def check_items(m: SurveyContext, path: Path, key: Any, shape: SectionShape) -> None:
    items = m.document.root.get("sections", {}).get(key, {}).get("items")
    raw = items if isinstance(items, dict) else ()
    if not shape.items and not any(str(broken) in m.broken for broken in raw):
        m.fault(path, "too-few", f'section "{key}" has no items', "Add one, or remove the section.", key=True)


def check_section_ids(m: SurveyContext, pages: Sequence[tuple[str, ReadPage]]) -> None:
    first: dict[str, str] = {}
    for key, read in pages:
        if first.setdefault(read.section.id, key) != key:
            m.fault(
                ("sections", key), "duplicate-id", f'a page of section "{first[read.section.id]}" is already called "{read.section.id}"',
                "Give one of the two sections another id.", key=True,
            )  # fmt: skip


def pages_of(m: SurveyContext, path: Path, key: str, shape: SectionShape) -> Iterator[ReadPage]:
    vignettes = [name for name, item in shape.items.items() if isinstance(item, VignetteShape)]
    several = [
        word
        for word, there in (("for_each", shape.for_each), ("roster", shape.roster), ("a vignette", vignettes))
        if there
    ]
    if len(several) > 1 or len(vignettes) > 1:
        m.fault(
            path, "bad-value", f'section "{key}" is repeated for two reasons: {" and ".join(several) if len(several) > 1 else "two vignettes"}',
            "Move them to separate sections.", key=True,
        )  # fmt: skip
        return
    if shape.for_each is not None:
        yield from each_entry(m, path, key, shape, shape.for_each)
    elif shape.roster is not None:
        yield from roster(m, path, key, shape, shape.roster)
    elif vignettes:
        yield from vignette_pages(m, path, key, shape, str(vignettes[0]))
    else:
        yield page(m, path, key, shape)


def page(
    m: SurveyContext,
    path: Path,
    name: str,
    shape: SectionShape,
    shown: Condition | None = None,
    more: Sequence[Item] = (),
) -> ReadPage:
    """One page; `shown` is a condition besides its own, `more` are items that follow its own."""
    m.on_earlier_pages = set(m.before)
    m.used = set(shown.names) if shown else set()
    show_if = both(shown, m.condition((*path, "show_if"), shape.show_if))
    m.page_gate = show_if
    title = m.text((*path, "title"), shape.title)
    shown_by, uses, items = m.used, {}, []
    for key, item in shape.items.items():
        m.used = set()
        items.append(read_item(m, (*path, "items", key), key, item))
        uses[items[-1].id] = m.used
    shuffle = None
    if shape.shuffle is not None:
        ids = [item.id for item in items]
        shuffle = shuffle_of(m, (*path, "shuffle"), renamed(m, shape.shuffle), ids)
    if shuffle is not None:
        m.drawn.append(
            order_of(f"section.{name}", f"Order of the items in {name}", shuffle, [item.id for item in items])
        )
        check_independent(
            m, path, {item.id: (set(item.names), uses[item.id]) for item in items}, shuffle.moving
        )
    return ReadPage(Section(name, title, (*items, *more), show_if, shuffle), uses, shown_by)


def renamed(m: SurveyContext, shape: Any) -> Any:
    """What a shuffle names, with the ids that the items have for this entry."""
    if m.entry is None:
        return shape
    return shape.model_copy(
        update={
            key: None if names is None else [m.named(str(name)) for name in names]
            for key, names in (("only", shape.only), ("except_", shape.except_))
        }
    )


def check_independent(
    m: SurveyContext, path: Path, parts: dict[str, tuple[set[str], set[str]]], moving: Sequence[Any]
) -> None:
    """What changes places must not depend on what may come later then. `parts`: names given, names used."""
    order = list(parts)
    first, last = order.index(str(moving[0])), order.index(str(moving[-1]))
    between = order[first : last + 1]
    for part in between:
        for other in between:
            shared = parts[part][1] & parts[other][0]
            if part != other and shared and (part in moving or other in moving):
                named = m.as_written(part), m.as_written(sorted(shared)[0]), m.as_written(other)
                m.fault(
                    (*path, "shuffle"), "bad-shuffle",
                    f'"{named[0]}" depends on "{named[1]}", which a shuffle may put after it',
                    f"Exclude one of the two from the shuffle: `shuffle: {{except: [{named[2]}]}}`, and put it before the rest.", key=True,
                )  # fmt: skip


def shuffle_sections(m: SurveyContext, pages: Sequence[tuple[str, ReadPage]]) -> None:
    """Sections of one page change places. The pages of a loop or an experiment are adjacent, and so stay."""
    ids = [read.section.id for _, read in pages]
    together = {key: [read.section.id for each, read in pages if each == key] for key, _ in pages}
    together = {key: of_it for key, of_it in together.items() if of_it != [key]}
    shuffle = shuffle_of(m, ("shuffle",), keeping_together(m, m.survey.shuffle, together), ids)
    m.shuffle = shuffle
    if shuffle is None:
        return
    m.drawn.append(order_of("sections", "Order of the sections", shuffle, ids))
    parts = {
        read.section.id: (set(read.section.names), read.shown_by.union(*read.uses.values()))
        for _, read in pages
    }
    check_independent(m, (), parts, shuffle.moving)


def keeping_together(
    m: SurveyContext, shape: ShuffleShape | None, together: Mapping[str, Sequence[str]]
) -> ShuffleShape | None:
    """A shuffle with which the pages of `together` stay. None after reporting that they are to move."""
    if shape is None or not shape.on:
        return None
    for place, name in enumerate(shape.only or ()):
        if name in together:
            m.fault(
                ("shuffle", "only", place), "bad-shuffle", f'"{name}" has several pages, which are not shuffled',
                "List only sections of one page.",
            )  # fmt: skip
            return None
    if shape.only is not None:
        return shape
    stays = [name for name in shape.except_ or () if name not in together]
    return shape.model_copy(update={"except_": [*stays, *chain.from_iterable(together.values())]})


# --- for each option, for each entry ---------------------------------------------------------------------


def each_entry(m: SurveyContext, path: Path, key: str, shape: SectionShape, each: ForEachShape) -> Iterator[ReadPage]:
    if m.rosters.get(each.item):
        entries = m.rosters[each.item]
    else:
        entries = chosen_entries(m, path, each)
    own = set(map(str, shape.items))
    ids = frozenset(own | m.loops.get(each.item, set()))
    if not entries:
        leave_out(m, own)
    if len(entries) > MOST_PAGES:
        m.fault(
            (*path, "for_each"),
            "too-large",
            f"the section would be asked {len(entries)} times",
            "Choose an item with fewer options.",
        )
        return
    for entry, there in entries:
        with m.reading(replace(entry, ids=ids)):
            yield page(m, path, f"{key}{entry.suffix}", shape, there)
    m.loops.setdefault(each.item, set()).update(own)
    loop_answers(m, path, shape, [entry.suffix for entry, _ in entries])


def chosen_entries(m: SurveyContext, path: Path, each: ForEachShape) -> list[tuple[Entry, Condition | None]]:
    where: Path = (
        (*path, "for_each", "item")
        if (*path, "for_each", "item") in m.document.values
        else (*path, "for_each")
    )
    item = chosen_item(m, where, each.item, "bad-for-each")
    if item is None:
        return []
    asked = (
        item.options if each.where == "all" else [option for option in item.options if not option.exclusive]
    )
    return [
        (
            Entry(f"_{str(option.code).replace('-', 'minus')}", option.label.source, place, frozenset()),
            offered(m, where, item, option, earlier=True)
            if each.where == "all"
            else chosen(m, where, item, option, each.where == "selected"),
        )
        for place, option in enumerate(asked, 1)
    ]  # fmt: skip


def roster(m: SurveyContext, path: Path, key: str, shape: SectionShape, roster: RosterShape) -> Iterator[ReadPage]:
    """The page that asks for an entry, as often as there may be entries; each asks whether another follows."""
    if roster.entry not in shape.items:
        remedy = did_you_mean(roster.entry, shape.items) or f"Its items: {one_of(shape.items)}."
        if roster.entry not in m.broken:
            m.fault(
                (*path, "roster", "entry"),
                "bad-roster",
                f'"{roster.entry}" is not an item of this section',
                remedy,
            )
        leave_out(m, {key, *map(str, shape.items)})
        return
    if not shape.items[roster.entry].names_an_entry:
        m.fault(
            (*path, "roster", "entry"),
            "bad-roster",
            f'"{roster.entry}" is a {shape.items[roster.entry].type}, which cannot name an entry',
            "Name an entry by a text, a number, a date or a choice.",
        )
    ids = frozenset(map(str, shape.items))
    m.rosters[key] = []
    there: Condition | None = None
    for number in range(1, roster.most + 1):
        with m.reading(Entry(f"_{number}", None, number, ids)):
            more = [another(m, path, key, roster, number)] if number < roster.most else []
            yield page(m, path, f"{key}_{number}", shape, there, more)
            for item in more:
                m.items[item.id] = item
                m.before.update({answer.name: answer for answer in answers_of(item)})
            shown_to_some = more and m.page_gate
            came = m.condition((*path, "roster"), f"asked({more[0].id})") if shown_to_some else None
            label = f"{{{roster.entry}_{number}|{number}}}"
            m.piped_names.add(f"{roster.entry}_{number}")
            m.rosters[key].append((Entry(f"_{number}", label, number, frozenset()), there or came))
            there = m.condition((*path, "roster"), f'{key}_more_{number} == "yes"') if more else None
    m.loops[key] = set(ids)
    loop_answers(m, path, shape, [f"_{number}" for number in range(1, roster.most + 1)])


def another(m: SurveyContext, path: Path, key: str, roster: RosterShape, number: int) -> Item:
    where: Path = (*path, "roster")
    name = f"{key}_more_{number}"
    check_doubled(m, where, name)
    options = (
        Option("yes", m.said((*where, "yes"), roster.yes)), Option("no", m.said((*where, "no"), roster.no)),
    )  # fmt: skip
    return CHOICE(id=name, ask=m.said((*where, "add"), roster.add), required=True, options=options)


def leave_out(m: SurveyContext, names: set[str]) -> None:
    """What would have been asked is not there, for which there is a fault already: none is found in speaking of it."""
    if not m.rehearsing:
        m.broken |= names


def loop_answers(m: SurveyContext, path: Path, shape: SectionShape, suffixes: Sequence[str]) -> None:
    """An item's own id means its answers for all entries, where functions take several values."""
    for base in map(str, shape.items):
        if base not in m.notes:
            check_doubled(m, (*path, "items", base), base)
        items = [m.items[f"{base}{suffix}"] for suffix in suffixes if f"{base}{suffix}" in m.items]
        for answer in answers_of_loop(base, items):
            m.before.setdefault(answer.name, answer)
