"""Counts with their weights: every estimate is calculated from these."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple


class Count(NamedTuple):
    """`n` responses, the sum of their weights, and the sum of the squares of their weights."""

    n: int
    w: float
    ww: float


@lru_cache(maxsize=8192)
def unweighted(n: int) -> Count:
    """Responses that all have the weight 1."""
    return Count(n, n, n)


def total(counts: Iterable[Count]) -> Count:
    """Of responses of which none is in two of the counts."""
    n, w, ww = 0, 0.0, 0.0
    for count in counts:
        n, w, ww = n + count.n, w + count.w, ww + count.ww
    return Count(n, w, ww)
