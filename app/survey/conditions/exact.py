"""Decimals as people write them, in binary numbers: 0.2 + 0.7 + 0.1 is 1.

All three evaluators follow the same two rules, bit for bit (`form.js` and `app.results.filters.filter` have them too):

1. What an operation gives is the nearest decimal (in billionths; in millionths from four million on), where it
   differs from it by no more than binary arithmetic leaves. A third stays a third. What a sum or a difference leaves
   is relative to the larger of its parts: 120000.55 - 120000.45 is 0.1.
2. What is compared, rounded, stored or shown is the nearest decimal in any case.

From four thousand million on numbers are left as they are. There is no negative zero.
"""

from __future__ import annotations

import math

#: Below which size numbers lie on a grid of one over what stands beside it. Doubles lie at least twice as dense there,
#: so that the nearest decimal of a nearest decimal is itself.
GRIDS = ((4e6, 1e9), (4e9, 1e6))
EXACT_BELOW = 9e15  # whole numbers
LEFT_BY_BINARY = 2.0**-50  # of a number: what a few operations on the nearest doubles may leave


def nearest_decimal(value: float) -> float:
    size = abs(value)
    for below, grid in GRIDS:
        if size < below:
            found = _whole(size * grid) / grid
            return -found if value < 0 and found else found
    return value


def settled(value: float, size: float = 0.0) -> float:
    """The nearest decimal, where a value is it but for what binary arithmetic leaves; else the value.

    `size` is that of the larger part, where the value is a sum or a difference.
    """
    if value.is_integer() or not math.isfinite(value):
        return value + 0.0  # no negative zero
    found = nearest_decimal(value)
    return found if abs(value - found) <= max(abs(value), size) * LEFT_BY_BINARY else value


def added(a: float, b: float) -> float:
    return settled(a + b, max(abs(a), abs(b)))


def rounded(value: float, digits: int) -> float:
    """To the nearest with so many digits (0 to 9); halves, of the nearest decimal, away from zero."""
    size, power = abs(value), 10.0**digits
    if size * power >= EXACT_BELOW:
        return value
    grid = next((grid for below, grid in GRIDS if size < below), 0.0)
    if grid > power:
        unit = grid / power
        found = math.floor((_whole(size * grid) + unit / 2) / unit) / power
    else:
        found = _whole(size * power) / power
    return -found if value < 0 and found else found


def _whole(size: float) -> float:
    below = math.floor(size)
    return float(below + (size - below >= 0.5))
