"""Which versions of a survey share a column of the data: those whose answers mean the same.

Versions of one meaning (see `meanings`) share it by themselves. Others do where the file says `same_as` with the
version whose data it continues: then both meanings count as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.survey.model import Instrument
from app.survey.versions.meanings import Named, homes, meanings

WHOLE = ""  # under which a survey keeps the `same_as` of all that is in it
NUMBERS = 5  # digits: what is longer is the beginning of a digest
UNDER_WAY = -1  # in place of a generation that is just being found: versions may ask in the opposite order


def breaks(old: Instrument, new: Instrument, others: Sequence[Instrument] = ()) -> frozenset[str]:
    """Ids of items, or names of single statements and of what is assigned or computed, that both versions have and
    whose answers do not share a column. `others` are further versions, which `same_as` may name."""
    lines = Lines(in_order(old, new, others))
    before = lines.instruments.index(old, 1)
    both = lines.known[0].keys() & lines.known[before].keys()
    found = {name for name in both if lines.generation(name, 0) != lines.generation(name, before)}
    home = homes(new)
    return frozenset(name for name in found if name == home.get(name, name) or home[name] not in found)


def in_order(old: Instrument, new: Instrument, others: Sequence[Instrument]) -> list[Instrument]:
    """The new version first, then all others, the newest of them first where their numbers are known."""
    return [new, *sorted([*others, old], key=lambda each: each.version or 0, reverse=True)]


def number_of(instruments: Sequence[Instrument], place: int) -> int:
    """Which version it is, counted from the oldest, where the instrument does not say it itself."""
    return instruments[place].version or len(instruments) - place


def named_by(same_as: str, versions: Sequence[tuple[int, str]]) -> int | None:
    """The place of the version that a `same_as` names among these (number, digest); None where there is none."""
    by_number = same_as.isdigit() and len(same_as) <= NUMBERS
    for place, (number, digest) in enumerate(versions):
        if int(same_as) == number if by_number else digest.startswith(same_as):
            return place
    return None


Rests = tuple[tuple[str, int], ...]
"""The names that something depends on, each with its generation."""


@dataclass(slots=True)
class Generation:
    """Versions whose answers under one name share a column."""

    newest: int  # place of its newest version
    meanings: list[tuple[Named, Rests]] = field(default_factory=list)

    def holds(self, named: Named, rests: Rests) -> bool:
        return any(rests == others and named.is_like(each) for each, others in self.meanings)

    def add(self, named: Named, rests: Rests) -> None:
        for at, (each, others) in enumerate(self.meanings):
            if rests == others and named.is_like(each):
                self.meanings[at] = each.joined(named), rests
                return
        self.meanings.append((named, rests))


class Lines:
    """Of each name, to which of its generations each version belongs. `instruments` come newest first."""

    def __init__(self, instruments: Sequence[Instrument]):
        self.instruments = instruments
        self.versions = [(number_of(instruments, place), each.digest) for place, each in enumerate(instruments)]
        self.known = [meanings(instrument) for instrument in instruments]
        self.homes = [homes(instrument) for instrument in instruments]
        self.generations: dict[str, list[Generation]] = {}
        self._found: dict[tuple[str, int], int] = {}
        for place, known in enumerate(self.known):
            for name in known:
                self.generation(name, place)

    def suffix(self, name: str, place: int) -> str:
        """What the names of columns end in that hold what a version has under a name: "", or _v1, _v2 ..."""
        name = self._own(name, place)
        number = self.generation(name, place)
        generation = self.generations[name][number] if name in self.generations else None
        if generation is None or (number == 0 and not self._is_in_an_older_item(name, place)):
            return ""
        return f"_v{self.versions[generation.newest][0]}"

    def _is_in_an_older_item(self, name: str, place: int) -> bool:
        home = self.homes[place].get(name, name)
        return home != name and self.generation(home, place) > 0

    def _own(self, name: str, place: int) -> str:
        return name if name in self.known[place] else self.homes[place].get(name, name)

    def generation(self, name: str, place: int) -> int:
        """Which generation a version's answers under a name belong to, 0 being that of the newest version."""
        name = self._own(name, place)
        if name not in self.known[place]:
            return 0
        if (name, place) not in self._found:
            self._found[name, place] = UNDER_WAY
            self._found[name, place] = self._placed(name, place)
        return self._found[name, place]

    def _placed(self, name: str, place: int) -> int:
        for newer in range(place):  # the newest versions come first, whatever is asked for first
            self.generation(name, newer)
        candidates = [*self._candidates(name, place, {place})]
        known = self.generations.setdefault(name, [])
        held = (n for n, each in enumerate(known) if any(each.holds(*candidate) for candidate in candidates))
        number = next(held, len(known))
        if number == len(known):
            known.append(Generation(place))
        known[number].newest = min(known[number].newest, place)
        for candidate in candidates:
            known[number].add(*candidate)
        return number

    def _candidates(self, name: str, place: int, seen: set[int]) -> Iterator[tuple[Named, Rests]]:
        """What a version means by a name, and what `same_as` makes one with it, along the versions that say so."""
        named = self.known[place][name]
        rests = tuple((each, self.generation(each, place)) for each in sorted(named.rests_on - {name}))
        yield named, rests
        if self.is_outdated(name, place):
            return
        for part, same_as in self.claims(name, place):
            target = named_by(same_as, self.versions)
            if target is None or target in seen or name not in self.known[target]:
                continue
            if part == "scale":
                yield named.on_the_scale_of(self.known[target][name]), rests
            else:
                yield from self._candidates(name, target, {*seen, target})

    def claims(self, name: str, place: int) -> Iterator[tuple[str, str]]:
        """The `same_as` that stand for a name in a version: of all of it ("all") or of its scale ("scale")."""
        instrument, home = self.instruments[place], self.homes[place].get(name, name)
        drawn = instrument.drawn_by_name.get(name)
        if drawn is not None and drawn.kind == "number":  # blocks of two designs are never the same
            return
        whole = instrument.same_as.get(home) or instrument.same_as.get(WHOLE)
        if whole:
            yield "all", whole
        if home in instrument.scale_same_as:
            yield "scale", instrument.scale_same_as[home]

    def is_outdated(self, name: str, place: int) -> bool:
        """Whether an older version says the same `same_as` of other words: it was left in the file since."""
        claims = [*self.claims(name, place)]
        if not claims:
            return False
        targets = {named_by(same_as, self.versions) for _, same_as in claims}
        return any(
            older not in targets
            and name in self.known[older]
            and [*self.claims(name, older)] == claims
            and not self.known[place][name].is_like(self.known[older][name])
            for older in range(place + 1, len(self.instruments))
        )


def unknown_versions(instrument: Instrument, versions: Sequence[tuple[int, str]]) -> list[str]:
    """Every `same_as` that names none of these versions (number, digest)."""
    said = {*instrument.same_as.values(), *instrument.scale_same_as.values()}
    return sorted(same_as for same_as in said if named_by(same_as, versions) is None)
