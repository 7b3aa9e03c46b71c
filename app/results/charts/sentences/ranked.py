"""Sentences about rankings, and about what is best and worst."""

from __future__ import annotations

from app.results.charts.captions import Message, _
from app.results.charts.chart import Chart, Point, Series
from app.results.charts.sentences.choices import by_size
from app.results.charts.sentences.claims import FEW, Compared, leading, of_point, trailing
from app.results.charts.sentences.wording import amount, bold, joined, named, quoted
from app.results.statistics.cells import unweighted
from app.results.statistics.intervals import net_score, wilson


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
    ranked, n = series.summary.n, series.n
    return Compared(series.label, ranked / n, *wilson(ranked, n), n, (ranked, ranked)) if n else None


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
    found = net_score(unweighted(best.count), unweighted(worst.count), unweighted(best.base))
    if found.value is None or found.low is None or found.high is None:
        return None
    return Compared(best.label, found.value, found.low, found.high, found.n)
