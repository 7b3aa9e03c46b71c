"""Frames of a few responses."""

from __future__ import annotations

import polars as pl

from app.results.frame import segments
from app.results.frame.frame import Frame
from tests.support.answers import EVERY_TYPE

#: `EVERY_TYPE` in a later version that has further options and a further item.
NEWER = (
    EVERY_TYPE.replace("practising: In practice", "leave: On leave\n          practising: In practice")
    .replace("visa: Visa", "visa: Visa\n          family: Family")
    .replace(
        "      more: {type",
        "      age: {type: number, ask: How old are you?, range: [18, 99]}\n      more: {type",
    )
)


def whole(frame: Frame) -> pl.DataFrame:
    return pl.concat(list(frame.slices(10)))


def small_segments(monkeypatch):
    """Segments so small that a few dozen responses go through every kind of merge."""
    monkeypatch.setattr(segments, "SMALLEST", 4)
    monkeypatch.setattr(segments, "MERGED_AT_ONCE", 2)
    monkeypatch.setattr(segments, "LARGEST", 16)
