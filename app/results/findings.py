"""Statistics that need rows, not only counts: the reliability of scores, mean ratings by level of vignettes, and what the
same respondents answered to both parts of a pair.

They cost more the more responses there are, so that they are cached and recalculated by `is_current`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import polars as pl

from app.results.filters.filter import numbers
from app.results.filters.steps import Pause, no_pause
from app.results.frame.frame import COMPLETE_ONLY, Frame
from app.results.layout import Layout
from app.results.marginals import Figures
from app.results.statistics.clusters import LevelMeans
from app.results.statistics.differences import Deviations, JointAnswers
from app.results.statistics.intervals import Estimate, load_distributions
from app.results.statistics.reliability import CrossProducts, Reliability, reliability
from app.results.view import View
from app.survey.codebook import Variable
from app.survey.model import Attribute, Vignette

#: Scores whose parts are values; of a count of answers, alpha would describe who answered.
OF_VALUES = ("mean", "sum", "sum_prorated")
#: Up to this number of responses findings are recalculated after each change; beyond it after 1 % are new.
RECALCULATED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class LevelMean:
    label: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class AttributeMeans:
    """The mean rating at each level of one attribute."""

    label: str
    levels: tuple[LevelMean, ...]


Finding = Reliability | tuple[AttributeMeans, ...] | JointAnswers


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings by the id of the item's figures, or by the two names of a pair with a space between, and the state of the
    frame that they are of."""

    seq: int
    withdrawn: int
    found: Mapping[str, Finding]

    def is_current(self, frame: Frame) -> bool:
        """Of many responses they may be without the latest 1 %; withdrawn responses are removed immediately."""
        if self.seq == frame.seq:
            return True
        few = frame.rows <= RECALCULATED_AT_ONCE or frame.seq - self.seq > frame.rows // 100
        return not few and self.withdrawn == len(frame.withdrawn)


def findings(frame: Frame, view: View = COMPLETE_ONLY, pause: Pause = no_pause) -> Findings:
    """The findings of a view as a whole."""
    load_distributions()  # charts need it next, and are drawn where respondents' pages are answered
    plan = dict(_plan(frame))
    if plan:
        for rows in _chosen(frame, view, pause):
            for each in plan.values():
                each.add(rows)
    return Findings(frame.seq, len(frame.withdrawn), {name: each.finding() for name, each in plan.items()})


def with_findings(figures: Figures, findings: Findings) -> Figures:
    """The figures with the findings about their items."""
    items = tuple(replace(item, finding=findings.found.get(item.id)) for item in figures.items)
    pairs = {name: each for name, each in findings.found.items() if isinstance(each, JointAnswers)}
    return replace(figures, items=items, pairs=pairs) if findings.found else figures


class Sums(Protocol):
    """Sums that take in tables, one after the other."""

    def add(self, rows: pl.DataFrame) -> None: ...

    def finding(self) -> Finding: ...


def _plan(frame: Frame) -> Iterator[tuple[str, Sums]]:
    layout = frame.layout
    for variable in layout.variables:
        parts = _parts_of(variable, layout)
        if parts is not None:
            yield variable.name, parts
    for vignette in frame.instruments[0].vignettes:
        for rating in vignette.ratings:
            if _is_rated(vignette, rating, layout):
                yield f"{vignette.id}.{rating}", _Levels(vignette, rating, layout)


    for choice in frame.instruments[0].results.headline:
        names = [name for name, _ in choice.pair]
        values = [numbers(name, layout) for name in names]
        if len(values) == 2 and values[0] is not None and values[1] is not None:
            yield " ".join(names), _Pair(values[0], values[1], all(layout.by_key[name].is_coded for name in names))


def _parts_of(variable: Variable, layout: Layout) -> _Parts | None:
    score = variable.score
    if score is None or variable.kind != "number" or score.how not in OF_VALUES or variable.generation:
        return None
    values = [numbers(name, layout) for name in score.parts]
    known = [value for value in values if value is not None]
    if len(known) < max(len(values), 2):
        return None
    signs = np.array([-1.0 if name in score.reverse else 1.0 for name in score.parts])
    return _Parts(known, signs, [_part_label(name, layout) for name in score.parts])


