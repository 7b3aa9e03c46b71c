"""What groups are compared by, of the items of loops: shares and means of the entries of each group, with sums by respondent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from app.results.filters.filter import numbers
from app.results.frame.counters import empty
from app.results.items import ItemFigures
from app.results.layout import Coded, Layout
from app.results.loops.entries import entry_variables
from app.results.marginals import GroupedFigures, items_of
from app.results.measures import EntrySamples, Measure, measured_parts
from app.results.statistics.clusters import ClusteredMean
from app.results.view import Categories
from app.results.weights.cells import CellPlaces
from app.results.weights.weighting import Weighting
from app.survey.codebook import Variable
from app.survey.model import Code

#: Sums of one item: its measures, each in every group and raking cell. Beyond it the item is not compared.
MOST_SUMS = 200_000


class GroupedEntries(NamedTuple):
    """Of one item of a loop, what its entries say of everyone, and of each group."""

    item: str  # the id of its figures
    whole: EntrySamples
    groups: tuple[EntrySamples, ...]


class EntryGroupSums:
    """The sums of one item by group and raking cell."""

    def __init__(self, item: str, measures: Sequence[_EntryMeasure], places: CellPlaces, groups: Categories):
        self.item, self.places, self.groups, self.measures = item, places, groups, measures
        size = places.size * (len(groups.all) + 1)
        self.means = [ClusteredMean(size, each.of_shares) for each in measures]

    def bytes(self) -> int:
        return sum(each.sums.nbytes + each.clusters.nbytes for each in self.means)

    def add(self, rows: pl.DataFrame, sign: int) -> None:
        strata = self.groups.places_of(rows) * self.places.size + self.places.of(rows)
        for measure, mean in zip(self.measures, self.means, strict=True):
            mean.add(measure.values(rows), strata, sign)

    def finding(self) -> GroupedEntries:
        return self._samples(np.ones(self.places.size), 0)

    def weighted(self, weights: Weighting) -> GroupedEntries:
        return self._samples(weights.by_place, weights.design)

    def _samples(self, by_place: np.ndarray, design: int) -> GroupedEntries:
        size = len(self.groups.all)
        chosen = [np.ones(size + 1), *np.eye(size + 1)[:size]]
        whole, *groups = (
            EntrySamples(tuple(mean.sample(np.kron(each, by_place), design) for mean in self.means)) for each in chosen
        )
        return GroupedEntries(self.item, whole, tuple(groups))


class _EntryMeasure:
    """One measure of every entry. `terms` are the variables of a part, one for each entry, with what each answer counts (0, if
    it is not named; None for a number): their sum is the value of an entry."""

    def __init__(self, terms: Sequence[tuple[Sequence[Variable], Mapping[Code, float] | None]], of_shares: bool, layout: Layout):
        self.of_shares = of_shares
        self.numbers: list[pl.Expr] = []
        self.coded: list[list[tuple[str, np.ndarray]]] = []
        for variables, counted in terms:
            if counted is None:
                found = [numbers(each.name, layout) for each in variables]
                self.numbers = [each.alias(str(place)) for place, each in enumerate(found) if each is not None]
            else:
                columns = [layout.coded[layout.slot[each.name]] for each in variables]
                self.coded.append([(column.name, _values(column, counted)) for column in columns])

    def values(self, rows: pl.DataFrame) -> np.ndarray:
        """(respondents, entries), with NaN for no answer."""
        if self.numbers:
            return rows.select(self.numbers).fill_null(float("nan")).to_numpy().reshape(rows.height, len(self.numbers))
        terms = [np.stack([values[rows[name].to_numpy()] for name, values in each], axis=1) for each in self.coded]
        return np.sum(terms, axis=0)


def _values(column: Coded, counted: Mapping[Code, float]) -> np.ndarray:
    """What each physical code counts; NaN for a missing answer."""
    found = np.full(1 << 8 * column.bytes, np.nan)
    found[: len(column.codes)] = [counted.get(code, 0.0) for code in column.codes]
    return found


def grouped_entries(layout: Layout, places: CellPlaces, groups: Categories) -> Iterator[tuple[str, EntryGroupSums]]:
    """Of every item of a loop that can be compared, by the id of its figures."""
    parts = entry_variables(layout)
    for item in items_of(empty(layout, [None] * len(layout.numbers))) if parts else ():
        if item.entries and item.id in parts and not _has_any(parts[item.id], groups.name):
            found = [_EntryMeasure(terms, measure.kind == "share", layout) for measure, terms in _terms(item, parts[item.id])]
            if found and len(found) * places.size * (len(groups.all) + 1) <= MOST_SUMS:
                yield item.id, EntryGroupSums(item.id, found, places, groups)


def _has_any(parts: Sequence[Sequence[Variable]], name: str) -> bool:
    return any(each.name == name for part in parts for each in part)


def _terms(item: ItemFigures, parts: Sequence[Sequence[Variable]]) -> Iterator[tuple[Measure, list[Any]]]:
    """The measures of an item in order, with the variables of the parts that each is about."""
    by_part = measured_parts(item)
    if item.figure == "best_worst":
        for measure in by_part[0]:
            chosen = dict(measure.counted)
            yield measure, [(parts[0], chosen), (parts[1], {code: -value for code, value in chosen.items()})]
    elif item.parts[0].kind == "flags":  # a part for each option
        yield from ((measure, [(each, {1: 1.0})]) for measure, each in zip(by_part[0], parts, strict=True))
    else:
        for measures, variables in zip(by_part, parts, strict=True):
            yield from ((measure, [(variables, dict(measure.counted) or None)]) for measure in measures)


def with_entries(found: GroupedFigures, entries: Mapping[str, GroupedEntries]) -> GroupedFigures:
    """The figures, with what the entries of loops say of everyone and of each group."""
    def with_samples(items: Sequence[ItemFigures], place: int | None) -> tuple[ItemFigures, ...]:
        return tuple(
            replace(item, finding=known.whole if place is None else known.groups[place])
            if (known := entries.get(item.id)) is not None else item for item in items
        )  # fmt: skip

    groups = tuple(
        replace(group, figures=replace(group.figures, items=with_samples(group.figures.items, place)))
        for place, group in enumerate(found.groups)
    )
    return replace(found, whole=replace(found.whole, items=with_samples(found.whole.items, None)), groups=groups)
