"""The options of an item as a survey file writes them: one by one, in groups, or those of an earlier item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from app.survey.codes import Code
from app.survey.documents.places import Path
from app.survey.faults import did_you_mean, one_of
from app.survey.items.base import Option
from app.survey.items.context import SurveyContext
from app.survey.items.offering import taken_if, waiting
from app.survey.items.shapes import GroupShape, OptionShape
from app.survey.texts import Text

FROM = re.compile(r"([a-z][a-z0-9_]*)(?:\s+where\s+(not\s+selected|selected))?")



class WrittenOption(NamedTuple):
    """An option as the file has it."""

    path: Path
    shape: OptionShape
    group: Text | None


def options_of(m: SurveyContext, path: Path, shape: Any) -> tuple[Option, ...]:
    if shape.options_from is not None:
        if shape.options is not None:
            m.fault(
                (*path, "options_from"),
                "bad-value",
                "there are both `options` and `options_from`",
                "Remove one of the two.",
                key=True,
            )
        return options_from(m, (*path, "options_from"), shape.options_from)
    if shape.options is None:
        m.fault(
            path,
            "missing-key",
            f'"{path[-1]}" has no "options"',
            "Add `options:` with `code: label` lines under it.",
            key=True,
        )
        return ()
    where: Path = (*path, "options")
    written = dict(written_options(m, where, shape.options))
    m.check_codes(where, {code: each.path for code, each in written.items()}, "option")
    return tuple(option(m, code, each, shape.may_exclude, shape.may_say) for code, each in written.items())


def written_options(m: SurveyContext, path: Path, shapes: dict[Any, Any]) -> Iterator[tuple[Code, WrittenOption]]:
    seen: set[Any] = set()
    for code, shape in shapes.items():
        parts = [((*path, code), code, shape, None)]
        if isinstance(shape, GroupShape):
            heading = m.said((*path, code, "group"), shape.group)
            within: Path = (*path, code, "options")
            parts = [((*within, each), each, part, heading) for each, part in shape.options.items()]
        for place, each, part, group in parts:
            if each in seen:
                m.fault(
                    place,
                    "duplicate-key",
                    f'"{each}" is already the code of another option',
                    "Give one of the two another code.",
                    key=True,
                )
            else:
                seen.add(each)
                yield each, WrittenOption(place, part, group)


def option(m: SurveyContext, code: Code, written: WrittenOption, may_exclude: bool, may_say: bool) -> Option:
    path, shape, group = written
    allowed = (("exclusive", may_exclude, "a multiple_choice"), ("please_say", may_say, "a choice"))
    for key, fits, what in allowed:
        if getattr(shape, key) and not fits:
            noun = "exclusive options" if key == "exclusive" else "options that ask to say more"
            m.fault((*path, key), "bad-value", f"only {what} has {noun}", f"Remove `{key}`.", key=True)
    label = (*path, "label") if (*path, "label") in m.document.values else path
    return Option(
        code, m.said(label, shape.label), shape.please_say, shape.exclusive,
        m.text((*path, "hint"), shape.hint), group,
        waiting() if m.rehearsing and shape.show_if else m.condition((*path, "show_if"), shape.show_if),
    )  # fmt: skip


def options_from(m: SurveyContext, path: Path, source: str) -> tuple[Option, ...]:
    """The options of another item, each shown if it was chosen there (or was not, or was offered at all)."""
    said = FROM.fullmatch(" ".join(source.split()))
    if said is None:
        m.fault(path, "bad-options-from", f'"{source}" does not say which options to use', "Write it like `reasons where selected`, or `reasons where not selected`.")  # fmt: skip
        return ()
    other = chosen_item(m, path, said[1], "bad-options-from")
    if other is None:
        return ()
    taken = [each for each in other.options if said[2] is None or not each.exclusive]
    return tuple(
        replace(
            each, label=own_words(m, other, each), please_say=False, exclusive=False,
            show_if=taken_if(m, path, other, each, said[2]),
        )
        for each in taken
    )


def own_words(m: SurveyContext, item: Any, option: Option) -> Text:
    """An option's label, or what was said beside it where that is known."""
    if option.please_say and item.id in m.on_earlier_pages:
        return (
            Text(f"{{{item.id}.{option.code}|{option.label.plain}}}")
            if not set(option.label.plain) & set("{}|:")  # which a pipe reads as its own
            else option.label
        )
    return option.label


def chosen_item(m: SurveyContext, path: Path, written: str, code: str) -> Any:
    """The earlier item with options that is meant; None after saying why there is none."""
    name = m.named(written)
    item = m.items.get(name)
    if item is not None and hasattr(item, "options") and not item.joins:
        return item
    if name in m.broken:
        return None
    if name in m.before and m.before[name].kind == "loop":
        what = f'"{written}" is itself asked several times'
        remedy = f"Name one of its answers: {one_of(m.before[name].part_names)}."
    elif item is not None:
        what, remedy = (
            f'"{written}" has no options to choose',
            "Name a single_choice, a multiple_choice, a dropdown or a ranking.",
        )
    elif name in m.all_ids or (code == "bad-for-each" and is_roster(m, written)):
        what, remedy = f'"{written}" is not asked before this', "Move one of the two: it must come first."
    else:
        what = f'there is no item called "{written}"'
        item_of, said, _ = written.partition(" where ")
        remedy = did_you_mean(written, m.all_ids) or f"Items before it: {one_of(m.items) or 'none'}."
        remedy = f"Write {{item: {item_of}, where: selected}}." if said else remedy
    m.fault(path, code, what, remedy)
    return None


def is_roster(m: SurveyContext, section: str) -> bool:
    return section in m.survey.sections and m.survey.sections[section].roster is not None


def check_some(m: SurveyContext, path: Path, there: Any, what: str, remedy: str) -> None:
    if not there:
        m.fault(path, "too-few", what, remedy)
