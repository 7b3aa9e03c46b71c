"""Two versions of a survey side by side: what has changed, and what that means for merging their data.

What keeps the data of two versions apart is decided in `comparability`; here all of it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.instrument.comparability import breaks
from app.instrument.difference import (
    KINDS,
    Difference,
    moving,
    order_differs,
    same_source,
)
from app.instrument.item_changes import item_changes
from app.instrument.model import Instrument, Section
from app.instrument.plan_changes import plan_changes

__all__ = ["KINDS", "Difference", "breaks", "compare", "worst"]


def compare(old: Instrument, new: Instrument) -> list[Difference]:
    """Every difference between two versions, in the order of the new one; what is gone comes last.

    Texts are compared in the newer version's language, where the older one has it.
    """
    spoken = old.in_language(new.language)
    return [*_survey(old, new), *_sections(spoken, new), *_items(spoken, new), *plan_changes(old, new)]


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
    yield from _first_language(old, new)
    old = old.in_language(new.language)
    for name in ("consent", "description", "thanks"):
        if same_source(getattr(old, name)) != same_source(getattr(new, name)):
            yield Difference(
                "review", "the survey", f"the {name} has changed", "it may change who takes part"
            )
    if old.title != new.title:
        yield Difference(
            "review", "the survey", f'the title was "{old.title}"', "it may change who takes part"
        )
    for name, word in SETTINGS.items():
        if getattr(old, name) != getattr(new, name):
            yield Difference("safe", "the survey", f"{word} has changed", "no answer is touched")
    if moving(old.shuffle) != moving(new.shuffle):
        yield Difference(
            "review",
            "the survey",
            "which sections are shuffled has changed",
            "earlier questions colour later ones",
        )


#: What answers do not depend on.
SETTINGS = {
    "opens": "opens",
    "closes": "closes",
    "time_zone": "the time zone",
    "results": "results",
    "sample": "the expected number of respondents",
}


def _first_language(old: Instrument, new: Instrument) -> Iterator[Difference]:
    if old.language == new.language:
        return
    what = f"the language was {old.language} and is {new.language}"
    if new.language in old.languages:
        yield Difference("safe", "the survey", what, "both are translations of one another")
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
            "review", "the survey", "the order of sections has changed", "earlier questions colour later ones"
        )
    for name in old.section:
        if name not in new.section:
            yield Difference("review", name, "the section is gone", "see its items")


def _section(old: Section, new: Section) -> Iterator[Difference]:
    if same_source(old.title) != same_source(new.title):
        yield Difference(
            "review", new.id, "the section's title has changed", "titles set the mood of what follows"
        )
    if moving(old.shuffle) != moving(new.shuffle):
        yield Difference(
            "review", new.id, "which items are shuffled has changed", "earlier questions colour later ones"
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
                "review", section.id, "the order of items has changed", "earlier questions colour later ones"
            )
    for name in old.item:
        if name not in new.item:
            yield Difference("review", name, "the item is gone", "later responses have no value for it")


def _homes(instrument: Instrument) -> dict[str, Section]:
    return {item.id: section for section in instrument.sections for item in section.items}


def _moved_within(old: Section, new: Section) -> bool:
    before, after = ({item.id: item for item in section.items} for section in (old, new))
    return order_differs(before, after)
