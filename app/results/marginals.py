"""Marginals: of each item how many answered, and what, with 95 % intervals; and how the survey is going.

Shares are among those who answered the item (of a multiple_choice: per respondent, so they may add up to
more than one). Missing reasons are counted apart and are in no share.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.results.filters.steps import Pause, no_pause
from app.results.frame.counters import TEXTS_SHOWN, Tally
from app.results.frame.frame import Frame
from app.results.frame.layout import BREAK_OFF, COMPLETE, NO_SECTION, PARTIAL, REASONS, SCREENED_OUT
from app.results.statistics.binning import Class, date_classes, decade_classes, number_classes
from app.results.statistics.estimates import Estimate, Z, mean_interval
from app.survey.codebook import ENDED, LANGUAGE, Variable
from app.survey.conditions.language import Condition
from app.survey.model import MISSING_REASONS, OFFERED, Code, Score, Vignette

#: Types whose codes lie on a scale, from one end to the other.
SCALES = ("rating", "matrix", "semantic_differential", "vignette")
#: Types whose whole-number codes have a mean.
MEASURED = (*SCALES, "computed", "score")
NOT_RANKED = 0
AWAY = ("not_shown", "not_reached")


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
    spans: int = 1  # of a class of numbers: how many values lie in it


@dataclass(frozen=True, slots=True)
class Marginal:
    """What was answered to one item, to one statement of a matrix, or beside an option ("please say")."""

    name: str
    label: str
    kind: str  # choice | flags | rank | number | date | text
    answered: int
    shown: int  # answered, skipped, declined ...: without not shown and not reached
    missing: Mapping[str, int]
    cells: tuple[Cell, ...] = ()
    values: tuple[
        tuple[Any, int], ...
    ] = ()  # of a number or an ISO date: each value with its count, ascending
    bounds: tuple[float, float] | None = None  # of a number: the least and the most that are taken
    decimals: int | None = 0  # of a number; None where there is no smallest step
    texts: tuple[str, ...] = ()  # the latest, alphabetically
    mean: float | None = None  # of a rank: among those who ranked the option
    median: float | None = None
    sd: float | None = None  # of the sample (n - 1)
    measured: int = 0  # values that the mean depends on
    option: Code | None = None
    column: str = ""  # of a matrix with columns

    @property
    def interval(self) -> Estimate:
        """The mean with its 95 % interval after Student."""
        return mean_interval(self.mean, self.sd, self.measured)


#: Of these either all parts have a value, or what has none is part of an answer.
ANSWERED_AS_A_WHOLE = ("ranking", "constant_sum", "best_worst")


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """`type` is an item's, or arm, computed, score, bands (of a score); vignette: one rating, over all vignettes that one respondent
    sees; levels: of an attribute, how often each was dealt."""

    id: str  # the item's id, which an older version of another kind follows with _v1, _v2 ...
    item: str
    section: str  # "" for what is not asked
    type: str
    ask: str
    base: str | None  # the condition under which it is asked
    parts: tuple[Marginal, ...]  # one, but of a matrix, a ranking, a sum ... several
    said: tuple[Marginal, ...] = ()  # what was said beside options
    unit: str | None = None
    score: Score | None = None
    finding: Any = None  # what app.results.findings has found out about it

    @property
    def answered(self) -> int:
        """How many answered: of a matrix or a sum the part that most answered; of a ranking who ranked anything, and
        so ranked something first."""
        if self.type != "ranking":
            return max(part.answered for part in self.parts)
        return sum(each.count for part in self.parts for each in part.cells if each.code == 1)

    @property
    def shown(self) -> int:
        return max(part.shown for part in self.parts)

    @property
    def missing(self) -> dict[str, int]:
        """Who was not shown it or did not reach it counts once: an option or a statement that was hidden from somebody
        is missing from its part alone. So is, of a ranking, a sum, and best and worst, what was left open beside an
        answer; of a matrix each statement that was left out counts."""
        counts = {reason: [part.missing[reason] for part in self.parts] for reason in MISSING_REASONS}
        whole = self.type in ANSWERED_AS_A_WHOLE
        found = {}
        for reason, each in counts.items():
            found[reason] = min(each) if reason in AWAY else max(each) if whole else sum(each)
        if whole:
            given = sum(found[reason] for reason in OFFERED)
            found["skipped"] = self.shown - self.answered - given
        return found


@dataclass(frozen=True, slots=True)
class Progress:
    """Where responses stand.

    After the words of AAPOR's Standard Definitions: complete is submitted; of the responses that are not,
    those that reached at least half of the sections on their path are partial, the others break-offs (some
    of both may still come back). Screened out are those whom a condition or a full quota sent away: `ended`
    counts them by what it was. `left_at` counts what is open by the last section reached, in the survey's order;
    None is before the first page was sent. `languages` are empty for a survey in one.
    """

    started: int
    submitted: int
    open: int
    partial: int
    break_off: int
    screened_out: int
    withdrawn: int
    refused: int  # stored, but not fitting their instrument: they are in no figure
    left_at: tuple[tuple[str | None, int], ...]
    median_minutes: float | None  # of the submitted
    ended: tuple[tuple[str, int], ...] = ()  # label, responses
    languages: tuple[tuple[str, int], ...] = ()  # tag, responses


@dataclass(frozen=True, slots=True)
class Figures:
    survey: str
    seq: int
    among: str  # everyone | submitted
    where: str | None
    n: int  # responses in these figures
    items: tuple[ItemFigures, ...]


def figures(
    frame: Frame, among: str = "everyone", where: Condition | None = None, pause: Pause = no_pause
) -> Figures:
    """All marginals. Without a condition they cost the same however many responses are stored; with one, `pause` is
    called time and again, and may raise."""
    tally = frame.tally(among, where, pause)
    items = items_of(tally, frame.instruments[0].vignettes)
    return Figures(frame.survey, frame.seq, among, where.source.strip() if where else None, tally.n, items)


def progress(frame: Frame) -> Progress:
    tally = frame.tallies["everyone"]
    by_disposition = {COMPLETE: 0, PARTIAL: 0, BREAK_OFF: 0, SCREENED_OUT: 0}
    last: dict[int, int] = {}
    for (disposition, reached), count in tally.reached.items():
        by_disposition[disposition] += count
        if disposition in (PARTIAL, BREAK_OFF):
            last[reached] = last.get(reached, 0) + count
    left_at = [(None, last.get(NO_SECTION, 0))]
    left_at += [(section, last.get(place, 0)) for place, section in enumerate(frame.layout.sections)]
    counts = _Counts(tally)
    return Progress(
        started=tally.n + len(frame.withdrawn) + len(frame.refused),
        submitted=by_disposition[COMPLETE],
        open=by_disposition[PARTIAL] + by_disposition[BREAK_OFF],
        partial=by_disposition[PARTIAL],
        break_off=by_disposition[BREAK_OFF],
        screened_out=by_disposition[SCREENED_OUT],
        withdrawn=len(frame.withdrawn),
        refused=len(frame.refused),
        left_at=tuple(left_at),
        median_minutes=median(sorted(tally.minutes.items())),
        ended=tuple(pair for pair in _by_code(counts, ENDED) if pair[1]),
        languages=_by_code(counts, LANGUAGE),
    )


def _by_code(counts: _Counts, name: str) -> tuple[tuple[str, int], ...]:
    """How often each code of a variable occurs, by its label; nothing where there is no such variable."""
    variable = counts.layout.variable.get(name)
    if variable is None or variable.section:
        return ()
    codes, _ = counts.column(name)
    return tuple((label, n) for (_, label), n in zip(variable.codes, codes, strict=True))


# --- items --------------------------------------------------------------------------------------------------

Key = tuple[str, str, str]
"""What belongs together in one item's figures: its id, the item, and the type that it is shown as."""


