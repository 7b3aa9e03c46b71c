"""The weight of each response as a column, and what a codebook says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from app.exports.table import WEIGHT, Column
from app.results.weights.weighting import Weighting
from app.results.weights.wording import about_weights, why_unweighted
from app.survey.codebook import Variable
from app.survey.columns import names_of
from app.survey.model import Weights


def weight_of(rows: pl.DataFrame, weighting: Weighting | None) -> pl.Series:
    """Of each row; null where it has none, and where there are no weights."""
    if weighting is None or not weighting.is_usable:
        return pl.Series(WEIGHT, [None] * rows.height, dtype=pl.Float64)
    cells = weighting.cells.of(rows)
    weights = np.where(cells >= 0, weighting.by_cell[cells], 0.0)
    return pl.Series(WEIGHT, np.where(weights > 0, weights, np.nan)).fill_nan(None)


def with_weights(slices: Iterable[pl.DataFrame], weighting: Weighting | None) -> Iterator[pl.DataFrame]:
    """The rows of a survey with weights, as the table of responses needs them."""
    for rows in slices:
        yield rows.with_columns(weight_of(rows, weighting))


class DescribedWeights(NamedTuple):
    """What a codebook says of the column of weights."""

    targets: Weights
    facts: tuple[str, ...] = ()  # how raking went, and on which day; none without data

    def row(self, variables: Iterable[Variable], column: Column) -> tuple[str, ...]:
        names = {each.key: name for each, name in _named(variables)}
        targets = [
            f"{names.get(variable, variable)}: {', '.join(f'{code} = {100 * share:.6g} %' for code, share in shares.items())}"
            for variable, shares in self.targets.targets.items()
        ]
        trim = [f"trimmed to {self.targets.trim[0]:g} to {self.targets.trim[1]:g}"] if self.targets.trim else []
        values = "; ".join(["mean 1 over all complete responses that have one", "raked to", *targets, *trim, *self.facts])
        asked = f"complete, and answered {', '.join(names.get(name, name) for name in self.targets.targets)}"
        return column.name, "", "", column.label, "number", values, asked, "empty"


def _named(variables: Iterable[Variable]) -> list[tuple[Variable, str]]:
    found = list(variables)
    names = names_of(found)
    return [(each, names[each.name]) for each in reversed(found)]


def described_weights(targets: Weights | None, weighting: Weighting | None = None, day: str = "") -> DescribedWeights | None:
    """None for a survey without weights. `weighting` are the weights of the data, as of a day."""
    if targets is None:
        return None
    if not day:
        return DescribedWeights(targets)
    facts = about_weights(weighting) if weighting is not None and weighting.is_usable else ("no weights", why_unweighted(weighting))
    return DescribedWeights(targets, (f"as of {day}", *(fact.rstrip(".") for fact in facts)))

