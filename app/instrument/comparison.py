"""Two versions of a survey side by side: what has changed, and what that means for merging their data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.instrument.condition import Condition
from app.instrument.model import Instrument, Item, Matrix, Number, Option, Section, TextItem
from app.instrument.texts import Text

#: How much a difference matters, from the least.
KINDS = {
    "safe": "both versions' data merge as they are",
    "review": "the data merge, but somebody should look at whether the change moved the answers",
    "breaks": "the two versions' answers are not the same measurement and should not be merged",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One change. `where` is an item, a statement, an option (`item: code`), a section, or "the survey"."""

    kind: str
    where: str
    what: str
    meaning: str


def compare(old: Instrument, new: Instrument) -> list[Difference]:
    """Every difference between two versions, in the order of the new one; what is gone comes last."""
    return [*_survey(old, new), *_sections(old, new), *_items(old, new)]


def worst(differences: Iterable[Difference]) -> str | None:
    """The most serious kind among differences; None when there is none."""
    order = list(KINDS)
    return max((difference.kind for difference in differences), key=order.index, default=None)


# --- the survey as a whole -------------------------------------------------------------------------------


def _survey(old: Instrument, new: Instrument) -> Iterator[Difference]:
    if old.privacy != new.privacy:
        yield Difference(
            "breaks", "the survey", f"privacy was {old.privacy} and is {new.privacy}",
            "respondents were promised something else, and may have answered otherwise",
        )  # fmt: skip
    if old.language != new.language:
        yield Difference(
            "breaks",
            "the survey",
            f"the language was {old.language} and is {new.language}",
            "every wording has changed",
        )
    for name in ("consent", "description", "thanks"):
        if _source(getattr(old, name)) != _source(getattr(new, name)):
            yield Difference(
                "review", "the survey", f"the {name} has changed", "it may change who takes part"
            )
    if old.title != new.title:
        yield Difference(
            "review", "the survey", f'the title was "{old.title}"', "it may change who takes part"
        )
    for name in ("opens", "closes", "results"):
        if getattr(old, name) != getattr(new, name):
            yield Difference("safe", "the survey", f"{name} has changed", "no answer is touched")


def _source(text: Text | None) -> str | None:
    return None if text is None else " ".join(text.source.split())


def _sections(old: Instrument, new: Instrument) -> Iterator[Difference]:
    for section in new.sections:
        before = old.section.get(section.id)
        if before is None:
            yield Difference(
                "safe", section.id, "the section is new", "its items have no answers in earlier responses"
            )
        elif _source(before.title) != _source(section.title):
            yield Difference(
                "review", section.id, "the section's title has changed", "titles set the mood of what follows"
            )
    if _order(old.section, new.section) != _order(new.section, old.section):
        yield Difference(
            "review", "the survey", "the order of sections has changed", "earlier questions colour later ones"
        )
    for name in old.section:
        if name not in new.section:
            yield Difference("review", name, "the section is gone", "see its items")


def _order(names: Mapping[Any, Any], kept: Mapping[Any, Any]) -> list[Any]:
    """The names that both have, in the first one's order."""
    return [name for name in names if name in kept]


# --- items -----------------------------------------------------------------------------------------------


def _items(old: Instrument, new: Instrument) -> Iterator[Difference]:
    where_old, where_new = _homes(old), _homes(new)
    for item in new.items():
        before = old.item.get(item.id)
        if before is None:
            yield Difference("safe", item.id, "the item is new", "earlier responses have no value for it")
        else:
            yield from _item(before, item, where_old[item.id], where_new[item.id])
    for section in new.sections:
        before_section = old.section.get(section.id)
        if before_section is not None and _moved_within(before_section, section):
            yield Difference(
                "review", section.id, "the order of items has changed", "earlier questions colour later ones"
            )
    for name in old.item:
        if name not in new.item:
            yield Difference("review", name, "the item is gone", "later responses have no value for it")


def _homes(instrument: Instrument) -> dict[str, Section]:
    return {item.id: section for section in instrument.sections for item in section.items}


def _moved_within(old: Section, new: Section) -> bool:
    before, after = ({item.id: item for item in section.items} for section in (old, new))
    return _order(before, after) != _order(after, before)


def _item(old: Item, new: Item, home_old: Section, home_new: Section) -> Iterator[Difference]:
    if old.type != new.type:
        yield Difference(
            "breaks", new.id, f"the type was {old.type} and is {new.type}",
            "earlier answers are kept in a variable of their own",
        )  # fmt: skip
        return
    if home_old.id != home_new.id:
        yield Difference("review", new.id, f"it stood in {home_old.id}", "it is asked at another moment")
    if _source(old.ask) != _source(new.ask):
        yield Difference("breaks", new.id, f'the wording was "{old.ask.plain}"', "another question was asked")
    if _source(old.hint) != _source(new.hint):
        yield Difference("review", new.id, "the hint has changed", "it may be understood otherwise")
    yield from _base(old, new, home_old, home_new)
    yield from _missing(old, new)
    yield from _answers(old, new)


