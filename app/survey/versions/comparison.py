"""Two versions of a survey side by side: what has changed, and what that means for merging their data.

What keeps the data of two versions apart is decided in `comparability`; here all of it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from app.survey.items.base import Item
from app.survey.items.difference import KINDS, Difference, moving, order_differs, words_of
from app.survey.model import Instrument, Section
from app.survey.versions.comparability import Lines, breaks, in_order, named_by
from app.survey.versions.item_changes import item_changes
from app.survey.versions.meanings import rating_items
from app.survey.versions.plan_changes import plan_changes

__all__ = ["KINDS", "Difference", "breaks", "compare", "worst"]


def compare(old: Instrument, new: Instrument, others: Sequence[Instrument] = ()) -> list[Difference]:
    """Every difference between two versions, in the order of the new one; what is gone comes last.

    Texts are compared in the newer version's language, where the older one has it. `others` are further versions,
    which a `same_as` may name.
    """
    spoken = old.in_language(new.language)
    apart = breaks(old, new, others)
    found = [
        *_survey(old, new), *_sections(spoken, new), *_items(spoken, new), *plan_changes(old, new, apart)
    ]  # fmt: skip
    told = [_continued(each, apart, new) for each in found]
    return [*told, *_resting(told, apart, old, new, others)]


def _continued(found: Difference, apart: frozenset[str], new: Instrument) -> Difference:
    """A difference that would keep older answers apart, and does not: the file says that they are the same."""
    if not found.apart or not apart.isdisjoint(names_at(found.where, new)):
        return found
    return replace(found, kind="review", apart=False, meaning="the file says `same_as`: the column is continued")


def _resting(
    told: Sequence[Difference], apart: frozenset[str], old: Instrument, new: Instrument, others: Sequence[Instrument]
) -> Iterator[Difference]:  # fmt: skip
    """What is kept apart for what it pipes or is a part of; and where a `same_as` does not help."""
    explained = {name for each in told if each.apart for name in names_at(each.where, new)}
    for name in sorted(apart - explained - {vignette.block for vignette in new.vignettes}):
        yield Difference("breaks", name, "the text piped into it has changed", "respondents read other words", True)
    lines = Lines(in_order(old, new, others))
    for name in sorted(apart):
        for _, same_as in lines.claims(name, 0):
            if named_by(same_as, lines.versions) is None:
                meaning = "older answers keep a separate column"
                yield Difference("review", name, f"no version here is {same_as}, as its same_as says", meaning)
            elif lines.is_outdated(name, 0):
                meaning = "give the newest version whose data it continues, or remove it"
                what = f"`same_as: {same_as}` was added for other words"
                yield Difference("review", name, what, meaning)


def names_at(where: str, instrument: Instrument) -> set[str]:
    """The names of answers that the place of a difference stands for."""
    base = where.split(":")[0]
    item, _, part = base.partition(".")
    found = {base}
    if item in instrument.item:
        found |= set(_names_of_part(instrument.item[item], part))
    for vignette in instrument.vignettes:
        if vignette.id == item:
            found |= {each.name for each in instrument.drawn if each.of == item and each.kind == "choice"}
            found |= {name for rating in vignette.ratings for name in rating_items(vignette, rating)}
    return found


def _names_of_part(item: Item, part: str) -> Iterator[str]:
    """The answers to a statement or in a column; all statements where no part is named."""
    for answer in item.answers():
        statement = answer.statement
        if statement is not None:
            name = answer.name.partition(".")[2]
            if part in ("", statement.id) or name == f"{statement.id}_{part}":
                yield answer.name


def worst(differences: Iterable[Difference]) -> str | None:
    """The most serious kind among differences; None when there is none."""
    order = list(KINDS)
    return max((difference.kind for difference in differences), key=order.index, default=None)


# --- the survey as a whole -------------------------------------------------------------------------------


def _survey(old: Instrument, new: Instrument) -> Iterator[Difference]:
    if old.privacy != new.privacy:
        yield Difference(
            "breaks", "the survey", f"privacy was {old.privacy} and is {new.privacy}",
            "respondents had a different promise and may have answered differently",
        )  # fmt: skip
    yield from _first_language(old, new)
    old = old.in_language(new.language)
    for name in ("consent", "description", "thanks"):
        if words_of(getattr(old, name)) != words_of(getattr(new, name)):
            yield Difference(
                "review", "the survey", f"the {name} has changed", "it may change who takes part"
            )
    for name in {**old.about, **new.about}:
        if words_of(old.about.get(name)) != words_of(new.about.get(name)):
            yield Difference("review", "the survey", f"`about.{name}` has changed", "it may change who takes part")
    if old.title != new.title:
        yield Difference(
            "review", "the survey", f'the title was "{old.title}"', "it may change who takes part"
        )
    for name, word in SETTINGS.items():
        if getattr(old, name) != getattr(new, name):
            yield Difference("safe", "the survey", f"{word} has changed", "no answer is affected")
    if moving(old.shuffle) != moving(new.shuffle):
        yield Difference(
            "review",
            "the survey",
            "which sections are shuffled has changed",
            "earlier questions influence later ones",
        )


#: What answers do not depend on.
SETTINGS = {
    "opens": "opens",
    "closes": "closes",
    "time_zone": "the time zone",
    "results": "results",
    "sample": "the expected number of respondents",
    "analysis": "the analysis plan",
    "weights": "the population’s shares",
    "followed_by": "the polls that follow",
}


def _first_language(old: Instrument, new: Instrument) -> Iterator[Difference]:
    if old.language == new.language:
        return
    what = f"the language was {old.language} and is {new.language}"
    if new.language in old.languages:
        yield Difference("safe", "the survey", what, "both are translations of each other")
    else:
        yield Difference("breaks", "the survey", what, "every wording has changed")


def _sections(old: Instrument, new: Instrument) -> Iterator[Difference]:
    for section in new.sections:
        before = old.section.get(section.id)
        if before is None:
            yield Difference(
                "safe", section.id, "the section is new", "its items have no answers in earlier responses"
            )
        else:
            yield from _section(before, section)
    if order_differs(old.section, new.section):
        yield Difference(
            "review", "the survey", "the order of sections has changed", "earlier questions influence later ones"
        )
    for name in old.section:
        if name not in new.section:
            yield Difference("review", name, "the section was removed", "see its items")


def _section(old: Section, new: Section) -> Iterator[Difference]:
    if words_of(old.title) != words_of(new.title):
        yield Difference(
            "review", new.id, "the section's title has changed", "titles influence the answers that follow"
        )
    if moving(old.shuffle) != moving(new.shuffle):
        yield Difference(
            "review", new.id, "which items are shuffled has changed", "earlier questions influence later ones"
        )


# --- items -----------------------------------------------------------------------------------------------


def _items(old: Instrument, new: Instrument) -> Iterator[Difference]:
    where_old, where_new = _homes(old), _homes(new)
    for item in new.items():
        before = old.item.get(item.id)
        if before is None:
            yield Difference("safe", item.id, "the item is new", "earlier responses have no value for it")
        else:
            yield from item_changes(before, item, where_old[item.id], where_new[item.id])
    for section in new.sections:
        before_section = old.section.get(section.id)
        if before_section is not None and _moved_within(before_section, section):
            yield Difference(
                "review", section.id, "the order of items has changed", "earlier questions influence later ones"
            )
    for name in old.item:
        if name not in new.item:
            yield Difference("review", name, "the item was removed", "later responses have no value for it")


def _homes(instrument: Instrument) -> dict[str, Section]:
    return {item.id: section for section in instrument.sections for item in section.items}


def _moved_within(old: Section, new: Section) -> bool:
    before, after = ({item.id: item for item in section.items} for section in (old, new))
    return order_differs(before, after)
