"""Statistics that need rows, not only counts: the reliability of scores, what experiments show, and what the same respondents
answered to both parts of a pair.

They are calculated from sums that are kept with a view: what is new costs the same however many responses are stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from app.results.charts.open_texts import WordCounts, shows_texts, word_sums
from app.results.experiments.arms import ArmSums, by_arm, compared_arms
from app.results.experiments.planned import planned_ratings
from app.results.experiments.vignettes import RatingSums, rated_vignettes
from app.results.filters.filter import numbers
from app.results.filters.steps import Pause, no_pause
from app.results.frame.frame import COMPLETE_ONLY, Frame
from app.results.frame.kept import RowSums, ViewSums
from app.results.layout import Layout
from app.results.loops.entries import EntryEstimates, EntrySums, entry_sums
from app.results.loops.groups import EntryGroupSums, GroupedEntries, grouped_entries, with_entries
from app.results.marginals import Figures, GroupedFigures, grouped
from app.results.quality import FlagCounts, QualityCheck, QualityFlags
from app.results.statistics.cells import Count, total, unweighted
from app.results.statistics.differences import JointAnswers
from app.results.statistics.experiments.effects import ArmEffects, ExperimentFinding
from app.results.statistics.intervals import load_distributions
from app.results.statistics.reliability import CrossProducts, Reliability, reliability
from app.results.statistics.values import summary_of_sums
from app.results.view import View, categories
from app.results.weights.cells import CellPlaces
from app.results.weights.weighting import Weighting
from app.survey.codebook import Variable

#: Scores whose parts are values; of a count of answers, alpha would describe who answered.
OF_VALUES = ("mean", "sum", "sum_prorated")
QUALITY = "~quality"


BothFindings = tuple[dict[str, Any], dict[str, Any]]
"""Findings, and what is weighted of them with equal weights."""
Finding = Reliability | ExperimentFinding | ArmEffects | JointAnswers | EntryEstimates | WordCounts


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings by the id of the item's figures, or by the two names of a pair with a space between, and the last change of
    the frame that they include."""

    seq: int
    found: Mapping[str, Finding]
    quality: FlagCounts
    """Signs of careless answering in the view; where it leaves out flagged responses, in the view with them."""
    equal: Mapping[str, Finding] = field(default_factory=dict)
    """What is weighted, of the same responses with equal weights."""


def findings(frame: Frame, view: View = COMPLETE_ONLY, pause: Pause = no_pause) -> Findings:
    """The findings of a view as a whole; those of experiments also of its groups."""
    load_distributions()  # charts need it next, and are drawn where respondents' pages are answered
    asked, view = view, replace(view, by="")
    found, equal = _findings(frame, view, pause)
    quality = found.pop(QUALITY)
    n = quality.n
    if view.careful:
        quality = _findings(frame, replace(view, careful=False), pause)[0][QUALITY]
    if not shows_texts(frame, asked, n):
        found = {name: each for name, each in found.items() if not isinstance(each, WordCounts)}
    if asked.by and frame.instruments[0].vignettes:
        for known, by_group in zip((found, equal), _by_group(frame, asked, pause), strict=True):
            known |= {name: each for name, each in by_group.items() if not isinstance(each, GroupedEntries)}
    return Findings(frame.seq, found, quality, equal)


def _findings(frame: Frame, view: View, pause: Pause) -> BothFindings:
    """Weighted are experiments, the entries of loops, and the differences within respondents; all else is counted."""
    with frame.sums(replace(view, weights=""), lambda: dict(_plan(frame)), pause) as kept:
        return _read(frame, kept, bool(view.weights))


def compared_groups(frame: Frame, view: View, pause: Pause = no_pause) -> GroupedFigures:
    """All marginals of a view and of each of its groups, with what the entries of loops say of each group."""
    found = grouped(frame, view, pause)
    if not view.by or not frame.layout.labels.loops:
        return found
    load_distributions()
    by_group = _by_group(frame, view, pause)[0].values()
    return with_entries(found, {each.item: each for each in by_group if isinstance(each, GroupedEntries)})


def _by_group(frame: Frame, view: View, pause: Pause) -> BothFindings:
    """What experiments and the entries of loops show in a view that is split into groups."""
    with frame.sums(replace(view, weights=""), lambda: dict(_grouped_plan(frame, view.by)), pause) as kept:
        return _read(frame, kept, bool(view.weights))


def _grouped_plan(frame: Frame, by: str) -> Iterator[tuple[str, RowSums]]:
    groups, places = categories(frame.layout, by), CellPlaces(frame.cells)
    yield from rated_vignettes(frame.layout, places, groups)
    if groups is not None:
        yield from ((f"~{name}", sums) for name, sums in grouped_entries(frame.layout, places, groups))


def _read(frame: Frame, kept: ViewSums, is_weighted: bool) -> BothFindings:
    weights = frame.weighting(kept.last) if is_weighted else None
    found = {name: each for name, each in kept.sums.items() if isinstance(each, WEIGHABLE)}
    if weights is None or not weights.is_usable:
        return {name: each.finding() for name, each in kept.sums.items()}, {}
    counted = {name: each.finding() for name, each in kept.sums.items() if name not in found}
    weighted, equal = ({name: each.weighted(by) for name, each in found.items()} for by in (weights, weights.equal))
    return counted | weighted, equal


