"""Text that runs from right to left within a sentence that runs from left to right."""

from __future__ import annotations

import unicodedata

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def isolated(text: str) -> str:
    """Set apart if it has letters that run from right to left, so that the words and numbers after it keep their order
    (Unicode Standard Annex 9)."""
    if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text):
        return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"
    return text
