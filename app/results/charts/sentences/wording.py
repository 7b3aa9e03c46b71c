"""Labels of a survey within a sentence: in quotation marks, shortened, and several of them in a row."""

from __future__ import annotations

from collections.abc import Sequence

from app.languages.direction import isolated
from app.results.charts.captions import Message, _, count, english, fixed, mean_places, percent
from app.results.charts.sentences.claims import FEW, Compared
from app.results.statistics.intervals import Estimate

LONGEST = 60  # characters of a label within a sentence


def shortened(label: str, longest: int = LONGEST) -> str:
    """Cut after a word, where it is longer; without the full stop of a sentence."""
    words = " ".join(label.split())
    words = words.removesuffix(".") if not words.endswith("..") else words
    if len(words) <= longest:
        return words
    cut = words[: longest - 1]
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) > longest // 2 else cut).rstrip(" ,;:.–-(") + "…"


def quoted(label: str) -> Message:
    return _("“%(label)s”", label=isolated(shortened(label)))


def joined(parts: Sequence[Message]) -> Message:
    """Two or three parts with "and"."""
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        return _("%(first)s and %(second)s", first=parts[0], second=parts[1])
    return _("%(first)s, %(second)s and %(third)s", first=parts[0], second=parts[1], third=parts[2])


def either(parts: Sequence[Message]) -> Message:
    """One or two parts with "or"."""
    return parts[0] if len(parts) == 1 else _("%(first)s or %(second)s", first=parts[0], second=parts[1])


def amount(share: Compared, language: str) -> Message | str:
    """A share in per cent; of fewer than ten people "3 of 7"."""
    if share.n < FEW and share.counts:
        return _("%(n)s of %(all)s", n=count(share.counts[0], language), all=count(share.n, language))
    return percent(share.value, language)


def bold(share: Compared, language: str) -> Message:
    return _("<b>%(share)s</b>", share=amount(share, language))


def mean_of(mean: Compared, language: str) -> str:
    """A mean with as many decimals as charts show of it."""
    return fixed(mean.value, language, mean_places(estimate_of(mean)))


def estimate_of(mean: Compared) -> Estimate:
    return Estimate(mean.value, mean.low, mean.high, mean.n)


def percentage_points(points: str) -> Message:
    return english("1 percentage point") if points == "1" else english("%(points)s percentage points", points=points)


def named(share: Compared, language: str, in_bold: bool = False) -> Message:
    """“Debt” (31%)."""
    written = bold(share, language) if in_bold else amount(share, language)
    return _("%(label)s (%(share)s)", label=quoted(share.label), share=written)
