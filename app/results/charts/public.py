"""The charts that everyone may see: of what `disclosure` lets pass, and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.results.charts.captions import Saying, Words, _, count, number, numerals, percent
from app.results.charts.drawing import (
    BARS_SHOWN,
    FEW_LABELS,
    SHADES,
    Drawing,
    Line,
    Mark,
    Panel,
    Row,
    Wide,
    edge_ticks,
    left_share,
    middle_line,
    middle_of,
    place_of,
    span,
    stack,
    upright,
)
from app.results.disclosure.published import PublicCell, PublicItem, PublicPart

Common = Mapping[str, Any]
STACKED = ("matrix", "semantic_differential")


def draw_public(item: PublicItem, language: str) -> Drawing:
    return _Public(language).draw(item)


class _Public:
    """Draws in one language."""

    def __init__(self, language: str):
        self.language = language

    def percent(self, share: int) -> str:
        return percent(share / 100, self.language)

    def draw(self, item: PublicItem) -> Drawing:
        parts = [part for part in item.parts if part.base]
        common = self._common(item, parts)
        if not parts or parts[0].kind == "text":
            return Drawing(**common, kind="table")
        if item.type in STACKED and max(_points(part) for part in item.parts) <= FEW_LABELS:
            return self._matrix(common, item)
        if item.type == "best_worst":
            return self._best_worst(common, parts)
        whole = all(cell.share is not None and cell.spans == 1 for cell in parts[0].cells)
        if item.type == "rating" and whole:
            return self._rating(common, parts[0])
        if parts[0].kind == "number" and whole:
            return self._histogram(common, parts[0])
        drawing = self._bars(common, parts)
        if not drawing.rows:
            return replace(
                drawing,
                kind="table",
                head=(),
                held=False,
                notes=(_("Hidden: too few people."),),
            )
        if item.type == "dropdown":
            return _folded(drawing)
        notes: tuple[Words, ...] = ()
        if item.type == "constant_sum":
            notes = (_("Mean share given to each option."),)
        elif parts[0].kind == "date":
            notes = (_("Dates are grouped by decade."),)
        return replace(drawing, notes=notes)

    def _common(self, item: PublicItem, parts: Sequence[PublicPart]) -> Common:
        hidden = any(cell.share is None for part in parts for cell in part.cells)
        answered = max((part.base for part in item.parts), default=0)
        counted = _("Too few people have answered to show results")
        if answered:
            counted = _("At least %(n)s answered", n=count(answered, self.language))
        return {
            "id": item.id,
            "ask": item.ask,
            "answered": answered,
            "counted": counted,
            "several": bool(item.parts) and item.parts[0].kind == "flags",
            "public": True,
            "held": hidden or len(parts) < len(item.parts),
            "withheld": item.withheld,
        }

    # one row a cell

    def _bars(self, common: Common, parts: Sequence[PublicPart]) -> Drawing:
        shown = [(part, cell) for part in parts for cell in part.cells if not _is_blank(part, cell)]
        rows = tuple(self._bar(part, cell) for part, cell in shown)
        measures = tuple(
            (_("mean"), number(part.mean, self.language))
            for part in parts
            if part.mean is not None and not part.label
        )
        return Drawing(
            **common, kind="bars", rows=rows, measures=measures, head=(_("Answer"), "%"),
            body=tuple((str(row.label), row.value) for row in rows),
            summary=", ".join(f"{row.label} {row.value}" for row in rows if not row.held),
        )  # fmt: skip

    def _bar(self, part: PublicPart, cell: PublicCell) -> Row:
        label = numerals(cell.label, self.language) if part.kind in ("number", "date") else cell.label
        if part.label:
            label = f"{_named(part)}: {label}"
        if cell.share is None:
            return Row(label, "–", held=True)
        return Row(label, self.percent(cell.share), (Mark(0, cell.share, 4, 14, "one"),))

    def _rating(self, common: Common, part: PublicPart) -> Drawing:
        """Columns, where every point is shown."""
        codes = [cell.code for cell in part.cells]
        shares = [(cell.share or 0) / 100 for cell in part.cells]
        labels = [self.percent(cell.share or 0) for cell in part.cells]
        first, last = part.cells[0], part.cells[-1]
        worded = [first.label, last.label] != [str(first.code), str(last.code)]
        return replace(
            self._bars(common, [part]), kind="columns", rows=(), columns=upright(shares, labels, [None] * len(shares), 12),
            ticks=tuple((middle_of(place, len(codes)), str(code)) for place, code in enumerate(codes)),
            ends=(first.label, last.label) if worded else None, mean_at=place_of(part.mean, codes),
        )  # fmt: skip

    def _histogram(self, common: Common, part: PublicPart) -> Drawing:
        """Columns, where every class is shown."""
        shares = [(cell.share or 0) / 100 for cell in part.cells]
        labels = [self.percent(cell.share or 0) for cell in part.cells]
        return replace(
            self._bars(common, [part]), kind="columns", rows=(), columns=upright(shares, labels, [None] * len(shares), 60),
            ticks=edge_ticks([cell.label for cell in part.cells], self.language),
        )  # fmt: skip

    # stacks

    def _matrix(self, common: Common, item: PublicItem) -> Drawing:
        columns = list(dict.fromkeys(part.column for part in item.parts))
        bipolar = item.type == "semantic_differential"
        panels = [
            self._panel(column, [part for part in item.parts if part.column == column], bipolar)
            for column in columns
        ]
        widest = max(item.parts, key=_points)
        points: list[Saying] = [str(place) for place in range(1, _points(widest) + 1)]
        if not bipolar and len({_points(part) for part in item.parts if part.cells}) == 1:
            points = list(_labels(item.parts))
        some = any(cell.spans > 1 for part in item.parts for cell in part.cells)
        return Drawing(
            **common, kind="stacks", panels=tuple(panel for panel in panels if panel),
            head=(_("Pair") if bipolar else _("Statement"), *points, _("n, at least")),
            body=tuple(self._line(part, _points(widest)) for part in item.parts), summary=self._sides(item.parts),
            notes=(_("Points chosen by too few people are combined with neighbouring points."),) if some else (),
        )  # fmt: skip

    def _panel(self, title: str, parts: Sequence[PublicPart], bipolar: bool) -> Panel | None:
        labelled = [part for part in parts if part.cells]
        if not labelled:
            return None
        points = _points(labelled[0])
        stacks = [_stacked(part) for part in parts]
        reach = span([_by_point(pieces, points) for pieces in stacks if pieces])
        rows = [self._row(part, pieces, reach) for part, pieces in zip(parts, stacks, strict=True)]
        if bipolar:
            rows = [_with_poles(row) for row in rows]
        named = zip(SHADES[points], _labels(labelled), strict=True)
        legend = () if bipolar else tuple((shade, label) for shade, label in named if label)
        return Panel(title, tuple(rows), legend, middle_line(reach))

    def _row(self, part: PublicPart, pieces: list[_Piece] | None, reach: tuple[float, float]) -> Row:
        value = count(part.base, self.language) if part.base else ""
        if pieces is None:
            told = [
                f"{cell.label}: {self.percent(cell.share)}" for cell in part.cells if cell.share is not None
            ]
            return Row(part.label, value, held=not told, instead=" · ".join(told))
        hints = [self._hint(piece) for piece in pieces]
        labels = ["–" if piece.held else f"{100 * piece.share:.0f}" for piece in pieces]
        start = reach[0] - left_share(_by_point(pieces, _points(part)))
        shares = [piece.share for piece in pieces]
        return Row(
            part.label,
            value,
            stack(shares, labels, hints, [piece.shade for piece in pieces], start, sum(reach)),
        )

    def _hint(self, piece: _Piece) -> Words:
        if piece.held:
            return _("%(label)s: hidden", label=piece.label)
        return _("%(label)s: %(share)s", label=piece.label, share=percent(piece.share, self.language))

    def _sides(self, parts: Sequence[PublicPart]) -> str:
        told = []
        for part in parts:
            last = part.cells[-1] if part.cells else None
            if last is not None and last.share is not None:
                told.append(f"{_named(part)}: {last.label} {self.percent(last.share)}")
        return "; ".join(told)

    def _line(self, part: PublicPart, points: int) -> Line:
        if not part.cells:
            return (_named(part), *("–" for _point in range(points)), "–")
        cells: list[str | Wide] = []
        for cell in part.cells:
            share = "–" if cell.share is None else self.percent(cell.share)
            cells.append(share if cell.spans == 1 else Wide(f"{cell.label}: {share}", cell.spans))
        return (_named(part), *cells, count(part.base, self.language))

    # best and worst

    def _best_worst(self, common: Common, parts: Sequence[PublicPart]) -> Drawing:
        """Each share for itself: where one of the two is hidden the other still stands."""
        shares = [{cell.code: cell.share for cell in part.cells} for part in parts]
        cells = parts[0].cells
        widest = max((share or 0 for each in shares for share in each.values()), default=0) or 1
        rows, body = [], []
        for cell in cells:
            mine = [each.get(cell.code) for each in shares]
            marks = []
            for share, part in zip(mine, parts, strict=True):
                best = part.name.endswith(".best")
                wide = round(50 * (share or 0) / widest, 2)
                hint = _("%(label)s: %(share)s", label=part.label, share=self.percent(share or 0))
                marks.append(
                    Mark(
                        50.0 if best else round(50 - wide, 2), wide, 3, 18, "z2" if best else "a2", hint=hint
                    )
                )
            told = ["–" if share is None else self.percent(share) for share in mine]
            rows.append(Row(cell.label, " / ".join(told), tuple(mark for mark in marks if mark.width)))
            body.append((cell.label, *told))
        legend = tuple(("z2" if part.name.endswith(".best") else "a2", part.label) for part in parts)
        return Drawing(
            **common, kind="paired", rows=tuple(rows), legend=legend, head=(_("Option"), *(part.label for part in parts)),
            body=tuple(body), summary=", ".join(f"{row.label} {row.value}" for row in rows),
        )  # fmt: skip


def _folded(drawing: Drawing) -> Drawing:
    """Of a long list what was chosen most comes first; what is hidden is folded away."""
    if len(drawing.rows) <= BARS_SHOWN:
        return drawing
    shown = sorted((row for row in drawing.rows if not row.held), key=lambda row: -row.marks[0].width)
    held = [row for row in drawing.rows if row.held]
    tail = (*shown[BARS_SHOWN:], *held)
    return replace(
        drawing, rows=tuple(shown[:BARS_SHOWN]), tail=tail, notes=(_("Sorted by number of choices."),)
    )


def _named(part: PublicPart) -> str:
    return " – ".join(word for word in (part.label, part.column) if word)


def _labels(parts: Sequence[PublicPart]) -> list[str]:
    """A label for each point: its own, where any part shows it alone; else that of the first group, once."""
    found: dict[int, str] = {}
    grouped: dict[int, str] = {}
    for part in parts:
        place = 0
        for cell in part.cells:
            (found if cell.spans == 1 else grouped).setdefault(place, cell.label)
            place += cell.spans
    points = max(map(_points, parts))
    return [found.get(place, grouped.get(place, "")) for place in range(points)]


def _with_poles(row: Row) -> Row:
    left, _dots, right = str(row.label).partition(" … ")
    return replace(row, label=left, right=right)


def _points(part: PublicPart) -> int:
    return sum(cell.spans for cell in part.cells)


def _is_blank(part: PublicPart, cell: PublicCell) -> bool:
    """A class of which nothing is known says nothing: only options and points are named with a dash."""
    return part.kind in ("number", "date") and cell.share is None


# --- stacks of pieces ---------------------------------------------------------------------------------------


class _Piece:
    """What stands together in a stack: a point, several that are shown together, or those that are hidden."""

    def __init__(self, cells: Sequence[PublicCell], place: int, share: float, points: int):
        self.label = " + ".join(cell.label for cell in cells)
        self.place, self.spans = place, sum(cell.spans for cell in cells)
        self.share, self.held = share, cells[0].share is None
        shades = SHADES[points]
        self.shade = "held" if self.held else _shade(shades[place : place + self.spans])

    def crosses(self, points: int) -> bool:
        """Whether it lies on both sides of the middle: no stack can show how much of it lies where."""
        return self.spans > 1 and self.place < points / 2 < self.place + self.spans


#: The shades from one end to the other, to find one that stands between others.
ORDER = SHADES[7]


def _shade(shades: Sequence[str]) -> str:
    places = [ORDER.index(shade) for shade in shades]
    return ORDER[round(sum(places) / len(places))] if "mid" not in shades else "mid"


def _stacked(part: PublicPart) -> list[_Piece] | None:
    """The pieces of a stack. Cells hidden stand together as one, whose share is what the others leave; None where
    they lie apart, or anything across the middle, so that a stack cannot show it."""
    if not part.cells:
        return None
    points = _points(part)
    known = sum((cell.share or 0) / 100 for cell in part.cells)
    runs: list[tuple[int, list[PublicCell]]] = []
    place = 0
    for cell in part.cells:
        if runs and cell.share is None and runs[-1][1][0].share is None:
            runs[-1][1].append(cell)
        else:
            runs.append((place, [cell]))
        place += cell.spans
    held = [cells for _place, cells in runs if cells[0].share is None]
    rest = max(0.0, 1.0 - known)
    pieces = [
        _Piece(cells, place, rest if cells[0].share is None else (cells[0].share or 0) / 100, points)
        for place, cells in runs
    ]
    return None if len(held) > 1 or any(piece.crosses(points) for piece in pieces) else pieces


def _by_point(pieces: Sequence[_Piece], points: int) -> list[float]:
    """A share for each point of the scale, where only on which side of the middle it lies matters."""
    shares = [0.0] * points
    for piece in pieces:
        shares[piece.place] += piece.share
    return shares
