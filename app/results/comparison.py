"""Groups compared: each with all the others together, or two with each other, and how certain each difference is.

A difference is *clear* when it holds after correction for all differences of the comparison (S. Holm (1979), "A simple
sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 65-70), *possible* when only its
own 95 % interval excludes zero, and *open* otherwise. Of fewer than ten respondents nothing is concluded.
Intervals of differences: Newcombe's for shares, Welch's for means; p-values: Pearson's or Fisher's test, and Welch's. Of
weighted figures: the hybrid of the shares' own intervals, Welch's on linearised standard errors; Rao and Scott's F. Of the
entries of a loop, several of one respondent: `clustered_difference`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.languages.direction import isolated
from app.results.items import ItemFigures
from app.results.marginals import Figures, GroupedFigures, GroupFigures
from app.results.measures import EntrySamples, Measure, Sample, Share, distribution, measured, together
from app.results.statistics.clusters import ClusteredSample, clustered_difference
from app.results.statistics.differences import mean_difference, share_difference
from app.results.statistics.intervals import COVERAGE, Estimate
from app.results.statistics.tests import THIN, holm, independence, welch
from app.results.statistics.values import Summary
from app.results.statistics.weighted.tables import rao_scott_of_shares
from app.survey.model import Code

CLEAR, POSSIBLE, OPEN = "clear", "possible", "open"
FEW, UNTESTED = "few", "untested"  # untested: the values of neither side vary
LEAST = 10  # respondents on either side of a difference, or of weighted ones the effective n
LONGEST = 12  # options of one item that are compared: those that most chose


class ComparedGroup(NamedTuple):
    code: Code
    label: str
    n: int
    is_small: bool  # under the floor: not for publication
    place: int  # among the groups: its colour and shape
    effective: float | None = None  # Kish's effective n, where it is weighted


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """By how much a group exceeds the others; less than zero where it falls short of them."""

    estimate: Estimate
    p: float | None  # None of too few
    effect: float  # Cohen's h of shares, d of means
    standing: str = OPEN


@dataclass(frozen=True, slots=True)
class GroupValue:
    """One measure in one group."""

    group: ComparedGroup
    value: Estimate
    asked: bool
    sample: Sample
    difference: GroupDifference | None = None  # None for the first of two groups, and for a group without answers


@dataclass(frozen=True, slots=True)
class ComparedRow:
    item: str
    measure: Measure
    whole: Estimate
    values: tuple[GroupValue, ...]

    @property
    def differences(self) -> list[GroupValue]:
        return [value for value in self.values if value.difference is not None]

    @property
    def largest(self) -> GroupValue | None:
        """The group that differs most; one that differs clearly comes before all others."""
        return max(self.differences, key=_rank, default=None)

    @property
    def rank(self) -> tuple[int, float]:
        """How certain its largest difference is, then how large."""
        return _rank(self.largest)


@dataclass(frozen=True, slots=True)
class ComparedItem:
    figures: ItemFigures
    rows: tuple[ComparedRow, ...]
    shares: tuple[tuple[float, ...], ...] = ()
    """Of a single scale the share of each answer, by group."""
    further: int = 0  # options that are not compared, because few chose them

    @property
    def is_quiet(self) -> bool:
        """Whether the intervals of all its differences include zero."""
        return not any(_standing(row.largest) in (CLEAR, POSSIBLE) for row in self.rows)

    @property
    def rows_by_size(self) -> list[ComparedRow]:
        return sorted(self.rows, key=lambda row: row.rank, reverse=True)


class LeftOut(NamedTuple):
    item: str
    ask: str
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    by: str
    label: str
    n: int
    groups: tuple[ComparedGroup, ...]  # those with respondents
    empty: tuple[str, ...]  # the labels of the others
    is_direct: bool  # two groups, the second compared with the first
    items: tuple[ComparedItem, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def is_weighted(self) -> bool:
        return any(group.effective is not None for group in self.groups)

    def rows(self) -> Iterator[ComparedRow]:
        for item in self.items:
            yield from item.rows

    def count(self, standing: str) -> int:
        return sum(value.difference.standing == standing for value in self._all())

    @property
    def tested(self) -> int:
        return sum(value.difference.p is not None for value in self._all())

    @property
    def by_chance(self) -> float:
        """The number of differences whose intervals would exclude zero on average if no groups differed."""
        return (1 - COVERAGE) * self.tested

    def _all(self) -> Iterator[GroupValue]:
        for row in self.rows():
            yield from row.differences

    def largest(self, most: int = 8) -> list[ComparedRow]:
        """The rows with the largest differences that are clear, else of those that are possible."""
        rows = [row for row in self.rows() if _standing(row.largest) in (CLEAR, POSSIBLE)]
        return sorted(rows, key=lambda row: row.rank, reverse=True)[:most]


def _standing(value: GroupValue | None) -> str:
    return value.difference.standing if value and value.difference else OPEN


def _rank(value: GroupValue | None) -> tuple[int, float]:
    if value is None or value.difference is None:
        return (-1, 0.0)
    found = value.difference
    return (FEW, UNTESTED, OPEN, POSSIBLE, CLEAR).index(found.standing), abs(found.effect)


# --- comparing ----------------------------------------------------------------------------------------------


def compare(grouped: GroupedFigures, by: str, label: str, floor: int) -> Comparison:
    """Compares the groups by every item. `by` is the variable that splits them."""
    known = [group for group in grouped.groups if group.figures.n]
    groups = tuple(
        ComparedGroup(each.code, each.label, each.figures.n, each.figures.n < floor, place, _effective(each.figures))
        for place, each in enumerate(known)
    )
    items, left_out = [], []
    for index, item in enumerate(grouped.whole.items):
        why = _why_not(item, by)
        found = _compared(item, [each.figures.items[index] for each in known], groups) if why is None else None
        if found is not None and found.rows:
            items.append(found)
        elif why != "":
            left_out.append(LeftOut(item.id, item.ask, why or _unasked(item, groups, known, index)))
    return Comparison(
        by, label, grouped.whole.n, groups,
        tuple(each.label for each in grouped.groups if not each.figures.n),
        len(groups) == 2, _judged(items), tuple(left_out),
    )  # fmt: skip


def _effective(figures: Figures) -> float | None:
    """Of a weighted view, by the item that most answered."""
    known = [item for item in figures.items if item.effective is not None and not item.entries]
    return max(known, key=lambda item: item.answered).effective if known else None


def _why_not(item: ItemFigures, by: str) -> str | None:
    """Why an item is not compared: empty if no reason need be given; None if it is compared."""
    if by in (item.id, item.item) or item.origin == "assigned":
        return ""
    if item.score is not None and (item.parts[0].kind == "choice" or by == f"{item.id}_band"):
        return ""  # the bands of a score say what the score says
    if item.of_vignettes:
        return "one respondent gives several answers"
    if item.parts[0].kind in ("text", "date"):
        return "texts and dates"
    if not item.answered:
        return "nobody has answered"
    if item.entries and not isinstance(item.finding, EntrySamples):
        return "an answer of theirs splits the groups" if by.startswith(f"{item.item}_") else "too many options for entries of a loop"
    return None


def _unasked(item: ItemFigures, groups: Sequence[ComparedGroup], known: Sequence[GroupFigures], index: int) -> str:
    asked = [group.label for group, each in zip(groups, known, strict=True) if each.figures.items[index].answered]
    return f"only “{isolated(asked[0])}” answered" if len(asked) == 1 else "no share or mean to compare"


def _compared(
    item: ItemFigures, parts: Sequence[ItemFigures], groups: Sequence[ComparedGroup]
) -> ComparedItem | None:
    if sum(part.answered > 0 for part in parts) < 2:
        return None
    wholes, samples = measured(item), [measured(part) for part in parts]
    places = _most_chosen(wholes) if len(item.parts) == 1 else list(range(len(wholes)))
    rows = []
    for place in places:
        measure, whole = wholes[place]
        everyone = together([each[place][1] for each in samples])
        if _is_given_by_nobody(everyone):
            continue
        mine = [(group, each[place][1], part.shown > 0) for group, each, part in zip(groups, samples, parts, strict=True)]
        rows.append(_row(item.id, measure, whole, mine))
    shares = tuple(distribution(part.parts[0].cells) for part in parts) if _is_one_scale(item, wholes) else ()
    return ComparedItem(item, tuple(rows), shares, len(wholes) - len(places))


def _is_given_by_nobody(sample: Sample) -> bool:
    if isinstance(sample, ClusteredSample):
        return sample.of_shares and not sample.mean
    return isinstance(sample, Share) and not sample.count.n


def _most_chosen(measures: Sequence[tuple[Measure, Sample]]) -> list[int]:
    """The places of the `LONGEST` options with the largest shares, in the order of the survey."""
    often = sorted(range(len(measures)), key=lambda place: measures[place][1].interval.value or 0.0, reverse=True)
    return sorted(often[:LONGEST])


def _is_one_scale(item: ItemFigures, measures: Sequence[tuple[Measure, Sample]]) -> bool:
    return len(measures) == 1 and measures[0][0].kind == "share" and len(item.parts[0].cells) > 2


def _row(
    item: str, measure: Measure, whole: Sample, groups: Sequence[tuple[ComparedGroup, Sample, bool]]
) -> ComparedRow:
    values = []
    for place, (group, sample, asked) in enumerate(groups):
        difference = None
        if len(groups) > 2:
            others = [each for other, each, _ in groups if other is not group]
            difference = difference_between(sample, together(others))
        elif place == 1:
            difference = difference_between(sample, groups[0][1])
        values.append(GroupValue(group, _interval(sample), asked, sample, difference))
    return ComparedRow(item, measure, whole.interval, tuple(values))


def _interval(sample: Sample) -> Estimate:
    """Of entries only if enough respondents gave them."""
    found = sample.interval
    few = isinstance(sample, ClusteredSample) and sample.n < LEAST
    return found._replace(low=None, high=None) if few else found


def difference_between(sample: Sample, other: Sample) -> GroupDifference | None:
    if not sample.n or not other.n:
        return None
    if isinstance(sample, Share) and isinstance(other, Share):
        return _of_shares(sample, other)
    if isinstance(sample, ClusteredSample) and isinstance(other, ClusteredSample):
        return _of_entries(sample, other)
    assert isinstance(sample, Summary) and isinstance(other, Summary)
    return _of_means(sample, other)


def _of_shares(sample: Share, other: Share) -> GroupDifference:
    estimate = share_difference(sample.count, sample.base, other.count, other.base)
    first, second = (min(each.count.w / each.base.w, 1.0) for each in (sample, other))  # sums of weights are rounded
    effect = _cohens_h(first, second)
    if not _are_enough(sample, other):
        return GroupDifference(estimate._replace(low=None, high=None), None, effect, FEW)
    p = _p_of_shares(sample, other)
    if p is None:  # nothing can be clear without a test
        return GroupDifference(estimate, None, effect, standing_of(estimate, 1.0))
    return GroupDifference(estimate, p, effect)


def _cohens_h(first: float, second: float) -> float:
    return 2 * math.asin(math.sqrt(first)) - 2 * math.asin(math.sqrt(second))


def _of_entries(sample: ClusteredSample, other: ClusteredSample) -> GroupDifference:
    """Enough are respondents, not entries; the effect is in standard deviations of entries."""
    estimate, p = clustered_difference(sample, other)
    spread = math.sqrt((sample.sd**2 + other.sd**2) / 2)
    effect = (estimate.value or 0.0) / spread if spread else 0.0
    if sample.of_shares:
        effect = _cohens_h(*(min(max(each.mean or 0.0, 0.0), 1.0) for each in (sample, other)))
    if p is None or not _are_enough(sample, other):
        standing = UNTESTED if _are_enough(sample, other) else FEW
        return GroupDifference(estimate._replace(low=None, high=None), None, effect, standing)
    return GroupDifference(estimate, p, effect)


def _are_enough(sample: Sample, other: Sample) -> bool:
    return min(sample.n, other.n, sample.effective, other.effective) >= LEAST


def _p_of_shares(sample: Share, other: Share) -> float | None:
    """The p of `independence`. Of a 2 × 2 table in which enough are expected chi-square has a closed form; a page has
    hundreds of them. Of weighted shares None where too few are expected: no exact test has weights."""
    a, b = sample.count.n, other.count.n
    c, d = sample.base.n - a, other.base.n - b
    rows, columns, n = (a + b, c + d), (a + c, b + d), a + b + c + d
    if not all(rows):  # everybody or nobody gave the answer
        return 1.0
    if sample.base.design:
        return rao_scott_of_shares(*sample, *other)
    if min(rows) * min(columns) < THIN * n:
        test = independence(((a, b), (c, d))).test
        return test.p if test else 1.0
    statistic = n * (a * d - b * c) ** 2 / (rows[0] * rows[1] * columns[0] * columns[1])
    return math.erfc(math.sqrt(statistic / 2))


def _of_means(sample: Summary, other: Summary) -> GroupDifference:
    estimate = mean_difference(sample, other)
    value, test = estimate.value or 0.0, welch(sample, other)
    spread = math.sqrt(((sample.sd or 0.0) ** 2 + (other.sd or 0.0) ** 2) / 2)
    effect = value / spread if spread else 0.0
    if test is None or not _are_enough(sample, other):
        standing = UNTESTED if _are_enough(sample, other) else FEW
        return GroupDifference(estimate._replace(low=None, high=None), None, effect, standing)
    return GroupDifference(estimate, test.p, effect)


# --- judging ------------------------------------------------------------------------------------------------


def _judged(items: Sequence[ComparedItem]) -> tuple[ComparedItem, ...]:
    """With the standing of each difference, which depends on the p-values of all."""
    ps = [
        value.difference.p
        for item in items
        for row in item.rows
        for value in row.values
        if value.difference is not None
    ]
    adjusted = iter(holm(ps))
    return tuple(
        replace(item, rows=tuple(_judged_row(row, adjusted) for row in item.rows)) for item in items
    )


def _judged_row(row: ComparedRow, adjusted: Iterator[float | None]) -> ComparedRow:
    values = []
    for value in row.values:
        found = value.difference
        if found is not None and (p := next(adjusted)) is not None:
            found = replace(found, standing=standing_of(found.estimate, p))
        values.append(replace(value, difference=found))
    return replace(row, values=tuple(values))


def standing_of(estimate: Estimate, p: float) -> str:
    if estimate.low is None or estimate.high is None or estimate.low <= 0 <= estimate.high:
        return OPEN
    return CLEAR if p < 1 - COVERAGE else POSSIBLE
