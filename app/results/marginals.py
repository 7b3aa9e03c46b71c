"""Marginals: of each item how many answered, and what, with 95 % intervals; and how the survey is going.

Shares are among those who answered the item (of a multiple_choice: per respondent, so they may add up to
more than one). Missing reasons are counted apart and are in no share.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from statistics import NormalDist

from app.instrument.codebook import Variable
from app.instrument.condition import Condition
from app.instrument.model import MISSING_REASONS, Code
from app.results.frame import Frame
from app.results.layout import BREAK_OFF, COMPLETE, NO_SECTION, PARTIAL, REASONS
from app.results.tally import TEXTS_SHOWN, Tally

Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Cell:
    """One code. `share` of `base` respondents with its interval; None when nobody is in the base."""

    code: Code
    label: str
    count: int
    base: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Marginal:
    """What was answered to one item, to one statement of a matrix, or beside an option ("please say")."""

    name: str
    label: str
    kind: str  # choice | flags | number | text
    answered: int
    shown: int  # answered, skipped, declined ...: without not shown and not reached
    missing: Mapping[str, int]
    cells: tuple[Cell, ...] = ()
    values: tuple[tuple[float, int], ...] = ()  # of a number: each value with its count, ascending
    bounds: tuple[int, int] | None = None  # of a number: the least and the most that are taken
    texts: tuple[str, ...] = ()  # the latest, alphabetically
    mean: float | None = None
    median: float | None = None
    sd: float | None = None  # of the sample (n - 1)


@dataclass(frozen=True, slots=True)
class ItemFigures:
    id: str  # the item's id, which an older version of another kind follows with _v1, _v2 ...
    item: str
    section: str
    type: str
    ask: str
    base: str | None  # the condition under which it is asked
    parts: tuple[Marginal, ...]  # one, but of a matrix one for each statement
    said: tuple[Marginal, ...] = ()  # what was said beside options


@dataclass(frozen=True, slots=True)
class Progress:
    """Where responses stand.

    After the words of AAPOR's Standard Definitions: complete is submitted; of the responses that are not,
    those that reached at least half of the sections on their path are partial, the others break-offs (some
    of both may still come back). `left_at` counts what is not submitted by the last section reached, in the
    survey's order; None is before the first page was sent.
    """

    started: int
    submitted: int
    open: int
    partial: int
    break_off: int
    withdrawn: int
    refused: int  # stored, but not fitting their instrument: they are in no figure
    left_at: tuple[tuple[str | None, int], ...]
    median_minutes: float | None  # of the submitted


@dataclass(frozen=True, slots=True)
class Figures:
    survey: str
    seq: int
    among: str  # everyone | submitted
    where: str | None
    n: int  # responses in these figures
    items: tuple[ItemFigures, ...]


def figures(frame: Frame, among: str = "everyone", where: Condition | None = None) -> Figures:
    """All marginals. Without a condition they cost the same however many responses are stored."""
    tally = frame.tally(among, where)
    return Figures(
        frame.survey, frame.seq, among, where.source.strip() if where else None, tally.n, items_of(tally)
    )


def progress(frame: Frame) -> Progress:
    tally = frame.tallies["everyone"]
    by_disposition = {COMPLETE: 0, PARTIAL: 0, BREAK_OFF: 0}
    last: dict[int, int] = {}
    for (disposition, reached), count in tally.reached.items():
        by_disposition[disposition] += count
        if disposition != COMPLETE:
            last[reached] = last.get(reached, 0) + count
    left_at = [(None, last.get(NO_SECTION, 0))]
    left_at += [(section, last.get(place, 0)) for place, section in enumerate(frame.layout.sections)]
    return Progress(
        started=tally.n + len(frame.withdrawn) + len(frame.refused),
        submitted=by_disposition[COMPLETE],
        open=by_disposition[PARTIAL] + by_disposition[BREAK_OFF],
        partial=by_disposition[PARTIAL],
        break_off=by_disposition[BREAK_OFF],
        withdrawn=len(frame.withdrawn),
        refused=len(frame.refused),
        left_at=tuple(left_at),
        median_minutes=median(sorted(tally.minutes.items())),
    )


def items_of(tally: Tally) -> tuple[ItemFigures, ...]:
    """The marginals of every item, in the order of the survey; items that only older versions had come last."""
    counts = _Counts(tally)
    grouped = groupby(tally.layout.variables, lambda variable: (variable.item, generation(variable)))
    return tuple(_item(item + suffix, list(variables), counts) for (item, suffix), variables in grouped)


def generation(variable: Variable) -> str:
    """What sets a variable of an older kind apart from the item's own: "", or _v1, _v2 ..."""
    own = variable.key
    if variable.kind == "flag":
        own = f"{variable.key}.{variable.option}"
    elif variable.kind == "text" and variable.option is not None:
        own = f"{variable.key}.text"
    return variable.name.removeprefix(own)


