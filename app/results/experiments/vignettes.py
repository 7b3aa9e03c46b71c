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
    Interaction,
    RatingEffects,
)
from app.results.statistics.experiments.estimates import Factor, Sample, interaction, rating_effects
from app.results.statistics.experiments.sums import JudgementSums
from app.results.view import Categories
from app.survey.model import Attribute, Vignette


class RatingSums:
    """One rating of a vignette, of all respondents and, where `groups` are given, of each group."""

    def __init__(self, vignette: Vignette, rating: str, layout: Layout, groups: Categories | None = None):
        self.name, self.groups = f"{vignette.id}.{rating}", groups
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
        middle = _middle(f"{vignette.id}_{rating}_1", layout)
        self.sums = [
            _AllAndFirst(self.factors, middle, len(self.columns) > 1) for _ in (groups.all if groups is not None else (None,))
        ]

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
        if self.groups is None:
            self.sums[0].add(levels, values, sign)
            return
        physical = rows[self.groups.column.name].to_numpy()
        for group, sums in zip(self.groups.all, self.sums, strict=True):
            inside = physical == group.physical
            if inside.any():
                sums.add(levels[inside], values[inside], sign)

    def finding(self) -> ExperimentFinding | GroupedEffects | None:
        """Of the whole view what was found, None without judgements; of groups how they differ."""
        if self.groups is not None:
            return self._grouped(self.groups)
        found = rating_effects(self._sample(self.sums[0].all))
        return found and ExperimentFinding(self.name, found, self._first(self.sums[0]))

    def _grouped(self, groups: Categories) -> GroupedEffects:
        found = []
        for group, sums in zip(groups.all, self.sums, strict=True):
            effects = rating_effects(self._sample(sums.all))
            if effects is not None:
                found.append(GroupEffects(group.code, group.label, effects, self._first(sums)))
        return GroupedEffects(
            groups.name, groups.label, tuple(found), self._interaction([each.all for each in self.sums]),
            self._interaction([each.first for each in self.sums if each.first is not None]),
        )  # fmt: skip

    def _first(self, sums: _AllAndFirst) -> RatingEffects | None:
        return rating_effects(self._sample(sums.first)) if sums.first is not None else None

    def _interaction(self, sums: Sequence[JudgementSums]) -> Interaction | None:
        labels = [group.label for group in self.groups.all] if self.groups else []
        return interaction([(label, self._sample(each)) for label, each in zip(labels, sums, strict=False)]) if sums else None

    def _sample(self, sums: JudgementSums) -> Sample:
        return Sample(self.factors, [(1.0, sums)], self.predicted)


class _AllAndFirst:
    """The sums over all vignettes, and over the first of each respondent; None where there is only one."""

    def __init__(self, factors: Sequence[Factor], middle: int, several: bool):
        sizes = [len(factor.levels) for factor in factors]
        self.all, self.first = JudgementSums(sizes, middle), JudgementSums(sizes, middle) if several else None

    def add(self, levels: np.ndarray, values: np.ndarray, sign: int) -> None:
        self.all.add(levels, values, sign)
        if self.first is not None:
            self.first.add(levels[:, :1], values[:, :1], sign)


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


def _middle(name: str, layout: Layout) -> int:
    """A whole number near the middle of a rating's scale."""
    variable = layout.by_key[name]
    codes = [code for code, _ in variable.codes if isinstance(code, int)]
    least, most = (min(codes), max(codes)) if codes else (variable.least, variable.most)
    return 0 if least is None or most is None else round((least + most) / 2)


def rated_vignettes(layout: Layout, groups: Categories | None = None) -> Iterator[tuple[str, RatingSums]]:
    """Of every rating that is a number, or a point of a scale of whole numbers, by the id of its figures."""
    for vignette in layout.instruments[0].vignettes:
        for rating in vignette.ratings:
            if numbers(f"{vignette.id}_{rating}_1", layout) is not None:
                yield f"{vignette.id}.{rating}", RatingSums(vignette, rating, layout, groups)
