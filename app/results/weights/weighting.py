"""The weights of a survey's complete responses as they are now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from app.results.weights.cells import RakingCells
from app.results.weights.raking import Raking, rake
from app.survey.model import Weights

CLOSE_ENOUGH = 1e-4  # an error of a share with which weights can be used although raking has not converged


@dataclass(frozen=True)
class Weighting:
    """`without` counts complete responses that have no weight, because a variable is missing."""

    cells: RakingCells
    raking: Raking
    without: int
    trim: tuple[float, float] | None = None

    @property
    def is_usable(self) -> bool:
        """Whether weighted figures can be shown."""
        is_close = self.raking.largest_error <= CLOSE_ENOUGH or self.trim is not None
        return not self.raking.faults and self.raking.n > 0 and is_close

    @cached_property
    def names(self) -> frozenset[str]:
        """Of the variables that are raked to."""
        return frozenset(each.name for each in self.cells.variables)

    @property
    def design(self) -> int:
        """Complete responses with a weight: the sample that weighted estimates are from."""
        return self.raking.n

    @cached_property
    def by_cell(self) -> np.ndarray:
        """The weight of each cell."""
        return self.raking.weights.ravel()

    @cached_property
    def equal(self) -> Weighting:
        """The same responses, each with the weight 1: to compare with, so that nothing but the weights differs."""
        return replace(self, raking=replace(self.raking, weights=np.ones_like(self.raking.weights)))

    @cached_property
    def by_place(self) -> np.ndarray:
        """The weight of each of `CellPlaces`: none of rows in no cell."""
        return np.append(self.by_cell, 0.0)


def weighting(cells: RakingCells, counts: np.ndarray, weights: Weights) -> Weighting:
    """`counts` are the complete responses in each cell, and at the end those in none."""
    raking = rake(counts[:-1].reshape(cells.shape), [each.targets for each in cells.variables], weights.trim)
    return Weighting(cells, raking, int(counts[-1]), weights.trim)