def _item(identifier: str, variables: list[Variable], counts: _Counts) -> ItemFigures:
    first = variables[0]
    said = [v for v in variables if v.kind == "text" and v.option is not None]
    flags = [v for v in variables if v.kind == "flag"]
    others = [v for v in variables if v not in said and v not in flags]
    parts = [_multiple(first.item, flags, counts)] if flags else []
    parts += [_marginal(variable, counts) for variable in others]
    return ItemFigures(
        identifier, first.item, first.section, first.type, first.ask, first.base,
        tuple(parts), tuple(_marginal(variable, counts) for variable in said),
    )  # fmt: skip


class _Counts:
    """The counters of a tally by variable, as plain numbers."""

    def __init__(self, tally: Tally):
        self.tally, self.layout = tally, tally.layout
        self.all = tally.codes.tolist()
        self.offsets = self.layout.offsets.tolist()

    def column(self, name: str) -> tuple[list[int], dict[str, int]]:
        """Of a coded column the count of each code, and of each reason."""
        place = self.layout.place[name]
        first = self.offsets[place]
        reasons = first + len(self.layout.coded[place].codes)
        found = dict(zip(REASONS, self.all[reasons : self.offsets[place + 1]], strict=True))
        return self.all[first:reasons], {reason: found[reason] for reason in MISSING_REASONS}

    def number(self, name: str) -> list[tuple[float, int]]:
        return sorted(self.tally.numbers[self.layout.numbers.index(name)].items())

    def texts(self, name: str) -> list[str]:
        latest = self.tally.texts[self.layout.texts.index(name)]
        return sorted(text for _, _, text in latest.entries[:TEXTS_SHOWN])


def _marginal(variable: Variable, counts: _Counts) -> Marginal:
    if variable.kind == "choice":
        return _choice(variable, counts)
    codes, missing = counts.column(f"{variable.name}~")
    common = (variable.name, _label(variable), variable.kind, codes[0], _shown(codes, missing), missing)
    if variable.kind == "text":
        return Marginal(*common, texts=tuple(counts.texts(variable.name)))
    values = counts.number(variable.name)
    bounds = None if variable.least is None or variable.most is None else (variable.least, variable.most)
    return Marginal(*common, values=tuple(values), bounds=bounds, **statistics(values))


def _choice(variable: Variable, counts: _Counts) -> Marginal:
    codes, missing = counts.column(variable.name)
    base = sum(codes)
    cells = tuple(cell(code, label, n, base) for (code, label), n in zip(variable.codes, codes, strict=True))
    measured: dict[str, float | None] = {}
    if variable.type != "single_choice" and all(isinstance(each.code, int) for each in cells):
        measured = statistics([(float(each.code), each.count) for each in cells])
    return Marginal(
        variable.name, _label(variable), "choice", base, _shown(codes, missing), missing, cells, **measured
    )


def _multiple(item: str, flags: list[Variable], counts: _Counts) -> Marginal:
    """One cell an option. An option that only some versions offered has a base of its own."""
    cells, best = [], ([0, 0], dict.fromkeys(MISSING_REASONS, 0))
    for flag in flags:
        codes, missing = counts.column(flag.name)
        cells.append(cell(flag.option or "", flag.option_label or str(flag.option), codes[1], sum(codes)))
        best = max(best, (codes, missing), key=lambda pair: sum(pair[0]))
    codes, missing = best
    return Marginal(item, "", "flags", sum(codes), _shown(codes, missing), missing, tuple(cells))


def _label(variable: Variable) -> str:
    return " – ".join(part for part in (variable.statement, variable.option_label) if part)


def _shown(codes: Iterable[int], missing: Mapping[str, int]) -> int:
    away = ("not_shown", "not_reached")
    return sum(codes) + sum(count for reason, count in missing.items() if reason not in away)


