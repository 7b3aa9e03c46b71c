"""Putting what is shuffled into its random order: parts of a page, rendered as written, are moved.

A template leaves three kinds of marks among the parts of a page: where a group begins, where each of its members
begins, and where the group ends. Groups are nested in members of others: the options of an item of a section.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Key = tuple[str, ...]
Marks = deque[tuple[int, Key]]
POLES = "poles "  # begins the key of a group that is shown as written or read backwards
BACKWARDS = ("~backwards",)


@dataclass(frozen=True, slots=True)
class Member:
    """The parts from `start` up to `end`."""

    id: str
    start: int
    end: int
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    start: int
    end: int
    members: tuple[Member, ...]

    def in_order(self, order: Sequence[Any]) -> Sequence[Member]:
        if order is BACKWARDS:
            return self.members[::-1]
        numbers = {str(id): number for number, id in enumerate(order)}
        return sorted(self.members, key=lambda member: numbers.get(member.id, len(numbers)))


def groups_of(marks: Iterable[tuple[int, Key]]) -> tuple[Group, ...]:
    """The outermost groups, from the index of each mark among the parts and its key."""
    return _groups(deque(marks))


def _groups(marks: Marks) -> tuple[Group, ...]:
    found = []
    while marks and marks[0][1][0] == "group":
        start, (_, key) = marks.popleft()
        members = []
        while marks[0][1][0] == "member":
            members.append(_member(marks))
        found.append(Group(key, start, marks.popleft()[0], tuple(members)))
    return tuple(found)


def _member(marks: Marks) -> Member:
    start, (_, _, id) = marks.popleft()
    groups = _groups(marks)
    return Member(id, start, marks[0][0], groups)


def put_in_order(
    parts: Sequence[bytes], groups: Iterable[Group], orders: Mapping[str, Sequence[Any]]
) -> list[bytes]:
    """The parts with the members of each group whose key has an order in `orders` in that order."""
    return _ordered(parts, 0, len(parts), groups, orders)


def _ordered(
    parts: Sequence[bytes], start: int, end: int, groups: Iterable[Group], orders: Mapping[str, Sequence[Any]]
) -> list[bytes]:
    shown: list[bytes] = []
    for group in groups:
        members = group.in_order(orders[group.key]) if group.key in orders else group.members
        shown += parts[start : group.members[0].start] if group.members else ()
        for member in members:
            shown += _ordered(parts, member.start, member.end, member.groups, orders)
        start = group.end
    return [*shown, *parts[start:end]]