def items_of(tally: Tally, vignettes: Sequence[Vignette] = ()) -> tuple[ItemFigures, ...]:
    """The marginals of every item, in the order of the survey; items that only older versions had come last."""
    counts, seen = _Counts(tally), _seen(vignettes) | _bands(tally.layout.variables)
    grouped: dict[Key, list[Variable]] = {}
    for variable in tally.layout.variables:
        if variable.kind != "order" and variable.type not in ("ended", "language"):
            grouped.setdefault(_key(variable, seen), []).append(variable)
    found = [_item(key, variables, counts) for key, variables in grouped.items()]
    return tuple(item for item in found if item.parts)


def _seen(vignettes: Iterable[Vignette]) -> dict[str, tuple[str, str]]:
    """The ratings and the drawn levels of all vignettes that one respondent sees, with what they are one of."""
    found = {}
    for vignette in vignettes:
        for place in range(1, vignette.each_sees + 1):
            for rating in vignette.ratings:
                found[f"{vignette.id}_{rating}_{place}"] = (f"{vignette.id}.{rating}", "vignette")
            for attribute in vignette.attributes:
                found[f"{vignette.id}_{attribute.id}_{place}"] = (f"{vignette.id}.{attribute.id}", "levels")
    return found


def _bands(variables: Iterable[Variable]) -> dict[str, tuple[str, str]]:
    """The bands of scores: `<score>_band`."""
    names = [f"{variable.name}_band" for variable in variables if variable.score is not None]
    return {name: (name, "bands") for name in names}


