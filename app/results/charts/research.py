"""The charts of a researcher's dashboard: of every item its figures in full, drawn by `figures.html`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.results.charts.captions import (
    Saying,
    Words,
    _,
    count,
    date,
    fixed,
    interval,
    mean_and_interval,
    number,
    numerals,
    percent,
    short_date,
)
from app.results.charts.drawing import (
    BARS_SHOWN,
    FEW_LABELS,
    RANKS,
    SHADES,
    Drawing,
    Line,
    Mark,
    Panel,
    Row,
    Said,
    edge_ticks,
    middle_line,
    middle_of,
    of,
    place_of,
    round_axis,
    span,
    stack,
    upright,
)
from app.results.charts.drawing import left_share as left_of
from app.results.charts.public import draw_public
from app.results.disclosure.published import PublicItem
from app.results.marginals import NOT_RANKED, Cell, ItemFigures, Marginal, binned, dated
from app.results.statistics.intervals import net_score
from app.results.statistics.reliability import Reliability
from app.results.statistics.values import nth
from app.survey.model import Score

ENGLISH = "en"
FEW_MORE = 3
HALF_FITS = 6.0  # percent: a bar on one side of the middle can hold its number from here on
PROFILE_HEIGHT = 30  # pixels of the highest column of a profile

#: Why there is no answer, as it is said beside the count.
REASONS = {
    "not_shown": _("not shown"),
    "skipped": _("skipped"),
    "declined": _("declined"),
    "dont_know": _("don’t know"),
    "not_applicable": _("not applicable"),
    "not_reached": _("not reached"),
}

Common = Mapping[str, Any]


def draw(item: ItemFigures | PublicItem, language: str = ENGLISH) -> Drawing:
    """The drawing of one item's figures. Public ones write numbers as the language does; dashboards are English."""
    if isinstance(item, PublicItem):
        return draw_public(item, language)
    return _DRAWN.get(item.type, _by_kind)(_common(item), item)


def _common(item: ItemFigures) -> Common:
    first = item.parts[0]
    return {
        "id": item.id,
        "ask": item.ask,
        "answered": item.answered,
        "counted": _counted(item.answered, item.shown),
        "base": item.base,
        "several": first.kind == "flags",
        "statements": len(item.parts) if len(item.parts) > 1 else 0,
        "missing": _missing(item.missing),
        "said": tuple(_said(part, part.label) for part in item.said),
    }


def _counted(answered: int, shown: int) -> Words:
    if answered == shown:
        return _("%(n)s answered", n=count(answered, ENGLISH))
    return _(
        "%(n)s answered of %(all)s who were asked", n=count(answered, ENGLISH), all=count(shown, ENGLISH)
    )


def _missing(counts: Mapping[str, int]) -> tuple[tuple[Words, str], ...]:
    return tuple((REASONS[reason], count(n, ENGLISH)) for reason, n in counts.items() if n)


def _said(part: Marginal, label: str) -> Said:
    return Said(label, count(part.answered, ENGLISH) if part.answered else "", part.texts)


def _by_kind(common: Common, item: ItemFigures) -> Drawing:
    first = item.parts[0]
    if first.kind == "text":
        mine = _said(first, "")
        return Drawing(**{**common, "said": (mine, *common["said"])}, kind="texts")
    if first.kind == "number":
        return _histogram(common, item)
    if first.kind == "date":
        return _dates(common, first)
    return _bars(common, first)


# --- bars ---------------------------------------------------------------------------------------------------

HEAD: tuple[Saying, ...] = (_("Answer"), "n", "%", _("95%% interval"))


def _bars(common: Common, part: Marginal) -> Drawing:
    return Drawing(
        **common, kind="bars",
        rows=tuple(_bar(cell) for cell in part.cells), measures=_measures(part),
        head=HEAD, body=tuple(_cells_row(cell) for cell in part.cells),
        summary=_leading(part.cells),
    )  # fmt: skip


def _dropdown(common: Common, item: ItemFigures) -> Drawing:
    """Of a long list, what was chosen most comes first, and the long tail is folded away."""
    part = item.parts[0]
    if len(part.cells) <= BARS_SHOWN:
        return _bars(common, part)
    ordered = sorted(part.cells, key=lambda cell: -cell.count.n)
    shown = len(ordered) if len(ordered) <= BARS_SHOWN + FEW_MORE else BARS_SHOWN
    whole = _bars(common, replace(part, cells=tuple(ordered)))
    return replace(
        whole, rows=whole.rows[:shown], tail=whole.rows[shown:],
        notes=(_("Sorted by number of choices."),),
    )  # fmt: skip


