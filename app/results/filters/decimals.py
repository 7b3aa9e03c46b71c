"""The rules of `app.survey.conditions.exact` for columns."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from app.survey.conditions.exact import EXACT_BELOW, GRIDS, LEFT_BY_BINARY

(BILLIONTHS_BELOW, BILLIONTHS), (MILLIONTHS_BELOW, MILLIONTHS) = GRIDS


def finite(numbers: pl.Series) -> pl.Series:
    """Null where it is too large to be a number."""
    return numbers.to_frame("x").select(_FINITE).to_series()


def nearest(numbers: pl.Series) -> pl.Series:
    return _with_nearest(numbers).select(_NEAREST).to_series()


def settled(numbers: pl.Series) -> pl.Series:
    """Null where it is too large to be a number."""
    return _with_nearest(numbers).select(_SETTLED).to_series()


def sum_of(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """A sum beside the size of its larger part, for `settled_sum`."""
    return pl.struct((a + b).alias("x"), pl.max_horizontal(a.abs(), b.abs()).alias("larger"))


def settled_sum(sums: pl.Series) -> pl.Series:
    """`settled`, of sums that `sum_of` made."""
    return sums.struct.unnest().with_columns(_GRID).with_columns(_NEAR).select(_SETTLED_SUM).to_series()


def rounded(numbers: pl.Series, digits: int) -> pl.Series:
    grids, halved, found = _rounding(digits)
    return numbers.to_frame("x").with_columns(grids).with_columns(halved).select(found).to_series()


def _with_nearest(numbers: pl.Series) -> pl.DataFrame:
    """`near` is the nearest decimal without its sign; null where numbers are left as they are."""
    return numbers.to_frame("x").with_columns(_GRID).with_columns(_NEAR)


def _grid(over: float = 1.0) -> pl.Expr:
    fine, coarse = pl.lit(BILLIONTHS / over), pl.lit(MILLIONTHS / over)
    # On every row, even where all are alike: Polars divides by one number through its reciprocal, which is inexact.
    return pl.when(SIZE < BILLIONTHS_BELOW).then(fine).when(SIZE < MILLIONTHS_BELOW).then(coarse) + (X - X)


def _whole(size: pl.Expr) -> pl.Expr:
    return size.round(mode="half_away_from_zero")


def _signed(size: pl.Expr) -> pl.Expr:
    return pl.when((X < 0) & (size > 0)).then(-size).otherwise(size)


@lru_cache
def _rounding(digits: int) -> tuple[list[pl.Expr], list[pl.Expr], pl.Expr]:
    power, found = 10.0**digits, pl.col("found")
    grids = [_GRID, _grid(over=power).alias("unit"), (X - X + power).alias("power")]
    halves = ((_whole(SIZE * pl.col("grid")) + pl.col("unit") / 2) / pl.col("unit")).floor()
    whole = pl.when(pl.col("grid") > power).then(halves).otherwise(_whole(SIZE * power))
    signed = pl.when(SIZE * power >= EXACT_BELOW).then(X).otherwise(_signed(found)).alias("x")
    return grids, [(whole / pl.col("power")).alias("found")], signed


X, SIZE = pl.col("x"), pl.col("x").abs()
_FINITE = pl.when(X.is_finite()).then(X)
_GRID = _grid().alias("grid")
_NEAR = (_whole(SIZE * pl.col("grid")) / pl.col("grid")).alias("near")
_NEAREST = pl.when(pl.col("near").is_null()).then(X).otherwise(_signed(pl.col("near"))).alias("x")


def _settled(size: pl.Expr) -> pl.Expr:
    is_near = (SIZE - pl.col("near")).abs() <= size * LEFT_BY_BINARY
    return pl.when(is_near).then(_signed(pl.col("near"))).when(X.is_finite()).then(X).alias("x")


_SETTLED = _settled(SIZE)
_SETTLED_SUM = _settled(pl.max_horizontal(SIZE, pl.col("larger")))
