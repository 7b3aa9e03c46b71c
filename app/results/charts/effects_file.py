"""A coefficient plot in a file of its own."""

from __future__ import annotations

from app.results.charts.geometry import ChartRow, Dot, Drawing
from app.results.charts.svg_sheet import (
    COLOURS,
    INK,
    LABELS,
    MARGIN,
    PAPER,
    QUIET,
    RULE,
    VALUES,
    WIDTH,
    Field,
    SvgSheet,
    anchor_at,
    cut,
    words,
    write_value,
)  # fmt: skip


def draw_effects(sheet: SvgSheet, drawing: Drawing) -> None:
    """The marks of both samples around the line of no effect, with the ends of the scale above."""
    area = Field(MARGIN + LABELS, WIDTH - MARGIN - VALUES - 40)
    for place, (name, n) in enumerate(drawing.samples):
        sheet.y += 18
        effect_mark(sheet, Dot(4), Field(MARGIN, MARGIN + 100), sheet.y - 4, bool(place))
        sheet.text(MARGIN + 16, sheet.y, f"{name} ({n})", 13, colour=QUIET)
    sheet.y += 22
    ends, half = drawing.ends or ("lower", "higher"), (area.right - area.left) / 2 - 8
    sheet.text(area.left, sheet.y, cut(f"← {ends[0]}", half, 13, 1)[0], 13, "start", QUIET)
    sheet.text(area.right, sheet.y, cut(f"{ends[1]} →", half, 13, 1)[0], 13, "end", QUIET)
    sheet.text(WIDTH - MARGIN, sheet.y, words(drawing.values), 13, "end", QUIET)
    sheet.y += 6
    top = sheet.y
    for row in drawing.rows:
        _effect_row(sheet, row, area)
    _reference_line(sheet, drawing, area, top)


def _effect_row(sheet: SvgSheet, row: ChartRow, area: Field) -> None:
    if row.group:
        sheet.y += 8
        sheet.lines(" · ".join(filter(None, (row.group, row.group_note))), 13, WIDTH - 2 * MARGIN, colour=QUIET)
    lines = cut(words(row.label), LABELS - 24, 15, 3)
    height = max(30.0, len(lines) * 19 + 6)
    middle = sheet.y + height / 2
    for place, line in enumerate(lines):
        sheet.text(MARGIN, middle + 5 + 19 * (place - (len(lines) - 1) / 2), line, 15)
    for place, dot in enumerate(row.effects):
        if dot is not None:
            effect_mark(sheet, dot, area, middle + (0 if len(row.effects) < 2 else 7 if place else -5), bool(place))
    write_value(sheet, row, middle)
    sheet.y += height


def _reference_line(sheet: SvgSheet, drawing: Drawing, area: Field, top: float) -> None:
    behind = SvgSheet()
    for at, word in drawing.ticks:
        behind.line(area.x(at), top, area.x(at), sheet.y, RULE)
        sheet.text(area.x(at), sheet.y + 16, word, 13, anchor_at(at), QUIET)
    if drawing.reference:
        behind.line(area.x(drawing.reference[0]), top, area.x(drawing.reference[0]), sheet.y, INK)
    sheet.parts[:0] = behind.parts
    sheet.y += 22


def effect_mark(sheet: SvgSheet, dot: Dot, area: Field, y: float, is_second: bool) -> None:
    colour = QUIET if is_second else COLOURS["one"]
    fill = {"possible": COLOURS["mid" if is_second else "ghost"], "open": PAPER, "few": PAPER, "reference": PAPER}.get(dot.standing, colour)
    if dot.low is not None and dot.high is not None:
        sheet.line(area.x(dot.low), y, area.x(dot.high), y, colour, 1.25 if is_second else 2)
    x = area.x(dot.at)
    shape = f'<path d="M{x:.1f} {y - 5:.1f}l5 5-5 5-5-5Z"' if is_second else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"'
    sheet.parts.append(f'{shape} fill="{fill}" stroke="{colour}" stroke-width="1.75"/>')