def with_findings(figures: Figures, findings: Findings) -> Figures:
    """The figures with the findings about their items."""
    if (plain := figures.unweighted) is not None:
        plain = with_findings(plain, replace(findings, found={**findings.found, **findings.equal}))
    items = tuple(replace(item, finding=findings.found.get(item.id)) for item in figures.items)
    pairs = {name: each for name, each in findings.found.items() if isinstance(each, JointAnswers)}
    return replace(
        figures, items=items, pairs=pairs, quality=findings.quality, arms=by_arm(findings.found.values()), unweighted=plain
    )


def _plan(frame: Frame) -> Iterator[tuple[str, RowSums]]:
    layout = frame.layout
    yield QUALITY, _Flags(QualityCheck(layout, frame.fast_limit))
    for variable in layout.variables:
        parts = _parts_of(variable, layout)
        if parts is not None:
            yield variable.name, parts
    places = CellPlaces(frame.cells)
    yield from entry_sums(layout, places)
    yield from word_sums(layout, frame.instruments[0].languages)
    yield from rated_vignettes(layout, places)
    yield from planned_ratings(layout, places)
    yield from compared_arms(layout, places)
    for choice in frame.instruments[0].results.headline:
        names = [name for name, _ in choice.pair]
        values = [numbers(name, layout) for name in names]
        if len(values) == 2 and values[0] is not None and values[1] is not None:
            yield " ".join(names), _Pair(values[0], values[1], all(layout.by_key[name].is_coded for name in names), places)


def _parts_of(variable: Variable, layout: Layout) -> _Parts | None:
    score = variable.score
    if score is None or variable.kind != "number" or score.how not in OF_VALUES or variable.generation:
        return None
    counted = dict(score.not_applicable)
    values = [numbers(name, layout, counted.get(name)) for name in score.parts]
    known = [value for value in values if value is not None]
    if len(known) < max(len(values), 2):
        return None
    signs = np.array([-1.0 if name in score.reverse else 1.0 for name in score.parts])
    return _Parts(known, signs, [_part_label(name, layout, name in score.reverse) for name in score.parts])


def _part_label(name: str, layout: Layout, is_reversed: bool) -> str:
    """The statement, where it is one of several; else the question."""
    variable = layout.by_key.get(name)
    label = (variable.statement or variable.option_label or variable.ask) if variable else name
    return f"{label} (reversed)" if is_reversed else label


class _Flags:
    """How many responses have each sign of careless answering."""

    def __init__(self, check: QualityCheck):
        self.check, self.counts = check, np.zeros(len(QualityFlags._fields) + 2, dtype=np.int64)

    def add(self, rows: pl.DataFrame, sign: int) -> None:
        flags = self.check.flags(rows)
        self.counts += sign * np.array([rows.height, *(np.count_nonzero(each) for each in (*flags, flags.any))])

    def finding(self) -> FlagCounts:
        return self.check.counted(*self.counts.tolist())


class _Parts:
    """The parts of a score, of which its reliability is calculated."""

    def __init__(self, parts: list[pl.Expr], signs: np.ndarray, labels: list[str]):
        self.parts = [part.alias(str(place)) for place, part in enumerate(parts)]
        self.signs, self.labels, self.products = signs, labels, CrossProducts(len(parts))

    def add(self, rows: pl.DataFrame, sign: int) -> None:
        self.products.add(_matrix(rows.select(self.parts)), sign)

    def finding(self) -> Reliability:
        return reliability(self.products, self.signs, self.labels)


class _Pair:
    """Two numbers, or points of one scale, of the same respondents, by raking cell."""

    def __init__(self, first: pl.Expr, second: pl.Expr, is_coded: bool, places: CellPlaces):
        self.values, self.is_coded, self.places = [first.alias("0"), second.alias("1")], is_coded, places
        self.sums = np.zeros((3, places.size))  # of the differences: their number, their sum, and that of their squares
        self.counts: Counter[tuple[float, float, int]] = Counter()

    def add(self, rows: pl.DataFrame, sign: int) -> None:
        both = rows.select(*self.values, pl.Series("cell", self.places.of(rows))).drop_nulls()
        apart, cells = (both["0"] - both["1"]).to_numpy().astype(float), both["cell"].to_numpy()
        for sums, each in zip(self.sums, (np.ones(len(apart)), apart, apart**2), strict=True):
            sums += sign * np.bincount(cells, weights=each, minlength=len(sums))
        if self.is_coded:
            for first, second, cell, n in both.group_by("0", "1", "cell").len().iter_rows():
                self.counts[first, second, cell] += sign * n

    def finding(self) -> JointAnswers:
        n, first, second = self.sums.sum(axis=1).tolist()
        counts: Counter[tuple[float, float]] = Counter()
        for (one, other, _), each in self.counts.items():
            counts[one, other] += each
        return JointAnswers(
            summary_of_sums([(1.0, round(n), first, second)]), {pair: unweighted(each) for pair, each in counts.items() if each}
        )

    def weighted(self, weights: Weighting) -> JointAnswers:
        w = weights.by_place.tolist()
        cells = zip(w, *self.sums.tolist(), strict=True)
        apart = summary_of_sums([(each, round(n), *sums) for each, n, *sums in cells if each], weights.design)
        counts: dict[tuple[float, float], list[Count]] = {}
        for (one, other, cell), n in self.counts.items():
            if n and w[cell]:
                counts.setdefault((one, other), []).append(Count(n, n * w[cell], n * w[cell] ** 2, weights.design))
        return JointAnswers(apart, {pair: total(each) for pair, each in counts.items()})


def _matrix(values: pl.DataFrame) -> np.ndarray:
    """With NaN for null."""
    return values.fill_null(float("nan")).to_numpy().reshape(values.height, values.width)


WEIGHABLE = _Pair | EntrySums | EntryGroupSums | RatingSums | ArmSums