def _base(old: Item, new: Item, home_old: Section, home_new: Section) -> Iterator[Difference]:
    before, after = (_conditions(item, home) for item, home in ((old, home_old), (new, home_new)))
    if before != after:
        yield Difference(
            "breaks", new.id, f"it was asked {_if(old, home_old)} and is asked {_if(new, home_new)}",
            "the figures speak of other people",
        )  # fmt: skip


def _conditions(item: Item, home: Section) -> list[Any]:
    return [condition.tree for condition in (home.show_if, item.show_if) if condition is not None]


def _if(item: Item, home: Section) -> str:
    written = [
        condition.source.strip()
        for condition in (home.show_if, item.show_if)
        if isinstance(condition, Condition)
    ]
    return f"if {' and '.join(written)}" if written else "of everyone"


def _missing(old: Item, new: Item) -> Iterator[Difference]:
    for name, word in (("required", "required"), ("decline", 'offered "Prefer not to say"')):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            change = f"it is now {word}" if after else f"it is no longer {word}"
            yield Difference("review", new.id, change, "the share of missing values will differ")


def _answers(old: Item, new: Item) -> Iterator[Difference]:
    for name in ("options", "scale"):
        if hasattr(new, name):
            yield from _options(
                new.id, getattr(old, name), getattr(new, name), "option" if name == "options" else "point"
            )
    if isinstance(old, Matrix) and isinstance(new, Matrix):
        yield from _statements(old, new)
    if isinstance(old, Number) and isinstance(new, Number):
        yield from _number(old, new)
    if (
        isinstance(old, TextItem)
        and isinstance(new, TextItem)
        and (old.lines, old.max_length) != (new.lines, new.max_length)
    ):
        yield Difference(
            "review", new.id, "there is more or less room to write", "texts may be longer or shorter"
        )


def _options(item: str, old: Sequence[Option], new: Sequence[Option], word: str) -> Iterator[Difference]:
    before, after = ({option.code: option for option in options} for options in (old, new))
    if _reversed(old, new):
        yield Difference("breaks", item, "the scale runs the other way", "the same code means the opposite")
        return
    for code in after:
        if code not in before:
            yield Difference(
                "breaks",
                f"{item}: {code}",
                f"the {word} is new",
                "who would have chosen it chose another before",
            )
    for code in before:
        if code not in after:
            yield Difference(
                "breaks", f"{item}: {code}", f"the {word} is gone", "who would choose it chooses another now"
            )
    for code in _order(after, before):
        yield from _option(f"{item}: {code}", before[code], after[code])
    if _order(before, after) != _order(after, before):
        yield Difference(
            "review", item, f"the order of {word}s has changed", "what stands first is chosen more often"
        )


def _reversed(old: Sequence[Option], new: Sequence[Option]) -> bool:
    """Whether the codes have stayed and their labels have been turned round."""
    codes_old, codes_new = [o.code for o in old], [o.code for o in new]
    labels_old, labels_new = [_source(o.label) for o in old], [_source(o.label) for o in new]
    return sorted(map(str, codes_old)) == sorted(map(str, codes_new)) and len(set(labels_old)) > 1 and (
        dict(zip(codes_old, labels_old, strict=True)) == dict(zip(codes_new, reversed(labels_new), strict=True))
        and labels_old != list(reversed(labels_old))
    )  # fmt: skip


def _option(where: str, old: Option, new: Option) -> Iterator[Difference]:
    if _source(old.label) != _source(new.label):
        yield Difference(
            "review", where, f'the label was "{old.label.plain}"', "the code is the same; is its meaning?"
        )
    if old.exclusive != new.exclusive:
        yield Difference(
            "review",
            where,
            "it can be combined with others now" if old.exclusive else "it excludes the others now",
            "fewer or more options will be chosen with it",
        )
    if old.please_say != new.please_say:
        yield Difference(
            "safe",
            where,
            "it asks to say more now" if new.please_say else "it no longer asks to say more",
            "the texts are a variable of their own",
        )


def _statements(old: Matrix, new: Matrix) -> Iterator[Difference]:
    before, after = ({statement.id: statement for statement in matrix.statements} for matrix in (old, new))
    for name in after:
        where = f"{new.id}.{name}"
        if name not in before:
            yield Difference("safe", where, "the statement is new", "earlier responses have no value for it")
        elif _source(before[name].text) != _source(after[name].text):
            yield Difference(
                "breaks", where, f'the wording was "{before[name].text.plain}"', "another statement was rated"
            )
    for name in before:
        if name not in after:
            yield Difference(
                "review", f"{new.id}.{name}", "the statement is gone", "later responses have no value for it"
            )
    if _order(before, after) != _order(after, before):
        yield Difference(
            "review", new.id, "the order of statements has changed", "earlier statements colour later ones"
        )


def _number(old: Number, new: Number) -> Iterator[Difference]:
    if (old.least, old.most) != (new.least, new.most):
        yield Difference(
            "review", new.id, f"the range was {old.least} to {old.most} and is {new.least} to {new.most}",
            "values at the ends were refused in one of the two",
        )  # fmt: skip
    if _source(old.unit) != _source(new.unit):
        yield Difference(
            "breaks",
            new.id,
            f'the unit was "{old.unit.plain if old.unit else ""}"',
            "the same number means something else",
        )
