"""What may be shown to the public: nothing that is about fewer people than the floor, in one release or in all of them.

Figures are about a group: everyone who answered one part of an item, or those of them in one category of the variable
by which the survey's results are split. Of a group the whole distribution is shown, with exact counts: the floor is a
base, not the size of a cell. Three rules hold.

1. A group is shown once it has `floor` members, and moves only when it has at least the floor more than it was ever
   shown with. Figures of everyone are the sum of the groups that are shown, and nothing else.
2. All figures of a survey move at the same moments: when at least `release_every` more responses are complete than at
   any release before.
3. A group with fewer members than the floor is taken down at once, and so is one that a raised floor would not have
   let through.

Why this suffices. Members join a group once and leave it once (`sizes`), so everyone who was shown before and is
still a member was one when the group was shown last. By rule 1 every release of a group therefore holds at least the floor of
people who were in none before. Take any sum of releases, each with its own factor, added or subtracted: the newcomers
of the latest release that takes part are in no other one, so what is left over is about all of them. The same holds
for all of a survey together, by rule 2: what two of its figures of different moments say when compared, such as the
number asked a further question and the number who gave the answer before it, is about the floor of people at least.

Parts of an item have different members: of two statements one may have 400 answers and the other 399. The difference
says that someone left a statement out, as any two questions do, and nothing of what that person answered: no figure
is about the answers of one of the two groups to both. What joins answers would be: scores and computed values are
public only where nothing they are derived from is.

A mean is shown of the points of a scale only, and of the shares of a constant sum: both are bounded, and follow from
the distribution. Numbers and dates are shown in classes that do not depend on the answers, since a mean, a minimum or
a class of its own would reveal someone whose number is far from all others. What is written is never shown.

No rule withstands one person who submits many responses to an open survey: all newcomers but one can be that person.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.results.disclosure.candidates import Candidate, candidates, withheld
from app.results.disclosure.published import EVERYONE, PublicGroup, PublicItem, PublicPart, Release
from app.results.disclosure.sizes import Versions, known_to, seen, was_whole, with_sizes
from app.results.disclosure.suppression import hidden_places, smallest_shown
from app.results.items import ItemFigures
from app.survey.model import Code, ResultsPolicy

CELLS = "cells"


@dataclass(frozen=True, slots=True)
class GroupCounted:
    code: Code
    label: str
    items: Mapping[str, ItemFigures]  # by id


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of the complete responses, and those of each group by which they are split."""

    n: int
    everyone: tuple[ItemFigures, ...]
    versions: Mapping[str, Versions]  # by item's id: the versions of the survey that asked it
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Of a derived value the items that it is derived from."""
    by: str = ""
    groups: tuple[GroupCounted, ...] = ()
    seq: int = 0  # of the last change that is counted


def next_release(
    previous: Release | None, now: Counted, policy: ResultsPolicy, is_closed: bool = False
) -> Release | None:
    """The next public figures; None while those of before stay as they are, and where those were counted from more
    responses than are known here."""
    if previous is not None and previous.seq > now.seq:
        return None
    judging = _Judging(previous, now, policy, is_closed)
    items = tuple(judging.items())
    if not judging.opens and _figures(items) == _figures(judging.before.items):
        return None
    responses = now.n if judging.opens else judging.before.responses
    final = judging.before.final or (judging.opens and policy.protect == CELLS)
    return Release(max(responses, judging.before.responses), items, judging.sizes, now.seq, policy.protect, final)


def opens_at(previous: Release | None, policy: ResultsPolicy, is_closed: bool = False) -> float:
    """From how many complete responses on figures can move."""
    released = previous.responses if previous else 0
    if policy.show_to == "nobody":
        return math.inf
    if policy.protect == CELLS:
        return math.inf if not is_closed or (previous and previous.final) else released + policy.floor
    return released + max(policy.floor, policy.release_every)


def _figures(items: Sequence[PublicItem]) -> list[tuple[object, ...]]:
    return [
        (item.id, part.name, part.by, group.code, group.base, group.counts)
        for item in items for part in item.parts for group in part.groups
    ]  # fmt: skip


class _Judging:
    """One comparison of what is counted now with what was released."""

    def __init__(self, previous: Release | None, now: Counted, policy: ResultsPolicy, is_closed: bool):
        self.before, self.now, self.policy, self.floor = previous or Release(0, ()), now, policy, policy.floor
        everything = frozenset[str]().union(*now.versions.values())
        self.sizes = {unit: known_to(past, everything) for unit, past in self.before.sizes.items()}
        self.opens = now.n >= opens_at(previous, policy, is_closed)
        self.keeps = policy.protect != CELLS or self.before.final

    def items(self) -> Iterator[PublicItem]:
        asked = {each.item for each in self.now.everyone if each.origin == "asked" and candidates(each)}
        for item in self.now.everyone:
            if item.origin == "assigned":
                continue
            sources = self.now.sources.get(item.item, frozenset(asked))
            reason = withheld(item, sources & asked)
            if item.origin == "derived" and not reason:
                asked |= sources  # two values derived from the same answers are not both shown
            versions = self.now.versions.get(item.id, frozenset())
            parts = () if reason else tuple(self._part(item, each, versions) for each in candidates(item))
            yield PublicItem(
                item.id, item.item, item.section, item.ask, parts, reason, item.unit, item.figure, item.long_list,
                tuple(sorted(versions)),
            )  # fmt: skip

    def _part(self, item: ItemFigures, whole: Candidate, versions: Versions) -> PublicPart:
        unit = whole.part.name.removesuffix(item.id.removeprefix(item.item))
        # What was shown for everyone cannot be split later: groups could be subtracted from it.
        by = EVERYONE if was_whole(self.sizes.get(unit, ()), versions) else self.now.by
        judged = _Part(self, unit, versions, by)
        before = self._before(item.item, unit, versions)
        groups = tuple(
            group for code, label, each in self._groups(item, whole, by)
            if (group := judged.group(code, label, each, before)) is not None
        )  # fmt: skip
        return replace(whole.part, groups=groups, by=by)

    def _groups(self, item: ItemFigures, whole: Candidate, by: str) -> Iterator[tuple[Code, str, Candidate]]:
        if by == EVERYONE:
            yield EVERYONE, "", whole
            return
        for group in self.now.groups:
            found = candidates(group.items[item.id]) if item.id in group.items else []
            for each in found:
                if each.part.name == whole.part.name and each.part.codes == whole.part.codes:
                    yield group.code, group.label, each

    def _before(self, item: str, unit: str, versions: Versions) -> PublicPart | None:
        """The same part in the figures of before. An older version's may have had the name of a newer one's."""
        for each in self.before.items if self.keeps else ():
            if each.item == item and (not each.versions or not versions.isdisjoint(each.versions)):
                for part in each.parts:
                    if part.name.removesuffix(each.id.removeprefix(each.item)) == unit:
                        return part
        return None


@dataclass(slots=True)
class _Part:
    """One part of an item, whose groups are judged one after the other."""

    judging: _Judging
    unit: str
    versions: Versions
    by: str

    def group(self, code: Code, label: str, now: Candidate, before: PublicPart | None) -> PublicGroup | None:
        """A group as it is to be shown, or None."""
        shown = self._kept(code, label, now, before)
        newcomers = now.base - self._seen(self.unit, code)
        if not self.judging.opens or now.base < self.judging.floor or newcomers < self.judging.floor:
            return shown
        moved = self._moved(code, now, shown)
        self._store(self.unit, code, now.base)
        return replace(moved, label=label, newcomers=newcomers)

    def _kept(self, code: Code, label: str, now: Candidate, before: PublicPart | None) -> PublicGroup | None:
        """The group as it was shown, unless it has to be taken down."""
        if before is None or before.by != self.by:
            return None
        found = next((each for each in before.groups if each.code == code), None)
        floor = self.judging.floor
        if found is None or min(found.base, found.newcomers, now.base) < floor:
            return None
        found = _in_order(found, before, now)
        if found is None or not self._still_protects(found, now):
            return None
        few = {place for place in range(len(found.counts)) if now.offered_to(place) < floor}
        return replace(found, label=label, counts=_without(found.counts, few))

    def _still_protects(self, found: PublicGroup, now: Candidate) -> bool:
        """Whether, of protected cells, enough people are left if all who withdrew were in the smallest."""
        if self.judging.before.protect != CELLS:
            return True
        return smallest_shown(now, found) - max(0, found.base - now.base) >= self.judging.floor

    def _moved(self, code: Code, now: Candidate, shown: PublicGroup | None) -> PublicGroup:
        """With the counts of now. An option that was not offered to all is a group of its own."""
        counts, bases = list[float | None](now.counts), [now.offered_to(place) for place in range(len(now.counts))]
        for place, (option, _) in enumerate(now.part.codes):
            if bases[place] == now.base:
                continue
            unit = f"{self.unit}:{option}"
            most = self._seen(unit if unit in self.judging.sizes else self.unit, code)
            if bases[place] - most >= self.judging.floor:
                most = bases[place]
            else:
                counts[place], bases[place] = _as_shown(shown, place)
            self._store(unit, code, most)
        if self.judging.policy.protect == CELLS:
            counts = list(_without(counts, hidden_places(now, self.judging.floor)))
        return PublicGroup(code, "", now.base, tuple(counts), tuple(bases) if now.bases else ())

    def _seen(self, unit: str, code: Code) -> int:
        return seen(self.judging.sizes.get(unit, ()), self.versions, self.by, code)

    def _store(self, unit: str, code: Code, size: int) -> None:
        past = self.judging.sizes.get(unit, ())
        self.judging.sizes[unit] = with_sizes(past, self.versions, self.by, {str(code): size})


def _as_shown(shown: PublicGroup | None, place: int) -> tuple[float | None, int]:
    if shown is None or shown.counts[place] is None:
        return None, 0
    return shown.counts[place], shown.bases[place] if shown.bases else shown.base


def _in_order(group: PublicGroup, before: PublicPart, now: Candidate) -> PublicGroup | None:
    """With its counts in the order of the codes of now. Classes of numbers that have changed cannot be compared."""
    if before.codes == now.part.codes:
        return group
    places = {code: place for place, (code, _) in enumerate(before.codes)}
    if now.part.kind in ("number", "date") and any(code not in places for code, _ in now.part.codes):
        return None
    found = [places.get(code) for code, _ in now.part.codes]
    counts = tuple(None if place is None else group.counts[place] for place in found)
    bases = tuple(0 if place is None else group.bases[place] if group.bases else group.base for place in found)
    return replace(group, counts=counts, bases=bases)


def _without(counts: Sequence[float | None], places: set[int]) -> tuple[float | None, ...]:
    return tuple(None if place in places else count for place, count in enumerate(counts))
