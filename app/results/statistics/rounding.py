"""How figures are rounded, everywhere: to the nearest, and halves away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache


@lru_cache(maxsize=16384)
def nearest(value: float, places: int = 0) -> Decimal:
    """To so many decimals. A quotient of two counts is rounded as the exact fraction is: its shortest decimal form, which
    `repr` gives, is a tie only where the fraction is one (0.575 for 46 of 80, although the binary number lies below)."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@lru_cache(maxsize=16384)
def percent_of(share: float, places: int = 0) -> Decimal:
    """A share in percent, rounded."""
    return nearest(share, places + 2).scaleb(2)
