"""The ratings of vignettes with the levels that were shown, as sums over the rows of a view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from app.results.filters.filter import numbers
from app.results.layout import Coded, Layout
from app.results.statistics.experiments.effects import (
    ExperimentFinding,
    GroupedEffects,
    GroupEffects,
)
from app.results.statistics.experiments.estimates import Factor, Sample, interaction, rating_effects
from app.results.statistics.experiments.sums import JudgementSums
from app.results.view import Categories
from app.results.weights.cells import RakingCells
from app.survey.model import AnalysisPlan, Attribute, Vignette


class RatingSums:
    """One rating of a vignette. With `groups` also of each of these; with `cells` by raking cell, without the responses that
    lie in none."""

    def __init__(
        self, vignette: Vignette, rating: str, layout: Layout, groups: Categories | None = None, cells: RakingCells | None = None
    ):  # fmt: skip
        self.name, self.groups, self.cells = f"{vignette.id}.{rating}", groups, cells
        versions = [each for instrument in layout.instruments for each in instrument.vignettes if each.id == vignette.id]
        places = range(1, max(each.each_sees for each in versions) + 1)
        values = {place: numbers(f"{vignette.id}_{rating}_{place}", layout) for place in places}
        self.values = [value.alias(str(place)) for place, value in values.items() if value is not None]
        self.columns = [
            [_LevelColumn(vignette, attribute, place, layout) for attribute in vignette.attributes]
            for place, value in values.items() if value is not None
        ]  # fmt: skip
        self.factors = tuple(self._factor(at, each) for at, each in enumerate(vignette.attributes))
        self.predicted = any(each.design.excludes for each in versions)
        self.lead = _lead(layout.instruments[0].analysis, (vignette.id, rating)) or (vignette.attributes[0].id, "")
        sizes, middle = [len(factor.levels) for factor in self.factors], _middle(f"{vignette.id}_{rating}_1", layout)
        self.all = JudgementSums(sizes, middle)
        self.first = JudgementSums(sizes, middle) if len(self.columns) > 1 else None

    def _factor(self, at: int, attribute: Attribute) -> Factor:
        """With the levels of older versions after those that are shown now."""
        found = {option.code: option.label.plain for option in attribute.levels}
        for columns in self.columns:
            found |= {code: label for code, label in columns[at].labels.items() if code not in found}
        for columns in self.columns:
            columns[at].number(list(found))
        return Factor(attribute.id, attribute.id.replace("_", " ").capitalize(), tuple(found.items()), len(attribute.levels))

    def add(self, rows: pl.DataFrame, sign: int) -> None:
        values = rows.select(self.values).fill_null(float("nan")).to_numpy().reshape(rows.height, len(self.values))
        levels = np.stack(
            [np.stack([column.levels(rows) for column in columns], axis=1) for columns in self.columns], axis=1
        )
        strata = self._strata(rows)
        if self.cells is not None:
            inside = strata >= 0
            levels, values, strata = levels[inside], values[inside], strata[inside]
        self.all.add(levels, values, sign, strata)
        if self.first is not None:
            self.first.add(levels[:, :1], values[:, :1], sign, strata)

    def _strata(self, rows: pl.DataFrame) -> np.ndarray:
        """The group of each row, that of no group last, and within it the raking cell; below 0 without one."""
        found = np.zeros(rows.height, dtype=np.int64)
        if self.groups is not None:
            places = np.full(1 << 16, len(self.groups.all), dtype=np.int64)
            places[[group.physical for group in self.groups.all]] = range(len(self.groups.all))
            found = places[rows[self.groups.column.name].to_numpy()]
        if self.cells is None:
            return found
        cells = self.cells.of(rows)
        return np.where(cells < 0, -1, found * self.cells.size + cells)

    def finding(self, by_cell: np.ndarray | None = None) -> ExperimentFinding | None:
        """None without judgements. `by_cell` are the weights of the raking cells."""
        everyone = self._weights(None, by_cell)
        found = rating_effects(self._sample(self.all, everyone))
        if found is None:
            return None
        first = rating_effects(self._sample(self.first, everyone)) if self.first is not None else None
        split = self._split(self.groups, by_cell) if self.groups else None
        return ExperimentFinding(self.name, found, first, split, *self.lead)

    def _split(self, groups: Categories, by_cell: np.ndarray | None) -> GroupedEffects:
        found, weights = [], [self._weights(place, by_cell) for place in range(len(groups.all))]
        for group, own in zip(groups.all, weights, strict=True):
            effects = rating_effects(self._sample(self.all, own))
            first = rating_effects(self._sample(self.first, own)) if self.first is not None else None
            if effects is not None:
                found.append(GroupEffects(group.code, group.label, effects, first))
        labels = [group.label for group in groups.all]
        interactions = [
            interaction([(label, self._sample(sums, own)) for label, own in zip(labels, weights, strict=True)]) if sums else None
            for sums in (self.all, self.first)
        ]
        return GroupedEffects(groups.name, groups.label, tuple(found), *interactions)

    def _weights(self, group: int | None, by_cell: np.ndarray | None) -> np.ndarray | None:
        """Of each stratum; only of one group, or of all."""
        own = np.ones(1) if by_cell is None else by_cell
        if group is None:
            return None if by_cell is None else np.tile(own, 1 + (len(self.groups.all) if self.groups else 0))
        chosen = np.zeros(1 + len(self.groups.all) if self.groups else 1)
        chosen[group] = 1.0
        return np.kron(chosen, own)

    def _sample(self, sums: JudgementSums, weights: np.ndarray | None) -> Sample:
        return Sample(self.factors, sums, weights, self.cells is not None, self.predicted)


class _LevelColumn:
    """The column of an attribute's levels in the vignettes of one place."""

    def __init__(self, vignette: Vignette, attribute: Attribute, place: int, layout: Layout):
        variable = layout.by_key[f"{vignette.id}_{attribute.id}_{place}"]
        self.column: Coded = layout.coded[layout.slot[variable.name]]
        self.labels = dict(variable.codes)
        self.places = np.zeros(0, dtype=np.int64)

    def number(self, codes: Sequence[object]) -> None:
        """The levels in the order in which they are numbered; what is missing has a number beyond the last."""
        self.places = np.full(1 << 8 * self.column.bytes, len(codes), dtype=np.int64)
        self.places[: len(self.column.codes)] = [codes.index(code) for code in self.column.codes]

    def levels(self, rows: pl.DataFrame) -> np.ndarray:
        return self.places[rows[self.column.name].to_numpy()]


def _lead(plan: AnalysisPlan | None, rating: tuple[str, str]) -> tuple[str, str] | None:
    """The attribute of the first primary estimate of a rating, and from which vignettes it is estimated."""
    primary = [each for each in plan.primary if each.rating == rating and each.contrast is not None] if plan else []
    return (primary[0].contrast.by, primary[0].vignettes) if primary and primary[0].contrast else None


def _middle(name: str, layout: Layout) -> int:
    """A whole number near the middle of a rating's scale."""
    variable = layout.by_key[name]
    codes = [code for code, _ in variable.codes if isinstance(code, int)]
    least, most = (min(codes), max(codes)) if codes else (variable.least, variable.most)
    return 0 if least is None or most is None else round((least + most) / 2)


def rated_vignettes(
    layout: Layout, groups: Categories | None = None, cells: RakingCells | None = None
) -> Iterator[tuple[str, RatingSums]]:
    """Of every rating that is a number, or a point of a scale of whole numbers, by the id of its figures."""
    for vignette in layout.instruments[0].vignettes:
        for rating in vignette.ratings:
            if numbers(f"{vignette.id}_{rating}_1", layout) is not None:
                yield f"{vignette.id}.{rating}", RatingSums(vignette, rating, layout, groups, cells)
