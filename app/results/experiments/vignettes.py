"""The ratings of vignettes with the levels that were shown, as sums over the rows of a view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from app.results.filters.filter import numbers
from app.results.layout import Coded, Layout
from app.results.statistics.experiments.effects import (
    AttributeEffects,
    ExperimentFinding,
    GroupedEffects,
    GroupEffects,
    RatingEffects,
)
from app.results.statistics.experiments.estimates import Factor, Sample, interaction, rating_effects
from app.results.statistics.experiments.sums import JudgementSums
from app.results.view import Categories
from app.results.weights.cells import CellPlaces
from app.results.weights.weighting import Weighting
from app.survey.codebook import Variable
from app.survey.model import AnalysisPlan, Attribute, PrimaryEstimate, Vignette


class RatingSums:
    """One rating of a vignette, by raking cell and, with `groups`, by group."""

    def __init__(self, vignette: Vignette, rating: str, layout: Layout, places: CellPlaces, groups: Categories | None = None):
        self.name, self.places, self.groups = f"{vignette.id}.{rating}", places, groups
        versions = [each for instrument in layout.instruments for each in instrument.vignettes if each.id == vignette.id]
        shown = range(1, vignette.each_sees + 1)  # an older version's further ones can be on another scale
        values = {place: numbers(f"{vignette.id}_{rating}_{place}", layout) for place in shown}
        self.values = [value.alias(str(place)) for place, value in values.items() if value is not None]
        self.columns = [
            [_LevelColumn(vignette, attribute, place, layout) for attribute in vignette.attributes]
            for place, value in values.items() if value is not None
        ]  # fmt: skip
        self.factors = tuple(self._factor(at, each) for at, each in enumerate(vignette.attributes))
        self.predicted = any(each.design.excludes for each in versions)
        plan = layout.instruments[0].analysis
        self.lead = _lead(plan, vignette, rating), rating == _main_rating(plan, vignette)
        sizes, middle = [len(factor.levels) for factor in self.factors], middle_of(layout.by_key[f"{vignette.id}_{rating}_1"])
        self.all = JudgementSums(sizes, middle)
        self.first = JudgementSums(sizes, middle) if len(self.columns) > 1 else None
        self.order = JudgementSums([len(self.columns)], middle) if len(self.columns) > 1 else None

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
        strata = self._groups_of(rows) * self.places.size + self.places.of(rows)
        self.all.add(levels, values, sign, strata)
        if self.first is not None:
            self.first.add(levels[:, :1], values[:, :1], sign, strata)
        if self.order is not None:
            turns = np.broadcast_to(np.arange(values.shape[1], dtype=np.int16)[None, :, None], (*values.shape, 1))
            self.order.add(turns, values, sign, strata)

    def _groups_of(self, rows: pl.DataFrame) -> np.ndarray:
        """The number of each row's group; that of no group comes last."""
        return np.zeros(rows.height, dtype=np.int64) if self.groups is None else self.groups.places_of(rows)

    def bytes(self) -> int:
        return sum(sums.bytes() for sums in (self.all, self.first, self.order) if sums is not None)

    def finding(self) -> ExperimentFinding | None:
        """None without judgements."""
        return self._finding(None)

    def weighted(self, weights: Weighting) -> ExperimentFinding | None:
        return self._finding(weights.by_place)

    def _finding(self, by_place: np.ndarray | None) -> ExperimentFinding | None:
        found = self._effects(self.all, None, by_place)
        if found is None:
            return None
        split = self._split(self.groups, by_place) if self.groups else None
        first = self._effects(self.first, None, by_place)
        return ExperimentFinding(self.name, found, first, split, *self.lead, self._order(by_place))

    def _order(self, by_place: np.ndarray | None) -> AttributeEffects | None:
        """Of each turn at which a vignette was shown, against the first."""
        if self.order is None:
            return None
        many = len(self.columns)
        turns = Factor("order", "Order", tuple((turn, str(turn)) for turn in range(1, many + 1)), many)
        found = rating_effects(replace(self._sample(self.order, None, by_place), factors=(turns,), predicted=False))
        return found.attributes[0] if found is not None else None

    def _split(self, groups: Categories, by_place: np.ndarray | None) -> GroupedEffects:
        numbers = range(len(groups.all))
        every = [self._sample(self.all, number, by_place) for number in numbers]
        first = [self._sample(self.first, number, by_place) for number in numbers] if self.first is not None else None
        found = []
        for number, group in enumerate(groups.all):
            effects = rating_effects(every[number])
            if effects is not None:
                found.append(GroupEffects(group.code, group.label, effects, rating_effects(first[number]) if first else None))
        labels = [group.label for group in groups.all]
        return GroupedEffects(
            groups.name, groups.label, tuple(found), interaction(list(zip(labels, every, strict=True))),
            interaction(list(zip(labels, first, strict=True))) if first else None,
        )  # fmt: skip

    def _effects(self, sums: JudgementSums | None, group: int | None, by_place: np.ndarray | None) -> RatingEffects | None:
        return rating_effects(self._sample(sums, group, by_place)) if sums is not None else None

    def _sample(self, sums: JudgementSums, group: int | None, by_place: np.ndarray | None) -> Sample:
        """Of one group, or of everyone."""
        own = np.ones(self.places.size) if by_place is None else by_place
        chosen = np.ones(1 + (len(self.groups.all) if self.groups else 0))
        if group is not None:
            chosen[:] = np.arange(len(chosen)) == group
        return Sample(self.factors, sums, np.kron(chosen, own), by_place is not None, self.predicted)


