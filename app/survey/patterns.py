"""Patterns that a researcher writes for texts: regular expressions, run on whatever respondents type.

They are RE2's, which take time in proportion to the text and so cannot be made to hang; the price is that RE2 has no
look-around and no back-references.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LONGEST = 500  # characters of a pattern
MEMORY = 1 << 20  # bytes that a compiled pattern may take


class PatternFault(ValueError):
    """A pattern that cannot stand: `what` is a sentence, `remedy` another."""

    def __init__(self, what: str, remedy: str):
        super().__init__(what)
        self.what, self.remedy = what, remedy


@dataclass(frozen=True, slots=True)
class Pattern:
    source: str
    compiled: Any

    def matches(self, text: str) -> bool:
        """Whether the whole text is as the pattern says."""
        return self.compiled.fullmatch(text.encode("utf-8", "replace").decode()) is not None


@lru_cache(maxsize=1024)
def compile_pattern(source: str) -> Pattern:
    """Raises PatternFault."""
    if len(source) > LONGEST:
        raise PatternFault(f"the pattern has {len(source)} characters", f"Say it in at most {LONGEST}.")
    import re2  # 50 ms, and most surveys have no pattern

    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY
    try:
        return Pattern(source, re2.compile(source.encode("utf-8", "replace").decode(), options))
    except re2.error as error:
        raise PatternFault(f"the pattern cannot be read: {_reason(error)}", _remedy(source)) from None


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else "it is not a regular expression"
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def _remedy(source: str) -> str:
    if any(sign in source for sign in ("(?=", "(?!", "(?<=", "(?<!")) or any(
        f"\\{n}" in source for n in range(1, 10)
    ):
        return "Look-around and back-references are not available: write it without them."
    return "Write a regular expression such as [A-Z]{2}[0-9]{4}, and put \\ before literal special characters."
