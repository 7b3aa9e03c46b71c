"""The first figures of a dashboard as plain numbers: how far the sample is, how responses ended, how long they took,
when they came, and on which page they stopped. Across in percent of the width, down in pixels."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from app.languages.catalogues import ENGLISH
from app.results.charts.captions import count, percent, short_date
from app.results.charts.geometry import Mark, in_percent
from app.results.charts.lines import shortened
from app.results.progress import FieldDay, PageReach, Progress

TALL = 50  # pixels of the highest column
ABOVE = 16  # pixels above it, for its label
MOST_COLUMNS = 45  # days; from there on weeks
PACE_DAYS = 7
LETTER = 2.5  # per cent of the narrowest plot that a letter takes
LEAST_COLUMNS = 12  # for which there is room: few are not drawn wider
GAP = 0.22  # of a column's place
LONGEST_TITLE = 29  # characters


@dataclass(frozen=True, slots=True)
class Word:
    """A word in a plot: its position in percent, and which of its ends is there."""

    x: float
    anchor: str  # start | middle | end
    text: str
    y: float = 0


@dataclass(frozen=True, slots=True)
class Plot:
    """Columns on a base line, with a few words above them and below."""

    marks: tuple[Mark, ...] = ()
    words: tuple[Word, ...] = ()
    ticks: tuple[Word, ...] = ()
    unit: str = ""  # what one column is


@dataclass(frozen=True, slots=True)
class Fieldwork:
    filled: float | None  # percent of the sample wanted
    pace: str  # when the sample is reached, at the pace of the last days; or ""
    split: tuple[Mark, ...]  # complete, partial and broken-off responses
    shares: tuple[tuple[str, str], ...]  # each share of them and its name
    quartiles: Mark | None
    median: float | None  # in percent
    days: Plot
    pages: Plot
    stopped: int


def fieldwork(
    progress: Progress, wanted: int | None, today: datetime.date, titles: dict[str, str], is_collecting: bool = True
) -> Fieldwork:
    """`wanted` is the size of the sample; `titles` are of sections, by their ids."""
    quartiles, median = minutes_of(progress)
    return Fieldwork(
        filled=min(100.0, in_percent(progress.complete / wanted)) if wanted else None,
        pace=pace_of(progress.days, progress.complete, wanted, today) if is_collecting and wanted else "",
        split=split_of(progress), shares=shares_of(progress), quartiles=quartiles, median=median,
        days=days_plot(progress.days), pages=pages_plot(progress.pages, titles),
        stopped=sum(page.stopped for page in progress.pages),
    )  # fmt: skip


# --- responses and minutes --------------------------------------------------------------------------------------


def endings(progress: Progress) -> tuple[tuple[str, int], ...]:
    return ("complete", progress.complete), ("partial", progress.partial), ("broke off", progress.break_off)


def split_of(progress: Progress) -> tuple[Mark, ...]:
    counts = [n for _, n in endings(progress)]
    total = sum(counts)
    starts = [0, *accumulate(counts)]
    return tuple(
        Mark(in_percent(start / total), in_percent(n / total), 0, 10, shade)
        for start, n, shade in zip(starts, counts, ("done", "part", "broke"), strict=False)
        if n
    )


def shares_of(progress: Progress) -> tuple[tuple[str, str], ...]:
    """Of the responses that could be completed."""
    total = sum(n for _, n in endings(progress))
    return tuple((percent(n / total, ENGLISH), word) for word, n in endings(progress)) if total else ()


def minutes_of(progress: Progress) -> tuple[Mark | None, float | None]:
    """The middle half and the median on an axis from 0 to twice the third quartile."""
    taken = progress.minutes
    if taken.median is None or taken.quartiles is None:
        return None, None
    first, third = taken.quartiles
    most = 2 * third or 1.0
    return Mark(in_percent(first / most), in_percent((third - first) / most), 0, 10, "fill"), in_percent(taken.median / most)


def pace_of(days: Sequence[FieldDay], complete: int, wanted: int, today: datetime.date) -> str:
    """When the sample is reached if as many complete each day as in the last week; "" where that says nothing."""
    since = today - datetime.timedelta(days=PACE_DAYS)
    recent = sum(day.complete for day in days if since < day.day <= today)
    if complete >= wanted or not recent or not days or days[0].day > since:
        return ""
    left = -(-(wanted - complete) * PACE_DAYS // recent)
    if left > 3650:
        return ""
    return short_date((today + datetime.timedelta(days=left)).isoformat(), ENGLISH)


# --- by day -----------------------------------------------------------------------------------------------------


def days_plot(days: Sequence[FieldDay]) -> Plot:
    """Begun and completed responses of each day; of each week where there are many days."""
    step = 1 if len(days) <= MOST_COLUMNS else 7
    spans = [days[start : start + step] for start in range(0, len(days), step)]
    begun = [sum(day.begun for day in span) for span in spans]
    complete = [sum(day.complete for day in span) for span in spans]
    most = max((*begun, *complete), default=0)
    if not most:
        return Plot()
    marks = [
        mark for place, (one, other) in enumerate(zip(begun, complete, strict=True))
        for mark in (column(place, len(spans), one / most, "began"), column(place, len(spans), other / most, "done"))
    ]  # fmt: skip
    peak = begun.index(max(begun))
    first, last = spans[0][0].day, spans[-1][-1].day
    ticks = [Word(0, "start", short_date(first.isoformat(), ENGLISH))]
    if last != first:
        ticks.append(Word(100, "end", short_date(last.isoformat(), ENGLISH)))
    words = (beside(peak, len(spans), count(begun[peak], ENGLISH)),) if begun[peak] else ()
    return Plot(tuple(marks), words, tuple(ticks), "day" if step == 1 else "week")


def column(place: int, of: int, share: float, shade: str) -> Mark:
    width = 100 / max(of, LEAST_COLUMNS)
    height = round(TALL * share, 1)
    return Mark(round(place * width, 2), round(width * (1 - GAP), 2), round(ABOVE + TALL - height, 1), height, shade)


def end_of(columns: int) -> float:
    return round(min(100.0, columns * 100 / max(columns, LEAST_COLUMNS)), 2)


def beside(place: int, of: int, text: str) -> Word:
    """A word at the top of a column: to its right or its left where there is room, or else up to the end of the plot."""
    width, needed = 100 / max(of, LEAST_COLUMNS), LETTER * len(text)
    start, end = place * width, (place + 1 - GAP) * width
    if start < 55 and start + needed <= 100:
        return Word(round(start, 2), "start", text, ABOVE - 4)
    return Word(round(end if end >= needed else 100.0, 2), "end", text, ABOVE - 4)


# --- by page ----------------------------------------------------------------------------------------------------


def pages_plot(pages: Sequence[PageReach], titles: dict[str, str]) -> Plot:
    """How many stopped on each page."""
    most = max((page.stopped for page in pages), default=0)
    if not pages:
        return Plot()
    marks = [column(place, len(pages), page.stopped / most if most else 0.0, "loss") for place, page in enumerate(pages)]
    words = ()
    if most:
        worst = max(range(len(pages)), key=lambda place: pages[place].stopped)
        words = (beside(worst, len(pages), f"{count(most, ENGLISH)} {page_name(pages[worst], worst, titles)}"),)
    asked = sum(page.section is not None for page in pages)
    ticks = (Word(0, "start", "page 1"), Word(end_of(len(pages)), "end", f"{asked}, end" if len(pages) > 4 else ""))
    return Plot(tuple(marks), words, ticks, "page")


def page_name(page: PageReach, place: int, titles: dict[str, str]) -> str:
    if page.section is None:
        return "at the end, not submitted"
    title = titles.get(page.section, "")
    return f"on page {place + 1}{title and f', {shortened(title, LONGEST_TITLE)}'}"