def _part_label(name: str, layout: Layout) -> str:
    """The statement, where it is one of several; else the question."""
    variable = layout.by_key.get(name)
    return (variable.statement or variable.option_label or variable.ask) if variable else name


def _chosen(frame: Frame, view: View, pause: Pause) -> Iterator[pl.DataFrame]:
    for table, chosen in frame.chosen(view, pause):
        yield table if chosen.all() else table.filter(chosen)


class _Parts:
    """The parts of a score, of which its reliability is calculated."""

    def __init__(self, parts: list[pl.Expr], signs: np.ndarray, labels: list[str]):
        self.parts = [part.alias(str(place)) for place, part in enumerate(parts)]
        self.signs, self.labels, self.products = signs, labels, CrossProducts(len(parts))

    def add(self, rows: pl.DataFrame) -> None:
        self.products.add(_matrix(rows.select(self.parts)))

    def finding(self) -> Reliability:
        return reliability(self.products, self.signs, self.labels)


class _Pair:
    """Two numbers, or points of one scale, of the same respondents."""

    def __init__(self, first: pl.Expr, second: pl.Expr, is_coded: bool):
        self.values, self.is_coded = [first.alias("0"), second.alias("1")], is_coded
        self.n, self.sum, self.squares = 0, 0.0, 0.0
        self.counts: Counter[tuple[float, float]] = Counter()

    def add(self, rows: pl.DataFrame) -> None:
        both = rows.select(self.values).drop_nulls()
        apart = (both["0"] - both["1"]).to_numpy()
        self.n, self.sum, self.squares = self.n + len(apart), self.sum + apart.sum(), self.squares + apart @ apart
        if self.is_coded:
            self.counts.update({(first, second): n for first, second, n in both.group_by("0", "1").len().iter_rows()})

    def finding(self) -> JointAnswers:
        return JointAnswers(Deviations(self.n, float(self.sum), float(self.squares)), dict(self.counts))


def _matrix(values: pl.DataFrame) -> np.ndarray:
    """With NaN for null."""
    return values.fill_null(float("nan")).to_numpy().reshape(values.height, values.width)


def _is_rated(vignette: Vignette, rating: str, layout: Layout) -> bool:
    return numbers(f"{vignette.id}_{rating}_1", layout) is not None


class _Levels:
    """One rating of a vignette, by the levels of each of its attributes."""

    def __init__(self, vignette: Vignette, rating: str, layout: Layout):
        self.attributes, self.places = vignette.attributes, range(1, vignette.each_sees + 1)
        found = [numbers(f"{vignette.id}_{rating}_{place}", layout) for place in self.places]
        self.ratings = [value.alias(str(place)) for place, value in enumerate(found) if value is not None]
        self.columns = {each.id: self._of(vignette, each, layout) for each in vignette.attributes}
        self.means = {each.id: LevelMeans(len(each.levels)) for each in vignette.attributes}

    def _of(self, vignette: Vignette, attribute: Attribute, layout: Layout) -> list[str]:
        return [layout.by_key[f"{vignette.id}_{attribute.id}_{place}"].name for place in self.places]

    def add(self, rows: pl.DataFrame) -> None:
        values = _matrix(rows.select(self.ratings))
        for attribute, means in self.means.items():
            levels = rows.select(self.columns[attribute]).to_numpy().reshape(values.shape)
            means.add(levels, values)

    def finding(self) -> tuple[AttributeMeans, ...]:
        return tuple(
            AttributeMeans(
                each.id.replace("_", " ").capitalize(),
                tuple(
                    LevelMean(option.label.plain, estimate)
                    for option, estimate in zip(each.levels, self.means[each.id].estimates(), strict=True)
                ),
            )
            for each in self.attributes
        )
