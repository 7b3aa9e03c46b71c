"""Means of values of which one respondent may give several, with intervals that are robust to that."""

from __future__ import annotations

import math

import numpy as np

from app.results.statistics.intervals import ENOUGH, Estimate, with_error


class ClusteredMean:
    """A mean of values of which one respondent gives several; weighted, where respondents lie in cells of one weight each.

    It needs five sums over respondents: of their sums s and numbers m of values, of s², sm and m². The mean is
    sum(s)/sum(m). Its variance is that of a ratio, G/(G-1) * sum((s - mean m)²) / sum(m)², G being the respondents who gave
    values: the cluster-robust variance of K.-Y. Liang and S. L. Zeger (1986), "Longitudinal data analysis using
    generalized linear models", Biometrika 73, 13-22, with the correction G/(G-1) and Student's t with G-1 degrees of
    freedom after A. C. Cameron and D. L. Miller (2015), "A practitioner's guide to cluster-robust inference", Journal of
    Human Resources 50, 317-372. With one value a respondent it is the interval of `mean_interval`.

    The weighted mean is sum(w s)/sum(w m), its linearised variance N/(N-1) * sum(w² (s - mean m)²) / sum(w m)², with
    weights as given and N being all weighted respondents (D. A. Binder, 1983, International Statistical Review 51,
    279-292), as R's `survey::svymean` has it of `svydesign(ids = ~respondent)`.
    """

    def __init__(self, cells: int = 1):
        self.sums = np.zeros((cells, 5))
        self.clusters = np.zeros(cells, dtype=np.int64)
        self._shift: float | None = None

    def add(self, values: np.ndarray, cells: np.ndarray, sign: int = 1) -> None:
        """Takes in respondents, (respondents, values each) with NaN for none, and the cell of each; with -1 takes them out."""
        known = ~np.isnan(values)
        if self._shift is None and known.any():
            self._shift = float(np.round(np.nanmean(values)))  # a whole number: sums of whole numbers stay exact
        m = known.sum(axis=1).astype(float)
        s = np.where(known, values - (self._shift or 0.0), 0.0).sum(axis=1)
        for place, each in enumerate((s, m, s * s, s * m, m * m)):
            self.sums[:, place] += sign * np.bincount(cells, weights=each, minlength=len(self.sums))
        self.clusters += sign * np.bincount(cells[m > 0], minlength=len(self.sums))

    def estimate(self, weights: np.ndarray | None = None, design: int = 0) -> Estimate:
        """`weights` are those of the cells, `design` the number of all weighted respondents."""
        w = np.ones(len(self.sums)) if weights is None else weights
        clusters = int(self.clusters[w > 0].sum())
        if not clusters:
            return Estimate(None, None, None, 0, 0)
        s, m = float(w @ self.sums[:, 0]), float(w @ self.sums[:, 1])
        shifted, n = s / m, round(float(self.sums[w > 0, 1].sum()))
        mean = shifted + (self._shift or 0.0)
        effective = None if weights is None else float((w @ self.clusters) ** 2 / (w**2 @ self.clusters))
        if clusters < 2 or (effective is not None and effective < ENOUGH):
            return Estimate(mean, None, None, n, clusters, effective=effective)
        ss, sm, mm = (w**2 @ self.sums[:, 2:]).tolist()
        of = clusters if weights is None else design
        error = math.sqrt(of / (of - 1) * max(ss - 2 * shifted * sm + shifted**2 * mm, 0.0)) / m
        return with_error(mean, error, clusters - 1, n)._replace(clusters=clusters, effective=effective)
