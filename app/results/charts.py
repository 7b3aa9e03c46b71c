"""The geometry of charts, as plain numbers: the template draws what stands here and computes nothing.

Across, everything is in percent of the width, so that a chart fits a phone and a desk alike and its words
stay their size; down, in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.results.disclosure import PublicCell, PublicItem, PublicPart
from app.results.marginals import Cell, ItemFigures, Marginal, binned

COLUMN_HEIGHT = 120
WORDS_FIT = 8.0  # percent of the width: a segment from here on can hold its number
AWAY = ("not_shown", "not_reached")
FEW_LABELS = 7  # as many codes as a diverging bar can tell apart
#: The seven shades of a diverging bar, from one end to the other; fewer codes leave some out.
SHADES = {
    1: ("mid",),
    2: ("a2", "z2"),
    3: ("a2", "mid", "z2"),
    4: ("a3", "a1", "z1", "z3"),
    5: ("a3", "a1", "mid", "z1", "z3"),
    6: ("a3", "a2", "a1", "z1", "z2", "z3"),
    7: ("a3", "a2", "a1", "mid", "z1", "z2", "z3"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle. `x` and `width` in percent, `y` and `height` in pixels."""

    x: float
    width: float
    y: float
    height: float
    shade: str
    label: str  # drawn in or above it; may be empty
    middle: float  # where the label stands, in percent
    hint: str  # what a pointer is told


