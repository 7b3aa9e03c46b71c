"""What is counted now, to be compared with what was released."""

from __future__ import annotations

from collections.abc import Mapping

from app.results.disclosure.release import Counted, GroupCounted
from app.results.frame.frame import Frame
from app.results.layout import Layout
from app.results.marginals import grouped
from app.results.view import View, group_names
from app.survey.model import Instrument

DIGITS = 12  # of a version's digest: enough to tell versions of one survey apart


def counted(frame: Frame, by: str = "") -> Counted:
    """The complete responses, and those of each category of a variable. A variable that no longer has categories
    splits them into no groups."""
    view = View(by=by) if by in group_names(frame.layout) else View()
    found = grouped(frame, view)
    digests = [each.digest[:DIGITS] for each in frame.instruments]
    groups = tuple(GroupCounted(each.code, each.label, {item.id: item for item in each.figures.items}) for each in found.groups)
    known, derived = versions(frame.layout, digests), sources(frame.instruments[0])
    return Counted(found.whole.n, found.whole.items, known, derived, by, groups, found.whole.seq)


def versions(layout: Layout, digests: list[str]) -> Mapping[str, frozenset[str]]:
    """By the id of an item's figures, the versions whose respondents can be in them."""
    found: dict[str, set[str]] = {}
    for digest, columns in zip(digests, layout.columns, strict=True):
        for name in columns.values():
            variable = layout.variable.get(name)
            if variable is not None:
                found.setdefault(variable.item + variable.generation, set()).add(digest)
    return {item: frozenset(those) for item, those in found.items()}


def sources(instrument: Instrument) -> dict[str, frozenset[str]]:
    """For each derived value, the items from which it is derived, directly or through other derived values."""
    home = {name: item.id for item in instrument.items() for name in item.names}
    computed = instrument.computed_by_name

    def asked(name: str) -> frozenset[str]:
        if name not in computed:
            return frozenset([home.get(name, name)])
        return frozenset[str]().union(*map(asked, computed[name].names))

    return {name: asked(name) for name in computed}
