"""Best and worst: for each option how many chose it as the one, and how many as the other."""

from __future__ import annotations

from collections.abc import Sequence

from app.languages.direction import isolated
from app.results.charts.bars import hint, share_and_count
from app.results.charts.captions import Message, _, count, fixed, interval, percent
from app.results.charts.chart import Chart, Point, Series
from app.results.charts.geometry import ChartRow, Drawing, Line, Mark
from app.results.statistics.intervals import Estimate, net_score
from app.results.statistics.rounding import percent_of

HALF_FITS = 6.0  # percent: a bar on one side of the middle can hold its number from here on


def draw_paired(chart: Chart, language: str, drawing: Drawing) -> Drawing:
    """Best to the right of the middle, worst to the left."""
    best, worst = chart.series
    draw_pairs = _exact_pairs if chart.exact else _public_pairs
    return draw_pairs(best, worst, language, drawing.add(kind="paired"))


def _exact_pairs(best: Series, worst: Series, language: str, drawing: Drawing) -> Drawing:
    """In the order of the difference."""
    pairs = sorted(zip(best.points, worst.points, strict=True), key=lambda pair: -(_score(*pair).value or 0.0))
    widest = _widest([best, worst])
    rows = []
    for liked, disliked in pairs:
        sides = ((disliked, "a2"), (liked, "z2"))
        marks = tuple(_half(point, shade, widest, hint(point, language), True) for point, shade in sides)
        rows.append(ChartRow(liked.label, _signed(_score(liked, disliked).value, language), marks))
    return drawing.add(
        values=_("score"), rows=tuple(rows), legend=(("a2", worst.label), ("z2", best.label)),
        notes=(_("Sorted by score: the share of %(best)s minus the share of %(worst)s, from −1 to 1 (counting"
                 " analysis; A. Finn and J. J. Louviere, 1992).", best=f"“{isolated(best.label)}”", worst=f"“{isolated(worst.label)}”"),),
        head=(_("Option"), best.label, worst.label, _("Difference"), _("Score"), _("95%% interval"), "n"),
        body=tuple(_pair_line(*pair, language) for pair in pairs),
        summary=", ".join(f"{row.label} {row.value}" for row in rows),
    )  # fmt: skip


def _public_pairs(best: Series, worst: Series, language: str, drawing: Drawing) -> Drawing:
    """Each share by itself: where one of the two is hidden the other is still shown."""
    sides = [(each, shade) for each, shade in ((best, "z2"), (worst, "a2")) if each.n]
    widest = _widest([each for each, _shade in sides])
    rows, body = [], []
    for option in sides[0][0].points:
        marks, written = [], []
        for each, shade in sides:
            point = next((point for point in each.points if point.code == option.code), None)
            share = point.share if point else None
            written.append("–" if share is None else percent(share, language))
            if point and point.share:
                words = _("%(label)s: %(share)s", label=each.label, share=written[-1])
                marks.append(_half(point, shade, widest, words, False))
        rows.append(ChartRow(option.label, " / ".join(written), tuple(marks)))
        body.append((option.label, *written))
    return drawing.add(
        rows=tuple(rows), body=tuple(body), legend=tuple((shade, each.label) for each, shade in sides),
        head=(_("Option"), *(each.label for each, _shade in sides)),
        summary=", ".join(f"{row.label} {row.value}" for row in rows),
    )  # fmt: skip


def _widest(series: Sequence[Series]) -> float:
    return max((point.share or 0.0 for each in series for point in each.points), default=0.0) or 1.0


def _half(point: Point, shade: str, widest: float, words: Message, labelled: bool) -> Mark:
    """A bar that begins at the middle."""
    wide = round(50 * (point.share or 0.0) / widest, 2)
    x = 50.0 if shade == "z2" else round(50 - wide, 2)
    label = str(percent_of(point.share or 0)) if labelled and wide >= HALF_FITS else ""
    return Mark(x, wide, -9, 18, shade, label, round(x + wide / 2, 2), words)


def _score(best: Point, worst: Point) -> Estimate:
    return net_score(best.who, worst.who, best.among)


def _signed(value: float | None, language: str) -> str:
    return "–" if value is None else f"{'+' if value > 0 else ''}{fixed(value, language)}".replace("-", "−")


def _pair_line(best: Point, worst: Point, language: str) -> Line:
    score, difference = _score(best, worst), best.count - worst.count
    return (
        best.label, share_and_count(best, language), share_and_count(worst, language),
        f"{difference:+,}".replace("-", "−") if difference else "0", _signed(score.value, language),
        interval(score.low, score.high, language, 2).replace("-", "−"), count(best.base, language),
    )  # fmt: skip
