"""How many of a group's respondents can have been in released figures, from the sizes at which groups were shown.

A group is everyone who answered one thing, or those of them who are in one category of the variable that splits them.
Its members change in two ways only: a response joins when it is submitted and leaves when it is withdrawn, once and for
good, and it never changes its group. So those of an earlier release who are still in the group were in it at every
moment between, also when the group was shown last. A group of which `most` people were shown last, and never more, has
at most `most` members who were in any release.

Another partition counts the same people again. When figures go over to it, all who were shown by the others can be in
any of its groups. When a new version makes a question another one, its answers are of other respondents: sizes are
stored with the versions that asked it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.results.disclosure.published import EVERYONE, Partition, ShownSizes

Versions = frozenset[str]
Past = Sequence[ShownSizes]


def seen(past: Past, versions: Versions, by: str, code: object) -> int:
    """At most so many of those who are in a group have been in released figures."""
    partition = _in_use(past, versions, by)
    return partition.most.get(str(code), partition.rest)


def was_whole(past: Past, versions: Versions) -> bool:
    """Whether it was last shown for everyone together."""
    about = _about(past, versions)
    return any(each.partitions[-1].by == EVERYONE and _all_of(each.partitions[-1]) for each in about)


def with_sizes(past: Past, versions: Versions, by: str, shown: Mapping[str, int]) -> tuple[ShownSizes, ...]:
    """With the sizes at which groups are shown now."""
    about, in_use = _about(past, versions), _in_use(past, versions, by)
    others = [each for line in about for each in line.partitions if each.by != by]
    now = replace(in_use, most={**in_use.most, **shown})
    # Versions that no longer belong to the question keep their sizes.
    left = [replace(line, versions=rest) for line in about if (rest := tuple(sorted({*line.versions} - versions)))]
    return (*(line for line in past if line not in about), *left, ShownSizes((*others, now), tuple(sorted(versions))))


def known_to(past: Past, versions: Versions) -> tuple[ShownSizes, ...]:
    """With sizes that name no versions, as an earlier release has them, given to all that there are."""
    return tuple(each if each.versions else replace(each, versions=tuple(sorted(versions))) for each in past)


def _about(past: Past, versions: Versions) -> list[ShownSizes]:
    return [each for each in past if not versions.isdisjoint(each.versions)]


def _in_use(past: Past, versions: Versions, by: str) -> Partition:
    about = _about(past, versions)
    if len(about) == 1 and about[0].partitions[-1].by == by:
        return about[0].partitions[-1]
    known = [each for line in about for each in line.partitions]
    mine = [each for each in known if each.by == by]
    others = sum(_all_of(each) for each in known if each.by != by)
    if len(mine) == 1:
        most = {code: n + others for code, n in mine[0].most.items()}
        return Partition(by, most, mine[0].rest + others)
    return Partition(by, {}, others + sum(map(_all_of, mine)))


def _all_of(partition: Partition) -> int:
    return sum(partition.most.values())