def cell(code: Code, label: str, count: int, base: int) -> Cell:
    if not base:
        return Cell(code, label, count, base, None, None, None)
    return Cell(code, label, count, base, count / base, *wilson(count, base))


@lru_cache(maxsize=4096)
def wilson(count: int, n: int) -> tuple[float, float]:
    """The Wilson score interval of a share, 95 %, without continuity correction.

    E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22, 209-212; formula as in R. G. Newcombe (1998), "Two-sided
    confidence intervals for the single proportion", Statistics in Medicine 17, 857-872, method 3.
    """
    share, square = count / n, Z * Z
    middle = share + square / (2 * n)
    reach = Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    low, high = (middle - reach) / (1 + square / n), (middle + reach) / (1 + square / n)
    # The ends are exactly 0 and 1 where nobody or everybody chose it; arithmetic leaves a trace there.
    return (0.0 if count == 0 else max(low, 0.0)), (1.0 if count == n else min(high, 1.0))


def statistics(values: Iterable[tuple[float, int]]) -> dict[str, float | None]:
    """Mean, median and the sample's standard deviation of values with counts, ascending or not."""
    ordered = sorted((value, count) for value, count in values if count)
    n = sum(count for _, count in ordered)
    if not n:
        return {"mean": None, "median": None, "sd": None}
    mean = math.fsum(value * count for value, count in ordered) / n
    squares = math.fsum(count * (value - mean) ** 2 for value, count in ordered)
    return {"mean": mean, "median": median(ordered), "sd": math.sqrt(squares / (n - 1)) if n > 1 else None}


def median(ordered: Iterable[tuple[float, int]]) -> float | None:
    """Of ascending values with counts; between two middle values their mean. None of nothing."""
    pairs = list(ordered)
    n = sum(count for _, count in pairs)
    if not n:
        return None
    return (_at(pairs, (n - 1) // 2) + _at(pairs, n // 2)) / 2


def _at(pairs: Iterable[tuple[float, int]], place: int) -> float:
    walked: Iterator[tuple[float, int]] = iter(pairs)
    value, count = next(walked)
    while place >= count:
        place -= count
        value, count = next(walked)
    return value


# --- classes of numbers -----------------------------------------------------------------------------------


def binned(part: Marginal, most: int = 12) -> tuple[Cell, ...]:
    """A number's values in at most `most` classes of equal and round width.

    The classes follow from the item's range alone, so that they stay while answers come in; values outside
    the range (an earlier version may have had a wider one) are in the first or last class, left open.
    """
    if part.bounds is None:
        return ()
    least, greatest = part.bounds
    width = _round_width(-(-(greatest - least + 1) // most))
    start = least // width * width
    while (greatest - start) // width + 1 > most:
        width = _round_width(width + 1)
        start = least // width * width
    counts = [0] * ((greatest - start) // width + 1)
    for value, count in part.values:
        counts[min(max(int((value - start) // width), 0), len(counts) - 1)] += count
    starts = [start + place * width for place in range(len(counts))]
    edges = [(max(low, least), min(low + width - 1, greatest)) for low in starts]
    if len(edges) > 1 and edges[-1][0] == greatest and width > 1:
        # The last number alone would be a class of its own: 60 after 40–59. It joins the one before.
        edges[-2:] = [(edges[-2][0], greatest)]
        counts[-2:] = [sum(counts[-2:])]
    labels = _class_labels(edges, part.values)
    return tuple(cell(label, label, n, part.answered) for label, n in zip(labels, counts, strict=True))


def _round_width(least: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 25, 50, 100, 200, 250 ... that is not below `least`."""
    power = 1
    while True:
        for step in (1, 2, 5) if power == 1 else (1, 2, 2.5, 5):
            if step * power >= least:
                return int(step * power)
        power *= 10


def _class_labels(edges: list[tuple[int, int]], values: Iterable[tuple[float, int]]) -> list[str]:
    labels = [str(low) if low == high else f"{low}–{high}" for low, high in edges]
    known = [value for value, _ in values]
    if known and min(known) < edges[0][0]:
        labels[0] = f"up to {edges[0][1]}"
    if known and max(known) > edges[-1][1]:
        labels[-1] = f"{edges[-1][0]} and more"
    return labels
