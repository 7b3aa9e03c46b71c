"""Which options of an earlier item a later part uses: those that were offered, chosen, or offered and not chosen.

Computed values are read before the conditions of options are: whether an option was offered is left open in their
trees, and settled once its item is read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.survey.conditions.language import Condition
from app.survey.documents.places import Path
from app.survey.items.base import Item, Option
from app.survey.items.context import SurveyContext, both


def chosen(m: SurveyContext, path: Path, item: Item, option: Option, wanted: bool) -> Condition | None:
    """That an option was chosen in an item, or that it was offered there and the item was answered without it."""
    code = option.code if isinstance(option.code, int) else f'"{option.code}"'
    if item.answers()[0].is_list:
        return m.condition(path, f"{'' if wanted else 'not '}has({item.id}, {code})")
    if wanted:
        return m.condition(path, f"{item.id} == {code}")
    return both(m.condition(path, f"{item.id} != {code}"), depending(m, option.show_if))


def offered(m: SurveyContext, path: Path, item: Item, option: Option, earlier: bool) -> Condition | None:
    """That an option was offered in an item before, `earlier` than this page. None where everyone is offered it."""
    own = depending(m, option.show_if)
    if item.id not in m.gated:
        return own
    if earlier:
        return both(m.condition(path, f"asked({item.id})"), own)
    return both(depending(m, m.gated[item.id]), own)


def depending(m: SurveyContext, condition: Condition | None) -> Condition | None:
    """A condition of something else, on which the part that is being read depends too."""
    m.used |= condition.names if condition else set()
    return condition


def taken_if(m: SurveyContext, path: Path, other: Any, option: Option, said: str | None) -> Condition | None:
    """When an option of another item is offered again."""
    if m.rehearsing:
        return waiting()
    if said is None:
        return offered(m, path, other, option, other.id in m.on_earlier_pages)
    return chosen(m, path, other, option, said == "selected")


# --- conditions of options that are not read yet ---------------------------------------------------------


def waiting() -> Condition:
    """A condition of an option in the rehearsal, which finds out names only. Its tree is settled later."""
    return Condition("", ["and", True], frozenset())


def settle(m: SurveyContext, item: Item) -> None:
    """Gives the trees of computed values the conditions of an item's options, now that they are read."""
    rehearsed = m.everything.get(item.id)
    real = {option.code: option.show_if for option in getattr(item, "options", ())}
    for code, open_condition in (rehearsed.offered if rehearsed else {}).items():
        condition = real.get(code)
        if condition is None:
            continue
        open_condition.tree[1] = condition.tree
        for place, (answer, computed) in enumerate(m.computed):
            if item.id in computed.names and _holds(computed.tree, open_condition.tree):
                m.computed[place] = (
                    replace(answer, needs=answer.needs | condition.names),
                    replace(computed, names=computed.names | condition.names),
                )


def _holds(tree: Any, part: list[Any]) -> bool:
    """Whether a tree has this very part, not only one like it."""
    return tree is part or (isinstance(tree, list) and any(_holds(each, part) for each in tree[1:]))
