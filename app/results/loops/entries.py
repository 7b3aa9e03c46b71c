"""The entries of a loop: how many respondents gave them, and shares and means with intervals that take into account that
the entries of one respondent resemble each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from app.results.filters.filter import numbers
from app.results.layout import Layout
from app.results.statistics.clusters import ClusteredMean
from app.results.statistics.intervals import Estimate
from app.results.weights.cells import CellPlaces
from app.results.weights.weighting import Weighting
from app.survey.codebook import Variable
from app.survey.model import Code


@dataclass(frozen=True, slots=True)
class EntryEstimates:
    """Of one item of a loop. The parts are those of its figures, in their order: for each the share of every code, and
    the mean and the net score, where it has one."""

    people: int  # with an answer to at least one entry
    shares: tuple[Mapping[Code, Estimate], ...]
    means: tuple[Estimate | None, ...]
    nets: tuple[Estimate | None, ...]


class EntrySums:
    """The sums of one item, over its entries: `parts` are the variables of each part, one for each entry."""

    def __init__(self, parts: Sequence[Sequence[Variable]], layout: Layout, places: CellPlaces):
        self.parts = [_PartSums(entries, layout, places.size) for entries in parts]
        self.places, self.people = places, np.zeros(places.size, dtype=np.int64)

    def add(self, rows: pl.DataFrame, sign: int) -> None:
        cells, answered = self.places.of(rows), np.zeros(rows.height, dtype=bool)
        for part in self.parts:
            answered |= part.add(rows, cells, sign)
        self.people += sign * np.bincount(cells[answered], minlength=self.places.size)

    def finding(self) -> EntryEstimates:
        return self._estimates(int(self.people.sum()))

    def weighted(self, weights: Weighting) -> EntryEstimates:
        return self._estimates(int(self.people[weights.by_place > 0].sum()), weights.by_place, weights.design)

    def _estimates(self, people: int, *weights: Any) -> EntryEstimates:
        return EntryEstimates(
            people, tuple(part.shares(*weights) for part in self.parts), tuple(part.mean(*weights) for part in self.parts),
            tuple(part.net(*weights) for part in self.parts),
        )  # fmt: skip


class _PartSums:
    def __init__(self, entries: Sequence[Variable], layout: Layout, cells: int):
        self.columns = [layout.coded[layout.slot[name]] for name in map(_coded_name, entries)]
        codes = [code for code, _label in entries[0].codes] if entries[0].is_coded else []
        self.codes: list[Code] = [1] if entries[0].kind == "flag" else codes  # of an option whether it is chosen
        self.coded = [ClusteredMean(cells, of_shares=True) for _code in self.codes]
        values = [numbers(variable.name, layout) for variable in entries]
        self.values = [value.alias(str(place)) for place, value in enumerate(values) if value is not None]
        self.numbers = ClusteredMean(cells) if len(self.values) == len(entries) else None
        self.net_of = entries[0].net
        self.signs = ClusteredMean(cells) if self.net_of is not None else None

    def add(self, rows: pl.DataFrame, cells: np.ndarray, sign: int) -> np.ndarray:
        """Whether each respondent has an answer."""
        physical = np.stack([rows[column.name].to_numpy() for column in self.columns], axis=1)
        known = physical < np.array([column.first_reason for column in self.columns])
        for code, sums in zip(self.codes, self.coded, strict=True):
            there = np.array([column.codes.index(code) if code in column.codes else -1 for column in self.columns])
            sums.add(np.where(known, physical == there, np.nan), cells, sign)
        if self.numbers is not None:
            values = rows.select(self.values).fill_null(float("nan")).to_numpy().reshape(physical.shape)
            self.numbers.add(values, cells, sign)
            if self.signs is not None and self.net_of is not None:
                against, favour = self.net_of
                signs = (values >= favour).astype(float) - (values <= against)
                self.signs.add(np.where(np.isnan(values), np.nan, signs), cells, sign)
        return known.any(axis=1)

    def shares(self, *weights: Any) -> dict[Code, Estimate]:
        return {code: sums.estimate(*weights) for code, sums in zip(self.codes, self.coded, strict=True)}

    def mean(self, *weights: Any) -> Estimate | None:
        return self.numbers.estimate(*weights) if self.numbers is not None else None

    def net(self, *weights: Any) -> Estimate | None:
        return self.signs.estimate(*weights) if self.signs is not None else None


def _coded_name(variable: Variable) -> str:
    return variable.name if variable.is_coded else f"{variable.name}~"


def entry_sums(layout: Layout, places: CellPlaces) -> Iterator[tuple[str, EntrySums]]:
    """Of every item of a loop, by the id of its figures."""
    for name, parts in entry_variables(layout).items():
        yield name, EntrySums(parts, layout, places)


def entry_variables(layout: Layout) -> dict[str, list[list[Variable]]]:
    """Of every item of a loop, by the id of its figures, the variables of each part, one for each entry."""
    found: dict[str, dict[str, list[Variable]]] = {}
    for variable in layout.variables:
        base = layout.labels.loops.get(variable.item)
        if base is None or variable.is_said or variable.kind not in ("choice", "flag", "rank", "number"):
            continue
        part = variable.name[len(variable.item) :].removesuffix(variable.generation)
        found.setdefault(base + variable.generation, {}).setdefault(part, []).append(variable)
    return {name: list(parts.values()) for name, parts in found.items()}
