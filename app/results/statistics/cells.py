"""Counts with their weights: every estimate is calculated from these."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple


class Count(NamedTuple):
    """`n` responses, the sum of their weights, and the sum of the squares of their weights.

    Formulas choose their method by `design`, so that what is weighted is never calculated as if it were not.
    """

    n: int
    w: float
    ww: float
    design: int  # the number of all responses that have a weight; 0 where responses are counted, not weighted

    @property
    def effective(self) -> float:
        """The effective n of L. Kish (1965), "Survey Sampling", section 11.7: as many responses of equal weight would
        be as precise. Without weights it is n."""
        return self.w**2 / self.ww if self.design and self.ww else float(self.n)

    def without(self, part: Count) -> Count:
        """Of these responses those that are not in a part of them."""
        return Count(self.n - part.n, max(self.w - part.w, 0.0), max(self.ww - part.ww, 0.0), self.design)


@lru_cache(maxsize=8192)
def unweighted(n: int) -> Count:
    """Responses that all have the weight 1."""
    return Count(n, n, n, 0)


def total(counts: Iterable[Count]) -> Count:
    """Of responses of which none is in two of the counts."""
    n, w, ww, design = 0, 0.0, 0.0, 0
    for count in counts:
        n, w, ww, design = n + count.n, w + count.w, ww + count.ww, max(design, count.design)
    return Count(n, w, ww, design)
