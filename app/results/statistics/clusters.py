"""Means of values of which one respondent may give several, with intervals that are robust to that."""

from __future__ import annotations

import math

import numpy as np

from app.results.statistics.intervals import Estimate, with_error

AT_ONCE = 1 << 15  # respondents


class LevelMeans:
    """Means by level, of values of which one respondent gives several, at various levels.

    It needs five sums for each level over respondents: of their sums s and numbers m of values, of s², sm and
    m². The mean is sum(s)/sum(m). Its variance is that of a ratio, G/(G-1) * sum((s - mean m)²) / sum(m)², G
    being the respondents who met the level: the cluster-robust variance of K.-Y. Liang and S. L. Zeger
    (1986), "Longitudinal data analysis using generalized linear models", Biometrika 73, 13-22, for a regression
    on the levels without a constant, with the correction G/(G-1) and Student's t with G-1 degrees of freedom
    after A. C. Cameron and D. L. Miller (2015), "A practitioner's guide to cluster-robust inference", Journal of
    Human Resources 50, 317-372. With one value a respondent it is the interval of `mean_interval`. These are
    the marginal means of T. J. Leeper, S. B. Hobolt and J. Tilley (2020), "Measuring subgroup preferences in
    conjoint experiments", Political Analysis 28, 207-221.
    """

    def __init__(self, levels: int):
        self.sums = np.zeros((levels, 5))
        self.clusters = np.zeros(levels, dtype=np.int64)
        self._shift: float | None = None

    def add(self, levels: np.ndarray, values: np.ndarray, sign: int = 1) -> None:
        """Takes in respondents, (respondents, values each): the place of each level, and the value or NaN; with -1 for
        `sign` it takes them out.

        A level beyond the last is none.
        """
        if self._shift is None and not np.isnan(values).all():
            self._shift = float(np.round(np.nanmean(values)))  # a whole number: sums of whole numbers stay exact
        for start in range(0, len(values), AT_ONCE):
            self._add(levels[start : start + AT_ONCE], values[start : start + AT_ONCE], sign)

    def _add(self, levels: np.ndarray, values: np.ndarray, sign: int) -> None:
        known = ~np.isnan(values)
        shifted = np.where(known, values - (self._shift or 0.0), 0.0)
        people, width = len(values), len(self.sums) + 1  # the last place is that of no level
        places = np.where(known, np.minimum(levels, width - 1), width - 1)
        cells = (np.arange(people)[:, None] * width + places).ravel()
        m = np.bincount(cells, minlength=people * width).reshape(people, width)[:, :-1].astype(float)
        s = np.bincount(cells, weights=shifted.ravel(), minlength=people * width).reshape(people, width)[:, :-1]
        self.clusters += sign * (m > 0).sum(axis=0)
        self.sums += sign * np.stack([each.sum(axis=0) for each in (s, m, s * s, s * m, m * m)], axis=1)

    def estimates(self) -> list[Estimate]:
        return [
            self._estimate(*each, int(n)) for each, n in zip(self.sums.tolist(), self.clusters, strict=True)
        ]

    def _estimate(self, s: float, m: float, ss: float, sm: float, mm: float, clusters: int) -> Estimate:
        if not clusters:
            return Estimate(None, None, None, 0, 0)
        shifted, mean = s / m, s / m + (self._shift or 0.0)
        if clusters < 2:
            return Estimate(mean, None, None, int(m), clusters)
        squares = max(ss - 2 * shifted * sm + shifted**2 * mm, 0.0)
        error = math.sqrt(clusters / (clusters - 1) * squares) / m
        return with_error(mean, error, clusters - 1, int(m))._replace(clusters=clusters)