class _LevelColumn:
    """The column of an attribute's levels in the vignettes of one place."""

    def __init__(self, vignette: Vignette, attribute: Attribute, place: int, layout: Layout):
        variable = layout.by_key[f"{vignette.id}_{attribute.id}_{place}"]
        self.column: Coded = layout.coded[layout.slot[variable.name]]
        self.labels = dict(variable.codes)
        self.places = np.zeros(0, dtype=np.int64)

    def number(self, codes: Sequence[object]) -> None:
        """The levels in the order in which they are numbered; what is missing has a number beyond the last."""
        self.places = np.full(1 << 8 * self.column.bytes, len(codes), dtype=np.int16)
        self.places[: len(self.column.codes)] = [codes.index(code) for code in self.column.codes]

    def levels(self, rows: pl.DataFrame) -> np.ndarray:
        return self.places[rows[self.column.name].to_numpy()]


def _lead(plan: AnalysisPlan | None, vignette: Vignette, rating: str) -> str:
    """The attribute of the first primary estimate of a rating, else the first as written."""
    planned = (each.contrast.by for each in _planned(plan, vignette) if each.contrast and each.rating == (vignette.id, rating))
    return next(planned, vignette.attributes[0].id)


def _main_rating(plan: AnalysisPlan | None, vignette: Vignette) -> str:
    return next((each.rating[1] for each in _planned(plan, vignette) if each.rating), vignette.ratings[0])


def _planned(plan: AnalysisPlan | None, vignette: Vignette) -> list[PrimaryEstimate]:
    return [each for each in plan.primary if each.rating and each.rating[0] == vignette.id] if plan else []


def middle_of(variable: Variable) -> int:
    """A whole number near the middle of a scale, or of the range of a number; 0 where there is none."""
    codes = [code for code, _ in variable.codes if isinstance(code, int)]
    least, most = (min(codes), max(codes)) if codes else (variable.least, variable.most)
    return 0 if least is None or most is None else round((least + most) / 2)


def rated_vignettes(
    layout: Layout, places: CellPlaces, groups: Categories | None = None
) -> Iterator[tuple[str, RatingSums]]:
    """Of every rating that is a number, or a point of a scale of whole numbers, by the id of its figures."""
    for vignette in layout.instruments[0].vignettes:
        for rating in vignette.ratings:
            if numbers(f"{vignette.id}_{rating}_1", layout) is not None:
                yield f"{vignette.id}.{rating}", RatingSums(vignette, rating, layout, places, groups)