def _bar(cell: Cell) -> Row:
    found = cell.interval
    if found.value is None or found.low is None or found.high is None:
        return Row(cell.label, "–")
    mark = Mark(0, of(found.value), 4, 14, "one", hint=_hint(cell))
    return Row(cell.label, percent(found.value, ENGLISH), (mark,), (of(found.low), of(found.high)))


def _hint(cell: Cell, label: str = "") -> Words:
    label = label or numerals(cell.label, ENGLISH)
    if cell.share is None:
        return Words("%(label)s", {"label": label})
    return _(
        "%(label)s: %(share)s (%(count)s of %(base)s), 95%% interval %(interval)s",
        label=label, share=percent(cell.share, ENGLISH), count=count(cell.count.n, ENGLISH),
        base=count(cell.base.n, ENGLISH), interval=_interval(cell),
    )  # fmt: skip


def _interval(cell: Cell) -> str:
    """In percent."""
    found = cell.interval
    return interval(100 * (found.low or 0), 100 * (found.high or 0), ENGLISH)


def _cells_row(cell: Cell, label: str = "") -> Line:
    label = label or cell.label
    if cell.share is None:
        return label, "0", "–", "–"
    return label, count(cell.count.n, ENGLISH), percent(cell.share, ENGLISH, 1), _interval(cell)


def _leading(cells: Sequence[Cell], label: Callable[[str], str] = str) -> str:
    """The largest cells in words, for those who cannot see the bars."""
    largest = sorted((cell for cell in cells if cell.share), key=lambda cell: -cell.count.n)[:3]
    return ", ".join(f"{label(cell.label)} {percent(cell.share or 0, ENGLISH)}" for cell in largest)


def _assigned(common: Common, item: ItemFigures) -> Drawing:
    """Arms, and the levels of a vignette: they were drawn, so that nothing is to be inferred from their shares."""
    drawing = _bars(common, item.parts[0])
    counted = _("%(n)s assigned", n=count(item.parts[0].answered, ENGLISH))
    if item.type == "levels":
        counted = _("%(n)s vignettes dealt", n=count(item.parts[0].answered, ENGLISH))
    return replace(
        drawing, rows=tuple(_sized(row, cell) for row, cell in zip(drawing.rows, item.parts[0].cells, strict=True)), counted=counted,
        head=(_("Version"), "n", "%"), body=tuple(line[:3] for line in drawing.body), measures=(),
    )  # fmt: skip


def _sized(row: Row, cell: Cell) -> Row:
    """With the size of the cell in place of its share."""
    return replace(row, whisker=None, value=count(cell.count.n, ENGLISH))


# --- stacks on both sides of a middle -----------------------------------------------------------------------


def _matrix(common: Common, item: ItemFigures) -> Drawing:
    head, body = _matrix_table(item.parts)
    if any(len(part.cells) > FEW_LABELS for part in item.parts):
        # More codes than there are shades: the table says it better than a drawing.
        return Drawing(**common, kind="table", head=head, body=body)
    return Drawing(
        **common,
        kind="stacks",
        panels=panels_of(item.parts),
        head=head,
        body=body,
        summary=_sides(item.parts),
    )


def panels_of(parts: Sequence[Marginal]) -> tuple[Panel, ...]:
    """One panel; with columns on one scale, its rows by statement; with columns on several, a panel for each."""
    columns = list(dict.fromkeys(part.column for part in parts))
    scales = {tuple((cell.code, cell.label) for cell in part.cells) for part in parts}
    if len(columns) < 2:
        return (_panel(columns[0], parts, ""),)
    if len(scales) < 2:
        return (_panel("", parts, "statement"),)
    return tuple(_panel(column, [part for part in parts if part.column == column], "") for column in columns)


