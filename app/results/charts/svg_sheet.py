"""A sheet on which a chart is drawn as SVG: its texts, lines and colours, and where its marks lie."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from app.results.charts.captions import Caption
from app.results.charts.geometry import ChartRow

WIDTH, MARGIN = 960, 32
LABELS, VALUES = 300, 130  # widths
HIGH = 1.8  # columns are drawn larger than on a page
#: The colours of figures.css in light mode.
COLOURS = {
    "a3": "#9a4a0b", "a2": "#d08a3e", "a1": "#f0cf9f", "mid": "#d6d3ca", "z1": "#a9d0d4", "z2": "#3f8b96", "z3": "#0b4f5c",
    "r1": "#0b4f5c", "r1b": "#1d6571", "r2": "#2f7a86", "r2b": "#4d929c", "r3": "#6ba9b2", "r4": "#a3cbd0", "r5": "#d3e3e4",
    "one": "#2f7a86", "own": "#0b4f5c", "ghost": "#b5d3d7", "held": "none",
}  # fmt: skip
LIGHT_TEXT = {"a3", "z3", "r1", "r1b", "r2"}  # shades on which text is white
INK, QUIET, RULE, EDGE, PAPER = "#1d2427", "#545d61", "#ddd8cc", "#857f72", "#ffffff"
POLES = ("#8a420a", "#0b4f5c")
SANS = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif"
SERIF = "Georgia, 'Iowan Old Style', Charter, 'Palatino Linotype', 'Noto Serif', serif"
NARROW, BROAD = set("iljtfr.,:;'|!()[] "), set("mwMWQO@%…")


def words(caption: Caption | None) -> str:
    """A caption in English, without markup."""
    if caption is None or isinstance(caption, str):
        return caption or ""
    values = {name: words(value) if isinstance(value, tuple) else value for name, value in caption.values.items()}
    return re.sub(r"</?b>", "", caption.form) % values


def width_of(text: str, size: float) -> float:
    """About as wide as a sans-serif letter face makes it."""
    em = (0.38 if sign in NARROW else 1.0 if sign in BROAD or ord(sign) > 0x2E80 else 0.72 if sign.isupper() else 0.62 for sign in text)
    return size * sum(em)


def wrapped(text: str, width: float, size: float) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and width_of(f"{lines[-1]} {word}", size) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def cut(text: str, width: float, size: float, most: int) -> list[str]:
    """At most so many lines of a label, the last with an ellipsis where more would follow. A word wider than a line is cut too."""
    lines = wrapped(text, width, size)
    kept = [line if width_of(line, size) <= width else _fitting(line, width, size) for line in lines[:most]]
    if len(lines) > most:
        kept[-1] = _fitting(f"{lines[most - 1]} {lines[most]}", width, size)
    return kept


def _fitting(text: str, width: float, size: float) -> str:
    while text and width_of(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


@dataclass(slots=True)
class SvgSheet:
    """The parts drawn so far, and how far down."""

    y: float = MARGIN
    parts: list[str] = field(default_factory=list)

    def text(
        self, x: float, y: float, text: str, size: float = 14, anchor: str = "start", colour: str = INK, weight: int = 400,
        face: str = "",
    ) -> None:  # fmt: skip
        extra = f' font-family="{face}"' if face else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}"{extra}>'
            f"{escape(text)}</text>"
        )

    def lines(self, text: str, size: float, width: float, colour: str = INK, face: str = "", weight: int = 400) -> None:
        """A paragraph, under what is there."""
        if not text:
            return
        for line in wrapped(text, width, size * (1.06 if weight > 400 else 1)):
            self.y += size * 1.3
            self.text(MARGIN, self.y, line, size, colour=colour, face=face, weight=weight)
        self.y += size * 0.3

    def rect(self, x: float, y: float, width: float, height: float, shade: str) -> None:
        edge = f' stroke="{QUIET}" stroke-dasharray="3 3"' if shade == "held" else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" fill="{COLOURS[shade]}"{edge}/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str = INK, thick: float = 1, dashes: str = "") -> None:
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{thick:g}"{dashed}/>'
        )

    def whisker(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self.line(x1, y1, x2, y2, PAPER, 4)
        self.line(x1, y1, x2, y2, INK, 1.75)

    def finished(self, title: str, description: str) -> str:
        height = round(self.y + MARGIN)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img"'
            f" aria-label={quoteattr(title)} font-family={quoteattr(SANS)}>"
        )
        back = f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
        return f"{head}<title>{escape(title)}</title><desc>{escape(description)}</desc>{back}{''.join(self.parts)}</svg>\n"


@dataclass(frozen=True, slots=True)
class Field:
    """Where the marks of rows lie: percent of it are turned into pixels."""

    left: float
    right: float

    def x(self, percent: float) -> float:
        return self.left + (self.right - self.left) * percent / 100


def anchor_at(at: float) -> str:
    return "start" if at < 2 else "end" if at > 98 else "middle"


def write_value(sheet: SvgSheet, row: ChartRow, middle: float) -> None:
    x = WIDTH - MARGIN
    if row.interval:
        sheet.text(x, middle + 5, row.interval, 13, "end", QUIET)
        x -= width_of(row.interval, 13) + 6
    sheet.text(x, middle + 5, row.value, 15, "end", weight=600)
