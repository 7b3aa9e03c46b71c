"""A chart as one SVG file that can stand in a slide: with its question, what it shows, its base and its date.

Nothing is measured by a browser here: the width of a text is estimated from its letters, generously.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.results.charts.captions import Caption
from app.results.charts.effects_file import draw_effects
from app.results.charts.geometry import (
    ABOVE_COLUMNS,
    COLUMN_HEIGHT,
    ChartRow,
    Drawing,
    Mark,
    MiddleHalf,
    Panel,
)
from app.results.charts.svg_sheet import (
    COLOURS,
    EDGE,
    HIGH,
    INK,
    LABELS,
    LIGHT_TEXT,
    MARGIN,
    PAPER,
    POLES,
    QUIET,
    RULE,
    SERIF,
    VALUES,
    WIDTH,
    Field,
    SvgSheet,
    anchor_at,
    cut,
    width_of,
    words,
    write_value,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class About:
    """What is said about a chart in a file: of which survey, about whom, how many, on which day."""

    survey: str
    title: str
    base: str
    n: int
    date: str


def chart_svg(drawing: Drawing, about: About) -> str:
    """`drawing` in English. A drawing of words or of a table alone has its texts, and no marks."""
    sheet = SvgSheet()
    sheet.lines(drawing.ask, 24, WIDTH - 2 * MARGIN, face=SERIF, weight=600)
    sheet.lines(words(drawing.sentence), 16, WIDTH - 2 * MARGIN, colour=QUIET)
    sheet.y += 12
    DRAW.get(drawing.kind, _nothing)(sheet, drawing)
    sheet.y += 10
    base = [words(drawing.counted), *(f"{n} {words(reason)}" for reason, n in drawing.missing)]
    base += [f"{words(word)} {value}".strip() for word, value in drawing.measures]
    sheet.lines(" · ".join(part for part in base if part), 13, WIDTH - 2 * MARGIN, colour=QUIET)
    if drawing.asked_of:
        said = f"those {drawing.asked_of.words}" if drawing.asked_of.words else drawing.asked_of.condition
        sheet.lines(f"Asked of {said}", 13, WIDTH - 2 * MARGIN, colour=QUIET)
    notes = [words(note) for note in drawing.notes]
    if any(row.interval for row in drawing.rows):
        notes.insert(0, "Lines and brackets: 95% intervals.")
    sheet.lines(" ".join(notes), 13, WIDTH - 2 * MARGIN, colour=QUIET)
    sheet.lines(f"{about.title} · {about.n:,} {about.base} · {about.date}", 13, WIDTH - 2 * MARGIN, colour=QUIET)
    return sheet.finished(drawing.ask, drawing.summary)


# --- rows -----------------------------------------------------------------------------------------------------


def _rows(
    sheet: SvgSheet, rows: Sequence[ChartRow], area: Field, drawing: Drawing, starts: float = 0.0, colour: str = INK
) -> None:
    """Rows of bars or dots; `starts` is where a share before the marks ends, 0 for none, and `colour` its colour."""
    top = sheet.y
    for row in rows:
        if row.group:
            sheet.y += 10
            sheet.lines(row.group, 13, LABELS, colour=QUIET)
        label = " ".join(part for part in (words(row.label), f"({words(row.note)})" if row.note else "") if part)
        lines = cut(label, area.left - MARGIN - 24 - (60 if starts else 0), 15, 3)
        height = max(30.0, len(lines) * 19 + 6)
        middle = sheet.y + height / 2
        for place, line in enumerate(lines):
            sheet.text(MARGIN, middle + 5 + 19 * (place - (len(lines) - 1) / 2), line, 15)
        if starts:
            sheet.text(starts, middle + 5, row.start, 15, "end", colour, 600)
        _marks(sheet, row, area, middle)
        sheet.text(area.right + 14, middle + 5, cut(row.right, WIDTH - MARGIN - area.right - 14, 15, 1)[0] if row.right else "", 15)
        write_value(sheet, row, middle)
        sheet.y += height
    _lines_behind(sheet, drawing, area, top)


def _marks(sheet: SvgSheet, row: ChartRow, area: Field, middle: float) -> None:
    if row.hidden or row.instead:
        sheet.text(area.left, middle + 5, row.instead or "hidden", 13, colour=QUIET)
    for mark in row.marks:
        sheet.rect(area.x(mark.x), middle + mark.y, area.x(mark.x + mark.width) - area.x(mark.x) - 0.8, mark.height, mark.shade)
        if mark.label:
            colour = PAPER if mark.shade in LIGHT_TEXT else INK
            sheet.text(area.x(mark.middle), middle + 4.5, mark.label, 13, "middle", colour)
    if row.whisker:
        sheet.whisker(area.x(row.whisker[0]), middle, area.x(row.whisker[1]), middle)
    if row.dot is not None:
        sheet.parts.append(f'<circle cx="{area.x(row.dot):.1f}" cy="{middle:.1f}" r="5.5" fill="{COLOURS["one"]}" stroke="{PAPER}" stroke-width="1.5"/>')


def _lines_behind(sheet: SvgSheet, drawing: Drawing, area: Field, top: float) -> None:
    """The axis: its lines behind the rows, its words below them."""
    behind = SvgSheet()
    words_apart = drawing.reference
    for place, (at, word) in enumerate(drawing.ticks):
        if drawing.kind == "bars":
            behind.line(area.x(at), top, area.x(at), sheet.y, EDGE if not place else RULE)
        if words_apart is None or abs(at - words_apart[0]) > 12:
            sheet.text(area.x(at), sheet.y + 16, word, 13, anchor_at(at), QUIET)
    if drawing.reference:
        at, word = drawing.reference[0], words(drawing.reference[1])
        behind.line(area.x(at), top, area.x(at), sheet.y, EDGE, dashes="4 4")
        sheet.text(area.x(at), sheet.y + 16, word, 13, anchor_at(at), INK)
    sheet.parts[:0] = behind.parts
    sheet.y += 22 if drawing.ticks or drawing.reference else 0


def _bars(sheet: SvgSheet, drawing: Drawing) -> None:
    area = Field(MARGIN + LABELS, WIDTH - MARGIN - VALUES)
    if words(drawing.values):
        sheet.text(WIDTH - MARGIN, sheet.y, words(drawing.values), 13, "end", QUIET)
        sheet.y += 6
    _rows(sheet, (*drawing.rows, *drawing.tail), area, drawing)


def _dots(sheet: SvgSheet, drawing: Drawing) -> None:
    area = Field(MARGIN + LABELS, WIDTH - MARGIN - VALUES - 20)
    if drawing.ends:
        sheet.y += 14
        sheet.text(area.left, sheet.y, cut(drawing.ends[0], (area.right - area.left) / 2 - 8, 13, 1)[0], 13, "start", QUIET)
        sheet.text(area.right, sheet.y, cut(drawing.ends[1], (area.right - area.left) / 2 - 8, 13, 1)[0], 13, "end", QUIET)
        sheet.y += 6
    _rows(sheet, drawing.rows, area, drawing)


def _paired(sheet: SvgSheet, drawing: Drawing) -> None:
    _legend(sheet, drawing.legend)
    area = Field(MARGIN + LABELS, WIDTH - MARGIN - VALUES)
    top, behind = sheet.y, len(sheet.parts)
    _rows(sheet, drawing.rows, area, drawing)
    sheet.line(area.x(50), top, area.x(50), sheet.y)
    sheet.parts.insert(behind, sheet.parts.pop())


def _stacks(sheet: SvgSheet, drawing: Drawing) -> None:
    for panel in drawing.panels:
        if panel.title:
            sheet.lines(panel.title, 15, WIDTH - 2 * MARGIN, weight=600)
        _legend(sheet, panel.legend)
        _panel(sheet, drawing, panel)


def _panel(sheet: SvgSheet, drawing: Drawing, panel: Panel) -> None:
    is_bipolar = any(row.right for row in panel.rows)
    right = WIDTH - MARGIN - (LABELS - 20 if is_bipolar else 60 if panel.end else 0)
    area, starts = Field(MARGIN + LABELS + (60 if panel.start else 0), right), 0.0
    sheet.y += 14 if panel.start else 0
    if panel.start:
        starts = area.left - 14
        _named_share(sheet, starts, words(panel.start), starts - MARGIN, POLES[0] if panel.end else POLES[1])
    if panel.end:
        _named_share(sheet, WIDTH - MARGIN, panel.end, LABELS, POLES[1])
    sheet.y += 4
    top = sheet.y
    behind = len(sheet.parts)
    _rows(sheet, panel.rows, area, drawing, starts, POLES[0] if panel.end else POLES[1])
    if panel.middle is not None:
        sheet.line(area.x(panel.middle), top, area.x(panel.middle), sheet.y)
        sheet.parts.insert(behind, sheet.parts.pop())


def _named_share(sheet: SvgSheet, x: float, name: str, width: float, colour: str) -> None:
    """What the shares at one end of the bars are of, before `x`."""
    (line,) = cut(name, width, 13 * 1.06, 1)
    sheet.text(x, sheet.y, line, 13, "end", colour, 600)


def _profile(sheet: SvgSheet, drawing: Drawing) -> None:
    area, top = Field(MARGIN + 250, WIDTH - MARGIN - 250 - 110), sheet.y
    for row in drawing.rows:
        sheet.y += 58
        for mark in row.marks:
            sheet.rect(area.x(mark.x), sheet.y - 46 + mark.y, area.x(mark.x + mark.width) - area.x(mark.x), mark.height, mark.shade)
        sheet.line(area.left, sheet.y - 20, area.right, sheet.y - 20, EDGE)
        sheet.text(area.left - 14, sheet.y - 24, cut(words(row.label), 236, 15, 1)[0], 15, "end")
        sheet.text(area.right + 14, sheet.y - 24, cut(row.right, 236, 15, 1)[0], 15)
        _marks(sheet, ChartRow("", "", (), row.whisker, dot=row.dot), area, sheet.y - 10)
        write_value(sheet, row, sheet.y - 29)
    _lines_behind(sheet, drawing, area, top)


def _legend(sheet: SvgSheet, shades: Iterable[tuple[str, Caption]]) -> None:
    x, some = float(MARGIN), False
    for shade, label in shades:
        (word,) = cut(words(label), (WIDTH - 2 * MARGIN) / 2 - 34, 13, 1)
        wide = width_of(word, 13) + 34
        if x > MARGIN and x + wide > WIDTH - MARGIN:
            x, sheet.y = float(MARGIN), sheet.y + 20
        sheet.rect(x, sheet.y + 2, 13, 13, shade)
        sheet.text(x + 19, sheet.y + 13, word, 13, colour=QUIET)
        x, some = x + wide, True
    sheet.y += 24 if some else 0


# --- columns --------------------------------------------------------------------------------------------------


def _columns(sheet: SvgSheet, drawing: Drawing) -> None:
    area, top = Field(MARGIN, WIDTH - MARGIN), sheet.y
    for mark in drawing.columns:
        _column(sheet, mark, area, top)
    sheet.y = top + HIGH * (ABOVE_COLUMNS + COLUMN_HEIGHT)
    sheet.line(area.left, sheet.y, area.right, sheet.y, EDGE)
    if drawing.under:
        _under(sheet, drawing, area)
    for at, word in drawing.ticks:
        sheet.text(area.x(at), sheet.y + 18, word, 13, anchor_at(at), QUIET)
    sheet.y += 24 if drawing.ticks else 0
    if drawing.reference:
        sheet.line(area.x(drawing.reference[0]), top, area.x(drawing.reference[0]), sheet.y - 24, EDGE, dashes="4 4")
    if drawing.ends:
        sheet.text(area.left, sheet.y + 12, cut(drawing.ends[0], (area.right - area.left) / 2 - 8, 13, 1)[0], 13, "start", QUIET)
        sheet.text(area.right, sheet.y + 12, cut(drawing.ends[1], (area.right - area.left) / 2 - 8, 13, 1)[0], 13, "end", QUIET)
        sheet.y += 18
    if drawing.middle_half:
        _half(sheet, drawing.middle_half, area)


def _column(sheet: SvgSheet, mark: Mark, area: Field, top: float) -> None:
    middle, highest = area.x(mark.middle), mark.y
    sheet.rect(area.x(mark.x), top + HIGH * mark.y, area.x(mark.x + mark.width) - area.x(mark.x), HIGH * mark.height, mark.shade)
    if mark.whisker:
        highest = mark.whisker[0]
        sheet.whisker(middle, top + HIGH * mark.whisker[0], middle, top + HIGH * mark.whisker[1])
    if mark.label:
        sheet.text(middle, top + HIGH * highest - 8, mark.label, 15, "middle", weight=600)


def _under(sheet: SvgSheet, drawing: Drawing, area: Field) -> None:
    """The label of each column, under it."""
    wide = (area.right - area.left) / len(drawing.under)
    labels = [cut(words(label), wide - 8, 13, 3) for label in drawing.under]
    for place, lines in enumerate(labels):
        for at, line in enumerate(lines):
            sheet.text(area.left + wide * (place + 0.5), sheet.y + 18 + 16 * at, line, 13, "middle", QUIET)
    sheet.y += 16 * max(map(len, labels)) + 10


def _half(sheet: SvgSheet, half: MiddleHalf, area: Field) -> None:
    sheet.rect(area.x(half.first), sheet.y + 4, area.x(half.third) - area.x(half.first), 12, "ghost")
    sheet.whisker(area.x(half.median), sheet.y + 2, area.x(half.median), sheet.y + 18)
    _marks(sheet, ChartRow("", "", (), half.whisker, dot=half.mean), area, sheet.y + 10)
    sheet.text(area.left, sheet.y + 34, words(half.below), 13, "start", QUIET)
    sheet.text((area.left + area.right) / 2, sheet.y + 34, words(half.middle), 13, "middle", INK, 600)
    sheet.text(area.right, sheet.y + 34, words(half.above), 13, "end", QUIET)
    sheet.y += 40


def _nothing(sheet: SvgSheet, drawing: Drawing) -> None:
    """What is drawn by no marks: its words alone."""
    sheet.lines("" if drawing.answered else "No answers yet", 15, WIDTH - 2 * MARGIN)


DRAW = {"bars": _bars, "texts": _bars, "stacks": _stacks, "columns": _columns, "profile": _profile, "paired": _paired, "dots": _dots, "effects": draw_effects}