def _key(variable: Variable, seen: Mapping[str, tuple[str, str]]) -> Key:
    whole, kind = seen.get(variable.item, (variable.item, variable.type))
    return whole + variable.generation, whole, kind


def _item(key: Key, variables: list[Variable], counts: _Counts) -> ItemFigures:
    identifier, item, kind = key
    first = variables[0]
    said = [variable for variable in variables if variable.is_said]
    ask = first.ask if kind != "levels" else item.rpartition(".")[2].replace("_", " ").capitalize()
    return ItemFigures(
        identifier, item, first.section, kind, ask, first.item_base, tuple(_parts(item, kind, variables, counts)),
        tuple(_marginal(variable, counts) for variable in said), unit=first.unit, score=first.score,
    )  # fmt: skip


def _parts(item: str, kind: str, variables: Sequence[Variable], counts: _Counts) -> Iterator[Marginal]:
    flags = [variable for variable in variables if variable.kind == "flag"]
    others = [variable for variable in variables if variable.kind != "flag" and not variable.is_said]
    if kind == "levels":
        yield _dealt(item, others, counts)
        return
    if flags:
        yield _multiple(item, flags, counts)
    for place, variable in enumerate(others, 1):
        if variable.type == "vignette":  # a block: it says nothing by itself
            continue
        part = _marginal(variable, counts)
        yield replace(part, label=str(place)) if kind == "vignette" else part


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

    def values(self, variable: Variable) -> list[tuple[Any, int]]:
        """Each number or date that occurs, ascending, with its count."""
        if variable.kind == "date":
            return sorted(self.tally.dates[self.layout.dates.index(variable.name)].items())
        return sorted(self.tally.numbers[self.layout.numbers.index(variable.name)].items())

    def texts(self, name: str) -> list[str]:
        latest = self.tally.texts[self.layout.texts.index(name)]
        return sorted(text for _, _, text in latest.entries[:TEXTS_SHOWN])


def _marginal(variable: Variable, counts: _Counts) -> Marginal:
    if variable.is_coded:
        return _choice(variable, counts)
    codes, missing = counts.column(f"{variable.name}~")
    part = Marginal(
        variable.name, _label(variable), variable.kind, codes[0], _shown(codes, missing), missing,
        option=variable.option, column=variable.column or "",
    )  # fmt: skip
    if variable.kind == "text":
        return replace(part, texts=tuple(counts.texts(variable.name)))
    values = tuple(counts.values(variable))
    if variable.kind == "date":
        return replace(part, values=values)
    bounds = None if variable.least is None or variable.most is None else (variable.least, variable.most)
    return replace(part, values=values, bounds=bounds, decimals=variable.decimals, **statistics(values))


def _choice(variable: Variable, counts: _Counts) -> Marginal:
    codes, missing = counts.column(variable.name)
    base = sum(codes)
    cells = tuple(cell(code, label, n, base) for (code, label), n in zip(variable.codes, codes, strict=True))
    measured: dict[str, Any] = {}
    if _has_mean(variable):
        places = [(each.code, each.count) for each in cells if isinstance(each.code, int)]
        ranked = [pair for pair in places if variable.kind != "rank" or pair[0] != NOT_RANKED]
        measured = statistics([(float(code), count) for code, count in ranked])
    return Marginal(
        variable.name, _label(variable), variable.kind, base, _shown(codes, missing), missing, cells,
        option=variable.option, column=variable.column or "", **measured,
    )  # fmt: skip


def _has_mean(variable: Variable) -> bool:
    """Of whole numbers that lie on a scale. What is only true or not has a share, and no mean."""
    codes = [code for code, _ in variable.codes]
    if not all(isinstance(code, int) for code in codes):
        return False
    if variable.type == "computed":
        return set(codes) != {0, 1}
    return variable.kind == "rank" or variable.type in SCALES