def _panel(title: str, parts: Sequence[Marginal], by: str) -> Panel:
    shares = [[cell.share or 0.0 for cell in part.cells] if part.answered else None for part in parts]
    reach = span([each for each in shares if each])
    shades = SHADES[len(parts[0].cells)]
    rows, above = [], ""
    for part, mine in zip(parts, shares, strict=True):
        group = part.label if by == "statement" and part.label != above else ""
        above = part.label
        label = part.column if by == "statement" else part.label
        marks = _stacked(part, mine, shades, reach) if mine else ()
        rows.append(Row(label, count(part.answered, ENGLISH), marks, group=group))
    legend = tuple((shade, cell.label) for shade, cell in zip(shades, parts[0].cells, strict=True))
    return Panel(title, tuple(rows), legend, middle_line(reach))


def _stacked(
    part: Marginal, shares: Sequence[float], shades: Sequence[str], reach: tuple[float, float]
) -> tuple[Mark, ...]:
    labels = [f"{100 * share:.0f}" for share in shares]
    hints = [_hint(cell) for cell in part.cells]
    return stack(shares, labels, hints, shades, reach[0] - left_of(shares), sum(reach))


def _sides(parts: Sequence[Marginal]) -> str:
    told = (
        f"{_full_label(part)}: {part.cells[-1].label} {percent(part.cells[-1].share or 0, ENGLISH)}"
        for part in parts
        if part.answered
    )
    return "; ".join(told)


def _full_label(part: Marginal) -> str:
    return " – ".join(word for word in (part.label, part.column) if word)


def _matrix_table(parts: Sequence[Marginal]) -> tuple[tuple[Saying, ...], tuple[Line, ...]]:
    measured = any(part.summary.mean is not None for part in parts)
    alike = len({tuple(cell.label for cell in part.cells) for part in parts}) == 1
    labels = [cell.label for cell in max(parts, key=lambda part: len(part.cells)).cells]
    answers = labels if alike else [str(place) for place in range(1, len(labels) + 1)]
    means = (_("Mean"), _("95%% interval")) if measured else ()
    body = [_matrix_line(part, len(labels), measured) for part in parts]
    return (_("Statement"), *answers, "n", *means), tuple(body)


def _matrix_line(part: Marginal, width: int, measured: bool) -> Line:
    cells = [
        f"{percent(cell.share, ENGLISH)} ({count(cell.count.n, ENGLISH)})" if cell.share is not None else "–"
        for cell in part.cells
    ]
    blank = ["" for _place in range(width - len(cells))]
    estimate = part.summary.interval
    means = (fixed(estimate.value, ENGLISH), interval(estimate.low, estimate.high, ENGLISH, 2)) if measured else ()
    return (_full_label(part), *cells, *blank, count(part.answered, ENGLISH), *means)


# --- bipolar pairs ------------------------------------------------------------------------------------------


def _profile(common: Common, item: ItemFigures) -> Drawing:
    """For each pair a small histogram between its poles and, on the same axis, the mean with its interval."""
    tallest = max((cell.share or 0.0 for part in item.parts for cell in part.cells), default=0.0)
    rows = tuple(_pair(part, tallest) for part in item.parts)
    codes = [cell.code for cell in item.parts[0].cells]
    head, body = _matrix_table(item.parts)
    told = (f"{row.label} – {row.right}: {row.value}" for row in rows)
    return Drawing(
        **common, kind="profile", values=_("mean"), rows=rows, head=(*(_("Pair"), *map(str, codes)), *head[len(codes) + 1 :]),
        body=body, ticks=tuple((middle_of(place, len(codes)), str(code)) for place, code in enumerate(codes)),
        notes=(_("Columns: share of each point. Dot and line: the mean with its 95%% interval (Student’s t)."),),
        summary="; ".join(told),
    )  # fmt: skip


