"""Sentences about options: of one choice, of several, of rankings, of what is best and worst."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.results.charts.captions import Message, _, count
from app.results.charts.chart import Chart, Point, Series
from app.results.charts.sentences.claims import (
    FEW,
    Compared,
    counted,
    is_ahead,
    is_majority,
    leading,
    of_point,
    trailing,
)
from app.results.charts.sentences.wording import amount, bold, joined, named, quoted
from app.results.items import NOT_RANKED
from app.results.statistics.cells import total, unweighted
from app.results.statistics.intervals import net_score

MOST_NAMED = 3  # of those that no difference is clear between


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
    if several and len(lead) > MOST_NAMED:
        return _("No answer is clearly named most often; the first is %(label)s.", label=named(lead[0], language, in_bold=True))
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
    if len(lead) > MOST_NAMED:
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


# --- rankings, best and worst -------------------------------------------------------------------------------


def about_ranks(chart: Chart, language: str) -> Message | None:
    """The option that is put first most often, or among the first. Each option has the base of those offered it."""
    top = max((point.code for point in chart.first.points if isinstance(point.code, int)), default=1)
    some = any(point.code == 0 for point in chart.first.points) and top > 1
    shares = by_size(_share_ranked(each) if some else _share_first(each) for each in chart.series)
    if len(shares) < 2 or chart.answered < FEW or min(each.n for each in shares) < FEW:
        return None
    lead = leading(shares)
    if len(lead) > 3:
        return _("No option is clearly ranked above the others.")
    if len(lead) > 1:
        labels = joined([named(each, language, in_bold=place < 2) for place, each in enumerate(lead)])
        if some:
            return _("Among the first %(top)s most often, without a clear order: %(labels)s.", top=top, labels=labels)
        return _("Put first most often, without a clear order: %(labels)s.", labels=labels)
    first = quoted(shares[0].label)
    if some:
        return _("%(label)s is most often among the first %(top)s: for %(share)s of those who ranked.",
                 label=first, top=top, share=bold(shares[0], language))  # fmt: skip
    return _("%(label)s is put first most often: by %(share)s.", label=first, share=bold(shares[0], language))


def _share_ranked(series: Series) -> Compared | None:
    """Of those who were offered the option, how many ranked it."""
    if not series.n:
        return None
    ranks = [point for point in series.points if point.code != NOT_RANKED]
    if ranks and ranks[0].weighted:
        return counted(series.label, total(point.who for point in ranks), ranks[0].among)
    return counted(series.label, unweighted(series.summary.n), unweighted(series.n))


def _share_first(series: Series) -> Compared | None:
    first = next((point for point in series.points if point.code == 1), None)
    return of_point(first._replace(label=series.label), series.n) if first else None


def about_best_and_worst(chart: Chart, language: str) -> Message | None:
    """The options with the highest and the lowest score: the share as best less the share as worst."""
    best, worst = chart.series
    if min(best.n, worst.n) < FEW or not (best.is_whole and worst.is_whole):
        return None
    scores = by_size(_score(*pair) for pair in zip(best.points, worst.points, strict=True))
    if len(scores) < 2:
        return None
    named_best = {point.label: of_point(point, best.n) for point in best.points}
    first, last = scores[0], scores[-1]
    share = named_best[first.label]
    values = {"first": quoted(first.label), "share": amount(share, language) if share else "", "last": quoted(last.label)}
    if len(leading(scores)) > 1 and len(trailing(scores)) > 1:
        return _("No option clearly has the highest or the lowest score.")
    if len(leading(scores)) > 1:
        return _("%(last)s has the lowest score.", **values)
    if len(trailing(scores)) > 1 or len(scores) == 2:
        return _("%(first)s has the highest score; <b>%(share)s</b> chose it as %(best)s.", best=quoted(best.label), **values)
    return _("%(first)s has the highest score (<b>%(share)s</b> chose it as %(best)s) and %(last)s the lowest.",
             best=quoted(best.label), **values)  # fmt: skip


def _score(best: Point, worst: Point) -> Compared | None:
    found = net_score(best.who, worst.who, best.among)
    if found.value is None or found.low is None or found.high is None:
        return None
    return Compared(best.label, found.value, found.low, found.high, found.n)
