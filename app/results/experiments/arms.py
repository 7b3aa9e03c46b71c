"""The arms of a survey: what each does to the answers that may depend on it, as sums over the rows of a view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from app.results.experiments.vignettes import middle_of
from app.results.filters.filter import numbers
from app.results.layout import Layout
from app.results.statistics.experiments.arms import adjusted_together, arm_effects
from app.results.statistics.experiments.effects import ArmEffects
from app.results.statistics.experiments.estimates import Factor
from app.results.statistics.values import summary_of_sums
from app.results.weights.cells import CellPlaces
from app.results.weights.weighting import Weighting
from app.survey.analysis.outcomes import arms, outcomes
from app.survey.model import Drawn, Instrument


class ArmSums:
    """One outcome by arm and raking cell: how many answered, the sum of their answers, and that of the squares, both from a
    whole number near the middle of the scale."""

    def __init__(self, arm: Drawn, outcome: str, value: pl.Expr, layout: Layout, places: CellPlaces):
        self.arm, self.outcome, self.value, self.places = arm.name, outcome, value, places
        variable, column = layout.by_key[outcome], layout.by_key[arm.name]
        self.column = layout.coded[layout.slot[column.name]]
        self.label, self.notes = layout.labels.text(variable.label), tuple(_notes(variable.base, layout))
        codes = [option.code for option in arm.options]
        self.factor = Factor(arm.name, arm.label, tuple((each.code, each.label.plain) for each in arm.options), len(codes))
        self.arms = np.full(1 << 8 * self.column.bytes, -1, dtype=np.int64)
        self.arms[: len(self.column.codes)] = [codes.index(code) if code in codes else -1 for code in self.column.codes]
        self.middle = middle_of(variable)
        self.sums = np.zeros((3, len(codes), places.size))

    def add(self, rows: pl.DataFrame, sign: int) -> None:
        values = rows.select(self.value.alias("value"))["value"].fill_null(float("nan")).to_numpy()
        arm, place = self.arms[rows[self.column.name].to_numpy()], self.places.of(rows)
        there = ~np.isnan(values) & (arm >= 0)
        cells, shifted = (arm * self.places.size + place)[there], values[there] - self.middle
        for sums, each in zip(self.sums, (np.ones(len(shifted)), shifted, shifted**2), strict=True):
            sums += sign * np.bincount(cells, weights=each, minlength=sums.size).reshape(sums.shape)

    def finding(self) -> ArmEffects:
        return self._finding(np.ones(self.places.size), 0)

    def weighted(self, weights: Weighting) -> ArmEffects:
        return self._finding(weights.by_place, weights.design)

    def _finding(self, weights: np.ndarray, design: int) -> ArmEffects:
        samples = []
        for arm in range(len(self.factor.levels)):
            cells = zip(weights.tolist(), *self.sums[:, arm].tolist(), strict=True)
            samples.append(summary_of_sums([(w, round(n), *sums) for w, n, *sums in cells if w], design, self.middle))
        return ArmEffects(self.arm, self.outcome, self.label, arm_effects(self.factor, samples), bool(design), self.notes)


def _notes(condition: str | None, layout: Layout) -> Iterator[str]:
    """Arms are comparable among those who are asked only where being asked does not depend on the arm."""
    if condition:
        words = layout.labels.asked_of(condition)
        of = words.words if words is not None and words.words else f"where {condition}"
        yield f"It is asked only of those {of}: the arms are compared among these."


def compared_arms(layout: Layout, places: CellPlaces) -> Iterator[tuple[str, ArmSums]]:
    """Of every arm all that it may move, by `arm_name`."""
    newest = layout.instruments[0]
    for arm in arms(newest):
        for outcome in outcomes(newest, arm, named_for(newest, arm.name)):
            value = numbers(outcome, layout)
            if value is not None and arm.name in layout.by_key:
                yield f"~arm.{arm.name}.{outcome}", ArmSums(arm, outcome, value, layout, places)


def named_for(instrument: Instrument, arm: str) -> set[str]:
    """What the analysis plan or a headline compares by an arm."""
    planned = instrument.analysis.primary if instrument.analysis is not None else ()
    found = {each.item for each in planned if each.contrast is not None and each.contrast.by == arm}
    return found | {choice.name for choice in instrument.results.headline if choice.by == arm}


def by_arm(findings: Iterable[object]) -> tuple[ArmEffects, ...]:
    """The effects of arms among findings, those on all outcomes of one arm adjusted together. An outcome with answers in
    fewer than two arms is left out: such as what is asked in one arm alone."""
    known = [each for each in findings if isinstance(each, ArmEffects) and sum(level.mean.n > 0 for level in each.effects.levels) > 1]
    found: list[ArmEffects] = []
    for arm in dict.fromkeys(each.arm for each in known):
        own = [each for each in known if each.arm == arm]
        effects = adjusted_together([each.effects for each in own])
        found += [replace(each, effects=adjusted) for each, adjusted in zip(own, effects, strict=True)]
    return tuple(found)