def _pair(part: Marginal, tallest: float) -> Row:
    poles = (part.cells[0].label, part.cells[-1].label)
    codes = [cell.code for cell in part.cells]
    width = 100 / len(codes)
    marks = []
    for place, cell in enumerate(part.cells):
        height = round(PROFILE_HEIGHT * (cell.share or 0.0) / tallest, 1) if tallest else 0.0
        x = round(place * width + width / 16, 2)
        hint = _hint(cell, label=str(cell.code))
        marks.append(
            Mark(x, round(width * 7 / 8, 2), 2 + PROFILE_HEIGHT - height, height, "ghost", hint=hint)
        )
    estimate = part.summary.interval
    ends = (place_of(estimate.low, codes), place_of(estimate.high, codes))
    whisker = (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None else None
    return Row(
        poles[0],
        fixed(estimate.value, ENGLISH),
        tuple(marks),
        whisker,
        dot=place_of(estimate.value, codes),
        right=poles[1],
    )


# --- columns ------------------------------------------------------------------------------------------------


def _rating(common: Common, item: ItemFigures) -> Drawing:
    part = item.parts[0]
    codes = [cell.code for cell in part.cells]
    ticks = tuple((middle_of(place, len(codes)), str(code)) for place, code in enumerate(codes))
    return replace(
        _columns(common, part, part.cells, 12),
        ticks=ticks,
        ends=ends_of(part.cells),
        mean_at=place_of(part.summary.mean, codes),
    )


def ends_of(cells: Sequence[Any]) -> tuple[str, str] | None:
    """What the ends of a scale stand for, where they are worded."""
    if not cells or [cells[0].label, cells[-1].label] == [str(cells[0].code), str(cells[-1].code)]:
        return None
    return cells[0].label, cells[-1].label


def _columns(common: Common, part: Marginal, cells: Sequence[Cell], gaps: int) -> Drawing:
    shares = [cell.share for cell in cells]
    labels = [percent(share, ENGLISH) if share else "" for share in shares]
    return Drawing(
        **common, kind="columns", columns=upright(shares, labels, [_hint(cell) for cell in cells], gaps),
        measures=_measures(part), head=HEAD, body=tuple(_cells_row(cell) for cell in cells),
        summary=_leading(cells),
    )  # fmt: skip


def _histogram(common: Common, item: ItemFigures) -> Drawing:
    part = item.parts[0]
    cells = binned(part)
    drawing = _columns(common, part, cells, 60)
    measures = drawing.measures
    if item.unit:
        measures = ((_("in %(unit)s", unit=item.unit), ""), *measures)
    return replace(drawing, ticks=edge_ticks([cell.label for cell in cells], ENGLISH), measures=measures)


def _measures(part: Marginal) -> tuple[tuple[Words, str], ...]:
    """Mean with its interval, median, standard deviation: those that there are."""
    summary = part.summary
    if summary.mean is None:
        return ()
    found = [
        (_("mean"), mean_and_interval(summary.interval, ENGLISH)),
        (_("median"), number(summary.median, ENGLISH)),
    ]
    return (*found, (_("sd"), number(summary.sd, ENGLISH))) if summary.sd is not None else tuple(found)


def _dates(common: Common, part: Marginal) -> Drawing:
    cells = dated(part)
    named = [replace(cell, label=date(cell.label, ENGLISH)) for cell in cells]
    drawing = _columns(common, part, named, 60)
    step = max(1, -(-len(cells) // 6))
    ticks = [
        (middle_of(place, len(cells)), short_date(cell.label, ENGLISH)) for place, cell in enumerate(cells)
    ]
    return replace(drawing, ticks=tuple(ticks[::step]), measures=_of_dates(part))


def _of_dates(part: Marginal) -> tuple[tuple[Words, str], ...]:
    """Earliest, median and latest. Of an even number the earlier of the two in the middle is the median."""
    if not part.values:
        return ()
    middle = nth(part.values, (part.answered - 1) // 2)
    named = ((_("earliest"), part.values[0][0]), (_("median"), middle), (_("latest"), part.values[-1][0]))
    return tuple((word, date(iso, ENGLISH)) for word, iso in named)


# --- rankings -----------------------------------------------------------------------------------------------


def _ranking(common: Common, item: ItemFigures) -> Drawing:
    """For each option how many put it where. Not to be among the first is no place, and in no mean."""
    top = max(
        (cell.code for part in item.parts for cell in part.cells if isinstance(cell.code, int)), default=1
    )
    some = any(cell.code == NOT_RANKED for part in item.parts for cell in part.cells)
    parts = sorted(item.parts, key=_by_top if some else _by_mean)
    rows = tuple(_ranked(part, some) for part in parts)
    places = [cell for cell in item.parts[0].cells if cell.code != NOT_RANKED]
    within = _("first %(n)s", n=top) if top > 1 else _("first")
    values = within if some else _("mean rank")
    return Drawing(
        **{**common, "statements": 0}, kind="bars", rows=rows, legend=_rank_legend(places), values=values,
        notes=tuple(_rank_notes(top, some)),
        head=(_("Option"), *(cell.label for cell in places), *((within,) if some else ()), _("Mean rank"),
              _("95%% interval"), _("Ranked by"), "n"),
        body=tuple(_rank_line(part, some) for part in parts), summary=", ".join(f"{row.label} {row.value}" for row in rows[:3]),
    )  # fmt: skip


def _rank_notes(top: int, some: bool) -> Sequence[Words]:
    """The order of the rows, and of whom a mean rank speaks."""
    if not some:
        return [_("Sorted by mean rank.")]
    ordered = _("Sorted by number of first ranks.")
    if top > 1:
        ordered = _("Sorted by number of ranks among the first %(n)s.", n=top)
    return [ordered, _("The mean rank in the table is calculated from those who ranked the option.")]


def _within(part: Marginal) -> float:
    """The share that ranked it."""
    return part.summary.n / part.answered if part.answered else 0.0


def _by_top(part: Marginal) -> tuple[float, float]:
    return -_within(part), _by_mean(part)


def _by_mean(part: Marginal) -> float:
    mean = part.summary.mean
    return mean if mean is not None else 1e9


def _rank_legend(places: Sequence[Cell]) -> tuple[tuple[str, Saying], ...]:
    named: list[tuple[str, Saying]] = [
        (shade, cell.label) for shade, cell in zip(RANKS, places, strict=False)
    ]
    if len(places) > len(RANKS):
        named[-1] = (RANKS[-1], _("%(place)s and lower", place=places[len(RANKS) - 1].label))
    return tuple(named)


def _ranked(part: Marginal, some: bool) -> Row:
    places = [cell for cell in part.cells if cell.code != NOT_RANKED]
    shares = [cell.share or 0.0 for cell in places]
    shades = [RANKS[min(place, len(RANKS) - 1)] for place in range(len(places))]
    marks = stack(
        shares, [f"{100 * share:.0f}" for share in shares], [_hint(cell) for cell in places], shades, 0, 1
    )
    marks = tuple(replace(mark, y=2, height=18) for mark in marks)
    value = percent(_within(part), ENGLISH) if some else fixed(part.summary.mean, ENGLISH)
    return Row(part.label, value if part.answered else "–", marks)


def _rank_line(part: Marginal, some: bool) -> Line:
    places = [
        f"{percent(cell.share or 0.0, ENGLISH)} ({count(cell.count.n, ENGLISH)})"
        for cell in part.cells
        if cell.code != NOT_RANKED
    ]
    within = (percent(_within(part), ENGLISH),) if some else ()
    estimate = part.summary.interval
    return (
        part.label, *places, *within, fixed(estimate.value, ENGLISH), interval(estimate.low, estimate.high, ENGLISH, 2),
        count(estimate.n, ENGLISH), count(part.answered, ENGLISH),
    )  # fmt: skip


# --- sums, and best against worst ---------------------------------------------------------------------------


def _sums(common: Common, item: ItemFigures) -> Drawing:
    """Of each option the mean of what it was given."""
    total = max((part.bounds[1] for part in item.parts if part.bounds), default=0.0) or 1.0
    return Drawing(
        **{**common, "statements": 0}, kind="bars", values=_("mean"), rows=tuple(_sum(part, total) for part in item.parts),
        notes=(_("Means for each option, out of %(total)s; lines are 95%% intervals (Student’s t).",
                 total=f"{number(total, ENGLISH)} {item.unit or ''}".strip()),),
        head=(_("Option"), _("Mean"), _("95%% interval"), _("Median"), _("More than 0"), "n"),
        body=tuple(_sum_line(part) for part in item.parts),
        summary=", ".join(f"{part.label} {number(part.summary.mean, ENGLISH)}" for part in item.parts),
    )  # fmt: skip


def _sum(part: Marginal, total: float) -> Row:
    estimate = part.summary.interval
    if estimate.value is None:
        return Row(part.label, "–")
    hint = _("%(label)s: %(value)s", label=part.label, value=mean_and_interval(estimate, ENGLISH))
    ends = None
    if estimate.low is not None and estimate.high is not None:
        ends = (of(max(estimate.low, 0.0) / total), of(min(estimate.high / total, 1.0)))
    mark = Mark(0, of(estimate.value / total), 4, 14, "one", hint=hint)
    return Row(part.label, fixed(estimate.value, ENGLISH, 1), (mark,), ends)


def _sum_line(part: Marginal) -> Line:
    summary = part.summary
    estimate = summary.interval
    some = sum(each.n for value, each in part.values if value > 0)
    share = percent(some / part.answered, ENGLISH) if part.answered else "–"
    return (
        part.label, fixed(summary.mean, ENGLISH, 1), interval(estimate.low, estimate.high, ENGLISH),
        number(summary.median, ENGLISH), share, count(part.answered, ENGLISH),
    )  # fmt: skip


def _best_worst(common: Common, item: ItemFigures) -> Drawing:
    """Best to the right of the middle, worst to the left; in the order of the difference."""
    best, worst = item.parts
    pairs = sorted(zip(best.cells, worst.cells, strict=True), key=lambda pair: pair[1].count.n - pair[0].count.n)
    widest = max((cell.share or 0.0 for pair in pairs for cell in pair), default=0.0) or 1.0
    rows = tuple(_paired(liked, disliked, widest) for liked, disliked in pairs)
    return Drawing(
        **{**common, "statements": 0}, kind="paired", values=_("score"), rows=rows, legend=(("a2", worst.label), ("z2", best.label)),
        notes=(_("Sorted by score: the share of %(best)s minus the share of %(worst)s, from −1 to 1 (counting"
                 " analysis; A. Finn and J. J. Louviere, 1992).", best=f"“{best.label}”", worst=f"“{worst.label}”"),),
        head=(_("Option"), best.label, worst.label, _("Difference"), _("Score"), _("95%% interval"), "n"),
        body=tuple(_paired_line(*pair) for pair in pairs),
        summary=", ".join(f"{row.label} {row.value}" for row in rows),
    )  # fmt: skip


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{'+' if value > 0 else ''}{fixed(value, ENGLISH)}".replace("-", "−")


def _paired(best: Cell, worst: Cell, widest: float) -> Row:
    marks = []
    for cell, shade, side in ((worst, "a2", -1), (best, "z2", 1)):
        wide = round(50 * (cell.share or 0.0) / widest, 2)
        x = 50.0 if side > 0 else round(50 - wide, 2)
        label = f"{100 * (cell.share or 0):.0f}" if wide >= HALF_FITS else ""
        marks.append(Mark(x, wide, 3, 18, shade, label, round(x + wide / 2, 2), _hint(cell)))
    score = net_score(best.count, worst.count, best.base)
    return Row(best.label, _signed(score.value), tuple(marks))


def _paired_line(best: Cell, worst: Cell) -> Line:
    score = net_score(best.count, worst.count, best.base)
    shares = [
        f"{percent(cell.share, ENGLISH)} ({count(cell.count.n, ENGLISH)})" if cell.share is not None else "–"
        for cell in (best, worst)
    ]
    difference = f"{best.count.n - worst.count.n:+,}".replace("-", "−") if best.count.n != worst.count.n else "0"
    return (
        best.label, *shares, difference, _signed(score.value),
        interval(score.low, score.high, ENGLISH, 2).replace("-", "−"), count(best.base.n, ENGLISH),
    )  # fmt: skip


# --- scores -------------------------------------------------------------------------------------------------

HOW = {
    "mean": _("Mean of %(n)s parts.", n=""),
    "sum": _("Sum of %(n)s parts.", n=""),
    "sum_prorated": _("Sum of %(n)s parts, prorated if some are missing.", n=""),
    "count": _("Count of %(n)s parts.", n=""),
}


def _score(common: Common, item: ItemFigures) -> Drawing:
    part, score = item.parts[0], item.score
    numbers = {"n": count(part.answered, ENGLISH), "all": count(part.shown, ENGLISH)}
    if score is None:
        return _by_kind(common, item)
    counted = _("%(n)s of %(all)s who were asked had enough answers", **numbers)
    reliability = item.finding if isinstance(item.finding, Reliability) else None
    drawing = _histogram(common, item)
    measures = (*drawing.measures, *_alpha(reliability))
    return replace(
        drawing, counted=counted, measures=measures, notes=(*_made(score), *_alpha_note(reliability))
    )


def _bands(common: Common, item: ItemFigures) -> Drawing:
    part = item.parts[0]
    counted = _(
        "In bands; %(n)s of %(all)s who were asked had enough answers",
        n=count(part.answered, ENGLISH), all=count(part.shown, ENGLISH),
    )  # fmt: skip
    return replace(_bars(common, part), counted=counted)


def _made(score: Score) -> list[Words]:
    made = [Words(HOW[score.how].form, {"n": len(score.parts)})]
    if score.at_least > 1:
        made.append(_("At least %(n)s of them need an answer.", n=score.at_least))
    if score.reverse:
        made.append(_("Reversed: %(n)s.", n=len(score.reverse)))
    return made


def _alpha(found: Reliability | None) -> tuple[tuple[Words, str], ...]:
    if found is None:
        return ()
    return ((_("Cronbach’s alpha"), fixed(found.alpha, ENGLISH)),)


def _alpha_note(found: Reliability | None) -> tuple[Words, ...]:
    if found is None:
        return ()
    n = count(found.n, ENGLISH)
    if found.alpha is None:
        return (_("Alpha cannot be estimated from %(n)s complete answers.", n=n),)
    return (_("Alpha is from the %(n)s who answered every part (L. J. Cronbach, 1951).", n=n),)


# --- vignettes ----------------------------------------------------------------------------------------------


def _vignette(common: Common, item: ItemFigures) -> Drawing:
    """The mean rating at each level of each attribute; folded away, the answers to each of the vignettes."""
    answered = sum(part.answered for part in item.parts)
    counted = _("%(n)s vignettes rated", n=count(answered, ENGLISH))
    common = {**common, "answered": answered, "counted": counted, "statements": 0}
    known = item.finding if isinstance(item.finding, tuple) else ()
    by_place = _matrix({**common, "said": (), "missing": (), "base": None}, item)
    by_place = replace(by_place, id=f"{item.id}.each")
    estimates = [level.estimate for attribute in known for level in attribute.levels]
    ends = [end for each in estimates for end in (each.low, each.high, each.value) if end is not None]
    if not ends:
        return replace(by_place, id=item.id, missing=common["missing"])
    axis = round_axis(min(ends), max(ends))
    rows = tuple(
        _level(attribute.label if not place else "", level, axis)
        for attribute in known
        for place, level in enumerate(attribute.levels)
    )
    return Drawing(
        **common, kind="dots", values=_("mean"), rows=rows, further=(by_place,),
        ticks=tuple((_along(each, axis), number(each, ENGLISH)) for each in axis),
        notes=(_("Mean rating at each level with its 95%% interval. The intervals take into account that a"
                 " respondent’s ratings are correlated (cluster-robust after K.-Y. Liang and S. L. Zeger, 1986; Student’s t by respondents)."),),
        head=(_("Level"), _("Mean"), _("95%% interval"), _("Ratings"), _("Respondents")),
        body=tuple(_level_line(attribute.label, level) for attribute in known for level in attribute.levels),
        summary="; ".join(f"{level.label} {fixed(level.estimate.value, ENGLISH)}" for a in known for level in a.levels),
    )  # fmt: skip


def _along(value: float, axis: Sequence[float]) -> float:
    return of((value - axis[0]) / (axis[-1] - axis[0]))


def _level(group: str, level: Any, axis: Sequence[float]) -> Row:
    found = level.estimate
    if found.value is None:
        return Row(level.label, "–", group=group)
    whisker = None
    if found.low is not None and found.high is not None:
        whisker = (_along(found.low, axis), _along(found.high, axis))
    return Row(
        level.label, fixed(found.value, ENGLISH), whisker=whisker, dot=_along(found.value, axis), group=group
    )


def _level_line(attribute: str, level: Any) -> Line:
    found = level.estimate
    return (
        f"{attribute}: {level.label}", fixed(found.value, ENGLISH), interval(found.low, found.high, ENGLISH, 2),
        count(found.n, ENGLISH), count(found.clusters, ENGLISH),
    )  # fmt: skip


_DRAWN: dict[str, Callable[[Common, ItemFigures], Drawing]] = {
    "arm": _assigned,
    "bands": _bands,
    "best_worst": _best_worst,
    "constant_sum": _sums,
    "dropdown": _dropdown,
    "levels": _assigned,
    "matrix": _matrix,
    "ranking": _ranking,
    "rating": _rating,
    "score": _score,
    "semantic_differential": _profile,
    "vignette": _vignette,
}