@dataclass(frozen=True, slots=True)
class Row:
    """A bar, or a stack of them, with its words. `marks` are empty where the figures are held back."""

    label: str
    value: str
    marks: tuple[Mark, ...]
    whisker: tuple[float, float] | None = None  # the interval's ends, in percent
    held: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """Texts that were written, with whose they are and how many there are in all."""

    label: str
    answered: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    id: str
    ask: str
    kind: str  # bars | diverging | columns | texts | table
    answered: int
    shown: int | None  # None in public
    base: str | None
    several: bool  # more than one option could be chosen
    statements: int = 0  # of a matrix
    rows: tuple[Row, ...] = ()
    columns: tuple[Mark, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()  # words under columns: where, in percent, and what
    middle: float | None = None  # where a diverging bar's middle lies, in percent
    ends: tuple[str, str] | None = None  # what the first and the last code of a rating stand for
    mean_at: float | None = None  # where the mean lies over columns, in percent
    legend: tuple[tuple[str, str], ...] = ()  # shade, label
    measures: tuple[tuple[str, str], ...] = ()
    missing: tuple[tuple[str, int], ...] = ()
    head: tuple[str, ...] = ()
    body: tuple[tuple[str, ...], ...] = ()
    said: tuple[Said, ...] = ()
    summary: str = ""
    public: bool = False
    held: bool = False  # something is held back


def draw(item: ItemFigures | PublicItem) -> Drawing:
    """The drawing of one item's figures."""
    return _draw_public(item) if isinstance(item, PublicItem) else _draw_all(item)


# --- for researchers ----------------------------------------------------------------------------------------


def _draw_all(item: ItemFigures) -> Drawing:
    first = item.parts[0]
    said = tuple(Said(part.label, part.answered, part.texts) for part in item.said)
    common = {
        "id": item.id,
        "ask": item.ask,
        "answered": max(part.answered for part in item.parts),
        "shown": max(part.shown for part in item.parts),
        "base": item.base,
        "several": first.kind == "flags",
        "statements": len(item.parts) if item.type == "matrix" else 0,
        "missing": _missing(item.parts),
        "said": said,
    }
    if first.kind == "text":
        mine = Said("", first.answered, first.texts)
        return Drawing(**{**common, "said": (mine, *said)}, kind="texts")
    if item.type == "matrix" and len(first.cells) <= FEW_LABELS:
        return _diverging(common, item.parts)
    if item.type == "matrix":
        return _table_only(common, item.parts)
    if first.kind == "number":
        return _histogram(common, first)
    if item.type == "rating":
        drawing = _columns(common, first, first.cells, _code_ticks(first.cells))
        return replace(drawing, ends=_ends(first.cells))
    return _bars(common, first)


def _missing(parts: Sequence[Marginal]) -> tuple[tuple[str, int], ...]:
    """Of a matrix, who was not shown it or did not reach it is counted once, what was left out each time."""
    counts = {reason: [part.missing[reason] for part in parts] for reason in parts[0].missing}
    total = {reason: max(each) if reason in AWAY else sum(each) for reason, each in counts.items()}
    return tuple((reason, count) for reason, count in total.items() if count)


def _bars(common: Mapping[str, object], part: Marginal) -> Drawing:
    return Drawing(
        **common, kind="bars",
        rows=tuple(_bar(cell) for cell in part.cells),
        head=("Answer", "n", "%", "95% interval"),
        body=tuple(_cells_row(cell) for cell in part.cells),
        summary=_leading(part.cells),
    )  # type: ignore[arg-type]  # fmt: skip


def _table_only(common: Mapping[str, object], parts: Sequence[Marginal]) -> Drawing:
    """A matrix on a scale of more codes than there are shades: its table says it better than a drawing."""
    head, body = _matrix_table(parts)
    return Drawing(**common, kind="table", head=head, body=body)  # type: ignore[arg-type]


def _bar(cell: Cell) -> Row:
    if cell.share is None or cell.low is None or cell.high is None:
        return Row(cell.label, "–", ())
    mark = Mark(0, _of(cell.share), 4, 14, "one", "", 0, _hint(cell))
    return Row(cell.label, percent(cell.share), (mark,), (_of(cell.low), _of(cell.high)))


def _hint(cell: Cell) -> str:
    if cell.share is None:
        return cell.label
    return f"{cell.label}: {percent(cell.share)} ({cell.count:,} of {cell.base:,}), 95% interval {interval(cell)}"


def _cells_row(cell: Cell) -> tuple[str, ...]:
    if cell.share is None:
        return cell.label, "0", "–", "–"
    return cell.label, f"{cell.count:,}", percent(cell.share, 1), interval(cell)


def _leading(cells: Sequence[Cell]) -> str:
    """The largest cells in words, for those who cannot see the bars."""
    largest = sorted((cell for cell in cells if cell.share), key=lambda cell: -cell.count)[:3]
    return ", ".join(f"{cell.label} {percent(cell.share or 0)}" for cell in largest)


def _diverging(common: Mapping[str, object], parts: Sequence[Marginal]) -> Drawing:
    codes = [(cell.code, cell.label) for cell in parts[0].cells]
    shares = [[cell.share or 0.0 for cell in part.cells] if part.answered else None for part in parts]
    span = _span([each for each in shares if each])
    rows = [
        Row(
            part.label,
            f"{part.answered:,}",
            _stack(mine, part.cells, SHADES[len(codes)], span) if mine else (),
        )
        for part, mine in zip(parts, shares, strict=True)
    ]
    head, body = _matrix_table(parts)
    shades = SHADES[len(codes)]
    return Drawing(
        **common, kind="diverging", rows=tuple(rows), middle=_of(span[0] / sum(span)) if sum(span) else None,
        legend=tuple((shade, label) for shade, (_, label) in zip(shades, codes, strict=True)),
        head=head, body=body, summary=_sides(parts),
    )  # type: ignore[arg-type]  # fmt: skip


def _span(shares: Sequence[Sequence[float]]) -> tuple[float, float]:
    """How far any stack reaches to the left and to the right of the middle of its codes."""
    left = [_left(each) for each in shares]
    right = [sum(each) - mine for each, mine in zip(shares, left, strict=True)]
    return max(left, default=0.0), max(right, default=0.0)


def _left(shares: Sequence[float]) -> float:
    """The share on the left of the middle; half of a middle code's."""
    half = len(shares) // 2
    return sum(shares[:half]) + (shares[half] / 2 if len(shares) % 2 else 0.0)


def _stack(
    shares: Sequence[float], cells: Sequence[Cell | _Shown], shades: Sequence[str], span: tuple[float, float]
) -> tuple[Mark, ...]:
    width = sum(span)
    at = span[0] - _left(shares)
    marks = []
    for share, cell, shade in zip(shares, cells, shades, strict=True):
        x, wide = _of(at / width), _of(share / width)
        label = ("–" if shade == "held" else f"{100 * share:.0f}") if wide >= WORDS_FIT else ""
        if share:
            hint = f"{cell.label}: {'held back' if shade == 'held' else percent(share)}"
            marks.append(Mark(x, wide, 3, 24, shade, label, round(x + wide / 2, 2), hint))
        at += share
    return tuple(marks)


def _sides(parts: Sequence[Marginal | PublicPart]) -> str:
    told = []
    for part in parts:
        if part.cells and all(cell.share is not None for cell in part.cells):
            last = part.cells[-1]
            share = percent(last.share or 0) if isinstance(part, Marginal) else f"{last.share}%"
            told.append(f"{part.label}: {last.label} {share}")
    return "; ".join(told)


def _matrix_table(parts: Sequence[Marginal]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    measured = any(part.mean is not None for part in parts)
    head = ("Statement", *(cell.label for cell in parts[0].cells), "n", *(("Mean",) if measured else ()))
    body = []
    for part in parts:
        cells = [
            f"{percent(cell.share)} ({cell.count:,})" if cell.share is not None else "–"
            for cell in part.cells
        ]
        mean = (_number(part.mean),) if measured else ()
        body.append((part.label, *cells, f"{part.answered:,}", *mean))
    return head, tuple(body)


def _columns(
    common: Mapping[str, object], part: Marginal, cells: Sequence[Cell], ticks: tuple[tuple[float, str], ...]
) -> Drawing:
    return Drawing(
        **common, kind="columns", columns=_upright(cells, 60 if part.kind == "number" else 12), ticks=ticks,
        mean_at=_mean_at(part), measures=_measures(part), head=("Answer", "n", "%", "95% interval"),
        body=tuple(_cells_row(cell) for cell in cells), summary=_leading(cells),
    )  # type: ignore[arg-type]  # fmt: skip


def _upright(cells: Sequence[Cell | _Shown], gaps: int) -> tuple[Mark, ...]:
    """Columns as high as their shares; the gap on each side is a `gaps`th of their width."""
    tallest = max((cell.share or 0.0 for cell in cells), default=0.0)
    width = 100 / max(len(cells), 1)
    return tuple(_column(place, cell, width, tallest, gaps) for place, cell in enumerate(cells))


def _column(place: int, cell: Cell | _Shown, width: float, tallest: float, gaps: int) -> Mark:
    share = cell.share or 0.0
    height = round(COLUMN_HEIGHT * share / tallest, 1) if tallest else 0.0
    hint = _hint(cell) if isinstance(cell, Cell) else ""
    gap = width / gaps
    x = round(place * width + gap, 2)
    label = percent(share) if share and width >= WORDS_FIT else ""
    return Mark(
        x, round(width - 2 * gap, 2), COLUMN_HEIGHT - height + 18, height, "one", label,
        round(place * width + width / 2, 2), hint,
    )  # fmt: skip


def _code_ticks(cells: Sequence[Cell | _Shown]) -> tuple[tuple[float, str], ...]:
    width = 100 / max(len(cells), 1)
    return tuple((round((place + 0.5) * width, 2), str(cell.code)) for place, cell in enumerate(cells))


def _ends(cells: Sequence[Cell]) -> tuple[str, str] | None:
    first, last = (cells[place].label if cells else "" for place in (0, -1))
    worded = cells and (first, last) != (str(cells[0].code), str(cells[-1].code))
    return (first, last) if worded else None


def _mean_at(part: Marginal) -> float | None:
    """Where the mean lies among the columns of a rating whose codes follow one another."""
    codes = [cell.code for cell in part.cells if isinstance(cell.code, int)]
    steps = {after - before for before, after in pairwise(codes)}
    if part.mean is None or len(codes) < len(part.cells) or steps not in ({1}, {-1}):
        return None
    return round(100 * (abs(part.mean - codes[0]) + 0.5) / len(codes), 2)


def _histogram(common: Mapping[str, object], part: Marginal) -> Drawing:
    cells = binned(part)
    return _columns(common, part, cells, _edge_ticks([cell.label for cell in cells]))


def _edge_ticks(labels: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """The classes' first numbers, under their left edges; every other one where they are many or long."""
    width = 100 / max(len(labels), 1)
    starts = [label.removeprefix("up to ").split("–")[0].removesuffix(" and more") for label in labels]
    single = not any("–" in label for label in labels)
    step = 1 + (len(labels) * max(map(len, starts), default=1) > 32)
    shift = width / 2 if single else 0.0
    ticks = [(round(place * width + shift, 2), start) for place, start in enumerate(starts)]
    return tuple(ticks[::step])


def _measures(part: Marginal) -> tuple[tuple[str, str], ...]:
    named = (("mean", part.mean), ("median", part.median), ("sd", part.sd))
    return tuple((word, _number(value)) for word, value in named if value is not None)


# --- for the public -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shown:
    """A cell that may be shown."""

    code: object
    label: str
    share: float | None


def _draw_public(item: PublicItem) -> Drawing:
    first = item.parts[0]
    parts = [part for part in item.parts if part.base]
    common = {
        "id": item.id,
        "ask": item.ask,
        "answered": max(part.base for part in item.parts),
        "shown": None,
        "base": None,
        "several": first.kind == "flags",
        "public": True,
        "held": any(cell.share is None for part in parts for cell in part.cells)
        or len(parts) < len(item.parts),
    }
    if first.kind == "text" or not parts:
        return Drawing(**common, kind="table")
    if item.type == "matrix" and len(first.cells) <= FEW_LABELS:
        return _public_diverging(common, item.parts)
    if item.type in ("rating", "number") and not common["held"]:
        return _public_columns(common, first, item.type == "number")
    return _public_bars(common, parts)


def _public_bars(common: Mapping[str, object], parts: Sequence[PublicPart]) -> Drawing:
    rows = tuple(_public_bar(part, cell) for part in parts for cell in part.cells)
    measures = tuple(
        ("mean", _number(part.mean)) for part in parts if part.mean is not None and not part.label
    )
    return Drawing(
        **common, kind="bars", rows=rows, measures=measures, head=("Answer", "%"),
        body=tuple((row.label, row.value) for row in rows),
        summary=", ".join(f"{row.label} {row.value}" for row in rows if not row.held),
    )  # type: ignore[arg-type]  # fmt: skip


def _public_bar(part: PublicPart, cell: PublicCell) -> Row:
    label = f"{part.label}: {cell.label}" if part.label else cell.label
    if cell.share is None:
        return Row(label, "–", (), held=True)
    return Row(label, f"{cell.share}%", (Mark(0, cell.share, 4, 14, "one", "", 0, ""),))


def _public_columns(common: Mapping[str, object], part: PublicPart, number: bool) -> Drawing:
    """Of a rating or a number of which nothing is held back."""
    cells = [_Shown(cell.code, cell.label, (cell.share or 0) / 100) for cell in part.cells]
    labels = [cell.label for cell in cells]
    plain = _public_bars(common, [part])
    return replace(
        plain, kind="columns", columns=_upright(cells, 60 if number else 12), rows=(),
        ticks=_edge_ticks(labels) if number else _code_ticks(cells), ends=None if number else (labels[0], labels[-1]),
    )  # fmt: skip


def _public_diverging(common: Mapping[str, object], parts: Sequence[PublicPart]) -> Drawing:
    stacks = [_stacked(part) for part in parts]
    span = _span([stack[0] for stack in stacks if stack])
    rows = []
    for part, stack in zip(parts, stacks, strict=True):
        marks = _stack(*stack, span) if stack else ()
        rows.append(Row(part.label, f"{part.base:,}" if part.base else "", marks, held=stack is None))
    labelled = next(part for part in parts if part.cells)
    shades = SHADES[len(labelled.cells)]
    return Drawing(
        **common, kind="diverging", rows=tuple(rows), middle=_of(span[0] / sum(span)) if sum(span) else None,
        legend=tuple((shade, cell.label) for shade, cell in zip(shades, labelled.cells, strict=True)),
        head=("Statement", *(cell.label for cell in labelled.cells), "n, at least"),
        body=tuple(_public_line(part, len(labelled.cells)) for part in parts), summary=_sides(parts),
    )  # type: ignore[arg-type]  # fmt: skip


def _public_line(part: PublicPart, cells: int) -> tuple[str, ...]:
    if not part.cells:
        return part.label, *("–" for _ in range(cells)), "–"
    shares = ("–" if cell.share is None else f"{cell.share}%" for cell in part.cells)
    return part.label, *shares, f"{part.base:,}"


def _stacked(part: PublicPart) -> tuple[list[float], list[_Shown], tuple[str, ...]] | None:
    """Shares, cells and shades of a stack. Cells held back stand together as one, whose share is what the
    others leave; None where they lie apart or across the middle, so that a stack cannot show them."""
    held = [place for place, cell in enumerate(part.cells) if cell.share is None]
    cells = [_Shown(cell.code, cell.label, None) for cell in part.cells]
    shares = [(cell.share or 0) / 100 for cell in part.cells]
    shades = list(SHADES[len(shares)]) if shares else []
    if not held:
        return (shares, cells, tuple(shades)) if shares else None
    half = len(shares) / 2
    one_side = held[-1] + 1 <= half or held[0] >= half
    if held[-1] - held[0] + 1 != len(held) or not one_side:
        return None
    shares[held[0]] = max(0.0, 1.0 - sum(shares))
    cells[held[0]] = _Shown("", " + ".join(part.cells[place].label for place in held), None)
    shades[held[0]] = "held"
    return shares, cells, tuple(shades)


# --- numbers in words ---------------------------------------------------------------------------------------


def _of(share: float) -> float:
    return round(100 * share, 2)


def percent(share: float, places: int = 0) -> str:
    return f"{100 * share:.{places}f}%"


def interval(cell: Cell) -> str:
    return f"{100 * (cell.low or 0):.1f}–{100 * (cell.high or 0):.1f}"


def _number(value: float | None) -> str:
    return (
        "–"
        if value is None
        else f"{value:,.2f}".rstrip("0").rstrip(".")
        if abs(value) < 100
        else f"{value:,.0f}"
    )
