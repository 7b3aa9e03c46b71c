"""The rows that a view counts: those in its base that meet its chips and its condition."""

from __future__ import annotations

import operator
from functools import reduce

import numpy as np
import polars as pl

from app.results.filters.filter import Selection
from app.results.filters.steps import Pause, no_pause
from app.results.layout import Layout
from app.results.quality import QualityCheck
from app.results.view import Categories, View, categories
from app.survey.model import Code


class ViewSelection:
    """`limit` is the most minutes that are speeding (`app.results.quality.fast_limit`)."""

    def __init__(self, view: View, layout: Layout, limit: int | None):
        self.limit, self.careless = limit, QualityCheck(layout, limit) if view.careful else None
        self.dispositions = view.dispositions
        tests = [_is_one_of(layout, name, codes) for name, codes in view.only]
        self.chips = reduce(operator.and_, tests) if tests else None
        self.condition = Selection(view.where, layout) if view.where else None
        self.groups: Categories | None = categories(layout, view.by) if view.by else None

    def mask(self, table: pl.DataFrame, alive: np.ndarray | None = None, pause: Pause = no_pause) -> np.ndarray:
        """The rows that are counted, of those that are alive. `pause` is called between steps, and may raise."""
        chosen = np.ones(table.height, dtype=bool) if alive is None else alive
        if self.dispositions:
            chosen = chosen & _dispositions(table, self.dispositions)
        if self.chips is not None:
            chosen = chosen & table.select(self.chips).to_series().to_numpy()
        if self.condition is not None:
            chosen = chosen & self.condition.mask(table, pause)
        return chosen if self.careless is None else chosen & ~self.careless.flags(table).any

    def group_masks(self, table: pl.DataFrame, chosen: np.ndarray) -> list[np.ndarray]:
        """Of the rows chosen, those of each group."""
        if self.groups is None:
            return []
        physical = table[self.groups.column.name].to_numpy()
        return [chosen & (physical == each.physical) for each in self.groups.all]


def _dispositions(table: pl.DataFrame, wanted: tuple[int, ...]) -> np.ndarray:
    """They are consecutive, from the first."""
    return table["~disposition"].to_numpy() <= max(wanted)


def _is_one_of(layout: Layout, name: str, codes: tuple[Code, ...]) -> pl.Expr:
    if name in layout.flags and name not in layout.variable:
        return reduce(operator.or_, (pl.col(layout.flags[name][code]) == 1 for code in codes))
    known = categories(layout, name)
    found = [each.physical for each in known.all if each.code in codes] if known else []
    column = pl.col(known.column.name) if known else pl.lit(False)
    return reduce(operator.or_, (column == physical for physical in found), pl.lit(False))
