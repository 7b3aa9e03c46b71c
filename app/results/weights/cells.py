"""In which raking cell a response lies: the combination of its answers to the variables that weights are raked to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from app.results.layout import COMPLETE, Coded, Layout
from app.survey.model import Code, Weights

NO_CELL = -1


@dataclass(frozen=True)
class RakedVariable:
    """One variable that weights are raked to. Its categories are those with a target, then those that only older
    versions of the survey offered."""

    name: str
    label: str
    column: Coded
    codes: tuple[Code, ...]
    labels: tuple[str, ...]
    targets: np.ndarray

    @cached_property
    def places(self) -> np.ndarray:
        """The category of each physical code; NO_CELL for a missing value."""
        found = np.full(1 << (8 * self.column.bytes), NO_CELL, dtype=np.int32)
        for physical, code in enumerate(self.column.codes):
            found[physical] = self.codes.index(code)
        return found


@dataclass(frozen=True)
class RakingCells:
    variables: tuple[RakedVariable, ...]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(each.codes) for each in self.variables)

    @cached_property
    def size(self) -> int:
        return int(np.prod(self.shape))

    def of(self, table: pl.DataFrame) -> np.ndarray:
        """The cell of each row; NO_CELL of a response that is not complete, or has no value of one of the variables."""
        found = np.where(table["~disposition"].to_numpy() == COMPLETE, np.int32(0), np.int32(NO_CELL))
        for variable in self.variables:
            category = variable.places[table[variable.column.name].to_numpy()]
            found = np.where((found < 0) | (category < 0), np.int32(NO_CELL), found * len(variable.codes) + category)
        return found

    def counts(self, table: pl.DataFrame) -> np.ndarray:
        """How many rows lie in each cell; the last are the complete responses in none."""
        is_complete = table["~disposition"].to_numpy() == COMPLETE
        cells = self.of(table)[is_complete]
        return np.bincount(np.where(cells < 0, self.size, cells), minlength=self.size + 1)

    def described(self) -> Any:
        """Equal for two that put every response into the same cell."""
        return [(each.column, each.codes) for each in self.variables]


@dataclass(frozen=True)
class CellPlaces:
    """A place for the raking cell of each row: the last is that of rows in none. Without weights there is one, for all."""

    cells: RakingCells | None

    @property
    def size(self) -> int:
        return self.cells.size + 1 if self.cells else 1

    def of(self, rows: pl.DataFrame) -> np.ndarray:
        if self.cells is None:
            return np.zeros(rows.height, dtype=np.intp)
        found = self.cells.of(rows)
        return np.where(found < 0, self.size - 1, found)


def raking_cells(weights: Weights | None, layout: Layout) -> RakingCells | None:
    """None for a survey without weights, and for one whose variables have no column."""
    if weights is None:
        return None
    found = [_variable(layout, name, targets) for name, targets in weights.targets.items()]
    known = [each for each in found if each is not None]
    return RakingCells(tuple(known)) if known and len(known) == len(found) else None


def _variable(layout: Layout, name: str, targets: dict[Code, float] | Any) -> RakedVariable | None:
    variable = layout.by_key.get(name)
    if variable is None or not variable.is_coded:
        return None
    column = layout.coded[layout.slot[variable.name]]
    labels = {code: layout.labels.text(label) for code, label in variable.codes}
    codes = tuple(targets) + tuple(code for code in column.codes if code not in targets)
    shares: Sequence[float] = [targets.get(code, 0.0) for code in codes]
    return RakedVariable(
        name, layout.labels.text(variable.label), column, codes, tuple(labels.get(code, str(code)) for code in codes), np.array(shares)
    )  # fmt: skip