def _dealt(item: str, variables: Sequence[Variable], counts: _Counts) -> Marginal:
    """How often each level of an attribute was dealt, over all vignettes that one respondent sees."""
    columns = [counts.column(variable.name)[0] for variable in variables]
    widest = max(variables, key=lambda variable: len(variable.codes))
    totals = [
        sum(column[place] for column in columns if place < len(column)) for place in range(len(widest.codes))
    ]
    base = sum(totals)
    cells = tuple(cell(code, label, n, base) for (code, label), n in zip(widest.codes, totals, strict=True))
    return Marginal(item, "", "choice", base, base, dict.fromkeys(MISSING_REASONS, 0), cells)


def _multiple(item: str, flags: list[Variable], counts: _Counts) -> Marginal:
    """One cell for each option. An option that not all were offered has a base of its own; who answered is counted by
    the option that was offered to most."""
    columns = [counts.column(flag.name) for flag in flags]
    cells = tuple(
        cell(flag.option or "", flag.option_label or str(flag.option), codes[1], sum(codes))
        for flag, (codes, _) in zip(flags, columns, strict=True)
    )
    codes, missing = max(columns, key=lambda column: _shown(*column))
    return Marginal(item, "", "flags", sum(codes), _shown(codes, missing), missing, cells)


def _label(variable: Variable) -> str:
    return variable.statement or variable.option_label or ""


def _shown(codes: Iterable[int], missing: Mapping[str, int]) -> int:
    return sum(codes) + sum(count for reason, count in missing.items() if reason not in AWAY)


def cell(code: Code, label: str, count: int, base: int, spans: int = 1) -> Cell:
    if not base:
        return Cell(code, label, count, base, None, None, None, spans)
    return Cell(code, label, count, base, count / base, *wilson(count, base), spans)


# --- estimates ----------------------------------------------------------------------------------------------


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


def statistics(values: Iterable[tuple[float, int]]) -> dict[str, Any]:
    """Mean, median and the sample's standard deviation of values with counts, ascending or not; and of how many."""
    ordered = sorted((value, count) for value, count in values if count)
    n = sum(count for _, count in ordered)
    if not n:
        return {"mean": None, "median": None, "sd": None, "measured": 0}
    mean = math.fsum(value * count for value, count in ordered) / n
    squares = math.fsum(count * (value - mean) ** 2 for value, count in ordered)
    sd = math.sqrt(squares / (n - 1)) if n > 1 else None
    return {"mean": mean, "median": median(ordered), "sd": sd, "measured": n}


def median(ordered: Iterable[tuple[float, int]]) -> float | None:
    """Of ascending values with counts; between two middle values their mean. None of nothing."""
    pairs = list(ordered)
    n = sum(count for _, count in pairs)
    if not n:
        return None
    return (nth(pairs, (n - 1) // 2) + nth(pairs, n // 2)) / 2


def nth(pairs: Iterable[tuple[Any, int]], place: int) -> Any:
    """The value at a place, from 0, of ascending values with counts."""
    walked: Iterator[tuple[Any, int]] = iter(pairs)
    value, count = next(walked)
    while place >= count:
        place -= count
        value, count = next(walked)
    return value


# --- classes ------------------------------------------------------------------------------------------------


def binned(part: Marginal, most: int = 12) -> tuple[Cell, ...]:
    """A number's values in at most `most` classes of equal and round width; see `number_classes`.

    Where the range is not known it is that of the values.
    """
    known = [value for value, _ in part.values]
    bounds = part.bounds or ((min(known), max(known)) if known else None)
    if bounds is None:
        return ()
    decimals = part.decimals
    if decimals is None and all(value == int(value) for value in (*known, *bounds)):
        decimals = 0
    return _as_cells(number_classes(part.values, bounds, decimals, most), part.answered)


def dated(part: Marginal) -> tuple[Cell, ...]:
    """Dates by day, month, year or several years: as fits."""
    return _as_cells(date_classes(part.values), part.answered)


def decades(part: Marginal) -> tuple[Cell, ...]:
    """Dates by decade."""
    return _as_cells(decade_classes(part.values), part.answered)


def _as_cells(classes: Iterable[Class], base: int) -> tuple[Cell, ...]:
    return tuple(cell(each.label, each.label, each.count, base, each.spans) for each in classes)
