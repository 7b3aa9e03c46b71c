"""Sentences about options: of one choice, of several, of what is ranked first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.results.charts.captions import Message, _, count
from app.results.charts.chart import Chart
from app.results.charts.sentences.claims import FEW, Compared, is_ahead, is_majority, leading, of_point
from app.results.charts.sentences.wording import amount, bold, joined, named, quoted


def about_choice(chart: Chart, language: str) -> Message | None:
    series = chart.first
    ranked = by_size(of_point(point, series.n) for point in series.points)
    if not ranked or not ranked[0].value:
        return None
    if ranked[0].n < FEW:
        return few(ranked, language)
    if len(ranked) < len(series.points) or len(ranked) == 1:  # what is hidden might come before it
        return _("%(label)s is the answer of %(share)s.", label=quoted(ranked[0].label), share=bold(ranked[0], language))
    several = chart.several
    lead = leading(ranked, exclusive=not several)
    if len(lead) > 1:
        return undecided(lead, language)
    first = ranked[0]
    if several:
        opening = _("%(label)s is named most often", label=named(first, language, in_bold=True))
    elif is_majority(first):
        opening = _("A majority answered %(label)s", label=named(first, language, in_bold=True))
    else:
        opening = _("%(label)s is the answer given most often", label=named(first, language, in_bold=True))
    return followed(opening, ranked, language, exclusive=not several)


def by_size(options: Iterable[Compared | None]) -> list[Compared]:
    """From most to least, without those that are hidden."""
    known = [option for option in options if option is not None]
    return sorted(known, key=lambda option: -option.value)


def followed(opening: Message, ranked: Sequence[Compared], language: str, exclusive: bool) -> Message:
    """With the second, where that is clearly ahead of the third."""
    second = ranked[1]
    if len(ranked) == 2 and exclusive:
        return _("%(opening)s; %(share)s answered %(label)s.", opening=opening, share=amount(second, language), label=quoted(second.label))
    if second.value and (len(ranked) == 2 or is_ahead(second, ranked[2], exclusive)):
        return _("%(opening)s; %(next)s comes next.", opening=opening, next=named(second, language))
    return _("%(opening)s.", opening=opening)


def undecided(lead: Sequence[Compared], language: str) -> Message:
    """Several come first, and which of them does is not clear."""
    if len(lead) > 3:
        return _("No answer is clearly given most often; the first is %(label)s.", label=named(lead[0], language, in_bold=True))
    labels = joined([named(each, language, in_bold=place < 2) for place, each in enumerate(lead)])
    if len(lead) == 2:
        return _("No clear difference between the first two: %(labels)s.", labels=labels)
    return _("No clear difference between the first three: %(labels)s.", labels=labels)


def few(ranked: Sequence[Compared], language: str) -> Message:
    """Counts of fewer than ten people; the first, and no comparison."""
    first = ranked[0]
    tied = [each for each in ranked if each.counts == first.counts and each.n == first.n]
    if first.counts is None or len(tied) > 1:
        return _("Only %(n)s answered: too few to compare.", n=count(first.n, language))
    n, everyone = count(first.counts[0], language), count(first.n, language)
    return _("<b>%(n)s of %(all)s</b> answered %(label)s.", n=n, all=everyone, label=quoted(first.label))
