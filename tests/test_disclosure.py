"""What the public is shown: nothing that is about fewer people than the floor, in one release or in all of them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from app.results.disclosure.published import PublicGroup, Release
from app.results.disclosure.release import Counted, GroupCounted, next_release
from app.results.disclosure.stored import read_release
from app.results.statistics.cells import unweighted
from tests.support.figures import current, figures_of, policy, shown, split

CODES, GROUPS, FLOORS = "abc", ("left", "practising"), (3, 4, 6)


# --- streams ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    number: int
    version: int
    group: str
    code: str | None  # None has skipped the question


@dataclass(frozen=True)
class Shown:
    """A group as it was once shown: whom it was about."""

    people: frozenset[Person]
    floor: int


@dataclass
class Stream:
    """A survey of one question while people come and go, and what was ever shown of it."""

    floor: int = 3
    by: str = ""
    version: int = 1
    joined: int = 0
    people: list[Person] = field(default_factory=list)
    release: Release | None = None
    shown: dict[int, list[Shown]] = field(default_factory=dict)  # by version, each a question of its own
    moments: list[frozenset[Person]] = field(default_factory=list)  # all complete responses, when figures moved

    def counted(self) -> Counted:
        items = {self.name(version): version for version in range(self.version, 0, -1)}
        everyone = tuple(self._figures(name, self.people) for name in items)
        groups = tuple(
            GroupCounted(group, group, {name: self._figures(name, [p for p in self.people if p.group == group]) for name in items})
            for group in GROUPS
        ) if self.by else ()  # fmt: skip
        versions = {name: frozenset([f"v{version}"]) for name, version in items.items()}
        return Counted(len(self.people), everyone, versions, by=self.by, groups=groups)

    def name(self, version: int) -> str:
        return "q" if version == self.version else f"q_v{version}"

    def _figures(self, name: str, people: list[Person]):
        version = int(name.partition("_v")[2] or self.version)
        given = Counter(each.code for each in people if each.version == version and each.code)
        return figures_of({code: given[code] for code in CODES}, name=name)

    def members(self, version: int, group: str) -> frozenset[Person]:
        return frozenset(p for p in self.people if p.version == version and p.code and group in ("", p.group))

    def judge(self) -> None:
        before, release = self.groups(), next_release(self.release, self.counted(), policy(self.floor))
        if release is None:
            return
        if self.release is None or release.responses > self.release.responses:
            self.moments.append(frozenset(self.people))
        self.release = release
        for key, group in self.groups().items():
            if before.get(key) == group:
                continue
            people = self.members(*key)
            given = Counter(each.code for each in people)
            assert (group.base, group.counts) == (len(people), tuple(given[code] for code in CODES))
            self.shown.setdefault(key[0], []).append(Shown(people, self.floor))

    def groups(self) -> dict[tuple[int, str], PublicGroup]:
        """What is shown now, by the version of the question and the group."""
        items = self.release.items if self.release else ()
        return {
            (int(item.versions[0][1:]), str(group.code)): group for item in items for group in item.parts[0].groups
        }


JOIN = st.tuples(st.just("join"), st.integers(1, 9), st.sampled_from(GROUPS), st.sampled_from([*CODES, None]))
STEPS = st.one_of(
    JOIN, JOIN, JOIN,
    st.tuples(st.just("leave"), st.integers(1, 9), st.sampled_from(GROUPS)),
    st.tuples(st.just("floor"), st.sampled_from(FLOORS)),
    st.tuples(st.just("by"), st.sampled_from(["", "status"])),
    st.tuples(st.just("version"), st.integers(1, 3)),
)  # fmt: skip
STREAMS = st.lists(STEPS, min_size=20, max_size=60)


def take(stream: Stream, step: tuple) -> None:
    match step:
        case "join", n, group, code:
            stream.people += [Person(stream.joined + k, stream.version, group, code) for k in range(n)]
            stream.joined += n
        case "leave", n, group:
            gone = [each for each in stream.people if each.group == group][:n]
            stream.people = [each for each in stream.people if each not in gone]
        case "floor", floor:
            stream.floor = floor
        case "by", by:
            stream.by = by
        case "version", version:
            stream.version = max(stream.version, version)


def replayed(steps: list[tuple]) -> Stream:
    stream = Stream()
    for step in steps:
        take(stream, step)
        stream.judge()
        for (version, group), each in stream.groups().items():
            assert len(stream.members(version, group)) >= stream.floor <= each.base
    return stream


@settings(max_examples=100)
@given(STREAMS)
def test_every_release_holds_the_floor_of_people_who_were_in_none_before(steps):
    stream = replayed(steps)
    for views in stream.shown.values():
        before: frozenset[Person] = frozenset()
        for view in views:
            assert len(view.people - before) >= view.floor
            before |= view.people
    for earlier, later in combinations(stream.moments, 2):
        assert len(later - earlier) >= FLOORS[0]


@settings(max_examples=100)
@given(STREAMS, st.data())
def test_no_sum_or_difference_of_views_is_about_fewer_people_than_the_floor(steps, data):
    """Of all factors of -1, 0 and 1 for some views, and of any whole factors for all of them."""
    for views in replayed(steps).shown.values():
        some = [data.draw(st.sampled_from(views)) for _ in range(min(len(views), 5))]
        for factors in product((-1, 0, 1), repeat=len(some)):
            combined = {view: factor for view, factor in zip(some, factors, strict=True) if factor}
            assert not combined or about(combined) >= min(view.floor for view in combined)
        combined = {view: data.draw(st.sampled_from([-3, -2, -1, 1, 2, 3])) for view in views}
        assert about(combined) >= min(view.floor for view in combined)


def about(factors: dict[Shown, int]) -> int:
    """How many people a sum of views is about, each with its factor."""
    weights: Counter[Person] = Counter()
    for view, factor in factors.items():
        for person in view.people:
            weights[person] += factor
    return sum(1 for weight in weights.values() if weight)


# --- the rule -----------------------------------------------------------------------------------------------


def test_the_whole_distribution_of_ten_people_is_shown_with_exact_counts():
    assert next_release(None, current({"a": 9, "b": 0}), policy()) is None
    assert shown(next_release(None, current({"a": 9, "b": 1, "c": 0}), policy())) == {"a": 9, "b": 1, "c": 0}


def test_figures_move_with_ten_more_people_than_ever_before():
    first = next_release(None, current({"a": 20, "b": 4}), policy())
    for fewer_or_more in ({"a": 20, "b": 13}, {"a": 10, "b": 4}, {"a": 29, "b": 4}):
        assert next_release(first, current(fewer_or_more), policy()) is None
    assert shown(next_release(first, current({"a": 20, "b": 14}), policy())) == {"a": 20, "b": 14}


def test_a_group_that_shrinks_while_others_come_stays_as_it_was():
    release = next_release(None, split({"left": {"a": 22, "b": 2}, "practising": {"a": 11, "b": 9}}), policy())
    then = split({"left": {"a": 2, "b": 12}, "practising": {"a": 31, "b": 19}})
    assert shown(next_release(release, then, policy())) == {"a": 22 + 31, "b": 2 + 19}


def test_all_figures_move_together_when_a_whole_batch_has_come():
    first = next_release(None, current({"a": 15, "b": 15}), policy(10, 25))
    assert first.responses == 30
    assert next_release(first, current({"a": 27, "b": 27}), policy(10, 25)) is None
    assert next_release(first, current({"a": 28, "b": 27}), policy(10, 25)).responses == 55
    assert next_release(None, current({"a": 12, "b": 12}), policy(10, 25)) is None


def test_nothing_is_shown_of_an_item_that_fewer_than_the_floor_answered():
    release = next_release(None, current({"a": 9, "b": 0}, n=200), policy())
    assert shown(release) is None and release.items[0].base == 0


def test_results_for_nobody_are_not_released():
    hidden = policy().__class__("nobody", 10, 10)
    assert next_release(None, current({"a": 90, "b": 9}), hidden) is None


def test_a_process_that_knows_fewer_responses_leaves_figures_as_they_are():
    release = next_release(None, replace(current({"a": 6, "b": 4}), seq=20), policy())
    assert next_release(release, replace(current({"a": 5, "b": 4}), seq=19), policy()) is None
    assert shown(next_release(release, replace(current({"a": 5, "b": 4}), seq=21), policy())) is None


def test_a_release_is_stored_as_json_and_read_again():
    release = next_release(None, split({"left": {"a": 4, "b": 8}, "practising": {"a": 11, "b": 9}}), policy())
    assert read_release(json.loads(json.dumps(release.stored()))) == release


# --- groups -------------------------------------------------------------------------------------------------


def test_a_group_is_shown_from_the_floor_on_and_everyone_is_the_sum_of_groups_shown():
    release = next_release(None, split({"left": {"a": 4, "b": 5}, "practising": {"a": 11, "b": 9}}), policy())
    (part,) = release.items[0].parts
    assert [(group.code, group.base, group.counts) for group in part.groups] == [("practising", 20, (11, 9))]
    assert shown(release) == {"a": 11, "b": 9}
    release = next_release(release, split({"left": {"a": 5, "b": 5}, "practising": {"a": 20, "b": 9}}), policy())
    # Of those who practise only nine have come since: their figures stay.
    assert shown(release) == {"a": 16, "b": 14}


def test_groups_cannot_be_split_off_once_everyone_has_been_shown_together():
    """Everyone less the groups would be those who gave no group, who may be one person."""
    first = next_release(None, current({"a": 12, "b": 13}), policy())
    then = split({"left": {"a": 20, "b": 20}, "practising": {"a": 20, "b": 20}}, n=81)
    release = next_release(first, then, policy())
    assert [group.code for group in release.items[0].parts[0].groups] == [""]
    assert shown(release) == {"a": 40, "b": 40}


def test_groups_are_joined_only_once_ten_more_have_come_than_all_of_them_had():
    first = next_release(None, split({"left": {"a": 12, "b": 0}, "practising": {"a": 0, "b": 12}}), policy())
    assert shown(next_release(first, current({"a": 17, "b": 16}, n=34), policy())) is None
    assert shown(next_release(first, current({"a": 17, "b": 17}, n=34), policy())) == {"a": 17, "b": 17}


# --- attacks ------------------------------------------------------------------------------------------------


def test_two_looks_one_person_apart_show_the_same():
    release, seen = None, []
    for n in range(60):
        release = next_release(release, current({"a": n // 2, "b": n - n // 2}), policy()) or release
        seen.append(sum(shown(release).values()) if release else 0)
    assert sorted(set(seen)) == [0, 10, 20, 30, 40, 50]


def test_when_all_have_withdrawn_others_are_not_shown_as_their_difference():
    release = next_release(None, current({"a": 12, "b": 12}), policy())
    gone = next_release(release, current({"a": 0, "b": 0}), policy())
    assert shown(gone) is None
    assert next_release(gone, current({"a": 13, "b": 12}), policy()) is None
    assert next_release(gone, current({"a": 13, "b": 20}), policy()) is None
    assert shown(next_release(gone, current({"a": 14, "b": 20}), policy())) == {"a": 14, "b": 20}


def test_a_floor_that_is_lowered_and_put_back_takes_down_what_it_let_through():
    release = next_release(None, current({"a": 12, "b": 12}), policy(10))
    lower = next_release(release, current({"a": 14, "b": 15}), policy(5))
    assert shown(lower) == {"a": 14, "b": 15}
    back = next_release(lower, current({"a": 14, "b": 15}), policy(10))
    assert shown(back) is None
    assert next_release(back, current({"a": 19, "b": 19}), policy(10)) is None
    assert shown(next_release(back, current({"a": 20, "b": 19}), policy(10))) == {"a": 20, "b": 19}


def test_a_raised_floor_judges_figures_by_the_greater():
    release = next_release(None, current({"a": 12, "b": 12}), policy(10))
    taken = next_release(release, current({"a": 500, "b": 500}, n=30), policy(25))
    assert shown(taken) is None
    assert shown(next_release(taken, current({"a": 24, "b": 25}), policy(25))) == {"a": 24, "b": 25}
    assert next_release(taken, current({"a": 24, "b": 24}), policy(25)) is None


def test_a_new_version_does_not_show_the_same_people_under_another_name():
    """What was "q" is "q_v1" now, and one of its respondents has withdrawn."""
    first = next_release(None, current({"a": 12, "b": 12}), policy())
    older, newer = figures_of({"a": 12, "b": 11}, name="q_v1"), figures_of({"a": 8, "b": 8}, name="q")
    versions = {"q": frozenset({"second"}), "q_v1": frozenset({"first"})}
    release = next_release(first, Counted(39, (newer, older), versions), policy())
    found = {item.id: [group.counts for group in item.parts[0].groups] for item in release.items}
    assert found == {"q": [(8, 8)], "q_v1": [(12, 12)]}
    unmoved = next_release(first, Counted(33, (figures_of({"a": 5, "b": 5}), older), versions), policy(10, 20))
    found = {item.id: [group.counts for group in item.parts[0].groups] for item in unmoved.items}
    assert found == {"q": [], "q_v1": [(12, 12)]}


def test_one_option_is_offered_to_some_and_judged_by_those():
    def ticked(option: int, offered: int, base: int) -> Counted:
        whole = current({"a": base // 2, "b": option}, "flags", base)
        (part,) = whole.everyone[0].parts
        first, second = part.cells
        part = replace(part, cells=(first, replace(second, base=unweighted(offered))))
        return replace(whole, everyone=(replace(whole.everyone[0], parts=(part,)),))

    release = next_release(None, ticked(3, 9, 20), policy())
    assert shown(release) == {"a": 10, "b": None}
    release = next_release(release, ticked(4, 10, 30), policy())
    assert shown(release) == {"a": 15, "b": 4}
    release = next_release(release, ticked(5, 11, 40), policy())
    assert shown(release) == {"a": 20, "b": 4}
    release = next_release(release, ticked(9, 20, 50), policy())
    assert shown(release) == {"a": 25, "b": 9}
